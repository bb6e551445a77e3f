"""What a customer is told of a life: each once, and nothing of what is long over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from provisioning.core import news
from provisioning.core.account import BOUGHT, Mark
from provisioning.core.events import Hold, Order
from provisioning.core.promised import Promise
from provisioning.core.terms import Dunning, Terms
from tests.provisioning.core import test_acting as coupons
from tests.provisioning.core import test_dunning as dunned
from tests.provisioning.core import test_trying as trials
from tests.provisioning.core.world import (
    ACCOUNT,
    SERVICE,
    change,
    on,
    renewed,
    resume,
    suspend,
    terminate,
    usd,
)

GIVEN = Promise(SERVICE, on(2, 5), on(2, 12), usd("29.00"), "customer")


def told(world, at, *events, catalog=None):
    """What there is to tell after these words, at that moment."""
    was = world.account
    world.at = at
    world.hear(*events)
    world.bring()
    return listed(news.news(was, world.account, world.catalog, at))


def listed(found):
    return [(each.topic.value, each.of.removeprefix(f"{SERVICE}/")) for each in found]


def living(*events, **more):
    return dunned.living(on(1, 2), *events, **more)


# --- what we dun for


@pytest.mark.parametrize(("at", "said"), [
    (on(1, 24, 23), []),
    (on(1, 25), [("reminder", "period-2/1")]),
    (on(1, 30), [("reminder", "period-2/2")]),
    (on(1, 31, 5), [("reminder", "period-2/3")]),
    (on(2, 1), []),
    (on(2, 4), [("suspended", "period-2")]),
    (on(2, 11), []),
    (on(2, 12), [("revoke-warning", "period-2")]),
])  # fmt: skip
def test_whoever_owes_it_is_told_before_and_after(at, said):
    """I8, I9, D27: 7, 3 and 1 days before; only the last that has come. When it went
    off, and three days before it ends."""
    # Guard off (a reminder is told though it is due by now; all that have come): red.
    assert said == told(living(), at)


def test_paid_it_is_renewed_and_no_reminder_is_told():
    """I8, U2: and once more is told only once more of the next period."""
    world = living()

    assert [("renewed", "period-2")] == told(world, on(1, 26), renewed(on(1, 26)))
    assert [] == told(world, on(1, 31))
    assert [("reminder", "period-3/1")] == told(world, on(2, 23))


def test_paid_late_it_is_on_again():
    """I9: it names what had put it off, so that it is told once of each."""
    world = dunned.later(living(), on(2, 10))

    assert [("resumed", "period-2"), ("renewed", "period-2")] == told(
        world, on(2, 11), renewed(on(2, 11))
    )


def test_not_paid_at_all_it_is_revoked():
    """I9: by the life it had, so that one brought back may be revoked again."""
    world = living()

    assert [("revoked", "word-1")] == told(world, on(2, 15))
    assert [] == told(world, on(2, 16))


def test_bought_once_or_dunned_by_its_platform_nobody_is_reminded():
    """I8, D27."""
    for sold in (dunned.ONCE, dunned.FREE, {"catalog": dunned.CATALOG}):
        world = living(**sold)
        [service] = world.account.services

        assert () == news.dues(world.account, service, world.catalog)
        assert [] == told(world, on(1, 31))


def test_no_warning_before_the_payment_is_due():
    """Revoked two days after: the warning is not what reminds of the payment."""
    short = Dunning(suspend=None, revoke=timedelta(days=2))
    catalog = replace(dunned.CATALOG, terms=Terms(dunning={"shop": short}))
    world = living(catalog=catalog)
    [service] = world.account.services
    last = news.dues(world.account, service, catalog)[-1]

    assert ("warn of revoke", on(2, 1)) == (last.what.value, last.at)


# --- words of its platform


def test_a_word_puts_it_off_and_another_on_again():
    """U3: a second reason while it is off is no news, nor is its end."""
    world = living()
    off, abuse = suspend(on(1, 10)), suspend(on(1, 11), hold=Hold.ABUSE)
    seen = [told(world, at, word) for at, word in (
        (on(1, 20), off), (on(1, 20), abuse), (on(1, 21), resume(on(1, 21))),
        (on(1, 22), resume(on(1, 22), hold=Hold.ABUSE)),
    )]  # fmt: skip

    # Guard off (told though it was off before): red.
    assert [[("suspended", "word-2")], [], [], [("resumed", "word-3")]] == seen


def test_it_goes_on_being_news_for_a_week():
    """Read again after an outage, it is told by the same key, and so once."""
    world = living(suspend(on(1, 10)))

    assert [("suspended", "word-2")] == told(world, on(1, 16))
    assert [("reminder", "period-2/1")] == told(world, on(1, 25))


def test_a_promise_puts_it_on_and_its_end_off_again():
    """S6: each is told, and once more where that happens once more."""
    world = dunned.later(living(), on(2, 4))
    world.account = replace(world.account, promises=(GIVEN,))
    seen = [told(world, at) for at in (on(2, 5), on(2, 11, 23), on(2, 12))]

    assert [("resumed", "period-2")] == seen[0] == seen[1]
    assert [("suspended", "period-2/promise-1"),
            ("revoke-warning", "period-2/promise-1")] == sorted(
        seen[2], reverse=True)  # fmt: skip


def test_promised_and_paid_before_anybody_looked_it_is_on_again():
    """S6: once it is paid it looks as if it had never been off; that it is on again is
    told all the same, and once."""
    world = dunned.later(living(), on(2, 4))
    world.account = replace(world.account, promises=(GIVEN,))
    seen = told(world, on(2, 10), renewed(on(2, 10)))

    assert [("renewed", "period-2"), ("resumed", "period-2")] == sorted(seen)
    assert [] == told(world, on(2, 11))


def test_a_word_that_a_promise_put_off_counts_from_its_end():
    """S6, D27: where its platform duns, and said so long before."""
    world = living(suspend(on(2, 4)), catalog=dunned.CATALOG, promises=(GIVEN,))
    paid = replace(GIVEN, service="shop:8")
    world.account = replace(world.account, promises=(GIVEN, paid))

    assert [("resumed", "word-2")] == told(world, on(2, 6))
    assert [("suspended", "word-2/promise-1")] == told(world, on(2, 13))


def test_a_promise_given_while_it_is_on_is_no_news():
    """S6: nothing changes by it."""
    world = living(promises=(replace(GIVEN, given_at=on(2, 2)),))

    assert [[], []] == [told(world, at) for at in (on(2, 3), on(2, 10))]


def test_what_its_platform_ends_has_ended():
    """U4."""
    assert [("ended", "word-2")] == told(living(), on(1, 20), terminate(on(1, 20)))


def test_a_new_order_is_no_news():
    """I2: that has a mail of its own."""
    world = living()
    before = replace(world.account, services=())

    assert () == news.news(before, world.account, world.catalog, on(1, 2))


def test_what_is_credited_is_no_service():
    """I10: a top-up sold as one is told of as a top-up."""
    world = living()
    [service] = world.account.services
    credit = service.marked(BOUGHT, Mark(yes=True, order=Order(on(1, 2), 0, 0)))
    account = replace(world.account, services=(credit,))

    assert () == news.news(account, account, world.catalog, on(1, 25))


# --- changes


def test_a_change_is_told_with_what_it_was():
    """C6, U5: by the word that said so."""
    world = living()
    was = world.account
    world.at = on(1, 10)
    world.hear(change(on(1, 10)))
    [one] = news.news(was, world.account, world.catalog, on(1, 10))

    assert ("changed", f"{SERVICE}/word-2", ("basic", 1)) == (
        one.topic, one.of, one.was)  # fmt: skip


def test_what_is_scheduled_is_told_at_once_and_when_it_is_done():
    """C11: what is said again of the same is not."""
    world = living(catalog=dunned.CATALOG)
    word = replace(change(on(1, 10)), at_period_end=True)
    same = replace(change(on(1, 11), product="basic"), at_period_end=True)

    assert [("scheduled", "word-2")] == told(world, on(1, 10), word)
    assert [] == told(world, on(1, 12))
    assert [("turned", "word-2")] == told(world, on(2, 1))
    assert [] == told(living(catalog=dunned.CATALOG), on(1, 11), same)


def test_sold_anew_without_a_word_of_change_it_has_changed():
    """A version that knew no changes kept no mark of it."""
    world = living()
    [service] = world.account.services
    bare = replace(service, marks={"life": service.marks["life"]}, quantity=3)
    now = replace(world.account, services=(bare,))

    assert [("changed", "word-0")] == listed(
        news.news(world.account, now, world.catalog, on(1, 10)))  # fmt: skip


# --- trials


def test_a_trial_says_that_it_ends_and_what_it_became():
    """D13, C12: three days before; then it is Free."""
    world = trials.trying()

    assert [] == told(world, trials.OVER - timedelta(days=4))
    assert [("trial-ending", "trial")] == told(world, trials.OVER - timedelta(days=3))
    assert [("turned", "trial")] == told(world, trials.OVER)


def test_paid_in_its_trial_it_is_renewed():
    """Its first payment is no order, and nothing ends any more."""
    world = trials.trying()
    seen = told(world, on(3, 10), renewed(on(3, 10), **trials.PAID))

    assert ("renewed", "period-1") in seen
    assert [] == told(world, trials.OVER - timedelta(days=1))


def test_the_first_payment_of_an_order_is_no_renewal():
    """Though it may be told apart from it."""
    world = living()
    [service] = world.account.services
    before = replace(world.account, services=(replace(service, periods=()),))

    assert () == news.news(before, world.account, world.catalog, on(1, 3))


def test_a_trial_without_a_free_plan_goes_off():
    """D13: by itself, and by its own key."""
    world = trials.trying("chat")

    assert [("suspended", "trial")] == told(world, trials.OVER)


def test_what_has_ended_wakes_nobody():
    """It has nothing to come."""
    world = living(terminate(on(1, 20)))
    [service] = world.account.services

    assert () == news.dues(world.account, service, world.catalog)
    assert None is news.off(world.account, service, world.catalog, on(1, 21))


@pytest.mark.parametrize(("word", "of", "since"), [
    (on(1, 20), "word-2", on(1, 20)),
    (on(2, 6), "period-2", on(2, 4)),
])  # fmt: skip
def test_off_for_two_reasons_it_is_so_since_the_first(word, of, since):
    """I9: he was told of that one, and names it when it is on again."""
    # Guard off (`max` in `off`, or the first that is found): red.
    world = living(suspend(word, hold=Hold.ABUSE))
    world.at = on(2, 7)
    world.bring()
    [service] = world.account.services
    found = news.off(world.account, service, world.catalog, on(2, 7))

    assert (of, since) == (found.of.removeprefix(f"{SERVICE}/"), found.since)


# --- coupons


def test_a_coupon_begins_and_ends():
    """B4, B6: by the coupon itself; one of another service is that one's."""
    other = replace(coupons.CARD, coupon="other", service="shop:8")
    world = coupons.living(on(1, 2), coupons.CARD, other)
    name = coupons.CARD.coupon
    seen = [told(world, at) for at in (on(1, 9), on(1, 10), on(1, 13), on(1, 21))]

    assert [[], [("coupon-started", name)],
            [("coupon-started", name), ("coupon-ended", name)], []] == seen  # fmt: skip


def test_nobody_is_told_of_what_is_not_there():
    """An account without services has no news."""
    assert () == news.news(
        ACCOUNT, replace(ACCOUNT, services=()), dunned.HOUSE, on(1, 2)
    )
