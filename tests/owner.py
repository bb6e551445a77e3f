"""A customer with a service, in a browser: what he presses there and what he reads."""

from __future__ import annotations

import re
import time
from datetime import UTC
from email import message_from_bytes, policy

from playwright.sync_api import expect

from tests.walker import PATIENCE, Walker


class Owner(Walker):
    """`.tries("crew")`, `.changes(plan="fleet")`; each piece ends on the page it leads
    to, and what costs money gives the path of its order."""

    path = ""
    """Of his service."""

    def __init__(self, page, *more):
        super().__init__(page, *more)
        self.seen = {}
        """Where he was, in that order."""

        page.on("framenavigated", self._was_at)

    def _was_at(self, frame):
        if frame.url.startswith(self.url):
            self.seen[frame.url.removeprefix(self.url)] = None

    def reads(self, *told):
        """That each is said there: words of the catalogues, numbers, names."""
        for text in told:
            assert plain(text) in self.read()

    def comes(self, path, said):
        """It is so soon, by what a bridge does in its time: he looks again."""
        until = time.monotonic() + PATIENCE / 1000
        self.go(path)
        while said not in (seen := self.read()):
            assert time.monotonic() < until, f"{said!r} never came: {seen}"
            time.sleep(0.1)
            self.go(path)

    def read(self):
        """All of the page's words, with plain blanks."""
        return plain(self.page.inner_text("main"))

    def due(self, amount, currency):
        """That this is what is to be paid, as it is shown by now."""
        sum_ = self.page.locator("tfoot strong")
        expect(sum_).to_have_text(self.speech.money(amount, currency), timeout=PATIENCE)

    def say(self, words, **parts):
        return self.speech.say(words, **parts)

    def moment(self, at):
        return self.speech.moment(at, UTC)

    def service(self):
        """Opened from the list of them."""
        self.go("/services")
        self.page.locator("tbody a").first.click()
        self.page.wait_for_url("**/services/*:*")
        self.path = self.page.url.removeprefix(self.url)
        return self

    # --- what he orders

    def tries(self, package):
        """For nothing: it is set up as it is asked for."""
        self.go(f"/plans/{package}")
        self.page.locator('form[action="/try"] button').click()
        self.page.wait_for_url("**/orders/or_*")
        self.is_ready()
        return self.service()

    def wants(self, **chosen):
        """On the page of changes: each is picked, and what follows is drawn anew."""
        self.go(f"{self.path}/change")
        for name, value in chosen.items():
            one = f'[name="{name}"][value="{value}"]'
            field = self.page.locator(f'[name="{name}"]')
            if field.first.get_attribute("type") == "radio":
                self.page.locator(one).check()
                one += "[checked]"
            else:
                field.fill(str(value))
                field.press("Tab")
            # As the page says it that comes for it, and not as it was typed.
            self.page.locator(one).wait_for(state="attached")

    def upgrades(self):
        """By the price that is shown: on to the order of it."""
        self.page.locator('form[action="/order"] button').click()
        return self.orders()

    def orders(self, action="/order"):
        self.hears("Order with obligation to pay")
        self.press(action)
        self.page.wait_for_url("**/orders/or_*")
        self.hears("How to pay")
        return self.page.url.removeprefix(self.url)

    def goes_down(self):
        """The survey, and the tick."""
        self.page.locator(f'form[action="{self.path}/downgrade"] button').click()
        form = self.page.locator('form[method="post"].two')
        self.hears("What you lose")
        form.locator('[name="survey"][value="price"]').check()
        form.locator('[name="confirmed"]').check()
        form.locator("button").click()
        self.page.wait_for_url(f"**{self.path}")

    def renews(self):
        self.go(f"{self.path}/renew")
        self.page.locator('form[action="/order"] button').click()
        return self.orders()

    def buys(self, name, where):
        """Beside a plan: from the list of such goods."""
        self.go(where)
        self.page.locator(f'form:has([name="name"][value="{name}"]) button').click()
        return self.orders("/goods")

    def looks_at_coupon(self):
        """The newest one: what it would do is drawn."""
        self.go("/coupons")
        self.page.locator('a.button[href^="/coupons/use"]').first.click()
        self.hears("What it does")

    def promises(self, days):
        self.go(self.path)
        self.press(f"{self.path}/promise", days=str(days))
        self.hears("We believe you: it stays on until then.")

    # --- his mails

    def is_mailed(self, subject, **parts):
        """The text of the newest of that subject, which may still be on its way."""
        said = self.say(subject, **parts)
        until = time.monotonic() + PATIENCE / 1000
        while not (found := self._of(said)):
            assert time.monotonic() < until, f"no mail came: {said}"
            time.sleep(0.1)
        return found[-1]

    def _of(self, subject):
        found = []
        files = sorted(
            self._outbox.glob("*.eml"), key=lambda file: file.stat().st_mtime
        )
        for file in files:
            mail = message_from_bytes(file.read_bytes(), policy=policy.default)
            if self.address in str(mail["To"]) and subject == mail["Subject"]:
                found.append(plain(mail.get_body(("plain",)).get_content()))
        return found


def plain(text):
    return re.sub(r"\s+", " ", text)
