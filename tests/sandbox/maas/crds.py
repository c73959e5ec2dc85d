# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Definitions of the kinds of ``maas.opendatahub.io`` that MaaS installs, by generation.

The project that owns these kinds publishes no Go module, so these schemas are written from the documented fields.
They are strict about everything that the collection sends (types, required fields, enumerations, patterns, limits,
the rule about subjects) and about the phases and conditions that the imitated controllers write, and refuse what the
real ones refuse.

Deviations: no descriptions; of the kinds that the platform itself makes, only the name rules and the fields that the
imitation reads are described, the rest of their spec and status is kept unseen.
"""

from __future__ import annotations

GROUP = "maas.opendatahub.io"
VERSION = "v1alpha1"


def crds(generation: str) -> list[dict]:
    """The CustomResourceDefinition objects of a generation; A installs none."""
    return _GENERATIONS[generation]()


def _b1() -> list[dict]:
    model_ref = _model_ref()
    spec, status = (model_ref["properties"][part]["properties"] for part in ("spec", "status"))
    for fields, later in ((spec, "tenantRef"), (status, "resolvedTenantRef"), (status, "resolvedModelAlias")):
        del fields[later]
    return [*_common(model_ref), _crd("Tenant", _open(_named("Tenant", "default-tenant"), apiKeys=_api_keys()))]


def _b2() -> list[dict]:
    return [
        *_common(_model_ref()),
        _crd(
            "MaasTenantConfig",
            _open(_named("MaasTenantConfig", "default-tenant"), apiKeys=_api_keys()),
        ),
        _crd(
            "AITenant", _open([_rule("AITenant name must be at most 41 characters", "self.metadata.name.size() <= 41")])
        ),
        _crd("Config", _open(_named("Config", "default")), scope="Cluster"),
        _crd("Tenant", _open(_named("Tenant", "default-tenant"), apiKeys=_api_keys())),
    ]


_GENERATIONS = {"a": list, "b1": _b1, "b2": _b2}


def _common(model_ref: dict) -> list[dict]:
    return [
        _crd("MaaSModelRef", model_ref, columns={"Phase": ".status.phase", "Endpoint": ".status.endpoint"}),
        _crd("MaaSAuthPolicy", _auth_policy(), plural="maasauthpolicies", columns={"Phase": ".status.phase"}),
        _crd("MaaSSubscription", _subscription(), columns={"Phase": ".status.phase"}),
        _crd("ExternalModel", _external_model(), columns={"Phase": ".status.phase"}),
    ]


def _api_keys() -> dict:
    return _object({"maxExpirationDays": _integer(1)})


def _model_ref() -> dict:
    spec = _object(
        {
            "modelRef": _object(
                {"kind": _enum("LLMInferenceService", "ExternalModel"), "name": _string(1, 253)},
                required=["kind", "name"],
            ),
            "endpointOverride": _string(),
            "tenantRef": {**_string(longest=253), "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"},
        },
        required=["modelRef"],
    )
    texts = (
        "endpoint",
        "httpRouteName",
        "httpRouteNamespace",
        "httpRouteGatewayName",
        "httpRouteGatewayNamespace",
        "resolvedModelAlias",
        "resolvedTenantRef",
    )
    status = _object(
        {
            "phase": _enum("Pending", "Ready", "Unhealthy", "Failed", "Invalid"),
            **{name: _string() for name in texts},
            "httpRouteHostnames": _list(_string()),
            "conditions": _conditions(),
        }
    )
    return _schema(spec, status)


def _auth_policy() -> dict:
    subjects = _subjects() | {
        "x-kubernetes-validations": [
            _rule(
                "at least one group or user must be specified in subjects",
                "size(self.groups) > 0 || size(self.users) > 0",
            )
        ]
    }
    spec = _object(
        {"modelRefs": _list(_model_key(), least=1), "subjects": subjects, "meteringMetadata": _attribution()},
        required=["modelRefs", "subjects"],
    )
    policies = _list(_object({"model": _string(1, 63), "modelNamespace": _string(1, 63), **_reference_status()}))
    return _schema(spec, _object({"phase": _policy_phase(), "conditions": _conditions(), "authPolicies": policies}))


def _subscription() -> dict:
    limit = _object(
        {
            "limit": {**_integer(1, 1_000_000_000), "format": "int64"},
            "window": {**_string(2, 5), "pattern": r"^[1-9]\d{0,3}(s|m|h)$"},
        },
        required=["limit", "window"],
    )
    model = _model_key(
        {
            "tokenRateLimits": _list(limit, least=1),
            "billingRate": _object({"perToken": _string()}, required=["perToken"]),
        },
        required=["tokenRateLimits"],
    )
    spec = _object(
        {
            "owner": _subjects(),
            "modelRefs": _list(model, least=1),
            "priority": {"type": "integer", "format": "int32", "default": 0},
            "tokenMetadata": _attribution(),
        },
        required=["owner", "modelRefs"],
    )
    status = _object(
        {
            "phase": _policy_phase(),
            "conditions": _conditions(),
            "modelRefStatuses": _list(_object(_reference_status(), required=["name", "namespace", "ready"])),
            "tokenRateLimitStatuses": _list(
                _object(
                    {"model": _string(1, 63), **_reference_status()}, required=["model", "name", "namespace", "ready"]
                )
            ),
        }
    )
    return _schema(spec, status)


def _external_model() -> dict:
    host = "[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?"
    spec = _object(
        {
            "provider": _string(1, 63),
            "targetModel": _string(1, 253),
            "endpoint": {**_string(1, 253), "pattern": rf"^{host}(\.{host})*$"},
            "credentialRef": _object({"name": _string(1, 253)}, required=["name"]),
        },
        required=["provider", "targetModel", "endpoint", "credentialRef"],
    )
    return _schema(spec, _object({"phase": _enum("Pending", "Ready", "Failed"), "conditions": _conditions()}))


def _model_key(more: dict | None = None, required: list[str] | None = None) -> dict:
    """A MaaSModelRef by name and namespace."""
    fields = {"name": _string(1, 63), "namespace": _string(1, 63), **(more or {})}
    return _object(fields, required=["name", "namespace", *(required or [])])


def _subjects() -> dict:
    return _object({"groups": _list(_object({"name": _string()}, required=["name"])), "users": _list(_string())})


def _attribution() -> dict:
    labels = {"type": "object", "additionalProperties": _string()}
    return _object({"organizationId": _string(), "costCenter": _string(), "labels": labels})


def _policy_phase() -> dict:
    return _enum("Pending", "Active", "Degraded", "Failed", "Invalid")


def _reference_status() -> dict:
    return {
        "name": _string(longest=253),
        "namespace": _string(longest=63),
        "ready": {"type": "boolean"},
        "reason": _string(),
        "message": _string(longest=1024),
    }


def _conditions() -> dict:
    return _list(
        _object(
            {
                "type": _string(longest=316),
                "status": _enum("True", "False", "Unknown"),
                "reason": {**_string(1, 1024), "pattern": "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"},
                "message": _string(longest=32768),
                "observedGeneration": {**_integer(0), "format": "int64"},
                "lastTransitionTime": {"type": "string", "format": "date-time"},
            },
            required=["type", "status", "reason", "message", "lastTransitionTime"],
        )
    )


def _crd(
    kind: str, schema: dict, *, plural: str = "", scope: str = "Namespaced", columns: dict[str, str] | None = None
) -> dict:
    singular = kind.lower()
    plural = plural or f"{singular}s"
    version = {
        "name": VERSION,
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "schema": {"openAPIV3Schema": schema},
        "additionalPrinterColumns": [
            {"name": name, "jsonPath": path, "type": "string"} for name, path in (columns or {}).items()
        ],
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": scope,
            "names": {"kind": kind, "listKind": f"{kind}List", "singular": singular, "plural": plural},
            "versions": [version],
        },
    }


def _schema(spec: dict, status: dict) -> dict:
    types = {"apiVersion": _string(), "kind": _string(), "metadata": {"type": "object"}}
    return _object({**types, "spec": spec, "status": status}, required=["spec"])


def _open(rules: list[dict], **spec_fields: dict) -> dict:
    """A kind of the platform's own: fields that the imitation reads, the rest preserved."""
    unseen = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schema = _schema({**unseen, "properties": spec_fields}, unseen)
    del schema["required"]
    return {**schema, "x-kubernetes-validations": rules}


def _named(kind: str, name: str) -> list[dict]:
    return [_rule(f"{kind} name must be {name}", f"self.metadata.name == '{name}'")]


def _rule(message: str, rule: str) -> dict:
    return {"message": message, "rule": rule}


def _object(properties: dict, required: list[str] | None = None) -> dict:
    schema = {"type": "object", "properties": properties}
    return {**schema, "required": required} if required else schema


def _list(items: dict, least: int | None = None) -> dict:
    schema = {"type": "array", "items": items}
    return schema if least is None else {**schema, "minItems": least}


def _string(shortest: int | None = None, longest: int | None = None) -> dict:
    schema = {"type": "string", "minLength": shortest, "maxLength": longest}
    return {key: value for key, value in schema.items() if value is not None}


def _integer(least: int, most: int | None = None) -> dict:
    schema = {"type": "integer", "minimum": least}
    return schema if most is None else {**schema, "maximum": most}


def _enum(*values: str) -> dict:
    return {"type": "string", "enum": list(values)}
