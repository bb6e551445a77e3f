"""A browser for the tests of pages: Chromium, headless, against a served console."""

from __future__ import annotations

import os
import socket
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

PATIENCE = 60_000
"""Milliseconds a page may take on a busy machine."""

CHROMIUM = Path(sys.prefix) / "chromium" / "chromium"
LOOKS = [
    {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    for width in (360, 1280)
    for scheme in ("light", "dark")
]
"""As people see a page: on a phone and on a screen, by day and by night."""
ALL_RULES = "axe.run({resultTypes: ['violations']}).then(told => told.violations)"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def chromium():
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@contextmanager
def serving(app, port):
    """The app on that port, in a thread of its own."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


def violations(page):
    """What axe finds, each with where; no rule is off."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(ALL_RULES)
    return [(one["id"], node["html"][:200]) for one in found for node in one["nodes"]]


def faults(page):
    """By look, what is wrong with the page that is open. With SCREENSHOTS, a folder,
    it can be looked at there."""
    found = {}
    for look in LOOKS:
        size, scheme = look["viewport"], look["color_scheme"]
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        wrong = violations(page) + (["too wide"] if overflows(page) else [])
        name = f"{size['width']}-{scheme}"
        if wrong:
            found[name] = wrong
        if folder := os.environ.get("SCREENSHOTS"):
            path = page.url.partition("//")[2].partition("/")[2].replace("/", "-")
            page.screenshot(path=f"{folder}/{path[:80]}-{name}.png", full_page=True)
    return found


def held_still(page):
    """What would be looked at again by itself is not torn away from under axe."""

    def answer(route):
        there = route.fetch()
        told = {k: v for k, v in there.headers.items() if k != "refresh"}
        route.fulfill(response=there, headers=told)

    page.route("**/*", answer)
    return page


def overflows(page):
    """Whether the page is wider than what it is looked at in."""
    return page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
