# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: kustomization
short_description: Build the files of a kustomization of instances
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Returns files from which C(kustomize build) makes the very objects that this collection applies, but for Secrets and
    the revision of their content. The operations of the overlays are those of
    P(llamastack.maas.provider_env_patches#filter).
  - The same input gives the same files. None holds the value of a credential.
  - Needs no cluster. What the objects depend on there must be among the settings, as V(render_cluster).
positional: _input
options:
  _input:
    description:
      - What P(llamastack.maas.instances#filter) returned, problems included.
      - Its settings say with V(render_secrets), V(render_revisions) and V(render_argocd) what is written beside the
        objects.
    type: dict
    required: true
seealso:
  - module: llamastack.maas.rendered_dir
  - plugin: llamastack.maas.instances
    plugin_type: filter
  - plugin: llamastack.maas.provider_env_patches
    plugin_type: filter
"""

EXAMPLES = r"""
---
- name: Show the kustomization of an overlay
  vars:
    settings:
      scope: project
      render_cluster:
        generation: b2
        service_version: serving.kserve.io/v1alpha2
        storage_initializer: true
    checked: "{{ llamastack_maas_instances | llamastack.maas.instances(settings=settings, check_credentials=false) }}"
    rendered: "{{ checked | llamastack.maas.kustomization }}"
  ansible.builtin.debug:
    msg: "{{ rendered.files['overlays/openai-prod/kustomization.yaml'] | from_yaml }}"
    # apiVersion: kustomize.config.k8s.io/v1beta1
    # kind: Kustomization
    # resources:
    #   - ../../base
    #   - configmap.yaml
    #   - maasmodelref.yaml
    # patches:
    #   - target:
    #       kind: LLMInferenceService
    #     path: patch.yaml
    #     options:
    #       allowNameChange: true
"""

RETURN = r"""
_value:
  description: The files, and what keeps them from being built.
  type: dict
  contains:
    header:
      description: The first line of every file, by which M(llamastack.maas.rendered_dir) knows it.
      type: str
    files:
      description: The text of each file by its path. Empty where there is any problem.
      type: dict
    seeds:
      description: The same, for files that are for somebody to fill in.
      type: dict
    secrets:
      description: The Secrets that the instances need and that are not among the files, with their keys.
      type: list
      elements: dict
      sample:
        - name: openai-prod-credentials
          keys: [api_key]
    problems:
      description: What is wrong, as dictionaries with C(path) and C(message), those of the input first.
      type: list
      elements: dict
    message:
      description: All problems as one text, a line each.
      type: str
"""

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import format_problems
from ansible_collections.llamastack.maas.plugins.plugin_utils.gitops import kustomize, options as render_input
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.build import build


def kustomization(checked: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The files for the result of the filter C(instances)."""
    instances, settings = checked["instances"], checked["settings"]
    options, findings = render_input.complete(settings, instances)
    if not checked["problems"]:
        render_input.refuse_empty(instances, findings)
    problems = [*checked["problems"], *findings.errors]
    if problems:
        rendered = kustomize.Rendered("", {}, {})
    else:
        rendered = kustomize.render(instances, build("kustomization", settings, None), options)
    return {
        **rendered._asdict(),
        "secrets": kustomize.secrets_needed(instances, settings, options),
        "problems": problems,
        "message": format_problems(problems),
    }


class FilterModule:
    """Ansible's way to find the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"kustomization": kustomization}
