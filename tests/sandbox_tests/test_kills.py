# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How scenarios kill a run: at a request, which is carried out, with all processes of the run."""

from __future__ import annotations

import http.server
import os
import ssl
import sys
import threading
import time

import pytest
from sandbox import pki
from scenarios.network.kills import killed
from scenarios.network.proxy import Network

#: Sends requests one after the other, and has a child that writes down that it lives on.
PROGRAM = """
import pathlib, requests, subprocess, sys, time
child = "import time, pathlib\\nwhile True: pathlib.Path('alive').write_text(str(time.time())); time.sleep(0.05)"
subprocess.Popen([sys.executable, "-c", child])
while not pathlib.Path("alive").exists():
    time.sleep(0.05)
for number in range(3):
    print("sends", number, flush=True)
    requests.post(f"{sys.argv[1]}/{number}", proxies={"https": sys.argv[2]}, verify=sys.argv[3], timeout=20)
"""


@pytest.fixture
def arrived(tmp_path):
    """``(state, url, paths)``: an authority, a server with a certificate of it, and what that was asked."""
    pki.create(tmp_path)
    state = {"ca": tmp_path / "ca.pem", "ca_key": tmp_path / "ca.key", "host": "127.0.0.1"}
    pki.issue(pki.load(state["ca"], state["ca_key"]), tmp_path / "api.pem", tmp_path / "api.key", "127.0.0.1")
    paths = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            time.sleep(0.3)
            paths.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_given):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "api.pem", tmp_path / "api.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield state, f"https://127.0.0.1:{server.server_port}", paths
    server.shutdown()
    server.server_close()


def test_the_request_is_carried_out_and_no_process_of_the_run_is_left(arrived, tmp_path):
    state, url, paths = arrived
    with Network(tmp_path, state).running() as network:
        command = [sys.executable, "-c", PROGRAM, url, network.url, str(state["ca"])]
        environment = {**os.environ, "NO_PROXY": ""}
        printed = killed(network, lambda seen: seen.path == "/1", command, environment, tmp_path)
        assert paths == ["/0", "/1"]
    assert printed == "sends 0\nsends 1\n"
    before = (tmp_path / "alive").read_text()
    time.sleep(0.3)
    assert (tmp_path / "alive").read_text() == before


def test_a_run_that_does_not_get_there_is_no_killed_one(arrived, tmp_path):
    command = [sys.executable, "-c", "print('nothing to do')"]
    with Network(tmp_path, arrived[0]).running() as network, pytest.raises(AssertionError, match="nothing to do"):
        killed(network, lambda _seen: True, command, os.environ, tmp_path)
