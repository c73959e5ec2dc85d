# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of Services in what a process is given, and in a Python program that runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sandbox.node.services import resolve

ADDRESSES = {
    ("litemaas", "postgres"): "127.9.0.5",
    ("litemaas", "litellm"): "127.9.0.6",
    ("ai", "granite"): "127.9.0.7",
}
NAMES = Path(__file__).parents[1] / "sandbox" / "entrypoints" / "names"


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        (
            "postgresql://litellm:litellm@postgres:5432/litellm",
            "URL",
            "postgresql://litellm:litellm@127.9.0.5:5432/litellm",
        ),
        ("postgresql://postgres@postgres/postgres", "URL", "postgresql://postgres@127.9.0.5/postgres"),
        ("postgresql://litellm:pw@postgres.litemaas.svc:5432/x", "URL", "postgresql://litellm:pw@127.9.0.5:5432/x"),
        ("http://litellm:4000", "LITELLM_API_URL", "http://127.9.0.6:4000"),
        ("http://granite.ai.svc.cluster.local/v1", "URL", "http://127.9.0.7/v1"),
        ("granite.ai", "URL", "127.9.0.7"),
        ("host=postgres user=postgres dbname=litellm", "DSN", "host=127.9.0.5 user=postgres dbname=litellm"),
        (
            "until pg_isready -h postgres -p 5432; do sleep 1; done",
            "sh",
            "until pg_isready -h 127.9.0.5 -p 5432; do sleep 1; done",
        ),
        ("--host=postgres", "pg_dump", "--host=127.9.0.5"),
        ("postgres", "-h", "127.9.0.5"),
        ("postgres", "PGHOST", "127.9.0.5"),
        ("postgres", "REDIS_HOST", "127.9.0.5"),
        # What is no host, or none of a Service.
        ("postgres", "POSTGRES_USER", "postgres"),
        ("litellm", "POSTGRES_DB", "litellm"),
        ("postgresql://litellm:pw@db.example.com/x", "URL", "postgresql://litellm:pw@db.example.com/x"),
        ("postgresql://litellm:pw@postgres-2:5432/x", "URL", "postgresql://litellm:pw@postgres-2:5432/x"),
        ("http://granite/v1", "URL", "http://granite/v1"),
        ("https://litellm.litemaas.example.com/", "URL", "https://litellm.litemaas.example.com/"),
    ],
)
def test_a_name_is_replaced_where_it_can_only_be_a_host(text: str, name: str, expected: str) -> None:
    assert resolve(text, "litemaas", name, ADDRESSES) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [("postgres", "127.9.0.5"), ("granite.ai.svc", "127.9.0.7"), ("granite.ai.svc.cluster.local.", "127.9.0.7")],
)
def test_a_python_program_resolves_names_as_it_runs(tmp_path: Path, host: str, expected: str) -> None:
    file = tmp_path / "services.json"
    file.write_text(json.dumps({f"{name}.{namespace}": address for (namespace, name), address in ADDRESSES.items()}))
    program = (
        f"import socket; print(socket.getaddrinfo({host!r}, 80)[0][4][0], socket.getaddrinfo('127.0.0.1', 80)[0][4][0])"
    )
    environment = {"PYTHONPATH": str(NAMES), "SANDBOX_SERVICES": str(file), "SANDBOX_NAMESPACE": "litemaas"}
    printed = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | environment, capture_output=True, text=True, check=True
    ).stdout
    assert printed.split() == [expected, "127.0.0.1"]
