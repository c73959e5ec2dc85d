# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webhooks of generation B2: what is refused before it is stored, and what the API server is told to ask."""

from __future__ import annotations

import asyncio
import base64

import aiohttp
import pytest

from sandbox.maas import admission, b2_platform
from sandbox.maas.faults import Faults
from sandbox.processes import free_ports

from sandbox_tests.maas_objects import TENANT, Objects, keys, metadata, model_ref, policy, subscription

CLUSTER = Objects(
    {
        b2_platform.TENANT_CONFIGS: [{"metadata": metadata("default-tenant", TENANT)}],
        b2_platform.TENANTS: [{"metadata": metadata(TENANT, b2_platform.AI_TENANTS)}],
    }
)
WEBHOOKS = {each.resource: each for each in b2_platform.webhooks(CLUSTER)}


def asked(obj: dict) -> dict:
    return {"request": {"uid": "1", "object": obj}}


def refusal(resource: str, obj: dict) -> tuple[int, str] | None:
    """Code and message of a refusal, None where the object passes."""
    response = admission.review(WEBHOOKS[resource], asked(obj))["response"]
    assert response["uid"] == "1"
    assert response["allowed"] is ("status" not in response)
    return None if response["allowed"] else (response["status"]["code"], response["status"]["message"])


@pytest.mark.parametrize(
    ("resource", "obj"),
    [("maasauthpolicies", policy("p", keys("gem"))), ("maassubscriptions", subscription("s", keys("gem")))],
)
def test_a_namespace_needs_a_tenant(resource, obj):
    """Admission: a policy or subscription in a namespace without a MaasTenantConfig object."""
    assert refusal(resource, obj) is None
    elsewhere = {**obj, "metadata": {**obj["metadata"], "namespace": "llm"}}
    text = 'namespace "llm" is not enabled for MaaS tenant resources. '
    assert refusal(resource, elsewhere) == (
        403,
        f"{text}Create a MaasTenantConfig CR in this namespace to enable it.",
    )


def test_a_tenant_that_is_named_must_be_there():
    """MaaSModelRef with an unknown tenantRef: 403 at create and update."""
    assert refusal("maasmodelrefs", model_ref("gem")) is None
    assert refusal("maasmodelrefs", model_ref("gem", tenantRef=TENANT)) is None
    text = 'spec.tenantRef "x" references AITenant that does not exist in namespace ai-tenants'
    assert refusal("maasmodelrefs", model_ref("gem", tenantRef="x")) == (403, text)
    going = model_ref("gem", tenantRef="x", metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})
    assert refusal("maasmodelrefs", going) is None


def test_only_references_are_asked_about_when_they_change():
    """Admission: the webhook of MaaSModelRef also runs on update, those of policy and subscription at create only."""
    made = admission.registration(list(WEBHOOKS.values()), "https://127.0.0.1:1", b"authority")
    found = {each["name"]: each for each in made["webhooks"]}
    assert {name: each["rules"][0]["operations"] for name, each in found.items()} == {
        "vmaasauthpolicy.kb.io": ["CREATE"],
        "vmaassubscription.kb.io": ["CREATE"],
        "vmaasmodelref.kb.io": ["CREATE", "UPDATE"],
    }
    for each in found.values():
        assert (each["failurePolicy"], each["timeoutSeconds"]) == ("Fail", 10)
        assert base64.b64decode(each["clientConfig"]["caBundle"]) == b"authority"


def test_absent_controllers_do_not_answer():
    """Admission: a webhook that does not answer is 500 after ten seconds."""

    async def ask() -> tuple[bool, bool]:
        (port,) = free_ports(1)
        faults = Faults()
        runner = await admission.serve(port, None, list(WEBHOOKS.values()), faults)
        url = f"http://127.0.0.1:{port}/maasmodelrefs"
        try:
            async with aiohttp.ClientSession() as session:
                async with session.post(url, json=asked(model_ref("gem"))) as answer:
                    answered = (await answer.json())["response"]["allowed"]
                faults.update({"controllers_paused": True})
                try:
                    timeout = aiohttp.ClientTimeout(total=0.2)
                    async with session.post(url, json=asked(model_ref("gem")), timeout=timeout):
                        return answered, True
                except TimeoutError:
                    return answered, False
        finally:
            faults.reset()
            await runner.cleanup()

    assert asyncio.run(ask()) == (True, False)
