"""Somebody who walks through a shop in a browser, whatever language it speaks.

He finds what he presses by what it does, and hears what is said by the catalogues.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from email import message_from_bytes, policy
from pathlib import Path

from playwright.sync_api import expect

from bridge.words.speech import speech
from tests.shopper import PASSWORD

PATIENCE = 120_000
"""Milliseconds until something that never comes is missed."""

SHIFTED = """() => new Promise(done => {
  let sum = 0
  const add = list => list.getEntries().forEach(one => sum += one.value)
  new PerformanceObserver(add).observe({type: "layout-shift", buffered: true})
  setTimeout(() => done(sum), 300)
})"""
"""How much of a page moved by itself until now (CLS)."""


class Walker:
    """`.sign_up().choose(…).order()`; each piece ends on the page it leads to."""

    def __init__(self, page, url, language, address, outbox, scripts=True):
        self.page, self.url, self.address = page, url, address
        self.speech = speech(language)
        self._outbox, self._scripts = outbox, scripts
        self.shifts = {}
        page.set_default_timeout(PATIENCE)
        page.set_default_navigation_timeout(PATIENCE)

    def go(self, path):
        answer = self.page.goto(self.url + path)
        spoken = self.page.locator("html").get_attribute("lang")
        assert self.speech.language == spoken, (path, spoken)
        return answer.status

    def hears(self, words, **parts):
        """That it is said there, now or soon."""
        told = self.speech.say(words, **parts)
        shown = self.page.locator("main").get_by_text(told).first
        expect(shown).to_be_visible(timeout=PATIENCE)

    def press(self, action, **fields):
        """Fill the form that leads there, and send it."""
        form = self.page.locator(f'form[action="{action}"]')
        for name, value in fields.items():
            form.locator(f'[name="{name}"]').fill(value)
        form.locator("button").last.click()

    def looks(self, name):
        """Whether anything moved there; only a script can tell."""
        if self._scripts:
            self.shifts[name] = round(self.page.evaluate(SHIFTED), 2)

    # --- the pieces of the story

    def sign_up(self):
        """By the link he is mailed; then he is in."""
        self.go("/signup")
        self.press("/signup", name="Ann Example", email=self.address)
        self.hears("Look into your mail")
        path = self._link()
        self.go(path)
        self.press(path.partition("?")[0], password=PASSWORD)
        self.page.wait_for_url("**/services", timeout=PATIENCE)
        self.hears("You have no service yet.")
        return self

    def choose(self, package, cycle, quantity, addons, sum_):
        """The price follows what he picks; by a button where no script runs."""
        self.go("/")
        self.looks("catalogue")
        self.page.locator(f'a.button[href="/plans/{package}"]').click()
        form = self.page.locator(f'form[action="/plans/{package}"]')
        form.wait_for()
        self.looks("configurator")
        form.locator(f'[name="cycle"][value="{cycle}"]').check()
        # An add-on may be sold for this cycle alone: it is there once that is picked.
        self._reckoned(form)
        form.locator('[name="quantity"]').fill(str(quantity))
        for name, many in addons.items():
            form.locator(f'[name="x-{name}"]').fill(str(many))
            self.page.keyboard.press("Tab")
        self._reckoned(form)
        due = self.page.locator("tfoot strong")
        expect(due).to_have_text(self.speech.money(*sum_), timeout=PATIENCE)
        self.looks("priced")
        return self

    def _reckoned(self, form):
        if not self._scripts:
            form.locator("button").click()

    def order(self):
        """From the promised price to a page that waits for the money. Its path."""
        self.page.locator('form[action="/order"] button').click()
        self.hears("Order with obligation to pay")
        self.press("/order")
        self.page.wait_for_url("**/orders/or_*", timeout=PATIENCE)
        self.hears("How to pay")
        return self.page.url.removeprefix(self.url)

    def is_ready(self):
        """The page he has open says so by itself: nothing is pressed. Seconds."""
        began = time.monotonic()
        self.hears("It is ready. Your login is in your mail.")
        return time.monotonic() - began

    def has(self, package):
        """Among his services, alive."""
        self.go("/services")
        row = self.page.locator("tbody tr", has_text=package)
        expect(row).to_contain_text(self.speech.say("Active"), timeout=PATIENCE)
        return row.inner_text()

    # --- his mails

    def _link(self):
        """The path of the link in the mail that is on its way."""
        until = time.monotonic() + PATIENCE / 1000
        while not (found := self._links()):
            assert time.monotonic() < until, "no mail came"
            time.sleep(0.1)
        return found[-1]

    def _links(self):
        found = []
        for file in sorted(Path(self._outbox).glob("*.eml")):
            with suppress(FileNotFoundError):
                mail = message_from_bytes(file.read_bytes(), policy=policy.default)
                if self.address in str(mail["To"]):
                    text = mail.get_body(("plain",)).get_content()
                    found += re.findall(rf"{re.escape(self.url)}(/\S+)", text)
        return found
