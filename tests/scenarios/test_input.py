# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input: one message, every problem, each with its path, and nothing written."""

from __future__ import annotations

import json

import yaml
from scenarios.harness import OPENAI

VERBS = ("preflight", "deploy", "status", "diagnose", "validate", "rotate", "remove", "render")
LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
TOLD = {
    "generation": "b2",
    "service_version": "serving.kserve.io/v1alpha2",
    "storage_initializer": True,
    "namespace_labels": {},
}


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


def test_a_list_that_is_not_given_is_no_empty_one(sandbox):
    """The forgotten -e @instances.yml: every verb says so before it looks at anything, and a namespace is not made."""
    for verb in VERBS:
        blank = "" if verb == "deploy" else None
        run = sandbox.play(verb, blank, env={"KUBECONFIG": "/nonexistent"}, namespace="not-made")
        assert run.code != 0 and run.recap("changed") == 0, run.output
        assert "llamastack_maas_instances: is not given. Was -e @instances.yml forgotten" in run.text, run.output
    assert "not-made" not in [each["metadata"]["name"] for each in sandbox.get("namespaces")["items"]]
    # An inventory of which one host lacks a list: that host alone is at fault.
    inventory = sandbox.scratch / "inventory.yml"
    with_list = {"llamastack_maas_instances": [], "llamastack_maas_namespace": "llm-b"}
    inventory.write_text(yaml.safe_dump({"maas": {"vars": LOCAL, "hosts": {"with": with_list, "without": None}}}))
    run = sandbox.play("status", None, "-i", str(inventory), hosts="maas")
    assert (run.recap("failed", "with"), run.recap("failed", "without")) == (0, 1), run.output


def test_every_variable_may_be_text(sandbox):
    here = {"KUBECONFIG": "/nonexistent"}
    text = {
        "kubernetes": f"{{kubeconfig: {sandbox.folder / 'admin.kubeconfig'}, validate_certs: 'yes'}}",
        "gateway": '{"namespace": "openshift-ingress"}',
        "egress": "proxy: http://proxy.example.com:3128\nno_proxy: '[.svc, localhost]'\n",
        "providers": "{corp: {type: 'remote::openai', credentials: {api_key: {env: CORP_KEY, required: 'no'}}}}",
        "image_pull_secrets": "[corp-registry]",
        "validate_certs": "",
        "prune": "no",
    }
    entry = {
        "name": "corp",
        "provider": "corp",
        "models": "[m]",
        "replicas": "2",
        "access": "{token_limits: [{limit: '50000', window: 1m}], priority: '3'}",
    }
    run = sandbox.play("preflight", [entry], env=here, **text)
    assert run.code == 0 and "1 instance without a problem" in run.text, run.output
    # A role on its own.
    play = sandbox.scratch / "role.yml"
    roles = [{"role": "llamastack.maas.maas_status"}]
    play.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "roles": roles}]))
    run = sandbox.play(str(play), [entry], env=here, **text)
    assert run.code == 0, run.output
    # Wrong ones are one error before anything is asked, and no module connects to another cluster.
    wrong = {"kubernetes": "{kubeconfg: /x}", "gateway": "just text", "wait_timeout": "soon"}
    for verb in ("preflight", "deploy", str(play)):
        run = sandbox.play(verb, [{**entry, "replicas": "two"}], **wrong)
        assert run.code != 0 and "GET " not in run.output, run.output
        for words in (
            "llamastack_maas_kubernetes.kubeconfg: unknown connection option; did you mean kubeconfig?",
            "llamastack_maas_gateway: must be a mapping",
            "llamastack_maas_instances[0].replicas: must be a whole number",
        ):
            assert words in run.text, (verb, words, run.output)


def published(run) -> dict:
    """What a controller makes of a run: the statistics of the run as a whole, and none of a host."""
    return json.loads(run.output.rpartition("RUN: ")[2].split("\n", 1)[0])


def test_what_a_node_of_a_workflow_publishes_does_not_stop_the_next(sandbox):
    stats, files = {}, {"render_dir": str(sandbox.scratch / "gitops"), "render_cluster": TOLD}
    with_list = ("preflight", "render")
    without = [verb for verb in VERBS if verb not in with_list]
    lists = ((with_list, [OPENAI]), (without, []))
    for verbs, given in lists:
        run = sandbox.play(verbs, given, env={"ANSIBLE_SHOW_CUSTOM_STATS": "1"}, **files)
        assert run.code == 0, run.output
        new = published(run)
        assert len(new) == len(verbs), new
        stats |= new
    assert len(stats) == len(VERBS)
    # A result of one instance, in words that are nobody's template, as data and as text.
    stats["llamastack_maas_summary"]["instances"] = {"openai": {"state": "proven", "reason": "{{ no template }}"}}
    for told in (stats, {name: json.dumps(value) for name, value in stats.items()}):
        artifacts = sandbox.scratch / "artifacts.yml"
        artifacts.write_text(yaml.safe_dump(told))
        for verbs, given in lists:
            run = sandbox.play(verbs, given, "-e", f"@{artifacts}", **files)
            assert run.code == 0, run.output


def test_several_hosts_publish_together(sandbox):
    hosts = {
        name: {
            "llamastack_maas_instances": [{**OPENAI, "name": name}],
            "llamastack_maas_render_dir": str(sandbox.scratch / name),
        }
        for name in ("team-a", "team-b")
    }
    inventory = sandbox.scratch / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"maas": {"vars": LOCAL, "hosts": hosts}}))
    run = sandbox.play(
        "render",
        None,
        "-i",
        str(inventory),
        env={"ANSIBLE_SHOW_CUSTOM_STATS": "1"},
        hosts="maas",
        render_cluster=TOLD,
    )
    assert run.code == 0, run.output
    stats = published(run)["llamastack_maas_render"]
    assert {name: each["dir"] for name, each in stats.items()} == {
        name: host["llamastack_maas_render_dir"] for name, host in hosts.items()
    }
