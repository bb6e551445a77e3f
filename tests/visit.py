"""Somebody at the console: logged in as what a test says, or a program with a key."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import count

from bridge import admin, ordering
from bridge.access import codes, passwords, tokens
from bridge.access.who import Who
from bridge.keys import hashed, random_token
from bridge.store import sessions, users
from bridge.web.access import cookies
from bridge.web.console.login import about

NUMBERS = count(1)
PASSWORD = "correct horse battery staple"
_KEPT: list[str] = []


def kept_password():
    """Hashed once for all: it is slow on purpose."""
    if not _KEPT:
        _KEPT.append(passwords.hashed(PASSWORD))
    return _KEPT[0]


class Visit:
    """`Visit(rig, "support")`; `.get(path)`, and `.post(path, field=…)` with the token
    a page of ours would have sent along."""

    def __init__(self, rig, role="owner", sources=None, name=None):
        self.rig, self.parts = rig, rig.parts
        self.name = name or f"user{next(NUMBERS)}@example.com"
        self.order = partial(ordering.order, rig.parts, Who("a test", "cli"))
        self.app = admin.create_console(rig.parts)
        self.client = self.app.test_client()
        self.url = rig.parts.config.console.url
        self.secret = codes.new_secret()
        self._set_up(role, sources)
        self.log_in()

    def _set_up(self, role, sources):
        token, now = random_token(), self.now
        self.order("user.add", user=self.name, role=role, sources=sources,
                   hashed=hashed(token), now=now)  # fmt: skip
        self.order(
            "user.set_up", hashed=hashed(token), password=kept_password(), now=now,
            totp=self.parts.keys.seal(self.secret, about(self.name)).hex(),
            recovery=[codes.recovery_hash(f"spare-{n}") for n in (2, 3, 4)],
        )  # fmt: skip

    @property
    def now(self):
        return self.rig.clock.wall().isoformat()

    def log_in(self):
        """As the page would, without its slow password."""
        self.token = random_token()
        with self.parts.database.change() as tx:
            sessions.begin(tx, hashed(self.token), self.name, "127.0.0.1", "a test",
                           self.rig.clock.wall())  # fmt: skip
        self.client.set_cookie(cookies.name(self.parts), self.token, domain="127.0.0.1")

    @property
    def session(self):
        with self.parts.database.read() as tx:
            return sessions.found(tx, hashed(self.token))

    @property
    def user(self):
        with self.parts.database.read() as tx:
            return users.named(tx, self.name)

    @property
    def form_token(self):
        return cookies.form_token(self.parts.keys, self.session)

    def stale(self):
        """So long after the last code that money and secrets are closed."""
        with self.parts.database.change() as tx:
            before = self.rig.clock.wall() - cookies.FRESH - timedelta(seconds=1)
            sessions.proved(tx, self.session.hash, before)

    def get(self, path, **more):
        return self.client.get(path, base_url=self.url, **more)

    def post(self, path, *, once=None, referer="/", **form):
        form = {"token": self.form_token, "once": once or random_token()} | form
        headers = {"Origin": self.url, "Referer": self.url + referer}
        return self.client.post(path, base_url=self.url, data=form, headers=headers)

    def told(self, answer):
        """What the page after a form says was done, or why not."""
        assert answer.status_code == 303, answer.text
        return self.get(answer.headers["Location"]).text


class Program:
    """`Program(rig, "auditor", ["shop"])`: with a key of its own."""

    def __init__(self, rig, role="owner", sources=None):
        token, now = tokens.new(), rig.clock.wall().isoformat()
        ordering.order(
            rig.parts, Who("a test", "cli"), "key.add", api_key=token.id,
            hashed=token.hash, label="a test", role=role, sources=sources, by="a test",
            until=None, now=now,
        )  # fmt: skip
        self.id, self.text = token.id, token.text
        self.client = admin.create_console(rig.parts).test_client()
        self.url = rig.parts.config.console.url

    def get(self, path, **headers):
        return self._ask("GET", path, None, headers)

    def post(self, path, body=None, **headers):
        return self._ask("POST", path, body or {}, headers)

    def _ask(self, method, path, body, headers):
        headers = {"Authorization": f"Bearer {self.text}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self.client.open(
            path, method=method, base_url=self.url, json=body, headers=headers
        )
