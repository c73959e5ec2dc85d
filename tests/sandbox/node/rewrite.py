# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a pod's absolute paths and bind addresses fit a machine that it shares with other pods.

The two rules are all that is ever changed in what a pod says:

- a mount path, as a whole or as the beginning of a path, becomes the folder that stands for the mount (the longest
  mount path wins): ``/tmp/ogx`` becomes ``<folder>/ogx``, ``/tmpfile``, ``/var/tmp`` and ``https://host/tmp`` stay;
- the bind addresses ``0.0.0.0`` and ``[::]`` become the pod's own address; ``0.0.0.0/0`` is a range and stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# What may not stand before a mount path: the end of a word, of another path, or of an expanded variable.
_NOT_INSIDE_A_PATH = r"(?:(?<![\w.~/*?)}\]%+@-])|(?<=://)|(?<=:///))"
_PATH_PART_ENDS = r"(?![\w-]|\.\w)"
_BIND_ADDRESS = r"(?<![\w.])0\.0\.0\.0(?![\w/]|\.\w)|\[::\]"


class Rewrite:
    """The rewrite for one container: ``mounts`` is mount path -> folder, ``address`` the pod's own."""

    def __init__(self, mounts: Mapping[str, str], address: str) -> None:
        self.mounts = {path.rstrip("/"): folder for path, folder in mounts.items()}
        self._address = address
        longest_first = sorted(self.mounts, key=len, reverse=True)
        paths = "|".join(re.escape(path) for path in longest_first)
        self._pattern = re.compile(f"{_NOT_INSIDE_A_PATH}(?P<path>{paths}){_PATH_PART_ENDS}|{_BIND_ADDRESS}")

    def __call__(self, text: str) -> str:
        """``text`` rewritten, in one pass: what was put in is not looked at again."""
        return self._pattern.sub(lambda match: self.mounts.get(match["path"], self._address), text)
