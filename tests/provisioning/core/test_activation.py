"""Where a coupon may be switched on, what it becomes there, and why it may not."""

from dataclasses import replace

import pytest

from provisioning.core.account import LIFE
from provisioning.core.activation import Activated, Ground, activate, fit, stock
from provisioning.core.catalog import Edition
from provisioning.core.sentences import Sentence, say
from provisioning.core.splice import Sold
from provisioning.core.terms import Mode
from provisioning.core.timebank import Renewal
from provisioning.core.timeline import Switch
from provisioning.core.umbrellas import Acting
from tests.provisioning.core.ladder import (
    ALIVE,
    BEST,
    CATALOG,
    DAY,
    GROUND,
    HOUR,
    MARCH,
    RANKS,
    TERMS,
    activation,
    coupon,
    marks,
    package,
    service,
    stands,
)
from tests.provisioning.core.world import SERVICE, on

AT = on(3, 10)
TWELVE, TEN = Acting("twelve", on(1, 1)), Acting("ten", on(1, 1))


def tried(kind, of, at=AT, *steps, variant=None, ground=GROUND, **more):
    """What comes of it: the activation, or why not."""
    card = coupon(kind)
    done = activate(card, card.owner, stands(of, at, *steps, **more), ground, variant)
    return done.activation if isinstance(done, Activated) else done


def rank(kind, of, at=AT, *steps, **more):
    done = tried(kind, of, at, *steps, **more)
    return done.code if isinstance(done, Sentence) else done.rank


# --- What it becomes


def test_it_is_switched_on_and_spent():
    """B2: at any moment, for its time, technically the plan of its rank (B3)."""
    card = coupon("reward")
    done = activate(card, "acct_1", stands(service(14), AT), GROUND)

    assert activation(AT, 3 * DAY, 12, card.id) == done.activation
    assert (replace(card, fate=done.activation), None) == (done.coupon, done.note)


RESOLVED = [
    ("reward", 14, (), 12),
    ("reward", 13, (), 12),
    ("accelerator", 14, (), 12),
    ("accelerator", 12, (), 10),
    ("accelerator", 10, (), 8),
    ("accelerator", 14, (TWELVE,), 10),
    ("accelerator", 14, (TWELVE, TEN), 8),
    ("accelerator", 11, (TWELVE,), 9),
]


@pytest.mark.parametrize(("kind", "plan", "acting", "then"), RESOLVED)
def test_its_rank_is_resolved_when_it_is_switched_on(kind, plan, acting, then):
    """B8, B9: fixed, or so many up from the better of plan and umbrella."""
    assert then == rank(kind, service(plan), acting=acting)


def test_a_raise_is_measured_from_what_the_plan_is_at_that_moment():
    """B9: an hour before the upgrade it is another than an hour after."""
    better = Switch(on(3, 10), Sold("rank 10", "monthly"))
    times = (on(3, 9, 23), on(3, 10, 1))

    assert [12, 8] == [rank("accelerator", service(14), at, better) for at in times]


def test_an_umbrella_counts_only_while_it_acts():
    """B9: acting on the service, at that very moment."""
    past = Acting("twelve", on(1, 1), AT)

    assert 12 == rank("accelerator", service(14), acting=(past,))


@pytest.mark.parametrize(
    ("variant", "then", "lasts"),
    [(1, 13, 2 * HOUR), (2, 12, HOUR), (3, 10, HOUR / 2)],
)
def test_of_several_variants_one_is_chosen(variant, then, lasts):
    """B11: 1 up for 2 hours, or 2 up for 1 hour, or 4 up for half an hour."""
    done = tried("test drive", service(14), variant=variant)

    assert (then, lasts) == (done.rank, done.lasts)


@pytest.mark.parametrize("variant", [None, 0, 4, -1])
def test_where_there_are_several_one_must_be_chosen(variant):
    """B12: none chosen, or none of them, is no choice."""
    choose = say("coupon_choose", kind="test drive", most=3)

    assert choose == tried("test drive", service(14), variant=variant)


def test_where_there_is_one_nobody_has_to_choose():
    """B12: but choosing it is no mistake."""
    assert tried("reward", service(14)) == tried("reward", service(14), variant=1)


# --- Where it may not


HELD = ALIVE | marks(billing=(True, on(3, 5)), abuse=(True, on(3, 6)))
OVER = marks(**{LIFE: (False, on(3, 5))})
RUNS = activation(on(3, 9), 3 * DAY, 12, "c-first")

REFUSED = [
    ("reward", service(14, said=OVER), say("coupon_ended", service=SERVICE)),
    ("reward", service(14, said={}), say("coupon_ended", service=SERVICE)),
    (
        "reward",
        service(14, said=HELD),
        say("coupon_suspended", service=SERVICE, holds="billing, abuse"),
    ),
    (
        "reward",
        service("desk"),
        say("coupon_other_type", package="desk", families="calls"),
    ),
    (
        "reward",
        service("loose"),
        say("coupon_other_type", package="loose", families="calls"),
    ),
    ("reward", service(12), say("coupon_not_better", rank=12, has=12)),
    ("reward", service(9), say("coupon_not_better", rank=12, has=9)),
    (
        "accelerator",
        service(9),
        say("coupon_above_best", rank=7, family="calls", best=BEST),
    ),
    ("odd", service(14), say("coupon_no_rank", rank=99, family="calls")),
    (
        "far",
        service("loner"),
        say("coupon_elsewhere", package="rank 7 elsewhere"),
    ),
]


@pytest.mark.parametrize(
    ("kind", "of", "why"), REFUSED, ids=[why.code for *_, why in REFUSED]
)
def test_it_is_refused_with_its_reason(kind, of, why):
    """B1, D3, D5, D7: wrong type; above the best; no better; ended or suspended."""
    # Guard off (each in turn): red.
    assert why == tried(kind, of)


@pytest.mark.parametrize("acting", [(), (TWELVE,)])
def test_it_is_never_burnt_under_an_umbrella_as_good(acting):
    """D5: rank 12 over a plan of 14 that an umbrella makes a 12 gives nothing."""
    # Guard off (compared with the plan alone): red.
    expected = "coupon_not_better" if acting else 12

    assert expected == rank("reward", service(14), acting=acting)


def test_while_one_runs_another_is_refused():
    """D2: with when the first is over; after that it may."""
    # Guard off: red.
    runs = say("coupon_runs", coupon="c-first", until="2026-03-12 00:00 UTC")

    assert runs == tried("reward", service(14), AT, RUNS)
    assert 12 == rank("reward", service(14), on(3, 12), RUNS)


def test_nested_it_is_measured_from_the_plan_and_never_compounds():
    """D2: 2 up from 14 is 12, though a coupon of rank 10 is running."""
    # Guard off (measured from what runs): red, 8.
    runs = replace(RUNS, rank=10, package="rank 10")

    assert 12 == rank("inner", service(14), AT, runs)


@pytest.mark.parametrize(("variant", "then"), [(1, "coupon_not_better"), (2, 10)])
def test_beside_the_term_it_must_be_better_than_what_runs(variant, then):
    """D5: one as good would run out unseen: refused, never burnt."""
    # Guard off (what runs is not looked at): red.
    assert then == rank("inner beside", service(14), AT, RUNS, variant=variant)


def test_what_is_not_sold_any_more_is_on_no_backend():
    """B3: there would be no limits to give it."""
    packages = {n: p for n, p in CATALOG.packages.items() if n != "rank 12"}
    ground = Ground(TERMS, replace(CATALOG, packages=packages), "main")
    gone = say("coupon_elsewhere", package="rank 12")

    assert gone == tried("reward", service(14), ground=ground)


def test_on_one_of_a_group_of_backends_it_may():
    """B3: any of the group may hold it."""
    many = package("rank 12", 8, "t12", backend="both", group=("main", "other"))
    catalog = replace(CATALOG, packages={**CATALOG.packages, "rank 12": many})

    assert 12 == rank("reward", service(14), ground=Ground(TERMS, catalog, "main"))


def test_it_is_looked_for_where_the_service_was_sold():
    """B3: the plan is another backend's by now; he bought while it was on his."""
    # Guard off (looked for among what is sold today): red.
    away = package("rank 12", 8, "t12", backend="other")
    packages = {**CATALOG.packages, "rank 12": away}
    catalog = replace(
        CATALOG, packages=packages, older={"v1": Edition(CATALOG.packages)}
    )
    ground = Ground(TERMS, catalog, "main")

    assert ["coupon_elsewhere", 12] == [
        rank("reward", service(14, version=version), ground=ground)
        for version in (None, "v1")
    ]


NOTHING_SPENT = [
    (coupon(), "acct_2", "coupon_of_another"),
    (coupon("gone"), "acct_1", "coupon_kind_unknown"),
    (replace(coupon(), fate=activation(on(3, 9))), "acct_1", "coupon_used"),
    (coupon("test drive", at=on(2, 9)), "acct_1", "coupon_spoiled"),
]


@pytest.mark.parametrize(("card", "account", "code"), NOTHING_SPENT)
def test_a_coupon_that_is_not_ones_own_or_gone_is_refused(card, account, code):
    """B2: whatever it would have become."""
    # Guard off (each of the two): red.
    assert code == activate(card, account, stands(service(14), AT), GROUND, 1).code


@pytest.mark.parametrize("of", [service(n) for n in RANKS], ids=lambda s: s.package)
@pytest.mark.parametrize("kind", TERMS.coupons)
def test_a_refusal_spends_nothing_and_an_activation_improves(kind, of):
    """D3: whatever is refused is as it was; whatever is not is a better rank (D5)."""
    card, before = coupon(kind), stands(of, AT)
    done = activate(card, "acct_1", before, GROUND, 1)
    spent = isinstance(done, Activated)

    assert None is card.fate
    assert not spent or done.activation.rank < before.rung.rank
    assert not spent or done.coupon.fate == done.activation


# --- What it does to the term


CLOSED = Renewal(invoiced=True)
MOVES = Renewal(invoiced=True, movable=True)
CHARGED = Renewal(gateway="paypal")

MODES = [
    ("reward", Renewal(), on(3, 10), Mode.EXTEND, None),
    ("reward", MOVES, on(3, 10), Mode.EXTEND, say("coupon_moves_invoice")),
    ("reward", CLOSED, on(3, 10), Mode.OVERLAY, say("coupon_beside_invoice")),
    (
        "reward",
        CHARGED,
        on(3, 10),
        Mode.OVERLAY,
        say("coupon_beside_gateway", gateway="paypal"),
    ),
    ("reward", Renewal(), on(4, 2), Mode.OVERLAY, say("coupon_beside_unpaid")),
    ("beside", MOVES, on(3, 10), Mode.OVERLAY, None),
]


@pytest.mark.parametrize(("kind", "renewal", "at", "how", "note"), MODES)
def test_what_it_does_to_the_term_is_said_before(kind, renewal, at, how, note):
    """D25: an open renewal, or a gateway's own: its invoice moves, else it overlays."""
    # Guard off (each case in turn): red.
    card = coupon(kind)
    done = activate(card, "acct_1", stands(service(14), at, renewal=renewal), GROUND)

    assert (how, note) == (done.activation.mode, done.note)


# --- My coupons


def test_my_coupons_are_counted_by_kind():
    """B1, B14: each with where it may be used; several are held at a time."""
    spent = replace(coupon("reward"), id="c-old", fate=activation(on(3, 9)))
    cards = [coupon("reward"), spent, coupon("accelerator"), coupon("reward", id="c2")]
    mine = stock(cards, (stands(service(14), AT), stands(service(12), AT)), GROUND, AT)

    assert [("reward", 2), ("accelerator", 1)] == [(s.kind.name, s.count) for s in mine]
    assert [
        [None, "coupon_not_better"],
        [None, None],
    ] == [[f.why_not and f.why_not.code for f in s.fits] for s in mine]


def test_a_kind_names_each_of_its_variants_and_what_it_becomes():
    """B1: the variant too many is refused, the others are open."""
    ways = fit(TERMS.coupons["test drive"], stands(service(10), AT), GROUND).ways

    assert [9, 8, "coupon_above_best"] == [
        w.becomes.code if isinstance(w.becomes, Sentence) else w.becomes.rank
        for w in ways
    ]
    assert list(TERMS.coupons["test drive"].variants) == [w.variant for w in ways]


def test_a_service_on_which_no_variant_is_left_says_why():
    """B1: the first reason stands for all."""
    none = fit(TERMS.coupons["test drive"], stands(service(8), AT), GROUND)

    assert (SERVICE, "coupon_above_best") == (none.service, none.why_not.code)


def test_the_variant_that_is_refused_is_refused_though_others_are_open():
    """B12: and the coupon is still there for them."""
    assert "coupon_above_best" == rank("test drive", service(10), variant=3)
    assert 9 == rank("test drive", service(10), variant=1)


def test_it_may_cross_the_end_of_the_month_once_it_runs():
    """D4: activated a minute before the 1st, it has its two hours."""
    at = on(3, 31, 23, 59)
    done = tried("test drive", service(14, (MARCH,)), at, variant=1)

    assert (at, 2 * HOUR) == (done.at, done.lasts)
