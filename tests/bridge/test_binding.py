"""Which service is which account: what waits for one, and what is never one."""

import json
import re

import pytest

from bridge import desk
from bridge.keys import LETTERS, Keys
from bridge.platforms import signature
from bridge.store import operations, whereabouts
from tests.bridge.seen import (
    OPEN,
    by_hand,
    calls,
    fields,
    hours,
    levels,
    paid,
    sums,
)
from tests.days import months_on
from tests.rig import KEY, Rig

CLIENT = {"account": {"ref": "7"}}


def moves(rig, key):
    return [(e.from_book, e.to_book) for e in rig.entries() if e.key.startswith(key)]


def reason(rig, event):
    with rig.database.read() as tx:
        return dict(operations.of_events(tx, "shop", [event])[0].why.parts)


def retry(rig, event):
    with rig.database.change() as tx:
        name = operations.of_events(tx, "shop", [event])[0].name
        desk.retry(tx, name, rig.clock.now())


def account_of(rig, service):
    with rig.database.read() as tx:
        return whereabouts.of_service(tx, service)


# --- what comes before the account


def test_a_top_up_before_the_order_is_held(pair):
    """U9: money with nowhere to go yet is booked as held, and says what it needs."""
    rig, simulator = pair
    rig.topup("2")
    rig.run()

    assert {"paid": "10.00", "held": "10.00"} == sums(rig)
    assert ("parked", "no_account_yet") == (rig.fates()["topup-2"], rig.why("topup-2"))
    assert [] == calls(simulator)


def test_a_top_up_before_the_order_arrives_after_it(pair):
    """U9: booked once, moved to the account's own books, applied there once."""
    # Guard off (events moved without their sums): red.
    rig, simulator = pair
    rig.topup("2")
    rig.run()
    rig.order()
    rig.run()

    assert {"order": "done", "topup-2": "done"} == rig.fates()
    assert [("paid", "held"), ("held", "moved"), ("moved", "held"), ("held", "applied")
            ] == moves(rig, "shop:2/topup")  # fmt: skip
    assert {"paid": "10.00", "applied": "10.00", "due": "5.00", "granted": "5.00"
            } == sums(rig)  # fmt: skip
    assert [("shop:1/free/1/0/0", "5.00"), ("shop:2/topup", "10.00")] == sorted(
        paid(simulator)
    )


def test_moving_to_another_owner_changes_no_sum(pair):
    """Over all owners nothing stands between them, before and after."""
    rig, _ = pair
    rig.topup("2", product="credit20")
    rig.run()
    before = {"paid": "20.00", "held": "20.00", "due": "2.00", "owed": "2.00"}

    assert before == sums(rig)

    rig.order(package="plain")
    rig.run()

    assert {"paid": "20.00", "applied": "20.00", "due": "2.00", "granted": "2.00"
            } == sums(rig)  # fmt: skip


def test_a_word_before_the_order_waits_and_counts(pair):
    """U3: reordered on the way, a suspension still holds when the order comes."""
    rig, simulator = pair
    rig.say("suspend", at=hours(1), id_="suspend", **CLIENT)
    rig.run()

    assert "service_unknown" == rig.why("suspend")

    rig.order()
    rig.run()

    assert {"order": "done", "suspend": "done"} == rig.fates()
    assert (False, 5, "1") == levels(simulator)


@pytest.mark.parametrize("word", ["suspend", "terminate"])
def test_a_word_that_names_no_client_waits_for_its_order_all_the_same(pair, word):
    """U3: a suspension names only the service; sent before the order it counts too."""
    rig, simulator = pair
    rig.say(word, at=hours(1), id_=word)
    rig.run()
    rig.order()
    rig.run()

    assert "done" == rig.fates()[word]
    assert not any(user.active for user in simulator.users.values())


def test_a_renewal_that_names_no_client_waits_for_its_order_all_the_same(pair):
    """U2: the renewal's grant is not lost when its order comes after it."""
    rig, simulator = pair
    starts = months_on(1).isoformat()
    rig.post("renewed", "service.renewed", hours(1), billing={"line_ref": "4"},
             service={"ref": "1", "period_start": starts})  # fmt: skip
    rig.run()
    rig.order()
    rig.run()

    assert {"order": "done", "renewed": "done"} == rig.fates()
    assert 2 == len(paid(simulator))


def test_a_top_up_by_target_alone_waits_for_its_target(pair):
    """U9: money for a service that is ordered later is applied when it is."""
    rig, _ = pair
    rig.post("topup", "topup.paid", service={"product_ref": "credit10"},
             data={"target": "1"}, billing={"line_ref": "2"})  # fmt: skip
    rig.run()

    assert {"paid": "10.00", "held": "10.00"} == sums(rig)

    rig.order()
    rig.run()

    assert "10.00" == sums(rig).get("applied")


def test_a_top_up_in_another_currency_is_not_sent_when_the_order_comes(pair):
    """I10: 10 EUR held before the order are not 10 USD after it."""
    rig, simulator = pair
    rig.topup("2", product="euro")
    rig.run()
    rig.order(package="plain")
    rig.run()

    assert [] == paid(simulator)
    assert ("parked", "held_currency") == (
        rig.fates()["topup-2"],
        rig.why("topup-2"),
    )


# --- where a top-up goes


@pytest.fixture
def two(pair):
    """One client with two accounts: services 1 and 2."""
    rig, simulator = pair
    rig.order(package="plain")
    rig.order("2", id_="order-2", line="1b", package="plain")
    rig.run()
    assert 2 == len(simulator.users)
    return rig, simulator


def owners(rig, key):
    return {e.owner for e in rig.entries() if e.key == key and e.to_book == "applied"}


def test_a_top_up_goes_to_the_clients_only_account(opened):
    """I10: a client with one account need not say which."""
    rig, _ = opened
    rig.topup("3")
    rig.run()

    assert {account_of(rig, "shop:1")} == owners(rig, "shop:3/topup")


def test_a_top_up_goes_to_the_service_it_names(two):
    """I10: the target is one of the platform's own services."""
    rig, _ = two
    rig.topup("3", data={"target": "2"})
    rig.run()

    assert {account_of(rig, "shop:2")} == owners(rig, "shop:3/topup")


def test_a_top_up_goes_to_the_account_it_names(two):
    """I10: the target may be our own id of the account."""
    rig, _ = two
    account = account_of(rig, "shop:2")
    rig.topup("3", data={"target": account})
    rig.run()

    assert {account} == owners(rig, "shop:3/topup")


def test_a_top_up_for_one_of_several_waits_with_the_choices(two):
    """I10: nobody guesses which account the money is for; the reason names them all."""
    rig, _ = two
    rig.topup("3")
    rig.run()
    both = sorted(account_of(rig, ref) for ref in ("shop:1", "shop:2"))

    assert ("parked", "target_missing") == (rig.fates()["topup-3"], rig.why("topup-3"))
    assert ", ".join(both) == reason(rig, "topup-3")["choices"]
    assert {"paid": "10.00", "held": "10.00"} == sums(rig)


def test_an_unknown_target_is_held_until_it_is_known(opened):
    """I10: even a client's only account does not get what was meant for another."""
    rig, _ = opened
    rig.topup("3", data={"target": "2"})
    rig.run()
    held = sums(rig)

    assert "target_unknown" == rig.why("topup-3")
    assert ("10.00", None) == (held["held"], held.get("applied"))

    rig.order("2", id_="order-2", line="1b", package="plain")
    rig.run()

    assert {account_of(rig, "shop:2")} == owners(rig, "shop:3/topup")


def test_an_unknown_target_is_held_even_where_a_service_is_named(opened):
    """I10: the target says where the money goes; no other word stands in for it."""
    rig, simulator = opened
    rig.post("topup-3", "topup.paid", account={"ref": "7"}, data={"target": "2"},
             service={"ref": "1", "product_ref": "credit10"},
             billing={"line_ref": "3"})  # fmt: skip
    rig.run()

    assert "target_unknown" == rig.why("topup-3")
    assert 1 == len(paid(simulator))


# --- who may be told what


def test_an_unknown_package_waits_and_is_opened_when_it_is_known(pair):
    """U1: the operator adds the package, applies the catalog and says retry."""
    rig, simulator = pair
    rig.order(package="gold")
    rig.run()

    assert ("parked", "package_unknown") == (rig.fates()["order"], rig.why("order"))

    gold = rig.path.read_text().replace("[packages.plain]", "[packages.gold]")
    rig.path.write_text(gold)
    mended = Rig(rig.path, rig.clock)
    mended.sells()
    retry(mended, "order")
    mended.run()

    assert {"order": "done"} == mended.fates()
    assert (True, 2, "2") == levels(simulator)


def test_two_clients_that_tell_the_same_service_share_its_one_account(pair):
    """U1: a service is one account, whoever the sender says it belongs to."""
    rig, simulator = pair
    rig.order(client="7", id_="order-7", line="1")
    rig.order(client="8", id_="order-8", line="1")
    rig.run()

    assert {"order-7": "done", "order-8": "done"} == rig.fates()
    assert [OPEN] == [m for m in calls(simulator) if m == OPEN]
    assert 1 == len(simulator.users)
    assert [("shop:1/free/1/0/0", "5.00")] == paid(simulator)


def test_the_services_of_two_sources_are_never_the_same(opened):
    """U12: a reference is its platform's own: shop's 1 is not other's 1."""
    rig, simulator = opened
    key = signature.keys("other", rig.parts.config.sources["other"]["secrets"])[0]
    told = {
        "spec": "1",
        "type": "service.activate",
        "occurred_at": hours(0).isoformat(),
        "account": {"ref": "7"},
        "service": {"ref": "1", "plan_ref": "plain"},
        "billing": {"line_ref": "1"},
    }
    body = json.dumps(told).encode()
    headers = signature.signed(key, "order", body, rig.clock.now())
    headers["content-type"] = "application/json"
    rig.client.post("/hooks/other", data=body, headers=headers)
    rig.run()

    assert account_of(rig, "shop:1") != account_of(rig, "other:1")
    assert [(True, 5, "1"), (True, 2, "2")] == [levels(simulator, n) for n in (1, 2)]


# --- names


def test_an_account_is_never_adopted_by_its_e_mail(pair):
    """U1: a stranger with the customer's e-mail is left alone, and ours has none."""
    rig, simulator = pair
    wire = fields(rig)
    stranger = {wire["username"]: "lan", wire["password"]: "Correct-Horse-1",
                wire["email"]: "lan@example.com"}  # fmt: skip
    by_hand(simulator, OPEN, user=stranger)
    before = simulator.users[1]
    rig.post("order", "service.activate", service={"ref": "1", "plan_ref": "starter"},
             account={"ref": "7", "email": "lan@example.com"},
             billing={"line_ref": "1"})  # fmt: skip
    rig.run()

    assert before == simulator.users[1]
    assert ("", 5) == (simulator.users[2].email, simulator.users[2].channels)
    assert [("shop:1/free/1/0/0", "5.00")] == paid(simulator)
    assert "done" == rig.fates()["order"]


def test_the_username_at_the_backend_carries_our_mark(opened):
    """Account, generation and five characters nobody can make without the key."""
    rig, simulator = opened
    name = simulator.users[1].username
    account = rig.account()
    other = Keys(KEY[::-1].encode())

    assert rig.parts.keys.username(account.id) == name
    assert re.fullmatch(rf"sw[{LETTERS}]{{10}}1[{LETTERS}]{{5}}", name)
    assert other.username(account.id)[:-5] == name[:-5]
    assert other.username(account.id) != name
