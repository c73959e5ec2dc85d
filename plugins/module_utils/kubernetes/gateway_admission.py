# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which namespaces a Gateway takes routes of."""

from __future__ import annotations

import typing as t

Object = t.Mapping[str, t.Any]

# Every namespace carries its name as this label, from its first moment on.
_LABEL_OF_NAME = "kubernetes.io/metadata.name"


def admits(gateway: Object, namespace: str, labels: t.Mapping[str, str]) -> bool:
    """Whether a listener takes routes of a namespace with ``labels``."""
    labels = {**labels, _LABEL_OF_NAME: namespace}
    return any(_listener_admits(gateway, listener, namespace, labels) for listener in gateway["spec"]["listeners"])


def _listener_admits(gateway: Object, listener: Object, namespace: str, labels: t.Mapping[str, str]) -> bool:
    admitted = (listener.get("allowedRoutes") or {}).get("namespaces") or {}
    source = admitted.get("from", "Same")
    if source == "Selector":
        return _selects(admitted.get("selector") or {}, labels)
    return source == "All" or (source == "Same" and gateway["metadata"]["namespace"] == namespace)


def selectors(gateway: Object) -> list[str]:
    """The selectors of the listeners, as kubectl writes them."""
    found = [(listener.get("allowedRoutes") or {}).get("namespaces") or {} for listener in gateway["spec"]["listeners"]]
    texts = [_as_text(each.get("selector") or {}) for each in found if each.get("from") == "Selector"]
    return list(dict.fromkeys(texts))


def _selects(selector: Object, labels: t.Mapping[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in (selector.get("matchLabels") or {}).items()) and all(
        _meets(expression, labels) for expression in selector.get("matchExpressions") or []
    )


def _meets(expression: Object, labels: t.Mapping[str, str]) -> bool:
    key, operator, values = expression["key"], expression["operator"], expression.get("values") or []
    return {
        "In": labels.get(key) in values,
        "NotIn": labels.get(key) not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }[operator]


_FORMS = {
    "In": "{key} in ({values})",
    "NotIn": "{key} notin ({values})",
    "Exists": "{key}",
    "DoesNotExist": "!{key}",
}


def _as_text(selector: Object) -> str:
    wanted = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    wanted += [
        _FORMS[each["operator"]].format(key=each["key"], values=", ".join(each.get("values") or []))
        for each in selector.get("matchExpressions") or []
    ]
    return ", ".join(wanted)
