# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import NO_ANSWER, ApiError, remedy

URL = "https://api:6443/api/v1/namespaces/llm/secrets/x"


def refusal(code, message, reason="", **details):
    status = {"kind": "Status", "message": message, "reason": reason, "details": details, "code": code}
    return ApiError.from_answer("PATCH", URL, code, json.dumps(status))


def test_the_message_names_what_was_tried_what_was_said_and_what_to_do():
    text = str(refusal(403, 'secrets "x" is forbidden: User "u" cannot patch resource "secrets"', "Forbidden"))
    assert text.startswith(f'PATCH {URL}: 403 Forbidden: secrets "x" is forbidden: User "u" cannot patch')
    assert text.endswith("or run as a user who has it.")


def test_a_field_conflict_names_its_owners():
    cause = {
        "reason": "FieldManagerConflict",
        "message": 'conflict with "kubectl" using apps/v1',
        "field": ".spec.replicas",
    }
    error = refusal(409, "Apply failed with 1 conflict", "Conflict", causes=[cause])
    assert error.is_field_conflict
    assert error.conflicts == [("kubectl", ".spec.replicas")]
    assert "managed by kubectl" in remedy(error) and "force_conflicts" in remedy(error)


def test_another_conflict_is_none_of_fields():
    assert not refusal(409, "the object has been modified", "Conflict").is_field_conflict


def test_a_missing_namespace_differs_from_a_missing_object():
    assert refusal(404, 'namespaces "llm" not found', "NotFound", kind="namespaces").is_missing_namespace
    assert not refusal(404, 'secrets "x" not found', "NotFound", kind="secrets").is_missing_namespace


DENIALS = {
    "a webhook": 'admission webhook "protect.corp" denied the request: {0}',
    "a policy": "secrets \"x\" is forbidden: ValidatingAdmissionPolicy 'keep' with binding 'all' denied request: {0}",
    "a policy without binding": "secrets \"x\" is forbidden: ValidatingAdmissionPolicy 'keep' denied request: {0}",
    "a mutating policy": "secrets \"x\" is forbidden: policy 'keep' with binding 'all' denied request: {0}",
}


@pytest.mark.parametrize("message", DENIALS.values(), ids=DENIALS)
@pytest.mark.parametrize("details", [{}, {"name": "CHG-1", "kind": "tickets"}, {"name": "t", "kind": "namespaces"}])
def test_what_a_denial_does_not_find_is_its_own_affair(message, details):
    error = refusal(404, message.format("ticket CHG-1 not found"), "NotFound", **details)
    assert error.is_denied
    assert not (error.is_not_found or error.is_unserved_kind or error.is_missing_namespace)
    assert "adjust the list" in remedy(error)


@pytest.mark.parametrize("code", [400, 403, 404, 409, 422])
@pytest.mark.parametrize("message", DENIALS.values(), ids=DENIALS)
def test_who_denies_a_deletion_has_to_allow_it(message, code):
    error = ApiError("DELETE", URL, code, message.format("keys stay"))
    advice = remedy(error)
    assert "allow the deletion, then run again" in advice and "list" not in advice
    assert ("protect.corp" in advice) or ("keep" in advice)


def test_a_plug_in_that_refuses_a_deletion_has_to_allow_it():
    error = ApiError("DELETE", URL, 403, 'namespaces "x" is forbidden: this namespace may not be deleted')
    assert "Have whoever keeps that rule allow it" in remedy(error)


def test_whoever_may_not_delete_needs_the_permission():
    error = ApiError("DELETE", URL, 403, 'secrets "x" is forbidden: User "u" cannot delete resource "secrets"')
    assert remedy(error).startswith("Ask for this permission")


@pytest.mark.parametrize(
    "code, message, advice",
    [
        (403, 'pods "x" is forbidden: exceeded quota: q, requested: …', "ResourceQuota"),
        (403, "unable to create new content in namespace llm because it is being terminated", "being deleted"),
        (500, ".spec.storageInitialiser: field not declared in schema", "does not know the field"),
        (500, 'failed calling webhook "x": connection refused', "admission webhook"),
        (403, 'namespace "x" is not enabled for MaaS tenant resources.', "llamastack_maas_subscription_namespace"),
        (
            403,
            'admission webhook "vmaasmodelref.kb.io" denied the request: spec.tenantRef "x" references AITenant that does '
            "not exist in namespace ai-tenants",
            "llamastack_maas_tenant",
        ),
        (403, 'pods "x" is forbidden: failed quota: q: must specify limits.cpu for: main', "wants the named requests"),
        (403, 'admission webhook "v.corp" denied the request: team has exceeded quota of models', "the webhook v.corp"),
        (400, 'admission webhook "validate.kyverno.svc-fail" denied the request: \n\nresource ...', "validate.kyverno"),
        (
            422,
            "configmaps \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
            "Policy p",
        ),
        (
            401,
            "secrets \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
            "Policy p",
        ),
        (
            403,
            'pods "x" is forbidden: violates PodSecurity "restricted:latest": …',
            "Pod Security than restricted:latest",
        ),
        (
            403,
            'pods "x" is forbidden: unable to validate against any security context constraint: []',
            "ServiceAccount",
        ),
        (
            403,
            'secrets "x" is forbidden: whatever else a plug-in of admission says',
            "admission refuses what the object",
        ),
        (400, 'admission webhook "v.corp" does not support dry run', "without writing it"),
        (
            403,
            'secrets is forbidden: User "u" cannot create resource "secrets" in the namespace "llm"',
            "Ask for this permission",
        ),
        (403, "<html>the proxy forbids it</html>", "Ask for this permission"),
        (401, "Unauthorized", "log in again"),
        (401, "Unauthorized", "36.0.0 of the Python package kubernetes sends no token"),
        (NO_ANSWER, "[SSL: CERTIFICATE_VERIFY_FAILED] self-signed", "ca_cert"),
        (NO_ANSWER, "Connection refused", "Check the address"),
    ],
)
def test_what_to_do(code, message, advice):
    assert advice in remedy(ApiError("GET", URL, code, message))


@pytest.mark.parametrize(
    "message",
    [
        'admission webhook "v.corp" denied the request: User "u" cannot create resource "secrets"',
        "secrets \"x\" is forbidden: MutatingAdmissionPolicy 'p' with binding 'b' denied request: no",
        'configmaps "x" is forbidden: exceeded quota: q, requested: count/configmaps=1, used: 0, limited: 0',
        'secrets "x" is forbidden: unable to create new content in namespace llm because it is being terminated',
        'pods "x" is forbidden: violates PodSecurity "baseline:latest": host namespaces',
    ],
)
def test_a_refusal_of_admission_is_no_missing_permission(message):
    error = refusal(403, message, "Forbidden")
    assert not error.is_lacking_permission and "Role" not in remedy(error)


def test_an_answer_that_is_no_status_object_is_quoted():
    error = ApiError.from_answer("GET", URL, 502, "<html>\n bad\n gateway</html>")
    assert error.outcome == "502 Bad Gateway: <html> bad gateway</html>"


@pytest.mark.parametrize(
    "code, transient", [(NO_ANSWER, True), (429, True), (503, True), (403, False), (409, False), (500, False)]
)
def test_what_may_pass(code, transient):
    assert ApiError("GET", URL, code, "").is_transient is transient


def test_how_long_to_wait():
    assert ApiError.from_answer("GET", URL, 429, "", "7").retry_after == 7.0
    assert ApiError.from_answer("GET", URL, 429, "", "Wed, 21 Oct 2026 07:28:00 GMT").retry_after is None
