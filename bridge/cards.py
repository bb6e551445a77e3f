"""What a coupon is worth to who has it: unused or gone, and on what it may be used."""

from __future__ import annotations

from datetime import datetime

from bridge import vouchers
from bridge.words import render
from provisioning.core import acting
from provisioning.core.account import Account
from provisioning.core.activation import Activated, activate, fit
from provisioning.core.catalog import Catalog
from provisioning.core.coupons import Coupon, Withdrawn, why_unusable
from provisioning.core.sentences import Sentence, minute
from provisioning.core.splice import Activation


def state(card: Coupon, catalog: Catalog, at: datetime) -> str:
    match card.fate:
        case Activation(service=service, at=then):
            return f"used on {service}, {minute(then)}"
        case Withdrawn(how=how):
            return how.value
    return "unusable" if why_unusable(card, catalog.terms, at) else "unused"


def uses(card: Coupon, owner: Account, catalog: Catalog, at: datetime) -> str:
    """The services it may be activated on now; why not, of those it may not."""
    no = why_unusable(card, catalog.terms, at)
    if no:
        return str(render(no))
    kind = catalog.terms.coupons[card.kind]
    fits = [
        fit(
            kind,
            acting.stands(owner, sold, catalog, at),
            vouchers.ground(owner, sold, catalog),
        )
        for sold in owner.services
    ]
    return " · ".join(
        f"{each.service}: {render(each.why_not)}" if each.why_not else each.service
        for each in fits
    )


def activated(
    card: Coupon,
    account: Account,
    service: str,
    catalog: Catalog,
    at: datetime,
    variant: int | None = None,
) -> Activated | Sentence:
    """What it would do on that service of its; a sentence says why it may not."""
    sold = account.service(service)
    if sold is None:
        raise LookupError(
            f"{service} is no service; a service is named with its source: shop:1001"
        )
    stands = acting.stands(account, sold, catalog, at)
    ground = vouchers.ground(account, sold, catalog)
    return activate(card, account.id, stands, ground, variant)
