"""What somebody sends who wants something else than to buy."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge.store import outbox
from bridge.store.paces import Pace
from bridge.store.tables import audit
from bridge.web.shop import ordering, proving
from tests.bridge.web.shop.pressing import Forms, fields
from tests.shopper import PASSWORD, Shopper, sent
from tests.visit import Visit

FORM = re.compile(r'<form class="card".*?</form>', re.DOTALL)
ONCE = re.compile(r'name="once" value="[^"]*"')


def own_form(one, path):
    """What a browser sends of it: the fields of that form alone."""
    return FORM.search(one.get(path).text).group(0)


@pytest.mark.parametrize("path", ["/login", "/forgot", "/signup"])
def test_who_is_logged_in_can_use_the_forms_of_those_who_are_not(shopper, path):
    """To prove anew that it is he, or to choose another password."""
    # Guard off (`proof` in the form): red, "that page was too old".
    one = shopper().sign_up()
    said = {"email": one.address, "name": "A", "password": PASSWORD}
    fields = re.findall(r'name="(\w+)"', form := own_form(one, path))
    told = one.post(path, page=form, **{n: said[n] for n in fields if n in said})

    assert told.status_code in {200, 303}
    assert "too old" not in told.text


def test_who_is_logged_in_can_follow_a_link(shopper):
    one = shopper().sign_up()
    one.post("/forgot", page=own_form(one, "/forgot"), email=one.address)
    path = one.link()
    form = own_form(one, path)
    told = one.post(path.partition("?")[0], page=form, password="x" + PASSWORD)

    assert 303 == told.status_code


def test_a_used_link_stays_used_though_its_mail_is_sent_again(shopper):
    """A server that took a mail and did not say so is sent it twice."""
    # Guard off (`chosen_at` in `LinkLetter`): red, the old link opens again.
    one = shopper().sign_up()
    one.post("/forgot", page=own_form(one, "/forgot"), email=one.address)
    path = one.link()
    assert 303 == one.choose(path, "x" + PASSWORD).status_code
    rig = one.rig
    with rig.database.change() as tx:
        [again] = [d for d in outbox.newest(tx, 9, None) if d.key[:5] == "reset"]
        values = {"state": "waiting", "due": rig.clock.now(), "ended_at": None}
        table = outbox.delivery
        tx.execute(sa.update(table).where(table.c.id == again.id).values(**values))
    while sent(rig):
        pass

    assert 404 == one.get(path).status_code


def test_a_password_ends_every_link_mailed_before(shopper):
    """An invitation to choose one, or another way in, lies in the mail still."""
    # Guard off (`unlink_all` in `choose`): red, the first link opens.
    one = shopper()
    one.post("/signup", name="A", email=one.address)
    first = one.link()
    with one.parts.database.change() as tx:
        tx.exec_driver_sql("UPDATE customer_link SET purpose = 'join'")
    one.rig.wait(2)
    one.post("/forgot", email=one.address)
    second = one.link()
    assert first != second
    one.choose(second)

    assert 404 == Shopper(one.rig).get(first).status_code


def test_no_audit_keeps_where_a_customer_was(shopper):
    """What nobody can change holds nothing of somebody who may want to be forgotten."""
    # Guard off ("visitor" in HIDDEN): red.
    one = shopper().sign_up()
    with one.parts.database.read() as tx:
        rows = tx.execute(sa.select(audit.c.what, audit.c.said, audit.c.told)).all()
    told = str([row for row in rows if row.what.startswith("customer")])

    assert "customer.log_in" in told
    for personal in ("127.0.0.1", "Werkzeug", one.address, "Ann Example"):
        assert personal not in told


def test_a_page_that_looks_again_by_itself_keeps_nobody_logged_in(shopper):
    """Half an hour without a click is half an hour, with an open order, too."""
    # Guard off (`again` in `_still_here`): red, he is in for hours.
    one = shopper().sign_up()
    path = one.order(one.quote())
    for _ in range(4):
        one.rig.wait(9 * 60)
        one.get(path)

    assert one.get(path).headers["Location"].startswith("/login")


def test_few_mails_go_to_an_address_that_asked_for_none(shopper):
    """And he can log in meanwhile: the tries are counted apart."""
    # Guard off (`mailed` counts as `paced` does): red, one each three minutes.
    one = shopper().sign_up()
    eve = Shopper(one.rig, address=one.address)
    for _ in range(8):
        one.rig.wait(11 * 60)
        last = eve.post("/forgot", email=one.address)

    assert 429 == last.status_code
    told = eve.post("/login", email=one.address, password=PASSWORD)
    assert 303 == told.status_code


@pytest.mark.parametrize("address", ["ü@example.com", "a@exämple.com"])
def test_an_address_nobody_can_write_to_is_refused_at_once(shopper, address):
    """Not by a mail that fails, of which the operator is told."""
    # Guard off (`ASCII`): red, it is taken.
    one = shopper()

    assert 303 == one.post("/signup", name="A", email=address).status_code


def test_the_same_form_sent_twice_at_once_leads_to_one_order(shopper, monkeypatch):
    """U2: both came before either was done, as a double click does."""
    # Guard off (`_name` drawn at random): red, the second is told of a key.
    monkeypatch.setattr(ordering, "placed_by", lambda *_: None)
    one = shopper().sign_up()
    quote = one.quote()
    page = one.get(f"/order?quote={quote}").text
    told = {"quote": quote, "method": "manual", "name": "A", "email": one.address}
    paths = {one.post("/order", page=page, **told).headers["Location"] for _ in "12"}

    assert 1 == len(paths)
    assert paths.pop().startswith("/orders/or_")


def test_what_no_browser_sends_is_refused_and_no_fault_of_ours(shopper, caplog):
    one = shopper().sign_up()
    page = one.get("/services").text
    odd = re.sub(r'name="token" value="', 'name="token" value="é', page)
    large = {"language": "e" * 70_000}
    once = ONCE.sub(
        'name="once" value="\0"', one.get("/order?quote=" + one.quote()).text
    )
    told = {"quote": one.quote(), "method": "manual", "name": "A", "email": one.address}
    seen = [
        one.post("/language", page=odd, language="de").status_code,
        one.post("/language", page=page, **large).status_code,
        one.get("/orders/or_x", Referer="http://[evil").status_code,
        one.post("/order", page=once, **told).status_code,
    ]

    assert [403, 413, 404, 303] == seen
    assert "ERROR" not in {record.levelname for record in caplog.records}


def test_no_page_leads_elsewhere(shopper):
    """U11: by the way back, either."""
    # Guard off (`own` in `came_from`): red.
    one = shopper().sign_up()
    told = one.get("/orders/or_x", Referer=f"{one.url}//evil.example/x")

    assert "evil" not in told.text


@pytest.mark.parametrize(("method", "path"), [("POST", "/"), ("GET", "/orders//x"),
                                              ("OPTIONS", "/login")])  # fmt: skip
def test_an_unknown_host_is_told_nothing_however_it_asks(shopper, method, path):
    """U11."""
    # Guard off (only 404 has a handler): red, but for the doubled slash: a page of
    # the program's own.
    one = shopper()
    told = one.client.open(path, method=method, base_url="https://elsewhere.example")
    ours = one.client.open(path, method=method, base_url=one.url)

    assert (404, "There is nothing here.") == (told.status_code, told.text)
    assert "Content-Security-Policy" in ours.headers


def test_a_network_is_one_that_tries(shopper):
    """Who has an IPv6 network has more addresses than there are tries."""
    # Guard off (`_near` gives the address): red, each has tries of its own.
    one = shopper()
    seen = [
        one.client.post(
            "/forgot", base_url=one.url, headers={"Origin": one.url},
            environ_base={"REMOTE_ADDR": f"2001:db8::{n:x}"},
            data={"email": f"n{n}@example.com"},
        ).status_code
        for n in range(11)
    ]  # fmt: skip

    assert 429 == seen[-1]


def test_who_guesses_locks_out_himself_and_not_his_office(shopper, monkeypatch):
    """Five tries for one login from one address, told with how long; its owner
    elsewhere and others beside the guesser come in. From everywhere there is a bound.
    """
    # Guard off (no FROM_ONE_PLACE): red, the sixth is wrong, not too many.
    # Guard off (the key without where): red, its owner is kept out.
    # Guard off (no FROM_ANYWHERE): red, the last place may guess as well.
    monkeypatch.setattr(proving, "FROM_ANYWHERE", Pace(timedelta(minutes=1), 9))
    ann = shopper().sign_up()
    bob = Shopper(ann.rig, address="bob@example.com").sign_up()

    def tries(one, place, password):
        return one.client.application.test_client().post(
            "/login", base_url=one.url, headers={"Origin": one.url},
            environ_base={"REMOTE_ADDR": place},
            data={"email": one.address, "password": password},
        )  # fmt: skip

    guessed = [tries(ann, "192.0.2.1", "x") for _ in range(8)]

    assert [401] * 5 + [429] * 3 == [told.status_code for told in guessed]
    assert "3 minutes" in guessed[-1].text
    assert "Password forgotten?" in guessed[-1].text
    assert [303, 303] == [
        tries(ann, "192.0.2.2", PASSWORD).status_code,
        tries(bob, "192.0.2.1", PASSWORD).status_code,
    ]
    assert [401, 401, 401, 429] == [
        tries(ann, f"192.0.2.{n}", "x").status_code for n in (3, 4, 5, 6)
    ]
    ann.rig.wait(181)
    assert 303 == tries(ann, "192.0.2.1", PASSWORD).status_code


def test_what_somebody_is_called_is_text_on_every_page(shopper):
    """No name, company or address is HTML where staff look at it."""
    one = shopper().sign_up()
    bad = "<b>&\"'x"
    path = one.order(one.quote(), name=bad, company=bad, address=bad, tax_id=bad)
    staff, id_ = Visit(one.rig), path.rpartition("/")[2]
    pages = [staff.get(at).text for at in ("/purchases", f"/purchases/{id_}")]
    pages.append(one.get(path).text)

    assert all("<b>&" not in page for page in pages)
    assert "&lt;b&gt;" in pages[1]


@pytest.mark.parametrize("letter", ["\u202e", "\u2066", "\u200f"])
def test_a_name_that_reads_as_another_one_is_refused_and_said_why(shopper, letter):
    """What turns letters around is not seen; a name with joiners of its script is."""
    # Guard off (TURNS empty): red.
    one = shopper()
    turned, asked = f"Ann {letter}elpmaxE", {"Accept-Language": "de"}
    answer = one.client.post(
        "/signup", base_url=one.url, headers={"Origin": one.url} | asked,
        data={"name": turned, "email": one.address},
    )  # fmt: skip
    assert one.who is None
    assert "unsichtbares Zeichen" in one.get(answer.headers["Location"], **asked).text

    one.sign_up()
    page = one.get("/profile").text
    action = next(form for form, named in Forms(page).found if "name" in named)
    for name in (turned, "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"):
        one.post(action, **fields(page, action) | {"name": name})
        page = one.get("/profile").text
    assert "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645" == one.who.name
    assert turned not in page
