"""What follows when a customer asks for another plan: now, at period end, or no.

`CASES` is the whole of it. They are tried from the top, and the first that is true
decides; the last one is always true.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from provisioning.core import saying
from provisioning.core.asking import Question
from provisioning.core.choices import Choice, Scheduled
from provisioning.core.losses import Loss, losses
from provisioning.core.sentences import Sentence
from provisioning.core.terms import Family


class Verdict(StrEnum):
    NOW = "now"
    """As soon as it is paid; before that nothing changes (C6)."""

    AT_PERIOD_END = "at period end"
    """Until then it is the next renewal package (C11)."""

    BOTH = "now and at period end"
    """Two moves: what goes up now, what goes down then (D11)."""

    KEEP = "keep"
    """What was scheduled is not any more."""

    REFUSED = "refused"


class Wait(StrEnum):
    """What has to come before it is done."""

    APPROVAL = "approval"
    PAYMENT = "payment"


@dataclass(frozen=True, slots=True)
class Case:
    promise: str
    holds: Callable[[Question], bool]
    verdict: Verdict
    says: Callable[[Question], Sentence]


@dataclass(frozen=True, slots=True)
class Decision:
    """*now* and *next* are the moves; what was scheduled before gives way to *next*."""

    verdict: Verdict
    promise: str
    because: Sentence
    now: Choice | None = None
    next: Scheduled | None = None
    waits: tuple[Wait, ...] = ()
    losses: tuple[Loss, ...] = ()
    """What it takes away, whenever that is; also where it is refused for want of a
    confirmation, which is given on seeing these."""


NOW, END, BOTH = Verdict.NOW, Verdict.AT_PERIOD_END, Verdict.BOTH
KEEP, NO = Verdict.KEEP, Verdict.REFUSED
Q = Question

CASES = (
    # It cannot be meant.
    Case("C16", Q.has_ended, NO, saying.has_ended),
    Case("P12", Q.has_what_is_not_listed, NO, saying.plan_gone),
    Case("P12", Q.is_unknown, NO, saying.plan_unknown),
    Case("D11", Q.is_on_another_ladder, NO, saying.another_ladder),
    Case("P10", Q.is_not_sold_for_so_long, NO, saying.cycle_not_sold),
    Case("C2", Q.has_unknown_extras, NO, saying.extras_unknown),
    Case("C11", Q.withdraws, KEEP, saying.withdrawn),
    Case("P14", Q.is_below_the_minimum, NO, saying.below_minimum),
    Case("P14", Q.is_too_many, NO, saying.too_many),
    Case("D12", Q.is_below_use, NO, saying.below_use),
    Case("P10", Q.is_what_it_has, NO, saying.nothing_changes),
    Case("D21", Q.has_an_unknown_end, NO, saying.end_unknown),
    # It would break what holds between plans.
    Case("C7", Q.lacks_its_main, NO, saying.main_missing),
    Case("C8", Q.outlasts_its_main, NO, saying.main_first),
    Case("C8", Q.cuts_short_its_dependents, NO, saying.dependents_first),
    Case("C13", Q.makes_a_dependent_free, NO, saying.dependent_not_free),
    Case("C9", Q.shortens_an_upgrade, NO, saying.upgrade_not_shorter),
    Case("C14", Q.buys_beyond_the_limit, NO, saying.beyond_capacity),
    # Something is missing yet.
    Case("C11", Q.never_renews, NO, saying.never_renews),
    Case("C10", Q.lacks_the_survey, NO, saying.survey_first),
    Case("C10", Q.lacks_the_tick, NO, saying.tick_first),
    # It can be done.
    Case("D11", Q.is_mixed, BOTH, saying.in_two_moves),
    Case("C12", Q.makes_it_free, END, saying.goes_free),
    Case("C11", Q.lowers_plan, END, saying.goes_down),
    Case("D12", Q.lowers_quantity, END, saying.fewer_seats),
    Case("C14", Q.drops_extras, END, saying.less_capacity),
    Case("C9", Q.shortens, END, saying.shorter_cycle),
    Case("C6", Q.raises_plan, NOW, saying.goes_up),
    Case("P9", Q.raises_quantity, NOW, saying.more_seats),
    Case("C2", Q.adds_extras, NOW, saying.more_capacity),
    Case("C3", Q.lengthens, NOW, saying.longer_cycle),
    Case("C6", Q.buys, NOW, saying.trial_bought),
    # Nobody thought of it.
    Case("I11", Q.always, NO, saying.not_foreseen),
)

ORDERS = (
    # It cannot be meant.
    Case("P12", Q.is_unknown, NO, saying.order_unknown),
    Case("P10", Q.is_not_sold_for_so_long, NO, saying.cycle_not_sold),
    Case("C2", Q.has_unknown_extras, NO, saying.extras_unknown),
    Case("P14", Q.is_below_the_minimum, NO, saying.below_minimum),
    Case("P14", Q.is_too_many, NO, saying.too_many),
    # It would break what holds between plans.
    Case("C7", Q.is_an_addon_alone, NO, saying.addon_alone),
    Case("C7", Q.lacks_its_main, NO, saying.main_missing),
    Case("C8", Q.outlasts_its_main, NO, saying.main_first),
    Case("C14", Q.buys_beyond_the_limit, NO, saying.beyond_capacity),
    Case("I2", Q.always, NOW, saying.order_taken),
)
"""The same for a new order: `decide(ordered(...), ORDERS)`."""

ASKS_FIRST: tuple[tuple[Callable[[Family], bool], Callable[[Question], bool]], ...] = (
    (lambda family: family.approval, Question.always),
    # Where nobody can say which way it goes, it may be down.
    (lambda family: not family.downgrades, Question.has_what_is_not_listed),
    (lambda family: not family.downgrades, Question.is_on_another_ladder),
    (lambda family: not family.downgrades, Question.goes_down),
    (lambda family: not family.downgrades, Question.shortens),
)
"""Of which families an admin has to agree, and to what (I11)."""

UNLISTED = {
    saying.has_ended, saying.plan_gone, saying.plan_unknown, saying.order_unknown,
    saying.extras_unknown, saying.another_ladder, saying.cycle_not_sold,
    saying.too_many, saying.below_minimum,
}  # fmt: skip
"""Where nobody can say what it would take away."""


def decide(question: Question, cases: tuple[Case, ...] = CASES) -> Decision:
    case = next(case for case in cases if case.holds(question))
    return Decision(
        case.verdict,
        case.promise,
        case.says(question),
        now=question.raised if case.verdict in {NOW, BOTH} else None,
        next=_next(question) if case.verdict in {END, BOTH} else None,
        waits=_waits(question, case.verdict),
        losses=() if case.says in UNLISTED else _losses(question),
    )


def _next(question: Question) -> Scheduled:
    return Scheduled(question.to, question.turns)


def _waits(question: Question, verdict: Verdict) -> tuple[Wait, ...]:
    """An admin first: nobody pays for what may yet be refused."""
    if verdict in {NO, KEEP}:
        return ()
    approval = (Wait.APPROVAL,) if asks_first(question) else ()
    return approval + ((Wait.PAYMENT,) if verdict in {NOW, BOTH} else ())


def asks_first(question: Question) -> bool:
    """Whether an admin has to agree to it, and has not yet."""
    asks = any(
        of(family) and about(question)
        for family in question.families
        for of, about in ASKS_FIRST
    )
    return asks and not question.asked.approved


def _losses(question: Question) -> tuple[Loss, ...]:
    entitlements = question.prices.entitlements
    return losses(entitlements(question.has.choice), entitlements(question.to))
