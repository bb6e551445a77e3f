"""What a downgrade leaves too much of, on a provider's own platform: over the wire."""

from datetime import timedelta

import pytest

from bridge import orders
from bridge.alerts import Watch
from bridge.answers import services
from bridge.duties import wake
from bridge.store import alarms
from bridge.store.causes.found import Limits
from bridge.words import render
from provisioning.simulator.platform import Platform
from tests.bridge.cli.test_cli import said, switchhook
from tests.bridge.seen import SETTLE, WINDOW
from tests.bridge.test_coupons import given, used
from tests.rig import DEADLINE, SECRET

OWN = """
[backends.own]
kind = "generic"
url = "{url}"
secret = "{secret}"
currency = "USD"
call_deadline = {deadline}
settle = {settle}
entitlements = {entitlements}
[families.desk]
free = "free"
[packages.free]
backend = "own"
price = "0.00 USD"
cycle = "monthly"
tariff = "archive"
channels = 1
family = "desk"
rank = 90
[packages.silver]
backend = "own"
price = "9.00 USD"
cycle = "monthly"
tariff = "archive"
channels = 1
storage_gb = 5
most_extra = {{ storage_gb = 10 }}
family = "desk"
rank = 50
[packages.gold]
backend = "own"
price = "19.00 USD"
cycle = "monthly"
tariff = "archive"
channels = 1
features = ["api", "recording"]
documents = 100
storage_gb = 50
family = "desk"
rank = 30
[packages.gigabyte]
addon = true
backend = "own"
price = "1.00 USD"
cycle = "monthly"
storage_gb = 1
[coupons.boost]
families = ["desk"]
variants = [{{ lasts = "5d", rank = 30 }}]
"""
HELD = ["channels", "tariff", "features", "documents", "storage_gb"]
DAY = 86400
LOST = {"features/api", "features/recording", "documents"}


@pytest.fixture
def selling(make):
    """`rig, platform = selling()`: gold is sold, with data of all that it holds."""
    with Platform(SECRET) as platform:

        def build(*, deletes=True, back=120):
            held = [*HELD, "locked"] if deletes else HELD
            more = OWN.format(
                url=platform.url, secret=SECRET, settle=SETTLE, deadline=DEADLINE,
                entitlements=str(held).replace("'", '"'),
            )  # fmt: skip
            rig, _ = make(more=more)
            rig.wait(-back * DAY)  # the command line has the real clock
            starts = rig.clock.now() - timedelta(minutes=1)
            ends = starts + timedelta(days=365)
            sold = {"ref": "1", "plan_ref": "gold", "period_start": starts.isoformat(),
                    "period_end": ends.isoformat()}  # fmt: skip
            rig.post("order", "service.activate", starts, account={"ref": "7"},
                     service=sold, billing={"line_ref": "1"})  # fmt: skip
            rig.run()
            for account in platform._accounts.values():
                account.data = {*LOST, "storage_gb"}
            return rig, platform

        yield build


def change(rig, package, **options):
    sold = {"ref": "1", "plan_ref": package}
    addons = [{"product_ref": name, "quantity": n} for name, n in options.items()]
    sold |= {"addons": addons} if options else {}
    id_ = f"change-{rig.clock.now().timestamp()}"
    answer = rig.post(id_, "service.change", rig.clock.now(), service=sold)
    assert answer.status_code in {200, 202}, answer.text


def changed(rig, package, **options):
    change(rig, package, **options)
    rig.run_until_quiet()


def days(rig, many):
    """By as many, and what is due by then is done."""
    rig.wait(many * DAY)
    wake(rig.database, rig.clock.now())
    rig.run_until_quiet()


def there(platform):
    [account] = platform.accounts.values()
    return account


def locked(platform):
    told = there(platform).entitlements.get("locked", {})
    return {name: lock["deleted"] for name, lock in told.items()}


def test_data_of_what_was_lost_is_deleted_after_90_days(selling):
    """C15, D10: dated at once, deleted on the day, read back; nothing else is."""
    # Guard off (the plan tells no deletion): red.
    rig, platform = selling()
    changed(rig, "silver")
    first = locked(platform)
    days(rig, 89.9)
    kept = there(platform).data
    days(rig, 0.2)
    days(rig, 30)

    assert dict.fromkeys(LOST, False) == first
    assert LOST < kept
    assert {"storage_gb"} == there(platform).data
    assert dict.fromkeys(LOST, True) == locked(platform)
    [service] = rig.account().services
    assert all(lock.gone_at for lock in service.locked)


def test_nothing_of_it_is_done_twice_or_lost_when_the_bridge_was_off(selling):
    """D10: it comes back a month late, and deletes what was due."""
    rig, platform = selling()
    changed(rig, "silver")
    days(rig, 120)
    puts = len([1 for method, _, _ in platform.asked if method == "PUT"])
    days(rig, 1)
    rig.wake_all()
    rig.run_until_quiet()

    assert {"storage_gb"} == there(platform).data
    assert puts == len([1 for method, _, _ in platform.asked if method == "PUT"])


@pytest.mark.parametrize("fault", [
    "reset_before", "reset_after_apply", "error_500_applied", "lies",
])  # fmt: skip
def test_a_deletion_that_was_not_done_is_asked_again(selling, fault):
    """C15: believed when it is read back, and not before."""
    rig, platform = selling()
    changed(rig, "silver")
    rig.wait(91 * DAY)
    wake(rig.database, rig.clock.now())
    platform.plant(fault, "PUT")
    rig.run()
    rig.wait(WINDOW)
    rig.run_until_quiet()

    assert {"storage_gb"} == there(platform).data
    assert dict.fromkeys(LOST, True) == locked(platform)


def test_an_upgrade_on_the_last_day_keeps_it(selling):
    """D10: cancelled by any change that gives it again."""
    rig, platform = selling()
    changed(rig, "silver")
    days(rig, 89)
    changed(rig, "gold")
    days(rig, 30)

    assert LOST < there(platform).data
    assert {} == locked(platform)


def test_an_upgrade_that_waits_is_heard_before_anything_is_deleted(
    selling, at_boundary
):
    """D10: there is no way back from a deletion."""
    # Guard off (only what was loaded with the lane is heard): red.
    rig, platform = selling()
    changed(rig, "silver")
    rig.wait(91 * DAY)
    wake(rig.database, rig.clock.now())
    at_boundary("planned", lambda: change(rig, "gold"))
    rig.run_until_quiet()

    assert LOST < there(platform).data
    assert {} == locked(platform)


def test_a_coupon_that_gives_it_back_stops_the_time(selling):
    """D10, B3: it runs over the day, and 90 days begin when it ends."""
    rig, platform = selling()
    changed(rig, "silver")
    days(rig, 88)
    used(rig, given(rig)[0])
    rig.run_until_quiet()
    days(rig, 3)
    during = locked(platform), "api" in there(platform).entitlements["features"]
    days(rig, 3)
    after = locked(platform)
    days(rig, 90)

    assert ({}, True) == during
    assert dict.fromkeys(LOST, False) == after
    assert {"storage_gb"} == there(platform).data


def test_where_the_backend_cannot_a_person_is_told_and_says_so(selling):
    """C15: never a silent skip; `locked` is no word of this platform."""
    rig, platform = selling(deletes=False)
    changed(rig, "silver")
    days(rig, 82)
    early = alerts(rig)
    days(rig, 1)
    [waits] = alerts(rig)
    listed = said(rig.path, "data", "list")[0]
    for name in LOST:
        done = ["data", "deleted", "shop:1", name, "--because", "by hand, ann"]
        assert 0 == switchhook(rig.path, *done).exit_code
    days(rig, 120 - 83)

    assert [] == early
    assert "features/api of shop:1 by " in waits
    assert [rig.account().id] == [row["account"] for row in listed]
    assert [] == alerts(rig)
    assert "locked" not in there(platform).entitlements
    again = switchhook(rig.path, "data", "deleted", "shop:1", "documents",
                       "--because", "again")  # fmt: skip
    assert "no data of documents of shop:1 is due" in again.output


def alerts(rig):
    Watch(rig.database, Limits()).run(rig.clock.now())
    with rig.database.read() as tx:
        return [render(a.why) for a in alarms.lasting(tx) if a.topic == "data_waits"]


@pytest.fixture
def full(selling):
    """Beside gold 4, 5 and 6 GB were bought, a day apart."""
    rig, platform = selling(back=3)
    for total in (4, 9, 15):
        changed(rig, "gold", gigabyte=total)
        days(rig, 1)
    return rig, platform


def storage(platform):
    return there(platform).entitlements["storage_gb"]


def test_extra_capacity_above_the_limit_is_trimmed_on_the_wire(full):
    """C14, D9: 4+5+6 on a limit of 10: after seven days 0+4+6, and told until then."""
    rig, platform = full
    before = storage(platform)
    changed(rig, "silver")
    first = storage(platform)
    told = shown(rig)
    panel = ahead(rig)
    days(rig, 6.9)
    still = storage(platform)
    days(rig, 0.2)

    assert (65, 20, 20, 15) == (before, first, still, storage(platform))
    assert any("5 of storage_gb are bought above" in each for each in told)
    assert told == panel
    assert ["4 of", "1 of"] == [each[:4] for each in ahead(rig)][:2]


def shown(rig):
    [row] = said(rig.path, "show", "shop:1")[0]
    return row["data"]


def ahead(rig):
    """What is told by the clock of the bridge."""
    account, catalog, at = rig.account(), rig.parts.catalog, rig.clock.now()
    [sold] = account.services
    return services.state(account, sold, catalog, at, live=True)["data"]


@pytest.mark.parametrize(("package", "extras", "left"), [
    ("gold", {}, 65), ("silver", {"gigabyte": 10}, 15),
])  # fmt: skip
def test_who_buys_more_or_ends_some_keeps_the_rest(full, package, extras, left):
    """C14: meanwhile the owner may buy a plan that allows it, or end some."""
    rig, platform = full
    changed(rig, "silver")
    days(rig, 5)
    changed(rig, package, **extras)
    days(rig, 30)

    assert left == storage(platform)
    [service] = rig.account().services
    assert not any(extra.trimmed for extra in service.bought)


def test_the_dates_are_said_before_the_change_and_after_it(full):
    """D9, D10: by `plan --change`, by `show`, to the day."""
    rig, platform = full
    foreseen = said(rig.path, "plan", "shop:1", "--change", "silver")[0]
    dates = foreseen["change"]["data"]
    starts = rig.account().services[0].periods[0].ends

    assert any(f"on {starts + timedelta(days=7):%Y-%m-%d}" in each for each in dates)
    assert any(f"on {starts + timedelta(days=90):%Y-%m-%d}" in each for each in dates)
    assert 65 == storage(platform)
    changed(rig, "silver")
    at = rig.clock.now()
    assert any(f"on {at + timedelta(days=7):%Y-%m-%d}" in each for each in shown(rig))
    out = switchhook(rig.path, "show", "shop:1").output
    assert out.count("  data: ") == len(shown(rig))


def test_a_person_is_told_what_nobody_knows(selling):
    """Bad input names the way out."""
    rig, _ = selling()
    with pytest.raises(LookupError, match="there is no service shop:9"):
        orders.carry_out(
            rig.database, rig.clock, "data.deleted",
            {"service": "shop:9", "name": "documents", "because": "x"},
        )  # fmt: skip
