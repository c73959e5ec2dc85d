#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: maas_preflight
short_description: Find everything that would stop a deployment
version_added: 0.1.0
author:
  - llamastack.maas contributors (@llamastack)
description:
  - Checks at once whether the input is sound, the API server answers, the platform serves what is needed, the gateway
    is at work and admits the namespace, the user may write all objects, nobody else owns one of the same name, the
    namespace's quota and limits leave room for the pods, admission takes the objects, and Models-as-a-Service answers with a trusted certificate.
  - Nothing is written. The API server is asked to try one object of each kind in a dry run, Secrets with a placeholder in
    place of each value; where that cannot be, such as in a namespace that is not there yet, the check is skipped and says
    why. Models-as-a-Service is sent no credential; that it asks for one is an answer.
  - Returns the results only. A failed check does not fail the module, so that all can be told.
extends_documentation_fragment:
  - llamastack.maas.maas_connection.trust
  - llamastack.maas.attributes
  - llamastack.maas.attributes.info_module
  - llamastack.maas.attributes.actiongroup_maas
  - kubernetes.core.k8s_auth_options
options:
  input:
    description:
      - What P(llamastack.maas.instances#filter) returned, whether or not it found problems.
    type: dict
    required: true
  cluster:
    description:
      - What M(llamastack.maas.maas_info) returned with O(llamastack.maas.maas_info#module:fail_unusable=false).
    type: dict
    required: true
  objects:
    description:
      - The objects that would be applied, as P(llamastack.maas.manifests#filter) and
        P(llamastack.maas.registration#filter) build them. The rights that are asked for follow from them.
    type: list
    elements: dict
    default: []
  url:
    description:
      - The address of the MaaS gateway, where it is given. Without it, the one that O(cluster) tells is called.
    type: str
  token_given:
    description:
      - Whether there is a token of its own to call MaaS with. The token itself is not needed here.
    type: bool
    default: false
  force_conflicts:
    description:
      - Whether the deployment may take over objects of ours that only others have applied.
    type: bool
    default: false
requirements:
  - python >= 3.9
  - kubernetes >= 24.2.0, != 36.0.0
seealso:
  - module: llamastack.maas.maas_info
  - plugin: llamastack.maas.instances
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Look at the cluster
  llamastack.maas.maas_info:
    ask_maas: false
  register: cluster

- name: Check everything
  vars:
    checked: "{{ my_instances | llamastack.maas.instances(settings=cluster.settings) }}"
  llamastack.maas.maas_preflight:
    input: "{{ checked }}"
    cluster: "{{ cluster }}"
    objects: "{{ checked.instances | llamastack.maas.manifests('instances', settings=checked.settings) }}"
  register: preflight

- name: Fail with all that is wrong
  ansible.builtin.assert:
    that: preflight.failures | length == 0
    fail_msg: "{{ preflight.failures }}"
"""

RETURN = r"""
checks:
  description: The results, in the order in which a deployment would meet them.
  returned: always
  type: list
  elements: dict
  contains:
    check:
      description: What was checked. A check can have several results.
      type: str
      sample: rights
    state:
      description:
        - V(passed), V(failed), V(warning) for what need not stop a deployment, or V(skipped) for what could not be
          seen.
      type: str
      sample: failed
    detail:
      description: What was seen.
      type: str
      sample: "MaaSSubscription in namespace models-as-a-service: no right to create, patch"
    remedy:
      description: What to do; may be empty.
      type: str
failures:
  description: A line for each failed check, with what to do.
  returned: always
  type: list
  elements: str
lines:
  description: All results as lines of at most 100 columns.
  returned: always
  type: list
  elements: str
"""

import typing as t

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Answer, MaasClient, url_problem
from ansible_collections.llamastack.maas.plugins.module_utils.http.transport import TRUST_ARGUMENTS, sender
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import apply, dry_run
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster, in_parallel
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import WORKLOADS
from ansible_collections.llamastack.maas.plugins.module_utils.maas import preflight, preflight_report
from ansible_collections.llamastack.maas.plugins.module_utils.maas.preflight import Found, Need, Seen

_TIMEOUT = 15.0


def found(call: t.Callable[[], t.Any]) -> t.Any:
    """What ``call`` returns, or the refusal."""
    return in_parallel([call])[0]


def who(cluster: Cluster) -> str | None:
    """The user that the API server sees; an older one does not tell."""
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


def rights(cluster: Cluster, needs: t.Sequence[Need]) -> dict[Need, bool | ApiError]:
    def ask(need: Need) -> bool:
        group = need.api_version.rpartition("/")[0]
        resource = cluster.path(need.api_version, need.kind).rpartition("/")[2]
        return cluster.allowed(need.verb, group, resource, need.namespace, need.name, need.subresource)

    return dict(zip(needs, in_parallel([lambda n=need: ask(n) for need in needs])))


def admission_of_pods(cluster: Cluster, scope: str, namespace: str) -> dict[str, t.Any]:
    """What decides whether pods are taken, as fields of Seen."""
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
    """What the cluster shows, as fields of Seen."""
    user = who(cluster)
    settings, objects = params["input"]["settings"], params["objects"]
    scope, own = settings["scope"], settings["namespace"]
    missing = cluster.unserved(objects)
    served = [obj for obj in objects if (obj["apiVersion"], obj["kind"]) not in missing]
    names = list(dict.fromkeys([own, *(obj["metadata"].get("namespace") or own for obj in objects)]))
    namespaces = dict(zip(names, in_parallel([lambda n=name: cluster.get("v1", "Namespace", n) for name in names])))
    prober = settings["prober"] and not params["token_given"]
    needs = preflight.needs(served, scope, own, namespaces[own], prober=prober)
    allowed = rights(cluster, needs)
    existing = cluster.read(apply.refusable(served), metadata_only=True)
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
        "has_bearer": bool(cluster.bearer()),
    }


def look_at_cluster(module: AnsibleK8SModule) -> dict[str, t.Any]:
    try:
        return look(Cluster(module), module.params)
    except ApiError as exc:
        return {"api_error": exc}


def look_at_maas(params: dict[str, t.Any]) -> dict[str, t.Any]:
    """What MaaS answers to nobody, as fields of Seen."""
    given, known = params["url"], params["cluster"]
    url, source = (given, "given") if given else (known.get("url"), known.get("url_source"))
    if not url or params["input"]["settings"]["scope"] == "platform":
        return {"url": url, "url_source": source}
    if url_problem(url):
        return {"url": url, "url_source": source, "answers": [Answer("GET", url, 0, failure="url", message="no URL")]}
    try:
        send = sender(ca_file=params["ca_file"], validate_certs=params["validate_maas_certs"])
    except ValueError as exc:
        return {"url": url, "url_source": source, "ca_problem": str(exc)}
    client = MaasClient(send, url, timeout=_TIMEOUT)
    answers: list[Answer] = []
    for question in preflight.QUESTIONS:
        answers.append(client.request(question))
        if answers[-1].status != 404:
            break
    return {"url": url, "url_source": source, "answers": answers}


def main() -> None:
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            **TRUST_ARGUMENTS,
            "input": {"type": "dict", "required": True},
            "cluster": {"type": "dict", "required": True},
            "objects": {"type": "list", "elements": "dict", "default": []},
            "url": {"type": "str"},
            "token_given": {"type": "bool", "default": False, "no_log": False},
            "force_conflicts": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    params = module.params
    checks = preflight.results(
        Seen(
            given=params["input"],
            cluster=params["cluster"],
            objects=params["objects"],
            token_given=params["token_given"],
            take_over=params["force_conflicts"],
            validate_certs=params["validate_maas_certs"],
            **look_at_cluster(module),
            **look_at_maas(params),
        )
    )
    module.exit_json(
        changed=False,
        checks=checks,
        failures=preflight_report.failures(checks),
        lines=preflight_report.as_lines(checks),
    )


if __name__ == "__main__":
    main()
