# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(litemaas_render): the objects of LiteMaaS as files for GitOps. It needs no cluster, and writes no Secret."""

from __future__ import annotations

import os

from ansible_collections.llamastack.maas.plugins.module_utils.base import yaml_text
from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings, Problem
from ansible_collections.llamastack.maas.plugins.module_utils.base.rendered_dir import HEADER
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import installation as given, variables
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.litemaas_check import LitemaasInput, LitemaasNeeds
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas import installation
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas.parts import Blueprint
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import (
    Arguments,
    Held,
    Object,
    Plan,
    RunInput,
    RunOutcome,
    Step,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.litemaas import LitemaasVerb

_KUSTOMIZATION = "kustomization.yaml"


def _problems(checked: LitemaasInput, seen: Object, request: RunInput) -> list[Problem]:
    completed = given.complete(checked.values, {})
    checked.warnings.extend(completed.findings.warnings)
    findings = Findings()
    findings.errors.extend(completed.findings.errors)
    if not checked.values["render_dir"]:
        findings.at(f"{variables.PREFIX}render_dir").error(
            "is missing; give the directory, in the working copy of a repository, for the files"
        )
    values = checked.values
    # Where no router can be asked for the host that it gives, the backend has to be told.
    if values["app"] is not None and not values["app_host"] and values["expose"] == given.ROUTE:
        findings.at("litemaas_app_host").error("is missing: no cluster is read that would show the host of its Route")
    return findings.errors


def _complete(plan: Plan, checked: LitemaasInput) -> None:
    completed = given.complete(checked.values, {}).installation
    urls = {name: f"https://{completed[name]}" if completed[name] else None for name in ("host", "app_host")}
    made_of = Blueprint(completed, {}, urls["host"], urls["app_host"])
    header = f"{HEADER} for set {completed['set']} of namespace {completed['namespace']}; what is changed here is lost."
    files: dict[str, str] = {}
    for phase in installation.PHASES:
        for obj in installation.objects(phase, made_of):
            if obj["kind"] == "Secret" and not obj.get("type", "").startswith("kubernetes.io/"):
                continue
            name = f"{obj['kind'].lower()}-{obj['metadata']['name']}.yaml"
            files[f"{phase if phase != installation.MIGRATION else installation.GATEWAY}/{name}"] = yaml_text.dump(obj)
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": sorted(files),
    }
    files[_KUSTOMIZATION] = yaml_text.dump(kustomization)
    secrets = [{"name": each["name"], "keys": list(each["fields"])} for each in installation.generated(completed)]
    client = (completed["app"] or {}).get("client_secret")
    if client:
        secrets.append({"name": client["name"], "keys": [client["key"]]})
    plan.notes["rendered"] = {
        "header": header,
        "files": {path: f"{header}\n{text}" for path, text in sorted(files.items())},
        "seeds": {},
        "secrets": secrets,
    }


def _files(plan: Plan, held: Held) -> Arguments:
    made = plan.notes["rendered"]
    # Modules run in the folder of the playbook, not in that of the user.
    path = os.path.realpath(os.path.expanduser(plan.values["render_dir"]))
    return {"path": path, **{key: made[key] for key in ("header", "files", "seeds")}}


def _outcome(plan: Plan) -> RunOutcome:
    made, to = plan.notes["rendered"], plan.values["render_dir"]
    found = {key: plan.returned("files")[key] for key in ("written", "removed", "left")}
    to_be = "to be " if plan.check_mode else ""
    return RunOutcome(
        published={"dir": to, **found, "secrets": made["secrets"]},
        lines=[
            f"{to}: {len(made['files'])} files, {len(found['written'])} {to_be}written,"
            f" {len(found['removed'])} {to_be}removed",
            *(f"left alone, for it is not of this rendering: {path}" for path in found["left"]),
            *(
                f"needed in namespace {plan.settings['namespace']}: Secret {each['name']} with {', '.join(each['keys'])}"
                for each in made["secrets"]
            ),
            "",
            "Next: make these Secrets once, never to be changed, by the playbook litemaas_deploy --tags secrets or in a store"
            " of yours; commit the directory, and let Argo CD or kubectl apply --server-side -k apply it. Content comes by"
            " the playbook litemaas_content.",
        ],
    )


VERB = LitemaasVerb(
    name="litemaas_render",
    published="render",
    needs=lambda request: LitemaasNeeds(content=False, credentials=False, writes=("render_dir",)),
    problems=_problems,
    complete=_complete,
    steps={"files": Step("rendered_dir", _files, connects=False)},
    outcome=_outcome,
)
