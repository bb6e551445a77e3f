"""What a person can order by name: who is told no, and in which words."""

import pytest

from bridge import orders


def order(rig, name, **said):
    return orders.carry_out(rig.database, rig.clock, name, said)


def test_an_order_of_another_version_is_told_so(rig):
    """R1: the command line is newer than the process that runs."""
    with pytest.raises(LookupError, match="this version knows no order moon"):
        order(rig, "moon.fly")


@pytest.mark.parametrize(
    "said", [{}, {"backend": "main", "loudly": True}, {"tx": None, "backend": "main"}]
)
def test_an_order_said_otherwise_is_told_so(rig, said):
    """R1: of another version: it is not half done, and no fault of ours."""
    # Guard off (not compared with what it takes): red, TypeError.
    with pytest.raises(LookupError, match=r"reads order backend\.resume otherwise"):
        order(rig, "backend.resume", **said)


def test_what_is_not_paused_cannot_be_resumed(rig):
    """U8: a slip is said, with where to look."""
    with pytest.raises(
        LookupError, match="main is not paused; see `switchhook backend"
    ):
        order(rig, "backend.resume", backend="main")


def test_a_pause_is_said_with_its_end(rig):
    """U8: None, where only a person ends it."""
    hour = order(rig, "backend.pause", backend="main", seconds=3600, because="x")
    ever = order(rig, "backend.pause", backend="main", seconds=None, because="x")

    assert hour["until"] > rig.clock.now().isoformat()
    assert {"paused": "main", "until": None} == ever
    assert {"resumed": "main"} == order(rig, "backend.resume", backend="main")


def test_an_order_that_cannot_be_leaves_everything_as_it_was(rig):
    """U8: one transaction, all of it or nothing."""
    for name, said in {
        "unsure.resolve": {"attempt": 9, "arrived": True, "because": "x"},
        "unsure.release": {"account": "acct_x", "because": "x"},
        "event.retry": {"operation": "op_x"},
        "delivery.retry": {"delivery": 9},
    }.items():
        with pytest.raises(LookupError, match="there is no"):
            order(rig, name, **said)
