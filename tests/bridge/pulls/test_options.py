"""A pulled order carries what was sold along, or waits; told as well, it is one."""

from itertools import permutations

import pytest

from bridge.store import operations
from tests.bridge.seen import credit, is_sound, levels, paid
from tests.bridge.test_sold_along import ADDON
from tests.days import dated

NAMED = 'options = { "Extra channels" = "line", "Copies" = "quantity", "Logo" = "-" }'
SERVICE = "4711"


@pytest.fixture
def shop(make_billing):
    """`billing, simulator = shop(more=NAMED)`: an order with three extra channels is
    paid there, and nothing was told yet."""

    def build(more=NAMED, chosen=3, **set_):
        billing, simulator = make_billing(more=more, also=ADDON, **set_)
        day = today(billing)
        billing.whmcs.service(SERVICE, status="Active", regdate=day)
        billing.whmcs.options(SERVICE, Extra_channels=str(chosen))
        paid_ = {"at": f"{day} 00:00:00", "made": day, "due": day}
        billing.whmcs.paid("90", ("501", "Hosting", SERVICE), **paid_)
        return billing, simulator

    return build


def today(billing):
    return f"{billing.rig.clock.now().date()}"


def line(billing):
    billing.line("501", SERVICE, today(billing))


def why(billing, event):
    with billing.rig.database.read() as tx:
        return operations.of_events(tx, "billing", [event])[0].why


def create(billing, no=1, **service):
    """As its module tells it, with its options."""
    sold = {"ref": SERVICE, "plan_ref": "starter", "options": {"line": 3}} | service
    return billing.tell(
        f"whmcs-{SERVICE}-{no}", "service.activate",
        billing.rig.clock.now().replace(microsecond=0),
        account={"ref": "7", "email": "ann@example.com"}, service=sold,
    )  # fmt: skip


def pulled(billing):
    billing.pull()
    billing.rig.run_until_quiet()


def ends(billing):
    return set(billing.rig.fates().values())


@pytest.mark.parametrize("by", ["its line", "its state"])
def test_a_pulled_order_is_delivered_with_its_options(shop, by):
    """U1, U6: five channels of the package, and three that were bought along.

    Guard off (`sold_along` gives the event back, in `_first` or `_order`): red each,
    five channels.
    """
    billing, simulator = shop()
    if by == "its line":
        billing.whmcs.products[SERVICE]["status"] = "Pending"
    else:
        billing.whmcs.invoices.clear()
    pulled(billing)

    assert (True, 8, "1") == levels(simulator)
    assert {"done"} == ends(billing)


@pytest.mark.parametrize(
    ("options", "channels"),
    [
        ({"Copies": "2"}, 10),
        ({"Copies": "2", "Extra_channels": 1}, 11),
        ({"Logo": "blue"}, 5),
        ({"Anything": "0", "Else": "", "More": None}, 5),
    ],
)
def test_an_option_is_what_the_source_says_it_is(shop, options, channels):
    """U6: a number of the package, an add-on, or nothing to us; what was not chosen is
    none, whatever it is called."""
    billing, simulator = shop()
    billing.whmcs.options(SERVICE, **options)
    pulled(billing)

    assert (True, channels, "1") == levels(simulator)


@pytest.mark.parametrize(
    ("options", "unread"),
    [
        ({"Additional_channels": "3"}, "option Additional channels"),
        ({"Extra_channels": "many"}, "option Extra channels"),
        ({"Copies": "a few"}, "option Copies"),
    ],
)
def test_what_nothing_names_is_never_left_out(shop, options, unread):
    """U1, U12: the order waits, whole, and says for what; nothing is opened for it.

    Guard off (besides=() in `sold_along`): red, it is done.
    """
    billing, simulator = shop()
    billing.whmcs.options(SERVICE, **options)
    for _ in range(2):
        pulled(billing)

    assert {"parked"} == ends(billing)
    assert not simulator.users
    said = why(billing, "pull-line-501-unread")
    assert ("cannot_deliver", unread) == (said.code, dict(said.parts)["what"])


def test_its_renewal_delivers_no_half_of_it(shop):
    """U1: told as well that it was paid, it waits with the order."""
    billing, simulator = shop(more="")
    pulled(billing)
    line(billing)
    billing.rig.run_until_quiet()
    pulled(billing)

    assert {"parked"} == ends(billing)
    assert not simulator.users


ROADS = [*permutations(["create", "paid", "pull"])]


@pytest.mark.parametrize("more", ["", NAMED], ids=["unnamed", "named"])
@pytest.mark.parametrize("roads", ROADS, ids="-".join)
def test_told_and_pulled_in_any_order_it_is_one_order_with_all_of_it(shop, roads, more):
    """U1, U6, U9: CreateAccount with its options, InvoicePaid and a pull that can or
    cannot read them, in any order, all of it once more; nothing is left waiting.

    Guard off (`is_sold_since`; the order in `hear`; `_by_half` in binding): red each,
    one stays parked.
    """
    billing, simulator = shop(more=more)
    told = {
        "create": lambda: create(billing),
        "paid": lambda: line(billing),
        "pull": billing.pull,
    }
    for road in roads + roads:
        told[road]()
        billing.rig.run_until_quiet()

    assert (True, 8, "1") == levels(simulator)
    assert (1, "5.00") == (len(paid(simulator)), credit(simulator))
    assert ends(billing) <= {"done", "superseded"}
    assert is_sound(billing.rig)


@pytest.mark.parametrize("roads", ROADS, ids="-".join)
def test_all_at_once_it_is_the_same(shop, roads):
    """U1, U6: nobody works meanwhile, and it is planned as one."""
    billing, simulator = shop(more="")
    told = {
        "create": lambda: create(billing),
        "paid": lambda: line(billing),
        "pull": billing.pull,
    }
    for road in roads:
        told[road]()
    billing.rig.run_until_quiet()

    assert ((True, 8, "1"), "5.00") == (levels(simulator), credit(simulator))
    assert ends(billing) <= {"done", "superseded"}


@pytest.mark.parametrize("paid_on", [2, 61])
def test_what_the_module_tells_is_newer_than_what_was_seen(shop, paid_on):
    """U6: also where the pull read it otherwise, and later, and by a clock that is
    ahead: options are levels, and its own word on them counts.

    Guard off (`ranks_at`): red, five channels, and the module hears it is done.
    """
    billing, simulator = shop(more='options = { "Extra channels" = "-" }')
    billing.whmcs.invoices["90"]["datepaid"] = f"{dated(paid_on)} 00:00:00"
    word = billing.rig.clock.now().replace(microsecond=0)
    billing.pass_(minutes=40)
    pulled(billing)
    before = levels(simulator)
    billing.tell(
        f"whmcs-{SERVICE}-1", "service.activate", word, account={"ref": "7"},
        service={"ref": SERVICE, "plan_ref": "starter", "options": {"line": 3}},
    )  # fmt: skip
    billing.rig.run_until_quiet()

    assert [(True, 5, "1"), (True, 8, "1")] == [before, levels(simulator)]


def test_a_change_of_the_same_second_is_newer_than_a_pulled_order(shop):
    """U5: WHMCS tells whole seconds: within its second a pull would outrank it.

    Guard off (`ranks_at`): red, it stays the package that was ordered.
    """
    billing, simulator = shop()
    pulled(billing)
    billing.tell(
        f"whmcs-{SERVICE}-2", "service.change",
        billing.rig.clock.now().replace(hour=0, minute=0, second=0, microsecond=0),
        service={"ref": SERVICE, "plan_ref": "plain", "options": {"line": 1}},
    )  # fmt: skip
    billing.rig.run_until_quiet()

    assert (True, 3, "2") == levels(simulator)


def test_named_in_the_source_it_goes_on_by_itself(shop):
    """U12: the next look reads it anew; what was parked ends with it."""
    billing, simulator = shop(more="")
    pulled(billing)
    before = ends(billing)
    there = billing.rig.parts.pulls["billing"].there
    there.names = type(there.names)({"Extra channels": "line"})
    pulled(billing)

    assert {"parked"} == before
    assert (True, 8, "1") == levels(simulator)
    assert ends(billing) <= {"done", "superseded"}
    assert "5.00" == credit(simulator)


# --- top-ups that say for which service


@pytest.fixture
def two(make_billing):
    """Two accounts of one client, the second not heard of yet; and a top-up for it."""

    def build(more=""):
        billing, simulator = make_billing(more=more)
        for service in ("1", "2"):
            billing.whmcs.service(service, pid="99")
        billing.create("1", "plain")
        billing.rig.run_until_quiet()
        billing.whmcs.service("3", pid="13")
        billing.whmcs.fields("3", For="2", Note="")
        billing.whmcs.paid("90", ("600", "Hosting", "3"))
        return billing, simulator

    return build


def test_a_pulled_top_up_goes_to_the_service_it_names(two):
    """U9: held until that is known, and never for another of the same client.

    Guard off (`for_whom`): red, the first account has it.
    """
    billing, simulator = two('target_field = "For"')
    pulled(billing)
    before = len(paid(simulator))
    billing.create("2", "plain")
    billing.rig.run_until_quiet()

    assert (0, ["0.00", "10.00"]) == (before, [credit(simulator, n) for n in (1, 2)])
    assert {"done"} == ends(billing)


@pytest.mark.parametrize("more", ["", 'target_field = "Service"'])
def test_where_nobody_said_which_field_names_it_a_top_up_is_for_nobody(two, more):
    """U9: or where it was renamed. Told by the module it goes on."""
    billing, simulator = two(more)
    pulled(billing)
    before = len(paid(simulator)), why(billing, "pull-line-600-unread").code
    billing.create("2", "plain")
    billing.tell(
        "whmcs-InvoicePaid-600", "topup.paid", account={"ref": "7"},
        service={"ref": "3", "product_ref": "credit10"},
        billing={"line_ref": "600"}, data={"target": "2"},
    )  # fmt: skip
    billing.rig.run_until_quiet()

    assert (0, "target_unknown") == before
    assert ["0.00", "10.00"] == [credit(simulator, n) for n in (1, 2)]
    assert {"done"} == ends(billing)
    assert is_sound(billing.rig)


def test_an_empty_field_names_none(two):
    """U9: who did not say has one account."""
    billing, simulator = two('target_field = "For"')
    billing.whmcs.fields("3", For="", Note="thanks")
    pulled(billing)

    assert "10.00" == credit(simulator)
