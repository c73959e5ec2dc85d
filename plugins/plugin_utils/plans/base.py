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
from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings, Problem
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import check, credentials, instances, variables
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.table import Table

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
    phase; C(content): what a LiteLLM is to hold, see M(llamastack.maas.litellm_content); C(cluster): what was read of it;
    C(masking): the patterns and the names of Secrets to mask; C(done): by step, what its module returned; C(time): when
    the outcome is displayed, as ISO 8601.
    """

    verb: str
    phases: list[str]
    whole: bool
    check_mode: bool
    values: Object
    settings: Object
    instances: list[Object] = dataclasses.field(default_factory=list)
    objects: dict[str, list[Object]] = dataclasses.field(default_factory=dict)
    content: Object = dataclasses.field(default_factory=dict)
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
    """What of the input holds credentials: the entries of the list, the environment, and the variables that may hold some,
    those of an area as given."""

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

    C(settings): the variables but the list, as given and without their prefix; C(given): the list, as given; C(area): the
    variables that the area has beside those, likewise; C(names): the names of all variables there are; C(phases): those
    that a role runs alone, none for a playbook.
    """

    given: t.Any
    settings: Object
    names: t.Collection[str]
    environment: t.Mapping[str, str]
    phases: t.Sequence[str] = ()
    run_tags: t.Collection[str] = ()
    skip_tags: t.Collection[str] = ()
    check_mode: bool = False
    area: t.Mapping[str, t.Any] = {}


class Readers(t.NamedTuple):
    """How the cluster is read: each calls the module of its name with its arguments, and raises PlanError."""

    maas_info: t.Callable[[Arguments], Object]
    kube_secret_info: t.Callable[[Arguments], Object]
    litemaas_info: t.Optional[t.Callable[[Arguments], Object]] = None
    kserve_model_info: t.Optional[t.Callable[[Arguments], Object]] = None


def chosen(phases: t.Sequence[str], run_tags: t.Collection[str], skip_tags: t.Collection[str]) -> list[str]:
    """The phases that the tags of a run leave: those that are named, all where none is, without those to skip."""
    named = [phase for phase in phases if phase in run_tags] or phases
    return [phase for phase in named if phase not in skip_tags]


def is_applied(objects: t.Iterable[Object], to_apply: t.Optional[t.Iterable[Object]]) -> bool:
    """Whether the first apply has seen that these are there as they are to be: then no module is started for them.

    C(to_apply): what it has returned of what there is to do; None where it was not asked.
    """
    if to_apply is None:
        return False
    wanted = {(obj["kind"], obj["metadata"]["name"], obj["metadata"].get("namespace")) for obj in objects}
    return wanted.isdisjoint((each["kind"], each["name"], each["namespace"]) for each in to_apply)


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
    """What a playbook does: its phases and steps. How a run of it is planned is that of its area."""

    name: str
    published: str
    """The variable, without its prefix, that the outcome is published as."""
    steps: t.Mapping[str, Step]
    outcome: t.Callable[[Plan], RunOutcome]
    phases: tuple[str, ...] = ()
    refuses: bool = True
    """Whether a run ends on bad input. One that does not gets a plan without instances, and what is wrong as checked."""
    reads_list: t.Callable[[Object], bool] = lambda settings: True
    """Whether the list is read, by the variables as given."""

    #: What the names of the variables begin with that the area has beside those of the collection.
    prefix: t.ClassVar[str] = variables.PREFIX
    table: t.ClassVar[t.Optional[Table]] = None

    def reads_variable(self, name: str) -> bool:
        """Whether a variable of the collection is read, by its name without the prefix."""
        raise NotImplementedError

    @property
    def names_only(self) -> bool:
        """Whether of the list no more than the names is read, and the values of all else may be missing."""
        return False

    def plan(self, request: RunInput, look: Readers) -> tuple[Plan, list[Problem]]:
        """The plan of a run, and the warnings. Raises PlanError with all that is wrong with the input, each with its
        path, or with what was missed in the cluster."""
        raise NotImplementedError

    def about(self, plan: Plan) -> Object:
        """What the task that plans returns of the plan."""
        raise NotImplementedError


def entries(given: object) -> list[Object]:
    """The entries of a list that may still be wrong."""
    found = instances.parse(given, Findings(instances.PATH)) or []
    return [entry for entry in found if isinstance(entry, dict)]


def held(request: RunInput, table: t.Optional[Table] = None) -> Held:
    """What of the input holds credentials. C(table): that of the area, where it has one."""
    values = variables.run_values({name: request.settings.get(name) for name in variables.SECRET})[0]
    found = {name: values[name] for name in variables.SECRET}
    if table:
        found = {"kubernetes": found["kubernetes"], **{name: request.area.get(name) for name in table.secret}}
    return Held(entries(request.given), request.environment, found)


def masking(plan: Plan, held: Held, kept: t.Iterable[str] = ()) -> dict[str, list[str]]:
    """The option C(masking) of modules that quote others. C(kept): Secrets that hold keys of before."""
    values = [value for entry in held.entries for value in credentials.values(entry, held.environment).values()]
    values += passwords(plan.settings.get("egress"))
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


def passwords(egress: t.Any) -> list[str]:
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
