# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make screenshots``: the pages that people get, as pictures below ``build/screenshots``.

A browser shows each page as on a phone, on a desktop and on paper, light and dark. Exit 1 where a page is wider than
its screen. The browser is spoken to through pipes: it opens no port, and ends with them.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.dev_venv import CHECKOUT
from tools.report_pages import PAGES

FOLDER = CHECKOUT / "build" / "screenshots"
LIGHT, DARK, PRINT = "(prefers-color-scheme: light)", "(prefers-color-scheme: dark)", "print"
#: Width, height and the media query that has to hold.
VIEWS = {
    "light-phone": (390, 844, LIGHT),
    "light-desktop": (1280, 800, LIGHT),
    "dark-phone": (390, 844, DARK),
    "dark-desktop": (1280, 800, DARK),
    "print": (718, 1047, PRINT),
}
# A picture that is higher than this is cut off.
HIGHEST = 16000

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


class Browser:
    """One page of a browser, driven by the DevTools protocol."""

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back = os.fdopen(to, "wb"), os.fdopen(back, "rb")
        self._count = 0
        self._session = ""
        target = self("Target.createTarget", url="about:blank")["targetId"]
        self._session = self("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def __call__(self, method: str, **given: object) -> dict:
        self._count += 1
        session = {"sessionId": self._session} if self._session else {}
        message = {"id": self._count, "method": method, "params": given, **session}
        self._to.write(json.dumps(message).encode() + b"\0")
        self._to.flush()
        while True:
            answer = json.loads(self._message())
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def _message(self) -> bytes:
        read = bytearray()
        while (byte := self._back.read(1)) != b"\0":
            if not byte:
                raise EOFError("the browser has ended")
            read += byte
        return bytes(read)

    def value(self, expression: str) -> object:
        return self("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)["result"].get(
            "value"
        )

    def show(self, page: str, width: int, height: int, query: str) -> None:
        """Show a page in this size to whom the media query is for."""
        self("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if query == DARK else "light"}
        self("Emulation.setEmulatedMedia", media="print" if query == PRINT else "screen", features=[scheme])
        frame = self("Page.getFrameTree")["frameTree"]["frame"]["id"]
        self("Page.setDocumentContent", frameId=frame, html=page)
        self.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


@contextlib.contextmanager
def browser(program: str) -> Iterator[Browser]:
    """A browser with a new profile. To it, file descriptors 3 and 4 are the pipes."""
    theirs, to = os.pipe()
    back, theirs_too = os.pipe()
    redirected = f'exec "$0" "$@" 3<&{theirs} 4>&{theirs_too}'
    # Processes of the browser may still write to the profile when the first one has ended.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = ["sh", "-c", redirected, program, *FLAGS, f"--user-data-dir={profile}"]
        with open(Path(profile) / "log", "w", encoding="utf-8") as log:
            process = subprocess.Popen(command, pass_fds=(theirs, theirs_too), stdout=log, stderr=log)
        os.close(theirs)
        os.close(theirs_too)
        try:
            driven = Browser(to, back)
            yield driven
            driven("Browser.close")
            process.wait(timeout=30)
        finally:
            process.terminate()
            process.wait()


def take(driven: Browser, name: str, page: str) -> Iterator[str]:
    """Write the pictures of a page, and yield what is wrong with it."""
    for view, (width, height, query) in VIEWS.items():
        picture = f"{name}-{view}"
        driven.show(page, width, height, query)
        if not driven.value(f"matchMedia('{query}').matches"):
            yield f"{picture}: the browser is not {query}"
        whole = min(driven.value("document.documentElement.scrollHeight"), HIGHEST)
        clip = {"x": 0, "y": 0, "width": width, "height": whole, "scale": 1}
        shot = driven("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        (FOLDER / f"{picture}.png").write_bytes(base64.b64decode(shot["data"]))
        # What is folded must not be wider, either.
        driven.value("document.querySelectorAll('details').forEach(each => { each.open = true })")
        needed = driven.value("document.documentElement.scrollWidth")
        if needed > width:
            yield f"{picture}: it is {needed} pixels wide, and there are {width}"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    problems = []
    with browser(sys.argv[1]) as driven:
        for name, page in PAGES.items():
            (FOLDER / f"{name}.html").write_text(page, encoding="utf-8")
            problems += take(driven, name, page)
    print(f"{len(PAGES)} pages, and {len(PAGES) * len(VIEWS)} pictures of them: {FOLDER}")
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
