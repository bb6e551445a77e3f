"""What a coupon is, on its pages: which rank it lends, for how long, and until when."""

from tests.bridge.seen import levels
from tests.bridge.web.shop.desk import Desk
from tests.bridge.web.shop.pressing import account, given, owner, press
from tests.bridge.web.shop.pressing import told as said
from tests.bridge.web.shop.test_coupons import USE, look

STEPS = """
[families.steps]
[packages.step-low]
backend = "main"
price = "10.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 1
family = "steps"
rank = 3
[packages.step-mid]
backend = "main"
price = "20.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 5
family = "steps"
rank = 2
[packages.step-high]
backend = "main"
price = "30.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 9
family = "steps"
rank = 1
[coupons.reward]
families = ["steps"]
variants = [{ lasts = "3d", rank = 1 }]
[coupons.accelerator]
families = ["steps"]
variants = [{ lasts = "3h", up = 1 }]
[coupons."Test drive"]
families = ["steps"]
variants = [{ lasts = "3h", up = 1 }]
spoils = true
[umbrellas.offer]
rank = 2
"""


def on_the_lowest(shopper):
    return owner(shopper, "step-low", more=STEPS)


def channels(one):
    return levels(one.simulator)[1]


def test_a_fixed_one_is_its_plan_for_as_long_as_it_lasts_and_costs_nothing(shopper):
    """B2, B3, B4, B5, B8: the limits of that rank, then those of before; no sum."""
    one = on_the_lowest(shopper)
    mine, booked = Desk(one), len(one.rig.entries())
    page = look(one, given(one, "reward")).text
    assert "step-high" in page
    assert "3 days" in page

    assert "It is on." in said(one, press(one, page, USE))
    one.rig.run()
    assert (9, booked) == (channels(one), len(one.rig.entries()))
    mine.later(2.9)
    assert 9 == channels(one)
    mine.later(0.2)
    assert 1 == channels(one)


def test_a_raising_one_goes_up_from_where_one_is_when_it_is_switched_on(shopper):
    """B8, B9: from the plan; under an umbrella from that, and so it was shown."""
    one = on_the_lowest(shopper)
    id_ = given(one, "accelerator")
    assert "step-mid" in look(one, id_).text

    one.rig.order_by_hand(
        "umbrella.spread", account=account(one).id, umbrella="offer", until=None,
        because="a gift",
    )  # fmt: skip
    one.rig.run()
    assert 5 == channels(one)
    page = look(one, id_).text
    assert "step-high" in page
    press(one, page, USE)
    one.rig.run()
    assert 9 == channels(one)


def test_one_that_vanishes_says_until_when_and_is_gone_then(shopper):
    """B10: at the end of its month; another kind never spoils, and says no date."""
    one = on_the_lowest(shopper)
    spoiling = given(one, "Test drive", "drive")
    assert "Use it before" in one.get("/coupons").text
    given(one, "accelerator", "fast")
    Desk(one).later(40)
    page = one.get("/coupons").text

    assert "accelerator" in page.partition("Used and gone")[0]
    assert "Test drive" not in page.partition("Used and gone")[0]
    assert "Use it before" not in page
    assert "Apply" not in look(one, spoiling).text
