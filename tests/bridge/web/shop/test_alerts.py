"""Alerts a customer sets for himself, and drops: his own, and each once."""

import pytest

from bridge.store import customers, thresholds
from tests.bridge.web.shop.pressing import account, owner, press, told


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
    path = f"/alerts/{first.id}/drop"
    assert "dropped" in told(one, press(one, one.get("/alerts").text, path))
    assert 1 == len(kept(one))


def test_the_same_alert_twice_is_one(shopper):
    """U2: a double click, and another tab."""
    # Guard off (the unique key of `threshold`): red, there are two.
    one = owner(shopper)
    page = one.get("/alerts").text
    typed = {"measure": "spent", "level": "12.50"}
    for form in (page, page, one.get("/alerts").text):
        assert 303 == press(one, form, "/alerts", **typed).status_code

    assert 1 == len(kept(one))


def test_dropped_twice_it_is_dropped_once(shopper):
    """U2: the second is told that there is none any more."""
    one = owner(shopper)
    wanted(one)
    [its] = kept(one)
    page = one.get("/alerts").text
    found = [press(one, page, f"/alerts/{its.id}/drop").status_code for _ in range(2)]

    assert [303, 404] == found
    assert [] == kept(one)


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
    # Guard off (`_of_threshold` gives the asker's own client): red.
    ann = owner(shopper)
    ben = owner(shopper, rig=ann.rig)
    wanted(ann)
    [theirs] = kept(ann)
    page = ben.get("/alerts").text
    gone = ben.post(f"/alerts/{theirs.id}/drop", page=page)
    press(ben, page, "/alerts", account=account(ann).id, level="7")

    assert 404 == gone.status_code
    assert [theirs.id] == [each.id for each in kept(ann)]
    assert [404] * 2 == [ben.post(f"/alerts/{no}/drop", page=page).status_code
                         for no in ("9" * 30, "x")]  # fmt: skip


def test_a_viewer_sets_none(shopper):
    """S11."""
    one = owner(shopper)
    wanted(one)
    with one.parts.database.change() as tx:
        customers.become(tx, one.who.id, role="viewer")

    assert '<form method="post" action="/alerts' not in one.get("/alerts").text
    page = one.get("/services").text
    found = one.post(f"/alerts/{kept(one)[0].id}/drop", page=page)
    assert 403 == found.status_code
