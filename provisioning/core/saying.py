"""What is said to a change that is asked for: the reason, and the way out of a no."""

from __future__ import annotations

from collections.abc import Iterable

from provisioning.core.asking import MOST, Question
from provisioning.core.choices import Choice
from provisioning.core.money import LARGEST
from provisioning.core.sentences import Sentence, minute, say


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _ladder(q: Question) -> str:
    """The plans it may change to, the best first."""
    ladders = q.prices.terms.ladders
    known = ladders.get(q.plan)
    if known is None:
        return q.plan
    steps = {
        n: ladder.rank for n, ladder in ladders.items() if ladder.family == known.family
    }
    return _list(sorted(steps, key=steps.__getitem__))


def _extras(choice: Choice) -> str:
    return _list(f"{many} x {name}" for name, many in choice.extras)


def has_ended(q: Question) -> Sentence:
    return say("change_ended", has=q.plan)


def plan_gone(q: Question) -> Sentence:
    return say("change_plan_gone", has=q.plan, extras=_extras(q.has.choice))


def plan_unknown(q: Question) -> Sentence:
    return say("change_plan_unknown", to=q.to.package, choices=_ladder(q))


def order_unknown(q: Question) -> Sentence:
    sold = [name for name, p in q.prices.packages.items() if not p.addon]
    return say("change_plan_unknown", to=q.to.package, choices=_list(sold))


def another_ladder(q: Question) -> Sentence:
    return say("change_another_ladder", to=q.to.package, has=q.plan, choices=_ladder(q))


def cycle_not_sold(q: Question) -> Sentence:
    choices = _list(q.prices.cycles(q.to.package))
    return say(
        "change_cycle_not_sold", to=q.to.package, cycle=q.to.cycle, choices=choices
    )


def extras_unknown(q: Question) -> Sentence:
    return say(
        "change_extras_unknown",
        extras=_list(q.unknown_extras),
        choices=_list(q.addons),
    )


def withdrawn(q: Question) -> Sentence:
    return say("change_withdrawn", has=q.plan)


def below_minimum(q: Question) -> Sentence:
    least = q.prices.minimum(q.to.package)
    return say(
        "change_below_minimum", to=q.to.package, quantity=q.to.quantity, least=least
    )


def too_many(q: Question) -> Sentence:
    return say("change_too_many", quantity=q.to.quantity, most=MOST, largest=LARGEST)


def below_use(q: Question) -> Sentence:
    return say("change_below_use", quantity=q.to.quantity, used=q.has.used)


def nothing_changes(q: Question) -> Sentence:
    return say("change_nothing", has=q.plan)


def end_unknown(q: Question) -> Sentence:
    return say("change_paid_until_unknown", has=q.plan)


def main_missing(q: Question) -> Sentence:
    of = q.family.of if q.family else None
    return say("change_main_missing", to=q.to.package, family=of)


def addon_alone(q: Question) -> Sentence:
    return say("order_addon_alone", to=q.to.package)


def main_first(q: Question) -> Sentence:
    """Raising: the main plan first (C8)."""
    blocking = _list(main.choice.package for main in q.mains)
    return say(
        "change_main_first", to=q.to.package, cycle=q.to.cycle, blocking=blocking
    )


def dependents_first(q: Question) -> Sentence:
    """Lowering: the dependent plans first (C8)."""
    blocking = _list(o.choice.package for o in q.outlasting)
    return say(
        "change_dependents_first",
        to=q.to.package, cycle=q.to.cycle, blocking=blocking, at=minute(q.turns),
    )  # fmt: skip


def dependent_not_free(q: Question) -> Sentence:
    return say("change_dependent_not_free", to=q.to.package)


def upgrade_not_shorter(q: Question) -> Sentence:
    return say("change_upgrade_not_shorter", cycle=q.to.cycle, has=q.has.choice.cycle)


def never_renews(q: Question) -> Sentence:
    return say("change_never_renews", has=q.plan, to=q.to.package)


def beyond_capacity(q: Question) -> Sentence:
    capacity, most = next(iter(q.beyond.items()))
    return say(
        "change_beyond_capacity",
        extras=_extras(q.to), capacity=capacity, to=q.to.package, most=most,
    )  # fmt: skip


def survey_first(q: Question) -> Sentence:
    return say("change_survey_first", to=q.to.package)


def tick_first(q: Question) -> Sentence:
    return say("change_tick_first", to=q.to.package)


def in_two_moves(q: Question) -> Sentence:
    now = q.raised
    return say(
        "change_in_two_moves",
        quantity_now=now.quantity, now=now.package,
        quantity=q.to.quantity, to=q.to.package, at=minute(q.turns),
    )  # fmt: skip


def goes_free(q: Question) -> Sentence:
    return say("change_goes_free", to=q.to.package, at=minute(q.turns))


def goes_down(q: Question) -> Sentence:
    return say("change_goes_down", to=q.to.package, has=q.plan, at=minute(q.turns))


def fewer_seats(q: Question) -> Sentence:
    return say("change_fewer_seats", quantity=q.to.quantity, at=minute(q.turns))


def less_capacity(q: Question) -> Sentence:
    return say("change_less_capacity", extras=_extras(q.to), at=minute(q.turns))


def shorter_cycle(q: Question) -> Sentence:
    return say("change_shorter_cycle", cycle=q.to.cycle, at=minute(q.turns))


def goes_up(q: Question) -> Sentence:
    return say("change_goes_up", to=q.to.package, has=q.plan)


def more_seats(q: Question) -> Sentence:
    return say("change_more_seats", quantity=q.to.quantity, has=q.has.choice.quantity)


def more_capacity(q: Question) -> Sentence:
    return say("change_more_capacity", extras=_extras(q.to))


def longer_cycle(q: Question) -> Sentence:
    return say("change_longer_cycle", cycle=q.to.cycle, has=q.has.choice.cycle)


def trial_bought(q: Question) -> Sentence:
    return say("change_trial_bought", to=q.to.package)


def order_taken(q: Question) -> Sentence:
    return say("order_taken", quantity=q.to.quantity, to=q.to.package)


def not_foreseen(q: Question) -> Sentence:
    return say("change_not_foreseen", to=q.to.package, has=q.plan)
