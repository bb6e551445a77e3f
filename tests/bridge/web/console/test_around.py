"""Backends, sources, catalog, messages: what their pages show, and what they do."""

import re

from bridge import csvs
from bridge.platforms import signature
from bridge.store import backends, outbox, secrets
from bridge.store.pages import requests
from tests.visit import Visit

SHOWN = re.compile(r"whsec_[A-Za-z0-9+/=]+")


def test_a_backend_is_paused_with_a_reason_and_goes_on(opened):
    """Who pauses says why, and it is on the page; a resume ends it."""
    rig, _ = opened
    visit = Visit(rig)
    visit.post("/backends/main/pause", because="their upgrade", hours="2")
    page = visit.get("/backends/main").text
    visit.post("/backends/main/resume")
    with rig.database.read() as tx:
        paused = backends.paused(tx)

    assert "their upgrade" in page
    assert {} == paused


def test_a_pause_without_a_reason_is_none(opened):
    """The form says what is missing, and nothing is done."""
    rig, _ = opened
    visit = Visit(rig)
    answer = visit.post("/backends/main/pause", referer="/backends/main")
    with rig.database.read() as tx:
        paused = backends.paused(tx)

    assert "say why" in visit.told(answer)
    assert {} == paused


def test_more_may_be_switched_off(opened):
    """By somebody who just proved who he is, with a reason, for a while."""
    rig, _ = opened
    visit = Visit(rig)
    told = visit.told(
        visit.post("/backends/main/allow-off", count="7", because="a fleet ends",
                   referer="/backends/main")
    )  # fmt: skip

    assert "7 more may go off" in told
    assert "7 more were allowed" in visit.get("/backends/main").text


def test_a_backend_is_asked_and_probed(opened):
    """It says how fast it answers, and what of it was verified."""
    rig, simulator = opened
    visit = Visit(rig)
    answers = visit.told(visit.post("/backends/main/ping"))
    visit.post("/backends/main/probe", because="before we sell there")
    page = visit.get("/backends/main").text

    assert "It answers, in" in answers
    assert "verified" in page
    assert 1 == len(simulator.users)


def test_a_secret_is_rotated_and_shown_once(opened):
    """U12: it signs from then on; no page ever shows it again."""
    rig, _ = opened
    visit = Visit(rig)
    form = visit.get("/sources/shop").text
    id_ = re.search(r'name="secret" value="(\w+)"', form)[1]
    answer = visit.post(
        "/sources/shop/rotate", secret=id_, days="7", because="every year"
    )
    secret = SHOWN.search(answer.text)[0]
    rig._key = signature.keys("shop", [secret])[0]
    after = visit.get("/sources/shop").text

    assert 202 == rig.topup("2").status_code
    assert secret not in after
    assert "6 d 23 h left" in after


def test_a_form_sent_twice_rotates_once(opened):
    """A double click makes no second secret."""
    rig, _ = opened
    visit = Visit(rig)
    form = {"secret": "aaaaabbbbb", "days": "7", "because": "every year"}
    for _ in range(2):
        visit.post("/sources/shop/rotate", once="the same", **form)
    with rig.database.read() as tx:
        made = secrets.made(tx, "shop")

    assert 1 == len(made)


def test_secrets_are_for_who_just_proved_who_he_is(opened):
    """Whoever sits there may not be who logged in; operators never."""
    rig, _ = opened
    visit, operator = Visit(rig), Visit(rig, "operator")
    visit.stale()
    form = {"secret": "aaaaabbbbb", "days": "7", "because": "every year"}
    sent = visit.post("/sources/shop/rotate", **form).headers["Location"]

    assert sent.startswith("/prove")
    assert 403 == operator.post("/sources/shop/rotate", **form).status_code


def test_deliveries_are_listed_as_they_came(opened):
    """The newest first, with what became of each; older ones behind a link."""
    rig, _ = opened
    for no in range(3):
        rig.topup(f"{no}")
    with rig.database.read() as tx:
        first = requests.newest(tx, "shop", 2, None)
        rest = requests.newest(tx, "shop", 2, first[-1].id)

    assert ["topup-2", "topup-1"] == [one.delivery for one in first]
    assert ["topup-0", "order"] == [one.delivery for one in rest]
    assert "topup-2" in Visit(rig).get("/sources/shop").text


def test_what_the_file_sells_otherwise_is_applied(opened):
    """P11: shown place by place, then current by a button, with a reason."""
    rig, _ = opened
    text = rig.path.read_text().replace('price = "29.00 USD"', 'price = "31.00 USD"')
    rig.path.write_text(text)
    visit = Visit(type(rig)(rig.path, rig.clock))
    page = visit.get("/catalog").text
    form = dict(re.findall(r'name="(version|was)" value="(\w+)"', page))
    visit.post("/catalog/apply", because="a new year", referer="/catalog", **form)

    assert "29.00 USD → 31.00 USD" in page
    assert "what is written is current" in visit.get("/catalog").text


def test_the_calculator_says_what_one_would_pay(opened):
    """P15: total is price times quantity, exact."""
    rig, _ = opened
    visit = Visit(rig)
    page = visit.get("/catalog/calculator?package=starter&quantity=7").text

    assert "203.00 USD" in page
    assert "is sold monthly, not annually" in (
        visit.get("/catalog/calculator?package=starter&cycle=annually").text
    )


def test_a_message_that_failed_is_sent_anew(opened):
    """Its button brings it back to those that wait."""
    rig, _ = opened
    at = rig.clock.now()
    with rig.database.change() as tx:
        outbox.enqueue(tx, "a-key", "mail", {"subject": "Hello"}, at)
        held = outbox.claim(tx, at, at - at)
        outbox.end(tx, held, outbox.State.REFUSED, "no such mailbox", at)
    visit = Visit(rig)
    listed = visit.get("/messages?state=refused").text
    visit.post(f"/messages/{held.id}/retry")
    with rig.database.read() as tx:
        now = outbox.numbered(tx, held.id)

    assert "no such mailbox" in listed
    assert outbox.State.WAITING is now.state


def test_the_login_mail_is_shown_in_its_brands_look(open_account):
    """I2: as customers of that source get it, with facts of nobody."""
    rig, _ = open_account(mailed=True)
    visit = Visit(rig)
    page, html = (
        visit.get("/sources/shop/mail").text,
        visit.get("/sources/shop/mail/html"),
    )

    assert "Example Calls" in page
    assert "Example Calls" in html.text
    assert "sandbox" in html.headers["Content-Security-Policy"]


def test_every_mail_is_shown_in_every_language(open_account):
    """I2: and whether it is ours to send."""
    rig, _ = open_account(mailed=True)
    visit = Visit(rig)
    page = visit.get("/sources/shop/mail?kind=suspended&language=vi").text
    html = visit.get("/sources/shop/mail/html?kind=suspended&language=vi").text

    assert "đang tạm ngưng" in page
    assert "not sent by us" in page
    assert '<html lang="vi" dir="ltr">' in html
    assert 400 == visit.get("/sources/shop/mail?kind=nonsense").status_code


def test_no_cell_of_a_file_is_run_by_a_spreadsheet():
    """What begins like a formula has a mark before it."""
    # Guard off (cell gives it as it is): red.
    rows = [["=1+1", "+1", "-1", "@SUM", "\tx", "fine", 7, None]]
    [_, row] = csvs.written(list("abcdefgh"), rows).splitlines()

    assert "'=1+1,'+1,'-1,'@SUM,'\tx,fine,7," == row
