"""The guards of the rules: each with its promise, and with the test that needs it.

Each `*.toml` beside this file has some, by topic: the exact piece of source that is the
guard, what stands there without it, and the tests that must turn red then.
"""

from __future__ import annotations

import ast
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.mutations.trees import ROOT
from tests.promises import PAGE, numbers, quoted

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Guard:
    promise: str
    rule: str
    file: str
    guard: str
    without: str
    red: tuple[str, ...]


def guards() -> tuple[Guard, ...]:
    files = [tomllib.loads(path.read_text()) for path in sorted(HERE.glob("*.toml"))]
    rows = [row for file in files for row in file["guard"]]
    return tuple(Guard(**row | {"red": tuple(row["red"])}) for row in rows)


def removed(guard: Guard) -> str:
    """The file's source without it. ValueError says why it cannot be taken out."""
    source = (ROOT / guard.file).read_text()
    if (found := source.count(guard.guard)) != 1:
        raise ValueError(f"it stands in {guard.file} {found} times: {guard.guard}")
    return source.replace(guard.guard, guard.without)


def wrong(guard: Guard) -> str | None:
    """Why this row proves nothing as it is written."""
    if guard.promise not in numbers((ROOT / PAGE).read_text()):
        return f"{guard.promise} is not in {PAGE}"
    try:
        ast.parse(removed(guard))
    except (ValueError, SyntaxError) as error:
        return str(error)
    quotes = [_quotes(test) for test in guard.red]
    if None in quotes:
        return f"there is no {guard.red[quotes.index(None)]}"
    if not any(guard.promise in found for found in quotes if found):
        return f"no test that must turn red quotes {guard.promise}"
    return None


def _quotes(test: str) -> tuple[str, ...] | None:
    """The promises a test quotes; None where there is no such test."""
    file, _, name = test.partition("::")
    path = ROOT / file
    tree = ast.parse(path.read_text() if path.exists() else "")
    found = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name]
    return quoted(ast.get_docstring(found[0])) if found else None
