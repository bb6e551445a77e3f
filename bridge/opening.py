"""An account of ours for what was sold: on which backend, and as whose trial."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.keys import ACCOUNT, Keys, random_name, random_password
from bridge.logins import Logins
from bridge.platforms import signature
from bridge.store import accounts, backends, facts, lanes, trials, whereabouts
from bridge.store.lanes import INTAKE
from provisioning.core import placing, trying
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog, Package
from provisioning.core.events import Event
from provisioning.core.outcomes import Later
from provisioning.core.sentences import Sentence
from provisioning.core.trial import Trial

AHEAD = timedelta(seconds=signature.WINDOW)


def open_account(
    tx: sa.Connection,
    event: Event,
    key: str,
    catalog: Catalog,
    keys: Keys,
    at: datetime,
    logins: Logins,
) -> Sentence | None:
    """An account of ours for this service: the backend's follows when it is planned.

    Or why there is none.
    """
    if event.service is None or whereabouts.of_service(tx, event.service):
        return None
    package = catalog.packages[event.product or ""]
    untried = _untried(tx, event, catalog)
    if isinstance(untried, Sentence):
        return untried
    backend = _place(tx, package, event.server, catalog, at)
    if isinstance(backend, Sentence):
        return backend
    if backend not in catalog.currencies:
        raise Later(
            f'package "{package.name}" is sold on backend "{backend}", which this'
            " process does not know yet: start it anew."
        )
    if untried:
        trials.keep(tx, event.client or event.service, untried)
    id_ = ACCOUNT + random_name(10)
    account = Account(
        id=id_,
        source=event.source,
        backend=backend,
        currency=catalog.currencies[backend],
        username=keys.username(id_),
        client=event.client,
        email=event.email,
        phone=event.phone,
        language=event.language,
        services=(Service(event.service, package.name),),
        restored_at=_lost_from(tx, event),
        login=logins.of(event.source),
    )
    accounts.make(tx, account, keys.seal(random_password(), id_), at)
    # Woken whether it is there or not: what waits there may just be on its way in.
    waiting = {INTAKE + ref for ref in (event.client, event.service) if ref}
    for lane in sorted(waiting - {key}):
        lanes.wake(tx, lane, at)
    return None


def _untried(
    tx: sa.Connection, event: Event, catalog: Catalog
) -> Trial | Sentence | None:
    """The trial an order begins: of another account of this client's there may have
    been one (D14). None: it is none."""
    if not event.trial:
        return None
    had = trials.had(tx, event.client or event.service or "", event.service or "")
    return trying.begun(event, event.product or "", had, catalog)


def _place(
    tx: sa.Connection,
    package: Package,
    server: str | None,
    catalog: Catalog,
    at: datetime,
) -> str | Sentence:
    """Counted and not locked: openings of the same moment on PostgreSQL may each take
    the last room, so a backend can hold one account more for each worker that sorts."""
    among = placing.choices(package, server)
    if isinstance(among, Sentence):
        return among
    if len(among) == 1 and among[0] not in catalog.full:
        return among[0]
    held, pauses = whereabouts.on_each(tx, among), backends.paused(tx)
    closed = {n for n, p in pauses.items() if not p.by_hand or p.until > at}
    return placing.placed(among, catalog, held, closed)


def _lost_from(tx: sa.Connection, event: Event) -> datetime | None:
    """The backup's moment, where the account may have been opened after it before.

    By the platform's clock, which may be ahead by as much as its signatures may be.
    """
    restored = facts.restored(tx)
    lost = restored and event.occurred_at < restored.at + AHEAD
    return restored.backup if restored and lost else None
