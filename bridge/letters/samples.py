"""How every mail looks, with facts of nobody: for who sets a brand up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from bridge.billing.asking import Answer
from bridge.config import Brand, Config
from bridge.letters import answer, link, login, threshold, topics
from bridge.store.customers import Purpose
from bridge.words import speech
from provisioning.core.news import Topic
from provisioning.core.sentences import say

LOGIN, AGAIN, THRESHOLD = "login", "login-again", "threshold"
OF_SHOPS = {
    **{purpose.value: "password" for purpose in Purpose},
    **{answered.value: "orders" for answered in Answer},
}
"""Those a shop mails, and the page their link leads to."""

KINDS = (LOGIN, AGAIN, THRESHOLD, *OF_SHOPS, *(topic.value for topic in Topic))
NOWHERE = "https://provision.example.com"

Sample = Callable[[Brand, str, str], Mapping[str, Any]]


def preview(
    config: Config, source: str, kind: str, language: str | None = None
) -> Mapping[str, Any]:
    """As that source's customers get it; first in its brand's own language.

    LookupError, where it has no brand.
    """
    brand = config.brands.get(source)
    if brand is None:
        raise LookupError(
            f"{source} has no brand of its own: its platform writes its mails. One is"
            f" given by brand = {{ … }} in [sources.{source}]."
        )
    leads = f"{config.public_url or NOWHERE}/reveal/{source}/example"
    if kind in OF_SHOPS:
        shop, page = config.shops.get(source), OF_SHOPS[kind]
        leads = f"{shop.url if shop else NOWHERE}/{page}/example"
    return sample(kind, brand, leads, language or brand.languages[0])


def is_ours(config: Config, source: str, kind: str) -> bool:
    """Whether we send it to the customers of that source, or its platform does."""
    if kind in OF_SHOPS:
        return source in config.shops
    if kind in {LOGIN, AGAIN}:
        return source in config.mailed
    return source in config.brands and (
        kind == THRESHOLD or kind in config.topics(source)
    )


def sample(kind: str, brand: Brand, leads: str, language: str) -> Mapping[str, Any]:
    """*leads*: where its link would, where it has one."""
    special = SPECIAL.get(kind)
    if special:
        return special(brand, leads, language)
    return topics.sample(Topic(kind), brand, language)


def _threshold(brand: Brand, _leads: str, language: str) -> Mapping[str, Any]:
    crossed = say("balance_below", value="4.20 USD", level="5.00 USD")
    return threshold.words(brand, crossed, "swexample1abcde", speech(language))


SPECIAL: Mapping[str, Sample] = {
    LOGIN: login.sample,
    AGAIN: lambda brand, leads, said: login.sample(brand, leads, said, again=True),
    THRESHOLD: _threshold,
    **{purpose.value: partial(link.sample, purpose) for purpose in Purpose},
    **{each.value: partial(answer.sample, each) for each in Answer},
}
