"""A change that is asked for, and what is true of it. `changes` says what follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from provisioning.core.catalog import Package
from provisioning.core.choices import Choice, Subscription
from provisioning.core.cycles import length
from provisioning.core.money import LARGEST
from provisioning.core.period import CYCLES
from provisioning.core.prices import PriceList
from provisioning.core.renewals import renews
from provisioning.core.terms import Family

MOST = 100_000
"""Of anything on one subscription; more is a slip."""

Compared = TypeVar("Compared", int, tuple[bool, int])


@dataclass(frozen=True, slots=True)
class Asked:
    choice: Choice
    surveyed: bool = False
    """Whether the survey of a downgrade was answered."""

    confirmed: bool = False
    """Whether "I lose the advanced features" was ticked."""

    approved: bool = False
    """Whether an admin has agreed."""


@dataclass(frozen=True, slots=True)
class Question:
    """*others*: what else the account has that lives."""

    prices: PriceList
    has: Subscription
    asked: Asked
    at: datetime
    others: tuple[Subscription, ...] = ()
    had: PriceList | None = None
    """By which it was sold, where that is another."""

    @property
    def to(self) -> Choice:
        return self.asked.choice

    @property
    def plan(self) -> str:
        return self.has.choice.package

    @property
    def family(self) -> Family | None:
        return self.prices.terms.family_of(self.plan)

    @property
    def families(self) -> tuple[Family, ...]:
        """Whose rules it falls under: of the plan it has, and of the one it wants."""
        of = self.prices.terms.family_of
        found = dict.fromkeys((self.plan, self.to.package))
        return tuple(family for name in found if (family := of(name)))

    # --- can it be meant at all?

    def always(self) -> bool:
        return True

    def has_ended(self) -> bool:
        return self.has.ended

    def has_what_is_not_listed(self) -> bool:
        has = (self.plan, *(name for name, _ in self.has.choice.extras))
        return any(name not in self.prices.packages for name in has)

    def is_unknown(self) -> bool:
        return self.to.package not in self.prices.packages

    def is_on_another_ladder(self) -> bool:
        """What stands on no ladder has only itself to change to."""
        to = self.prices.terms.family_of(self.to.package)
        return self.to.package != self.plan and (to is None or to != self.family)

    def has_unknown_extras(self) -> bool:
        return bool(self.unknown_extras)

    @property
    def addons(self) -> tuple[str, ...]:
        return tuple(name for name, p in self.prices.packages.items() if p.addon)

    @property
    def unknown_extras(self) -> tuple[str, ...]:
        known = self.addons
        return tuple(n for n, many in self.to.extras if n not in known or many < 1)

    def is_not_sold_for_so_long(self) -> bool:
        return self.to.cycle not in self.prices.cycles(self.to.package)

    def is_below_the_minimum(self) -> bool:
        return self.to.quantity < self.prices.minimum(self.to.package)

    def is_too_many(self) -> bool:
        """Or more than can be paid."""
        counts = (self.to.quantity, *(many for _, many in self.to.extras))
        priced = self.prices.positions(self.to)
        worth = sum(p.unit_price.amount * p.quantity for p in priced)
        return max(counts) > MOST or worth >= LARGEST

    def is_below_use(self) -> bool:
        return self.to.quantity < self.has.used

    def is_what_it_has(self) -> bool:
        return self.to == self.has.choice and not self.buys()

    def withdraws(self) -> bool:
        """What it has is asked for, and something else is scheduled."""
        return self.is_what_it_has() and self.has.next is not None

    @property
    def beyond(self) -> dict[str, int]:
        """By capacity: what may be bought beside that plan, where more is (C14)."""
        most = self.prices.packages[self.to.package].most_extra
        bought = [(self.prices.packages[name], n) for name, n in self.to.extras]
        had = {name: sum(_units(p, name) * n for p, n in bought) for name in most}
        return {name: most[name] for name in most if had[name] > most[name]}

    def buys_beyond_the_limit(self) -> bool:
        """What it has already may stay; it is taken away in time."""
        return bool(self.beyond) and (self.begins or self.adds_extras())

    # --- the main plan and those that hang on it

    def is_an_addon_alone(self) -> bool:
        """Such a one is sold beside a plan, and the account has none."""
        plans = (self.prices.packages.get(o.choice.package) for o in self.others)
        return self.prices.packages[self.to.package].addon and not any(
            plan and not plan.addon for plan in plans
        )

    @property
    def mains(self) -> tuple[Subscription, ...]:
        """The plans it may hang on, where it is a dependent one."""
        of = self.family.of if self.family else None
        return tuple(o for o in self.others if of and self._family(o, "name") == of)

    @property
    def outlasting(self) -> tuple[Subscription, ...]:
        """The dependent plans whose cycle is longer than the one asked for."""
        name = self.family.name if self.family else None
        hanging = (o for o in self.others if name and self._family(o, "of") == name)
        return tuple(o for o in hanging if self._outlasts(o, self.to.cycle))

    def lacks_its_main(self) -> bool:
        return self.is_dependent and not self.mains

    def outlasts_its_main(self) -> bool:
        return bool(self.mains) and not any(self._lasts(main) for main in self.mains)

    def cuts_short_its_dependents(self) -> bool:
        shorter = length(self.to.cycle) < length(self.has.choice.cycle)
        return shorter and bool(self.outlasting)

    @property
    def is_dependent(self) -> bool:
        return self.family is not None and not self.family.main

    def makes_a_dependent_free(self) -> bool:
        return self.is_dependent and self.prices.is_free(self.to.package)

    def makes_it_free(self) -> bool:
        return self.plan_goes < 0 and self.prices.is_free(self.to.package)

    # --- which way it goes: 1 up, -1 down, 0 as it is

    @property
    def is_paid(self) -> bool:
        """Whether anything is paid for it: a trial and Free have no cycle to keep."""
        return self.has.tried_until is None and not self.prices.is_free(self.plan)

    @property
    def plan_goes(self) -> int:
        """By its step; on the same one by price per day (D11).

        One that is neither above nor below counts as down: what it takes away is shown
        first, and nothing is taken away at once.
        """
        if self.to.package == self.plan:
            return 0
        ladders = self.prices.terms.ladders
        was, will = ladders[self.plan].rank, ladders[self.to.package].rank
        if was != will:
            return 1 if will < was else -1
        per_day = self.prices.per_day
        return 1 if per_day(self.to) > per_day(self.has.choice) else -1

    @property
    def begins(self) -> bool:
        """Whether it is paid for the first time: there is no number yet to keep."""
        tried = self.has.tried_until is not None
        return tried or (not self.is_paid and self.raises_plan())

    @property
    def quantity_goes(self) -> int:
        had = self.has.choice.quantity
        return 0 if self.begins else _sign(self.to.quantity, had)

    @property
    def cycle_goes(self) -> int:
        was, will = length(self.has.choice.cycle), length(self.to.cycle)
        return _sign(will, was) if self.is_paid else 0

    @property
    def extras_go(self) -> frozenset[int]:
        was, will = dict(self.has.choice.extras), dict(self.to.extras)
        names = () if self.begins else was.keys() | will.keys()
        return frozenset(_sign(will.get(n, 0), was.get(n, 0)) for n in names)

    def raises_plan(self) -> bool:
        return self.plan_goes > 0

    def lowers_plan(self) -> bool:
        return self.plan_goes < 0

    def raises_quantity(self) -> bool:
        return self.quantity_goes > 0

    def lowers_quantity(self) -> bool:
        return self.quantity_goes < 0

    def lengthens(self) -> bool:
        return self.cycle_goes > 0

    def shortens(self) -> bool:
        return self.cycle_goes < 0

    def adds_extras(self) -> bool:
        return 1 in self.extras_go

    def drops_extras(self) -> bool:
        return -1 in self.extras_go

    def buys(self) -> bool:
        """What was only tried is paid for."""
        return self.has.tried_until is not None

    def goes_up(self) -> bool:
        return self.raises_plan() or self.raises_quantity() or self.adds_extras()

    def goes_down(self) -> bool:
        return self.lowers_plan() or self.lowers_quantity() or self.drops_extras()

    def is_mixed(self) -> bool:
        return self.goes_up() and self.goes_down()

    def shortens_an_upgrade(self) -> bool:
        return self.goes_up() and self.shortens()

    def lacks_the_survey(self) -> bool:
        return self.lowers_plan() and not self.asked.surveyed

    def lacks_the_tick(self) -> bool:
        return self.lowers_plan() and not self.asked.confirmed

    def has_an_unknown_end(self) -> bool:
        """It is paid for by periods, and of none of them the dates are known."""
        recurs = CYCLES[self.has.choice.cycle] is not None
        return self.is_paid and recurs and self.has.ends is None

    def never_renews(self) -> bool:
        """It was bought once: no next period ever begins, for which it could wait."""
        goes = self.goes_down() or self.shortens()
        return self.is_paid and goes and self.has.ends is None

    # --- what becomes of it, and when

    @property
    def turns(self) -> datetime:
        """When what goes down does: not before the end of what is paid for now."""
        if self._cycle_now == self.has.choice.cycle:
            return self.has.turns(self.at)
        ends = renews(self.at, self._cycle_now, 1, self.prices.terms.zone)
        return ends or self.has.turns(self.at)

    @property
    def effect(self) -> datetime:
        """From when on its cycle is the one asked for."""
        return self.at if self._cycle_now == self.to.cycle else self.turns

    @property
    def raised(self) -> Choice:
        """What it has once all that goes up has, and before anything goes down."""
        had, to = self.has.choice, self.to
        if self.begins:
            return to
        return Choice(
            to.package if self.raises_plan() else had.package,
            self._cycle_now,
            max(had.quantity, to.quantity),
            _most(had.extras, to.extras),
        )

    @property
    def _waits_with_its_cycle(self) -> bool:
        return self.goes_down() or self.shortens()

    @property
    def _cycle_now(self) -> str:
        """A longer one begins at once, unless something goes down: that would have to
        wait for its end."""
        had, package = self.has.choice.cycle, self.to.package
        goes_on = not self.raises_plan() or had in self.prices.cycles(package)
        return had if self._waits_with_its_cycle and goes_on else self.to.cycle

    def _outlasts(self, other: Subscription, cycle: str) -> bool:
        cycles = other.cycles_from(self.effect)
        return any(length(c) > length(cycle) for c in cycles)

    def _lasts(self, main: Subscription) -> bool:
        """Whether that main plan's cycle is never shorter than the one asked for."""
        cycles = main.cycles_from(self.effect)
        return all(length(self.to.cycle) <= length(c) for c in cycles)

    def _family(self, other: Subscription, what: str) -> str | None:
        family = self.prices.terms.family_of(other.choice.package)
        return {"name": family.name, "of": family.of}[what] if family else None


def ordered(
    prices: PriceList,
    choice: Choice,
    at: datetime,
    others: tuple[Subscription, ...] = (),
) -> Question:
    """A new order, asked as if it were tried already: nothing of it is paid yet.

    That an admin agrees to every change is said of changes; an order is none.
    """
    new = Subscription("", choice, at, None, tried_until=at)
    return Question(prices, new, Asked(choice, approved=True), at, others)


def _most(
    some: tuple[tuple[str, int], ...], others: tuple[tuple[str, int], ...]
) -> tuple[tuple[str, int], ...]:
    one, other = dict(some), dict(others)
    names = dict.fromkeys((*one, *other))
    return tuple((n, max(one.get(n, 0), other.get(n, 0))) for n in names)


def _units(package: Package, capacity: str) -> int:
    units = package.entitlements.get(capacity, 0)
    return units if isinstance(units, int) else 0


def _sign(to: Compared, was: Compared) -> int:
    return (to > was) - (to < was)
