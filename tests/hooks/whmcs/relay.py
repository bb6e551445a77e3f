"""The line from WHMCS to the bridge: it can be cut, lose answers, and keeps a copy."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

PASS, CUT, LOSE = "pass", "cut", "lose the answer"
ANSWER_WITHIN = 60
GLANCE = 0.02
"""Seconds until it is seen that all is over."""

Told = dict[str, Any]


class Relay:
    def __init__(self) -> None:
        self.mode, self.delay, self.port_behind = PASS, 0.0, 0
        self.told: list[tuple[str, Told]] = []
        """Each event that came: its id, and what it said."""

        self.asked: list[tuple[str, Told]] = []
        """Each question, likewise."""

        self.twist: Callable[[Told], Told] | None = None
        """What an answer to a question becomes on its way, as if the bridge had gone
        out of its mind."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_port

    def __enter__(self) -> Self:
        threading.Thread(
            target=self._server.serve_forever, args=(GLANCE,), daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def types(self) -> list[str]:
        return [told["type"] for _, told in self.told]

    def last(self, type_: str) -> Told:
        return [told for _, told in self.told if told["type"] == type_][-1]

    def _handler(relay) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.close_connection = True
                if relay.mode == CUT:
                    return
                is_question = self.path.startswith("/ask/")
                kept = relay.asked if is_question else relay.told
                kept.append((self.headers["webhook-id"], json.loads(body)))
                status, said = relay._passed_on(self.path, dict(self.headers), body)
                if is_question and relay.twist and status == 200:
                    said = json.dumps(relay.twist(json.loads(said))).encode()
                if relay.mode != LOSE:
                    self._answer(status, said)

            def _answer(self, status: int, said: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                with suppress(ConnectionError):  # who asked may be gone
                    self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def _passed_on(self, path: str, headers: dict, body: bytes) -> tuple[int, bytes]:
        time.sleep(self.delay)
        door = http.client.HTTPConnection(
            "127.0.0.1", self.port_behind, timeout=ANSWER_WITHIN
        )
        try:
            door.request("POST", path, body, headers)
            answer = door.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 502, b'{"detail": "nobody is behind it"}'
        finally:
            door.close()
