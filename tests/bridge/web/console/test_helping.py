"""What support may do: within its limits, with a reason, and once."""

import pytest

from bridge.store import audit, coupons, logins
from tests.bridge.seen import SET, by_hand, fields, levels, sums
from tests.bridge.test_coupons import LADDER
from tests.visit import Visit

GOODWILL = 'goodwill = ["50.00 USD"]\n'


@pytest.fixture
def helped(make):
    """Somebody of support, and an account that is live."""
    rig, simulator = make(more=LADDER, mailed=True, public=GOODWILL)
    rig.order(email="ann@example.com")
    rig.run()
    visit = Visit(rig, "support")
    path = f"/accounts/{rig.account().id}"

    def post(what, **form):
        return visit.told(visit.post(f"{path}/{what}", **form))

    return rig, simulator, visit, post


def test_goodwill_is_given_once_and_within_its_limit(helped):
    """I10, S1: the same ticket counts once; beyond what is allowed nothing is given."""
    # Guard off (`most` not asked for by the order): red, 60.00 are given.
    rig, _, _, post = helped
    form = {"because": "the outage", "reference": "T1"}
    given = post("goodwill", sum="5.00", **form)
    again = post("goodwill", sum="5.00", **form)
    beyond = post("goodwill", sum="60.00", because="the outage", reference="T2")
    odd = post("goodwill", sum="-1", because="the outage", reference="T3")
    rig.run()

    assert "5.00 USD are given." in given
    assert "counts once" in again
    assert "allows" in beyond
    assert "notice bad" in odd
    assert "10.00" == sums(rig)["granted"]


def test_goodwill_wants_a_fresh_code(helped):
    """Money: whoever sits there may not be who logged in."""
    # Guard off (fresh=True left out): red, it is given.
    rig, _, visit, _ = helped
    visit.stale()
    path = f"/accounts/{rig.account().id}/goodwill"
    answer = visit.post(path, sum="5.00", because="the outage", reference="T1")
    rig.run()

    assert answer.headers["Location"].startswith("/prove?")
    assert "5.00" == sums(rig)["granted"]


def test_a_double_click_sends_one_mail(helped):
    """The same form sent twice is one act; the second sees what came of the first."""
    # Guard off (`once` not sent along): red, the third issue holds.
    rig, _, visit, _ = helped
    path = f"/accounts/{rig.account().id}/login"
    told = [
        visit.told(visit.post(path, once="o" * 20, because="lost")) for _ in range(2)
    ]
    with rig.database.read() as tx:
        newest = logins.newest(tx, 1, rig.account().id)[0]

    assert 2 == newest.number
    assert all("Login mail 2 is on its way" in page for page in told)


def test_a_form_sent_again_with_something_else_says_what_was_done(helped):
    """By going back: nothing more is done, and the way leads to what came of it."""
    # Guard off (`_done_before` finds nothing): red, no page but "choose another".
    rig, _, visit, _ = helped
    account = rig.account().id
    path, once = f"/accounts/{account}/goodwill", "o" * 20
    first = {"sum": "5.00", "because": "the outage", "reference": "T1"}
    visit.post(path, once=once, **first)
    again = visit.post(path, once=once, **first | {"sum": "6.00", "reference": "T2"})
    rig.run()

    assert 409 == again.status_code
    assert "was done then, once" in again.text
    assert "money.give" in again.text
    assert f'href="/accounts/{account}' in again.text
    assert "choose another" not in again.text
    assert "10.00" == sums(rig)["granted"]


def test_a_login_is_made_known_again(helped):
    """I2: a new mail; the reason stands with it."""
    rig, _, _, post = helped
    told = post("login", because="he lost it")
    with rig.database.read() as tx:
        newest = logins.newest(tx, 1, rig.account().id)[0]

    assert "Login mail 2 is on its way" in told
    assert ("he lost it", 2) == (newest.because, newest.number)


def test_a_login_its_platform_sends_is_not_sent_from_here(opened):
    """I2: one owner per source, never both."""
    rig, _ = opened
    visit, path = Visit(rig, "support"), f"/accounts/{rig.account().id}"

    assert "by its platform" in visit.get(f"{path}/help").text
    assert "by its platform" in visit.told(
        visit.post(f"{path}/login", because="lost it")
    )


def test_a_coupon_is_given_and_taken_back(helped):
    """B13: with a reason each; the same form gives it once."""
    rig, _, _, post = helped
    form = {"kind": "boost", "reference": "T1", "because": "the outage"}
    given, again = post("coupon", **form), post("coupon", **form)
    with rig.database.read() as tx:
        [card] = coupons.of(tx, rig.account().id, 5)
    back = post("coupon/revoke", coupon=card.id, because="a mistake")

    assert "A coupon boost is given." in given
    assert "was given before" in again
    assert "is taken back" in back
    assert "has no coupon" in post("coupon/revoke", coupon="T9/x", because="a mistake")
    assert "notice bad" in post(
        "coupon", kind="none", reference="T2", because="why not"
    )


def test_a_promise_that_cannot_be_is_told_why(helped):
    """S6: by the rules, not by the page; another's service is none of this account."""
    _, _, _, post = helped

    assert "notice bad" in post("promise", service="shop:1", days="3", because="slow")
    assert "has no service" in post(
        "promise", service="shop:9", days="3", because="slow"
    )


def test_looking_anew_brings_it_in_line(helped):
    """What was changed at the backend by hand is as it was sold again."""
    rig, simulator, _, post = helped
    by_hand(simulator, SET, user_id=1, user={fields(rig)["channels"]: "9"})
    told = post("sync", because="he called")
    rig.run()

    assert "looked at" in told
    assert (True, 5, "1") == levels(simulator)
    with rig.database.read() as tx:
        note = next(n for n in audit.notes(tx, most=5) if n.what == "account.sync")
    assert "he called" == note.said["because"]
