# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks before the API server and before MaaS, and what a run is told to go through both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import yaml
from scenarios.network.proxy import Network


@dataclass
class Networks:
    """``environment``: that of a run which goes through both."""

    api: Network
    maas: Network
    environment: dict[str, str]


@pytest.fixture(scope="module")
def networks(running_sandbox, tmp_path_factory) -> Iterator[Networks]:
    """Networks that reset nothing as long as they are given no rule."""
    folder, state = running_sandbox
    files = tmp_path_factory.mktemp("networks")
    with Network(files, state).running() as api, Network(files, state).running() as maas:
        config = yaml.safe_load((folder / "admin.kubeconfig").read_text())
        config["clusters"][0]["cluster"]["proxy-url"] = api.url
        kubeconfig = files / "behind-a-network.kubeconfig"
        kubeconfig.touch(mode=0o600)
        kubeconfig.write_text(yaml.safe_dump(config))
        proxies = {"HTTPS_PROXY": maas.url, "https_proxy": maas.url, "NO_PROXY": "", "no_proxy": ""}
        yield Networks(api, maas, {"KUBECONFIG": str(kubeconfig), **proxies})


@pytest.fixture
def network(networks) -> Iterator[Networks]:
    """The same for one test, which has seen nothing yet."""
    for each in (networks.api, networks.maas):
        each.begin()
    yield networks
    for each in (networks.api, networks.maas):
        each.begin()
