# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import installation, litemaas_check

CLASSES = [{"name": "fast", "default": False, "created": "1"}, {"name": "slow", "default": True, "created": "2"}]


def seen(**more):
    return {
        "namespace": "litemaas",
        "namespace_state": "absent",
        "openshift": False,
        "routes": False,
        "oauth_issuer": None,
        "ingress_classes": [{"name": "nginx", "default": True}],
        "storage_classes": CLASSES,
        "secrets": {},
        "salt": {"stored": None, "now": None},
        "database": {},
        **more,
    }


OPENSHIFT = {"openshift": True, "routes": True, "oauth_issuer": "https://oauth-openshift.apps.example.com"}


def values(**area):
    return litemaas_check.run_values({}, area)


def complete(cluster=None, environment=(), **area):
    given, problems = values(**{"host": "llm.example.com", **area})
    assert problems == []
    return installation.complete(given, seen() if cluster is None else cluster, dict(environment))


def errors(cluster=None, **area):
    found = complete(cluster, **area).findings.errors
    return {each["path"]: each["message"] for each in found}


def input_errors(**area):
    return {each["path"]: each["message"] for each in values(**area)[1]}


def test_the_defaults_are_an_installation():
    made = complete()
    assert made.findings.errors == [] and made.findings.warnings == []
    assert made.installation["expose"] == "ingress" and made.installation["resources"]["limits"]["memory"] == "2Gi"
    assert made.installation["database"]["storage_class"] == "slow" and made.installation["app"] is None


@pytest.mark.parametrize(
    "area, path, part",
    [
        ({"image": "ghcr.io/berriai/litellm:v1.82.8"}, "litemaas_image", "steals credentials"),
        ({"image": "ghcr.io/berriai/litellm:v1.107.0"}, "litemaas_image", "compromised"),
        ({"image": "l:latest"}, "litemaas_image", "names no version"),
        ({"replicas": 0}, "litemaas_replicas", "1 or more"),
        ({"expose": "gateway"}, "litemaas_expose", "must be one of"),
        ({"host": "https://x"}, "litemaas_host", "without https://"),
        ({"redis": {"hosts": "r"}}, "litemaas_redis.hosts", "did you mean host?"),
        ({"redis": {"host": "r", "port": 0}}, "litemaas_redis.port", "port"),
        ({"redis": {"host": "r", "secret": {"name": "s"}}}, "litemaas_redis.secret.key", "is missing"),
        ({"database": {"image": "bitnami/postgresql:16"}}, "litemaas_database.image", "no family"),
        ({"database": {"storage": "much"}}, "litemaas_database.storage", "amount"),
        ({"database": {"external": {}}}, "litemaas_database.external.secret", "must be a mapping"),
        (
            {"database": {"storage": "1Gi", "external": {"secret": {"name": "s"}}}},
            "litemaas_database.storage",
            "external names another one",
        ),
        ({"resources": {"limits": {"memory": "lots"}}}, "litemaas_resources.limits.memory", "amount"),
        ({"app": {"auth": "ldap"}}, "litemaas_app.auth", "must be one of"),
        (
            {"app": {"oidc": {"issuer": "disabled", "client_id": "c", "client_secret_env": "E"}}},
            "litemaas_app.oidc.issuer",
            "URL",
        ),
        ({"app": {"oidc": {"issuer": "https://i", "client_id": "c"}}}, "litemaas_app.oidc", "needs one of"),
        ({"secrets": {"litelm": "x"}}, "litemaas_secrets.litelm", "did you mean litellm?"),
        ({"keep": ["databse"]}, "litemaas_keep[0]", "must be one of"),
    ],
)
def test_what_is_wrong_is_found_where_it_stands(area, path, part):
    assert part in input_errors(**area)[path]


def test_values_may_come_as_text():
    given, problems = values(replicas="2", database='{"max_connections": "150"}', keep="database, namespace")
    assert problems == []
    assert (given["replicas"], given["database"]["max_connections"], given["keep"]) == (
        2,
        150,
        ["database", "namespace"],
    )


@pytest.mark.parametrize(
    "classes, given, chosen",
    [
        (CLASSES, None, "slow"),
        (CLASSES, "fast", "fast"),
        ([{**each, "default": True} for each in CLASSES], None, "slow"),
        (CLASSES[:1], None, "fast"),
        (None, None, None),
        (None, "any", "any"),
    ],
)
def test_storage_class(classes, given, chosen):
    made = complete(seen(storage_classes=classes), database={"storage_class": given} if given else {})
    assert made.findings.errors == [] and made.installation["database"]["storage_class"] == chosen


def test_a_storage_class_that_cannot_be_found_is_an_error_that_lists_them():
    two = [{**each, "default": False} for each in CLASSES]
    assert "fast, slow" in errors(seen(storage_classes=two))["litemaas_database.storage_class"]
    assert "no storage class" in errors(seen(storage_classes=[]))["litemaas_database.storage_class"]
    unknown = errors(database={"storage_class": "quick"})
    assert "there is no class of that name; the cluster has fast, slow" in unknown["litemaas_database.storage_class"]


def test_classes_that_may_not_be_listed_are_a_warning():
    warnings = complete(seen(storage_classes=None)).findings.warnings
    assert [each["path"] for each in warnings] == ["litemaas_database.storage_class"]


DATABASE = {
    "image": "quay.io/sclorg/postgresql-16-c9s:1",
    "storage": "10Gi",
    "storage_class": "old",
    "claim_state": "ours",
}


def test_a_claim_that_is_there_stays_as_it_is():
    made = complete(seen(database=DATABASE))
    assert (made.installation["database"]["storage"], made.installation["database"]["storage_class"]) == ("10Gi", "old")
    found = errors(seen(database=DATABASE), database={"storage": "20Gi", "storage_class": "fast"})
    assert "cannot be changed" in found["litemaas_database.storage"]
    assert "cannot be changed" in found["litemaas_database.storage_class"]
    assert errors(seen(database=DATABASE), database={"storage": "10240Mi"}) == {}


def test_data_are_given_to_no_image_that_cannot_read_them():
    family = errors(seen(database=DATABASE), database={"image": "postgres:16"})
    major = errors(seen(database=DATABASE), database={"image": "quay.io/sclorg/postgresql-18-c9s:1"})
    assert "another family" in family["litemaas_database.image"] and "another major" in major["litemaas_database.image"]
    assert errors(seen(database=DATABASE), database={"image": "quay.io/sclorg/postgresql-16-c9s:2"}) == {}


def test_a_claim_of_others_is_not_taken():
    assert "not managed" in errors(seen(database={"claim_state": "unmanaged"}))["litemaas_database"]


def test_an_ingress_needs_its_hosts_and_a_class():
    found = errors(
        host=None, app={"oidc": {"issuer": "https://i", "client_id": "c", "client_secret": {"name": "s", "key": "k"}}}
    )
    assert set(found) == {"litemaas_host", "litemaas_app_host"}
    two = [{"name": "a", "default": False}, {"name": "b", "default": False}]
    assert "a, b" in errors(seen(ingress_classes=two))["litemaas_ingress_class"]
    assert "no class of Ingresses" in errors(seen(ingress_classes=[]))["litemaas_ingress_class"]
    assert complete(seen(ingress_classes=two[:1])).installation["ingress_class"] == "a"
    assert complete(seen(ingress_classes=None)).installation["ingress_class"] is None
    assert errors(host=None, expose="none") == {}


def test_on_openshift_a_route_needs_no_host_and_users_log_in_by_service_account():
    made = complete(seen(**OPENSHIFT), host=None, app={})
    assert made.findings.errors == [] and made.installation["expose"] == "route"
    app = made.installation["app"]
    assert (app["auth"], app["issuer"]) == ("service_account", OPENSHIFT["oauth_issuer"])


def test_without_openshift_users_need_oidc():
    assert "OpenID Connect" in errors(app={}, app_host="a.example.com")["litemaas_app.oidc"]
    service_account = errors(app={"auth": "service_account"}, app_host="a.example.com")
    assert "the way of OpenShift" in service_account["litemaas_app.auth"]
    assert "cluster has no Routes" in errors(expose="route")["litemaas_expose"]


def test_the_issuer_that_cannot_be_read_is_asked_for():
    assert "OAuth server" in errors(seen(**{**OPENSHIFT, "oauth_issuer": None}), app={})["litemaas_app.issuer"]


def test_connections_of_all_pods_are_counted():
    assert errors(replicas=7, redis={"host": "r"}) == {}
    found = errors(replicas=8, redis={"host": "r"}, database={"max_connections": 103})
    assert "may open 103 connections; give 104 or more" in found["litemaas_database.max_connections"]
    assert errors(replicas=8, redis={"host": "r"}, database={"max_connections": 104}) == {}


def test_replicas_without_redis_are_a_warning():
    found = complete(replicas=2).findings.warnings
    assert "up to 60 s" in found[0]["message"] and found[0]["path"] == "litemaas_redis"


SECRET = {"exists": True, "managed": False, "fields": [], "empty_fields": [], "unfit_for_url": []}


def test_a_secret_of_others_must_be_named():
    there = seen(secrets={"litellm-secret": SECRET})
    assert "litemaas_secrets: {litellm: litellm-secret}" in errors(there)["litemaas_secrets.litellm"]
    found = errors(there, secrets={"litellm": "litellm-secret"})["litemaas_secrets.litellm"]
    assert "lacks LITELLM_MASTER_KEY, LITELLM_SALT_KEY" in found and "its first master key" in found
    whole = {**SECRET, "fields": list(installation.FIELDS["litellm"])}
    assert errors(seen(secrets={"corp": whole}), secrets={"litellm": "corp"}) == {}
    absent = seen(secrets={"corp": {**SECRET, "exists": False}})
    assert "no Secret corp" in errors(absent, secrets={"litellm": "corp"})["litemaas_secrets.litellm"]


@pytest.mark.parametrize("now, part", [("bb", "has another LITELLM_SALT_KEY"), (None, "has lost the LITELLM_SALT_KEY")])
def test_another_salt_is_refused_with_the_reason(now, part):
    ours = {**SECRET, "managed": True, "exists": now is not None}
    found = errors(seen(secrets={"litellm-secret": ours}, salt={"stored": "aa", "now": now}))
    assert (
        part in found["litemaas_secrets.litellm"]
        and "Put the value of before back" in found["litemaas_secrets.litellm"]
    )


def test_the_same_salt_and_one_that_may_not_be_read_are_no_error():
    ours = {**SECRET, "managed": True}
    assert errors(seen(secrets={"litellm-secret": ours}, salt={"stored": "aa", "now": "aa"})) == {}
    unknown = {**SECRET, "exists": None}
    assert errors(seen(secrets={"litellm-secret": unknown}, salt={"stored": "aa", "now": None})) == {}


CNPG = {
    **SECRET,
    "fields": ["dbname", "host", "jdbc-uri", "password", "pgpass", "port", "uri", "user", "username"],
}


def external(**more):
    return {"database": {"external": {"secret": {"name": "pg-app"}, **more}}}


def test_the_secret_of_an_operator_is_taken_as_it_is():
    made = complete(seen(secrets={"pg-app": CNPG}), **external())
    assert made.findings.errors == []
    login = made.installation["database"]["logins"]["litellm"]
    assert login["keys"]["uri"] == "uri" and login["keys"]["database"] == "dbname" and login["sslmode"] == "require"
    assert made.installation["database"]["external"] is True


def test_values_beside_the_secret_go_before_its_fields():
    made = complete(seen(secrets={"pg-app": CNPG}), **external(host="pooler.db", port=6432))
    login = made.installation["database"]["logins"]["litellm"]
    assert (login["host"], login["port"], "uri" in login["keys"]) == ("pooler.db", 6432, False)


def test_an_authority_is_verified():
    made = complete(seen(secrets={"pg-app": CNPG}), **external(ca={"name": "pg-ca", "key": "ca.crt"}))
    login = made.installation["database"]["logins"]["litellm"]
    assert login["sslmode"] == "verify-full" and login["ca"] == {"kind": "Secret", "name": "pg-ca", "key": "ca.crt"}


def test_what_an_external_login_lacks_is_named():
    poor = {**SECRET, "fields": ["password"]}
    found = errors(seen(secrets={"pg-app": poor}), **external())
    assert "no field for host, database, username" in found["litemaas_database.external.secret"]
    unfit = {**SECRET, "fields": ["password"], "unfit_for_url": ["password"]}
    found = errors(seen(secrets={"pg-app": unfit}), **external(host="h", database="d", username="u"))
    assert "a URL cannot" in found["litemaas_database.external.secret"]
    wrong = external(secret={"name": "pg-app", "keys": {"password": "pw"}})
    assert (
        "has no field pw"
        in errors(seen(secrets={"pg-app": CNPG}), **wrong)["litemaas_database.external.secret.keys.password"]
    )


def test_litemaas_gets_a_database_of_its_own():
    app = {"app": {}}
    cluster = seen(secrets={"pg-app": CNPG, "backend-secret": {**SECRET, "exists": False}}, **OPENSHIFT)
    assert "database of its own" in errors(cluster, **external(), **app)["litemaas_database.external.app"]
    same = external(app={"secret": {"name": "pg-app"}})
    assert "is the database of LiteLLM, too" in errors(cluster, **same, **app)["litemaas_database.external.app"]


def test_an_environment_variable_that_is_not_set_is_found():
    oidc = {"issuer": "https://i", "client_id": "c", "client_secret_env": "OIDC_SECRET"}
    area = {"app": {"oidc": oidc}, "app_host": "a.example.com"}
    assert "OIDC_SECRET is not set" in errors(**area)["litemaas_app.oidc.client_secret_env"]
    assert complete(environment={"OIDC_SECRET": "s"}, **area).findings.errors == []


def test_where_no_cluster_is_read_it_is_taken_as_given():
    assert "where no cluster is read" in errors({})["litemaas_expose"]
    made = complete({}, expose="route", database={"storage_class": "any"})
    assert made.findings.errors == [] and made.installation["openshift"] is True
