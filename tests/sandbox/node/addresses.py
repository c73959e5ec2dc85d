# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loopback addresses for pods."""

from __future__ import annotations

import socket
import zlib
from pathlib import Path


class Addresses:
    """Loopback addresses of one node: 127.N.0.1 for itself, the rest of 127.N.0.0/16 for its pods.

    N follows from the folder, so that a restarted sandbox has it again, and is nobody else's on this machine: a socket
    of that name in Linux's abstract namespace holds it as long as this process lives.
    """

    def __init__(self, folder: Path) -> None:
        first = zlib.crc32(str(folder).encode()) % 250
        for candidate in range(250):
            second = 2 + (first + candidate) % 250
            self._claim = socket.socket(socket.AF_UNIX)
            try:
                self._claim.bind(f"\0llamastack.maas-sandbox-127.{second}")
                break
            except OSError:
                self._claim.close()
        else:
            raise SystemExit("node: 250 sandboxes run on this machine; there is no loopback network left")
        self._prefix = f"127.{second}"
        self.node = f"{self._prefix}.0.1"
        self._taken: set[str] = set()
        self._last = 1

    def take(self) -> str:
        """The next address that no pod has."""
        while True:
            self._last = self._last % 65534 + 1
            address = f"{self._prefix}.{self._last >> 8}.{self._last & 255}"
            if address != self.node and address not in self._taken:
                self._taken.add(address)
                return address

    def give_back(self, address: str) -> None:
        """The pod is gone."""
        self._taken.discard(address)

    def close(self) -> None:
        """Leave the network to others."""
        self._claim.close()
