"""The socket beside the database: whose it is, and what cannot put it out of order."""

import json
import socket
import stat
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bridge import hatch
from bridge.hatch import Hatch, ask

PATIENT = 10.0
"""Seconds: more than a busy machine needs for one answer."""


def echo(order, said):
    if order == "no":
        raise LookupError("there is no such thing; look elsewhere")
    if order == "bug":
        raise ZeroDivisionError
    if order == "slow":
        time.sleep(said["seconds"])
    return {"order": order, **said}


@pytest.fixture
def database(tmp_path):
    """The file it lies beside."""
    return str(tmp_path / "bridge.db")


@pytest.fixture
def opened(database):
    open_ = Hatch(database, echo)
    open_.start()
    yield open_
    open_.stop(within=5)


@contextmanager
def calling(database):
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(5)
        caller.connect(f"{database}.sock")
        yield caller


def answered(database, line):
    """What it says to these very bytes; nothing where it hung up."""
    with calling(database) as caller:
        with suppress(BrokenPipeError, ConnectionResetError):
            caller.sendall(line)
        with suppress(ConnectionResetError):
            return caller.makefile().readline()
        return ""


def test_the_socket_is_its_owners_alone(opened, database):
    """U8: whoever may connect may move money: nobody else may."""
    # Guard off (no umask): red.
    mode = Path(f"{database}.sock").stat().st_mode

    assert stat.S_ISSOCK(mode)
    assert 0o600 == stat.S_IMODE(mode)


def test_one_order_after_another_is_carried_out(opened, database):
    """U8: each has its own answer."""
    assert {"order": "a", "n": 1} == ask(database, "a", {"n": 1})
    assert {"order": "b", "n": 2} == ask(database, "b", {"n": 2})


def test_a_no_is_told_in_words(opened, database):
    """U8: as if it had been said by the verb itself."""
    with pytest.raises(LookupError, match="no such thing; look elsewhere"):
        ask(database, "no", {})


def test_a_fault_of_ours_is_said_so_and_shows_nothing(opened, database):
    """U8: its kind, and where to look; the next order is heard."""
    with pytest.raises(LookupError, match=r"went wrong here \(ZeroDivisionError\)"):
        ask(database, "bug", {})

    assert {"order": "a"} == ask(database, "a", {})


def test_nobody_there_is_said_so(database):
    """U8: and what to do instead."""
    with pytest.raises(LookupError, match=r"does not answer at .* stop that one first"):
        ask(database, "a", {})


def test_the_socket_a_dead_process_left_is_replaced(database):
    """U8: killed, it had no time to take it away."""
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(f"{database}.sock")
    dead.close()
    next_ = Hatch(database, echo)
    next_.start()

    assert {"order": "a"} == ask(database, "a", {})
    assert next_.stop(within=5)
    assert not Path(f"{database}.sock").exists()


def test_a_deep_folder_is_no_hindrance(tmp_path):
    """U8: a socket's name has 108 bytes; a folder may have more."""
    # Guard off (bound by its whole path): red, "AF_UNIX path too long".
    deep = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 8)
    deep.mkdir(parents=True)
    database = str(deep / "bridge.db")
    open_ = Hatch(database, echo)
    open_.start()
    told = ask(database, "a", {})

    assert len(database) > 200
    assert {"order": "a"} == told
    assert open_.stop(within=5)


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"hello\n",
        b"\xff\xfe\n",
        b"[]\n",
        b'"order"\n',
        b"{}\n",
        b'{"order": "a"}\n',
        b'{"order": 1, "said": {}}\n',
        b'{"order": "a", "said": []}\n',
        b"[" * 60_000 + b"\n",
    ],
)
def test_what_is_no_order_is_told_so_and_harms_nobody(opened, database, line):
    """U8: the next one is heard."""
    # Guard off (only OSError is caught): red, the thread is gone.
    told = json.loads(answered(database, line))

    assert "this is no order" in told["error"]
    assert {"order": "a"} == ask(database, "a", {})


@pytest.mark.parametrize("line", [b"x" * 200_000, b'{"order": "a"', b""])
def test_half_and_endless_lines_harm_nobody(opened, database, line, monkeypatch):
    """U8: cut off in time and in length; the next one is heard."""
    monkeypatch.setattr(hatch, "HEARING", 0.1)
    answered(database, line)

    assert {"order": "a"} == ask(database, "a", {})


def test_who_hangs_up_before_the_answer_harms_nobody(opened, database):
    """U8: Ctrl-C at the command line; what was ordered is done all the same."""
    with calling(database) as caller:
        caller.sendall(b'{"order": "slow", "said": {"seconds": 0.1}}\n')

    assert {"order": "a"} == ask(database, "a", {})


def test_who_says_nothing_holds_up_nobody(opened, database, monkeypatch):
    """U8: however many; each has a thread of its own, and two seconds."""
    # Guard off (one after the other): red, half a minute each.
    monkeypatch.setattr(hatch, "HEARING", 30.0)
    began = time.monotonic()
    with calling(database), calling(database), calling(database) as third:
        third.sendall(b'{"ord')
        told = ask(database, "a", {})

    assert {"order": "a"} == told
    assert time.monotonic() - began < PATIENT


def test_more_callers_than_places_wait_a_little(opened, database, monkeypatch):
    """U8: who says nothing has to go when its time is over."""
    monkeypatch.setattr(hatch, "HEARING", 0.2)
    callers = [socket.socket(socket.AF_UNIX) for _ in range(hatch.CALLERS + 2)]
    for caller in callers:
        caller.connect(f"{database}.sock")
    began = time.monotonic()
    told = ask(database, "a", {})
    took = time.monotonic() - began
    for caller in callers:
        caller.close()

    assert {"order": "a"} == told
    assert took < PATIENT


def test_a_drip_is_not_heard_for_ever(opened, database, monkeypatch):
    """U8: the time is for the whole line, not for each byte."""
    # Guard off (the time begins anew with each piece): red.
    monkeypatch.setattr(hatch, "HEARING", 0.2)
    began = time.monotonic()
    with calling(database) as caller, suppress(OSError):
        while time.monotonic() - began < 2 * PATIENT:
            caller.sendall(b"x")
            time.sleep(0.02)

    assert time.monotonic() - began < PATIENT


def test_a_stop_waits_for_the_order_under_way(database):
    """F-A4: who was heard is answered; nobody new is heard."""
    open_ = Hatch(database, echo)
    open_.start()
    told = []
    order = {"seconds": 0.3}
    caller = threading.Thread(target=lambda: told.append(ask(database, "slow", order)))
    caller.start()
    time.sleep(0.1)
    ended = open_.stop(within=5)
    caller.join()

    assert ended
    assert [{"order": "slow", "seconds": 0.3}] == told
    with pytest.raises(LookupError):
        ask(database, "a", {})
