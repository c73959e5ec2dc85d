# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base.preflight_report import as_lines, failures
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import dry_run
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import names, preflight

LABELS = names.labels(names.GATEWAY, "litemaas", "default")
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "litellm", "namespace": "litemaas", "labels": LABELS},
}
SECRET = {**SERVICE, "kind": "Secret"}
REF = Ref.of(SERVICE)
GOOD = preflight.InstallationFacts(
    problems=[],
    warnings=[],
    cluster={"routes": False, "storage_classes": [], "salt": {"stored": "a", "now": "a"}},
    objects=[SERVICE],
    secrets=[SECRET],
    namespace="litemaas",
    api_url="https://api",
    user="jo",
    in_cluster={"metadata": {"name": "litemaas"}},
    existing={REF: None},
    allowed=dict.fromkeys(preflight.permissions([SERVICE, SECRET], "litemaas"), True),
    tried=[(dry_run.Trial("Service", "litemaas", SERVICE), SERVICE)],
)


def states(seen):
    return {(each["check"], each["state"]) for each in preflight.results(seen)}


def test_where_nothing_is_wrong_everything_is_said():
    assert states(GOOD) == {
        *(("input", "passed"), ("api", "passed"), ("cluster", "passed"), ("salt", "passed"), ("kinds", "passed")),
        *(("namespace", "passed"), ("permissions", "passed"), ("owners", "passed"), ("dry_run", "passed")),
    }
    assert as_lines(preflight.results(GOOD))[-1].endswith("passed")


FOREIGN = {**SERVICE, "metadata": {**SERVICE["metadata"], "labels": {}}}
QUOTA = ApiError("PATCH", "/x", 403, "exceeded quota", reason="Forbidden")


@pytest.mark.parametrize(
    "change, part",
    [
        ({"problems": [{"path": "litemaas_image", "message": "is bad"}]}, "litemaas_image: is bad"),
        ({"api_error": ApiError("GET", "/version", 0, "refused")}, "refused"),
        ({"unserved": {("apps/v1", "StatefulSet")}}, "serves no StatefulSet of apps/v1"),
        ({"in_cluster": {"metadata": {"name": "n", "deletionTimestamp": "t"}}}, "is being deleted"),
        ({"allowed": {("v1", "Service", "litemaas", "create"): False}}, "no permission to create"),
        ({"existing": {REF: FOREIGN}}, "is not managed by this collection"),
    ],
)
def test_what_would_stop_a_deployment_fails(change, part):
    found = failures(preflight.results(replace(GOOD, **change)))
    assert len(found) == 1 and part in found[0]


def test_what_may_not_be_read_is_skipped():
    forbidden = ApiError("GET", "/x", 403, "forbidden", reason="Forbidden")
    seen = replace(GOOD, in_cluster=forbidden, existing={REF: forbidden})
    assert {("namespace", "skipped"), ("owners", "skipped")} <= states(seen) and failures(preflight.results(seen)) == []


def test_who_may_not_see_events_is_warned():
    events = {("v1", "Event", "litemaas", "list"): False}
    assert ("permissions", "warning") in states(replace(GOOD, allowed=events))


def test_secrets_are_made_and_never_patched_only():
    verbs = [each[3] for each in preflight.permissions([SECRET], "litemaas") if each[1] == "Secret"]
    assert verbs == ["get", "create", "patch", "update"]
