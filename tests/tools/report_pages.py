# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages to look at: what a validation and a status of few and of many instances show, most of them in good order."""

from __future__ import annotations

from ansible_collections.llamastack.maas.plugins.plugin_utils.reports.status import as_text
from ansible_collections.llamastack.maas.plugins.plugin_utils.reports.validation import Results, as_html

MAAS = "https://maas.apps.cluster-k7x2.example.com"
TIME = "2026-12-01T08:30:00Z"
ABOUT = {"MaaS": MAAS, "Generation": "b2", "Caller": "system:serviceaccount:llm:llamastack-maas-prober"}
PROVIDERS = ("openai", "gemini", "anthropic", "groq", "azure", "bedrock", "vllm")
TEAMS = ("prod", "research", "data-science", "support", "team-with-a-rather-long-name")

DETAILS = {
    "objects": "every object is ready",
    "pods": "the rollout is complete",
    "listed": "publishers/llm/models/{name} to alice",
    "credential": "for the subscription llm-{name}",
    "health": f"GET {MAAS}/llm/{{name}}/v1/health answered 200",
    "chat": f"{{name}}/some-model-2.5 answered at {MAAS}/llm/{{name}}",
    "models": "12 listed",
    "stream": "5 chunks",
    "usage": "21 tokens in the answer, 21 tokens in the stream",
    "published_id": f"publishers/llm/models/{{name}} answered at {MAAS}/v1",
    "closed_models": "400 for {name}/llamastack-maas-closed-model",
    "no_credentials": "401 without credentials",
    "outsider": "403 to system:serviceaccount:llm:llamastack-maas-outsider",
    "credential_revoked": "by its id",
}
KEY_REFUSED = (
    f"the provider refused the key: POST {MAAS}/llm/{{name}}/v1/chat/completions answered 400: Error code: 401 - "
    f"Incorrect API key provided. You can find your API key in your settings (req_{'0123456789abcdef' * 5}).",
    "Put a valid key into the variable that the instance names, and deploy again.",
)
NO_WAY_OUT = (
    f"the instance does not reach its provider: POST {MAAS}/llm/{{name}}/v1/chat/completions answered 502",
    "Check that the pods may reach the provider: llamastack_maas_egress, network policies, base_url.",
)
NEEDS_CHAT = ("stream", "usage", "published_id")


def names(number: int) -> list[str]:
    every = [f"{provider}-{team}" for team in TEAMS for provider in PROVIDERS]
    return [every[at] if at < len(every) else f"{every[at % len(every)]}-{at}" for at in range(number)]


def validation(number: int) -> str:
    """The page of a validation."""
    checks = []
    for at, name in enumerate(names(number)):
        broken = {1: KEY_REFUSED, 2: NO_WAY_OUT}.get(at % 14) if at < 50 and at != 2 else None
        checks += [_check(at, name, check, broken) for check in DETAILS]
    return as_html(Results(checks, time=TIME, about=ABOUT))


def _check(at: int, name: str, check: str, broken: tuple[str, str] | None) -> dict:
    result = {
        "instance": name,
        "namespace": "llm",
        "check": check,
        "state": "passed",
        "detail": DETAILS[check].format(name=name),
        "remedy": "",
        "seconds": 0.05 + at % 7 / 10,
    }
    begin, end = 0.2 + (at * 7 % 23) / 40, 0.6 + (at * 11 % 31) / 12
    if check == "outsider" and at % 3 == 0:
        result |= {"state": "skipped", "detail": "access is open to every authenticated caller", "seconds": 0.0}
    elif broken and check in NEEDS_CHAT:
        result |= {"state": "skipped", "detail": "not tried: the chat check did not pass", "seconds": 0.0}
    elif broken and check == "chat":
        result |= {"state": "failed", "detail": broken[0].format(name=name), "remedy": broken[1], "seconds": 4.5}
    elif check == "chat":
        result |= {"seconds": end, "measures": {"total_time": round(end * 0.9, 3)}}
    elif check == "stream":
        result |= {"seconds": end, "measures": {"time_to_first_token": begin, "total_time": round(end, 3)}}
    return result


def status(number: int) -> str:
    """The page of a status."""
    return as_text({name: _status(at, name) for at, name in enumerate(names(number))}, "html", time=TIME)


def _status(at: int, name: str) -> dict:
    state, reason = {
        1: ("failed", f"pod {name}-5d9c7-x2x9q: CrashLoopBackOff: back-off 5m0s restarting failed container=main"),
        7: ("waiting", f"Deployment {name}-kserve: 0 of 1 replicas are available"),
    }.get(at % 29, ("ready", ""))
    drift = {"missing": [], "changed": [], "extra": []}
    if at % 17 == 5:
        drift["changed"] = [f"LLMInferenceService llm/{name}: spec.replicas, spec.template.containers[0].resources"]
    return {
        "in_list": True,
        "state": state,
        "reason": reason,
        "since": "2026-11-28T07:12:44Z",
        "replicas": {"ready": int(state == "ready"), "wanted": 1},
        "restarts": 17 if state == "failed" else 0,
        "url": f"{MAAS}/llm/{name}",
        "ids": [f"publishers/llm/models/{name}"],
        "ids_note": "",
        "registered": [
            {
                "what": f"MaaSSubscription models-as-a-service/llm-{name}",
                "phase": "Active",
                "admits": "group data-science",
                "limits": [{"limit": 50000, "window": "1m"}],
            }
        ],
        "credential": {
            "source": "variable OPENAI_API_KEY",
            "secret": f"{name}-credentials",
            "written": "2026-11-28T07:10:02Z",
            "age": 3600.0 * 24 * 3,
            "note": "",
        },
        "image": "docker.io/ogxai/distribution-starter:1.3.0",
        "config_revision": "5b1f0c7d9a",
        "drift": drift,
    }


#: Every page by the name of its pictures.
PAGES = {
    f"{what}-{number}": make(number)
    for what, make in (("validation", validation), ("status", status))
    for number in (3, 100)
}
