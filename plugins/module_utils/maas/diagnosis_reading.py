# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a diagnosis is made of: all that the cluster shows, read once, then the answers of what can be called."""

from __future__ import annotations

import dataclasses
import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.llamastack.maas.plugins.module_utils.base.diagnosis import Link, is_broken, walk
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.cluster_view import (
    ClusterView,
    Listing,
    log_of,
    workloads,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.evidence import Evidence
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import presence, secrets as secret_data
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster, in_parallel
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import (
    INFERENCE_SERVICE,
    LABEL_WORKLOAD_OF,
    WORKLOADS,
    owner_of,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.maas import diagnosis, diagnosis_calls
from ansible_collections.llamastack.maas.plugins.module_utils.maas.connection import CallingModule
from ansible_collections.llamastack.maas.plugins.module_utils.maas.credentials import Lender
from ansible_collections.llamastack.maas.plugins.module_utils.maas.diagnosis import Case, SecretSeen
from ansible_collections.llamastack.maas.plugins.module_utils.maas.diagnosis_calls import InstanceAnswers, Outside
from ansible_collections.llamastack.maas.plugins.module_utils.maas.discovery import usable_subscription
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import UnexpectedAnswer
from ansible_collections.llamastack.maas.plugins.module_utils.providers import values

Object = t.Dict[str, t.Any]

_ROUTES = "gateway.networking.k8s.io/v1"
_GROUPS = ("user.openshift.io/v1", "Group")
_AT_ONCE = 8
_CREDENTIAL_LIFETIME = 120


class DiagnosisReading:
    """Looks at everything once, then calls what can be called."""

    def __init__(self, module: CallingModule) -> None:
        self._module = module
        self._params = module.params
        self._generation = module.generation
        self._namespace: str = module.params["namespace"]
        self._instances: list[Object] = module.params["instances"]
        self._wanted: dict[str, list[Ref]] = {}
        for obj in module.params["registration"]:
            owner = owner_of(obj)
            if owner and owner.instance:
                self._wanted.setdefault(owner.instance, []).append(Ref.of(obj))
        self._kinds = module.generation.registration_kinds(module.params)
        self._cluster: Cluster = module.cluster()
        self.outside = self._who_calls()

    def _who_calls(self) -> Outside:
        if not self._module.url:
            return Outside(None, note="the URL of MaaS is not known: set llamastack_maas_url")
        if self._module.ansible.check_mode:
            return Outside(None, note="not called in check mode")
        found = self._module.caller_or_reason()
        return Outside(None, note=found) if isinstance(found, str) else Outside(found)

    # What the cluster shows

    def _listings(self) -> list[Listing]:
        namespace, kinds = self._namespace, self._kinds
        services, *made = workloads(self._cluster, namespace)
        listings = [
            services._replace(labels=None),
            *made,
            Listing(("v1", "Service", namespace), WORKLOADS),
            Listing(("v1", "Secret", namespace)),
            Listing((_ROUTES, "HTTPRoute", namespace), WORKLOADS),
            *(Listing(group, labels=None) for group in kinds),
            # Of our own, also those that are where nobody looks.
            *(Listing((version, kind, None)) for version, kind, _namespace in kinds),
        ]
        if self._cluster.serves(*_GROUPS):
            listings.append(Listing((*_GROUPS, None), labels=None, metadata_only=True))
        return listings

    def _further(self) -> list[t.Callable[[], t.Any]]:
        """Single objects, and MaaS's list, in the order in which L(look) takes them."""
        gateway = self._params["gateway"]
        cluster, namespace = self._cluster, self._namespace
        return [
            lambda: cluster.get(_ROUTES, "Gateway", gateway["name"], gateway["namespace"]),
            lambda: cluster.get("v1", "Namespace", namespace, namespace, metadata_only=True),
            lambda: cluster.list("v1", "Event", namespace, fields="type=Warning"),
            self._list_of_maas,
        ]

    def _list_of_maas(self) -> Outside:
        outside = self.outside
        if outside.caller is None:
            return outside
        client = self._module.connect(self._params["request_timeout"])(
            self._generation.caller_headers(outside.caller.token)
        )
        answer = client.request(self._generation.list_request())
        if answer.status != 200:
            return dataclasses.replace(outside, note=answer.describe())
        try:
            return dataclasses.replace(outside, listed=self._generation.read_list(answer.json()))
        except UnexpectedAnswer as error:
            return dataclasses.replace(outside, note=f"{error}: {answer.describe()}")

    def look(self) -> list[Case]:
        """All instances as the cluster shows them, with what may not be read."""
        view = ClusterView(self._cluster, self._listings(), self._further())
        gateway, namespace, events, self.outside = view.further
        # Whoever may not list Secrets may still get one.
        unread = {kind: error for (_version, kind, where), error in view.refused.items() if where and kind != "Secret"}
        if isinstance(gateway, ApiError):
            unread["Gateway"] = gateway
        secrets = self._secrets(view)
        groups = (
            {obj["metadata"]["name"] for obj in view.of_kind(_GROUPS[1])}
            if view.covers(Ref(*_GROUPS, None, ""))
            else None
        )
        seen = {
            each["name"]: self._evidence(view, each["name"], [] if isinstance(events, ApiError) else events)
            for each in self._instances
        }
        return [
            Case(
                instance=instance,
                evidence=seen[instance["name"]],
                generation=self._generation,
                secret=_secret_of(instance, secrets),
                endpoint=_of_workload(view, "Service", instance["name"]),
                gateway=None if isinstance(gateway, ApiError) else gateway,
                namespace_labels=(namespace["metadata"].get("labels") or {}) if isinstance(namespace, dict) else None,
                groups=groups,
                unread={**unread, **_refusal_of_secret(instance, secrets)},
                unmanaged=_unmanaged(instance, seen[instance["name"]]),
            )
            for instance in self._instances
        ]

    def _secrets(self, view: ClusterView) -> dict[str, t.Any]:
        """By its name every Secret that an instance reads; None where there is none, the refusal where it is not shown.

        A list by our labels shows ours. All others are looked for by their names.
        """
        found: dict[str, t.Any] = {obj["metadata"]["name"]: obj for obj in view.of_kind("Secret")}
        wanted = {each["credentials"]["secret"]["name"] for each in self._instances if each["credentials"]["secret"]}
        unseen = sorted(wanted - set(found))
        gets = [lambda n=name: self._cluster.get("v1", "Secret", n, self._namespace) for name in unseen]
        return {**found, **dict(zip(unseen, in_parallel(gets)))}

    def _evidence(self, view: ClusterView, name: str, events: list[Object]) -> Evidence:
        wanted = self._wanted.get(name, [])
        evidence = view.evidence(self._namespace, name, wanted)
        strays = [
            obj
            for ref, obj in view.objects()
            if ref not in wanted and self._registers(ref.kind) and self._names(obj, name)
        ]
        return dataclasses.replace(
            evidence,
            events=events,
            route=_of_workload(view, "HTTPRoute", name),
            neighbours=[obj for obj in view.of_kind(INFERENCE_SERVICE) if obj["metadata"]["name"] != name],
            wanted=wanted,
            strays=strays,
        )

    def _registers(self, kind: str) -> bool:
        return any(kind == each for _version, each, _namespace in self._kinds)

    def _names(self, obj: Object, name: str) -> bool:
        return bool(self._generation.registered(self._namespace, name, None, [obj]))

    # What calls show

    def caller(self) -> str:
        """As whom MaaS is called, or why it is not."""
        return self.outside.caller.user if self.outside.caller else self.outside.note

    def findings(self, cases: list[Case]) -> dict[str, list[Link]]:
        """By the name of the instance what was found of every link, up to the first that is broken."""
        go_on = self._params["go_on"]
        found = {case.instance["name"]: walk(diagnosis.chain(case), go_on) for case in cases}
        broken = [case for case in cases if is_broken(found[case.instance["name"]])]
        for case, log in zip(
            broken, in_parallel([lambda c=case: log_of(self._cluster, c.evidence) for case in broken])
        ):
            if isinstance(log, list) and log:
                told = dataclasses.replace(case, evidence=dataclasses.replace(case.evidence, log=log))
                found[case.instance["name"]] = walk(diagnosis.chain(told), go_on)
        sound = [case for case in cases if go_on or case not in broken]
        for case, more in zip(sound, self._call_all(sound)):
            found[case.instance["name"]] = walk([*found[case.instance["name"]], *more], go_on)
        return found

    def _call_all(self, cases: list[Case]) -> list[list[Link]]:
        outside = self.outside
        if outside.caller is None:
            return [diagnosis_calls.calls(case, outside, None, list) for case in cases]
        connect = self._module.connect(self._params["request_timeout"])
        with Lender(self._generation, connect, outside.caller.token, _CREDENTIAL_LIFETIME) as lender:

            def ask(case: Case) -> list[Link]:
                return diagnosis_calls.calls(case, outside, self._call(case, lender), lambda: self._log(case))

            with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
                return list(pool.map(ask, cases))

    def _call(self, case: Case, lender: Lender) -> InstanceAnswers | None:
        """The answers of the instance, None where it has no URL or does not admit the caller."""
        url = case.instance.get("url") or ((case.evidence.service or {}).get("status") or {}).get("url")
        if not url or not diagnosis_calls.entitled(case, self.outside):
            return None
        visibility = self._generation.visibility(self.outside.listed or [], case.instance)
        subscription = usable_subscription(self._generation, visibility, case.instance)
        spend = self._params["proof"] == "call"
        return diagnosis_calls.call(
            case.instance, url, lender, subscription, self._params["request_timeout"], spend=spend
        )

    def _log(self, case: Case) -> list[str]:
        try:
            return log_of(self._cluster, case.evidence)
        except ApiError:
            # What decides has been seen; the log would only have said more.
            return []


def _unmanaged(instance: Object, evidence: Evidence) -> dict[str, presence.Presence]:
    """By kind whose the service is and what registers it, where that is not this list's."""
    there = {obj["kind"]: obj for obj in evidence.registration}
    if evidence.service:
        there[INFERENCE_SERVICE] = evidence.service
    found = {
        kind: presence.of(presence.identity(kind, obj["metadata"]["name"], instance), obj)
        for kind, obj in there.items()
    }
    return {kind: whose for kind, whose in found.items() if whose.state == presence.UNMANAGED}


def _of_workload(view: ClusterView, kind: str, name: str) -> Object | None:
    found = view.of_kind(kind)
    return next((obj for obj in found if (obj["metadata"].get("labels") or {}).get(LABEL_WORKLOAD_OF) == name), None)


def _refusal_of_secret(instance: Object, secrets: dict[str, t.Any]) -> dict[str, ApiError]:
    secret = instance["credentials"]["secret"]
    found = secrets.get(secret["name"]) if secret else None
    return {"Secret": found} if isinstance(found, ApiError) else {}


def _secret_of(instance: Object, secrets: dict[str, t.Any]) -> SecretSeen | None:
    """The instance's Secret without its values."""
    secret = instance["credentials"]["secret"]
    obj = secrets.get(secret["name"]) if secret else None
    if not isinstance(obj, dict):
        return None
    data = obj.get("data") or {}
    files = {each["key"] for each in instance["credentials"]["fields"] if each["file"]}
    wanted = {each["key"] for each in instance["credentials"]["fields"]}
    problems = {
        key: values.value_problem(secret_data.decode(value), is_file=key in files)
        for key, value in sorted(data.items())
        if key in wanted
    }
    return SecretSeen(
        fields=sorted(data),
        problems={key: problem for key, problem in problems.items() if problem},
        revision=secret_data.revision_of(obj),
        presence=(
            presence.of(presence.identity("Secret", secret["name"], instance), obj)
            if secret["managed"]
            else presence.Presence(presence.OURS)
        ),
    )
