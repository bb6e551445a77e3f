"""What a reseller's order costs him: its own lines at the prices of everybody."""

from dataclasses import replace

from provisioning.core import quote
from provisioning.core.choices import Choice
from provisioning.core.margins import at_base
from provisioning.core.prices import Kind, Position
from provisioning.core.quote import Line, Way
from tests.provisioning.core.shop import AT, PRICES, has, offer, priced
from tests.provisioning.core.world import usd

HIS = priced(group="acme", offers=(offer("35.00", group="acme"),))


def test_what_he_sells_dearer_costs_him_the_base_price():
    """U11: 7 of 35.00 sold, 7 of 29.95 to be paid; the fee is the same to both."""
    sold = quote.sign_up(HIS, Choice("gold", "monthly", 7), AT)

    assert usd("255.00") == sold.amount_due
    assert usd("219.65") == at_base(sold, PRICES)


def test_a_longer_cycle_costs_him_its_own_discounted_price():
    """P13: the discount of the cycle is taken off both prices."""
    sold = quote.sign_up(HIS, Choice("gold", "quarterly", 1), AT)

    assert usd("85.36").amount + 10 == at_base(sold, PRICES).amount


def test_what_is_sold_at_base_price_leaves_him_nothing():
    """U11: By the same list both are the same, add-ons included."""
    # Guard off (days.share is left out): red with the change.
    choice = Choice("gold", "monthly", 2, (("line", 3),))
    sold = quote.sign_up(PRICES, choice, AT)
    assert sold.amount_due == at_base(sold, PRICES)

    changed = quote.change(PRICES, has("silver", quantity=2), choice, AT)
    assert changed.days is not None
    assert changed.amount_due == at_base(changed, PRICES)


def test_what_is_given_back_is_given_back_at_base_price():
    """Six of seven are given up: nothing is to be paid, neither to him nor by him."""
    less = quote.change(HIS, has("gold", quantity=7), Choice("gold", "monthly"), AT)

    assert usd("0.00") == less.amount_due == at_base(less, PRICES)


def test_what_is_on_no_list_costs_him_what_it_is_sold_for():
    """A top-up, or a plan that is not sold any more."""
    good = Position(Kind.PLAN, "credit20", 1, usd("20.00"), recurs=False)
    sold = quote.sign_up(PRICES, Choice("alone", "monthly"), AT)
    sold = replace(sold, lines=(Line(Way.DEBIT, good, good.price),))

    assert usd("20.00") == at_base(sold, PRICES)


def test_a_top_up_costs_him_what_everybody_pays_for_it():
    """U11: three of 22.00 sold, three of 20.00 to be paid."""
    sold = quote.apart("credit20", usd("22.00"), 3, "acc_1", AT)
    goods = {"credit20": usd("20.00")}

    assert usd("66.00") == sold.amount_due
    assert usd("60.00") == at_base(sold, PRICES, goods)
