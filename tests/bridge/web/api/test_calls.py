"""What each call tells and does, as a program makes it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bridge.store import attempts, coupons
from tests.bridge.test_coupons import LADDER
from tests.bridge.test_dunning import HOUSE
from tests.visit import Program

V1 = "/api/v1"


@pytest.fixture
def shop(open_account):
    """`rig, program = shop()`: an order is done; the program may all there is."""

    def build(role="owner", sources=None, **set_):
        rig, _ = open_account(**set_)
        return rig, Program(rig, role, sources)

    return build


def test_accounts_are_listed_and_shown(shop):
    """P2: on record without asking the backend; one with how each service is."""
    rig, program = shop()
    rig.order("2", id_="second", line="2", client="8")
    rig.run()
    page = program.get(f"{V1}/accounts?limit=1").json
    rest = program.get(f"{V1}/accounts?limit=1&cursor={page['next']}").json
    both = [*page["items"], *rest["items"]]
    one = program.get(f"{V1}/accounts/shop:1").json
    [service] = one["services"]

    assert [["shop:1"], ["shop:2"]] == sorted(each["services"] for each in both)
    assert rest["next"] is None
    assert (True, "active", "5.00") == (one["live"], service["status"], one["balance"])
    assert ("29.00 USD", "monthly") == (service["price"], service["cycle"])
    assert [] == program.get(f"{V1}/accounts?source=other").json["items"]


def test_what_a_plan_showed_is_done_and_nothing_else(shop):
    """U10: bound by its hash; said twice it is one; by another hash nothing is sent."""
    # Guard off (the comparison of hashes): red, 200 for the hash nobody saw.
    rig, program = shop()
    path, why = f"{V1}/accounts/shop:1/plan", {"because": "a test"}
    rig.topup("2")
    shown = program.get(path).json
    wrong = program.post(path, why | {"hash": "0" * 64})
    first = program.post(path, why | {"hash": shown["hash"]}, Idempotency_Key="one")
    rig.run()
    again = program.post(path, why | {"hash": shown["hash"]}, Idempotency_Key="one")
    ended = program.get(f"{V1}/confirmations/{first.json['confirmation']}").json

    assert (409, "changed") == (wrong.status_code, wrong.json["code"])
    assert {"USD": "10.00"} == shown["sums"]
    assert first.json == again.json
    assert "applied" == ended["state"]
    assert [] == program.get(path).json["steps"]


def test_events_are_told_with_what_they_brought(shop):
    """The newest first, one with its request; retried and declined by name."""
    rig, program = shop()
    rig.topup("2", product="nothing")
    rig.run()
    newest, order = program.get(f"{V1}/events").json["items"]
    one = program.get(f"{V1}/events/{order['operation']}").json
    stuck = program.get(f"{V1}/events?fate=trouble").json["items"]
    retry = program.post(f"{V1}/events/{newest['operation']}/retry")
    done = program.post(f"{V1}/events/{order['operation']}/retry")

    assert ("order", "done") == (order["event"], order["fate"])
    assert "starter" in one["request"]
    assert [newest] == stuck
    assert {"retried": newest["operation"]} == retry.json
    assert (409, "cannot") == (done.status_code, done.json["code"])


def test_support_gives_goodwill_within_its_limit_and_once(shop):
    """The same reference counts once, and no more than the configuration allows."""
    _, program = shop("support", ["shop"], public='goodwill = ["9.00 USD"]\n')
    path = f"{V1}/accounts/shop:1/goodwill"
    told = {"sum": "5.00", "currency": "USD", "reference": "T1", "because": "a test"}
    given = program.post(path, told)
    codes = [
        program.post(path, told | more).status_code
        for more in ({}, {"reference": "T2"}, {"currency": "EUR", "reference": "T3"})
    ]

    assert "5.00 USD" == given.json["sum"]
    assert [409, 409, 409] == codes


def test_held_money_is_moved_and_paid_back(shop):
    """For a client nobody knows it waits; a person says whose it is."""
    rig, program = shop()
    for line in ("2", "3"):
        rig.topup(line, client="nobody")
    rig.run()
    two, three = program.get(f"{V1}/held").json["items"]
    why = {"because": "a test"}
    moved = program.post(f"{V1}/held/{two['key']}/move", why | {"to": "shop:1"})
    back = program.post(f"{V1}/held/{three['key']}/refund", why)
    late = program.post(f"{V1}/held/{three['key']}/refund", why, Idempotency_Key="two")
    rig.run()

    assert ("10.00", "USD", "open") == (two["amount"], two["currency"], two["state"])
    assert (rig.account().id, two["owner"]) == (moved.json["to"], moved.json["from"])
    assert "10.00 USD" == back.json["sum"]
    assert (409, "cannot") == (late.status_code, late.json["code"])
    assert [] == program.get(f"{V1}/held").json["items"]


def test_held_money_is_read_to_its_end(shop):
    """A cursor goes by how long it waits, and its key."""
    rig, program = shop()
    for line in "23456":
        rig.topup(line, client="nobody")
    rig.run()
    found, cursor = [], None
    while cursor != "":
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = program.client.get(
            f"{V1}/held", query_string=query, base_url=program.url,
            headers={"Authorization": f"Bearer {program.text}"},
        ).json  # fmt: skip
        found, cursor = found + page["items"], page["next"] or ""

    assert [f"shop:{line}/topup" for line in "23456"] == [one["key"] for one in found]


def test_an_unsure_sum_is_said_to_have_arrived(shop, monkeypatch):
    """What waits for a person is listed, and resolved by one."""
    rig, program = shop()
    with rig.database.read() as tx:
        [one, *_] = attempts.of_account(tx, rig.account().id)
    path = f"{V1}/attempts/{one.id}"
    shown = program.get(path).json
    no = program.post(f"{path}/resolve", {"arrived": True, "because": "a test"})
    with rig.database.change() as tx:
        person = attempts.State.PERSON.value
        tx.execute(
            attempts.attempt.update()
            .where(attempts.attempt.c.id == one.id)
            .values(state=person)
        )
    waiting = program.get(f"{V1}/unsure").json["items"]
    told = program.post(f"{path}/resolve", {"arrived": True, "because": "a test"})

    assert ("done", (409, "cannot")) == (
        shown["state"], (no.status_code, no.json["code"]),
    )  # fmt: skip
    assert [one.id] == [each["attempt"] for each in waiting]
    assert {"attempt": one.id, "arrived": True} == {
        name: told.json[name] for name in ("attempt", "arrived")
    }
    assert [] == program.get(f"{V1}/unsure").json["items"]


def test_the_ledger_is_told_with_its_sums_and_as_a_file(shop):
    """S1: what came is what was applied, given or held; each booking stands there."""
    rig, program = shop()
    rig.topup("2", product="credit20")
    rig.run()
    rows = program.get(f"{V1}/ledger?account=shop:1").json["items"]
    sums = {
        one["book"]: Decimal(one["sum"])
        for one in program.get(f"{V1}/ledger/sums").json["items"]
    }
    file = program.get(f"{V1}/ledger.csv?limit=2")
    rest = program.get(f"{V1}/ledger.csv?cursor={file.headers['Next-Cursor']}")
    lines = file.text.splitlines()

    assert rig.sums() == {
        book: str(sum_.normalize()) for book, sum_ in sums.items() if sum_
    }
    assert len(rows) == len(rig.entries())
    assert "text/csv" == file.mimetype
    assert lines[0] == "account,no,at,from,to,amount,currency,of,because"
    assert len(rows) == len(lines) + len(rest.text.splitlines()) - 2
    assert [] == program.get(f"{V1}/ledger?since=2199-01-01T00:00:00Z").json["items"]


def test_a_coupon_is_given_used_and_taken_back(shop):
    """B13: support gives it; it is spent once."""
    rig, program = shop("support", more=LADDER)
    path = f"{V1}/accounts/shop:1/coupons"
    told = {"kind": "boost", "reference": "T1", "because": "a test"}
    [card] = program.post(path, told).json["coupons"]
    again = program.post(path, told).json["given"]
    other = program.post(path, told | {"reference": "T2"}).json["coupons"][0]
    back = program.post(f"{V1}/coupons/{other}/revoke", {"because": "a test"})
    shown = {one["coupon"]: one["state"] for one in program.get(path).json["items"]}
    none = program.post(path, told | {"kind": "none"})
    with rig.database.read() as tx:
        kept = coupons.one(tx, card)

    assert (0, {"revoked": other}) == (again, back.json)
    assert {card: "unused", other: "revoked"} == shown
    assert rig.account().id == kept.owner
    assert (409, "refused") == (none.status_code, none.json["code"])


def test_a_promise_is_believed_once_and_in_its_bounds(make):
    """S6: who gave it stands with it; refused, nothing is promised."""
    rig, _ = make(more=HOUSE)
    starts = rig.clock.now() - timedelta(days=34)
    ends = starts + timedelta(days=30)
    period = {"period_start": starts.isoformat(), "period_end": ends.isoformat()}
    rig.post(
        "order", "service.activate", starts, account={"ref": "7"},
        service={"ref": "1", "plan_ref": "starter"} | period,
        billing={"line_ref": "1"},
    )  # fmt: skip
    rig.run()
    program = Program(rig, "support")
    path, why = f"{V1}/accounts/shop:1/promise", {"because": "a test"}
    long = program.post(path, why | {"days": 300})
    given = program.post(path, why | {"days": 3})
    again = program.post(path, why | {"days": 3})
    [one] = rig.account().promises

    assert (409, "refused") == (long.status_code, long.json["code"])
    assert rig.account().id == given.json["promised"]
    assert f"staff:key {program.id}" == one.by
    assert (409, "refused") == (again.status_code, again.json["code"])


def test_what_is_sold_and_what_a_change_costs(shop):
    """The current terms, and a quote that holds for a while."""
    _, program = shop()
    terms = program.get(f"{V1}/catalog").json
    offer = program.get(f"{V1}/accounts/shop:1/quote?change=starter,x2").json
    assert offer.get("quote"), offer
    token = program.get(f"{V1}/quotes?token={offer['quote']}").json

    assert "29.00 USD" in terms["says"].values()
    assert "2 x starter, monthly" == offer["now"]
    assert token["holds"]
    assert "shop:1" == token["service"]


def test_backends_are_paused_and_go_on(shop):
    """Who had it done stands in the audit, with the road it came by."""
    _, program = shop()
    path = f"{V1}/backends/main"
    paused = program.post(f"{path}/pause", {"because": "a test", "seconds": 60})
    [shown] = program.get(f"{V1}/backends").json["items"]
    on = program.post(f"{path}/resume")
    off = program.post(f"{path}/allow-off", {"count": 3, "because": "a test"})
    note = program.get(f"{V1}/audit?about=main").json["items"][0]

    assert ("paused by hand", "a test") == (shown["state"], shown["because"])
    assert (paused.json["until"], {"resumed": "main"}) == (shown["until"], on.json)
    assert 3 == off.json["count"]
    assert ("backend.allow_off", f"key {program.id}", "api") == (
        note["what"], note["who"], note["via"],
    )  # fmt: skip
    assert 404 == program.post(f"{V1}/backends/none/resume").status_code


def test_what_runs_beside_is_told(shop):
    """Ticks, alerts and deliveries; what is not there is not there."""
    _, program = shop()
    for what in ("ticks", "alerts", "deliveries"):
        assert [] == program.get(f"{V1}/{what}").json["items"], what
    for path in ("ticks/wake/run", "deliveries/7/retry", "deliveries/x/retry"):
        assert 404 == program.post(f"{V1}/{path}").status_code, path


SHOPS = [
    "accounts/shop:1", "accounts/shop:1/plan", "accounts/shop:1/events",
    "accounts/shop:1/coupons", "accounts/shop:1/quote?change=starter",
    "attempts/1", "ledger?account=shop:1",
]  # fmt: skip


def test_who_is_kept_to_another_source_sees_nothing_of_the_shop(shop):
    """U11: no list, sum, file or error tells of what is another's."""
    # Guard off (`owned` gives true): red in ledger, sums and held.
    rig, _ = shop()
    rig.topup("2", client="nobody")
    rig.topup("3", product="nothing")
    rig.run()
    stranger = Program(rig, "reseller", ["other"])
    lists = ["accounts", "events", "unsure", "unsure/accounts", "held", "ledger",
             "ledger/sums", "ledger.csv", "events?source=shop"]  # fmt: skip
    texts = {path: stranger.get(f"{V1}/{path}").text for path in lists}
    codes = {path: stranger.get(f"{V1}/{path}").status_code for path in SHOPS}

    assert not [path for path, text in texts.items() if "shop" in text or "USD" in text]
    assert {404} == set(codes.values()), codes
