# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import json
import re
import socket
import ssl
from types import SimpleNamespace

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base import resend
from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import redact
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import cluster as kubernetes_io
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import (
    Cluster,
    KindNotServed,
    in_parallel,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import encode
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic.exceptions import ResourceNotFoundError
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError, ProxyError, ReadTimeoutError, SSLError
from urllib3.util import Retry

DATE = {"Date": "Sat, 21 Nov 2026 15:40:00 GMT"}
PLURALS = {
    "Secret": ("api", "secrets", True),
    "Namespace": ("api", "namespaces", False),
    "MaaSModelRef": ("apis", "maasmodelrefs", True),
}


class Api:
    """The client of kubernetes.core: answers in turn, and what was asked of it."""

    def __init__(self, headers=None, token=None, host="https://api:6443", verify_ssl=True):
        self.answers = []
        self.asked = []
        self.client = SimpleNamespace(client=SimpleNamespace(default_headers=headers or {}), request=self.request)
        auth = {"BearerToken": {"value": f"Bearer {token}"}} if token else {}
        self.configuration = SimpleNamespace(host=host, verify_ssl=verify_ssl, auth_settings=lambda: auth)
        self.resources = SimpleNamespace(get=self.resource, search=self.search, invalidate_cache=self.discover)
        self.cached = dict(PLURALS)
        self.served = dict(PLURALS)
        self.discovered = 0

    def discover(self):
        self.cached = dict(self.served)
        self.discovered += 1

    def search(self, *, prefix, group, kind):
        known = {"prefix": prefix, "group": group}
        return [SimpleNamespace(api_version="v1alpha1", **known)] if kind in self.cached else []

    def resource(self, *, prefix, group, api_version, kind):
        if kind not in self.cached:
            raise ResourceNotFoundError
        found, plural, namespaced = self.cached[kind]
        assert (found, bool(group)) == (prefix, prefix == "apis")
        return SimpleNamespace(prefix=prefix, name=plural, namespaced=namespaced)

    def request(self, method, path, body, query_params, header_params, content_type, **_options):
        self.asked.append((method, path, dict(query_params), body, content_type, header_params["Accept"]))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(headers=DATE, data=json.dumps(answer).encode())


def refusal(status, message="no", headers=None):
    exc = ApiException(status=status, reason="x")
    exc.headers = headers or {}
    exc.body = json.dumps({"kind": "Status", "message": message, "details": {"name": "x", "kind": "secrets"}})
    return exc


def unserved():
    """What the API server answers about a kind that it does not know."""
    exc = ApiException(status=404, reason="Not Found")
    exc.headers, exc.body = {}, "404 page not found\n"
    return exc


@pytest.fixture
def sleeps(monkeypatch):
    slept = []
    monkeypatch.setattr(kubernetes_io.time, "sleep", slept.append)
    return slept


@pytest.fixture
def connect(monkeypatch):
    def cluster(*answers, params=None, **api):
        fake = Api(**api)
        fake.answers += answers
        monkeypatch.setattr(kubernetes_io, "get_api_client", lambda module: fake)
        return Cluster(SimpleNamespace(params=params or {})), fake

    return cluster


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ("No configuration found.", "no answer: kubeconfig: there is no file /none. Correct the path"),
        ("Expected object with name x in /there.", "no file /none; Expected object with name x in /there. Correct"),
    ],
)
def test_a_missing_kubeconfig_is_named(monkeypatch, refusal, said):
    def no_client(module):
        raise kubernetes_io.CoreException(refusal)

    monkeypatch.setattr(kubernetes_io, "get_api_client", no_client)
    with pytest.raises(ApiError, match=re.escape(said)):
        Cluster(SimpleNamespace(params={"kubeconfig": "/none"}))


def secret(name):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": "llm"}}


def ref(name):
    return Ref("v1", "Secret", "llm", name)


def test_paths(connect):
    cluster, _api = connect()
    assert cluster.path("v1", "Secret", "llm", "a") == "/api/v1/namespaces/llm/secrets/a"
    assert (
        cluster.path("maas.opendatahub.io/v1alpha1", "MaaSModelRef", "llm")
        == "/apis/maas.opendatahub.io/v1alpha1/namespaces/llm/maasmodelrefs"
    )
    assert cluster.path("v1", "Namespace", None, "llm") == "/api/v1/namespaces/llm"
    with pytest.raises(KindNotServed, match="the cluster serves no Nope of a/v1"):
        cluster.path("a/v1", "Nope")


def test_a_busy_server_is_asked_again_when_it_says(connect, sleeps):
    cluster, api = connect(refusal(429, headers={"Retry-After": "3"}), refusal(503), secret("a"))
    assert cluster.get("v1", "Secret", "a", "llm") == secret("a")
    assert len(api.asked) == 3 and sleeps == [3.0, 1.0]


def test_a_server_that_stays_busy_is_told(connect, sleeps):
    cluster, api = connect(*[refusal(503, "overloaded")] * 5)
    with pytest.raises(ApiError, match="503 Service Unavailable: overloaded") as caught:
        cluster.get("v1", "Secret", "a", "llm")
    assert caught.value.is_transient and len(api.asked) == 5 and sleeps == [0.5, 1.0, 2.0, 4.0]


def test_a_refusal_is_final(connect, sleeps):
    cluster, api = connect(refusal(403, "forbidden"))
    with pytest.raises(ApiError, match="GET https://api:6443/api/v1/namespaces/llm/secrets/a: 403 Forbidden"):
        cluster.get("v1", "Secret", "a", "llm")
    assert len(api.asked) == 1 and not sleeps


def test_the_reason_of_a_missing_answer_is_told_without_the_story_of_the_retries(connect):
    cluster, _api = connect(MaxRetryError(None, "/x", "connection refused"))
    with pytest.raises(ApiError, match="no answer: connection refused"):
        cluster.get("v1", "Secret", "a", "llm")


def reset():
    return ProtocolError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer"))


def never_made(cause):
    error = NewConnectionError(None, f"Failed to establish a new connection: {cause}")
    error.__cause__ = cause
    return MaxRetryError(None, "/x", error)


@pytest.mark.parametrize("lost", [reset, lambda: ProtocolError("Response ended prematurely")])
def test_what_may_be_done_twice_is_sent_again_and_the_module_says_so(connect, sleeps, lost):
    cluster, api = connect(lost(), secret("a"), lost(), secret("a"), lost(), {"items": []})
    cluster.get("v1", "Secret", "a", "llm")
    cluster.apply(secret("a"))
    cluster.list("v1", "Secret", "llm")
    assert [asked[0] for asked in api.asked] == ["GET", "GET", "PATCH", "PATCH", "GET", "GET"]
    assert sleeps == [0.5] * 3
    (said,) = resend.take()
    assert said.startswith("https://api:6443 gave no answer to requests") and "2 GET, 1 PATCH" in said


def test_a_deletion_whose_answer_was_lost_has_deleted(connect, sleeps):
    cluster, _api = connect(reset(), refusal(404), refusal(404))
    assert cluster.delete("v1", "Secret", "a", "llm") is True
    assert cluster.delete("v1", "Secret", "a", "llm") is False


def test_a_token_is_asked_for_again_only_where_nobody_has_been_asked(connect, sleeps):
    token = {"status": {"token": "t"}}
    api_is_down = never_made(ConnectionRefusedError(111, "Connection refused"))
    cluster, api = connect(api_is_down, token, reset())
    api.cached["ServiceAccount"] = ("api", "serviceaccounts", True)
    assert cluster.token("llm", "prober", seconds=600) == "t" and len(api.asked) == 2
    with pytest.raises(ApiError, match="no answer: .*Connection reset by peer") as lost:
        cluster.token("llm", "prober", seconds=600)
    assert lost.value.delivery == resend.LOST and len(api.asked) == 3


def test_who_one_is_may_be_asked_again_although_that_is_a_post(connect, sleeps):
    cluster, api = connect(reset(), {"status": {"userInfo": {"username": "jo"}}})
    assert cluster.user() == {"username": "jo"} and len(api.asked) == 2


@pytest.mark.parametrize(
    "final",
    [
        never_made(socket.gaierror(socket.EAI_NONAME, "Name or service not known")),
        MaxRetryError(None, "/x", SSLError(ssl.SSLCertVerificationError(1, "CERTIFICATE_VERIFY_FAILED"))),
        ReadTimeoutError(None, "/x", "Read timed out."),
        ValueError("Invalid header value"),
    ],
    ids=["name", "certificate", "timeout", "header"],
)
def test_what_fails_the_same_way_every_time_is_not_sent_again(connect, sleeps, final):
    cluster, api = connect(final)
    with pytest.raises(ApiError, match="no answer"):
        cluster.get("v1", "Secret", "a", "llm")
    assert len(api.asked) == 1 and not sleeps


def test_an_answer_that_is_cut_off_is_none(connect, sleeps, monkeypatch):
    cluster, api = connect(secret("a"), secret("a"))
    monkeypatch.setitem(DATE, "Content-Length", "1000")
    with pytest.raises(IndexError):  # it goes on asking
        cluster.get("v1", "Secret", "a", "llm")
    assert len(api.asked) == 3


def test_the_discovery_of_the_client_is_read_again(connect, sleeps):
    cluster, api = connect()
    found, trouble = api.resources.get, [reset()]

    def get(**kind):
        if trouble:
            raise trouble.pop()
        return found(**kind)

    api.resources.get = get
    assert cluster.path("v1", "Secret", "llm", "a").endswith("/secrets/a") and sleeps == [0.5]


def test_the_client_that_reads_the_version_first_is_made_again(monkeypatch, sleeps):
    made = [reset(), Api()]

    def client(module):
        answer = made.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(kubernetes_io, "get_api_client", client)
    assert Cluster(SimpleNamespace(params={})).url == "https://api:6443" and sleeps == [0.5]


def test_the_client_library_sends_nothing_again_by_itself(connect):
    connect()
    lost = ProxyError("Unable to connect to proxy", ConnectionResetError(104, "Connection reset by peer"))
    for error in (reset(), never_made(OSError()).reason, lost):
        with pytest.raises((MaxRetryError, ProtocolError)):
            Retry.DEFAULT.increment("POST", "/x", error=error)
    assert not Retry.DEFAULT.is_retry("GET", 503, has_retry_after=True)


@pytest.mark.parametrize(
    ("wrapped", "delivery"),
    [
        (ConnectionResetError(104, "Connection reset by peer"), resend.LOST),
        (NewConnectionError(None, "Failed to establish a new connection"), resend.UNSENT),
        (OSError("Tunnel connection failed: 403 Forbidden"), resend.FINAL),
    ],
)
def test_what_a_proxy_did_with_a_request(connect, sleeps, wrapped, delivery):
    cluster, api = connect(MaxRetryError(None, "/x", ProxyError("Unable to connect to proxy", wrapped)))
    api.cached["ServiceAccount"] = ("api", "serviceaccounts", True)
    api.answers.append({"status": {"token": "t"}})
    if delivery == resend.UNSENT:
        assert cluster.token("llm", "prober", seconds=600) == "t"
        return
    with pytest.raises(ApiError) as error:
        cluster.token("llm", "prober", seconds=600)
    assert error.value.delivery == delivery and str(wrapped) in str(error.value)


def test_none_where_there_is_none(connect):
    cluster, _api = connect(refusal(404), refusal(404))
    assert cluster.get("v1", "Secret", "a", "llm") is None
    assert cluster.delete("v1", "Secret", "a", "llm") is False


CALLS = {
    "get": lambda cluster: cluster.get("v1", "Secret", "x", "llm"),
    "delete": lambda cluster: cluster.delete("v1", "Secret", "x", "llm"),
    "apply": lambda cluster: cluster.apply(secret("x")),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("details", [{}, {"name": "CHG-1", "kind": "tickets"}])
def test_a_webhook_that_denies_with_404_has_not_said_that_the_object_is_gone(connect, call, details):
    denial = refusal(404)
    message = 'admission webhook "protect.corp" denied the request: ticket CHG-1 not found'
    denial.body = json.dumps({"kind": "Status", "message": message, "reason": "NotFound", "details": details})
    cluster, api = connect(denial)
    with pytest.raises(ApiError, match="ticket CHG-1 not found") as raised:
        call(cluster)
    assert not isinstance(raised.value, KindNotServed) and len(api.asked) == 1


def test_all_pages_are_read_and_each_item_says_what_it_is(connect):
    pages = [
        {"metadata": {"continue": "next"}, "items": [{"metadata": {"name": "a"}}]},
        {"metadata": {}, "items": [{"metadata": {"name": "b"}}]},
    ]
    cluster, api = connect(*pages)
    found = cluster.list("v1", "Secret", "llm", labels="x=y")
    assert [(item["kind"], item["metadata"]["name"]) for item in found] == [("Secret", "a"), ("Secret", "b")]
    assert [query.get("continue") for _method, _path, query, *_rest in api.asked] == [None, "next"]
    assert all(query["labelSelector"] == "x=y" for _method, _path, query, *_rest in api.asked)


def test_one_list_and_a_get_for_what_it_does_not_show(connect):
    cluster, api = connect({"items": [secret("a"), secret("b")]}, refusal(404))
    found = cluster.read([ref("a"), ref("b"), ref("c")])
    assert found == {ref("a"): secret("a"), ref("b"): secret("b"), ref("c"): None}
    assert [path for _method, path, *_rest in api.asked] == [
        "/api/v1/namespaces/llm/secrets",
        "/api/v1/namespaces/llm/secrets/c",
    ]
    assert api.asked[0][2]["labelSelector"] == "app.kubernetes.io/managed-by=llamastack.maas"


def test_where_much_is_absent_one_list_of_all_names_tells(connect):
    refs = [Ref("maas.opendatahub.io/v1alpha1", "MaaSModelRef", "llm", f"m{number}") for number in range(20)]
    theirs = {"metadata": {"name": "m7", "namespace": "llm"}}
    cluster, api = connect({"items": []}, {"items": [theirs]}, theirs)
    found = cluster.read(refs)
    assert [ref.name for ref, obj in found.items() if obj] == ["m7"] and len(found) == 20
    assert [path.rpartition("/")[2] for _method, path, *_rest in api.asked] == ["maasmodelrefs", "maasmodelrefs", "m7"]
    assert "PartialObjectMetadata" in api.asked[1][-1]


def test_secrets_are_never_listed_whole(connect):
    cluster, api = connect({"items": []}, *[refusal(404)] * 20)
    assert set(cluster.read([ref(f"s{number}") for number in range(20)]).values()) == {None}
    lists = [query for _method, path, query, *_rest in api.asked if path.endswith("/secrets")]
    assert len(lists) == 1 and lists[0]["labelSelector"] and len(api.asked) == 21


MODEL_REFS = ("maas.opendatahub.io/v1alpha1", "MaaSModelRef", "llm")
WANTED = {
    "namespace": "llm",
    "set": "default",
    "kinds": [
        dict(zip(("api_version", "kind", "namespace"), group)) for group in (MODEL_REFS, ("v1", "Secret", "llm"))
    ],
}


def uninstalled(api, kind="MaaSModelRef"):
    """An operator has been removed since the discovery was written to the client's file."""
    del api.served[kind]


def test_a_kind_that_only_an_old_discovery_has_is_not_served(connect):
    calls = [
        lambda cluster: cluster.list(*MODEL_REFS),
        lambda cluster: cluster.get(*MODEL_REFS[:2], "gem", "llm"),
        lambda cluster: cluster.delete(*MODEL_REFS[:2], "gem", "llm"),
        lambda cluster: cluster.apply(
            {"apiVersion": MODEL_REFS[0], "kind": "MaaSModelRef", "metadata": {"name": "gem", "namespace": "llm"}}
        ),
    ]
    for call in calls:
        cluster, api = connect(unserved(), unserved())
        uninstalled(api)
        with pytest.raises(KindNotServed, match="the cluster serves no MaaSModelRef of maas.opendatahub.io/v1alpha1$"):
            call(cluster)
        assert len(api.asked) == api.discovered == 1


def test_discovery_that_still_has_what_the_server_denies_is_not_asked_for_ever(connect):
    cluster, api = connect(unserved(), unserved())
    with pytest.raises(KindNotServed):
        cluster.list(*MODEL_REFS)
    assert len(api.asked) == 2 and api.discovered == 1


def test_a_kind_that_has_moved_since_the_discovery_is_found(connect):
    cluster, api = connect(unserved(), {"items": [{"metadata": {"name": "gem"}}]})
    api.served["MaaSModelRef"] = ("apis", "modelrefs", True)
    assert [item["metadata"]["name"] for item in cluster.list(*MODEL_REFS)] == ["gem"]
    assert api.asked[1][1].endswith("/modelrefs")


def test_of_a_set_what_is_of_a_kind_that_is_gone_is_gone_and_the_rest_is_found(connect):
    cluster, api = connect(unserved(), {"items": [secret("a")]})
    uninstalled(api)
    found = cluster.list_set(WANTED)
    assert {group[1]: [item["metadata"]["name"] for item in items] for group, items in found.items()} == {
        "Secret": ["a"]
    }


def test_of_a_set_a_group_that_cannot_be_discovered_concerns_itself_alone(connect, sleeps):
    cluster, api = connect({"items": [secret("a")]})

    def search(**_kind):
        raise refusal(503, "the server is currently unable to handle the request")

    api.resources.search = search
    found = {group[1]: answer for group, answer in cluster.list_set(WANTED).items()}
    assert found["MaaSModelRef"].status == 503
    assert [item["metadata"]["name"] for item in found["Secret"]] == ["a"]


@pytest.mark.parametrize("cached", [True, False])
def test_of_a_kind_that_is_gone_there_is_no_object(connect, cached):
    gone = [Ref(*MODEL_REFS, name) for name in ("a", "b")]
    cluster, api = connect(*[unserved()] * cached, secret("a"))
    uninstalled(api)
    if not cached:
        api.discover()
    assert cluster.read([*gone, ref("a")]) == {gone[0]: None, gone[1]: None, ref("a"): secret("a")}


def test_one_object_costs_one_request(connect):
    cluster, api = connect(secret("a"))
    cluster.read([ref("a")])
    assert len(api.asked) == 1


def test_who_may_not_list_may_still_get(connect):
    cluster, _api = connect(refusal(403), secret("a"), refusal(403, "not this one"))
    found = cluster.read([ref("a"), ref("b")])
    assert sum(isinstance(answer, ApiError) for answer in found.values()) == 1


def test_metadata_only_is_asked_for(connect):
    cluster, api = connect({"items": []}, refusal(404), refusal(404))
    cluster.read([ref("a"), ref("b")], metadata_only=True)
    assert ["PartialObjectMetadata" in accept for *_rest, accept in api.asked] == [True] * 3


def test_an_apply_says_who_applies_and_forces_only_when_told(connect):
    cluster, api = connect(secret("a"), secret("a"))
    cluster.apply(secret("a"))
    cluster.apply(secret("a"), dry_run=True, force=True)
    assert [query for _method, _path, query, *_rest in api.asked] == [
        {"fieldManager": "llamastack.maas"},
        {"fieldManager": "llamastack.maas", "dryRun": "All", "force": "true"},
    ]


def test_an_apply_is_serialised_once_and_by_us(connect):
    """Clients encode text as ASCII, and those from 25.3 to 36.0.3 encode what is of this exact type once more."""
    cluster, api = connect(secret("a"))
    labelled = {**secret("a"), "metadata": {**secret("a")["metadata"], "annotations": {"x": "\U0001f680 \u00fc"}}}
    cluster.apply(labelled)
    _method, _path, _query, body, content_type, _accept = api.asked[0]
    assert isinstance(body, bytes) and json.loads(body) == labelled
    assert content_type.startswith("application/apply-patch+yaml") and content_type != "application/apply-patch+yaml"


def test_a_delete_waits_for_what_is_owned_and_spares_a_namesake(connect):
    cluster, api = connect({})
    assert cluster.delete("v1", "Secret", "a", "llm", uid="1") is True
    assert api.asked[0][3]["propagationPolicy"] == "Foreground"
    assert api.asked[0][3]["preconditions"] == {"uid": "1"}


@pytest.mark.parametrize(
    ("api", "verified"), [({}, True), ({"verify_ssl": False}, False), ({"host": "http://api:8080"}, False)]
)
def test_whether_the_api_server_is_verified(connect, api, verified):
    assert connect(**api)[0].is_verified is verified


def test_the_bearer_of_the_client(connect):
    assert connect(token="abc")[0].own_token() == "abc"
    assert connect()[0].own_token() is None


@pytest.mark.parametrize("how", [{"params": {"impersonate_user": "u"}}, {"headers": {"Impersonate-User": "u"}}])
def test_an_impersonated_user_has_no_bearer(connect, how):
    assert connect(token="abc", **how)[0].own_token() is None


def test_the_servers_own_time(connect):
    cluster, _api = connect(secret("a"))
    cluster.get("v1", "Secret", "a", "llm")
    assert cluster.server_time == 1795275600.0


def test_a_refused_call_does_not_lose_the_others():
    def refuse():
        raise ApiError("GET", "/", 403, "no")

    first, second, third = in_parallel([lambda: 1, refuse, lambda: 3])
    assert (first, third) == (1, 3) and isinstance(second, ApiError)


KEY = "q7/Zt+u==R~k2w"


@pytest.mark.parametrize(
    "call",
    [
        lambda cluster: cluster.get("v1", "Secret", "a", "llm"),
        lambda cluster: cluster.list("v1", "Secret", "llm"),
        lambda cluster: cluster.read([ref("a")]),
        lambda cluster: cluster.apply({**secret("a"), "data": encode({"api_key": KEY})}),
    ],
)
def test_whoever_quotes_a_secret_that_was_read_or_written_is_masked(connect, call):
    held = {**secret("a"), "data": encode({"api_key": KEY, "empty": ""})}
    cluster, api = connect()
    api.answers.append({"items": [held], "metadata": {}} if "list" in call.__code__.co_names else held)
    call(cluster)
    api.answers += [refusal(403, f"denied by policy: {held['data']} is {KEY}")]
    with pytest.raises(ApiError) as raised:
        cluster.apply(held)
    assert KEY not in str(raised.value) and held["data"]["api_key"] not in str(raised.value)
    assert "denied by policy" in str(raised.value)


def test_a_webhook_that_repeats_the_value_it_refuses_is_masked_at_the_first_write(connect):
    held = {**secret("a"), "data": encode({"api_key": KEY})}
    cluster, _api = connect(refusal(400, f'denied: "{json.dumps(held["data"])}" {KEY}'))
    with pytest.raises(ApiError) as raised:
        cluster.apply(held)
    assert KEY not in str(raised.value) and held["data"]["api_key"] not in str(raised.value)


def test_the_own_token_is_masked(connect):
    cluster, _api = connect(refusal(401, "token corp/1234567890+abc= is not accepted"), token="corp/1234567890+abc=")
    with pytest.raises(ApiError) as raised:
        cluster.get("v1", "Secret", "a", "llm")
    assert "1234567890" not in str(raised.value)


def test_a_token_that_no_header_may_hold_is_named_and_not_shown(connect):
    answer = ValueError("Invalid header value b'Bearer corp-1234567890abc\\n'")
    cluster, _api = connect(answer, token="corp-1234567890abc\n")
    with pytest.raises(ApiError, match="Invalid header value .*line break") as raised:
        cluster.get("v1", "Secret", "a", "llm")
    assert "1234567890" not in str(raised.value)


def test_a_log_is_read_without_the_keys_that_are_known(connect):
    cluster, api = connect()
    cluster.apply = None
    api.answers += [{**secret("a"), "data": encode({"api_key": KEY})}, f"Invalid API Key: {KEY}"]
    cluster.get("v1", "Secret", "a", "llm")
    (line,) = cluster.log("llm", "pod", container="main", lines=5)
    assert KEY not in line and redact(line) == line


# Masking


def secret_of(**fields):
    data = {name: base64.b64encode(value.encode()).decode() for name, value in fields.items()}
    return {**secret("a"), "data": data}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("base_url", "https://maas-7.example.com/v1", "no answer of https://maas-7.example.com/v1"),
        ("token", "https://maas-7.example.com/v1", "no answer of https://maas-7.example.com/v1"),
        ("model", "gpt-4o-mini", "there is no model gpt-4o-mini"),
        ("OPENAI_MODEL_ID", "corp/llama-3.1", "there is no model corp/llama-3.1"),
        ("awsRegion", "us-east-1", "not served in us-east-1"),
        ("gcp.project", "my-project-1", "project my-project-1 is unknown"),
        ("any", "seen-instance-1", "the instance seen-instance-1"),
        ("any", "deep-gpt-9", "deep-gpt-9 is not there"),
    ],
)
def test_ordinary_words_that_stand_in_a_secret_stay_readable(connect, field, value, said):
    params = {"namespace": "llm", "name": "seen-instance-1", "instances": [{"models": ["deep-gpt-9"]}]}
    cluster, _api = connect(secret_of(**{field: value}), params=params)
    cluster.get("v1", "Secret", "a", "llm")
    assert redact(said) == said


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("api_key", "corp-9f8e7d", "corp-9f8e7d"),
        ("note", "corp-9f8e7d", "corp-9f8e7d"),
        ("access_key_id", "corp-9f8e7d", "corp-9f8e7d"),
        ("url", "https://me:corp-9f8e7d@proxy.example.com", "corp-9f8e7d"),
        ("url", "https://me:corp%2F9f8e7d@proxy.example.com", "corp/9f8e7d"),
        ("url", "https://corp-9f8e7d@proxy.example.com", "corp-9f8e7d"),
        ("url", "https://example.com/hook?sig=corp-9f8e7d", "corp-9f8e7d"),
        ("model", "hT5gQ2mXe7sVw0Yp8Rb4Kc1N", "hT5gQ2mXe7sVw0Yp8Rb4Kc1N"),
        ("model", "sk-proj-9f8e7d6c", "sk-proj-9f8e7d6c"),
        ("api_key", "corp-of-option", "corp-of-option"),
    ],
)
def test_a_credential_in_a_secret_is_masked_whatever_its_field_is_called(connect, field, value, shown):
    cluster, _api = connect(
        secret_of(**{field: value}), params={"api_key": "corp-of-option", "kubeconfig": {"a": value}}
    )
    cluster.get("v1", "Secret", "a", "llm")
    assert redact(f"refused: {shown}") == "refused: ********"
