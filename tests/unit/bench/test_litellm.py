# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from types import SimpleNamespace
from urllib.request import urlopen

import pytest
from bench import litellm
from real_litellm.proxy import proxied

LITELLM = SimpleNamespace(key="sk-master")


def test_the_loop_asks_for_every_object_that_the_module_is_given():
    (task,) = litellm.loop_play(LITELLM, "http://litellm")
    given = litellm.content()
    names = [
        each.get("name") or each.get("id") or each["alias"]
        for kind in "models teams keys".split()
        for each in given[kind]
    ]
    assert len(names) == 350 == len(set(names))
    assert all(path.endswith(f"={name}") for path, name in zip(task["loop"], names, strict=True))
    assert sorted(given["key_values"]) == sorted(each["alias"] for each in given["keys"])


def test_the_proxy_counts_reads_and_writes_and_passes_them_on():
    with proxied("http://127.0.0.1:9") as nowhere, proxied(nowhere.url) as front:
        # The inner one has nobody behind it: it counts, and breaks off.
        with pytest.raises(OSError):
            urlopen(f"{front.url}/key/list?page=1", timeout=10)
        with pytest.raises(OSError):
            urlopen(f"{front.url}/key/generate", data=b"{}", timeout=10)
    assert (front.reads, front.writes) == (["/key/list"], ["/key/generate"])
    assert nowhere.seen == front.seen
