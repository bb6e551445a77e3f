"""Our own dunning and promises on the wire: off, on again, ended; by itself."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge import config, orders
from bridge.duties import wake
from bridge.editions import Editions
from bridge.store import accounts, catalogs, tables, unpaid, whereabouts
from provisioning.core.pledging import pledged
from tests.bridge.seen import SET, is_sound, levels, paid, sums, writes

HOUSE = """
[dunning.shop]
since = 2020-01-01T00:00:00Z
[grace]
debt = "50.00 USD"
longest = "7d"
"""
PLATFORM = """
[grace]
debt = "50.00 USD"
"""
OURS = "[dunning.shop]\nsince = 2020-01-01T00:00:00Z\n"
DAY = 86400
ON, OFF = (True, 5, "1"), (False, 5, "1")


@pytest.fixture
def selling(make):
    """`rig, simulator = selling(HOUSE)`: paid until 30 days from now."""

    def build(more=HOUSE, **set_):
        rig, simulator = make(more=more, **set_)
        starts = rig.clock.now() - timedelta(hours=1)
        sold = {"ref": "1", "plan_ref": "starter", "period_start": starts.isoformat(),
                "period_end": (starts + timedelta(days=30)).isoformat()}  # fmt: skip
        rig.post(
            "order", "service.activate", starts, account={"ref": "7"}, service=sold,
            billing={"line_ref": "1"},
        )  # fmt: skip
        rig.run()
        assert ON == levels(simulator)
        return rig, simulator

    return build


def after(rig, days):
    """Time passes, and what is due wakes by itself."""
    rig.wait(days * DAY)
    wake(rig.database, rig.clock.now())
    rig.run()


def renew(rig, days=30, *, id_="renewal", line="2"):
    """The period that begins 30 days after the order."""
    now = rig.clock.now()
    starts = rig.account().services[0].periods[0].ends
    rig.post(
        id_,
        "service.renewed",
        now,
        service={"ref": "1", "period_start": starts.isoformat(),
                 "period_end": (starts + timedelta(days=days)).isoformat()},
        billing={"line_ref": line},
    )  # fmt: skip
    rig.run()


def promised(rig, days=7):
    """As the verb does it."""
    account, at = rig.account(), rig.clock.now()
    lasts = timedelta(days=days)
    given = pledged(
        account, account.services[0], rig.parts.catalog, at, lasts, "staff:ann", "sorry"
    )
    said = {"promise": unpaid.from_promise(given), "revision": account.revision}
    return orders.carry_out(rig.database, rig.clock, "promise.give", said)


def test_who_does_not_pay_goes_off_and_ends_by_itself(selling):
    """I9, D27: nobody says a word; due on day 30, off on day 33, ended on day 44."""
    # Guard off (no wake-up of a due date): red.
    rig, simulator = selling()
    seen = []
    for days in (31, 2.5, 10, 1):
        after(rig, days)
        seen.append((levels(simulator), rig.account().services[0].alive))

    assert [(ON, True), (OFF, True), (OFF, True), (OFF, False)] == seen
    assert is_sound(rig)


def test_what_was_revoked_is_registered_no_more(selling):
    """P1, I9: until its platform brings it back."""
    # Guard off (only what a platform ended is no more): red.
    rig, _ = selling()
    seen = []
    for days in (31, 14):
        after(rig, days)
        with rig.database.read() as tx:
            seen.append(set(catalogs.registered(tx)))
    rig.say("reinstate", at=rig.clock.now(), id_="back")
    rig.run()
    with rig.database.read() as tx:
        back = set(catalogs.registered(tx))

    assert ([{"starter"}, set()], {"starter"}) == (seen, back)


def test_whom_we_begin_to_dun_is_dunned_without_another_word(selling):
    """I9, D27: it stands in the configuration from some day on, and no platform speaks.
    What we leave off again lifts what it had held."""
    # Guard off (nobody looks again when other terms are current): red, it stays on.
    rig, simulator = selling(PLATFORM)
    plain, seen = rig.path.read_text(), []
    for days, text in ((31, plain + OURS), (3, plain)):
        after(rig, days)
        seen.append(levels(simulator))
        rig.path.write_text(text)
        rig.sells()
        rig.run()

    assert ([ON, OFF], ON) == (seen, levels(simulator))
    assert is_sound(rig)


def test_what_an_older_version_left_is_dunned_from_the_first_start(selling):
    """I9: it noted no terms and planned no due date."""
    # Guard off (nobody looks again when terms are current for the first time): red.
    rig, simulator = selling(PLATFORM)
    with rig.database.change() as tx:
        tx.execute(sa.update(tables.service).values(version=None))
        tx.execute(sa.delete(tables.catalog))
    rig.path.write_text(rig.path.read_text() + OURS)
    Editions(config.load(rig.path).catalog).begin(rig.database, rig.clock.now())
    rig.run()
    after(rig, 34)

    assert OFF == levels(simulator)


def test_paid_late_it_is_on_again_and_granted_once(selling):
    """I9, U2: with its payment; told twice it is the same."""
    rig, simulator = selling()
    after(rig, 34)
    off = levels(simulator)
    renew(rig)
    renew(rig, id_="again")

    assert (OFF, ON) == (off, levels(simulator))
    assert [("shop:1/free/1/0/0", "5.00"), ("shop:1/free/2/0/0", "5.00")] == [
        (ref, f"{float(amount):.2f}") for ref, amount in paid(simulator)
    ]
    assert is_sound(rig)


def test_a_payment_told_after_the_end_is_as_good_as_in_time(selling):
    """U2: it was paid on day 40, and its platform could not say so until day 45."""
    # Guard off (what is revoked stays so): red.
    rig, simulator = selling()
    after(rig, 40)
    then = rig.clock.now()
    after(rig, 5)
    ended = rig.account().services[0].alive
    starts = rig.account().services[0].periods[0].ends
    rig.post(
        "late", "service.renewed", then,
        service={"ref": "1", "period_start": starts.isoformat()},
        billing={"line_ref": "2"},
    )  # fmt: skip
    rig.run()

    assert (False, True) == (ended, rig.account().services[0].alive)
    assert ON == levels(simulator)


def test_a_payment_of_what_has_ended_is_held(selling):
    """D26: nothing of it is lost; a person says what becomes of it."""
    rig, simulator = selling()
    after(rig, 45)
    renew(rig)

    assert OFF == levels(simulator)
    assert "5" == sums(rig)["owed"].split(".")[0]
    assert is_sound(rig)


def test_without_dunning_of_our_own_nothing_is_switched_off(selling):
    """D27: the platform duns, and says so."""
    rig, simulator = selling(PLATFORM)
    after(rig, 90)

    assert ON == levels(simulator)


def test_a_client_whose_service_was_revoked_has_no_living_one(selling):
    """D26: a top-up of his is not sent where everything has ended."""
    # Guard off (only what was terminated has ended): red.
    rig, _ = selling()
    after(rig, 45)
    rig.order("2", id_="second", line="9", package="plain")
    rig.run()
    with rig.database.read() as tx:
        places = whereabouts.of_clients(tx, ["shop:7"]).read()["shop:7"]

    assert [rig.account("shop:2").id] == [place.account for place in places]


# --- A promise


@pytest.mark.parametrize("more", [HOUSE, PLATFORM])
def test_a_promise_puts_it_on_until_it_is_over(selling, more):
    """S6: at once, for so long, and then it is off again; by itself."""
    # Guard off (a promise holds nothing off; no wake-up at its end): red.
    rig, simulator = selling(more)
    after(rig, 34)
    if more == PLATFORM:
        rig.say("suspend", at=rig.clock.now(), id_="suspend")
        rig.run()
    seen = [levels(simulator)]
    promised(rig, 3)
    rig.run()
    seen.append(levels(simulator))
    after(rig, 2.9)
    seen.append(levels(simulator))
    after(rig, 0.2)
    seen.append(levels(simulator))

    assert [OFF, ON, ON, OFF] == seen


def test_a_promise_puts_off_the_end(selling):
    """S6: given the day before it ends, it ends when that is over."""
    rig, _ = selling()
    after(rig, 43.5)
    promised(rig, 3)
    alive = []
    for days in (1, 1, 1.5):
        after(rig, days)
        alive.append(rig.account().services[0].alive)

    assert [True, True, False] == alive


def test_what_is_promised_is_paid(selling):
    """S6: then another may be given, for another debt, and not before."""
    # Guard off (a payment keeps no promise; a second is taken): red.
    rig, simulator = selling()
    after(rig, 34)
    promised(rig)
    rig.run()
    account = rig.account()
    ask = (rig.parts.catalog, rig.clock.now(), timedelta(days=1), "staff:ann", "sorry")
    refused = pledged(account, account.services[0], *ask)
    renew(rig)
    [kept] = rig.account().promises
    after(rig, 29)
    off = levels(simulator)
    promised(rig, 3)
    rig.run()

    assert "promise_open" == refused.code
    assert ("29.00 USD", True) == (str(kept.debt), kept.paid_at is not None)
    assert (OFF, ON) == (off, levels(simulator))


@pytest.mark.parametrize("hold", ["abuse", "manual"])
def test_a_promise_is_no_answer_to_anything_but_a_debt(selling, hold):
    """S6, D29: what is held for another reason stays off."""
    rig, simulator = selling()
    after(rig, 34)
    rig.say("suspend", at=rig.clock.now(), id_="hold", billing={"hold": hold})
    promised(rig)
    rig.run()

    assert OFF == levels(simulator)


def test_a_promise_that_was_decided_on_an_older_account_is_not_kept(selling):
    """S6: two at once are one."""
    # Guard off (no revision is compared): red.
    rig, _ = selling()
    after(rig, 34)
    account = rig.account()
    given = pledged(
        account, account.services[0], rig.parts.catalog, rig.clock.now(),
        timedelta(days=1), "staff:ann", "sorry",
    )  # fmt: skip
    said = {"promise": unpaid.from_promise(given), "revision": account.revision}
    orders.carry_out(rig.database, rig.clock, "promise.give", said)
    with pytest.raises(LookupError, match="changed since it was looked at"):
        orders.carry_out(rig.database, rig.clock, "promise.give", said)

    assert [given] == list(rig.account().promises)


def test_nothing_is_promised_on_what_is_only_looked_at(selling):
    """S6: nothing would be switched on there."""
    rig, _ = selling()
    after(rig, 34)
    with rig.database.change() as tx:
        tx.execute(accounts.account.update().values(observed_at=rig.clock.now()))
    with pytest.raises(LookupError, match="was adopted and is only looked at"):
        promised(rig)


def test_a_promise_writes_no_more_than_it_must(selling):
    """S6: on once and off once, however often anybody looks."""
    rig, simulator = selling()
    after(rig, 34)
    promised(rig, 2)
    for days in (0.5, 1, 0.6, 1):
        after(rig, days)
        rig.wake_all()
        rig.run()

    assert [SET] * 3 == writes(simulator)[-3:]
    assert 3 == writes(simulator).count(SET)
