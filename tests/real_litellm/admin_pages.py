# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LiteLLM's own admin pages, looked at as an administrator does: in a browser, from the log-in on."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tools.browser import Browser, browser

PICTURES = Path(__file__).resolve().parents[2] / "build" / "admin-ui"
_FIND = Path(__file__).parents[1] / "tools" / "find-chromium"
_WIDTH, _HEIGHT = 1440, 900


def program() -> str | None:
    """The browser of this machine; None where it has none."""
    return subprocess.run([_FIND], capture_output=True, text=True, check=False).stdout.strip() or None


class AdminPages:
    """The pages below ``<url>/ui/``. Each look leaves a picture below ``build/admin-ui``."""

    def __init__(self, driven: Browser, url: str) -> None:
        self._driven, self._url = driven, url

    def log_in(self, user: str, password: str) -> None:
        """Fill in the form; TimeoutError with what the page says where that is not taken."""
        self._open("login/")
        self._fill("input:not([type=password])", user)
        self._fill("input[type=password]", password)
        self._driven.enter()
        self._driven.wait("!location.pathname.includes('/login')", "the log-in was not taken", seconds=20)

    def models(self, name: str) -> str:
        """The page of models, searched for a public name."""
        self._open("models-and-endpoints/")
        self._fill("input[placeholder^='Search model names']", name)
        return self._shown("models", name)

    def keys(self, alias: str) -> str:
        """The page of virtual keys, the newest of which come first."""
        self._open("api-keys/")
        return self._shown("keys", alias)

    def _shown(self, page: str, name: str) -> str:
        cell = f"[...document.querySelectorAll('td')].some(cell => cell.innerText.includes({json.dumps(name)}))"
        self._driven.wait(cell, f"{name} is not shown")
        PICTURES.mkdir(parents=True, exist_ok=True)
        self._driven.picture(PICTURES / f"{page}.png")
        return self._driven.text()

    def _fill(self, selector: str, text: str) -> None:
        """Type into a field once React has taken it over: what is typed before is forgotten."""
        field = f"document.querySelector({json.dumps(selector)})"
        alive = f"Object.keys({field} || {{}}).some(key => key.startsWith('__reactProps'))"
        self._driven.wait(alive, f"no field {selector} to type into")
        self._driven.type(selector, text)
        self._driven.wait(f"{field}.value === {json.dumps(text)}", f"{selector} did not take what was typed")

    def _open(self, page: str) -> None:
        self._driven.open(f"{self._url}/ui/{page}")


@contextlib.contextmanager
def admin_pages(url: str) -> Iterator[AdminPages]:
    """The pages of a LiteLLM in a new browser, without a log-in."""
    found = program()
    if found is None:
        raise LookupError("this machine has no Chromium or a browser made of it")
    with browser(found) as driven:
        driven("Emulation.setDeviceMetricsOverride", width=_WIDTH, height=_HEIGHT, deviceScaleFactor=1, mobile=False)
        yield AdminPages(driven, url)
