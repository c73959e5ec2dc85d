# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a program of LiteMaaS does not come up, and what to do about it: known causes, recognised in what the cluster shows."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field
from functools import partial

from ansible_collections.llamastack.maas.plugins.module_utils.base.diagnosis import Explanation
from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import redact
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import shown
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import causes
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.causes import PodEvidence, by_time
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import Object
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import app, names

LINES_TO_READ = 400
_LINES_LOOKED_AT = 200


@dataclass(frozen=True)
class ProgramEvidence(PodEvidence):
    """All that is known of one program.

    ``deployment`` is the Deployment, StatefulSet or Job that runs it, ``pods`` are those of the newest revision, ``events``
    the namespace's warnings, ``claims`` the PersistentVolumeClaims of its pods, ``log`` the lines of its container, or of
    the one that the pod waits for, ``now`` the API server's time.
    """

    name: str
    now: float
    deployment: Object | None = None
    pods: t.Sequence[Object] = ()
    events: t.Sequence[Object] = ()
    claims: t.Sequence[Object] = ()
    log: t.Sequence[str] = ()
    own_events: list[Object] = field(init=False)

    def __post_init__(self) -> None:
        own = [event for event in self.events if self._is_own(event.get("involvedObject") or {})]
        object.__setattr__(self, "own_events", by_time(own))

    def _is_own(self, about: Object) -> bool:
        kind, name = about.get("kind"), about.get("name") or ""
        if kind in ("Deployment", "StatefulSet", "Job"):
            return name == ((self.deployment or {}).get("metadata") or {}).get("name", self.name)
        workload = re.escape(self.name)
        if kind == "ReplicaSet":
            return bool(re.fullmatch(workload + r"-[a-z0-9]+", name))
        if kind == "Pod":
            current = {pod["metadata"]["name"] for pod in self.pods}
            return name in current if current else bool(re.fullmatch(workload + r"-[a-z0-9]+(-[a-z0-9]{5})?", name))
        return False


def explain(evidence: ProgramEvidence) -> list[Explanation]:
    """All known causes that the evidence shows, the one nearest to the root first."""
    found = (recognise(evidence) for recognise in _KNOWN_CAUSES)
    return [Explanation(*map(redact, each)) for each in found if each is not None]


def _volume(evidence: ProgramEvidence) -> Explanation | None:
    return causes.unbound_claim(
        evidence.claims,
        evidence.events,
        evidence.now,
        "Name a storage class that there is in litemaas_database.storage_class, and delete the claim: its class cannot be"
        " changed, and nothing is in it yet. Where the class waits for a pod, look at why the pod is not scheduled.",
    )


class _Line(t.NamedTuple):
    """What a line of a log says of a program, one of C(programs), or of any where there are none."""

    pattern: re.Pattern[str]
    cause: str
    remedy: str
    programs: tuple[str, ...] = ()


def _line(pattern: str, cause: str, remedy: str, *programs: str) -> _Line:
    return _Line(re.compile(pattern, re.IGNORECASE), cause, remedy, programs)


_PASSWORDS = (
    "The Secret and the server have different passwords: put the one that the server knows into the Secret, or set it"
    " there by ALTER ROLE. litemaas_rotate changes both together."
)

# The specific ones first. Of PostgreSQL's texts, those that its clients pass on: prisma's, node-postgres's, psql's.
_LINES = (
    _line(
        r"initialized by PostgreSQL version \S+, which is not compatible",
        "the volume was written by another major version of PostgreSQL",
        "Give litemaas_database.image the version that has written it; a new version is a matter of backup and restore.",
        names.POSTGRES,
    ),
    _line(
        r"directory \S+ exists but is not empty|data directory \S+ has (wrong ownership|invalid permissions)",
        "PostgreSQL cannot use the data directory of the volume",
        "An image of another family has written it, or another user id: use the image that it was made with.",
        names.POSTGRES,
    ),
    _line(
        r"no space left on device|could not extend file",
        "the volume of the database is full",
        "Enlarge the claim, where its storage class allows that, or delete old spend logs.",
    ),
    _line(
        r"too many clients already|remaining connection slots are reserved|too many database connections|P2037",
        "the database has no connection left",
        "Raise litemaas_database.max_connections, or lower litemaas_replicas: LiteLLM keeps 10 for each replica.",
    ),
    _line(
        r"password authentication failed|P1000\b|database credentials for .{1,80} are not valid",
        "the database refuses the password",
        _PASSWORDS,
    ),
    _line(
        r"role \S+ does not exist|role \S+ is not permitted to log in",
        "the database has no such role",
        "Run litemaas_deploy, which makes the roles; of an external database, have its owner make them.",
    ),
    _line(
        r"database \S+ does not exist|P1003\b",
        "the database does not exist on the server",
        "Run litemaas_deploy, which makes the databases; of an external database, have its owner make it.",
    ),
    _line(
        r"does not support SSL|no pg_hba\.conf entry.*no encryption|SSL off|self[- ]signed certificate"
        r"|P1011\b|unable to verify the first certificate",
        "the program and the database do not agree about TLS",
        "Correct litemaas_database.external: its sslmode, and the CA by which the server is known.",
    ),
    _line(
        r"can'?t reach database server|P1001\b|(connection refused|ECONNREFUSED).*5432|5432.*(connection refused|ECONNREFUSED)"
        r"|could not translate host name|ENOTFOUND|no response",
        "the database is not reached",
        "Look at the pods of postgres, at its NetworkPolicy, and at the host and port of an external one.",
        names.LITELLM,
        names.MIGRATION,
        names.BACKEND,
    ),
    _line(
        r"must have required property '?OAUTH_|OAUTH_ISSUER.{0,40}must match|OAUTH_\w+ (is )?(required|missing)",
        "OAuth is not set",
        "Set litemaas_app.auth: the issuer must be an URL, and client id and secret must be there, though nobody logs in.",
        names.BACKEND,
    ),
    _line(
        r"env.{0,20}must have required property",
        "a variable that the backend needs is not set",
        "Run litemaas_deploy, which sets all of them; the log names the variable.",
        names.BACKEND,
    ),
    _line(
        r"using mock data",
        app.INVENTED,
        app.INVENTED_REMEDY,
        names.BACKEND,
    ),
    _line(
        r"publicly known|weak or unset master key|LITELLM_MASTER_KEY (is|must)",
        "LiteLLM refuses its master key, which is known to everybody",
        "Put another value into the Secret, or delete it and run litemaas_deploy, which makes one.",
        names.LITELLM,
        names.MIGRATION,
    ),
    _line(
        r"migration.{0,60}(failed|could not)|migrate deploy.{0,60}(failed|error)|P3\d\d\d\b",
        "LiteLLM cannot migrate its database",
        "Look at the whole log: the database may be another program's, or of a newer version of LiteLLM.",
        names.LITELLM,
        names.MIGRATION,
    ),
    _line(
        r"read-only file system|permission denied: ?'?/",
        "the image writes where its user may not",
        "Use an image that is made for any user id, such as litellm-non_root.",
    ),
)


def _log(evidence: ProgramEvidence) -> Explanation | None:
    """What the newest lines say; of several, what stands first in the table."""
    lines = [line for line in evidence.log if line.strip()][-_LINES_LOOKED_AT:]
    for known in _LINES:
        if known.programs and evidence.name not in known.programs:
            continue
        for line in reversed(lines):
            if known.pattern.search(line):
                return Explanation(known.cause, f"its log: {shown(line)}", known.remedy)
    return None


def _crash(evidence: ProgramEvidence) -> Explanation | None:
    seen = causes.crash(evidence)
    if not seen or _log(evidence):
        return None
    tail = next((shown(line) for line in reversed(evidence.log) if line.strip()), "")
    return Explanation(
        "the program ends as soon as it starts",
        f"{seen}; its log: {tail}" if tail else seen,
        "Its log shows why.",
    )


# Those nearest to the root first.
_KNOWN_CAUSES: tuple[t.Callable[[ProgramEvidence], Explanation | None], ...] = (
    _volume,
    partial(
        causes.quota,
        remedy="Raise the ResourceQuota, remove what is not needed, or lower litemaas_resources.",
    ),
    partial(
        causes.limit_range,
        remedy="Adjust resources to the LimitRange, or have it changed. LiteLLM needs 2Gi of memory.",
    ),
    partial(causes.pod_refused, remedy="Adjust the installation to the policy that refuses it, or have that changed."),
    partial(causes.unschedulable, remedy="Lower the resources, or have the cluster enlarged."),
    partial(
        causes.image,
        remedy="Check litemaas_image, litemaas_database.image and litemaas_app, litemaas_image_pull_secrets, and whether"
        " the nodes reach the registry.",
    ),
    partial(
        causes.container_config,
        remedy="Run litemaas_deploy, which makes the Secrets; of those that litemaas_secrets names, check the fields.",
    ),
    partial(causes.mount, remedy="Run litemaas_deploy again; the CA of an external database must be in the namespace."),
    partial(causes.out_of_memory, remedy="Raise the memory in resources: LiteLLM needs 2Gi."),
    _log,
    _crash,
)
