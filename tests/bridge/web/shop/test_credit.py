"""The balance with what is bought apart, the payment history, and what was used."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bridge.store import usage
from bridge.web.shop import credit
from provisioning.core.usage import Used
from tests.bridge.seen import PAY
from tests.bridge.web.shop import pressing
from tests.bridge.web.shop.pressing import account, press
from tests.shopper import Shopper

NUMBERS = re.compile(r'data-of="Number" class="whole">(\w+)<')
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TOPUP = "/goods?name={name}&account={account}"


def owner(shopper):
    """At noon: no day ends within a test."""
    one = pressing.owner(shopper)
    seconds = (NOON - one.rig.clock.now()) % timedelta(days=1)
    one.rig.wait(seconds.total_seconds())
    return one.log_in()


def bought(one, name="credit20"):
    """A top-up that is paid and there. The path of its order."""
    page = one.get(TOPUP.format(name=name, account=account(one).id)).text
    path = press(one, page, "/goods").headers["Location"]
    one.paid(path)
    one.rig.run()
    return path


def used(one, balance, **more):
    """Seen now: so much is left, after this of today."""
    now, id_ = one.rig.clock.now(), account(one).id
    today = now.astimezone(UTC).date()
    with one.parts.database.change() as tx:
        usage.keep(tx, id_, {today: Used(**more)}, today)
        usage.see(tx, id_, today, Decimal(balance), now)


def rows(one, query=""):
    """Of the table to keep."""
    text = one.get(f"/payments.csv{query}").text
    return list(csv.DictReader(io.StringIO(text)))


def test_free_and_bought_stand_apart_and_add_up(shopper):
    """S1: 2.00 of 22.00 were free and are used first, then 3.00 of what was bought."""
    # Guard off (`Parts` of `now` swapped): red.
    one = owner(shopper)
    bought(one)
    used(one, "17.00", calls=4, seconds=600)
    page = one.get("/balance").text

    assert "<strong>US$17.00</strong>" in page
    assert "Bought</dt><dd>US$17.00" in page
    assert "Free</dt><dd>US$0.00" in page
    assert "-US$3.00" in page
    assert "-US$2.00" in page


def test_any_earlier_month_can_be_chosen(shopper):
    """S1: what was at the end of one is at the beginning of the next."""
    one = owner(shopper)
    bought(one)
    then = one.rig.clock.now()
    one.rig.wait(40 * 86400)
    one.log_in()
    now = one.get("/balance").text
    before = one.get(f"/balance?month={then:%Y-%m}").text

    assert f'value="{then:%Y-%m}"' in now
    assert "At the beginning</th><td" in now
    assert "Given free" not in now
    assert "Given free" in before


def test_each_payment_has_its_id_sum_type_method_reason_and_time(shopper):
    """P17: the method and the number are those of the order it was bought by."""
    # Guard off (`orders.get(…)` in payments): red, it is "By the billing page".
    one = owner(shopper)
    path = bought(one)
    used(one, "17.00")
    id_ = path.rpartition("/")[2]
    told = [(r["amount"], r["type"], r["method"], r["reason"], r["order"])
            for r in rows(one)]  # fmt: skip

    assert [
        ("-5.00", "deduction", "within", "used", ""),
        ("2.00", "deposit", "manual", "bonus", id_),
        ("20.00", "deposit", "manual", "topup", id_),
    ] == [(f"{Decimal(a):.2f}", *rest) for a, *rest in told]
    assert all(row["completed"] for row in rows(one))
    assert 3 == len({row["id"] for row in rows(one)})
    page = one.get("/payments").text
    assert f'href="{path}"' in page
    assert "By transfer" in page


def test_what_is_on_its_way_is_not_completed(shopper):
    """P17: booked, and not at the backend yet."""
    one = owner(shopper)
    page = one.get(TOPUP.format(name="credit20", account=account(one).id)).text
    path = press(one, page, "/goods").headers["Location"]
    one.simulator.plant("refuse", PAY)
    one.paid(path)
    one.rig.run()

    assert {""} == {row["completed"] for row in rows(one)}
    assert "on its way" in one.get("/payments").text


def test_payments_are_filtered_by_each_of_what_they_have(shopper):
    """P17: type, method, reason, sum at least, time."""
    # Guard off (each of the conditions in `Which.takes`): red, its case.
    one = owner(shopper)
    bought(one)
    used(one, "17.00")
    today = one.rig.clock.now().date()
    later = today + timedelta(days=1)
    cases = {
        "type=deposit": 2, "type=deduction": 1, "method=manual": 2, "method=within": 1,
        "reason=bonus": 1, "reason=free": 0, "least=5": 2, "least=20.01": 0,
        f"since={today}": 3, f"since={later}": 0, f"until={today}": 3,
        f"until={today - timedelta(days=1)}": 0, "type=deposit&least=5": 1, "type=": 3,
    }  # fmt: skip

    assert cases == {query: len(rows(one, f"?{query}")) for query in cases}
    assert "Nothing is like that" in one.get("/payments?reason=free").text
    assert 400 == one.get("/payments?least=many").status_code
    assert 400 == one.get("/payments?type=theft").status_code
    for day in ("0001-01-01", "9999-12-31"):  # no calendar reaches beyond
        assert 400 == one.get(f"/payments?until={day}").status_code
        assert 400 == one.get(f"/usage?since={day}&until={day}").status_code


def test_pages_of_payments_follow_one_another_and_none_is_left_out(
    shopper, monkeypatch
):
    """P17: by a cursor, however many came meanwhile."""
    # Guard off (`first` in payments.page): red, the second page is the first.
    monkeypatch.setattr(credit, "MOST", 2)
    one = owner(shopper)
    bought(one)
    bought(one, "credit10")
    had = [row["id"] for row in rows(one)]
    first = one.get("/payments?type=deposit").text
    [behind] = re.findall(r"after=(\w+)", first)
    bought(one, "credit10")
    second = one.get(f"/payments?type=deposit&after={behind}").text

    assert had == NUMBERS.findall(first) + NUMBERS.findall(second)


def test_a_sheet_runs_no_program(shopper):
    """A spreadsheet opens it and reckons nothing."""
    one = owner(shopper)
    bought(one)
    answer = one.get("/payments.csv")

    assert "text/csv" in answer.headers["Content-Type"]
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "no-store" == answer.headers["Cache-Control"]


def test_usage_is_shown_by_day_and_month_with_a_table_each(shopper):
    """S10, S12: what the chart draws the table says."""
    one = owner(shopper)
    bought(one)
    used(one, "17.00", calls=4, seconds=630, messages=3, peak=2)
    page = one.get("/usage").text

    assert 2 == page.count("<svg")
    assert "style=" not in page
    assert "Calls</dt><dd>4<" in page
    assert "Minutes</dt><dd>10.5<" in page
    assert "Messages</dt><dd>3<" in page
    assert "Spent</dt><dd>US$5.00<" in page
    assert 3 == page.count("US$5.00")


def test_a_period_is_chosen_and_one_that_makes_no_sense_is_said(shopper):
    """S12: both its ends are in it."""
    one = owner(shopper)
    bought(one)
    used(one, "17.00", calls=4)
    today = one.rig.clock.now().date()
    before = today - timedelta(days=2)

    assert "Calls</dt><dd>4<" in one.get(f"/usage?since={today}&until={today}").text
    past = one.get(f"/usage?since={before}&until={today - timedelta(days=1)}").text
    assert "Nothing was used in this period" in past
    assert 404 == one.get(f"/usage?since={today}&until={before}").status_code
    assert 404 == one.get("/usage?since=1999-01-01").status_code


def test_who_has_no_account_is_told_what_to_do(shopper):
    one = shopper().sign_up()

    for path in ("/balance", "/payments", "/usage", "/alerts"):
        assert "no account with credit yet" in one.get(path).text
    assert [] == rows(one)


def test_a_month_nobody_can_mean_is_refused(shopper):
    one = owner(shopper)
    found = [one.get(f"/balance?month={m}").status_code
             for m in ("2026-13", "26-1", "99999-01", "1969-12")]  # fmt: skip

    assert [400] * 4 == found
    assert 200 == one.get("/balance?month=2099-12").status_code


def test_of_two_accounts_each_is_shown_by_itself(shopper):
    """S1: chosen by name; what is bought goes where it was chosen for (I10)."""
    one = owner(shopper)
    first = account(one).id
    one.paid(one.order(one.quote("plain")))
    one.rig.run()
    page = one.get("/topup").text
    assert '<select id="account-' in page
    told = one.get(TOPUP.format(name="credit10", account=first)).text
    one.paid(press(one, told, "/goods").headers["Location"])
    one.rig.run()
    ids = re.findall(r'<option value="(acct_\w+)"', one.get("/balance").text)
    found = {id_: len(rows(one, f"?account={id_}")) for id_ in ids}

    assert 2 == len(found)
    assert {first: 1, **dict.fromkeys({*ids} - {first}, 0)} == found


def test_another_customers_account_is_not_there(shopper):
    """U11: by no page that takes the name of one, whether he has one himself or not."""
    # Guard off (`found is None` in `mine`): red, there is a page by each.
    # Guard off (his first, where the named one is not found): red for who has one.
    ann = owner(shopper)
    without, with_one = Shopper(ann.rig).sign_up(), pressing.owner(shopper, rig=ann.rig)
    paths = ("/balance", "/payments", "/payments.csv", "/usage", "/alerts")

    def seen(who, whose):
        named = account(whose).id
        return [who.get(f"{p}?account={named}").status_code for p in paths]

    assert [404] * 5 == seen(without, ann)
    assert [404] * 5 == seen(with_one, ann)
    assert [200] * 5 == seen(with_one, with_one)
