"""Every sentence people read. The rules give a code and its parts; here are words."""

from __future__ import annotations

from bridge.words.en import SENTENCES
from provisioning.core.sentences import Sentence


def render(sentence: Sentence | None) -> str | None:
    """The sentence in words, or None where there is nothing to say."""
    if sentence is None:
        return None
    return SENTENCES[sentence.code].format(**dict(sentence.parts))
