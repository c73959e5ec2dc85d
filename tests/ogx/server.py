# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the files and the container of an instance as a local process of a real OGX or LlamaStack.

The texts are those that the collection writes into the ConfigMap, the command, arguments and environment those of
the pod. Only what a machine has once is replaced: the mounted directories, the port and the address.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import requests
import trustme

from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests import ogx_config
from tools.built import check, objects


class NotHealthy(Exception):
    """The server ended, or did not answer its probe in time; ``log`` is what it wrote."""

    def __init__(self, log: str) -> None:
        super().__init__(f"the server did not become healthy:\n{log[-4000:]}")
        self.log = log


class Server:
    """A started server.

    `seconds_to_healthy` and `cpu_seconds_to_healthy` count from the start of the script to the first 200 of the probe.
    """

    def __init__(
        self, venv: Path, directory: Path, files: dict[str, str], container: dict[str, Any], secrets: dict[str, str]
    ) -> None:
        self.directory = directory
        self._port = _free_port()
        self.http = requests.Session()
        self.http.trust_env = False
        # A connection kept open would hold up the server's end: it waits for its idle clients to say goodbye.
        self.http.headers["Connection"] = "close"
        self.http.verify = str(_write_certificate(directory / "tls"))
        for name, text in files.items():
            (directory / name).write_text(self._localise(text), encoding="utf-8")
        started = time.monotonic()
        self._start_again = lambda: self._start(venv, container, secrets)
        self._process = self._start_again()
        self._wait_until_healthy(started + 60)
        self.seconds_to_healthy = time.monotonic() - started
        self.cpu_seconds_to_healthy = self._cpu_seconds()

    def get(self, path: str) -> requests.Response:
        return self.http.get(self._url(path), timeout=30)

    def request(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.http.request(method, self._url(path), timeout=30, **more)

    def chat(self, model: str, text: str = "ping", **more: Any) -> requests.Response:
        body = {"model": model, "messages": [{"role": "user", "content": text}], **more}
        return self.request("POST", "/v1/chat/completions", json=body)

    def settled_model_ids(self) -> set[str]:
        """The ids of the model list, once it has stayed the same for a second.

        While the server refreshes its list, right after the start and every five minutes, the provider's models
        leave it for a moment.
        """
        seen, since = self._model_ids(), time.monotonic()
        while time.monotonic() - since < 1:
            time.sleep(0.1)
            now = self._model_ids()
            if now != seen:
                seen, since = now, time.monotonic()
        return seen

    def resident_megabytes(self) -> float:
        """In units of 1024 kB, as the kernel counts."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="utf-8")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024

    def written(self) -> bytes:
        """Everything that the server left in its store, its home and its log."""
        return b"".join(path.read_bytes() for path in self.directory.rglob("*") if path.is_file())

    def restart(self) -> None:
        """As a container that ended is started again: with the same files, and what it has left in its directories."""
        self.stop()
        self._process = self._start_again()
        self._wait_until_healthy(time.monotonic() + 60)

    def stop(self) -> None:
        self.http.close()
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def log(self) -> str:
        return (self.directory / "log").read_text(encoding="utf-8", errors="replace")

    def _start(self, venv: Path, container: dict[str, Any], secrets: dict[str, str]) -> subprocess.Popen[bytes]:
        home = self.directory / "home"
        home.mkdir(exist_ok=True)
        environment = {"PATH": f"{venv / 'bin'}{os.pathsep}{os.defpath}", "HOME": str(home), "TMPDIR": str(home)}
        for item in container["env"]:
            if "value" in item:
                environment[item["name"]] = self._localise(item["value"])
            else:
                environment[item["name"]] = secrets[item["valueFrom"]["secretKeyRef"]["key"]]
        with (self.directory / "log").open("ab") as log:
            return subprocess.Popen(
                [self._localise(word) for word in container["command"] + container["args"]],
                env=environment,
                cwd=self.directory,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _localise(self, text: str) -> str:
        """Put this process's own directories, port and address in the place of the container's."""
        return (
            text.replace(ogx_config.DIRECTORY, str(self.directory))
            .replace(ogx_config.TLS_DIRECTORY, str(self.directory / "tls"))
            .replace(ogx_config.STORE_DIRECTORY, str(self.directory / "store"))
            .replace("--port 8000", f"--port {self._port}")
            .replace("host: 0.0.0.0", "host: 127.0.0.1")
        )

    def _model_ids(self) -> set[str]:
        return {model["id"] for model in self.get("/v1/models").json()["data"]}

    def _cpu_seconds(self) -> float:
        """What the process and the children that it waited for have used; the script's shell becomes the server."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    def _url(self, path: str) -> str:
        return f"https://localhost:{self._port}{path}"

    def _wait_until_healthy(self, deadline: float) -> None:
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if self.get("/v1/health").status_code == 200:
                    return
            except requests.ConnectionError:
                pass
            time.sleep(0.05)
        self.stop()
        raise NotHealthy(self.log())


def start(
    venv: Path,
    directory: Path,
    entry: dict[str, Any],
    settings: dict[str, Any] | None = None,
    refreshed_every: int | None = None,
) -> Server:
    """A server for an entry of the list, as the collection would run it, once it is healthy.

    ``refreshed_every``: seconds after which it reads its provider's list again, where its release can be told.
    """
    checked = check([entry], settings={**({"generation": "b2"} if has_alias(venv) else {}), **(settings or {})})
    assert not checked.problems, checked.message
    config_map, service = objects(checked.instances, "instances", checked.settings)
    container = service["spec"]["template"]["containers"][0]
    files = dict(config_map["data"])
    if refreshed_every:
        refresh = f"server:\n  registry_refresh_interval_seconds: {refreshed_every}\n"
        files[ogx_config.CONFIG_FILE] = files[ogx_config.CONFIG_FILE].replace("server:\n", refresh, 1)
    return Server(venv, directory, files, container, secrets={"api_key": entry.get("api_key", "")})


def has_alias(venv: Path) -> bool:
    """Whether the release knows a model by a second id without its provider's prefix."""
    return venv.name.startswith("ogx-")


def is_busy() -> bool:
    """Whether this machine is so short of processors that the clock tells nothing."""
    return os.getloadavg()[0] > (os.cpu_count() or 1)


def _write_certificate(directory: Path) -> Path:
    """Put a certificate for localhost where KServe would mount its own; returns the file that trusts it."""
    directory.mkdir()
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    certificate.cert_chain_pems[0].write_to_path(directory / "tls.crt")
    certificate.private_key_pem.write_to_path(directory / "tls.key")
    authority.cert_pem.write_to_path(directory / "ca.crt")
    return directory / "ca.crt"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
