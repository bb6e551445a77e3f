"""`switchhook plan SERVICE --change`: what would follow, before anybody asks for it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bridge import changing
from provisioning.core.account import LIFE, Account, Mark, Service
from provisioning.core.catalog import Catalog, Edition
from provisioning.core.events import Order
from provisioning.core.period import Period
from tests.bridge.cli.test_cli import said, switchhook
from tests.bridge.seen import writes
from tests.provisioning.core.shop import AT, ENDS, PRICES, STARTS, TERMS

LADDER = """
[families.calls]
seats = true
[packages.small]
backend = "main"
price = "19.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 1
family = "calls"
rank = 2
[packages.big]
backend = "main"
price = "39.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 5
family = "calls"
rank = 1
discounts = { annually = 20 }
[[packages.big.offers]]
price = "30.00 USD"
group = "resellers"
"""


@pytest.fixture
def ordered(make):
    """Two of the small plan, paid for 30 days, of which 20 are left."""
    rig, simulator = make(more=LADDER)
    starts = rig.clock.now() - timedelta(days=10)
    ends = starts + timedelta(days=30)
    sold = {
        "ref": "1",
        "plan_ref": "small",
        "quantity": 2,
        "period_start": f"{starts:%Y-%m-%dT00:00:00Z}",
        "period_end": f"{ends:%Y-%m-%dT00:00:00Z}",
    }
    rig.post("order", "service.activate", account={"ref": "7"}, service=sold,
             billing={"line_ref": "1"})  # fmt: skip
    rig.run()
    return rig, simulator


def test_an_upgrade_is_shown_with_its_price_and_nothing_is_done(ordered):
    """P10: cycle, plan, unit price, quantity and total, before it is paid."""
    rig, simulator = ordered
    since = len(simulator.journal)
    told, code = said(rig.path, "plan", "shop:1", "--change", "big")
    group, _ = said(rig.path, "plan", "shop:1", "--change", "big,x3", "--group",
                    "resellers")  # fmt: skip

    told, group = told["change"], group["change"]
    assert (0, "now", "2 x big, monthly") == (code, told["verdict"], told["now"])
    assert ("39.00 USD", "26.67 USD") == (told["unit price"], told["due now"])
    assert ("30.00 USD", "34.67 USD") == (group["unit price"], group["due now"])
    assert "small" == rig.account().services[0].package
    assert [] == writes(simulator, since)


DEARER = {
    name: replace(package, price=package.price.times(2))
    for name, package in PRICES.packages.items()
}
VERSIONS = Catalog(DEARER, {}, {}, terms=TERMS,
                   older={"v1": Edition(PRICES.packages, terms=TERMS)})  # fmt: skip
OWN = Service("shop:7", "gold", {LIFE: Mark(yes=True, order=Order(STARTS, 0, 0))},
              (Period(1, STARTS, ENDS),), version="v1")  # fmt: skip
OF = Account("acct_1", "shop", "main", "USD", "sw1", services=(OWN,))


@pytest.mark.parametrize(("wish", "unit", "due"), [
    ("gold,x2", "29.95 USD", "19.96 USD"),
    ("gold-too", "70.00 USD", "26.70 USD"),
])  # fmt: skip
def test_who_stays_with_his_plan_pays_what_he_paid(wish, unit, due):
    """D21: more of it costs as it was sold; another plan is sold as of today, and what
    is left is given back at the old price."""
    # Guard off (today's prices for all; the old ones for all): red.
    told = changing.told(changing.wished(OF, "shop:7", VERSIONS, wish, AT))

    assert (unit, due) == (told["unit price"], told["due now"])


def test_a_customer_of_a_group_is_shown_its_prices(ordered):
    """I3: his own, unless another group is tried; "" is none."""
    # Guard off (the group is only what is tried): red, 39.00 USD.
    rig, _ = ordered
    who = {"ref": "7", "group": "resellers"}
    rig.post("group", "account.updated", rig.clock.now(), account=who)
    rig.run()
    tried = [(), ("--group", ""), ("--group", "resellers")]
    told = [said(rig.path, "plan", "shop:1", "--change", "big", *more)[0]["change"]
            for more in tried]  # fmt: skip

    assert ["30.00 USD", "39.00 USD", "30.00 USD"] == [
        one["unit price"] for one in told
    ]


def test_a_refusal_says_why_and_how_else(ordered):
    """P12: exit code 4, and the plans that can be chosen."""
    rig, _ = ordered
    told, code = said(rig.path, "plan", "shop:1", "--change", "huge")
    people = switchhook(rig.path, "plan", "shop:1", "--change", "huge")

    told = told["change"]
    assert (4, "refused") == (code, told["verdict"])
    assert 'No plan "huge" is sold; choose one of: big, small.' == told["because"]
    assert "big, small" in people.stdout


def test_a_slip_is_told_how_to_write_it(ordered):
    """P10: one line, no traceback."""
    rig, _ = ordered
    slip = switchhook(rig.path, "plan", "shop:1", "--change", "big;weekly")
    odd = switchhook(rig.path, "plan", "shop:1", "--change", "big,weekly")

    assert (4, 1) == (slip.exit_code, odd.exit_code)
    assert "write it as gold,annually,x3" in odd.stderr


@pytest.mark.parametrize(("theirs", "code", "says"), [
    ("26.67 USD,20/30", 0, None),
    ("26.00 USD, 20/30", 3, "both"),
    ("25.33 USD,19/30", 3, "by our count of 20/30 days"),
])  # fmt: skip
def test_the_platforms_own_price_stands_beside_ours(ordered, theirs, code, says):
    """I11: what WHMCS would charge, and by which days, before anything is sold."""
    rig, _ = ordered
    wish = ["plan", "shop:1", "--change", "big", "--theirs", theirs]
    told, ended = said(rig.path, *wish)
    people = switchhook(rig.path, *wish).stdout
    told = told["change"]

    assert code == ended
    assert "26.67 USD, 20/30" == told["ours"]
    assert says is told["differs"] or says in told["differs"]
    assert "theirs" in people


@pytest.mark.parametrize(("wish", "theirs", "says"), [
    ("big", "13,20", "write what WHMCS answers"),
    ("big", "13.33 USD,20/0", "is no price with its days"),
    ("small,x1", "13.33 USD,20/30", "nothing is due for it now"),
])  # fmt: skip
def test_what_cannot_be_compared_is_told_so(ordered, wish, theirs, says):
    """I11: one line, and how it is written."""
    rig, _ = ordered
    slip = switchhook(rig.path, "plan", "shop:1", "--change", wish, "--theirs", theirs)

    assert 1 == slip.exit_code
    assert says in slip.stderr
