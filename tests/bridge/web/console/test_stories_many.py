"""What admins do in a browser where much is at stake, from the first click to the end.

`--matrix whole`: with as many accounts as a provider has; else with some.
"""

import csv
import threading

import pytest

from bridge import lifecycle
from bridge.platforms import signature
from bridge.store import adopted, register
from tests.bridge.moved_in import move_in, row
from tests.bridge.seen import SET, by_hand, fields, orders, until
from tests.browser import free_port
from tests.engines import on_sqlite

PATIENCE = 600.0


@pytest.fixture
def beside():
    """`beside(rig)`: the ticks of a worker that does what was ordered for many."""
    over, threads = threading.Event(), []

    def start(rig):
        def work():
            while not over.wait(0.2):
                lifecycle.bulk(rig.parts).run()

        threads.append(threading.Thread(target=work, daemon=True))
        threads[-1].start()

    yield start
    over.set()
    for thread in threads:
        thread.join()


@pytest.fixture
def desk(live, beside, served):
    """`rig, simulator, visit, page = desk(settle=2.0)`: workers run, an owner looks."""

    def build(**set_):
        more = f"[console]\nport = {free_port()}\n"
        rig, simulator = live(more=more, **set_)
        beside(rig)
        visit, page = served(rig=rig)
        page.set_default_timeout(PATIENCE * 1000)
        return rig, simulator, visit, page

    return build


@pytest.fixture
def many(request):
    whole = request.config.getoption("--matrix") == "whole"
    return lambda some, all_: all_ if whole else some


def channels(simulator):
    return [user.channels for user in simulator.users.values()]


@on_sqlite
def test_a_plan_is_confirmed_while_a_new_event_comes(desk):
    """U10: "changed since shown"; nothing is sent until the new plan is confirmed."""
    rig, simulator, visit, page = desk()
    orders(rig, 1)
    until(lambda: rig.fates() == {"order-1": "done"}, PATIENCE)
    by_hand(simulator, SET, user_id=1, user={fields(rig)["channels"]: "9"})
    page.goto(f"{visit.url}/accounts/{rig.account().id}/plan")
    page.get_by_label("Why").fill("set by hand there")
    rig.parts.worker.stop(within=30)
    rig.say("suspend", id_="off")
    page.get_by_role("button", name="Do exactly this").click()

    assert "Changed since shown" in page.get_by_role("alert").inner_text()
    assert "off" in page.get_by_role("list").last.inner_text() + page.content()
    assert [9] == channels(simulator)


@on_sqlite
def test_a_secret_is_rotated(desk):
    """U12: shown once, taken at once; the old one holds on for seven days."""
    rig, _, visit, page = desk()
    page.goto(f"{visit.url}/sources/shop")
    page.locator("#because-rotate").fill("every year")
    page.get_by_role("button", name="Rotate the secret").click()
    secret = page.locator("dd", has_text="whsec_").inner_text()
    old = rig.topup("1").status_code
    rig._key = signature.keys("shop", [secret])[0]
    new = rig.topup("2").status_code
    page.get_by_role("link", name="I have copied it").click()

    assert (202, 202) == (old, new)
    assert "left" in page.content()
    assert secret not in page.content()


@on_sqlite
@pytest.mark.timeout(900)
def test_a_fleet_is_brought_in_line_while_the_backend_fails(
    desk, many, record_property
):
    """U10: shown, confirmed, followed; a write in ten fails one way or the other."""
    count = many(40, 500)
    rig, simulator, visit, page = desk(settle=1.0)
    orders(rig, count)
    until(lambda: set(rig.fates().values()) == {"done"}, PATIENCE)
    wire = fields(rig)["channels"]
    for user in simulator.users:
        by_hand(simulator, SET, user_id=user, user={wire: "9"})
    for fault in ("reset_after_apply", "error_object_500", "truncated_body"):
        simulator.plant(fault, SET, times=count, odds=0.04, seed=len(fault))
    page.goto(f"{visit.url}/reprovision")
    page.get_by_role("button", name="Look at them").click()
    confirm = page.get_by_role("button", name=f"Do this for {count} accounts")
    confirm.wait_for()
    page.locator("#because").fill("levels were changed by hand")
    confirm.click()
    page.get_by_text(f"{count} of {count} accounts ended").wait_for()
    record_property("figures", page.locator(".course p").inner_text())

    assert {2} == set(channels(simulator))
    assert {"done"} == set(rig.fates().values())


@on_sqlite
@pytest.mark.timeout(900)
def test_a_fleet_is_adopted(desk, many, tmp_path):
    """I2: a list is uploaded, shown, bound, and released; nobody's password changes."""
    count = many(20, 200)
    rig, simulator, visit, page = desk(live="2026-11-01T00:00:00Z")
    move_in(simulator, count)
    with (tmp_path / "fleet.csv").open("w", newline="") as file:
        rows = [row(no) for no in range(1, count + 1)]
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    page.goto(f"{visit.url}/adopt")
    page.get_by_label("Whose services these are").select_option("shop")
    page.get_by_label("The list").set_input_files(tmp_path / "fleet.csv")
    page.get_by_role("button", name="Look at them").click()
    confirm = page.get_by_role("button", name=f"Bind {count} services")
    confirm.wait_for()
    page.locator("#because").fill("moving in")
    confirm.click()
    page.get_by_text(f"{count} of {count} lines ended").wait_for()
    page.locator("#because-release").fill("looked at")
    page.get_by_role("button", name="Release them").click()
    page.get_by_text(f"{count} released").wait_for()
    with rig.database.read() as tx:
        left, there = adopted.count(tx, None), register.count(tx)

    assert (0, count) == (left, there)
    assert {"their own"} == {user.password for user in simulator.users.values()}
