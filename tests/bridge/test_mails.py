"""What customers are mailed over a life: each once, at its moment, by what is true."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge import boundaries
from bridge.deliveries import Deliveries
from bridge.duties import duties, wake
from bridge.store import accounts, customers, outbox
from bridge.store.outbox import State
from bridge.store.tables import delivery
from provisioning.core.news import Topic
from provisioning.core.splice import Activation
from tests.bridge.letters.test_login import Sink
from tests.bridge.test_dunning import promised

ANN = "ann@example.com"
DAY = 86400
TABLES = """
[dunning.shop]
since = 2020-01-01T00:00:00Z
[grace]
debt = "50.00 USD"
longest = "7d"
[families.calls]
free = "free"
trial = "30d"
[packages.gold]
backend = "main"
price = "99.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 20
family = "calls"
rank = 10
[packages.silver]
backend = "main"
price = "49.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 10
family = "calls"
rank = 20
[packages.free]
backend = "main"
price = "0.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 1
family = "calls"
rank = 90
"""


@pytest.fixture
def selling(make):
    """`rig, simulator = selling()`: silver, paid until 30 days from now."""

    def build(**sold):
        rig, simulator = make(more=TABLES, mailed="all")
        starts = rig.clock.now() - timedelta(hours=1)
        said = {"ref": "1", "plan_ref": "silver", "period_start": starts.isoformat(),
                "period_end": (starts + timedelta(days=30)).isoformat()}  # fmt: skip
        billing = {"billing": {"line_ref": "1"}}
        if sold.get("trial"):
            billing, said = {}, {"ref": "1", "plan_ref": "silver", "trial": True}
        rig.post(
            "order", "service.activate", starts, account={"ref": "7", "email": ANN},
            service=said, **billing,
        )  # fmt: skip
        rig.run()
        assert {"order": "done"} == rig.fates()
        return rig, simulator

    return build


def after(rig, days):
    """Time passes, and what is due wakes by itself."""
    rig.wait(days * DAY)
    wake(rig.database, rig.clock.now())
    rig.run()


def sent(rig):
    """Those that are sent now, by topic; the rest is looked at again later."""
    sink = Sink()
    writers = duties(rig.parts.config, rig.database, rig.clock, {}).deliveries.writers
    sending = Deliveries(
        rig.database, rig.clock, {"folder": sink, "mail": sink}, writers=writers
    )
    while sending.run():
        pass
    return {mail.key.partition("/")[0]: mail.content for mail in sink.sent}


def told(rig):
    """How many there are of each topic, but the login."""
    with rig.database.read() as tx:
        keys = tx.execute(sa.select(delivery.c.key)).scalars().all()
    named = [key.partition("/")[0] for key in keys]
    return {topic: named.count(topic) for topic in named if topic in {*Topic}}


def states(rig, topic):
    with rig.database.read() as tx:
        found = outbox.newest(tx, 99, None)
    return [one.state for one in found if one.key.startswith(f"{topic}/")]


def renew(rig, line="2"):
    [period] = [p for p in rig.account().services[0].periods if p.no == 1]
    rig.post(
        f"renewal-{line}", "service.renewed", rig.clock.now(),
        service={"ref": "1", "period_start": period.ends.isoformat(),
                 "period_end": (period.ends + timedelta(days=30)).isoformat()},
        billing={"line_ref": line},
    )  # fmt: skip
    rig.run()


def change(rig, to, **more):
    return rig.post(
        f"change-{to}", "service.change", rig.clock.now(),
        service={"ref": "1", "plan_ref": to}, **more,
    )  # fmt: skip


def test_the_login_is_the_only_mail_of_an_order(selling):
    """I2: nothing else has happened yet."""
    rig, _ = selling()

    assert ["login"] == list(sent(rig))
    assert {} == told(rig)


def test_who_does_not_pay_hears_of_each_step_once(selling):
    """I8, I9, D27: reminded three times, then off, warned, and ended with what becomes
    of the data; however often somebody looks."""
    # Guard off (a key that holds a moment, not what it tells of): red, each twice.
    rig, _ = selling()
    sent(rig)
    seen = []
    for days in (23, 4, 2, 4.2, 8, 3):
        after(rig, days)
        rig.wake_all()
        rig.run()
        seen.append(sent(rig))

    steps = ("reminder", "reminder", "reminder", "suspended", "revoke-warning")
    assert [*steps, "revoked"] == [topic for each in seen for topic in each]
    assert "US$49.00" in seen[0]["reminder"]["text"]
    assert "not paid for" in seen[3]["suspended"]["text"]
    assert "Your data is kept" in seen[5]["revoked"]["text"]
    assert {ANN} == {mail["to"] for each in seen for mail in each.values()}
    assert {"reminder": 3, "suspended": 1, "revoke-warning": 1, "revoked": 1
            } == told(rig)  # fmt: skip


def test_who_pays_is_renewed_and_not_reminded_of_it(selling):
    """I8, U2: a reminder that waits is dropped, once it is paid."""
    rig, _ = selling()
    sent(rig)
    after(rig, 23)
    renew(rig)
    renew(rig)
    mails = sent(rig)

    assert ["renewed"] == list(mails)
    assert "Paid until" in mails["renewed"]["text"]
    assert [State.WITHDRAWN] == states(rig, "reminder")
    assert {"reminder": 1, "renewed": 1} == told(rig)


def test_off_and_on_again_by_a_word(selling):
    """U3: with the reason, each once, whatever is repeated."""
    rig, _ = selling()
    sent(rig)
    seen = []
    for word, no in (("suspend", 1), ("suspend", 1), ("resume", 1)):
        rig.say(word, id_=f"{word}-{no}", at=rig.clock.now(),
                billing={"hold": "abuse"})  # fmt: skip
        rig.run()
        seen.append(sent(rig))

    assert [["suspended"], [], ["resumed"]] == [list(each) for each in seen]
    assert "how it was used" in seen[0]["suspended"]["text"]


def test_off_for_a_moment_nobody_hears_of_it(selling):
    """What has moved on before the mail left is no news, nor is its end."""
    rig, _ = selling()
    sent(rig)
    for word in ("suspend", "resume"):
        rig.say(word, id_=word, at=rig.clock.now())
        rig.run()

    assert {} == sent(rig)
    assert [State.WITHDRAWN] == states(rig, "suspended") == states(rig, "resumed")


def test_it_is_not_told_before_it_is_so(selling, at_boundary):
    """U3: noted with the word, it leaves when the backend was seen to be off."""
    rig, _ = selling()
    sent(rig)
    early = []
    at_boundary("before send", lambda: early.append((told(rig), sent(rig))))
    rig.say("suspend", id_="off", at=rig.clock.now())
    rig.run()
    rig.wait(3600)

    # Guard off (sent as soon as it was said): red.
    assert [({"suspended": 1}, {})] == early
    assert ["suspended"] == list(sent(rig))


def test_a_promise_puts_it_on_again_and_is_told(selling):
    """S6: and where it is not kept, that it is off once more."""
    rig, _ = selling()
    after(rig, 33.5)
    first = list(sent(rig))
    promised(rig, days=3)
    rig.run()
    second = list(sent(rig))
    after(rig, 4)

    assert ("suspended" in first, ["resumed"]) == (True, second)
    assert "suspended" in sent(rig)
    assert 2 == told(rig)["suspended"]


@pytest.mark.parametrize("course", [
    "promise run send jump run send", "promise jump run send", "promise run jump send",
    "promise pay send", "promise jump pay send", "promise run jump pay send",
    "promise run send jump pay send", "pay jump send", "pay run send jump send",
])  # fmt: skip
def test_on_again_is_told_once_however_it_comes_to_be(selling, course):
    """S6: by a promise, by a payment or by both, before the bridge looks or after, and
    if the clock goes on for five days between any two of them."""
    rig, _ = selling()
    after(rig, 33.5)
    first, seen = list(sent(rig)), []
    does = {
        "promise": lambda: promised(rig, days=6), "run": rig.run,
        "pay": lambda: renew(rig), "jump": lambda: rig.wait(5 * DAY),
        "send": lambda: seen.extend(sent(rig)),
    }  # fmt: skip
    for what in course.split():
        does[what]()

    assert "suspended" in first
    assert 1 == seen.count("resumed")


def test_a_change_is_told_when_it_is_done(selling):
    """C6, U5: what it was and what it is."""
    rig, _ = selling()
    sent(rig)
    change(rig, "gold")
    rig.run()
    mail = sent(rig)["changed"]

    assert "1 × silver" in mail["text"]
    assert "1 × gold" in mail["text"]
    assert {"changed": 1} == told(rig)


def test_a_downgrade_is_told_twice_when_scheduled_and_when_done(selling):
    """C11: with the day it begins."""
    rig, _ = selling()
    sent(rig)
    change(rig, "free", data={"effective": "period_end"})
    rig.run()
    first = sent(rig)
    after(rig, 30.2)

    assert ["scheduled"] == list(first)
    assert "1 × free" in first["scheduled"]["text"]
    assert "turned" in sent(rig)
    assert (1, 1) == (told(rig)["scheduled"], told(rig)["turned"])


def test_a_trial_says_that_it_ends(selling):
    """D13, C12: three days before, and what it became."""
    rig, _ = selling(trial=True)
    sent(rig)
    seen = []
    for days in (27, 1, 3):
        after(rig, days)
        seen.append(sent(rig))

    assert [["trial-ending"], [], ["turned"]] == [list(each) for each in seen]
    assert "costs nothing" in seen[0]["trial-ending"]["text"]


def test_a_coupon_is_told_when_it_begins_and_ends(selling):
    """B4, B6: and until when it is so."""
    rig, _ = selling()
    sent(rig)
    had, at = rig.account(), rig.clock.now()
    card = Activation("coup_1", "shop:1", at, timedelta(days=2), "gold", 10)
    with rig.database.change() as tx:
        accounts.save(tx, had, replace(had, activations=(card,)))
    rig.wake_all()
    rig.run()
    first = sent(rig)
    after(rig, 2.1)
    second = sent(rig)

    assert (["coupon-started"], ["coupon-ended"]) == (list(first), list(second))
    assert "You have gold until" in first["coupon-started"]["text"]
    assert {"coupon-started": 1, "coupon-ended": 1} == told(rig)


def test_a_topup_is_told_once_it_is_there(selling):
    """U9, I10: with the sum in the backend's currency, and the balance after it."""
    rig, _ = selling()
    sent(rig)
    rig.topup("9")
    rig.run()
    mails = sent(rig)
    rig.wait(2 * 3600)

    assert ["topup-applied"] == list(mails)
    assert "US$10.00" in mails["topup-applied"]["text"]
    assert {} == sent(rig)
    assert [State.WITHDRAWN] == states(rig, "topup-delayed")


def test_a_topup_that_takes_long_is_told_so_and_then_that_it_is_there(selling):
    """U9: its buyer need not ask; nothing is said twice."""
    rig, _ = selling()
    rig.say("terminate", id_="end", at=rig.clock.now())
    rig.run()
    sent(rig)
    rig.topup("9")
    rig.run()
    rig.wait(2 * 3600)
    late = list(sent(rig))
    rig.say("reinstate", id_="back", at=rig.clock.now())
    rig.run()
    rig.wait(3600)

    assert ["topup-delayed"] == late
    assert ["topup-applied"] == list(sent(rig))
    assert (1, 1) == (told(rig)["topup-applied"], told(rig)["topup-delayed"])


def test_it_is_in_the_language_that_was_chosen_in_the_shop(selling):
    """Where the brand speaks it; else in the brand's first."""
    rig, _ = selling()
    sent(rig)
    with rig.database.change() as tx:
        customers.add(
            tx, id="cu_ann", source="shop", client="shop:7", role="owner", email=ANN,
            name="Ann", language="de", password=None, made_at=rig.clock.now(),
            proved_at=None,
        )  # fmt: skip
    change(rig, "gold")
    rig.run()
    german = sent(rig)["changed"]
    with rig.database.change() as tx:
        customers.become(tx, "cu_ann", language="ru")
    change(rig, "silver")
    rig.run()

    assert "Ihr neuer Tarif ist aktiv" in german["subject"]
    assert "your new plan is active" in sent(rig)["changed"]["subject"]


def test_it_is_in_the_language_that_its_platform_tells(selling):
    """Where the brand speaks it; an address that nobody signed up with has no other."""
    rig, _ = selling()
    sent(rig)
    rig.post("said", "account.updated", account={"ref": "7", "locale": "de_AT"})
    change(rig, "gold")
    rig.run()

    assert "Ihr neuer Tarif ist aktiv" in sent(rig)["changed"]["subject"]


def test_what_its_platform_mails_is_not_mailed_by_us(make):
    """I2: one owner per source, never both."""
    rig, _ = make(more=TABLES, mailed=True)
    rig.order(email=ANN)
    rig.run()
    rig.say("suspend")
    rig.run()

    # Guard off (all is noted, whoever mails): red.
    assert {} == told(rig)


def test_a_commit_that_fails_leaves_no_mail(selling, monkeypatch):
    """In one commit with what it tells, or not at all."""
    rig, _ = selling()
    sent(rig)
    rig.say("suspend", id_="off", at=rig.clock.now())

    def cut(here):
        if here == "planned":
            raise KeyboardInterrupt

    monkeypatch.setattr(boundaries, "passed", cut)
    with pytest.raises(KeyboardInterrupt):
        rig.run()

    assert {} == told(rig)
