"""Every sentence the rules and the bridge can say has its words, with all its parts."""

import ast
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import pytest

import bridge
from bridge.words import render
from bridge.words.en import SENTENCES, STAFF
from provisioning.core.outcomes import Broken, Refused
from provisioning.core.sentences import Sentence, say

ROOT = Path(bridge.__file__).parents[1]
"""Where both packages are."""

BY_OUTCOME = {kind.__name__.lower() for kind in (Refused, Broken)}
"""What the runner says of a lane it parks: the outcome's own name is the code."""


class Said(NamedTuple):
    where: str
    code: str | None
    """None where it is computed."""

    parts: set[str]


WORDS = SENTENCES | STAFF


def _said():
    files = [*ROOT.glob("provisioning/**/*.py"), *ROOT.glob("bridge/**/*.py")]
    for file in sorted(files):
        for node in ast.walk(ast.parse(file.read_text())):
            # A method of that name says words of its own: bridge/words/speech.py.
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if named and node.func.id == "say":
                (code,) = node.args
                yield Said(
                    where=f"{file.relative_to(ROOT)}:{node.lineno}",
                    code=code.value if isinstance(code, ast.Constant) else None,
                    parts={part.arg for part in node.keywords},
                )


def places(code):
    """What the words leave open."""
    return {name for _, name, _, _ in Formatter().parse(WORDS[code]) if name}


ALL = list(_said())
WRITTEN = [said for said in ALL if said.code]
COMPUTED = [said for said in ALL if not said.code]


@pytest.mark.parametrize("said", WRITTEN, ids=lambda said: f"{said.code}-{said.where}")
def test_every_sentence_has_words_for_all_its_parts(said):
    """V15: what is parked says why, with nothing left open and nothing left out."""
    assert said.code in WORDS
    assert places(said.code) == said.parts


def test_the_only_computed_sentences_are_those_of_an_outcome():
    """Refused and Broken park a lane under their own names."""
    assert [{"reason"}] == [said.parts for said in COMPUTED]
    assert [{"reason"}] * 2 == [places(code) for code in BY_OUTCOME]


def test_no_words_are_kept_that_nobody_says():
    """A sentence taken out of the rules goes out of the words as well."""
    assert set(WORDS) == {said.code for said in WRITTEN} | BY_OUTCOME


def test_sentences_are_found_at_all():
    """This very file would be worth nothing if the search broke."""
    assert 20 < len(WRITTEN)
    assert {"provisioning/core/plan.py", "provisioning/core/period.py"} <= {
        said.where.partition(":")[0] for said in WRITTEN
    }


@pytest.mark.parametrize("code", WORDS)
def test_words_can_be_said_with_any_parts(code):
    """Braces in what a platform sent are no placeholders."""
    parts = dict.fromkeys(places(code), "{0} {odd}")

    assert "{odd}" in render(say(code, **parts)) or not parts


def test_parts_are_kept_as_text_in_the_order_they_were_given():
    """A sentence is stored, and read by a later version."""
    sentence = Sentence("period_overlaps", (("no", "2"), ("starts", "now")))

    assert sentence == say("period_overlaps", no=2, starts="now")


def test_where_nothing_is_to_be_said_nothing_is():
    """Most events need no explanation."""
    assert None is render(None)
