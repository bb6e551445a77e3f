"""The form of every mail to a customer: in words, and as it looks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bridge.config import Brand
from bridge.styles import DARK, LIGHT
from bridge.words import Speech

FORMS = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
)
WIDTH = 72
"""Of a plain mail's lines; a link is never broken."""

NUMBER, TIED = re.compile(r"(?<=\d)(\.?) (?=[^\W\d])"), "\0"
"""A number and its word stay on one line: "1. Dezember"."""


@dataclass(frozen=True, slots=True)
class Words:
    """Of a mail, in English, with the names of what it leaves open."""

    subject: str
    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Button:
    why: str
    label: str
    link: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail in its parts, each ready to be read."""

    subject: str
    title: str
    lines: tuple[str, ...]
    support: str
    """What stands before the address for questions."""

    rows: tuple[tuple[str, str], ...] = ()
    """Facts, by the word that stands before each."""

    button: Button | None = None
    small: str = ""


def written(letter: Letter, brand: Brand, speech: Speech) -> Mapping[str, Any]:
    html = FORMS.get_template("customer.html").render(
        letter=letter, brand=brand, speech=speech, light=LIGHT, dark=DARK
    )
    return {
        "from": brand.sender,
        "from_name": brand.name,
        "reply_to": brand.support,
        "subject": letter.subject,
        "text": _text(letter, brand),
        "html": html,
    }


def _text(letter: Letter, brand: Brand) -> str:
    parts = [letter.title, *(_filled(line) for line in letter.lines)]
    if letter.rows:
        width = max(len(label) for label, _ in letter.rows) + 2
        parts.append(
            "\n".join(f"{label + ':':<{width}}{value}" for label, value in letter.rows)
        )
    if letter.button:
        parts += [_filled(letter.button.why), letter.button.link]
    parts.append(f"{letter.support} {brand.support}")
    if letter.small:
        parts.append(_filled(letter.small))
    return "\n\n".join((*parts, f"-- \n{brand.name}\n"))


def _filled(line: str) -> str:
    return fill(NUMBER.sub(rf"\1{TIED}", line), WIDTH).replace(TIED, " ")
