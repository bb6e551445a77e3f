"""What a person can order by name: who is told no, and in which words."""

import pytest

from bridge import deciding, orders
from bridge.store import accounts
from tests.engines import on_postgresql


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


@on_postgresql
def test_an_order_that_met_a_worker_is_carried_out_all_the_same(opened, monkeypatch):
    """U9: somebody saved the account between its being read and being written."""
    rig, _ = opened
    account = rig.account()

    def load(tx, id_, usual=accounts.load):
        found = usual(tx, id_)
        monkeypatch.setattr(accounts, "load", usual)
        with rig.database.change() as other:
            deciding.release(other, id_, "looked at", rig.clock.now())
        return found

    monkeypatch.setattr(accounts, "load", load)
    told = order(rig, "unsure.release", account=account.id, because="mended")

    # Guard off (tried once): red, Moved.
    assert {"released": account.id} == told
    assert "mended" == rig.account().trusted_because
    assert account.revision + 2 == rig.account().revision


def test_an_order_that_always_clashes_says_so(opened, monkeypatch):
    """U9: nothing was done; the way out is to say it again."""
    rig, _ = opened

    def moved(*_told, **_more):
        raise accounts.Moved("account acct_x is no longer at revision 1")

    monkeypatch.setattr(deciding, "release", moved)

    with pytest.raises(LookupError, match="nothing was done; say it again"):
        order(rig, "unsure.release", account="acct_x", because="x")
