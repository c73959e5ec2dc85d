# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that the sandbox runs, built once and kept outside the checkout.

Go programs come from the modules pinned in ``go/<component>/go.mod`` and ``go.sum``. A build is keyed by these two files
and the Go release, so a second clone of the same state finds it. What KServe's module carries besides code (CRDs,
webhook registrations, presets) is laid beside its program.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tools.venvs import cache_dir, exclusive, report

GO_MODULES = Path(__file__).parent / "go"
KUBERNETES = "v1.34.2"
STAMP = "k8s.io/component-base/version"


@dataclass(frozen=True)
class Component:
    """A folder of pinned Go modules: its programs by the name that the sandbox uses, and files kept from the modules."""

    name: str
    programs: dict[str, str]  # name in the sandbox -> package
    minutes: int  # a cold build on two cores
    files: dict[str, tuple[str, str]] = field(default_factory=dict)  # folder in the cache -> (module, glob)
    pinned: str = ""  # the folder of pinned modules, where it is not called as the component is

    @property
    def modules(self) -> Path:
        """The folder with go.mod and go.sum."""
        return GO_MODULES / (self.pinned or self.name)


CONTROL_PLANE = Component(
    "controlplane",
    {
        "etcd": "go.etcd.io/etcd/server/v3",
        "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
        "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
        "kubectl": "k8s.io/kubernetes/cmd/kubectl",
    },
    minutes=6,
)
_LLMISVC = {"llmisvc": "github.com/kserve/kserve/cmd/llmisvc"}
_DEFINITIONS = {
    "crds/kserve": ("github.com/kserve/kserve", "config/crd/full/llmisvc/serving.kserve.io_*.yaml"),
    "crds/gateway": ("sigs.k8s.io/gateway-api", "config/crd/standard/gateway.networking.k8s.io_[ghr]*.yaml"),
}
_CONTROLLER_FILES = _DEFINITIONS | {
    "presets": ("github.com/kserve/kserve", "config/llmisvcconfig/config-*.yaml"),
    "webhooks": ("github.com/kserve/kserve", "config/webhook/llmisvc/manifests.yaml"),
}
KSERVE = Component("kserve", _LLMISVC, minutes=9, files=_CONTROLLER_FILES)
KSERVE_0_17 = Component("kserve-0.17", _LLMISVC, minutes=9, files=_CONTROLLER_FILES)
#: Definitions only: that controller needs a gateway that our users do not use, and its webhook refuses what they write.
KSERVE_0_16 = Component("kserve-0.16", {}, minutes=1, files=_DEFINITIONS)
#: Definitions only, for a cluster that has KServe and nothing of ours: also those of its other kind of service.
KSERVE_KINDS = Component(
    "kserve-kinds",
    {},
    minutes=1,
    files={
        "crds/kserve": ("github.com/kserve/kserve", "config/crd/full/llmisvc/serving.kserve.io_*.yaml"),
        "crds/more": ("github.com/kserve/kserve", "config/crd/full/serving.kserve.io_inferenceservices.yaml"),
    },
    pinned="kserve",
)
#: Definitions only: OpenShift's own kind of route.
OPENSHIFT = Component(
    "openshift",
    {},
    minutes=1,
    files={"crds": ("github.com/openshift/api", "route/v1/zz_generated.crd-manifests/routes.crd.yaml")},
)
#: Not run by the sandbox: what GitOps tools build our rendered files with.
KUSTOMIZE = Component("kustomize", {"kustomize": "sigs.k8s.io/kustomize/kustomize/v5"}, minutes=1)
#: Definitions only, for what is rendered beside those files; they are no part of a sandbox.
ARGO_CD = Component(
    "argocd", {}, minutes=1, files={"crds": ("github.com/argoproj/argo-cd/v3", "manifests/crds/application*-crd.yaml")}
)


def ensure(component: Component) -> Path:
    """Return the folder with the component's programs in ``bin/`` and its files, building what is not there."""
    modules = component.modules
    target = cache_dir() / "go" / f"{component.name}-{_key(modules)}"
    with exclusive(target.with_name(f"{target.name}.lock")):
        if (target / "complete").exists():
            return target
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            work = Path(scratch) / "new"
            (work / "bin").mkdir(parents=True)
            missing = {
                name: package for name, package in component.programs.items() if not _ready_made(name, work / "bin")
            }
            if missing:
                _build(component, modules, missing, work / "bin")
            for folder, (module, pattern) in component.files.items():
                _keep_files(modules, module, pattern, work / folder)
            (work / "complete").touch()
            work.rename(target)
    return target


def _build(component: Component, modules: Path, programs: dict[str, str], bin_dir: Path) -> None:
    minor = KUBERNETES.split(".")[1]
    ldflags = f"-s -w -X {STAMP}.gitVersion={KUBERNETES} -X {STAMP}.gitMajor=1 -X {STAMP}.gitMinor={minor}"
    environment = os.environ | {"CGO_ENABLED": "0", "GOBIN": str(bin_dir)}
    what = f"building {', '.join(programs)} from Go modules (about {component.minutes} minutes the first time on two cores)"
    with announced(what):
        command = ["go", "install", "-trimpath", "-ldflags", ldflags, *programs.values()]
        result = subprocess.run(command, cwd=modules, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        raise SystemExit(f"{' '.join(command[:2])} in {modules} failed:\n{result.stderr[-4000:]}")
    for name, package in programs.items():
        built = bin_dir / _program_name(package)
        if built.name != name:
            built.rename(bin_dir / name)


def _program_name(package: str) -> str:
    """The name that ``go install`` gives: the last path element that is not a major version."""
    elements = [element for element in package.split("/") if not re.fullmatch(r"v\d+", element)]
    return elements[-1]


def _ready_made(name: str, bin_dir: Path) -> bool:
    """Link a program of KUBEBUILDER_ASSETS or PATH when it is of the pinned minor version (etcd: any 3.5 or newer)."""
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    if name not in CONTROL_PLANE.programs:
        return False
    for folder in [assets] if assets else []:
        if _fits(name, Path(folder) / name):
            (bin_dir / name).symlink_to(Path(folder) / name)
            return True
    on_path = shutil.which(name)
    if on_path and _fits(name, Path(on_path)):
        (bin_dir / name).symlink_to(on_path)
        return True
    return False


def _fits(name: str, program: Path) -> bool:
    arguments = ["version", "--client"] if name == "kubectl" else ["--version"]
    try:
        printed = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=20, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False
    if name == "etcd":
        return re.search(r"etcd Version: 3\.([5-9]|\d\d)", printed) is not None
    return re.search(re.escape(KUBERNETES.rsplit(".", 1)[0]) + r"\.\d+", printed) is not None


def _keep_files(modules: Path, module: str, pattern: str, folder: Path) -> None:
    command = ["go", "mod", "download", "-json", module]
    result = subprocess.run(command, cwd=modules, check=False, capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(f"{' '.join(command)} in {modules} failed:\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
    source = Path(json.loads(result.stdout)["Dir"])
    folder.mkdir(parents=True)
    found = sorted(source.glob(pattern))
    if not found:
        raise SystemExit(f"module {module} holds no {pattern}")
    for file in found:
        (folder / file.name).write_bytes(file.read_bytes())


def _key(modules: Path) -> str:
    digest = hashlib.sha256(KUBERNETES.encode())
    for name in ("go.mod", "go.sum"):
        digest.update((modules / name).read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def announced(what: str, every: float = 30.0):
    """Say what is being done, that it goes on, and how long it took."""
    start = time.monotonic()
    done = threading.Event()

    def remind() -> None:
        while not done.wait(every):
            report(f"  still {what.split(' (')[0]}, {time.monotonic() - start:.0f} s")

    report(what)
    reminder = threading.Thread(target=remind, daemon=True)
    reminder.start()
    try:
        yield
    finally:
        done.set()
        reminder.join()
    report(f"… {time.monotonic() - start:.0f} s")
