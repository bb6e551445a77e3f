"""Every sentence people read. The rules give a code and its parts; here are words."""

from __future__ import annotations

from bridge.words import en
from bridge.words.catalogues import FIRST, LANGUAGES
from bridge.words.speech import Speech, speech
from provisioning.core.sentences import Sentence

__all__ = ["FIRST", "LANGUAGES", "Speech", "_", "render", "speech"]

SPOKEN = {"cycle", "per", "holds", "extras"}
"""The parts that are words themselves, whatever the sentence."""

SPOKEN_IN = {
    "change_cycle_not_sold": {"choices"},
    "change_upgrade_not_shorter": {"has"},
    "change_longer_cycle": {"has"},
}
"""Elsewhere these are names of what is sold."""


def _(words: str) -> str:
    """Words for customers that are said later: only marked, so that they are found."""
    return words


def render(sentence: Sentence | None, language: str = FIRST) -> str | None:
    """The sentence in words, or None where there is nothing to say.

    What only staff ever read is in English.
    """
    if sentence is None:
        return None
    if sentence.code in en.STAFF:
        return en.STAFF[sentence.code].format(**dict(sentence.parts))
    said = speech(language)
    spoken = SPOKEN | SPOKEN_IN.get(sentence.code, set())
    parts = {
        name: _spoken(said, value) if name in spoken else value
        for name, value in sentence.parts
    }
    return said.say(en.SENTENCES[sentence.code], **parts)


def _spoken(said: Speech, value: str) -> str:
    """One word, or several with commas between."""
    words = value.split(", ")
    return ", ".join(said.say(w) if w in en.WORDS else w for w in words)
