"""What a query or a body names, of his: what is another's is not there."""

from __future__ import annotations

from bridge.store import accounts, whereabouts
from bridge.web.access.steps import Stopped
from bridge.web.asked import Asked
from bridge.web.registry import OWNERS, Nobody
from provisioning.core.account import Account


def account(asked: Asked, name: str) -> Account:
    """By its id or a service's name, wherever in a request it stands."""
    with asked.parts.database.read() as tx:
        try:
            covered = asked.scope.covers(OWNERS["account"](tx, name))
        except Nobody:
            covered = False
        found = accounts.load(tx, whereabouts.of_service(tx, name) or name)
    if found is None or not covered:
        raise Stopped(404, "not_there", f'There is no account "{name}".')
    return found
