# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How LiteLLM gets out of the cluster: as instances do, by the same variable."""

from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import installation, litemaas_check
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas import gateway
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas.parts import Blueprint

PROXY = "http://proxy.example.com:3128"


def pod(**egress):
    values, problems = litemaas_check.run_values({"egress": egress}, {"host": "llm.example.com"})
    assert problems == []
    made = installation.complete(values, {}, {}).installation
    (deployment,) = (each for each in gateway.objects(Blueprint(made)) if each["kind"] == "Deployment")
    return deployment["spec"]["template"]["spec"]


def environment(spec):
    return {each["name"]: each.get("value") for each in spec["containers"][0]["env"]}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ".svc,.cluster.local,localhost,127.0.0.1"),
        ({"no_proxy": ["10.0.0.1", ".svc"]}, "10.0.0.1,.svc,.cluster.local"),
    ],
)
def test_models_within_the_cluster_are_called_without_the_proxy(given, expected):
    found = environment(pod(proxy=PROXY, **given))
    assert (found["HTTP_PROXY"], found["HTTPS_PROXY"], found["NO_PROXY"]) == (PROXY, PROXY, expected)


def test_the_bundle_is_mounted_and_named():
    spec = pod(ca_bundle={"name": "trusted", "key": "ca.pem"})
    assert environment(spec)["SSL_CERT_FILE"] == "/etc/litemaas/ca-bundle/ca.pem"
    assert "HTTPS_PROXY" not in environment(spec)
    (volume,) = (each for each in spec["volumes"] if each["name"] == "ca-bundle")
    assert volume["configMap"]["name"] == "trusted"
    mounts = spec["containers"][0]["volumeMounts"]
    assert {"name": "ca-bundle", "mountPath": "/etc/litemaas/ca-bundle", "readOnly": True} in mounts


def test_without_an_egress_nothing_is_said_of_one():
    spec = pod()
    assert not {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE"} & set(environment(spec))
    assert all(each["name"] != "ca-bundle" for each in spec["volumes"])
