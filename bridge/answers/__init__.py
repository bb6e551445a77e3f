"""What a platform's module may ask, and what it is answered: of its own accounts alone.

A service is named as the platform calls it, and looked up under the source's own name;
an account that came by another source is not there for it, whatever it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bridge.answers import acts, lists, services, shelf
from bridge.answers.asked import Asked, Wide

WORDS: Mapping[str, Callable[[Asked], dict[str, Any]]] = {
    "packages": shelf.packages,
    "service": services.service,
    "plan": services.plan,
    "accounts": lists.accounts,
    "usage": lists.usage,
    "act": acts.act,
}
"""By the word in "ask"."""


def answer(wide: Wide, source: str, id_: str, told: Mapping[str, Any]) -> Any:
    """LookupError says why there is none, and the way out; an Outcome, why not now."""
    word = told.get("ask")
    if not isinstance(word, str) or word not in WORDS:
        raise LookupError(f'"ask" is one of: {", ".join(WORDS)}')
    return WORDS[word](Asked(wide, source, id_, told))
