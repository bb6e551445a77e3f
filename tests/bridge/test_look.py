"""How pages look: every text can be read, in light and in dark, on any width."""

import re

import pytest

from bridge.look import DARK, HEADERS, LIGHT, READ_ON, STYLE

LEAST = 4.5
"""WCAG 2.2 AA for text of any size."""


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), READ_ON)
def test_every_text_can_be_read(colours, ink, ground):
    """Its contrast is at least 4.5 to 1. An `accent` of #7a9cc0 in light: red."""
    assert contrast(colours[ink], colours[ground]) >= LEAST


def test_black_on_white_is_21():
    """The measure itself is right."""
    assert 21 == round(contrast("#000000", "#ffffff"), 6)


def test_both_have_all_colours_and_the_style_names_no_other():
    """What is missing in one would be the other's, and nobody could read it."""
    assert set(LIGHT) == set(DARK)
    assert set(re.findall(r"var\(--([\w-]+)\)", STYLE)) <= set(LIGHT)


def test_nothing_is_fetched_from_anywhere():
    """No host, no font, no script: the policy allows our own style only."""
    policy = HEADERS["Content-Security-Policy"]

    assert not re.search(r"url\(|@import|https?:", STYLE)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script" not in policy
    assert "unsafe" not in policy


def test_no_box_is_wider_than_a_small_phone():
    """Nothing has a fixed width; long words break."""
    assert not re.search(r"[^-]width:\d{3,}px|min-width:\d+px\}", STYLE)
    assert "overflow-wrap:anywhere" in STYLE
