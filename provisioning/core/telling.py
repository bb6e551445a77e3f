"""What an owner is told of what he lost, and of what he bought too much of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from provisioning.core import capacity, clearing, locking
from provisioning.core.account import Account, Service
from provisioning.core.catalog import Catalog
from provisioning.core.choices import Choice
from provisioning.core.kept import Locked
from provisioning.core.sentences import Sentence, minute, say


def said(
    account: Account, service: Service, catalog: Catalog, at: datetime
) -> tuple[Sentence, ...]:
    """With the day of each (D9, D10); nothing of what has ended."""
    if not service.alive:
        return ()
    each = (_of_lock(lock) for lock in service.locked)
    return (*_over(account, service, catalog, at), *_trimmed(service), *each)


def foreseen(
    account: Account,
    service: Service,
    to: Choice,
    catalog: Catalog,
    effect: datetime,
) -> tuple[Sentence, ...]:
    """The same once it is that, from then on, and if nothing comes between."""
    same = to.package == service.package
    becomes = replace(
        service,
        package=to.package,
        quantity=to.quantity,
        extras=to.extras,
        version=service.version if same else None,
    )
    after = capacity.counted(account.with_service(becomes), catalog, effect)
    after = capacity.reckoned(account, after, catalog, effect)
    after = locking.noticed(account, after, catalog, effect)
    return said(after, after.service(service.ref) or becomes, catalog, effect)


def _of_lock(lock: Locked) -> Sentence:
    deletes = clearing.deletes_at(lock)
    if deletes:
        return say("data_locked", name=lock.feature, at=minute(deletes))
    if lock.gone_at:
        return say("data_gone", name=lock.feature, at=minute(lock.gone_at))
    return say("data_rests", name=lock.feature)


def _over(
    account: Account, service: Service, catalog: Catalog, at: datetime
) -> Iterator[Sentence]:
    """Of what this service bought some of."""
    most = capacity.limits(account, catalog, at)
    for name, since in account.over.items() if service.bought else ():
        units = clearing.excess(
            capacity.purchases(account, name, catalog), most.get(name, 0)
        )
        on = minute(clearing.trims_at(since))
        yield say("capacity_over", units=units, capacity=name, at=on)


def _trimmed(service: Service) -> Iterator[Sentence]:
    for extra in service.bought:
        for name, units in extra.trimmed:
            yield say(
                "capacity_trimmed",
                units=units, capacity=name, addon=extra.name,
                bought=minute(extra.at), at=minute(extra.trimmed_at),
            )  # fmt: skip
