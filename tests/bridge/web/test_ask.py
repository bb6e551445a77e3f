"""What a platform's module may ask: signed, of its own accounts, and not too often."""

import json
from datetime import timedelta

import pytest

from bridge.platforms import signature
from bridge.store import accounts
from bridge.web.ask import Paced
from provisioning.core.account import Service
from provisioning.core.outcomes import Later
from tests.bridge.seen import SET, by_hand, fields, paid
from tests.bridge.whmcs import SOURCE
from tests.days import months_on
from tests.rig import SECRET

CANARY = "canary-9c2e"


def ask(rig, word, source=SOURCE, id_="ask-1", secret=None, **more):
    body = json.dumps({"ask": word} | more).encode()
    secrets = rig.parts.config.sources[source]["secrets"]
    key = signature.keys(source, [secret] if secret else secrets)[0]
    headers = signature.signed(key, id_, body, rig.clock.now())
    headers |= {"content-type": "application/json"}
    return rig.client.post(f"/ask/{source}", data=body, headers=headers)


LADDER = """
[families.calls]
[packages.silver]
backend = "main"
price = "10.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 5
family = "calls"
rank = 2
[packages.gold]
backend = "main"
price = "20.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 9
family = "calls"
rank = 1
"""


def drift(billing, simulator):
    """Somebody changed the channels past us."""
    name = fields(billing.rig)["channels"]
    by_hand(simulator, SET, user_id=1, user={name: 50})


@pytest.fixture
def sold(billing):
    """Service 1 of WHMCS, done and read back."""
    billing.whmcs.service()
    billing.create()
    billing.line("501")
    billing.rig.run_until_quiet()
    return billing


# --- who may ask


def test_a_question_is_proven_as_an_event_is(sold):
    """U12: the signature binds every letter of it; nobody else may look."""
    body = b'{"ask": "service", "service": "1"}'
    key = signature.keys(SOURCE, [SECRET])[0]
    headers = signature.signed(key, "ask-1", body, sold.rig.clock.now())
    headers |= {"content-type": "application/json"}
    other = body.replace(b'"1"', b'"2"')
    posted = sold.rig.client.post
    stale = signature.signed(
        key, "ask-1", body, sold.rig.clock.now() - timedelta(seconds=301)
    )

    assert 200 == posted("/ask/billing", data=body, headers=headers).status_code
    assert 401 == posted("/ask/billing", data=other, headers=headers).status_code
    assert 401 == posted("/ask/billing", data=body).status_code
    assert 401 == posted("/ask/billing", data=body, headers=stale).status_code
    assert 404 == posted("/ask/nobody", data=body, headers=headers).status_code


@pytest.mark.parametrize(
    ("word", "more"),
    [
        ("service", {"service": "1"}),
        ("plan", {"service": "1"}),
        ("plan", {"service": "1", "change": "plain"}),
        ("accounts", {}),
        ("usage", {}),
        *(
            ("act", {"verb": verb, "service": "1", "because": "b", "by": "c"})
            for verb in ("reprovision", "sync", "login", "topup")
        ),
    ],
)
def test_a_source_sees_and_touches_only_its_own(make_billing, word, more):
    """U11: a reseller's WHMCS with a key of its own finds nothing of the others, by
    whatever number it asks.

    Guard off (`account.source != self.source` and the source in `ref`): red, the
    canary is there.
    """
    billing, simulator = make_billing()
    rig = billing.rig
    billing.whmcs.client("7", f"{CANARY}@example.com")
    billing.whmcs.service()
    billing.tell(
        "whmcs-1-1", "service.activate",
        account={"ref": "7", "email": f"{CANARY}@example.com"},
        service={"ref": "1", "plan_ref": "starter"},
    )  # fmt: skip
    rig.run_until_quiet()
    username = rig.account("billing:1").username
    before = len(simulator.journal)
    answers = [
        ask(rig, word, "other", **more),
        ask(rig, word, "other", **more | {"service": "billing:1"}),
        ask(rig, word, "other", **more | {"service": rig.account("billing:1").id}),
    ]
    rig.run_until_quiet()

    assert before == len(simulator.journal)
    for answer in answers:
        assert CANARY not in answer.text
        assert username not in answer.text
        if word in {"plan", "act"}:
            assert 422 == answer.status_code


def test_an_account_of_another_source_is_not_there_even_by_its_own_service(sold):
    """A service bound to somebody else's account shows nothing of that account."""
    owner = sold.rig.account("billing:1").id
    with sold.rig.database.change() as tx:
        accounts.bind(tx, Service("other:9", "starter"), owner)

    answer = ask(sold.rig, "service", "other", service="9")

    assert {"known": False} == answer.json


# --- what is answered


def test_what_is_sold_is_listed(billing):
    """For the drop-down lists of a product's settings."""
    told = ask(billing.rig, "packages").json
    starter = next(one for one in told["packages"] if one["name"] == "starter")

    assert ("monthly", {"amount": "29.00", "currency": "USD"}) == (
        starter["cycle"],
        starter["price"],
    )
    assert {"credit10", "credit20", "euro"} == {one["name"] for one in told["topups"]}
    assert ["main"] == told["backends"]


def test_a_service_is_shown_with_all_its_page_needs(sold):
    """P5, S1, S3: status, limits as sold and as seen, balance, ledger, time."""
    told = ask(sold.rig, "service", service="1").json

    assert (True, "active", None) == (told["known"], told["status"], told["why"])
    assert sold.rig.account("billing:1").username == told["username"]
    assert ("starter", "5", "5") == (
        told["package"],
        told["limits"]["channels"],
        told["observed"]["channels"],
    )
    assert {"amount": "5.00", "currency": "USD"} == told["balance"]
    assert f"{months_on(1).date()}" == told["paid_until"][:10]
    assert {"due to granted", "due to owed", "owed to granted"} & {
        entry["what"] for entry in told["ledger"]
    }
    assert "done" == told["operation"]["fate"]
    assert ["starter"] == [part["package"] for part in told["timeline"]]


def test_why_it_is_off_is_one_sentence(sold):
    """P5: Inactive with its reason."""
    now = sold.rig.clock.now()
    sold.tell("whmcs-1-2", "service.suspend", now, service={"ref": "1"})
    sold.rig.run_until_quiet()
    told = ask(sold.rig, "service", service="1").json

    assert ("inactive", "no") == (told["status"], told["observed"]["on"])
    assert told["why"]
    # Guard off (payments alone are looked up): red, it is the renewal.
    assert "service.suspend" == told["operation"]["type"]


def test_a_service_nobody_told_is_not_known(billing):
    """And that is an answer, not an error."""
    assert {"known": False} == ask(billing.rig, "service", service="4711").json


def test_with_its_backend_away_the_rest_is_told(sold, monkeypatch):
    """A page of WHMCS is shown all the same, with what was last proven."""

    def away(*_):
        raise Later("it is paused")

    monkeypatch.setattr("bridge.answers.services.preview", away)
    told = ask(sold.rig, "service", service="1").json

    assert told["known"]
    assert told["observed"] is None
    assert {"amount": "5.00", "currency": "USD"} == told["balance"]


def test_what_would_be_done_is_shown_and_not_done(make_billing):
    """U10: the plan first."""
    billing, simulator = make_billing()
    billing.create()
    billing.rig.run_until_quiet()
    in_line = ask(billing.rig, "plan", service="1").json
    drift(billing, simulator)
    drifted = ask(billing.rig, "plan", service="1").json

    assert {"steps": []} == in_line
    assert ["set channels = 5"] == drifted["steps"]
    assert 50 == simulator.users[1].channels


def test_a_change_that_may_not_be_is_refused_before_it_is_paid(sold):
    """C9: with the reason a customer is shown; likewise what nobody sells."""
    unsold = ask(sold.rig, "plan", service="1", change="platinum").json
    unread = ask(sold.rig, "plan", service="1", change="plain,sometimes").json

    assert "platinum" in unsold["refused"]
    assert "sometimes" in unread["refused"]
    assert [] == unsold["steps"] == unread["steps"]


def test_between_packages_on_no_ladder_the_platform_decides(sold):
    """C6: who wrote down no ladder has no rule to refuse an upgrade by."""
    # Guard off (refused as a step neither up nor down): red, WHMCS sells no upgrade.
    assert {"steps": []} == ask(sold.rig, "plan", service="1", change="plain").json


def test_a_change_is_told_with_what_would_be_done(make_billing):
    """C6: what would follow, and what is due for it; before that nothing changes."""
    billing, simulator = make_billing(also=LADDER)
    billing.create(package="silver")
    billing.line("501")
    billing.rig.run_until_quiet()
    told = ask(billing.rig, "plan", service="1", change="gold").json

    assert "refused" not in told
    assert any("channels = 9" in step for step in told["steps"])
    assert "USD" == told["amount_due"]["currency"]
    assert told["lines"]
    assert 5 == simulator.users[1].channels


def test_accounts_and_their_use_are_listed_page_by_page(sold, monkeypatch):
    """For Server Sync and the daily import; all of them, and each once."""
    monkeypatch.setattr("bridge.answers.lists.PAGE", 1)
    sold.tell(
        "whmcs-2-1", "service.activate", account={"ref": "8"},
        service={"ref": "2", "plan_ref": "plain"},
    )  # fmt: skip
    sold.rig.run_until_quiet()
    found, used, after = [], [], None
    while True:
        told = ask(sold.rig, "accounts", after=after).json
        found += told["accounts"]
        used += ask(sold.rig, "usage", after=after).json["services"]
        after = told["after"]
        if after is None:
            break

    assert {("1", "starter", "active"), ("2", "plain", "active")} == {
        (one["service"], one["package"], one["status"]) for one in found
    }
    assert {("1", "5.00", 5), ("2", "0.00", 2)} <= {
        (one["service"], one["balance"] or "0.00", one["channels"]) for one in used
    }


# --- what staff may have done


def test_staff_bring_a_service_in_line(make_billing):
    """U10: what the plan showed, and nothing else."""
    billing, simulator = make_billing()
    billing.create()
    billing.rig.run_until_quiet()
    asked = {"service": "1", "because": "ticket 4", "by": "whmcs admin 3"}
    nothing = ask(billing.rig, "act", verb="reprovision", **asked).json
    drift(billing, simulator)
    told = ask(billing.rig, "act", verb="reprovision", **asked).json
    billing.rig.run_until_quiet()

    assert nothing["operation"] is None
    assert "1 steps" in told["said"]
    assert 5 == simulator.users[1].channels


def test_a_sync_looks_at_it_now(make_billing):
    """The same, when nobody wants to look first."""
    billing, simulator = make_billing()
    billing.create()
    billing.rig.run_until_quiet()
    drift(billing, simulator)
    ask(billing.rig, "act", verb="sync", service="1", because="b", by="c")
    billing.rig.run_until_quiet()

    assert 5 == simulator.users[1].channels


def test_goodwill_is_given_once_for_each_form_and_within_its_limit(make_billing):
    """The same form saved twice gives once.

    Guard off (a reference drawn anew in `_topup`): red, given twice.
    """
    billing, simulator = make_billing(public='goodwill = ["18.00 USD"]')
    billing.create()
    billing.rig.run_until_quiet()
    asked = {"verb": "topup", "service": "1", "because": "b", "by": "whmcs admin 3"}
    codes = [
        ask(billing.rig, "act", id_=id_, amount=sum_, **asked).status_code
        for id_, sum_ in (("ask-a", "5.00"), ("ask-a", "5.00"), ("ask-b", "14.00"),
                          ("ask-c", "x"), ("ask-d", "-1"))
    ]  # fmt: skip
    billing.rig.run_until_quiet()

    assert [200, 422, 422, 422, 422] == codes
    assert [("5.00"), ("5.00")] == sorted(amount for _, amount in paid(simulator))


def test_without_goodwill_and_with_the_platforms_mails_both_are_refused(sold):
    """Each with the way out."""
    asked = {"service": "1", "because": "b", "by": "c"}
    login = ask(sold.rig, "act", verb="login", **asked)
    topup = ask(sold.rig, "act", verb="topup", amount="1", **asked)

    assert 422 == login.status_code == topup.status_code
    assert "login_mail" in login.json["detail"]
    assert "goodwill" in topup.json["detail"]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"ask": "everything"}, "one of: packages, service"),
        ({"ask": 7}, "one of: packages"),
        ({"ask": "service"}, '"service" is needed'),
        ({"ask": "service", "service": ["1"]}, '"service" is text'),
        ({"ask": "service", "service": "x" * 501}, "at most 500"),
        ({"ask": "act", "service": "1", "verb": "purge"}, "one of: reprovision"),
        ({"ask": "plan", "service": "4711"}, "no service 4711 here"),
    ],
)
def test_what_cannot_be_answered_is_said_with_the_way_out(billing, told, said):
    """As problem+json, and nothing is done."""
    more = {name: value for name, value in told.items() if name != "ask"}
    answer = ask(billing.rig, told["ask"], **more)

    assert (422, "no_answer") == (answer.status_code, answer.json["code"])
    assert said in answer.json["detail"]


# --- how often


def test_a_source_may_ask_so_often_and_no_other_pays_for_it():
    """A page that is loaded again and again must not keep others out."""
    paced = Paced(rate=0.001, burst=3)

    assert [True] * 3 + [False] == [paced.may("one") for _ in range(4)]
    assert paced.may("two")


def test_too_many_questions_are_sent_away(billing, monkeypatch):
    """429 with Retry-After, counted for whoever has proven who it is."""
    monkeypatch.setattr(Paced, "may", lambda *_: False)
    answer = ask(billing.rig, "packages")

    assert (429, "1") == (answer.status_code, answer.headers["Retry-After"])
    assert 401 == billing.rig.client.post("/ask/billing", data=b"{}").status_code


def test_a_backend_that_is_paused_is_later(billing, monkeypatch):
    """503: ask again, nothing is wrong with the question."""

    def away(*_):
        raise Later("it is paused")

    billing.create()
    billing.rig.run_until_quiet()
    monkeypatch.setattr("bridge.answers.asked.preview", away)
    answer = ask(billing.rig, "plan", service="1")

    assert (503, "it is paused") == (answer.status_code, answer.json["detail"])
