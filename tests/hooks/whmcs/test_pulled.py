"""A pull at any moment of what the real module tells: nothing half done, nor twice."""

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest

from tests.bridge.seen import credit, is_sound, levels, sums
from tests.engines import on_sqlite
from tests.hooks.whmcs.conftest import QUICK
from tests.hooks.whmcs.relay import CUT, PASS
from tests.hooks.whmcs.test_story import LIFE, OPTIONS

pytestmark = pytest.mark.timeout(300)

NAMED = 'options = { "Extra channels" = "line" }\ntarget_field = "For"'
GAPS = ("unsent", "heard again", "told", "settled", "always")
"""When it is looked: while the module could not be heard, when it could be, after its
cron, when all is done; or all the time, beside everything."""


def look(on):
    """Our clock is a few seconds ahead of theirs, as clocks are."""
    on.rig.parts.pulls["billing"].run(on.rig.clock.now() + timedelta(seconds=5))


def ended(on):
    on.until(
        lambda: set(on.rig.fates().values()) <= {"done", "superseded"},
        lambda: str((on.rig.fates(), on.whys())),
    )


@contextmanager
def always(on, *, so):
    """Looks again and again meanwhile."""
    over = threading.Event()

    def looks():
        while not over.wait(0.05):
            look(on)

    looking = threading.Thread(target=looks)
    if so:
        looking.start()
    try:
        yield
    finally:
        over.set()
        if so:
            looking.join()


@on_sqlite
@pytest.mark.parametrize("gap", GAPS)
def test_the_whole_life_with_a_pull_in_every_gap(stage, gap):
    """U1, U2, U3, U4, U5, U6, U9, U12: the line is down at every step, the cron tells
    the rest, and a pull is quicker than that.

    Guard off (`ranks_at` in Event.order): red, what was ordered outranks the upgrade.
    """
    on = stage(more=NAMED, **QUICK)

    def gap_is(here):
        if gap == here:
            look(on)

    with always(on, so=gap == "always"):
        for step, level, sum_ in LIFE:
            on.relay.mode = CUT
            on.shop.end(step(on.shop))
            gap_is("unsent")
            on.relay.mode = PASS
            gap_is("heard again")
            on.shop.hook("AfterCronJob")
            gap_is("told")
            ended(on)
            for ref, action in on.shop.waiting():
                assert "success" == on.shop.call(action, ref), step
            ended(on)
            gap_is("settled")
            ended(on)

            now = levels(on.simulator), credit(on.simulator)
            assert (level, sum_) == now, (step, on.rig.fates())
    assert 1 == len(on.simulator.users)
    assert "30.00" == sums(on.rig)["paid"]
    assert is_sound(on.rig)


@pytest.mark.parametrize("more", ["", NAMED], ids=["unnamed", "named"])
def test_an_order_that_is_pulled_before_its_own_word_has_its_options(stage, more):
    """U1, U6: in the seconds between its payment and the module's call, where nobody
    said what its options are, too: it waits for the module then."""
    on = stage(more=more)
    product = on.shop.product("starter", **OPTIONS)
    on.shop.order(product, 4711, options={"Extra channels": 3})
    on.shop.set("tblinvoices", "id = 1", status="Paid",
                datepaid=f"{on.shop.day()} 00:00:00")  # fmt: skip
    look(on)
    on.settled()
    before = len(on.simulator.users)
    assert "success" == on.shop.call("CreateAccount", 4711)
    on.shop.hook("InvoicePaid", invoiceid=1)
    ended(on)

    assert (1 if more else 0) == before
    assert ((True, 8, "1"), "5.00") == (levels(on.simulator), credit(on.simulator))


def test_a_renamed_option_is_pulled_as_nothing_less(stage):
    """U6, U12: refused by the module, it is not done without by a pull either."""
    on = stage(more=NAMED)
    product = on.shop.product("starter", **OPTIONS)
    invoice = on.shop.order(product, 4711, options={"Additional channels": 3})
    said, *_ = on.shop.pay(invoice)
    look(on)
    on.settled()
    assert '"Extra channels" is gone or renamed' in said
    assert 0 == len(on.simulator.users)

    on.shop.set("harness_options", "service = 4711", name="Extra channels")
    assert "success" == on.shop.call("CreateAccount", 4711)
    ended(on)
    assert (True, 8, "1") == levels(on.simulator)


def test_a_tick_of_its_own_leaves_a_fresh_order_alone(stage):
    """U6: whenever it falls: the module's word is the first."""
    on = stage()
    product = on.shop.product("starter", **OPTIONS)
    on.shop.order(product, 4711, options={"Extra channels": 3})
    on.shop.set("tblinvoices", "id = 1", status="Paid",
                datepaid=f"{on.shop.day()} 00:00:00")  # fmt: skip
    on.rig.parts.pulls["billing"].look(on.rig.clock.now())

    assert {} == on.rig.fates()


def test_a_pulled_topup_goes_to_the_service_its_field_names(stage):
    """U9: of two services of a client, and past every hook."""
    on = stage(more=NAMED)
    for service in (4711, 4712):
        on.sold("starter", service)
    on.done()
    topup = on.shop.product("topup:credit20", configoption3="For")
    invoice = on.shop.order(topup, 4713)
    on.shop.field(4713, "For", "4712")
    on.shop.set("tblinvoices", f"id = {invoice}", status="Paid",
                datepaid=f"{on.shop.day()} 00:00:00")  # fmt: skip
    look(on)
    on.done()

    assert ["5.00", "27.00"] == [credit(on.simulator, user) for user in (1, 2)]
