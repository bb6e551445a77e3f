"""A change that waits for an admin: shown, agreed to or declined, and done once."""

import re
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge import orders
from bridge.alerts import Watch
from bridge.duties import wake
from bridge.store import alarms, operations
from bridge.store.causes.found import Limits
from bridge.store.tables import confirmation
from bridge.words import render
from tests.bridge.cli.test_cli import said, switchhook
from tests.bridge.intact import intact, money, password
from tests.bridge.seen import LOOK, PAY, SET, by_hand, fields, levels, writes
from tests.bridge.test_confirming import Power
from tests.visit import Visit

LADDER = """
[families.calls]
approval = true
[packages.basic]
backend = "main"
price = "29.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 5
family = "calls"
rank = 50
[packages.medium]
backend = "main"
price = "49.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 7
family = "calls"
rank = 30
[packages.gold]
backend = "main"
price = "99.00 USD"
cycle = "monthly"
tariff = "wholesale"
channels = 20
free_credit = "15.00 USD"
family = "calls"
rank = 10
[families.lines]
of = "calls"
approval = true
[packages.line]
backend = "main"
addon = true
price = "5.00 USD"
cycle = "monthly"
channels = 1
family = "lines"
rank = 10
"""
BEFORE, AFTER = (True, 5, "1"), (True, 20, "2")
WHY = ("--because", "the customer called")
FIRST = {"ref": "1"}


@pytest.fixture
def careful(make):
    """A third of a month on basic, with bought credit; every change waits."""
    rig, simulator = make(more=LADDER)
    began = rig.clock.now() - timedelta(days=10)
    sold = {"ref": "1", "plan_ref": "basic", "period_start": began.isoformat()}
    paid, client = {"line_ref": "1"}, {"ref": "7"}
    rig.post(
        "order", "service.activate", began, account=client, service=sold, billing=paid
    )
    rig.topup("2")
    rig.run()
    assert {"order": "done", "topup-2": "done"} == rig.fates()
    return rig, simulator


def ask(rig, package="gold", id_="up", after=0, of=FIRST, **more):
    """The platform tells of a change; gives its name here."""
    sold = of | {"plan_ref": package}
    at = rig.clock.now() + timedelta(seconds=after)
    rig.post(id_, "service.change", at, service=sold, **more)
    rig.run()
    return named(rig, id_)


def named(rig, id_):
    with rig.database.read() as tx:
        return operations.of_events(tx, "shop", [id_])[0].name


def shown(rig, name):
    told, code = said(rig.path, "approve", name)
    assert 2 == code
    return told


def agree(rig, name, hash_=None, *more):
    hash_ = hash_ or shown(rig, name)["hash"]
    return said(rig.path, "approve", name, "--plan", hash_, *WHY, "--no-wait", *more)


def listed(rig):
    told, code = said(rig.path, "approve", "--list")
    assert (3 if told else 0) == code
    return [row["event"] for row in told]


def states(rig):
    with rig.database.read() as tx:
        return tx.execute(
            sa.select(confirmation.c.state).order_by(confirmation.c.id)
        ).scalars().all()  # fmt: skip


def test_a_change_waits_and_the_backend_is_not_touched(careful):
    """I11: the platform hears that it waits, and the words say who may do what."""
    # Guard off (`waiting` never asks): red.
    rig, simulator = careful
    before = len(simulator.journal)
    name = ask(rig)
    view, _ = said(rig.path, "event", "show", name)

    assert ("parked", [name]) == (rig.fates()["up"], listed(rig))
    assert "switchhook decline EVENT" in view["why"]
    assert ([], BEFORE) == (writes(simulator, before), levels(simulator))


def test_agreed_to_it_is_done_and_all_that_is_the_customers_stays(careful):
    """I11: campaigns, contacts, recordings, login and bought balance compare equal."""
    rig, simulator = careful
    name = ask(rig)
    was, had, login = intact(simulator), money(simulator), password(rig)
    before = len(simulator.journal)
    _, code = agree(rig, name)
    rig.run()
    now = money(simulator)

    assert (3, "done", ["applied"]) == (code, rig.fates()["up"], states(rig))
    assert (was, login) == (intact(simulator), password(rig))
    assert AFTER == levels(simulator)
    assert Counter(writes(simulator, before)) == {SET: 1, PAY: 1}
    assert (15, True) == (now.balance - had.balance, now.is_what_was_paid)
    assert [] == listed(rig)


def test_what_it_would_do_is_shown_first(careful):
    """I11, U10: the price line by line, the limits, and each call to the backend."""
    rig, simulator = careful
    name = ask(rig)
    before = len(simulator.journal)
    view = shown(rig, name)
    people = switchhook(rig.path, "approve", name)
    channels = [
        next(x["value"] for x in view[when]["services"][0]["limits"] if x["name"] == of)
        for when in ("before", "after")
        for of in ("channels",)
    ]

    assert ["5", "20"] == channels
    assert any("1 x gold at 99.00 USD" in line for line in view["lines"])
    assert any(line.strip().startswith("-") for line in view["lines"])
    assert ["set channels = 20, tariff = wholesale"] == view["steps"][:1]
    assert "grant 15.00 USD" in view["steps"][1]
    assert f"switchhook approve {name} --plan {view['hash'][:12]}" in people.output
    assert ([], ["up"]) == (writes(simulator, before), [
        e for e, fate in rig.fates().items() if fate == "parked"])  # fmt: skip


def test_another_hash_agrees_to_nothing(careful):
    """U10: exit code 5, and what it would be now; nor does half a hash."""
    rig, simulator = careful
    name = ask(rig)
    old = shown(rig, name)["hash"]
    by_hand(simulator, SET, user_id=1, user={fields(rig)["active"]: fields(rig)["off"]})
    told, code = agree(rig, name, old)

    assert (5, "changed", "parked") == (code, told["state"], rig.fates()["up"])
    assert (5, []) == (agree(rig, name, "abc")[1], states(rig))


def test_a_hash_is_of_one_change(careful):
    """U10: of an account's two services, with nothing to send yet: the one shown."""
    # Guard off (the plan's own hash is compared): red, the other one is agreed to.
    rig, _ = careful
    later = {"effective": "period_end"}
    line, paid = {"ref": "3", "quantity": 2}, {"line_ref": "3"}
    rig.post(
        "line", "service.activate", rig.clock.now(), account={"ref": "7"},
        service=line | {"plan_ref": "line"}, billing=paid,
    )  # fmt: skip
    rig.run()
    first = ask(rig, "medium", "a", data=later)
    second = ask(rig, "line", "b", 1, of=line | {"quantity": 1}, data=later)
    told, code = agree(rig, second, shown(rig, first)["hash"])

    assert (5, "changed", []) == (code, told["state"], states(rig))
    assert {first, second} == set(listed(rig))


def test_a_hash_of_what_is_over_agrees_to_nothing(careful):
    """U10: a newer change took its place; it is looked at anew."""
    rig, _ = careful
    later = {"effective": "period_end"}
    hash_ = shown(rig, ask(rig, "medium", "a", data=later))["hash"]
    told, code = agree(rig, ask(rig, "gold", "b", 1, data=later), hash_)

    assert (5, "changed") == (code, told["state"])
    assert "superseded" == rig.fates()["a"]


def test_what_comes_between_the_yes_and_the_doing_ends_it(careful):
    """U10: the run sees that more would be done than was shown: it waits as before."""
    # Guard off (`agreed` keeps the event): red, it is done unseen.
    rig, simulator = careful
    name = ask(rig)
    agree(rig, name)
    by_hand(simulator, SET, user_id=1, user={fields(rig)["active"]: fields(rig)["off"]})
    before = len(simulator.journal)
    rig.run()

    assert (["changed"], "parked") == (states(rig), rig.fates()["up"])
    assert ([], [name]) == (writes(simulator, before), listed(rig))


def test_a_word_that_comes_between_is_done_in_its_own_right(careful):
    """U3: the suspension is not held up, and the change waits for another look."""
    rig, simulator = careful
    name = ask(rig)
    agree(rig, name)
    rig.say("suspend", at=rig.clock.now(), id_="off")
    rig.run()

    assert (["changed"], [name]) == (states(rig), listed(rig))
    assert ("done", (False, 5, "1")) == (rig.fates()["off"], levels(simulator))


@pytest.mark.parametrize("word", ["change", "terminate"])
def test_a_newer_word_of_the_platform_takes_its_place(careful, word):
    """I11: what was asked before is superseded, and cannot be agreed to."""
    rig, _ = careful
    name = ask(rig)
    more = {"change": {"plan_ref": "medium"}, "terminate": {}}[word]
    sold = {"ref": "1"} | more
    at = rig.clock.now() + timedelta(seconds=1)
    rig.post("newer", f"service.{word}", at, service=sold)
    rig.run()
    result = switchhook(rig.path, "approve", name)

    assert ("superseded", "newer_word") == (rig.fates()["up"], rig.why("up"))
    assert (1, True) == (result.exit_code, "waits for nobody's word" in result.output)
    assert ([named(rig, "newer")] if word == "change" else []) == listed(rig)


def test_declined_it_ends_with_its_reason(careful):
    """I11: who said so and why is kept and told; a newer change is asked for anew."""
    rig, simulator = careful
    name = ask(rig)
    before = len(simulator.journal)
    told, code = said(rig.path, "decline", name, "--because", "not paid yet")
    again = switchhook(rig.path, "decline", name, "--because", "again")
    second = ask(rig, "medium", "next", 1)
    view, _ = said(rig.path, "event", "show", name)

    assert (0, name) == (code, told["declined"])
    assert (1, "superseded") == (again.exit_code, rig.fates()["up"])
    assert "declined it: not paid yet" in view["why"]
    assert ([second], []) == (listed(rig), writes(simulator, before))


def test_a_no_comes_before_a_yes_that_is_not_done(careful):
    """I11: agreed to, and declined before anybody did it: it is not done."""
    # Guard off (`decline` leaves the mark): red, the yes still counts.
    rig, simulator = careful
    name = ask(rig)
    agree(rig, name)
    said(rig.path, "decline", name, "--because", "a mistake")
    before = len(simulator.journal)
    rig.run()

    assert (["changed"], "superseded") == (states(rig), rig.fates()["up"])
    assert ([], BEFORE) == (writes(simulator, before), levels(simulator))


def test_a_no_in_the_middle_of_the_doing_is_told_apart(careful, at_boundary):
    """I11: whoever was about to do it notes nothing more; after that it is too late."""
    # Guards off (no fence, and the mark is left): red, it is done and called declined.
    # Either of the two is enough.
    rig, simulator = careful
    name = ask(rig)
    agree(rig, name)
    told = {"operation": name, "by": "ann", "because": "a mistake"}
    decline = lambda: orders.carry_out(  # noqa: E731 - said at the boundary
        rig.database, rig.clock, "event.decline", told
    )
    at_boundary("planned", decline)
    before = len(simulator.journal)
    rig.run()
    rig.run()

    assert ("superseded", []) == (rig.fates()["up"], writes(simulator, before))
    assert BEFORE == levels(simulator)


def test_twice_is_once(careful):
    """I11: said twice at once or later, it is done once and paid once."""
    rig, simulator = careful
    name = ask(rig)
    hash_ = shown(rig, name)["hash"]
    before = len(simulator.journal)
    first, second = agree(rig, name, hash_)[0], agree(rig, name, hash_)[0]
    rig.run()
    late = switchhook(rig.path, "approve", name, "--plan", hash_, *WHY)
    rig.wake_all()
    rig.run()

    assert first["confirmation"] == second["confirmation"]
    assert (1, ["applied"]) == (late.exit_code, states(rig))
    assert Counter(writes(simulator, before)) == {SET: 1, PAY: 1}


@pytest.mark.parametrize("boundary", [
    "claimed", "planned", "intent noted", "before send", "after send",
    "outcome noted", "final state",
])  # fmt: skip
def test_with_the_power_gone_anywhere_it_is_done_once(careful, at_boundary, boundary):
    """I11, V3: and nothing of it is done that was not agreed to."""
    rig, simulator = careful
    name = ask(rig)
    agree(rig, name)
    before = len(simulator.journal)

    def gone():
        raise Power

    at_boundary(boundary, gone)
    with pytest.raises(Power):
        rig.run()
    rig.wait(400)
    simulator.advance(400)
    rig.run()

    assert (["applied"], "done") == (states(rig), rig.fates()["up"])
    assert AFTER == levels(simulator)
    assert Counter(writes(simulator, before))[PAY] == 1
    assert money(simulator).is_what_was_paid


def test_while_the_backend_is_away_it_waits_and_is_then_done(careful):
    """I11: a yes is not forgotten, and no half of it is taken in unseen."""
    # Guard off (the event is among those taken in by `only_take_in`): red.
    rig, simulator = careful
    name = ask(rig)
    agree(rig, name)
    simulator.plant("error_object_500", LOOK)
    assert rig.parts.runner.run()
    meanwhile = (states(rig), rig.fates()["up"])
    rig.run_until_quiet()

    assert (["open"], "parked") == meanwhile
    assert (["applied"], "done") == (states(rig), rig.fates()["up"])


def test_asked_for_again_by_a_person_it_is_agreed_to_all_the_same(careful):
    """I11: `event retry` between the yes and the doing changes nothing."""
    # Guard off (`asked` only of what is parked): red, called applied and not done.
    rig, simulator = careful
    name = ask(rig)
    agree(rig, name)
    said(rig.path, "event", "retry", name)
    rig.run()

    assert (["applied"], "done") == (states(rig), rig.fates()["up"])
    assert AFTER == levels(simulator)


def test_put_off_it_is_agreed_to_with_nothing_to_send_yet(careful):
    """C11: it is the next renewal package then, and set when its time comes."""
    rig, simulator = careful
    name = ask(rig, "medium", data={"effective": "period_end"})
    view = shown(rig, name)
    agree(rig, name)
    rig.run()

    assert ([], "with the next period") == (view["steps"], view["when"])
    assert ("medium", "done") == (
        rig.account().services[0].next.package,
        rig.fates()["up"],
    )
    assert ([], BEFORE) == (listed(rig), levels(simulator))


def test_who_agreed_when_and_why_is_kept(careful):
    """I11: and shown with the event."""
    rig, _ = careful
    name = ask(rig)
    agree(rig, name)
    rig.run()
    view, _ = said(rig.path, "event", "show", name)

    assert "the customer called" == view["approved"]["because"]
    assert view["approved"]["by"]
    assert ("applied", True) == (
        view["approved"]["state"],
        "made_at" in view["approved"],
    )


def test_what_could_not_be_done_anyway_is_not_agreed_to(careful):
    """P12: its package is sold no more; exit code 4, and the reason."""
    rig, _ = careful
    name = ask(rig, "medium")
    rig.path.write_text(
        rig.path.read_text().replace("[packages.medium]", "[packages.x]")
    )
    rig.sells()
    result = switchhook(rig.path, "approve", name)

    assert 4 == result.exit_code
    assert 'There is no package "medium"' in result.output


@pytest.mark.parametrize("more", [(), ("up", "--list"), ("up", "--plan", "abc")])
def test_what_cannot_be_meant_is_a_wrong_use(careful, more):
    """Exit code 2, as everywhere."""
    assert 2 == switchhook(careful[0].path, "approve", *more).exit_code


def test_on_what_was_revoked_nothing_waits(careful):
    """I11: neither in the list, nor as an alert."""
    # Guard off (only words end the waiting): red.
    rig, _ = careful
    house = "[dunning.shop]\nsince = 2020-01-01T00:00:00Z\n"
    rig.path.write_text(rig.path.read_text() + house)
    rig.sells()
    name = ask(rig)
    waits = said(rig.path, "approve", "--list")[1]
    rig.wait(50 * 86400)
    wake(rig.database, rig.clock.now())
    rig.run()
    shown = said(rig.path, "event", "show", name)[0]

    assert not rig.account().services[0].alive
    assert (3, 0) == (waits, said(rig.path, "approve", "--list")[1])
    assert "superseded" == shown["fate"]
    assert "ended before anybody agreed" in shown["why"]


def test_it_is_an_alert_until_somebody_decides(careful):
    """I11: one an account, and not among what went wrong."""
    # Guard off (`parked` counts it too): red.
    rig, _ = careful

    def lasting():
        Watch(rig.database, Limits()).run(rig.clock.now())
        with rig.database.read() as tx:
            return {a.topic: render(a.why) for a in alarms.lasting(tx)}

    name = ask(rig)
    before = lasting()
    said(rig.path, "decline", name, "--because", "no")

    assert {"asking"} == before.keys()
    assert "a change is asked for since" in before["asking"]
    assert {} == lasting()


def test_an_admin_agrees_on_the_consoles_page_too(careful):
    """I11: by the plan that is shown there, and by no other."""
    # Guard off (the hash not compared in console.agreeing.approve): red.
    rig, simulator = careful
    name, staff = ask(rig), Visit(rig)
    told = staff.get(f"/events/{name}").text
    page = staff.get(f"/events/{name}/change").text
    [hash_] = re.findall(r'name="hash" value="([0-9a-f]{64})"', page)
    other = staff.post(f"/events/{name}/approve", hash="0" * 64, because="he called")
    rig.run()
    before = levels(simulator)
    staff.post(f"/events/{name}/approve", hash=hash_, because="he called")
    rig.run()

    assert f"/events/{name}/change" in told
    assert "1 x gold at 99.00 USD" in page
    assert (409, BEFORE) == (other.status_code, before)
    assert ("done", AFTER) == (rig.fates()["up"], levels(simulator))
