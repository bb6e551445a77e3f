"""The login mail: once, in the commit that makes an account ready; no lane waits."""

import json
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bridge import boundaries, orders
from bridge.channels.mail import Mail, Security, Server
from bridge.clock import Clock
from bridge.deliveries import Deliveries
from bridge.duties import channels, duties
from bridge.logins import Logins
from bridge.preview import NO_LEASE
from bridge.store import accounts, logins, operations, outbox, whereabouts
from bridge.store.drafts import Rank
from bridge.store.lanes import Lane
from bridge.store.outbox import State
from bridge.store.tables import delivery, login, operation
from provisioning.core.account import Service
from tests.bridge.seen import OPEN, PAY, until
from tests.rig import Rig

ANN = "ann@example.com"


@pytest.fixture
def mailed(make):
    """`rig, simulator = mailed()`: login mails of shop are ours."""

    def build(**set_):
        return make(mailed=True, **set_)

    return build


def mails(rig):
    """The keys of the login mails there are, and how far each is."""
    with rig.database.read() as tx:
        found = outbox.newest(tx, 99, None)
    return {one.key: one.state for one in reversed(found)}


def ready(rig):
    rig.order(email=ANN)
    rig.run()
    assert {"order": "done"} == rig.fates()
    return rig.account().id


def again(rig, id_, **more):
    said = {"account": id_, "because": "she asked", "channel": "folder"} | more
    return orders.carry_out(rig.database, rig.clock, "login.send", said)


# --- once, when the account is ready


def test_an_account_that_is_ready_is_mailed_once(mailed):
    """I2: without a hand; whatever is repeated or comes after it, there is one mail."""
    rig, _ = mailed()
    id_ = ready(rig)
    rig.order(email=ANN)
    for word in ("suspend", "resume", "sync"):
        rig.say(word)
        rig.run()
    rig.topup("2")
    rig.wake_all()
    rig.run()

    # Guard off (each end of a run counts on and mails): red.
    assert {f"login/{id_}/1": State.WAITING} == mails(rig)
    assert 1 == rig.account().login


def test_before_the_account_is_ready_there_is_no_mail(mailed, monkeypatch):
    """I2: opened is not ready: its free credit is on its way, and not proven yet."""
    rig, _ = mailed()
    seen = []

    def passed(here):
        if here == "after send":
            seen.append(mails(rig))

    monkeypatch.setattr(boundaries, "passed", passed)
    rig.order(email=ANN)
    rig.run()

    assert [{}, {}] == seen
    assert 1 == len(mails(rig))


def test_a_sum_nobody_knows_the_end_of_keeps_the_mail_back(mailed):
    """I2: the credit it names is the one that was read back."""
    rig, simulator = mailed(settle=1.0, call_deadline=0.3)
    simulator.plant("slow_then_applied", PAY, seconds=0.6)
    rig.order(email=ANN)
    rig.run()
    early = mails(rig)
    rig.run_until_quiet()

    assert ({}, {"order": "done"}) == (early, rig.fates())
    assert 1 == len(mails(rig))


def test_no_mail_for_an_account_that_is_off(mailed):
    """I2: suspended before it was ready, it is mailed when it can be logged in to."""
    rig, _ = mailed()
    rig.order(email=ANN)
    rig.say("suspend")
    rig.run()
    off = mails(rig)
    rig.say("resume")
    rig.run()

    # Guard off (mailed though it is off): red.
    assert {} == off
    assert 1 == len(mails(rig))


def test_an_account_that_was_refused_is_not_mailed(mailed):
    """I2: no account, no mail; when it opens after all, there is one."""
    rig, simulator = mailed()
    simulator.plant("refuse", OPEN)
    rig.order(email=ANN)
    rig.run()
    refused = mails(rig)
    orders.carry_out(
        rig.database, rig.clock, "event.retry", {"operation": _name(rig, "order")}
    )
    rig.run()

    assert {} == refused
    assert {"order": "done"} == rig.fates()
    assert 1 == len(mails(rig))


def _name(rig, event):
    with rig.database.read() as tx:
        return operations.of_events(tx, "shop", [event])[0].name


def test_one_more_service_on_the_account_is_no_second_mail(mailed):
    """I2: it has its login already."""
    rig, _ = mailed()
    id_ = ready(rig)
    with rig.database.change() as tx:
        accounts.bind(tx, Service("shop:2", "plain"), id_)
    rig.order("2", id_="second", line="2", package="plain", email=ANN)
    rig.run()

    assert {"order": "done", "second": "done"} == rig.fates()
    assert 2 == len([s for s in rig.account().services if s.alive])
    assert 1 == len(mails(rig))


# --- one owner


def test_what_a_platform_mails_we_do_not(make):
    """I2: one owner per source, and unless the configuration says so it is not us."""
    rig, _ = make()
    ready(rig)

    # Guard off (`of` owes everybody, and `first` does not ask whose mail it is): red.
    assert ({}, None) == (mails(rig), rig.account().login)


def test_accounts_that_were_there_before_are_never_mailed_by_themselves(mailed):
    """A fleet that was taken over, or an account of 0.1.0, knows its login."""
    rig, _ = mailed()
    id_ = ready(rig)
    with rig.database.change() as tx:
        tx.execute(sa.delete(login))
        tx.execute(sa.delete(delivery))
        had = accounts.load(tx, id_)
        accounts.save(tx, had, replace(had, login=None))
    rig.say("sync")
    rig.run()

    assert {} == mails(rig)


def test_a_platform_that_took_the_mails_over_meanwhile_has_them(mailed, monkeypatch):
    """I2: never both, also where the owner changes between order and account."""
    rig, _ = mailed()

    def passed(here):
        if here == "intent noted":
            object.__setattr__(rig.parts.runner, "logins", Logins())

    monkeypatch.setattr(boundaries, "passed", passed)
    ready(rig)

    assert ({}, None) == (mails(rig), rig.account().login)


# --- in one commit, whatever breaks


def test_the_mail_is_in_the_very_commit_that_says_done(mailed, monkeypatch):
    """I2: a power cut leaves both or neither."""
    rig, _ = mailed()
    drafts, kept = rig.parts.runner.desk.drafts, []
    commit = drafts.commit

    def noted(draft):
        kept.append({what for what, _ in draft.rows})
        return commit(draft)

    monkeypatch.setattr(drafts, "commit", noted)
    ready(rig)
    [with_mail] = [statements for statements in kept if outbox.ADD in statements]

    # Guard off (the mail in a commit of its own, after it): red.
    assert with_mail is kept[-1]
    assert logins.ADD in with_mail
    assert {Rank.TURN, Rank.FREE} <= {what.rank for what in with_mail}


def test_a_mail_that_cannot_be_kept_leaves_the_order_undone(mailed, at_boundary):
    """I2: done would be the end of it, and nobody would ever be told."""
    rig, _ = mailed()

    def taken():
        """Somebody sits on the number: what the mail is noted by finds no place."""
        with rig.database.change() as tx:
            id_ = whereabouts.of_service(tx, "shop:1")
            logins.add(tx, id_, 1, rig.clock.now())

    at_boundary("planned", taken)
    rig.order(email=ANN)
    rig.run()
    before = rig.fates(), mails(rig)
    with rig.database.change() as tx:
        tx.execute(sa.delete(login))
    rig.wait(40)
    rig.run_until_quiet()

    # Guard off (the mail in a commit of its own, after it): red.
    assert ({"order": "working"}, {}) == before
    assert {"order": "done"} == rig.fates()
    assert 1 == len(mails(rig))


class PowerCut(BaseException):
    pass


@pytest.mark.parametrize(
    "boundary",
    ["claimed", "planned", "intent noted", "before send", "after send",
     "outcome noted", "final state"],
)  # fmt: skip
def test_power_gone_anywhere_there_is_one_mail(mailed, monkeypatch, boundary):
    """I2: exactly once, whoever takes the account up again."""
    rig, _ = mailed(settle=0.5, call_deadline=2.0)

    def passed(here):
        if here == boundary:
            raise PowerCut

    rig.order(email=ANN)
    monkeypatch.setattr(boundaries, "passed", passed)
    with pytest.raises(PowerCut):
        rig.run()
    monkeypatch.undo()
    other = Rig(rig.path, rig.clock)
    other.wait(40)  # the lease of the one that died
    other.run_until_quiet()
    other.wake_all()
    other.run()

    assert {"order": "done"} == other.fates()
    assert 1 == len(mails(other))


# --- again, by staff


def test_staff_send_it_again_and_the_older_one_is_withdrawn(mailed):
    """I2: staff can re-issue; who said so and why is kept."""
    rig, _ = mailed()
    id_ = ready(rig)
    told = again(rig, id_)

    assert {"account": id_, "issue": 2, "source": "shop"} == told
    assert {
        f"login/{id_}/1": State.WITHDRAWN, f"login/{id_}/2": State.WAITING,
    } == mails(rig)  # fmt: skip
    with rig.database.read() as tx:
        newest, first = logins.newest(tx, 9)
    assert ("she asked", None) == (newest.because, first.because)
    assert (True, False) == (newest.holds, first.holds)


def test_staff_may_send_one_that_never_had_any(make):
    """An account of before, or of a platform that mails: it is number 1."""
    rig, _ = make()
    id_ = ready(rig)

    assert 1 == again(rig, id_)["issue"]
    assert {f"login/{id_}/1": State.WAITING} == mails(rig)


def test_what_is_not_open_yet_has_no_login_to_send(mailed):
    """It is said in words, and nothing is counted."""
    rig, _ = mailed()
    with pytest.raises(LookupError, match="there is no account acct_x"):
        again(rig, "acct_x")
    rig.order(email=ANN)
    with rig.database.change() as tx:
        rig.parts.runner._sort(tx, _intake(rig))
    id_ = rig.account().id

    with pytest.raises(LookupError, match="not open at its backend yet"):
        again(rig, id_)
    assert 0 == rig.account().login


def _intake(rig):
    with rig.database.read() as tx:
        key = tx.execute(sa.select(operation.c.lane)).scalar_one()

    return Lane(key, token=0, lease_until=NO_LEASE, tries=0, failing_since=None)


def test_staff_and_the_worker_at_the_same_moment_send_one(mailed, monkeypatch):
    """Asked for while the account is on its way to be ready: that one is the first.

    The account's revision, the number's own row and the mail's key each see to it.
    """
    rig, _ = mailed()
    rig.order(email=ANN)
    passed = []

    def passing(here):
        passed.append(here)
        if here == "intent noted" and passed.count(here) == 2:
            # It is open, its credit is on its way: the run does not know of this.
            again(rig, rig.account().id)

    monkeypatch.setattr(boundaries, "passed", passing)
    rig.run_until_quiet()

    assert {"order": "done"} == rig.fates()
    assert {f"login/{rig.account().id}/1"} == set(mails(rig))


# --- failing, it holds up nobody


@contextmanager
def silent():
    """A mail server that takes a call and never says a word."""
    held = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def take():
            while True:
                try:
                    held.append(listening.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield listening.getsockname()[1], held
    for each in held:
        each.close()


def test_a_mail_server_that_hangs_holds_up_no_lane(mailed):
    """I2: accounts get ready one after the other while every sender hangs."""
    rig, _ = mailed()
    id_ = ready(rig)
    with silent() as (port, held):
        post = Mail(Server("127.0.0.1", port, Security.NONE, "x@example.com",
                           within=3.0))  # fmt: skip
        writers = duties(
            rig.parts.config, rig.database, rig.clock, rig.parts.channels
        ).deliveries.writers
        hung = Deliveries(rig.database, Clock(), {"folder": post}, writers=writers)
        hung.start()
        try:
            until(lambda: held)
            for no in range(2, 6):
                rig.order(str(no), id_=f"order-{no}", line=str(no), client=str(no),
                          email=ANN)  # fmt: skip
            rig.run()
            fates = set(rig.fates().values())
            until(lambda: _tried(rig, id_), within=10)
        finally:
            assert hung.stop(within=10)

    assert {"done"} == fates
    assert State.WAITING is mails(rig)[f"login/{id_}/1"]
    assert "the mail server" in _said(rig, id_)


def _tried(rig, id_):
    return _said(rig, id_) is not None


def _said(rig, id_):
    with rig.database.read() as tx:
        found = {one.key: one for one in outbox.newest(tx, 99, None)}
    return found[f"login/{id_}/1"].said


def test_the_mail_goes_its_whole_way(mailed):
    """I2: from the order to a file in the folder, by what `serve` runs beside lanes."""
    rig, _ = mailed()
    ready(rig)
    config = rig.parts.config
    running = duties(config, rig.database, Clock(), channels(config))
    running.start()
    until(lambda: list(rig.path.parent.glob("outbox/*.eml")))

    assert running.stop(within=5)
    [mail] = rig.path.parent.glob("outbox/*.eml")
    assert b"To: ann@example.com" in mail.read_bytes()


def test_what_waits_holds_no_word_of_the_mail(mailed):
    """Only whose and which: no address, no link, no password."""
    rig, _ = mailed()
    id_ = ready(rig)
    with rig.database.read() as tx:
        [one] = outbox.newest(tx, 9, None)

    assert {
        "type": "login",
        "source": "shop",
        "account": id_,
        "issue": 1,
        outbox.CAUSE: 1,
    } == one.content
    assert "ann" not in json.dumps(one.content)
