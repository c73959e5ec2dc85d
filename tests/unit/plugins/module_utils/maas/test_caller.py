# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base import resend
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.maas.caller import NoCaller, find_caller
from ansible_collections.llamastack.maas.plugins.module_utils.maas.outsider import throwaway_outsider


class FakeCluster:
    def __init__(self, token="kube-token", refuse=()):
        self._token = token
        self._refuse = refuse
        self.asked = []

    def _do(self, what):
        self.asked.append(what)
        if what.split()[0] in self._refuse:
            raise ApiError("POST", f"https://api/{what}", 403, "forbidden")

    def own_token(self):
        return self._token

    def token(self, namespace, service_account, *, seconds, audiences=()):
        self._do(f"token {namespace}/{service_account} {seconds}")
        return f"token-of-{service_account}"

    def user(self):
        self._do("user")
        return {"username": "alice", "groups": ["data-science"]}

    def apply(self, obj):
        self._do(f"apply {obj['kind']} {obj['metadata']['namespace']}")
        self.account = obj

    def delete(self, api_version, kind, name, namespace):
        self._do(f"delete {kind} {namespace}/{name}")


def test_a_given_token_needs_no_cluster():
    def open_cluster():
        raise AssertionError("opened")

    caller = find_caller(open_cluster, token="sha256~abc", prober=True, namespace="llm")
    assert (caller.token, caller.user, caller.groups) == ("sha256~abc", "the holder of the given token", None)
    assert "sha256~abc" not in repr(caller)


def test_the_prober_is_asked_for_by_name():
    cluster = FakeCluster()
    caller = find_caller(lambda: cluster, token=None, prober=True, namespace="llm")
    assert caller.token == "token-of-llamastack-maas-prober"
    assert caller.user == "system:serviceaccount:llm:llamastack-maas-prober"
    assert "system:serviceaccounts:llm" in caller.groups
    assert cluster.asked == ["token llm/llamastack-maas-prober 600"]


def test_a_token_whose_answer_was_lost_expires_and_another_is_asked_for():
    cluster = FakeCluster()
    losses = [ApiError("POST", "https://api/token", 0, "Connection reset by peer", delivery=resend.LOST)]
    token = cluster.token

    def lossy(*args, **kwargs):
        made = token(*args, **kwargs)
        if losses:
            raise losses.pop()
        return made

    cluster.token = lossy
    assert find_caller(lambda: cluster, token=None, prober=True, namespace="llm").token.startswith("token-of")
    assert len(cluster.asked) == 2
    (said,) = resend.take()
    assert "POST https://api/token: no answer: Connection reset by peer. A token that it may have issued" in said


def test_else_it_is_whoever_calls_the_cluster():
    caller = find_caller(FakeCluster, token=None, prober=False, namespace="llm")
    assert (caller.token, caller.user, caller.groups) == ("kube-token", "alice", ("data-science",))


def test_a_cluster_that_does_not_tell_who_one_is(jwt):
    cluster = FakeCluster(token=jwt({"sub": "system:serviceaccount:ci:deployer"}), refuse=["user"])
    caller = find_caller(lambda: cluster, token=None, prober=False, namespace="llm")
    assert (caller.user, caller.groups) == ("system:serviceaccount:ci:deployer", None)


def test_a_client_certificate_cannot_call_and_is_told_what_can():
    with pytest.raises(NoCaller, match="client certificate.*llamastack_maas_token.*llamastack_maas_prober"):
        find_caller(lambda: FakeCluster(token=None), token=None, prober=False, namespace="llm")


def test_a_prober_that_may_not_be_used_is_told_why():
    with pytest.raises(NoCaller, match="token llm/llamastack-maas-prober"):
        find_caller(lambda: FakeCluster(refuse=["token"]), token=None, prober=True, namespace="llm")


class TestThrowawayOutsider:
    def test_exists_for_the_time_of_the_block(self):
        cluster = FakeCluster()
        with throwaway_outsider(lambda: cluster, "llm", "team-a") as outsider:
            name = cluster.account["metadata"]["name"]
            assert outsider.caller.token == f"token-of-{name}"
            assert outsider.caller.user == f"system:serviceaccount:llm:{name}"
            assert cluster.account["metadata"]["labels"]["llamastack.maas/set"] == "team-a"
        assert cluster.asked[-1] == f"delete ServiceAccount llm/{name}"

    @pytest.mark.parametrize("refused", ["apply", "token"])
    def test_without_the_rights_there_is_nobody_and_the_reason(self, refused):
        cluster = FakeCluster(refuse=[refused])
        with throwaway_outsider(lambda: cluster, "llm", "default") as outsider:
            assert outsider.caller is None
            assert "llamastack_maas_outsider_token" in outsider.absent_because
            assert "forbidden" in outsider.absent_because

    def test_goes_also_if_the_checks_blow_up_and_if_it_cannot_go_they_do_not(self):
        cluster = FakeCluster(refuse=["delete"])
        with pytest.raises(ZeroDivisionError), throwaway_outsider(lambda: cluster, "llm", "default"):
            raise ZeroDivisionError
        assert cluster.asked[-1].startswith("delete")
