# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas.causes import ProgramEvidence, explain

NOW = 1764000000.0
URL = "postgresql://litellm:MySecretOfTheDatabase1@postgres:5432/litellm_db"


def pod(name, state=None, *, ready=False, restarts=0, ended=None):
    status = {"name": "main", "state": state or {"running": {}}, "ready": ready, "restartCount": restarts}
    if ended:
        status["lastState"] = {"terminated": ended}
    return {"metadata": {"name": name}, "status": {"containerStatuses": [status]}}


def waiting(reason, message=""):
    return {"waiting": {"reason": reason, "message": message}}


def event(kind, name, message, reason="Failed"):
    about = {"kind": kind, "name": name}
    return {"metadata": {}, "involvedObject": about, "message": message, "reason": reason}


def evidence(name="litellm", *, log=(), **more):
    return ProgramEvidence(name=name, now=NOW, log=log, **more)


#: As the programs write them; those of LiteLLM are prisma's, those of the backend node-postgres's.
LINES = [
    (
        "postgres",
        "The data directory was initialized by PostgreSQL version 15, which is not compatible",
        "another major",
    ),
    ("postgres", 'initdb: error: directory "/var/lib/pgsql/data" exists but is not empty', "cannot use the data"),
    ("postgres", 'FATAL:  data directory "/data" has wrong ownership', "cannot use the data"),
    ("postgres", "PANIC:  could not write to file: No space left on device", "the volume of the database is full"),
    ("litellm", 'could not extend file "base/1": No space left on device', "the volume of the database is full"),
    ("litellm", "FATAL: sorry, too many clients already", "no connection left"),
    ("litellm", "remaining connection slots are reserved for non-replication superuser", "no connection left"),
    ("litellm", "Error: P1000: Authentication failed against database server at `postgres`", "refuses the password"),
    ("litemaas-backend", 'error: password authentication failed for user "litemaas"', "refuses the password"),
    ("litellm", 'FATAL: role "litellm" does not exist', "no such role"),
    ("litellm", "P1003: Database `litellm_db` does not exist on the database server", "does not exist on the server"),
    ("litemaas-backend", "The server does not support SSL connections", "do not agree about TLS"),
    ("litellm", 'no pg_hba.conf entry for host "10.0.0.1", no encryption', "do not agree about TLS"),
    ("litellm", "Can't reach database server at `postgres:5432`", "the database is not reached"),
    ("litemaas-backend", "connect ECONNREFUSED 10.0.0.1:5432", "the database is not reached"),
    ("litellm", "postgres:5432 - no response", "the database is not reached"),
    ("litemaas-backend", "env must have required property 'OAUTH_CLIENT_ID'", "OAuth is not set"),
    ("litemaas-backend", 'env/OAUTH_ISSUER must match pattern "^https?://"', "OAuth is not set"),
    ("litemaas-backend", "env must have required property 'JWT_SECRET'", "a variable that the backend needs"),
    ("litemaas-backend", "PostgreSQL not available, using mock data for development", "serves invented data"),
    ("litellm", "LITELLM_MASTER_KEY is set to a publicly known value", "LiteLLM refuses its master key"),
    ("litellm", "prisma migrate deploy failed: P3009", "cannot migrate its database"),
    ("litellm", "PermissionError: [Errno 13] Permission denied: '/.cache'", "writes where its user may not"),
]


@pytest.mark.parametrize("program, line, cause", LINES)
def test_what_a_log_says_is_recognised(program, line, cause):
    (found,) = explain(evidence(program, log=["INFO started", line, "INFO retrying"]))
    assert cause in found.cause and " ".join(line.split())[:30] in found.evidence and found.remedy


def test_the_root_is_named_before_what_comes_of_it():
    log = [
        "error: password authentication failed for user litemaas",
        "PostgreSQL not available, using mock data for development",
    ]
    assert "refuses the password" in explain(evidence("litemaas-backend", log=log))[0].cause


def test_a_line_of_another_program_says_nothing():
    assert explain(evidence("litellm", log=["using mock data"])) == []


def test_no_password_of_a_url_is_shown():
    (found,) = explain(evidence(log=[f"Can't reach database server at {URL}"]))
    assert "MySecretOfTheDatabase1" not in " ".join(found)


def test_a_claim_without_a_volume_comes_before_the_pod_that_waits_for_it():
    claim = {"metadata": {"name": "postgres-storage-postgres-0"}, "spec": {}, "status": {"phase": "Pending"}}
    scheduled = {"type": "PodScheduled", "status": "False", "message": "unbound PersistentVolumeClaims"}
    waits = {"metadata": {"name": "postgres-0"}, "status": {"conditions": [scheduled]}}
    events = [event("PersistentVolumeClaim", claim["metadata"]["name"], "no persistent volumes available")]
    found = explain(evidence("postgres", claims=[claim], pods=[waits], events=events))
    assert [each.cause for each in found] == ["the claim has no volume", "no node takes the pod"]
    assert "no persistent volumes available" in found[0].evidence and "storage_class" in found[0].remedy


def test_an_image_that_cannot_be_pulled():
    name = "litellm-5d4f-x2x4z"
    pull = event("Pod", name, 'Failed to pull image "ghcr.io/x": manifest unknown')
    other = event("Pod", "another-5d4f-x2x4z", "Failed to pull image: of another")
    (found,) = explain(evidence(pods=[pod(name, waiting("ImagePullBackOff"))], events=[other, pull]))
    assert found.cause == "the image cannot be pulled" and "manifest unknown" in found.evidence
    assert "litemaas_image" in found.remedy


@pytest.mark.parametrize(
    "found, cause",
    [
        (pod("litellm-1-a", ended={"reason": "OOMKilled"}, restarts=2), "needs more memory"),
        (pod("litellm-1-a", ended={"reason": "Error", "exitCode": 3}, restarts=2), "ends as soon as it starts"),
        (pod("litellm-1-a", waiting("CreateContainerConfigError", "no secret x")), "is missing or lacks a key"),
    ],
)
def test_what_pods_show(found, cause):
    (why,) = explain(evidence(pods=[found]))
    assert cause in why.cause


def test_a_crash_is_explained_by_its_log_where_that_says_why():
    crashed = pod("litellm-1-a", ended={"reason": "Error", "exitCode": 1}, restarts=3)
    (found,) = explain(evidence(pods=[crashed], log=["Can't reach database server at `postgres:5432`"]))
    assert found.cause == "the database is not reached"


def test_events_of_the_workload_itself_count():
    refused = event("ReplicaSet", "litellm-5d4f8", "exceeded quota: compute", "FailedCreate")
    foreign = event("ReplicaSet", "litellm-other-5d4f8", "exceeded quota: compute", "FailedCreate")
    assert [each.cause for each in explain(evidence(events=[refused]))] == ["the quota of the namespace is used up"]
    assert explain(evidence(events=[foreign])) == []
