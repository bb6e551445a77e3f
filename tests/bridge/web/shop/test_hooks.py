"""What a reseller's own system is told of his shop: signed, each once."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook as Oracle

from bridge.config import ConfigError
from bridge.duties import wake
from bridge.keys import new_secret
from tests.bridge.channels.test_webhook import Receiver, listening
from tests.bridge.web.shop.desk import Desk
from tests.bridge.web.shop.pressing import paid_until
from tests.shopper import BRANDS, Shopper, sent

SECRET = "whsec_" + new_secret()


@pytest.fixture
def hooked(make):
    """`one, receiver = hooked()`: somebody at acme, whose reseller is told."""
    stops = []

    def build(brand="acme"):
        receiver = Receiver()
        server = listening(receiver)
        url = server.__enter__()
        stops.append(lambda: server.__exit__(None, None, None))
        more = f'[sources.acme.hook]\nurl = "{url}/in"\nsecret = "{SECRET}"\n'
        more += '[dunning.acme]\nsince = 2026-11-01T00:00:00Z\nsuspend = "3d"\n'
        rig, simulator = make(mailed=True, rate=None, more=BRANDS + more)
        one = Shopper(rig, brand).sign_up()
        one.simulator = simulator
        return one, receiver

    yield build
    for stop in stops:
        stop()


def told(one, receiver):
    """All that were told by now, each proved."""
    while sent(one.rig):
        pass
    found = []
    for _, headers, body in receiver.heard:
        named = {name.lower(): value for name, value in headers.items()}
        at = datetime.fromtimestamp(int(named["webhook-timestamp"]), UTC)
        proof = Oracle(SECRET).sign(named["webhook-id"], at, body.decode())
        assert proof == named["webhook-signature"]
        found.append((named["webhook-id"], json.loads(body)))
    return found


def test_each_step_of_an_order_is_told_once_and_signed(hooked):
    """U11: placed, paid, and in effect once that is so."""
    # Guard off (NotYet in `_is_over`): red, there is no service yet: never told.
    one, receiver = hooked()
    path = one.order(one.quote("team", quantity=2))
    id_ = path.rpartition("/")[2]
    one.paid(path)
    first = told(one, receiver)
    assert [f"order.placed:{id_}", f"order.paid:{id_}"] == [key for key, _ in first]
    placed, paid = (body for _, body in first)
    assert ("order.placed", "open", None) == (
        placed["type"], placed["data"]["state"], placed["data"]["settled_at"]
    )  # fmt: skip
    assert ("order.paid", "paid", "59.90") == (
        paid["type"], paid["data"]["state"], paid["data"]["amount"]
    )  # fmt: skip

    one.rig.run()
    one.rig.wait(20)
    [(key, changed)] = told(one, receiver)[2:]
    assert f"service.changed:{id_}" == key
    assert ("service.changed", "active", "team", 2) == (
        changed["type"],
        *(changed["data"][name] for name in ("state", "plan", "quantity")),
    )
    one.rig.wait(3600)
    assert 3 == len(told(one, receiver))


def test_what_was_called_off_is_told_so_and_nothing_more(hooked):
    one, receiver = hooked()
    path = one.order(one.quote("team"))
    page = one.get(path).text
    one.post(f"{path}/cancel", page=page)

    said = [body["type"] for _, body in told(one, receiver)]
    assert ["order.placed", "order.cancelled"] == said


def test_nothing_of_another_brand_is_told(hooked):
    """U11: and what nobody listens for holds nothing up."""
    one, receiver = hooked("mekong")
    one.paid(one.order(one.quote("sen")))
    one.rig.run()

    assert [] == told(one, receiver)


def test_one_that_does_not_answer_is_told_later_the_same(hooked):
    """Under the same key, with the same words: it knows what it has heard."""
    one, receiver = hooked()
    receiver.status = 503
    one.order(one.quote("team"))
    told(one, receiver)
    receiver.status = 204
    one.rig.wait(3600)
    bodies = {(key, json.dumps(body)) for key, body in told(one, receiver)}

    assert 1 == len(bodies)
    assert 2 == len(receiver.heard)


def test_a_hook_without_a_shop_is_refused(make):
    """It would tell of nothing."""
    table = f'[sources.shop.hook]\nurl = "https://x.example/"\nsecret = "{SECRET}"\n'
    with pytest.raises(ConfigError, match="it needs the table shop"):
        make(more=table)


def test_what_no_order_brought_about_is_told_as_well(hooked):
    """U11: a change by its platform's word, what turns at a period's end, what is off:
    each once, and when it is so; what is paid by its order alone."""
    # Guard off (`_by_order` in `_effect`): red, the paid one is told twice.
    # Guard off (`hooked.EFFECTS` in `Mails.note`): red, nothing is told.
    one, receiver = hooked()
    mine = Desk(one).buys("club")
    service, client = mine.service.ref, one.who.client

    def say(event, type_, **said):
        one.rig.order_by_hand("shop.say", event=event, source="acme", service=service,
                              client=client, type=type_, said=said)  # fmt: skip

    def heard(days=0):
        one.rig.wait(days * 86400)
        for _ in range(2):
            wake(one.rig.database, one.rig.clock.now())
            one.rig.run()
            one.rig.wait(60)
        found = [body for _, body in told(one, receiver)]
        receiver.heard.clear()
        return [
            tuple(body["data"][name] for name in ("why", "plan", "quantity", "state"))
            for body in found
            if body["type"] == "service.changed"
        ]

    assert [("paid", "club", 1, "active")] == heard()
    mine.settle(one.order(mine.promise(quantity=2)))
    assert [("paid", "club", 2, "active")] == heard()
    say("now", "service.change", product="club", quantity=3)
    assert [("changed", "club", 3, "active")] == heard()
    say("then", "service.change", product="team", at_period_end=True)
    assert [] == heard()
    left = (paid_until(one) - one.rig.clock.now()) / timedelta(days=1)
    assert [("turned", "team", 3, "active")] == heard(left)
    assert [("suspended", "team", 3, "inactive")] == [*heard(4), *heard(1)]
