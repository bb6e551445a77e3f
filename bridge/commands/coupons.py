"""On coupons and umbrellas: given, switched on, passed on, revoked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from bridge import vouchers
from bridge.commands import Order, Told
from bridge.store import payload
from provisioning.core.umbrellas import Acting


def _give_coupons(tx: sa.Connection, _at: datetime, these: Sequence[Told]) -> Told:
    cards = [payload.to_coupon(each) for each in these]
    return {"given": vouchers.give(tx, cards), "coupons": [card.id for card in cards]}


def _activate_coupon(
    tx: sa.Connection, at: datetime, was: Told, activation: Told, revision: int
) -> Told:
    card, now = payload.to_coupon(was), payload.to_activation(activation)
    vouchers.activate(tx, card, now, revision, at)
    return {"activated": card.id, "service": now.service}


def _pass_coupon(tx: sa.Connection, _at: datetime, was: Told, to: str) -> Told:
    card = payload.to_coupon(was)
    vouchers.pass_on(tx, card, to)
    return {"passed": card.id, "to": to}


def _revoke_coupon(
    tx: sa.Connection,
    at: datetime,
    id: str,  # noqa: A002 - the coupon's
    by: str,
    because: str,
) -> Told:
    vouchers.revoke(tx, id, by, because, at)
    return {"revoked": id}


def _spread(
    tx: sa.Connection,
    at: datetime,
    account: str,
    umbrella: str,
    until: str | None,
    because: str,
) -> Told:
    ends = datetime.fromisoformat(until) if until else None
    vouchers.spread(tx, account, Acting(umbrella, at, ends, because), at)
    return {"account": account, "umbrella": umbrella, "until": until}


def _fold(tx: sa.Connection, at: datetime, account: str, umbrella: str) -> Told:
    vouchers.fold(tx, account, umbrella, at)
    return {"account": account, "umbrella": umbrella, "until": at.isoformat()}


ORDERS: Mapping[str, Order] = {
    "umbrella.spread": _spread,
    "umbrella.fold": _fold,
    "coupon.give": _give_coupons,
    "coupon.activate": _activate_coupon,
    "coupon.pass": _pass_coupon,
    "coupon.revoke": _revoke_coupon,
}
