"""All accounts of a source, page by page: what they are, and what they use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from bridge.answers.asked import Asked, moment
from bridge.answers.services import state, used
from bridge.store import accounts as kept
from bridge.store import attempts, books, register
from bridge.store.register import Which
from provisioning.core.account import Account
from provisioning.core.desired import desired
from provisioning.core.money import text

PAGE = 200


def _page(asked: Asked) -> tuple[list[Account], dict[str, datetime], str | None]:
    """A page of them, when each was made, and where the next page begins."""
    after = asked.maybe("after") or ""
    with asked.wide.database.read() as tx:
        ids = register.page(tx, Which(source=asked.source), after, PAGE)
        loaded = kept.load_all(tx, ids).read()
        made = register.made(tx, ids)
    these = [loaded[id_].account for id_ in ids if id_ in loaded]
    return these, made, ids[-1] if len(ids) == PAGE else None


def accounts(asked: Asked) -> dict[str, Any]:
    these, made, after = _page(asked)
    with asked.wide.database.read() as tx:
        sold = [service for account in these for service in account.services]
        catalog = asked.wide.editions.now(tx, sold)
    shown = [
        {
            "service": asked.native(service.ref),
            "username": account.username,
            "email": account.email,
            "created": moment(made.get(account.id)),
            **_short(
                state(
                    account,
                    service,
                    catalog,
                    asked.at,
                    live=account.remote is not None,
                )
            ),
        }
        for account in these
        for service in asked.mine(account)
        if service.package in catalog.packages
    ]
    return {"accounts": shown, "after": after}


def usage(asked: Asked) -> dict[str, Any]:
    """By the last balance that was proven, not by a call for each of thousands."""
    these, _, after = _page(asked)
    with asked.wide.database.read() as tx:
        sold = [service for account in these for service in account.services]
        catalog = asked.wide.editions.now(tx, sold)
        arrived = books.arrived(tx, [account.id for account in these]).read()
        last = {a.id: attempts.last_balance(tx, a.id) for a in these}
    shown = []
    for account in these:
        should = desired(account, catalog)
        channels = should.entitlements.get("channels") if should else None
        known = last[account.id]
        balance = known[0] if known else None
        came = arrived.get(account.id, Decimal(0))
        shown += [
            {
                "service": asked.native(service.ref),
                "balance": None if balance is None else text(balance),
                "used": text(used(came, balance)),
                "channels": channels,
            }
            for service in asked.mine(account)
        ]
    return {"services": shown, "after": after}


def _short(told: Mapping[str, Any]) -> dict[str, Any]:
    return {key: told[key] for key in ("package", "status", "next_package")}
