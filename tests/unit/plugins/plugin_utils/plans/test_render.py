# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random
from typing import Any

import pytest
import yaml
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import check
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base, render as verb
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import (
    Plan,
    PlanError,
    Readers,
    RunInput,
    RunOutcome,
)

CLUSTER = {
    "generation": "b2",
    "service_version": "serving.kserve.io/v1alpha2",
    "storage_initializer": True,
    "namespace_labels": {"maas.opendatahub.io/gateway-access": "true"},
}
OWN = {"name": "own", "provider": "openai", "api_key_env": "RENDER_TEST_KEY", "models": ["gpt-4o"]}
BORROWED = {
    "name": "borrowed",
    "provider": "gemini",
    "credentials_secret": {"name": "corp", "keys": {"api_key": "token"}},
    "models": ["gemini-2.5-flash"],
}
KEY = "sk-render-0123456789abcdef"


def render(entries: Any = (OWN, BORROWED), cluster: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
    settings = {"render_cluster": CLUSTER if cluster is None else cluster, "render_dir": "gitops", **settings}
    checked = check.check(list(entries), settings, {}, check.Needs(credentials=False))
    found = [*checked.problems, *verb.problems(checked)]
    return {**({} if found else verb.rendered(checked)), "problems": found}


def objects(rendered: dict[str, Any], path: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(rendered["files"][path]))


def directories(rendered: dict[str, Any]) -> set[str]:
    return {path.rpartition("/")[0] for path in rendered["files"]}


def problems(**given: Any) -> dict[str, str]:
    return {each["path"].removeprefix("llamastack_maas_"): each["message"] for each in render(**given)["problems"]}


def variables(rendered: dict[str, Any], instance: str) -> dict[str, Any]:
    added = [
        each["value"]
        for each in objects(rendered, f"overlays/{instance}/patch.yaml")[0]
        if each["path"].endswith("/env/-")
    ]
    return {each["name"]: each.get("value") for each in added}


def test_there_is_a_base_an_overlay_for_each_instance_and_what_they_share() -> None:
    rendered = render()
    assert rendered["problems"] == []
    assert directories(rendered) == {"", "base", "shared", "overlays/own", "overlays/borrowed"}
    (top,) = objects(rendered, "kustomization.yaml")
    assert top["resources"] == ["shared", "overlays/borrowed", "overlays/own"]
    (overlay,) = objects(rendered, "overlays/own/kustomization.yaml")
    assert overlay["resources"] == [
        "../../base",
        "configmap.yaml",
        "maasmodelref.yaml",
        "maasauthpolicy.yaml",
        "maassubscription.yaml",
    ]


def test_every_resource_that_is_named_is_there_and_nothing_else() -> None:
    rendered = render(prober=True)
    for directory in directories(rendered):
        prefix = f"{directory}/" if directory else ""
        (content,) = objects(rendered, f"{prefix}kustomization.yaml")
        files = {path for path in rendered["files"] if path.rpartition("/")[0] == directory}
        named = {f"{prefix}{each}" for each in content["resources"] if each.endswith(".yaml")}
        named |= {f"{prefix}{patch['path']}" for patch in content.get("patches", [])}
        assert files == named | {f"{prefix}kustomization.yaml"}


def test_the_order_of_the_list_does_not_matter() -> None:
    entries = [{**OWN, "name": f"own-{number}"} for number in range(9)]
    wanted = render(entries)
    random.Random(6).shuffle(entries)
    assert render(entries) == wanted
    assert list(wanted["files"]) == sorted(wanted["files"])


def test_no_file_holds_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENDER_TEST_KEY", KEY)
    for secrets in ({}, {"kind": "SealedSecret"}, {"kind": "ExternalSecret", "store": {"name": "vault"}}):
        rendered = render([OWN, {**OWN, "name": "given", "api_key_env": None, "api_key": KEY}], render_secrets=secrets)
        assert rendered["files"] and KEY not in repr(rendered)
        assert not any("kind: Secret\n" in text for text in rendered["files"].values())


@pytest.mark.parametrize(
    ("scope", "kinds"),
    [
        ("platform", {"Namespace", "MaaSAuthPolicy", "MaaSSubscription"}),
        ("project", {"ServiceAccount", "ConfigMap", "LLMInferenceService", "MaaSModelRef"}),
    ],
)
def test_a_half_is_rendered_alone(scope: str, kinds: set[str]) -> None:
    rendered = render(scope=scope, prober=True)
    found = {each["kind"] for path in rendered["files"] for each in objects(rendered, path) if isinstance(each, dict)}
    assert found - {"Kustomization"} == kinds


def test_where_nothing_is_of_an_instance_there_is_no_overlay() -> None:
    rendered = render(cluster={**CLUSTER, "generation": "a"}, scope="platform")
    assert set(rendered["files"]) == {"kustomization.yaml", "shared/kustomization.yaml", "shared/namespace.yaml"}


def test_the_secrets_that_are_needed_are_named() -> None:
    needed = [{"name": "corp", "keys": ["token"]}, {"name": "own-credentials", "keys": ["api_key"]}]
    assert render()["secrets"] == needed
    assert render(render_secrets={"kind": "SealedSecret"})["secrets"] == needed[:1]
    assert render(scope="platform")["secrets"] == []


def test_a_revision_is_told_for_a_secret_and_reaches_those_who_use_it() -> None:
    assert "LLAMASTACK_MAAS_CREDENTIALS_REVISION" not in variables(render(), "own")
    rendered = render(render_revisions={"corp": "2026-11-21"})
    assert variables(rendered, "borrowed")["LLAMASTACK_MAAS_CREDENTIALS_REVISION"] == "2026-11-21"
    assert "LLAMASTACK_MAAS_CREDENTIALS_REVISION" not in variables(rendered, "own")


def test_an_external_secret_fetches_each_field_for_our_own_secret_only() -> None:
    store = {"name": "vault", "kind": "ClusterSecretStore"}
    rendered = render(render_secrets={"kind": "ExternalSecret", "store": store, "remote_key": "{namespace}/{instance}"})
    (secret,) = objects(rendered, "overlays/own/externalsecret.yaml")
    assert secret["spec"]["secretStoreRef"] == store
    assert secret["spec"]["target"] == {"name": "own-credentials"}
    assert secret["spec"]["data"] == [{"secretKey": "api_key", "remoteRef": {"key": "llm/own", "property": "api_key"}}]
    assert "externalsecret.yaml" in objects(rendered, "overlays/own/kustomization.yaml")[0]["resources"]
    assert "overlays/borrowed/externalsecret.yaml" not in rendered["files"]
    # The operator copies labels to the Secret, which would then look like one of ours.
    assert "labels" not in secret["metadata"]


def test_a_sealed_secret_is_for_somebody_to_fill_in() -> None:
    rendered = render(render_secrets={"kind": "SealedSecret"})
    assert list(rendered["seeds"]) == ["overlays/own/sealedsecret.yaml"]
    secret = yaml.safe_load(rendered["seeds"]["overlays/own/sealedsecret.yaml"])
    assert secret["spec"]["encryptedData"] == {"api_key": "SEAL-ME"}
    assert "sealedsecret.yaml" in objects(rendered, "overlays/own/kustomization.yaml")[0]["resources"]
    assert rendered["header"] not in rendered["seeds"]["overlays/own/sealedsecret.yaml"]


COMPARED_BY_THE_SERVER = {"argocd.argoproj.io/compare-options": "ServerSideDiff=true"}
REPOSITORY = {"repo_url": "https://git.example.com/llm.git", "path": "clusters/one/"}


def test_argo_cd_follows_all_of_it() -> None:
    (application,) = objects(render(render_argocd=REPOSITORY), "argocd.yaml")
    source = application["spec"]["source"]
    assert source == {"repoURL": REPOSITORY["repo_url"], "targetRevision": "HEAD", "path": "clusters/one"}
    assert application["spec"]["destination"]["namespace"] == "llm"
    assert application["metadata"]["annotations"] == COMPARED_BY_THE_SERVER


def test_argo_cd_follows_each_instance_and_what_they_share() -> None:
    shared, each = objects(render(render_argocd={**REPOSITORY, "kind": "ApplicationSet"}), "argocd.yaml")
    assert shared["spec"]["source"]["path"] == "clusters/one/shared"
    (generator,) = each["spec"]["generators"]
    assert generator["git"]["directories"] == [{"path": "clusters/one/overlays/*"}]
    # No instance can be called so that its Application and that of the shared objects have one name.
    made = each["spec"]["template"]["metadata"]
    assert made["name"] == shared["metadata"]["name"] + "-{{ .path.basename }}"
    assert made["annotations"] == shared["metadata"]["annotations"] == COMPARED_BY_THE_SERVER


def test_argo_cd_is_told_of_nothing_shared_where_there_is_nothing() -> None:
    argocd = {**REPOSITORY, "path": ".", "kind": "ApplicationSet"}
    (only,) = objects(render(scope="project", render_argocd=argocd), "argocd.yaml")
    assert only["spec"]["generators"][0]["git"]["directories"] == [{"path": "overlays/*"}]


def test_what_must_be_told_of_the_cluster_is_named_at_once() -> None:
    assert list(problems(cluster={})) == ["render_cluster"]
    assert (
        "lacks generation, service_version, storage_initializer, namespace_labels."
        in problems(cluster={})["render_cluster"]
    )
    assert "lacks generation, namespace_labels." in problems(cluster={}, scope="platform")["render_cluster"]
    assert "maas_info" in problems(cluster={"generation": "a"}, scope="project")["render_cluster"]


def test_an_empty_list_does_not_empty_the_directory() -> None:
    assert "is empty" in problems(entries=[])["instances"]


def test_problems_of_the_input_come_first() -> None:
    rendered = render([{**OWN, "provider": "opnai"}], render_secrets={"kind": "Secret"})
    assert [each["path"] for each in rendered["problems"]] == [
        "llamastack_maas_instances[0].provider",
        "llamastack_maas_render_secrets.kind",
    ]


@pytest.mark.parametrize(
    ("given", "path", "message"),
    [
        (
            {"cluster": {**CLUSTER, "storage_init": True}},
            "render_cluster.storage_init",
            "did you mean storage_initializer",
        ),
        (
            {"cluster": {**CLUSTER, "storage_initializer": "perhaps"}},
            "render_cluster.storage_initializer",
            "true or false",
        ),
        (
            {"cluster": {**CLUSTER, "service_version": "v1alpha2"}},
            "render_cluster.service_version",
            "serving.kserve.io/",
        ),
        ({"cluster": {**CLUSTER, "namespace_labels": ["a"]}}, "render_cluster.namespace_labels", "mapping"),
        ({"render_secrets": {"kind": "Secret"}}, "render_secrets.kind", "ExternalSecret, SealedSecret"),
        ({"render_secrets": {"kind": "ExternalSecret"}}, "render_secrets.store", "name of the store"),
        ({"render_secrets": {"kind": "SealedSecret", "store": {}}}, "render_secrets.store", "ExternalSecret only"),
        (
            {"render_secrets": {"kind": "ExternalSecret", "store": {"name": "a", "kind": "Vault"}}},
            "render_secrets.store.kind",
            "SecretStore, ClusterSecretStore",
        ),
        (
            {"render_secrets": {"kind": "ExternalSecret", "store": {"name": "a"}, "remote_key": "{name}"}},
            "render_secrets.remote_key",
            "{namespace} and {instance}",
        ),
        ({"render_revisions": {"crop": "1"}}, "render_revisions.crop", "did you mean corp"),
        ({"render_revisions": {"corp": "a b"}}, "render_revisions.corp", "63 letters"),
        ({"render_argocd": {"kind": "Application"}}, "render_argocd.repo_url", "URL of the git repository"),
        ({"render_argocd": {**REPOSITORY, "kind": "App"}}, "render_argocd.kind", "Application, ApplicationSet"),
        ({"render_argocd": {**REPOSITORY, "path": "../a"}}, "render_argocd.path", "within the repository"),
        ({"render_argocd": {**REPOSITORY, "repo": "x"}}, "render_argocd.repo", "unknown key"),
    ],
)
def test_what_is_wrong_is_reported_with_its_path(given: dict[str, Any], path: str, message: str) -> None:
    found = problems(**given)
    assert list(found) == [path]
    assert message in found[path]


def planned(check_mode: bool = False, **settings: Any) -> Plan:
    def ask(arguments: dict[str, Any]) -> dict[str, Any]:
        raise AssertionError("no cluster is asked")

    given = {"render_cluster": CLUSTER, **settings}
    request = RunInput([OWN, BORROWED], given, [], environment={"RENDER_TEST_KEY": KEY}, check_mode=check_mode)
    return verb.VERB.plan(request, Readers(ask, ask))[0]


def test_all_that_is_wrong_is_refused_at_once() -> None:
    with pytest.raises(PlanError) as refusal:
        planned(render_argocd={"kind": "Application"}, namespace="Llm", kubernetes={"kubeconf": "x"})
    for path in ("kubernetes.kubeconf", "namespace", "render_argocd.repo_url", "render_dir: is missing; give"):
        assert f"llamastack_maas_{path}" in str(refusal.value)


def test_the_directory_counts_from_that_of_the_user(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    plan = planned(render_dir="gitops")
    given = verb.VERB.steps["files"].arguments(plan, base.held(RunInput([OWN], {}, [], {})))
    assert given is not None
    assert given["path"] == f"{tmp_path}/gitops" and given["header"] and "kustomization.yaml" in given["files"]
    assert not verb.VERB.steps["files"].connects


def outcome(check_mode: bool = False) -> RunOutcome:
    plan = planned(check_mode, render_dir="gitops")
    plan.done["files"] = {"written": ["a.yaml", "b.yaml"], "removed": [], "left": ["overlays/old/mine.txt"]}
    return verb.VERB.outcome(plan)


def test_people_are_shown_what_was_written_and_what_it_needs() -> None:
    lines = outcome().lines
    assert lines[0].startswith("gitops: ") and lines[0].endswith(" files, 2 written, 0 removed")
    assert lines[1:] == [
        "left alone, for it is not of this rendering: overlays/old/mine.txt",
        "needed in namespace llm: Secret corp with token",
        "needed in namespace llm: Secret own-credentials with api_key",
        "",
        "Next: commit the directory, and let Argo CD or kubectl apply --server-side -k apply it.",
    ]
    assert outcome(check_mode=True).lines[0].endswith(" files, 2 to be written, 0 to be removed")


def test_programs_get_the_same() -> None:
    assert outcome().published == {
        "dir": "gitops",
        "written": ["a.yaml", "b.yaml"],
        "removed": [],
        "left": ["overlays/old/mine.txt"],
        "secrets": [{"name": "corp", "keys": ["token"]}, {"name": "own-credentials", "keys": ["api_key"]}],
    }
