"""What follows when a customer asks for another plan, case by case.

The file test_changes.py is about changes a platform tells of; here one is asked for.
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.words import render
from provisioning.core import changes, quote, saying
from provisioning.core.asking import Question
from provisioning.core.changes import CASES, ORDERS, Verdict, Wait, decide
from provisioning.core.choices import Choice, Scheduled
from provisioning.core.cycles import length
from provisioning.core.dues import Due, What
from provisioning.core.losses import Loss
from provisioning.core.period import CYCLES
from tests.provisioning.core.shop import (
    AT,
    BOUNDED,
    ENDS,
    PRICES,
    asked,
    decided,
    has,
    offer,
    priced,
    ruled,
)
from tests.provisioning.core.world import often, on

NOW, END, BOTH = Verdict.NOW, Verdict.AT_PERIOD_END, Verdict.BOTH
KEEP, NO = Verdict.KEEP, Verdict.REFUSED

GOLD, YEARLY = has(), has(cycle="annually", ends=on(12, 31))
TRIED = has(tried_until=ENDS)
OVER = has(tried_until=on(4, 5))
FREE, ONCE = has("free", ends=None), has("payg", "once", quantity=2, ends=None)
LOST = (
    Loss("channels", 10, 5),
    Loss("storage_gb", 50, None),
    Loss("features/recording", 1, None),
)
"""From gold to silver."""

CHAT, CHAT_TRIED = has("chat", ref="shop:8"), has("chat", tried_until=on(4, 5))


def choice(package, cycle="monthly", quantity=1, extras=()):
    return Choice(package, cycle, quantity, extras)


def test_an_upgrade_waits_for_its_payment_and_nothing_else():
    """C6: it applies as soon as it is paid; before that nothing changes."""
    # Guard off (an upgrade waits for the period's end; or for no payment): red.
    up = decided(has("silver"), package="gold")

    assert (NOW, "C6", (Wait.PAYMENT,)) == (up.verdict, up.promise, up.waits)
    assert (choice("gold"), None, ()) == (up.now, up.next, up.losses)


def test_more_accounts_of_the_plan_are_an_upgrade():
    """P9: bought as soon as they are paid."""
    # Guard off (the row is out): red.
    more = decided(has(quantity=2), quantity=5)

    assert (NOW, "P9", choice("gold", quantity=5)) == (
        more.verdict,
        more.promise,
        more.now,
    )


def test_plan_and_number_of_users_are_chosen_together():
    """C1: a higher plan for more users is one change, paid at once."""
    # Guard off (the number it has is kept): red.
    up = decided(has("silver", quantity=2), package="gold", quantity=5)

    assert (NOW, choice("gold", quantity=5), None) == (up.verdict, up.now, up.next)


def test_a_downgrade_is_the_next_renewal_package():
    """C11: until the next billing period it stays what it is."""
    # Guard off (a downgrade applies at once): red.
    down = decided(GOLD, package="silver")

    assert (END, "C11", None, ()) == (down.verdict, down.promise, down.now, down.waits)
    assert Scheduled(choice("silver"), ENDS) == down.next
    assert LOST == down.losses
    assert Due("shop:7", What.CHANGE, ENDS) == down.next.due("shop:7")


@pytest.mark.parametrize(("surveyed", "ticked", "code"), [
    (False, False, "change_survey_first"), (False, True, "change_survey_first"),
    (True, False, "change_tick_first"), (True, True, "change_goes_down"),
])  # fmt: skip
def test_a_downgrade_takes_survey_and_tick(surveyed, ticked, code):
    """C10: missing either it is refused, and says what will be lost."""
    # Guard off (the row of the survey is out; that of the tick is out): red.
    ask = asked(GOLD, package="silver")
    said = replace(ask.asked, surveyed=surveyed, confirmed=ticked)
    down = decide(replace(ask, asked=said))

    assert code == down.because.code
    assert LOST == down.losses


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ({"package": "chat"}, "change_another_ladder"),
        ({"package": "silver", "cycle": "biennially"}, "change_cycle_not_sold"),
        ({"package": "silver", "quantity": 1}, "change_below_minimum"),
        ({"package": "silver", "quantity": 10**9}, "change_too_many"),
    ],
)
def test_what_it_would_take_away_is_said_of_what_can_be_meant_only(to, why):
    """C10: each gives less than gold; none can be had, so there is no list."""
    # Guard off (the row taken out of UNLISTED): red, the storage is listed.
    refused = decided(has("gold"), prices=priced("silver", minimum=2), **to)

    assert (NO, ()) == (refused.verdict, refused.losses)
    assert why == refused.because.code


@pytest.mark.parametrize("to", [
    {"quantity": 2}, {"package": "platinum", "quantity": 3}, {"cycle": "annually"},
])  # fmt: skip
def test_only_a_lower_plan_is_asked_about(to):
    """C10: who goes up, or has fewer accounts, fills in nothing."""
    of = has(quantity=3) if to == {"quantity": 2} else GOLD

    assert NO != decided(of, done=False, **to).verdict


UPS = [
    # has, asked, verdict
    (YEARLY, {"package": "platinum", "quantity": 3, "cycle": "monthly"}, NO),
    (YEARLY, {"package": "platinum", "quantity": 3, "cycle": "quarterly"}, NO),
    (YEARLY, {"quantity": 2, "cycle": "monthly"}, NO),
    (YEARLY, {"extras": (("line", 1),), "cycle": "monthly"}, NO),
    (YEARLY, {"package": "platinum", "quantity": 3}, NOW),
    (GOLD, {"package": "platinum", "quantity": 3, "cycle": "annually"}, NOW),
    (GOLD, {"cycle": "annually"}, NOW),
    (YEARLY, {"cycle": "monthly"}, END),
    (YEARLY, {"package": "silver", "cycle": "monthly"}, END),
]


@pytest.mark.parametrize(("of", "to", "verdict"), UPS)
def test_an_upgrade_never_shortens_the_cycle(of, to, verdict):
    """C9: yearly, an upgrade cannot be monthly; alone a shorter one waits its turn."""
    # Guard off (the row is out): red.
    decision = decided(of, **to)

    assert verdict == decision.verdict
    assert (verdict is NO) == (decision.because.code == "change_upgrade_not_shorter")


def test_a_longer_cycle_begins_when_it_is_paid():
    """C3: yearly is picked, and paid."""
    longer = decided(GOLD, cycle="annually")

    assert (NOW, "C3", choice("gold", "annually")) == (
        longer.verdict,
        longer.promise,
        longer.now,
    )


MAIN_MONTHLY, MAIN_YEARLY = has(ref="shop:1"), has(ref="shop:1", cycle="annually")
SOON_MONTHLY = replace(MAIN_YEARLY, next=Scheduled(choice("gold"), ENDS))
SOON_YEARLY = replace(MAIN_MONTHLY, next=Scheduled(choice("gold", "annually"), ENDS))
TO_YEARLY = {"cycle": "annually"}

DEPENDENT = [
    (MAIN_YEARLY, TO_YEARLY, NOW),
    (MAIN_MONTHLY, TO_YEARLY, NO),
    (MAIN_MONTHLY, {"package": "chat-plus", "cycle": "quarterly"}, NO),
    (MAIN_MONTHLY, {"package": "chat-plus"}, NOW),
    (SOON_MONTHLY, TO_YEARLY, NO),
    (SOON_YEARLY, TO_YEARLY, NO),
    (has("payg", "once", ref="shop:1"), TO_YEARLY, NO),
]


@pytest.mark.parametrize(("main", "to", "verdict"), DEPENDENT)
def test_a_dependent_plan_is_never_longer_than_its_main(main, to, verdict):
    """C7: nor longer than what its main will be from the next renewal on."""
    # Guard off (the row is out; or what is scheduled is not looked at): red.
    assert verdict == decided(CHAT, others=(main,), **to).verdict


def test_raising_the_main_comes_first():
    """C8: it names the blocking plan, and what to do in which order."""
    no = decided(CHAT, others=(MAIN_MONTHLY,), cycle="annually")

    assert (
        '"chat" cannot be had annually, because "gold", on which it hangs, is shorter'
        ' (or will be). First raise "gold" to annually or longer, then "chat".'
    ) == render(no.because)


CHAT_YEARLY = has("chat", "annually", ref="shop:8", ends=on(12, 31))
CHAT_SOON = replace(CHAT_YEARLY, next=Scheduled(choice("chat"), on(12, 31)))
CHAT_LATE = replace(CHAT_YEARLY, next=Scheduled(choice("chat"), on(12, 31, 1)))
TO_FREE = {"package": "free", "cycle": "monthly"}
TO_MONTHLY = {"cycle": "monthly"}

MAIN = [
    ((CHAT_YEARLY,), TO_MONTHLY, NO),
    ((CHAT_YEARLY,), {"cycle": "quarterly"}, NO),
    ((CHAT_YEARLY,), TO_FREE, NO),
    ((CHAT, CHAT_YEARLY), TO_MONTHLY, NO),
    ((CHAT_LATE,), TO_MONTHLY, NO),
    ((CHAT_SOON,), TO_MONTHLY, END),
    ((CHAT,), TO_MONTHLY, END),
    ((), TO_MONTHLY, END),
    ((MAIN_YEARLY, has("alone", cycle="annually")), TO_MONTHLY, END),
    ((CHAT_YEARLY,), {"quantity": 2}, NOW),
]


@pytest.mark.parametrize(("others", "to", "verdict"), MAIN)
def test_a_main_plan_is_never_shorter_than_what_hangs_on_it(others, to, verdict):
    """C7: unless that is shorter itself by then."""
    # Guard off (the row is out; or what is scheduled is not looked at): red.
    assert verdict == decided(YEARLY, others=others, **to).verdict


def test_a_main_plan_that_is_too_short_already_may_still_grow():
    """C7: what its platform sold against the rule holds up no other change of it."""
    # Guard off (every change of it is refused): red.
    grown = decided(MAIN_MONTHLY, others=(CHAT_YEARLY,), quantity=2)

    assert NOW == grown.verdict


def test_lowering_the_dependents_comes_first():
    """C8: all that block are named, and what to do in which order."""
    plus = replace(CHAT_YEARLY, choice=choice("chat-plus", "annually"))
    no = decided(YEARLY, others=(CHAT_YEARLY, CHAT, plus), cycle="monthly")

    assert (
        '"gold" cannot be had monthly, because chat, chat-plus, which hang on it, are'
        " longer. First lower chat, chat-plus to monthly or shorter by 2026-12-31 00:00"
        ' UTC, then "gold".'
    ) == render(no.because)


def test_a_dependent_plan_without_its_main_is_refused():
    """C7: there is nothing it could hang on."""
    # Guard off (the row is out): red.
    no = decided(CHAT, others=(has("payg", "once"),), quantity=2)

    assert (NO, "change_main_missing") == (no.verdict, no.because.code)


FREED = [
    # has, when it is Free
    (has(tried_until=ENDS, ends=None), ENDS),
    (OVER, AT),
    (GOLD, ENDS),
    (YEARLY, on(12, 31)),
]


@pytest.mark.parametrize(("of", "at"), FREED)
def test_a_main_plan_goes_to_free_after_its_trial(of, at):
    """C12: when that is over, or what was paid for is used up."""
    # Guard off (Free begins within the trial): red.
    free = decided(of, **TO_FREE)

    assert (END, "C12", Scheduled(choice("free"), at)) == (
        free.verdict,
        free.promise,
        free.next,
    )


@pytest.mark.parametrize("of", [CHAT, CHAT_TRIED])
def test_a_dependent_plan_never_goes_to_free(of):
    """C13: after its trial it is paid for, or cancelled; what costs nothing is Free."""
    # Guard off (the row is out): red.
    no = decided(of, others=(MAIN_MONTHLY,), package="chat-free")
    listed = ruled("chats", free="chat-plus")
    named = decided(of, others=(MAIN_MONTHLY,), prices=listed, package="chat-plus")

    assert [(NO, "C13")] * 2 == [(d.verdict, d.promise) for d in (no, named)]


@pytest.mark.parametrize("to", [{}, {"package": "chat-plus"}, {"quantity": 4}])
def test_a_dependent_plan_that_was_tried_goes_up_to_paid(to):
    """C13: the very plan it tried, a better one, or more of it."""
    paid = decided(CHAT_TRIED, others=(MAIN_MONTHLY,), **to)

    assert (NOW, (Wait.PAYMENT,)) == (paid.verdict, paid.waits)
    assert paid.now == replace(CHAT_TRIED.choice, **to)


FIRST = [
    # has, asked: all of it as it was asked for
    (TRIED, {}),
    (TRIED, {"quantity": 5}),
    (has(quantity=5, tried_until=ENDS), {"quantity": 2}),
    (has(extras=(("line", 3),), tried_until=ENDS), {"extras": ()}),
    (has(cycle="annually", tried_until=ENDS), {"cycle": "monthly"}),
    (OVER, {"cycle": "annually"}),
    (has("free", quantity=5), {"package": "gold", "quantity": 2}),
    (has("free", quantity=5, ends=None), {"package": "gold", "cycle": "annually"}),
]


@pytest.mark.parametrize(("of", "to"), FIRST)
def test_what_is_paid_for_the_first_time_is_as_it_is_chosen(of, to):
    """C9: a trial and Free have no cycle, and no number, that a payment must keep."""
    # Guard off (a trial's cycle and quantity are kept like paid ones): red.
    first = decided(of, **to)

    assert (NOW, replace(of.choice, **to), None) == (
        first.verdict,
        first.now,
        first.next,
    )


def test_a_trial_goes_down_when_it_is_over():
    """C11: a lower plan than the one that is tried begins, and is paid, after it."""
    down = decided(has(tried_until=ENDS, quantity=4), package="silver", quantity=1)

    assert (END, Scheduled(choice("silver"), ENDS)) == (down.verdict, down.next)


MIXED = [
    # has, asked, now, next
    (
        has(quantity=3),
        {"package": "silver", "quantity": 5},
        choice("gold", quantity=5),
        choice("silver", quantity=5),
    ),
    (
        has("silver", quantity=5),
        {"package": "gold", "quantity": 2},
        choice("gold", quantity=5),
        choice("gold", quantity=2),
    ),
    (
        has("silver", quantity=5),
        {"package": "gold", "quantity": 2, "cycle": "annually"},
        choice("gold", quantity=5),
        choice("gold", "annually", 2),
    ),
    (
        has(quantity=2, extras=(("line", 1), ("number", 2))),
        {"extras": (("line", 3),)},
        choice("gold", quantity=2, extras=(("line", 3), ("number", 2))),
        choice("gold", quantity=2, extras=(("line", 3),)),
    ),
]


@pytest.mark.parametrize(("of", "to", "now", "then"), MIXED)
def test_a_mixed_change_is_two_moves(of, to, now, then):
    """D11: what goes up now, what goes down with the next period."""
    # Guard off (all of it at once; all of it at period end): red.
    both = decided(of, **to)

    assert (BOTH, "D11", (Wait.PAYMENT,)) == (both.verdict, both.promise, both.waits)
    assert (now, Scheduled(then, ENDS)) == (both.now, both.next)


def test_two_moves_are_read_as_two():
    """D11: what is paid now, and what comes then."""
    both = decided(has(quantity=3), package="silver", quantity=5)

    assert (
        'Once it is paid: 5 x "gold"; from 2026-05-01 00:00 UTC: 5 x "silver".'
    ) == render(both.because)


def test_a_cycle_that_is_not_sold_with_the_better_plan_gives_way():
    """D11: what goes up now has a cycle it is sold for, and what goes down waits for
    its end."""
    # Guard off (it goes down with the old period's end): red.
    yearly = priced("platinum", discounts={"annually": PRICES.terms.ladders["gold"]
                                           .discounts["annually"]})  # fmt: skip
    quarterly = has(cycle="quarterly", quantity=5)
    both = decided(
        quarterly, prices=yearly, package="platinum", cycle="annually", quantity=3
    )

    assert choice("platinum", "annually", 5) == both.now
    assert Scheduled(choice("platinum", "annually", 3), AT.replace(year=2027)) == (
        both.next
    )


RANKS = [
    # has, asked, goes
    ("silver", {"package": "gold"}, 1),
    ("gold", {"package": "silver"}, -1),
    ("gold", {"package": "gold"}, 0),
    ("gold", {"package": "gold-too"}, 1),
    ("gold-too", {"package": "gold"}, -1),
]


@pytest.mark.parametrize(("plan", "to", "goes"), RANKS)
def test_up_is_a_lower_rank_and_on_the_same_step_a_higher_price(plan, to, goes):
    """D11: the ladder's rank first; a tie is decided by the price per day."""
    # Guard off (the price first): red. Guard off (a tie is down): red.
    dear = priced("silver", offers=(offer("500.00"),))

    assert goes == asked(has(plan), prices=dear, **to).plan_goes


def test_a_price_per_day_is_no_price_per_cycle():
    """D11: a year of 29.95 a month is not dearer than a month of 35."""
    ask = asked(has("gold-too"), package="gold", cycle="annually")

    assert -1 == ask.plan_goes


@pytest.mark.parametrize(
    ("small", "goes"), [("48.00", 1), ("49.00", -1), ("50.00", -1)]
)
def test_what_is_bought_once_is_compared_by_its_price(small, goes):
    """D11: it has no day; one that is neither above nor below takes the careful way."""
    prices = priced("payg-small", rank=30, offers=(offer(small),))
    ask = asked(has("payg-small", "once", ends=None), prices=prices, package="payg")

    assert goes == ask.plan_goes


def test_fewer_accounts_wait_for_the_next_period():
    """D12: scheduled like a downgrade."""
    # Guard off (the row is out): red.
    fewer = decided(has(quantity=5, used=3), quantity=3)

    assert (END, "D12", Scheduled(choice("gold", quantity=3), ENDS)) == (
        fewer.verdict,
        fewer.promise,
        fewer.next,
    )


DEAR = has("payg", "once", quantity=99_999)
TOO_FEW = [
    # has, asked, code
    (has(quantity=5, used=3), {"quantity": 2}, "change_below_use"),
    (has(quantity=5, used=3), {"quantity": 2, **TO_FREE}, "change_below_use"),
    (has(quantity=5), {"quantity": 0}, "change_below_minimum"),
    (has(quantity=5), {"quantity": -1}, "change_below_minimum"),
    (has("platinum", quantity=5), {"quantity": 2}, "change_below_minimum"),
    (GOLD, {"package": "platinum"}, "change_below_minimum"),
    (GOLD, {"quantity": 100_001}, "change_too_many"),
    (GOLD, {"extras": (("line", 100_001),)}, "change_too_many"),
    (DEAR, {"quantity": 100_000}, "change_too_many"),
]


@pytest.mark.parametrize(("of", "to", "code"), TOO_FEW)
def test_too_few_and_too_many_are_refused(of, to, code):
    """P14, D12: at least the plan's minimum, and at least those in use."""
    # Guard off (the row of the minimum is out; that of the use is out): red.
    # Guard off (no bound on the number; none on the price): red.
    dear = priced("payg", offers=(offer(10**7),))

    assert (NO, code) == _said(decided(of, prices=dear, **to))


def _said(decision):
    return decision.verdict, decision.because.code


IMPOSSIBLE = [
    (has(ended=True), {"package": "silver"}, "change_ended"),
    (has("gone", ended=True), {}, "change_ended"),
    (GOLD, {"package": "diamond"}, "change_plan_unknown"),
    (GOLD, {"package": "line"}, "change_another_ladder"),
    (GOLD, {"package": "chat"}, "change_another_ladder"),
    (GOLD, {"package": "alone"}, "change_another_ladder"),
    (has("alone"), {"package": "gold"}, "change_another_ladder"),
    (has("alone"), {"package": "apart"}, "change_another_ladder"),
    (has("gone"), {"package": "gold"}, "change_plan_gone"),
    (has(extras=(("gone", 1),)), {"extras": ()}, "change_plan_gone"),
    (GOLD, {"cycle": "biennially"}, "change_cycle_not_sold"),
    (GOLD, {"cycle": "weekly"}, "change_cycle_not_sold"),
    (GOLD, {"package": "free", "cycle": "annually"}, "change_cycle_not_sold"),
    (GOLD, {"extras": (("cloud", 1),)}, "change_extras_unknown"),
    (GOLD, {"extras": (("silver", 1),)}, "change_extras_unknown"),
    (GOLD, {"extras": (("line", -1),)}, "change_extras_unknown"),
    (GOLD, {}, "change_nothing"),
    (has(extras=(("line", 1), ("number", 2))),
     {"extras": (("number", 1), ("line", 1), ("number", 1))}, "change_nothing"),
    (ONCE, {"package": "payg-small"}, "change_never_renews"),
    (ONCE, {"quantity": 1}, "change_never_renews"),
    (FREE, {"cycle": "quarterly"}, "change_cycle_not_sold"),
    (has(ends=None), {"package": "silver"}, "change_paid_until_unknown"),
    (has(ends=None), {"quantity": 2}, "change_paid_until_unknown"),
]  # fmt: skip


def test_what_is_bought_once_never_gets_a_shorter_cycle():
    """C9: no period of it ends, with which one could begin."""
    # Guard off (only what goes down is looked at): red.
    monthly = priced("payg", discounts={"monthly": Decimal(0)})

    assert (NO, "change_never_renews") == _said(
        decided(ONCE, prices=monthly, cycle="monthly")
    )


@pytest.mark.parametrize(("of", "to", "code"), IMPOSSIBLE)
def test_what_cannot_be_is_refused_with_reason_and_way_out(of, to, code):
    """P12, P10, C16: only plans on the system, of its ladder, for cycles they are sold
    for; and nothing of what has ended."""
    # Guard off (each row is out, one after the other): red.
    no = decided(of, **to)

    assert (NO, code) == _said(no)
    assert (None, None, ()) == (no.now, no.next, no.waits)


def test_the_way_out_names_what_can_be_chosen():
    """P12, P10: the choices, the best first; the cycles, the shortest first."""
    plan, cycle, alone, extras = (
        dict(decided(of, **to).because.parts)["choices"]
        for of, to in (
            (GOLD, {"package": "diamond"}),
            (GOLD, {"cycle": "weekly"}),
            (has("alone"), {"package": "gold"}),
            (GOLD, {"extras": (("cloud", 1),)}),
        )
    )

    assert "platinum, gold, gold-too, silver, free" == plan
    assert "monthly, quarterly, annually" == cycle
    assert ("alone", "line, number") == (alone, extras)


def test_a_plan_without_a_ladder_may_be_more_or_fewer():
    """P9: it only never becomes another."""
    alone = has("alone", quantity=2)

    assert [NOW, END] == [decided(alone, quantity=n).verdict for n in (3, 1)]


def test_an_addon_may_be_a_plan_of_its_own():
    """C7: one that hangs on a main plan goes up and down a ladder like any; one that
    stands on none may be more or fewer."""
    # Guard off (an add-on is no plan): red.
    names = ("chat", "chat-plus")
    addons = {name: replace(PRICES.packages[name], addon=True) for name in names}
    prices = replace(PRICES, packages={**PRICES.packages, **addons})
    up = decided(CHAT, others=(MAIN_MONTHLY,), prices=prices, package="chat-plus")
    more = decided(has("line"), quantity=3)

    assert [(NOW, "C6"), (NOW, "P9")] == [(d.verdict, d.promise) for d in (up, more)]


def test_capacity_is_added_at_once_and_dropped_at_period_end():
    """C2, C14: it is bought with the plan; who has too much may drop some."""
    # Guard off (either row is out): red.
    more = decided(GOLD, extras=(("line", 2),))
    less = decided(has(extras=(("line", 2),)), extras=(("line", 1),))
    none = decided(has(extras=(("line", 2),)), extras=())

    assert [NOW, END, END] == [more.verdict, less.verdict, none.verdict]
    assert ("2 x line", "1 x line", "none") == tuple(
        dict(d.because.parts)["extras"] for d in (more, less, none)
    )


@pytest.mark.parametrize(("had", "wants", "verdict"), [
    (0, 2, NOW), (0, 3, Verdict.REFUSED), (3, 4, Verdict.REFUSED), (4, 3, END),
])  # fmt: skip
def test_no_more_capacity_is_bought_than_the_plan_allows(had, wants, verdict):
    """C14: five each, ten in all; what is too much already may become less."""
    # Guard off (bought, and taken away in a week): red.
    some = has(extras=(("line", had),))
    extras = (("line", wants), ("number", 1)) if verdict is NOW else (("line", wants),)
    decision = decided(some, extras=extras, prices=BOUNDED)

    assert verdict == decision.verdict
    if verdict is Verdict.REFUSED:
        parts = {"extras": f"{wants} x line", "capacity": "storage_gb", "most": "10"}
        assert parts | {"to": "gold"} == dict(decision.because.parts)


def test_a_downgrade_may_leave_more_than_is_allowed():
    """C14: within seven days the owner settles it; the downgrade is not refused."""
    # Guard off (asked of every change): red.
    rich = has("platinum", quantity=3, extras=(("line", 9),))

    assert END == decided(rich, package="gold", prices=BOUNDED).verdict


def test_what_has_no_end_and_costs_nothing_goes_down_at_once():
    """D12: nothing that was paid for is lost."""
    fewer = decided(has("free", quantity=3, ends=None), quantity=1)

    assert (END, Scheduled(choice("free"), AT)) == (fewer.verdict, fewer.next)


SCHEDULED = has(next=Scheduled(choice("silver"), ENDS))


def test_a_downgrade_waits_for_all_that_is_paid():
    """C11: a renewal that was paid early is not lost."""
    # Guard off (it waits for the running period only): red.
    ahead = has(ahead=1, ahead_until=on(6, 1))

    assert on(6, 1) == decided(ahead, package="silver").next.at


def test_what_is_scheduled_can_be_taken_back():
    """C11: asked to stay what it is, nothing is scheduled any more."""
    # Guard off (the row is out): red.
    stays = decided(SCHEDULED)

    assert (KEEP, None, None, ()) == (
        stays.verdict,
        stays.now,
        stays.next,
        stays.waits,
    )


def test_the_newest_choice_takes_the_place_of_what_was_scheduled():
    """C11: there is one next renewal package, and the decision says which."""
    free, up = decided(SCHEDULED, **TO_FREE), decided(SCHEDULED, quantity=2)

    assert (Scheduled(choice("free"), ENDS), None) == (free.next, up.next)


ASKED = [
    # family, has, asked, approved, waits
    ({"approval": True}, "silver", {"package": "gold"}, False,
     (Wait.APPROVAL, Wait.PAYMENT)),
    ({"approval": True}, "silver", {"package": "gold"}, True, (Wait.PAYMENT,)),
    ({"approval": True}, "gold", {"package": "silver"}, False, (Wait.APPROVAL,)),
    ({"downgrades": False}, "gold", {"package": "silver"}, False, (Wait.APPROVAL,)),
    ({"downgrades": False}, "gold", {"package": "silver"}, True, ()),
    ({"downgrades": False}, "silver", {"package": "gold"}, False, (Wait.PAYMENT,)),
    ({}, "gold", {"package": "silver"}, False, ()),
    ({"approval": True}, "gold", {"package": "diamond"}, False, ()),
]  # fmt: skip


@pytest.mark.parametrize(("family", "plan", "to", "approved", "waits"), ASKED)
def test_an_admin_agrees_first_where_the_provider_wants_it(
    family, plan, to, approved, waits
):
    """I11: the customer asks; it waits for an admin, and only then for the payment."""
    # Guard off (nobody is asked; or asked of what is refused): red.
    prices = ruled("calls", **family)

    assert waits == decided(has(plan), prices=prices, approved=approved, **to).waits


@pytest.mark.parametrize("to", [{"cycle": "monthly"}, {"quantity": 1}])
def test_less_of_the_same_plan_is_a_downgrade_to_an_admin(to):
    """I11: fewer accounts and a shorter cycle wait for him, too."""
    prices = ruled("calls", downgrades=False)
    of = has(cycle="annually", quantity=2)

    assert (Wait.APPROVAL,) == decided(of, prices=prices, **to).waits


def test_the_last_case_is_always_true():
    """C6: what no rule says is refused, and an admin is to be asked."""
    # Guard off (the last row is out): red.
    assert (Question.always, NO) == (CASES[-1].holds, CASES[-1].verdict)
    assert Question.always not in {case.holds for case in CASES[:-1]}
    assert (NO, "change_not_foreseen") == _said(
        decide(asked(GOLD, package="silver"), cases=CASES[-1:])
    )


def test_every_case_says_something_of_its_own():
    """C10: no two rows could be taken for one another."""
    assert len(CASES) == len({case.says for case in CASES})
    assert set(saying.__dict__) >= {case.says.__name__ for case in CASES}
    assert changes.UNLISTED <= {case.says for case in (*CASES, *ORDERS)}


plans = st.sampled_from(["free", "silver", "gold", "gold-too", "platinum"])
extras = st.lists(st.tuples(st.sampled_from(["line", "number"]), st.integers(0, 3)))
choices = st.builds(
    Choice,
    plans,
    st.sampled_from(["monthly", "quarterly", "annually"]),
    st.integers(0, 6),
    extras.map(tuple),
)
held = st.builds(
    has,
    plans,
    st.sampled_from(["monthly", "quarterly", "annually"]),
    st.integers(1, 6),
    extras.map(tuple),
    used=st.integers(0, 4),
    tried_until=st.sampled_from([None, None, ENDS, on(4, 5)]),
)


def _asks(of, to, *others):
    return decided(of, package=to.package, cycle=to.cycle, quantity=to.quantity,
                   extras=to.extras, others=others)  # fmt: skip


@often
@given(held, choices)
def test_whatever_is_asked_no_paid_cycle_gets_shorter_before_its_end(of, to):
    """C9: not by any road through the table."""
    decision = _asks(of, to)
    paid = of.tried_until is None and of.choice.package != "free"

    if paid and decision.now:
        assert length(decision.now.cycle) >= length(of.choice.cycle)


@often
@given(held, choices)
def test_whatever_is_asked_nothing_paid_for_gets_less_before_its_end(of, to):
    """C11: what is had now is at least what was had, or the very first payment."""
    decision = _asks(of, to)
    paid = of.tried_until is None and of.choice.package != "free"
    ranks = {name: ladder.rank for name, ladder in PRICES.terms.ladders.items()}

    if paid and decision.now:
        assert ranks[decision.now.package] <= ranks[of.choice.package]
        assert decision.now.quantity >= of.choice.quantity
    if decision.next:
        assert decision.next.at >= AT
        assert not paid or decision.next.at == ENDS


@often
@given(held, choices)
def test_what_is_granted_is_in_the_end_what_was_asked_for(of, to):
    """D11: one move or two, the last of them is the choice itself."""
    decision = _asks(of, to)
    last = decision.next.choice if decision.next else decision.now

    assert {
        NO: None, KEEP: None, NOW: to, END: to, BOTH: to,
    }[decision.verdict] == last  # fmt: skip
    assert (decision.verdict in {NOW, BOTH}) == (Wait.PAYMENT in decision.waits)


@often
@given(held, choices, st.sampled_from(sorted(CYCLES)))
def test_whatever_is_granted_dependents_are_never_longer_than_their_main(of, to, cycle):
    """C7: from the moment on that the change has its effect."""
    chat = has("chat", cycle, ref="shop:8")
    decision = _asks(of, to, chat)
    shorter = length(to.cycle) < length(of.choice.cycle)

    if decision.verdict not in {NO, KEEP} and shorter:
        assert length(cycle) <= length(to.cycle)


@often
@given(held, choices)
def test_whatever_is_to_be_paid_has_a_price(of, to):
    """C6: no change is granted that nobody could pay."""
    decision = _asks(of, to)

    if decision.now:
        assert quote.change(PRICES, of, decision.now, AT).amount_due.amount >= 0
    if decision.next:
        after = replace(of, next=decision.next)
        assert quote.renewal(PRICES, after, AT + timedelta(0)).amount_due.amount >= 0
