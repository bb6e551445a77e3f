"""Search: whatever somebody has in hand leads to where it is."""

import pytest

from bridge.access.roles import ALL, Scope
from bridge.store import operations
from bridge.store.pages import finding
from tests.visit import Program, Visit


@pytest.fixture
def told(make):
    """An order and a top-up of ann, and an order of another client."""
    rig, _ = make()
    rig.order(email="ann@example.com")
    rig.order("2", id_="order-2", line="5", client="8", email="anna@example.com")
    rig.topup("2")
    rig.run()
    return rig


def found(rig, words, scope=ALL):
    with rig.database.read() as tx:
        hits = finding.found(tx, scope, words, rig.parts.sources, rig.parts.backends)
    return {(hit.kind, hit.by) for hit in hits}, {hit.name for hit in hits}


def test_everything_it_is_known_by_leads_to_an_account(told):
    """Id, e-mail, client, service, username, number, invoice line: each goes there."""
    account = told.account()
    for words in (
        account.id, "ann@example.com", "ANN@example.com", "shop:7", "7", "shop:1",
        account.username,
    ):  # fmt: skip
        hits, names = found(told, words)

        assert {account.id} == {name for name in names if name.startswith("acct")}
        assert ("account", "x") not in hits


def test_a_phone_number_in_any_writing_leads_to_its_account(told):
    """The prefix of a country or the nought before it, with room between or not."""
    # Guard off (compared as it is written): red, nothing is found.
    at = told.clock.now()
    said = {"ref": "7", "phone": "+84 90 123 4567"}
    told.post("number", "account.updated", at, account=said)
    told.run()
    account = told.account()
    for words in ("+84901234567", "+84.901234567", "090 123 4567", "0084 90 123 45 67"):
        assert ({("account", "phone")}, {account.id}) == found(told, words)
    assert (set(), set()) == found(told, "090 123 4568")
    assert (set(), set()) == found(told, "090 123 4567", Scope(frozenset({"other"})))


def test_of_a_phone_number_nothing_more_is_kept(told):
    """Its last digits stand at the account; the whole of it stands nowhere."""
    # Guard off (Phone is no Secret): red, it stands in the request.
    account = {"ref": "7", "phone": "+84 90 123 4567"}
    told.post("number", "account.updated", told.clock.now(), account=account)
    told.run()
    with told.database.read() as tx:
        [event] = operations.of_events(tx, "shop", ["number"])
    visit = Visit(told)
    page = visit.get(f"/events/{event.name}").text

    assert "***" in page
    assert "90 123" not in page
    assert "phone …01234567" in visit.get(f"/accounts/{told.account().id}").text
    assert "01234567" == Program(told).get("/api/v1/accounts/shop:1").json["phone"]


def test_a_line_of_an_invoice_leads_to_what_it_paid_for(told):
    """A renewal's to its account, a top-up's to the event that told of it."""
    with told.database.read() as tx:
        [topup] = operations.of_events(tx, "shop", ["topup-2"])
    ordered = found(told, "shop:5")
    bought = found(told, "shop:2/topup")

    assert ({("account", "invoice line")}, {told.account("shop:2").id}) == ordered
    assert ({("event", "invoice line")}, {topup.name}) == bought


def test_what_only_begins_so_is_found_where_nothing_is_exactly_so(told):
    """Both anns by three letters; one of them by her whole address alone."""
    by_three, _ = found(told, "ann")
    _, one = found(told, "ann@example.com")

    assert {("account", "e-mail")} == by_three
    assert {told.account().id} == one
    assert {("event", "event")} == found(told, "order-")[0]
    assert (set(), set()) == found(told, "an")


def test_no_letter_stands_for_others(told):
    """What a database reads as a wildcard is a letter here."""
    assert (set(), set()) == found(told, "ann_")
    assert (set(), set()) == found(told, "%ann")


def test_who_is_kept_to_a_source_finds_nothing_of_another(told):
    """U11: not by any of its names."""
    # Guard off (within and owned say true): red, each of them is found.
    account, other = told.account(), Scope(frozenset({"other"}))
    with told.database.read() as tx:
        names = [each.name for each in operations.newest(tx, 10, None)]
    for words in (account.id, "ann@example.com", "shop:7", "shop:1", "shop:2/topup",
                  "order", "shop:1/topup", account.username, "1", *names):  # fmt: skip
        assert (set(), set()) == found(told, words, other)


def test_one_hit_goes_straight_there_and_several_are_listed(told):
    """By their kind; what is nowhere says what can be looked for."""
    visit, account = Visit(told, "support"), told.account()
    straight = visit.get("/search?q=ann@example.com")
    several = visit.get("/search?q=order-").text
    nothing = visit.get("/search?q=nothing").text
    by_both = visit.get("/search?q=ann").text

    assert f"/accounts/{account.id}" == straight.headers["Location"]
    assert "Nothing is called so" in nothing
    assert "<h2>Accounts</h2>" in by_both
    assert "anna@example.com" in by_both
    assert several.count("/events/op_") <= 1
