"""Quantities, options, add-ons, and top-ups that are services of their own."""

import pytest

from tests.bridge.seen import credit, is_sound, levels, paid, sums

ADDON = """
[packages.line]
backend = "main"
addon = true
price = "3.00 USD"
cycle = "monthly"
channels = 1
"""
GOLD = """
[packages.gold]
backend = "main"
price = "99.00 USD"
cycle = "monthly"
tariff = "wholesale"
channels = 20
free_credit = "15.00 USD"
"""


def order(rig, *, ref="1", package="starter", line="1", id_="order", **sold):
    data = {"data": {"target": sold.pop("target")}} if "target" in sold else {}
    rig.post(
        id_,
        "service.activate",
        account={"ref": sold.pop("client", "7")},
        service={"ref": ref, "plan_ref": package} | sold,
        billing={"line_ref": line},
        **data,
    )
    rig.run()


def change(rig, id_="change", at=None, **sold):
    rig.post(
        id_,
        "service.change",
        at or rig.clock.now(),
        service={"ref": "1", "plan_ref": "starter"} | sold,
    )
    rig.run()


@pytest.fixture
def bridge(make):
    return make(more=ADDON + GOLD)


def test_so_many_of_a_package_is_so_many_times_all_that_adds_up(bridge):
    """I5, P15: three of five channels and 5.00 free are fifteen and 15.00."""
    rig, simulator = bridge
    order(rig, quantity=3)

    assert (True, 15, "1") == levels(simulator)
    assert "15.00" == credit(simulator)


def test_more_of_the_same_gives_what_it_gives_more(bridge):
    """P9, D15: from one to two, and back, and to two again: once."""
    rig, simulator = bridge
    order(rig)
    for no, quantity in enumerate((2, 1, 2)):
        change(rig, f"change-{no}", quantity=quantity)

    assert (True, 10, "1") == levels(simulator)
    assert "10.00" == credit(simulator)
    assert is_sound(rig)


def test_what_a_change_does_not_mention_stays(bridge):
    """U5: another package, and it is still two of it, with their add-on."""
    rig, simulator = bridge
    order(rig, quantity=2, options={"line": "3"})
    change(rig, plan_ref="gold")

    assert (True, 43, "2") == levels(simulator)


def test_options_and_addons_come_on_top(bridge):
    """U5, I5: five of the package, two by an option, four by an add-on."""
    rig, simulator = bridge
    order(rig, options={"line": 2}, addons=[{"product_ref": "line", "quantity": 4}])
    before = levels(simulator)
    change(rig, options={"line": 1})

    assert [(True, 11, "1"), (True, 6, "1")] == [before, levels(simulator)]


@pytest.mark.parametrize(
    ("sold", "why"),
    [
        ({"options": {"unheard": 1}}, "addon_unknown"),
        ({"options": {"line": "many"}}, "cannot_deliver"),
        ({"addons": [{"product_ref": "gold"}]}, "addon_unknown"),
    ],
)
def test_what_nobody_knows_is_not_half_done(bridge, sold, why):
    """U1: the order waits, whole, and says for what."""
    rig, simulator = bridge
    order(rig, **sold)

    assert "parked" == rig.fates()["order"]
    assert why == rig.why("order")
    assert not simulator.users


def test_an_addon_can_be_a_service_of_its_own(bridge):
    """U5: it comes on top of the client's only account, and goes without it."""
    rig, simulator = bridge
    order(rig)
    order(rig, ref="2", package="line", line="2", id_="addon", quantity=2)
    with_it = levels(simulator)
    rig.say("terminate", "2")
    rig.run()

    assert [(True, 7, "1"), (True, 5, "1")] == [with_it, levels(simulator)]
    assert {"order": "done", "addon": "done"}.items() <= rig.fates().items()
    assert 1 == len(simulator.users)


def test_an_addon_alone_keeps_no_account_on(bridge):
    """U4: what it hangs on has ended."""
    rig, simulator = bridge
    order(rig)
    order(rig, ref="2", package="line", line="2", id_="addon")
    rig.say("terminate", "1")
    rig.run()

    assert not levels(simulator)[0]


def test_a_topup_can_be_a_service_of_its_own(bridge):
    """U9: credited when it is paid and when it is renewed, by its lines."""
    rig, simulator = bridge
    order(rig, package="plain")
    order(rig, ref="9", package="credit10", line="9", id_="topup")
    rig.post("again", "service.renewed", rig.clock.now(),
             service={"ref": "9"}, billing={"line_ref": "10"})  # fmt: skip
    rig.run()

    assert "20.00" == credit(simulator)
    assert ["shop:9/topup", "shop:10/topup"] == [key for key, _ in paid(simulator)]
    assert {"order": "done", "topup": "done", "again": "done"} == rig.fates()


@pytest.mark.parametrize("word", ["suspend", "terminate", "reinstate", "sync"])
def test_whatever_is_said_of_a_topup_never_touches_the_account(bridge, word):
    """U9: a hosting platform terminates its product by itself: the account goes on."""
    # Guard off (topups.on_account not asked): red for reinstate and terminate.
    rig, simulator = bridge
    order(rig, package="plain")
    order(rig, ref="9", package="credit10", line="9", id_="topup")
    rig.say(word, "9", id_="word")
    rig.run()

    assert (True, 2, "2") == levels(simulator)
    assert "done" == rig.fates()["word"]


def test_a_topup_service_paid_before_there_is_an_account_is_held(bridge):
    """U9, V1: held where the client's account will wake it."""
    rig, simulator = bridge
    order(rig, ref="9", package="credit10", line="9", id_="topup")
    held = sums(rig)
    order(rig, package="plain", line="1")

    assert "10.00" == held["held"]
    assert "10.00" == credit(simulator)
    assert {"topup": "done", "order": "done"} == rig.fates()
    assert is_sound(rig)


def test_with_two_accounts_it_says_which(bridge):
    """U9: parked with the choices; told again with a target it is done."""
    rig, simulator = bridge
    for no in (1, 2):
        order(rig, ref=str(no), package="plain", line=str(no), id_=f"order-{no}")
    order(rig, ref="9", package="credit10", line="9", id_="topup")
    why = rig.why("topup")
    order(rig, ref="9", package="credit10", line="9", id_="told", target="2")

    assert "target_missing" == why
    assert ["0.00", "10.00"] == [credit(simulator, no) for no in (1, 2)]
    assert is_sound(rig)
