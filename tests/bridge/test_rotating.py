"""Secrets of sources change while events come in."""

import json
import time

import pytest
from click.testing import CliRunner

from bridge import config, rotating
from bridge.cli import main
from bridge.cli.act import Sender
from bridge.keys import Keys
from bridge.platforms import signature
from bridge.store import audit, sealed, secrets
from tests.engines import on_sqlite
from tests.rig import SECRET, Rig

OLD = signature.keys("shop", [SECRET])[0]
DAY = 86400.0


def rotate(rig, days=7.0, source="shop"):
    """What to sign with from now on."""
    ring, new = rig.parts.rings[source], rotating.new(rig.parts.keys)
    said = rotating.ordered(ring, new, days * DAY, "a test", rig.clock.wall())
    rig.order_by_hand("source.rotate", because="a test", **said)
    time.sleep(2 * rotating.DOUBTED)  # nobody pastes it faster
    return rotating.raw(new)


def sent(rig, key, id_):
    """How a delivery that is signed so is answered."""
    rig._key = key
    return rig.topup(id_, id_=f"topup-{id_}").status_code


def test_nothing_is_refused_while_both_hold_and_all_of_the_old_afterwards(opened):
    """U12: rotated while deliveries come: 0 refused before the end, 100 % after."""
    # Guard off (holds says yes): red, the old one is taken after its end.
    rig, _ = opened
    new = rotate(rig)
    during = [sent(rig, key, f"{n}") for n in range(10) for key in (OLD, new)]
    rig.wait(7 * DAY - 120)
    last = [sent(rig, key, f"last-{n}") for n in range(3) for key in (OLD, new)]
    rig.wait(120)
    after = [sent(rig, OLD, f"after-{n}") for n in range(10)]

    assert {200, 202} >= {*during, *last}
    assert {401} == set(after)
    assert 202 == sent(rig, new, "new")


def test_another_process_takes_the_new_one_at_once(opened):
    """It need not be told: what does not fit is looked up anew."""
    # Guard off (no second look): red, 401 within the first second.
    rig, _ = opened
    other = Rig(rig.path, rig.clock)
    assert 202 == sent(other, OLD, "before")
    new = rotate(rig)

    assert 202 == sent(other, new, "at-once")


def test_an_overlap_of_nothing_ends_the_old_one_at_once(opened):
    """Where somebody knows it who should not."""
    # In this process; in others within a second.
    rig, _ = opened
    new = rotate(rig, days=0)
    rig.parts.rings["shop"]._read_at = float("-inf")

    assert (401, 202) == (sent(rig, OLD, "1"), sent(rig, new, "2"))


def test_an_overlap_is_ended_early(opened):
    """By a person who sees that nobody signs with the old one any more."""
    rig, _ = opened
    new = rotate(rig)
    said = {"source": "shop", "now": rig.clock.wall().isoformat(), "because": "known"}
    rig.order_by_hand("source.end_overlap", **said)
    rig.parts.rings["shop"]._read_at = float("-inf")

    assert (401, 202) == (sent(rig, OLD, "1"), sent(rig, new, "2"))
    with pytest.raises(LookupError, match="no old secret"):
        rig.order_by_hand("source.end_overlap", **said)


def test_a_secret_opens_for_its_own_row_alone(opened):
    """Sealed, and bound to the row: put into another's, it opens nothing."""
    rig, _ = opened
    rotate(rig)
    with rig.database.change() as tx:
        [kept] = secrets.made(tx, "shop")
        tx.execute(secrets.source_secret.update().values(id="another"))

    assert b"whsec" not in (kept.sealed or b"")
    assert {OLD} == set(rig.parts.rings["shop"](rig.clock.wall(), True))


def test_four_at_most_hold_at_the_same_time(opened):
    """More would be a key for everybody who ever left."""
    rig, _ = opened
    for _ in range(3):
        rotate(rig)

    with pytest.raises(LookupError, match="end the overlap first"):
        rotate(rig)


def test_what_is_over_is_forgotten(opened):
    """Nobody can sign with what is kept no more."""
    rig, _ = opened
    rotate(rig, days=1)
    rotate(rig, days=1)
    rig.wait(2 * DAY)
    rotate(rig, days=1)
    with rig.database.read() as tx:
        made = secrets.made(tx, "shop")

    assert [True, False, False] == [one.sealed is None for one in made]


def test_neither_audit_nor_database_tells_it(opened):
    """A canary: the text is nowhere but with who made it."""
    rig, _ = opened
    ring, new = rig.parts.rings["shop"], rotating.new(rig.parts.keys)
    said = rotating.ordered(ring, new, DAY, "a test", rig.clock.wall())
    rig.order_by_hand("source.rotate", because="a test", **said)
    with rig.database.snapshot() as tx:
        kept = [str(one) for one in secrets.made(tx, "shop")]
        notes = [str(one) for one in audit.every(tx)]

    assert not any(new.text[6:] in text for text in (*kept, *notes))
    assert not any(said["sealed"] in text for text in notes)


@on_sqlite
def test_the_verb_prints_it_once_and_lists_marks(opened):
    """What to paste, until when the old one holds, and never a secret again."""
    rig, _ = opened
    run = ["--config", str(rig.path), "source"]
    rotated = CliRunner().invoke(
        main, [*run, "rotate", "shop", "--because", "a year", "--json"]
    )
    told = json.loads(rotated.stdout)
    listed = CliRunner().invoke(main, [*run, "secrets", "shop", "--json"]).stdout
    key = signature.keys("shop", [told["text"]])[0]
    rig.parts.rings["shop"]._read_at = float("-inf")

    assert 202 == sent(rig, key, "1")
    assert told["text"] == told["there"]["secret"]
    assert told["text"] not in listed
    assert [True, True] == [one["holds"] for one in json.loads(listed)]


@on_sqlite
def test_the_trigger_signs_with_what_holds(opened):
    """`switchhook trigger` is a platform of our own: it goes by the rotation, too."""
    rig, _ = opened
    new = rotate(rig, days=0)

    assert new == Sender(config.load(rig.path), "shop", None)._key


def test_the_install_key_may_change_in_between(opened):
    """What was over stays over, and what holds is sealed by the new key as well."""
    # Guard off (marks made by the install key): red, the old one opens again.
    rig, _ = opened
    new = rotate(rig, days=0)
    ring = rig.parts.rings["shop"]
    keys = Keys(b"another install key, of thirty-two bytes", (ring.keys.install,))
    later = rotating.Ring("shop", ring.own, keys, rig.database)

    assert [new] == later(rig.clock.wall(), True)
    assert "sources' secrets" in sealed.PLACES
