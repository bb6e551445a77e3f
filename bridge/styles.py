"""How pages and mails look: colours by what they are for, one style for every page.

Whoever changes a colour is told by the tests whether it can still be read.
"""

from __future__ import annotations

import base64
from hashlib import sha256

LIGHT = {
    "ground": "#f4f5f7",
    "card": "#ffffff",
    "ink": "#1a1f26",
    "quiet": "#545d68",
    "line": "#d3d9e0",
    "accent": "#0a58a6",
    "on-accent": "#ffffff",
    "well": "#eef2f7",
    "good": "#146c3a",
    "good-well": "#e3f4ea",
    "warn": "#8a4b00",
    "warn-well": "#fdf0dd",
    "bad": "#b3261e",
    "bad-well": "#fdeceb",
}
DARK = {
    "ground": "#0e1116",
    "card": "#171b22",
    "ink": "#e7ebf0",
    "quiet": "#a2adb9",
    "line": "#323a45",
    "accent": "#7db7f5",
    "on-accent": "#0b1522",
    "well": "#1f2630",
    "good": "#7fd6a0",
    "good-well": "#12301f",
    "warn": "#f2c078",
    "warn-well": "#38270f",
    "bad": "#ffb4ab",
    "bad-well": "#431915",
}
READ_ON = (
    ("ink", "ground"),
    ("ink", "card"),
    ("ink", "well"),
    ("quiet", "ground"),
    ("quiet", "card"),
    ("accent", "card"),
    ("accent", "ground"),
    ("on-accent", "accent"),
    ("accent", "well"),
    ("quiet", "well"),
    *((tone, f"{tone}-well") for tone in ("good", "warn", "bad")),
    *((tone, "card") for tone in ("good", "warn", "bad")),
)
"""Which is ever written on which."""


SHARES = (0.2126, 0.7152, 0.0722)
"""Of red, green and blue in how bright something is."""

DIM = 0.04045
"""Below it, how bright a part is goes straight up."""

LEAST = 4.5
"""To one: how much ink and ground must differ to be read (WCAG 2.2, AA)."""


def contrast(one: str, other: str) -> float:
    """From 1, the same, to 21, black and white."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def on(accent: str) -> str:
    """What can be read on it."""
    return max("#ffffff", "#000000", key=lambda ink: contrast(ink, accent))


def branded(accent: str | None, accent_dark: str | None) -> str:
    """The tokens with a brand's own accent in the light and in the dark."""
    light, dark = _accented(LIGHT, accent), _accented(DARK, accent_dark)
    return _tokens(light, dark)


def unreadable(accent: str, colours: dict[str, str]) -> list[str]:
    """The grounds on which such an accent could not be read."""
    grounds = ("card", "ground", "well")
    return [name for name in grounds if contrast(accent, colours[name]) < LEAST]


def _accented(colours: dict[str, str], accent: str | None) -> dict[str, str]:
    return colours | ({"accent": accent, "on-accent": on(accent)} if accent else {})


def _luminance(colour: str) -> float:
    """As WCAG 2 defines it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return sum(share * _linear(p) for share, p in zip(SHARES, parts, strict=True))


def _linear(part: float) -> float:
    return part / 12.92 if part <= DIM else ((part + 0.055) / 1.055) ** 2.4


def _variables(colours: dict[str, str]) -> str:
    return "".join(f"--{name}:{colour};" for name, colour in colours.items())


def _tokens(light: dict[str, str], dark: dict[str, str]) -> str:
    return f"""
:root{{color-scheme:light dark;{_variables(light)}}}
@media (prefers-color-scheme:dark){{:root{{{_variables(dark)}}}}}
"""


TOKENS = _tokens(LIGHT, DARK)
"""Every colour by its purpose, in the light and in the dark."""

STYLE = f"""{TOKENS}
*{{box-sizing:border-box}}
body{{margin:0;background:var(--ground);color:var(--ink);
font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}}
.page{{max-width:30rem;margin:0 auto;padding:clamp(1.25rem,6vh,5rem) 1rem 2rem}}
.wide{{max-width:60rem;padding-top:1.5rem}}
.brand{{margin:0 0 1rem;font-weight:600;overflow-wrap:anywhere}}
.card{{background:var(--card);border:1px solid var(--line);border-radius:.75rem;
padding:clamp(1.25rem,5vw,2rem)}}
h1{{margin:0 0 .5rem;font-size:1.5rem;line-height:1.25;letter-spacing:-.01em}}
h2{{margin:0;font-size:1rem;line-height:1.4;overflow-wrap:anywhere}}
p{{margin:0 0 1rem}}
.card>:last-child{{margin-bottom:0}}
.quiet,footer{{color:var(--quiet)}}
footer{{margin:1rem 0 0;font-size:.9375rem}}
a{{color:var(--accent);overflow-wrap:anywhere}}
.button{{display:inline-block;width:100%;border:0;border-radius:.5rem;
padding:.75rem 1.25rem;background:var(--accent);color:var(--on-accent);
font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer}}
.button:hover{{filter:brightness(1.08)}}
:focus-visible{{outline:3px solid var(--accent);outline-offset:3px}}
dl{{margin:0 0 1rem}}
dt{{color:var(--quiet);font-size:.875rem}}
dd{{margin:.125rem 0 .875rem}}
code{{display:block;padding:.625rem .75rem;border-radius:.5rem;background:var(--well);
font:1.0625rem/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;
overflow-wrap:anywhere;user-select:all}}
.mails{{display:grid;gap:1rem;padding:0;margin:1rem 0 0;list-style:none}}
.mails .card{{padding:1rem}}
.mails a.whole{{display:block;color:inherit;text-decoration:none}}
.mails a.whole:hover h2{{text-decoration:underline}}
.meta{{margin:.25rem 0 0;font-size:.875rem;color:var(--quiet);overflow-wrap:anywhere}}
iframe{{display:block;width:100%;height:62rem;margin:1rem 0 0;
border:1px solid var(--line);border-radius:.75rem;background:var(--card)}}
pre{{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;
font:.875rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}}
summary{{cursor:pointer;margin:1rem 0}}
@media (min-width:30rem){{.button{{width:auto}}iframe{{height:46rem}}}}
"""
_DIGEST = base64.b64encode(sha256(STYLE.encode()).digest()).decode()

HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{_DIGEST}'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "no-store",
}
"""Of a page that shows a secret, and of all others: no scripts, nobody else's hosts."""

MAIL = {
    # Somebody else's HTML, as far as a page knows: no scripts, no forms, no hosts.
    "Content-Security-Policy": "sandbox allow-popups allow-popups-to-escape-sandbox;"
    " default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""Of a mail that is shown as it is."""
