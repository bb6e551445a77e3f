"""`switchhook keys`: which there are, and how one takes another's place."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from bridge.cli import main
from bridge.store import sealed
from bridge.store.tables import account
from tests import offspring
from tests.bridge.cli.test_backend import running  # noqa: F401 - as a fixture
from tests.conftest import engine  # noqa: F401 - on both databases here
from tests.engines import on_sqlite
from tests.rig import KEY, Rig

NEXT = "the next install key: thirty-two bytes, and more"
MANY = 600
"""More than go into one commit."""


def switchhook(path, *arguments):
    return CliRunner().invoke(main, ["--config", str(path), *arguments])


def said(path, *arguments):
    result = switchhook(path, *arguments, "--json")
    [line] = result.stdout.splitlines()
    return json.loads(line), result.exit_code


def rotated(rig, key=NEXT, old=f'old_keys = ["{KEY}"]'):
    """The same configuration, with the next key."""
    text = rig.path.read_text()
    assert f'key = "{KEY}"' in text
    anew = rig.path.with_name("rotated.toml")
    anew.write_text(text.replace(f'key = "{KEY}"', f'key = "{key}"\n{old}', 1))
    return anew


def secrets(path):
    """Each password, by its account."""
    parts = Rig(path).parts
    with parts.database.read() as tx:
        place = sealed.PLACES["passwords"]
        return {
            one.about: parts.keys.unseal(one.value, one.about)
            for some in sealed.each(tx, place, 100)
            for one in some
        }


@pytest.fixture
def ordered(rig):
    rig.order()
    rig.order("2", id_="b", client="8", line="8")
    rig.run()
    return rig


def test_a_key_is_rotated_and_the_old_one_goes(ordered):
    """F-G2: listed, rotated, listed; then what is there opens without the old one."""
    before = secrets(ordered.path)
    path = rotated(ordered)
    [new, old, none], _ = said(path, "keys", "list")
    done, code = said(path, "keys", "rotate")
    after, _ = said(path, "keys", "list")

    assert [0, 0, 2] == [new["sealed"], old["sealed"], none["sealed"]]
    assert ["key", "old_keys", "no name"] == [w["where"] for w in (new, old, none)]
    assert {"key": new["key"], "resealed": 2, "left": 0, "unreadable": []} == done
    assert 0 == code
    assert [(new["key"], 2), (old["key"], 0)] == [
        (k["key"], k["sealed"]) for k in after
    ]
    assert before == secrets(rotated(ordered, old=""))


def test_in_words_it_says_when_the_old_key_may_go(ordered):
    """F-G2: and with one key, how a rotation is begun."""
    alone = switchhook(ordered.path, "keys", "rotate")
    done = switchhook(rotated(ordered), "keys", "rotate")

    assert 1 == alone.exit_code
    assert "write the new one into `key` and this one into `old_keys`" in alone.stderr
    assert 0 == done.exit_code
    assert "2 sealed anew: all is sealed with key" in done.stdout
    assert "in three days" in done.stdout
    assert KEY not in done.output
    assert NEXT not in done.output


def test_what_no_key_opens_is_said(ordered):
    """F-G2: exit code 1, and whose it is."""
    path = rotated(ordered, old=f'old_keys = ["{KEY[::-1]}"]')
    told, code = said(path, "keys", "rotate")
    result = switchhook(path, "keys", "rotate")

    assert 1 == code == result.exit_code
    assert sorted(secrets(ordered.path)) == sorted(told["unreadable"])
    assert "opens with none of the keys" in result.stderr
    assert "keep `old_keys`" in result.stdout


@on_sqlite
def test_a_bridge_that_was_not_started_anew_refuses(ordered, running):  # noqa: F811
    """F-G2: it could not open what is sealed with a key it does not know."""
    # Guard off (the running bridge is not asked for the key): red, it is rotated.
    before = secrets(ordered.path)
    ordered.database.close()
    running("serve")
    result = switchhook(rotated(ordered), "keys", "rotate")

    assert 1 == result.exit_code
    assert "was started without that key; start it anew first" in result.stderr
    assert before == secrets(ordered.path)


@on_sqlite
def test_beside_a_running_bridge_that_knows_it(ordered, running):  # noqa: F811
    """F-G2: it writes for us."""
    before = secrets(ordered.path)
    ordered.path.write_text(rotated(ordered).read_text())
    ordered.database.close()
    running("serve")
    told, code = said(ordered.path, "keys", "rotate")

    assert (0, 2) == (code, told["resealed"])
    assert before == secrets(ordered.path)


@pytest.mark.timeout(240)
def test_killed_in_the_middle_it_is_said_again(rig, keep_many):
    """F-G2: by SIGKILL, wherever that finds it; until it ends by itself."""
    keep_many(MANY)
    before = secrets(rig.path)
    path = rotated(rig)
    rig.database.close()
    kills = 0
    for patience in (0.9, 1.0, 1.1, 1.2, 1.4):
        child = subprocess.Popen(
            [sys.executable, "-m", "bridge.cli", "--config", str(path), "keys",
             "rotate"],
            stdout=subprocess.DEVNULL, env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        time.sleep(patience)
        kills += child.poll() is None
        offspring.stop(child, signal.SIGKILL, 5)
        assert before == secrets(path)
    told, code = said(path, "keys", "rotate")

    assert (0, 0) == (code, told["left"])
    assert before == secrets(rotated(rig, old=""))


@pytest.fixture
def keep_many(rig):
    """Accounts with a password each, as if they had been opened."""

    def build(count):
        with rig.database.change() as tx:
            rows = [
                {
                    "id": f"acct_{n}", "source": "shop", "backend": "main",
                    "currency": "USD", "username": f"sw{n}", "revision": 1,
                    "secret": rig.parts.keys.seal(f"pass-{n}", f"acct_{n}"),
                    "made_at": rig.clock.now(),
                }
                for n in range(count)
            ]  # fmt: skip
            tx.execute(sa.insert(account), rows)

    return build
