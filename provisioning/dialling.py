"""Connections to judged addresses, where no read or write outlives its call.

Nothing here lets a request leave: what fails is Later, what is forbidden Refused.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from provisioning import leaving
from provisioning.core.outcomes import Later, Refused

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

Way = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]

# Our own table: `is_global` is blind to an IPv4 address written inside an IPv6 one
# (Python 3.11 calls 64:ff9b::a9fe:a9fe and fec0::1 global).
FORBIDDEN = tuple(
    (ip_network(network), word)
    for network, word in (
        ("0.0.0.0/32", "unspecified"),
        ("::/128", "unspecified"),
        ("169.254.0.0/16", "link-local"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("224.0.0.0/4", "multicast"),
        ("ff00::/8", "multicast"),
        ("100.100.100.200/32", "a cloud's metadata service"),
        ("fd00:ec2::/32", "a cloud's metadata service"),
    )
)


def _last(bits: int) -> int:
    return bits & 0xFFFF_FFFF


def _second(bits: int) -> int:
    return bits >> 80 & 0xFFFF_FFFF


def _around(bits: int) -> int:
    """Behind a /48, octet 8 is no part of the IPv4 address (RFC 6052, 2.2)."""
    return (bits >> 64 & 0xFFFF) << 16 | bits >> 40 & 0xFFFF


HIDING: tuple[tuple[IPv6Network, tuple[Callable[[int], int], ...]], ...] = (
    (IPv6Network("::/96"), (_last,)),
    (IPv6Network("::ffff:0:0/96"), (_last,)),
    (IPv6Network("64:ff9b::/96"), (_last,)),
    (IPv6Network("64:ff9b:1::/48"), (_last, _around)),
    (IPv6Network("2002::/16"), (_second,)),
)
"""IPv6 addresses with an IPv4 address inside, and where it may stand."""


@lru_cache(maxsize=1024)
def forbidden(address: str) -> str | None:
    """What the address is that nobody may be sent to, or None."""
    found = ip_address(address)
    forms = (found, *_hidden(found))
    return next((word for net, word in FORBIDDEN for f in forms if f in net), None)


def _hidden(address: IPv4Address | IPv6Address) -> tuple[IPv4Address, ...]:
    found = [
        IPv4Address(reading(int(address)))
        for network, readings in HIDING
        if address in network
        for reading in readings
    ]
    # Of two readings the wrong one is often all zero; it counts only if both are.
    return tuple(v4 for v4 in found if int(v4)) or tuple(found)


def verified(ca_file: str) -> ssl.SSLContext:
    """TLS 1.2 or newer, certificate and host name checked; there is no other kind."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    # An answer may end with the connection: then TLS must have said that it is the end.
    # Python hides a missing end twice: by this option, and by suppress_ragged_eofs.
    tls.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    tls.sslsocket_class = _TimedTls
    try:
        tls.load_verify_locations(ca_file)
    except OSError as error:
        raise ValueError(
            f'ca_file "{ca_file}" cannot be read as certificates ({error.strerror});'
            " name a PEM file"
        ) from None
    return tls


def left(due: float) -> float:
    seconds = due - monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


class Timed(socket.socket):
    """Every read and write gets what is left of the call, not a time of its own."""

    due: float
    """Each call sets it anew."""

    def recv_into(
        self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0
    ) -> int:
        self.settimeout(left(self.due))
        return super().recv_into(buffer, nbytes or memoryview(buffer).nbytes, flags)

    def send(self, data: ReadableBuffer, flags: int = 0, /) -> int:
        self.settimeout(left(self.due))
        leaving.still()
        return super().send(data, flags)

    def sendall(self, data: ReadableBuffer, flags: int = 0, /) -> None:
        self.settimeout(left(self.due))
        leaving.still()
        super().sendall(data, flags)


class _TimedTls(Timed, ssl.SSLSocket):  # type: ignore[misc]
    pass


def _ways(found: Iterable[Any]) -> list[Way]:
    return list(found)


@dataclass(frozen=True, slots=True)
class Dialler:
    host: str
    port: int
    within: float
    tls: ssl.SSLContext | None
    lookups: Executor
    """Names are asked for aside: a name server knows no deadline."""

    def __call__(self, due: float) -> Timed:
        by = min(due, monotonic() + self.within)
        try:
            sock = self._connected(by)
            if self.tls:
                sock = self._secured(sock, self.tls, by)
        except (OSError, UnicodeError, RuntimeError) as error:
            reason = self._why_not(error)
        else:
            return sock
        raise Later(f"{self.host} {reason}")

    def _connected(self, by: float) -> Timed:
        """The first address that answers; each gets its share of the time."""
        ways = self._judged(self._found(by))
        for share in range(len(ways), 1, -1):
            with suppress(OSError):
                return _reached(ways[-share], left(by) / share)
        return _reached(ways[-1], left(by))

    def _found(self, by: float) -> list[Way]:
        ask = partial(socket.getaddrinfo, self.host, self.port, type=socket.SOCK_STREAM)
        with suppress(socket.gaierror):
            return _ways(ask(flags=socket.AI_NUMERICHOST))
        lookup = self.lookups.submit(ask)
        try:
            return _ways(lookup.result(left(by)))
        finally:
            lookup.cancel()

    def _judged(self, ways: list[Way]) -> list[Way]:
        for *_, (address, *_) in ways:
            if word := forbidden(address):
                raise Refused(
                    f"{self.host} leads to {address}, which is {word} and never called;"
                    " give the backend an address of its own"
                )
        return ways

    def _secured(self, sock: Timed, tls: ssl.SSLContext, by: float) -> Timed:
        with sock:  # wrapping takes it over; if that fails, it is closed
            sock.settimeout(left(by))
            secured = tls.wrap_socket(
                sock,
                server_hostname=self.host.rstrip("."),
                suppress_ragged_eofs=False,
            )
        return cast(Timed, secured)

    def _why_not(self, error: Exception) -> str:
        match error:
            case socket.gaierror() | UnicodeError():
                return "has no address we can find; is the name right?"
            case ssl.SSLCertVerificationError():
                return (
                    f"shows a certificate we cannot trust ({error.verify_message});"
                    " for a private authority, name its file as ca_file"
                )
            case ssl.SSLError():
                return "speaks no TLS 1.2 or newer; should its address begin http://?"
            case TimeoutError():
                return f"took no connection within {self.within:g} s; is it running?"
            case ConnectionRefusedError():
                return "refused the connection; is it running, is the port right?"
            case _:
                why = getattr(error, "strerror", None) or type(error).__name__
                return f"cannot be reached ({why})"


def _reached(way: Way, within: float) -> Timed:
    family, kind, protocol, _, address = way
    sock = Timed(family, kind, protocol)
    try:
        sock.settimeout(within)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect(address)
    except BaseException:
        sock.close()
        raise
    return sock


def is_here(host: str) -> bool:
    """Whether that name or address is this machine and nothing else."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
