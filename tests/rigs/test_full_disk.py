"""F-E3: a disk with no room left, under a whole bridge, and room made again."""

import errno
import os
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from bridge.store.tables import operation
from provisioning.simulator import Settings
from tests import engines, offspring
from tests.matrix.invariants import violations
from tests.rig import random_names
from tests.rigs.fleet import Sender, all_at_once, fleet

SIZE, ROOM = 32 * 2**20, 256 * 2**10
CLIENTS, SENDERS = 6, 3
ENOUGH = 30
"""Refusals after which the disk is full enough."""

MOST = 6000


class Disk:
    """A small file system of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, but: int) -> None:
        """As when something else on the machine wrote and wrote."""
        with self._ballast.open("wb", buffering=0) as file:
            try:
                while file.write(b"\0" * 65536):
                    pass
            except OSError as full:
                if full.errno != errno.ENOSPC:
                    raise
            file.truncate(max(0, file.tell() - but))

    def make_room(self) -> None:
        self._ballast.unlink()


@pytest.fixture
def disk():
    """Only root mounts one."""
    if os.geteuid() != 0:
        pytest.skip("a file system of a test's own needs root")
    folder = offspring.own_folder("switchhook-disk")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", folder]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        folder.rmdir()
        pytest.skip("this machine lets nobody mount one")
    offspring.give(folder)
    yield Disk(folder)
    subprocess.run(["umount", "-l", folder], check=True)
    folder.rmdir()


@pytest.fixture(params=engines.NAMES)
def there(request, disk):
    """The address of a database on it."""
    if request.param == "sqlite":
        yield engines.SQLite(request.getfixturevalue("template")).new(disk.folder)
        return
    server = request.getfixturevalue("durable")
    place = disk.folder / "tables"
    place.mkdir()
    offspring.give(place)
    server.say(f"CREATE TABLESPACE small LOCATION '{place}'")
    server.say(f"CREATE DATABASE small TEMPLATE {engines.TEMPLATE} TABLESPACE small")
    yield server.url("small")
    server.drop("small")
    server.say("DROP TABLESPACE small")


def test_a_full_disk_is_answered_503_and_parks_and_loses_nothing(
    there, disk, host, tmp_path, record_property
):
    """Outcomes cannot be noted either; with room again it goes on without a hand."""
    names, instance = random_names(), f"disk-{next(engines.NUMBERS)}"
    simulator = host.new(instance, Settings(names=names))
    bridge = fleet(tmp_path, there, f"{host.url}/{instance}", names)
    try:
        bridge.start()
        answers = _until_full(bridge, disk)
        bridge.until_it_says("the database failed")
        time.sleep(2)
        disk.make_room()
        with Sender(bridge.port) as sender:
            for number, status in answers.items():
                if status == 503:
                    sender.topup(number % CLIENTS, str(number))
        bridge.until_done(CLIENTS + len(answers), within=60)
        bridge.stop()
        fates = Counter(bridge.asked(sa.select(operation.c.fate)))
        paid = Counter(payment.reference for payment in simulator.payments)
        broken = violations(bridge.database, simulator)
    finally:
        bridge.close()
    heard = Counter(answers.values())
    record_property(
        "figures", f"full disk: {heard[202]} taken in, {heard[503]} refused"
    )

    assert {202, 503} == set(heard)
    assert {"done": CLIENTS + len(answers)} == fates
    assert {f"shop:{number}/topup": 1 for number in answers} == paid
    assert [] == broken


def _until_full(bridge, disk) -> dict[int, int]:
    """What each top-up was answered, told once, until enough were refused."""
    answers: dict[int, int] = {}
    with Sender(bridge.port) as sender:
        for client in range(CLIENTS):
            sender.order(client)
    bridge.until_done(CLIENTS, within=30)
    disk.fill(but=ROOM)

    def send(first: int) -> None:
        with Sender(bridge.port) as sender:
            for number in range(first, MOST, SENDERS):
                if list(answers.values()).count(503) >= ENOUGH:
                    return
                answers[number] = sender.topup_once(number % CLIENTS, str(number))

    for thread in all_at_once(send, SENDERS):
        thread.join()
    return answers
