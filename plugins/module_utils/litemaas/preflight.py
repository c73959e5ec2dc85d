# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What would stop a deployment of LiteMaaS, judged before anything is written. What could not be seen is skipped with the
reason, never passed."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.llamastack.maas.plugins.module_utils.base.checks import FAILED, PASSED, SKIPPED, WARNING
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import apply, dry_run, errors as api_errors
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster, in_parallel
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref

Object = t.Mapping[str, t.Any]
Permission = t.Tuple[str, str, t.Optional[str], str]
"""API version, kind, namespace and verb."""

# What the wait looks at beside the objects that are written.
_WATCHED = (("v1", "Pod"), ("v1", "PersistentVolumeClaim"), ("v1", "Event"))


class Finding(t.NamedTuple):
    """The outcome of one check."""

    check: str
    state: str
    detail: str
    remedy: str = ""


@dataclass(frozen=True)
class InstallationFacts:
    """What was seen. Nothing of the cluster counts where ``api_error`` is set.

    ``problems`` and ``warnings``: of the input, and of the input on this cluster; ``cluster``: what M(litemaas_info)
    returned; ``objects``: what would be applied, and ``secrets``, those that would be made once.
    """

    problems: t.Sequence[Object]
    warnings: t.Sequence[Object]
    cluster: Object
    objects: t.Sequence[Object] = ()
    secrets: t.Sequence[Object] = ()
    namespace: str = ""
    api_error: t.Optional[ApiError] = None
    api_url: str = ""
    api_verified: bool = True
    user: t.Optional[str] = None
    unserved: t.Collection[tuple[str, str]] = ()
    in_cluster: t.Any = None
    existing: t.Mapping[Ref, t.Any] = field(default_factory=dict)
    allowed: t.Mapping[Permission, t.Any] = field(default_factory=dict)
    tried: t.Sequence[tuple[dry_run.Trial, t.Any]] = ()
    take_over: bool = False


Findings = t.Iterator[Finding]


def look(open_cluster: t.Callable[[], Cluster], params: t.Mapping[str, t.Any]) -> InstallationFacts:
    """Ask the API server by reads, reviews and dry runs, as the options of module C(litemaas_preflight) say."""
    given = {key: params[key] for key in ("problems", "warnings", "cluster", "objects", "secrets", "namespace")}
    given["take_over"] = params["force_conflicts"]
    try:
        cluster = open_cluster()
        user = _user(cluster)
        missing = cluster.unserved(params["objects"])
        served = [obj for obj in params["objects"] if (obj["apiVersion"], obj["kind"]) not in missing]
        in_cluster = in_parallel([lambda: cluster.get("v1", "Namespace", params["namespace"])])[0]
        wanted = permissions([*served, *params["secrets"]], params["namespace"])
        answers = in_parallel([lambda p=permission: _allowed(cluster, p) for permission in wanted])
        allowed = dict(zip(wanted, answers))
        denied = {
            (kind, namespace)
            for (_version, kind, namespace, verb), answer in allowed.items()
            if verb in ("create", "patch") and answer is False
        }
        # Secrets are made by another module, and judged by what it does to one of them.
        existing = cluster.read(apply.refusable([*served, *params["secrets"]]), metadata_only=True)
        trials = dry_run.trials(
            [*served, *params["secrets"]],
            existing,
            {params["namespace"]: in_cluster},
            denied,
            [],
            params["force_conflicts"],
        )
        force = params["force_conflicts"]
        tried = in_parallel(
            [lambda t=trial: cluster.apply(t.obj, dry_run=True, force=force) if t.obj else None for trial in trials]
        )
    except ApiError as exc:
        return InstallationFacts(**given, api_error=exc)
    return InstallationFacts(
        **given,
        api_url=cluster.url,
        api_verified=cluster.is_verified,
        user=user,
        unserved=missing,
        in_cluster=in_cluster,
        existing=existing,
        allowed=allowed,
        tried=list(zip(trials, tried)),
    )


def permissions(objects: t.Iterable[Object], namespace: str) -> list[Permission]:
    """Those that a deployment needs: to write the objects, and to see what comes of them."""
    found: list[Permission] = []
    for obj in objects:
        where = obj["metadata"].get("namespace")
        verbs = ["get", "create", "patch"]
        if obj["kind"] == "Secret":
            verbs.append("update")
        found += [(obj["apiVersion"], obj["kind"], where, verb) for verb in verbs]
    found += [(api_version, kind, namespace, "list") for api_version, kind in _WATCHED]
    return list(dict.fromkeys(found))


def _allowed(cluster: Cluster, permission: Permission) -> bool:
    api_version, kind, namespace, verb = permission
    resource = cluster.path(api_version, kind).rpartition("/")[2]
    return cluster.allowed(verb, api_version.rpartition("/")[0], resource, namespace)


def _user(cluster: Cluster) -> str | None:
    try:
        return cluster.user().get("username")
    except ApiError as exc:
        if exc.status in (403, 404):
            return None
        raise


def results(seen: InstallationFacts) -> list[dict[str, str]]:
    """The results of all checks, in the order in which a deployment would meet them."""
    found = [*_input(seen), *_api(seen)]
    if not seen.api_error:
        for check in (_offered, _kinds, _namespace, _permissions, _owners, _tried):
            found += check(seen)
    return [each._asdict() for each in found]


def _input(seen: InstallationFacts) -> Findings:
    for problem in seen.problems:
        yield Finding("input", FAILED, f"{problem['path']}: {problem['message']}")
    for warning in seen.warnings:
        yield Finding("input", WARNING, f"{warning['path']}: {warning['message']}")
    if not seen.problems:
        yield Finding("input", PASSED, "Nothing is wrong with the variables, on this cluster")


def _api(seen: InstallationFacts) -> Findings:
    if seen.api_error:
        yield _refused("api", FAILED, seen.api_error)
        yield Finding("cluster", SKIPPED, "Nothing that needs the API server was checked")
        return
    yield Finding("api", PASSED, f"{seen.api_url} answers, to {seen.user or 'a user that it does not name'}")
    if not seen.api_verified:
        yield Finding("api", WARNING, *api_errors.unverified(seen.api_url))
    for problem in seen.cluster.get("problems") or []:
        yield Finding("cluster", FAILED, problem)


def _offered(seen: InstallationFacts) -> Findings:
    """What the cluster offers, and what of it is taken."""
    if "routes" not in seen.cluster:
        return
    yield Finding(
        "cluster", PASSED, f"The cluster has {'Routes' if seen.cluster['routes'] else 'no Routes: Ingresses'}"
    )
    by_kind = {obj["kind"]: obj for obj in seen.objects}
    if "StatefulSet" in by_kind:
        spec = by_kind["StatefulSet"]["spec"]["volumeClaimTemplates"][0]["spec"]
        taken, known = spec.get("storageClassName"), seen.cluster["storage_classes"]
        if known is None:
            yield Finding("storage", SKIPPED, "Storage classes may not be listed")
        elif taken:
            size = spec["resources"]["requests"]["storage"]
            yield Finding("storage", PASSED, f"The claim of {size} names storage class {taken}")
    salt = seen.cluster["salt"]
    if salt["stored"] and salt["stored"] == salt["now"]:
        yield Finding("salt", PASSED, "The salt is the one that the database was filled with")


def _kinds(seen: InstallationFacts) -> Findings:
    missing = [f"{kind} of {api_version}" for api_version, kind in sorted(seen.unserved)]
    if missing:
        yield Finding("kinds", FAILED, f"The cluster serves no {', no '.join(missing)}", "Have the cluster updated.")
    elif seen.objects:
        kinds = dict.fromkeys(obj["kind"] for obj in seen.objects)
        yield Finding("kinds", PASSED, f"The cluster serves {', '.join(kinds)}")
    else:
        yield Finding("kinds", SKIPPED, "What would be written is not known before the input is corrected")


def _namespace(seen: InstallationFacts) -> Findings:
    if isinstance(seen.in_cluster, ApiError):
        yield Finding(
            "namespace", SKIPPED, f"Namespace {seen.namespace} may not be read; it is taken for one that is there"
        )
    elif seen.in_cluster is None:
        yield Finding("namespace", PASSED, f"Namespace {seen.namespace} does not exist yet and would be made")
    elif seen.in_cluster["metadata"].get("deletionTimestamp"):
        yield Finding("namespace", FAILED, f"Namespace {seen.namespace} is being deleted", "Wait until it is gone.")
    else:
        yield Finding("namespace", PASSED, f"Namespace {seen.namespace} exists")


def _permissions(seen: InstallationFacts) -> Findings:
    by_kind: dict[tuple[str, str | None], list[Permission]] = {}
    for permission in seen.allowed:
        by_kind.setdefault((permission[1], permission[2]), []).append(permission)
    for (kind, namespace), wanted in by_kind.items():
        where = f"{kind} in namespace {namespace}" if namespace else kind
        missing = [each[3] for each in wanted if seen.allowed[each] is False]
        refused = [answer for answer in map(seen.allowed.get, wanted) if isinstance(answer, ApiError)]
        if missing:
            role = f"a Role in namespace {namespace}" if namespace else "a ClusterRole"
            remedy = f"Ask for {role} that allows this."
            # Without these a deployment is less well explained, and goes on.
            state = WARNING if (wanted[0][0], kind) in _WATCHED else FAILED
            yield Finding("permissions", state, f"{where}: no permission to {', '.join(missing)}", remedy)
        elif refused:
            yield _refused("permissions", SKIPPED, refused[0])
        else:
            yield Finding("permissions", PASSED, f"{where}: {', '.join(each[3] for each in wanted)}")


def _owners(seen: InstallationFacts) -> Findings:
    objects = [dict(obj) for obj in seen.objects]
    foreign = apply.foreign_objects(objects, seen.existing, take_over=seen.take_over)
    for ref, why in foreign:
        what, _stop, remedy = why.partition(". ")
        yield Finding("owners", FAILED, f"{ref} {what}", f"{remedy}.")
    unknown = [str(ref) for ref, current in seen.existing.items() if isinstance(current, ApiError)]
    if unknown:
        yield Finding("owners", SKIPPED, f"May not be read: {', '.join(unknown)}")
    elif objects and not foreign:
        yield Finding("owners", PASSED, "No object of these names is unmanaged or of another set")


def _tried(seen: InstallationFacts) -> Findings:
    taken: list[str] = []
    untried: dict[str, list[str]] = {}
    for trial, answer in seen.tried:
        if not isinstance(answer, ApiError):
            if trial.obj:
                taken.append(trial.kind)
            else:
                untried.setdefault(trial.why, []).append(trial.kind)
        elif answer.is_dry_run_unsupported or answer.is_lacking_permission or answer.is_missing_namespace:
            untried.setdefault(answer.outcome, []).append(trial.kind)
        else:
            yield _refused("dry_run", FAILED, answer)
    for why, kinds in untried.items():
        yield Finding("dry_run", SKIPPED, f"Not tried: {', '.join(kinds)}: {why}")
    if taken:
        kinds = ", ".join(dict.fromkeys(taken))
        yield Finding("dry_run", PASSED, f"The API server would take what a dry run sent it, one of each: {kinds}")


def _refused(check: str, state: str, error: ApiError) -> Finding:
    return Finding(check, state, f"{error.method} {error.url}: {error.outcome}", api_errors.remedy(error))
