# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(render): the objects as files for GitOps. It needs no cluster."""

from __future__ import annotations

import os

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Problem
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import check, variables
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.instances import Build
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.maas import MaasVerb


def problems(checked: check.CheckedInput) -> list[Problem]:
    """What is wrong with the settings of a rendering."""
    # No other run needs it.
    from ansible_collections.llamastack.maas.plugins.plugin_utils.gitops import options

    findings = options.complete(checked.settings, checked.instances)[1]
    if not checked.problems:
        options.refuse_empty(checked.instances, findings)
    if not checked.values["render_dir"]:
        findings.at(f"{variables.PREFIX}render_dir").error(
            "is missing; give the directory, in the working copy of a repository, for the files"
        )
    return findings.errors


def rendered(checked: check.CheckedInput) -> base.Object:
    """The files of a sound input, as the options of M(llamastack.maas.rendered_dir), and the C(secrets) they need."""
    from ansible_collections.llamastack.maas.plugins.plugin_utils.gitops import kustomize, options

    chosen = options.complete(checked.settings, checked.instances)[0]
    build = Build(checked.settings, checked.registry, checked.generation)
    return {
        **kustomize.render(checked.instances, build, chosen)._asdict(),
        "secrets": kustomize.secrets_needed(checked.instances, checked.settings, chosen),
    }


def _complete(plan: base.Plan, checked: check.CheckedInput, secrets: base.Object) -> None:
    plan.notes["rendered"] = rendered(checked)


def _files(plan: base.Plan, held: base.Held) -> base.Arguments:
    made = plan.notes["rendered"]
    # Modules run in the folder of the playbook, not in that of the user.
    path = os.path.realpath(os.path.expanduser(plan.values["render_dir"]))
    return {"path": path, **{key: made[key] for key in ("header", "files", "seeds")}}


def _outcome(plan: base.Plan) -> base.RunOutcome:
    made, to = plan.notes["rendered"], plan.values["render_dir"]
    found = {key: plan.returned("files")[key] for key in ("written", "removed", "left")}
    to_be = "to be " if plan.check_mode else ""
    return base.RunOutcome(
        published={"dir": to, **found, "secrets": made["secrets"]},
        lines=[
            f"{to}: {len(made['files'])} files, {len(found['written'])} {to_be}written,"
            f" {len(found['removed'])} {to_be}removed",
            *(f"left alone, for it is not of this rendering: {path}" for path in found["left"]),
            *(
                f"needed in namespace {plan.settings['namespace']}: Secret {secret['name']} with"
                f" {', '.join(secret['keys'])}"
                for secret in made["secrets"]
            ),
            "",
            "Next: commit the directory, and let Argo CD or kubectl apply --server-side -k apply it.",
        ],
    )


VERB = MaasVerb(
    name="render",
    published="render",
    needs=lambda request, values: check.Needs(credentials=False, writes=("render_dir",)),
    reads_cluster=lambda request: False,
    problems=problems,
    complete=_complete,
    steps={"files": base.Step("rendered_dir", _files, connects=False)},
    outcome=_outcome,
)
