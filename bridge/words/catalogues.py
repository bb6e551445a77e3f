"""What is said in each language: the catalogues beside this file, read when needed.

English is what the code says itself; the others are looked up by it.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FIRST = "en"
TRANSLATED = ("vi", "de", "ru")
LANGUAGES = (FIRST, *TRANSLATED)

HERE = Path(__file__).parent


def file(language: str) -> Path:
    return HERE / f"{language}.po"


def read(language: str) -> Catalog:
    """As it is written, with what is still missing."""
    with file(language).open("rb") as written:
        return read_po(written, locale=language)


@cache
def catalogue(language: str) -> NullTranslations:
    """What is missing or doubtful in it is said in English."""
    if language not in TRANSLATED:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read(language))
    compiled.seek(0)
    return GNUTranslations(compiled)
