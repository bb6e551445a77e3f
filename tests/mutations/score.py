"""How much of what can be wrong in a module of the rules its tests see.

All tests of the rules are collected and run once, noting which of them walk which line.
For each mutant a process is forked in which one function is as the mutant has it, and
the tests that walk its line run there, the quickest first. What stands in no function
is read at import: that runs in a copy of the tree. What does not end in time counts as
not seen, and what cannot run at all does not count.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from importlib import import_module

import coverage
import pytest
from _pytest.runner import runtestprotocol

from tests.mutations.mutants import Mutant, mutants
from tests.mutations.trees import BREAKS, QUICK, ROOT, Said, Tree, each

CORE = "provisioning/core"
TESTS = "tests/provisioning/core"
MODULES = (
    "money", "credit", "purse", "pots", "offsets", "sums",
    "intervals", "quotas", "tallies",
    "changes", "clearing", "bought", "capacity", "locking", "telling",
)  # fmt: skip
SECONDS = 30
"""Of a processor's time, for the tests of one mutant."""

MEMORY = 4 * 2**30
EXITS = (Said.GREEN, Said.RED, Said.BROKEN)


class Trials:
    """Takes the place of pytest's own loop over the tests."""

    def __init__(self, modules: list[str]) -> None:
        self.modules = modules
        self.walked: dict[str, dict[int, list[str]]] = {}
        self.took: dict[str, float] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        self._walk()
        for module in self.modules:
            print(json.dumps(self._scored(module)), file=sys.__stdout__, flush=True)
        return True

    def _walk(self) -> None:
        """Every test as it is: it must pass, and leaves which lines it walked."""
        files = {m: str(ROOT / CORE / f"{m}.py") for m in self.modules}
        include = list(files.values())
        seen = coverage.Coverage(data_file=None, config_file=False, include=include)
        seen.start()
        for name, item in self.items.items():
            seen.switch_context(name)
            began = time.process_time()
            if _reason(item) is not None:
                raise pytest.UsageError(f"{name} fails with nothing wrong")
            self.took[name] = time.process_time() - began
        seen.stop()
        data = seen.get_data()
        self.walked = {m: data.contexts_by_lineno(file) for m, file in files.items()}

    def _scored(self, module: str) -> dict[str, object]:
        found = list(mutants((ROOT / CORE / f"{module}.py").read_text()))
        began, said = time.monotonic(), Counter[Said]()
        for mutant, one in self._tried(module, found):
            said[one] += 1
            if one in {Said.GREEN, Said.LATE}:
                line = f"{CORE}/{module}.py:{mutant.lines.start}"
                print(
                    f"not seen: {line}: {mutant.what}", file=sys.__stderr__, flush=True
                )
        ran = len(found) - said[Said.BROKEN]
        return {
            "module": module,
            "mutants": len(found),
            "killed": said[Said.RED],
            "survived": said[Said.GREEN],
            "timeout": said[Said.LATE],
            "could_not_run": said[Said.BROKEN],
            "score": round(100 * said[Said.RED] / ran, 1) if ran else None,
            "seconds": round(time.monotonic() - began),
        }

    def _tried(self, module: str, found: list[Mutant]) -> Iterator[tuple[Mutant, Said]]:
        """As many at a time as there are cores; threads and forks do not mix."""
        running: dict[int, Mutant] = {}
        for mutant in (mutant for mutant in found if mutant.within):
            if len(running) == os.cpu_count():
                yield _ended(running)
            running[self._forked(module, mutant)] = mutant
        while running:
            yield _ended(running)
        outside = [mutant for mutant in found if not mutant.within]
        file = f"{CORE}/{module}.py"
        said = each(_imported, [(file, mutant) for mutant in outside])
        yield from zip(outside, said, strict=True)

    def _forked(self, module: str, mutant: Mutant) -> int:
        walked = self.walked[module]
        names = {name for line in mutant.lines for name in walked.get(line, ())}
        tests = sorted(names & self.items.keys(), key=self.took.__getitem__)
        pid = os.fork()
        if pid:
            return pid
        said = Said.BROKEN
        try:
            said = self._asked(module, mutant, tests)
        finally:  # Whatever goes wrong here must not go on as the other process does.
            os._exit(EXITS.index(said))

    def _asked(self, module: str, mutant: Mutant, tests: list[str]) -> Said:
        """In a process of its own."""
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        _change(module, mutant)
        for name in tests:
            reason = _reason(self.items[name])
            if reason is not None:
                return Said.BROKEN if reason in BREAKS else Said.RED
        return Said.GREEN


def _ended(running: dict[int, Mutant]) -> tuple[Mutant, Said]:
    pid, status = os.wait()
    late = os.WIFSIGNALED(status)
    return running.pop(pid), Said.LATE if late else EXITS[os.WEXITSTATUS(status)]


def _reason(item: pytest.Item) -> str | None:
    """The name of what made it fail, if it did."""
    for report in runtestprotocol(item, nextitem=None, log=False):
        if not report.passed:
            crash = getattr(report.longrepr, "reprcrash", None)
            return crash.message.partition(":")[0] if crash else "unknown"
    return None


def _change(module: str, mutant: Mutant) -> None:
    """The function everybody holds does what the mutant's does."""
    there = import_module(f"{CORE}/{module}".replace("/", "."))
    for name in mutant.within:
        there = vars(there)[name]
    function = getattr(there, "fget", there)
    function.__code__ = mutant.code(function.__code__.co_filename)


def _imported(tree: Tree, what: tuple[str, Mutant]) -> Said:
    file, mutant = what
    with tree.swapped(file, mutant.source):
        return tree.tested("-x", TESTS, seconds=20 * SECONDS)


def main() -> None:
    modules = sys.argv[1:] or list(MODULES)
    os.chdir(ROOT)
    sys.exit(pytest.main([*QUICK, "-p", "no:xdist", TESTS], plugins=[Trials(modules)]))


if __name__ == "__main__":
    main()
