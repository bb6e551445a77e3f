"""How pages speak: in whose language, and by which words of theirs.

`install(environment)` once, give every page its `speech`, and write
`{% trans day=… %}Paid until {{ day }}{% endtrans %}` or `{{ _("Plan") }}`; a page that
imports macros that speak says `with context`. `make words` finds them.
"""

from __future__ import annotations

from gettext import NullTranslations

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header


def best(accepted: str | None, user: str | None, offered: tuple[str, ...]) -> str:
    """What somebody chose; else what his browser asks for; else the brand's first."""
    if user in offered:
        return str(user)
    asked = parse_accept_header(accepted, LanguageAccept)
    return str(asked.best_match(offered, default=offered[0]))


def install(pages: Environment) -> None:
    """Their `trans`, `_` and `ngettext` speak as the `speech` they are given."""
    pages.add_extension("jinja2.ext.i18n")
    pages.policies["ext.i18n.trimmed"] = True
    pages.install_gettext_callables(  # type: ignore[attr-defined]
        _gettext, _ngettext, newstyle=True
    )


@pass_context
def _gettext(page: Context, words: str) -> str:
    said: NullTranslations = page["speech"].said
    return said.gettext(words)


@pass_context
def _ngettext(page: Context, one: str, several: str, n: int) -> str:
    said: NullTranslations = page["speech"].said
    return said.ngettext(one, several, n)
