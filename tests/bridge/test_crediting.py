"""Held money is given back as credit in WHMCS: once, whatever was lost on the way."""

import pytest

from bridge.store import outbox
from bridge.store.causes import running
from bridge.store.causes.found import Limits
from tests.bridge.cli.test_cli import said, switchhook
from tests.bridge.seen import is_sound
from tests.rigs.whmcs import BUSY, LOCKED, LOST, ODD

KEY = "billing:600/topup"
REFUND = ("held", "refund", KEY, "--because", "ordered by mistake", "--credit", "12.00")


@pytest.fixture
def held(billing):
    """10.00 for a client who has no account yet."""
    billing.whmcs.client("7")
    billing.credit("600", "2")
    billing.rig.run_until_quiet()
    return billing


def refunded(billing):
    told, code = said(billing.rig.path, *REFUND)
    assert (0, "10.00 USD", "12.00") == (code, told["sum"], told["credit"])


def send(billing, rounds=4, **time):
    for _ in range(rounds):
        billing.send()
        billing.pass_(**(time or {"minutes": 5}))


def test_it_is_never_sent_and_his_platform_credits_it_once(held):
    """D28: what he paid there, not what it is worth here; with the reason."""
    refunded(held)
    send(held)
    [given] = held.whmcs.credits

    assert ("7", "12.00", "add") == (given["clientid"], given["amount"], given["type"])
    assert f"Switchhook {KEY}: ordered by mistake" == given["description"]
    assert ([], 0) == said(held.rig.path, "held", "list")
    assert is_sound(held.rig)


@pytest.mark.parametrize("action", ["AddCredit", "GetCredits"])
@pytest.mark.parametrize("wrong", [LOST, LOCKED, BUSY, ODD])
def test_whatever_goes_wrong_it_is_credited_once(held, action, wrong):
    """D28: a lost answer is looked for before anything is sent again.

    Guard off (`_is_there`): red for a lost answer, twice.
    """
    refunded(held)
    held.whmcs.only, held.whmcs.wrong = action, [wrong]
    send(held)

    assert 1 == len(held.whmcs.credits)


def test_what_may_be_under_way_is_not_looked_for_at_once(held):
    """D28: PHP may still be writing it; three minutes later it has, or has not.

    Guard off (`after=SETTLES`): red, looked for within seconds.
    """
    refunded(held)
    held.whmcs.only, held.whmcs.wrong = "AddCredit", [LOST]
    held.send()
    held.pass_(minutes=2, seconds=50)
    held.send()
    early = len(held.whmcs.did("GetCredits"))
    held.pass_(seconds=15)
    held.send()

    assert (1, 2) == (early, len(held.whmcs.did("GetCredits")))
    assert 1 == len(held.whmcs.credits)


def test_a_second_refund_is_refused(held):
    """D28: it was paid back already."""
    refunded(held)
    again = switchhook(held.rig.path, *REFUND)
    send(held)

    assert "was paid back already" in again.stderr
    assert 1 == len(held.whmcs.credits)


def test_after_a_restore_it_is_found_there(held):
    """D28: the backup knows nothing of the refund, and the same is said again.

    Guard off (looked for only where it was tried before): red, twice.
    """
    held.whmcs.credits = [{"clientid": "7", "description": f"Switchhook {KEY}: before"}]
    refunded(held)
    send(held)

    assert 1 == len(held.whmcs.credits)


def test_a_client_who_is_not_there_is_an_alert(held):
    """D28: refused, and a person has to see to it; nothing is sent instead."""
    held.whmcs.clients.clear()
    refunded(held)
    send(held)
    rig = held.rig
    with rig.database.read() as tx:
        [one] = [o for o in outbox.newest(tx, 9, None) if o.key == f"credit:{KEY}"]
        found = running.delivery_failed(tx, rig.clock.now(), Limits())

    assert "refused" == one.state.value
    assert "Client ID Not Found" in one.said
    assert found


def test_an_accounts_own_client_is_credited(held):
    """D28: held on an account that has ended, too."""
    held.create("1", package="plain")
    held.rig.run_until_quiet()
    now = held.rig.clock.now()
    held.tell("end", "service.terminate", now, service={"ref": "1"})
    held.rig.run_until_quiet()
    held.credit("601", "3")
    held.rig.run_until_quiet()
    mine = ("held", "refund", "billing:601/topup", *REFUND[3:])
    _, code = said(held.rig.path, *mine)
    send(held)

    assert 0 == code
    assert ["7"] == [given["clientid"] for given in held.whmcs.credits]


@pytest.mark.parametrize("sum_", ["0", "-1.00", "much"])
def test_a_sum_that_is_none_is_refused(held, sum_):
    """Nothing is done, and nothing is paid back here either."""
    told = switchhook(held.rig.path, *REFUND[:-2], f"--credit={sum_}")

    assert told.exit_code
    assert 3 == said(held.rig.path, "held", "list")[1]


def test_another_kind_of_source_is_paid_back_there(billing):
    """It has no API we know: say it was, without --credit."""
    billing.rig.topup("2", client="70")
    billing.rig.run()
    told = switchhook(billing.rig.path, "held", "refund", "shop:2/topup", *REFUND[3:])

    assert 'source "shop" is no WHMCS' in told.stderr
    assert 3 == said(billing.rig.path, "held", "list")[1]
