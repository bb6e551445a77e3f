"""What support does for a customer: login again, goodwill, a promise, coupons."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import fields

from bridge import cards, goodwill, vouchers
from bridge.access.roles import May
from bridge.billing import renewing
from bridge.changing import service_of
from bridge.store import coupons, payload, unpaid
from bridge.web.api import his
from bridge.web.api.fields import (
    MOST,
    Answer,
    Moment,
    because,
    currency,
    many,
    maybe,
    money,
    said,
    shown,
    whole,
    yes_or_no,
)
from bridge.web.api.registry import api
from bridge.web.asked import Asked
from bridge.web.forms import Form
from bridge.words import render
from provisioning.core.coupons import Giving, give
from provisioning.core.money import text
from provisioning.core.outcomes import Refused
from provisioning.core.pledging import pledged
from provisioning.core.sentences import Sentence

# --- login


class Why(Form):
    because = because()


class Sent(Answer):
    account = shown("Whose login it is.", "acc_k3m9x7qa")
    issue = shown("Which of its logins; those before are void.", 2, fields.Integer)


@api.post("/accounts/<account>/login", may=May.HELP, takes=Why, answers=Sent)
def send_login(asked: Asked, account: str) -> dict[str, Any]:
    """A new login mail; the links of those before it are void from now on."""
    found, config = his.account(asked, account), asked.parts.config
    if found.source not in config.mailed:
        raise LookupError(
            f"login mails of {found.source} are sent by its platform; send it from"
            " there"
        )
    return asked.order(
        "login.send", account=found.id, because=asked.told["because"],
        channel=config.login_channel,
    )  # fmt: skip


# --- goodwill


class Goodwill(Form):
    sum = money("What is given.", "5.00", required=True)
    currency = currency(required=True)
    reference = said("Your ticket: the same one counts once.", "T-4711", required=True)
    because = because()


class Given(Answer):
    given = shown("The key of the sum.", "acc_k3m9x7qa/goodwill/T-4711")
    sum = shown("What was given.", "5.00 USD")


@api.post("/accounts/<account>/goodwill", may=May.HELP, takes=Goodwill, answers=Given)
def give_goodwill(asked: Asked, account: str) -> dict[str, Any]:
    """Credit nobody paid for.

    Within what `goodwill` in the configuration allows for an account in 30 days.
    """
    told, to = asked.told, his.account(asked, account).id
    allowed = asked.parts.config.goodwill
    of = goodwill.asked(allowed, to, told["currency"], text(told["sum"]))
    return asked.order(
        "money.give", because=told["because"], reference=told["reference"], **of
    )


# --- a promise to pay


class Promise(Form):
    days = whole("How long it is believed.", 5, 1, 366, required=True)
    because = because()
    group = said("The customer group its price is for.", "wholesale")


class Promised(Answer):
    promised = shown("The account.", "acc_k3m9x7qa")
    until = shown("Until then it is not switched off for that.")


@api.post("/accounts/<account>/promise", may=May.HELP, takes=Promise, answers=Promised)
def promise(asked: Asked, account: str) -> dict[str, Any]:
    """Believe that a service will be paid within so many days.

    Name the service in the path, where its account has several. Once, until it is paid.
    """
    told, found = asked.told, his.account(asked, account)
    service, by = service_of(found, account), f"staff:{asked.who.name}"
    given = pledged(
        found, service, asked.parts.catalog, asked.at, timedelta(days=told["days"]), by,
        told["because"], told.get("group"),
    )  # fmt: skip
    if isinstance(given, Sentence):
        raise Refused(render(given))
    return asked.order(
        "promise.give", promise=unpaid.from_promise(given), revision=found.revision
    )


# --- renewal by itself


class Renewal(Form):
    automatic = yes_or_no("Whether it is renewed by itself from now on.", required=True)
    because = because()


class Chosen(Answer):
    service = shown("Which.", "acme:sv_k3m9x7qa")
    automatic = shown("What holds now.", True, fields.Boolean)


@api.post("/accounts/<account>/renewal", may=May.HELP, takes=Renewal, answers=Chosen)
def choose_renewal(asked: Asked, account: str) -> dict[str, Any]:
    """Whether the order of its next period is made by itself; nothing is charged by it.

    Name the service in the path, where its account has several. Of a shop that takes
    its money itself.
    """
    told, found = asked.told, his.account(asked, account)
    if found.source not in renewing.shops(asked.parts.config):
        raise LookupError(
            f"{found.source} is no shop that takes its money itself; its platform"
            " renews, and says so"
        )
    return asked.order(
        "renewal.choose", service=service_of(found, account).ref,
        automatic=told["automatic"], by=f"staff:{asked.who.name}",
        because=told["because"],
    )  # fmt: skip


# --- coupons


class Coupon(Answer):
    coupon = shown("Its id.", "T-4711/acc_k3m9x7qa")
    kind = shown("What was given.", "gold-month")
    account = shown("Whose it is.", "acc_k3m9x7qa")
    given = shown("When.", kind=Moment)
    by = shown("Who gave it.", "ann@example.com")
    because = shown("Why.")
    line = maybe("The paid line that brought it.")
    price = maybe("What was paid for it.")
    state = shown("unused, or what became of it.", "unused")
    on = shown("On which services it may be used now, or why not.")


class Coupons(Answer):
    items = many(f"The newest {MOST}.", Coupon)


class Give(Form):
    kind = said("Which, by its name in the catalog.", "gold-month", required=True)
    reference = said(
        "Your ticket: the same one gives once.", "T-4711", required=True, most=60
    )
    because = because()


class Gave(Answer):
    given = shown("1; 0, where it was given before.", 1, fields.Integer)
    coupons = many("Its id.")


class Activate(Form):
    service = said("On which service.", "shop:1001", required=True)
    variant = whole("Which way, where there are several.", 1, 1, 20)


class Activated(Answer):
    activated = shown("The coupon.", "T-4711/acc_k3m9x7qa")
    service = shown("On which it acts from now on.", "shop:1001")


class Revoked(Answer):
    revoked = shown("The coupon.", "T-4711/acc_k3m9x7qa")


@api.get("/accounts/<account>/coupons", may=May.SEE, answers=Coupons)
def all_coupons(asked: Asked, account: str) -> dict[str, Any]:
    """An account's coupons, each with what can be made of it there."""
    owner, catalog = his.account(asked, account), asked.parts.catalog
    with asked.parts.database.read() as tx:
        found = coupons.of(tx, owner.id, MOST)
    return {
        "items": [
            {
                "coupon": card.id,
                "kind": card.kind,
                "account": card.owner,
                "given": card.given_at,
                "by": card.by,
                "because": card.why,
                "line": card.line,
                "price": card.price,
                "state": cards.state(card, catalog, asked.at),
                "on": cards.uses(card, owner, catalog, asked.at),
            }
            for card in found
        ]
    }


@api.post("/accounts/<account>/coupons", may=May.HELP, takes=Give, answers=Gave)
def give_coupon(asked: Asked, account: str) -> dict[str, Any]:
    """A better plan for a while, at no price: its customer switches it on, or you."""
    told, owner = asked.told, his.account(asked, account)
    giving = Giving(told["reference"], asked.at, asked.who.name, told["because"], 1)
    these = give(told["kind"], [owner.id], giving, asked.parts.catalog.terms)
    if isinstance(these, Sentence):
        raise Refused(render(these))
    return asked.order(
        "coupon.give", these=[payload.from_coupon(card) for card in these]
    )


@api.post(
    "/coupons/<path:coupon>/activate", may=May.HELP, takes=Activate, answers=Activated
)
def activate_coupon(asked: Asked, coupon: str) -> dict[str, Any]:
    """Switch it on. Refused, it is not spent."""
    told = asked.told
    account = his.account(asked, told["service"])
    with asked.parts.database.read() as tx:
        card = vouchers.named(tx, coupon)
    vouchers.written(account)
    done = cards.activated(
        card, account, told["service"], asked.parts.catalog, asked.at,
        told.get("variant"),
    )  # fmt: skip
    if isinstance(done, Sentence):
        raise Refused(render(done))
    return asked.order(
        "coupon.activate", was=payload.from_coupon(card),
        activation=payload.from_activation(done.activation), revision=account.revision,
    )  # fmt: skip


@api.post("/coupons/<path:coupon>/revoke", may=May.HELP, takes=Why, answers=Revoked)
def revoke_coupon(asked: Asked, coupon: str) -> dict[str, Any]:
    """Take back one that was given and not used."""
    because_ = asked.told["because"]
    return asked.order("coupon.revoke", id=coupon, by=asked.who.name, because=because_)
