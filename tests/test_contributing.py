"""CONTRIBUTING is followed to the letter in a copy of the tree, and must be right."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
PARTS = ("bridge", "provisioning", "tests", "hooks", "docs")
FILES = ("pyproject.toml", "config.example.toml")
STEP = re.compile(
    r"(?:^`(?P<path>[\w./-]+)`(?:, before `(?P<before>[^`]+)`)?:\n\n)?"
    r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
SECTIONS = (
    "A new billing platform",
    "A new backend",
    "A new entitlement",
    "A new page",
)


@pytest.fixture
def tree(tmp_path):
    for part in PARTS:
        skip = shutil.ignore_patterns("__pycache__")
        shutil.copytree(TOP / part, tmp_path / part, ignore=skip)
    for name in FILES:
        shutil.copy(TOP / name, tmp_path / name)
    return tmp_path


def steps(section: str) -> Iterator[re.Match[str]]:
    text = (TOP / "CONTRIBUTING.md").read_text()
    return STEP.finditer(text.partition(f"\n## {section}\n")[2].partition("\n## ")[0])


def follow(tree: Path, step: re.Match[str]) -> None:
    if step["kind"] == "sh":
        run(tree, step["text"])
        return
    path = tree / step["path"]
    path.parent.mkdir(parents=True, exist_ok=True)
    if step["before"]:
        told = path.read_text()
        [line] = [each for each in told.splitlines(True) if step["before"] in each]
        path.write_text(told.replace(line, step["text"] + line))
    else:
        path.write_text(step["text"])


def run(tree: Path, commands: str) -> None:
    ours = f"{Path(sys.executable).parent}/"
    ended = subprocess.run(
        ["/bin/sh", "-ec", commands.replace(".venv/bin/", ours)],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree), "PYTEST_ADDOPTS": "-p no:xdist"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr


# Turned red with one of each left out: a file, an insertion, a row of the contract.
@pytest.mark.timeout(400)
@pytest.mark.parametrize("section", SECTIONS)
def test_what_contributing_says_works_to_the_letter(tree, section):
    """I12: a platform, a backend, an entitlement, added as it is written there."""
    done = [follow(tree, step) for step in steps(section)]

    assert 2 <= len(done)
