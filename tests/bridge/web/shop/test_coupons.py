"""A customer's coupons: what one would do is shown first, and that is what it does."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest

from bridge import orders
from bridge.store import accounts, customers
from provisioning.core.splice import Activation
from tests.bridge.seen import levels
from tests.bridge.web.shop.pressing import (
    account,
    fields,
    given,
    kept,
    owner,
    paid_until,
    press,
)
from tests.bridge.web.shop.pressing import told as said

USE = "/coupons/use"
THREE_HOURS = timedelta(hours=3)


def look(one, id_, variant=1, service=None):
    ref = service or account(one).services[0].ref
    return one.get(f"{USE}?coupon={quote(id_)}&service={ref}&variant={variant}")


def test_each_kind_is_listed_with_how_many_where_and_in_which_ways(shopper):
    """B1, B11, B14: two of a kind are one line; S4: an umbrella is shown."""
    one = owner(shopper)
    given(one, id_="a")
    given(one, id_="b")
    one.rig.order_by_hand(
        "umbrella.spread", account=account(one).id, umbrella="guest", until=None,
        because="a word of ours",
    )  # fmt: skip
    page = one.get("/coupons").text

    assert "× 2" in page
    assert "1 rank up" in page
    assert "3 hours" in page
    assert "2 days 2 hours" in page
    assert "at least" in page
    assert "a word of ours" not in page
    assert "the best of seats is 1" in page


def test_who_has_none_is_told_what_to_do(shopper):
    one = shopper().sign_up()

    assert "/coupons/buy" in one.get("/coupons").text


def test_the_splice_is_drawn_before_and_after_and_so_it_is_done(shopper):
    """B6, B12: the end moves by exactly as long as the coupon lasts; B4, B5."""
    # Guard off (`mode` OVERLAY in spliced.preview): red, nothing is said to move.
    one = owner(shopper)
    id_, ends = given(one), paid_until(one)
    page = look(one, id_).text
    assert 2 == page.count("<svg")
    assert 1 == page.count('class="part of-coupon"')
    assert 2 == page.count('class="part of-paid"')
    assert "What is paid for ends later by" in page
    assert "3 hours" in page
    assert "style=" not in page
    assert None is kept(one, id_).fate

    answer = press(one, page, USE)
    assert "It is on." in said(one, answer)
    assert ends + THREE_HOURS == paid_until(one)
    one.rig.run()
    assert 8 == levels(one.simulator)[1]
    assert "Used: as club" in one.get("/coupons").text


def test_whole_days_move_the_payment_date_and_the_rest_is_kept(shopper):
    """D1: 50 hours are two days, and two hours in the time bank."""
    one = owner(shopper)
    page = look(one, given(one), variant=2).text

    assert "whole days</dt><dd>2</dd>" in page
    assert "makes a day</dt><dd>2 hours</dd>" in page


def test_a_variant_is_chosen_where_there_are_several(shopper):
    """B11, B12: without one nothing is shown, nor spent."""
    one = owner(shopper)
    page = one.get(f"{USE}?coupon={quote(given(one))}").text

    assert "Apply" not in page
    assert 2 == page.count('name="variant"')


def test_pressed_twice_or_in_two_tabs_it_is_spent_once(shopper):
    """U2: the second click says the same, and nothing moves again."""
    # Guard off (the case of `fate` in `use`): red, the second is refused.
    one = owner(shopper)
    id_, ends = given(one), paid_until(one)
    first, second = look(one, id_).text, look(one, id_).text
    answers = [press(one, page, USE) for page in (first, first, second)]

    assert {"/coupons"} == {answer.headers["Location"] for answer in answers}
    assert ends + THREE_HOURS == paid_until(one)
    assert 1 == len(account(one).activations)


def test_two_coupons_in_two_tabs_one_is_used_and_one_is_refused(shopper):
    """D2: the second is told in the rules' words, and is still there."""
    one = owner(shopper)
    first, second = given(one, id_="a"), given(one, id_="b")
    pages = [look(one, first).text, look(one, second).text]
    press(one, pages[0], USE)
    answer = press(one, pages[1], USE)

    assert "activate this one after" in said(one, answer)
    assert None is kept(one, second).fate


def test_what_changed_since_it_was_shown_is_not_spent(shopper):
    """What was shown is what is done, or nothing is."""
    # Guard off (`_seen(held, …) != told["seen"]`): red, it is spent.
    one = owner(shopper)
    id_ = given(one)
    page = look(one, id_).text
    with one.parts.database.change() as tx:
        was = accounts.load(tx, account(one).id)
        accounts.save(tx, was, replace(was, email="new@example.com"))
    answer = press(one, page, USE)

    assert "Nothing is spent; look again" in said(one, answer)
    assert None is kept(one, id_).fate


def test_somebody_quicker_between_look_and_order_spends_nothing(shopper, monkeypatch):
    """The revision is asked for again where it is written."""
    # Guard off (`revision` in vouchers.activate): red, it is spent.
    one = owner(shopper)
    id_ = given(one)
    page = look(one, id_).text
    real = orders._ORDERS["coupon.activate"]

    def late(tx, at, was, activation, revision):
        return real(tx, at, was, activation, revision - 1)

    monkeypatch.setitem(orders._ORDERS, "coupon.activate", late)
    answer = press(one, page, USE)

    assert "Nothing is spent; look again" in said(one, answer)
    assert None is kept(one, id_).fate


@pytest.mark.parametrize(("package", "why"), [
    ("club", "coupon_above_best"), ("plain", "coupon_other_type"),
])  # fmt: skip
def test_a_refusal_is_in_the_rules_words_and_before_it_is_spent(shopper, package, why):
    """D3, D5: there is no button, and the word of the rule."""
    words = {"coupon_above_best": "the best of seats is 1",
             "coupon_other_type": "It is for seats"}[why]  # fmt: skip
    one = owner(shopper, package)
    id_ = given(one)
    page = look(one, id_).text

    assert words in page
    assert "Apply" not in page
    assert None is kept(one, id_).fate


def test_another_customers_coupon_is_not_there(shopper):
    """U11: neither to look at, nor to use, nor to give."""
    # Guard off (`a.id == card.owner` in `_held`): red.
    ann = owner(shopper)
    ben = owner(shopper, rig=ann.rig)
    id_, own = given(ann), given(ben, id_="b")
    assert 404 == look(ben, id_).status_code
    mine = look(ben, own).text
    press(ben, mine, USE, coupon=id_)
    press(ben, ben.get("/coupons").text, "/coupons/give", coupon=id_, sure="true",
          to=account(ben).id)  # fmt: skip

    assert account(ann).id == kept(ann, id_).owner
    assert None is kept(ann, id_).fate


def test_a_service_of_another_customer_is_not_there(shopper):
    """U11: told as what is nobody's."""
    # Guard off (`held.account.service(service) is None`): red, it is told otherwise.
    ann = owner(shopper)
    ben = owner(shopper, rig=ann.rig)
    theirs = account(ann).services[0].ref
    page = look(ben, given(ben), service=theirs)

    assert 404 == page.status_code
    assert "not yours" in page.text


def gift(one, to, page=None):
    page = page or one.get("/coupons").text
    return press(one, page, "/coupons/give", to=to, sure="true")


def test_a_gift_is_the_friends_and_once(shopper):
    """S8: by the name the friend tells; pressed twice it is said twice, gone once."""
    # Guard off (`_was_given`): red, the second click is an error.
    ann = owner(shopper)
    ben = owner(shopper, rig=ann.rig)
    id_, friend = given(ann), account(ben).id
    assert friend in ben.get("/coupons").text
    page = ann.get("/coupons").text
    told = [said(ann, gift(ann, friend, page)) for _ in range(2)]

    assert 2 == sum("It is your friend" in each for each in told)
    assert friend == kept(ann, id_).owner
    assert "× 1" in ben.get("/coupons").text
    assert "no coupon you could use" in ann.get("/coupons").text


def test_nobody_learns_who_buys_at_another_brand(shopper):
    """U11, S8: whose account it is there, or nobody's, is one answer; it stays his."""
    # Guard off (`friend.source != visit.front.source`): red.
    ann = owner(shopper)
    mai = owner(shopper, "sen", "mekong", rig=ann.rig)
    id_ = given(ann)
    told = [
        said(ann, gift(ann, to)) for to in (account(mai).id, "acct_nobody", "x@y.z")
    ]

    assert 3 == sum("No account here has that name" in each for each in told)
    assert account(ann).id == kept(ann, id_).owner


def test_names_are_not_guessed(shopper):
    """Tries are counted, by all processes together."""
    # Guard off (`_paced`): red, none is stopped.
    ann = owner(shopper)
    given(ann)
    page = ann.get("/coupons").text
    found = [gift(ann, f"acct_{no}", page).status_code for no in range(12)]

    assert [303] * 10 + [429] * 2 == found


def test_a_gift_is_ticked_first(shopper):
    ann = owner(shopper)
    ben = owner(shopper, rig=ann.rig)
    id_ = given(ann)
    told = fields(ann.get("/coupons").text, "/coupons/give") | {"to": account(ben).id}
    answer = ann.post("/coupons/give", **told)

    assert "Tick that you give it away" in said(ann, answer)
    assert account(ann).id == kept(ann, id_).owner


def test_a_viewer_looks_and_uses_nothing(shopper):
    """S11."""

    one = owner(shopper)
    id_ = given(one)
    page = look(one, id_).text
    with one.parts.database.change() as tx:
        customers.become(tx, one.who.id, role="viewer")

    assert 403 == press(one, page, USE).status_code
    assert not isinstance(kept(one, id_).fate, Activation)
    assert "/coupons/give" not in one.get("/coupons").text
