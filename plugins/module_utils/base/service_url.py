# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a URL that the cluster publishes, such as that of an instance, may be called with a credential."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

REMEDY = (
    "Callers need an HTTPS URL that is reached from outside: look at the listeners, hostnames and addresses of the "
    "Gateway and at the status of the LLMInferenceService; inform the platform team."
)

# Names that mean another machine, or none, outside of the cluster. Its domain is cluster.local unless somebody chose
# another one; addresses may well be those of a gateway.
_CLUSTER_LOCAL = re.compile(r"(?:.+\.)?(?:localhost|cluster\.local)|.+\.svc")


def problem(url: str) -> str | None:
    """Why no credential may be sent to C(url), or None."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return "it is not a URL"
    if not host:
        return "it is not a URL"
    if _CLUSTER_LOCAL.fullmatch(host):
        return "its host is a name that is valid within the cluster only, and another machine, or none, outside"
    if parts.scheme != "https":
        return "it is not HTTPS, so that a credential could be read on its way"
    return None
