"""A change, as somebody writes it down, and what is said of it before it is done."""

import json
from dataclasses import replace

import pytest

from bridge import changing
from bridge.cli import wish
from provisioning.core.account import LIFE, Account, Mark, Service
from provisioning.core.choices import Choice
from provisioning.core.events import Order
from provisioning.core.period import Period
from tests.provisioning.core.shop import AT, ENDS, PRICES, STARTS, offer, priced

HAS = Choice("gold", "annually", 3, (("line", 2),))
ALIVE = {LIFE: Mark(yes=True, order=Order(STARTS, 0, 0))}


def service(ref="shop:7", package="gold", alive=True, **more):
    month = (Period(1, STARTS, ENDS),)
    return Service(ref, package, ALIVE if alive else {}, month, **more)


def account(*services):
    return Account("acct_1", "shop", "main", "USD", "sw1", services=services)


def told(written, *services, ref="shop:7"):
    of = account(*services or (service(quantity=3),))
    named = changing.service_of(of, ref)
    return changing.told(changing.question(of, named, PRICES, written, AT))


WRITTEN = [
    ("platinum", replace(HAS, package="platinum")),
    ("gold,x5", replace(HAS, quantity=5)),
    ("gold,monthly", replace(HAS, cycle="monthly")),
    (" silver , quarterly , x1 ", Choice("silver", "quarterly", 1, HAS.extras)),
    ("gold,x5,monthly", replace(HAS, cycle="monthly", quantity=5)),
    ("free", Choice("free", "monthly", 3, HAS.extras)),
    ("nowhere", replace(HAS, package="nowhere")),
]


@pytest.mark.parametrize(("written", "choice"), WRITTEN)
def test_a_change_is_written_in_one_word(written, choice):
    """P10: plan, cycle, quantity; what is not said stays as it is."""
    assert choice == changing.choice(written, PRICES, HAS)


@pytest.mark.parametrize("wrong", ["weekly", "x", "5", "x-1", ""])
def test_what_cannot_be_read_says_how_to_write_it(wrong):
    """P10: rather than a change nobody meant."""
    with pytest.raises(LookupError, match="write it as gold,annually,x3"):
        changing.choice(f"gold,{wrong}", PRICES, HAS)


def test_an_upgrade_is_told_with_its_price_lines():
    """P10: unit price, quantity and what is due, before anything is done."""
    said = told("platinum")

    assert {
        "verdict": "now",
        "because": 'It is "platinum" as soon as it is paid; until then it stays'
        ' "gold".',
        "now": "3 x platinum, monthly",
        "next": None,
        "waits for": "payment",
        "unit price": "99.00 USD",
        "due now": "138.10 USD",
        "due next": None,
        "lines": [
            "    -59.90 USD  3 x gold at 29.95 USD for 20/30 days",
            "    198.00 USD  3 x platinum at 99.00 USD for 20/30 days",
        ],
        "losses": [],
    } == said
    assert said == json.loads(json.dumps(said))


def test_a_downgrade_is_told_with_what_it_takes():
    """C10: the list that will have to be confirmed; C11: what comes next, and when."""
    said = told("silver,x3")

    assert ("at period end", "3 x silver, monthly, from 2026-05-01 00:00 UTC") == (
        said["verdict"],
        said["next"],
    )
    assert (None, "59.85 USD", []) == (said["due now"], said["due next"], said["lines"])
    assert [
        "channels: 30 -> 15",
        "storage_gb: 50 -> none",
        "features/recording: 1 -> none",
    ] == said["losses"]


def test_what_comes_later_comes_after_what_is_paid_now():
    """D11: the renewal that is told is the one with the second move."""
    said = told("platinum,x3", service(quantity=5))

    assert "now and at period end" == said["verdict"]
    assert ("230.17 USD", "297.00 USD") == (said["due now"], said["due next"])


def test_what_else_lives_on_the_account_counts():
    """C7: a plan that ended is no main plan any more."""
    main, chat = service("shop:1"), service("shop:8", "chat")
    over = service("shop:1", alive=False)
    verdicts = [
        told("chat,x2", chat, other, ref="shop:8")["verdict"] for other in (main, over)
    ]

    assert ["now", "refused"] == verdicts


def test_a_service_that_is_gone_from_the_list_is_refused_in_words():
    """P12: not by a traceback."""
    said = told("gold", service(package="gone"))

    assert ("refused", None) == (said["verdict"], said["unit price"])
    assert "not all of that is in the price list" in said["because"]


def test_what_has_ended_is_not_changed():
    """C16: it is named, and refused in words."""
    said = told("silver", service(alive=False))

    assert ("refused", True) == (said["verdict"], "is not active" in said["because"])


NAMED = [
    (("shop:7", "shop:8"), "shop:8", "shop:8"),
    (("shop:7",), "acct_1", "shop:7"),
    (("shop:7", "shop:8"), "acct_1", "shop:7, shop:8"),
    ((), "acct_1", "none lives"),
]


@pytest.mark.parametrize(("refs", "name", "found"), NAMED)
def test_one_service_is_changed_at_a_time(refs, name, found):
    """P10: an account may stand for its only one; else the error names them."""
    of = account(*(service(ref) for ref in refs), service("shop:9", alive=False))
    try:
        chosen = changing.service_of(of, name).ref
    except LookupError as no:
        chosen = str(no).rpartition("to change: ")[2]

    assert found == chosen


def test_what_is_given_back_is_by_the_list_it_was_sold_by():
    """D21: in the preview, too."""
    dearer = priced(offers=(offer("99.00"),))
    of = service()
    asked = changing.question(account(of), of, dearer, "platinum,x3", AT)
    said = [changing.told(replace(asked, had=had)) for had in (None, PRICES)]

    assert ["132.00 USD", "178.03 USD"] == [one["due now"] for one in said]


def test_people_read_the_same(capsys):
    """C10: the reason first, then the prices, then what it takes."""
    both = told("silver,x5")
    wish.show(both)
    read = capsys.readouterr().out

    assert "now and at period end" == both["verdict"]
    assert all(part in read for part in (
        "Once it is paid: 5 x", "due now", "due next",
        "5 x gold at 29.95 USD for 20/30", "  less: storage_gb: 50 -> none",
    ))  # fmt: skip
