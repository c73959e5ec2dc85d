# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make artifact``: what users install, built, installed into empty environments and used from there.

It is imported as Galaxy and Automation Hub would, and becomes part of an execution environment's build context, too.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import yaml

from tools import kubernetes_core
from tools.dev_venv import CHECKOUT
from tools.oldest_venv import ensure_oldest_venv
from tools.sanity import copy_tree
from tools.venvs import ensure_venv

_REQUIREMENTS = CHECKOUT / "tests" / "requirements"
_DEFINITION = CHECKOUT / "docs" / "examples" / "execution-environment.yml"
_FOLDERS = {"module": "modules", "filter": "filter"}
_INSTANCES = CHECKOUT / "docs" / "examples" / "instances.yml"
_CLUSTER = {
    "generation": "b2",
    "service_version": "serving.kserve.io/v1alpha2",
    "storage_initializer": True,
    "namespace_labels": {"maas.opendatahub.io/gateway-access": "true"},
}
_BAD = {"llamastack_maas_instances": [{"name": "Bad", "provider": "opnai"}], "llamastack_maas_namespce": "llm"}
_COMPLAINTS = ("llamastack_maas_instances[0].name", "llamastack_maas_instances[0].provider", "llamastack_maas_namespce")


class Ansible(NamedTuple):
    """An ansible-core in an environment that does not see the working tree, and the kubernetes.core beside it."""

    programs: Path
    kubernetes_core: Path


def ansibles() -> list[Ansible]:
    """The newest that is supported and, where this machine has a Python for it, the oldest."""
    found = [Ansible(ensure_venv(_REQUIREMENTS / "dev.txt") / "bin", kubernetes_core.ensure_kubernetes_core())]
    oldest = ensure_oldest_venv()
    if oldest is None:
        print("no Python 3.10 to 3.12, which ansible-core 2.16 needs: the oldest is left out")
        return found
    return [*found, Ansible(oldest / "bin", kubernetes_core.ensure_kubernetes_core(kubernetes_core.OLDEST))]


def build(scratch: Path, programs: Path) -> Path:
    """Build from a copy of what git would commit, so that nothing else of the checkout can get in."""
    source = scratch / "source"
    copy_tree(source)
    _run([programs / "ansible-galaxy", "collection", "build", source, "--output-path", scratch])
    (artifact,) = scratch.glob("*.tar.gz")
    return artifact


class Installed:
    """The artifact in a folder of its own, and a user who has nothing else: no configuration, no cluster."""

    def __init__(self, artifact: Path, scratch: Path, ansible: Ansible) -> None:
        self._programs, self.collections, self._home = ansible.programs, scratch / "collections", scratch / "home"
        (self.collections / "ansible_collections" / "kubernetes").mkdir(parents=True)
        self._home.mkdir()
        shutil.copytree(ansible.kubernetes_core, self.collections / "ansible_collections" / "kubernetes" / "core")
        self.run("ansible-galaxy", "collection", "install", artifact, "--offline", "-p", self.collections)

    def run(self, program: str, *arguments: str | Path, code: int = 0) -> str:
        kept = {name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ}
        environment = kept | {
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_NOCOLOR": "1",
            "HOME": str(self._home),
            "PATH": os.defpath,
            "K8S_AUTH_HOST": "https://127.0.0.1:1",
        }
        return _run([self._programs / program, *arguments], code=code, env=environment, cwd=self._home)

    def check(self) -> str:
        """Find, document and run what is in it; returns the version of ansible-core."""
        names = [f"llamastack.maas.{playbook.stem}" for playbook in sorted((CHECKOUT / "playbooks").glob("*.yml"))]
        self.run("ansible-playbook", "--syntax-check", *names)
        for kind, folder in _FOLDERS.items():
            plugins = [f"llamastack.maas.{file.stem}" for file in (CHECKOUT / "plugins" / folder).glob("*.py")]
            documented = json.loads(self.run("ansible-doc", "--json", "--type", kind, *plugins))
            _expect(set(documented) == set(plugins), f"ansible-doc knows the {kind} plugins {sorted(documented)} only")
        roles = {f"llamastack.maas.{role.name}" for role in (CHECKOUT / "roles").iterdir()}
        documented = json.loads(self.run("ansible-doc", "--json", "--type", "role", "--list", "llamastack.maas"))
        _expect(set(documented) == roles, f"ansible-doc knows the roles {sorted(documented)} only")

        refused = self.run("ansible-playbook", "llamastack.maas.preflight", "-e", json.dumps(_BAD), code=2)
        for words in (*_COMPLAINTS, "K8S_AUTH_*"):
            _expect(words in refused, f"preflight does not say {words}:\n{refused}")
        rendered = self._home / "gitops"
        given = json.dumps({"llamastack_maas_render_dir": str(rendered), "llamastack_maas_render_cluster": _CLUSTER})
        self.run("ansible-playbook", "llamastack.maas.render", "-e", f"@{_INSTANCES}", "-e", given)
        _expect(any(rendered.rglob("kustomization.yaml")), "render wrote no kustomization.yaml")
        return re.search(r"\[core ([\d.]+)", self.run("ansible", "--version"))[1]


def import_check(artifact: Path, scratch: Path) -> None:
    """Run galaxy-importer; SystemExit where it says anything but that all is well."""
    environment = ensure_venv(_REQUIREMENTS / "galaxy-importer.txt")
    # The importer shows ansible-doc only the artifact; doc fragments of kubernetes.core are found on the Python path.
    root = kubernetes_core.ensure_kubernetes_core().parents[2]
    variables = os.environ | {"PATH": f"{environment / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(root)}
    command = [environment / "bin" / "python", "-m", "galaxy_importer.main", artifact]
    result = subprocess.run(
        command, cwd=scratch, env=variables, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    complaints = re.findall(r"^(?:ERROR|WARNING): .*$", result.stdout, re.MULTILINE)
    if result.returncode or complaints:
        raise SystemExit("\n".join(["galaxy-importer:", *(complaints or [result.stdout])]))


def execution_environment(artifact: Path, collections: Path, scratch: Path) -> None:
    """Let ansible-builder make the build context of the example, and say what the installed collections need.

    The image itself is not built: that takes a container engine and the base image.
    """
    programs = ensure_venv(_REQUIREMENTS / "ansible-builder.txt") / "bin"
    folder = scratch / "execution-environment"
    folder.mkdir()
    for file in (artifact, _DEFINITION):
        shutil.copy(file, folder)
    _run([programs / "ansible-builder", "create"], cwd=folder)
    context = folder / "context"
    wanted = yaml.safe_load((context / "_build" / "requirements.yml").read_text())["collections"]
    for collection in wanted:
        _expect((context / "_build" / collection["name"]).is_file(), f"the build context has no {collection['name']}")
    found = yaml.safe_load(_run([programs / "ansible-builder", "introspect", collections]))
    ours = {line.split("#")[0].strip() for line in found["python"] if "from collection llamastack.maas" in line}
    needed = set((CHECKOUT / "meta" / "ee-requirements.txt").read_text().split())
    _expect(ours == needed, f"ansible-builder finds {sorted(ours)}, the collection needs {sorted(needed)}")


def _expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise SystemExit(otherwise)


def _run(command: list[str | Path], *, code: int = 0, **options) -> str:
    """The output of a command that ends with C(code)."""
    result = subprocess.run(
        command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )
    if result.returncode != code:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {result.returncode}:\n{result.stdout}")
    return result.stdout


def main() -> None:
    """Fails at the first thing that a user, or Galaxy, would refuse."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        newest, *others = ansibles()
        artifact = build(scratch, newest.programs)
        print(f"built {artifact.name}, {artifact.stat().st_size // 1024} KiB", flush=True)
        for number, ansible in enumerate([newest, *others]):
            (scratch / str(number)).mkdir()
            installed = Installed(artifact, scratch / str(number), ansible)
            print(f"installed it, documented and ran it on ansible-core {installed.check()}", flush=True)
        execution_environment(artifact, installed.collections, scratch)
        print("ansible-builder takes the example of an execution environment", flush=True)
        import_check(artifact, scratch)
        print("galaxy-importer has nothing to say against it")


if __name__ == "__main__":
    main()
