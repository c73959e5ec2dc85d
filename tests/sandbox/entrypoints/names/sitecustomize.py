# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for the cluster's DNS in a Python program of a pod: names of Services, as the file SANDBOX_SERVICES has them."""

import json
import os
import socket

_real = socket.getaddrinfo


def _address(host):
    if isinstance(host, bytes):
        host = host.decode()
    if not isinstance(host, str):
        return host
    with open(os.environ["SANDBOX_SERVICES"], encoding="utf-8") as file:
        known = json.load(file)
    parts = host.rstrip(".").removesuffix(".cluster.local").removesuffix(".svc").split(".")
    if len(parts) == 1:
        parts.append(os.environ["SANDBOX_NAMESPACE"])
    return known.get(".".join(parts), host)


def _getaddrinfo(host, *args, **kwargs):
    return _real(_address(host), *args, **kwargs)


socket.getaddrinfo = _getaddrinfo

try:
    import uvloop
except ImportError:
    pass
else:
    # Its loop resolves names without Python's socket module.
    _loops = uvloop.Loop.getaddrinfo

    def _of_loop(self, host, port, **kwargs):
        return _loops(self, _address(host), port, **kwargs)

    uvloop.Loop.getaddrinfo = _of_loop
