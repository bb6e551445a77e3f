"""Every verb speaks to programs, and how each can end is written down."""

import re
from pathlib import Path

import click
import pytest

from bridge.cli import main, output
from bridge.cli.listing import Listed

DOCS = (Path(__file__).parents[3] / "docs" / "cli.md").read_text()
QUIET = {"console", "init", "openapi", "serve", "shop", "simulator", "worker"}
"""They tell people what they do until they are stopped, or what they wrote; or print
what is JSON anyway."""


def verbs(command=main, path=()):
    if isinstance(command, Listed):
        command = command.verb()
    if not isinstance(command, click.Group):
        return {" ".join(path): command}
    return {
        name: verb
        for word, one in command.commands.items()
        for name, verb in verbs(one, (*path, word)).items()
    }


def listed(command=main):
    """All that are on a list, its own list's before those of its verbs."""
    if not isinstance(command, click.Group):
        return []
    here = [one for one in command.commands.values() if isinstance(one, Listed)]
    return here + [one for each in here for one in listed(each.verb())]


VERBS = verbs()


def rows():
    """Of the table of verbs: name, and what its other cells say."""
    return dict(re.findall(r"^\| `([a-z -]+)` \|(.*)\|$", DOCS, re.MULTILINE))


@pytest.mark.parametrize("one", listed(), ids=lambda one: one.name)
def test_a_list_says_of_a_verb_how_its_own_help_begins(one):
    """Whoever asks which verbs there are is told nothing that is not so."""
    verb = one.verb()
    begins = one.get_short_help_str().removesuffix(".")

    assert one.name == verb.name
    assert begins
    assert " ".join(verb.help.split()).startswith(begins)


@pytest.mark.parametrize("verb", sorted(set(VERBS) - QUIET))
def test_every_verb_that_tells_something_has_json(verb):
    """U8: a program need not read tables."""
    assert "--json" in {o for p in VERBS[verb].params for o in p.opts}


def test_which_have_none_is_written_down():
    """If it is not documented it does not exist."""
    [line] = [line for line in DOCS.splitlines() if line.startswith("`console`")]

    assert set(re.findall(r"`(\w+)`", line)) == QUIET


def test_how_every_verb_ends_is_written_down():
    """And nothing is written of a verb that is not there."""
    assert set(VERBS) == set(rows())


def test_the_codes_are_those_of_the_program():
    """0 and what `output` names."""
    named = {
        output.ERROR,
        output.CHANGES,
        output.UNSURE,
        output.REFUSED,
        output.CHANGED,
    }
    told = {int(code) for code in re.findall(r"^\| (\d) \|", DOCS, re.MULTILINE)}

    assert {0} | named == told


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_a_verb_says_in_its_help_how_it_ends_beside_0_and_1(verb):
    """Whoever asks the verb itself hears the same as who reads the table."""
    told = set(re.findall(r"\b[2-5]\b", rows()[verb]))
    said = set(re.findall(r"\b[2-5]\b", _codes(VERBS[verb].help or "")))

    assert told == said


def _codes(text):
    """What the help says from its first word about exit codes on."""
    return text[text.find("code") :] if "code" in text else ""
