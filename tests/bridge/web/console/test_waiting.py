"""What waits for a person: unsure sums, stopped accounts, held money, stuck events."""

from dataclasses import replace

import pytest

from bridge.access.roles import ALL
from bridge.store import accounts, operations
from bridge.store.pages import waiting
from tests.bridge.seen import PAY, SETTLE, after_the_window, paid, sums
from tests.rig import Rig
from tests.visit import Visit


@pytest.fixture
def lost(open_account):
    """A top-up got no answer, and no rate is known: only a person can tell."""
    rig, simulator = open_account(rate=None, settle=SETTLE)
    simulator.plant("reset_before", PAY)
    rig.topup("2")
    rig.run()
    after_the_window(rig, simulator)
    [waits] = rig.unsure()
    return rig, simulator, waits.id


def test_the_inbox_shows_the_evidence(lost):
    """U9: before, if it arrived, if not, and now, each as a balance."""
    rig, _, attempt = lost
    visit = Visit(rig, "auditor")
    page = visit.get(f"/unsure/{attempt}?look=yes").text

    assert f"/unsure/{attempt}" in visit.get("/unsure").text
    assert "5.00 USD" in page
    assert "15.00 USD" in page
    assert "<strong>Now</strong>" in page
    assert "Somebody who may say" in page


def test_a_persons_word_ends_it(lost):
    """U9: it did not arrive, so it is sent again, and booked once."""
    rig, simulator, attempt = lost
    visit = Visit(rig, "operator")
    path = f"/unsure/{attempt}"
    told = visit.told(visit.post(path, arrived="no", because="seen in the panel"))
    rig.run()

    assert "did not arrive: it is sent again." in told
    assert "10.00" == sums(rig)["applied"]
    assert 1 == len([key for key, _ in paid(simulator) if key == "shop:2/topup"])


def test_a_persons_word_on_money_is_fresh_and_his_who_may(lost):
    """Neither support nor a stale login says what became of money."""
    # Guard off (may=May.HELP): red, 303; (fresh left out): red, it is booked.
    rig, _, attempt = lost
    form = {"arrived": "yes", "because": "seen in the panel"}
    support, stale = Visit(rig, "support"), Visit(rig)
    stale.stale()
    sent = stale.post(f"/unsure/{attempt}", **form)

    assert 403 == support.post(f"/unsure/{attempt}", **form).status_code
    assert sent.headers["Location"].startswith("/prove?")
    assert [attempt] == [each.id for each in rig.unsure()]


def test_silence_is_not_absent(lost):
    """Nothing chosen, nothing said."""
    rig, _, attempt = lost
    visit = Visit(rig)
    visit.post(f"/unsure/{attempt}", because="seen in the panel")

    assert [attempt] == [each.id for each in rig.unsure()]


def test_a_stopped_account_is_listed_and_released(opened):
    """With why no more is sent to it, and why it may again."""
    rig, _ = opened
    id_ = rig.account().id
    with rig.database.change() as tx:
        account = accounts.load(tx, id_)
        accounts.save(tx, account, _stopped(account))
    visit = Visit(rig)
    listed = visit.get("/unsure").text
    told = visit.told(visit.post(f"/accounts/{id_}/release", because="it is right"))

    assert "the balance moved" in listed
    assert "is trusted again" in told
    assert None is rig.account().money_stopped


def _stopped(account):
    return replace(account, money_stopped="the balance moved")


@pytest.fixture
def held(open_account):
    """Somebody nobody knows paid for 10.00."""
    rig, simulator = open_account()
    rig.topup("9", client="99")
    rig.run()
    return rig, simulator


def test_held_money_is_moved_to_whom_it_belongs(held):
    """It arrives there, once; the reason is kept."""
    rig, simulator = held
    visit, id_ = Visit(rig), rig.account().id
    listed = visit.get("/held").text
    page = visit.get("/held/sum?key=shop:9/topup").text
    form = {"key": "shop:9/topup", "to": "shop:1", "because": "it is ann's"}
    told = visit.told(visit.post("/held/move", **form))
    again = visit.told(visit.post("/held/move", **form))
    rig.run()

    assert "shop:9/topup" in listed
    assert "10.00 USD held" in page
    assert f"shop:9/topup goes to {id_}." in told
    assert "notice bad" in again
    assert [("shop:9/topup", "10.00")] == paid(simulator)[1:]


def test_held_money_that_was_paid_back_is_not_sent(held):
    """And stands under reversed."""
    rig, simulator = held
    visit = Visit(rig)
    form = {"key": "shop:9/topup", "because": "paid back by hand"}
    told = visit.told(visit.post("/held/refund", **form))
    rig.run()

    assert "are not sent any more" in told
    assert [] == paid(simulator)[1:]
    assert "10.00" == sums(rig)["reversed"]


def test_held_money_waits_for_who_may_and_knows_why(held):
    """A reseller of another source sees none of it; support moves none."""
    rig, _ = held
    form = {"key": "shop:9/topup", "to": "shop:1", "because": "it is ann's"}
    other = Visit(rig, "reseller", ["other"])

    assert 403 == Visit(rig, "support").post("/held/move", **form).status_code
    assert "shop:9/topup" not in other.get("/held").text
    assert 404 == other.get("/held/sum?key=shop:9/topup").status_code


def test_held_money_is_paged(make):
    """The longest waiting first; none twice, none left out."""
    rig, _ = make()
    for no in range(5):
        rig.topup(str(no), client=str(no))
        rig.run()
    seen, after = [], None
    while True:
        with rig.database.read() as tx:
            rows, after = waiting.held(tx, ALL, after, 2)
        seen += [row.key for row in rows]
        if after is None:
            break

    assert [f"shop:{no}/topup" for no in range(5)] == seen


@pytest.fixture
def stuck(open_account):
    """Three changes to packages nobody knows, of two accounts."""
    rig, simulator = open_account()
    rig.order("2", id_="order-2", line="5", client="8")
    rig.run()
    for no, service in enumerate(("1", "1", "2")):
        sold = {"ref": service, "plan_ref": "later"}
        rig.post(f"odd-{no}", "service.change", service=sold)
    rig.run()
    return rig, simulator


LATER = """
[packages.later]
price = "9.00 USD"
cycle = "once"
tariff = "wholesale"
channels = 3
"""


def test_stuck_events_are_grouped_by_cause(stuck):
    """One row for all three, with how many accounts they are of."""
    rig, _ = stuck
    why = rig.why("odd-0")
    page = Visit(rig, "auditor").get("/stuck").text

    assert why in page
    assert '<td class="number" data-of="Events">3</td>' in page
    assert '<td class="number" data-of="Accounts">2</td>' in page


def test_retrying_is_seen_before_it_is_done(stuck):
    """Nothing is changed by looking; what would be parked again says so."""
    rig, simulator = stuck
    before = rig.fates(), len(paid(simulator))
    page = Visit(rig).get(f"/stuck/plan?fate=parked&code={rig.why('odd-0')}").text

    assert "0 of 3 would go on" in page
    assert "again:" in page
    assert before == (rig.fates(), len(paid(simulator)))


def test_once_it_is_mended_all_of_them_go_on(stuck):
    """Shown to go on, ticked, retried with a reason, and done."""
    rig, _ = stuck
    code = rig.why("odd-0")
    rig.path.write_text(rig.path.read_text() + LATER)
    rig.database.close()
    mended = Rig(rig.path, rig.clock)
    mended.sells()
    visit = Visit(mended)
    page = visit.get(f"/stuck/plan?fate=parked&code={code}").text
    with mended.database.read() as tx:
        these = operations.of_events(tx, "shop", [f"odd-{no}" for no in range(3)])
    names = [each.name for each in these]
    told = visit.told(visit.post("/stuck", operations=names, because="package is sold"))
    mended.run()

    assert "3 of 3 would go on" in page
    assert "set tariff = wholesale" in page or "channels = 3" in page
    assert "3 are planned anew." in told
    assert {"parked"}.isdisjoint(mended.fates().values())


def test_what_is_not_ticked_is_left(stuck):
    """And nothing ticked is nothing asked for."""
    rig, _ = stuck
    visit = Visit(rig)
    told = visit.told(visit.post("/stuck", because="package is sold"))

    assert "Nothing is ticked." in told
    assert ["parked"] * 3 == [rig.fates()[f"odd-{no}"] for no in range(3)]
