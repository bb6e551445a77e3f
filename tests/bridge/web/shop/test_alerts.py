"""Alerts a customer sets for himself, and drops: his own, and each once."""

import pytest

from bridge.store import customers, thresholds
from tests.bridge.web.shop.pressing import account, owner, press, told

DROP = "/alerts/drop"


def kept(one):
    with one.parts.database.read() as tx:
        return thresholds.kept(tx, account(one).id)


def wanted(one, **typed):
    page = one.get("/alerts").text
    return press(one, page, "/alerts", **({"measure": "balance", "level": "5"} | typed))


def test_an_alert_is_set_shown_and_dropped(shopper):
    """S2: by the customer, in words and sums of his language."""
    one = owner(shopper)
    assert "You are told when it is crossed" in told(one, wanted(one))
    page = one.get("/alerts").text
    assert "Balance below US$5.00" in page
    assert "not crossed" in page
    wanted(one, measure="calls", level="100", per="day")
    assert "More calls than 100 in a day" in one.get("/alerts").text

    [first, _] = kept(one)
    assert one.who.id == first.by
    page = one.get("/alerts").text
    assert "dropped" in told(one, press(one, page, DROP, threshold=first.id))
    assert 1 == len(kept(one))


def test_the_same_alert_twice_is_one(shopper):
    """U2: a double click, and another tab."""
    # Guard off (a random `key` in thresholds.set_): red, there are two.
    one = owner(shopper)
    page = one.get("/alerts").text
    typed = {"measure": "spent", "level": "12.50"}
    for form in (page, page, one.get("/alerts").text):
        assert 303 == press(one, form, "/alerts", **typed).status_code

    assert 1 == len(kept(one))


def test_dropped_twice_it_is_dropped_once(shopper):
    """U2: the same form is answered the same; another tab's, that there is none."""
    # Guard off (`once` in the form): red, the second is told that there is none.
    one = owner(shopper)
    wanted(one)
    wanted(one, level="6")
    [its, _] = kept(one)
    pages = [one.get("/alerts").text] * 2 + [one.get("/alerts").text]
    said = [told(one, press(one, p, DROP, threshold=its.id)) for p in pages]

    assert [True, True, False] == ["The alert is dropped" in each for each in said]
    assert "no such thing" in said[2]
    assert 1 == len(kept(one))


@pytest.mark.parametrize("level", ["-1", "1e3", "many", "1.1234567"])
def test_a_level_nobody_can_read_is_refused(shopper, level):
    one = owner(shopper)
    wanted(one, level=level)

    assert [] == kept(one)


def test_they_are_not_without_end(shopper):
    """Each is looked at again and again."""
    # Guard off (`_is_full`): red.
    one = owner(shopper)
    page = one.get("/alerts").text
    for level in range(21):
        answer = press(one, page, "/alerts", once=f"form-{level}", level=str(level))

    assert "Drop one first" in told(one, answer)
    assert 20 == len(kept(one))


def test_another_customers_alert_is_not_there(shopper):
    """U11: neither to drop, nor one set on his account."""
    # Guard off (`found.account not in own`): red, it is gone.
    ann = owner(shopper)
    ben = owner(shopper, rig=ann.rig)
    wanted(ann)
    [theirs] = kept(ann)
    wanted(ben)
    page = ben.get("/alerts").text
    gone = press(ben, page, DROP, threshold=theirs.id)
    press(ben, page, "/alerts", account=account(ann).id, level="7")

    assert "not yours" in told(ben, gone)
    assert [theirs.id] == [each.id for each in kept(ann)]


def test_a_viewer_sets_none(shopper):
    """S11."""
    one = owner(shopper)
    wanted(one)
    with one.parts.database.change() as tx:
        customers.become(tx, one.who.id, role="viewer")

    assert '<form method="post" action="/alerts' not in one.get("/alerts").text
    page = one.get("/services").text
    found = one.post(DROP, page=page, threshold=kept(one)[0].id)
    assert 403 == found.status_code
