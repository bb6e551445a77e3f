"""The catalog in the database: what is applied counts at once, in every process, and
never for those who bought before."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge import config, lifecycle, orders
from bridge.clock import Clock
from bridge.editions import DIFFERS, Editions, written_of
from bridge.parts import assemble
from bridge.store import accounts, catalogs
from bridge.store.tables import catalog, service
from provisioning.core.account import Service
from provisioning.core.digest import digest
from provisioning.core.outcomes import Later
from tests.bridge.seen import hours, levels, paid
from tests.rig import Rig

MORE = {"channels = 5": "channels = 9", '"5.00 USD"': '"9.00 USD"'}
"""`starter` by newer terms."""


@pytest.fixture
def sold(pair):
    """Somebody bought by the terms of before; the file says others by now."""
    rig, simulator = pair
    rig.order()
    rig.run()
    text = rig.path.read_text()
    for old, new in MORE.items():
        text = text.replace(old, new, 1)
    rig.path.write_text(text)
    return rig, simulator


def row(rig, ref="shop:1"):
    with rig.database.read() as tx:
        found = tx.execute(sa.select(service).where(service.c.ref == ref))
        return found.one()


def applied(rig):
    with rig.database.read() as tx:
        return catalogs.history(tx)


def channels(simulator):
    return sorted(user.channels for user in simulator.users.values())


def renew(rig):
    """The month after the first is paid for."""
    rig.wait(timedelta(days=31).total_seconds())
    begins = hours(30 * 24).isoformat()
    rig.post(
        "renewed", "service.renewed", rig.clock.now(),
        service={"ref": "1", "period_start": begins}, billing={"line_ref": "r2"},
    )  # fmt: skip
    rig.run()


def test_the_first_start_makes_what_is_written_current(pair):
    """I3: whoever does not care for versions has nothing to do."""
    rig, _ = pair
    [first] = applied(rig)

    assert (rig.parts.config.catalog.version, "the first start") == (
        first.version, first.by,
    )  # fmt: skip


def test_what_is_written_later_is_told_and_not_sold(sold, caplog):
    """I3: a restart alone changes nothing of what customers get."""
    # Guard off (`begin` applies what is written): red.
    rig, simulator = sold
    again = Rig(rig.path, rig.clock)
    again.order("2", id_="second", line="2", client="8")
    again.run()

    assert DIFFERS in caplog.text
    assert [5, 5] == channels(simulator)
    assert 1 == len(applied(rig))


def test_what_is_applied_is_sold_at_once_by_a_process_that_runs(sold):
    """I3, U8: no restart; the process that took it in before has the old file."""
    # Guard off (the current version not asked for with each load): red.
    rig, simulator = sold
    rig.sells()
    rig.order("2", id_="second", line="2", client="8")
    rig.run()

    assert [5, 9] == channels(simulator)
    assert {"5.00", "9.00"} == {amount for _, amount in paid(simulator)}
    assert rig.parts.config.catalog.version != rig.parts.catalog.version


def test_who_bought_before_keeps_what_he_bought(sold):
    """I3: limits and free credit, in a process that never saw the old file."""
    # Guard off (older editions not loaded): red.
    rig, simulator = sold
    rig.sells()
    again = Rig(rig.path, rig.clock)
    renew(again)
    again.wake_all()
    again.run()

    assert ["5.00", "5.00"] == [amount for _, amount in paid(simulator)]
    assert (True, 5, "1") == levels(simulator)
    assert rig.parts.config.catalog.version == row(rig).version


def test_another_plan_is_by_the_terms_of_today(sold):
    """I3: changed away and back, it is sold as it is sold now."""
    rig, simulator = sold
    rig.sells()
    for no, plan in enumerate(("plain", "starter"), 1):
        rig.post(f"to-{plan}", "service.change", hours(no),
                 service={"ref": "1", "plan_ref": plan})  # fmt: skip
    rig.run()

    assert (True, 9, "1") == levels(simulator)
    assert rig.parts.catalog.version == row(rig).version


def test_what_a_version_without_catalogs_sold_is_noted_before_the_next(sold):
    """U8: a process of 0.1.0 beside us notes none; it was sold by what was current."""
    # Guard off (`_pin` not said): red.
    rig, simulator = sold
    with rig.database.change() as tx:
        tx.execute(sa.update(service).values(version=None))
    rig.sells()
    rig.wake_all()
    rig.run()

    assert (True, 5, "1") == levels(simulator)
    assert applied(rig)[-1].version == row(rig).version


def test_a_worker_that_loaded_it_before_does_not_unsay_it(sold):
    """U8: what it knew of the version was nothing."""
    # Guard off (no coalesce in `SAVE_SERVICE`): red.
    rig, _ = sold
    with rig.database.change() as tx:
        tx.execute(sa.update(service).values(version=None))
        before = accounts.load(tx, rig.account().id)
    rig.sells()
    changed = before.with_service(replace(before.services[0], quantity=2))
    with rig.database.change() as tx:
        accounts.save(tx, before, changed)

    assert applied(rig)[-1].version == row(rig).version


@pytest.mark.parametrize(
    ("now", "before", "after"),
    [(True, (9, "5.00"), (9, "9.00")), (False, (5, "5.00"), (9, "9.00"))],
    ids=["now", "with the next renewal"],
)
def test_a_package_is_moved_to_the_current_terms(sold, now, before, after):
    """I3: its limits at once or with the renewal; what was granted is granted."""
    rig, simulator = sold
    rig.sells()
    told = moved(rig, now=now)
    rig.run()

    assert {"moved": 1, "last": "shop:1"} == told
    assert before == (levels(simulator)[1], paid(simulator)[-1][1])

    renew(rig)

    assert after == (levels(simulator)[1], paid(simulator)[-1][1])
    assert (rig.parts.catalog.version, None) == (row(rig).version, row(rig).moves_to)
    assert {"moved": 0, "last": None} == moved(rig, now=now)


def moved(rig, *, now):
    said = {"package": "starter", "to": rig.parts.catalog.version, "now": now,
            "after": "", "most": 10}  # fmt: skip
    return orders.carry_out(rig.database, rig.clock, "catalog.move", said)


def test_a_move_is_not_lost_to_who_loaded_it_before(sold):
    """U8: he has to load it anew."""
    # Guard off (the account's revision left as it is): red.
    rig, _ = sold
    rig.sells()
    before = rig.account()
    moved(rig, now=False)
    changed = before.with_service(replace(before.services[0], quantity=2))

    with pytest.raises(accounts.Moved), rig.database.change() as tx:
        accounts.save(tx, before, changed)


def test_only_what_runs_of_that_package_is_moved(sold):
    """I3: nothing that has ended, and nothing else."""
    rig, _ = sold
    rig.order("2", id_="second", line="2", client="8", package="plain")
    rig.order("3", id_="third", line="3", client="9")
    rig.run()
    rig.say("terminate", "3", at=hours(1), id_="end")
    rig.run()
    rig.sells()

    assert 1 == moved(rig, now=True)["moved"]
    assert row(rig, "shop:1").version != row(rig, "shop:2").version
    assert row(rig, "shop:2").version == row(rig, "shop:3").version
    with rig.database.read() as tx:
        assert {1} == set(catalogs.running(tx).values())


def test_what_is_applied_is_what_was_compared(sold):
    """U10: two operators at once: the second is told, and nothing is done."""
    rig, _ = sold
    file = config.load(rig.path).catalog
    said = {"version": file.version, "content": written_of(file), "was": "another",
            "by": "x"}  # fmt: skip

    told = orders.carry_out(rig.database, rig.clock, "catalog.apply", said)

    assert {"applied": None} == told
    assert 1 == len(applied(rig))


@pytest.mark.parametrize("content", ["", '["Edition",{}]', '["Other",{}]'])
def test_terms_that_are_not_what_their_version_says_are_refused(pair, content):
    """I3: nothing half understood is ever sold."""
    rig, _ = pair
    said = {"version": digest("x"), "content": content,
            "was": rig.parts.catalog.version, "by": "x"}  # fmt: skip

    with pytest.raises(LookupError, match="reads those terms otherwise"):
        orders.carry_out(rig.database, rig.clock, "catalog.apply", said)


def test_the_same_terms_may_be_current_again(sold):
    """I3: back to before, by the same version."""
    rig, _ = sold
    first = rig.path.read_text()
    rig.sells()
    for old, new in MORE.items():
        first = first.replace(new, old, 1)
    rig.path.write_text(first)
    rig.sells()
    third, second, one = applied(rig)

    assert one.version == third.version != second.version
    assert rig.parts.catalog == rig.parts.config.catalog


def test_an_account_sold_by_terms_nobody_knows_waits(sold):
    """I3: nothing is guessed where money and limits depend on it."""
    # Guard off (`_gone` not asked): red.
    rig, simulator = sold
    with rig.database.change() as tx:
        tx.execute(sa.update(service).values(version="lost"))
    rig.topup("2")
    rig.run()

    assert ("accepted", "later") == (rig.fates()["topup-2"], rig.why("topup-2"))
    assert 1 == len(paid(simulator))


def test_terms_of_a_newer_program_are_left_to_it(pair):
    """U8: what cannot be read whole is not worked by."""
    rig, _ = pair
    with rig.database.change() as tx:
        tx.execute(
            sa.update(catalog).values(version="new", content='["Edition",{"a":1}]')
        )
    rig.order()
    rig.run()
    editions = Editions(rig.parts.config.catalog)

    with (
        pytest.raises(Later, match="written by another version"),
        rig.database.read() as tx,
    ):
        editions.now(tx)
    assert "done" != rig.fates()["order"]


def test_the_backends_of_a_group_are_those_of_today(pair):
    """U7: also of what was sold by older terms."""
    rig, _ = pair
    file = rig.parts.config.catalog
    packages = {n: replace(p, backend="voice") for n, p in file.packages.items()}
    grouped = replace(file, packages=packages)
    with rig.database.change() as tx:
        catalogs.apply(tx, grouped.version, written_of(grouped), "x", None,
                       rig.clock.now())  # fmt: skip
        now = Editions(file, {"voice": ("main", "new")}).now(tx)
        older = now.package_of(Service("shop:1", "starter", version=grouped.version))

    assert ("main", "new") == now.packages["starter"].backends == older.backends
    assert grouped.version == now.version


def test_an_order_for_a_backend_added_since_waits_for_a_restart(pair):
    """U7: it is opened by a process that knows the backend, and never parked."""
    rig, simulator = pair
    file = rig.parts.config.catalog
    packages = {n: replace(p, backend="new") for n, p in file.packages.items()}
    added = replace(file, packages=packages)
    with rig.database.change() as tx:
        catalogs.apply(tx, added.version, written_of(added), "x", None, rig.clock.now())
    rig.order()
    rig.run()

    assert "accepted" == rig.fates()["order"]
    assert not simulator.users


def test_the_terms_are_read_once(pair, monkeypatch):
    """V9: with each load only the current version's name is asked for."""
    rig, _ = pair
    read = []
    monkeypatch.setattr(catalogs, "contents", lambda _tx, v: read.append(v) or {})
    editions = Editions(rig.parts.config.catalog)
    with rig.database.read() as tx:
        first = editions.now(tx)
        second = editions.now(tx)

    assert first is second
    assert len(read) <= 2


def test_an_empty_database_begins_once_however_many_start(pair):
    """U8: the second finds it current."""
    rig, _ = pair
    other = Rig(rig.path, Clock())

    assert 1 == len(applied(rig)) == len(applied(other))
    assert not other.parts.editions.differs(other.database)


def test_the_bridge_begins_before_it_works(pair):
    """I3: a worker on an empty database has current terms from its first order on."""
    # Guard off (`begin` not said in `lifecycle.work`): red.
    rig, _ = pair
    with rig.database.change() as tx:
        tx.execute(sa.delete(catalog))
    parts = assemble(config.load(rig.path))
    stop = lifecycle.work(parts)
    stop()
    parts.database.close()

    assert 1 == len(applied(rig))
