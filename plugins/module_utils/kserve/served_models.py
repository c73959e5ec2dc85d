# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Models that KServe serves, for a program that calls them: where they are, by which id, and whether they answer now.

A model is wanted by C({namespace, name}) or C({namespace, labels}), and is an InferenceService or an
LLMInferenceService.
"""

from __future__ import annotations

import re
import shlex
import typing as t
from urllib.parse import urlsplit, urlunsplit

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import nearest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import READY, SCALED, conditions_of

Object = t.Mapping[str, t.Any]
Wanted = t.Mapping[str, t.Any]

NOT_READY = "not ready"

_STOP_ANNOTATION = "serving.kserve.io/stop"
_NAME_ARGUMENTS = ("--served-model-name", "--served_model_name", "--model_name", "--model-name")
_NAME_TEMPLATE = re.compile(r"\{\{\s*\.Name\s*\}\}")

# Of an LLMInferenceService's addresses, those within the cluster first. Those that route by the model want another id.
_ADDRESSES = ("internal", "gateway-internal", "", "gateway-external")
_WORKLOAD_SERVICE = re.compile(r"[^.]*-kserve-workload-svc\.")
_WORKLOAD_PORT = 8000


class Served(t.NamedTuple):
    """One model. C(problem): why there is none that can be called, for people; the rest is empty then.

    C(url) is the base URL of its OpenAI API, C(model) the id that it serves; C(state) is C(READY), C(SCALED) or
    C(NOT_READY), and C(reason) says why it is not ready.
    """

    problem: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    url: str = ""
    model: str = ""
    state: str = ""
    reason: str = ""


def key_of(wanted: Wanted) -> str:
    """What a wanted model is called where several are looked for: the same for the same model wanted twice."""
    if wanted.get("name"):
        return f"{wanted['namespace']}/{wanted['name']}"
    labels = ",".join(f"{key}={value}" for key, value in sorted(wanted["labels"].items()))
    return f"{wanted['namespace']}/{{{labels}}}"


def choose(wanted: Wanted, objects: t.Iterable[Object], refused: t.Any = None) -> Served:
    """The wanted model, by the objects of both kinds in its namespace; C(refused): why one kind could not be read."""
    objects = [each for each in objects if each["metadata"].get("namespace") == wanted["namespace"]]
    found = [each for each in objects if _fits(wanted, each["metadata"])]
    if len(found) == 1:
        return _read(found[0])
    if not found:
        return Served(problem=f"cannot be looked for: {refused}" if refused else _none(wanted, objects))
    names = ", ".join(sorted(f"{each['kind']} {each['metadata']['name']}" for each in found))
    remedy = "give a name" if wanted.get("labels") else "give labels that only one of them has"
    return Served(problem=f"{len(found)} models fit in namespace {wanted['namespace']}: {names}; {remedy}")


def _fits(wanted: Wanted, metadata: Object) -> bool:
    if wanted.get("name"):
        return metadata["name"] == wanted["name"]
    labels = metadata.get("labels") or {}
    return all(labels.get(key) == value for key, value in wanted["labels"].items())


def _none(wanted: Wanted, objects: t.Sequence[Object]) -> str:
    names = [each["metadata"]["name"] for each in objects]
    where = f"in namespace {wanted['namespace']}"
    if wanted.get("name"):
        which = f"there is neither an InferenceService nor an LLMInferenceService {wanted['name']} {where}"
        return f"{which}; {nearest(wanted['name'], names)}" if names else which
    which = f"no InferenceService and no LLMInferenceService {where} has these labels"
    return f"{which}; there are: {', '.join(sorted(names))}" if names else which


def _read(obj: Object) -> Served:
    kind, metadata = obj["kind"], obj["metadata"]
    url = _url_of_llm(obj) if kind == "LLMInferenceService" else _url(obj)
    state, reason = _state(obj)
    if not url:
        why = f": {reason}" if reason else ""
        return Served(problem=f"{kind} {metadata['name']} has no URL yet, it is {state}{why}; start it, then run again")
    return Served("", kind, metadata["namespace"], metadata["name"], url + _path(obj), _model(obj), state, reason)


def _url(obj: Object) -> str:
    """Of an InferenceService, the URL within the cluster where there is one."""
    status = obj.get("status") or {}
    predictor = (status.get("components") or {}).get("predictor") or {}
    found = [
        (status.get("address") or {}).get("url"),
        (predictor.get("address") or {}).get("url"),
        status.get("url"),
        predictor.get("url"),
    ]
    url = next(filter(None, found), "")
    # Before the OpenAI API there was one per model, and old versions of KServe publish its path.
    return re.split(r"/v[12]/models/", url)[0].rstrip("/")


def _url_of_llm(obj: Object) -> str:
    status = obj.get("status") or {}
    by_name: dict[str, str] = {}
    for each in [*(status.get("addresses") or []), status.get("address") or {}]:
        if each.get("url"):
            by_name.setdefault(each.get("name") or "", each["url"])
    url = next((by_name[name] for name in _ADDRESSES if name in by_name), None) or status.get("url") or ""
    parts = urlsplit(url)
    if _WORKLOAD_SERVICE.match(parts.hostname or "") and not parts.port:
        # KServe publishes the Service without its only port.
        url = urlunsplit(parts._replace(netloc=f"{parts.hostname}:{_WORKLOAD_PORT}"))
    return url.rstrip("/")


def _path(obj: Object) -> str:
    """Where the OpenAI API is: KServe's own server for Hugging Face models has it below another path."""
    if obj["kind"] == "LLMInferenceService":
        return "/v1"
    model, status = _predictor(obj).get("model") or {}, obj.get("status") or {}
    said = (
        (model.get("modelFormat") or {}).get("name"),
        model.get("runtime"),
        status.get("servingRuntimeName"),
        status.get("clusterServingRuntimeName"),
    )
    return "/openai/v1" if any("huggingface" in str(each).lower() for each in said) else "/v1"


def _model(obj: Object) -> str:
    """The id that it serves: by the usual runtimes the object's name, unless the object says another one."""
    name = obj["metadata"]["name"]
    if obj["kind"] == "LLMInferenceService":
        return ((obj.get("spec") or {}).get("model") or {}).get("name") or name
    said = _named_in(_arguments(_predictor(obj)))
    return _NAME_TEMPLATE.sub(name, said) or name


def _predictor(obj: Object) -> Object:
    return (obj.get("spec") or {}).get("predictor") or {}


def _arguments(predictor: Object) -> list[str]:
    words: list[str] = []
    for container in [predictor.get("model") or {}, *(predictor.get("containers") or [])]:
        for argument in [*(container.get("command") or []), *(container.get("args") or [])]:
            # A shell gets the whole command as one argument.
            words += _words(argument) if re.search(r"\s-", argument) else [argument]
    return words


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def _named_in(arguments: t.Sequence[str]) -> str:
    for index, argument in enumerate(arguments):
        option, equals, value = argument.partition("=")
        if option in _NAME_ARGUMENTS:
            return value if equals else "".join(arguments[index + 1 : index + 2])
    return ""


def _state(obj: Object) -> tuple[str, str]:
    metadata, status = obj["metadata"], obj.get("status") or {}
    found = conditions_of(obj)
    if metadata.get("deletionTimestamp"):
        return NOT_READY, "it is being deleted"
    if (metadata.get("annotations") or {}).get(_STOP_ANNOTATION) == "true":
        return SCALED, f"annotation {_STOP_ANNOTATION} is true"
    if _replicas(obj) == 0:
        return SCALED, "it has no replicas"
    observed = status.get("observedGeneration")
    if observed is not None and observed != metadata.get("generation", observed):
        return NOT_READY, f"KServe has not observed generation {metadata['generation']} yet"
    if (found.get("Ready") or {}).get("status") == "True":
        return READY, ""
    return NOT_READY, _why(found, status)


def _replicas(obj: Object) -> int | None:
    """How many run as far as the object shows it, 0 where none does; one that may scale to 0 counts what there is."""
    if obj["kind"] == "LLMInferenceService":
        return (obj.get("spec") or {}).get("replicas")
    if _predictor(obj).get("minReplicas") != 0:
        return None
    copies = ((obj.get("status") or {}).get("modelStatus") or {}).get("copies") or {}
    return copies.get("totalCopies", 0)


def _why(found: t.Mapping[str, Object], status: Object) -> str:
    failure = ((status.get("modelStatus") or {}).get("lastFailureInfo") or {}).get("message")
    open_ones = [each for name, each in sorted(found.items()) if each.get("status") == "False" and name != "Ready"]
    said = next((each for each in [*open_ones, found.get("Ready") or {}] if each.get("message")), None)
    if said:
        return f"{said.get('reason') or said['type']}: {said['message']}"
    return failure or "KServe does not say that it is ready"
