"""An outgoing webhook, signed by Standard Webhooks; its id is the delivery's key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from bridge.platforms import signature
from bridge.store.outbox import Delivery
from provisioning.core.outcomes import Later, Refused
from provisioning.transport import Reply, Transport

LARGEST = 2**16
"""Bytes of an answer; nobody reads it."""

LONGEST = timedelta(hours=1)
"""More than that a Retry-After does not get."""

PASSING = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}
"""A no of today, though it is one of the 400s."""


class Webhook:
    def __init__(
        self, name: str, url: str, secret: str, within: float = 15.0, **how: str | None
    ) -> None:
        """ValueError says what will not do as address or secret."""
        parts = urlsplit(url)
        self.within = within
        self._key = signature.keys(name, [secret])[0]
        # As it is written: a slash at its end, or a query, means something.
        self._path = url.removeprefix(f"{parts.scheme}://{parts.netloc}")
        self._transport = Transport(
            f"{parts.scheme}://{parts.netloc}",
            deadline=within,
            largest=LARGEST,
            ca_file=how.get("ca_file"),
        )

    def send(self, delivery: Delivery, at: datetime) -> None:
        body = json.dumps(
            dict(delivery.content), sort_keys=True, ensure_ascii=False
        ).encode("utf-8", "replace")
        headers = signature.signed(self._key, delivery.key, body, at)
        _sorted(self._transport.post_json(self._path, body, headers=headers))


def _sorted(reply: Reply) -> None:
    status = reply.status
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return
    client = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    if client and status not in PASSING:
        raise Refused(
            f"the receiver answered {status}; is its address, and our secret?"
        )
    raise Later(
        f"the receiver answered {status}"
        + ("; redirects are not followed" if status < HTTPStatus.BAD_REQUEST else ""),
        after=_after(reply.headers),
    )


def _after(headers: Mapping[str, str]) -> timedelta | None:
    asked = headers.get("retry-after", "")
    if not (asked.isascii() and asked.isdecimal()):
        return None
    return min(timedelta(seconds=min(int(asked[:6]), 10**6)), LONGEST)
