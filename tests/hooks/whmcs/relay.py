"""The line between WHMCS and the bridge: it can be cut, lose answers, and keep a copy.

What is asked (`/ask`) is answered here from `answers`, after its signature was proven.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from bridge.platforms import signature
from bridge.platforms.base import Forged
from tests.rig import SECRET

PASS, CUT, LOSE = "pass", "cut", "lose the answer"
ANSWER_WITHIN = 60


class Relay:
    def __init__(self) -> None:
        self.mode, self.port_behind = PASS, 0
        self.told: list[tuple[str, dict[str, Any]]] = []
        """Each event that came: its id, and what it said."""

        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, Any] = {}
        self.delay, self.meanwhile = 0.0, ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_port

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def adding(self, status: int, said: bytes) -> bytes:
        """What kind "whmcs" says besides, while something goes on."""
        if status != 202 or not self.meanwhile:
            return said
        return json.dumps(json.loads(said) | {"meanwhile": self.meanwhile}).encode()

    def types(self) -> list[str]:
        return [told["type"] for _, told in self.told]

    def last(self, type_: str) -> dict[str, Any]:
        return [told for _, told in self.told if told["type"] == type_][-1]

    def _handler(relay) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.close_connection = True
                if relay.mode == CUT:
                    return
                if self.path.startswith("/ask/"):
                    self._answer(*relay._asked(dict(self.headers), body))
                    return
                relay.told.append((self.headers["webhook-id"], json.loads(body)))
                status, said = relay._passed_on(self.path, dict(self.headers), body)
                if relay.mode != LOSE:
                    self._answer(status, relay.adding(status, said))

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
        except OSError:
            return 502, b'{"detail": "nobody is behind it"}'
        finally:
            door.close()

    def _asked(self, headers: dict, body: bytes) -> tuple[int, bytes]:
        named = {name.lower(): value for name, value in headers.items()}
        keys = signature.keys("shop", [SECRET])
        try:
            signature.proven(keys, named, body, datetime.now(UTC))
        except Forged:
            return 401, b'{"detail": "not signed by this source"}'
        asked = json.loads(body)
        self.asked.append((named["webhook-id"], asked))
        found = self.answers.get(asked["ask"])
        if found is None:
            return 404, b'{"detail": "nothing is known of that"}'
        return 422 if "detail" in found else 200, json.dumps(found).encode()
