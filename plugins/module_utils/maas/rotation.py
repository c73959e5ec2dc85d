# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which instances get a new key, and what is still open from a rotation that did not end.

While a rotation runs, the key before it lies in a Secret of its own beside the one in use (C(ownership.backup_secret_name)). It is made
before the new key is written and deleted once the new one is proven or the old one is back. So as long as it is there,
it holds the last key that was proven, whatever became of the process that made it. It may also be the one that leaked:
only a key that is in use and was itself refused, beyond doubt, gives way to it. One that could not be proven for another
reason stays, and so does the kept one until the key in use is proven, or accepted by the provider.
"""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings, Problem
from ansible_collections.llamastack.maas.plugins.module_utils.kserve import revisions
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.evidence import server_variable
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import revision, revision_of

Object = t.Dict[str, t.Any]
Data = t.Mapping[str, str]
Instance = t.Mapping[str, t.Any]


class RotationObjects(t.NamedTuple):
    """What the cluster has of one instance: whole objects, None where there is none. ``kept``: the key before."""

    service: Object | None
    secret: Object | None
    kept: Object | None


class Rotation(t.NamedTuple):
    """What there is to do for one instance. Revisions are those of C(revision_of)."""

    due: bool
    why: str
    managed: bool
    """Whether the Secret is ours to write."""
    revision: str | None = None
    """Of the key that is to be in use."""
    rolled: str | None = None
    """Of the key that the pods were last started with."""
    before: str | None = None
    """Of the key to roll back to; None where there is none."""
    unfinished: bool = False
    """Whether an earlier rotation did not come to its end."""
    in_use: bool = False
    """Whether the Secret, where it is ours, holds the key that is to be in use already."""


def kept_secret(instance: Instance, service: Object) -> Object:
    """The Secret C(ownership.backup_secret_name) without data. It goes with the service, should nobody be left to end the rotation."""
    owner = {key: service[key] for key in ("apiVersion", "kind")}
    owner.update({key: service["metadata"][key] for key in ("name", "uid")})
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {
            "name": ownership.backup_secret_name(instance["name"]),
            "namespace": instance["namespace"],
            "labels": ownership.instance_labels(instance),
            "ownerReferences": [owner],
        },
    }


def unknown_names(wanted: t.Iterable[str], instances: t.Iterable[Instance], path: str) -> list[Problem]:
    """Problems for names that no instance of the list has."""
    findings = Findings(path)
    findings.refuse_unknown_keys(wanted, [instance["name"] for instance in instances], "instance")
    return findings.errors


def plan(instance: Instance, seen: RotationObjects, desired: Data | None, *, named: bool) -> Rotation:
    """What there is to do for C(instance); C(desired): the encoded data that its Secret is to have, where it is ours.

    C(named): asked for by its name, and so done whether its key has changed or not. Raises ValueError with the reason
    why there is nothing that could be done for one that was named.
    """
    secret = instance["credentials"]["secret"]
    if not secret:
        return _impossible("it has no credentials", named)
    managed = bool(secret["managed"])
    if seen.service is None or seen.secret is None:
        lacking = "LLMInferenceService" if seen.service is None else f"Secret {secret['name']}"
        return _impossible(f"it is not deployed: there is no {lacking}; run deploy first", named, managed)
    rolled = server_variable(seen.service, revisions.CREDENTIALS_REVISION)
    if not managed:
        version = revision_of(seen.secret)
        changed = version != rolled
        why = "its Secret has changed since its pods were started" if changed else "named"
        return Rotation(changed or named, why, managed, version, rolled)

    why_foreign = _foreign(instance, seen)
    if why_foreign:
        return _impossible(why_foreign, named, managed)
    if not desired:
        return _impossible("its key is not given", named, managed)
    place = (instance["namespace"], secret["name"])
    current = revision_of(seen.secret)
    wanted = revision(*place, desired)
    before = revision(*place, seen.kept.get("data") or {}) if seen.kept else current
    if seen.kept:
        why = "an earlier rotation did not come to its end"
    elif wanted != current:
        why = "the key given is not the one in its Secret"
    elif wanted != rolled:
        why = "its pods were started with another key"
    else:
        why = "named"
    # A kept key that is the wanted one is kept all the same, for it has to be deleted in the end.
    to_keep = before if seen.kept or before != wanted else None
    due = named or why != "named"
    return Rotation(due, why, managed, wanted, rolled, to_keep, seen.kept is not None, wanted == current)


def _foreign(instance: Instance, seen: RotationObjects) -> str | None:
    expected = ownership.Owner(instance["namespace"], instance["name"], instance["set"])
    for obj in (seen.service, seen.secret, seen.kept):
        if obj is not None and ownership.owner_of(obj) != expected:
            return f"{Ref.of(obj)} is unmanaged, or of another instance set"
    return None


def _impossible(why: str, named: bool, managed: bool = False) -> Rotation:
    if named:
        raise ValueError(why)
    return Rotation(False, why, managed)


PROVEN = "proven"
LISTED = "listed"
OPEN = "open"
REFUSED = "refused"

_KEY_REFUSED = "key_refused"
_ACCEPTED = "accepted"


def outcome(
    plan_made: t.Mapping[str, t.Any],
    *,
    asked: t.Mapping[str, t.Any] | None = None,
    waited: t.Mapping[str, t.Any] | None = None,
    discovered: t.Mapping[str, t.Any] | None = None,
    written: bool = True,
) -> dict[str, t.Any]:
    """What became of each new key, and which are rolled back: only one that is in use and was refused.

    C(plan_made) is what M(llamastack.maas.maas_key_rotation_info) returned, C(asked), C(waited) and C(discovered) are what
    M(llamastack.maas.provider_key_check), M(llamastack.maas.maas_wait_ready) and M(llamastack.maas.model_discovery) did, as far as it
    came to that. C(written): whether the new keys may have been written.

    A key that the provider accepted for its list is not refused, whatever it answers a call: a place, a model or a
    parameter may be what is wrong. Nor is one whose refusal leaves a doubt, such as one without words.

    Returns C(instances), by name C(state) (V(proven), V(listed) where nothing more was wanted, V(refused), V(open) for
    all else) and C(reason); C(roll_back), the names of those that are rolled back; C(done), the names of those of which
    no old key has to be kept any longer; C(lines), what that means, for a person.
    """
    said, ready, found = ((each or {}).get("instances") or {} for each in (asked, waited, discovered))
    instances: dict[str, dict[str, str]] = {}
    roll_back, done, lines = [], [], []
    for name in plan_made["due"]:
        state, reason = _state(said.get(name), ready.get(name), found.get(name))
        rotation = plan_made["instances"][name]
        instances[name] = {"state": state, "reason": reason}
        touched = written or rotation["unfinished"]
        has_old_key = name in plan_made["roll_back"]
        kept = f" The old one is kept in Secret {ownership.backup_secret_name(name)} until rotate or deploy proves it."
        # Unless the new key was written, what the Secret holds is another one, of which nothing is known.
        refused_in_use = state == REFUSED and (written or rotation.get("in_use", False))
        is_kept_key = rotation.get("before") is not None and rotation["before"] == rotation.get("revision")
        if state == LISTED and has_old_key and not _accepted(said.get(name)):
            lines.append(f"{name}: the new key is in use, {reason or 'not proven'}." + kept)
        elif state in (PROVEN, LISTED):
            done.append(name)
            lines.append(f"{name}: the new key is in use" + (f", {reason}" if reason else "."))
        elif not touched:
            lines.append(f"{name}: nothing was changed.")
        elif refused_in_use and has_old_key and not is_kept_key:
            roll_back.append(name)
            lines.append(f"{name}: rolled back, so its pods run with the old key.")
        elif not rotation["managed"] and name not in ready:
            lines.append(f"{name}: its Secret is unmanaged; its pods may still run with what it held before.")
        elif not rotation["managed"]:
            lines.append(f"{name}: its Secret is unmanaged, so its pods run with what it holds now.")
        elif refused_in_use:
            lines.append(f"{name}: there was no other key to roll back to.")
        elif not written:
            lines.append(f"{name}: nothing was changed; an earlier rotation of it is still open.")
        elif name not in ready:
            lines.append(f"{name}: the new key may have been written; run rotate again, which ends what was begun.")
        else:
            lines.append(f"{name}: the new key stays, not proven: {reason}." + (kept if has_old_key else ""))
    return {"instances": instances, "roll_back": roll_back, "done": [*done, *roll_back], "lines": lines}


def _state(
    said: t.Mapping[str, t.Any] | None, ready: t.Mapping[str, t.Any] | None, found: t.Mapping[str, t.Any] | None
) -> tuple[str, str]:
    if said and said.get("cause") == _KEY_REFUSED:
        return REFUSED, said.get("reason") or ""
    if found and found.get("cause") == _KEY_REFUSED:
        if _accepted(said):
            return OPEN, "the provider refused the call, although it had accepted the key for its list of models"
        if not found.get("doubtful"):
            return REFUSED, found.get("reason") or ""
    if found and found["state"] in (PROVEN, LISTED):
        return found["state"], found.get("reason") or ""
    if found:
        # What the refusals were in full is said by whoever asked.
        return OPEN, (found.get("reason") or found["state"]).partition(": ")[0]
    if not ready:
        return OPEN, "it was not tried"
    if not ready["ready"]:
        return OPEN, _why_not_ready(ready)
    return OPEN, ready.get("note") or "its provider was not asked"


def _accepted(said: t.Mapping[str, t.Any] | None) -> bool:
    """Whether the provider itself accepted the key, and nothing else in its place."""
    return said is not None and said.get("state") == _ACCEPTED


def _why_not_ready(ready: t.Mapping[str, t.Any]) -> str:
    seen = ": ".join(str(ready[key]) for key in ("what", "reason", "message") if ready.get(key))
    known = next(iter(ready.get("explanations") or []), {})
    return "its pods did not become ready" + "".join(f" ({each})" for each in (seen, known.get("cause")) if each)
