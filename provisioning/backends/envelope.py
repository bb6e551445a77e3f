"""What ICTBroadcast's answers mean: one table from what came back to the four outcomes.

Seen in the vendor's own clients: 200 with `[true, payload]`; 200 with `[false, text]`
for a no; a bare error object with 200 as well as 500; a JSON string around the JSON;
HTML with any status; letters in latin1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn

from provisioning.core.outcomes import Broken, Later, Refused, Unsure
from provisioning.transport import Reply

EXCERPT = 200
LONGEST_WAIT = timedelta(hours=1)
SECRETS = re.compile(
    r"([\w-]*(?:pass|token|secret|key)[\w-]*\W{0,4}[:=]).*", re.IGNORECASE | re.DOTALL
)
"""A name that promises a secret, and all that follows it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply to a method, and what was sent and must not come back in words."""

    reply: Reply
    method: str
    secrets: tuple[str, ...]
    proof: str

    def told(self, text: object) -> str:
        """What the other side said, fit for a message: short, and without secrets."""
        shown = str(text)
        for secret in filter(None, self.secrets):
            shown = shown.replace(secret, "***")
        shown = SECRETS.sub(r"\1 ***", shown[: 4 * EXCERPT])
        plain = " ".join(shown.split())[:EXCERPT]
        # NUL and half a surrogate pair are kept by no database, and printed nowhere.
        return "".join(c if c.isprintable() else "\ufffd" for c in plain)

    @property
    def excerpt(self) -> str:
        return self.told(_letters(self.reply.body)) or "nothing"


def payload(
    reply: Reply, method: str, *secrets: str, proof: str = "user name and password"
) -> Any:
    """What a success carries, or None. Everything else raises one of the four."""
    dressed = tuple(json.dumps(secret)[1:-1] for secret in secrets)
    judge = _BY_STATUS.get(reply.status, _other)
    return judge(Answer(reply, method, secrets + dressed, proof))


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
        value = _strict(_letters(answer.reply.body))
        # Some methods answer with a JSON string that holds the JSON (n8n's client).
        return _strict(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        raise Unsure(f"{answer.method} answered no JSON: {answer.excerpt}") from None


def _letters(body: bytes) -> str:
    """UTF-8, or what the vendor's latin1 tables hold: the shape is ASCII in both."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _strict(text: str) -> Any:
    return json.loads(text, parse_constant=_no_number, object_pairs_hook=_once)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a name stands twice")
    return names


def _unauthorised(answer: Answer) -> NoReturn:
    raise Later(f"{answer.method}: the backend refuses our {answer.proof}", closed=True)


def _forbidden(answer: Answer) -> NoReturn:
    raise Refused(f"{answer.method} is not allowed to us ({answer.reply.status})")


def _moved(answer: Answer) -> NoReturn:
    # Followed, a POST would become a GET and do nothing: never followed.
    raise Broken(
        f"{answer.method} is redirected ({answer.reply.status}); set url to where it"
        " leads"
    )


def _busy(answer: Answer) -> NoReturn:
    asked = answer.reply.headers.get("retry-after", "")
    seconds = int(asked) if re.fullmatch("[0-9]{1,9}", asked) else None
    after = None if seconds is None else min(timedelta(seconds=seconds), LONGEST_WAIT)
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
