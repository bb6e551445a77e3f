"""What was ordered, by month; its invoice; and who pays."""

from tests.bridge.web.shop.desk import notice, said
from tests.bridge.web.shop.pressing import press
from tests.shopper import BRANDS, Shopper

WHO = {"company": "Example <Ltd>", "tax_id": "DE123", "address": "1 High Street",
       "phone": "+49 30 1"}  # fmt: skip


def test_who_pays_is_checked_and_edited_until_it_is_paid(shopper):
    """C5: all six on the form, kept for the next order; then the notice that it is
    paid, and the invoice to look at, to print and to keep."""
    # Guards off, each red: the state in `become`; the payer of the last order left out;
    # `covers` of a customer's scope.
    one, other = shopper().sign_up(), shopper().sign_up()
    path = one.order(one.quote("team", quantity=2), **WHO)
    paper = path.replace("orders", "invoices")
    review = one.get(f"/order?quote={one.quote('team')}").text
    page = one.get(paper).text
    answer = press(one, page, f"{path}/payer", company="Other & Co")
    told = notice(one, answer)
    before = said(one.get(paper))
    stale = one.get(paper).text
    one.paid(path)
    late = notice(one, press(one, stale, f"{path}/payer", company="Too late"))
    one.rig.run()
    file, looked = one.get(f"{paper}/invoice.html"), said(one.get(paper))

    assert [] == [word for word in ("DE123", "1 High Street", "+49 30 1")
                  if f'value="{word}"' not in review]  # fmt: skip
    assert "stands on the invoice" in told
    assert "does not wait" in late
    assert "Other &amp; Co" in before
    assert "Waits for payment" in before
    assert "Transfer the sum" in before
    assert "The order is paid" in said(one.get(path))
    assert "Paid on" in looked
    assert "US$59.90" in looked
    assert "Other &amp; Co" in file.text
    assert "Too late" not in looked + file.text
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert [] == [word for word in ("<script", "<link", "<img", "src=", "href=")
                  if word in file.text]  # fmt: skip
    assert [404, 404, 404] == [
        other.get(paper).status_code,
        other.get(f"{paper}/invoice.html").status_code,
        other.post(f"{path}/payer", page=other.get("/orders").text, name="A",
                   email="a@example.com").status_code,
    ]  # fmt: skip


def test_the_archive_is_by_month_and_by_how_it_stands(shopper):
    """S9: all that was ordered, a month of it, and what waits."""
    # Guards off, each red: `since`; `state`.
    one = shopper().sign_up()
    first = one.order(one.quote("team"))
    one.paid(first)
    one.rig.wait(40 * 86400)
    one.log_in()
    second = one.order(one.quote("starter"))
    months = {path: one.get(path).text.count("US$") for path in (
        "/orders", "/orders?state=open", "/orders?month=&state=paid")}  # fmt: skip
    now = f"{one.rig.clock.now():%Y-%m}"
    this, none = one.get(f"/orders?month={now}").text, one.get("/orders?month=2020-01")

    assert [2, 1, 1] == list(months.values())
    assert second in this
    assert first not in this
    assert "Nothing is like that" in none.text
    assert 400 == one.get("/orders?month=2020-13").status_code


def test_its_customers_find_where_their_tickets_are(make):
    """S9: the address the operator wrote, and none where he wrote none."""
    tickets = 'currency = "USD"\ntickets = "https://help.acme.example/"'
    more = BRANDS.replace('currency = "USD"', tickets, 1)
    rig, _ = make(mailed=True, rate=None, more=more)

    assert "https://help.acme.example/" in Shopper(rig).get("/").text
    assert "Support tickets" in Shopper(rig).get("/login").text
    assert 'rel="noopener"' not in Shopper(rig, "mekong").get("/login").text
