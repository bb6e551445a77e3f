"""What was done about a customer, what he was mailed, and a fresh link to his login."""

import pytest

from bridge import orders
from bridge.access.who import Who
from bridge.billing.asking import Answer
from bridge.mails import content, key_of
from bridge.store import customers, logins, outbox
from bridge.store.customers import Purpose
from bridge.web.shop import activity, called
from bridge.web.shop.declared import shop
from bridge.words import LANGUAGES, speech
from provisioning.core.news import News, Topic
from tests.bridge.web.shop.pressing import account, given, owner, press, told
from tests.shopper import Shopper
from tests.visit import Visit

WHY = "he shouted at the desk"


def links(one):
    with one.parts.database.read() as tx:
        return len(logins.newest(tx, 50, account(one).id))


def test_the_log_says_what_he_and_others_did_in_words_for_him(shopper):
    """S9: with his people's names; of our staff neither a name nor a word."""
    # Guard off (`what` left out of doings.done): red, the page breaks.
    one = owner(shopper)
    staff = Who("admin.bob", "console")
    given_ = {"to": account(one).id, "sum": "1.00 USD", "because": WHY,
              "reference": "t-1", "most": "5.00"}  # fmt: skip
    _ordered(one, staff, "money.give", given_)
    _ordered(one, staff, "account.sync", {"account": account(one).id, "because": WHY})
    page = one.get("/activity").text

    for said in ("Signed up", "Password chosen", "Ordered", "Payment confirmed",
                 "Credit given", "Acme Calls, for you", "Ann Example"):  # fmt: skip
        assert said in page
    assert 'href="/orders/or_' in page
    assert WHY not in page
    assert "admin.bob" not in page
    assert "account.sync" not in page
    assert "transfer 4711" not in page


def _ordered(one, who, name, said_):
    clock = one.rig.clock
    orders.carry_out(one.rig.database, clock, name, orders.as_said_by(who, said_))


def test_a_gift_stands_in_both_logs_and_names_nobody_to_the_other(shopper):
    """S8, S9."""
    ann = owner(shopper)
    ben = owner(shopper, rig=ann.rig)
    given(ann)
    press(ann, ann.get("/coupons").text, "/coupons/give", to=account(ben).id,
          sure="true")  # fmt: skip
    mine, his = ann.get("/activity").text, ben.get("/activity").text

    assert "Coupon passed on" in mine
    assert "Coupon passed on" in his
    assert "Another customer" in his
    assert ann.who.id not in his
    assert account(ben).id not in mine


def test_older_ones_are_behind_the_first_page(shopper, monkeypatch):

    monkeypatch.setattr(activity, "MOST", 2)
    one = owner(shopper)
    page = one.get("/activity")
    [older] = [p.split('"')[0] for p in page.text.split('href="/activity?')[1:]]

    assert 2 == page.text.count('data-of="What"')
    assert one.get(f"/activity?{older}").text != page.text


def test_mails_sent_to_him_are_listed_without_their_links(shopper):
    """S9: what and when; no link is shown again, and none of another's is there."""
    # Guard off (`his` in doings.mailed): red, the page breaks.
    one = owner(shopper)
    other = Shopper(one.rig).sign_up()
    one.mails()
    page = one.get("/mails").text

    assert "Confirm your address" in page
    assert "Your account is ready" in page
    assert 2 == page.count(">sent<")
    assert "/reveal/" not in page
    assert "/proof/" not in page
    assert "Your account is ready" not in other.get("/mails").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mail_there_is_has_a_name_in_the_list(language):
    """S9: of what each is about; a new topic needs one, or the list does not open."""
    # Guard off (a row taken out of called.mails): red.
    named = called.mails(speech(language))

    assert {"login", "threshold", *Purpose, *Topic, *Answer} == set(named)
    assert all(named.values())


def test_what_happened_to_his_service_is_in_the_list_and_on_staffs_page(shopper):
    """S9: each by its words, and only to whom it was mailed."""
    # Guard off (`named` left out of messages.mails_to): red.
    ann = owner(shopper)
    ben = owner(shopper, rig=ann.rig)
    mine, at = account(ann), ann.rig.clock.now()
    with ann.parts.database.change() as tx:
        for topic in Topic:
            said_ = content(mine, News(topic, "acme:1", "1"))
            outbox.enqueue(tx, key_of(mine.id, topic, "1"), "mail", said_, at)
        # Of a shop's order, for its reseller's program: no mail.
        outbox.enqueue(tx, f"x/{mine.id}/1", "hook", {"type": "order.paid"}, at)
    page, named = ann.get("/mails").text, called.mails(speech("en"))
    staff = Visit(ann.rig).get(f"/accounts/{mine.id}/messages").text

    assert set() == {topic for topic in Topic if f">{named[topic]}<" not in page}
    assert set() == {topic for topic in Topic if f">{topic}<br>" not in staff}
    assert "order.paid" not in page + staff
    assert named[Topic.REMINDER] not in ben.get("/mails").text


def test_a_fresh_link_is_mailed_and_the_one_before_is_worthless(shopper):
    """U5: nobody is shown a password; his own address gets a link."""
    one = owner(shopper)
    before = links(one)
    page = one.get("/access").text
    path = f"/access/{account(one).id}/link"
    assert account(one).username in page
    answer = press(one, page, path)
    one.mails()

    assert "on its way" in told(one, answer)
    assert before + 1 == links(one)
    assert 1 == sum("/reveal/" in text for text in _texts(one)[-1:])
    assert 2 == one.get("/mails").text.count("Your account is ready")


def _texts(one):
    return [mail.get_body(("plain",)).get_content() for mail in one.mails()]


def test_pressed_twice_one_link_is_mailed(shopper):
    """U2: the one form counts once; of other tabs only two in twenty minutes."""
    # Guard off (`once` in the form): red. Guard off (`guessed` in `link`): red.
    one = owner(shopper)
    path, before = f"/access/{account(one).id}/link", links(one)
    page = one.get("/access").text
    twice = [press(one, page, path).status_code for _ in range(2)]
    tab = press(one, one.get("/access").text, path).status_code

    assert [303, 303, 429] == [*twice, tab]
    assert before + 1 == links(one)


def test_another_customers_login_is_not_mailed(shopper):
    """U11."""
    # Guard off (`_of_account` gives the asker's own client, and `mine`): red.
    ann = owner(shopper)
    ben = owner(shopper, rig=ann.rig)
    before, page = links(ann), ben.get("/access").text
    found = ben.post(f"/access/{account(ann).id}/link", page=page)

    assert (404, before) == (found.status_code, links(ann))


@pytest.mark.parametrize("role", ["payer", "viewer"])
def test_only_the_owner_has_the_login_mailed(shopper, role):
    """S11."""

    one = owner(shopper)
    with one.parts.database.change() as tx:
        customers.become(tx, one.who.id, role=role)
    page = one.get("/access").text

    assert "/link" not in page
    there = one.post(f"/access/{account(one).id}/link", page=one.get("/services").text)
    assert 403 == there.status_code


def test_without_anything_done_it_is_said_what_to_do(shopper):
    one = shopper().sign_up()

    assert "no account to log in to yet" in one.get("/access").text


CANARY = "canary-7f3a"


def test_nothing_of_another_customer_is_on_any_page(shopper):
    """U11: neither of the same brand's nor of the other's, on any page there is."""
    # Guard off (`c.client == client` in shop_orders.of_client): red. Guard off
    # (`his` in doings.done): red.

    ann = owner(shopper)
    given(ann, id_=CANARY)
    theirs = _traces(ann)
    pages = [e.path for e in shop if not e.changes and "<" not in e.path]
    found = {}
    for brand in ("acme", "mekong"):
        ben = Shopper(ann.rig, brand).sign_up()
        ben.paid(ben.order(ben.quote("team" if brand == "acme" else "sen")))
        ben.rig.run()
        ben.mails()
        assert "Another customer" not in ben.get("/activity").text
        for path in (*pages, f"/goods?name=credit20&account={account(ben).id}"):
            text = ben.get(path).text
            found |= {(brand, path, t): 1 for t in theirs if t in text}

    assert 15 < len(pages)
    assert {} == found


def _traces(one):
    """What tells of a customer, wherever it stands."""
    its = account(one)
    orders = [
        part.split('"')[0] for part in one.get("/orders").text.split("/orders/")[1:]
    ]
    services = [service.ref for service in its.services]
    return {one.who.id, one.who.client, one.address, its.id, its.username, CANARY,
            *orders, *services} - {""}  # fmt: skip
