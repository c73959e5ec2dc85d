# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make screenshots``: the pages that people get, as pictures below ``build/screenshots``.

A browser shows each page as on a phone, on a desktop and on paper, light and dark. Exit 1 where a page is wider than
its screen.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from tools.browser import Browser, browser
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


def show(driven: Browser, page: str, width: int, height: int, query: str) -> None:
    """Show a page in this size to whom the media query is for."""
    driven("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if query == DARK else "light"}
    driven("Emulation.setEmulatedMedia", media="print" if query == PRINT else "screen", features=[scheme])
    frame = driven("Page.getFrameTree")["frameTree"]["frame"]["id"]
    driven("Page.setDocumentContent", frameId=frame, html=page)
    driven.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def take(driven: Browser, name: str, page: str) -> Iterator[str]:
    """Write the pictures of a page, and yield what is wrong with it."""
    for view, (width, height, query) in VIEWS.items():
        picture = f"{name}-{view}"
        show(driven, page, width, height, query)
        if not driven.value(f"matchMedia('{query}').matches"):
            yield f"{picture}: the browser is not {query}"
        whole = min(driven.value("document.documentElement.scrollHeight"), HIGHEST)
        clip = {"x": 0, "y": 0, "width": width, "height": whole, "scale": 1}
        driven.picture(FOLDER / f"{picture}.png", clip)
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
