# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the HTTP clients of the real releases read in NO_PROXY, and what they die of."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.no_proxy import readable
from tools.venvs import ensure_venv

LOCKS = Path(__file__).parents[1] / "requirements"

READ = (
    *(
        "*",
        ".svc",
        ".cluster.local",
        "localhost",
        "localhost:11434",
        "host_name",
        "example.com.",
        "API.example.com:6443",
    ),
    *("10.0.0.1", "10.0.0.1:6443", "10.128.0.0/14", "172.30.5.1/16"),
    *("::1", "fd01::1", "2001:db8::1", "::ffff:10.0.0.1", "fe80::1%eth0"),
)
REWRITTEN = ("[::1]", "[fd02::5]:8443", "fd01::7/128", "https://[fd01::1]")
LEFT_OUT = ("fd01::/48", "fd02::/112", "[fd01::]/48", "::/0", "m\u00fcnchen.de", "xn--mnchen-3ya.de")

#: Which entries make a client that is made, or asked for its proxy, raise an error.
PROBE = """
import json, os, sys
import httpx, httpx2, openai, requests
clients = [httpx.AsyncClient, httpx2.AsyncClient, lambda: openai.AsyncOpenAI(api_key="x")]
clients.append(lambda: requests.utils.get_environ_proxies("https://api.example.com"))
try:
    import anthropic
    clients.append(lambda: anthropic.AsyncAnthropic(api_key="x"))
except ImportError:
    pass
try:
    import aiohttp.helpers, yarl
    def ask_aiohttp():
        try:
            aiohttp.helpers.get_env_proxy_for_url(yarl.URL("https://api.openai.com"))
        except LookupError:  # which says that no proxy is to be used
            pass
    clients.append(ask_aiohttp)
except ImportError:
    pass
fatal = []
for entry in json.loads(sys.argv[1]):
    os.environ["NO_PROXY"] = entry
    for client in clients:
        try:
            client()
        except Exception:
            fatal.append(entry)
            break
print(json.dumps(fatal))
"""


@pytest.mark.parametrize("release", ["ogx-1.5.0", "ogx-1.2.2", "llama-stack-0.7.3"])
def test_every_client_reads_what_is_written_and_some_do_not_read_the_rest(release: str, tmp_path: Path) -> None:
    written = [*READ, *(readable(entry).text for entry in REWRITTEN)]
    assert [readable(entry).text for entry in READ] == list(READ)
    assert {readable(entry).text for entry in LEFT_OUT} == {None}
    command = [ensure_venv(LOCKS / f"{release}.txt") / "bin" / "python", "-c", PROBE, json.dumps([*written, *LEFT_OUT])]
    environment = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "HOME": str(tmp_path)}
    asked = subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=120)
    assert json.loads(asked.stdout) == list(LEFT_OUT)
