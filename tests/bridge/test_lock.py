"""One process per SQLite file: the second waits, gives up with a word, or goes on."""

import stat
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer

import pytest

from bridge.lock import Lock, Taken

ROOT = Path(__file__).parents[2]
HOLD = (
    "import sys; from bridge.lock import Lock; Lock(sys.argv[1]).take(); print('held');\
 sys.stdout.flush(); sys.stdin.read()"
)


@pytest.fixture
def database(tmp_path):
    return str(tmp_path / "own.db")


@pytest.fixture
def holder(database):
    """Another process that has it, and how to end that process."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, database],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert "held\n" == process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def test_a_second_process_is_refused_with_the_way_out(database, holder):
    """On SQLite one process writes: the other says which file, and what to stop."""
    with pytest.raises(Taken, match=r"own\.db\.lock.*stop that one first"):
        Lock(database).take(patience=0)


def test_a_folder_that_is_missing_is_named(tmp_path):
    """A slip in `database`: said with the way out, not as an error of the system."""
    with pytest.raises(LookupError) as caught:
        Lock(str(tmp_path / "no" / "own.db")).tried()

    assert "own.db.lock cannot be made (No such file or directory)" in str(caught.value)
    assert "the folder of the database must be there" in str(caught.value)


def test_a_killed_holder_leaves_no_lock_behind(database, holder):
    """However it ended: the system drops the lock, and nobody cleans up by hand."""
    holder.kill()
    holder.wait()
    lock = Lock(database)
    lock.take(patience=5)
    lock.drop()


def test_a_predecessor_that_is_stopping_is_waited_for(database):
    """A restart does not fail because the old process needs a moment longer."""
    first, second = Lock(database), Lock(database)
    first.take()
    Timer(0.1, first.drop).start()
    second.take(patience=5)

    with pytest.raises(Taken):
        first.take(patience=0)

    second.drop()


def test_patience_ends(database):
    """It waits as long as it was told, and then says so."""
    first = Lock(database)
    first.take()
    began = time.monotonic()
    with pytest.raises(Taken):
        Lock(database).take(patience=0.15)

    assert 0.15 <= time.monotonic() - began < 10
    first.drop()


def test_a_dropped_lock_may_be_dropped_again_and_taken_again(database):
    """Once for the work, once more for certain."""
    lock = Lock(database)
    for _ in range(2):
        lock.take(patience=0)
        lock.drop()
        lock.drop()


def test_a_refused_lock_can_be_tried_again(database):
    """A refusal leaves nothing open that would stand in the way later."""
    first, second = Lock(database), Lock(database)
    first.take()
    with pytest.raises(Taken):
        second.take(patience=0)
    first.drop()
    second.take(patience=0)
    second.drop()


def test_the_lock_file_is_the_owners_alone(database):
    """Beside the database, and nobody else can hold it against us."""
    lock = Lock(database)
    lock.take()
    mode = stat.S_IMODE(Path(f"{database}.lock").stat().st_mode)
    lock.drop()

    assert 0o600 == mode
