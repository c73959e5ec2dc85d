# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between the generations of Models-as-a-Service, as one interface.

A generation says how a model is registered, how a caller gets a credential, what the model list means and which URL
a user is given. Nothing else in this collection asks which generation it has; to support another one, add a subclass
and name it in C(generations.py).

A generation is plain knowledge: it builds requests and objects and reads answers, and talks to nobody.
An C(instance) is a normalised instance as C(instances.py) makes it, C(settings) are the settings of the run.
"""

from __future__ import annotations

import typing as t
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Answer, Request
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership

ACCESS_KEYS = ("groups", "users", "token_limits", "priority", "tiers")

# The ServiceAccount in the model namespace that calls MaaS where the Kubernetes credential has no token to lend.
PROBER_ACCOUNT = "llamastack-maas-prober"

# The group in which Kubernetes puts everybody who is somebody.
EVERYBODY = "system:authenticated"

_LIST_PATIENCE = 25.0

Object = t.Dict[str, t.Any]
Instance = t.Mapping[str, t.Any]
Settings = t.Mapping[str, t.Any]


class UnexpectedAnswer(ValueError):
    """An answer with a status of success that does not hold what the API promises; the message says what is missing."""


@dataclass(frozen=True)
class Listed:
    """One entry of MaaS's model list."""

    id: str
    owner: str
    """C(owned_by): the namespace and the name of the model, as far as the generation shows it."""
    url: str = ""
    ready: bool = True
    subscriptions: tuple[str, ...] = ()
    """Names, sorted: MaaS returns them in a random order."""


@dataclass(frozen=True)
class Visibility:
    """What a model list shows of one instance."""

    ids: list[str] = field(default_factory=list)
    """Listed and ready: what a caller can name as the model."""
    missing: list[str] = field(default_factory=list)
    """Expected and not in the list."""
    not_ready: list[str] = field(default_factory=list)
    """In the list, but marked as not ready."""
    note: str = ""
    """Why the list looks as it does, where the list itself shows it."""
    partial: bool = False
    """Whether the list shows it, but not all of its ids, and its own list decides whether there are more."""
    subscriptions: tuple[str, ...] = ()
    """Those through which it is listed to the caller, sorted."""

    @property
    def complete(self) -> bool:
        return bool(self.ids) and not self.missing and not self.not_ready


@dataclass(frozen=True)
class Credential:
    """A short-lived credential that MaaS issued for inference."""

    token: str = field(repr=False)
    id: str | None = None
    """What it is revoked by; None where it can only expire."""
    lost: tuple[str, ...] = ()
    """Names under which others may have been issued before it, whose answers were lost and which were not found."""


class Registered(t.NamedTuple):
    """Something that registers an instance or admits callers to it, as the cluster has it."""

    what: str
    """Its kind, namespace and name, or words where it is no object of its own."""
    phase: str = ""
    """What the platform says of it; empty where it says nothing."""
    admits: str = ""
    """Whom it admits; empty where it admits nobody by itself."""
    limits: t.Sequence[t.Mapping[str, t.Any]] = ()
    """Its token limits, C({limit, window})."""


def check_names(value: t.Any, findings: Findings, what: str, check: t.Callable[[str, Findings], None]) -> None:
    """Report what keeps C(value) from being a list of names; C(check) looks at each that is text."""
    if not isinstance(value, list):
        findings.error(f"must be a list of {what} names")
        return
    for index, item in enumerate(value):
        if isinstance(item, str) and item.strip():
            check(item, findings.at(index))
        else:
            findings.at(index).error(f"must be the name of a {what}, not {item!r}")


def prober_user(namespace: str) -> str:
    """The user name under which the prober of a model namespace calls MaaS."""
    return f"system:serviceaccount:{namespace}:{PROBER_ACCOUNT}"


class Generation(ABC):
    """One generation of MaaS."""

    name: t.ClassVar[str]
    """The value of C(llamastack_maas_generation)."""

    releases: t.ClassVar[tuple[str, ...]]
    """The releases of the platform that bring it."""

    list_asks_models: t.ClassVar[bool]
    """Whether MaaS makes its list by asking each model, so that what is wrong with a model is wrong with the list."""

    why_unlisted: t.ClassVar[tuple[str, str]]
    """Why a model that is registered and answers is not listed, and what to do."""

    not_admitted_remedy: t.ClassVar[str]
    """What whoever is left out by an instance's access can do to prove it all the same."""

    list_is_complete: t.ClassVar[bool]
    """Whether a usable model is always listed. Where not, a call decides about an instance that is not."""

    @classmethod
    def platforms(cls) -> str:
        """The same for messages."""
        return f"RHOAI {' and '.join(cls.releases)}"

    @abstractmethod
    def published_id(self, namespace: str, name: str) -> str | None:
        """The id that MaaS lists and the server knows as an alias; None where MaaS lists the server's own ids."""

    @abstractmethod
    def default_access(self) -> dict[str, t.Any]:
        """The access of an instance that says nothing about it, with all of C(ACCESS_KEYS)."""

    @abstractmethod
    def check_access(self, access: t.Any, findings: Findings) -> None:
        """Report what is wrong with an C(access) as the user wrote it, also what cannot be expressed here."""

    @abstractmethod
    def normalise_access(self, access: t.Mapping[str, t.Any] | None) -> dict[str, t.Any]:
        """C(access), found free of problems, with all of C(ACCESS_KEYS). It never grants more than was written."""

    @abstractmethod
    def open_to_everybody(self, access: t.Mapping[str, t.Any]) -> bool:
        """Whether a normalised access admits every authenticated caller, so that nobody is an outsider."""

    @abstractmethod
    def admits(self, access: t.Mapping[str, t.Any], user: str, groups: t.Iterable[str]) -> bool:
        """Whether a normalised access admits C(user) who is in C(groups)."""

    @abstractmethod
    def token_limits(self, access: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]] | None:
        """The token limits of a normalised access, C([{limit, window}]); None where they are set elsewhere."""

    @abstractmethod
    def describe_access(self, access: t.Mapping[str, t.Any]) -> str:
        """Whom a normalised access admits, to follow "is in none of"."""

    @abstractmethod
    def instance_annotations(self, instance: Instance) -> dict[str, str]:
        """Annotations for the instance's LLMInferenceService."""

    @abstractmethod
    def registration(self, instance: Instance, settings: Settings) -> dict[str, list[Object]]:
        """The objects that register the instance: C(project) (model namespace) and C(platform) (the platform's own)."""

    @abstractmethod
    def registration_kinds(self, settings: Settings) -> list[tuple[str, str, str]]:
        """API version, kind and namespace of all that may register an instance beside its LLMInferenceService."""

    @abstractmethod
    def registered(
        self, namespace: str, name: str, service: Object | None, objects: t.Iterable[Object]
    ) -> list[Registered]:
        """How its service, and those C(objects) of C(registration_kinds) that name it, register the instance."""

    @abstractmethod
    def lists_without_minting(self, token: str) -> bool:
        """Whether MaaS shows its list to the holder of C(token) without making a credential for that."""

    @abstractmethod
    def subscription(self, instance: Instance) -> str | None:
        """The name of the subscription that the instance is registered with; None where there is no such thing."""

    @abstractmethod
    def caller_headers(self, token: str, subscription: str | None = None) -> dict[str, str]:
        """The header fields with which C(token) calls MaaS or, by C(subscription), an instance."""

    @abstractmethod
    def is_credential(self, token: str) -> bool:
        """Whether C(token) is itself a credential of MaaS, rather than a user's own token."""

    @abstractmethod
    def accepts_user_token(self, path: str) -> bool:
        """Whether a request to C(path) of an instance may carry a user's own token."""

    @abstractmethod
    def admits_holder(self, access: t.Mapping[str, t.Any], credential: Credential) -> bool | None:
        """Whether a normalised access admits the holder of a credential; None where the credential does not show it."""

    @abstractmethod
    def credential_request(self, subscription: str | None, lifetime: int, name: str) -> Request:
        """The request for a credential that lives C(lifetime) seconds, or the nearest that the generation allows.

        It is found by C(name) where credentials can be looked for.
        """

    @abstractmethod
    def refuses_credential(self, answer: Answer) -> bool:
        """Whether the answer to C(credential_request) says that the caller is entitled to none."""

    def why_no_credential(self, answer: Answer) -> str:
        """What to add to an answer to C(credential_request) that does not say itself what it means."""
        return ""

    @abstractmethod
    def read_credential(self, document: t.Any) -> Credential:
        """The credential in the answer to C(credential_request). Raises C(UnexpectedAnswer)."""

    @abstractmethod
    def revoke_request(self, credential: Credential) -> Request | None:
        """The request that revokes this one credential; None where only time does. A 404 means it is gone."""

    @abstractmethod
    def search_request(self, offset: int) -> Request | None:
        """The request for the caller's credentials from C(offset) on, the newest first; None where MaaS lists none."""

    @abstractmethod
    def read_search(self, document: t.Any) -> tuple[list[tuple[str, str]], bool]:
        """Name and id of each credential in the answer, and whether there are more. Raises C(UnexpectedAnswer)."""

    def list_request(self) -> Request:
        """The request for the model list. Where MaaS asks the models first, the slowest holds it up for 15 seconds."""
        return Request("GET", "/v1/models", patience=_LIST_PATIENCE)

    def read_list(self, document: t.Any) -> list[Listed]:
        """The entries of the model list, in the order of their ids and owners. Raises C(UnexpectedAnswer).

        C(data) may be null, which is how an empty list reads on the oldest generation.
        """
        items = (document.get("data") or []) if isinstance(document, dict) and "data" in document else None
        if not isinstance(items, list) or not all(isinstance(item, dict) and item.get("id") for item in items):
            raise UnexpectedAnswer("the answer is not a model list")
        entries = [
            Listed(
                id=item["id"],
                owner=item.get("owned_by") or "",
                url=item.get("url") or "",
                ready=item.get("ready", True) is True,
                subscriptions=tuple(sorted(each["name"] for each in item.get("subscriptions") or [])),
            )
            for item in items
        ]
        return sorted(entries, key=lambda entry: (entry.id, entry.owner, entry.url))

    @abstractmethod
    def visibility(self, entries: t.Iterable[Listed], instance: Instance) -> Visibility:
        """What the list shows of the instance."""

    @abstractmethod
    def entitlements_request(self) -> Request | None:
        """The request for what the caller may use; None where MaaS does not show it."""

    @abstractmethod
    def read_entitlements(self, document: t.Any) -> list[str]:
        """The names of the caller's subscriptions, sorted. Raises C(UnexpectedAnswer)."""

    @abstractmethod
    def client_base_url(self, maas_url: str, instance_url: str) -> str:
        """The base URL to give to a user's OpenAI client, under which the published id can be called."""


def registration_of_all(
    generation: Generation, instances: t.Iterable[Instance], settings: Settings
) -> dict[str, list[Object]]:
    """The registration of all instances: the two lists of C(Generation.registration), in the order of the instances.

    With C(settings.prober) scope project begins with the prober's ServiceAccount.
    """
    scopes: dict[str, list[Object]] = {"project": [], "platform": []}
    if settings.get("prober"):
        scopes["project"].append(_prober_account(settings))
    for instance in instances:
        for scope, objects in generation.registration(instance, settings).items():
            scopes[scope].extend(objects)
    return scopes


def _prober_account(settings: Settings) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {
            "name": PROBER_ACCOUNT,
            "namespace": settings["namespace"],
            "labels": ownership.labels(None, settings["namespace"], settings["set"]),
        },
        "automountServiceAccountToken": False,
    }
