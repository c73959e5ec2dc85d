# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any
from unittest.mock import ANY

import pytest
from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.llamastack.maas.plugins.module_utils.base import yaml_text
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known as generations
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import variables


def problems(given: dict[str, Any]) -> dict[str, str]:
    findings = variables.run_settings(given)[1]
    return {problem["path"].removeprefix(variables.PREFIX): problem["message"] for problem in findings.errors}


def settings(**given: Any) -> dict[str, Any]:
    assert not problems(given)
    return variables.run_settings(given)[0]


def test_every_variable_is_described_in_one_sentence() -> None:
    for variable in variables.VARIABLES:
        assert variable.description.endswith(".") and "\n" not in variable.description, variable.name
    assert len({variable.name for variable in variables.VARIABLES}) == len(variables.VARIABLES)


def test_defaults() -> None:
    assert settings() == {
        "namespace": "llm",
        "set": "default",
        "scope": "all",
        "image": "docker.io/ogxai/distribution-starter:1.3.0",
        "image_pull_secrets": [],
        "model_uri": "hf://sshleifer/tiny-gpt2",
        "providers": {},
        "egress": {"proxy": None, "no_proxy": None, "ca_bundle": None},
        "gateway": {"name": "maas-default-gateway", "namespace": "openshift-ingress"},
        "subscription_namespace": "models-as-a-service",
        "tenant": None,
        "generation": None,
        "prober": False,
        "render_cluster": {},
        "render_secrets": {},
        "render_revisions": {},
        "render_argocd": {},
    }


def test_text_that_cannot_be_sent_is_reported() -> None:
    found = problems({"model_uri": "oci://\ud83d", "providers": {"x": {"title": "\udcfc"}}, "ca_file": "/\udcfc"})
    assert set(found) == {"model_uri", "providers.x.title"}
    assert settings(providers='{"x": {"title": "\\ud83d\\ude80"}}')["providers"]["x"]["title"] == "\U0001f680"


def test_an_empty_text_is_the_default() -> None:
    assert settings(namespace="", tenant="", generation="") == settings()


def test_text_from_a_survey_is_converted() -> None:
    converted = settings(prober="yes", image_pull_secrets="[a, b]", gateway="name: other", wait_timeout="60")
    assert converted["prober"] is True
    assert converted["image_pull_secrets"] == ["a", "b"]
    assert converted["gateway"] == {"name": "other", "namespace": "openshift-ingress"}


def test_secrets_of_a_run_are_not_part_of_the_settings() -> None:
    kept = settings(token="a-token", outsider_token="another", kubernetes={"api_key": "a-key"}, url="https://maas")
    assert not {"token", "outsider_token", "kubernetes", "url"} & set(kept)


def test_what_has_an_unknown_name_is_not_part_of_the_settings() -> None:
    assert settings(tokn="a-token") == settings()


def test_what_was_read_from_the_cluster_is_handed_through() -> None:
    assert settings(storage_initializer=True)["storage_initializer"] is True


def test_what_was_read_from_the_cluster_counts_before_what_is_told_of_it() -> None:
    told = {"generation": "b1", "storage_initializer": False, "service_version": "serving.kserve.io/v1alpha1"}
    known = settings(generation="b2", storage_initializer=True, render_cluster=told)
    assert [known[key] for key in told] == ["b2", True, "serving.kserve.io/v1alpha1"]


def test_a_generation_that_is_told_is_checked_as_one_that_is_given() -> None:
    assert settings(render_cluster={"generation": "B1"})["generation"] == "b1"
    assert "must be one of" in problems({"render_cluster": {"generation": "c"}})["generation"]


def test_defaults_are_not_shared_between_runs() -> None:
    first = settings()
    first["gateway"]["name"] = "changed"
    first["image_pull_secrets"].append("changed")
    assert "changed" not in repr(settings())


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("namespace", "LLM", "must be the name of a namespace"),
        ("namespace", 5, "must be text"),
        ("subscription_namespace", "a.b", "must be the name of a namespace"),
        ("set", "a b", "fit for a label"),
        ("set", "a" * 64, "fit for a label"),
        ("scope", "cluster", "one of all, platform, project"),
        ("generation", "c", "one of " + ", ".join(generations.NAMES)),
        ("image", "an image", "name of an image"),
        ("image_pull_secrets", "a", "must be a list"),
        ("rotate[1]", ["a", 1], "name of an instance"),
        ("image_pull_secrets[1]", ["a", "B"], "name of an object"),
        ("model_uri", "tiny-gpt2", "scheme"),
        ("url", "maas.example", "must be a URL"),
        ("url", "https://", "must be a URL"),
        ("wait_timeout", 0, "at least 1"),
        ("wait_timeout", "soon", "whole number"),
        ("wait_timeout", True, "whole number"),
        ("validate_certs", "perhaps", "true or false"),
        ("providers", ["openai"], "must be a mapping"),
        ("gateway", "a: [", "not valid YAML in line 1"),
        ("gateway.names", {"names": "x"}, "did you mean name"),
        ("gateway.name", {"name": "A"}, "name of an object"),
        ("gateway.namespace", {"namespace": "a.b"}, "name of a namespace"),
        ("egress.prxy", {"prxy": "http://p"}, "did you mean proxy"),
        ("egress.proxy", {"proxy": "proxy:3128"}, "must be a URL"),
        ("egress.no_proxy", {"no_proxy": 1}, "list of hosts"),
        ("egress.ca_bundle", {"ca_bundle": "trusted"}, "must be a mapping"),
        ("egress.ca_bundle.name", {"ca_bundle": {"key": "k"}}, "name of an object"),
        ("egress.ca_bundle.key", {"ca_bundle": {"name": "n", "key": "a/b"}}, "key of the ConfigMap"),
        ("image", "registry/{{tag}}", "literal {{"),
        ("egress.no_proxy", {"no_proxy": "{% if x %}a{% endif %}"}, "literal {{"),
    ],
)
def test_a_bad_value_is_reported_with_its_path(name: str, value: Any, message: str) -> None:
    variable = name.split(".")[0].split("[")[0]
    found = problems({variable: value})
    assert list(found) == [name]
    assert message in found[name]


def test_all_problems_come_at_once() -> None:
    assert set(problems({"namespace": "A", "scope": "x", "wait_timeout": -1})) == {"namespace", "scope", "wait_timeout"}


def test_no_proxy_holds_what_clients_can_read() -> None:
    given = {"proxy": "http://proxy:3128", "no_proxy": ".svc, fd01::/48,[::1] ::1,*.svc"}
    completed, findings = variables.run_settings({"egress": given})
    assert completed["egress"]["no_proxy"] == ".svc,::1"
    assert {warning["path"] for warning in findings.warnings} == {"llamastack_maas_egress.no_proxy"}
    assert [warning["message"].split(":")[0] for warning in findings.warnings] == [
        "fd01",
        "[",
        "*.svc is written as .svc",
    ]
    # What was completed is complete.
    again, findings = variables.run_settings(completed)
    assert again["egress"] == completed["egress"] and findings.warnings == []


def test_without_anything_readable_servers_in_the_cluster_are_still_called_directly() -> None:
    only_network = settings(egress={"proxy": "http://proxy:3128", "no_proxy": ["fd01::/48"]})["egress"]["no_proxy"]
    assert only_network == settings(egress={"proxy": "http://proxy:3128"})["egress"]["no_proxy"]
    assert settings(egress={"no_proxy": "fd01::/48"})["egress"]["no_proxy"] is None


def test_what_is_no_host_is_refused_and_a_password_not_quoted() -> None:
    errors = variables.run_settings({"egress": {"no_proxy": "a:b:c,http://me:hunter2@proxy"}})[1].errors
    assert [error["message"] for error in errors] == [
        "a:b:c is neither a host nor an address nor a network",
        "an entry is neither a host nor an address nor a network",
    ]


def test_egress_is_completed() -> None:
    egress = settings(egress={"proxy": "http://proxy:3128", "ca_bundle": {"name": "trusted"}})["egress"]
    assert egress == {
        "proxy": "http://proxy:3128",
        "no_proxy": ".svc,.cluster.local,localhost,127.0.0.1",
        "ca_bundle": {"name": "trusted", "key": "ca-bundle.crt"},
    }


def test_no_proxy_may_be_a_list() -> None:
    assert settings(egress={"no_proxy": ["a.example", ".b.example"]})["egress"]["no_proxy"] == "a.example,.b.example"


def test_a_password_in_the_proxy_is_a_warning_that_does_not_repeat_it() -> None:
    findings = variables.run_settings({"egress": {"proxy": "http://me:hunter2@proxy:3128"}})[1]
    assert [warning["path"] for warning in findings.warnings] == ["llamastack_maas_egress.proxy"]
    assert "hunter2" not in findings.warnings[0]["message"]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("llamastack_maas_instance", "llamastack_maas_instances"),
        ("llamastack_maas_wait_timout", "llamastack_maas_wait_timeout"),
        ("llamastack_mass_namespace", "llamastack_maas_namespace"),
        ("llama_stack_maas_instances", "llamastack_maas_instances"),
    ],
)
def test_a_misspelt_variable_is_reported(name: str, near: str) -> None:
    found = variables.unknown_variables([name, "ansible_user"])
    assert [problem["path"] for problem in found] == [name]
    assert near in found[0]["message"]


def test_known_variables_and_those_of_others_are_not_reported() -> None:
    known = [variables.PREFIX + variable.name for variable in variables.VARIABLES]
    assert variables.unknown_variables([*known, "llamastack_version", "maas_status_result", "ansible_host"]) == []


def test_a_variable_with_the_name_of_a_role_is_reported_with_the_one_that_counts() -> None:
    (problem,) = variables.unknown_variables(["maas_validation_report_dir"])
    assert problem["path"] == "maas_validation_report_dir" and "give llamastack_maas_report_dir" in problem["message"]


@pytest.mark.parametrize("given", ["gem", "gem, opus", ["gem"]])
def test_names_may_come_as_words(given) -> None:
    assert not variables.run_settings({"rotate": given})[1].errors


def test_names_are_no_mapping() -> None:
    (problem,) = variables.run_settings({"rotate": {"gem": 1}})[1].errors
    assert problem["path"] == "llamastack_maas_rotate"


@pytest.mark.parametrize(
    "name", [row.name for row in variables.VARIABLES if row.type in ("dict", "list") and row.name != "instances"]
)
def test_a_key_that_stands_twice_in_a_text_is_an_error(name: str) -> None:
    for text in ("a: 1\nb: 1\na: 2\n", '{"a": 1, "b": {"a": 1, "a": 2}}', "- {a: 1, a: 2}"):
        assert "the key a is given twice, in line 1 and line " in problems({name: text})[name]


AS_DATA = {
    "providers": {"corp": {"type": "remote::openai", "credentials": {"api_key": {"env": "K", "required": False}}}},
    "egress": {"proxy": "http://p:1", "no_proxy": ["a", ".b"], "ca_bundle": {"name": "n", "key": "k"}},
    "gateway": {"name": "g", "namespace": "n"},
    "image_pull_secrets": ["a", "b"],
    "prober": True,
    "render_cluster": {"generation": "b2", "storage_initializer": True, "namespace_labels": {"a": "b"}},
    "render_secrets": {"kind": "ExternalSecret", "store": {"name": "s"}},
    "render_revisions": {"corp": "7"},
    "render_argocd": {"repo_url": "https://git.example.com/x.git"},
}


class Unsafe(str):
    """Stands for the text of a controller's extra vars."""


def unsafe(value: Any) -> Any:
    if isinstance(value, dict):
        return {Unsafe(key): unsafe(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unsafe(item) for item in value]
    return Unsafe(value) if isinstance(value, str) else value


@pytest.mark.parametrize(
    "as_text",
    [lambda value: yaml_text.dump(value).replace("...", ""), json.dumps, lambda value: json.dumps(value, indent="\t")],
)
def test_every_variable_may_be_text(as_text: Any) -> None:
    expected = settings(**AS_DATA)
    assert settings(**{name: as_text(value) for name, value in AS_DATA.items()}) == expected
    assert settings(**unsafe({name: as_text(value) for name, value in AS_DATA.items()})) == expected
    assert settings(**unsafe(AS_DATA)) == expected


def test_the_parts_of_variables_may_be_text() -> None:
    told = {"storage_initializer": "yes", "namespace_labels": "{a: b}"}
    assert settings(render_cluster=told)["render_cluster"] == {
        "storage_initializer": True,
        "namespace_labels": {"a": "b"},
    }
    assert settings(egress={"ca_bundle": "name: n"})["egress"]["ca_bundle"]["name"] == "n"
    assert settings(egress="{no_proxy: '[a, b]'}")["egress"]["no_proxy"] == "a,b"
    assert settings(render_secrets={"kind": "ExternalSecret", "store": "{name: s}"})["render_secrets"]["store"]


@pytest.mark.parametrize("text", ["true", "True", " yes ", "on", "1", "y", "t"])
def test_what_ansible_takes_for_true_is_true(text: str) -> None:
    assert variables.value("prune", text) == (True, ANY) and variables.value("prune", 1)[0] is True


@pytest.mark.parametrize("text", ["false", "No", " off", "0", "n", "f"])
def test_what_ansible_takes_for_false_is_false(text: str) -> None:
    assert variables.value("validate_certs", text) == (False, ANY) and variables.value("validate_certs", 0)[0] is False


@pytest.mark.parametrize("name", variables.NAMES)
@pytest.mark.parametrize("blank", [None, ""])
def test_a_blank_variable_has_its_default(name: str, blank: Any) -> None:
    assert variables.value(name, blank)[0] == variables.value(name, None)[0]
    assert not variables.value(name, blank)[1].errors


@pytest.mark.parametrize("name", variables.NAMES)
@pytest.mark.parametrize("blanks", [" ", "  \t", "\n"])
def test_a_variable_of_blanks_is_an_error(name: str, blanks: str) -> None:
    assert problems({name: blanks}) == {
        name: "holds nothing but white space; give a value, or an empty text for the default"
    }
    assert variables.value(name, blanks)[1].errors


@pytest.mark.parametrize("given", ["a, b", "[a, b]", "- a\n- b\n", "a\nb\n", '["a","b"]', ["a", "b"]])
def test_names_may_come_in_any_form(given: Any) -> None:
    assert variables.value("rotate", given)[0] == ["a", "b"]


def test_a_number_may_be_text() -> None:
    assert [variables.value("wait_timeout", given)[0] for given in (" 90 ", "90", 90, 90.0)] == [90] * 4


# The connection


def test_connection_options_are_those_of_kubernetes_core() -> None:
    of_modules = {name: {name, *spec.get("aliases", ())} for name, spec in AUTH_ARG_SPEC.items()}
    assert set(variables.KUBERNETES_OPTIONS) == set().union(*of_modules.values())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("kubeconfig: /etc/kube\nvalidate_certs: 'no'\n", {"kubeconfig": "/etc/kube", "validate_certs": False}),
        (
            '{"host": "https://api:6443", "verify_ssl": "true", "context": ""}',
            {"host": "https://api:6443", "verify_ssl": True},
        ),
        ({"impersonate_groups": "[a, b]", "username": "7"}, {"impersonate_groups": ["a", "b"], "username": "7"}),
        ("impersonate_groups: devs", {"impersonate_groups": ["devs"]}),
        ({"impersonate_groups": "devs, system:masters"}, {"impersonate_groups": ["devs", "system:masters"]}),
        ({"impersonate_groups": "all the devs,"}, {"impersonate_groups": ["all the devs"]}),
        ("{username: u, password: '012345'}", {"username": "u", "password": "012345"}),
        ({"kubeconfig": "apiVersion: v1\nclusters: []\n"}, {"kubeconfig": {"apiVersion": "v1", "clusters": []}}),
        (
            {"kubeconfig": {"apiVersion": "v1"}, "proxy_headers": "{user_agent: x}"},
            {"kubeconfig": {"apiVersion": "v1"}, "proxy_headers": {"user_agent": "x"}},
        ),
    ],
)
def test_connection_options_are_converted(given: Any, expected: Any) -> None:
    assert variables.value("kubernetes", given)[0] == expected


@pytest.mark.parametrize(
    ("given", "path", "message"),
    [
        ("/home/me/kubeconfig", "kubernetes", "must be a mapping"),
        ({"kubeconfg": "/x"}, "kubernetes.kubeconfg", "unknown connection option; did you mean kubeconfig?"),
        ("{validate_cert: false}", "kubernetes.validate_cert", "did you mean validate_certs"),
        ({"validate_certs": "perhaps"}, "kubernetes.validate_certs", "must be true or false"),
        ({"api_key": {"a": "b"}}, "kubernetes.api_key", "must be text"),
        ({"proxy_headers": "x"}, "kubernetes.proxy_headers", "must be a mapping"),
        ({"impersonate_groups": 5}, "kubernetes.impersonate_groups", "must be a list"),
        *(
            (f"{{{option}: {number}}}", f"kubernetes.{option}", "must be text; what consists of digits needs quotes")
            for option in ("password", "username", "api_key", "context", "impersonate_user")
            for number in ("012345", "12:30", "1_000", "1.50", "2026-01-02", "yes", "0x1f")
        ),
        ({"password": 12345}, "kubernetes.password", "digits needs quotes"),
    ],
)
def test_a_bad_connection_option_is_reported_with_its_path(given: Any, path: str, message: str) -> None:
    found = problems({"kubernetes": given})
    assert list(found) == [path] and message in found[path]


def test_nothing_is_asked_where_it_is_unclear_what() -> None:
    def keeps(path: str) -> bool:
        return variables.keeps_from_asking({"path": path, "message": ""})

    assert (
        keeps("llamastack_maas_kubernetes.kubeconfg")
        and keeps("llamastack_maas_url")
        and keeps("llamastack_maas_instances")
    )
    assert (
        not keeps("llamastack_maas_instances[0].name")
        and not keeps("llamastack_maas_urls")
        and not keeps("llamastack_maas_set")
    )


def test_what_a_playbook_has_published_is_no_unknown_variable() -> None:
    published = [variables.PREFIX + name for name in variables.PUBLISHED]
    assert variables.unknown_variables(published) == []
    (problem,) = variables.unknown_variables([*published, "llamastack_maas_summaries"])
    assert "llamastack_maas_summary" not in problem["message"]
    assert not set(variables.PUBLISHED) & {row.name for row in variables.VARIABLES}


@pytest.mark.parametrize("shape", [{"instances": {"a": {"checks": 3}}}, "{'checks': '3'}", "", 3, ["x"], None])
def test_what_was_published_changes_nothing(shape: Any) -> None:
    assert settings(**dict.fromkeys(variables.PUBLISHED, shape)) == settings()


# What is copied with more, or less, than it should have


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "https://maas.example.com/maas-api",
            "ends in /maas-api, which is added where it is needed; give https://maas.example.com",
        ),
        ("https://maas.example.com/maas-api/", "ends in /maas-api, which"),
        (
            "https://maas.example.com:8443/v1",
            "ends in /v1, which is added where it is needed; give https://maas.example.com:8443",
        ),
        ("https://maas.example.com/v1/models/", "ends in /v1/models, which"),
        (
            "https://h.example/maas-api/v1/models",
            "ends in /maas-api/v1/models, which is added where it is needed; give https://h.example",
        ),
        ("https://h.example/ai/maas-api/v1/api-keys", "give https://h.example/ai"),
        ("https://h.example/llm/openai/v1/chat/completions", "give https://h.example"),
        ("https://h.example?x=1", "must not hold a query or a fragment; give https://h.example"),
        ("https://h.example/#top", "must not hold a query or a fragment"),
        ("https://me:hunter2@h.example", "must not hold a user name or a password; give https://h.example"),
        ("https://h.example/MAAS-API/", "ends in /MAAS-API, which is added where it is needed; give https://h.example"),
        ("https://h.example/MaaS-API/V1/models", "give https://h.example"),
        ("https://maas.<cluster>", "does not name a host"),
        ("https://maas.apps.example.com,", "does not name a host"),
        ("https://maas.apps.example.com,/", "does not name a host"),
        ("https://maas.$DOMAIN/", "does not name a host"),
        ("https://maas..example.com", "does not name a host"),
        ("https://-maas.example.com;", "does not name a host"),
        ("https://h.example\n", "white space, a line break or quotes around it"),
        ("'https://h.example'", "white space, a line break or quotes around it"),
    ],
)
def test_a_url_that_is_not_that_of_maas_is_named_with_what_is_meant(url: str, message: str) -> None:
    found = problems({"url": url})
    assert list(found) == ["url"] and message in found["url"] and "hunter2" not in found["url"]
    assert not found["url"].endswith("/")


@pytest.mark.parametrize(
    "url",
    [
        "https://[fd00::1]:8443",
        "https://10.0.0.1",
        "https://maas",
        "https://a_b.example.",
        "https://maas.example.com",
        "https://maas.example.com/",
        "https://h.example:8443/ai/",
    ],
)
def test_a_url_of_maas_is_one(url: str) -> None:
    assert problems({"url": url}) == {}


TOKEN = "sha256~kJ3v9_x-xxx-key-test"


@pytest.mark.parametrize(
    ("token", "message"),
    [
        (TOKEN + "\n", "ends with a newline"),
        (TOKEN + "\r\n", "ends with a newline"),
        (" " + TOKEN, "starts or ends with white space"),
        (TOKEN + "\t", "starts or ends with white space"),
        ("Bearer " + TOKEN, "begins with the word Bearer"),
        ("Authorization: Bearer " + TOKEN, "begins with the word Bearer"),
        (f'"{TOKEN}"', "is in quotes"),
        (f"'{TOKEN}'", "is in quotes"),
        (TOKEN[:9] + " " + TOKEN[9:], "holds white space"),
        ("<token>", "placeholder"),
        ("{{ vault_token }}", "template"),
    ],
)
def test_a_token_that_cannot_be_sent_is_named_and_not_shown(token: str, message: str) -> None:
    for given, path in (
        ({"token": token}, "token"),
        ({"outsider_token": token}, "outsider_token"),
        ({"kubernetes": {"api_key": token}}, "kubernetes.api_key"),
        ({"kubernetes": json.dumps({"api_key": token})}, "kubernetes.api_key"),
    ):
        found = problems(given)
        assert list(found) == [path] and message in found[path] and "kJ3v9" not in found[path]
    (problem,) = variables.token_problems({"K8S_AUTH_API_KEY": token}, {})
    assert (
        problem["path"] == "K8S_AUTH_API_KEY" and message in problem["message"] and variables.keeps_from_asking(problem)
    )


def test_a_token_that_works_is_none_of_these() -> None:
    given = {"token": TOKEN, "outsider_token": TOKEN, "kubernetes": {"api_key": TOKEN}}
    assert problems(given) == {}
    assert variables.token_problems({"K8S_AUTH_API_KEY": TOKEN}, {}) == variables.token_problems({}, {}) == []
    assert variables.token_problems({"K8S_AUTH_API_KEY": "Bearer x"}, {"kubernetes": {"api_key": TOKEN}}) == []
