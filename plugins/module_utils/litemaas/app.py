# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What LiteMaaS's backend shows of itself, asked through its frontend.

A backend that does not get to its database serves invented users, and calls itself healthy all the same. So it is its data
that is looked at.
"""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.checks import Outcome, failed, passed, skipped
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Answer, HttpClient, Request

TARGET = "litemaas"

HEALTH = "/api/v1/health"
USERS = "/api/v1/admin/users"
MODELS = "/api/v1/models"

INVENTED_USER = "mock-user-1"
INVENTED = "the backend serves invented data"
INVENTED_REMEDY = (
    "It did not get to its database when it started: it wants TLS there unless its URL says ?sslmode=disable. Correct its"
    " DATABASE_URL, or have PostgreSQL take TLS, and restart it; its log has the reason, below mock data."
)
_PAGE = 100

NO_TOKEN = "no admin key of LiteMaaS is at hand to ask with"


class App:
    """Asks the backend. C(client) carries an admin key, or none."""

    def __init__(self, client: HttpClient, url: str, has_token: bool) -> None:
        self._client = client
        self.url = url
        self._has_token = has_token

    def checks(self, models: t.Collection[str]) -> dict[str, t.Callable[[], Outcome]]:
        """All checks by their names; C(models) are the public names that it is to offer."""
        return {
            "page": self.page,
            "health": self.health,
            "data": self.data,
            "models": lambda: self.models(models),
        }

    def page(self) -> Outcome:
        """The page that users see."""
        answer = self._get("/")
        if answer.status == 200 and answer.content_type == "text/html":
            return passed(f"users find their page at {self.url}")
        return failed(f"no page came: {answer.describe()}", "Check the Route or Ingress, and the frontend's pods.")

    def health(self) -> Outcome:
        """What the backend says of its database, of LiteLLM and of its log-in."""
        answer = self._get(HEALTH)
        document = answer.json()
        parts = document.get("checks") if isinstance(document, dict) else None
        if not isinstance(parts, dict):
            return failed(f"no health came: {answer.describe()}", "Look at the pods of litemaas-backend.")
        bad = [f"{name} {state}" for name, state in parts.items() if state != "healthy"]
        if bad:
            return failed(f"it says: {', '.join(bad)}", "Look at the log of litemaas-backend.")
        return passed(", ".join(f"{name} {state}" for name, state in parts.items()))

    def data(self) -> Outcome:
        """Whether the users that it shows are in its database."""
        if not self._has_token:
            return skipped(NO_TOKEN)
        answer = self._get(USERS)
        users = _entries(answer)
        if users is None:
            return failed(
                f"its users could not be read: {answer.describe()}",
                "An admin key is one of ADMIN_API_KEYS of the backend, and begins with ltm_admin_.",
            )
        if any(user.get("id") == INVENTED_USER for user in users):
            return failed(f"{INVENTED}: the user {INVENTED_USER} is nobody's", INVENTED_REMEDY)
        return passed(f"{len(users)} users, none of them invented")

    def models(self, wanted: t.Collection[str]) -> Outcome:
        """Whether it offers the models of the gateway, which it copies when it starts and every few minutes."""
        if not wanted:
            return skipped("no model is asked for")
        found: list[dict[str, t.Any]] = []
        page, pages = 1, 1
        while page <= pages:
            answer = self._get(f"{MODELS}?page={page}&limit={_PAGE}")
            entries = _entries(answer)
            if entries is None:
                seen = f"its models could not be read: {answer.describe()}"
                return failed(seen, "Look at the log of litemaas-backend.")
            found += entries
            page, pages = page + 1, _pages(answer)
        names = {str(each.get("id")) for each in found} | {str(each.get("name")) for each in found}
        missing = sorted(set(wanted) - names)
        if missing:
            return failed(
                f"not offered to users: {', '.join(missing)}",
                "It copies models every few minutes and when it starts; POST /api/v1/models/sync has it do so now.",
            )
        return passed(f"{len(wanted)} offered to users")

    def _get(self, path: str) -> Answer:
        return self._client.request(Request("GET", path))


def _entries(answer: Answer) -> list[dict[str, t.Any]] | None:
    document = answer.json()
    found = document.get("data") if isinstance(document, dict) else document
    if answer.status != 200 or not isinstance(found, list):
        return None
    return [each for each in found if isinstance(each, dict)]


def _pages(answer: Answer) -> int:
    """How many pages its list has."""
    document = answer.json()
    told = document.get("pagination") if isinstance(document, dict) else None
    number = told.get("totalPages") if isinstance(told, dict) else None
    return number if isinstance(number, int) else 1
