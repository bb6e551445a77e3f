"""The one door into the rules: what each event comes to, and why money waits."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from provisioning.core.account import Account, Service
from provisioning.core.actions import Change, Open
from provisioning.core.credit import Claim, Kind
from provisioning.core.desired import State
from provisioning.core.events import Hold, Type
from provisioning.core.heard import Fate
from provisioning.core.hearing import AHEAD, hear
from provisioning.core.money import Money
from provisioning.core.outcomes import Later
from provisioning.core.sentences import say
from tests.provisioning.core.world import (
    ACCOUNT,
    CATALOG,
    NOW,
    SERVICE,
    World,
    activate,
    on,
    renewed,
    resume,
    suspend,
    terminate,
    told,
    topup,
    usd,
)

BASIC = CATALOG.packages["basic"].entitlements
LIVE = State(on=True, entitlements=BASIC)

FREE_1 = f"{SERVICE}/free/1/0/0"
FREE_2 = f"{SERVICE}/free/2/0/0"
CREDIT, BONUS = "shop:line-9/topup", "shop:line-9/bonus"


def keys(claims):
    return [claim.key for claim in claims]


# --- What each event comes to


def test_an_order_paid_opens_an_account_and_grants_its_first_free_credit(world):
    """U1, U8: the levels of the package, and its free credit once."""
    todo = world.hear(activate())

    assert (Open(LIVE),) == todo.levels
    assert [FREE_1] == keys(todo.bookings) == keys(todo.flows)
    assert Fate.WORKING is world.rulings[activate().id].fate


def test_a_renewal_grants_the_next_free_credit_and_changes_no_level(running):
    """U2: paid for another month."""
    todo = running.hear(renewed())

    assert () == todo.levels
    assert [FREE_2] == keys(todo.flows)


def test_a_suspension_switches_off_and_leaves_the_rest(running):
    """U3: channels and tariff stay as they are."""
    todo = running.hear(suspend())

    assert (Change(on=False, entitlements={}),) == todo.levels
    assert () == todo.bookings


def test_a_resumption_switches_on_again(running):
    """U3: as it was before."""
    running.hear(suspend())
    running.bring()

    assert (Change(on=True, entitlements={}),) == running.hear(resume()).levels


def test_a_termination_switches_off_and_leaves_the_rest(running):
    """U4: the data is kept for the retention time."""
    todo = running.hear(terminate())

    assert (Change(on=False, entitlements={}),) == todo.levels


def test_a_top_up_is_due_with_its_bonus(running):
    """U9: in the backend's currency, each under its own key."""
    todo = running.hear(topup())

    assert [CREDIT, BONUS] == keys(todo.flows)
    assert [usd("8.50"), usd("1.25")] == [c.money for c in todo.flows]
    assert () == todo.levels


def test_a_ping_does_nothing_and_is_done(running):
    """The platform only wants to know whether we are there."""
    todo = running.hear(told(Type.PING, on(3, 1), service=None))

    assert ((), (), ()) == (todo.levels, todo.bookings, todo.flows)
    assert [(Fate.DONE, None)] == [(r.fate, r.why) for r in todo.rulings]


def test_an_activation_of_another_package_changes_the_levels(running):
    """U5: channels and tariff of what was sold last."""
    todo = running.hear(activate(on(3, 1), product="gold", line=None, starts=None))
    gold = CATALOG.packages["gold"].entitlements

    assert (Change(on=None, entitlements=gold),) == todo.levels


def test_every_type_we_know_has_a_rule():
    """V15: no word of ours is treated as unknown."""
    for type_ in Type:
        (ruling,) = World().hear(told(type_, on(1, 1), product="basic")).rulings

        assert not ruling.why or "type_unknown" != ruling.why.code


# --- What waits for a person, and what it says


PARKED = {
    "unknown type": (
        told("service.teleport", on(1, 1)),
        say("type_unknown", type="service.teleport"),
    ),
    "unknown package": (
        activate(product="platinum"),
        say("package_unknown", product="platinum"),
    ),
    "unknown package renewed": (
        renewed(product="platinum"),
        say("package_differs", told="platinum", has="basic"),
    ),
    "package of another backend": (
        activate(product="elsewhere"),
        say("other_backend", product="elsewhere", backend="other"),
    ),
    "package paid in another currency": (
        activate(currency="EUR"),
        say("currency_differs", told="EUR", ours="USD"),
    ),
    "renewal paid in another currency": (
        renewed(currency="EUR"),
        say("currency_differs", told="EUR", ours="USD"),
    ),
    "unknown top-up": (
        topup(product="million"),
        say("topup_unknown", product="million"),
    ),
    "package sold as a top-up": (
        topup(product="basic"),
        say("topup_unknown", product="basic"),
    ),
    "top-up without a name": (
        topup(product=None),
        say("topup_unknown", product="none"),
    ),
    "top-up paid in another currency": (
        topup(currency="EUR"),
        say("currency_differs", told="EUR", ours="USD"),
    ),
    "top-up with credit in another currency": (
        topup(product="euro"),
        say("currency_differs", told="EUR", ours="USD"),
    ),
    "top-up without its line": (
        topup(line=None),
        say("line_missing"),
    ),
    "renewal of another package": (
        renewed(product="gold"),
        say("package_differs", told="gold", has="basic"),
    ),
    "renewal that names no payment": (
        renewed(line=None, starts=None),
        say("payment_unnamed"),
    ),
    "more than can be counted": (
        topup(product="dear", quantity=10_000),
        say("too_much", quantity=10_000, product="dear"),
    ),
    "activation of a service nobody bound": (
        activate(service="shop:8", line="shop:line-8"),
        say("service_unknown"),
    ),
    "activation of what has no name": (
        activate(service="shop:8", product=None),
        say("package_unknown", product="none"),
    ),
    "suspension of a service nobody bound": (
        suspend(service="shop:8"),
        say("service_unknown"),
    ),
    "termination of nothing": (
        terminate(service=None),
        say("service_unknown"),
    ),
    "what is still to come": (
        suspend(NOW + AHEAD + timedelta(seconds=1)),
        say("from_the_future", moment="2027-06-01T01:00:01+00:00"),
    ),
    "a renewal still to come": (
        renewed(NOW + timedelta(days=1)),
        say("from_the_future", moment="2027-06-02T00:00:00+00:00"),
    ),
    "more than we can deliver": (
        activate(besides=("seats", "storage")),
        say("cannot_deliver", what="seats, storage"),
    ),
    "more than we can deliver, renewed": (
        renewed(besides=("seats",)),
        say("cannot_deliver", what="seats"),
    ),
}


@pytest.mark.parametrize(("event", "why"), PARKED.values(), ids=PARKED)
def test_what_cannot_be_planned_waits_and_says_why(running, event, why):
    """V15: stored and parked with its sentence; nothing guessed, nothing booked."""
    before = running.account
    todo = running.hear(replace(event, id="odd"))

    assert [(Fate.PARKED, why)] == [(r.fate, r.why) for r in todo.rulings]
    assert before == todo.account
    assert ((), (), ()) == (todo.levels, todo.bookings, todo.flows)


def test_what_is_odd_holds_up_nothing_else(running):
    """V5: a parked event steps aside."""
    todo = running.hear(topup(product="million", line="shop:line-8"), topup(on(1, 16)))

    assert [Fate.PARKED, Fate.WORKING] == [ruling.fate for ruling in todo.rulings]
    assert [CREDIT, BONUS] == keys(todo.flows)


@pytest.mark.parametrize("told_in", [None, "USD"])
def test_money_in_the_currency_expected_is_taken(running, told_in):
    """Told or not: it is the catalog that says what is credited."""
    assert [CREDIT, BONUS] == keys(running.hear(topup(currency=told_in)).flows)


def test_a_clock_a_little_ahead_is_forgiven(running):
    """An hour, as platforms' clocks go."""
    assert (Change(on=False, entitlements={}),) == running.hear(
        suspend(NOW + AHEAD)
    ).levels


def test_money_counts_whenever_it_says_it_was_paid(running):
    """V9: it outranks no word, so a wrong clock does not hold it up."""
    assert [CREDIT, BONUS] == keys(running.hear(topup(NOW + timedelta(days=1))).flows)


# --- Money counts once


# Turned red with the look for a booked key taken out of _topup().
@pytest.mark.parametrize("how", ["together", "one by one", "after it arrived"])
def test_a_line_told_twice_is_booked_once(running, how):
    """V2: two deliveries with two ids, one paid line, one sum."""
    first, second = topup(), replace(topup(on(1, 16)), id="told again")
    if how == "together":
        running.hear(first, second)
    else:
        running.hear(first)
        if how == "after it arrived":
            running.bring()
        running.hear(second)
    running.bring()
    why = say("already_booked", line="shop:line-9")

    assert [FREE_1, CREDIT, BONUS] == keys(running.sent)
    assert (Fate.DONE, why) == (
        running.rulings["told again"].fate,
        running.rulings["told again"].why,
    )


def test_the_same_event_planned_again_goes_on_being_done(running):
    """A retry by a person, or a move from intake, is no second payment."""
    running.hear(topup())
    again = running.hear(topup())

    assert () == again.bookings
    assert [CREDIT, BONUS] == keys(again.flows)
    assert [Fate.WORKING] == [ruling.fate for ruling in again.rulings]


def test_a_booked_event_planned_again_asks_the_catalog_no_more(running):
    """V2: amounts are frozen; a top-up taken off the list meanwhile is still sent."""
    running.hear(topup())
    running.catalog = replace(CATALOG, topups={})
    again = running.hear(topup())

    assert [Fate.WORKING] == [ruling.fate for ruling in again.rulings]
    assert [CREDIT, BONUS] == keys(again.flows)


OTHER_SUMS = {
    "another quantity": topup(quantity=2),
    "another top-up": topup(product="twenty"),
}


@pytest.mark.parametrize("other", OTHER_SUMS.values(), ids=OTHER_SUMS)
@pytest.mark.parametrize("together", [True, False])
def test_a_line_with_other_amounts_waits_for_a_person(running, other, together):
    """V2: the first booking stands; which of the two is right we cannot know."""
    other = replace(other, id="other", occurred_at=on(1, 16))
    batches = [(topup(), other)] if together else [(topup(),), (other,)]
    for batch in batches:
        running.hear(*batch)
    running.bring()
    why = say("line_differs", line="shop:line-9")

    assert [FREE_1, CREDIT, BONUS] == keys(running.sent)
    assert (Fate.PARKED, why) == (
        running.rulings["other"].fate,
        running.rulings["other"].why,
    )


def test_a_bonus_the_catalog_gained_since_is_not_slipped_in(running):
    """V2: a line booked without a bonus does not get one by being told again."""
    plain = replace(CATALOG.topups["ten"], bonus=None)
    running.catalog = replace(CATALOG, topups={"ten": plain})
    running.hear(topup())
    running.catalog = CATALOG
    again = running.hear(replace(topup(), id="told again"))

    assert [say("line_differs", line="shop:line-9")] == [r.why for r in again.rulings]
    assert [FREE_1, CREDIT] == list(running.booked)


def test_a_line_of_another_service_waits_for_a_person(running):
    """V2: one paid line, one period; it cannot be two services'."""
    running.account = running.account.with_service(Service("shop:8", "basic"))
    before = running.account
    todo = running.hear(activate(on(1, 2), service="shop:8"))
    why = say("line_of_another", line="shop:line-1")

    assert [(Fate.PARKED, why)] == [(r.fate, r.why) for r in todo.rulings]
    assert (before, ()) == (todo.account, todo.bookings)


def test_two_services_told_together_do_not_share_a_line(world):
    """V2: the second is parked in one batch as it is in two."""
    world.account = world.account.with_service(Service("shop:8", "basic"))
    todo = world.hear(activate(), activate(on(1, 2), service="shop:8", starts=None))

    assert [Fate.WORKING, Fate.PARKED] == [ruling.fate for ruling in todo.rulings]


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    ("first", "second", "booked"),
    [
        (topup(), renewed(line="shop:line-9"), [FREE_1, CREDIT, BONUS]),
        (renewed(on(1, 2), line="shop:line-9"), topup(), [FREE_1, FREE_2]),
    ],
)
def test_a_line_is_a_top_up_or_a_renewal_and_not_both(
    running, first, second, booked, together
):
    """V2: one paid line has one meaning; told with two, a person must say which."""
    for batch in [(first, second)] if together else [(first,), (second,)]:
        running.hear(*batch)

    assert booked == list(running.booked)
    assert say("line_of_another", line="shop:line-9") == running.rulings[second.id].why


ROADS = {
    "module call, then invoice": (renewed(line=None), renewed(on(2, 2))),
    "invoice, then module call": (renewed(), renewed(on(2, 2), line=None)),
    "invoice without a date, then module call": (
        renewed(starts=None),
        renewed(on(2, 2), line=None),
    ),
    "module call, then invoice without a date": (
        renewed(line=None),
        renewed(on(2, 2), starts=None),
    ),
    "the same invoice twice": (renewed(), renewed(on(2, 2))),
}


# Turned red with the period no longer looked for before the grant.
@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("roads", ROADS.values(), ids=ROADS)
def test_a_renewal_told_by_two_roads_is_granted_once(running, roads, together):
    """U2: once per paid period, whatever is repeated or reordered on the way."""
    for batch in [roads] if together else [(road,) for road in roads]:
        running.hear(*batch)
    running.bring()

    assert [FREE_1, FREE_2] == keys(running.sent)


@pytest.mark.parametrize("together", [True, False])
def test_an_order_paid_and_then_accepted_is_granted_once(world, together):
    """U2: the invoice at nine names no date, the module call at ten no line."""
    paid = renewed(on(1, 1, 9), line="shop:line-1", starts=None)
    accepted = activate(on(1, 1, 10), line=None)
    for batch in [(paid, accepted)] if together else [(paid,), (accepted,)]:
        world.hear(*batch)

    assert [FREE_1] == list(world.booked)


def test_a_renewal_after_an_activation_without_dates_is_granted(world):
    """U2: activated on 1 January at 10:00; the renewal is of 1 February, midnight."""
    world.hear(activate(line=None, starts=None))
    world.hear(renewed(line=None))

    assert [FREE_1, FREE_2] == list(world.booked)


# Turned red with the period no longer looked for before the grant.
def test_an_activation_told_again_grants_nothing_more(running):
    """U2: neither the same line, nor a revival that names no payment."""
    running.hear(replace(activate(on(1, 2)), id="again"))
    running.hear(terminate())
    revived = running.hear(activate(on(4, 1), line=None, starts=None))

    assert [FREE_1] == list(running.booked)
    assert [Fate.WORKING] == [ruling.fate for ruling in revived.rulings]


def test_a_contradiction_grants_nothing_and_says_so(running):
    """V15: a payment that finds no period waits."""
    running.hear(renewed())
    twice = running.hear(renewed(on(2, 3), line="shop:line-3"))
    why = say("period_paid_twice", no=2, had="shop:line-2", got="shop:line-3")

    assert [(Fate.PARKED, why)] == [(r.fate, r.why) for r in twice.rulings]
    assert [FREE_1, FREE_2] == list(running.booked)


def test_a_word_counts_though_its_payment_waits(running):
    """U1: the platform says it lives again; only what its line paid is unclear."""
    running.hear(terminate())
    todo = running.hear(activate(on(4, 1), line="shop:line-3"))

    assert Fate.PARKED is todo.rulings[0].fate
    assert running.service.alive
    assert () == todo.bookings


def test_a_package_without_free_credit_books_no_grant(world):
    """Free credit is on selected packages only; the period counts all the same."""
    todo = world.hear(activate(product="plain"))

    assert () == todo.bookings
    assert 1 == len(todo.account.service(SERVICE).periods)


def test_a_renewal_is_of_the_package_the_service_has(running):
    """A platform need not repeat what it sold."""
    (claim,) = running.hear(renewed(product=None)).bookings

    assert (FREE_2, usd("5.00")) == (claim.key, claim.money)


@pytest.fixture(params=["the order first", "the change first"])
def changed(world, request):
    """In March it went from basic to gold, whichever was heard first."""
    order = activate()
    change = activate(on(3, 1), product="gold", line="shop:line-3", starts=on(3, 1))
    row = (order, change) if request.param == "the order first" else (change, order)
    for event in row:
        world.hear(event)
    return world


# Turned red with every renewal held against the package of today.
def test_a_late_renewal_of_the_package_before_a_change_is_granted(changed):
    """V7: February's as basic, heard after March's change: in order it is granted."""
    assert [usd("5.00")] == [claim.money for claim in changed.hear(renewed()).bookings]


def test_a_late_renewal_that_names_no_package_waits_where_it_was_another(changed):
    """V7: gold was not sold in February, and what was, it does not say."""
    late = changed.hear(renewed(product=None))

    assert () == late.bookings
    assert [say("package_unclear", has="gold")] == [r.why for r in late.rulings]


def test_a_renewal_since_the_change_is_of_the_new_package(changed):
    """U5: April's is gold's, whether it says so or not."""
    april = renewed(on(4, 1), product=None, line="shop:line-4", starts=on(4, 1))

    assert [usd("15.00")] == [claim.money for claim in changed.hear(april).bookings]


def test_the_invoice_total_is_never_credited(running):
    """I10: 10.00 were paid; no sum of 10.00 is on its way."""
    running.hear(topup(quantity=2))
    running.bring()

    assert {"5.00 USD", "17.00 USD", "2.50 USD"} == {str(c.money) for c in running.sent}


# --- Words


def test_an_older_word_is_superseded_and_says_so(running):
    """V9: what was suspended on the 10th is not resumed by the 9th's word."""
    running.hear(suspend(on(2, 10)))
    late = running.hear(resume(on(2, 9)))

    assert () == late.bookings
    assert [Hold.BILLING] == list(running.service.holds)
    assert [(Fate.SUPERSEDED, say("newer_word"))] == [
        (r.fate, r.why) for r in late.rulings
    ]


def test_words_that_wait_together_are_taken_in_the_order_they_happened(running):
    """V7: not in the order they came."""
    todo = running.hear(resume(on(2, 12)), suspend(on(2, 10)))

    assert [Type.SUSPEND, Type.RESUME] == [r.event.type for r in todo.rulings]
    assert () == todo.levels


def test_an_older_payment_counts_though_its_word_is_superseded(running):
    """V9: money events always count, once."""
    running.hear(terminate(on(4, 1)))
    late = activate(on(3, 1), line="shop:line-3", starts=on(3, 1))
    todo = running.hear(late)

    assert not running.service.alive
    assert [FREE_2] == keys(todo.bookings)
    assert Fate.WORKING is running.rulings[late.id].fate


def test_an_abuse_hold_survives_the_payment(running):
    """D29: resume lifts only its own hold, and a renewal lifts none."""
    running.hear(suspend(hold=Hold.ABUSE), suspend(on(2, 11), hold=Hold.BILLING))
    running.bring()
    running.hear(resume(on(2, 12)), renewed(on(2, 13)))
    running.bring()

    assert (Hold.ABUSE,) == running.service.holds
    assert not running.seen.on


@pytest.mark.parametrize("say_off", [suspend, terminate])
def test_switching_off_never_waits_for_what_was_sold_along(running, say_off):
    """U3, U4: nothing has to be delivered in order to be off."""
    todo = running.hear(say_off(hold=Hold.ABUSE, besides=("seats",)))

    assert (Change(on=False, entitlements={}),) == todo.levels


# --- Why money waits


def test_top_ups_apply_while_suspended(running):
    """D29: who pays in while suspended has it when the hold is lifted."""
    running.hear(suspend())
    todo = running.hear(topup(on(2, 11)))

    assert (None, [CREDIT, BONUS]) == (todo.held, keys(todo.flows))


# Turned red with _held() no longer asking whether a service lives.
def test_money_after_a_termination_is_held(running):
    """U4: booked on arrival, and not sent to an account that is over."""
    running.hear(terminate())
    todo = running.hear(topup(on(3, 1)), renewed(on(3, 2)))

    assert {CREDIT, BONUS, FREE_2} == set(keys(todo.bookings))
    assert (say("held_no_service"), ()) == (todo.held, todo.flows)


# Turned red with _held() no longer asking whether a service lives.
def test_a_service_terminated_before_it_was_activated_is_never_opened(world):
    """U4: as if it had never been ordered; what was paid for it is held."""
    world.hear(terminate(on(1, 2)), topup(on(1, 3)))
    todo = world.hear(activate(on(1, 1)))
    world.bring()

    assert (None, []) == (world.seen, world.sent)
    assert ((), ()) == (todo.levels, todo.flows)
    assert {CREDIT, BONUS, FREE_1} == set(world.booked)
    assert say("held_no_service") == todo.held


def test_held_money_is_sent_when_the_service_lives_again(world):
    """U1: it never expires; the newest word decides."""
    world.hear(terminate(on(1, 2)), topup(on(1, 3)), activate(on(1, 1)))
    world.hear(activate(on(1, 4), line=None, starts=None))
    world.bring()

    assert {CREDIT, BONUS, FREE_1} == set(keys(world.sent))
    assert LIVE == world.seen


def test_money_for_a_service_only_bound_is_held(world):
    """I2: paid in before the order is: nothing is opened for it."""
    todo = world.hear(topup())

    assert (say("held_no_service"), ()) == (todo.held, todo.flows)
    assert [CREDIT, BONUS] == keys(todo.bookings)


def test_money_counts_though_the_package_was_taken_out_of_the_catalog(running):
    """U9: the operator renamed a package; its customers' top-ups are sent as before."""
    running.catalog = replace(CATALOG, packages={})
    todo = running.hear(topup(), suspend())

    assert [CREDIT, BONUS] == keys(todo.flows)
    assert (Change(on=False, entitlements={}),) == todo.levels


def test_no_account_is_opened_for_a_package_that_is_gone(world):
    """V15: without limits it would have none; it waits until the package is back."""
    world.hear(activate())
    world.catalog = replace(CATALOG, packages={})

    with pytest.raises(Later, match="gone from the configuration"):
        world.plan()


def test_a_sum_in_another_currency_is_never_sent(running):
    """V1: booked before its account was known, it stays where it is."""
    euro = Claim("shop:line-5/topup", Kind.TOPUP, Money(Decimal(8), "EUR"), "no. 5")
    running.open = (euro,)

    assert [CREDIT, BONUS] == keys(running.hear(topup()).flows)


def test_money_is_booked_before_there_is_an_account(world):
    """U9: paid before the client's account is known, and counted from then on."""
    nobody = Account("intake:shop:3", source="", backend="", currency="", username="")
    heard = hear(nobody, (topup(service=None),), world.ledger, CATALOG, NOW)

    assert [CREDIT, BONUS] == keys(heard.bookings)


def test_while_one_sum_is_unsure_no_other_is_sent(running):
    """V8: two could not be told apart by a balance."""
    running.hear(topup())
    todo = running.plan(topup(on(1, 16), line="shop:line-8"), unsure=True)

    assert (say("held_unsure"), ()) == (todo.held, todo.flows)
    assert ["shop:line-8/topup", "shop:line-8/bonus"] == keys(todo.bookings)


def test_levels_go_on_while_money_is_unsure(running):
    """U3: a suspension does not wait for a top-up."""
    todo = running.plan(suspend(), unsure=True)

    assert (Change(on=False, entitlements={}),) == todo.levels


def test_money_that_was_stopped_stays_stopped_and_says_why(running):
    """V1: the balance moved as nothing explains; levels go on, money does not."""
    running.account = replace(running.account, money_stopped="it rose by 3.00")
    todo = running.hear(topup(), suspend())

    assert say("held_money_stopped", why="it rose by 3.00") == todo.held
    assert () == todo.flows
    assert (Change(on=False, entitlements={}),) == todo.levels


def test_what_is_only_looked_at_gets_nothing_and_says_why(running):
    """I1: adopted and not released yet: neither levels nor money."""
    running.account = replace(running.account, observed_at=on(1, 14))
    todo = running.plan(topup(), suspend())

    assert ("held_observed", ()) == (todo.held.code, todo.flows)
    assert () == todo.levels


def test_money_of_a_restored_account_is_held(running):
    """V1: what was sent after the backup nobody here knows; levels go on."""
    running.account = replace(running.account, restored_at=on(1, 14))
    todo = running.plan(topup(), suspend())

    assert ("held_restored", ()) == (todo.held.code, todo.flows)
    assert (Change(on=False, entitlements={}),) == todo.levels


def test_where_payments_are_listed_a_restore_holds_nothing(running):
    """Each sum is looked up by its key before it is sent."""
    running.account = replace(running.account, restored_at=on(1, 14))
    todo = running.plan(topup(), listed=True)

    assert (None, [CREDIT, BONUS]) == (todo.held, keys(todo.flows))


@pytest.mark.parametrize("listed", [True, False])
def test_what_may_have_been_opened_after_the_backup_is_not_opened(listed):
    """It may be there under a name nobody here knows, which no list can tell."""
    world = World(account=replace(ACCOUNT, restored_at=on(1, 1)))
    todo = world.plan(activate(), listed=listed)

    assert ("held_opening", (), ()) == (todo.held.code, todo.levels, todo.flows)


def test_open_sums_are_sent_with_nothing_new_said(running):
    """U9: what is booked and not sent is sent by the next run."""
    running.hear(topup())

    assert [CREDIT, BONUS] == keys(running.plan().flows)


def test_older_sums_go_before_newer_ones(running):
    """First paid, first credited."""
    running.hear(topup())
    todo = running.hear(topup(on(1, 16), product="twenty", line="shop:line-8"))

    assert [CREDIT, BONUS, "shop:line-8/topup"] == keys(todo.flows)


def test_a_plan_forgets_nothing_it_was_not_told_about():
    """The rules add to an account; its names and its remote id are not theirs."""
    world = World(account=replace(ACCOUNT, remote="17", email="a@example.com"))
    todo = world.hear(activate(), topup())

    assert replace(todo.account, services=()) == replace(world.account, services=())
    assert "17" == todo.account.remote


def test_planning_changes_nothing_by_itself(running):
    """U10: a dry run is the same plan, not carried out."""
    account, open_ = running.account, running.open
    first, second = (running.plan(topup(), renewed(), suspend()) for _ in range(2))

    assert first == second
    assert (account, open_) == (running.account, running.open)


def test_nothing_said_and_nothing_open_is_nothing_to_do(running):
    """V6: the second run finds nothing."""
    todo = running.plan()

    assert ((), (), (), None) == (todo.rulings, todo.levels, todo.flows, todo.held)


def test_drift_at_the_backend_is_put_right_by_the_next_plan(running):
    """U10: whoever changed it, desired and seen meet again."""
    running.seen = State(on=False, entitlements={"channels": 99, "tariff": "standard"})

    assert (Change(on=True, entitlements={"channels": 5}),) == running.plan().levels


def test_a_claim_is_explained_by_its_event(running):
    """V2: each effect has a cause that was accepted."""
    todo = running.hear(topup(), renewed())

    assert {CREDIT: topup().id, BONUS: topup().id, FREE_2: renewed().id} == {
        claim.key: claim.event for claim in todo.bookings
    }
    assert Claim(CREDIT, Kind.TOPUP, usd("8.50"), topup().id) in todo.bookings
