# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings a LiteLLM to what was asked for: reads it by lists, writes in stages, and reads back whatever it wrote.

Several writes of LiteLLM answer 200 without doing it, and a second replica sees some of them only after half a minute.
So no answer counts, but what is read afterwards: what is not as it was asked for is read again for a while, and what
then still differs has failed.
"""

from __future__ import annotations

import typing as t
from collections import Counter
from datetime import datetime, timezone

from ansible_collections.llamastack.maas.plugins.module_utils.base.text import plural
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.apply import listing
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.litellm import content, objects, salt
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.answers import told
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.client import Litellm, LitellmError, in_parallel
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.content import Content, Present
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.key_secrets import KeySecrets, SecretsRefused
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.objects import KINDS, Call, Operation, Row

Key = t.Tuple[str, str, str]

_NOTHING = "Nothing was written"
_SENDS = 3
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0

# Which of several operations on one object says what became of it.
_TELLING = (objects.CREATED, objects.DELETED, objects.REPLACED, objects.ADOPTED, objects.UPDATED)

_WRONG_SALT = (
    "LiteLLM has models in its database and can read none of them: it was started with another salt key than the one"
    f" that they were written with. {salt.REMEDY}"
)


class NotDone(Exception):
    """What went wrong, for the user."""


class Reader:
    """Reads a LiteLLM by lists."""

    def __init__(self, litellm: Litellm, asked: Content) -> None:
        self._litellm = litellm
        self._with_members = any(each.get("team") for each in asked.users)

    def read(self, needs: t.Collection[str], into: Present) -> None:
        """Read the lists that are needed, side by side. Raises LitellmError."""
        wanted = sorted(needs)
        answers = in_parallel([getattr(self, f"_{need}") for need in wanted])
        for need, answer in zip(wanted, answers):
            if isinstance(answer, LitellmError):
                raise answer
            setattr(into, need, answer)

    def model(self, model_id: str) -> Row | None:
        """One deployment, from the database where this replica does not serve it yet."""
        found = self._litellm.get("/v2/model/info", modelId=model_id).get("data") or []
        # LiteLLM 1.81 does not know the parameter, and lists all.
        return next((_deployment(row) for row in found if row["model_info"].get("id") == model_id), None)

    def version(self) -> str | None:
        """As its readiness says it, as releases before 1.106 do."""
        document = self._litellm.answer("GET", "/health/readiness").json()
        found = document.get("litellm_version") if isinstance(document, dict) else None
        return found if isinstance(found, str) else None

    def is_salt_wrong(self) -> bool:
        """Whether there are models that this LiteLLM cannot decrypt. One that cannot be asked is taken to be right."""
        try:
            return salt.read(self._litellm).state == salt.WRONG
        except LitellmError:
            return False

    def _models(self) -> list[Row]:
        return [_deployment(row) for row in self._litellm.pages("/v2/model/info", "data", "size")]

    def _settings(self) -> Row:
        fields = self._litellm.get("/router/settings").get("fields") or []
        return {each["field_name"]: each.get("field_value") for each in fields}

    def _budgets(self) -> list[Row]:
        return self._litellm.get("/budget/list")

    def _teams(self) -> list[Row]:
        if self._with_members:  # which the pages do not show
            return self._litellm.get("/team/list")
        return self._litellm.pages("/v2/team/list", "teams")

    def _users(self) -> list[Row]:
        return self._litellm.pages("/user/list", "users")

    def _keys(self) -> list[Row]:
        return self._litellm.pages("/key/list", "keys", "size", return_full_object=True)


def _deployment(row: Row) -> Row:
    return {key: row.get(key) or {} for key in ("model_name", "litellm_params", "model_info")}


class ContentRun:
    """One call of a module: what it is to do, and what became of it."""

    def __init__(
        self,
        litellm: Litellm,
        asked: Content,
        key_secrets: KeySecrets,
        *,
        check_mode: bool,
        settle_timeout: float,
        clock: t.Callable[[], float],
        sleep: t.Callable[[float], None],
    ) -> None:
        self._litellm = litellm
        self._asked = asked
        self._secrets = key_secrets
        self._reader = Reader(litellm, asked)
        self._check_mode = check_mode
        self._settle = settle_timeout
        self._clock, self._sleep = clock, sleep
        self._read = Present()
        self._operations: list[Operation] = []
        self._failed: dict[tuple[str, str], str] = {}
        self._wrote = False
        self._left: set[tuple[str, str]] = set()
        self.warnings: list[str] = []

    def run(self) -> str | None:
        """Do it. Returns what went wrong."""
        try:
            self._prepare()
            if self._check_mode:
                for stage in content.STAGES:
                    self._operations += self._planned(stage)
                return None
            for stage in content.STAGES:
                if stage == content.KEYS:
                    self._wrote = self._wrote or bool(self._secrets.to_make or self._secrets.cleared)
                    self._secrets.make(self._asked.keys)
                    self._secrets.clear()
                self._write(stage, deleting=False)
            for stage in content.DELETIONS:
                self._write(stage, deleting=True)
        except (NotDone, LitellmError, ApiError) as exc:
            if self._wrote:
                self._left = {each.ref for stage in content.STAGES for each in self._planned(stage)}
            return told(exc) if self._wrote or isinstance(exc, NotDone) else f"{_NOTHING}: {told(exc)}"
        return None

    def results(self) -> dict[str, t.Any]:
        """What the module returns, but for what nobody asked for any more."""
        found = [*self._results()]
        counts: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
        for each in found:
            counts[each["kind"]][each["action"]] += 1
        return {
            "changed": any(each["changed"] for each in found),
            "objects": found,
            "counts": {f"{kind}s": dict(sorted(number.items())) for kind, number in counts.items() if number},
        }

    def secrets(self) -> dict[str, list[str]]:
        """What a module that brings keys returns beside it."""
        return {
            "secrets": self._secrets.to_make if self._check_mode else self._secrets.made,
            "cleared_secrets": self._secrets.cleared,
        }

    def leftovers(self) -> list[dict[str, str]]:
        """What is ours and was not asked for."""
        done = {operation.ref for operation in self._operations}
        found = content.leftovers(self._asked, self._read)
        return [{"kind": kind, "name": name} for kind, name in found if (kind, name) not in done]

    def diffs(self) -> list[dict[str, str]]:
        """The differences, as Ansible shows them."""
        return [operation.diff() for operation in self._operations if operation.changes]

    def _results(self) -> t.Iterator[dict[str, t.Any]]:
        by_ref: dict[tuple[str, str], list[Operation]] = {}
        for kind in KINDS:
            key = {"key": "alias", "model": "name", "route": "name"}.get(kind, "id")
            for entry in self._asked.of(kind):
                by_ref[kind, entry[key]] = []
        for operation in self._operations:
            by_ref.setdefault(operation.ref, []).append(operation)
        for (kind, name), operations in by_ref.items():
            actions = [operation.action for operation in operations]
            action = next((each for each in _TELLING if each in actions), objects.UNCHANGED)
            if (kind, name) in self._failed:
                action = "failed"
            elif not operations and (kind, name) in self._left:
                action = "not attempted"
            fields = dict.fromkeys(field for operation in operations for field in operation.fields)
            changed = bool(operations) and action != "failed"
            yield {"kind": kind, "name": name, "action": action, "changed": changed, "fields": list(fields)}

    def _prepare(self) -> None:
        """Present, and refuse whatever must not be done before anything is written."""
        problems = content.input_problems(self._asked)
        if problems:
            raise NotDone(listing(f"{_NOTHING}: the lists cannot be used as they are:", problems))
        needs = self._asked.needs
        self._reader.read(needs, self._read)
        if content.READ_MODELS in needs and not self._read.models and self._reader.is_salt_wrong():
            raise NotDone(f"{_NOTHING}: {_WRONG_SALT}")
        problems = content.problems(self._asked, self._read)
        if any(team.get("model_tpm") for team in self._asked.teams):
            problems += content.version_problems(self._asked, self._reader.version())
        try:
            self._secrets.read(self._asked.keys)
        except SecretsRefused as exc:
            problems += exc.problems
        self._read.key_values = self._secrets.values
        try:
            self._secrets.read_dead(content.dead_values(self._asked, self._read))
        except SecretsRefused as exc:
            problems += exc.problems
        for alias in self._without_value():
            problems.append(f"key {alias} does not exist, and has neither a Secret nor a value that it could get")
        refusals = [why for stage in content.STAGES for why in content.plan(stage, self._asked, self._read)[1]]
        if problems or refusals:
            raise NotDone(listing(f"{_NOTHING}:", [*problems, *dict.fromkeys(refusals)]))
        now = datetime.now(timezone.utc).isoformat()
        self.warnings = content.warnings(self._asked, self._read, now)

    def _without_value(self) -> list[str]:
        there = {row.get("key_alias") for row in self._read.keys}
        aliases = [key["alias"] for key in self._asked.keys]
        return [alias for alias in aliases if alias not in there and alias not in self._secrets.values]

    def _planned(self, stage: str) -> list[Operation]:
        return content.plan(stage, self._asked, self._read)[0]

    def _write(self, stage: str, *, deleting: bool) -> None:
        found = [each for each in self._planned(stage) if (each.action == objects.DELETED) == deleting]
        if not found:
            return
        self._operations += found
        self._send_and_see(stage, [each for each in found if each.calls], lambda each: each.calls)
        # Only now that what replaces it is served may the old one go.
        old = [each for each in self._planned(stage) if each.cleanup and (each.action == objects.DELETED) == deleting]
        self._send_and_see(stage, old, lambda each: each.cleanup)

    def _send_and_see(
        self, stage: str, operations: list[Operation], calls_of: t.Callable[[Operation], t.Sequence[Call]]
    ) -> None:
        sent: dict[Key, list[tuple[list[str], LitellmError | None]]] = {}
        new_ids: dict[str, Key] = {}
        todo, started, pause = operations, self._clock(), _FIRST_PAUSE
        mine = {operation.key for operation in operations}
        while mine:
            self._wrote = self._wrote or bool(todo)
            for operation, error in zip(todo, self._sent([calls_of(each) for each in todo])):
                sent.setdefault(operation.key, []).append((operation.fields, error))
                if operation.new_id:
                    new_ids[operation.new_id] = operation.key
            errors = {key: attempts[-1][1] for key, attempts in sent.items()}
            self._read_back(stage, [each for each, key in new_ids.items() if errors[key] is None])
            left = [each for each in self._planned(stage) if each.key in mine and calls_of(each)]
            if not left:
                return
            todo = [each for each in left if _is_worth_sending(each, sent[each.key])]
            over = self._clock() - started >= self._settle
            if not todo and (over or all(_is_final(errors[each.key]) for each in left)):
                self._fail(left, errors, new_ids)
            if not todo:
                self._sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    def _sent(self, groups: t.Sequence[t.Sequence[Call]]) -> list[LitellmError | None]:
        """Send the calls of each group in turn, the groups side by side. What stopped a group is its error."""

        def send(calls: t.Sequence[Call]) -> None:
            for call in calls:
                self._send_call(call)

        unique: list[t.Sequence[Call]] = []
        for calls in groups:
            if calls not in unique:
                unique.append(calls)
        answers = in_parallel([lambda c=calls: send(c) for calls in unique])
        errors = [answer if isinstance(answer, LitellmError) else None for answer in answers]
        return [errors[unique.index(calls)] for calls in groups]

    def _send_call(self, call: Call) -> None:
        if call.method == "PATCH":
            self._litellm.patch(call.path, call.body)
        elif call.method == "DELETE":
            self._litellm.delete(call.path)
        else:
            self._litellm.post(call.path, call.body)

    def _read_back(self, stage: str, new_ids: t.Collection[str]) -> None:
        needs = set(content.READ_OF[stage])
        self._reader.read(needs, self._read)
        if stage == content.MODELS:
            served = {row["model_info"].get("id") for row in self._read.models}
            lookups = [lambda i=each: self._reader.model(i) for each in new_ids if each not in served]
            self._read.models += [row for row in in_parallel(lookups) if isinstance(row, dict)]

    def _fail(
        self, left: t.Sequence[Operation], errors: t.Mapping[Key, LitellmError | None], new_ids: t.Mapping[str, Key]
    ) -> None:
        for operation in left:
            error = errors[operation.key]
            self._failed[operation.ref] = str(error) if error else _not_done(operation)
        # A deployment that LiteLLM stored and does not serve would be found by nobody ever after.
        failed = {operation.key for operation in left}
        self._sent([[Call("POST", "/model/delete", {"id": each})] for each, key in new_ids.items() if key in failed])
        done = len({operation.ref for operation in self._operations} - set(self._failed))
        head = f"{plural(len(self._failed), 'object')} could not be brought to what was asked for ({done} were):"
        raise NotDone(listing(head, [f"{kind} {name}: {why}" for (kind, name), why in self._failed.items()]))


def _is_worth_sending(operation: Operation, attempts: t.Sequence[tuple[list[str], LitellmError | None]]) -> bool:
    """Whether what is left differs from what was sent, or was never received.

    Each of these writes is known by a name, so LiteLLM refuses the second one where the first was carried out.
    """
    fields, error = attempts[-1]
    lost = error is not None and error.answer.may_be_lost
    return len(attempts) < _SENDS and (lost or (error is None and fields != operation.fields))


def _is_final(error: LitellmError | None) -> bool:
    return error is not None and not error.may_be_done


def _not_done(operation: Operation) -> str:
    differences = "; ".join(
        f"{change.field} is {_shown(change.before)}, not {_shown(change.after)}" for change in operation.changes
    )
    hint = ""
    if operation.action == objects.UPDATED and any(change.after is None for change in operation.changes):
        hint = ". What this version does not take away can be given another value"
    return f"LiteLLM answered that it was done, and it is not: {differences or 'it is still there'}{hint}"


def _shown(value: t.Any) -> str:
    return "none" if value is None else str(value)
