# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a run: what there is, what they default to, and what is wrong with the values given.

C(VARIABLES) is the only list of the public variables: the check for misspelt ones and the documentation read it.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import typing as t
from urllib.parse import urlsplit

from ansible_collections.llamastack.maas.plugins.module_utils.base import yaml_text
from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings, Problem
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known as generations
from ansible_collections.llamastack.maas.plugins.module_utils.ogx import images
from ansible_collections.llamastack.maas.plugins.module_utils.providers.values import problem as credential_problem
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import conversion, no_proxy
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.table import Table, Variable

PREFIX = "llamastack_maas_"

# Settings that are read from the cluster; where there is none to ask, they come in C(render_cluster).
FROM_CLUSTER = ("storage_initializer", "service_version", "namespace_labels")

SCOPES = ("all", "platform", "project")
PROOFS = ("call", "list")
OUTPUTS = ("table", "json", "yaml", "html")

_LABEL_VALUE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?\Z")
_OBJECT_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\Z")
_HOST = re.compile(r"(?:(?!-)[\w-]{1,63}(?<!-)\.)*(?!-)[\w-]{1,63}(?<!-)\.?\Z")
_CONFIG_MAP_KEY = re.compile(r"[A-Za-z0-9._-]{1,253}\Z")

# The key that OpenShift fills when a ConfigMap asks for the cluster's trusted authorities.
_CA_BUNDLE_KEY = "ca-bundle.crt"

# With a proxy, servers inside the cluster are still called directly.
_NO_PROXY = ".svc,.cluster.local,localhost,127.0.0.1"

# The connection options of kubernetes.core, by their names and other names.
KUBERNETES_OPTIONS: dict[str, str] = {
    **dict.fromkeys(("kubeconfig", "context", "host", "api_key", "username", "password"), "str"),
    **dict.fromkeys(("validate_certs", "verify_ssl", "persist_config"), "bool"),
    **dict.fromkeys(("ca_cert", "ssl_ca_cert", "client_cert", "cert_file", "client_key", "key_file"), "str"),
    **dict.fromkeys(("proxy", "no_proxy", "impersonate_user"), "str"),
    "proxy_headers": "dict",
    "impersonate_groups": "list",
}

# The parts of variables that are no text.
_SHAPES: dict[str, conversion.Shape] = {
    "kubernetes": KUBERNETES_OPTIONS,
    "egress": {"no_proxy": "names", "ca_bundle": "dict"},
    "render_cluster": {"storage_initializer": "bool", "namespace_labels": "dict"},
    "render_secrets": {"store": "dict"},
}

# Where the modules of kubernetes.core read the token.
_TOKEN_VARIABLE = "K8S_AUTH_API_KEY"

# The steps of a path with which an interface of MaaS begins.
_MAAS_STEPS = ("maas-api", "v1")

# How the cluster and MaaS are asked.
_ASKED_WITH = ("kubernetes", "gateway", "generation", "url", "ca_file", "validate_certs", "token")


VARIABLES = (
    Variable("instances", "list", None, "The instances: a list, or text that holds one as YAML."),
    Variable("namespace", "str", "llm", "Namespace of the instances.", True),
    Variable(
        "set",
        "str",
        "default",
        "Name of the instance set; objects of another set in the namespace are left alone.",
        True,
    ),
    Variable(
        "scope",
        "str",
        "all",
        "Which part of the work is done: all, platform (namespace, policies, subscriptions) or project (the rest).",
        True,
    ),
    Variable("image", "str", images.DEFAULT_IMAGE, "Image of the instances that name none of their own.", True),
    Variable("image_pull_secrets", "list", [], "Names of the Secrets to pull the image with.", True),
    Variable(
        "model_uri",
        "str",
        "hf://sshleifer/tiny-gpt2",
        "What KServe loads where its storage initializer cannot be switched off; oci:// or pvc:// without internet.",
        True,
    ),
    Variable("providers", "dict", {}, "Providers that extend or override those of the collection.", True),
    Variable(
        "egress", "dict", {}, "Egress of every instance, and of LiteLLM: proxy, no_proxy, ca_bundle {name, key}.", True
    ),
    Variable(
        "gateway",
        "dict",
        {"name": "maas-default-gateway", "namespace": "openshift-ingress"},
        "Gateway that MaaS listens on: name, namespace.",
        True,
    ),
    Variable("subscription_namespace", "str", "models-as-a-service", "Namespace of policies and subscriptions.", True),
    Variable("tenant", "str", None, "Tenant of MaaS; found where there is only one.", True),
    Variable(
        "generation",
        "version",
        None,
        f"Release of OpenShift AI ({', '.join(generations.RELEASES)}) or generation of MaaS "
        f"({', '.join(generations.NAMES)}); detected where not given.",
        True,
    ),
    Variable("prober", "bool", False, "Whether a ServiceAccount of the namespace calls MaaS for the checks.", True),
    Variable(
        "proof",
        "str",
        "call",
        "How an instance is proven: call, by a small answer, or list, which spends no token and proves less.",
    ),
    Variable("url", "str", None, "URL of MaaS; found in the cluster where that is possible."),
    Variable("ca_file", "path", None, "PEM file with the authorities to trust for the URL of MaaS."),
    Variable("validate_certs", "bool", True, "Whether the certificate of MaaS is verified."),
    Variable("token", "str", None, "Token to call MaaS with; default: that of the Kubernetes client."),
    Variable("output", "str", "table", "Format of status: table, json, yaml or html."),
    Variable(
        "output_file", "path", None, "File on the controller that status writes; the table is printed all the same."
    ),
    Variable("diagnose_all", "bool", False, "Whether diagnose goes on past the first broken link."),
    Variable("outsider_token", "str", None, "Token of a caller without access, for the check that it gets none."),
    Variable("validation_rate_limit", "bool", False, "Whether validate uses up a token limit to see it work."),
    Variable("kubernetes", "dict", {}, "Connection options of kubernetes.core, such as kubeconfig or context."),
    Variable("hosts", "str", "localhost", "Inventory pattern; every host is one cluster, namespace and gateway."),
    Variable("wait_timeout", "int", 600, "Seconds to wait for all instances together."),
    Variable("force_conflicts", "bool", False, "Whether to take fields over from other managers of the same object."),
    Variable("report_dir", "path", None, "Directory of the controller for the reports of validate."),
    Variable("render_dir", "path", None, "Directory of the controller for the files of render."),
    Variable(
        "render_cluster", "dict", {}, "What render is to know of the cluster: settings of module maas_info.", True
    ),
    Variable(
        "render_secrets", "dict", {}, "What render writes for Secrets: kind, store {name, kind}, remote_key.", True
    ),
    Variable(
        "render_revisions", "dict", {}, "Text for a Secret by its name; a new one rolls the pods that use it.", True
    ),
    Variable(
        "render_argocd",
        "dict",
        {},
        "What render writes for Argo CD: kind, repo_url, revision, path, name, namespace, project, server.",
        True,
    ),
    Variable("rotate", "names", [], "Instances whose key rotate renews; where not given, those whose key has changed."),
    Variable("rotate_check", "bool", True, "Whether rotate asks the provider about a new key before it is written."),
    Variable("prune", "bool", False, "Whether deploy removes the instances of the set that left the list."),
    Variable("prune_all", "bool", False, "Whether prune may do so on an empty list, too, which takes them all."),
    Variable("remove_all", "bool", False, "Whether remove takes everything of the set, not only what the list names."),
    Variable(
        "remove_namespace", "bool", False, "Whether remove takes the namespace too, if we made it and it is empty."
    ),
)

_BY_NAME = {variable.name: variable for variable in VARIABLES}

PUBLISHED = ("preflight", "summary", "validation", "diagnosis", "status", "rotation", "removal", "render")

SECRET = ("kubernetes", "token", "outsider_token")

TABLE = Table(PREFIX, VARIABLES, ("instances",), PUBLISHED, SECRET, _SHAPES)

# Those that the playbooks of other areas read, too: the list and how a run goes, whatever it is about.
RUN_WIDE = (
    *("instances", "providers", "set", "kubernetes", "hosts", "wait_timeout", "force_conflicts", "prune", "prune_all"),
    *("output", "output_file", "report_dir", "render_dir", "egress"),
    *("proof", "diagnose_all"),
)

# The roles, whose names are no prefix of a variable.
_ROLES = (
    *("provider_secrets", "llamastack_instances", "maas_registration"),
    *("maas_validation", "maas_status", "key_rotation"),
)

NAMES = TABLE.names


def unknown_variables(found: t.Iterable[str]) -> list[Problem]:
    """Problems for variables that look like ours and are not, with the near matches.

    C(found) may hold any names. A name counts as ours with the prefix, or when it is a slip of the finger away
    from one of them, or the name of one with that of a role before it (C(llamastack_instances_namespace)).
    """
    known = [PREFIX + variable.name for variable in VARIABLES]
    of_roles = {f"{role}_{variable.name}": PREFIX + variable.name for role in _ROLES for variable in VARIABLES}
    findings = Findings()
    for name in sorted(set(found).difference(PREFIX + published for published in PUBLISHED)):
        if name.startswith(PREFIX):
            findings.refuse_unknown_keys([name], known, "variable")
        elif name in of_roles:
            findings.at(name).error(f"a role has no variables of its own; give {of_roles[name]}")
        elif name.startswith("llama") and difflib.get_close_matches(name, known, n=1, cutoff=0.92):
            findings.refuse_unknown_keys([name], known, "variable")
    return findings.errors


def run_settings(given: t.Mapping[str, t.Any]) -> tuple[dict[str, t.Any], Findings]:
    """The run settings with their defaults, from a mapping whose keys are the variables without their prefix."""
    values, findings = run_values(given)
    return settings_of(values, given), findings


def settings_of(values: t.Mapping[str, t.Any], given: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Of all values those that objects are built from, and what the cluster says of itself.

    Variables that nothing is built from, tokens among them, are no part of it, nor is what has an unknown name: it could
    be a token too. C(FROM_CLUSTER) and the generation are handed through, or taken from C(render_cluster).
    """
    cluster = _of_cluster(values, given)
    settings = {key: yaml_text.plain(cluster[key]) for key in FROM_CLUSTER if key in cluster}
    settings.update((variable.name, values[variable.name]) for variable in VARIABLES if variable.setting)
    return settings


def run_values(given: t.Mapping[str, t.Any]) -> tuple[dict[str, t.Any], Findings]:
    """The values of all variables but the list, with their defaults, and what is wrong with them.

    Values that came as text (a survey, C(-e name=value)) are turned into their type.
    """
    findings = Findings()
    values = TABLE.values(given, findings)
    if values["generation"] is None:
        found = _of_cluster(values, given).get("generation")
        values["generation"] = TABLE.value(_BY_NAME["generation"], found, findings)
    _check(values, findings)
    return values, findings


def _of_cluster(values: t.Mapping[str, t.Any], given: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {**values["render_cluster"], **{key: given[key] for key in FROM_CLUSTER if key in given}}


def value(name: str, given: t.Any) -> tuple[t.Any, Findings]:
    """The value of one variable, and what is wrong with it. C(name) is without the prefix."""
    values, findings = run_values({name: given})
    return values[name], findings


def keeps_from_asking(problem: Problem) -> bool:
    """Whether the cluster is not even asked because of a problem: it is with that, or with the list as a whole."""
    variable = re.split(r"[.\[]", problem["path"])[0]
    return problem["path"] in (f"{PREFIX}instances", _TOKEN_VARIABLE) or variable in [
        PREFIX + name for name in _ASKED_WITH
    ]


def _check(values: dict[str, t.Any], findings: Findings) -> None:
    """Report what is wrong with values of the right type, and bring the nested ones into their full shape."""

    def at(name: str) -> Findings:
        return findings.at(PREFIX + name)

    for name in ("namespace", "subscription_namespace"):
        if not ownership.is_dns_1123(values[name]):
            at(name).error("must be the name of a namespace: up to 63 lower case letters, digits and hyphens")
    if not _LABEL_VALUE.match(values["set"]):
        at("set").error("must be fit for a label: up to 63 letters, digits, dots, underscores and hyphens")
    at("scope").require_one_of(values["scope"], SCOPES)
    at("proof").require_one_of(values["proof"], PROOFS)
    at("output").require_one_of(values["output"], OUTPUTS)
    if values["generation"] is not None:
        try:
            values["generation"] = generations.get(values["generation"]).name
        except ValueError as error:
            at("generation").error(str(error))
    if not re.match(r"[a-z0-9+]+://\S+\Z", values["model_uri"]):
        at("model_uri").error("must have a scheme, such as hf://, oci:// or pvc://")
    if values["url"] is not None:
        _check_maas_url(values["url"], at("url"))
    for name in ("token", "outsider_token"):
        _check_token(values[name], at(name))
    if values["wait_timeout"] < 1:
        at("wait_timeout").error("must be at least 1 second")
    check_image(values["image"], at("image"))
    for index, name in enumerate(values["image_pull_secrets"]):
        check_object_name(name, at("image_pull_secrets").at(index))
    for index, name in enumerate(values["rotate"]):
        if not isinstance(name, str) or not name.strip():
            at("rotate").at(index).error("must be the name of an instance")
    values["kubernetes"] = _complete_kubernetes(values["kubernetes"], at("kubernetes"))
    values["gateway"] = _complete_gateway(values["gateway"], at("gateway"))
    values["egress"] = _complete_egress(values["egress"], at("egress"))
    for name in ("image", "model_uri", "egress", "gateway"):
        refuse_templates(values[name], at(name))


def _complete_kubernetes(options: dict[str, t.Any], findings: Findings) -> dict[str, t.Any]:
    """The connection options without those that were left blank."""
    findings.refuse_unknown_keys(options, KUBERNETES_OPTIONS, "connection option")
    complete = {}
    for option, given in options.items():
        wanted = KUBERNETES_OPTIONS.get(option)
        if wanted is None or conversion.is_blank(given):
            continue
        if option == "kubeconfig" and (isinstance(given, dict) or re.match(r"\s*\{|.*\S\s*\n\s*\S", str(given))):
            wanted = "dict"  # the configuration itself, in place of the path of its file
        if wanted == "str" and not isinstance(given, (str, dict, list)):
            # 012345, 12:30 and 1_000 are other numbers to YAML: what was written is gone.
            findings.at(option).error("must be text; what consists of digits needs quotes")
            continue
        if wanted == "list" and isinstance(given, str) and not given.lstrip().startswith("["):
            given = [name.strip() for name in given.split(",") if name.strip()]  # a group may have a space in it
        try:
            complete[option] = conversion.convert(wanted, given)
        except ValueError as error:
            findings.at(option).error(str(error))
        if option == "api_key":
            _check_token(given, findings.at(option))
    return complete


def _complete_gateway(gateway: dict[str, t.Any], findings: Findings) -> dict[str, t.Any]:
    complete = {**_BY_NAME["gateway"].default, **gateway}
    findings.refuse_unknown_keys(gateway, ("name", "namespace"))
    check_object_name(complete["name"], findings.at("name"))
    if not isinstance(complete["namespace"], str) or not ownership.is_dns_1123(complete["namespace"]):
        findings.at("namespace").error("must be the name of a namespace")
    return complete


def check_image(image: t.Any, findings: Findings) -> None:
    """Whether C(image) can be the name of an image at all."""
    if not isinstance(image, str) or not image or re.search(r"\s", image):
        findings.error("must be the name of an image, such as " + images.DEFAULT_IMAGE)


def check_object_name(name: t.Any, findings: Findings) -> None:
    """Whether C(name) can be the name of a Kubernetes object."""
    if not isinstance(name, str) or not _OBJECT_NAME.match(name):
        findings.error("must be the name of an object: lower case letters, digits, dots and hyphens")


def _complete_egress(egress: dict[str, t.Any], findings: Findings) -> dict[str, t.Any]:
    """The egress with every key: proxy and no_proxy (text or None), ca_bundle ({name, key} or None)."""
    findings.refuse_unknown_keys(egress, ("proxy", "no_proxy", "ca_bundle"))
    proxy = egress.get("proxy") or None
    if proxy is not None:
        _check_proxy(proxy, findings.at("proxy"))
    direct = _complete_no_proxy(egress.get("no_proxy") or None, findings.at("no_proxy")) or (
        _NO_PROXY if proxy else None
    )
    bundle = egress.get("ca_bundle") or None
    if bundle is not None:
        bundle = _complete_ca_bundle(bundle, findings.at("ca_bundle"))
    return {"proxy": proxy, "no_proxy": direct, "ca_bundle": bundle}


def _complete_no_proxy(given: t.Any, findings: Findings) -> t.Any:
    """What is reached without the proxy, as text that every client in a pod can read."""
    if isinstance(given, list):
        given = ",".join(map(str, given))
    if given is not None and not isinstance(given, str):
        findings.error("must be a list of hosts, or text with commas between them")
    if not isinstance(given, str) or holds_template(given):
        return given
    readable: list[str] = []
    for entry in no_proxy.entries(given):
        try:
            read = no_proxy.readable(entry)
        except ValueError as error:
            # What holds an @ may hold a password.
            findings.error(f"{'an entry' if '@' in entry else entry} {error}")
            continue
        if read.note:
            what = f"is written as {read.text}" if read.text else "is left out"
            findings.warn(f"{entry} {what}: {read.note}")
        if read.text and read.text not in readable:
            readable.append(read.text)
    return ",".join(readable)


def _complete_ca_bundle(bundle: t.Any, findings: Findings) -> dict[str, t.Any] | None:
    if not isinstance(bundle, dict):
        findings.error("must be a mapping with the name of a ConfigMap and the key that holds the PEM text")
        return None
    findings.refuse_unknown_keys(bundle, ("name", "key"))
    check_object_name(bundle.get("name"), findings.at("name"))
    key = bundle.get("key", _CA_BUNDLE_KEY)
    if not isinstance(key, str) or not _CONFIG_MAP_KEY.match(key):
        findings.at("key").error("must be the key of the ConfigMap that holds the PEM text")
    return {"name": bundle.get("name"), "key": key}


def _check_proxy(proxy: t.Any, findings: Findings) -> None:
    problem = url_problem(proxy)
    if problem:
        findings.error(problem)
    elif "@" in urlsplit(proxy).netloc:
        findings.warn("the user name and password in it can be read in the object by everybody who may see it")


def _check_maas_url(url: t.Any, findings: Findings) -> None:
    """Whether MaaS can be at C(url). Nothing of it is quoted but what is sound."""
    bare = url.strip().strip("'\"`").strip()
    if bare != url:
        findings.error("has white space, a line break or quotes around it; give it without them")
    found = url_problem(bare)
    if found:
        findings.error(found)
        return
    url = bare
    parts = urlsplit(url)
    if not is_host(parts.hostname or ""):
        findings.error(
            "does not name a host: letters, digits, dots and hyphens, or an address; replace what stands for a part"
        )
        return
    base = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    if "@" in parts.netloc:
        findings.error(f"must not hold a user name or a password; give {base}")
    if parts.query or "?" in url or parts.fragment or "#" in url:
        findings.error(f"must not hold a query or a fragment; give {base}")
    steps = parts.path.strip("/").split("/")
    known = [index for index, step in enumerate(steps) if step.lower() in _MAAS_STEPS]
    if known:
        # Two steps before the version are an instance: its namespace and its name.
        before = [] if steps[known[0]].lower() == "v1" and known[0] > 1 else steps[: known[0]]
        rest = "/".join(steps[len(before) :])
        findings.error(f"ends in /{rest}, which is added where it is needed; give {'/'.join([base, *before])}")


def is_host(host: str) -> bool:
    if ":" in host:
        try:
            return bool(ipaddress.ip_address(host.partition("%")[0]))
        except ValueError:
            return False
    return bool(_HOST.match(host))


def _check_token(token: t.Any, findings: Findings) -> None:
    found = credential_problem(token) if isinstance(token, str) else None
    if found:
        findings.error(f"the value {found}")


def token_problems(environment: t.Mapping[str, str], given: t.Mapping[str, t.Any]) -> list[Problem]:
    """What is wrong with a token for the cluster that the environment gives, where the settings C(given) have none."""
    findings = Findings(_TOKEN_VARIABLE)
    if environment.get(_TOKEN_VARIABLE) and not value("kubernetes", given.get("kubernetes"))[0].get("api_key"):
        _check_token(environment[_TOKEN_VARIABLE], findings)
    return findings.errors


def url_problem(url: t.Any) -> str | None:
    """What is wrong with the URL of a server; quotes nothing of it, for it may hold a password."""
    if not isinstance(url, str) or re.search(r"\s", url):
        return "must be a URL"
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    return None if sound else "must be a URL that starts with https:// or http:// and names a host"


def refuse_templates(value: t.Any, findings: Findings) -> None:
    """Report every text below C(value) that holds a template.

    KServe renders an LLMInferenceService as a Go template, and refuses or silently rewrites what holds one; Jinja
    that got as far as this was not templated by Ansible, so it is not what the user meant either.
    """
    if isinstance(value, dict):
        for key, item in value.items():
            refuse_templates(item, findings.at(str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            refuse_templates(item, findings.at(index))
    elif isinstance(value, str) and holds_template(value):
        findings.error(
            "holds a literal {{ or {%: a template that was not filled in, and KServe would try to fill it in"
        )


def holds_template(text: str) -> bool:
    """Whether a template stands in C(text) that was not filled in."""
    return "{{" in text or "{%" in text
