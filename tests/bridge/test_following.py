"""WHMCS hears how each thing it told has ended: once, whatever was lost on the way."""

import json
from base64 import b64decode
from datetime import timedelta

import pytest

from bridge.platforms import signature
from bridge.store import causes, operations, outbox
from provisioning import php
from tests.days import STARTED
from tests.rigs.whmcs import BUSY, LOCKED, LOST, ODD


def done_later(billing):
    """A create WHMCS was told "not yet" of, and that is done by now."""
    billing.whmcs.service()
    assert 202 == billing.create().status_code
    billing.rig.run_until_quiet()
    billing.pass_(seconds=31)


def operation(billing):
    with billing.rig.database.read() as tx:
        return operations.newest(tx, 1, None)[0].name


def test_an_account_that_took_long_is_completed_there(billing):
    """I2: Active, with the name and the password it really has, and the welcome mail
    once; WHMCS sent none when it was told to wait."""
    done_later(billing)
    billing.send()
    service, account = billing.whmcs.products["1"], billing.rig.account("billing:1")
    [mail] = billing.whmcs.emails

    assert ("Active", account.username) == (service["status"], service["username"])
    assert "as-whmcs-made-it" != service["password"]
    assert f"{account.username} / {service['password']}" in mail["message"]
    assert {"follow": "sent"} == billing.states()


def test_the_password_it_mails_is_the_one_that_lets_in(make_billing):
    """I2: not the one WHMCS made up before there was an account."""
    billing, simulator = make_billing()
    done_later(billing)
    billing.send()
    [user] = [u for u in simulator.users.values() if u.username.startswith("sw")]

    assert user.password == billing.whmcs.products["1"]["password"]


def test_what_whmcs_did_itself_is_not_done_again(billing):
    """Answered in time it is Active there and has mailed; nobody gets two mails."""
    billing.whmcs.service()
    billing.create()
    billing.rig.run_until_quiet()
    billing.whmcs.products["1"] |= {
        "status": "Active",
        "username": billing.rig.account("billing:1").username,
    }
    billing.pass_(seconds=31)
    billing.send()

    assert [] == billing.whmcs.did("SendEmail", "UpdateClientProduct")
    assert 1 == len(billing.whmcs.activity)


def test_it_is_followed_until_it_ends(billing):
    """Not before, however often it is looked at; and to look is no failure."""
    billing.whmcs.service()
    billing.create()
    for _ in range(5):
        billing.pass_(seconds=40)
        billing.send()
    waited = billing.whmcs.journal.copy()
    billing.rig.run_until_quiet()
    billing.pass_(minutes=5)
    billing.send()

    assert [] == waited
    assert "Active" == billing.whmcs.products["1"]["status"]


@pytest.mark.parametrize(
    "action", ["UpdateClientProduct", "SendEmail", "LogActivity", "GetClientsProducts"]
)
@pytest.mark.parametrize("wrong", [LOST, LOCKED, BUSY, ODD])
def test_each_step_counts_once_whatever_goes_wrong_in_it(billing, action, wrong):
    """U1: tried again it is looked at first: one mail, one line in the log.

    Guard off (`again and` in _complete and _log): red for lost answers, two mails.
    """
    done_later(billing)
    billing.whmcs.only, billing.whmcs.wrong = action, [wrong]
    for _ in range(3):
        billing.send()
        billing.pass_(minutes=5)

    assert "Active" == billing.whmcs.products["1"]["status"]
    assert 1 == len(billing.whmcs.emails)
    assert 1 == len(billing.whmcs.activity)


def test_a_person_is_called_once_for_what_waits(make_billing):
    """A ticket with the reason and the way out; then it is followed all the same."""
    billing, _ = make_billing(more="department = 2")
    billing.whmcs.service()
    billing.create(package="unheard-of")
    for _ in range(4):
        billing.rig.run()
        billing.pass_(minutes=6)
        billing.send()
    [ticket] = billing.whmcs.tickets

    assert ("2", "7", "1") == (
        ticket["deptid"],
        ticket["clientid"],
        ticket["serviceid"],
    )
    assert operation(billing) in ticket["subject"]
    assert "unheard-of" in ticket["message"]
    assert f"switchhook event retry {operation(billing)}" in ticket["message"]
    assert {"follow": "waiting", "stuck": "sent"} == billing.states()


def test_a_ticket_whose_answer_was_lost_is_not_opened_twice(make_billing):
    """Found by its subject, which has the operation in it.

    Guard off (`_has_ticket`): red, two tickets.
    """
    billing, _ = make_billing(more="department = 2")
    billing.create(package="unheard-of")
    billing.rig.run()
    billing.whmcs.only, billing.whmcs.wrong = "OpenTicket", [LOST]
    for _ in range(4):
        billing.pass_(minutes=6)
        billing.send()

    assert 1 == len(billing.whmcs.tickets)


@pytest.mark.parametrize(
    ("action", "told"), [("LogActivity", 1), ("TriggerNotificationEvent", 2)]
)
def test_only_its_own_lost_answer_tells_a_notification_twice(billing, action, told):
    """No call of WHMCS lists them, so that one cannot be looked for.

    Guard off (the log after it): red, twice for a lost line of the log.
    """
    billing.create(package="unheard-of")
    billing.rig.run()
    billing.whmcs.only, billing.whmcs.wrong = action, [LOST]
    for _ in range(5):
        billing.pass_(minutes=6)
        billing.send()

    assert told == len(billing.whmcs.notices)
    assert 1 == len(billing.whmcs.activity)


def test_a_mail_among_hundreds_is_found(billing):
    """I2: a client of many years; his welcome mail is not sent twice.

    Guard off (only the first page): red.
    """
    done_later(billing)
    old = {"userid": "7", "subject": "Invoice", "message": "Dear customer"}
    billing.whmcs.emails = [old] * 250
    billing.whmcs.only, billing.whmcs.wrong = "SendEmail", [LOST]
    for _ in range(3):
        billing.send()
        billing.pass_(minutes=5)

    assert 251 == len(billing.whmcs.emails)


def test_without_a_department_it_is_a_notification(billing):
    """Where tickets are for customers alone."""
    billing.create(package="unheard-of")
    billing.rig.run()
    for _ in range(3):
        billing.pass_(minutes=6)
        billing.send()

    assert [] == billing.whmcs.tickets
    assert 1 == len(billing.whmcs.notices)


def test_nobody_is_called_for_what_is_mended_soon(billing):
    """Parked for want of what comes a moment later, it is nobody's matter."""
    line = {"line_ref": "501"}
    told = {"service": {"ref": "1"}, "billing": line}
    billing.tell("whmcs-InvoicePaid-501", "service.renewed", **told)
    billing.rig.run()
    billing.pass_(seconds=31)
    billing.send()
    waited = billing.states()
    billing.create()
    billing.rig.run_until_quiet()
    for _ in range(3):
        billing.pass_(minutes=6)
        billing.send()

    assert {"follow": "waiting", "stuck": "waiting"} == waited
    assert "withdrawn" == billing.states()["stuck"]
    assert [] == billing.whmcs.notices


def test_what_was_parked_and_is_mended_is_completed(billing):
    """The customer waits for his mail, whoever had to see to it."""
    billing.whmcs.service()
    billing.create(package="unheard-of")
    billing.rig.run()
    billing.pass_(minutes=6)
    billing.send()
    billing.create(no=2)
    billing.rig.run_until_quiet()
    billing.pass_(hours=1)
    billing.send()

    assert "Active" == billing.whmcs.products["1"]["status"]
    assert 1 == len(billing.whmcs.emails)


def test_a_service_that_has_ended_meanwhile_is_not_made_active(billing):
    """Terminated before WHMCS heard of its account."""
    billing.whmcs.service()
    billing.create()
    billing.rig.run_until_quiet()
    later = billing.rig.clock.now()
    billing.tell("whmcs-1-2", "service.terminate", later, service={"ref": "1"})
    billing.rig.run_until_quiet()
    billing.pass_(minutes=2)
    billing.send()

    assert "Pending" == billing.whmcs.products["1"]["status"]
    assert [] == billing.whmcs.emails


def test_its_lists_are_said_as_php_says_them(billing):
    """base64(serialize()): what PHP itself reads back as the same."""
    done_later(billing)
    billing.send()
    [mail] = billing.whmcs.did("SendEmail")
    said = b64decode(mail["customvars"])

    assert {"switchhook_operation": operation(billing)} == php.loads(said)
    assert said.startswith(b'a:1:{s:20:"switchhook_operation";s:')


def test_what_is_lost_for_days_is_given_up_and_no_secret_is_told(billing):
    """An alert, then; and nobody's secret in what stands there."""
    done_later(billing)
    billing.whmcs.wrong = [LOCKED] * 200
    billing.send()
    billing.pass_(days=4)
    billing.send()
    with billing.rig.database.read() as tx:
        [held] = outbox.newest(tx, 9, None)

    assert "given up" == held.state.value
    assert "API IP Access Restriction" in held.said
    assert "canary" not in held.said
    assert held.made_at + timedelta(seconds=30) <= billing.rig.clock.now()


@pytest.mark.parametrize("chosen", ["error", "success"])
def test_what_to_answer_meanwhile_goes_along(make_billing, chosen):
    """I2: the module answers as the operator chose, while an order still works."""
    billing, _ = make_billing(more=f'create = "{chosen}"')
    sold = {"ref": "1", "plan_ref": "starter"}
    told = {"spec": "1", "type": "service.activate", "account": {"ref": "7"},
            "occurred_at": STARTED.isoformat(), "service": sold}  # fmt: skip
    body = json.dumps(told).encode()
    rig = billing.rig
    headers = signature.signed(rig._key, "whmcs-1-1", body, rig.clock.now())
    headers |= {"content-type": "application/json", "prefer": "wait=1"}
    works = rig.client.post("/hooks/billing", data=body, headers=headers)
    rig.run_until_quiet()
    done = rig.client.post("/hooks/billing", data=body, headers=headers)

    assert (202, chosen) == (works.status_code, works.json["meanwhile"])
    assert "meanwhile" not in done.json


def test_one_that_does_not_answer_is_let_alone_for_a_while(billing):
    """What waits for it must not hold up others' mails, half a minute each."""
    for no in ("1", "2", "3"):
        billing.whmcs.service(no)
        billing.create(no)
    billing.rig.run_until_quiet()
    billing.pass_(seconds=31)
    billing.whmcs.wrong = [BUSY] * 9
    billing.send()
    asked = 9 - len(billing.whmcs.wrong)
    with billing.rig.database.read() as tx:
        said = {one.said for one in outbox.newest(tx, 9, None)}
    billing.whmcs.wrong = []
    billing.pass_(minutes=3)
    billing.send()

    assert 1 == asked
    assert {"WHMCS (billing) answered 503"} == said
    assert {"Active"} == {p["status"] for p in billing.whmcs.products.values()}


def test_what_is_told_twice_is_followed_once(billing):
    """U1: it is noted in the commit that takes the event in, under its operation."""
    billing.create()
    billing.create()
    with billing.rig.database.read() as tx:
        keys = [one.key for one in outbox.newest(tx, 9, None)]

    assert [f"follow:{operation(billing)}"] == keys


def test_another_kind_of_source_is_not_followed(billing):
    """It asks by itself, at the address it was given."""
    billing.rig.order()
    billing.rig.run_until_quiet()

    assert {} == billing.states()


def test_a_template_that_is_not_there_is_an_alert_and_then_completed(billing):
    """Its name was mistyped: nothing is Active without its mail; mended, it goes on."""
    done_later(billing)
    billing.whmcs.templates = set()
    billing.send()
    rig = billing.rig
    with rig.database.read() as tx:
        [found] = causes.delivery_failed(tx, rig.clock.now(), causes.Limits())
        [held] = outbox.newest(tx, 9, None)
    pending = billing.whmcs.products["1"]["status"]
    billing.whmcs.templates = {"Welcome"}
    with rig.database.change() as tx:
        outbox.retry(tx, held.id, rig.clock.now())
    billing.send()

    assert found
    assert "Email Template not found" in held.said
    assert ("Pending", "Active") == (pending, billing.whmcs.products["1"]["status"])
    assert 1 == len(billing.whmcs.emails)
