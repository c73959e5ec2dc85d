# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Kubernetes API refused, and what to do about it."""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass, field
from http import HTTPStatus

from ansible_collections.llamastack.maas.plugins.module_utils.base import resend
from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import redact

NO_ANSWER = 0
"""The status of an error without an answer: no connection, no name, no trusted certificate, a timeout."""

# Answers after which the same request may succeed, and what became of it.
_PASSING = {
    HTTPStatus.TOO_MANY_REQUESTS: resend.BUSY,
    HTTPStatus.SERVICE_UNAVAILABLE: resend.BUSY,
    HTTPStatus.GATEWAY_TIMEOUT: resend.LOST,
}
# The authorizer: secrets is forbidden: User "jo" cannot create resource "secrets" in API group "" in the namespace "llm".
_NOT_AUTHORIZED = re.compile(r'cannot \w+ (resource|path) "|RBAC permissions')
# Admission, which judges what the object holds; its other plug-ins say what they have against it behind «is forbidden».
_WEBHOOK = re.compile(r'admission webhook "(?P<name>[^"]+)" denied the request')
_POLICY = re.compile(
    r"\b(?P<kind>\w+AdmissionPolicy|policy) '(?P<name>[^']+)'(?: with binding(?: '[^']*')?)?(?: denied request|:|$)"
)
_POD_SECURITY = re.compile(r'violates PodSecurity "(?P<name>[^"]+)"')
_PLUG_IN = re.compile(r" is forbidden: (?!User )|is being terminated|is not enabled for MaaS")
_CONFLICT_OWNER = re.compile(r'conflict with "(?P<owner>[^"]+)"')


@dataclass(eq=False)
class ApiError(resend.RequestFailure):
    """An answer of the Kubernetes API other than success, or none (``status`` :data:`NO_ANSWER`).

    ``reason``, ``message`` and ``details`` are those of the API's ``Status`` object; without one, ``message`` is the
    text of the answer. The message is without credentials: webhooks and the API itself quote what they refuse.
    """

    method: str
    url: str
    status: int
    message: str
    reason: str = ""
    details: dict[str, t.Any] = field(default_factory=dict)
    retry_after: float | None = None
    delivery: str = ""

    def __post_init__(self) -> None:
        self.message = redact(self.message)
        self.delivery = self.delivery or _PASSING.get(self.status, resend.FINAL)

    @classmethod
    def from_answer(cls, method: str, url: str, status: int, body: str, retry_after: str | None = None) -> ApiError:
        """Read the ``Status`` object of a refusal."""
        try:
            parsed = json.loads(body)
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict) or parsed.get("kind") != "Status":
            parsed = {"message": " ".join(redact(body).split())[:500]}
        return cls(
            method=method,
            url=url,
            status=status,
            message=parsed.get("message") or "",
            reason=parsed.get("reason") or "",
            details=parsed.get("details") or {},
            retry_after=float(retry_after) if retry_after and retry_after.isdigit() else None,
        )

    @property
    def is_transient(self) -> bool:
        """Whether the same request may succeed a little later."""
        return self.status == NO_ANSWER or self.status in _PASSING

    @property
    def is_field_conflict(self) -> bool:
        """Whether another field manager owns a field that was to be changed."""
        return self.status == HTTPStatus.CONFLICT and bool(self.conflicts)

    @property
    def is_denied(self) -> bool:
        """Whether a webhook or a policy of admission refuses it. Which status it does that with is its own choice."""
        return bool(_WEBHOOK.search(self.message) or _POLICY.search(self.message))

    @property
    def is_not_found(self) -> bool:
        """Whether something is not there: the object, its namespace, or the kind."""
        return self.status == HTTPStatus.NOT_FOUND and not self.is_denied

    @property
    def is_missing_namespace(self) -> bool:
        """Whether the namespace of the object does not exist (rather than the object or the kind)."""
        return self.is_not_found and self.details.get("kind") == "namespaces"

    @property
    def is_unserved_kind(self) -> bool:
        """Whether the API server does not know the kind at all: a 404 that names no object."""
        return self.is_not_found and not self.details.get("name")

    @property
    def is_lacking_permission(self) -> bool:
        """Whether the caller may not make the request, whatever it holds.

        Admission refuses what an object holds with the same status and, often, the same reason; the authorizer's words are
        its own. A refusal that is no answer of the API server, such as a proxy's, counts as one for want of a permission.
        """
        if self.status != HTTPStatus.FORBIDDEN or self.is_denied:
            return False
        return bool(_NOT_AUTHORIZED.search(self.message)) or not _PLUG_IN.search(self.message)

    @property
    def is_dry_run_unsupported(self) -> bool:
        """Whether it is the dry run that was refused: a webhook that changes something elsewhere takes none."""
        return "does not support dry run" in self.message

    @property
    def conflicts(self) -> list[tuple[str, str]]:
        """The field manager and the field of every field conflict."""
        found = []
        for cause in self.details.get("causes") or []:
            if cause.get("reason") == "FieldManagerConflict":
                owner = _CONFLICT_OWNER.search(cause.get("message") or "")
                found.append((owner.group("owner") if owner else "?", cause.get("field") or "?"))
        return found

    @property
    def outcome(self) -> str:
        """Status with its phrase and the API's message, such as ``403 Forbidden: secrets "x" is forbidden: …``."""
        if self.status == NO_ANSWER:
            return f"no answer: {self.message}"
        try:
            phrase = HTTPStatus(self.status).phrase
        except ValueError:
            phrase = self.reason
        return f"{self.status} {phrase}: {self.message}"

    def __str__(self) -> str:
        text = f"{self.method} {self.url}: {self.outcome}"
        advice = remedy(self)
        return f"{text.rstrip('.')}. {advice}" if advice else text


def unverified(url: str) -> tuple[str, str]:
    """What is to be said of an API server at C(url) that is not verified by its certificate, and what to do."""
    said = f"The certificate of the API server {url} is not verified: whoever answers there is sent token and keys"
    advice = (
        "Give its certificate authority (ca_cert, K8S_AUTH_SSL_CA_CERT, or in the kubeconfig; in AAP the field of the "
        "credential, which verifies nothing without one), and leave validate_certs and K8S_AUTH_VERIFY_SSL true."
    )
    return said, advice


def remedy(error: ApiError) -> str:
    """What to do about ``error``; empty where the API's own message says all there is to say."""
    if error.is_field_conflict:
        owners = sorted({owner for owner, _field in error.conflicts})
        return (
            f"The fields are managed by {' and '.join(owners)}. Change them there, or set"
            " llamastack_maas_force_conflicts to take them over (the other manager may put its values back)."
        )
    for matches, advice in _REMEDIES:
        found = matches(error)
        if found:
            return advice.format(**found.groupdict()) if isinstance(found, re.Match) else advice
    return ""


def _says(text: str) -> t.Callable[[ApiError], bool]:
    return lambda error: text in error.message


def _matches(pattern: re.Pattern[str]) -> t.Callable[[ApiError], t.Any]:
    """Recognises an error by its message; the groups of the match are filled into the advice."""
    return lambda error: pattern.search(error.message)


def _deletion_matches(pattern: re.Pattern[str]) -> t.Callable[[ApiError], t.Any]:
    return lambda error: pattern.search(error.message) if error.method == "DELETE" else None


def _is(status: int) -> t.Callable[[ApiError], bool]:
    return lambda error: error.status == status


# The first that matches counts: what the message says before what the status says.
_REMEDIES: tuple[tuple[t.Callable[[ApiError], t.Any], str], ...] = (
    (
        _says(": there is no file "),
        "Correct the path; a relative one counts from the folder in which ansible-playbook was started.",
    ),
    (
        _says("CERTIFICATE_VERIFY_FAILED"),
        "Give the certificate authority of the API server: ca_cert, K8S_AUTH_SSL_CA_CERT, or in the kubeconfig.",
    ),
    (
        _says("Invalid header value"),
        "The token holds a line break or another character that no header may hold: give it without.",
    ),
    (
        _says("is not enabled for MaaS"),
        "Correct llamastack_maas_subscription_namespace, or have the platform team enable the namespace.",
    ),
    (
        _says("references AITenant that does not exist"),
        "Correct llamastack_maas_tenant, or leave it out.",
    ),
    (
        _deletion_matches(_WEBHOOK),
        "It is no missing permission: have whoever keeps the rule behind the webhook {name} allow the deletion, then"
        " run again.",
    ),
    (
        _deletion_matches(_POLICY),
        "It is no missing permission: have whoever keeps the {kind} {name} allow the deletion, then run again.",
    ),
    (
        _matches(_WEBHOOK),
        "It is no missing permission, but what the object holds: adjust the list to what the webhook says, or have the"
        " rule behind the webhook {name} changed.",
    ),
    (
        _matches(_POLICY),
        "It is no missing permission, but what the object holds: adjust the list to what the policy says, or have the"
        " {kind} {name} changed.",
    ),
    (
        _says("exceeded quota"),
        "Raise the ResourceQuota of the namespace, or remove what no longer needs to run there.",
    ),
    (
        _says("failed quota: "),
        "The ResourceQuota wants the named requests or limits to be set: give resources, or have the quota changed.",
    ),
    (
        _says("status unknown for quota: "),
        "The ResourceQuota was made just now, and nothing is counted yet: run again in a minute.",
    ),
    (
        _says("is being terminated"),
        "The namespace is being deleted: wait until it is gone, then run again.",
    ),
    (
        _says("field not declared in schema"),
        "This cluster serves a version of the kind that does not know the field.",
    ),
    (
        _says("failed calling webhook"),
        "An admission webhook of the platform does not answer: look at the controller that serves it.",
    ),
    (
        _says("does not support dry run"),
        "The webhook changes something elsewhere, so the API server cannot try the object without writing it.",
    ),
    (
        _matches(_POD_SECURITY),
        "It is no missing permission: have the namespace labelled for another level of Pod Security than {name}, or adjust"
        " the pod.",
    ),
    (
        _says("unable to validate against any security context constraint"),
        "Have the ServiceAccount of the pod granted a SecurityContextConstraints that admits it.",
    ),
    (
        lambda error: error.is_missing_namespace,
        "Create the namespace first, or correct its name.",
    ),
    (
        lambda error: error.is_unserved_kind,
        "The cluster does not serve this kind in this version: KServe, or Models-as-a-Service, is not installed.",
    ),
    (
        _is(NO_ANSWER),
        "Check the address of the API server (kubeconfig, context, host, K8S_AUTH_*), the network and the proxy.",
    ),
    (
        _is(HTTPStatus.UNAUTHORIZED),
        "The credential was not accepted: log in again, or check api_key, kubeconfig and context. Release 36.0.0 of the"
        " Python package kubernetes sends no token: where the modules run, install another.",
    ),
    (
        lambda error: error.is_lacking_permission,
        "Ask for this permission (a Role or ClusterRole with the verb on the resource), or run as a user who has it.",
    ),
    (
        lambda error: error.status == HTTPStatus.FORBIDDEN and error.method == "DELETE",
        "It is no missing permission: admission refuses the deletion. Have whoever keeps that rule allow it, then run"
        " again.",
    ),
    (
        _is(HTTPStatus.FORBIDDEN),
        "It is no missing permission: admission refuses what the object holds. Adjust the list to what the message says, or"
        " have the rule changed.",
    ),
    (
        _is(HTTPStatus.TOO_MANY_REQUESTS),
        "The API server is busy: run again later.",
    ),
)
