# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A provider that repeats the key in its refusal: no module that asks it, by itself or by an instance, shows the key."""

from __future__ import annotations

import base64
import json
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import MASK, hide, redact
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.masking import Masking, take
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import decode, encode
from ansible_collections.llamastack.maas.plugins.module_utils.maas import connection
from ansible_collections.llamastack.maas.plugins.module_utils.providers import key_check
from ansible_collections.llamastack.maas.plugins.modules import maas_check, model_discovery

# In no provider's shape.
KEY = "q7/Zt+u==R~k2w"
SPELLINGS = {
    "plain": KEY,
    "base64": base64.b64encode(KEY.encode()).decode(),
    "quoted": quote(KEY, safe=""),
    "a user's password": f"http://me:{KEY}@proxy",
}


def shown(result):
    """What a module returned, as it is shown."""
    return json.dumps(result, ensure_ascii=False)


@pytest.fixture
def refusing(maas):
    """MaaS with an instance whose provider repeats the key."""

    def repeat(said):
        maas.lists("openai-prod")
        maas.serves("openai-prod")
        message = f"Error code: 401 - {{'error': {{'message': 'Nobody has {said} here'}}}}"
        maas.on("POST", "/maas-api/v1/api-keys", (201, {"id": "1", "key": "sk-oai-abcdefghijklmnop"}))
        for path in ("chat/completions", "completions"):
            maas.on("POST", f"/llm/openai-prod/v1/{path}", (401, {"error": {"message": message}}))
        return maas

    return repeat


class Secrets:
    """A cluster with one Secret, that may be read or not."""

    def __init__(self, module, may=True):
        self.may = may

    def read(self, refs):
        if not self.may:
            raise ApiError("GET", "https://api/x", 403, "forbidden")
        # As the cluster itself does with each Secret that passes.
        hide(decode(value) for ref in refs if ref.name == "corp" for value in encode({"token": KEY}).values())


@pytest.fixture
def run(maas, monkeypatch, run_module):
    def call(module, cluster=Secrets, **arguments):
        monkeypatch.setattr(connection, "sender", lambda **options: maas.send)
        monkeypatch.setattr(connection, "Cluster", cluster)
        monkeypatch.setattr("time.sleep", maas.sleep)
        monkeypatch.setattr("time.monotonic", maas.clock)
        return run_module(module, url="https://maas.example.com", generation="b2", token="a-users-token", **arguments)

    return call


@pytest.mark.parametrize("said", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("masking", [{"values": [KEY]}, {"secrets": ["other", "corp"]}], ids=["held", "read"])
def test_deploy_and_validate_do_not_show_it(run, refusing, instance, said, masking):
    refusing(said)
    proof = run(model_discovery, instances=[instance], masking=masking)
    checked = run(maas_check, instances=[instance], masking=masking, outsider_token="x")
    for result in (proof, checked):
        assert "Nobody has" in shown(result) and MASK in shown(result)
        assert said not in shown(result) and KEY not in shown(result)
    assert "openai-prod/chat" in checked["failed_checks"]


def test_shapes_of_providers_that_the_user_added(run, refusing, instance):
    refusing("(gk:0123-4567)")
    masking = {"patterns": ["gk:[0-9]{4}-[0-9]{4}", "[a-z]+"]}
    result = run(model_discovery, instances=[instance], masking=masking)
    assert "0123" not in shown(result) and "openai-prod" in shown(result)


def test_who_may_not_read_the_secret_is_not_stopped(run, maas, instance):
    maas.lists("openai-prod")
    maas.serves("openai-prod", "gpt-4o-mini")
    forbidden = run(
        model_discovery,
        cluster=lambda module: Secrets(module, may=False),
        instances=[instance],
        masking={"secrets": ["corp"]},
    )
    assert forbidden["instances"]["openai-prod"]["state"] == "proven"


def test_a_name_that_is_a_key_too_is_not_spoilt(run, maas, instance):
    """The key of a server that asks for any: Ansible itself would mask it in names and URLs."""
    maas.lists("openai-prod")
    maas.serves("openai-prod", "gpt-4o-mini")
    for key in ("openai-prod", "prod", "llm"):
        result = run(model_discovery, instances=[instance], masking={"values": [key], "secrets": ["openai"]})
        assert result["instances"]["openai-prod"]["url"] == "https://maas.example.com/llm/openai-prod"


@pytest.mark.parametrize("said", SPELLINGS.values(), ids=SPELLINGS)
def test_rotate_does_not_show_it(maas, said):
    maas.on("GET", "https://api.corp.example/v1/models", (401, {"error": {"message": f"Nobody has {said} here"}}))
    module = SimpleNamespace(params={"secret_data": {"llm/a-credentials": {"api_key": KEY}}}, no_log_values={KEY})
    values = take(module, "secret_data")["llm/a-credentials"]
    check = {"url": "https://api.corp.example/v1/models", "headers": {"x-api-key": "{api_key}"}}
    verdict = key_check.ask(maas.send, {"name": "a", "provider": "corp", "key_check": check}, values, 5)
    assert maas.sent[0].headers["x-api-key"] == KEY
    assert verdict.state == "refused" and "Nobody has" in verdict.reason
    assert KEY not in verdict.reason and said not in verdict.reason


def module_with(**params):
    texts = {"q7/Zt+u==R~k2w", "ollama", "ollama-local-1", "llm/ollama-credentials"}
    return SimpleNamespace(params=params, no_log_values=texts | {"a password"})


def test_ansible_goes_on_masking_what_is_no_ordinary_text():
    given = {"values": [KEY, "ollama", "ollama-local-1"], "patterns": [], "secrets": ["llm/ollama-credentials"]}
    module = module_with(masking=given, instances=[{"name": "ollama-local-1"}])
    Masking(module)
    assert module.no_log_values == {KEY, "a password"}
    assert KEY not in json.dumps(module.params)
    assert redact(f"it was {KEY}") == f"it was {MASK}"


def test_without_the_option_nothing_is_hidden_or_read():
    module = SimpleNamespace(params={"masking": None}, no_log_values=set())
    Masking(module).read(lambda: pytest.fail("the cluster was asked"), "llm")
