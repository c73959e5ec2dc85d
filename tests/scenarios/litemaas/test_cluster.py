# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox without MaaS itself: PostgreSQL and LiteLLM from objects as anybody writes them, and nothing of ours.

LiteLLM takes 20 s of processor to start: ``make test-long`` starts it here, ``make test`` in the files beside this one.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from sandbox import reset
from sandbox.kube import ApiError, Kube
from sandbox.router import ROUTES

NS = "litemaas"
SCLORG = "registry.redhat.io/rhel9/postgresql-16:latest"
KEY = "sk-a-master-key-of-the-test"
HOST = f"litellm-{NS}.apps.sandbox.example"


def obj(kind: str, name: str, version: str = "v1", **content: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": NS}, **content}


def secret(name: str, **data: str) -> dict[str, Any]:
    return obj("Secret", name, stringData=data)


def service(name: str, port: int, **more: Any) -> dict[str, Any]:
    ports = [{"name": "main", "port": port, "targetPort": port}]
    return obj("Service", name, spec={"selector": {"app": name}, "ports": ports, **more})


def template(name: str, **spec: Any) -> dict[str, Any]:
    labels = {"app": name}
    return {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}}


def from_secret(variable: str, name: str, key: str) -> dict[str, Any]:
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": name, "key": key}}}


def job(name: str, *command: str, image: str = SCLORG, **container: Any) -> dict[str, Any]:
    main = {"name": "main", "image": image, "command": list(command), **container}
    volumes = [{"name": "backup", "persistentVolumeClaim": {"claimName": "backup"}}]
    spec = {"containers": [main], "volumes": volumes, "restartPolicy": "Never"}
    return obj("Job", name, "batch/v1", spec={"backoffLimit": 0, "template": {"spec": spec}})


def postgres() -> list[dict[str, Any]]:
    container = {
        "name": "postgres",
        "image": SCLORG,
        "ports": [{"containerPort": 5432}],
        "env": [
            {"name": "POSTGRESQL_USER", "value": "litellm"},
            {"name": "POSTGRESQL_DATABASE", "value": "litellm"},
            from_secret("POSTGRESQL_PASSWORD", "postgres", "password"),
        ],
        "volumeMounts": [{"name": "data", "mountPath": "/var/lib/pgsql/data"}],
        "readinessProbe": {"exec": {"command": ["/usr/libexec/check-container"]}, "periodSeconds": 1},
        "livenessProbe": {"exec": {"command": ["sh", "-c", "psql -h 127.0.0.1 -U litellm -c 'SELECT 1'"]}},
    }
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    spec = {"serviceName": "postgres", "replicas": 1, **template("postgres", containers=[container])}
    spec["volumeClaimTemplates"] = [{"metadata": {"name": "data"}, "spec": claim}]
    return [
        secret("postgres", password="first"),
        service("postgres", 5432, clusterIP="None"),
        obj("StatefulSet", "postgres", "apps/v1", spec=spec),
        obj("PersistentVolumeClaim", "backup", spec=claim),
    ]


def litellm(state: dict[str, Any]) -> list[dict[str, Any]]:
    egress = f"http://127.0.0.1:{state['ports']['egress']}"
    container = {
        "name": "litellm",
        "image": "ghcr.io/berriai/litellm-non_root:main-v1.108.6-stable",
        "args": ["--port", "4000", "--config", "/etc/litellm/config.yaml"],
        "ports": [{"containerPort": 4000}],
        "envFrom": [{"secretRef": {"name": "litellm"}}],
        "env": [
            {"name": "HTTPS_PROXY", "value": egress},
            {"name": "NO_PROXY", "value": "127.0.0.1,localhost,.svc"},
            {"name": "SSL_CERT_FILE", "value": "/etc/ca/ca-bundle.crt"},
            {"name": "STORE_MODEL_IN_DB", "value": "True"},
            {"name": "LITELLM_LOCAL_MODEL_COST_MAP", "value": "True"},
        ],
        "volumeMounts": [{"name": "config", "mountPath": "/etc/litellm"}, {"name": "ca", "mountPath": "/etc/ca"}],
        "startupProbe": {
            "httpGet": {"path": "/health/liveness", "port": 4000},
            "failureThreshold": 60,
            "periodSeconds": 3,
        },
        "readinessProbe": {"httpGet": {"path": "/health/readiness", "port": 4000}, "timeoutSeconds": 10},
    }
    waits = {"name": "wait", "image": SCLORG}
    waits["command"] = ["sh", "-c", "until pg_isready -h postgres -p 5432; do sleep 1; done"]
    volumes = [
        {"name": "config", "configMap": {"name": "litellm"}},
        {"name": "ca", "configMap": {"name": "odh-trusted-ca-bundle"}},
    ]
    spec = template("litellm", initContainers=[waits], containers=[container], volumes=volumes)
    url = "postgresql://litellm:first@postgres:5432/litellm"
    return [
        secret("litellm", DATABASE_URL=url, LITELLM_MASTER_KEY=KEY, LITELLM_SALT_KEY="a-salt"),
        obj("ConfigMap", "litellm", data={"config.yaml": "general_settings: {}\n"}),
        service("litellm", 4000),
        obj("Deployment", "litellm", "apps/v1", spec=spec),
        obj(
            "Route",
            "litellm",
            "route.openshift.io/v1",
            spec={"to": {"kind": "Service", "name": "litellm"}, "tls": {"termination": "edge"}},
        ),
    ]


class Cluster:
    def __init__(self, state: dict[str, Any], kube: Kube, http: aiohttp.ClientSession) -> None:
        self.state, self.kube, self.http = state, kube, http

    async def until(self, what: str, condition: Callable[[], Awaitable[Any]], seconds: float = 60) -> Any:
        deadline = time.monotonic() + seconds
        while not (found := await condition()):
            assert time.monotonic() < deadline, f"{what} after {seconds} s:\n{await self.account()}"
            await asyncio.sleep(0.3)
        return found

    async def until_ready(self, app: str, seconds: float = 60) -> dict[str, Any]:
        async def ready() -> dict[str, Any] | None:
            for pod in await self.kube.list("v1/pods", NS):
                conditions = {each["type"]: each["status"] for each in pod["status"].get("conditions") or []}
                labels = pod["metadata"].get("labels") or {}
                if (
                    labels.get("app") == app
                    and "deletionTimestamp" not in pod["metadata"]
                    and conditions.get("Ready") == "True"
                ):
                    return pod
            return None

        return await self.until(f"no pod of {app} is ready", ready, seconds)

    async def run(self, given: dict[str, Any]) -> str:
        """Run a job to its end; "Complete" or "Failed"."""
        name = given["metadata"]["name"]
        await self.kube.apply(given)

        async def ended() -> str | None:
            conditions = (await self.kube.get("batch/v1/jobs", name, NS)).get("status", {}).get("conditions") or []
            return next((each["type"] for each in conditions if each["type"] in ("Complete", "Failed")), None)

        return await self.until(f"job {name} has not ended", ended)

    async def log(self, pod: str) -> str:
        return await self.kube.raw("GET", f"/api/v1/namespaces/{NS}/pods/{pod}/log")

    async def account(self) -> str:
        """What is there, for a failure."""
        lines = [f"{each['reason']} {each['message']}" for each in await self.kube.list("v1/events", NS)][-15:]
        for pod in await self.kube.list("v1/pods", NS):
            try:
                lines.append(f"--- {pod['metadata']['name']}\n{(await self.log(pod['metadata']['name']))[-1500:]}")
            except ApiError as error:
                lines.append(str(error))
        return "\n".join(lines)

    async def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """A request from outside, through the router."""
        proxy = f"http://127.0.0.1:{self.state['ports']['router']}"
        headers = {"Authorization": f"Bearer {KEY}"}
        async with self.http.request(
            method, f"https://{HOST}{path}", json=body, headers=headers, proxy=proxy
        ) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await answer.json() if is_json else await answer.text()


def play(plain_cluster: tuple, story: Callable[[Cluster], Awaitable[None]]) -> None:
    folder, state = plain_cluster
    reset.run(folder)

    async def tell() -> None:
        trusting = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=state["ca"]))
        async with Kube(state) as kube, aiohttp.ClientSession(connector=trusting) as http:
            await story(Cluster(state, kube, http))

    asyncio.run(tell())


def test_there_is_no_kserve_and_no_gateway(plain_cluster):
    async def story(cluster: Cluster) -> None:
        groups = {each["name"] for each in (await cluster.kube.raw("GET", "/apis"))["groups"]}
        assert {"apps", "batch", "networking.k8s.io", "route.openshift.io"} <= groups
        assert not [each for each in groups if "kserve" in each or "gateway" in each or "opendatahub" in each]
        (default,) = await cluster.kube.list("storage.k8s.io/v1/storageclasses")
        assert default["metadata"]["annotations"]["storageclass.kubernetes.io/is-default-class"] == "true"

    play(plain_cluster, story)


def test_data_of_postgresql_outlive_its_pod_and_its_next_start_takes_the_password_that_it_finds(plain_cluster):
    def psql(name: str, password: str, statement: str, host: str = "postgres") -> dict[str, Any]:
        # What is ready may be the server that the image starts to set the password, which nobody outside gets to.
        wait = f"until pg_isready -h {host} -q; do sleep 0.2; done"
        return job(name, "sh", "-c", f'{wait}; psql "postgresql://litellm:{password}@{host}/litellm" -c "{statement}"')

    async def story(cluster: Cluster) -> None:
        kube = cluster.kube
        for each in postgres():
            await kube.apply(each)
        before = await cluster.until_ready("postgres")
        said = await cluster.log("postgres-0")
        assert said.startswith("sandbox: PostgreSQL ") and f"stands in for {SCLORG}" in said
        made = psql("made", "first", "CREATE TABLE models AS SELECT generate_series(1, 2)")
        assert await cluster.run(made) == "Complete", await cluster.account()

        # A dump by a job with the image of the server, and its end on a claim.
        dump = job(
            "dump",
            *(
                "sh",
                "-c",
                "pg_dump -Fc -h postgres -U litellm litellm > /backup/litellm.dump && pg_restore -l /backup/litellm.dump",
            ),
            env=[from_secret("PGPASSWORD", "postgres", "password")],
            volumeMounts=[{"name": "backup", "mountPath": "/backup"}],
        )
        assert await cluster.run(dump) == "Complete", await cluster.account()

        # The password that sclorg's image finds at its next start is the one that counts; the data is the same.
        changed = {"data": {"password": base64.b64encode(b"second").decode()}}
        await kube.patch("v1/secrets", "postgres", changed, NS)
        await kube.delete("v1/pods", "postgres-0", NS)

        async def anew() -> bool:
            pod = await cluster.until_ready("postgres")
            return pod["metadata"]["uid"] != before["metadata"]["uid"]

        await cluster.until("PostgreSQL has not started anew", anew)
        count, host = "SELECT count(*) FROM models", f"postgres.{NS}.svc.cluster.local"
        assert await cluster.run(psql("old", "first", count, host)) == "Failed"
        assert await cluster.run(psql("new", "second", count, host)) == "Complete"
        (pod,) = [each for each in await kube.list("v1/pods", NS) if each["metadata"]["name"].startswith("new-")]
        assert " 2\n" in await cluster.log(pod["metadata"]["name"])

    play(plain_cluster, story)


@pytest.mark.long
def test_litellm_on_postgresql_is_reached_from_outside(plain_cluster):
    async def story(cluster: Cluster) -> None:
        kube, state = cluster.kube, cluster.state
        for each in postgres() + litellm(state):
            await kube.apply(each)
        await cluster.until_ready("litellm", 180)
        assert await cluster.call("GET", "/health/readiness") == (200, {"status": "healthy", "db": "connected"})
        (route,) = await kube.list(ROUTES, NS)
        assert (route["spec"]["host"], route["status"]["ingress"][0]["conditions"][0]["status"]) == (HOST, "True")

        # A model of a far provider, and one that a Service of the cluster would serve: its name is resolved, and nobody is there.
        await kube.apply(service("granite", 8080))
        params = {"model": "openai/corp-chat", "api_base": "https://llm.corp.example/v1"}
        params["api_key"] = state["keys"]["compatible"][0]
        assert (await cluster.call("POST", "/model/new", {"model_name": "corp", "litellm_params": params}))[0] == 200
        inside = {"model": "openai/granite", "api_base": f"http://granite.{NS}.svc:8080/v1", "api_key": "none"}
        assert (await cluster.call("POST", "/model/new", {"model_name": "inside", "litellm_params": inside}))[0] == 200
        chat = {"messages": [{"role": "user", "content": "say hi"}], "max_tokens": 5, "num_retries": 0}
        status, answer = await cluster.call("POST", "/v1/chat/completions", {"model": "corp", **chat})
        assert status == 200, answer
        assert answer["choices"][0]["message"]["content"].startswith("compatible answers with corp-chat")
        status, answer = await cluster.call("POST", "/v1/chat/completions", {"model": "inside", **chat})
        assert status == 500 and "Connection error" in answer["error"]["message"], answer

    play(plain_cluster, story)


@pytest.mark.parametrize("image", ["ghcr.io/berriai/litellm:main-v1.82.7-stable", "postgres:9.6"])
def test_an_image_that_is_not_known_cannot_be_pulled(plain_cluster, image):
    async def story(cluster: Cluster) -> None:
        spec = {"containers": [{"name": "main", "image": image}]}
        await cluster.kube.apply(obj("Pod", "unknown", spec=spec))

        async def refused() -> bool:
            events = await cluster.kube.list("v1/events", NS)
            return any(each["reason"] == "Failed" and "ErrImagePull" in each["message"] for each in events)

        await cluster.until("it was pulled", refused)

    play(plain_cluster, story)


def test_a_claim_of_a_class_that_is_not_there_waits(plain_cluster):
    async def story(cluster: Cluster) -> None:
        claim = {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
            "storageClassName": "fast",
        }
        await cluster.kube.apply(obj("PersistentVolumeClaim", "claim", spec=claim))

        async def said() -> bool:
            events = await cluster.kube.list("v1/events", NS)
            return any('storageclass.storage.k8s.io "fast" not found' in each["message"] for each in events)

        await cluster.until("nothing is said of the class", said)
        assert (await cluster.kube.get("v1/persistentvolumeclaims", "claim", NS))["status"]["phase"] == "Pending"

    play(plain_cluster, story)
