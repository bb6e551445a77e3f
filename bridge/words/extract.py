"""Brings the catalogues up to what the code says: `make words`.

New words come in with nothing said for them, which the tests turn red on; words nobody
says any more go out. Found are: `.say("…")`, `.many("…", "…", n)` and `_("…")` in the
code, `{% trans %}` and `_("…")` in templates, and the sentences of the rules.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po
from jinja2.ext import babel_extract

from bridge.words import en
from bridge.words.catalogues import TRANSLATED, file, read

BRIDGE = Path(__file__).parents[1]
TEMPLATES = ("web/shop", "web/pages", "letters")
"""Where there are pages and mails for customers; the console speaks English."""

ARGUMENTS = {"say": 1, "many": 2, "_": 1}
"""How many of what it is called with are words."""

HEADER = """\
msgid ""
msgstr ""
"Language: {now.locale_identifier}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {now.plural_forms}\\n"

"""
"""Without dates and names: what changes in a catalogue is what is said."""

KEYWORDS = ("_", "gettext", "ngettext")
OPTIONS = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}

Words = str | tuple[str, str]
"""One, or one and several."""


@cache
def found() -> frozenset[Words]:
    """All that customers are told: all code is read for it, once."""
    return frozenset({*en.SENTENCES.values(), *en.WORDS, *_of_code(), *_of_templates()})


def brought_up(language: str) -> Catalog:
    """What is said in it of all there is to say."""
    had = read(language)
    now = Catalog(language, fuzzy=False)
    for words in found():
        name = words if isinstance(words, str) else words[0]
        known = had.get(name)
        same = known is not None and known.id == words
        now.add(words, known.string if known is not None and same else None)
    return now


def write(language: str, now: Catalog, to: Path | None = None) -> None:
    with (to or file(language)).open("wb") as written:
        written.write(HEADER.format(now=now).encode())
        write_po(
            written, now, width=88, no_location=True, omit_header=True, sort_output=True
        )


def missing(now: Catalog) -> list[str]:
    """What is said in no words yet, or in doubtful ones, or in too few forms."""
    return [
        str(message.id)
        for message in now
        if message.id
        and (message.fuzzy or not all(_forms(message)) or not _fits(now, message))
    ]


def main() -> None:
    for language in TRANSLATED:
        now = brought_up(language)
        write(language, now)
        left = missing(now)
        print(f"{language}: {len(now)} in all, {len(left)} still to be said")  # noqa: T201 - what make words tells


def _forms(message: Message) -> tuple[str, ...]:
    said = message.string or ""
    return (said,) if isinstance(said, str) else tuple(said)


def _fits(now: Catalog, message: Message) -> bool:
    """As many forms as the language has numbers."""
    return len(_forms(message)) == (now.num_plurals if message.pluralizable else 1)


def _of_code() -> Iterator[Words]:
    for path in sorted(BRIDGE.glob("**/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and (name := _named(node.func)):
                words = node.args[: ARGUMENTS[name]]
                yield from _together(words)


def _named(called: ast.expr) -> str | None:
    """A bare `say` has a code, not words: those are the rules' sentences."""
    match called:
        case ast.Attribute(attr="say" | "many" as name) | ast.Name(id="_" as name):
            return name
    return None


def _together(words: list[ast.expr]) -> Iterator[Words]:
    """Nothing, where they are not written there."""
    said = [one.value for one in words if isinstance(one, ast.Constant)]
    if len(said) == len(words) == 1:
        yield str(said[0])
    if len(said) == len(words) > 1:
        yield (str(said[0]), str(said[1]))


def _of_templates() -> Iterator[Words]:
    for folder in TEMPLATES:
        for path in sorted((BRIDGE / folder).glob("**/*.*")):
            if path.suffix not in {".html", ".txt"}:
                continue
            with path.open("rb") as template:
                calls = babel_extract(template, KEYWORDS, (), OPTIONS)
                for _line, _name, said, _comments in calls:
                    words = (said,) if isinstance(said, str) else said or ()
                    told = [one for one in words if isinstance(one, str)]
                    yield told[0] if len(told) == 1 else (told[0], told[1])


if __name__ == "__main__":
    main()
