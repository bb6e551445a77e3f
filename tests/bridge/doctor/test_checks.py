"""Each check says what it saw and the way out; none tells a secret."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from bridge import config
from bridge.channels.mail import Mail, Security
from bridge.config.values import Mail as MailTable
from bridge.config.values import Shop
from bridge.doctor import (
    CHECKS,
    How,
    compared,
    database,
    examined,
    files,
    hosts,
    shops,
    ways,
)
from bridge.doctor.clocks import apart
from bridge.doctor.database import has_wal_bug
from bridge.parts import assemble
from bridge.store import ticks
from tests.bridge.channels.post import PASSWORD, USER, Box, certificate, running, server
from tests.engines import on_postgresql, on_sqlite
from tests.rig import KEY, SECRET, Rig


def only(findings):
    [finding] = findings
    return finding


def reread(rig, old, new):
    text = rig.path.read_text()
    assert old in text
    rig.path.write_text(text.replace(old, new, 1))
    return Rig(rig.path).parts


class _Web(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response_only(200)
        if self.server.date:
            self.send_header("Date", self.server.date)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    do_POST = do_GET  # noqa: N815 - http.server finds it so

    def log_message(self, *_):
        """Nobody reads it."""


@pytest.fixture
def web():
    """`url = web(date=None, tls=None)`: a server whose clock a test sets."""
    servers = []

    def start(at=None, tls=None, body=b""):
        made = ThreadingHTTPServer(("127.0.0.1", 0), _Web)
        made.body = body
        made.date = at and format_datetime(at, usegmt=True)
        if tls:
            made.socket = tls.wrap_socket(made.socket, server_side=True)
        threading.Thread(target=made.serve_forever, args=(0.02,)).start()
        servers.append(made)
        return f"{'https' if tls else 'http'}://127.0.0.1:{made.server_port}"

    yield start
    for made in servers:
        made.shutdown()
        made.server_close()


# --- clocks


@pytest.mark.parametrize(
    ("seconds", "how"),
    [
        (0, "ok"),
        (-29, "ok"),
        (31, "warn"),
        (-299, "warn"),
        (301, "fail"),
        (-999, "fail"),
    ],
)
def test_a_clock_that_is_far_off_is_said(seconds, how):
    """Beyond the window of a signature nothing it signs is taken."""
    assert how == apart("x", seconds).how
    assert ("NTP" in apart("x", seconds).said) == (how != "ok")


@pytest.mark.parametrize(("off", "how"), [(0, "ok"), (120, "warn"), (-3600, "fail")])
def test_a_backends_clock_is_read_from_its_answer(web, off, how):
    """By the Date of whatever it says."""
    url = web(datetime.now(UTC) + timedelta(seconds=off))

    assert how == only(hosts._clock("main", {"url": url})).how


def test_a_backend_that_says_no_time_is_no_worse_for_it(web):
    """Nothing is known of its clock."""
    assert [] == list(hosts._clock("main", {"url": web()}))


@on_postgresql
def test_the_databases_clock_is_looked_at(rig):
    """It is the one that counts."""
    clock = [one for one in database.reached(rig.parts) if "clock" in one.about]

    assert "ok" == only(clock).how


# --- certificates and keys


def test_a_certificate_that_ends_soon_is_said(web, tmp_path):
    """The tests' own is good for a day."""
    tls, file = certificate(tmp_path)
    found = hosts._certificate("main", {"url": web(tls=tls), "ca_file": file})

    assert "warn" == found.how
    assert f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}" in found.said


def test_a_certificate_nobody_vouches_for_fails_with_the_way_out(web, tmp_path):
    """As every call to it would."""
    tls, _ = certificate(tmp_path)
    found = hosts._certificate("main", {"url": web(tls=tls)})

    assert "fail" == found.how
    assert "ca_file" in found.said


def test_an_address_without_tls_is_said_unless_it_is_here():
    """A password in the open."""
    there = hosts._certificate("main", {"url": "http://dialer.example"})
    here = hosts._certificate("main", {"url": "http://127.0.0.1:1"})

    assert ("warn", "ok") == (there.how, here.how)


@pytest.mark.parametrize(("days", "how"), [(-1, "fail"), (29, "warn"), (31, "ok")])
def test_a_key_that_ends_is_said_in_time(days, how):
    """Thirty days before, as the alert does."""
    at = datetime.now(UTC)
    can = SimpleNamespace(key_expires=at + timedelta(days=days, minutes=1))
    backend = SimpleNamespace(describe=lambda: can)

    assert how == only(hosts._key("main", backend, at)).how


# --- files


@on_sqlite
def test_secrets_others_may_read_are_said(rig):
    """The install key is a fault, another secret a word; each with its chmod."""
    for name, text in (("own.key", KEY), ("own.secret", SECRET)):
        (rig.path.parent / name).write_text(text)
        (rig.path.parent / name).chmod(0o640)
    reread(rig, f'"{KEY}"', '"file:own.key"')
    parts = reread(rig, f'"{SECRET}"', '"file:own.secret"')
    loose = {one.about: one.how for one in files.secrets(parts)}
    for name in loose:
        (rig.path.parent / name).chmod(0o600)
    tight = {one.how for one in files.secrets(parts)}

    assert {"own.key": "fail", "own.secret": "warn"} == loose
    assert {How.OK} == tight


@on_sqlite
@pytest.mark.parametrize(
    ("free", "how"), [(2**20, "fail"), (2**29, "warn"), (2**33, "ok")]
)
def test_a_disk_that_gets_full_is_said(rig, monkeypatch, free, how):
    """Before an event can no longer be kept."""
    usage = SimpleNamespace(free=free)
    monkeypatch.setattr(files.shutil, "disk_usage", lambda _: usage)

    assert how == only(files.room(rig.parts)).how


@on_sqlite
def test_a_folder_of_alerts_that_cannot_be_made_is_said(rig, monkeypatch):
    """Or nobody would hear of anything."""
    parts = reread(
        rig, "[sources.shop]", '[alerts]\nfolder = "out/box"\n[sources.shop]'
    )
    good = only(files.messages(parts)).how
    monkeypatch.setattr(files.os, "access", lambda *_: False)

    assert ("ok", "fail") == (good, only(files.messages(parts)).how)


# --- the database


def test_a_database_of_this_version_is_well(rig):
    """On either."""
    assert "ok" == next(iter(database.reached(rig.parts))).how


@pytest.mark.parametrize(
    ("revision", "how", "way"),
    [("0001", "warn", "db upgrade"), ("9999", "fail", "newer version")],
)
def test_tables_of_another_version_are_said(rig, revision, how, way):
    """Older ones are changed by the next start, newer ones are not ours."""
    with rig.database.change() as tx:
        tx.execute(
            sa.text("UPDATE alembic_version SET version_num = :r"), {"r": revision}
        )
    found = next(iter(database.reached(rig.parts)))

    assert how == found.how
    assert way in found.said


@on_sqlite
def test_a_database_that_is_not_there_is_no_fault(rig):
    """Before the first start; none is made by looking."""
    rig.database.close()
    (rig.path.parent / rig.database.url.database).unlink()

    assert "warn" == only(database.reached(rig.parts)).how


@on_postgresql
def test_a_database_that_cannot_be_reached_is_said_without_its_password(rig):
    """V11: neither address nor password stands in the line."""
    url = rig.database.url.set(password="canary-c4f1", port=1)
    address = url.render_as_string(hide_password=False).replace("+psycopg", "")
    text = rig.path.read_text()
    rig.path.write_text("\n".join(
        f'database = "{address}"' if line.startswith("database") else line
        for line in text.splitlines()
    ))  # fmt: skip
    found = only(database.reached(assemble(config.load(rig.path))))

    assert "fail" == found.how
    assert "canary-c4f1" not in found.said


@pytest.mark.parametrize(
    ("version", "bug"),
    [((3, 6, 23), False), ((3, 7, 0), True), ((3, 40, 1), True), ((3, 44, 6), False),
     ((3, 44, 5), True), ((3, 50, 7), False), ((3, 51, 2), True), ((3, 51, 3), False)],
)  # fmt: skip
def test_the_versions_of_sqlite_with_the_wal_bug_are_known(version, bug):
    """sqlite.org/wal.html: up to 3.51.2, but for two releases that were mended."""
    assert bug == has_wal_bug(version)


# --- the ways in and out


def mailed(rig, way, username=None):
    table = MailTable("127.0.0.1", 25, "none", "a@b.example", username, None, 5.0, None)
    config = replace(rig.parts.config, mail=table)
    return replace(rig.parts, config=config, channels={"mail": way})


@on_sqlite
@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_mail_server_is_reached_and_no_mail_is_sent(rig, tmp_path, security):
    """Connected, secured, logged in."""
    box, (tls, file) = Box(), certificate(tmp_path)
    with running(box, security, tls) as port:
        login = {"username": USER, "password": PASSWORD}
        way = Mail(server(port, security, ca_file=file, **login))
        found = only(ways.mail(mailed(rig, way, USER)))

    assert "ok" == found.how, found.said
    assert [] == box.mails == box.to


@on_sqlite
def test_a_mail_server_that_takes_no_password_fails(rig, tmp_path):
    """V11: in words of our own, without the password."""
    box, (tls, file) = Box(), certificate(tmp_path)
    with running(box, Security.STARTTLS, tls) as port:
        login = {"username": USER, "password": "canary-c4f1"}
        way = Mail(server(port, Security.STARTTLS, ca_file=file, **login))
        found = only(ways.mail(mailed(rig, way, USER)))

    assert "fail" == found.how
    assert "does not take the user name and password" in found.said
    assert "canary-c4f1" not in found.said


@on_sqlite
def test_an_address_somebody_else_has_is_said(rig, web):
    """A web server of another kind, say."""
    port = int(web().rpartition(":")[2])
    taken = reread(rig, "[sources.shop]", f"[serve]\nport = {port}\n[sources.shop]")

    found = only(ways.listening(taken))

    assert "fail" == found.how
    assert "serve.port" in found.said


@on_sqlite
def test_where_switchhook_answers_already_it_says_so(rig, web):
    """Looked at beside a bridge that runs."""
    url = web(body=b"alive\n")
    port = int(url.rpartition(":")[2])
    parts = reread(rig, "[sources.shop]", f"[serve]\nport = {port}\n[sources.shop]")

    assert "switchhook answers" in only(ways.listening(parts)).said


@on_sqlite
def test_an_address_that_cannot_be_had_is_said(rig, monkeypatch):
    """Not one of this machine's."""
    parts = reread(rig, "[sources.shop]", '[serve]\nhost = "192.0.2.1"\n[sources.shop]')
    monkeypatch.setattr(ways, "_is_ours", lambda *_: False)

    assert "fail" == only(ways.listening(parts)).how


# --- all of them


def test_one_that_breaks_is_a_fault_and_the_others_go_on(rig, monkeypatch):
    """V11: by its kind alone, as its words may hold anything."""

    def breaks(_parts):
        raise RuntimeError("canary-c4f1")
        yield

    monkeypatch.setattr("bridge.doctor.CHECKS", (breaks, *CHECKS))
    found = list(examined(rig.parts))

    assert ["fail"] == [one.how for one in found if one.about == "breaks"]
    assert len(found) > len(CHECKS) - 3
    assert "canary-c4f1" not in repr(found)


def test_no_line_tells_a_secret(rig):
    """V11: whatever was looked at."""
    told = repr(list(examined(rig.parts)))

    assert not [secret for secret in (KEY, SECRET) if secret in told]


def test_when_all_was_last_compared_is_told(rig):
    """None yet, one that is fine, and one that is late."""
    parts = rig.parts
    first = only(compared.compared(parts))
    parts.reconciler.run("a test")
    fine = only(compared.compared(parts))
    rig.clock.ahead += timedelta(hours=40)
    with rig.database.change() as tx:
        ticks.keep(tx, ["reconcile"], rig.clock.now() - timedelta(days=9))
    late = only(compared.compared(parts))

    assert [How.OK, How.OK, How.WARN] == [first.how, fine.how, late.how]
    assert "tonight" in first.said
    assert "Not everything was compared" in late.said


@on_sqlite
def test_without_a_database_nothing_was_compared(rig):
    """Others say that it is not there."""
    rig.path.write_text(rig.path.read_text().replace(".db", ".gone", 1))
    parts = assemble(config.load(rig.path))
    parts.database.close()

    assert [] == list(compared.compared(parts))


# --- shops


def street(rig, **changed):
    """The rig's parts, with one shop of that make."""
    shop = Shop("https://shop.acme.example", "USD", (), "Transfer it.")
    parts = rig.parts
    shops_ = {"acme": replace(shop, **changed)}
    return replace(parts, config=replace(parts.config, shops=shops_))


def test_a_shop_is_looked_at_whether_it_sells_and_mails(rig):
    """What it sells by name; that its mails are files is worth a word."""
    sells, mails = shops.shops(street(rig))

    assert (How.OK, "shop of acme") == (sells.how, sells.about)
    assert "starter" in sells.said
    assert (How.WARN, True) == (mails.how, "add [mail]" in mails.said)


def test_a_shop_that_sells_nothing_fails(rig):
    found = next(shops.shops(street(rig, currency="VND")))

    assert How.FAIL is found.how
    assert "sources.acme.shop.currency" in found.said


@pytest.mark.parametrize(
    ("url", "open_"),
    [
        ("https://shop.acme.example", False),
        ("http://127.0.0.1:8484", False),
        ("http://shop.acme.example", True),
    ],
)
def test_where_passwords_go_in_the_open_a_shop_says_so(rig, url, open_):
    said = [found.said for found in shops.shops(street(rig, url=url))]

    assert open_ == any("passwords go there in the open" in one for one in said)
