"""Strict JSON: one meaning, bounded, storable; every trap of a loader is refused."""

import json
from contextlib import suppress
from time import thread_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.platforms.base import Malformed
from bridge.platforms.strict import DEEPEST, LARGEST, Inexact, declared, load

plain = st.text(st.characters(exclude_categories=["Cs", "Cc"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | plain,
    lambda inner: st.lists(inner) | st.dictionaries(plain, inner),
    max_leaves=20,
)


@given(values)
def test_honest_json_means_what_it_meant(value):
    """Being strict changes nothing for those who write plainly."""
    assert value == load(json.dumps(value).encode())
    assert value == load(json.dumps(value, ensure_ascii=False, indent=2).encode())


@pytest.mark.parametrize("written", ["49.00", "1e2", "-0.0", "0.1", "1E400"])
def test_a_number_with_a_point_keeps_its_text(written):
    """Nothing is rounded before somebody may say what is wrong with it."""
    assert Inexact(written) == load(written.encode())


TRAPS = {
    "empty": (b"", "$ is not JSON"),
    "blank": (b"  ", "$ is not JSON"),
    "cut short": (b'{"a":', "$ is not JSON"),
    "two values": (b"{}{}", "$ is not JSON: Extra data"),
    "trailing comma": (b'{"a":1,}', "$ is not JSON"),
    "single quotes": (b"{'a':1}", "$ is not JSON"),
    "comment": (b"{} // x", "$ is not JSON"),
    "leading zero": (b"[01]", "$ is not JSON"),
    "raw line break in a string": (b'"a\nb"', "$ is not JSON"),
    "unclosed string": (b'["a', "$ is not JSON"),
    "closed too often": (b"]]]]{}", "$ is not JSON"),
    "byte order mark": (b"\xef\xbb\xbf{}", "$ begins with a byte order mark"),
    "UTF-16": ('{"a":1}'.encode("utf-16"), "$ is not UTF-8"),
    "Latin-1": (b'{"a":"\xe9"}', "$ is not UTF-8"),
    "gzip": (b"\x1f\x8b\x08\x00", "$ is not UTF-8"),
    "surrogate in UTF-8": (b'"\xed\xa0\x80"', "$ is not UTF-8"),
    "overlong UTF-8": (b'"\xc0\x80"', "$ is not UTF-8"),
    "duplicate key": (b'{"a":1,"a":1}', "$.a is written more than once"),
    "duplicate key, escaped": (b'{"a":1,"\\u0061":2}', "$.a is written more than once"),
    "duplicate key, deep": (b'[{"a":{"b":1,"b":2}}]', "$[0].a.b is written more"),
    "NaN": (b'{"a":NaN}', "$.a is NaN"),
    "Infinity": (b"[1,Infinity]", "$[1] is Infinity"),
    "-Infinity": (b"-Infinity", "$ is -Infinity"),
    "2**63": (b'{"a":9223372036854775808}', "$.a is a number beyond 64 bits"),
    "-2**63-1": (b"-9223372036854775809", "$ is a number beyond 64 bits"),
    "5,000 digits": (b"9" * 5000, "$ is a number beyond 64 bits"),
    "NUL": (b'{"a":"x\\u0000"}', "$.a holds NUL"),
    "high surrogate": (b'["\\ud800"]', "$[0] holds NUL or half"),
    "low surrogate": (b'["\\udc00x"]', "$[0] holds NUL or half"),
    "swapped surrogates": (b'["\\udc00\\ud800"]', "$[0] holds NUL or half"),
    "NUL in a name": (b'{"a\\u0000":1}', '$["a\\u0000"] has a control character'),
    "surrogate in a name": (b'{"\\ud800":1}', '$["\\ud800"] has a control character'),
    "escape in a name": (b'{"\\u001b[2J":1}', "has a control character"),
}


@pytest.mark.parametrize(("body", "reason"), TRAPS.values(), ids=TRAPS)
def test_a_trap_is_refused_with_its_reason(body, reason):
    """The standard library takes half of these without a word."""
    with pytest.raises(Malformed) as refused:
        load(body)

    assert reason in str(refused.value)
    assert refused.value.status == 400


def test_everything_odd_is_told_at_once():
    """With the path to each."""
    with pytest.raises(Malformed) as refused:
        load(b'{"a":NaN,"b":[1,{"c":"\\u0000","c":2}],"d":99999999999999999999}')

    assert [p.path for p in refused.value.problems] == ["$.a", "$.b[1].c", "$.d"]


def test_a_pair_of_surrogates_is_one_character():
    """That is how JSON escapes an emoji."""
    assert load(b'"\\ud83d\\ude00"') == "😀"


@pytest.mark.parametrize("pair", [("[", "]"), ('{"a":', "}")])
def test_depth_is_bounded_to_the_level(pair):
    """As deep as allowed, and not one more."""
    begin, end = pair
    inner = DEEPEST - 1

    assert load(f"{begin * inner}[]{end * inner}".encode())
    with pytest.raises(Malformed, match="deeper than 32"):
        load(f"{begin * DEEPEST}[]{end * DEEPEST}".encode())


def test_brackets_in_text_are_no_depth():
    """Nor are quotes in text its end."""
    told = ["[" * 100, '{"' * 100, "\\" * 7 + '"' + "[" * 50]

    assert told == load(json.dumps(told).encode())


def test_size_is_bounded_to_the_byte():
    """The largest is read, one more is 413."""
    largest = b'"' + b"x" * (LARGEST - 2) + b'"'

    assert len(load(largest)) == LARGEST - 2
    with pytest.raises(Malformed, match="262144 bytes") as refused:
        load(largest + b" ")
    assert refused.value.status == 413


COSTLY = {
    "nothing but brackets": b"[" * LARGEST,
    "quotes never closed": b'"' * (LARGEST - 1),
    "escaped quotes never closed": b'"' + b'\\"' * (LARGEST // 2 - 1),
    "backslashes never closed": b'"' + b"\\" * (LARGEST - 2),
    "one endless number": b"9" * LARGEST,
    "one endless fraction, then none": b"0." + b"9" * (LARGEST - 3) + b"x",
    "NaN after NaN": b"[" + b"NaN," * (LARGEST // 4 - 1) + b"1]",
    "one name again and again": b"{" + b'"a":0,' * (LARGEST // 6 - 1) + b'"a":0}',
}


@pytest.mark.parametrize("body", COSTLY.values(), ids=COSTLY)
def test_the_costliest_body_costs_little(body):
    """Linear: what is quadratic would take minutes here, not seconds, of work."""
    begun = thread_time()
    with pytest.raises(Malformed):
        load(body)

    assert thread_time() - begun < 5


@settings(max_examples=500, deadline=None)
@given(st.binary() | st.text(alphabet='[]{}",:\\ua1e.-NIn').map(str.encode))
def test_noise_is_read_or_malformed_and_nothing_else(body):
    """Whatever arrives, the door knows what to answer."""
    with suppress(Malformed):
        load(body)


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=utf-8"]
)
def test_json_is_declared(kind):
    """With or without its parameters."""
    declared({"Content-Type": kind})


@pytest.mark.parametrize(
    "headers",
    [{}]
    + [
        {"content-type": kind}
        for kind in ["text/plain", "application/x-www-form-urlencoded", "", "json"]
    ]
    + [{"content-type": "application/json", "Content-Type": "application/json"}],
)
def test_anything_else_is_415(headers):
    """A browser's form can post these to us on a visitor's behalf."""
    with pytest.raises(Malformed, match="application/json") as refused:
        declared(headers)

    assert refused.value.status == 415


def test_what_is_refused_is_never_repeated():
    """It may be a secret, and refusals are logged."""
    for body in (b'{"a":"canary', b'{"a":"canary\\u0000"}', b'["canary",NaN]'):
        with pytest.raises(Malformed) as refused:
            load(body)

        assert "canary" not in str(refused.value)
