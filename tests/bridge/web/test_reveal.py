"""A login mail's link: looking is free, three presses show the login, no more do."""

import base64
import gzip
import html
import logging
import re
import threading
from datetime import timedelta
from hashlib import sha256
from html.parser import HTMLParser

import pytest
import sqlalchemy as sa
from flask import Flask

from bridge import orders
from bridge.deliveries import Deliveries
from bridge.duties import duties
from bridge.keys import hashed, random_token
from bridge.store import backup, logins
from bridge.store.tables import account, login, metadata
from bridge.web import reveal
from tests.engines import on_sqlite

DAY = timedelta(hours=24)
VOID = ("img", "br", "input", "meta", "link", "!doctype")


@pytest.fixture
def linked(make):
    """`rig, path = linked()`: an account, and a link to its login."""

    def build():
        rig, _ = make(mailed=True)
        rig.order(email="ann@example.com")
        rig.run()
        return rig, printed(rig)

    return build


def printed(rig):
    token = random_token()
    said = {"account": rig.account().id, "because": "a test", "hash": hashed(token)}
    orders.carry_out(rig.database, rig.clock, "login.send", said)
    return f"/reveal/shop/{token}"


def password(rig):
    with rig.database.read() as tx:
        row = tx.execute(sa.select(account.c.secret, account.c.id)).one()
    return rig.parts.keys.unseal(row.secret, row.id)


def views(rig):
    with rig.database.read() as tx:
        return tx.execute(sa.select(sa.func.sum(login.c.views))).scalar_one()


def shown(answer):
    return [
        html.unescape(each) for each in re.findall(r"<code>(.*)</code>", answer.text)
    ]


def is_dead(answer):
    return answer.status_code == 404 and "This link does not work" in answer.text


# --- what it does


def test_the_button_shows_user_name_and_password(linked):
    """I2: these open the account at the backend."""
    rig, path = linked()
    answer = rig.client.post(path)

    assert 200 == answer.status_code
    assert [rig.account().username, password(rig)] == shown(answer)
    assert 'href="https://panel.example.com/"' in answer.text


def test_looking_uses_nothing_up(linked):
    """I2: mail scanners open every link, some again and again."""
    rig, path = linked()
    looked = [rig.client.get(path) for _ in range(10)]
    looked += [rig.client.head(path) for _ in range(10)]

    # Guard off (a view counted when the page is opened): red.
    assert {200} == {answer.status_code for answer in looked}
    assert 0 == views(rig)
    assert not [a for a in looked if password(rig) in html.unescape(a.text)]
    assert 2 == len(shown(rig.client.post(path)))


def test_after_three_views_it_is_dead(linked):
    """I2: what is left in a mailbox for years opens nothing."""
    rig, path = linked()
    answers = [rig.client.post(path) for _ in range(5)]

    # Guard off (views not looked at): red.
    assert [200, 200, 200, 404, 404] == [answer.status_code for answer in answers]
    said = ["2 more times", "1 more time.", "the last time"]
    assert [True] * 3 == [w in a.text for w, a in zip(said, answers, strict=False)]
    assert is_dead(rig.client.get(path))
    assert 3 == views(rig)


def test_after_a_day_it_is_dead(linked):
    """I2: used or not."""
    rig, path = linked()
    rig.wait(DAY.total_seconds() - 60)
    alive = rig.client.get(path)
    rig.wait(60)

    # Guard off (its end not looked at): red.
    assert 200 == alive.status_code
    assert is_dead(rig.client.get(path))
    assert is_dead(rig.client.post(path))


def test_a_newer_one_kills_it(linked):
    """I2: staff send a new one when the old one went astray."""
    rig, path = linked()
    newer = printed(rig)

    # Guard off (any issue of the account holds): red.
    assert is_dead(rig.client.post(path))
    assert 200 == rig.client.post(newer).status_code


def test_under_another_source_it_is_dead(linked):
    """A brand never shows the login of another brand's customer."""
    rig, path = linked()
    brands = dict(rig.parts.config.brands) | {"other": rig.parts.config.brands["shop"]}
    pages = reveal.blueprint(brands, rig.database, rig.parts.keys, rig.clock)
    app = _with(pages)

    assert is_dead(app.post(path.replace("/shop/", "/other/")))
    assert 0 == views(rig)


def test_the_mails_own_link_opens_it(make):
    """I2: from the mail to the password."""
    rig, _ = make(mailed=True)
    rig.order(email="ann@example.com")
    rig.run()
    kept = []

    class Sink:
        within = 1.0

        def send(self, delivery, at):
            kept.append(delivery.content)

    writers = duties(rig.parts.config, rig.database, rig.clock, {}).deliveries.writers
    Deliveries(rig.database, rig.clock, {"folder": Sink()}, writers=writers).run()
    [path] = re.findall(r"^https://provision.example.com(/reveal/\S+)$",
                        kept[0]["text"], re.MULTILINE)  # fmt: skip

    assert [rig.account().username, password(rig)] == shown(rig.client.post(path))


def test_eight_at_once_see_it_three_times_together(linked):
    """The database counts, not an `if` before it. Guard off (count read first): red."""
    rig, path = linked()
    answers, ready = [], threading.Barrier(8)

    def press():
        client = rig.client.application.test_client()
        ready.wait()
        answers.append(client.post(path).status_code)

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 3 == answers.count(200)
    assert 3 == views(rig)


def test_a_password_that_does_not_open_uses_no_view_up(linked):
    """The fault is ours: with the right key the three are still there."""
    rig, path = linked()
    with rig.database.change() as tx:
        tx.execute(sa.update(account).values(secret=b"sealed by another key ........"))
    answer = rig.client.post(path)

    assert (503, 0) == (answer.status_code, views(rig))
    assert "nothing is lost" in answer.text


# --- what it does not tell


def test_a_dead_link_does_not_tell_what_it_was(linked):
    """Used up, too old, void, never there: the same page, word for word."""
    rig, path = linked()
    used = printed(rig)
    for _ in range(3):
        rig.client.post(used)
    never = [f"/reveal/shop/{random_token()}", "/reveal/shop/x", "/reveal/shop/%00%F0"]
    pages = {
        (a.status_code, a.text, tuple(sorted(a.headers)))
        for where in (path, used, *never)
        for a in (rig.client.get(where), rig.client.post(where))
    }

    assert 1 == len(pages)
    assert 'href="mailto:help@example.com"' in next(iter(pages))[1]


def test_a_source_without_a_brand_is_dead_too(linked):
    """And names nobody."""
    rig, _ = linked()
    answer = rig.client.get("/reveal/nobody/x")

    assert is_dead(answer)
    assert "Example Calls" not in answer.text


@on_sqlite
def test_it_is_found_by_an_index_whatever_was_sent(linked):
    """A look is cheap: nobody can make it dear, or learn from the time it takes."""
    rig, _ = linked()
    query = sa.select(login).where(*logins._open("shop", "h", rig.clock.now()))
    with rig.database.read() as tx:
        words = query.compile(tx, compile_kwargs={"literal_binds": True})
        plan = tx.execute(sa.text(f"EXPLAIN QUERY PLAN {words}"))
        said = " ".join(str(row) for row in plan)

    assert "uq_login_hash" in said or "sqlite_autoindex_login" in said
    assert "SCAN" not in said


# --- a page


class Structure(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.open = [], {}, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes.setdefault(tag, []).append(dict(attributes))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("how", ["closed", "open", "dead", "nobody", "failed"])
def test_each_page_is_whole(linked, how, monkeypatch):
    """A language, a title, one main part with one heading, a button with its words; no
    script, no image, no host but ours; it fits a phone."""
    rig, path = linked()
    if how == "failed":
        monkeypatch.setattr(logins, "is_open", None)
    answer = {
        "closed": lambda: rig.client.get(path),
        "open": lambda: rig.client.post(path),
        "dead": lambda: rig.client.get("/reveal/shop/x"),
        "nobody": lambda: rig.client.get("/reveal/nobody/x"),
        "failed": lambda: rig.client.get(path),
    }[how]()
    page = Structure(answer.text)

    assert [] == page.open
    assert [{"lang": "en"}] == page.attributes["html"]
    assert (1, 1, 1) == tuple(page.tags.count(tag) for tag in ("title", "main", "h1"))
    assert {"button": how == "closed", "dl": how == "open"} == {
        tag: tag in page.tags for tag in ("button", "dl")
    }
    assert not {"script", "img", "link", "iframe", "object"} & set(page.tags)
    assert "width=device-width" in answer.text
    assert not re.search(r"\son\w+=|style=", answer.text)
    assert "text/html; charset=utf-8" == answer.content_type


def test_nobody_keeps_shows_frames_or_passes_on_the_page(linked):
    """No store, no index, no frame, no referrer, no script, in every answer."""
    rig, path = linked()
    for answer in (
        rig.client.get(path),
        rig.client.post(path),
        rig.client.get(path[:-1]),
    ):
        headers = answer.headers

        assert "no-store" == headers["Cache-Control"]
        assert "no-referrer" == headers["Referrer-Policy"]
        assert "noindex" in headers["X-Robots-Tag"]
        assert "nosniff" == headers["X-Content-Type-Options"]
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "Set-Cookie" not in headers


def test_the_style_is_the_one_the_policy_allows(linked):
    """Else the browser leaves the page bare."""
    rig, path = linked()
    answer = rig.client.get(path)
    [style] = re.findall(r"<style>(.*)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()

    assert f"'sha256-{digest}'" in answer.headers["Content-Security-Policy"]


def _with(pages):
    app = Flask("t")
    app.register_blueprint(pages)
    return app.test_client()


# --- where its token never is


def test_the_token_is_in_no_log_row_file_or_error(
    linked, caplog, tmp_path, monkeypatch
):
    """V11: what fails, too, names no path: Flask's own line would."""
    caplog.set_level(logging.DEBUG)
    rig, path = linked()
    token = path.rsplit("/", 1)[1]
    rig.client.get(path)
    secret = shown(rig.client.post(path))[1]
    monkeypatch.setattr(logins, "see", None)
    failed = rig.client.post(path)
    backup.backup(rig.database, tmp_path / "file", rig.clock.now)
    with rig.database.read() as tx:
        rows = [str(tuple(row)) for table in metadata.sorted_tables
                for row in tx.execute(sa.select(table))]  # fmt: skip
    kept = gzip.decompress((tmp_path / "file").read_bytes()).decode()

    # Guard off (errors left to Flask): red.
    assert 503 == failed.status_code
    assert "a login page failed: TypeError" in caplog.text
    for place in (caplog.text, kept, failed.text, *rows):
        assert token not in place
        assert secret not in place
