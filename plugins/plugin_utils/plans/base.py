# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every plan is: the checked input of a run, the objects of its phases, and what its steps have found so far.

A plan is plain data without the value of any credential. What a step needs of those it gets beside the plan, as
C(Held), and hands to its module.
"""

from __future__ import annotations

import dataclasses
import typing as t
from urllib.parse import unquote, urlsplit

from ansible_collections.llamastack.maas.plugins.module_utils.base import redaction
from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Problem
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import check, credentials

Object = t.Dict[str, t.Any]
Arguments = t.Dict[str, t.Any]

ALL, PLATFORM, PROJECT = "all", "platform", "project"


class PlanError(Exception):
    """Why a run cannot go on, as a message for the user."""


@dataclasses.dataclass
class Plan:
    """One run on one host.

    C(phases): those that tags and scope leave of the verb's, in their order; C(whole): the playbook is run, not a role
    alone; C(values): of all variables that hold no credential; C(settings): what objects are built from; C(objects): by
    phase; C(cluster): what M(llamastack.maas.maas_info) returned; C(masking): the patterns and the names of Secrets to
    mask; C(done): by step, what its module returned; C(time): when the outcome is displayed, as ISO 8601.
    """

    verb: str
    phases: list[str]
    whole: bool
    check_mode: bool
    values: Object
    settings: Object
    instances: list[Object] = dataclasses.field(default_factory=list)
    objects: dict[str, list[Object]] = dataclasses.field(default_factory=dict)
    cluster: Object = dataclasses.field(default_factory=dict)
    masking: dict[str, list[str]] = dataclasses.field(default_factory=dict)
    notes: Object = dataclasses.field(default_factory=dict)
    done: dict[str, Object] = dataclasses.field(default_factory=dict)
    time: str = ""

    @property
    def names(self) -> list[str]:
        return [instance["name"] for instance in self.instances]

    @property
    def url(self) -> str | None:
        """Where MaaS is: as given, or as the cluster shows it."""
        return self.values.get("url") or self.cluster.get("url")

    def returned(self, step: str) -> Object:
        """What a step returned; empty where it was left out."""
        return self.done.get(step, {})


class Held(t.NamedTuple):
    """What of the input holds credentials: the entries of the list, the environment, and the variables C(SECRET)."""

    entries: list[Object]
    environment: t.Mapping[str, str]
    values: t.Mapping[str, t.Any]


class Step(t.NamedTuple):
    """One task: a module, and its arguments by the plan, None where there is nothing to do. They may raise PlanError."""

    module: str
    arguments: t.Callable[[Plan, Held], t.Optional[Arguments]]
    connects: bool = True
    """Whether the module takes the options that connect to the cluster."""
    check_mode: t.Optional[bool] = None
    """Whether it runs in check mode, whatever the run does: what always does has changed nothing."""
    returns: t.Tuple[str, ...] = ()
    """What of the module's lists and mappings the task returns, too. The plan keeps all of them, the log need not."""


class RunOutcome(t.NamedTuple):
    """What a run comes to.

    C(published): data for the next node of a workflow; C(lines): for people; C(problem): why the run has failed, or
    empty; C(returned): what whoever registers the task gets beside that; C(files): to write on the controller, path to
    text; C(written): lines for people where they could be.
    """

    published: Object
    lines: list[str]
    problem: str = ""
    returned: Object = {}
    files: dict[str, str] = {}
    written: t.Sequence[str] = ()


class RunInput(t.NamedTuple):
    """A run as it was asked for.

    C(settings): the variables but the list, as given and without their prefix; C(given): the list, as given; C(names):
    the names of all variables there are; C(phases): those that a role runs alone, none for a playbook.
    """

    given: t.Any
    settings: Object
    names: t.Collection[str]
    environment: t.Mapping[str, str]
    phases: t.Sequence[str] = ()
    run_tags: t.Collection[str] = ()
    skip_tags: t.Collection[str] = ()
    check_mode: bool = False


class Readers(t.NamedTuple):
    """How the cluster is read: each calls the module of its name with its arguments, and raises PlanError."""

    maas_info: t.Callable[[Arguments], Object]
    kube_secret_info: t.Callable[[Arguments], Object]


def chosen(phases: t.Sequence[str], run_tags: t.Collection[str], skip_tags: t.Collection[str]) -> list[str]:
    """The phases that the tags of a run leave: those that are named, all where none is, without those to skip."""
    named = [phase for phase in phases if phase in run_tags] or phases
    return [phase for phase in named if phase not in skip_tags]


def maas_arguments(plan: Plan, held: Held) -> Arguments:
    """How a module calls MaaS."""
    return _given(
        url=plan.url,
        ca_file=plan.values["ca_file"],
        validate_maas_certs=plan.values["validate_certs"],
        token=held.values.get("token"),
    )


def discovery(plan: Plan, held: Held, instances: list[Object], urls: t.Mapping[str, str], **more: t.Any) -> Arguments:
    """How M(llamastack.maas.model_discovery) is asked."""
    return {
        **maas_arguments(plan, held),
        "prober": plan.settings["prober"],
        "generation": plan.settings["generation"],
        "namespace": plan.settings["namespace"],
        "scope": plan.settings["scope"],
        "proof": plan.values["proof"],
        "instances": instances,
        "urls": urls,
        "wait_timeout": plan.values["wait_timeout"],
        "masking": masking(plan, held),
        **more,
    }


def cluster_arguments(values: t.Mapping[str, t.Any]) -> Arguments:
    """How M(llamastack.maas.maas_info) is asked."""
    return _given(
        generation=values["generation"],
        gateway=values["gateway"],
        url=values["url"],
        ca_file=values["ca_file"],
        validate_maas_certs=values["validate_certs"],
        token=values["token"],
    )


def _given(**arguments: t.Any) -> Arguments:
    return {name: value for name, value in arguments.items() if value is not None}


@dataclasses.dataclass(frozen=True)
class Verb:
    """What a playbook does: how its input is checked, what is read for it, its phases and steps."""

    name: str
    published: str
    """The variable, without its prefix, that the outcome is published as."""
    steps: t.Mapping[str, Step]
    outcome: t.Callable[[Plan], RunOutcome]
    phases: tuple[str, ...] = ()
    needs: t.Callable[[RunInput, Object], check.Needs] = lambda request, values: check.Needs()
    """By the request and the values of the variables."""
    reads_cluster: t.Callable[[RunInput], bool] = lambda request: True
    cluster: t.Callable[[Object], Arguments] = cluster_arguments
    """How M(llamastack.maas.maas_info) is asked, by the values of the variables."""
    secrets: t.Callable[[RunInput], t.Collection[str]] = lambda request: ()
    """The names of the Secrets to look at."""
    reads: tuple[str, ...] = ()
    """The only variables that are needed, where those are few: of the list no more than the names is read then, and
    the values of all else may be missing."""
    reads_list: t.Callable[[Object], bool] = lambda settings: True
    """By the variables as given."""
    problems: t.Callable[[check.CheckedInput], list[Problem]] = lambda checked: []
    """What else is wrong with the input."""
    refuses: bool = True
    """Whether a run ends on bad input. One that does not gets a plan without instances, and what is wrong as checked."""
    revisions: t.Callable[[RunInput, Object], t.Mapping[str, str]] = lambda request, values: {}
    """Of the Secrets that the run writes."""
    complete: t.Callable[[Plan, check.CheckedInput, Object], None] = lambda plan, checked, secrets: None
    """Fills in the objects and the rest, by what M(llamastack.maas.kube_secret_info) returned. Raises PlanError."""


def masking(plan: Plan, held: Held, kept: t.Iterable[str] = ()) -> dict[str, list[str]]:
    """The option C(masking) of modules that quote others. C(kept): Secrets that hold keys of before."""
    values = [value for entry in held.entries for value in credentials.values(entry, held.environment).values()]
    values += _passwords(plan.settings.get("egress"))
    return {
        "values": list(dict.fromkeys(part for value in values for part in redaction.parts(value))),
        "patterns": plan.masking["patterns"],
        "secrets": sorted({*plan.masking["secrets"], *kept}),
    }


def masked(checked: check.CheckedInput, entries: t.Iterable[Object]) -> dict[str, list[str]]:
    """What of it is no credential: what keys look like, and where they are."""
    patterns = [
        spec["pattern"]
        for provider in checked.registry.values()
        for spec in provider["credentials"].values()
        if "pattern" in spec
    ]
    return {
        "patterns": sorted(set(filter(redaction.is_telling, patterns))),
        "secrets": sorted({*map(credentials.secret_of, entries)} - {""}),
    }


def _passwords(egress: t.Any) -> list[str]:
    """The password in the URL of the proxy, as it stands there and as it is meant."""
    try:
        password = urlsplit(str((egress or {}).get("proxy") or "")).password or ""
    except (AttributeError, ValueError):
        return []
    return [password, unquote(password)]


def set_kinds(plan: Plan) -> list[Object]:
    """What the instance set is made of, and where, as far as the scope goes: an argument of several modules."""
    return [
        {"api_version": api_version, "kind": kind, "namespace": namespace}
        for api_version, kind, namespace in known.set_kinds(plan.settings, plan.settings["scope"])
    ]
