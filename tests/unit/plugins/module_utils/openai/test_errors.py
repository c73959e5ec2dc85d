# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals as the providers word them, each whole and as the server of an instance passes it on: its message alone."""

from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.openai import errors
from ansible_collections.llamastack.maas.plugins.module_utils.openai.errors import (
    ACCOUNT_CLOSED,
    CONTENT_REFUSED,
    KEY_REFUSED,
    MODEL_FORBIDDEN,
    MODEL_OTHER_CALL,
    MODEL_RETIRED,
    MODEL_UNKNOWN,
    NOT_FROM_HERE,
    NO_MONEY,
    PARAMETER_REFUSED,
    PATH_UNKNOWN,
    PROVIDER_BUSY,
    PROVIDER_ERROR,
    PROVIDER_LIMIT,
    PROVIDER_REFUSES,
    REQUEST_REFUSED,
    TOO_LONG,
)


def openai(message, code=None, kind="invalid_request_error"):
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def google(code, status, message, reason=None):
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}] if reason else []
    return [{"error": {"code": code, "message": message, "status": status, "details": details}}]


def anthropic(kind, message):
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


WORDED = [
    # The key
    (
        401,
        openai("Incorrect API key provided: sk-pr***. You can find your API key at https://x.", "invalid_api_key"),
        KEY_REFUSED,
    ),
    (401, openai("You didn't provide an API key."), KEY_REFUSED),
    (401, anthropic("authentication_error", "invalid x-api-key"), KEY_REFUSED),
    (401, {"error": {"message": "User not found.", "code": 401}}, KEY_REFUSED),
    (401, {"detail": "Unauthorized"}, KEY_REFUSED),
    (
        401,
        {"error": {"code": "401", "message": "Access denied due to invalid subscription key or wrong API endpoint."}},
        KEY_REFUSED,
    ),
    (
        400,
        google(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", "API_KEY_INVALID"),
        KEY_REFUSED,
    ),
    (
        400,
        google(400, "INVALID_ARGUMENT", "API key expired. Please renew the API key.", "API_KEY_INVALID"),
        KEY_REFUSED,
    ),
    (
        400,
        openai("Incorrect API key provided: ab***yz. You can obtain an API key from https://console.x.ai."),
        KEY_REFUSED,
    ),
    (
        403,
        google(403, "PERMISSION_DENIED", "Your API key was reported as leaked. Please use another API key."),
        KEY_REFUSED,
    ),
    (403, {"status": 403, "title": "Forbidden", "detail": "Authorization failed"}, KEY_REFUSED),
    # Money
    (402, {"error": {"message": "Insufficient credits. Add more using https://x", "code": 402}}, NO_MONEY),
    (402, openai("Insufficient Balance", "invalid_request_error", "unknown_error"), NO_MONEY),
    (402, {"detail": "Something else"}, NO_MONEY),
    (400, anthropic("invalid_request_error", "Your credit balance is too low to access the Anthropic API."), NO_MONEY),
    (
        400,
        anthropic(
            "invalid_request_error",
            "You have reached your specified API usage limits. You will regain access on 2027-01-01.",
        ),
        NO_MONEY,
    ),
    (
        429,
        openai(
            "You exceeded your current quota, please check your plan and billing details.",
            "insufficient_quota",
            "insufficient_quota",
        ),
        NO_MONEY,
    ),
    (
        429,
        openai("Your account is not active, please check your billing details on our website.", "billing_not_active"),
        NO_MONEY,
    ),
    (
        403,
        {"code": "permission-denied", "error": "Your newly created team doesn't have any credits or licenses yet."},
        NO_MONEY,
    ),
    (
        412,
        openai(
            "Account x is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices."
        ),
        NO_MONEY,
    ),
    (
        400,
        openai(
            "ExceededBudget: User=u over budget. Spend=1.2, Budget=1.0: Budget has been exceeded!",
            "400",
            "budget_exceeded",
        ),
        NO_MONEY,
    ),
    (
        403,
        google(403, "PERMISSION_DENIED", "This API method requires billing to be enabled.", "BILLING_DISABLED"),
        NO_MONEY,
    ),
    (400, openai("Access denied, please make sure your account is in good standing.", "Arrearage"), NO_MONEY),
    (402, {"error": "You have exceeded your monthly included credits for Inference Providers."}, NO_MONEY),
    # The place
    (
        403,
        openai(
            "Country, region, or territory not supported", "unsupported_country_region_territory", "request_forbidden"
        ),
        NOT_FROM_HERE,
    ),
    (400, google(400, "FAILED_PRECONDITION", "User location is not supported for the API use."), NOT_FROM_HERE),
    (
        400,
        google(
            400,
            "FAILED_PRECONDITION",
            "Gemini API free tier is not available in your country. Please enable billing on your project.",
        ),
        NOT_FROM_HERE,
    ),
    (403, {"error": {"message": "Access denied. Please check your network settings."}}, NOT_FROM_HERE),
    (
        403,
        {"error": {"code": "403", "message": "Public access is disabled. Please configure private endpoint."}},
        NOT_FROM_HERE,
    ),
    (
        403,
        {"error": {"code": "AccessDenied", "message": "Access denied due to Virtual Network/Firewall rules."}},
        NOT_FROM_HERE,
    ),
    (403, openai("Your request was blocked: the service is not available in this region."), NOT_FROM_HERE),
    (401, openai("Your IP address is not authorized for this project.", "ip_not_authorized"), NOT_FROM_HERE),
    (451, {"detail": "x"}, NOT_FROM_HERE),
    # Organisation, project, membership, verification
    (401, openai("You must be a member of an organization to use the API."), ACCOUNT_CLOSED),
    (
        401,
        openai("OpenAI-Organization header should match organization for API key", "mismatched_organization"),
        ACCOUNT_CLOSED,
    ),
    (403, openai("Your organization must be verified to use the model `o3`. Please go to: https://x"), ACCOUNT_CLOSED),
    (400, openai("Your organization must be verified to stream this model."), ACCOUNT_CLOSED),
    (401, openai("The project you are requesting has been archived and cannot be accessed."), ACCOUNT_CLOSED),
    (400, anthropic("invalid_request_error", "This organization has been disabled."), ACCOUNT_CLOSED),
    (
        400,
        openai("Organization has been restricted. Please reach out to support.", "organization_restricted"),
        ACCOUNT_CLOSED,
    ),
    (
        403,
        google(
            403,
            "PERMISSION_DENIED",
            "Generative Language API has not been used in project 7 before or it is disabled.",
            "SERVICE_DISABLED",
        ),
        ACCOUNT_CLOSED,
    ),
    (
        403,
        google(403, "PERMISSION_DENIED", "Consumer 'project_number:7' has been suspended.", "CONSUMER_SUSPENDED"),
        ACCOUNT_CLOSED,
    ),
    (404, {"error": {"message": "No endpoints found matching your data policy.", "code": 404}}, ACCOUNT_CLOSED),
    # Permissions
    (
        401,
        openai("You have insufficient permissions for this operation. Missing scopes: model.request."),
        PROVIDER_REFUSES,
    ),
    (
        403,
        anthropic("permission_error", "Your API key does not have permission to use the specified resource."),
        PROVIDER_REFUSES,
    ),
    (403, {"detail": "Forbidden"}, PROVIDER_REFUSES),
    (401, openai("The `models` permission is required to access this endpoint", "unauthorized"), PROVIDER_REFUSES),
    # The model: who may use it, whether it is there, what it is for
    (
        401,
        openai(
            "key not allowed to access model. This key can only access models=['a']. Tried to access b",
            "401",
            "key_model_access_denied",
        ),
        MODEL_FORBIDDEN,
    ),
    (403, openai("Project `proj_x` does not have access to model `gpt-4o`", "model_not_found"), MODEL_FORBIDDEN),
    (
        400,
        openai(
            "The model `x` requires terms acceptance. Please have the org admin accept the terms.",
            "model_terms_required",
        ),
        MODEL_FORBIDDEN,
    ),
    (
        403,
        openai(
            "The model `x` is blocked at the project level.", "model_permission_blocked_project", "permissions_error"
        ),
        MODEL_FORBIDDEN,
    ),
    (
        403,
        {
            "error": {
                "code": "AccessDenied",
                "message": "You don't have access to the model with the specified model ID.",
            }
        },
        MODEL_FORBIDDEN,
    ),
    (
        400,
        openai("The model `llama2-70b` has been decommissioned and is no longer supported.", "model_decommissioned"),
        MODEL_RETIRED,
    ),
    (
        404,
        openai("The model `text-davinci-003` has been deprecated, learn more here: https://x", "model_not_found"),
        MODEL_RETIRED,
    ),
    (
        404,
        google(404, "NOT_FOUND", "This model models/gemini-1.0-pro is no longer available. Please use a newer model."),
        MODEL_RETIRED,
    ),
    (410, {"error": {"code": "ModelDeprecated", "message": "x"}}, MODEL_RETIRED),
    (404, openai("The model `x` does not exist or you do not have access to it.", "model_not_found"), MODEL_UNKNOWN),
    (
        404,
        {"object": "error", "message": "The model `x` does not exist.", "type": "NotFoundError", "code": 404},
        MODEL_UNKNOWN,
    ),
    (404, anthropic("not_found_error", "model: claude-9"), MODEL_UNKNOWN),
    (
        404,
        {"error": {"code": "DeploymentNotFound", "message": "The API deployment for this resource does not exist."}},
        MODEL_UNKNOWN,
    ),
    (
        404,
        google(
            404, "NOT_FOUND", "models/x is not found for API version v1beta, or is not supported for generateContent."
        ),
        MODEL_UNKNOWN,
    ),
    (404, openai('model "x" not found, try pulling it first'), MODEL_UNKNOWN),
    (404, {"error": {"message": "No endpoints found for a/b.", "code": 404}}, MODEL_UNKNOWN),
    (400, {"object": "error", "message": "Invalid model: x", "type": "invalid_model", "code": "1500"}, MODEL_UNKNOWN),
    (400, {"error": {"message": "a/b is not a valid model ID", "code": 400}}, MODEL_UNKNOWN),
    (
        400,
        openai(
            "/chat/completions: Invalid model name passed in model=x. Call `/v1/models` to view available models for your key."
        ),
        MODEL_UNKNOWN,
    ),
    (404, openai("Not found the model moonshot-x or Permission denied", "resource_not_found_error"), MODEL_UNKNOWN),
    (400, {"message": "The provided model identifier is invalid."}, MODEL_UNKNOWN),
    (
        404,
        openai("This is not a chat model and thus not supported in the v1/chat/completions endpoint."),
        MODEL_OTHER_CALL,
    ),
    (404, openai("This model is only supported in v1/responses and not in v1/chat/completions."), MODEL_OTHER_CALL),
    (
        400,
        {
            "error": {
                "code": "OperationNotSupported",
                "message": "The chatCompletion operation does not work with the specified model, ada.",
            }
        },
        MODEL_OTHER_CALL,
    ),
    (400, openai("The model does not support Chat Completions API", kind="BadRequestError"), MODEL_OTHER_CALL),
    (
        400,
        openai("As of transformers v4.44, default chat template is no longer allowed.", kind="BadRequestError"),
        MODEL_OTHER_CALL,
    ),
    # The path
    (404, {"detail": "Not Found"}, PATH_UNKNOWN),
    (404, openai("Invalid URL (POST /chat/completions)"), PATH_UNKNOWN),
    (404, {"error": {"code": "404", "message": "Resource not found"}}, PATH_UNKNOWN),
    (404, {"message": "no Route matched with those values"}, PATH_UNKNOWN),
    (405, {"detail": "Method Not Allowed"}, PATH_UNKNOWN),
    # The request
    (
        400,
        {
            "error": {
                "code": "content_filter",
                "message": "The response was filtered.",
                "innererror": {"code": "ResponsibleAIPolicyViolation"},
            }
        },
        CONTENT_REFUSED,
    ),
    (
        400,
        openai("Your request was rejected as a result of our safety system.", "content_policy_violation"),
        CONTENT_REFUSED,
    ),
    (400, openai("Output data may contain inappropriate content.", "DataInspectionFailed"), CONTENT_REFUSED),
    (
        403,
        {"error": {"message": "a/b requires moderation. Your input was flagged for x.", "code": 403}},
        CONTENT_REFUSED,
    ),
    (
        400,
        openai(
            "This model's maximum context length is 4096 tokens. However, you requested 4106 tokens (max_tokens).",
            "context_length_exceeded",
        ),
        TOO_LONG,
    ),
    (400, anthropic("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"), TOO_LONG),
    (413, anthropic("request_too_large", "Request exceeds the maximum size"), TOO_LONG),
    (
        413,
        openai(
            "Request too large for model `x` on tokens per minute (TPM): Limit 6000", "rate_limit_exceeded", "tokens"
        ),
        TOO_LONG,
    ),
    (
        400,
        openai(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            "unsupported_parameter",
        ),
        PARAMETER_REFUSED,
    ),
    (
        400,
        openai(
            "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16.",
            "integer_below_min_value",
        ),
        PARAMETER_REFUSED,
    ),
    (400, openai("litellm.UnsupportedParamsError: x does not support parameters: {'max_tokens'}"), PARAMETER_REFUSED),
    (
        422,
        {"detail": [{"type": "extra_forbidden", "loc": ["body", "x"], "msg": "Extra inputs are not permitted"}]},
        PARAMETER_REFUSED,
    ),
    (400, openai("Something is not as it should be"), REQUEST_REFUSED),
    (418, {}, REQUEST_REFUSED),
    # What passes
    (
        429,
        openai(
            "Rate limit reached for gpt-4o in organization org-x on requests per min. Limit: 3.",
            "rate_limit_exceeded",
            "requests",
        ),
        PROVIDER_LIMIT,
    ),
    (
        429,
        google(
            429,
            "RESOURCE_EXHAUSTED",
            "You exceeded your current quota, please check your plan and billing details. * Quota exceeded for metric: x. Please retry in 38s.",
        ),
        PROVIDER_LIMIT,
    ),
    (
        429,
        anthropic(
            "rate_limit_error", "This request would exceed your organization's rate limit of 50 requests per minute."
        ),
        PROVIDER_LIMIT,
    ),
    (429, {"message": "Service tier capacity exceeded for this model."}, PROVIDER_LIMIT),
    (409, openai("conflict"), PROVIDER_BUSY),
    (425, {}, PROVIDER_BUSY),
    (503, openai("The model is overloaded. Please try again later.", kind="server_error"), PROVIDER_ERROR),
    (529, anthropic("overloaded_error", "Overloaded"), PROVIDER_ERROR),
]


@pytest.mark.parametrize(("status", "document", "kind"), WORDED)
def test_what_a_refusal_is_about(status, document, kind):
    assert errors.kind_of(errors.read(status, document)) == kind


@pytest.mark.parametrize(("status", "document", "kind"), WORDED)
def test_what_it_is_about_where_only_its_message_came_through(status, document, kind):
    """As the newest client libraries pass it on; of what does not have OpenAI's shape nothing but the status is left."""
    error = document.get("error") if isinstance(document, dict) else None
    message = (error if isinstance(error, dict) else document if isinstance(document, dict) else {}).get("message")
    if not isinstance(message, str) or kind in (MODEL_RETIRED, CONTENT_REFUSED):
        return
    refusal = errors.passed_on(f"Error code: {status} - {message}")
    assert errors.kind_of(refusal) == kind


@pytest.mark.parametrize(("status", "document", "kind"), WORDED)
def test_what_it_is_about_where_it_came_through_as_python_shows_it(status, document, kind):
    text = f"openai.BadRequestError: Error code: {status} - {document!r}"
    assert errors.kind_of(errors.passed_on(text)) == kind


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (403, "embargoed country", NOT_FROM_HERE),
        (400, "Project is not in the organization", ACCOUNT_CLOSED),
        (403, "Account not verified, please complete verification", ACCOUNT_CLOSED),
        (429, "Account balance depleted", NO_MONEY),
        (403, "Model access denied: request access in the console", MODEL_FORBIDDEN),
        (403, "Subscription plan does not include this model", MODEL_FORBIDDEN),
        (400, "Input blocked by guardrail", CONTENT_REFUSED),
        (400, "claude-2 is deprecated and no longer available", MODEL_RETIRED),
        (403, "Forbidden: key disabled", KEY_REFUSED),
        (400, "'messages' must contain the word 'json'", REQUEST_REFUSED),
    ],
)
def test_a_word_is_a_hint_where_nothing_is_said_more_plainly(status, words, kind):
    assert errors.kind_of(errors.read(status, {"error": {"message": words}})) == kind


# What names the key, or has the status of a refused one, and is about something else: to say that the key is refused
# rolls a new key back.
NOT_THE_KEY = [
    (403, "Model gpt-4o is disabled for this API key", MODEL_FORBIDDEN),
    (401, "Model llama-3.1-8b is turned off for this key", MODEL_FORBIDDEN),
    (403, "Deployment corp-chat is not enabled for this access token", MODEL_FORBIDDEN),
    (401, "You don't have access to gpt-4o", MODEL_FORBIDDEN),
    (401, "gpt-4o is not allowed", MODEL_FORBIDDEN),
    (401, "Claude-3-opus requires special access", MODEL_FORBIDDEN),
    (401, "This API key is not authorized for model corp-chat", MODEL_FORBIDDEN),
    (400, "Unknown model for this API key", MODEL_UNKNOWN),
    (401, "Unknown engine gpt-4o", MODEL_UNKNOWN),
    (401, "Missing permissions for this API key", PROVIDER_REFUSES),
    (401, "API key lacks the scope models.read", PROVIDER_REFUSES),
    (401, "Principal does not have access to API/Operation.", PROVIDER_REFUSES),
    (401, "The principal `x` lacks the required data action `a/b/c` to perform `POST` operation.", PROVIDER_REFUSES),
    (401, "Route not allowed", PROVIDER_REFUSES),
    (401, "This key may not call the endpoint /v1/chat/completions", PROVIDER_REFUSES),
    (401, "Operation is denied by policy", PROVIDER_REFUSES),
    (401, "Incorrect organization ID for this API key.", ACCOUNT_CLOSED),
    (401, "Access token is not valid for this organization", ACCOUNT_CLOSED),
    (401, "The OpenAI account associated with this API key has been deactivated.", ACCOUNT_CLOSED),
    (403, "API key revoked: the organization was deleted", ACCOUNT_CLOSED),
    (401, "Unknown tenant", ACCOUNT_CLOSED),
    (401, "Your account has been closed", ACCOUNT_CLOSED),
    (401, "User is disabled", ACCOUNT_CLOSED),
    (401, "Wrong region for this API key", NOT_FROM_HERE),
    (401, "This API key is not valid for the eu region", NOT_FROM_HERE),
    (401, "Attempted to access resource with incorrect regional hostname. Use us.api.example.com.", NOT_FROM_HERE),
    (401, "The source IP 192.0.2.4 is not in the allowlist", NOT_FROM_HERE),
    (403, "Your API key has been disabled because your account has insufficient balance", NO_MONEY),
    (403, "API key disabled: spending limit reached", NO_MONEY),
    (401, "Your credits have run out; the API key was disabled", NO_MONEY),
    (403, "Key limit exceeded (monthly limit). Manage it using https://x/settings/keys", NO_MONEY),
    (401, "You have insufficient quota", NO_MONEY),
    (401, "Your trial has expired", NO_MONEY),
    (401, "Your subscription has expired", NO_MONEY),
    (401, "Upgrade your plan", NO_MONEY),
    (401, "Rate limit exceeded", PROVIDER_LIMIT),
    (401, "Too many requests", PROVIDER_LIMIT),
    (401, "Quota exceeded", PROVIDER_LIMIT),
    (401, "You are sending requests too quickly", PROVIDER_LIMIT),
    (401, "Content blocked", CONTENT_REFUSED),
    (400, "max_completion_token is invalid", PARAMETER_REFUSED),
    (400, "Invalid value for max token", PARAMETER_REFUSED),
    (400, "Invalid stop token", REQUEST_REFUSED),
    (400, "at least one token is required", REQUEST_REFUSED),
    (400, "invalid JSON unexpected token", REQUEST_REFUSED),
    (400, "EOS token not found", REQUEST_REFUSED),
    (400, "Invalid padding token id", REQUEST_REFUSED),
    (400, "number of tokens is invalid", REQUEST_REFUSED),
    (400, "author token is missing", REQUEST_REFUSED),
    (403, "API key deactivated: budget exhausted", NO_MONEY),
    (401, "Tokens per minute exceeded", PROVIDER_LIMIT),
    (401, "The token limit of your plan is reached", PROVIDER_LIMIT),
    (401, "This API key can only be used from allowed addresses", PROVIDER_REFUSES),
    (401, "This API key is restricted to embeddings", PROVIDER_REFUSES),
    (401, "The API key is valid but the endpoint is disabled", PROVIDER_REFUSES),
    # Of another kind than their words, or a part of their identifiers, let it seem.
    (404, "Your account 21 has not activated the model doubao. Please activate the service.", MODEL_FORBIDDEN),
    (404, "model 'command' was removed on September 15, 2025", MODEL_RETIRED),
    (403, "The free tier of the model has been exhausted.", NO_MONEY),
]
THE_KEY = [
    (401, "Unauthorized"),
    (401, "User not found."),
    (401, "Invalid username or password."),
    (401, "Invalid token"),
    (403, "Invalid token"),
    (401, "Authentication Error, Invalid proxy server token passed"),
    (403, "The security token included in the request is expired"),
    (403, "Bearer Token has expired"),
    (400, "Token expired"),
    (400, "API token is expired"),
    (400, "Missing API key"),
    (400, "API key is malformed"),
    (401, "Could not validate credentials"),
    (401, "This API key was rotated"),
    (403, "API key suspended"),
    (401, "Incorrect API key provided. You can manage your keys in your organization settings"),
    (401, "Your API key is invalid. See https://x/organization/billing"),
    (401, "Invalid API key for model corp-chat"),
    (403, "Authentication failed: Please make sure your API Key is valid."),
]


@pytest.mark.parametrize(("status", "words", "kind"), [*NOT_THE_KEY, *((*each, KEY_REFUSED) for each in THE_KEY)])
def test_only_what_is_said_of_the_key_is_about_the_key(status, words, kind):
    assert errors.kind_of(errors.read(status, openai(words))) == kind
    assert errors.kind_of(errors.passed_on(f"Error code: {status} - {words}")) == kind


def test_a_part_of_an_identifier_is_a_word_of_its_own():
    refusal = errors.read(403, {"error": {"code": "AllocationQuota.FreeTierOnly", "message": "x"}})
    assert errors.kind_of(refusal) == PROVIDER_REFUSES


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Error code: 401 - Incorrect API key provided", True),
        ("Error code: 401 - {'error': {'code': 'invalid_api_key', 'message': 'x'}}", True),
        ("Error code: 401 - Unauthorized route /v1/embeddings", False),
        ("Error code: 401", False),
        ("Error code: 403 - API key disabled: spending limit reached", False),
    ],
)
def test_a_refusal_that_names_the_key(text, named):
    assert errors.names_the_key(errors.passed_on(text)) is named


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, REQUEST_REFUSED), (401, KEY_REFUSED), (402, NO_MONEY), (404, PATH_UNKNOWN), (422, PARAMETER_REFUSED)],
)
def test_a_status_alone(status, kind):
    assert errors.kind_of(errors.passed_on(f"Error code: {status}")) == kind


@pytest.mark.parametrize("text", ["Internal server error: An unexpected error occurred.", "Model 'x' not found.", ""])
def test_what_the_server_says_itself_is_no_refusal_of_its_provider(text):
    assert errors.passed_on(text) is None


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"error": {"message": "Insufficient credits", "code": 402}, "choices": []}, NO_MONEY),
        ({"error": {"message": "Provider returned error", "code": 502}}, PROVIDER_ERROR),
        ({"error": {"message": "User location is not supported for the API use.", "code": "x"}}, NOT_FROM_HERE),
        ({"error": "this cannot be done"}, REQUEST_REFUSED),
        ([{"error": {"code": 429, "message": "slow down"}}], PROVIDER_LIMIT),
        ({"choices": [{"message": {"error": {"message": "x", "code": 402}}}]}, NO_MONEY),
        ({"choices": [{"delta": {}, "error": {"message": "Insufficient credits"}}]}, NO_MONEY),
        ({"choices": [{"finish_reason": "error", "message": {"content": ""}}]}, PROVIDER_ERROR),
        ({"choices": [{"finish_reason": "insufficient_system_resource", "message": {"content": ""}}]}, PROVIDER_BUSY),
        ({"object": "error", "message": "x", "code": 402}, NO_MONEY),
        ({"error": {"message": "x", "code": 402.0}}, NO_MONEY),
        ({"detail": "Insufficient balance"}, NO_MONEY),
        ({"errors": [{"code": 10000, "message": "Authentication error"}], "result": None}, KEY_REFUSED),
        ({"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}, "choices": None}, NO_MONEY),
        ({"error": True, "message": "Insufficient credits"}, NO_MONEY),
        ({"error": "Unauthorized"}, KEY_REFUSED),
        ({"error": "Too many requests"}, PROVIDER_LIMIT),
        ({"error": {"message": "x", "type": "authentication_error"}}, KEY_REFUSED),
        ({"error": {"message": "x", "code": "401"}}, PROVIDER_REFUSES),
        ({"error": {"message": "x", "type": "rate_limit_error"}}, PROVIDER_LIMIT),
        ({"error": {"message": "x", "type": "server_error"}}, PROVIDER_ERROR),
        ({"error": {"message": "Error code: 403 - Country not supported"}}, NOT_FROM_HERE),
    ],
)
def test_an_error_inside_an_answer_of_success(document, kind):
    assert errors.kind_of(errors.in_success(document)) == kind


@pytest.mark.parametrize(
    "document",
    [
        {"choices": []},
        {"error": None},
        {"error": {}},
        [],
        None,
        "text",
        {"choices": [{"message": {"content": "ready"}}], "error": None, "message": "x"},
        {"choices": [{"message": {"content": "ready"}}], "error": {"code": 0, "message": ""}},
        {"choices": [{"finish_reason": "error", "message": {"content": "ready"}}]},
        {"model": "m", "message": {"role": "assistant", "content": "ready"}},
        {"object": "list", "data": [], "message": "ok", "base_resp": {"status_code": 0, "status_msg": ""}},
    ],
)
def test_a_success_without_an_error(document):
    assert errors.in_success(document) is None


def test_every_kind_has_a_cause_and_a_remedy_of_its_own():
    causes = errors.CAUSES
    assert {kind for _status, _document, kind in WORDED} == set(causes)
    assert len({meaning for meaning, _remedy in causes.values()}) == len(causes)
    assert all(remedy for _meaning, remedy in causes.values())
