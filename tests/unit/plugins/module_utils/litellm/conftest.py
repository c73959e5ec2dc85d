# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A LiteLLM in memory. It does right what the real one does, and where a test says so, wrong what that does wrong."""

from __future__ import annotations

import copy
import hashlib
import json
import threading
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Response, TransportError
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.client import Litellm
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.content import Content
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.key_secrets import KeySecrets
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.writing import ContentRun


class FakeLitellm:
    def __init__(self):
        self.models, self.teams, self.users, self.keys, self.budgets = {}, {}, {}, {}, {}
        self.settings = {"fallbacks": None, "context_window_fallbacks": None}
        self.sent = []
        self.wrong = {}
        """Path -> what becomes of it: a callable that is given the request and returns an answer, or None to go on."""
        self.old = False
        """Whether it is 1.81.0: no lookup by id, and nothing of a user is taken away."""
        self.wrong_salt = False
        self.now = 0.0
        self._lock = threading.Lock()

    # The network

    def send(self, method, url, headers, body, timeout):
        parts = urlsplit(url)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        document = json.loads(body) if body else None
        with self._lock:
            self.sent.append((method, parts.path, document))
            wrong = self.wrong.get(parts.path)
            answer = wrong(document) if wrong else None
            answer = answer or self.answer(method, parts.path, query, document)
        if isinstance(answer, Exception):
            raise answer
        status, found = answer
        return Response(status, {}, json.dumps(found).encode())

    @property
    def writes(self):
        return [(path, document) for method, path, document in self.sent if method != "GET"]

    @property
    def reads(self):
        return [path for method, path, _document in self.sent if method == "GET"]

    def lost(self, method, path, times=1):
        """The next answers of a path do not arrive, although what was asked for is done."""
        left = [times]

        def lose(document):
            if not left[0]:
                return None
            left[0] -= 1
            self.answer(method, path, {}, document)
            return TransportError("connection", "connection reset by peer")

        self.wrong[path] = lose

    # Its answers

    def answer(self, method, path, query, body):
        handler = getattr(self, f"{method.lower()}_{path.strip('/').replace('/', '_').replace('-', '_')}", None)
        if handler:
            return handler(query if method == "GET" else body)
        if method == "PATCH" and path.endswith("/update"):
            return self.patch_model(unquote(path.split("/")[2]), body)
        if method == "DELETE" and path.startswith("/fallback/"):
            name = unquote(path.removeprefix("/fallback/"))
            found = self.settings["context_window_fallbacks"] or []
            self.settings["context_window_fallbacks"] = [each for each in found if name not in each]
            return 200, {}
        return 404, {"detail": "Not Found"}

    def page(self, name, rows, query, size):
        number, size = int(query.get("page", 1)), int(query.get(size, 10))
        rows = list(rows)
        found = copy.deepcopy(rows[(number - 1) * size : number * size])
        return 200, {name: found, "total_pages": -(-len(rows) // size)}

    def get_v2_model_info(self, query):
        rows = [] if self.wrong_salt else list(self.models.values())
        if "modelId" in query and not self.old:
            rows = [row for row in rows if row["model_info"]["id"] == query["modelId"]]
        elif not self.old:
            rows = [row for row in rows if not row.get("elsewhere")]
        shown = copy.deepcopy(rows)
        for row in shown:
            row["litellm_params"].pop("api_key", None)
            row["litellm_params"].update(use_litellm_proxy=False)
            row["model_info"].update(db_model=row["model_info"].get("db_model", True), max_tokens=None)
        return self.page("data", shown, query, "size")

    def get_credentials_migrate_encryption_check(self, _query):
        count = len(self.models)
        table = {"scanned": count, "legacy": 0 if self.wrong_salt else count, "already_v2": 0}
        return 200, {"report": {"locations": {"model_table": table}}}

    def post_model_new(self, body):
        row = copy.deepcopy(body)
        if row["model_info"]["id"] in self.models:
            return 500, {"error": {"message": "Failed to add model to db", "type": "auth_error"}}
        self.models[row["model_info"]["id"]] = row
        return 200, {}

    def patch_model(self, model_id, body):
        if model_id not in self.models:
            return 404, {"detail": "no such model"}
        for place, values in body.items():
            self.models[model_id][place].update({key: value for key, value in values.items() if value is not None})
        return 200, {}

    def post_model_delete(self, body):
        return (200, {}) if self.models.pop(body["id"], None) else (400, {"error": {"message": "not found"}})

    def get_router_settings(self, _query):
        return 200, {"fields": [{"field_name": key, "field_value": value} for key, value in self.settings.items()]}

    def post_config_update(self, body):
        given = body["router_settings"]
        self.settings.update({key: value for key, value in given.items() if value or not self.old})
        return 200, {}

    def get_v2_team_list(self, query):
        return self.page("teams", self.teams.values(), query, "page_size")

    def get_team_list(self, _query):
        return 200, copy.deepcopy(list(self.teams.values()))

    def post_team_new(self, body):
        if body["team_id"] in self.teams:
            return 400, {"error": {"message": "exists"}}
        admin = {"user_id": "default_user_id", "role": "admin"}
        row = {"models": [], "metadata": {}, "members_with_roles": [admin], "team_memberships": []}
        self.teams[body["team_id"]] = {**row, **as_floats(body)}
        return 200, {}

    def post_team_update(self, body):
        self.teams[body["team_id"]].update(as_floats(body))
        return 200, {}

    def post_team_delete(self, body):
        for name in body["team_ids"]:
            del self.teams[name]
        return 200, {}

    def post_team_member_add(self, body):
        team, user = self.teams[body["team_id"]], body["member"]["user_id"]
        self.users.setdefault(user, {"user_id": user, "models": [], "metadata": {}, "teams": []})
        self.users[user]["teams"].append(body["team_id"])
        team["members_with_roles"].append(body["member"])
        if not self.old:
            team["team_memberships"].append({"user_id": user, "litellm_budget_table": None})
        return 200, {}

    def post_team_member_delete(self, body):
        team = self.teams[body["team_id"]]
        for place in ("members_with_roles", "team_memberships"):
            team[place] = [each for each in team[place] if each["user_id"] != body["user_id"]]
        self.users[body["user_id"]]["teams"].remove(body["team_id"])
        return 200, {}

    def post_team_member_update(self, body):
        team = self.teams[body["team_id"]]
        rows = [each for each in team["team_memberships"] if each["user_id"] == body["user_id"]]
        if not rows:
            rows = [{"user_id": body["user_id"], "litellm_budget_table": None}]
            team["team_memberships"] += rows
        given = {key: value for key, value in body.items() if key not in ("team_id", "user_id")}
        given["max_budget"] = given.pop("max_budget_in_team", None)
        if self.old:
            given.pop("allowed_models", None)
            given["budget_duration"] = None
        else:
            given.setdefault("allowed_models", [])
        if not any(given.values()):
            rows[0]["litellm_budget_table"] = None
        else:
            budget = {"budget_id": f"member-{body['user_id']}", **as_floats(given)}
            rows[0]["litellm_budget_table"] = self.budgets[budget["budget_id"]] = budget
        return 200, {}

    def get_user_list(self, query):
        return self.page("users", self.users.values(), query, "page_size")

    def post_user_new(self, body):
        if body["user_id"] in self.users:
            return 409, {"detail": "exists"}
        assert body["auto_create_key"] is False
        self.users[body["user_id"]] = {"models": [], "metadata": {}, "teams": [], **as_floats(body)}
        return 200, {}

    def post_user_update(self, body):
        given = {key: value for key, value in as_floats(body).items() if not (self.old and value is None)}
        if not given.get("models", True):
            del given["models"]
        self.users.setdefault(body["user_id"], {"models": [], "metadata": {}, "teams": []}).update(given)
        return 200, {}

    def post_user_delete(self, body):
        for name in body["user_ids"]:
            del self.users[name]
        return 200, {}

    def get_key_list(self, query):
        return self.page("keys", self.keys.values(), query, "size")

    def post_key_generate(self, body):
        if body["key_alias"] in self.keys:
            return 400, {"error": {"message": "exists"}}
        row = {"user_id": "default_user_id", "models": [], "metadata": {}, "spend": 0.0, **as_floats(body)}
        value = row.pop("key")
        row["token"] = hashlib.sha256(value.encode()).hexdigest()
        row["expires"] = "2030-01-01T00:00:00Z" if row.pop("duration", None) else None
        self.keys[body["key_alias"]] = row
        return 200, {"key": value}

    def post_key_update(self, body):
        row = next(row for row in self.keys.values() if row["token"] == body["key"])
        given = {key: value for key, value in as_floats(body).items() if key != "key"}
        if "duration" in given:
            row["expires"] = None if given.pop("duration") in (None, "-1") else "2031-01-01T00:00:00Z"
        row.update(given)
        return 200, {}

    def post_key_delete(self, body):
        gone = [alias for alias, row in self.keys.items() if row["token"] in body["keys"]]
        for alias in gone:
            del self.keys[alias]
        return (200, {}) if gone else (404, {"error": {"message": "not found"}})

    def get_budget_list(self, _query):
        return 200, list(self.budgets.values())

    def post_budget_new(self, body):
        self.budgets[body["budget_id"]] = as_floats(body)
        return 200, {}

    def post_budget_update(self, body):
        self.budgets.get(body["budget_id"], {}).update(as_floats(body))
        return 200, None

    def post_budget_delete(self, body):
        self.budgets.pop(body["id"], None)
        return 200, None


def as_floats(body):
    return {key: float(value) if key == "max_budget" and value is not None else value for key, value in body.items()}


class Gateway(FakeLitellm):
    """The same, with what a module would do to it."""

    def sleep(self, seconds):
        self.now += seconds

    def run(self, *, check=False, cluster=None, settle=30.0, **what):
        """``(run, what went wrong)``; what was sent before is forgotten."""
        self.sent.clear()
        asked = Content(**what)
        secrets = KeySecrets(lambda: cluster, "litemaas", asked.set_name)
        run = ContentRun(
            Litellm(self.send, "https://litellm.example.com", "sk-master-key-of-a-test"),
            asked,
            secrets,
            check_mode=check,
            settle_timeout=settle,
            clock=lambda: self.now,
            sleep=self.sleep,
        )
        return run, run.run()

    def bring(self, **what):
        """The actions by kind and name, where nothing went wrong."""
        run, error = self.run(**what)
        assert error is None, error
        return actions(run)


def actions(run):
    return {f"{each['kind']} {each['name']}": each["action"] for each in run.results()["objects"]}


@pytest.fixture
def gateway():
    return Gateway()
