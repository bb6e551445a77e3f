"""What a platform's answers mean: one table from the status to the four outcomes.

The contract is docs/generic-backend.md. Only its own documents are believed: a page
that a proxy, a login or a wrong address puts in their place is neither a yes nor a no.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from provisioning.backends.answers import moved, retry_after, strict, told
from provisioning.core.outcomes import Broken, Later, Refused, Unsure
from provisioning.transport import Reply

JSON = "application/json"
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply, whose it must be, and what was sent and must not come back in words."""

    reply: Reply
    asked: str
    about: Mapping[str, str]
    secrets: tuple[str, ...] = ()

    def told(self, text: object) -> str:
        return told(text, self.secrets)

    @property
    def excerpt(self) -> str:
        return self.told(self.reply.body.decode("utf-8", "replace")) or "nothing"

    @property
    def document(self) -> Document | None:
        """None: it is no JSON object, or is not called one."""
        kind = self.reply.headers.get("content-type", "").partition(";")[0]
        if kind.strip().lower() != JSON:
            return None
        try:
            read = strict(self.reply.body.decode())
        except (ValueError, RecursionError):
            return None
        return read if isinstance(read, dict) else None


def shown(answer: Answer) -> Document | None:
    """What a read shows; None where it says that just this is not there."""
    try:
        return _READ.get(answer.reply.status, _other)(answer)
    except (Refused, Unsure) as unclear:
        # A read that failed did nothing, so it is simply asked again later.
        after = retry_after(answer.reply.headers)
        raise Later(str(unclear), after=after) from None


def done(answer: Answer) -> Document | None:
    """What a write's yes shows, {} where it shows nothing; None: no such account."""
    return _WRITE.get(answer.reply.status, _other)(answer)


def _document(answer: Answer) -> Document:
    document = answer.document
    if document is None:
        raise Unsure(f"{answer.asked} answered no JSON object: {answer.excerpt}")
    for name, value in answer.about.items():
        if document.get(name) != value:
            raise Broken(
                f"{answer.asked} shows {name} {answer.told(document.get(name))!r}, not"
                f" {value!r}; the platform must answer for what was asked, letter for"
                " letter"
            )
    return document


def _nothing(answer: Answer) -> Document:
    if answer.reply.body:
        raise Unsure(f"{answer.asked} answered 204 with a body: {answer.excerpt}")
    return {}


def _absent(answer: Answer) -> None:
    """Taken for "not there", any other 404 would let a sum be sent again."""
    about, document = dict(answer.about), answer.document
    if document == {"not_there": about}:
        return
    username = about.get("username", "")
    if document == {"not_there": {"username": username}}:
        raise Broken(f"{answer.asked}: there is no account {username} any more")
    raise Unsure(
        f"{answer.asked} answered 404 and does not say"
        f" {json.dumps({'not_there': about})}; is the url right? It said:"
        f" {answer.excerpt}"
    )


def _refused(answer: Answer) -> NoReturn:
    match answer.document:
        case {"refused": str(reason)}:
            raise Refused(f"{answer.asked}: {answer.told(reason) or 'no reason given'}")
    _other(answer)


def _stale(answer: Answer) -> NoReturn:
    """Of another version than the one we read: certainly not done, and read anew."""
    try:
        _refused(answer)
    except Refused as no:
        raise Later(str(no)) from None


def _unsigned(answer: Answer) -> NoReturn:
    raise Later(
        f"{answer.asked}: the platform refuses our signature (401); compare the secret,"
        f" and the clocks. It said: {answer.excerpt}",
        closed=True,
    )


def _forbidden(answer: Answer) -> NoReturn:
    raise Later(f"{answer.asked} is not allowed to us (403): {answer.excerpt}")


def _moved(answer: Answer) -> NoReturn:
    moved(answer.asked, answer.reply.status)


def _busy(answer: Answer) -> NoReturn:
    after = retry_after(answer.reply.headers)
    raise Later(f"{answer.asked}: too many requests (429)", after=after)


def _other(answer: Answer) -> NoReturn:
    raise Unsure(f"{answer.asked} answered {answer.reply.status}: {answer.excerpt}")


Judge = Callable[[Answer], Document | None]
_BOTH: dict[int, Judge] = {
    200: _document,
    301: _moved,
    302: _moved,
    303: _moved,
    307: _moved,
    308: _moved,
    400: _refused,
    401: _unsigned,
    403: _forbidden,
    404: _absent,
    409: _refused,
    412: _stale,
    422: _refused,
    429: _busy,
}
_READ = _BOTH
_WRITE: dict[int, Judge] = {**_BOTH, 201: _document, 204: _nothing}
