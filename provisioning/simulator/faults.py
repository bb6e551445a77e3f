"""What can go wrong on purpose, by name: what lands, and what the client sees."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from provisioning.simulator import dress
from provisioning.simulator.model import Model
from provisioning.simulator.wire import CLOSED, RESET, Reply, error, refusal


class Effect(StrEnum):
    """When what was asked lands in the store."""

    NONE = "none"
    BEFORE = "before"  # before the reply, such as it is
    LATE = "late"  # `seconds` after the request
    NORMAL = "normal"  # no fault


@dataclass(frozen=True, slots=True)
class Fault:
    """Without a reply of its own it says what the method would have said, dressed."""

    effect: Effect
    reply: Reply | None = None
    held: bool = False
    dress: Callable[[Reply], Reply] = dress.plain
    bends: Callable[[Model, str], None] | None = None
    """What a write does to the balance of its user on the side."""

    times: int = 1
    """How often the request comes in; the last answer is the one that is given."""

    forgets: bool = False
    """Who is switched off keeps his campaigns running."""

    stale: bool = False
    """For `seconds` from then on, reads show what was there before."""


_SQL_ERROR = Reply(
    "You have an error in your SQL syntax",
    status=1064,
    reason="Unknown Status Code",
    content_type=dress.HTML,
)
_NO_REASON = Reply("[false]")
_NOTHING = Reply("", content_type=dress.HTML)
_MOVED = Reply(
    "<html><body>301 Moved Permanently</body></html>",
    status=HTTPStatus.MOVED_PERMANENTLY,
    content_type=dress.HTML,
    headers=(("Location", "https://broadcast.invalid/rest/"),),
)
_FAILED = error(HTTPStatus.INTERNAL_SERVER_ERROR)
FAITHFUL = Fault(Effect.NORMAL)
FAULTS: Mapping[str, Fault] = {
    "refuse": Fault(Effect.NONE, refusal("refused by fault")),
    "refuse_no_reason": Fault(Effect.NONE, _NO_REASON),
    "error_object_200": Fault(Effect.NONE, Reply(_FAILED.body)),
    "error_object_500": Fault(Effect.NONE, _FAILED),
    "unauthorised_401": Fault(Effect.NONE, error(HTTPStatus.UNAUTHORIZED)),
    "key_expired": Fault(
        Effect.NONE, error(HTTPStatus.UNAUTHORIZED, "Unauthorized: Expired token")
    ),
    "not_allowed_405": Fault(Effect.NONE, error(HTTPStatus.METHOD_NOT_ALLOWED)),
    # ICTCore's words, for an account that is switched off (seen live).
    "disabled_429": Fault(
        Effect.NONE, error(HTTPStatus.TOO_MANY_REQUESTS, "User account disableds")
    ),
    "json_string": Fault(Effect.BEFORE, dress=dress.json_string),
    "bare_true": Fault(Effect.BEFORE, dress=dress.bare),
    "one_element": Fault(Effect.BEFORE, dress=dress.one_element),
    "id_as_string": Fault(Effect.BEFORE, dress=dress.numbers_as_strings),
    "latin1": Fault(Effect.BEFORE, dress=dress.latin1),
    "truncated_body": Fault(Effect.BEFORE, dress=dress.truncated),
    # ICTCore answers so, with 0 bytes, to writes it does not carry out (seen live).
    "empty_200": Fault(Effect.NONE, _NOTHING),
    "html_200": Fault(Effect.NONE, dress.warned(Reply())),
    "html_200_applied": Fault(Effect.BEFORE, dress=dress.warned),
    # ICTCore puts the database's error number there (seen live).
    "bad_status_line": Fault(Effect.BEFORE, _SQL_ERROR),
    "redirect": Fault(Effect.NONE, _MOVED),
    "reset_before": Fault(Effect.NONE, RESET),
    "reset_after_apply": Fault(Effect.BEFORE, RESET),
    "slow_then_applied": Fault(Effect.LATE, held=True),
    "slow_not_applied": Fault(Effect.NONE, CLOSED, held=True),
    "echo_lies": Fault(Effect.NONE),
    "stale_read": Fault(Effect.BEFORE, stale=True),
    "write_wipes_credit": Fault(Effect.BEFORE, bends=Model.wipe),
    "rounds_credit": Fault(Effect.BEFORE, bends=Model.round),
    "duplicate_submit": Fault(Effect.BEFORE, times=2),
    # The vendor's guide says that suspended users' campaigns stop; nobody has seen it.
    "suspend_leaves_campaigns": Fault(Effect.BEFORE, forgets=True),
    "campaign_stop_ignored": Fault(Effect.NONE),
    "campaign_list_lies": Fault(Effect.BEFORE, dress=dress.none_listed),
}
