"""The coupons of an account: which it may use on a service, and switching one on."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bridge import vouchers
from bridge.answers.asked import Asked
from bridge.store import coupons, payload
from bridge.words import render, speech
from provisioning.core import acting
from provisioning.core.account import Account, Service
from provisioning.core.activation import Activated, Way, activate, fit
from provisioning.core.catalog import Catalog
from provisioning.core.coupons import why_unusable
from provisioning.core.sentences import Sentence, minute, say

CARDS = 50


def usable(
    tx: sa.Connection, asked: Asked, account: Account, sold: Service, catalog: Catalog
) -> list[dict[str, Any]]:
    """Each with the ways it may be used here (B1), numbered as kinds have them."""
    at, found = asked.at, []
    stands = acting.stands(account, sold, catalog, at)
    ground = vouchers.ground(account, sold, catalog)
    for card in coupons.of(tx, account.id, CARDS):
        if card.fate is not None or why_unusable(card, catalog.terms, at):
            continue
        ways = fit(catalog.terms.coupons[card.kind], stands, ground).ways
        may = [
            {"variant": no, "text": said}
            for no, way in enumerate(ways, start=1)
            if (said := _text(way))
        ]
        if may:
            found.append({"id": card.id, "kind": card.kind, "variants": may})
    return found


def _text(way: Way) -> str | None:
    """What it would become; None where it may not."""
    if isinstance(way.becomes, Sentence):
        return None
    time = speech().lasting(way.variant.lasts)
    return render(say("coupon_way", package=way.becomes.package, time=time))


def _variant(asked: Asked) -> int | None:
    said = asked.maybe("variant")
    if said is None or said.isdecimal():
        return int(said) if said else None
    raise LookupError('"variant" is the number of the way it is used')


def switch_on(asked: Asked) -> dict[str, Any]:
    """By its customer: only of his own, on his own. Refused, it is not spent."""
    account, sold = asked.sold()
    vouchers.written(account)
    with asked.wide.database.read() as tx:
        catalog = asked.wide.editions.now(tx, account.services)
        card = vouchers.named(tx, asked.text("coupon"))
    stands = acting.stands(account, sold, catalog, asked.at)
    ground = vouchers.ground(account, sold, catalog)
    match activate(card, account.id, stands, ground, _variant(asked)):
        case Activated() as done:
            pass
        case no:
            raise LookupError(render(no))
    asked.wide.carry_out(
        "coupon.activate",
        {
            "was": payload.from_coupon(card),
            "activation": payload.from_activation(done.activation),
            "revision": account.revision,
        },
    )
    now = done.activation
    said = render(say("asked_coupon", package=now.package, until=minute(now.ends)))
    return {"operation": None, "said": f"{said} {render(done.note) or ''}".strip()}
