# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input: one message, every problem, each with its path, and nothing written."""

from __future__ import annotations

import yaml
from scenarios.harness import OPENAI


def test_all_problems_in_one_message(sandbox):
    bad = [
        {"name": "one", "provider": "opnai", "api_key_env": "OPENAI_API_KEY", "models": ["gpt-4o"]},
        {"name": "two", "provider": "openai", "api_key_evn": "OPENAI_API_KEY", "models": ["gpt-4o"]},
        {"name": "Three", "provider": "openai", "api_key_env": "OPENAI_API_KEY", "models": ["gpt-4o"]},
        {"name": "four", "provider": "openai", "api_key_env": "NOT_SET_ANYWHERE", "models": ["gpt-4o"]},
        {
            "name": "five",
            "provider": "openai",
            "api_key_env": "OPENAI_API_KEY",
            "models": ["gpt-4o"],
            "published_model": "gpt-5",
        },
        {"name": "five", "provider": "openai", "api_key": "changeme", "models": ["gpt-4o"]},
        {"name": "six", "provider": "openai", "credentials_secret": {"name": "no-such"}, "models": ["gpt-4o"]},
        {
            "name": "seven",
            "provider": "openai",
            "api_key_env": "OPENAI_API_KEY",
            "models": ["gpt-4o"],
            "access": {
                "groups": ["Data Science"],
                "users": ["CORP\\jdoe"],
                "priority": -3,
                "token_limits": [{"limit": 0, "window": "1d"}, {"limit": 1, "window": "8785h"}],
            },
        },
    ]
    run = sandbox.play("deploy", bad, "-e", "llamastack_maas_namespce=x")
    assert run.code != 0
    for path, words in {
        "llamastack_maas_instances[0].provider": "openai",
        "llamastack_maas_instances[1].api_key_evn": "api_key_env",
        "llamastack_maas_instances[2].name": "lower case",
        "llamastack_maas_instances[3].api_key_env": "NOT_SET_ANYWHERE",
        "llamastack_maas_instances[4].published_model": "gpt-5",
        "llamastack_maas_instances[5].name": "five",
        "llamastack_maas_instances[5].api_key": "placeholder",
        "llamastack_maas_instances[6].credentials_secret": "no-such",
        "llamastack_maas_instances[7].access.token_limits[0].limit": "",
        "llamastack_maas_instances[7].access.token_limits[0].window": "",
        "llamastack_maas_instances[7].access.token_limits[1].window": "8784h",
        "llamastack_maas_instances[7].access.users[0]": "a backslash",
        "llamastack_maas_instances[7].access.priority": "-3",
        "llamastack_maas_namespce": "llamastack_maas_namespace",
    }.items():
        assert path in run.text and words in run.text, (path, run.output)
    assert sandbox.names("llmisvc") == []


def test_a_bad_list_removes_nothing_and_says_so(sandbox):
    """A list that is wrong names no instance: taken as it is, it would look as if nothing were left to remove."""
    play = sandbox.scratch / "role.yml"
    task = {"ansible.builtin.import_role": {"name": "llamastack.maas.provider_secrets", "tasks_from": "remove"}}
    play.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    run = sandbox.play(str(play), [{**OPENAI, "modles": []}])
    assert run.code != 0 and "llamastack_maas_instances[0].modles" in run.text, run.output


def test_a_lost_hyphen_removes_nothing(sandbox):
    """Every parser of YAML takes the last of two equal keys: the first entry would be gone, and pruned."""
    lost = """
      - name: openai
        provider: openai
        api_key_env: OPENAI_API_KEY
        models: [gpt-4o]
        name: second
    """
    for text in (lost, '[{"name": "openai", "provider": "openai", "name": "second"}]'):
        run = sandbox.play("deploy", text, prune=True)
        assert run.code != 0 and run.recap("changed") == 0
        assert "llamastack_maas_instances: the key name is given twice, in line " in run.text, run.output
