"""The demo's outbox: its mails as they are read, and nothing they hold is run."""

import re
from urllib.request import urlopen

import pytest

from bridge.app import create_app
from bridge.channels.folder import Folder
from bridge.cli.outbox import Outbox, kept, pages
from tests.bridge.channels.post import delivery
from tests.bridge.web.test_reveal import Structure

EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


@pytest.fixture
def folder(tmp_path):
    send = Folder(tmp_path).send
    send(
        delivery("first", subject="Welcome", html="<h1>Hello</h1>", text="Hello"), None
    )
    send(delivery("second", subject=EVIL, text=EVIL), None)
    return tmp_path


@pytest.fixture
def client(folder):
    return pages(folder).test_client()


def name(folder, subject):
    return next(mail.name for mail in kept(folder) if mail.subject == subject)


def test_all_mails_are_listed(client):
    """I2: each with whom it is to, and a way to read it."""
    page = client.get("/outbox").text

    assert "Welcome" in page
    assert 2 == len(re.findall(r'href="/outbox/[^"]+"', page))
    assert client.get("/").location.endswith("/outbox")


def test_a_mail_is_seen_in_a_frame_that_runs_nothing(client, folder):
    """Its links open elsewhere; no scripts, no forms, no way to the page around it."""
    one = name(folder, "Welcome")
    page = Structure(client.get(f"/outbox/{one}").text)
    [frame] = page.attributes["iframe"]
    inner = client.get(frame["src"])

    assert "allow-popups allow-popups-to-escape-sandbox" == frame["sandbox"]
    assert frame["title"]
    assert "<h1>Hello</h1>" in inner.text
    policy = inner.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy + frame["sandbox"]


def test_what_a_mail_says_stays_text(client, folder):
    """Its subject and its words are anybody's."""
    texts = [
        client.get("/outbox").text,
        client.get(f"/outbox/{name(folder, EVIL)}").text,
    ]

    assert not [text for text in texts if "<script>" in text or "<img" in text]


@pytest.mark.parametrize("path", ["/outbox", "/outbox/{}"])
def test_each_page_is_whole(client, folder, path):
    """A language, a title, one heading, one main part; no script; it fits a phone."""
    answer = client.get(path.format(name(folder, "Welcome")))
    page = Structure(answer.text)

    assert [] == page.open
    assert [{"lang": "en"}] == page.attributes["html"]
    assert (1, 1, 1) == tuple(page.tags.count(tag) for tag in ("title", "main", "h1"))
    assert "script" not in page.tags
    assert "width=device-width" in answer.text


def test_without_mails_it_says_when_there_will_be_one(tmp_path):
    """And what to do."""
    assert "No mail yet" in pages(tmp_path).test_client().get("/outbox").text


@pytest.mark.parametrize("path", ["/outbox/x", "/outbox/x/html", "/outbox/..%2Fx"])
def test_what_is_not_there_is_not_found(client, path):
    """Only files of the folder, by their own names."""
    assert 404 == client.get(path).status_code


def test_no_other_bridge_has_it(rig):
    """Mails hold links that open logins."""
    routes = {rule.rule for rule in create_app(rig.parts).url_map.iter_rules()}

    assert not [route for route in routes if "outbox" in route]


def test_it_answers_on_this_machine_while_it_runs(folder):
    """On a port of its own."""
    with Outbox(folder) as outbox:
        assert outbox.url.startswith("http://127.0.0.1:")
        with urlopen(outbox.url, timeout=5) as page:
            assert 200 == page.status
