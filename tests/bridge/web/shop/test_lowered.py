"""Going down, as a customer reads it: what goes, when, and what is kept until then."""

from datetime import timedelta

import pytest

from provisioning.simulator.platform import Platform
from tests.bridge.seen import SETTLE
from tests.bridge.test_clearing import HELD, OWN
from tests.bridge.web.shop.desk import LADDER, Desk, said, tried
from tests.rig import DEADLINE, SECRET

GOES = (("the data kept by it is deleted", 90), ("taken away", 7))
"""After how many days."""


@pytest.fixture
def golden(shopper):
    """A customer of a plan with features and room, on a platform of one's own."""
    with Platform(SECRET) as platform:
        held = str([*HELD, "locked"]).replace("'", '"')
        own = OWN.format(url=platform.url, secret=SECRET, settle=SETTLE,
                         deadline=DEADLINE, entitlements=held)  # fmt: skip
        one = shopper(more=own.partition("[coupons")[0]).sign_up()
        yield Desk(one).buys("gold")


def test_the_days_on_which_data_goes_are_said_before_the_tick(golden):
    """C14, C15: bought room above the limit after 7 days, data of what is lost after
    90; named as the pages name it, and still said once it is so."""
    # Guard off (`data` left out of the page): red. Guard off (`_named`): red.
    mine = golden
    mine.settle(mine.one.order(mine.promise(**{"x-gigabyte": 20})))
    [period] = mine.service.periods
    locked, trimmed = (
        f"{what} on {period.ends + timedelta(days=days):%-d %B %Y}"
        for what, days in GOES
    )
    quote = mine.promise(plan="silver")
    page = said(mine.one.get(f"{mine.path}/downgrade?quote={quote}"))
    assert f"Documents is not in the plan any more; {locked}" in page
    assert f"recording is not in the plan any more; {locked}" in page
    assert "features/" not in page
    assert trimmed in page

    mine.down(quote, survey="price", confirmed="true")
    mine.rig.run()
    mine.later((period.ends - mine.rig.clock.now()) / timedelta(days=1) + 1)
    page = said(mine.page())
    assert locked in page
    assert trimmed in page


def test_after_the_trial_a_main_plan_may_go_down_to_free(shopper):
    """C12: it is tried to its end, and costs nothing from then on."""
    one = shopper(more=LADDER).sign_up()
    mine = Desk(one)
    mine.settle(tried(one, "desk-small"))
    [trial] = mine.account.trials
    mine.down(mine.promise(plan="desk-free"), survey="price", confirmed="true")
    mine.rig.run()
    assert "desk-small" == mine.has[0]
    assert "Next payment –" in said(mine.page())
    assert f"1 × desk-free from {trial.ends:%-d %B %Y}" in said(mine.page())

    mine.later(31)
    assert "desk-free" == mine.has[0]
    assert "Active" in said(mine.page())
