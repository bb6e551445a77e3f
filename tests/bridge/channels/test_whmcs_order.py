"""What is ordered in WHMCS: all that was chosen, or nothing of it."""

from base64 import b64decode

import pytest

from bridge.channels import whmcs_order
from bridge.channels.whmcs_api import Api
from bridge.platforms.whmcs import access
from provisioning import php
from provisioning.core.outcomes import Refused
from tests.rigs.whmcs import IDENTIFIER, SECRET

TOLD = {
    "product": "12", "cycle": "monthly", "currency": "USD", "quantity": 1, "extras": {},
    "options": {"Extra channels": "line", "Seats": "quantity", "Region": "-"},
    "mark": "or-1.shop.example",
}  # fmt: skip


@pytest.fixture
def order(whmcs):
    """`order(quantity=3)`: what AddOrder is told, and what of the options it chose."""
    offered = {"Extra channels": ("4", "5.00"), "Seats": ("5", "9.00"),
               "Region": ("6", "0.00")}  # fmt: skip
    whmcs.client("7")
    whmcs.sales.product("12", "29.00", options=offered)
    settings = {"api_url": whmcs.url, "identifier": IDENTIFIER, "secret": SECRET,
                "cart": {"payment": "banktransfer"}}  # fmt: skip
    found = access("billing", settings)
    api = Api("billing", found)

    def place(**changed):
        told = TOLD | changed
        product = whmcs_order.product(api, told)
        whmcs_order.make(api, found.cart, 7, told, product)
        [form] = whmcs.did("AddOrder")
        written = form.get("configoptions[0]")
        return form, php.loads(b64decode(written)) if written else {}

    return place


def listed(whmcs):
    """Seats are chosen from a list there, and not counted."""
    [_, seats, _] = whmcs.sales.products["12"]["configoptions"]["configoption"]
    [counted] = seats["options"]["option"]
    each = [counted | {"id": f"5{many}", "name": many} for many in ("1", "3")]
    seats |= {"type": "1", "options": {"option": each}}


def test_what_was_chosen_is_named_by_the_numbers_of_whmcs(order):
    """C4: add-ons and how many, each by its configurable option; what is not ours is
    left as it is there."""
    form, chosen = order(quantity=3, extras={"line": 2})

    assert {"4": 2, "5": 3} == {str(key): value for key, value in chosen.items()}
    assert "monthly" == form["billingcycle[0]"]


def test_what_is_a_list_there_is_chosen_by_its_name(order, whmcs):
    listed(whmcs)
    _, chosen = order(quantity=3)

    assert {"5": 53} == {str(key): value for key, value in chosen.items()}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"extras": {"voice": 1}}, "sells no voice with product 12"),
        ({"options": {}, "quantity": 2}, "sells no quantity with product 12"),
        ({"quantity": 2}, "option Seats of product 12 has no 2"),
        ({"cycle": "annually"}, "does not sell product 12 annually in USD"),
        ({"currency": "EUR"}, "does not sell product 12 monthly in EUR"),
        ({"product": "13"}, "has no product 13"),
    ],
)
def test_what_cannot_be_ordered_whole_is_not_ordered(order, whmcs, changed, said):
    """C4: staff are told what to add there."""
    # Guard off (`if wanted` in `_options`): red, it is ordered without.
    listed(whmcs)
    with pytest.raises(Refused, match=said):
        order(**changed)

    assert [] == whmcs.did("AddOrder")
