# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import HttpClient, Response
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas.app import App

URL = "https://litemaas.example.com"
HEALTH = {"status": "healthy", "checks": {"database": "healthy", "litellm": "healthy", "auth": "healthy"}}


def app(has_token=True, **routes):
    answers = {
        "/": (200, "<!doctype html>"),
        "/api/v1/health": (200, HEALTH),
        "/api/v1/admin/users": (200, {"data": [{"id": "5f3c"}]}),
        "/api/v1/models?page=1&limit=100": (200, {"data": [{"id": "a"}], "pagination": {"totalPages": 2}}),
        "/api/v1/models?page=2&limit=100": (200, {"data": [{"id": "x", "name": "b"}], "pagination": {"totalPages": 2}}),
        **routes,
    }

    def send(method, url, headers, body, timeout):
        status, content = answers[url.removeprefix(URL)]
        kind = "text/html" if isinstance(content, str) else "application/json"
        text = content if isinstance(content, str) else json.dumps(content)
        return Response(status, {"content-type": kind}, text.encode())

    return App(HttpClient(send, URL), URL, has_token)


def states(found, models=("a", "b")):
    return {name: check().state for name, check in found.checks(models).items()}


def test_a_backend_in_good_order():
    assert states(app()) == {"page": "passed", "health": "passed", "data": "passed", "models": "passed"}


def test_invented_users_are_found_though_the_backend_calls_itself_healthy():
    found = app(**{"/api/v1/admin/users": (200, {"data": [{"id": "mock-user-1"}]})})
    outcome = found.data()
    assert outcome.state == "failed" and "invented data" in outcome.detail and "sslmode" in outcome.remedy
    assert found.health().state == "passed"


def test_without_an_admin_key_its_data_is_not_judged():
    assert app(has_token=False).data().state == "skipped"


@pytest.mark.parametrize(
    "path, answer, check, told",
    [
        ("/", (503, "no healthy upstream"), "page", "no page came"),
        (
            "/api/v1/health",
            (503, {"checks": {"database": "unhealthy", "auth": "healthy"}}),
            "health",
            "database unhealthy",
        ),
        ("/api/v1/health", (502, "bad gateway"), "health", "no health came"),
        ("/api/v1/admin/users", (401, {"error": {"message": "no"}}), "data", "its users could not be read"),
        ("/api/v1/models?page=2&limit=100", (200, {"data": []}), "models", "not offered to users: b"),
        ("/api/v1/models?page=1&limit=100", (500, {}), "models", "its models could not be read"),
    ],
)
def test_what_is_wrong_is_told(path, answer, check, told):
    outcome = app(**{path: answer}).checks(["a", "b"])[check]()
    assert outcome.state == "failed" and told in outcome.detail and outcome.remedy


def test_no_model_is_looked_for_where_none_is_asked_for():
    assert states(app(), ())["models"] == "skipped"
