"""How every mail looks, with facts of nobody: for who sets a brand up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bridge.config import Brand
from bridge.letters import login, threshold, topics
from bridge.words import speech
from provisioning.core.news import Topic
from provisioning.core.sentences import say

LOGIN, AGAIN, THRESHOLD = "login", "login-again", "threshold"
KINDS = (LOGIN, AGAIN, THRESHOLD, *(topic.value for topic in Topic))

Sample = Callable[[Brand, str, str], Mapping[str, Any]]


def sample(kind: str, brand: Brand, link: str, language: str) -> Mapping[str, Any]:
    """*link*: where the one to a password would lead."""
    special = SPECIAL.get(kind)
    if special:
        return special(brand, link, language)
    return topics.sample(Topic(kind), brand, language)


def _threshold(brand: Brand, _link: str, language: str) -> Mapping[str, Any]:
    crossed = say("balance_below", value="4.20 USD", level="5.00 USD")
    return threshold.words(brand, crossed, "swexample1abcde", speech(language))


SPECIAL: Mapping[str, Sample] = {
    LOGIN: login.sample,
    AGAIN: lambda brand, link, said: login.sample(brand, link, said, again=True),
    THRESHOLD: _threshold,
}
