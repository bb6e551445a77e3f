"""Coupons and umbrellas in the hands of people: given, used, passed on, taken back.

What may be done the rules decided on what was seen; here it is done, where that still
stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from bridge.store import accounts, coupons, lanes, whereabouts
from bridge.words import render
from provisioning.core import acting
from provisioning.core.account import Account, Service
from provisioning.core.activation import Ground
from provisioning.core.catalog import Catalog
from provisioning.core.coupons import Coupon, revoked
from provisioning.core.splice import Activation
from provisioning.core.umbrellas import Acting, folded


def give(tx: sa.Connection, these: Sequence[Coupon]) -> int:
    """How many of them were not there yet. To all of them, or to nobody."""
    known = whereabouts.own(tx, {each.owner for each in these}).read()
    for each in these:
        if each.owner not in known:
            raise LookupError(f"there is no account {each.owner}; nobody got a coupon")
    return sum(coupons.add(tx, each) for each in these)


def activate(
    tx: sa.Connection, was: Coupon, activation: Activation, revision: int, at: datetime
) -> None:
    """Spent and at work in one: both are on disk, or neither."""
    account = accounts.load(tx, was.owner)
    if account is None or account.revision != revision:
        raise LookupError(
            f"account {was.owner} changed since it was looked at; nothing is spent;"
            " say it again"
        )
    written(account)
    _keep(tx, was, replace(was, fate=activation))
    now = replace(account, activations=(*account.activations, activation))
    accounts.save(tx, account, now)
    lanes.wake(tx, account.id, at)


def written(account: Account) -> None:
    """LookupError, where nothing is set there: its time would run out unseen."""
    if account.observed_at:
        raise LookupError(
            f"account {account.id} was adopted and is only looked at; nothing is spent."
            f" First `switchhook adopt release {account.id} --because …`"
        )


def ground(account: Account, sold: Service, catalog: Catalog) -> Ground:
    """What is sold there, and the backend it has to be on."""
    return Ground(acting.terms(sold, catalog), catalog, account.backend)


def pass_on(tx: sa.Connection, was: Coupon, to: str) -> None:
    if not whereabouts.own(tx, [to]).read():
        raise LookupError(f"there is no account {to}; see `switchhook reprovision`")
    _keep(tx, was, replace(was, owner=to))


def revoke(tx: sa.Connection, id_: str, by: str, because: str, at: datetime) -> None:
    was = named(tx, id_)
    match revoked(was, at, by, because):
        case Coupon() as now:
            _keep(tx, was, now)
        case no:
            raise LookupError(render(no))


def spread(tx: sa.Connection, id_: str, new: Acting, at: datetime) -> None:
    """An umbrella over an account, beside those that are there."""
    account = _account(tx, id_)
    now = replace(account, umbrellas=(*account.umbrellas, new))
    accounts.save(tx, account, now)
    lanes.wake(tx, id_, at)


def fold(tx: sa.Connection, id_: str, umbrella: str, at: datetime) -> None:
    """It acts no longer."""
    account = _account(tx, id_)
    umbrellas = folded(account.umbrellas, umbrella, at)
    if umbrellas == account.umbrellas:
        raise LookupError(f'no umbrella "{umbrella}" acts on {id_}')
    accounts.save(tx, account, replace(account, umbrellas=umbrellas))
    lanes.wake(tx, id_, at)


def _account(tx: sa.Connection, id_: str) -> Account:
    account = accounts.load(tx, id_)
    if account is None:
        raise LookupError(f"there is no account {id_}")
    return account


def named(tx: sa.Connection, id_: str) -> Coupon:
    found = coupons.one(tx, id_)
    if found is None:
        raise LookupError(f"there is no coupon {id_}; see `switchhook coupon list`")
    return found


def _keep(tx: sa.Connection, was: Coupon, now: Coupon) -> None:
    if not coupons.keep(tx, was, now):
        raise LookupError(
            f"coupon {was.id} was used, passed on or taken back meanwhile; look again"
        )
