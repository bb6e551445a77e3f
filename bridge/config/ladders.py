"""What families, plans, coupons and umbrellas say of one another must fit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bridge.config.promises import groups, only
from bridge.config.written import meant
from provisioning.core.period import CYCLES

Table = Mapping[str, Any]
OF_A_FAMILY: Table = {"rank": None, "minimum": 1, "discounts": {}, "offers": []}
"""Keys that mean nothing without a family, and what they are when nothing is said."""


def faults(read: Table) -> list[str]:
    """Every fault between two tables; what is wrong in itself is not looked at here."""
    shop = Shop(read)
    return [fault for rule in RULES for fault in rule(shop)]


def warnings(read: Table) -> list[str]:
    """What may be meant, and may be a slip."""
    shop = Shop(read)
    rules = (_flat_discounts, _without_plans, _places)
    return [told for rule in rules for told in rule(shop)]


@dataclass(frozen=True)
class Shop:
    """Of a file with faults: as much as could be read of it."""

    read: Table

    def tables(self, name: str, *keys: str) -> Iterator[tuple[str, Table]]:
        """By the name each has in messages; those in which these keys could be read."""
        for own, table in self.read.get(name, {}).items():
            if all(key in table for key in keys):
                yield own, table

    @cached_property
    def families(self) -> Table:
        told: Table = self.read.get("families", {})
        return told

    @cached_property
    def ladders(self) -> Mapping[str, Mapping[int, list[str]]]:
        """By family and rank: the packages there; one each, if nothing is wrong."""
        found: dict[str, dict[int, list[str]]] = {name: {} for name in self.families}
        for name, table in self.tables("packages", "family", "rank"):
            if table["family"] in found and table["rank"]:
                found[table["family"]].setdefault(table["rank"], []).append(name)
        return found

    def of(self, names: Collection[str]) -> Mapping[str, Collection[int]]:
        """The ranks of these families, of those there are."""
        return {n: sorted(self.ladders[n]) for n in names if n in self.ladders}


def _unknown(what: str, said: str, known: Collection[str]) -> str:
    slip = meant(said, known)
    there = f"choose one of: {', '.join(known)}" if known else "there is none"
    return f'there is no {what} "{said}"{slip or f"; {there}"}'


# --- families


def _families_hang(shop: Shop) -> Iterator[str]:
    for name, family in shop.tables("families", "of"):
        at, main = f"families.{name}.of", family["of"]
        mains = [n for n, table in shop.families.items() if table.get("of") is None]
        if main == name:
            yield f'{at}: "{main}" cannot hang on itself; name a main family'
        elif main is not None and main not in shop.families:
            yield f"{at}: {_unknown('family', main, mains)}"
        elif main is not None and main not in mains:
            yield (
                f'{at}: "{main}" hangs on another itself; choose a main family:'
                f" {', '.join(mains) or 'there is none'}"
            )


def _free_plans(shop: Shop) -> Iterator[str]:
    packages = shop.read.get("packages", {})
    for name, family in shop.tables("families", "free"):
        at, free = f"families.{name}.free", family["free"]
        if free is None:
            continue
        if free not in packages:
            yield f"{at}: {_unknown('package', free, _plans(shop, name))}"
        elif packages[free].get("family", name) != name:
            yield (
                f'{at}: package "{free}" is not of this family; choose one of:'
                f" {', '.join(_plans(shop, name)) or 'there is none'}"
            )
        elif (price := packages[free].get("price")) and price.amount:
            yield f'{at}: package "{free}" costs {price}; let its price be 0'


def _plans(shop: Shop, family: str) -> list[str]:
    packages = shop.read.get("packages", {}).items()
    return [name for name, table in packages if table.get("family") == family]


# --- packages


def _steps(shop: Shop) -> Iterator[str]:
    """A plan has its family, and its rank there."""
    for name, table in shop.tables("packages", "family"):
        at, family = f"packages.{name}", table["family"]
        if family is None:
            yield from _of_none(at, table)
            continue
        if family not in shop.families:
            yield f"{at}.family: {_unknown('family', family, shop.families)}"
        main = shop.families.get(family, {}).get("of", family) is None
        if table.get("addon") and main:
            yield (
                f"{at}.family: an add-on needs a family that hangs on another; give"
                f' "{family}" an of, or leave it out here'
            )
        if "rank" in table and table["rank"] is None:
            yield f"{at}.rank: a package of a family needs one; a lower one is better"


def _of_none(at: str, table: Table) -> Iterator[str]:
    for key, usual in OF_A_FAMILY.items():
        if table.get(key, usual) != usual:
            yield f"{at}.{key}: goes with a family; set it, or leave this out"


def _ranks(shop: Shop) -> Iterator[str]:
    for family, ranks in shop.ladders.items():
        for rank, (first, *others) in ranks.items():
            for name in others:
                yield (
                    f'packages.{name}.rank: {rank} is that of "{first}" in family'
                    f' "{family}" already; give each its own'
                )


def _cycles(shop: Shop) -> Iterator[str]:
    """A discount is for buying longer than the plan's own cycle (P11)."""
    for name, table in shop.tables("packages", "cycle", "discounts"):
        longer = _longer(table)
        for cycle in table["discounts"]:
            if cycle not in longer:
                yield (
                    f"packages.{name}.discounts.{cycle}: must be longer than its own"
                    f" cycle, {table['cycle']}; allowed: {', '.join(longer) or 'none'}"
                )


def _longer(table: Table) -> list[str]:
    """The cycles it may be bought for, beside its own."""
    own = CYCLES[table["cycle"]]
    return [cycle for cycle, months in CYCLES.items() if own and own < (months or 0)]


def _rising(shop: Shop, *, seats: bool) -> Iterator[str]:
    for name, table in shop.tables("packages", "family", "discounts", "cycle"):
        family = shop.families.get(table["family"] or "", {})
        if family.get("seats") is not seats:
            continue
        told = table["discounts"]
        before, had = table["cycle"], 0
        for cycle in (cycle for cycle in _longer(table) if cycle in told):
            if told[cycle] <= had:
                yield (
                    f"packages.{name}.discounts.{cycle}: {told[cycle]} % is not more"
                    f" than the {had} % of {before}; a longer cycle needs a higher one"
                )
            before, had = cycle, told[cycle]


def _seat_discounts(shop: Shop) -> Iterator[str]:
    return _rising(shop, seats=True)


def _flat_discounts(shop: Shop) -> Iterator[str]:
    return _rising(shop, seats=False)


def _without_plans(shop: Shop) -> Iterator[str]:
    for name, ranks in shop.ladders.items():
        if not ranks:
            yield f"families.{name}: no package is of this family"


def _places(shop: Shop) -> Iterator[str]:
    """An account stays where it is, so a change to another place is for a person."""
    backends = shop.read.get("backends", {})
    for name in shop.families:
        plans = [shop.read["packages"][plan] for plan in _plans(shop, name)]
        places = dict.fromkeys(p["backend"] or only(backends) or "" for p in plans)
        if len(places) > 1:
            yield (
                f"families.{name}: its plans are sold on {' and on '.join(places)};"
                " nobody can change from one of those to the other"
            )


def _offers(shop: Shop) -> Iterator[str]:
    for name, table in shop.tables("packages", "offers", "price"):
        seen: dict[tuple[str | None, int], int] = {}
        for no, offer in enumerate(table["offers"]):
            at = f"packages.{name}.offers.{no}"
            yield from _offer(shop, at, offer, table)
            if offer.keys() < {"group", "least"}:
                continue
            first = seen.setdefault((offer["group"], offer["least"]), no)
            if first != no:
                yield (
                    f"{at}: is for the same group ({offer['group'] or 'all'}) from the"
                    f" same quantity ({offer['least']}) on as offers.{first}; drop one"
                )


def _offer(shop: Shop, at: str, offer: Table, package: Table) -> Iterator[str]:
    price, ours = offer.get("price"), package["price"].currency
    if price and price.currency != ours:
        yield f"{at}.price: {price} is not in {ours}, as the package's is"
    backends, sold_on = shop.read.get("backends", {}), package.get("backend")
    place = sold_on or only(backends) or ""
    for backend in groups(shop.read).get(place, (place,)):
        tariffs = backends.get(backend, {}).get("tariffs")
        tariff = offer.get("tariff")
        if tariff is not None and tariffs is not None and tariff not in tariffs:
            told = _unknown("tariff", tariff, list(tariffs))
            yield f'{at}.tariff: {told} (backend "{backend}")'


# --- coupons and umbrellas


def _own_names(shop: Shop) -> Iterator[str]:
    """By its product's name a paid line says what it bought."""
    for name in shop.read.get("coupons", {}):
        for kind in ("packages", "topups"):
            if name in shop.read.get(kind, {}):
                yield f"coupons.{name}: is the name of one of {kind}; choose another"


def _known_families(shop: Shop) -> Iterator[str]:
    for kind in ("coupons", "umbrellas"):
        for name, table in shop.tables(kind, "families"):
            for family in table["families"]:
                if family not in shop.families:
                    at = f"{kind}.{name}.families"
                    yield f"{at}: {_unknown('family', family, shop.families)}"


def _variants(shop: Shop) -> Iterator[str]:
    for name, table in shop.tables("coupons", "families", "variants"):
        ladders = shop.of(table["families"])
        had: list[Table] = []
        for no, variant in enumerate(table["variants"]):
            at = f"coupons.{name}.variants.{no}"
            if variant in had:
                yield f"{at}: is there already as variants.{had.index(variant)}"
            had.append(variant)
            if ladders:
                yield from _applies(at, variant, ladders)


def _applies(
    at: str, variant: Table, ladders: Mapping[str, Collection[int]]
) -> Iterator[str]:
    rank, up = variant.get("rank"), variant.get("up")
    if rank is not None and not any(rank in ranks for ranks in ladders.values()):
        yield f"{at}.rank: no plan has rank {rank}; there are: {_shown(ladders)}"
    lifts = (r - up in ranks for ranks in ladders.values() for r in ranks if up)
    if up is not None and not any(lifts):
        yield (
            f"{at}.up: no plan has another {up} ranks above it, so it could never be"
            f" used; there are: {_shown(ladders)}"
        )


def _umbrellas(shop: Shop) -> Iterator[str]:
    for name, table in shop.tables("umbrellas", "rank", "families"):
        ladders = shop.of(table["families"] or shop.families)
        if not ladders and not table["families"]:
            yield f"umbrellas.{name}: there is no family it could be over"
        lacking = {n: r for n, r in ladders.items() if table["rank"] not in r}
        if lacking and (table["families"] or lacking == ladders):
            yield (
                f"umbrellas.{name}.rank: no plan has rank {table['rank']}; there are:"
                f" {_shown(lacking)}"
            )


def _shown(ladders: Mapping[str, Collection[int]]) -> str:
    return "; ".join(
        f"{family} {', '.join(map(str, ranks)) or 'none'}"
        for family, ranks in ladders.items()
    )


RULES: tuple[Callable[[Shop], Iterator[str]], ...] = (
    _families_hang,
    _free_plans,
    _steps,
    _ranks,
    _cycles,
    _seat_discounts,
    _offers,
    _own_names,
    _known_families,
    _variants,
    _umbrellas,
)
