# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser without a window, driven by the DevTools protocol. It is spoken to through pipes: it opens no port, and ends with them."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

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

    def open(self, url: str) -> None:
        """Go to a page, without waiting for what it shows."""
        answer = self("Page.navigate", url=url)
        if "errorText" in answer:
            raise RuntimeError(f"{url}: {answer['errorText']}")

    def wait(self, expression: str, what: str, seconds: float = 60) -> None:
        """Wait until an expression is true on the page; TimeoutError names ``what``, and the text that is there."""
        deadline = time.monotonic() + seconds
        while not self.value(expression):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} after {seconds:.0f} s at {self.value('location.href')}:\n{self.text()}")
            time.sleep(0.2)

    def text(self) -> str:
        """What the page shows, as text."""
        return str(self.value("document.body ? document.body.innerText : ''"))

    def type(self, selector: str, text: str) -> None:
        """Type into the field of a CSS selector, as a keyboard does."""
        self.value(f"document.querySelector({json.dumps(selector)}).focus()")
        self("Input.insertText", text=text)

    def enter(self) -> None:
        """Press the key."""
        key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
        for kind in ("keyDown", "keyUp"):
            self("Input.dispatchKeyEvent", type=kind, **key)

    def picture(self, file: Path, clip: dict[str, float] | None = None) -> None:
        """Write what is seen, or all of ``clip``, as PNG."""
        beyond = {"clip": clip, "captureBeyondViewport": True} if clip else {}
        file.write_bytes(base64.b64decode(self("Page.captureScreenshot", **beyond)["data"]))


@contextlib.contextmanager
def browser(program: str) -> Iterator[Browser]:
    """A browser with a new profile. To it, file descriptors 3 and 4 are the pipes."""
    theirs, to = os.pipe()
    back, theirs_too = os.pipe()

    def place() -> None:
        # The lower one first: the place 3 is never that of the other.
        os.dup2(theirs, 3)
        os.dup2(theirs_too, 4)

    # Processes of the browser may still write to the profile when the first one has ended.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, *FLAGS, f"--user-data-dir={profile}"]
        with open(Path(profile) / "log", "w", encoding="utf-8") as log:
            process = subprocess.Popen(command, pass_fds=(3, 4), preexec_fn=place, stdout=log, stderr=log)
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
