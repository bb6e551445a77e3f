"""Sums settled against one another: to the cent, the oldest first, nothing twice."""

from dataclasses import replace
from decimal import Decimal

import pytest

from provisioning.core.credit import Claim, Kind
from provisioning.core.offsets import Lend, Offsets, Repay, Void, lends, repays, voids
from tests.provisioning.core.world import usd


def bought(no, amount="18.00"):
    return Claim(f"shop:t{no}/topup", Kind.TOPUP, usd(amount), f"paid {no}")


def back(no, amount="18.00"):
    key = f"shop:t{no}/topup/reversal"
    return Claim(key, Kind.REVERSAL, usd(amount), f"back {no}")


def debt(no, amount):
    return Claim(f"shop:d{no}/debt/0.00", Kind.DEBT, usd(amount), f"lent {no}")


def parts(settled):
    return [each.amount for each in settled]


@pytest.mark.parametrize(
    ("spare", "lent"),
    [
        ("36.00", []),
        ("35.99", ["0.01"]),
        ("18.00", ["18.00"]),
        ("10.00", ["8.00", "18.00"]),
        ("0.00", ["18.00", "18.00"]),
        ("-5.00", ["18.00", "18.00"]),
    ],
)
def test_what_cannot_be_taken_of_two_is_lent_one_after_the_other(spare, lent):
    """D28: what the first takes is not there for the second; below nothing is nothing.

    Guard off (`spare -= taken`, or the least of nothing): red, too little is lent.
    """
    assert [Decimal(each) for each in lent] == parts(
        lends((back(1), back(2)), Decimal(spare))
    )


def test_what_is_lent_of_one_sum_twice_is_two_debts():
    """D28: each is repaid by itself, so each has a key."""
    first = Lend(back(1), Decimal(8))
    more = Lend(replace(back(1), offset=Decimal(8)), Decimal(10))

    assert first.debt.key != more.debt.key
    assert (usd(8), usd(10)) == (first.debt.money, more.debt.money)


@pytest.mark.parametrize(
    ("topups", "debts", "paid"),
    [
        (["18.00"], ["8.00"], [(1, 1, "8.00")]),
        (["18.00"], ["10.00", "10.00"], [(1, 1, "10.00"), (1, 2, "8.00")]),
        (["18.00"], ["18.00", "10.00"], [(1, 1, "18.00")]),
        (["8.00", "8.00"], ["10.00"], [(1, 1, "8.00"), (2, 1, "2.00")]),
        (["8.00", "8.00"], ["8.00"], [(1, 1, "8.00")]),
    ],
)
def test_the_oldest_topup_pays_the_oldest_debt(topups, debts, paid):
    """D28: no unit of a top-up pays twice, and no unit of a debt is paid twice.

    Guard off (`rest -= paid`, or what is left of the debt): red, paid twice.
    """
    incoming = tuple(bought(no, sum_) for no, sum_ in enumerate(topups, 1))
    owed = tuple(debt(no, sum_) for no, sum_ in enumerate(debts, 1))

    assert [
        Repay(incoming[by - 1], owed[of - 1], Decimal(sum_)) for by, of, sum_ in paid
    ] == list(repays(incoming, owed))


def test_what_was_settled_before_is_not_settled_again():
    """D28: a top-up pays with what is left of it, and a debt is what is left of it."""
    half = replace(bought(1), offset=Decimal(10))
    rest = replace(debt(1, "18.00"), offset=Decimal(13))

    assert [5] == parts(repays((half,), (rest,)))


def test_only_what_was_never_tried_is_voided():
    """V1: what may have arrived has to be looked for before anything is said of it."""
    open_ = (bought(1), bought(2), back(1), back(2), back(3))

    assert (Void(bought(1), back(1)),) == voids(open_, {bought(2).key})


@pytest.mark.parametrize(
    "settled",
    [
        Offsets(voids=(Void(bought(1), back(1)),)),
        Offsets(lends=(Lend(back(1), Decimal(1)),)),
        Offsets(repays=(Repay(bought(1), debt(1, "1.00"), Decimal(1)),)),
    ],
)
def test_any_one_of_them_is_something_to_be_noted(settled):
    """D28: a plan that only settles is a plan that does something."""
    assert settled
    assert not Offsets()


def test_what_is_settled_is_not_sent_and_the_rest_is():
    """D28: a void takes all, a debt and its payment their part, and others nothing."""
    settled = Offsets(
        (Void(bought(1), back(1)),),
        (Lend(back(2), Decimal(8)),),
        (Repay(bought(3), debt(1, "8.00"), Decimal(8)),),
    )
    left = settled.left_of(
        (bought(1), back(1), back(2), bought(3), bought(4), debt(1, "8.00"))
    )

    assert [(back(2).key, 10), (bought(3).key, 10), (bought(4).key, 18)] == [
        (claim.key, claim.rest) for claim in left
    ]


def test_a_debt_that_is_paid_is_none_and_one_that_was_made_is_one():
    """D28: what was lent in this plan is owed after it."""
    settled = Offsets(
        lends=(Lend(back(2), Decimal(3)),),
        repays=(Repay(bought(3), debt(1, "8.00"), Decimal(8)),),
    )

    assert [(f"{back(2).key}/debt/0.00", 3)] == [
        (claim.key, claim.rest) for claim in settled.debts_after((debt(1, "8.00"),))
    ]
