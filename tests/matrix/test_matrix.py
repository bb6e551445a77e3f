"""Power cuts at every boundary, with every fault: nothing lost, nothing doubled.

Each case runs in processes of its own, on a real database file, over real sockets.
"""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bridge.store.database import Database
from provisioning.simulator import Settings
from tests.matrix.asking import Nursery
from tests.matrix.cases import (
    NEVER,
    NO_FAULT,
    REFUSING,
    RESENT,
    VERBS,
    Case,
    named,
    pairwise,
    whole,
)
from tests.matrix.child import ANSWERED
from tests.matrix.invariants import doubles, violations, writes
from tests.matrix.nursery import AT_ONCE
from tests.rig import random_names, write_config

pytestmark = pytest.mark.timeout(3600)

DEADLINE, LATE, SETTLE = 0.3, 0.6, 3.0
"""Seconds. What a busy machine carries out late has to land in the window too."""

TEETH = {"at_once": 8, "deadline": 1.5}
"""Where no window forgives that a busy machine makes other answers late."""

KILLED = -9
RATE = "0.001"
"""With a rate known, an empty look can say absent; calls are not running here."""


@dataclass
class Report:
    case: Case
    reached: bool = True
    violations: list[str] = field(default_factory=list)
    doubled: bool = False
    person: bool = False


@dataclass
class Stage:
    """Runs cases, many at once: they mostly wait for windows to end."""

    host: object
    template: Path
    folder: Path
    nursery: Nursery

    def run(self, cases: list[Case], at_once=AT_ONCE, **how) -> list[Report]:
        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(lambda case: self._one(case, **how), cases))

    def _one(
        self, case, *, deadline=DEADLINE, settle=SETTLE, late=LATE, blindly=False
    ) -> Report:
        name = f"{'blind ' if blindly else ''}{settle} {case.name}"
        instance = f"matrix-{abs(hash(name))}"
        names = random_names()
        listed = Settings(names=names, payments_listed=case.listed)
        simulator = self.host.new(instance, listed)
        folder = self.folder / instance
        folder.mkdir()
        shutil.copy(self.template, folder / "bridge.db")
        write_config(folder, f"{self.host.url}/{instance}", names, listed=case.listed,
                     call_deadline=deadline, settle=settle, rate=RATE)  # fmt: skip
        report = Report(case)
        self._do("prepare", case, folder, report)
        if case.fault != NO_FAULT:
            seconds = late if case.lingers else 0.0
            simulator.plant(case.fault, VERBS[case.verb], seconds=seconds)
        code = self._do("strike", case, folder, report, blindly)
        report.reached = case.boundary == NEVER or code == KILLED
        database = Database(f"sqlite:///{folder / 'bridge.db'}")
        self._kept(folder, database, report)
        self._do("restart", case, folder, report, blindly)
        # Whatever the backend still has under way lands now, however quick we were.
        simulator.advance(60)
        report.violations += violations(database, simulator)
        self._levels(simulator, case, report)
        before = writes(simulator)
        self._do("again", case, folder, report, blindly)
        if writes(simulator) != before:
            report.violations.append("V6: a second run still wrote")
        report.doubled = bool(doubles(simulator))
        with database.read() as tx:
            report.person = bool(
                tx.exec_driver_sql(
                    "select 1 from attempt where state = 'person'"
                ).first()
            )
        database.close()
        if not report.violations:  # else it is looked at
            shutil.rmtree(folder)
        return report

    def _do(self, step, case, folder, report, blindly=False) -> int:
        code = self.nursery.do(step, case, folder, blindly=blindly)
        failed = folder / "failed.txt"
        if failed.exists():
            report.violations.append(f"{step} failed: {failed.read_text()}")
            failed.unlink()
        return code

    def _kept(self, folder, database, report) -> None:
        event = "order" if report.case.verb == "create" else "topup-2"
        with database.read() as tx:
            kept = tx.exec_driver_sql(
                "select count(*) from operation where event = ?", (event,)
            ).scalar()
        if (folder / ANSWERED).exists() and kept != 1:
            report.violations.append("V4: an answered event is not there")

    def _levels(self, simulator, case, report) -> None:
        """V7 and V9: on, as sold, whatever came in between; the stale word was late."""
        shown = [(u.active, u.channels, u.tariff) for u in simulator.users.values()]
        refused = case.verb == "create" and case.fault in REFUSING
        if shown != [(True, 5, "1")] and not (refused and shown == []):
            report.violations.append(f"V7: the account is {shown}")


@pytest.fixture(scope="module")
def stage(host, template, tmp_path_factory):
    nursery = Nursery()
    yield Stage(host, template, tmp_path_factory.mktemp("matrix"), nursery)
    nursery.close()


@pytest.fixture
def cases(request):
    chosen = {"whole": whole, "pairwise": pairwise}
    return chosen[request.config.getoption("--matrix")]()


@pytest.fixture
def figures(record_property):
    """Shown at the end of the run."""
    return lambda *lines: record_property("figures", "\n".join(lines))


def test_whatever_breaks_wherever_nothing_is_lost_and_nothing_doubled(
    stage, cases, figures
):
    """U1: killed at any boundary, with any fault, it ends right or with a person."""
    reports = stage.run(cases)
    reached = [r for r in reports if r.reached]
    wrong = {r.case.name: r.violations for r in reached if r.violations}
    person = [r.case for r in reached if r.person]
    unreachable = [r.case for r in reports if not r.reached]
    figures(
        f"matrix: {len(reached)} cases, {len(wrong)} with violations,"
        f" {len(person)} ({len(person) / len(reached):.1%}) end with a person:",
        *(f"  {name}" for name in named(person)),
        f"matrix: {len(unreachable)} unreachable, not counted:",
        *(f"  {name}" for name in named(unreachable)),
    )

    assert {} == wrong
    assert {c.fault for c in person} <= {"write_wipes_credit", RESENT}


def test_without_the_look_exactly_the_predicted_cases_double(stage, cases, figures):
    """U9: the look is what keeps a lost answer from being paid twice.

    The guard is off here: what is unsure is sent again at once.
    """
    run = stage.run(_grants(cases), blindly=True, late=2.0, **TEETH)
    reports = [r for r in run if r.reached]
    doubled = [r.case for r in reports if r.doubled]
    predicted = [r.case for r in reports if r.case.doubles_when_sent_blindly]
    figures(f"matrix without look: {len(doubled)} doubled, {len(predicted)} predicted")

    assert named(predicted) == named(doubled)
    assert predicted


def test_without_the_window_only_what_lands_late_doubles(stage, cases, figures):
    """U9: the look alone is not enough: what has not landed yet looks absent."""
    run = stage.run(_grants(cases), settle=0.0, late=7.0, **TEETH)
    reports = [r for r in run if r.reached]
    doubled = [r.case for r in reports if r.doubled]
    predicted = [r.case for r in reports if r.case.doubles_without_a_window]
    figures(
        f"matrix without window: {len(doubled)} doubled, {len(predicted)} predicted"
    )

    assert named(predicted) == named(doubled)
    assert predicted


def _grants(cases: list[Case]) -> list[Case]:
    return [case for case in cases if case.verb == "grant" and case.fault != RESENT]
