"""The verbs for umbrellas: spread over an account, listed, folded."""

import pytest

from tests.bridge.cli.test_cli import said, switchhook
from tests.bridge.cli.test_coupon import fleet as fleet  # noqa: PLC0414 - a fixture
from tests.bridge.seen import levels

BECAUSE = ("--because", "a special offer")


def spread(rig, *more):
    return ("umbrella", "spread", "ten", "shop:1", *more, *BECAUSE)


def test_an_umbrella_is_spread_listed_and_folded(fleet):
    """S4: every plan of the account is as good as that rank, while it acts."""
    rig, simulator = fleet
    told, code = said(rig.path, *spread(rig))
    rig.run()
    raised = levels(simulator)[1]
    [acts] = said(rig.path, "umbrella", "list", "shop:1")[0]
    folded, _ = said(rig.path, "umbrella", "fold", "ten", "shop:1")
    rig.run()

    assert (0, rig.account().id, rig.account().id) == (
        code, told["account"], folded["account"]
    )  # fmt: skip
    assert ("ten", True, None, "a special offer") == (
        acts["umbrella"], acts["acts"], acts["until"], acts["because"]
    )  # fmt: skip
    assert (10, 5) == (raised, levels(simulator)[1])


def test_people_read_how_long_it_acts(fleet):
    """S4: until a day, or for good; and what acts, in a table."""
    rig, _ = fleet
    empty = switchhook(rig.path, "umbrella", "list", "shop:1").stdout
    dated = switchhook(rig.path, *spread(rig, "--until", "2999-12-24")).stdout
    shown = switchhook(rig.path, "umbrella", "list", "shop:1").stdout
    folded = switchhook(rig.path, "umbrella", "fold", "ten", "shop:1").stdout
    id_ = rig.account().id

    assert ("none\n", True) == (empty, "a special offer" in shown)
    assert f"it acts on {id_} until 2999-12-24 00:00 UTC\n" == dated
    assert f"it acts on {id_} no longer\n" == folded


@pytest.mark.parametrize(
    ("verb", "says"),
    [
        (("spread", "eleven", "shop:1", *BECAUSE), "there is: ten"),
        (
            ("spread", "ten", "shop:1", "--until", "2020-01-01", *BECAUSE),
            "2020-01-01 00:00 UTC is past",
        ),
        (("spread", "ten", "shop:9", *BECAUSE), "no account or service shop:9"),
        (("fold", "ten", "shop:1"), 'no umbrella "ten" acts'),
    ],
)
def test_a_slip_is_said_with_the_way_out(fleet, verb, says):
    """S4: and nothing acts."""
    rig, _ = fleet
    result = switchhook(rig.path, "umbrella", *verb)

    assert (1, True) == (result.exit_code, says in result.stderr)
    assert () == rig.account().umbrellas
