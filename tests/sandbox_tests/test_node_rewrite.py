# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from sandbox.node.rewrite import Rewrite

MOUNTS = {
    "/tmp": "/tmp/pods/1/tmp",
    "/home/": "/pods/1/home",
    "/etc/ogx": "/pods/1/config",
    "/etc/ogx/ca": "/pods/1/ca",
}


@pytest.fixture
def rewrite() -> Rewrite:
    return Rewrite(MOUNTS, "127.9.0.2")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/tmp", "/tmp/pods/1/tmp"),
        ("/tmp/ogx", "/tmp/pods/1/tmp/ogx"),
        ("/home", "/pods/1/home"),
        ("/etc/ogx/config.yaml", "/pods/1/config/config.yaml"),
        ("/etc/ogx/ca/bundle.pem", "/pods/1/ca/bundle.pem"),
        ("${env.SQLITE_STORE_DIR:=/tmp/ogx}/kv.db", "${env.SQLITE_STORE_DIR:=/tmp/pods/1/tmp/ogx}/kv.db"),
        ('exec "$@" /etc/ogx/config.yaml --port 8000', 'exec "$@" /pods/1/config/config.yaml --port 8000'),
        ("a:/tmp:/home", "a:/tmp/pods/1/tmp:/pods/1/home"),
        ("file:///tmp/x", "file:///tmp/pods/1/tmp/x"),
        ("sqlite:////tmp/x.db", "sqlite:////tmp/pods/1/tmp/x.db"),
        ("see /tmp.", "see /tmp/pods/1/tmp."),
    ],
)
def test_mount_paths_lead_to_their_folders(rewrite: Rewrite, text: str, expected: str) -> None:
    assert rewrite(text) == expected


@pytest.mark.parametrize(
    "text",
    ["/tmpfile", "/tmp-2", "/tmp.bak/x", "/var/tmp", "./tmp", "~/tmp", "$HOME/tmp", "${HOME}/tmp", "$(pwd)/tmp"]
    + ["https://host/tmp", "https://host:8000/home/x", "/etc/ogx-ca/bundle.pem", "/etc/ogx_other"],
)
def test_other_paths_stay(rewrite: Rewrite, text: str) -> None:
    assert rewrite(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("--host 0.0.0.0", "--host 127.9.0.2"),
        ("--host=0.0.0.0", "--host=127.9.0.2"),
        ("0.0.0.0:8000", "127.9.0.2:8000"),
        ("[::]:8000", "127.9.0.2:8000"),
        ("host: 0.0.0.0\nport: 8000\n", "host: 127.9.0.2\nport: 8000\n"),
    ],
)
def test_bind_addresses_become_the_pods_own(rewrite: Rewrite, text: str, expected: str) -> None:
    assert rewrite(text) == expected


@pytest.mark.parametrize("text", ["0.0.0.0/0", "10.0.0.0", "0.0.0.0.1", "127.0.0.1", "::1"])
def test_other_addresses_stay(rewrite: Rewrite, text: str) -> None:
    assert rewrite(text) == text
