"""What a word about a service orders, and how many of it; or what is wrong with it."""

from __future__ import annotations

from provisioning.core import lifecycle, scheduled
from provisioning.core.account import MANY, PACKAGE, Account, Service
from provisioning.core.catalog import Catalog, Package
from provisioning.core.credit import Kind
from provisioning.core.events import Event, Type
from provisioning.core.heard import Heard, Ledger, wrong_currency
from provisioning.core.sentences import Sentence, say


def what_is_paid(
    heard: Heard, event: Event, ledger: Ledger, catalog: Catalog
) -> Package | Sentence | None:
    was = heard.account.service(event.service)
    name = _package_of(was, event)
    if isinstance(name, Sentence):
        return name
    sold = sold_as(was, event, name, catalog)
    wrong = wrong_package(heard.account, event, sold)
    wrong = wrong or wrong_extras(heard.account, event, catalog)
    wrong = wrong or _wrong_sale(heard, event, ledger)
    return so_many(heard, event, sold, wrong)


def sold_as(
    service: Service | None, event: Event, name: str | None, catalog: Catalog
) -> Package | None:
    """What is sold anew, by the terms of today; what goes on, by those it was."""
    if service and not lifecycle.is_sale(service, event):
        for goes_on in (scheduled.paid_for(service, event), service):
            if name == goes_on.package:
                return catalog.package_of(goes_on)
    return catalog.packages.get(name or "")


def so_many(
    heard: Heard, event: Event, package: Package | None, wrong: Sentence | None
) -> Package | Sentence | None:
    """As many of it as are paid for; or what is wrong, with it or with the number."""
    if wrong or package is None:
        return wrong
    many = _quantity_of(heard.account.service(event.service), event)
    return many if isinstance(many, Sentence) else package.times(many)


def wrong_package(
    account: Account, event: Event, package: Package | None
) -> Sentence | None:
    if package is None:
        return say("package_unknown", product=event.product or "none")
    if account.backend not in package.backends:
        return say("other_backend", product=package.name, backend=package.backend)
    return wrong_currency(event.currency, package.price.currency)


def wrong_extras(account: Account, event: Event, catalog: Catalog) -> Sentence | None:
    service = account.service(event.service)
    for name, _ in event.extras or ():
        addon = catalog.packages.get(name)
        if addon is None and service:
            addon = catalog.package_of(service, name)
        if addon is None or not addon.addon:
            return say("addon_unknown", name=name)
        if account.backend not in addon.backends:
            return say("other_backend", product=name, backend=addon.backend)
    return None


def _wrong_sale(heard: Heard, event: Event, ledger: Ledger) -> Sentence | None:
    service = heard.account.service(event.service)
    if event.besides and not (service and lifecycle.is_sold_since(service, event)):
        return say("cannot_deliver", what=", ".join(event.besides))
    if event.type == Type.RENEWED and not (event.line or event.starts):
        return say("payment_unnamed")
    if event.line is None:
        return None
    topup = heard.booked(f"{event.line}/{Kind.TOPUP}", ledger)
    coupons = heard.coupons_of(event.line, ledger)
    other = heard.paid_by(event.line, ledger) not in {None, event.service}
    apart = topup or coupons or other
    return say("line_of_another", line=event.line) if apart else None


def _package_of(service: Service | None, event: Event) -> str | Sentence | None:
    """What is paid for; or why a renewal does not say, where it was another before."""
    if service is None or event.type == Type.ACTIVATE:
        return event.product
    changed = service.marks.get(PACKAGE)
    if changed and event.order < changed.order:
        return event.product or say("package_unclear", has=service.package)
    name = scheduled.paid_for(service, event).package
    if event.product not in {None, name}:
        return say("package_differs", told=event.product, has=name)
    return name


def _quantity_of(service: Service | None, event: Event) -> int | Sentence:
    """How many are paid for; or why nobody can tell, where it was another number."""
    told = event.quantity or (1 if event.type == Type.ACTIVATE else None)
    if told or service is None:
        return told or 1
    changed = service.marks.get(MANY)
    if changed and event.order < changed.order:
        return say("quantity_unclear", has=service.quantity)
    return scheduled.paid_for(service, event).quantity
