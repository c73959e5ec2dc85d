# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m real_litellm up|down``: a LiteLLM that stays, from the command line."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
from pathlib import Path

from sandbox.processes import Processes
from tools.venvs import report

from . import releases
from .gateway import Gateway
from .postgres import Postgres

CHECKOUT = Path(__file__).resolve().parents[2]
_STATE = "gateway.json"


def up(folder: Path, version: str) -> None:
    """Start one in ``folder`` and say how to use it; one that runs is left as it is."""
    if (folder / _STATE).exists():
        runs = json.loads((folder / _STATE).read_text())
        if Processes(folder).alive(runs["name"]):
            raise SystemExit(f"LiteLLM {runs['version']} runs in {folder} already: {runs['url']}")
        down(folder)
    gateway = Gateway(folder, version)
    try:
        gateway.start()
        report(f"starting LiteLLM {version}, which takes up to a minute")
        litellm = gateway.litellm()
    except BaseException:
        gateway.stop()
        raise
    state = {"version": version, "name": litellm.name, "url": litellm.url, "postgres": str(gateway.postgres.folder)}
    (folder / _STATE).write_text(json.dumps(state | {"port": gateway.postgres.port}))
    _write_secret(folder / "key", litellm.key)
    exports = {
        "LITELLM_URL": litellm.url,
        "LITELLM_KEY": litellm.key,
        "LITELLM_DATABASE_URL": litellm.database_url,
        "LITELLM_PROVIDER_ADMIN": gateway.provider_admin,
        **{f"SANDBOX_{name.upper()}_KEY": keys[0] for name, keys in gateway.provider_keys.items()},
    }
    _write_secret(folder / "env", "".join(f"export {name}={shlex.quote(it)}\n" for name, it in exports.items()))
    print(f"LiteLLM {version} at {litellm.url}, its pages at {litellm.url}/ui/ (user admin, the master key)")
    print(f"master key: {folder}/key; for a shell: . {folder}/env; its log: {folder}/log/{litellm.name}.log")
    print(f"to stop it: LITELLM_DIR={folder} make litellm-down")


def down(folder: Path) -> bool:
    """Stop what was started there and remove its database; False when there was nothing."""
    if not (folder / _STATE).exists():
        return False
    state = json.loads((folder / _STATE).read_text())
    processes = Processes(folder)
    for name in processes.names():
        processes.stop(name)
    server = Postgres(Path(state["postgres"]), state["port"])
    server.stop()
    shutil.rmtree(server.folder, ignore_errors=True)
    for entry in ("pki", "run", "home"):
        shutil.rmtree(folder / entry, ignore_errors=True)
    for name in ("key", "env", "state.json", _STATE):
        (folder / name).unlink(missing_ok=True)
    return True


def _write_secret(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m real_litellm", description=__doc__)
    parser.add_argument("command", choices=["up", "down"])
    parser.add_argument(
        "--dir",
        type=Path,
        default=Path(os.environ.get("LITELLM_DIR") or CHECKOUT / ".litellm"),
        help="its folder (default: LITELLM_DIR, else .litellm in the checkout)",
    )
    parser.add_argument(
        "--release",
        choices=releases.RELEASES,
        default=os.environ.get("LITELLM_RELEASE") or releases.CURRENT,
        help=f"of LiteLLM (default: LITELLM_RELEASE, else {releases.CURRENT})",
    )
    arguments = parser.parse_args()
    folder = arguments.dir.resolve()
    if arguments.command == "up":
        up(folder, arguments.release)
    else:
        print("LiteLLM is down" if down(folder) else f"no LiteLLM in {folder}")


if __name__ == "__main__":
    main()
