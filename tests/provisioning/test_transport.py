"""What a backend's wire can do to a call, and what the call says came of it."""

from __future__ import annotations

import gzip
import os
import socket
import ssl
import struct
import threading
import time
import traceback
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from provisioning import leaving
from provisioning.core.outcomes import Later, Outcome, Refused, Unsure
from provisioning.dialling import forbidden
from provisioning.transport import Reply, Transport

SECRET = "s3cr3t-key"
FORM = {"api_username": "admin", "api_password": SECRET}
PATIENT = {"deadline": 30, "connect": 10}
"""For calls that what they hear ends: a short one might end them first."""
DEADLINE = 0.4
"""For calls that only their deadline can end."""
GRACE = 4.0
"""How long after its deadline a worker may still be busy: 0.2 s where the machine is
not; the rest is for one that runs other tests at the same time."""

YES = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n[true]"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
TO_THE_END = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

Play = Callable[["Server", socket.socket], None]


@dataclass
class Server:
    """A real one on loopback; `play` talks on each connection it takes."""

    play: Play
    tls: ssl.SSLContext | None = None
    accepted: int = 0
    heard: list[bytes] = field(default_factory=list)
    open: list[socket.socket] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
        self.port = self.listener.getsockname()[1]
        self._start(self._accept)

    def url(self, host="127.0.0.1"):
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    def hear(self, sock) -> bytes:
        """One whole request, or nothing where the client hung up."""
        request = b""
        while b"\r\n\r\n" not in request:
            if not (piece := sock.recv(65536)):
                return b""
            request += piece
        head, _, start = request.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split()[0])
        body = bytearray(start)
        while len(body) < length:
            body += sock.recv(2**18)
        self.heard.append(head + b"\r\n\r\n" + body)
        return self.heard[-1]

    def nap(self, seconds: float = 5.0):
        self.stopped.wait(seconds)

    def stop(self):
        self.stopped.set()
        for sock in (self.listener, *self.open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(2)
        self.listener.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                sock, _ = self.listener.accept()
                self.accepted += 1
                self.open.append(sock)
                self._start(self._talk, sock)

    def _talk(self, sock):
        with suppress(OSError), sock:
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
                self.open.append(sock)
            with sock:
                self.play(self, sock)

    def _start(self, target, *args):
        thread = threading.Thread(target=target, args=args, daemon=True)
        self.threads.append(thread)
        thread.start()


def always(answer: bytes = YES) -> Play:
    def play(server, sock):
        while server.hear(sock):
            sock.sendall(answer)

    return play


def once(*pieces: bytes, pause: float = 0.0, reset: bool = False) -> Play:
    """Hears one request, says the pieces, and hangs up (or resets)."""

    def play(server, sock):
        server.hear(sock)
        for piece in pieces:
            sock.sendall(piece)
            server.nap(pause)
        if reset:
            sock.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )

    return play


def forever(start: bytes, piece: bytes, pause: float = 0.0) -> Play:
    def play(server, sock):
        server.hear(sock)
        sock.sendall(start)
        while True:
            sock.sendall(piece)
            server.nap(pause)

    return play


def silent(server, sock):
    server.hear(sock)
    sock.recv(1)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers = []

    def start(play: Play, tls: ssl.SSLContext | None = None) -> Server:
        servers.append(Server(play, tls))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def call() -> Iterator[Callable[..., Transport]]:
    """Transports that wait long enough for a busy machine, closed afterwards."""
    made = []

    def make(server: Server | str, **options) -> Transport:
        base = server if isinstance(server, str) else server.url()
        made.append(Transport(base, **{**PATIENT, **options}))
        return made[-1]

    yield make
    for transport in made:
        transport.close()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    start = time.monotonic()
    yield
    spent = time.monotonic() - start

    assert spent < seconds


def outcome(transport: Transport, **options) -> type[Outcome] | int:
    """The status of the reply, or the kind of what was raised."""
    try:
        return transport.post("/rest", FORM, **options).status
    except Outcome as error:
        return type(error)


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


# --- what a reply is ---------------------------------------------------------------


def test_a_reply_has_status_headers_and_body(serve, call):
    """Header names come in lower case, whatever the backend writes."""
    server = serve(always(YES.replace(b"\r\n\r\n", b"\r\nX-Seen: Yes\r\n\r\n")))

    assert Reply(200, {"content-length": "6", "x-seen": "Yes"}, b"[true]") == call(
        server
    ).post("/rest", FORM)


def test_the_form_is_the_body_and_never_the_address(serve, call):
    """Where it goes and what it says are two things; logs hold only the first."""
    server = serve(always())
    call(server.url() + "/ict/").post(
        "/rest/User_Get", FORM, headers={"Authorization": "Bearer x"}
    )
    head, _, body = server.heard[0].partition(b"\r\n\r\n")

    assert b"POST /ict/rest/User_Get HTTP/1.1" == head.split(b"\r\n")[0]
    assert b"api_username=admin&api_password=s3cr3t-key" == body
    assert b"Authorization: Bearer x" in head
    assert b"Content-Type: application/x-www-form-urlencoded" in head


def test_signed_bytes_are_sent_as_they_are(serve, call):
    """What was signed is what arrives, on a connection of its own."""
    server = serve(always())
    transport = call(server.url())
    for _ in range(2):
        transport.post_json("/in/?a=1", b'{"a":  1}', headers={"webhook-id": "x"})
    head, _, body = server.heard[0].partition(b"\r\n\r\n")

    assert b"POST /in/?a=1 HTTP/1.1" == head.split(b"\r\n")[0]
    assert b'{"a":  1}' == body
    assert b"Content-Type: application/json" in head
    assert b"webhook-id: x" in head
    assert 2 == server.accepted


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
@pytest.mark.parametrize("body", [b"", b'{"a":  1}'])
def test_any_method_is_sent_once_as_it_was_signed(serve, call, method, body):
    """Path, query and bytes as they are; a body that is not there has no length."""

    def play(server, sock):
        heard = b""
        while not heard.endswith(body or b"\r\n\r\n"):
            heard += sock.recv(65536)
        server.heard.append(heard)
        sock.sendall(YES)

    server = serve(play)
    target = "/accounts/a%25/credits?reference=shop%3A1%2Ftopup"
    reply = call(server.url() + "/api").send(method, target, body)

    assert (200, 1) == (reply.status, len(server.heard))
    assert server.heard[0].startswith(b"%s /api%s HTTP/1.1" % (
        method.encode(), target.encode()))  # fmt: skip
    assert server.heard[0].endswith(b"\r\n\r\n" + body)


@pytest.mark.parametrize(("fresh", "connections"), [(True, 3), (False, 1)])
def test_what_changes_nothing_may_share_a_connection(serve, call, fresh, connections):
    """And whatever changes something never does: it says nothing, and it is fresh."""

    def play(server, sock):
        while sock.recv(65536):
            sock.sendall(YES)

    server = serve(play)
    transport = call(server.url())
    for _ in range(3):
        transport.send("GET", "/ping", fresh=fresh)

    assert connections == server.accepted


def test_a_form_may_be_empty_and_may_hold_any_letter(serve, call):
    """A name with an umlaut, an ampersand or a plus arrives as it was written."""
    server = serve(always())
    transport = call(server)
    transport.post("/rest", {})
    transport.post("/rest", {"name": "Jürgen & Söhne +1"})

    assert [b"", b"name=J%C3%BCrgen+%26+S%C3%B6hne+%2B1"] == [
        heard.partition(b"\r\n\r\n")[2] for heard in server.heard
    ]


@pytest.mark.parametrize("status", [200, 204, 301, 304, 400, 401, 404, 429, 500, 599])
def test_every_status_is_a_reply(serve, call, status):
    """What a status means is the backend file's business."""
    server = serve(always(b"HTTP/1.1 %d So\r\nContent-Length: 0\r\n\r\n" % status))

    assert status == outcome(call(server))


@pytest.mark.parametrize(
    "answer",
    [
        YES,
        CHUNKED + b"2\r\n[t\r\n4;x=y\r\nrue]\r\n0\r\n\r\n",
        CHUNKED + b"6\r\n[true]\r\n0\r\nTrailer: x\r\n\r\n",
        TO_THE_END + b"[true]",
        b"HTTP/1.0 200 OK\r\n\r\n[true]",
        b"HTTP/1.1 200\r\nContent-Length: 6\r\n\r\n[true]",
        b"HTTP/1.1 100 Continue\r\n\r\n" + YES,
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + YES,
        YES.replace(b"\r\n\r\n", b"\r\nContent-Encoding: identity\r\n\r\n"),
    ],
)
def test_a_whole_answer_is_read_however_it_is_framed(serve, call, answer):
    """Length, chunks, end of connection, interim answers before it."""
    server = serve(once(answer))

    assert b"[true]" == call(server).post("/rest", FORM).body


def test_an_interim_answer_is_never_taken_for_the_answer(serve, call):
    """Else the real one would be read as the answer to the next call."""
    hint = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    server = serve(always(hint + YES.replace(b"200", b"201")))
    transport = call(server)

    assert [201, 201, 201] == [outcome(transport) for _ in range(3)]


# --- certainly nothing happened ----------------------------------------------------


@pytest.mark.parametrize("fresh", [False, True])
def test_a_refused_connection_is_later(call, free_port, fresh):
    """Nobody listens there, so nobody can have done anything."""
    assert Later == outcome(call(f"http://127.0.0.1:{free_port}"), fresh=fresh)


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 64 + ".example", "h..x"])
def test_a_name_without_an_address_is_later(call, host):
    """A slip in the name, or a name server that is away."""
    with within(1 + GRACE):
        assert Later == outcome(call(f"http://{host}", connect=1))


@contextmanager
def full(host: str, port: int = 0) -> Iterator[str]:
    """A listener whose backlog is full drops whoever knocks."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as then:
        listener.bind((host, port))
        listener.listen(0)
        for sock in (first, then):
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
        yield f"http://{host}:{listener.getsockname()[1]}"


def test_a_connection_nobody_takes_is_later(call):
    """The connect time-out ends the wait."""
    with full("127.0.0.1") as url, within(0.2 + GRACE):
        assert Later == outcome(call(url, connect=0.2))


def test_a_name_server_that_hangs_holds_nobody(call, monkeypatch):
    """It knows no deadline of its own: by default it may take half a minute."""
    asleep = threading.Event()
    lookup = socket.getaddrinfo

    def slow(*args, flags=0, **kwargs):
        if not flags:
            asleep.wait(5)
        return lookup(*args, flags=flags, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    transport = call("http://localhost", connect=0.2)

    with within(0.2 + GRACE), ThreadPoolExecutor(8) as threads:
        assert {Later} == set(threads.map(lambda _: outcome(transport), range(8)))
    asleep.set()


def test_the_deadline_counts_while_connecting(call, monkeypatch):
    """A connect time-out longer than the whole call does not prolong it."""
    asleep = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", answers_after(asleep))

    with within(DEADLINE + GRACE):
        assert Later == outcome(call("http://name.example", deadline=DEADLINE))
    asleep.set()


def answers_after(asleep: threading.Event):
    def lookup(*_, flags=0, **__):
        if flags:
            raise socket.gaierror
        asleep.wait(5)
        raise socket.gaierror

    return lookup


# --- it may have happened ----------------------------------------------------------


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="hung up"),
        pytest.param(b"HTTP/1.1 1064 Unknown Status Code\r\n\r\n", id="1064"),
        pytest.param(b"HTTP/1.1 20", id="cut in the status"),
        pytest.param(b"HTTP/1.1 abc OK\r\n\r\n", id="status in letters"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="not HTTP"),
        pytest.param(b"HTTP/2 200\r\n\r\n", id="HTTP/2"),
        pytest.param(b"<html>Fatal error</html>", id="no headers at all"),
        pytest.param(b"HTTP/1.1 200 OK", id="cut after the status"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Type: text", id="cut in a header"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: y\r\n", id="cut before the blank line"),
        pytest.param(b"HTTP/1.1 200 OK\r\nrubbish\r\n\r\n", id="line no header"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000, id="endless header"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200, id="200 headers"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n", id="only an interim answer"),
        pytest.param(b"HTTP/1.1 101 Switch\r\n\r\n", id="only a switch"),
        pytest.param(HEAD + b"[tr", id="short Content-Length"),
        pytest.param(HEAD, id="body missing"),
        pytest.param(HEAD.replace(b"6", b"six") + b"[true]", id="length in letters"),
        pytest.param(HEAD.replace(b"6", b"-6") + b"[true]", id="length negative"),
        pytest.param(HEAD.replace(b"6", b"6, 9") + b"[true]", id="two lengths"),
        pytest.param(CHUNKED, id="no chunk"),
        pytest.param(CHUNKED + b"zz\r\n[true]\r\n0\r\n\r\n", id="chunk size no number"),
        pytest.param(CHUNKED + b"-1\r\n[true]\r\n0\r\n\r\n", id="chunk size negative"),
        pytest.param(CHUNKED + b"6\r\n[tr", id="cut in a chunk"),
        pytest.param(CHUNKED + b"6\r\n[true]\r\n", id="last chunk missing"),
        pytest.param(
            YES.replace(b"OK", b"OK\r\nTransfer-Encoding: gzip, chunked"),
            id="unasked transfer coding",
        ),
        pytest.param(
            HEAD[:-2] + CHUNKED[17:] + b"6\r\n[true]\r\n0\r\n\r\n",
            id="length and chunks",
        ),
    ],
)
def test_what_is_no_answer_is_unsure(serve, call, answer, fresh):
    """F-B8, F-B13: it heard the request; what it did with it, it does not say."""
    server = serve(once(answer))

    assert Unsure == outcome(call(server), fresh=fresh)
    assert 1 == len(server.heard)


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 2", HEAD, HEAD + b"[tr", CHUNKED])
def test_a_reset_after_the_request_is_unsure(serve, call, said):
    """F-B9: whether before or after the effect, the wire looks the same."""
    server = serve(once(said, reset=True))

    assert Unsure == outcome(call(server), fresh=True)


def test_a_reset_before_the_request_was_read_is_unsure(serve, call):
    """F-B9: unread by its program, it may have been read by what stands before it."""

    def reset_unread(server, sock):
        server.nap(0.05)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    assert Unsure == outcome(call(serve(reset_unread)), fresh=True)


def test_nothing_is_ever_sent_twice(serve, call):
    """Asking again is decided by who knows what a second time would do."""
    server = serve(once(b""))
    transport = call(server)

    assert [Unsure, Unsure] == [outcome(transport), outcome(transport, fresh=True)]
    assert (2, 2) == (server.accepted, len(server.heard))


# --- in time -----------------------------------------------------------------------


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    "play",
    [
        pytest.param(silent, id="says nothing"),
        pytest.param(forever(b"HTTP", b"/", 0.02), id="slow status"),
        pytest.param(forever(b"HTTP/1.1 200 OK\r\nX: ", b"y", 0.02), id="slow header"),
        pytest.param(forever(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", 0.02), id="headers"),
        pytest.param(forever(HEAD.replace(b"6", b"999"), b"y", 0.02), id="slow body"),
        pytest.param(forever(CHUNKED, b"1\r\ny\r\n", 0.02), id="slow chunks"),
        pytest.param(forever(CHUNKED, b"1", 0.02), id="slow chunk size"),
        pytest.param(
            forever(CHUNKED + b"0\r\n", b"X: y\r\n", 0.02), id="slow trailers"
        ),
        pytest.param(forever(TO_THE_END, b"y", 0.02), id="slow to the end"),
        pytest.param(forever(b"", b"HTTP/1.1 100 C\r\n\r\n", 0.001), id="100 flood"),
        pytest.param(forever(b"", b"HTTP/1.1 103 E\r\n\r\n", 0.001), id="103 flood"),
    ],
)
def test_a_slow_answer_ends_at_the_deadline(serve, call, play, fresh):
    """F-B10: a time-out per read would let each of these go on for ever."""
    server = serve(play)

    with within(DEADLINE + GRACE):
        assert Unsure == outcome(call(server, deadline=DEADLINE), fresh=fresh)


LARGE = {"numbers": "1" * 2**23}
"""More than the buffers on the way can hold."""


def unread(server, sock):
    server.nap()


def read_slowly(server, sock):
    while sock.recv(2**14):
        server.nap(0.004)


def read_late(server, sock):
    server.nap(1.5)
    always()(server, sock)


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("play", [unread, read_slowly])
def test_a_request_read_too_slowly_ends_at_the_deadline(
    serve, call, certificate, play, secure
):
    """F-B10: the connection stands, the buffers are full, and little moves."""
    server = serve(play, certificate().context() if secure else None)
    transport = call(
        server.url("localhost"), ca_file=certificate().file, deadline=DEADLINE
    )

    with within(DEADLINE + GRACE), pytest.raises(Unsure):
        transport.post("/rest", LARGE, fresh=True)


@pytest.mark.parametrize("secure", [False, True])
def test_a_request_read_late_but_in_time_is_answered(serve, call, certificate, secure):
    """The time to connect is over once connected: what is left is the call's."""
    server = serve(read_late, certificate().context() if secure else None)
    transport = call(server.url("localhost"), ca_file=certificate().file, connect=1)

    assert 200 == transport.post("/rest", LARGE, fresh=True).status


def test_a_slow_answer_in_time_is_an_answer(serve, call):
    """The deadline is for the call; a pause is no failure."""
    pieces = [YES[at : at + 4] for at in range(0, len(YES), 4)]

    assert 200 == outcome(call(serve(once(*pieces, pause=0.01))))


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("fresh", [False, True])
def test_what_should_have_left_before_does_not_leave(
    serve, call, certificate, secure, fresh
):
    """F-A5: a process that stood still before its first byte sends none any more."""
    # Guard off (`still` does nothing): the server hears the request, red.
    server = serve(always(), certificate().context() if secure else None)
    transport = call(server.url("localhost"), ca_file=certificate().file)
    with leaving.by(leaving.ticking() - 1):
        told = outcome(transport, fresh=fresh)

    assert Unsure is told
    assert [] == [heard for heard in server.heard if heard]
    assert 200 == outcome(transport, fresh=fresh)


def test_the_deadline_starts_anew_with_each_call(serve, call):
    """A connection kept from an earlier call does not bring its time along."""

    def play(server, sock):
        while server.hear(sock):
            server.nap(1)
            sock.sendall(YES)

    server = serve(play)
    transport = call(server, deadline=2.5)

    assert [200, 200, 200] == [outcome(transport) for _ in range(3)]
    assert 1 == server.accepted


# --- in size -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        HEAD.replace(b"6", b"1000") + b"y" * 1000,
        CHUNKED + b"3e8\r\n" + b"y" * 1000 + b"\r\n0\r\n\r\n",
        TO_THE_END + b"y" * 1000,
    ],
)
def test_an_answer_above_the_cap_is_unsure(serve, call, answer):
    """F-B11: too large an answer is none; the same one at the cap is."""
    server = serve(once(answer))

    assert Unsure == outcome(call(server, largest=999))
    assert 200 == outcome(call(server, largest=1000))
    assert Unsure == outcome(call(server), largest=999)
    assert 200 == outcome(call(server, largest=999), largest=1000)


@pytest.mark.parametrize(
    "start", [TO_THE_END, CHUNKED + b"-1\r\n", CHUNKED + b"fffffff\r\n"]
)
def test_a_flood_is_cut_at_the_cap(serve, call, start):
    """F-B11: memory stays near the cap, though 64 KiB at a time keep coming."""
    server = serve(forever(start, b"y" * 2**16))
    tracemalloc.start()
    found = outcome(call(server, largest=2**16))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert Unsure == found
    assert peak < 2**20


@pytest.mark.parametrize("status", [b"200 OK", b"302 Found\r\nLocation: /elsewhere"])
@pytest.mark.parametrize("coding", [b"gzip", b"deflate", b"br", b"x, gzip", b"GZIP"])
def test_an_encoded_body_is_never_decompressed(serve, call, status, coding):
    """F-B11: 48 KB on the wire would be 50 MB in memory."""
    bomb = gzip.compress(b"\0" * 2**24, 1)
    head = b"HTTP/1.1 %s\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n"
    server = serve(once(head % (status, coding, len(bomb)) + bomb))
    tracemalloc.start()
    found = outcome(call(server))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert Unsure == found
    assert peak < 2**20
    assert b"\r\nAccept-Encoding: identity\r\n" in server.heard[0]


def test_no_caller_can_ask_for_an_encoding(serve, call):
    """Nor for another content type: it is a form."""
    server = serve(always())
    call(server).post("/rest", FORM, headers={"accept-encoding": "gzip"})

    assert b"gzip" not in server.heard[0]


# --- nowhere else ------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_reply_and_never_followed(serve, call, status):
    """F-B12: following would send the key elsewhere, or turn POST into GET."""
    elsewhere = serve(always())
    head = f"HTTP/1.1 {status} Moved\r\nLocation: {elsewhere.url()}/rest\r\n"
    server = serve(always(head.encode() + b"Content-Length: 0\r\n\r\n"))
    reply = call(server).post("/rest", FORM)

    assert status == reply.status
    assert f"{elsewhere.url()}/rest" == reply.headers["location"]
    assert 0 == elsewhere.accepted


def test_neither_proxy_nor_netrc_nor_cookie_is_used(serve, call, monkeypatch, tmp_path):
    """What the machine or an earlier answer holds does not change a call."""
    proxy = serve(always())
    server = serve(always(YES.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b\r\n\r\n")))
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login x password {SECRET}")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, proxy.url())
    transport = call(server)

    assert [200, 200] == [outcome(transport), outcome(transport)]
    assert 0 == proxy.accepted
    assert not [h for h in server.heard if b"Authorization" in h or b"Cookie" in h]


def test_a_path_cannot_lead_to_another_host(serve, call):
    """Whatever it looks like, it is a path below the base."""
    elsewhere = serve(always())
    server = serve(always())
    transport = call(server)
    for path in (f"//127.0.0.1:{elsewhere.port}/", f"@127.0.0.1:{elsewhere.port}/"):
        transport.post(path, FORM)
    transport.post(elsewhere.url(), FORM)

    assert (3, 0) == (len(server.heard), elsewhere.accepted)


ADDRESSES = {
    None: "127.0.0.1 127.1.2.3 10.0.0.1 172.16.0.1 192.168.1.1 100.64.0.1 198.18.0.1"
    " 8.8.8.8 169.253.255.255 169.255.0.0 223.255.255.255 0.0.0.1"
    " ::1 fd00::1 fc00::1 fdff::1 2001:db8::1 2606:4700::1111 2001:4860:4860::8888"
    " ::10.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8"
    " 64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b::808:808 64:ff9c::a9fe:a9fe"
    " 64:ff9b:1::7f00:1 64:ff9b:1:a00:0:100::"
    " 2002:7f00:1:: 2002:a00:1:: 2002:808:808::1 2001:0:a9fe:a9fe::",
    "unspecified": "0.0.0.0 :: ::ffff:0.0.0.0 64:ff9b:: 64:ff9b:1:: 2002::"
    " 2002:0:0:1::",
    "link-local": "169.254.0.0 169.254.169.254 169.254.255.255"
    " fe80:: fe80::1 fe80::1%eth0 febf:ffff::1"
    " ::169.254.169.254 ::ffff:169.254.169.254 ::ffff:a9fe:a9fe"
    " 64:ff9b::a9fe:a9fe 64:ff9b::169.254.1.1"
    " 64:ff9b:1::a9fe:a9fe 64:ff9b:1:abcd::a9fe:a9fe 64:ff9b:1:a9fe:a9:fe00::"
    " 2002:a9fe:a9fe:: 2002:a9fe:a9fe::1",
    "site-local": "fec0:: fec0::1 feff::1",
    "multicast": "224.0.0.0 224.0.0.1 239.255.255.255 ff00:: ff02::1 ff0e::1"
    " ::ffff:224.0.0.1 64:ff9b::e000:1 64:ff9b:1::e000:1 64:ff9b:1:e000:0:100::"
    " 2002:e000:1::",
    "a cloud's metadata service": "100.100.100.200 fd00:ec2::254",
}
JUDGED = [(word, one) for word, many in ADDRESSES.items() for one in many.split()]
BLOCKED = [address for word, address in JUDGED if word and "%" not in address]


@pytest.mark.parametrize(("word", "address"), JUDGED)
def test_an_address_is_judged_by_where_it_leads(word, address):
    """Private ones may be called; what is hidden in mapped, NAT64 or 6to4 may not."""
    assert word == forbidden(address)


@pytest.mark.parametrize(
    "host",
    [
        *(f"[{one}]" if ":" in one else one for one in BLOCKED),
        "0",
        "0x0",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "169.254.43518",
    ],
)
def test_a_forbidden_address_is_refused_before_anything_is_sent(call, host):
    """The address is judged, not its spelling."""
    with pytest.raises(Refused, match="never called"):
        call(f"http://{host}").post("/rest", FORM)


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1"])
def test_loopback_may_be_called_however_it_is_spelt(serve, call, host):
    """The same rule the other way round."""
    assert 200 == outcome(call(serve(always()).url(host)))


def resolver(*answers: list[str]):
    """A name server that gives one answer after the other, and numbers as they are."""
    waiting = list(answers)
    lookup = socket.getaddrinfo

    def getaddrinfo(host, port, flags=0, **kwargs):
        if flags:
            raise socket.gaierror
        return [
            way
            for address in waiting.pop(0)
            for way in lookup(address, port, flags=socket.AI_NUMERICHOST, **kwargs)
        ]

    return getaddrinfo


def test_one_forbidden_address_among_many_is_refused(serve, call, monkeypatch):
    """A name that also leads there is not to be trusted at all."""
    server = serve(always())
    answer = ["127.0.0.1", "169.254.169.254"]
    monkeypatch.setattr(socket, "getaddrinfo", resolver(answer))

    assert Refused == outcome(call(server.url("name.example")))
    assert 0 == server.accepted


def test_a_name_is_judged_anew_with_each_connection(serve, call, monkeypatch):
    """A name server that answers well first and badly then gets nowhere."""
    server = serve(always())
    answers = ["127.0.0.1"], ["169.254.169.254"]
    monkeypatch.setattr(socket, "getaddrinfo", resolver(*answers))
    transport = call(server.url("name.example"))

    assert [200, Refused] == [outcome(transport, fresh=True) for _ in range(2)]


def test_a_name_is_looked_up_once_per_connection(serve, call, monkeypatch):
    """Between judging and connecting nobody is asked again."""
    server = serve(always())
    monkeypatch.setattr(socket, "getaddrinfo", resolver(["127.0.0.1"]))

    assert 200 == outcome(call(server.url("name.example")))
    assert b"\r\nHost: name.example:" in server.heard[0]


def test_the_next_address_is_tried_where_one_refuses(serve, call, monkeypatch):
    """A machine known by two addresses may listen on one of them only."""
    server = serve(always())
    monkeypatch.setattr(socket, "getaddrinfo", resolver(["127.0.0.2", "127.0.0.1"]))

    assert 200 == outcome(call(server.url("name.example")))


def test_the_next_address_has_its_share_where_one_hangs(serve, call, monkeypatch):
    """The first may not use up the time of both."""
    server = serve(always())
    monkeypatch.setattr(socket, "getaddrinfo", resolver(["127.0.0.2", "127.0.0.1"]))

    with full("127.0.0.2", server.port):
        assert 200 == outcome(call(server.url("name.example"), connect=2))


# --- TLS ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Certificate:
    file: str
    key: str

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key)
        return context


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Callable[..., Certificate]:
    """Self-signed ones, by name and by days until they expire."""

    @cache
    def make(name: str = "localhost", days: int = 1) -> Certificate:
        folder: Path = tmp_path_factory.mktemp("certificate")
        key = ec.generate_private_key(ec.SECP256R1())
        until = datetime.now(UTC) + timedelta(days=days)
        who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
        names = [x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))]
        signed = (
            x509.CertificateBuilder(who, who, key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(until - timedelta(days=9))
            .not_valid_after(until)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(key, hashes.SHA256())
        )
        (folder / "cert.pem").write_bytes(signed.public_bytes(Encoding.PEM))
        (folder / "key.pem").write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        return Certificate(str(folder / "cert.pem"), str(folder / "key.pem"))

    return make


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("fresh", [False, True])
def test_a_private_authority_is_accepted_by_its_file(
    serve, call, certificate, host, fresh
):
    """By name and by address, as the certificate says."""
    own = certificate()
    server = serve(always(), own.context())

    assert 200 == outcome(call(server.url(host), ca_file=own.file), fresh=fresh)


@pytest.mark.parametrize(
    ("slip", "why"),
    [
        ({"name": "other.example"}, "Hostname mismatch"),
        ({"days": -1}, "expired"),
        ({"days": 20}, "not yet valid"),
    ],
)
def test_a_certificate_that_does_not_hold_is_later(serve, call, certificate, slip, why):
    """F-B15: the request never left, and there is no switch to let it."""
    own = certificate(**slip)
    server = serve(always(), own.context())
    transport = call(server.url("localhost"), ca_file=own.file)

    with pytest.raises(Later, match=why):
        transport.post("/rest", FORM, fresh=True)
    assert Later == outcome(transport)
    assert [] == server.heard


def test_a_certificate_of_another_authority_is_later(serve, call, certificate):
    """The private authority's file names it alone."""
    server = serve(always(), certificate().context())
    transport = call(server.url("localhost"), ca_file=certificate("other").file)

    with pytest.raises(Later, match="self-signed"):
        transport.post("/rest", FORM, fresh=True)
    assert [] == server.heard


def test_without_a_file_the_public_authorities_decide(serve, call, certificate):
    """A certificate of one's own is not among theirs."""
    server = serve(always(), certificate().context())

    assert Later == outcome(call(server.url("localhost")))
    assert [] == server.heard


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_below_1_2_is_later(serve, call, certificate):
    """Old TLS is as good as none."""
    own = certificate()
    old = own.context()
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    server = serve(always(), old)

    assert Later == outcome(call(server.url("localhost"), ca_file=own.file))
    assert [] == server.heard


def test_a_server_without_tls_is_later(serve, call):
    """Somebody wrote https:// where http:// was meant; the message says so."""
    server = serve(lambda _, sock: sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))

    with pytest.raises(Later, match="http://"):
        call(server.url().replace("http", "https")).post("/rest", FORM)


def test_a_handshake_that_hangs_is_later(serve, call):
    """It belongs to connecting, so the connect time-out ends it."""
    server = serve(lambda server, _: server.nap())
    url = server.url().replace("http", "https")

    with within(0.2 + GRACE):
        assert Later == outcome(call(url, connect=0.2))


@pytest.mark.parametrize(
    "play",
    [
        pytest.param(silent, id="says nothing"),
        pytest.param(forever(b"HTTP/1.1 200 OK\r\nX: ", b"y", 0.02), id="slow header"),
        pytest.param(forever(HEAD.replace(b"6", b"999"), b"y", 0.02), id="slow body"),
    ],
)
def test_the_deadline_holds_under_tls(serve, call, certificate, play):
    """F-B10, sealed."""
    own = certificate()
    server = serve(play, own.context())
    transport = call(server.url("localhost"), ca_file=own.file, deadline=DEADLINE)

    with within(DEADLINE + GRACE):
        assert Unsure == outcome(transport, fresh=True)


def test_an_answer_cut_off_under_tls_is_unsure(serve, call, certificate):
    """Anybody on the way can end a connection; only the server can say it ended."""
    own = certificate()
    server = serve(once(TO_THE_END + b"[true]"), own.context())

    assert Unsure == outcome(call(server.url("localhost"), ca_file=own.file))


def test_an_answer_ended_properly_under_tls_is_whole(serve, call, certificate):
    """The same one, with the closing word."""

    def play(server, sock):
        once(TO_THE_END + b"[true]")(server, sock)
        sock.unwrap()

    own = certificate()
    server = serve(play, own.context())

    assert 200 == outcome(call(server.url("localhost"), ca_file=own.file))


def test_reads_share_a_connection_under_tls(serve, call, certificate):
    """A handshake costs more than the call."""
    own = certificate()
    server = serve(always(), own.context())
    transport = call(server.url("localhost"), ca_file=own.file)

    assert [200] * 5 == [outcome(transport) for _ in range(5)]
    assert 1 == server.accepted


def test_a_ca_file_that_is_none_says_so(tmp_path):
    """At the start, not at the first payment."""
    (tmp_path / "ca.pem").write_text("no certificate")

    for name in ("missing.pem", "ca.pem"):
        with pytest.raises(ValueError, match=f"{name}.*name a PEM file"):
            Transport("https://localhost", ca_file=str(tmp_path / name))


# --- connections -------------------------------------------------------------------


def test_a_write_has_a_connection_of_its_own(serve, call):
    """Opened for it and closed after it, though the backend would keep it."""
    ended = threading.Semaphore(0)

    def play(server, sock):
        always()(server, sock)
        ended.release()

    server = serve(play)
    transport = call(server)
    found = [outcome(transport, fresh=True) for _ in range(3)]

    assert [200, 200, 200] == found
    assert 3 == server.accepted
    assert all(ended.acquire(timeout=1) for _ in range(3))


def test_reads_share_a_connection(serve, call):
    """One is opened and kept."""
    server = serve(always())
    transport = call(server)

    assert [200] * 5 == [outcome(transport) for _ in range(5)]
    assert 1 == server.accepted


def test_a_write_never_takes_a_reads_connection(serve, call):
    """Nor leaves one behind for them."""
    server = serve(always())
    transport = call(server)
    for fresh in (False, True, False, True, False):
        outcome(transport, fresh=fresh)

    assert 3 == server.accepted


def test_a_kept_connection_that_was_closed_is_replaced(serve, call):
    """An idle end that we could see is no failure."""
    server = serve(once(YES))
    transport = call(server)
    outcome(transport)
    time.sleep(0.05)

    assert 200 == outcome(transport)
    assert 2 == server.accepted


def test_a_kept_connection_that_dies_is_unsure_and_not_tried_again(serve, call):
    """The backend hung up on the second request without a word."""

    def play(server, sock):
        once(YES)(server, sock)
        server.hear(sock)

    server = serve(play)
    transport = call(server)

    assert [200, Unsure] == [outcome(transport), outcome(transport)]
    assert (1, 2) == (server.accepted, len(server.heard))


@pytest.mark.parametrize(
    "answer",
    [HEAD + b"[tr", HEAD.replace(b"6", b"99") + b"y" * 99, b"HTTP/1.1 1064 X\r\n"],
)
def test_a_connection_that_failed_is_not_used_again(serve, call, answer):
    """What is left of one answer must never be read as the next one's."""
    said = iter([answer, YES])

    def play(server, sock):
        while server.hear(sock):
            sock.sendall(next(said))

    server = serve(play)
    transport = call(server, largest=50, deadline=2)

    assert [Unsure, 200] == [outcome(transport), outcome(transport)]
    assert 2 == server.accepted


def test_close_lets_go_and_a_later_call_opens_anew(serve, call):
    """Closing twice is as good as once."""
    server = serve(always())
    transport = call(server)
    outcome(transport)
    transport.close()
    transport.close()

    assert 200 == outcome(transport)
    assert 2 == server.accepted


def test_sixteen_threads_share_one_transport(serve, call):
    """Reads and writes at once, each with its own answer."""

    def play(server, sock):
        while request := server.hear(sock):
            said = request.partition(b"\r\n\r\n")[2]
            sock.sendall(HEAD.replace(b"6", b"%d" % len(said)) + said)

    transport = call(serve(play), deadline=5)

    def ask(number):
        reply = transport.post("/rest", {"n": str(number)}, fresh=number % 4 == 0)
        return reply.body

    with ThreadPoolExecutor(16) as threads:
        assert [b"n=%d" % n for n in range(320)] == list(threads.map(ask, range(320)))


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_child_process_opens_its_own_connections(serve, call, host):
    """After a fork, parent and child would read each other's answers."""
    server = serve(always())
    transport = call(server.url(host), deadline=1)
    outcome(transport)
    child = os.fork()
    if not child:
        os._exit([outcome(transport), outcome(transport, fresh=True)] != [200, 200])
    _, status = os.waitpid(child, 0)

    assert 0 == status
    assert 200 == outcome(transport)
    assert 3 == server.accepted


# --- what it says ------------------------------------------------------------------


def everything_said(error: BaseException) -> str:
    """As a log would print it, with all it was raised from."""
    text = "".join(traceback.format_exception(error))
    while error:
        text += repr(error) + str(vars(error))
        error = error.__cause__ or error.__context__
    return text


@pytest.mark.parametrize(
    "play",
    [
        once(b""),
        once(b"", reset=True),
        once(b"HTTP/1.1 1064 " + SECRET.encode() + b"\r\n\r\n"),
        once(HEAD + SECRET.encode()[:3]),
        once(CHUNKED + SECRET.encode()),
        once(b"HTTP/1.1 200 OK\r\n" + SECRET.encode() + b"\r\n\r\n"),
        once(YES.replace(b"6", SECRET.encode())),
        silent,
    ],
)
def test_a_message_names_the_host_and_never_a_value(serve, call, play, caplog):
    """Neither form nor key nor query, even where the backend echoes them."""
    transport = call(serve(play), deadline=DEADLINE)
    with pytest.raises(Unsure, match=r"127\.0\.0\.1.*look before") as caught:
        transport.post(f"/rest?q={SECRET}", FORM, headers={"X-Key": SECRET})

    assert SECRET not in everything_said(caught.value)
    assert SECRET not in caplog.text


@pytest.mark.parametrize("host", ["127.0.0.1", "nowhere.invalid", "169.254.1.1"])
def test_nor_does_one_that_never_connected(call, free_port, host):
    """requests would quote the whole address, query included."""
    transport = call(f"http://{host}:{free_port}", connect=1)
    with pytest.raises((Later, Refused), match=host) as caught:
        transport.post(f"/rest?q={SECRET}", FORM, headers={"X-Key": SECRET})

    assert SECRET not in everything_said(caught.value)


@pytest.mark.parametrize("key", [SECRET + "\n", " " + SECRET, SECRET + "€"])
def test_a_key_that_is_no_header_is_refused_without_being_shown(serve, call, key):
    """The usual slip: pasted together with its line break."""
    server = serve(always())
    with pytest.raises(Refused, match="line break") as caught:
        call(server).post("/rest", FORM, headers={"Authorization": key})

    assert SECRET not in everything_said(caught.value)
    assert 0 == server.accepted


@pytest.mark.parametrize(
    ("base", "why"),
    [
        ("", "https://"),
        ("backend.example", "https://"),
        ("//backend.example", "https://"),
        ("ftp://backend.example", "https://"),
        ("localhost:8080/rest", "https://"),
        ("http://", "names no host"),
        ("http:///rest", "names no host"),
        ("http://:8080", "names no host"),
        ("http://host:port", "names no host and port"),
        ("http://host:99999", "names no host and port"),
        ("http://[::1", "names no host and port"),
        ("http://*.example", "names no host and port"),
        ("http://admin:s3cr3t-key@host", "user name or password"),
        ("http://s3cr3t-key@host/rest", "user name or password"),
        ("http://host/rest?key=s3cr3t-key", "query"),
        ("http://host/rest?key=a@s3cr3t-key", "query"),
        ("http://host/rest?", "query"),
        ("http://host/rest#here", "fragment"),
        ("http://host/my rest", "blank"),
        ("http://host\n", "blank"),
        ("http://host\\@other", "user name or password"),
        ("http://host\\rest", "backslash"),
    ],
)
def test_an_address_that_is_none_is_told_at_the_start(base, why):
    """The thing, the reason and the way out, and no password."""
    with pytest.raises(ValueError, match=f"backend address.*{why}.*;") as caught:
        Transport(base)

    assert SECRET not in everything_said(caught.value)


@pytest.mark.parametrize(
    ("base", "path"),
    [
        ("", b"/rest"),
        ("/", b"/rest"),
        ("/ict//", b"/ict/rest"),
        ("/a%20b", b"/a%20b/rest"),
    ],
)
@pytest.mark.parametrize("rest", ["rest", "/rest"])
def test_a_base_may_have_a_path_and_a_slash_at_its_end(serve, call, base, path, rest):
    """One slash stands between base and path, however both are written."""
    server = serve(always())
    call(server.url() + base).post(rest, FORM)

    assert [b"POST", path, b"HTTP/1.1"] == server.heard[0].split(b"\r\n")[0].split()
