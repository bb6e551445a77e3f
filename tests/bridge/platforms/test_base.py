"""What the platform files share: headers, paths, and the list of what is wrong."""

import pytest

from bridge.platforms.base import MOST, Malformed, Problem, header, under


@pytest.mark.parametrize("name", ["webhook-id", "Webhook-Id", "WEBHOOK-ID"])
def test_a_header_is_found_in_any_case(name):
    """Proxies and frameworks write them as they like."""
    assert header({name: "evt_1"}, "webhook-id") == "evt_1"


@pytest.mark.parametrize("headers", [{}, {"a": "1", "A": "2"}])
def test_a_header_missing_or_told_twice_is_empty(headers):
    """Which of two was meant is not ours to guess."""
    assert header(headers, "a") == ""


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("ref", "$.ref"),
        (3, "$[3]"),
        ("two words", '$["two words"]'),
        ("tên", '$["t\\u00ean"]'),
        ("\x1b[2J", '$["\\u001b[2J"]'),
        ('"]', '$["\\"]"]'),
        ("x" * 1000, f'$["{"x" * 40}"]'),
    ],
)
def test_a_path_stays_short_and_harmless(key, path):
    """It is printed to terminals and pages, and the sender chose its names."""
    assert path == under("$", key)


def test_every_problem_is_told_at_once():
    """A sender should not mend one to be told of the next."""
    wrong = Malformed(Problem("$.a", "is needed"), Problem("$.b", "is null"))

    assert str(wrong) == "$.a is needed; $.b is null"
    assert wrong.status == 400


def test_endless_problems_are_counted_instead():
    """An answer never grows with the hostility of the question."""
    wrong = Malformed(*[Problem("$", "is odd")] * (MOST + 7), status=413)

    assert Problem("$", "has 7 more problems") == wrong.problems[-1]
    assert len(wrong.problems) == MOST + 1
