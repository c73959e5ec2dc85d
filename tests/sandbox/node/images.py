# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images that the node can run: folders whose programs come first on PATH, and what stands in for known families.

- LiteLLM: that of BerriAI in its variants and that of rh-aiservices-bu, of the releases that this sandbox has: the real
  program. Where the pod does not say on which address it listens, it is the pod's own.
- PostgreSQL: that of sclorg (rhel, centos) and that of docker-library: the real server, client and dump programs of this
  machine, whatever version the image names, behind an entrypoint of ours that behaves as the family's
  (`..entrypoints.postgres`).

- LiteMaaS 0.4.0, backend and frontend: the imitation in `..litemaas`.
- vLLM: the imitation of a server of one model in `..model_server`.

Any other image, and any other tag of these, cannot be pulled.
"""

from __future__ import annotations

import re
import shutil
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .pod import Pod

_LITELLM = re.compile(
    r"(?:ghcr\.io/berriai|docker\.litellm\.ai/berriai|(?:docker\.io/)?litellm|quay\.io/rh-aiservices-bu)/"
    r"litellm(?:-database|-non_root|-non-root)?:(?:main-|litellm_[a-z_]+-)?v?(?P<version>\d+\.\d+\.\d+)(?:-[\w.-]+)?"
    r"(?:@sha256:[0-9a-f]{64})?"
)
_TAG = r"(?::(?:latest|\d[\w.-]*))?(?:@sha256:[0-9a-f]{64})?"
_SCLORG = re.compile(rf"(?:registry\.redhat\.io/rhel\d+|quay\.io/sclorg)/postgresql-(?:1[3568])(?:-c\d+s)?{_TAG}")
_LIBRARY = re.compile(
    r"(?:docker\.io/|mirror\.gcr\.io/|public\.ecr\.aws/docker/)?(?:library/)?postgres:"
    r"1[3-8](?:\.\d+)?(?:-(?:alpine[\d.]*|bookworm|bullseye|trixie))?(?:@sha256:[0-9a-f]{64})?"
)
#: Images that a program of this sandbox stands in for -> how it is started.
_OURS = {
    "quay.io/rh-aiservices-bu/litemaas-backend:0.4.0": ("sandbox.litemaas", "backend"),
    "quay.io/rh-aiservices-bu/litemaas-frontend:0.4.0": ("sandbox.litemaas", "frontend"),
    "docker.io/vllm/vllm-openai:v0.11.0": ("sandbox.model_server",),
}
_LOCAL = ("localhost", "127.0.0.1")
_TO_LOCAL = re.compile(r"(?P<option>(?:(?<![\w-])-h ?|--host[= ]|\bhost=))(?:localhost|127\.0\.0\.1)(?![\w.-])")
_ENTRYPOINTS = Path(__file__).parents[1] / "entrypoints"
_TESTS = Path(__file__).parents[2]


@dataclass(frozen=True)
class Image:
    """``path`` comes first on PATH; without an ``entrypoint`` a container has to name its command."""

    path: tuple[str, ...]
    entrypoint: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM

    def words(self, container: Mapping[str, Any]) -> list[str]:
        """The command line of a container: its command and arguments, or the image's where it gives none."""
        command, arguments = container.get("command"), container.get("args")
        if command:
            return [*command, *(arguments or [])]
        return [*self.entrypoint, *(arguments or self.arguments)]

    def environment_of(self, pod: Pod, rewrite: Callable[[str], str]) -> dict[str, str]:
        """The image's own variables in a pod; paths in the image are rewritten as the pod's are."""
        places = {"address": pod.address, "namespace": pod.namespace, "uid": pod.uid}
        values = {name: value.format_map(places) for name, value in self.environment.items()}
        return values | {name: rewrite(path) for name, path in self.places.items()}

    def program(self, name: str) -> str:
        """A program that the pod names by a path that this machine does not have: that of the same name in the image."""
        if not name.startswith("/") or Path(name).exists():
            return name
        return shutil.which(Path(name).name, path=":".join(self.path)) or name

    def within(self, words: Sequence[str], pod: Pod) -> list[str]:
        """A command line of PostgreSQL's client: the pod's own loopback address, which is the machine's, is its socket."""
        if "PGHOST" not in self.environment:
            return list(words)
        socket = self.environment["PGHOST"].format(uid=pod.uid)
        return [
            socket if before in ("-h", "--host") and word in _LOCAL else _TO_LOCAL.sub(rf"\g<option>{socket}", word)
            for before, word in zip(["", *words], words, strict=False)
        ]


class Images:
    """What can be run.

    :arg folders: name of an image -> the folder that stands for it.
    :arg stand_ins: ``litellm``: release -> path and environment; ``postgres``: path of its programs and the folder of all
        volumes; ``services``: the file with the names of Services; ``router``: URL of the proxy to hosts of Routes.
    """

    def __init__(self, folders: Mapping[str, str], stand_ins: Mapping[str, Any]) -> None:
        self.named = list(folders)
        self._images = {name: Image((f"{folder}/bin",)) for name, folder in folders.items()}
        self._stand_ins = stand_ins

    def find(self, name: str) -> Image | None:
        """The image of that name; None where it cannot be pulled."""
        if name in self._images:
            return self._images[name]
        if found := _LITELLM.fullmatch(name):
            return self._litellm(found["version"])
        for family, pattern in (("sclorg", _SCLORG), ("library", _LIBRARY)):
            if pattern.fullmatch(name):
                return self._postgres(name, family)
        if name in _OURS and self._stand_ins:
            return self._ours(*_OURS[name])
        return None

    def starts_alone(self, name: str) -> bool:
        """Whether an image says itself what is started, or does not exist."""
        image = self.find(name)
        return image is None or bool(image.entrypoint)

    def _litellm(self, version: str) -> Image | None:
        release = (self._stand_ins.get("litellm") or {}).get(version)
        if release is None:
            return None
        path = tuple(release["path"])
        environment = {**release["environment"], **self._names(), "HOST": "{address}"}
        # LiteLLM of last year writes into the folder of its migrations at each start.
        places = {"LITELLM_MIGRATION_DIR": "/tmp/litellm_proxy_extras"}
        return Image(path, ("litellm",), ("--port", "4000"), environment, places)

    def _names(self, *more: Path) -> dict[str, str]:
        """What has a Python program resolve names of Services as it runs; ``more`` is where it finds its modules."""
        return {
            "PYTHONPATH": ":".join(map(str, (_ENTRYPOINTS / "names", *more))),
            "SANDBOX_SERVICES": self._stand_ins["services"],
            "SANDBOX_NAMESPACE": "{namespace}",
        }

    def _ours(self, module: str, *arguments: str) -> Image:
        environment = {**self._names(_TESTS), "HOST": "{address}", "SANDBOX_ROUTER": self._stand_ins["router"]}
        path = (str(Path(sys.executable).parent), self._stand_ins["postgres"]["path"])
        return Image(path, (sys.executable, "-m", module, *arguments), (), environment)

    def _postgres(self, name: str, family: str) -> Image | None:
        given = self._stand_ins.get("postgres")
        if given is None:
            return None
        socket = f"{given['volumes']}/{{uid}}"
        environment = {
            "SANDBOX_PYTHON": sys.executable,
            "SANDBOX_IMAGE": name,
            "SANDBOX_FAMILY": family,
            "SANDBOX_ADDRESS": "{address}",
            "SANDBOX_POSTGRES": given["path"],
            "SANDBOX_VOLUMES": given["volumes"],
            "SANDBOX_SOCKET": socket,
            # At the socket nobody is asked for a password: for what runs in the same pod.
            "PGHOST": socket,
            "PGUSER": "postgres",
        }
        if family == "sclorg":
            scripts = "/opt/app-root/src/postgresql"
            places = {"SANDBOX_INIT_SCRIPTS": f"{scripts}-init", "SANDBOX_START_SCRIPTS": f"{scripts}-start"}
            places["PGDATA"] = "/var/lib/pgsql/data/userdata"
        else:
            places = {"SANDBOX_INIT_SCRIPTS": "/docker-entrypoint-initdb.d"}
            own = "/var/lib/postgresql/18/docker" if re.search(r"postgres:18", name) else "/var/lib/postgresql/data"
            places["PGDATA"] = own
        programs = (str(_ENTRYPOINTS / "bin"), given["path"])
        entrypoint = ("run-postgresql" if family == "sclorg" else "docker-entrypoint.sh",)
        return Image(programs, entrypoint, (), environment, places, signal.SIGINT)
