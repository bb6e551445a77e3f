"""What ICTBroadcast's answers mean: one table from what came back to the four outcomes.

Seen in the vendor's own clients: 200 with `[true, payload]`; 200 with `[false, text]`
for a no; a bare error object with 200 as well as 500; a JSON string around the JSON;
HTML with any status; letters in latin1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from provisioning.backends.answers import dressed, moved, retry_after, strict, told
from provisioning.core.outcomes import Later, Refused, Unsure
from provisioning.transport import Reply


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply to a method, and what was sent and must not come back in words."""

    reply: Reply
    method: str
    secrets: tuple[str, ...]
    proof: str

    def told(self, text: object) -> str:
        """What the other side said, fit for a message: short, and without secrets."""
        return told(text, self.secrets)

    @property
    def excerpt(self) -> str:
        return self.told(_letters(self.reply.body)) or "nothing"


def payload(
    reply: Reply, method: str, *secrets: str, proof: str = "user name and password"
) -> Any:
    """What a success carries, or None. Everything else raises one of the four."""
    judge = _BY_STATUS.get(reply.status, _other)
    return judge(Answer(reply, method, dressed(*secrets), proof))


def _answered(answer: Answer) -> Any:
    method = answer.method
    match _json(answer):
        case [True, *rest] if len(rest) <= 1:
            return rest[0] if rest else None
        case [False]:
            raise Refused(f"{method}: no, without a reason")
        case [False, reason, *_]:
            raise Refused(f"{method}: {answer.told(reason)}")
        case {"ErrorCode": 401 | "401"}:
            _unauthorised(answer)
        case {"ErrorCode": code, **more}:
            said = answer.told(f"{code}, {more.get('ErrorMessage', 'no message')}")
            raise Unsure(f"{method} failed inside: {said}")
    raise Unsure(f"{method} answered in no shape we know: {answer.excerpt}")


def _json(answer: Answer) -> Any:
    try:
        value = strict(_letters(answer.reply.body))
        # Some methods answer with a JSON string that holds the JSON (n8n's client).
        return strict(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        raise Unsure(f"{answer.method} answered no JSON: {answer.excerpt}") from None


def _letters(body: bytes) -> str:
    """UTF-8, or what the vendor's latin1 tables hold: the shape is ASCII in both."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _unauthorised(answer: Answer) -> NoReturn:
    raise Later(f"{answer.method}: the backend refuses our {answer.proof}", closed=True)


def _forbidden(answer: Answer) -> NoReturn:
    raise Refused(f"{answer.method} is not allowed to us ({answer.reply.status})")


def _moved(answer: Answer) -> NoReturn:
    moved(answer.method, answer.reply.status)


def _busy(answer: Answer) -> NoReturn:
    after = retry_after(answer.reply.headers)
    raise Later(f"{answer.method}: too many requests", after=after)


def _other(answer: Answer) -> NoReturn:
    raise Unsure(f"{answer.method} answered {answer.reply.status}: {answer.excerpt}")


Judge = Callable[[Answer], Any]
_BY_STATUS: dict[int, Judge] = {
    200: _answered,
    301: _moved,
    302: _moved,
    303: _moved,
    307: _moved,
    308: _moved,
    401: _unauthorised,
    403: _forbidden,
    405: _forbidden,
    429: _busy,
}
