# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What would stop a deployment, judged from what was seen before anything is written.

What could not be seen is skipped with the reason, never passed.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.llamastack.maas.plugins.module_utils.base.checks import FAILED, PASSED, SKIPPED, WARNING
from ansible_collections.llamastack.maas.plugins.module_utils.base.text import plural
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import (
    FAILURE_CONNECTION,
    FAILURE_NAME,
    FAILURE_REFUSED,
    FAILURE_TIMEOUT,
    FAILURE_TLS,
    FAILURE_URL,
    Answer,
    Request,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import (
    apply,
    dry_run,
    errors as api_errors,
    pod_admission,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.gateway_admission import admits, selectors
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import LABEL_WORKLOAD_OF
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.maas import detection
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known as generations
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import PROBER_ACCOUNT
from ansible_collections.llamastack.maas.plugins.module_utils.ogx import images

# Asked without a credential, one after the other for as long as the answer is 404.
QUESTIONS = (detection.HEALTH, Request("GET", "/v1/models"))

# Statuses of a MaaS that is there; without a credential it may well refuse.
ANSWERS = (200, 401, 403)

# What the wait looks at beside the objects that were written.
_WATCHED = (("apps/v1", "Deployment"), ("v1", "Pod"))

# Kinds that are never awaited, and so need not be listed.
_NOT_AWAITED = ("Namespace", "Secret", "ConfigMap", "ServiceAccount")

_UNKNOWN = "What would be written is not known yet"

Object = t.Mapping[str, t.Any]
Found = t.Union[Object, ApiError, None]
"""An object, the refusal to show it, or None where there is none."""


class Need(t.NamedTuple):
    """A permission that a deployment needs. ``name`` narrows it to one object, ``subresource`` to a part of one."""

    api_version: str
    kind: str
    namespace: str | None
    verb: str
    name: str | None = None
    subresource: str | None = None

    @property
    def what(self) -> str:
        """As roles name it, but for the kind."""
        return f"{self.kind}/{self.subresource}" if self.subresource else self.kind


class Checked(t.NamedTuple):
    """The outcome of one check."""

    check: str
    state: str
    detail: str
    remedy: str = ""

    def as_result(self) -> dict[str, str]:
        """As the module returns it."""
        return dict(self._asdict())


@dataclass(frozen=True)
class PreflightFacts:
    """What was seen. Nothing of the cluster counts where ``api_error`` is set.

    ``given``: the outcome of the filter ``instances``; ``cluster``: that of the module ``maas_info``; ``objects``:
    what would be applied, and ``tried`` what the API server said to a dry run of one of each kind; ``pods``,
    ``quotas`` and ``limit_ranges``: those of the model namespace, of the pods only
    what KServe made. ``url_source`` says where ``url`` comes from, ``answers`` what came from there to
    :data:`QUESTIONS`; ``ca_problem`` why it could not be asked.
    """

    given: Object
    cluster: Object = field(default_factory=dict)
    objects: t.Sequence[Object] = ()
    api_error: ApiError | None = None
    api_url: str = ""
    api_verified: bool = True
    user: str | None = None
    unserved: t.Collection[tuple[str, str]] = ()
    namespaces: t.Mapping[str, Found] = field(default_factory=dict)
    existing: t.Mapping[Ref, Found] = field(default_factory=dict)
    allowed: t.Mapping[Need, bool | ApiError] = field(default_factory=dict)
    tried: t.Sequence[tuple[dry_run.Trial, Object | ApiError | None]] = ()
    pods: t.Sequence[Object] | ApiError = ()
    quotas: t.Sequence[Object] | ApiError = ()
    limit_ranges: t.Sequence[Object] | ApiError = ()
    gateway: Found = None
    has_token: bool = False
    token_given: bool = False
    take_over: bool = False
    url: str | None = None
    url_source: str | None = None
    answers: t.Sequence[Answer] = ()
    ca_problem: str = ""
    validate_certs: bool = True

    @property
    def settings(self) -> Object:
        return self.given["settings"]

    @property
    def scope(self) -> str:
        return self.settings["scope"]

    @property
    def namespace(self) -> str:
        return self.settings["namespace"]


Checks = t.Iterator[Checked]


def results(seen: PreflightFacts) -> list[dict[str, str]]:
    """The results of all checks, in the order in which a deployment would meet them."""
    found = [*_input(seen), *_image(seen), *_api(seen)]
    if not seen.api_error:
        for check in (
            _generation,
            _kinds,
            _storage_initializer,
            _gateway,
            _namespaces,
            _admission,
            _permissions,
            _owners,
            _quota,
            _limit_range,
            _dry_run,
        ):
            found += check(seen)
    found += [*_caller(seen), *_maas(seen)]
    return [result.as_result() for result in found]


def is_known(obj: Object) -> bool:
    """Whether this is an object; one without a name stands for its kind, as bad input makes none."""
    return "name" in obj["metadata"]


def denied(allowed: t.Mapping[Need, bool | ApiError]) -> set[tuple[str, str | None]]:
    """The kinds that the caller may not write, each with its namespace, as :func:`dry_run.trials` takes them."""
    return {
        (need.kind, need.namespace)
        for need, answer in allowed.items()
        if need.verb in ("create", "patch") and not need.subresource and answer is False
    }


def needs(
    objects: t.Iterable[Object], scope: str, namespace: str, current: Found, *, prober: bool = False
) -> list[Need]:
    """The permissions to write ``objects``, to wait for them, and to call MaaS as the ``prober``.

    ``current`` is the model namespace as it is. Server-side apply of an object that is not there takes both verbs,
    create and patch.
    """
    found: list[Need] = []
    for obj in objects:
        api_version, kind, where = obj["apiVersion"], obj["kind"], obj["metadata"].get("namespace")
        if kind == "Namespace":
            found += _needs_of_namespace(obj, current)
            continue
        verbs = ("get", "create", "patch") if kind in _NOT_AWAITED else ("get", "list", "create", "patch")
        found += [Need(api_version, kind, where, verb) for verb in verbs]
    if scope != "platform":
        found += [Need(api_version, kind, namespace, "list") for api_version, kind in _WATCHED]
        if prober:
            found.append(Need("v1", "ServiceAccount", namespace, "create", PROBER_ACCOUNT, "token"))
    return list(dict.fromkeys(found))


def _needs_of_namespace(desired: Object, current: Found) -> list[Need]:
    name = desired["metadata"]["name"]
    # The owner of a namespace may read it by a role within it, where its name counts as its namespace.
    found = [Need("v1", "Namespace", name, "get", name)]
    if not isinstance(current, ApiError) and apply.namespace_to_apply(dict(desired), _plain(current)):
        found.append(Need("v1", "Namespace", name, "patch", name))
        if current is None:
            found.append(Need("v1", "Namespace", None, "create"))
    return found


def _plain(found: Found) -> dict[str, t.Any] | None:
    return dict(found) if isinstance(found, t.Mapping) else None


def _input(seen: PreflightFacts) -> Checks:
    for problem in seen.given["problems"]:
        yield Checked("input", FAILED, f"{problem['path']}: {problem['message']}")
    for warning in seen.given["warnings"]:
        yield Checked("input", WARNING, f"{warning['path']}: {warning['message']}")
    if not seen.given["problems"]:
        number = len(seen.given["instances"])
        yield Checked("input", PASSED, f"{plural(number, 'instance')} without a problem")


def _image(seen: PreflightFacts) -> Checks:
    """The releases of the images; one that cannot do what is needed is a problem of the input already."""
    if seen.scope == "platform":
        return
    if seen.given["problems"]:
        yield Checked("image", SKIPPED, "Not known before the input is corrected")
    for image in dict.fromkeys(instance["image"] for instance in seen.given["instances"]):
        version = images.server_version(image)
        if version is None:
            yield Checked("image", SKIPPED, f"{image}: its name does not show which release of the server it holds")
        else:
            release = ".".join(map(str, version))
            yield Checked("image", PASSED, f"{image} holds release {release}, which can do all that is needed")


def _api(seen: PreflightFacts) -> Checks:
    error = seen.api_error
    if error:
        yield _refused("api", FAILED, error)
        yield Checked("cluster", SKIPPED, "Nothing that needs the API server was checked")
    else:
        yield Checked("api", PASSED, f"{seen.api_url} answers, to {seen.user or 'a user that it does not name'}")
        if not seen.api_verified:
            yield Checked("api", WARNING, *api_errors.unverified(seen.api_url))
        if "kinds" not in seen.cluster:
            yield Checked(
                "cluster", FAILED, " ".join(seen.cluster.get("problems") or ["the cluster could not be looked at"])
            )


def _generation(seen: PreflightFacts) -> Checks:
    if "kinds" not in seen.cluster:
        return
    generation, evidence = seen.cluster["generation"], seen.cluster["evidence"]
    kinds, gateway = seen.cluster["kinds"], seen.cluster["gateway"]["exists"]
    undecided = detection.generation(kinds, tiers=None, gateway=gateway)
    if generation in generations.NAMES:
        yield Checked("generation", PASSED, f"{generation} ({evidence})")
    elif undecided.maas_can_tell and undecided.evidence == evidence and seen.url and _has_token(seen):
        yield Checked(
            "generation",
            WARNING,
            "What may be read does not show it. deploy asks Models-as-a-Service with a bearer token, which is not sent"
            " here; so what registers the instances was not checked",
            "Set llamastack_maas_generation to have it checked.",
        )
    else:
        yield Checked("generation", FAILED, evidence)


def _kinds(seen: PreflightFacts) -> Checks:
    missing = [f"{kind} of {api_version}" for api_version, kind in sorted(seen.unserved)]
    problems = detection.problems(seen.cluster["kinds"]) if "kinds" in seen.cluster else []
    for problem in problems:
        yield Checked("kinds", FAILED, problem)
    if missing and not problems:
        remedy = "Have KServe, or Models-as-a-Service, installed in the version that goes with the generation."
        yield Checked("kinds", FAILED, f"The cluster serves no {', no '.join(missing)}", remedy)
    if not seen.objects:
        yield Checked("kinds", SKIPPED, _UNKNOWN)
    elif not missing and not problems:
        kinds = dict.fromkeys(obj["kind"] for obj in seen.objects)
        yield Checked("kinds", PASSED, f"The cluster serves {', '.join(kinds)}")


def _storage_initializer(seen: PreflightFacts) -> Checks:
    known = (seen.cluster.get("settings") or {}).get("storage_initializer")
    uri = seen.settings["model_uri"]
    if seen.scope == "platform" or not (seen.cluster.get("kinds") or {}).get("LLMInferenceService"):
        return
    if known:
        yield Checked("storage_initializer", PASSED, "KServe can be configured to load no model")
    elif known is None:
        yield Checked("storage_initializer", SKIPPED, "The schema of LLMInferenceService may not be read")
    elif uri.startswith(("oci://", "pvc://")):
        yield Checked("storage_initializer", PASSED, f"KServe cannot be configured to load no model; it attaches {uri}")
    else:
        yield Checked(
            "storage_initializer",
            WARNING,
            f"KServe cannot be configured to load no model: every pod downloads {uri} at its start, in an init container"
            " whose memory limit (up to 24Gi) counts against ResourceQuota and LimitRange",
            "Without a way to the internet, or with such a limit, set llamastack_maas_model_uri to an oci:// or pvc://"
            " that the cluster has.",
        )


def _gateway_name(seen: PreflightFacts) -> str:
    return f"{seen.settings['gateway']['namespace']}/{seen.settings['gateway']['name']}"


def _gateway(seen: PreflightFacts) -> Checks:
    if "kinds" not in seen.cluster:
        return
    if isinstance(seen.gateway, ApiError):
        yield _unseen("gateway", f"Gateway {_gateway_name(seen)}", seen.gateway)
        return
    state = detection.gateway_state(seen.gateway)
    if not state.exists:
        yield Checked(
            "gateway",
            FAILED,
            f"There is no Gateway {_gateway_name(seen)}",
            "Correct llamastack_maas_gateway (name, namespace), or have the gateway of Models-as-a-Service made.",
        )
    elif state.programmed:
        yield Checked("gateway", PASSED, f"Gateway {_gateway_name(seen)} is programmed")
    else:
        yield Checked(
            "gateway",
            FAILED,
            f"Gateway {_gateway_name(seen)} is not programmed: {state.message or 'its controller says nothing'}",
            "Look at its status and at the controller of its GatewayClass.",
        )


def _namespaces(seen: PreflightFacts) -> Checks:
    for name, found in seen.namespaces.items():
        if isinstance(found, ApiError):
            yield _unseen("namespace", f"Namespace {name}", found)
        elif found is not None:
            if found["metadata"].get("deletionTimestamp"):
                remedy = "Wait until it is gone."
                yield Checked("namespace", FAILED, f"Namespace {name} is being deleted", remedy)
            else:
                yield Checked("namespace", PASSED, f"Namespace {name} exists")
        elif name != seen.namespace:
            remedy = "Correct llamastack_maas_subscription_namespace, or have Models-as-a-Service set up."
            yield Checked("namespace", FAILED, f"Namespace {name} does not exist", remedy)
        elif seen.scope == "project":
            remedy = "Have it made: llamastack.maas.deploy with llamastack_maas_scope=platform does that."
            yield Checked("namespace", FAILED, f"Namespace {name} does not exist", remedy)
        else:
            yield Checked("namespace", PASSED, f"Namespace {name} does not exist yet and would be made")


def _admission(seen: PreflightFacts) -> Checks:
    if not isinstance(seen.gateway, t.Mapping):
        yield Checked("admission", SKIPPED, "What namespaces the gateway takes routes of could not be read")
        return
    current = seen.namespaces.get(seen.namespace)
    if isinstance(current, ApiError):
        yield Checked("admission", SKIPPED, f"The labels of namespace {seen.namespace} may not be read")
        return
    added = detection.gateway_state(seen.gateway).namespace_labels or {} if seen.scope != "project" else {}
    labels = {**((current or {"metadata": {}})["metadata"].get("labels") or {}), **added}
    if admits(seen.gateway, seen.namespace, labels):
        yield Checked("admission", PASSED, f"The gateway takes routes of namespace {seen.namespace}")
        return
    wanted = detection.gateway_state(seen.gateway).namespace_labels or {}
    how = " and ".join(f"{key}={value}" for key, value in wanted.items())
    selected = "; ".join(selectors(seen.gateway))
    yield Checked(
        "admission",
        FAILED,
        f"Gateway {_gateway_name(seen)} does not take routes of namespace {seen.namespace}"
        + (f", but of those that are selected by {selected}" if selected else ""),
        (
            f"Have the namespace labelled with {how}: llamastack.maas.deploy with llamastack_maas_scope=platform does"
            " that."
            if how and admits(seen.gateway, seen.namespace, {**labels, **wanted})
            else "Have the namespace admitted in allowedRoutes of the Gateway's listener."
        ),
    )


def _permissions(seen: PreflightFacts) -> Checks:
    by_place: dict[tuple[str, str | None], list[Need]] = {}
    for need in seen.allowed:
        # Whether a namespace may be made is asked of the cluster, whether it may be changed of itself.
        place = None if need.kind == "Namespace" else need.namespace
        by_place.setdefault((need.what, place), []).append(need)
    for (kind, namespace), wanted in by_place.items():
        where = f"{kind} in namespace {namespace}" if namespace else kind
        errors = [answer for answer in map(seen.allowed.get, wanted) if isinstance(answer, ApiError)]
        missing = [need.verb for need in wanted if seen.allowed[need] is False]
        if missing:
            verbs = ", ".join(missing)
            yield Checked(
                "permissions",
                FAILED,
                f"{where}: no permission to {verbs}",
                _remedy_of_permission(seen, namespace, kind),
            )
        elif errors:
            yield _refused("permissions", SKIPPED, errors[0])
        else:
            yield Checked("permissions", PASSED, f"{where}: {', '.join(need.verb for need in wanted)}")


def _remedy_of_permission(seen: PreflightFacts, namespace: str | None, kind: str) -> str:
    role = f"a Role in namespace {namespace}" if namespace else "a ClusterRole"
    advice = f"Ask for {role} that allows this"
    if seen.scope == "all" and namespace != seen.namespace:
        return f"{advice}, or set llamastack_maas_scope to project and have a platform user run the other scope."
    if seen.scope == "all" and kind != "Namespace":
        return f"{advice}, or set llamastack_maas_scope to platform and have the project run the other scope."
    return f"{advice}."


def _owners(seen: PreflightFacts) -> Checks:
    known = [dict(obj) for obj in seen.objects if is_known(obj)]
    foreign = apply.foreign_objects(known, seen.existing, take_over=seen.take_over)
    for ref, why in foreign:
        what, _stop, remedy = why.partition(". ")
        yield Checked("owners", FAILED, f"{ref} {what}", f"{remedy}.")
    unknown = [str(ref) for ref, current in seen.existing.items() if isinstance(current, ApiError)]
    if unknown:
        yield Checked("owners", SKIPPED, f"May not be read: {', '.join(unknown)}")
    elif len(known) < len(seen.objects):
        yield Checked("owners", SKIPPED, _UNKNOWN)
    elif known and not foreign:
        yield Checked("owners", PASSED, "No object of these names is unmanaged or of another instance set")


def _quota(seen: PreflightFacts) -> Checks:
    def problems(services: list[Object]) -> list[str]:
        names = {service["metadata"]["name"] for service in services}
        pods = [pod for pod in seen.pods if pod["metadata"]["labels"].get(LABEL_WORKLOAD_OF) in names]
        absent = [obj for obj in seen.objects if seen.existing.get(Ref.of(dict(obj)), obj) is None]
        new = [obj for obj in absent if obj["metadata"].get("namespace") == seen.namespace]
        return pod_admission.over_quota(services, pods, seen.quotas) + pod_admission.over_count(new, seen.quotas)

    remedy = "Raise the ResourceQuota, remove what is not needed, or lower resources of the instances."
    yield from _pods("quota", seen, (seen.quotas, seen.pods), problems, remedy)


def _limit_range(seen: PreflightFacts) -> Checks:
    remedy = "Adjust resources of the instance, or have the LimitRange changed."
    yield from _pods(
        "limit_range",
        seen,
        (seen.limit_ranges,),
        lambda services: pod_admission.out_of_range(services, seen.limit_ranges),
        remedy,
    )


def _pods(
    check: str,
    seen: PreflightFacts,
    read: t.Iterable[t.Sequence[Object] | ApiError],
    judge: t.Callable[[list[Object]], list[str]],
    remedy: str,
) -> Checks:
    """Whether the namespace takes the pods by what was ``read`` of it."""
    services = [obj for obj in seen.objects if obj["kind"] == "LLMInferenceService"]
    unread = [each for each in read if isinstance(each, ApiError)]
    if not services:
        return
    if seen.given["problems"]:
        yield Checked(check, SKIPPED, "Not known before the input is corrected")
    elif not all(map(is_known, services)):
        yield Checked(check, SKIPPED, _UNKNOWN)
    elif unread:
        yield _unseen(check, f"What namespace {seen.namespace} grants its pods", unread[0])
    else:
        problems = judge(services)
        for problem in problems:
            yield Checked(check, FAILED, problem, remedy)
        if not problems:
            yield Checked(check, PASSED, f"Nothing in namespace {seen.namespace} stops the pods")


def _dry_run(seen: PreflightFacts) -> Checks:
    taken: list[str] = []
    untried: dict[str, list[str]] = {}
    for trial, answer in seen.tried:
        what = (
            f"{trial.kind} in namespace {trial.namespace}"
            if trial.kind != "Namespace"
            else f"Namespace {trial.namespace}"
        )
        if not isinstance(answer, ApiError):
            if trial.obj:
                taken.append(trial.kind)
            else:
                untried.setdefault(trial.why, []).append(what)
        elif answer.is_dry_run_unsupported or answer.is_lacking_permission or answer.is_missing_namespace:
            untried.setdefault(answer.outcome, []).append(what)
        else:
            yield _refused("dry_run", FAILED, answer)
    for why, kinds in untried.items():
        yield Checked("dry_run", SKIPPED, f"Not tried: {', '.join(kinds)}: {why}")
    if taken:
        kinds = ", ".join(dict.fromkeys(taken))
        yield Checked("dry_run", PASSED, f"The API server would take what a dry run sent it, one of each: {kinds}")


def _has_token(seen: PreflightFacts) -> bool:
    return seen.token_given or seen.has_token


def _caller(seen: PreflightFacts) -> Checks:
    if seen.scope == "platform":
        return
    if seen.token_given:
        yield Checked("caller", PASSED, "MaaS would be called with llamastack_maas_token")
    elif seen.settings["prober"]:
        yield Checked("caller", PASSED, f"MaaS would be called by a ServiceAccount of namespace {seen.namespace}")
    elif seen.api_error:
        yield Checked("caller", SKIPPED, "Whether the Kubernetes credential has a bearer token could not be seen")
    elif seen.has_token:
        yield Checked("caller", PASSED, "MaaS would be called with the bearer token of the Kubernetes credential")
    else:
        yield Checked(
            "caller",
            FAILED,
            "MaaS takes a bearer token, and the Kubernetes credential has none to lend",
            "Give llamastack_maas_token, or set llamastack_maas_prober: true.",
        )


def _maas(seen: PreflightFacts) -> Checks:
    if seen.scope == "platform":
        yield Checked("maas", SKIPPED, "Scope platform does not call MaaS")
    elif not seen.url:
        yield Checked(
            "maas",
            FAILED,
            "The URL of MaaS is not given, and what may be read of the cluster does not show it",
            "Set llamastack_maas_url to the address of the gateway, such as https://maas.apps.example.com.",
        )
    elif seen.ca_problem:
        yield Checked("maas", FAILED, seen.ca_problem, "Correct llamastack_maas_ca_file.")
    else:
        yield from _answer(seen)


_REMEDIES_OF_NO_ANSWER = {
    FAILURE_TLS: "Give the authority that signed the gateway's certificate as llamastack_maas_ca_file.",
    FAILURE_NAME: "Correct llamastack_maas_url, or the DNS of the machine that runs Ansible's tasks.",
    FAILURE_REFUSED: "Correct host and port of llamastack_maas_url, and look whether the gateway is up.",
    FAILURE_TIMEOUT: "Look at firewalls, proxies and the gateway's load balancer.",
    FAILURE_CONNECTION: "Look at the network, the proxy and the gateway.",
    FAILURE_URL: "Correct llamastack_maas_url.",
}


def _answer(seen: PreflightFacts) -> Checks:
    answer = seen.answers[-1]
    source = f" (URL: {seen.url_source})"
    if answer.failure:
        yield Checked("maas", FAILED, answer.describe() + source, _REMEDIES_OF_NO_ANSWER[answer.failure])
    elif answer.status == 404:
        remedy = "Correct llamastack_maas_url: something listens there, but no Models-as-a-Service."
        yield Checked("maas", FAILED, "; ".join(each.describe() for each in seen.answers) + source, remedy)
    elif answer.status not in ANSWERS:
        remedy = "Correct llamastack_maas_url, or look at the gateway and at maas-api behind it."
        yield Checked("maas", FAILED, answer.describe() + source, remedy)
    elif not seen.validate_certs or answer.url.startswith("http://"):
        said = f"{answer.method} {answer.url} answered {answer.status}, but its certificate was not verified{source}"
        remedy = "Use https and llamastack_maas_ca_file: whoever answers there is sent the caller's token."
        yield Checked("maas", WARNING, said, remedy)
    else:
        said = f"{answer.method} {answer.url} answered {answer.status} with a trusted certificate{source}"
        yield Checked("maas", PASSED, said)


def _refused(check: str, state: str, error: ApiError) -> Checked:
    return Checked(check, state, f"{error.method} {error.url}: {error.outcome}", api_errors.remedy(error))


def _unseen(check: str, what: str, error: ApiError) -> Checked:
    """That something may not be read need not be mended: many who deploy have no permission for it."""
    return Checked(check, SKIPPED, f"{what} could not be read ({error.status} {error.reason})")
