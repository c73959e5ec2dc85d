# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""InferenceServices without a controller: what is made of one, and the server behind it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from sandbox import inference_services
from sandbox.processes import free_ports

TESTS = Path(__file__).parents[1]


def test_what_is_made_of_one_fits_together():
    service = inference_services.inference_service("granite-8b", "private-ai", "granite-3-8b")
    service["metadata"]["generation"] = 1
    deployment, in_front = inference_services.made_of(service)
    assert in_front["spec"]["selector"] == deployment["spec"]["template"]["metadata"]["labels"]
    name, port = in_front["metadata"]["name"], in_front["spec"]["ports"][0]["port"]
    url = inference_services.status(service)["address"]["url"]
    assert url == f"http://{name}.private-ai.svc.cluster.local:{port}"
    assert "--served-model-name=granite-3-8b" in deployment["spec"]["template"]["spec"]["containers"][0]["args"]


@pytest.mark.parametrize(("ready", "word"), [(True, "True"), (False, "False")])
def test_status_says_whether_it_runs(ready, word):
    service = inference_services.inference_service("granite-8b", "private-ai", "granite-3-8b")
    service["metadata"]["generation"] = 3
    status = inference_services.status(service, ready=ready)
    assert {each["type"]: each["status"] for each in status["conditions"]}["Ready"] == word
    assert (status["observedGeneration"], status["modelStatus"]["copies"]["totalCopies"]) == (3, int(ready))


def test_the_model_answers_to_anybody_by_its_served_name():
    (port,) = free_ports(1)
    service = inference_services.inference_service("granite-8b", "private-ai", "granite-3-8b")
    container = inference_services.made_of(service)[0]["spec"]["template"]["spec"]["containers"][0]
    words = [word if not word.startswith("--port") else f"--port={port}" for word in container["args"]]
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.model_server", *words],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(TESTS), "HOST": "127.0.0.1"},
    )
    try:
        assert [model["id"] for model in _ask(process, port, "/v1/models")["data"]] == ["granite-3-8b"]
        chat = {"model": "granite-3-8b", "messages": [{"role": "user", "content": "say hi"}]}
        answer = _ask(process, port, "/v1/chat/completions", chat)
        assert answer["choices"][0]["message"]["content"].startswith("local answers with granite-3-8b")
        with pytest.raises(urllib.error.HTTPError, match="404"):
            _ask(process, port, "/v1/chat/completions", {**chat, "model": "granite-8b"})
    finally:
        process.terminate()
        assert process.wait(timeout=20) == 0


def _ask(process: subprocess.Popen, port: int, path: str, body: object = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, {"Content-Type": "application/json"})
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)


def test_answers_of_two_servers_have_different_ids():
    """LiteLLM keeps calls by the ids of their answers: of two with the same it keeps one."""
    code = "from sandbox.far_providers.dialect import serial; print(serial(), serial())"
    found = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(TESTS)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for _server in range(2)
    ]
    assert len({*found[0], *found[1]}) == 4
