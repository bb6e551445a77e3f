"""Every page of a shop is declared here; what is not does not exist."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from bridge.store import accounts, customers, invitations, shop_orders, whereabouts
from bridge.web.registry import Nobody, Owner, Registry


def _of_order(tx: sa.Connection, name: str) -> str:
    found = shop_orders.one(tx, name)
    if found is None:
        raise Nobody
    return found.client


def _of_service(tx: sa.Connection, ref: str) -> str | None:
    found = accounts.load(tx, whereabouts.of_service(tx, ref) or "")
    if found is None:
        raise Nobody
    return found.client


def _of_person(tx: sa.Connection, id_: str) -> str:
    found = customers.one(tx, id_)
    if found is None or found.ended_at:
        raise Nobody
    return found.client


def _of_invitation(tx: sa.Connection, id_: str) -> str:
    found = invitations.one(tx, id_)
    if found is None:
        raise Nobody
    return found.client


def _of_account(tx: sa.Connection, name: str) -> str | None:
    found = accounts.load(tx, name)
    if found is None:
        raise Nobody
    return found.client


def _everybodys(_: sa.Connection, __: str) -> None:
    """What is sold is sold to all: its page says itself whether there is such a one."""


OWNERS: Mapping[str, Owner] = {
    "account": _of_account,
    "order": _of_order,
    "service": _of_service,
    "person": _of_person,
    "invitation": _of_invitation,
    "package": _everybodys,
    "token": _everybodys,
}
"""The client whose a thing in a path is, by the parameter's name."""

shop = Registry(owners=OWNERS)
