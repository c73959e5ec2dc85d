# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imitates one thing of the Open Data Hub operator: ConfigMap ``odh-trusted-ca-bundle`` in every namespace.

The bundle holds the certificate authority of the sandbox, which signs the gateway, the egress proxy's far providers and
the API server. Deviations: every namespace gets it, none can opt out, and a hand edit is undone at the next change of
the namespace only.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
from pathlib import Path

from .kube import ApiError, Kube

NAME, KEY = "odh-trusted-ca-bundle", "ca-bundle.crt"


async def serve(folder: Path) -> None:
    """Give the bundle to each namespace, now and later."""
    state = json.loads((folder / "state.json").read_text())
    bundle = Path(state["ca"]).read_text()
    async with Kube(state) as kube:
        async for event in kube.watch("v1/namespaces"):
            namespace = event.object["metadata"]["name"]
            if event.type == "DELETED" or event.object["metadata"].get("deletionTimestamp"):
                continue
            metadata = {
                "name": NAME,
                "namespace": namespace,
                "labels": {"app.kubernetes.io/part-of": "opendatahub-operator"},
            }
            try:
                await kube.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {KEY: bundle}})
            except ApiError as error:
                if error.status not in (403, 404):  # the namespace is going
                    raise
            (folder / "run" / "trusted_ca.ready").touch()


async def _until_terminated(folder: Path) -> None:
    task = asyncio.current_task()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await serve(folder)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.trusted_ca", description=__doc__.splitlines()[0])
    parser.add_argument("--dir", type=Path, required=True, help="folder of the sandbox")
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(_until_terminated(parser.parse_args().dir))


if __name__ == "__main__":
    main()
