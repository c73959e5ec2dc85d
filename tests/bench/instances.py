# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of instances and the objects that a deployment of them writes."""

from __future__ import annotations

import base64

from tools import built

KEY = "sk-proj-0123456789abcdef0123456789abcdef0123456789abcdef"
SETTINGS = {
    "generation": "b2",
    "service_version": "serving.kserve.io/v1alpha1",
    "storage_initializer": True,
    "namespace_labels": {"maas.opendatahub.io/gateway-access": "true"},
}


def entries(count: int, prefix: str = "bench") -> list[dict]:
    """A list as a user writes it."""
    models = ["gpt-4o-mini", "gpt-4o"]
    return [
        {"name": f"{prefix}-{number:03}", "provider": "openai", "api_key_env": "OPENAI_API_KEY", "models": models}
        for number in range(count)
    ]


def objects(count: int) -> list[dict]:
    """What a deployment of so many instances writes into its namespaces, the Secrets without their values."""
    checked = built.check(entries(count), SETTINGS, credentials=False)
    if checked.problems:
        raise ValueError(checked.message)
    phases = ("secrets", "instances", "registration")
    return [obj for phase in phases for obj in built.objects(checked.instances, phase, checked.settings)]


def secret_data(given: list[dict]) -> dict[str, dict[str, str]]:
    """The values of the Secrets, as the module ``apply`` takes them."""
    secrets = [obj["metadata"] for obj in given if obj["kind"] == "Secret"]
    return {f"{each['namespace']}/{each['name']}": {"api_key": KEY} for each in secrets}


def with_values(given: list[dict]) -> list[dict]:
    """The objects with the values of the Secrets, as every other client takes them."""
    data = {"api_key": base64.b64encode(KEY.encode()).decode()}
    return [{**obj, "data": data} if obj["kind"] == "Secret" else obj for obj in given]
