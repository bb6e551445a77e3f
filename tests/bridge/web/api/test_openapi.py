"""The document says what is there, and every field of what comes in has a bound."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from marshmallow import RAISE, fields, validate

from bridge.cli import main
from bridge.web.api import examples, openapi
from bridge.web.api.declared import every
from bridge.web.api.fields import Answer, Moment, Sum
from bridge.web.registry import PARAM

ALL = list(every())
DOCS = Path(__file__).parents[4] / "docs" / "api.md"
TAKEN = {
    schema for one in ALL for schema in (one.query, one.takes) if schema is not None
}


def unbounded(field, where):
    """Its path and those below it, where anything may be said."""
    match field:
        case fields.List():
            yield from unbounded(field.inner, f"{where}[]")
        case fields.Nested():
            yield from open_ends(type(field.schema), where)
        case fields.Boolean() | Moment() | Sum():
            return
    bounds = [each for each in field.validators if _bounds(each)]
    if not bounds:
        yield where


def _bounds(check):
    match check:
        case validate.OneOf():
            return True
        case validate.Length():
            return check.max is not None
        case validate.Range():
            return check.min is not None and check.max is not None
    return False


def open_ends(schema, where):
    for name, field in schema().fields.items():
        yield from unbounded(field, f"{where}.{name}")


def test_everything_that_comes_in_has_an_upper_bound():
    """Strings, numbers and lists alike; what is not known is refused."""
    # Guard off (no Length in forms.text): red, every line of text is listed.
    ends = [end for schema in TAKEN for end in open_ends(schema, schema.__name__)]

    assert [] == ends
    assert {RAISE} == {schema().unknown for schema in TAKEN}


def test_a_check_of_bounds_sees_what_has_none():
    """Of the test above: a list of anything, and a number without an end."""

    class Loose(Answer):
        words = fields.List(fields.String(validate=validate.Length(max=3)))
        many = fields.Integer(validate=validate.Range(min=0))

    assert ["Loose.words", "Loose.many"] == list(open_ends(Loose, "Loose"))


@pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.method} {one.path}")
def test_each_call_is_described(one):
    """By its docstring, whose first line is a sentence; its path has a sample."""
    assert one.summary.endswith((".", "?")), one.name
    assert set(one.params) <= openapi.PARAMS.keys() & examples.SAMPLES.keys()
    assert one.answers or one.path.endswith((".csv", "openapi.json"))
    assert one.takes if one.changes else not one.takes


def test_the_document_is_of_the_registry_alone_and_always_the_same():
    """`switchhook openapi` prints it; each call is in it once, with who may."""
    printed = CliRunner().invoke(main, ["openapi"]).output
    document = json.loads(printed)
    told = {
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method in methods
    }
    names = [
        call["operationId"]
        for methods in document["paths"].values()
        for call in methods.values()
    ]

    assert printed == openapi.text(reversed(ALL))
    assert told == {(one.method, PARAM.sub(r"{\1}", one.path)) for one in ALL}
    assert len(names) == len(set(names))
    assert "3.1.0" == document["openapi"]


def test_each_code_stands_in_the_document_and_in_the_docs():
    """`docs/api.md` says what to do about each, and of no other."""
    told = {
        code
        for _, about in openapi.ERRORS.values()
        for code in about.partition(":")[0].split(", ")
    }
    table = DOCS.read_text().partition("| status | code |")[2]
    rows = [row.split("|") for row in table.splitlines() if row.count("|") > 3]
    written = {code for row in rows for code in re.findall(r"`(\w+)`", row[2])}
    said = {int(code) for row in rows for code in re.findall(r"\d{3}", row[1])}

    assert told == written
    assert said == set(map(int, openapi.ERRORS))


def test_how_many_calls_there_are(record_property):
    """A figure."""
    changing = sum(one.changes for one in ALL)
    record_property("figures", f"API: {len(ALL)} calls, {changing} of them change")

    assert len(ALL) > 40
