# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A chain of links that leads to an answer: what was found of each, and which of them is the first that is broken.

The links are judged one by one. What may not be read is skipped with the reason, and the walk goes on: a link further on
shows what comes of it.
"""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import redact

OK = "ok"
BROKEN = "broken"
HINT = "hint"
SKIPPED = "skipped"

HEALTHY = "healthy"
UNKNOWN = "unknown"


class Explanation(t.NamedTuple):
    """A cause in a few words, what shows it, and what to do."""

    cause: str
    evidence: str
    remedy: str


class Link(t.NamedTuple):
    """What was found of one link: C(ok), C(broken), C(hint) (it works, but) or C(skipped)."""

    link: str
    state: str
    cause: str = ""
    """What is wrong, in a few words; of a link that was skipped, why."""
    evidence: str = ""
    remedy: str = ""

    @classmethod
    def broken(cls, link: str, why: Explanation) -> Link:
        return cls(link, BROKEN, *map(redact, why))

    def as_result(self) -> dict[str, str]:
        """As a module returns it: of many that are as they should be, little would be left to say."""
        return {key: value for key, value in self._asdict().items() if value}


def walk(findings: t.Iterable[Link], go_on: bool) -> list[Link]:
    """The findings up to and with the first broken link; with C(go_on), all."""
    walked = []
    for finding in findings:
        walked.append(finding)
        if finding.state == BROKEN and not go_on:
            break
    return walked


def is_broken(findings: t.Iterable[Link]) -> bool:
    return any(finding.state == BROKEN for finding in findings)


def verdict(findings: t.Sequence[Link], proof: str) -> dict[str, t.Any]:
    """The outcome for one chain as plain data: what the first broken link says, and all links looked at.

    C(proof) is the link that shows that the whole works.
    """
    first = next((finding for finding in findings if finding.state == BROKEN), None)
    answered = any(finding.link == proof and finding.state == OK for finding in findings)
    return {
        "state": BROKEN if first else HEALTHY if answered else UNKNOWN,
        "link": first.link if first else "",
        "cause": first.cause if first else "",
        "evidence": first.evidence if first else "",
        "remedy": first.remedy if first else "",
        "links": [finding.as_result() for finding in findings],
    }
