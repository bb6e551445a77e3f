"""What runs leave in memory is cleared away, and never under a run that goes on."""

import fcntl
import os

import pytest

from tests import memory
from tests.offspring import forget, own_folder, reachable


@pytest.fixture
def made(tmp_path):
    """`folder, held = made()`: as another run has it for hours."""
    holding = []

    def build():
        folder, held = memory.hold(tmp_path)
        holding.append(held)
        (folder / "left").write_text("x")
        os.utime(folder, (0, 0))
        return folder, held

    yield build
    for held in holding:
        os.close(held)


def test_what_a_run_left_is_cleared_away_and_only_that(made, tmp_path):
    """A run that goes on keeps its own; what is no run's is not touched."""
    # Guard off (whoever holds it is not asked): red, the run's is gone.
    other = tmp_path / "another"
    other.mkdir()
    left, held = made()
    running, _ = made()
    fcntl.flock(held, fcntl.LOCK_UN)  # as if it had been killed
    memory.sweep(tmp_path)

    assert not left.exists()
    assert (running / "left").exists()
    assert other.exists()


def test_what_was_just_made_is_left_alone(tmp_path):
    """It is held a moment later."""
    # Guard off (no look at its age): red, it is gone.
    young = tmp_path / f"{memory.NAME}young"
    young.mkdir()
    memory.sweep(tmp_path)

    assert young.exists()


def test_what_a_run_takes_along_meanwhile_is_no_fault(tmp_path, monkeypatch):
    """Many runs begin and end at once."""
    # Guard off (nothing is suppressed): red, the run does not begin.
    gone = tmp_path / f"{memory.NAME}gone"
    monkeypatch.setattr(memory.Path, "glob", lambda *_: [gone])
    memory.sweep(tmp_path)

    assert not gone.exists()


@pytest.mark.parametrize(
    ("free", "so"), [(memory.ROOM, True), (memory.ROOM - 1, False)]
)
def test_without_room_the_disk_is_taken(tmp_path, monkeypatch, free, so):
    usage = memory.shutil._ntuple_diskusage(1 << 40, 0, free)
    monkeypatch.setattr(memory.shutil, "disk_usage", lambda _: usage)

    assert so == memory.roomy(tmp_path)
    assert not memory.roomy(tmp_path / "nothing")


def test_servers_of_another_user_reach_it():
    """Where the tests run as root."""
    # Guard off (the folder as it is made): red.
    place = own_folder("switchhook-memory")
    folder, held = memory.hold(place)
    os.close(held)

    assert reachable(folder)
    forget(place)
