# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A diagnosis as text: for each chain the broken link with its cause, evidence and remedy, and every hint."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.text import tally, wrapped

Diagnosis = t.Mapping[str, t.Any]


def as_lines(found: t.Mapping[str, Diagnosis], noun: str) -> list[str]:
    """C(noun) is what each chain belongs to. Those with a broken link come last, where one looks first."""
    lines: list[str] = []
    width = max([len(name) for name in found] + [len(noun)])
    for name, result in sorted(found.items(), key=lambda item: item[1]["state"] == "broken"):
        where = f"at {result['link']}" if result["link"] else ""
        lines.append(f"{name:<{width}}  {result['state']:<7}  {where}".rstrip())
        good = [link["link"] for link in result["links"] if link["state"] == "ok"]
        lines += _labelled({"ok": ", ".join(good)})
        for link in result["links"]:
            if link["state"] != "ok":
                lines += _labelled(
                    {
                        link["state"]: f"{link['link']}: {link['cause']}",
                        "seen": link.get("evidence", ""),
                        "to do": link.get("remedy", ""),
                    }
                )
    return [*lines, "", tally(noun, [result["state"] for result in found.values()])]


def _labelled(texts: t.Mapping[str, str]) -> list[str]:
    return [line for label, text in texts.items() if text for line in wrapped(f"  {label:<7} ", text, 10)]
