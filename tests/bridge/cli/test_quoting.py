"""`switchhook plan --change` makes a quote, `switchhook quote` says if it holds."""

from datetime import timedelta

import pytest

from bridge import quotes
from bridge.keys import LEAST, Keys
from tests.bridge.cli.test_ahead import PACKAGES
from tests.bridge.cli.test_cli import said, switchhook


@pytest.fixture
def running(make):
    """A third of a month on basic."""
    rig, _ = make(more=PACKAGES)
    began = rig.clock.now() - timedelta(days=10)
    sold = {"ref": "1", "plan_ref": "basic", "period_start": began.isoformat()}
    paid = {"line_ref": "1"}
    client = {"ref": "7"}
    rig.post(
        "order", "service.activate", began, account=client, service=sold, billing=paid
    )
    rig.run()
    return rig


def quoted(rig, wish="gold"):
    view, code = said(rig.path, "plan", "shop:1", "--change", wish)
    assert 0 == code
    return view["change"]["quote"], view["change"]


def test_a_quote_is_what_the_plan_said(running):
    """P16, P3: the same lines and the same sum, from the token alone."""
    token, change = quoted(running)
    view, code = said(running.path, "quote", token)

    assert (0, True, None) == (code, view["holds"], view["why not"])
    assert change["lines"] == view["lines"]
    assert (change["due now"], change["unit price"]) == (
        view["due"],
        view["unit price"],
    )
    assert ("shop:1", change["now"]) == (view["service"], view["becomes"])
    assert change["quote until"] == view["expires"]


def test_what_begins_later_is_quoted_for_its_period(running):
    """C11: of a change that waits for the next period, what that costs."""
    gold = {"ref": "1", "plan_ref": "gold"}
    running.post("up", "service.change", running.clock.now(), service=gold)
    running.run()
    token, change = quoted(running, "basic")
    view, _ = said(running.path, "quote", token)

    assert change["due now"] is None
    assert (change["due next"], "29.00 USD") == (view["due"], view["due"])


def test_it_is_for_one_service(running):
    """P16: exit code 4, and for which it is."""
    token, _ = quoted(running)
    view, code = said(running.path, "quote", token, "--for", "shop:2")

    assert (4, False) == (code, view["holds"])
    assert "made for shop:1" in view["why not"]


def test_what_it_was_reckoned_from_must_still_be_so(running):
    """P3: once it was used, or the plan is another, it is worth nothing."""
    token, _ = quoted(running)
    sold = {"ref": "1", "plan_ref": "gold"}
    running.post("up", "service.change", running.clock.now(), service=sold)
    running.run()
    view, code = said(running.path, "quote", token)

    assert 4 == code
    assert "not any more what it was" in view["why not"]


def test_other_prices_end_it(running):
    """P16: what is applied to the catalog holds at once, for everybody."""
    token, _ = quoted(running)
    text = running.path.read_text()
    running.path.write_text(text.replace('"99.00 USD"', '"98.00 USD"'))
    running.sells()
    view, code = said(running.path, "quote", token)

    assert (4, "What is sold has changed since; ask anew.") == (code, view["why not"])


def test_one_of_another_installation_is_refused(running):
    """P16: in one line."""
    offer = quotes.opened(running.parts.keys, quoted(running)[0])
    foreign = quotes.signed(Keys(b"f" * LEAST), offer)
    result = switchhook(running.path, "quote", foreign)

    assert 4 == result.exit_code
    assert "Another installation" in result.output


def test_people_see_what_is_due_and_whether_it_holds(running):
    """P16: the token stands on the screen of `plan`, to be copied."""
    shown = switchhook(running.path, "plan", "shop:1", "--change", "gold").output
    [command] = [ln for ln in shown.splitlines() if ln.startswith("switchhook quote")]
    told = switchhook(running.path, *command.split()[1:])

    assert 0 == told.exit_code
    assert "it holds" in told.output
    assert "x gold at 99.00 USD" in told.output
