# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of a deployment as the files of a kustomization.

    kustomization.yaml          everything: shared and all overlays
    base/                       the LLMInferenceService that all instances start from
    overlays/<instance>/        the operations that make the instance out of it, and the objects that are its own
    shared/                     what belongs to no instance: the Namespace, the prober's ServiceAccount
    argocd.yaml                 where asked for; not part of the kustomization

Nothing is built here that is not applied elsewhere: the objects come from C(manifests.py) and the generation, the
operations are those of C(patches.py). As there, what is not in the scope is left out.
"""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base import yaml_text
from ansible_collections.llamastack.maas.plugins.module_utils.base.rendered_dir import HEADER
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import (
    Generation,
    registration_of_all,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.gitops import objects as gitops_objects
from ansible_collections.llamastack.maas.plugins.plugin_utils.gitops.options import EXTERNAL_SECRET, Options
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests import instances as manifests
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.instances import Build

Object = t.Dict[str, t.Any]
Instance = t.Mapping[str, t.Any]
Contents = t.Dict[str, t.Any]

_KUSTOMIZATION = "kustomization.yaml"
_PATCH = "patch.yaml"


class Rendered(t.NamedTuple):
    """C(files) and C(seeds) are texts by path, in the order of the paths.

    A file begins with C(header), by which it is known as ours, and is written anew each time. A seed is for somebody
    to fill in, so it is written once and is theirs from then on.
    """

    header: str
    files: dict[str, str]
    seeds: dict[str, str]


def render(instances: t.Sequence[Instance], build: Build, options: Options) -> Rendered:
    """The files of all instances. Raises ValueError without C(build.generation)."""
    build = build._replace(revisions=options.revisions)
    ordered = sorted(instances, key=lambda instance: instance["name"])
    overlays = {f"overlays/{each['name']}": _overlay(each, build, options) for each in ordered}
    directories = {"shared": _resources(_shared_objects(build)), **overlays}
    directories = {path: contents for path, contents in directories.items() if contents}
    if _in_scope("project", build):
        directories["base"] = _resources([manifests.base_object(build.settings)])
    directories[""] = _kustomization([path for path in directories if path != "base"])
    header = _header(build.settings)
    files = {
        f"{directory}/{name}".lstrip("/"): f"{header}\n{yaml_text.dump(content)}"
        for directory, contents in directories.items()
        for name, content in contents.items()
    }
    if options.argocd:
        has_shared = "shared" in directories
        objects = gitops_objects.argocd_objects(options.argocd, build.settings["namespace"], has_shared)
        files["argocd.yaml"] = f"{header}\n" + "---\n".join(map(yaml_text.dump, objects))
    return Rendered(header, dict(sorted(files.items())), _seeds(ordered, build, options))


def secrets_needed(
    instances: t.Iterable[Instance], settings: t.Mapping[str, t.Any], options: Options
) -> list[dict[str, t.Any]]:
    """The Secrets that nothing of the files makes, C([{name, keys}]), in the order of their names."""
    keys: dict[str, set[str]] = {}
    for instance in instances if settings["scope"] != "platform" else []:
        secret = instance["credentials"]["secret"]
        if secret and not (options.secrets and _needs_secret(instance)):
            keys.setdefault(secret["name"], set()).update(field["key"] for field in instance["credentials"]["fields"])
    return [{"name": name, "keys": sorted(keys[name])} for name in sorted(keys)]


def _header(settings: t.Mapping[str, t.Any]) -> str:
    return f"{HEADER} for set {settings['set']} of namespace {settings['namespace']}; what is changed here is lost."


def _in_scope(part: str, build: Build) -> bool:
    return build.settings["scope"] in ("all", part)


def _shared_objects(build: Build) -> list[Object]:
    objects = [manifests.namespace_object(build.settings)] if _in_scope("platform", build) else []
    return objects + _parts(registration_of_all(_generation(build), [], build.settings), build)


def _generation(build: Build) -> Generation:
    if build.generation is None:
        raise ValueError("the generation of MaaS must be known to render")
    return build.generation


def _parts(parts: t.Mapping[str, list[Object]], build: Build) -> list[Object]:
    return [obj for part, objects in parts.items() if _in_scope(part, build) for obj in objects]


def _overlay(instance: Instance, build: Build, options: Options) -> Contents:
    objects = _parts(_generation(build).registration(instance, build.settings), build)
    if not _in_scope("project", build):
        return _resources(objects)
    objects.insert(0, manifests.config_map(instance, build.registry))
    resources = []
    if _needs_secret(instance) and options.secrets:
        if options.secrets["kind"] == EXTERNAL_SECRET:
            objects.append(gitops_objects.external_secret(instance, options.secrets))
        else:
            resources.append(_file_name(gitops_objects.sealed_secret(instance)))
    contents = _resources(objects)
    contents[_KUSTOMIZATION]["resources"] = ["../../base", *contents[_KUSTOMIZATION]["resources"], *resources]
    contents[_KUSTOMIZATION]["patches"] = [
        {"target": {"kind": ownership.INFERENCE_SERVICE}, "path": _PATCH, "options": {"allowNameChange": True}}
    ]
    contents[_PATCH] = manifests.instance_patches(instance, build)
    return contents


def _seeds(instances: t.Iterable[Instance], build: Build, options: Options) -> dict[str, str]:
    if not options.secrets or options.secrets["kind"] == EXTERNAL_SECRET or not _in_scope("project", build):
        return {}
    sealed = {each["name"]: gitops_objects.sealed_secret(each) for each in instances if _needs_secret(each)}
    return {f"overlays/{name}/{_file_name(obj)}": yaml_text.dump(obj) for name, obj in sealed.items()}


def _needs_secret(instance: Instance) -> bool:
    """Whether the instance's Secret is one that a deployment by us would write."""
    return bool(manifests.secret_objects([instance]))


def _resources(objects: t.Sequence[Object]) -> Contents:
    """The files of a directory of objects, each of a kind of its own; none where there is no object."""
    files = {_file_name(obj): obj for obj in objects}
    return {**_kustomization(list(files)), **files} if files else {}


def _file_name(obj: Object) -> str:
    return f"{obj['kind'].lower()}.yaml"


def _kustomization(resources: t.Sequence[str]) -> Contents:
    return {
        _KUSTOMIZATION: {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": list(resources),
        }
    }
