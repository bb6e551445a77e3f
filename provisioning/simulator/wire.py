"""What goes over the wire: arguments in, envelopes out, and how a reply can end."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from enum import Enum
from http import HTTPStatus
from io import BytesIO
from urllib.parse import parse_qsl

from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header


@dataclass(frozen=True, slots=True)
class Request:
    """PHP's `$_REQUEST` (query and body alike, the last one wins), and the header."""

    arguments: Mapping[str, str]
    authorization: str = ""


def read(query: str, body: bytes, headers: Message) -> Request:
    kind, options = parse_options_header(headers.get("Content-Type"))
    _, form, _ = FormDataParser().parse(BytesIO(body), kind, len(body), options)
    posted = {name: values[-1] for name, values in form.lists()}
    asked = dict(parse_qsl(query, keep_blank_values=True))
    return Request(asked | posted, headers.get("Authorization", ""))


class Ending(Enum):
    """What becomes of the connection."""

    ANSWERED = "answered"
    RESET = "reset"
    CLOSED = "closed"
    CUT = "cut"  # after half of the body


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server writes, or how it breaks off instead."""

    body: str = ""
    status: int = HTTPStatus.OK
    reason: str | None = None
    content_type: str = "application/json"
    encoding: str = "utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    ending: Ending = Ending.ANSWERED


RESET = Reply(ending=Ending.RESET)
CLOSED = Reply(ending=Ending.CLOSED)


def success(payload: object) -> Reply:
    return Reply(compact([True] if payload is None else [True, payload]))


def refusal(message: str) -> Reply:
    return Reply(compact([False, message]))


def error(status: HTTPStatus, message: str = "") -> Reply:
    fault = {"ErrorCode": status.value, "ErrorMessage": message or status.phrase}
    return Reply(compact(fault), status)


def compact(told: object) -> str:
    return json.dumps(told, separators=(",", ":"), default=str)
