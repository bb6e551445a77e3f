"""What waits for its money, from the command line."""

import json

from click.testing import CliRunner

from bridge.cli import main
from tests.bridge.seen import credit


def switchhook(one, *arguments):
    typed = ["--config", str(one.rig.path), "purchase", *arguments, "--json"]
    return CliRunner().invoke(main, typed)


def test_what_was_ordered_is_listed_and_confirmed_once(shopper):
    """U2, I2: its money is seen by a person; said again, it is refused and nothing is
    granted twice."""
    # Guard off (`_waiting` gives what is paid as well): red, it is told again.
    one = shopper().sign_up()
    id_ = one.order(one.quote()).rpartition("/")[2]
    [listed] = json.loads(switchhook(one, "list").stdout)
    paid = switchhook(one, "paid", id_, "--because", "transfer 4711")
    again = switchhook(one, "paid", id_, "--because", "transfer 4711")
    one.rig.run()

    assert (id_, "29.00 USD", "acme") == tuple(
        listed[name] for name in ("order", "amount", "source")
    )
    assert (0, 1) == (paid.exit_code, again.exit_code)
    assert "is paid already" in again.output
    assert [] == json.loads(switchhook(one, "list").stdout)
    assert "5.00" == credit(one.simulator)


def test_what_is_called_off_is_never_set_up(shopper):
    """I2."""
    one = shopper().sign_up()
    id_ = one.order(one.quote()).rpartition("/")[2]
    off = switchhook(one, "cancel", id_, "--because", "no money came")
    late = switchhook(one, "paid", id_, "--because", "transfer 4711")
    one.rig.run()

    assert (0, 1) == (off.exit_code, late.exit_code)
    assert 0 == len(one.simulator.users)
