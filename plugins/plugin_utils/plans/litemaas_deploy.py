# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(litemaas_deploy): from a namespace to a gateway that answers, and the pages where users help themselves."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Problem
from ansible_collections.llamastack.maas.plugins.module_utils.base.text import wrapped
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import encode, revision
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import names
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import installation as given
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.litemaas_check import LitemaasInput, LitemaasNeeds
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas import gateway, installation
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas.installation import (
    APP,
    DATABASE,
    GATEWAY,
    MIGRATION,
    NAMESPACE,
    SECRETS,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas.parts import Blueprint
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import litemaas_looks as looks
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import (
    Arguments,
    Held,
    Object,
    Plan,
    PlanError,
    RunInput,
    RunOutcome,
    Step,
    chosen,
    is_applied,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.litemaas import LitemaasVerb
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.litemaas_content import (
    CONTENT,
    content_arguments,
    content_lines,
    content_published,
    refuse_to_empty,
)

# The pages are told of models at their start, so those come before.
PHASES = (NAMESPACE, SECRETS, DATABASE, MIGRATION, GATEWAY, CONTENT, APP)

# What each task of the playbook applies, in their order.
_APPLIED = {
    "namespace": NAMESPACE,
    "database": DATABASE,
    "migration": MIGRATION,
    "gateway": GATEWAY,
    "pages": APP,
    "app": APP,
}
_EXPOSING = ("Route", "Ingress")

# Kinds of which something may be left when a part is no longer wanted. Secrets stay: what they encrypted may be needed.
_PRUNABLE = (
    ("v1", "Service"),
    ("v1", "ConfigMap"),
    ("v1", "ServiceAccount"),
    ("apps/v1", "Deployment"),
    ("policy/v1", "PodDisruptionBudget"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("networking.k8s.io/v1", "Ingress"),
    ("route.openshift.io/v1", "Route"),
)


def cluster_arguments(request: RunInput, values: Object) -> Arguments:
    """How M(llamastack.maas.litemaas_info) is asked."""
    return {
        "namespace": values["namespace"],
        "set": values["set"],
        "secrets": given.secret_names(values),
        "salt_secret": values["secrets"]["litellm"]["name"],
    }


def problems(checked: LitemaasInput, seen: Object, request: RunInput) -> list[Problem]:
    """What is wrong with the installation on this cluster."""
    findings = given.complete(checked.values, seen, request.environment).findings
    checked.warnings.extend(findings.warnings)
    return findings.errors


def complete(plan: Plan, checked: LitemaasInput) -> None:
    """The installation and its objects by phase, as far as they are known before anything is written."""
    plan.settings["installation"] = given.complete(checked.values, plan.cluster).installation
    plan.masking = {"patterns": [], "secrets": sorted(plan.cluster.get("secrets", {}))}
    plan.objects = {phase: _objects(phase, plan, _planned(plan)) for phase in plan.phases}
    if CONTENT in plan.phases and _has_content(plan):
        refuse_to_empty(plan)


def needs(request: RunInput) -> LitemaasNeeds:
    """Whoever deploys a part alone has no lists, and no keys of providers."""
    brings = CONTENT in chosen(request.phases or PHASES, request.run_tags, request.skip_tags)
    return LitemaasNeeds(content=brings, credentials=brings)


def _has_content(plan: Plan) -> bool:
    return any(plan.content.values()) or plan.values["prune_all"]


def _planned(plan: Plan) -> Blueprint:
    """What the objects are built from, as far as the cluster shows it already."""
    seen = plan.cluster
    return Blueprint(plan.settings["installation"], seen.get("revisions", {}), seen.get("url"), seen.get("app_url"))


def blueprint(plan: Plan, held: Held) -> Blueprint:
    """What the objects are built from by what the steps have found: Secrets that were made, hosts that were given."""
    planned, namespace = _planned(plan), plan.settings["namespace"]
    revisions = dict(planned.revisions)
    for name, digits in plan.returned("secrets").get("revisions", {}).items():
        revisions[name.partition("/")[2]] = digits
    for name, values in _secret_data(plan, held).items():
        revisions[name.partition("/")[2]] = revision(namespace, name.partition("/")[2], encode(values))
    waited = plan.returned("ready")
    return planned._replace(
        revisions=revisions,
        url=waited.get("url") or planned.url,
        app_url=waited.get("app_url") or planned.app_url,
    )


def _objects(phase: str, plan: Plan, made_of: Blueprint) -> list[Object]:
    found = installation.objects(phase, made_of)
    fingerprint = salt(plan)
    if phase == DATABASE and fingerprint:
        found.append(installation.salt_object(made_of.installation, fingerprint))
    return found


def salt(plan: Plan) -> str | None:
    """The fingerprint of the salt: of the Secret that was made, or that is there."""
    settings = plan.settings["installation"]
    secret = f"{settings['namespace']}/{settings['secrets']['litellm']['name']}"
    made = plan.returned("secrets").get("secrets", {}).get(secret) or {}
    return (made.get("fingerprints") or {}).get(names.SALT_KEY) or plan.cluster.get("salt", {}).get("now")


def _secret_data(plan: Plan, held: Held) -> dict[str, dict[str, str]]:
    """The values of the Secrets whose values the user gives in the environment."""
    settings = plan.settings["installation"]
    variable = (settings["app"] or {}).get("client_secret_env")
    value = held.environment.get(variable) if variable else None
    return {f"{settings['namespace']}/{names.OIDC_SECRET}": {names.OAUTH_CLIENT_SECRET: value}} if value else {}


def _apply(step: str) -> Step:
    phase = _APPLIED[step]

    def arguments(plan: Plan, held: Held) -> Arguments | None:
        first = plan.whole and not any(plan.done.get(other) for other in _APPLIED)
        if phase not in plan.phases and not first:
            return None
        objects = _objects(phase, plan, blueprint(plan, held)) if phase in plan.phases else []
        if step == "pages":
            # Their host is part of what the backend is configured with.
            objects = [obj for obj in objects if obj["kind"] in _EXPOSING]
        if not first and (not objects or _is_applied(phase, objects, plan)):
            return None
        found: Arguments = {"objects": objects, "force_conflicts": plan.values["force_conflicts"]}
        wanted = {
            f"{obj['metadata']['namespace']}/{obj['metadata']['name']}" for obj in objects if obj["kind"] == "Secret"
        }
        data = {name: values for name, values in _secret_data(plan, held).items() if name in wanted}
        if data:
            found["secret_data"] = data
        if first:
            # The first one refuses for all of them, sees for which there is anything to do, and what is no longer wanted.
            found["objects_to_come"] = [
                obj for other in plan.phases if other != phase for obj in _unique(plan.objects[other], objects)
            ]
            found["leftovers_of"] = _leftovers(plan)
        return found

    return Step("kube_apply", arguments)


def _unique(objects: t.Iterable[Object], others: t.Sequence[Object]) -> list[Object]:
    return [obj for obj in objects if obj not in others]


def _is_applied(phase: str, objects: list[Object], plan: Plan) -> bool:
    """Whether these were tried, as they are now, by the first apply, and are there as they are to be."""
    as_tried = all(obj in plan.objects[phase] for obj in objects)
    return as_tried and is_applied(objects, plan.returned("namespace").get("to_apply"))


def _leftovers(plan: Plan) -> Object:
    settings = plan.settings["installation"]
    wanted = [names.SHARED, names.DATABASE, names.GATEWAY, *[names.APP] * bool(settings["app"])]
    return {
        "namespace": settings["namespace"],
        "set": names.set_label(settings["set"]),
        "kinds": [
            {"api_version": api_version, "kind": kind, "namespace": settings["namespace"]}
            for api_version, kind in _PRUNABLE
        ],
        "instances": wanted,
    }


def _secrets(plan: Plan, held: Held) -> Arguments | None:
    if SECRETS not in plan.phases:
        return None
    return {"secrets": installation.generated(plan.settings["installation"])}


def waited(plan: Plan, held: Held, objects: list[Object]) -> Arguments | None:
    """How these objects are awaited."""
    if not objects:
        return None
    return {
        "namespace": plan.settings["namespace"],
        "set": plan.settings["set"],
        "objects": [_reference(obj) for obj in objects],
        "wait_timeout": plan.values["wait_timeout"],
        **looks.masking(plan, held),
    }


def _reference(obj: Object) -> Object:
    metadata = {key: obj["metadata"][key] for key in ("name", "namespace")}
    return {"apiVersion": obj["apiVersion"], "kind": obj["kind"], "metadata": metadata}


_AWAITED = ("StatefulSet", "Job", "Deployment", *_EXPOSING)


def awaited(plan: Plan, *phases: str) -> list[Object]:
    """Of the objects of phases those that are at work at some time."""
    found = [obj for phase in phases for obj in installation.objects(phase, _planned(plan))]
    return [obj for obj in found if obj["kind"] in _AWAITED]


def _migrated(plan: Plan, held: Held) -> Arguments | None:
    if MIGRATION not in plan.phases or not gateway.migrates(plan.settings["installation"]):
        return None
    return waited(plan, held, awaited(plan, DATABASE, MIGRATION))


def _ready(plan: Plan, held: Held) -> Arguments | None:
    """The gateway, and where its callers and the users of the pages find it."""
    found = awaited(plan, *(phase for phase in (DATABASE, GATEWAY) if phase in plan.phases))
    if APP in plan.phases:
        found += [obj for obj in awaited(plan, APP) if obj["kind"] in _EXPOSING]
    return waited(plan, held, found)


def _content(plan: Plan, held: Held) -> Arguments | None:
    if CONTENT not in plan.phases or not _has_content(plan):
        return None
    if not (plan.returned("ready").get("url") or plan.url):
        if plan.check_mode:
            return None
        raise PlanError(
            "litemaas_url: is missing, and the gateway is not exposed, so nothing here knows how to reach it. Give the URL by"
            " which this machine reaches it, or leave the content to the playbook litemaas_content."
        )
    return content_arguments(plan, held)


def _app_ready(plan: Plan, held: Held) -> Arguments | None:
    return waited(plan, held, awaited(plan, APP)) if APP in plan.phases else None


def _prune(plan: Plan, held: Held) -> Arguments | None:
    """A Job of an image before this one is done with. What else is no longer wanted goes where that is asked for."""
    objects = []
    if MIGRATION in plan.phases:
        settings = plan.settings["installation"]
        wanted = gateway.migration_name(settings) if gateway.migrates(settings) else None
        objects += [_job(name, settings) for name in plan.cluster.get("jobs", []) if _is_stale(name, wanted)]
    left = plan.returned("namespace").get("leftovers", {})
    if plan.values["prune"]:
        objects += [obj for part in left.values() for obj in part]
    if not objects:
        return None
    return {"objects": objects, "wait_timeout": plan.values["wait_timeout"], "fail_left": False}


def _is_stale(name: str, wanted: str | None) -> bool:
    return name.startswith(f"{names.MIGRATION}-") and name != wanted


def _job(name: str, settings: Object) -> Object:
    labels = names.object_labels(names.GATEWAY, settings)
    metadata = {"name": name, "namespace": settings["namespace"], "labels": labels}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata}


def _changes(plan: Plan) -> dict[str, list[str]]:
    """By part, what was changed of it, each as C(<kind> <action>)."""
    found: dict[str, list[str]] = {}
    for step in _APPLIED:
        for obj in plan.returned(step).get("objects", []):
            if obj["changed"]:
                found.setdefault(obj["instance"] or names.SHARED, []).append(f"{obj['action']} {obj['kind']}")
    part_of = {each["name"]: each["labels"] for each in installation.generated(plan.settings["installation"])}
    for name, each in plan.returned("secrets").get("secrets", {}).items():
        if each["made"]:
            labels = part_of[name.partition("/")[2]]
            part = next(part for part in (names.GATEWAY, names.DATABASE, names.APP) if part in labels.values())
            found.setdefault(part, []).append(f"{each['action']} Secret")
    return found


def _states(plan: Plan) -> dict[str, str]:
    """By part, whether it is at work."""
    settings = plan.settings["installation"]
    parts = {names.DATABASE: DATABASE, names.GATEWAY: GATEWAY, names.APP: APP}
    found = {}
    waited = [each for step in ("ready", "app_ready") for each in plan.returned(step).get("objects", [])]
    by_part = {
        names.DATABASE: ("StatefulSet",),
        names.GATEWAY: (names.LITELLM,),
        names.APP: (names.BACKEND, names.FRONTEND, names.APP_ROUTE),
    }
    for part, phase in parts.items():
        if part == names.APP and not settings["app"]:
            continue
        own = [each for each in waited if each["kind"] in by_part[part] or each["name"] in by_part[part]]
        if part == names.DATABASE and settings["database"]["external"]:
            found[part] = "external"
        elif plan.check_mode:
            found[part] = "planned"
        elif own:
            found[part] = next((each["state"] for each in own if not each["ready"]), "ready")
        else:
            found[part] = "skipped" if phase not in plan.phases else "unknown"
    return found


def access(plan: Plan) -> dict[str, t.Any]:
    """Where the gateway is, and who gets in by what: never the value of a password."""
    settings = plan.settings["installation"]
    waited = plan.returned("ready")
    url = waited.get("url") or plan.url
    secret = settings["secrets"]["litellm"]["name"]
    return {
        "url": url,
        "admin_url": f"{url}/ui/" if url else None,
        "app_url": waited.get("app_url") or plan.cluster.get("app_url"),
        "user": plan.cluster.get("user") or "admin",
        "password": {"secret": secret, "namespace": settings["namespace"], "key": names.UI_PASSWORD},
        "master_key": {"secret": secret, "namespace": settings["namespace"], "key": names.MASTER_KEY},
    }


def access_lines(found: t.Mapping[str, t.Any], settings: Object) -> list[str]:
    """The same for people."""
    service = f"http://{names.LITELLM}.{settings['namespace']}.svc:{names.LITELLM_PORT}"
    password, key = found["password"], found["master_key"]
    lines = [
        f"callers     {found['url'] + '/v1' if found['url'] else f'{service}/v1, within the cluster only'}",
        f"admin page  {found['admin_url'] or f'{service}/ui/'}",
        f"  user      {found['user']}",
        f"  password  Secret {password['namespace']}/{password['secret']}, key {password['key']}",
        f"master key  Secret {key['namespace']}/{key['secret']}, key {key['key']}",
    ]
    if settings["app"]:
        lines.append(f"LiteMaaS    {found['app_url'] or 'has no host yet'}")
    return lines


def _outcome(plan: Plan) -> RunOutcome:
    settings, changes, states = plan.settings["installation"], _changes(plan), _states(plan)
    parts = {
        part: {"state": states.get(part, "planned" if plan.check_mode else "applied"), "changed": changes.get(part, [])}
        for part in (*states, *[names.SHARED] * (names.SHARED in changes))
    }
    width, state_width = max(map(len, [*parts, "PART"])), max(len(each["state"]) for each in parts.values())
    lines = [f"{'PART':<{width}}  {'STATE':<{state_width}}  CHANGED"]
    for part, each in parts.items():
        head = f"{part:<{width}}  {each['state']:<{state_width}}  "
        lines += wrapped(head, _in_words(each["changed"]), len(head))
    found = access(plan)
    content = content_lines(plan) if plan.returned(CONTENT) else []
    lines += ["", *(f"  {line}" for line in content), *[""] * bool(content), *access_lines(found, settings)]
    left = plan.returned("namespace").get("leftovers", {})
    for part, objects in left.items():
        kinds = ", ".join(f"{obj['kind']} {obj['metadata']['name']}" for obj in objects)
        what = "Pruned" if plan.values["prune"] else "Left as it is, and no longer asked for"
        more = "" if plan.values["prune"] else ". With llamastack_maas_prune it is removed"
        lines.append(f"{what}: {part} ({kinds}){more}.")
    pruning = plan.returned("prune")
    stays = pruning.get("lines", []) if pruning.get("left") else []
    return RunOutcome(
        published={
            "namespace": settings["namespace"],
            "parts": parts,
            **found,
            **({CONTENT: content_published(plan)} if content else {}),
        },
        lines=lines,
        problem="\n".join(["Not everything could be deleted:", *stays]) if stays else "",
    )


def _in_words(changes: t.Iterable[str]) -> str:
    kinds: dict[str, list[str]] = {}
    for change in changes:
        action, _blank, kind = change.partition(" ")
        found = kinds.setdefault(action, [])
        if kind not in found:
            found.append(kind)
    return "; ".join(f"{action} {', '.join(named)}" for action, named in kinds.items()) or "nothing"


VERB = LitemaasVerb(
    name="litemaas_deploy",
    published="deployment",
    phases=PHASES,
    needs=needs,
    cluster=cluster_arguments,
    problems=problems,
    complete=complete,
    steps={
        "namespace": _apply("namespace"),
        "secrets": Step("kube_secret_generate", _secrets, returns=("secrets",)),
        "database": _apply("database"),
        "migration": _apply("migration"),
        "migrated": Step("litemaas_wait_ready", _migrated),
        "gateway": _apply("gateway"),
        "pages": _apply("pages"),
        "ready": Step("litemaas_wait_ready", _ready, returns=("objects",)),
        CONTENT: Step("litellm_content", _content),
        "app": _apply("app"),
        "app_ready": Step("litemaas_wait_ready", _app_ready, returns=("objects",)),
        "prune": Step("kube_delete", _prune),
    },
    outcome=_outcome,
)
