"""Quotes as signed text: a customer may carry one, and nobody can write another.

A token is short enough to paste: which way it is written, whose it is, the signature,
and the quote, packed. Nothing of it is kept here.
"""

from __future__ import annotations

import base64
import hmac
import zlib

import sqlalchemy as sa

from bridge.keys import Keys
from bridge.store import accounts, whereabouts
from provisioning.core.catalog import Catalog
from provisioning.core.choices import Subscription
from provisioning.core.digest import written
from provisioning.core.quoted import Offered
from provisioning.core.reading import read
from provisioning.core.sentences import Sentence, say
from provisioning.core.subscribed import lists, subscribed

WAY = b"\x01"
WHOSE, SIGNATURE = 4, 16
HEAD = len(WAY) + WHOSE + SIGNATURE
LONGEST = 8192
"""Characters: more than any quote of ours, and soon looked at."""

PURPOSE = "quote"
USUAL = (
    b'["Offered",{"has":"","quote":["Quote",{"at":"2026-01-01T00:00:00+00:00","choice":'
    b'["Choice",{"cycle":"annually","extras":[["","package":"","quantity":"cycle":'
    b'"monthly","ends":"2027-01-01T00:00:00+00:00","expires":"2026-01-01T00:00:00+00:00'
    b'","lines":[["Line",{"amount":["Money",{"amount":"-9.00","currency":"USD"}],"days"'
    b':["Days",{"left":,"total":30}],"position":["Position",{"kind":"plan","name":"addon'
    b'","quantity":1,"recurs":false,"unit_price":["Money",{"amount":"9.00","currency":"'
    b'USD"}]}],"way":"credit"}],["way":"debit"}]],"ref":"shop:","starts":"2026-01-01T00:'
    b'00:00+00:00","unit_price":["Money",{"amount":"9.00","currency":"USD"}],"whole":["'
    b'Money",{"amount":"9.00","currency":"USD"}]}],"terms":""}]'
)
"""What nearly every quote has in it, so that it need not be in the token."""


def signed(keys: Keys, offer: Offered) -> str:
    press = zlib.compressobj(9, wbits=-15, zdict=USUAL)
    packed = press.compress(written(offer).encode()) + press.flush()
    return _text(WAY + _whose(keys) + _signature(keys, packed) + packed)


def opened(keys: Keys, token: str) -> Offered | Sentence:
    """The quote in it, whether it still holds or not; or why it is none of ours."""
    raw = _raw(token.strip())
    if raw is None:
        return say("quote_unreadable")
    whose, packed = raw[len(WAY) : len(WAY) + WHOSE], raw[HEAD:]
    # Before a rotation it was another key, of which it is still ours.
    by = next((k for k in keys.each if hmac.compare_digest(whose, _whose(k))), None)
    if by is None:
        return say("quote_of_elsewhere")
    if not hmac.compare_digest(raw[HEAD - SIGNATURE : HEAD], _signature(by, packed)):
        return say("quote_tampered")
    try:
        return read(Offered, _unpacked(packed))
    except (ValueError, zlib.error):
        # Signed by us, and not as this version writes: it changes with the catalog's.
        return say("quote_other_version")


def basis(tx: sa.Connection, offer: Offered, catalog: Catalog) -> Subscription | None:
    """The subscription it changes as it is there now, seen as of when it was quoted."""
    quote = offer.quote
    account = accounts.load(tx, whereabouts.of_service(tx, quote.ref or "") or "")
    service = account.service(quote.ref) if account else None
    if account is None or service is None:
        return None
    prices, _ = lists(service, quote.choice.package, catalog, account.group)
    return subscribed(service, prices, quote.at, account.trial(service.ref))


def _raw(token: str) -> bytes | None:
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
    except ValueError:
        return None
    # One token has one way to be written: what differs in a letter is another.
    whole = len(raw) > HEAD and len(token) <= LONGEST and _text(raw) == token
    return raw if whole and raw.startswith(WAY) else None


def _unpacked(packed: bytes) -> str:
    return zlib.decompressobj(-15, zdict=USUAL).decompress(packed).decode()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _whose(keys: Keys) -> bytes:
    return keys.signed("whose", b"")[:WHOSE]


def _signature(keys: Keys, packed: bytes) -> bytes:
    return keys.signed(PURPOSE, WAY + packed)[:SIGNATURE]
