"""How pages look: every text can be read, in light and in dark, on any width."""

import re

import pytest

from bridge.styles import (
    DARK,
    HEADERS,
    LEAST,
    LIGHT,
    READ_ON,
    STYLE,
    contrast,
    on,
    unreadable,
)

PARTS = [f"{part:02x}" for part in range(0, 256, 36)]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), READ_ON)
def test_every_text_can_be_read(colours, ink, ground):
    """Its contrast is at least 4.5 to 1. An `accent` of #7a9cc0 in light: red."""
    assert contrast(colours[ink], colours[ground]) >= LEAST


@pytest.mark.parametrize(
    ("one", "other", "is_"),
    [
        ("#000000", "#ffffff", 21),
        ("#777777", "#ffffff", 4.48),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_the_measure_itself_is_right(one, other, is_):
    """As WCAG's own examples reckon it, and whichever stands on which."""
    assert is_ == round(contrast(one, other), 2) == round(contrast(other, one), 2)
    assert 4.5 == LEAST


COLOURS = [f"#{r}{g}{b}" for r in PARTS for g in PARTS for b in PARTS]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_a_brands_accent_is_readable_wherever_it_stands_or_is_refused(colours):
    """U11: of 512 colours, each one that is taken can be read as a link on every
    ground, and a button's words can be read on it."""
    # Guard off (`unreadable` says []): red.
    taken = [one for one in COLOURS if not unreadable(one, colours)]
    read = [
        contrast(one, colours[ground])
        for one in taken
        for ground in ("card", "ground", "well")
    ]

    assert 50 < len(taken) < 400
    assert min(read) >= LEAST
    assert min(contrast(on(one), one) for one in taken) >= LEAST


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
