"""Coupons on the wire: the ceiling rises and falls back; nothing is granted."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge import orders
from bridge.duties import wake
from bridge.store import coupons, payload, tables
from provisioning.core import acting
from provisioning.core.activation import Ground, activate
from provisioning.core.coupons import Giving, give, passed_on
from tests.bridge.seen import SET, by_hand, credit, fields, is_sound, levels, writes

LADDER = """
[families.calls]
[packages.basic]
backend = "main"
price = "29.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 5
family = "calls"
rank = 12
[packages.gold]
backend = "main"
price = "99.00 USD"
cycle = "monthly"
tariff = "wholesale"
channels = 10
free_credit = "50.00 USD"
family = "calls"
rank = 10
[coupons.boost]
families = ["calls"]
variants = [{ lasts = "3h", up = 2 }]
[coupons.drive]
families = ["calls"]
spoils = true
variants = [{ lasts = "2h", up = 2 }, { lasts = "1h", rank = 10 }]
[umbrellas.ten]
rank = 10
"""
HOUR = 3600


@pytest.fixture
def selling(make):
    """A bridge that knows ladders and coupons, and one running service on it."""
    rig, simulator = make(more=LADDER)
    begins = (rig.clock.now() - timedelta(hours=1)).isoformat()
    rig.post(
        "order",
        "service.activate",
        account={"ref": "7"},
        service={"ref": "1", "plan_ref": "basic", "period_start": begins},
        billing={"line_ref": "1"},
    )
    rig.run()
    return rig, simulator


def told(rig, name, **said):
    return orders.carry_out(rig.database, rig.clock, name, said)


def given(rig, reference="T1"):
    """Its owner's; told again it is the same."""
    giving = Giving(reference, rig.clock.now(), "ann", "the outage", 1)
    these = give("boost", [rig.account().id], giving, rig.parts.catalog.terms)
    done = told(rig, "coupon.give", these=[payload.from_coupon(c) for c in these])
    return these[0].id, done["given"]


def kept(rig, id_):
    with rig.database.read() as tx:
        return coupons.one(tx, id_)


def wished(rig, id_):
    """What the rules make of it now."""
    account, catalog = rig.account(), rig.parts.catalog
    stands = acting.stands(account, account.services[0], catalog, rig.clock.now())
    ground = Ground(catalog.terms, catalog, account.backend)
    return activate(kept(rig, id_), account.id, stands, ground).activation


def used(rig, id_, activation=None, revision=None):
    return told(
        rig,
        "coupon.activate",
        was=payload.from_coupon(replace(kept(rig, id_), fate=None)),
        activation=payload.from_activation(activation or wished(rig, id_)),
        revision=rig.account().revision if revision is None else revision,
    )


def later(rig, seconds):
    rig.wait(seconds)
    wake(rig.database, rig.clock.now())
    rig.run_until_quiet()


def test_a_coupon_raises_the_ceiling_and_it_falls_back_by_itself(selling):
    """I5, B4: set when it is switched on, set back after three hours by nobody."""
    # Guard off (no wake-up at its end): red, still 10 channels.
    rig, simulator = selling
    before = levels(simulator)
    id_, _ = given(rig)
    used(rig, id_)
    rig.run()
    during = levels(simulator)
    later(rig, 3 * HOUR - 60)
    still = levels(simulator)
    later(rig, 120)

    assert (True, 5, "1") == before == levels(simulator)
    assert (True, 10, "2") == during == still


def settled(rig):
    """What was unsure has been looked for, and what is due by then is done."""
    for _ in range(4):
        wake(rig.database, rig.clock.now())
        rig.run()
        rig.wait(200)


@pytest.mark.parametrize("fault", ["reset_before", "echo_lies", "empty_200"])
def test_a_write_that_is_lost_at_either_end_is_made_good(selling, fault):
    """I5: the rise and the fall are read back, and sent again until they are there."""
    rig, simulator = selling
    id_, _ = given(rig)
    simulator.plant(fault, SET)
    used(rig, id_)
    settled(rig)
    during = levels(simulator)
    simulator.plant(fault, SET)
    rig.wait(3 * HOUR)
    settled(rig)

    assert ((True, 10, "2"), (True, 5, "1")) == (during, levels(simulator))


def test_what_somebody_sets_at_the_backend_meanwhile_is_set_back(selling):
    """I5: to the coupon's ceiling while it runs, to the plan's after it."""
    rig, simulator = selling
    id_, _ = given(rig)
    used(rig, id_)
    rig.run()
    seen = []
    for _ in range(2):
        by_hand(simulator, SET, user_id=1, user={fields(rig)["channels"]: 40})
        rig.wake_all()
        rig.run()
        seen.append(levels(simulator)[1])
        later(rig, 3 * HOUR + 60)

    assert [10, 5] == seen


def test_a_coupon_costs_nothing_and_grants_nothing(selling):
    """B5, D24: the better plan's free credit is not given, nor anything booked."""
    rig, simulator = selling
    entries, had = len(rig.entries()), credit(simulator)
    id_, _ = given(rig)
    used(rig, id_)
    rig.run()
    later(rig, 3 * HOUR + 60)

    assert (entries, had) == (len(rig.entries()), credit(simulator))
    assert is_sound(rig)


def test_suspended_and_resumed_amid_a_coupon_it_is_as_before(selling):
    """I5, D7: neither freezes; on again, it has the coupon's ceiling for the rest."""
    rig, simulator = selling
    id_, _ = given(rig)
    used(rig, id_)
    rig.run()
    later(rig, HOUR)
    rig.say("suspend", id_="suspend", at=rig.clock.now(), billing={"hold": "abuse"})
    rig.run()
    off = levels(simulator)[0]
    later(rig, HOUR)
    rig.say("resume", id_="resume", at=rig.clock.now(), billing={"hold": "abuse"})
    rig.run()
    on = levels(simulator)
    later(rig, HOUR + 60)

    assert (False, (True, 10, "2")) == (off, on)
    assert (True, 5, "1") == levels(simulator)


def test_an_umbrella_over_the_account_raises_every_service(selling):
    """S4: kept with the account, it is a floor until its end."""
    rig, simulator = selling
    until = rig.clock.now() + timedelta(hours=1)
    spread(rig, until)
    rig.run()
    raised = levels(simulator)
    later(rig, HOUR + 60)
    [acts] = rig.account().umbrellas

    assert (10, 5) == (raised[1], levels(simulator)[1])
    assert ("ten", until, "a special offer") == (acts.umbrella, acts.ends, acts.why)


def spread(rig, until=None, account=None):
    told(
        rig,
        "umbrella.spread",
        account=account or rig.account().id,
        umbrella="ten",
        until=until and until.isoformat(),
        because="a special offer",
    )


def test_an_umbrella_for_good_is_folded_by_a_word(selling):
    """S4: the limits fall back; what was is still known. Twice, it says so."""
    rig, simulator = selling
    spread(rig)
    rig.run()
    raised = levels(simulator)[1]
    rig.wait(60)
    told(rig, "umbrella.fold", account=rig.account().id, umbrella="ten")
    rig.run()

    assert (10, 5) == (raised, levels(simulator)[1])
    assert 1 == len(rig.account().umbrellas)
    with pytest.raises(LookupError, match='no umbrella "ten" acts'):
        told(rig, "umbrella.fold", account=rig.account().id, umbrella="ten")


def test_no_umbrella_is_spread_over_nobody(selling):
    """S4: it is an account's."""
    rig, _ = selling

    with pytest.raises(LookupError, match="no account acct_nobody"):
        spread(rig, account="acct_nobody")


# --- In the hands of people


def test_given_twice_it_is_given_once(selling):
    """B13: by its reference, on whichever database."""
    rig, _ = selling

    assert [("T1/" + rig.account().id, 1), ("T1/" + rig.account().id, 0)] == [
        given(rig),
        given(rig),
    ]


def test_a_coupon_is_kept_as_it_was_given(selling):
    """B13: with who gave it, when and what for, and what became of it."""
    rig, _ = selling
    id_, _ = given(rig)
    fresh = kept(rig, id_)
    activation = wished(rig, id_)
    used(rig, id_, activation)

    assert ("boost", "ann", "the outage", None) == (
        fresh.kind, fresh.by, fresh.why, fresh.fate
    )  # fmt: skip
    assert activation == kept(rig, id_).fate
    assert (activation,) == rig.account().activations


def test_it_is_spent_once_whoever_is_faster(selling):
    """B2: two ask at the same moment: one activates, one is told."""
    # Guard off (the row is changed whatever its fate; any revision will do): red.
    rig, simulator = selling
    id_, _ = given(rig)
    activation, revision = wished(rig, id_), rig.account().revision

    def attempt(_):
        try:
            return used(rig, id_, activation, revision)["activated"]
        except LookupError as no:
            return "changed" if "changed" in str(no) or "meanwhile" in str(no) else no

    with ThreadPoolExecutor(2) as pool:
        ended = sorted(pool.map(attempt, range(2)))
    rig.run()

    assert sorted([id_, "changed"]) == ended
    assert 1 == len(rig.account().activations)
    assert 10 == levels(simulator)[1]


def test_what_was_looked_at_before_a_change_is_not_switched_on(selling):
    """D5: the plan may be as good by now; nothing is spent."""
    # Guard off (the revision is not compared): red.
    rig, _ = selling
    id_, _ = given(rig)
    activation, revision = wished(rig, id_), rig.account().revision
    sold = {"ref": "1", "plan_ref": "gold"}
    rig.post("change", "service.change", rig.clock.now(), service=sold)
    rig.run()

    with pytest.raises(LookupError, match="changed since it was looked at"):
        used(rig, id_, activation, revision)
    assert None is kept(rig, id_).fate


def test_a_spent_coupon_of_an_unchanged_account_is_spent(selling):
    """B2: its own row says so, also where the account's revision does not."""
    # Guard off (the row is changed whatever its fate): red.
    rig, _ = selling
    id_, _ = given(rig)
    used(rig, id_)

    with pytest.raises(LookupError, match="meanwhile"):
        used(rig, id_, kept(rig, id_).fate)
    assert 1 == len(rig.account().activations)


def test_on_an_account_that_is_only_looked_at_no_coupon_is_spent(selling):
    """B4: nothing is set there, and its time would run out unseen."""
    # Guard off: red.
    rig, _ = selling
    id_, _ = given(rig)
    with rig.database.change() as tx:
        adopted = {"observed_at": rig.clock.now()}
        tx.execute(sa.update(tables.account).values(adopted))

    with pytest.raises(LookupError, match="only looked at; nothing is spent"):
        used(rig, id_)
    assert None is kept(rig, id_).fate


def test_an_unused_coupon_is_taken_back(selling):
    """B13: with the reason; a second time it says that it was."""
    rig, _ = selling
    id_, _ = given(rig)
    told(rig, "coupon.revoke", id=id_, by="ann", because="a mistake")

    assert "a mistake" == kept(rig, id_).fate.why
    with pytest.raises(LookupError, match=r"taken back at .* a mistake"):
        told(rig, "coupon.revoke", id=id_, by="ann", because="again")


def test_a_coupon_that_is_not_there_cannot_be_taken_back(selling):
    """B13: and the way out stands in the message."""
    rig, _ = selling

    with pytest.raises(LookupError, match="no coupon c9; see `switchhook coupon list`"):
        told(rig, "coupon.revoke", id="c9", by="ann", because="a mistake")


def test_a_coupon_goes_to_a_friend(selling):
    """S8: and is not the giver's any more, though he asked a moment before."""
    rig, _ = selling
    rig.order("2", id_="order-2", line="2", client="8", package="basic")
    rig.run()
    id_, _ = given(rig)
    mine, friend = kept(rig, id_), rig.account("shop:2").id
    theirs = passed_on(
        mine, mine.owner, friend, rig.parts.catalog.terms, rig.clock.now()
    )
    told(rig, "coupon.pass", was=payload.from_coupon(mine), to=friend)

    assert theirs == kept(rig, id_)
    with pytest.raises(LookupError, match="meanwhile"):
        told(rig, "coupon.pass", was=payload.from_coupon(mine), to=friend)


def test_nobody_who_is_not_there_gets_a_coupon(selling):
    """B13: neither given nor passed on; of several nobody gets one."""
    rig, _ = selling
    id_, _ = given(rig)
    card = kept(rig, id_)
    more = [replace(card, id="x1"), replace(card, id="x2", owner="acct_nobody")]

    with pytest.raises(LookupError, match="no account acct_nobody; nobody got"):
        told(rig, "coupon.give", these=[payload.from_coupon(each) for each in more])
    with pytest.raises(LookupError, match="no account acct_nobody"):
        told(rig, "coupon.pass", was=payload.from_coupon(card), to="acct_nobody")
    assert None is kept(rig, "x1")


def test_coupons_are_listed_by_owner_the_newest_first(selling):
    """B1: so many of them, or all there are."""
    rig, _ = selling
    first, _ = given(rig)
    rig.wait(60)
    second, _ = given(rig, "T2")
    with rig.database.read() as tx:
        mine = coupons.of(tx, rig.account().id, 5)
        one, none = coupons.of(tx, None, 1), coupons.of(tx, "acct_2", 5)

    assert [second, first] == [c.id for c in mine]
    assert ([second], []) == ([c.id for c in one], none)


def test_a_terminated_service_has_no_coupon_left(selling):
    """D7: reinstated, it goes on without it."""
    rig, simulator = selling
    id_, _ = given(rig)
    used(rig, id_)
    rig.run()
    rig.say("terminate", id_="terminate", at=rig.clock.now())
    rig.run()
    rig.wait(1)
    rig.say("reinstate", id_="reinstate", at=rig.clock.now())
    rig.run()

    assert (True, 5, "1") == levels(simulator)
    assert writes(simulator)


def test_a_ceiling_that_is_refused_is_asked_for_again_by_itself(selling):
    """I5, B4: no event of a platform's waits with it, so nobody else would say so."""
    # Guard off (looked at again only where an event waits): red, 10 for ever.
    rig, simulator = selling
    id_, _ = given(rig)
    used(rig, id_)
    rig.run()
    up = levels(simulator)[1]
    rig.wait(4 * HOUR)
    simulator.plant("refuse", "User_Update")
    wake(rig.database, rig.clock.now())
    rig.run()
    refused = levels(simulator)[1]
    rig.run_until_quiet()

    assert (10, 10, 5) == (up, refused, levels(simulator)[1])


def test_an_umbrella_that_is_worth_something_else_is_heeded_when_it_is_applied(selling):
    """S4: nobody says another word of the account."""
    # Guard off (only whom we dun is looked at again): red, still 10 channels.
    rig, simulator = selling
    spread(rig)
    rig.run()
    before = levels(simulator)[1]
    text = rig.path.read_text()
    assert "[umbrellas.ten]\nrank = 10" in text
    rig.path.write_text(text.replace("[umbrellas.ten]\nrank = 10",
                                     "[umbrellas.ten]\nrank = 12"))  # fmt: skip
    rig.sells()
    rig.run()

    assert (10, 5) == (before, levels(simulator)[1])
