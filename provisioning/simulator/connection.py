"""The socket side: a whole request in, a reply out, or a reset, or silence."""

import os
import socket
import struct
import sys
from collections.abc import Callable
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any

from provisioning.simulator.wire import Ending, Reply, error

_LARGEST_BODY = 16 * 2**20
_NO_LINGER = struct.pack("ii", 1, 0)  # closing then sends RST, not FIN
Answer = Callable[[str, str, bytes, Message], Reply]  # verb, target, body, headers


class Listener(ThreadingTCPServer):
    """One thread for each connection; knows them all, to be able to hang up."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, answer: Answer) -> None:
        self.answer = answer
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def hang_up(self) -> None:
        for connection in list(self._connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it was gone already

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # else the client left
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one piece
    server: Listener

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal():
            self._refuse(HTTPStatus.LENGTH_REQUIRED)
        elif int(length) > _LARGEST_BODY:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        elif len(body := self.rfile.read(int(length))) < int(length):
            self.close_connection = True  # half a request is none
        else:
            self._end(self.server.answer(self.command, self.path, body, self.headers))

    do_GET = do_PUT = do_DELETE = do_POST  # noqa: N815 - http.server finds them so

    def _refuse(self, status: HTTPStatus) -> None:
        self.close_connection = True  # the body is still in the pipe
        self._end(error(status))

    def _end(self, reply: Reply) -> None:
        match reply.ending:
            case Ending.ANSWERED:
                self._write(reply, whole=True)
            case Ending.CUT:
                self.close_connection = True
                self._write(reply, whole=False)
            case Ending.CLOSED:
                self.close_connection = True
            case Ending.RESET:
                self.close_connection = True
                option = (socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
                self.connection.setsockopt(*option)
                # By the descriptor: socketserver would say goodbye (FIN) first.
                os.close(self.connection.detach())

    def _write(self, reply: Reply, *, whole: bool) -> None:
        body = reply.body.encode(reply.encoding, "replace")
        self.send_response(reply.status, reply.reason)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in reply.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body if whole else body[: len(body) // 2])

    def log_message(self, *_: object) -> None:
        """The journal has it."""
