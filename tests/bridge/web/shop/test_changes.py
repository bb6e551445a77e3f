"""Another plan, more seats, add-ons: by a promised price, or with the next period."""

import re

import pytest

from bridge.store import causes
from tests.bridge.cli.test_cli import said as verb
from tests.bridge.seen import credit, levels
from tests.bridge.web.shop.desk import LADDER, Desk, notice, said, tried
from tests.shopper import Shopper
from tests.visit import Program, Visit


@pytest.fixture
def desk(shopper):
    """A customer who has paid for a `desk-small`."""

    def build(package="desk-small", **chosen):
        one = shopper(more=LADDER).sign_up()
        return Desk(one).buys(package, **chosen)

    return build


def test_an_upgrade_is_done_as_it_is_paid_and_not_before(desk):
    """C6, P9, I11: what is left of the period is netted; the account stays the same."""
    # Guard off (`_order` settles at once): red, it is done before it is paid.
    mine = desk()
    was = mine.account.remote
    page = mine.page("/change", plan="desk-large")
    assert "given back" in page.text
    assert "as soon as it is paid" in page.text
    path = mine.one.order(mine.promise(plan="desk-large"))
    mine.rig.run()
    assert ("desk-small", 1, ()) == mine.has

    mine.settle(path)
    assert ("desk-large", 1, ()) == mine.has
    assert (was, (True, 6, "1")) == (mine.account.remote, levels(mine.one.simulator))
    assert "3.00" == credit(mine.one.simulator)
    assert "It is done." in mine.one.get(path).text


def test_more_seats_and_add_ons_are_an_upgrade_too(desk):
    """C1, C2, P9: more of the same plan, and capacity beside it."""
    mine = desk()
    mine.settle(mine.one.order(mine.promise(quantity=3, **{"x-line": 2})))

    assert ("desk-small", 3, (("line", 2),)) == mine.has
    assert (True, 8, "1") == levels(mine.one.simulator)


def test_a_downgrade_needs_the_survey_and_the_tick(desk):
    """C10, C11: without either nothing is scheduled; with both, until then it stays."""
    # Guard off (`surveyed=True, confirmed=True` in `lower`): red.
    mine = desk("desk-large")
    quote = mine.promise(plan="desk-small")
    looked = said(mine.one.get(f"{mine.path}/downgrade?quote={quote}"))
    assert "Calls at a time 6 2" in looked
    for form, why in (({"confirmed": "true"}, "survey"), ({"survey": "price"}, "look")):
        assert why in notice(mine.one, mine.down(quote, **form))
        mine.rig.run()
        assert mine.service.next is None

    mine.down(quote, survey="price", confirmed="true", words="too dear")
    mine.rig.run()
    page = said(mine.page())
    assert ("desk-large", "desk-small") == (mine.has[0], mine.service.next.package)
    assert "Next renewal package 1 × desk-small from" in page
    assert "Scheduled" in page
    assert "1 × desk-small" in said(mine.one.get("/services"))


def test_what_was_scheduled_may_be_called_off(desk):
    """C11: it stays as it is, and the second press does nothing more."""
    mine = desk("desk-large")
    quote = mine.promise(plan="desk-small")
    mine.down(quote, survey="price", confirmed="true")
    mine.rig.run()
    assert "what was scheduled is off" in said(mine.page("/change", plan="desk-large"))
    page = mine.page().text
    for _ in range(2):
        answer = mine.one.post(f"{mine.path}/stay", page=page, referer=mine.path)
        assert 303 == answer.status_code
        mine.rig.run()

    assert None is mine.service.next
    assert "desk-large" == mine.has[0]


def test_fewer_seats_come_with_the_next_period(desk):
    """D12: scheduled like a downgrade; nobody is asked why."""
    mine = desk(quantity=3)
    mine.down(mine.promise(quantity=2))
    mine.rig.run()

    assert (3, 2) == (mine.has[1], mine.service.next.quantity)


def test_the_rules_refuse_in_their_words(desk):
    """C9, C13: an upgrade never shortens the cycle; another plan has to be a step."""
    mine = desk(cycle="annually")
    told = said(mine.page("/change", plan="desk-large", cycle="monthly"))
    other = said(mine.page("/change", cycle="monthly"))

    assert "An upgrade cannot be a month" in told or "An upgrade cannot be" in told
    assert "Another cycle begins with the next period" in other
    assert 404 == mine.page("/change", plan="team").status_code


def test_what_is_tried_is_bought_with_the_plan_that_is_wanted(shopper):
    """C6, D14: the paid period follows the trial, and nothing is given back."""
    one = shopper(more=LADDER).sign_up()
    mine = Desk(one)
    mine.settle(tried(one, "desk-small"))
    [trial] = mine.account.trials
    path = one.order(mine.promise(plan="desk-large", cycle="annually"))
    assert "US$972.00" in one.get(path).text
    mine.settle(path)

    [period] = mine.service.periods
    assert (trial.ends, "desk-large") == (period.starts, mine.has[0])
    assert (period.ends - period.starts).days in {365, 366}


def test_from_free_to_paid_the_period_begins_with_the_money(desk):
    """C6: what ran while it cost nothing is over."""
    # Guard off (`period.until_paid` not asked): red, the payment is parked.
    mine = desk("desk-free")
    mine.settle(mine.one.order(mine.promise(plan="desk-small")))

    last = max(mine.service.periods, key=lambda period: period.no)
    assert "desk-small" == mine.has[0]
    assert (last.starts, True) == (last.paid_at, last.line is not None)
    assert (True, 2, "1") == levels(mine.one.simulator)


def asked(desk):
    """A change asked for where the family wants an admin's word; its order's path."""
    mine = desk("asked-small")
    page = mine.page("/change", plan="asked-large")
    assert "Nothing is to be paid before he agrees" in page.text
    path = mine.one.order(mine.promise(plan="asked-large"))
    return mine, path, path.rpartition("/")[2]


def alerted(mine):
    """Of which accounts an alert says that a change is asked for."""
    with mine.rig.database.read() as tx:
        return list(causes.asking(tx, mine.rig.clock.now(), causes.Limits()))


def ruled(mine, name, verb, **more):
    """An admin's word on it, by the console's form."""
    staff = Visit(mine.rig)
    page = staff.get(f"/purchases/{name}/change").text
    found = re.search(r'name="hash" value="([0-9a-f]{64})"', page)
    form = {"hash": found.group(1)} if found and verb == "approve" else {}
    answer = staff.post(f"/purchases/{name}/{verb}", because="he called us",
                        **form | more)  # fmt: skip
    mine.rig.run()
    return page, answer


def test_where_the_family_asks_an_admin_agrees_before_it_is_paid(desk):
    """I11: asked for, shown with its plan, agreed to, paid, done: and once."""
    # Guard off (`_order` takes it as open): red, it could be paid at once.
    # Guard off (`approved` of purchased.events False): red, paid it would wait again.
    # Guard off (the hash not compared in `agree`): red.
    mine, path, name = asked(desk)
    page = mine.one.get(path).text
    early = raises_as_refused(lambda: mine.one.paid(path))
    listed, code = verb(mine.rig.path, "approve", "--list")
    assert "Nothing is to be paid before he agrees" in page
    assert "How to pay" not in page
    assert "waits for an admin to agree" in early
    assert (3, [name]) == (code, [row["event"] for row in listed])
    assert "waits for an admin" in said(mine.page())
    assert [mine.account.id] == alerted(mine)

    shown, other = ruled(mine, name, "approve", hash="0" * 64)
    assert "1 x asked-large" in shown
    assert "Set its limits" in shown or "channels" in shown
    assert 409 == other.status_code
    for _ in range(2):
        ruled(mine, name, "approve")
    assert ("asked-small", 1, ()) == mine.has
    [mail] = [m for m in mine.one.mails() if "can be paid now" in str(m["Subject"])]
    assert path in mail.get_body(("plain",)).get_content()
    assert "How to pay" in mine.one.get(path).text
    assert "Your change can be paid now" in mine.one.get("/mails").text

    mine.settle(path)
    assert ("asked-large", 1, ()) == mine.has
    assert "It is done." in mine.one.get(path).text
    assert [] == alerted(mine)
    assert (0, []) == verb(mine.rig.path, "approve", "--list")[::-1]


def test_a_declined_change_is_told_with_its_reason_and_nothing_is_spent(desk):
    """I11: nothing to be paid, all as it was, and another may be asked for."""
    # Guard off (`was=State.ASKED` of `_decline`): red, nothing is declined.
    mine, path, name = asked(desk)
    _, answer = ruled(mine, name, "decline")
    [mail] = [m for m in mine.one.mails() if "is not done" in str(m["Subject"])]
    page = mine.one.get(path).text
    assert 303 == answer.status_code
    assert "he called us" in mail.get_body(("plain",)).get_content()
    assert "he called us" in page
    assert "Declined" in page
    assert "How to pay" not in page
    assert "declined already" in raises_as_refused(lambda: mine.one.paid(path))
    assert ("asked-small", 1, ()) == mine.has

    mine.rig.wait(60)
    again = mine.one.order(mine.promise(plan="asked-large", quantity=2))
    told, _ = verb(mine.rig.path, "approve", again.rpartition("/")[2])
    _, code = verb(mine.rig.path, "approve", again.rpartition("/")[2], "--plan",
                   told["hash"], "--because", "well then")  # fmt: skip
    assert 0 == code
    mine.settle(again)
    assert ("asked-large", 2, ()) == mine.has

    where = f"/api/v1/orders/{mine.one.order(mine.promise(quantity=3))[8:]}"
    program = Program(mine.rig)
    found = program.get(f"{where}/change").json
    yes = {"hash": found["hash"], "because": "he called"}
    no = program.post(f"{where}/approve", yes | {"hash": "0" * 64})
    assert ("3 x asked-large, monthly", 409) == (found["to"], no.status_code)
    assert "open" == program.post(f"{where}/approve", yes).json["state"]


def test_what_changed_before_an_admin_agreed_is_not_agreed_to(desk):
    """I11: it was priced by what is not so any more; it is asked for anew."""
    # Guard off (`stale` not asked in `_approve` and `_asked`): red.
    mine, path, name = asked(desk)
    one = mine.rig.order_by_hand
    mine.later(45)
    told = raises_as_refused(
        lambda: one("shop.approve", order=name, by="admin", because="yes",
                    channel="folder")
    )  # fmt: skip
    _, code = verb(mine.rig.path, "decline", name, "--because", "too late")

    assert "decline it, so that it is asked for anew" in told
    assert 0 == code
    assert "too late" in mine.one.get(path).text


def raises_as_refused(call):
    """What it says."""
    with pytest.raises(LookupError) as no:
        call()
    return str(no.value)


def test_priced_before_a_period_was_paid_for_it_is_held(desk):
    """C6: an upgrade of what is left of one period is not given for two. The renewal
    was held, and is done between: the change is looked at, its money kept."""
    # Guard off (the periods left out of purchased.basis): red, it is done.
    mine = desk("desk-large")
    renewal = mine.one.order(mine.promise("/renew"))
    mine.down(mine.promise(plan="desk-small"), survey="price", confirmed="true")
    mine.rig.run()
    mine.settle(renewal)
    assert "A person looks at it" in mine.one.get(renewal).text
    mine.press("stay")
    mine.rig.run()
    more = mine.one.order(mine.promise(quantity=2))
    mine.rig.order_by_hand("shop.done", order=renewal.rpartition("/")[2], by="admin",
                           because="he wants it")  # fmt: skip
    mine.rig.run()
    assert 2 == len(mine.service.periods)
    mine.settle(more)

    assert ("desk-large", 1, ()) == mine.has
    assert "A person looks at it" in mine.one.get(more).text


def test_a_price_of_somebody_elses_service_is_refused(desk):
    """U11: neither by its token nor by its path, and nothing tells it is there."""
    mine = desk()
    quote = mine.promise(plan="desk-large")
    ben = Shopper(mine.rig, "acme").sign_up()
    page = ben.get("/services").text
    told = ben.post("/order", page=page, quote=quote, method="manual", name="B",
                    email=ben.address)  # fmt: skip

    assert "not yours" in notice(ben, told)
    assert 404 == ben.get(f"/order?quote={quote}").status_code
    assert "nothing yet" in ben.get("/orders").text
    for path in ("", "/change", "/renew", "/unsubscribe"):
        assert 404 == ben.get(mine.path + path).status_code
    for path in ("/stay", "/keep", "/promise", "/unsubscribe", "/downgrade"):
        assert 404 == ben.post(mine.path + path, page=page).status_code
