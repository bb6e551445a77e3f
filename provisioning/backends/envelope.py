"""What ICTBroadcast's answers mean: one table from what came back to the four outcomes.

Seen in the vendor's own clients: 200 with `[true, payload]`; 200 with `[false, text]`
for a no; a bare error object with 200 as well as 500; a JSON string around the JSON;
HTML with any status.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, NoReturn

from provisioning.core.outcomes import Broken, Later, Refused, Unsure
from provisioning.transport import Reply

EXCERPT = 200
LONGEST_WAIT = timedelta(days=1)
SECRETS = re.compile(
    r"([\w-]*(?:pass|token|secret|key)[\w-]*\W{0,4}[:=]).*", re.IGNORECASE | re.DOTALL
)
"""A name that promises a secret, and all that follows it."""


def payload(reply: Reply, method: str, *secrets: str) -> Any:
    """What a success carries, or None. Everything else raises one of the four.

    *secrets* are what was sent and must not come back in a message.
    """
    body = reply.body
    for secret in secrets:
        for dressed in (secret, json.dumps(secret)[1:-1]):
            body = body.replace(dressed.encode(), b"***")
    judge = _BY_STATUS.get(reply.status, _other)
    return judge(replace(reply, body=body), method)


def told(text: object) -> str:
    """What the other side said, fit for a message: short, and without secrets."""
    shown = SECRETS.sub(r"\1 ***", str(text)[: 4 * EXCERPT])
    return " ".join(shown.split())[:EXCERPT]


def _answered(reply: Reply, method: str) -> Any:
    match _json(reply, method):
        case [True, *rest] if len(rest) <= 1:
            return rest[0] if rest else None
        case [False]:
            raise Refused(f"{method}: no, without a reason")
        case [False, reason, *_]:
            raise Refused(f"{method}: {told(reason)}")
        case {"ErrorCode": 401}:
            raise _keys_refused(method)
        case {"ErrorCode": code, **more}:
            said = told(f"{code}, {more.get('ErrorMessage', 'no message')}")
            raise Unsure(f"{method} failed inside: {said}")
    raise Unsure(f"{method} answered in no shape we know: {_excerpt(reply)}")


def _json(reply: Reply, method: str) -> Any:
    try:
        text = reply.body.decode("utf-8-sig")
        value = _strict(text)
        # Some methods answer with a JSON string that holds the JSON (n8n's client).
        return _strict(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        raise Unsure(f"{method} answered no JSON: {_excerpt(reply)}") from None


def _strict(text: str) -> Any:
    return json.loads(text, parse_constant=_no_number, object_pairs_hook=_once)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a name stands twice")
    return names


def _keys_refused(method: str) -> Later:
    return Later(f"{method}: the backend refuses our user name and password")


def _unauthorised(_reply: Reply, method: str) -> NoReturn:
    raise _keys_refused(method)


def _forbidden(reply: Reply, method: str) -> NoReturn:
    raise Refused(f"{method} is not allowed to us ({reply.status})")


def _moved(reply: Reply, method: str) -> NoReturn:
    # Followed, a POST would become a GET and do nothing: never followed.
    raise Broken(f"{method} is redirected ({reply.status}); set url to where it leads")


def _busy(reply: Reply, method: str) -> NoReturn:
    asked = reply.headers.get("retry-after", "")
    seconds = int(asked) if re.fullmatch("[0-9]{1,9}", asked) else None
    after = None if seconds is None else min(timedelta(seconds=seconds), LONGEST_WAIT)
    raise Later(f"{method}: too many requests", after=after)


def _other(reply: Reply, method: str) -> NoReturn:
    raise Unsure(f"{method} answered {reply.status}: {_excerpt(reply)}")


def _excerpt(reply: Reply) -> str:
    return told(reply.body.decode("utf-8", "replace")) or "nothing"


Judge = Callable[[Reply, str], Any]
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
