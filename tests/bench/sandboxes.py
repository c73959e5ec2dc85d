# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandboxes that measures run on, each made for one measure and gone after it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox import images, kserve, lifecycle
from sandbox.processes import Processes
from scenarios.harness import Sandbox

from . import stand_in


@contextmanager
def running(release: str = kserve.DEFAULT, image: Path | None = None) -> Iterator[Sandbox]:
    """A sandbox of the newest generation of MaaS; ``image`` is the folder that stands for every image."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        folder, own = Path(scratch) / "sandbox", Path(scratch) / "scratch"
        own.mkdir()
        before = os.environ.get("SANDBOX_KSERVE")
        os.environ["SANDBOX_KSERVE"] = release
        try:
            state = lifecycle.up(folder, "b2", dict.fromkeys(images.LOCKS, str(image)) if image else None)
            yield Sandbox(folder, state, own)
        finally:
            lifecycle.down(folder)
            os.environ.pop("SANDBOX_KSERVE") if before is None else os.environ.update(SANDBOX_KSERVE=before)


@contextmanager
def api_server_only() -> Iterator[Sandbox]:
    """A sandbox in which nothing reacts to what is written: no KServe, no MaaS, no node."""
    with running(kserve.NONE) as sandbox:
        processes = Processes(sandbox.folder)
        for daemon in lifecycle.DAEMONS:
            processes.stop(daemon)
        yield sandbox


@contextmanager
def with_stand_ins() -> Iterator[Sandbox]:
    """A sandbox whose instances are stand-ins for OGX, of which it can run many."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        with running(image=stand_in.make_image(Path(scratch) / "image")) as sandbox:
            yield sandbox
