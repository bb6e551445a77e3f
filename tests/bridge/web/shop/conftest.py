"""Two brands side by side, and customers of theirs."""

import pytest

from tests.shopper import AT, BRANDS, Shopper


@pytest.fixture
def street(make):
    """`rig, simulator = street()`: the shops of acme (USD) and mekong (VND); *at_acme*,
    *at_mekong*: where they answer."""

    def build(more="", at_acme=AT["acme"], at_mekong=AT["mekong"], **set_):
        tables = BRANDS.replace(AT["acme"], at_acme).replace(AT["mekong"], at_mekong)
        return make(mailed=True, rate=None, more=tables + more, **set_)

    return build


@pytest.fixture
def shopper(street):
    """`shopper("acme")`: somebody at that brand's shop, not known there yet."""
    kept = []

    def build(brand="acme", rig=None, **set_):
        if rig is None and not kept:
            kept.append(street(**set_))
        found = rig or kept[0][0]
        one = Shopper(found, brand)
        one.simulator = kept[0][1] if kept else None
        return one

    return build
