"""A shop in config.toml: what it needs, and what a brand may look like."""

import re
from pathlib import Path

import pytest

from bridge import config
from bridge.config import ConfigError
from bridge.keys import new_secret

README = (Path(__file__).parents[2] / "README.md").read_text()
PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
GOOD = """
key = "{key}"
public_url = "https://provision.example.com"
[alerts]
folder = "outbox"
[sources.acme]
kind = "shop"
login_mail = "ours"
[sources.acme.brand]
name = "Acme Calls"
login_url = "https://panel.acme.example/"
support = "help@acme.example"
from = "hello@acme.example"
[sources.acme.shop]
url = "https://shop.acme.example"
currency = "USD"
pay = "Transfer it."
#more
[backends.main]
kind = "ictbroadcast"
url = "http://127.0.0.1:1"
username = "admin"
password = "simulator"
currency = "USD"
tariffs = {{ standard = "1" }}
[packages.starter]
price = "29.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 5
"""
OTHER = """
[sources.other]
kind = "shop"
login_mail = "ours"
[sources.other.brand]
name = "Other"
login_url = "https://panel.other.example/"
support = "help@other.example"
from = "hello@other.example"
[sources.other.shop]
url = "https://shop.acme.example"
currency = "USD"
pay = "Transfer it."
"""


@pytest.fixture
def read(tmp_path):
    def load(more="", old="", new=""):
        text = GOOD.format(key=new_secret())
        assert old in text
        path = tmp_path / "config.toml"
        path.write_text(text.replace(old, new).replace("#more", more))
        return config.load(path)

    return load


def test_a_brand_has_the_colours_it_asks_for(read):
    """U11: an accent for the light and one for the dark."""
    shop = read('accent = "#0a58a6"\naccent_dark = "#7db7f5"').shops["acme"]

    assert ("#0a58a6", "#7db7f5") == (shop.accent, shop.accent_dark)


@pytest.mark.parametrize(
    ("more", "out"),
    [
        ('accent = "#7db7f5"', "take a darker one"),
        ('accent = "#ffffff"', "take a darker one"),
        ('accent_dark = "#0a58a6"', "take a lighter one"),
        ('accent_dark = "#000000"', "take a lighter one"),
        ('accent = "navy"', 'write it as "#0a58a6"'),
        ('accent = "#0A58A6"', "in small letters"),
        ('accent = "#0a58a6;}"', "in small letters"),
    ],
)
def test_a_colour_that_cannot_be_read_is_refused_with_the_way_out(read, more, out):
    """U11: and nothing but a colour gets into a style."""
    # Guard off (`unreadable` is not asked): red, the first four are taken.
    with pytest.raises(ConfigError, match=out) as no:
        read(more)

    assert "sources.acme.shop.accent" in str(no.value)


@pytest.mark.parametrize(
    ("old", "new", "out"),
    [
        ('pay = "Transfer it."', "", "no platform takes the money here"),
        ('url = "https://shop.acme.example"', 'url = "https://a.example/b"',
         "a shop has one of its own"),
        ('folder = "outbox"', "", "a shop mails its customers a link"),
        ("#more", 'sells = ["gold"]', "there is no package, top-up or coupon gold"),
        ("#more", 'logo = "none.png"', "cannot read"),
        ("#more", OTHER, "each brand has a host of its own"),
    ],
)  # fmt: skip
def test_what_a_shop_lacks_is_said_before_it_begins(read, old, new, out):
    """A fault of a shop is the operator's to see, and not its customers'."""
    with pytest.raises(ConfigError, match=out):
        read(old=old, new=new)


def test_a_logo_is_a_picture_and_no_drawing(read, tmp_path):
    """U11: an SVG can hold scripts, whatever its name says."""
    (tmp_path / "logo.png").write_bytes(PNG)
    assert read('logo = "logo.png"').shops["acme"].logo

    (tmp_path / "logo.png").write_bytes(b"<svg onload=alert(1)>")
    with pytest.raises(ConfigError, match="no PNG, JPEG or WebP"):
        read('logo = "logo.png"')


def test_what_the_readme_shows_is_a_shop(tmp_path, monkeypatch):
    """Copied as it stands, beside a backend and packages of that name."""
    monkeypatch.setenv("MAIL_PASSWORD", "simulator")
    [shown] = [
        block
        for block in re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
        if "[sources.calls.shop]" in block
    ]
    before, _, after = GOOD.format(key=new_secret()).partition("[alerts]")
    backend = after[after.index("[backends.main]") :]
    business = backend[backend.index("[packages") :].replace("starter", "business")
    path = tmp_path / "config.toml"
    path.write_text(before + shown + backend + business)
    shop = config.load(path).shops["calls"]

    assert ("shop.example.com", "USD") == (shop.host, shop.currency)
