# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a preflight is judged from: the answers of the API server to reads, reviews and dry runs, and of MaaS to nobody."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Answer, url_problem
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import apply, dry_run
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster, in_parallel
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import WORKLOADS
from ansible_collections.llamastack.maas.plugins.module_utils.maas import preflight
from ansible_collections.llamastack.maas.plugins.module_utils.maas.connection import connect_to
from ansible_collections.llamastack.maas.plugins.module_utils.maas.preflight import Found, Need, PreflightFacts

_TIMEOUT = 15.0


def found(call: t.Callable[[], t.Any]) -> t.Any:
    """What ``call`` returns, or the refusal."""
    return in_parallel([call])[0]


def who(cluster: Cluster) -> str | None:
    """The user that the API server sees; an older one does not report it."""
    try:
        return cluster.user().get("username")
    except ApiError as exc:
        if exc.status in (403, 404):
            return None
        raise


def gateway(cluster: Cluster, versions: t.Sequence[str], named: t.Mapping[str, str]) -> Found:
    if not versions:
        return None
    return found(lambda: cluster.get(versions[0], "Gateway", named["name"], named["namespace"]))


def permissions(cluster: Cluster, needs: t.Sequence[Need]) -> dict[Need, bool | ApiError]:
    def ask(need: Need) -> bool:
        group = need.api_version.rpartition("/")[0]
        resource = cluster.path(need.api_version, need.kind).rpartition("/")[2]
        return cluster.allowed(need.verb, group, resource, need.namespace, need.name, need.subresource)

    return dict(zip(needs, in_parallel([lambda n=need: ask(n) for need in needs])))


def admission_of_pods(cluster: Cluster, scope: str, namespace: str) -> dict[str, t.Any]:
    """What decides whether pods are taken, as fields of PreflightFacts."""
    if scope == "platform":
        return {}
    questions = {"pods": ("Pod", WORKLOADS), "quotas": ("ResourceQuota", None), "limit_ranges": ("LimitRange", None)}
    calls = [lambda k=kind, s=labels: cluster.list("v1", k, namespace, labels=s) for kind, labels in questions.values()]
    return dict(zip(questions, in_parallel(calls)))


def tried(
    cluster: Cluster, trials: t.Sequence[dry_run.Trial], force: bool
) -> list[tuple[dry_run.Trial, dict[str, t.Any] | ApiError | None]]:
    """What the API server says to a dry run of each trial: it goes all the way through admission, and writes nothing."""

    def ask(trial: dry_run.Trial) -> dict[str, t.Any] | None:
        return cluster.apply(trial.obj, dry_run=True, force=force) if trial.obj else None

    return list(zip(trials, in_parallel([lambda each=trial: ask(each) for trial in trials])))


def look(cluster: Cluster, params: dict[str, t.Any]) -> dict[str, t.Any]:
    """What the cluster shows, as fields of PreflightFacts."""
    user = who(cluster)
    settings, objects = params["input"]["settings"], params["objects"]
    scope, own = settings["scope"], settings["namespace"]
    missing = cluster.unserved(objects)
    served = [obj for obj in objects if (obj["apiVersion"], obj["kind"]) not in missing]
    names = list(dict.fromkeys([own, *(obj["metadata"].get("namespace") or own for obj in objects)]))
    namespaces = dict(zip(names, in_parallel([lambda n=name: cluster.get("v1", "Namespace", n) for name in names])))
    prober = settings["prober"] and not params["token_given"]
    needs = preflight.needs(served, scope, own, namespaces[own], prober=prober)
    allowed = permissions(cluster, needs)
    existing = cluster.read(apply.refusable(filter(preflight.is_known, served)), metadata_only=True)
    force = params["force_conflicts"]
    trials = dry_run.trials(
        served, existing, namespaces, preflight.denied(allowed), params["input"]["instances"], take_over=force
    )
    versions = (params["cluster"].get("kinds") or {}).get("Gateway") or []
    return {
        "api_url": cluster.url,
        "api_verified": cluster.is_verified,
        "user": user,
        "unserved": missing,
        "namespaces": namespaces,
        "existing": existing,
        "allowed": allowed,
        "tried": tried(cluster, trials, force),
        **admission_of_pods(cluster, scope, own),
        "gateway": gateway(cluster, versions, settings["gateway"]),
        "has_token": bool(cluster.own_token()),
    }


def look_at_cluster(open_cluster: t.Callable[[], Cluster], params: dict[str, t.Any]) -> dict[str, t.Any]:
    try:
        return look(open_cluster(), params)
    except ApiError as exc:
        return {"api_error": exc}


def look_at_maas(params: dict[str, t.Any]) -> dict[str, t.Any]:
    """What MaaS answers to nobody, as fields of PreflightFacts."""
    given, known = params["url"], params["cluster"]
    url, source = (given, "given") if given else (known.get("url"), known.get("url_source"))
    if not url or params["input"]["settings"]["scope"] == "platform":
        return {"url": url, "url_source": source}
    if url_problem(url):
        return {"url": url, "url_source": source, "answers": [Answer("GET", url, 0, failure="url", message="no URL")]}
    try:
        client = connect_to(url, params, _TIMEOUT)({})
    except ValueError as exc:
        return {"url": url, "url_source": source, "ca_problem": str(exc)}
    answers: list[Answer] = []
    for question in preflight.QUESTIONS:
        answers.append(client.request(question))
        if answers[-1].status != 404:
            break
    return {"url": url, "url_source": source, "answers": answers}


def read(open_cluster: t.Callable[[], Cluster], params: dict[str, t.Any]) -> PreflightFacts:
    """All that can be seen by the options of module C(maas_preflight)."""
    return PreflightFacts(
        given=params["input"],
        cluster=params["cluster"],
        objects=params["objects"],
        token_given=params["token_given"],
        take_over=params["force_conflicts"],
        validate_certs=params["validate_maas_certs"],
        **look_at_cluster(open_cluster, params),
        **look_at_maas(params),
    )
