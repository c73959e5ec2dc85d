# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What kustomize builds out of the rendered files is what deploy applies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.check import CheckedInput, Needs, check
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.render import rendered
from sandbox.toolchain import KUSTOMIZE, ensure
from tools.built import objects as objects_of

KEY = "sk-render-0123456789abcdef"
REVISION = "LLAMASTACK_MAAS_CREDENTIALS_REVISION"

CLUSTERS = {
    "a": {"service_version": "serving.kserve.io/v1alpha1", "storage_initializer": False, "namespace_labels": {}},
    "b1": {"service_version": "serving.kserve.io/v1alpha2", "storage_initializer": True, "namespace_labels": {}},
    "b2": {
        "service_version": "serving.kserve.io/v1alpha2",
        "storage_initializer": True,
        "namespace_labels": {"maas.opendatahub.io/gateway-access": "true"},
    },
}

# Everything that makes an instance differ from the base, and texts that a careless writer of YAML turns into
# something else.
INSTANCES = [
    {"name": "plain", "provider": "openai", "api_key_env": "RENDER_TEST_KEY", "models": ["gpt-4o"]},
    {
        "name": "full",
        "provider": "gemini",
        "credentials_secret": {"name": "corp", "keys": {"api_key": "token"}},
        "models": ["gemini-2.5-flash"],
        "replicas": 3,
        "resources": {"limits": {"cpu": 2, "memory": "1Gi"}},
        "image": "registry.example.com/ogx:1.5.0",
        "display_name": "12e3",
        "description": "yes: a 'text' # with ${everything}\nof two lines",
    },
    {"name": "files", "provider": "vertex", "credentials": {"key": "{}"}, "models": ["on"], "published_model": "on"},
    {
        "name": "open",
        "provider": "openai_compatible",
        "settings": {"base_url": "https://llm.example.com/v1"},
        "models": ["0o17"],
        "display_name": "\U0001f680 \U0001f469\u200d\U0001f4bb \u4e2d\u00fc",
        "description": "\U00020bb7\xa0\u2028\ufeff\U0010ffff \\ud83d",
    },
]
SETTINGS = {
    "prober": True,
    "tenant": "prod",
    "image_pull_secrets": ["pull"],
    "egress": {"proxy": "http://proxy.example.com:3128", "ca_bundle": {"name": "trusted"}},
    # A provider whose credential is a file.
    "providers": {
        "vertex": {"type": "remote::vertexai", "credentials": {"key": {"file": "key.json", "env": "KEY_FILE"}}}
    },
}


@pytest.fixture(scope="session")
def kustomize() -> Path:
    return ensure(KUSTOMIZE) / "bin" / "kustomize"


def build(kustomize: Path, directory: Path) -> dict[Ref, dict]:
    """The objects that kustomize builds."""
    result = subprocess.run([kustomize, "build", directory], check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    built = list(yaml.safe_load_all(result.stdout))
    assert len({Ref.of(obj) for obj in built}) == len(built)
    return {Ref.of(obj): obj for obj in built}


def write(directory: Path, made: dict) -> Path:
    for path, text in {**made["files"], **made["seeds"]}.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text)
    return directory


def applied(checked: CheckedInput, revisions: dict[str, str] | None = None) -> dict[Ref, dict]:
    """What deploy applies, phase by phase, without the Secrets."""
    instances, settings = checked.instances, checked.settings
    objects = objects_of(instances, "registration", settings)
    if settings["scope"] != "project":
        objects += objects_of([], "namespace", settings)
    if settings["scope"] != "platform":
        objects += objects_of(instances, "instances", settings, revisions)
    return {Ref.of(obj): obj for obj in objects}


@pytest.mark.parametrize("scope", ["all", "platform", "project"])
@pytest.mark.parametrize("generation", CLUSTERS)
def test_kustomize_builds_what_deploy_applies(kustomize, tmp_path, generation, scope):
    settings = {**SETTINGS, "scope": scope, "render_cluster": {"generation": generation, **CLUSTERS[generation]}}
    checked = check(INSTANCES, settings, {}, Needs(credentials=False))
    assert checked.problems == []
    assert build(kustomize, write(tmp_path, rendered(checked))) == applied(checked)


def test_a_revision_that_is_told_is_where_deploy_puts_its_own(kustomize, tmp_path):
    cluster = {"generation": "b2", **CLUSTERS["b2"]}
    settings = {**SETTINGS, "render_cluster": cluster, "render_revisions": {"corp": "1234567890123e45"}}
    checked = check(INSTANCES, settings, {}, Needs(credentials=False))
    built = build(kustomize, write(tmp_path, rendered(checked)))
    assert built == applied(checked, {"llm/corp": "1234567890123e45"})
    assert REVISION in repr(built)


def test_what_makes_the_secrets_is_built_beside_the_instances(kustomize, tmp_path):
    for kind, more in (("ExternalSecret", {"store": {"name": "vault"}}), ("SealedSecret", {})):
        settings = {
            **SETTINGS,
            "render_cluster": {"generation": "b2", **CLUSTERS["b2"]},
            "render_secrets": {"kind": kind, **more},
        }
        checked = check(INSTANCES, settings, {}, Needs(credentials=False))
        built = build(kustomize, write(tmp_path / kind, rendered(checked)))
        made = {ref for ref in built if ref.kind == kind}
        assert {ref.name for ref in made} == {"plain-credentials", "files-credentials"}
        assert {ref: obj for ref, obj in built.items() if ref not in made} == applied(checked)


def test_the_playbook_renders_without_a_cluster_and_a_second_run_changes_nothing(kustomize, tmp_path):
    given = {
        "llamastack_maas_instances": INSTANCES,
        "llamastack_maas_render_dir": "gitops",
        "llamastack_maas_render_cluster": {"generation": "b2", **CLUSTERS["b2"]},
        **{f"llamastack_maas_{name}": value for name, value in SETTINGS.items()},
    }

    def play(*options: str, **changes) -> str:
        (tmp_path / "given.yml").write_text(yaml.safe_dump(given | changes))
        command = [
            Path(sys.executable).with_name("ansible-playbook"),
            "llamastack.maas.render",
            "-e",
            "@given.yml",
            "-vvv",
        ]
        # Nothing listens there: a run that looked for a cluster would fail.
        own = {"KUBECONFIG": "/nonexistent", "K8S_AUTH_HOST": "http://127.0.0.1:1", "RENDER_TEST_KEY": KEY}
        environment = os.environ | own | {"ANSIBLE_NOCOLOR": "1"}
        result = subprocess.run(
            [*command, *options], cwd=tmp_path, env=environment, check=False, capture_output=True, text=True
        )
        assert result.returncode == 0, result.stdout + result.stderr
        assert KEY not in result.stdout + result.stderr
        return " ".join(result.stdout.split())

    assert "changed=1" in play("--diff")
    assert "changed=0" in play()
    checked = check(
        INSTANCES, SETTINGS | {"render_cluster": given["llamastack_maas_render_cluster"]}, {}, Needs(credentials=False)
    )
    assert build(kustomize, tmp_path / "gitops") == applied(checked)
    assert not any(KEY in path.read_text() for path in (tmp_path / "gitops").rglob("*.yaml"))
    # An overlay that has no instance any more goes, and what somebody put there stays.
    (tmp_path / "gitops/overlays/open/mine.yaml").write_text("mine")
    fewer = play(llamastack_maas_instances=INSTANCES[:3])
    assert "left alone, for it is not of this rendering: overlays/open/mine.yaml" in fewer
    assert [path.name for path in (tmp_path / "gitops/overlays/open").iterdir()] == ["mine.yaml"]
    assert Ref("v1", "ConfigMap", "llm", "open-config") not in build(kustomize, tmp_path / "gitops")
