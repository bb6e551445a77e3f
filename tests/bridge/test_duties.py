"""What runs beside the lanes, put together as the product does it."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bridge import config
from bridge.clock import Clock
from bridge.duties import channels, duties, key_ends, limits, wake
from bridge.keys import new_secret
from bridge.store import alarms, lanes, outbox, ticks, wakeups
from bridge.store.database import Database
from bridge.store.outbox import State
from bridge.store.tables import backend
from tests.days import STARTED


@pytest.fixture
def configured(rig):
    """`configured('[alerts]…')`: the rig's own configuration, and these tables."""

    def configured(tables):
        rig.path.write_text(f"{rig.path.read_text()}\n{tables}")
        return config.load(rig.path)

    return configured


def test_an_alert_goes_its_whole_way(configured, database, rig, tmp_path):
    """From the cause to the file in the folder, without a hand."""
    loaded = configured('[alerts]\nfolder = "outbox"\nevery = 1')
    with database.change() as tx:
        tx.execute(
            backend.insert().values(
                name="main", paused_until=rig.clock.now() + timedelta(days=9),
                by_hand=False,
            )
        )  # fmt: skip
    keys = {"main": rig.clock.now() + timedelta(days=29)}
    running = duties(loaded, database, Clock(), channels(loaded), keys)
    running.start()
    until = time.monotonic() + 8
    while not list(rig.path.parent.glob("outbox/*.eml")):
        assert time.monotonic() < until, "no mail came"
        time.sleep(0.05)

    assert running.stop(within=5)
    [mail] = rig.path.parent.glob("outbox/*.eml")
    assert b"backend_paused" in mail.read_bytes()
    with database.read() as tx:
        assert {"wake", "watch"} == {kept.name for kept in ticks.all_kept(tx)}
        assert [State.SENT] == [one.state for one in outbox.newest(tx, 9, None)]
        topics = {one.topic for one in alarms.lasting(tx)}
    assert {"backend_paused", "key_expiring"} == topics


def test_only_keys_that_say_when_they_end_are_watched(rig):
    """A password does not; a key that ends does, by the name of its backend."""
    end = datetime(2028, 11, 13, tzinfo=UTC)
    [password] = rig.parts.backends.values()

    class Keyed:
        def describe(self):
            return replace(password.describe(), key_expires=end)

    assert {"keyed": end} == key_ends({"main": password, "keyed": Keyed()})


def test_nothing_configured_is_no_channel(rig):
    """And a watch all the same."""
    assert {} == channels(rig.parts.config)
    assert {"wake", "watch", "usage"} == set(limits(rig.parts.config).ticks)


def test_a_webhook_secret_that_will_not_do_is_said_at_the_start(configured, database):
    """With the table it stands in, and without the secret."""
    table = '[alerts.webhook]\nurl = "https://x.example"\nsecret = "whsec_short"'

    with pytest.raises(ValueError, match=r"alerts\.webhook") as told:
        channels(configured(table))
    assert "whsec_short" not in str(told.value)


def test_all_channels_of_a_configuration_are_there(configured):
    """One each."""
    loaded = configured(
        f"""
[mail]
host = "127.0.0.1"
security = "none"
from = "switchhook@example.com"
[alerts]
mail = ["ops@example.com"]
folder = "outbox"
webhook = {{ url = "https://x.example", secret = "whsec_{new_secret()}" }}
"""
    )

    assert {"mail", "folder", "webhook"} == set(channels(loaded))


def test_money_nobody_woke_goes_on_when_its_account_is_there(rig, monkeypatch):
    """U9: 0.1.0 may open the account beside us, and see no lane to wake."""
    # Guard off (only due dates are woken): red, it is held for ever.
    woken = lanes.wake

    def overlooked(tx, key, at, backend=None):
        if not key.startswith(lanes.INTAKE):
            woken(tx, key, at, backend)

    rig.topup("2")
    rig.run()
    rig.order()
    with monkeypatch.context() as opening:
        opening.setattr(lanes, "wake", overlooked)
        rig.run()
    held = rig.fates()
    wake(rig.database, rig.clock.now())
    rig.run()

    assert {"order": "done", "topup-2": "parked"} == held
    assert {"order": "done", "topup-2": "done"} == rig.fates()


def test_money_that_waits_with_good_reason_is_left_alone(rig):
    """U9: its client has no account yet, or it does not say which of two."""
    rig.topup("2", client="8")
    rig.order("1", id_="first", line="11", client="7")
    rig.order("2", id_="second", line="12", client="7")
    rig.run()
    rig.topup("3", client="7")
    rig.run()
    wake(rig.database, rig.clock.now())

    assert {"no_account_yet", "target_missing"} == {
        rig.why("topup-2"),
        rig.why("topup-3"),
    }
    assert rig.parts.runner.next_due() is None


def test_more_than_one_transaction_of_due_dates_is_woken(database: Database, clock):
    """After a long night all of it is worked off at once, a part at a time."""
    with database.change() as tx:
        for no in range(wakeups.TOGETHER + 5):
            wakeups.plan(tx, f"p:{no}", "period", f"acct_{no}", STARTED)
    wake(database, clock.now())

    with database.read() as tx:
        assert not wakeups.any_due(tx, clock.now())
