"""Coupons that a paid line buys: how many, whose, and what goes back with it."""

from dataclasses import replace

import pytest

from provisioning.core.account import Service
from provisioning.core.coupons import Gone, Withdrawn
from provisioning.core.events import Type
from provisioning.core.heard import Fate
from tests.provisioning.core.ladder import KINDS, activation
from tests.provisioning.core.world import (
    ACCOUNT,
    CATALOG,
    NOW,
    World,
    activate,
    on,
    renewed,
    told,
    topup,
)

SHOP = replace(
    CATALOG, terms=replace(CATALOG.terms, coupons={kind.name: kind for kind in KINDS})
)
APART = "shop:9"
BOUGHT, BACK = on(1, 16), on(1, 20)


@pytest.fixture
def world():
    """An account whose one service runs, in a shop that sells one kind of coupon."""
    running = World(catalog=SHOP)
    running.hear(activate())
    return running


def bought(line="shop:line-5", at=BOUGHT, **said):
    sold = {"product": "sold", "line": line, "currency": "USD", "service": None}
    return topup(at, **sold | said)


def paid_back(line="shop:line-5", at=BACK, **said):
    return told(Type.REVERSED, at, line=line, service=None, **said)


def fate(todo):
    [ruling] = todo.rulings
    return ruling.fate, ruling.why and ruling.why.code


def test_a_paid_line_gives_so_many_coupons_and_no_credit(world):
    """B13, S7: they are the buyer's, with the line and what one cost."""
    todo = world.hear(bought(quantity=2))

    assert ((Fate.DONE, None), ()) == (fate(todo), todo.bookings)
    assert [
        ("shop:line-5/coupon/1", "acct_1", "acct_1", "shop:line-5", "5.00 USD", NOW),
        ("shop:line-5/coupon/2", "acct_1", "acct_1", "shop:line-5", "5.00 USD", NOW),
    ] == [(c.id, c.owner, c.by, c.line, c.price, c.given_at) for c in todo.coupons]


def test_told_twice_a_line_gives_once(world):
    """B13: by another delivery, or in the same breath."""
    # Guard off (what the line brought is not looked for): red, each is given anew.
    again = bought(at=on(1, 17))
    first = world.hear(bought(), again)
    late = world.hear(bought(at=on(1, 18)))

    assert [(Fate.DONE, None), (Fate.DONE, "already_booked")] == [
        (r.fate, r.why and r.why.code) for r in first.rulings
    ]
    assert (1, ()) == (len(first.coupons), late.coupons)
    assert (Fate.DONE, "already_booked") == fate(late)


@pytest.mark.parametrize("other", [{"quantity": 3}, {"product": "ten"}])
def test_a_line_that_tells_something_else_is_for_a_person(world, other):
    """V1: what it gave stands; nothing comes on top, neither coupon nor credit."""
    world.hear(bought())
    todo = world.hear(bought(at=on(1, 17), **other))

    assert ((), (), (Fate.PARKED, "line_differs")) == (
        todo.coupons, todo.bookings, fate(todo),
    )  # fmt: skip


WRONG = [
    ({"product": "reward"}, "coupon_not_sold"),
    ({"product": "no such kind"}, "topup_unknown"),
    ({"line": None}, "line_missing"),
    ({"currency": "EUR"}, "currency_differs"),
    ({"besides": ("a number",)}, "cannot_deliver"),
    ({"extras": (("line", 1),)}, "cannot_deliver"),
    ({"line": "shop:line-1"}, "line_of_another"),
    ({"line": "shop:line-9"}, "line_of_another"),
]


@pytest.mark.parametrize(("said", "code"), WRONG)
def test_what_is_not_clear_gives_nothing(world, said, code):
    """B13: parked with its reason: not sold, of another currency, another's line."""
    # Guards off (the price, the currency, the line's period, the line's money): red.
    world.hear(topup())
    todo = world.hear(bought(**said))

    assert ((), (Fate.PARKED, code)) == (todo.coupons, fate(todo))


def test_a_line_that_gave_a_coupon_pays_for_no_package(world):
    """V1: one payment, one thing."""
    # Guard off: red, the renewal is paid by it.
    world.hear(bought("shop:line-2"))

    assert (Fate.PARKED, "line_of_another") == fate(world.hear(renewed()))


def test_a_line_without_a_currency_is_taken_at_its_word(world):
    """B13: as with all that is sold."""
    assert 1 == len(world.hear(bought(currency=None)).coupons)


def test_what_was_bought_before_the_source_was_ours_gives_nothing(world):
    """B13: whoever had the customers then has given it."""
    world.catalog = replace(SHOP, live_from={"shop": on(1, 17)})
    todo = world.hear(bought())

    assert ((), (Fate.DONE, "baseline")) == (todo.coupons, fate(todo))


def test_sold_as_a_service_of_its_own_it_is_given_and_over():
    """S7: platforms that know nothing but services; each renewal gives as many."""
    beside = Service(APART, "sold")
    services = (*ACCOUNT.services, beside)
    world = World(catalog=SHOP, account=replace(ACCOUNT, services=services))
    world.hear(activate())
    order = {"service": APART, "product": "sold", "line": "shop:line-5"}
    first = world.hear(activate(**order, quantity=2))
    next_ = world.hear(renewed(service=APART, product=None, line="shop:line-6"))

    assert (2, 2) == (len(first.coupons), len(next_.coupons))
    assert not world.account.service(APART).alive


# --- Paid back


def test_unused_it_goes_back_with_its_payment(world):
    """D30: withdrawn, with which event said so; nothing is credited or taken."""
    # Guard off (a reversal looks for sums only): red, it is parked as unknown.
    world.hear(bought())
    todo = world.hear(paid_back(id="back"))
    [coupon] = todo.coupons

    assert Withdrawn(Gone.REFUNDED, NOW, "shop", "back") == coupon.fate
    assert ((Fate.DONE, None), ()) == (fate(todo), todo.bookings)


def test_what_was_used_is_spent_and_a_person_is_told(world):
    """D30, B5: the other one goes back; no debt is made of the one that was used."""
    # Guard off (all of the line goes back): red, it was used and is withdrawn.
    world.hear(bought(quantity=2))
    used = world.coupons["shop:line-5/coupon/1"]
    world.coupons[used.id] = replace(used, fate=activation(on(1, 18)))
    todo = world.hear(paid_back())

    assert ["shop:line-5/coupon/2"] == [coupon.id for coupon in todo.coupons]
    assert ((Fate.PARKED, "coupon_spent"), ()) == (fate(todo), todo.bookings)
    assert ("coupons", used.id) in todo.rulings[0].why.parts
    assert activation(on(1, 18)) == world.coupons[used.id].fate


def test_paid_back_twice_it_goes_back_once(world):
    """D30: a refund and then a chargeback of one line."""
    world.hear(bought())
    world.hear(paid_back())
    todo = world.hear(paid_back(at=on(1, 21)))

    assert ((), (Fate.DONE, "already_back")) == (todo.coupons, fate(todo))


def test_a_friend_loses_what_is_paid_back(world):
    """D30, S8: whoever has it now; it stays in his hands, withdrawn."""
    world.hear(bought())
    [coupon] = world.coupons.values()
    world.coupons[coupon.id] = replace(coupon, owner="acct_2")
    [back] = world.hear(paid_back()).coupons

    assert ("acct_2", Gone.REFUNDED) == (back.owner, back.fate.how)


def test_bought_and_paid_back_in_one_breath_nothing_is_left(world):
    """D30: it was there, and is withdrawn; told the other way round it is parked."""
    [coupon] = world.hear(bought(), paid_back()).coupons
    early = world.hear(paid_back("shop:line-6"))

    assert Gone.REFUNDED is coupon.fate.how
    assert (Fate.PARKED, "reversal_unknown") == fate(early)


def test_on_an_account_that_is_purged_it_is_kept_to_be_passed_on(world):
    """S8: nothing that was paid for is lost."""
    world.account = replace(world.account, purged_at=on(1, 10))

    assert 1 == len(world.hear(bought()).coupons)
