# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole node against an API server in memory, with real processes."""

from __future__ import annotations

import asyncio
import ssl
import sys
from base64 import b64encode
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.kube import Kube
from sandbox.node import container
from sandbox.node.kubelet import Node
from sandbox.processes import free_ports, start_time
from sandbox_tests.fake_api import FakeApi

SERVER = """
import http.server, os, pathlib, signal
handler = http.server.SimpleHTTPRequestHandler
server = http.server.HTTPServer(("0.0.0.0", 8000), handler)
pathlib.Path("/tmp/pid").write_text(str(os.getpid()))
print("serving", os.environ["GREETING"], flush=True)
server.serve_forever()
"""


class Sandbox:
    """A node that runs, and what its tests look at."""

    def __init__(self, api: FakeApi, kube: Kube, node: Node, state: dict[str, Any]) -> None:
        self.api, self.kube, self.node, self.state = api, kube, node, state

    def start(self, name: str, spec: dict[str, Any], **volumes: Any) -> None:
        given = {
            "name": "main",
            "image": "python",
            "command": ["sleep", "60"],
            "imagePullPolicy": "IfNotPresent",
        } | spec
        sources = [{"name": key, **source} for key, source in volumes.items()]
        self.api.put("pods", name, {"spec": {"containers": [given], "volumes": sources}})

    def pod(self, name: str) -> dict[str, Any]:
        return self.api.objects["pods", "llm", name]

    def status(self, name: str) -> dict[str, Any]:
        (status,) = self.pod(name).get("status", {}).get("containerStatuses") or [{"state": {}}]
        return status

    def file(self, name: str, path: str) -> Path:
        return self.node.folder / "pods" / self.pod(name)["metadata"]["uid"] / path

    async def until_ready(self, name: str) -> None:
        await self.api.until(lambda: self.status(name).get("ready"))

    async def until_waiting(self, name: str, reason: str) -> dict[str, Any]:
        def waiting() -> dict[str, Any] | None:
            found = self.status(name)["state"].get("waiting", {})
            return found if found.get("reason") == reason else None

        return await self.api.until(waiting)


def run(folder: Path, scenario: Callable[[Sandbox], Awaitable[None]], null: bool = False) -> None:
    async def play() -> None:
        api = FakeApi()
        async with asyncio.timeout(30), api.running(folder) as state:
            state |= {"images": {"python": sys.prefix}, "ports": {"kubelet": free_ports(1)[0]}}
            async with Kube(state) as kube, aiohttp.ClientSession() as http:
                node = Node(folder, state, kube, http, null)
                running = asyncio.create_task(node.run(folder / "run" / "node.ready"))
                try:
                    await api.until((folder / "run" / "node.ready").exists)
                    await scenario(Sandbox(api, kube, node, state))
                finally:
                    running.cancel()
                    await asyncio.gather(running, return_exceptions=True)

    asyncio.run(play())


def test_a_pod_lives_and_ends_as_on_a_cluster(tmp_path: Path) -> None:
    async def scenario(sandbox: Sandbox) -> None:
        api = sandbox.api
        api.put("secrets", "keys", {"data": {"k": b64encode(b"/tmp hello").decode()}})
        api.put("configmaps", "conf", {"data": {"server.py": SERVER}})
        spec = {
            "command": ["python", "/etc/conf/server.py"],
            "env": [{"name": "GREETING", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "k"}}}],
            "volumeMounts": [{"name": "conf", "mountPath": "/etc/conf"}, {"name": "tmp", "mountPath": "/tmp"}],
            "startupProbe": {"httpGet": {"port": 8000}, "periodSeconds": 0.1, "failureThreshold": 100},
            "readinessProbe": {"httpGet": {"port": 8000}, "periodSeconds": 0.1},
            "lifecycle": {"preStop": {"exec": {"command": ["sh", "-c", "echo $GREETING > /tmp/bye; sleep 0.2"]}}},
        }
        sandbox.start("a", spec, conf={"configMap": {"name": "conf"}}, tmp={"emptyDir": {}})
        await sandbox.until_ready("a")

        about = [line for line in api.requests if "/pods/a" in line]
        pod = "/api/v1/namespaces/llm/pods/a"
        assert about[:2] == [f"PATCH {pod}/status", f"POST {pod}/binding"], "the address comes before anything else"
        status = sandbox.pod("a")["status"]
        assert status["phase"] == "Running"
        assert {each["type"]: each["status"] for each in status["conditions"]}["Ready"] == "True"
        assert status["podIP"].startswith("127.")
        assert status["podIP"] != status["hostIP"] == sandbox.node.address
        await api.until(lambda: api.messages("Started") == ["Started container main"])
        refused = f'Get "http://{status["podIP"]}:8000/": dial tcp {status["podIP"]}:8000: connect: connection refused'
        await api.until(lambda: api.messages("Unhealthy") == [f"Startup probe failed: {refused}"])
        assert (await _log(sandbox, "a")).startswith("serving /tmp hello\n")

        shared = sandbox.file("a", "volumes/shared/tmp")
        pid, bye = int((shared / "pid").read_text()), shared / "bye"
        await sandbox.kube.delete("v1/pods", "a", "llm", grace_seconds=10)
        await api.until(bye.exists)
        assert start_time(pid), "it serves while its preStop hook runs"
        await api.until(lambda: ("pods", "llm", "a") not in api.objects)
        await api.until(lambda: api.messages("Killing") == ["Stopping container main"])
        assert not start_time(pid)
        await api.until(lambda: not any((tmp_path / "pods").iterdir()))

    run(tmp_path, scenario)


def test_a_container_runs_once_its_post_start_hook_has_ended(tmp_path: Path) -> None:
    async def scenario(sandbox: Sandbox) -> None:
        hook = {"exec": {"command": ["sh", "-c", "sleep 0.3; echo $GREETING > /tmp/hooked"]}}
        spec = {
            "command": ["sh", "-c", "exec sleep 60"],
            "env": [{"name": "GREETING", "value": "hello"}],
            "lifecycle": {"postStart": hook},
            "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
        }
        sandbox.start("a", spec, tmp={"emptyDir": {}})
        await sandbox.until_ready("a")
        assert (sandbox.file("a", "volumes/shared/tmp") / "hooked").read_text() == "hello\n"

    run(tmp_path, scenario)


def test_a_post_start_hook_that_fails_ends_the_container(tmp_path: Path) -> None:
    async def scenario(sandbox: Sandbox) -> None:
        hook = {"exec": {"command": ["sh", "-c", "exit 1"]}}
        sandbox.start("a", {"command": ["sh", "-c", "exec sleep 60"], "lifecycle": {"postStart": hook}})
        await sandbox.until_waiting("a", "CrashLoopBackOff")
        await sandbox.api.until(lambda: sandbox.api.messages("FailedPostStartHook") == ["PostStartHook failed"])

    run(tmp_path, scenario)


async def _log(sandbox: Sandbox, pod: str) -> str:
    port = sandbox.state["ports"]["kubelet"]
    trust = ssl.create_default_context(cafile=sandbox.state["ca"])
    url = f"https://{sandbox.node.address}:{port}/containerLogs/llm/{pod}/main"
    async with aiohttp.ClientSession() as session, session.get(url, ssl=trust) as answer:
        assert answer.status == 200
        return await answer.text()


def test_a_crash_is_told_and_restarted(tmp_path: Path) -> None:
    async def scenario(sandbox: Sandbox) -> None:
        spec = {"command": ["sh", "-c", "echo no key >&2; exit 3"], "terminationMessagePolicy": "FallbackToLogsOnError"}
        sandbox.start("a", spec)
        waiting = await sandbox.until_waiting("a", "CrashLoopBackOff")
        assert waiting["message"].startswith("back-off 10s restarting failed container=main pod=a_llm(")
        status = sandbox.status("a")
        last = status["lastState"]["terminated"]
        assert (status["restartCount"], last["exitCode"], last["reason"], last["message"]) == (
            1,
            3,
            "Error",
            "no key\n",
        )
        await sandbox.api.until(lambda: len(sandbox.api.messages("BackOff")) == 1)

    run(tmp_path, scenario)


def test_a_failing_liveness_probe_restarts(tmp_path: Path) -> None:
    async def scenario(sandbox: Sandbox) -> None:
        probe = {"httpGet": {"port": 8000}, "periodSeconds": 0.05, "failureThreshold": 2}
        sandbox.start("a", {"livenessProbe": probe})
        await sandbox.api.until(lambda: sandbox.status("a").get("restartCount"))
        message = "Container main failed liveness probe, will be restarted"
        await sandbox.api.until(lambda: sandbox.api.messages("Killing") == [message])
        assert sandbox.status("a")["lastState"]["terminated"]["exitCode"] == 143

    run(tmp_path, scenario)


def test_what_is_missing_is_named_and_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "RETRY_SECONDS", 0.1)

    async def scenario(sandbox: Sandbox) -> None:
        api = sandbox.api
        env = [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "k"}}}]
        mounts = [{"name": "conf", "mountPath": "/etc/conf"}]
        sandbox.start("a", {"env": env, "volumeMounts": mounts}, conf={"configMap": {"name": "conf"}})
        mount = 'MountVolume.SetUp failed for volume "conf" : configmap "conf" not found'
        await api.until(lambda: api.messages("FailedMount") == [mount])
        assert sandbox.status("a")["state"]["waiting"]["reason"] == "ContainerCreating"
        api.put("configmaps", "conf", {"data": {}})
        waiting = await sandbox.until_waiting("a", "CreateContainerConfigError")
        assert waiting["message"] == 'secret "keys" not found'
        api.put("secrets", "keys", {"data": {"k": ""}})
        await sandbox.until_ready("a")

    run(tmp_path, scenario)


def test_an_image_that_is_not_there(tmp_path: Path) -> None:
    async def scenario(sandbox: Sandbox) -> None:
        sandbox.start("a", {"image": "example.com/none:1"})
        waiting = await sandbox.until_waiting("a", "ErrImagePull")
        assert waiting["message"].endswith("example.com/none:1: not found")
        waiting = await sandbox.until_waiting("a", "ImagePullBackOff")
        assert waiting["message"].startswith('Back-off pulling image "example.com/none:1"')

    run(tmp_path, scenario)


def test_a_changed_configmap_reaches_the_running_pod(tmp_path: Path) -> None:
    async def scenario(sandbox: Sandbox) -> None:
        sandbox.api.put("configmaps", "conf", {"data": {"a": "/etc/conf/x 0.0.0.0"}})
        sandbox.start(
            "a", {"volumeMounts": [{"name": "conf", "mountPath": "/etc/conf"}]}, conf={"configMap": {"name": "conf"}}
        )
        await sandbox.until_ready("a")
        file = sandbox.file("a", "volumes/main/conf/a")
        assert file.read_text() == f"{file.parent}/x {sandbox.pod('a')['status']['podIP']}"
        sandbox.api.put("configmaps", "conf", {"data": {"a": "new"}})
        await sandbox.api.until(lambda: file.read_text() == "new")
        assert sandbox.status("a")["restartCount"] == 0

    run(tmp_path, scenario)


def test_a_forced_deletion_kills_at_once(tmp_path: Path) -> None:
    async def scenario(sandbox: Sandbox) -> None:
        sandbox.start("a", {"command": ["sh", "-c", "trap '' TERM; echo $$$$ > /tmp/pid; sleep 60 & wait"]})
        await sandbox.until_ready("a")
        file = sandbox.file("a", "rootfs/main/tmp/pid")
        await sandbox.api.until(lambda: file.exists() and file.read_text())
        pid = int(file.read_text())
        await sandbox.kube.delete("v1/pods", "a", "llm", grace_seconds=0)
        await sandbox.api.until(lambda: not start_time(pid), seconds=1)

    run(tmp_path, scenario)


def test_nothing_survives_the_node(tmp_path: Path) -> None:
    pids = []

    async def scenario(sandbox: Sandbox) -> None:
        sandbox.start("a", {"command": ["sh", "-c", "sleep 60 & echo $! > /tmp/pid; wait"]})
        await sandbox.until_ready("a")
        file = sandbox.file("a", "rootfs/main/tmp/pid")
        await sandbox.api.until(lambda: file.exists() and file.read_text())
        pids.append(int(file.read_text()))

    run(tmp_path, scenario)
    assert not start_time(pids[0]), "not even what the container's process had started"


def test_the_environment_is_the_pods_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "of the machine")

    async def scenario(sandbox: Sandbox) -> None:
        sandbox.start(
            "a", {"command": ["sh", "-c", "env > /tmp/env; sleep 60"], "env": [{"name": "A", "value": "/tmp"}]}
        )
        await sandbox.until_ready("a")
        file = sandbox.file("a", "rootfs/main/tmp/env")
        await sandbox.api.until(lambda: file.exists() and file.read_text())
        env = dict(line.split("=", 1) for line in file.read_text().splitlines())
        assert set(env) - {"PWD", "SHLVL", "_", "OLDPWD"} == {"A", "HOME", "HOSTNAME", "PATH", "TMPDIR"}
        assert env["A"] == env["TMPDIR"] == str(file.parent)
        assert env["PATH"].split(":")[0] == f"{sys.prefix}/bin"
        assert env["HOSTNAME"] == "a"

    run(tmp_path, scenario)


def test_what_the_node_does_not_imitate_it_refuses(tmp_path: Path) -> None:
    async def scenario(sandbox: Sandbox) -> None:
        api = sandbox.api
        sandbox.start("a", {"volumeMounts": []}, models={"nfs": {"server": "s", "path": "/p"}})
        (message,) = await api.until(lambda: api.messages("FailedCreatePodSandBox"))
        assert message.endswith("does not support: volume models (nfs)")
        assert sandbox.pod("a")["status"]["phase"] == "Pending"

    run(tmp_path, scenario)


def test_init_containers_run_in_turn_before_the_others(tmp_path: Path) -> None:
    async def scenario(sandbox: Sandbox) -> None:
        api = sandbox.api

        def step(name: str, command: str) -> dict[str, Any]:
            mounts = [{"name": "work", "mountPath": "/shared"}]
            return {"name": name, "image": "python", "command": ["sh", "-c", command], "volumeMounts": mounts}

        spec = {
            "initContainers": [
                step("one", "echo one >> /shared/log"),
                step("two", "until test -e /shared/go; do sleep 0.05; done; echo two >> /shared/log"),
            ],
            "containers": [step("main", "echo main >> /shared/log; sleep 60")],
            "volumes": [{"name": "work", "emptyDir": {}}],
        }
        api.put("pods", "a", {"spec": spec})
        await api.until(lambda: len(sandbox.pod("a").get("status", {}).get("initContainerStatuses", [])) == 2)
        await api.until(lambda: sandbox.pod("a")["status"]["initContainerStatuses"][1]["state"].get("running"))
        status = sandbox.pod("a")["status"]
        assert [each["ready"] for each in status["initContainerStatuses"]] == [True, False]
        assert status["phase"] == "Pending"
        assert sandbox.status("a")["state"] == {"waiting": {"reason": "PodInitializing"}}
        initialized = next(each for each in status["conditions"] if each["type"] == "Initialized")
        assert (initialized["status"], initialized["reason"]) == ("False", "ContainersNotInitialized")
        assert initialized["message"] == "containers with incomplete status: [two]"

        sandbox.file("a", "volumes/shared/work/go").touch()
        await sandbox.until_ready("a")
        log = sandbox.file("a", "volumes/shared/work/log")
        await api.until(lambda: log.read_text() == "one\ntwo\nmain\n")
        assert all(each["ready"] for each in sandbox.pod("a")["status"]["initContainerStatuses"])

    run(tmp_path, scenario)


def test_a_service_leads_to_a_pod_once_its_probes_say_so(tmp_path: Path) -> None:
    async def scenario(sandbox: Sandbox) -> None:
        api, services = sandbox.api, sandbox.node.services
        ports = [{"port": 80, "targetPort": "web"}, {"port": 8080, "targetPort": 8000}]
        api.put("services", "web", {"spec": {"selector": {"app": "web"}, "ports": ports[1:]}})
        await api.until(lambda: services.resolve("http://web:8080", "llm", "URL") != "http://web:8080")
        address = services.addresses["llm", "web"]
        api.put("configmaps", "conf", {"data": {"server.py": SERVER}})
        spec = {
            "command": ["python", "/etc/conf/server.py"],
            "env": [{"name": "GREETING", "value": "http://web:8080"}],
            "volumeMounts": [{"name": "conf", "mountPath": "/etc/conf"}],
            "ports": [{"name": "web", "containerPort": 8000}],
            "startupProbe": {"tcpSocket": {"port": "web"}, "periodSeconds": 0.1, "failureThreshold": 100},
            "readinessProbe": {
                "exec": {"command": ["test", "-e", "/tmp/go"]},
                "periodSeconds": 0.1,
                "failureThreshold": 1,
            },
        }
        sandbox.start("a", spec, conf={"configMap": {"name": "conf"}})
        api.put(
            "pods", "a", {**sandbox.pod("a"), "metadata": {**sandbox.pod("a")["metadata"], "labels": {"app": "web"}}}
        )
        await api.until(lambda: sandbox.status("a").get("started"))
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(address, 8080)

        sandbox.file("a", "rootfs/main/tmp/go").touch()
        await sandbox.until_ready("a")
        await api.until(lambda: services._listening)
        async with aiohttp.ClientSession() as http, http.get(f"http://{address}:8080/") as answer:
            assert answer.status == 200
        assert (await _log(sandbox, "a")).startswith(f"serving http://{address}:8080\n")

        sandbox.file("a", "rootfs/main/tmp/go").unlink()
        await api.until(lambda: not services._listening)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(address, 8080)

    run(tmp_path, scenario)


def test_a_claim_keeps_the_pod_waiting_until_it_is_bound_and_keeps_the_files(tmp_path: Path) -> None:
    async def scenario(sandbox: Sandbox) -> None:
        api = sandbox.api
        command = {"command": ["sh", "-c", "echo $HOSTNAME >> /data/sub/log; sleep 60"]}
        mounts = {"volumeMounts": [{"name": "data", "mountPath": "/data/sub", "subPath": "inner"}]}
        log = tmp_path / "pv" / "inner" / "log"
        for name in ("a", "b"):
            sandbox.start(name, command | mounts, data={"persistentVolumeClaim": {"claimName": "claim"}})
            if name == "a":
                await api.until(lambda: api.messages("FailedScheduling"))
                assert 'persistentvolumeclaim "claim" not found' in api.messages("FailedScheduling")[0]
                api.put("persistentvolumeclaims", "claim", {"spec": {"volumeName": "pv"}, "status": {"phase": "Bound"}})
                api.put("persistentvolumes", "pv", {"spec": {"hostPath": {"path": str(tmp_path / "pv")}}}, namespace="")
            await sandbox.until_ready(name)
            await api.until(lambda: log.exists() and name in log.read_text())
            api.remove("pods", name)
        assert log.read_text() == "a\nb\n"

    run(tmp_path, scenario)


def test_a_null_node_makes_pods_ready_and_runs_nothing(tmp_path: Path) -> None:
    async def scenario(sandbox: Sandbox) -> None:
        sandbox.start("a", {"image": "example.com/none:1"})
        await sandbox.until_ready("a")
        assert not (tmp_path / "pods").exists()
        await sandbox.kube.delete("v1/pods", "a", "llm", grace_seconds=30)
        await sandbox.api.until(lambda: not any(plural == "pods" for plural, *_rest in sandbox.api.objects))

    run(tmp_path, scenario, null=True)
