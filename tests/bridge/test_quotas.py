"""Free minutes on a provider's own platform: burned there, given anew by us."""

import pytest

from bridge.duties import wake
from provisioning.simulator.platform import Platform
from tests.bridge.seen import SETTLE, WINDOW
from tests.bridge.test_free_credit import MONTH, order, renew
from tests.rig import DEADLINE, SECRET

OWN = """
[backends.own]
kind = "generic"
url = "{url}"
secret = "{secret}"
currency = "USD"
call_deadline = {deadline}
settle = {settle}
entitlements = ["channels", "tariff", "storage_gb", "minutes"]
[packages.quota]
backend = "own"
price = "9.00 USD"
cycle = "monthly"
tariff = "archive"
channels = 3
storage_gb = 10
{minutes}
[packages.without]
backend = "own"
price = "5.00 USD"
cycle = "monthly"
tariff = "archive"
channels = 3
[packages.yearly]
backend = "own"
price = "99.00 USD"
cycle = "annually"
tariff = "archive"
channels = 3
minutes = {{ quota = 100, after = "reset", every = "monthly" }}
"""
SERVICE = "shop:1"


@pytest.fixture
def selling(make):
    """`selling(minutes)`: `rig, platform`, with such minutes in the package."""
    with Platform(SECRET) as platform:

        def build(minutes):
            more = OWN.format(
                url=platform.url, secret=SECRET, settle=SETTLE, minutes=minutes,
                deadline=DEADLINE,
            )  # fmt: skip
            rig, _ = make(more=more)
            return rig, platform

        yield build


def counter(platform, name="minutes"):
    [account] = platform.accounts.values()
    return account.counters[name, SERVICE]


def burn(platform, many):
    """Through the platform's own door: what is shown is a copy."""
    [account] = platform._accounts.values()
    account.counters["minutes", SERVICE].left -= many


def month(rig):
    """The next month is paid for, and has begun."""
    rig.wait(MONTH)
    renew(rig, 1)
    rig.run()


def change(rig, package):
    sold = {"ref": "1", "plan_ref": package}
    rig.post(f"change-{package}", "service.change", rig.clock.now(), service=sold)
    rig.run_until_quiet()


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        ('after = "reset"', 100),
        ('after = "persist"', 140),
        ('after = "persist", cap = 120', 120),
    ],
)
def test_minutes_are_reset_kept_or_capped_as_sold(selling, rule, left):
    """D22, I6: 100 a month, 60 of them used: by the package's own rule."""
    rig, platform = selling(f"minutes = {{ quota = 100, {rule} }}")
    order(rig, "quota")
    first = counter(platform).left
    burn(platform, 60)
    month(rig)

    assert (100, left) == (first, counter(platform).left)


@pytest.mark.parametrize(
    "fault", ["reset_before", "reset_after_apply", "error_500_applied", "error_503",
              "lies"],
)  # fmt: skip
def test_a_lost_answer_gives_no_minute_twice(selling, fault):
    """U8: told again, it is the same sum of all that was ever given."""
    # Guard off (the platform forgets what it was told before): red.
    rig, platform = selling("minutes = { quota = 100 }")
    order(rig, "quota")
    platform.plant(fault, "PUT")
    month(rig)
    rig.wait(WINDOW)
    rig.run_until_quiet()

    assert (200, 200) == (counter(platform).left, counter(platform).given)


def test_a_yearly_payer_gets_them_monthly_by_itself(selling):
    """D23: nobody says anything; its time wakes it."""
    rig, platform = selling("")
    order(rig, "yearly")
    burn(platform, 70)
    rig.wait(MONTH)
    wake(rig.database, rig.clock.now())
    rig.run()

    assert (100, [1, 1]) == (counter(platform).left, counter(platform).since)


def test_a_package_without_them_ends_their_use(selling):
    """U5: nothing is left behind, capacity neither; and back again they go on."""
    rig, platform = selling("minutes = { quota = 100 }")
    order(rig, "quota")
    burn(platform, 60)
    change(rig, "without")
    [account] = platform.accounts.values()
    without = account.entitlements
    change(rig, "quota")

    assert {"channels": 3, "tariff": "archive", "minutes": {}, "storage_gb": 0} == (
        without
    )
    assert 40 == counter(platform).left
