"""The verbs for logins: sent again, printed, listed."""

import re

import pytest
import sqlalchemy as sa

from bridge.keys import hashed
from bridge.lock import Lock
from bridge.store import outbox
from bridge.store.outbox import State
from bridge.store.tables import login
from tests.bridge.cli.test_cli import said, switchhook
from tests.rig import PUBLIC


@pytest.fixture
def ready(make):
    rig, _ = make(mailed=True)
    rig.wait(-60)  # the command line has a clock of its own: the real one
    rig.order(email="ann@example.com")
    rig.run()
    return rig, rig.account().id


def states(rig):
    with rig.database.read() as tx:
        return {one.key: one.state for one in outbox.newest(tx, 9, None)}


@pytest.mark.parametrize("by", ["account", "service"])
def test_a_login_is_sent_again(ready, by):
    """I2: staff name the account or its service, and say why."""
    rig, id_ = ready
    name = id_ if by == "account" else "shop:1"
    told, code = said(rig.path, "login", "send", name, "--because", "she lost it")

    assert (0, {"account": id_, "issue": 2, "source": "shop"}) == (code, told)
    assert {
        f"login/{id_}/1": State.WITHDRAWN, f"login/{id_}/2": State.WAITING,
    } == states(rig)  # fmt: skip
    [newest, first], _ = said(rig.path, "login", "list")
    assert ("waiting", "not yet", "she lost it") == (
        newest["mail"], newest["link"], newest["because"],
    )  # fmt: skip
    assert ("withdrawn", None) == (first["mail"], first["because"])


def test_a_printed_link_works_and_is_only_printed(ready):
    """I2: where mail does not reach somebody; its token is nowhere else."""
    rig, id_ = ready
    result = switchhook(rig.path, "login", "send", id_, "--print", "--because", "phone")
    link = result.stdout.strip()
    token = link.rsplit("/", 1)[1]
    with rig.database.read() as tx:
        kept = [tuple(row) for row in tx.execute(sa.select(login))]
    listed = [
        switchhook(rig.path, verb, "list", "--json").stdout
        for verb in ("login", "delivery")
    ]

    assert re.fullmatch(re.escape(f"{PUBLIC}/reveal/shop/") + r"[\w-]{43}", link)
    assert 200 == rig.client.post(link.removeprefix(PUBLIC)).status_code
    assert hashed(token) in str(kept)
    assert token not in str(kept) + "".join(listed)
    [newest, *_], _ = said(rig.path, "login", "list")
    assert ("printed", "open", 1) == (newest["mail"], newest["link"], newest["views"])


def test_printed_as_json_it_is_one_line(ready):
    """For programs that hand it on."""
    rig, id_ = ready
    told, code = said(rig.path, "login", "send", id_, "--print", "--because", "x")

    assert (0, {"account", "issue", "source", "link"}) == (code, set(told))


def test_while_serve_runs_it_is_asked(ready):
    """SQLite has one writer; without it, it says what to do, and no hash is told."""
    rig, id_ = ready
    lock = Lock(str(rig.database.url.database))
    lock.take()
    result = switchhook(rig.path, "login", "send", id_, "--print", "--because", "x")
    lock.drop()

    assert 1 == result.exit_code
    assert "another switchhook has the database" in result.stderr
    assert "/reveal/" not in result.output


def test_a_reason_is_needed(ready):
    """It is kept with the issue."""
    rig, id_ = ready

    assert 2 == switchhook(rig.path, "login", "send", id_).exit_code


def test_nobody_of_that_name_is_said(ready):
    """With how a service is named."""
    rig, _ = ready
    result = switchhook(rig.path, "login", "send", "1", "--because", "x")

    assert 1 == result.exit_code
    assert "there is no account or service 1; a service is named" in result.stderr


def test_what_the_platform_mails_is_not_mailed_by_us(make):
    """I2: one owner; a link may be printed where there is a brand to print it for."""
    rig, _ = make()
    rig.order()
    rig.run()
    send = "login", "send", "shop:1", "--because", "x"
    mailed, printed = (
        switchhook(rig.path, *send),
        switchhook(rig.path, *send, "--print"),
    )

    assert (1, 1) == (mailed.exit_code, printed.exit_code)
    assert "sent by its platform" in mailed.stderr
    assert "needs public_url and [sources.shop.brand]" in printed.stderr
    assert {} == states(rig)


def test_the_list_is_of_all_or_of_one(ready):
    """By account or service; nothing is said in words."""
    rig, id_ = ready

    assert [id_] == [row["account"] for row in said(rig.path, "login", "list")[0]]
    assert 1 == len(said(rig.path, "login", "list", "shop:1")[0])
    assert "none\n" == switchhook(rig.path, "login", "list", "acct_x").stdout
    assert id_ in switchhook(rig.path, "login", "list", id_).stdout
