# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who calls MaaS, and the credentials the caller borrows: minted for one purpose, revoked by id, never in bulk."""

from __future__ import annotations

import contextlib
import dataclasses
import secrets
import threading
import typing as t
from dataclasses import dataclass, field

from ansible_collections.llamastack.maas.plugins.module_utils.base import resend
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import FAILURE_CONNECTION, Answer, HttpClient
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import (
    Credential,
    Generation,
    UnexpectedAnswer,
)

_ATTEMPTS = 3
# Of the newest credentials, so many pages are looked through.
_PAGES = 20
_EXPIRES = "What it may have issued cannot be looked for and expires by itself"


@dataclass(frozen=True)
class Caller:
    """Whose token calls MaaS."""

    token: str = field(repr=False)
    user: str
    """The user name, or words that stand for it where it is not known."""
    groups: tuple[str, ...] | None = None
    """None where they are not known."""


class Connect(t.Protocol):
    """Makes a client for the MaaS URL that sends the given header fields with each request."""

    def __call__(self, headers: t.Mapping[str, str]) -> HttpClient: ...


class MintingRefused(Exception):
    """MaaS gave no credential; the message says what was asked and what came."""

    def __init__(self, message: str, answer: Answer) -> None:
        super().__init__(message)
        self.answer = answer


def mint(generation: Generation, client: HttpClient, subscription: str | None, lifetime: int) -> Credential:
    """A new credential for the client's caller. Raises C(MintingRefused).

    Where the answer is lost, what may have been issued is looked for by its name and revoked before another is asked for.
    """
    lost: list[str] = []
    for _attempt in range(_ATTEMPTS):
        name = f"llamastack-maas-{secrets.token_hex(8)}"
        answer = client.request(generation.credential_request(subscription, lifetime, name))
        if 200 <= answer.status < 300:
            try:
                return dataclasses.replace(generation.read_credential(answer.json()), lost=tuple(lost))
            except UnexpectedAnswer as error:
                _revoke_lost(generation, client, name)
                # The body is kept out of the message: it may hold the credential that could not be read.
                raise MintingRefused(
                    f"{answer.method} {answer.url} answered {answer.status}: {error}", answer
                ) from error
        if not answer.may_be_lost:
            break
        found = _revoke_lost(generation, client, name)
        if isinstance(found, str):
            raise MintingRefused(f"{answer.describe()}; whether it has issued one is not known, for {found}", answer)
        if answer.failure != FAILURE_CONNECTION:
            break
        lost += [] if found else [name]
        what = _EXPIRES if found is None else f"API keys found by its name {name} and revoked: {found}"
        resend.note(f"{answer.describe()}. {what}; another was asked for.")
    raise MintingRefused(answer.describe() + generation.why_no_credential(answer), answer)


def _revoke_lost(generation: Generation, client: HttpClient, name: str) -> int | str | None:
    """Revoke what was issued under C(name).

    Returns how many there were, None where MaaS lists no credentials, or why that is not known.
    """
    offset, revoked = 0, 0
    for _page in range(_PAGES):
        request = generation.search_request(offset)
        if request is None:
            return None
        answer = client.request(request)
        try:
            entries, more = generation.read_search(answer.json() if answer.status == 200 else None)
        except UnexpectedAnswer:
            return answer.describe()
        for credential_id in (each_id for each_name, each_id in entries if each_name == name):
            problem = revoke(generation, client, Credential("", credential_id))
            if problem:
                return problem
            revoked += 1
        offset += len(entries)
        if revoked or not more:
            break
    return revoked


def revoke(generation: Generation, client: HttpClient, credential: Credential) -> str | None:
    """Revoke one credential. Returns why it could not be revoked, or None; one that is already gone is no failure."""
    # What was asked for before may have been issued after it was looked for.
    problems = [_revoke_lost(generation, client, name) for name in credential.lost]
    request = generation.revoke_request(credential)
    if request is None:
        return None
    answer = client.request(request)
    if not 200 <= answer.status < 300 and answer.status != 404:
        problems.append(answer.describe())
    return next((problem for problem in problems if isinstance(problem, str)), None)


@contextlib.contextmanager
def borrowed(
    generation: Generation, client: HttpClient, subscription: str | None, lifetime: int
) -> t.Iterator[Credential]:
    """A credential for the time of a C(with) block. Raises C(MintingRefused).

    One that cannot be revoked is left to expire: it lives C(lifetime) seconds.
    """
    credential = mint(generation, client, subscription, lifetime)
    try:
        yield credential
    finally:
        revoke(generation, client, credential)


class Lender:
    """Credentials for the time of a C(with) block: the caller's own where it will do, else one for each subscription.

    One that cannot be revoked is left to expire: it lives C(lifetime) seconds. May be used by several threads.
    """

    def __init__(self, generation: Generation, connect: Connect, token: str, lifetime: int) -> None:
        self._generation = generation
        self._connect = connect
        self._token = token
        self._lifetime = lifetime
        self._lent: dict[str | None, Credential] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Lender:
        return self

    def __exit__(self, *_exception: t.Any) -> None:
        for credential in self._lent.values():
            revoke(self._generation, self._as_caller(), credential)

    def lend(self, subscription: str | None, path: str) -> Credential:
        """What to call C(path) of an instance with. Raises C(MintingRefused)."""
        if self._generation.is_credential(self._token) or self._generation.accepts_user_token(path):
            return Credential(self._token)
        with self._lock:
            if subscription not in self._lent:
                self._lent[subscription] = mint(self._generation, self._as_caller(), subscription, self._lifetime)
            return self._lent[subscription]

    def client(self, credential: Credential, subscription: str | None) -> HttpClient:
        """A client that sends C(credential)."""
        return self._connect(self._generation.caller_headers(credential.token, subscription))

    def _as_caller(self) -> HttpClient:
        return self._connect(self._generation.caller_headers(self._token))
