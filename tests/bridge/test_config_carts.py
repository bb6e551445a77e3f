"""A shop whose orders go to WHMCS's cart: all it sells is sold there, or it is said."""

import re

import pytest

from bridge import config
from bridge.config import ConfigError
from bridge.keys import new_secret
from tests.bridge.test_config_shops import GOOD, README

BEHIND = """
kind = "whmcs"
secrets = ["{secret}"]
api_url = "https://billing.acme.example/whmcs/includes/api.php"
identifier = "i"
secret = "s"
products = {{ "12" = "starter", "a5" = "line" }}
options = {{ "Extra channels" = "line" }}
cart = {{ payment = "banktransfer", country = "VN" }}
"""
LINE = """
[packages.line]
price = "5.00 USD"
cycle = "monthly"
addon = true
channels = 1
[packages.euro]
price = "5.00 EUR"
cycle = "monthly"
tariff = "standard"
channels = 1
"""


@pytest.fixture
def read(tmp_path):
    def load(old="", new=""):
        behind = BEHIND.format(secret=new_secret())
        text = GOOD.format(key=new_secret()).replace('kind = "shop"\n', behind) + LINE
        assert old in text
        path = tmp_path / "config.toml"
        path.write_text(text.replace(old, new))
        return config.load(path)

    return load


def test_what_is_sold_in_another_currency_needs_no_product_there(read):
    assert "cart" in read().sources["acme"]


@pytest.mark.parametrize(
    ("old", "new", "out"),
    [
        ('"12" = "starter"', '"12" = "gold"', "starter.* must be .it is: none"),
        ('"12" = "starter"', '"12" = "starter", "13" = "starter"', "it is: 12 and 13"),
        ('"12" = "starter"', '"x" = "starter"', "it is: x"),
        ('"Extra channels" = "line"', '"Extra" = "-"', "sells the add-on line, and no"),
    ],
)
def test_what_the_shop_sells_and_nothing_there_is_is_said(read, old, new, out):
    """C4: at the start, with the way out, and not to a customer."""
    with pytest.raises(ConfigError, match=out) as no:
        read(old, new)

    assert "sources.acme.shop.sells" in str(no.value)


def test_what_is_not_sold_at_the_shop_needs_none(read):
    read('pay = "Transfer it."', 'sells = ["starter"]')
    start, end = GOOD.index("[sources.acme.shop]"), GOOD.index("#more")
    with pytest.raises(ConfigError, match="it needs the table shop"):
        read(GOOD[start:end], "")


def test_what_the_readme_shows_is_a_cart(tmp_path):
    """Copied as it stands, beside what `source add whmcs` prints."""
    [shown] = [
        block
        for block in re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
        if "[sources.billing]" in block
    ]
    own = shown.partition("[sources.billing]\n")[2]
    printed = BEHIND.format(secret=new_secret()).partition("products")[0]
    printed = printed.replace('kind = "whmcs"\n', "")
    text = GOOD.format(key=new_secret()).replace(
        'kind = "shop"\nlogin_mail = "ours"\n', own + printed
    )
    path = tmp_path / "config.toml"
    path.write_text(text)

    assert "cart" in config.load(path).sources["acme"]
