"""What is made wrong on purpose: each small mistake once, and where it stands."""

from tests.mutations.mutants import mutants

RULE = '''
"""A sentence."""
from decimal import Decimal

TABLE = {"a": "x", "b": "y"}


class Sum:
    """Another."""

    amount: Decimal = Decimal(0)

    @property
    def rest(self) -> int | None:
        """And another."""
        if self.amount < self.offset:
            return 1
        return self.amount - self.offset


def owed(sums, least=True):
    rest = []
    for each in sums:
        rest = rest + [each]
    return not rest and min(rest)
'''


def test_each_small_mistake_is_made_once_and_nothing_else():
    """Annotations, sentences and imports are no rules."""
    made = [mutant.what for mutant in mutants(RULE)]

    assert sorted(made) == sorted([
        "without the row of 'a'",
        "without the row of 'b'",
        "Decimal(0) -> Decimal(1)",
        "Decimal(0) -> Decimal(-1)",
        "without: if self.amount < self.offset: return 1",
        "self.amount < self.offset -> self.amount <= self.offset",
        "self.amount < self.offset -> self.amount >= self.offset",
        "return 1 -> return None",
        "return 1 -> return 2",
        "return 1 -> return 0",
        "return self.amount - self.offset -> return None",
        "self.amount - self.offset -> self.amount + self.offset",
        "sums, least=True -> sums, least=False",
        "without: rest = []",
        "without: for each in sums: rest = rest + [each]",
        "without: rest = rest + [each]",
        "rest + [each] -> rest - [each]",
        "return not rest and min(rest) -> return None",
        "not rest and min(rest) -> not rest or min(rest)",
        "not rest -> rest",
        "min(rest) -> max(rest)",
    ])  # fmt: skip


def test_a_mistake_knows_its_function_and_what_that_does_now():
    """A property is found in its class; what is read at import is in no function."""
    by_what = {mutant.what: mutant for mutant in mutants(RULE)}
    rest = by_what["return 1 -> return 2"]

    assert ("Sum", "rest") == rest.within
    assert 2 in rest.code("rule.py").co_consts
    assert ("owed",) == by_what["min(rest) -> max(rest)"].within
    assert () == by_what["sums, least=True -> sums, least=False"].within
    assert () == by_what["without the row of 'a'"].within


def test_a_mistake_is_where_its_statement_is():
    """A condition's line is asked for, and not all that depends on it."""
    lines = {mutant.what: mutant.lines for mutant in mutants(RULE)}
    condition = RULE.splitlines().index("        if self.amount < self.offset:") + 1

    assert (
        range(condition, condition + 1)
        == lines["without: if self.amount < self.offset: return 1"]
    )
    assert range(condition + 1, condition + 2) == lines["return 1 -> return None"]
