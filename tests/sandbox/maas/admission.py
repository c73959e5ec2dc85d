# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validating webhooks of the MaaS controller, which the real API server asks.

Imitated: who refuses is named in the message, a refusal is 403; while the controllers are absent there is no answer, and
the API server gives up after ten seconds (failurePolicy Fail); deletes are not asked about.

Deviation: an object that is being deleted passes whatever it says.
"""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from .faults import Faults

Object = dict[str, Any]
SECONDS = 10


@dataclass(frozen=True)
class Webhook:
    """A webhook for a resource of ``maas.opendatahub.io``; ``refusal`` gives what is wrong with an object, or None."""

    name: str
    resource: str
    operations: tuple[str, ...]
    refusal: Callable[[Object], str | None]


def registration(webhooks: Sequence[Webhook], url: str, authority: bytes) -> Object:
    """The ValidatingWebhookConfiguration that has the API server ask at ``url``, whose certificate is of ``authority``."""
    metadata = {"name": "maas-validating-webhook-configuration"}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": metadata,
        "webhooks": [
            {
                "name": each.name,
                "clientConfig": {
                    "url": f"{url}/{each.resource}",
                    "caBundle": base64.b64encode(authority).decode(),
                },
                "rules": [
                    {
                        "apiGroups": ["maas.opendatahub.io"],
                        "apiVersions": ["v1alpha1"],
                        "operations": list(each.operations),
                        "resources": [each.resource],
                    }
                ],
                "failurePolicy": "Fail",
                "sideEffects": "None",
                "admissionReviewVersions": ["v1"],
                "timeoutSeconds": SECONDS,
            }
            for each in webhooks
        ],
    }


def review(webhook: Webhook, asked: Object) -> Object:
    """The answer to an AdmissionReview."""
    request = asked["request"]
    obj = request["object"]
    gone = obj["metadata"].get("deletionTimestamp")
    refusal = None if gone else webhook.refusal(obj)
    response: Object = {"uid": request["uid"], "allowed": refusal is None}
    if refusal is not None:
        response["status"] = {"code": 403, "reason": "Forbidden", "message": refusal}
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}


async def serve(port: int, tls: ssl.SSLContext | None, webhooks: Sequence[Webhook], faults: Faults) -> web.AppRunner:
    """Listen on the loopback address; ``cleanup()`` of what is returned ends it."""

    def handler(webhook: Webhook) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.Response:
            await faults.running.wait()
            return web.json_response(review(webhook, await request.json()))

        return handle

    app = web.Application(client_max_size=4 * 1024 * 1024)
    app.add_routes([web.post(f"/{each.resource}", handler(each)) for each in webhooks])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls).start()
    return runner
