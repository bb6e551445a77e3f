"""Mail by SMTP: encrypted and verified, or to this machine only; always in time."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address
from time import monotonic
from typing import cast

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from bridge.channels.letter import address, letter
from bridge.store.outbox import Delivery
from provisioning.core.outcomes import Later, Outcome, Refused
from provisioning.dialling import Dialler, Timed, verified

CONNECT = 10.0
"""Seconds to reach the server; the rest of the time is for the talk."""

PERMANENT = 500


class Security(StrEnum):
    STARTTLS = "starttls"
    """Asked for at once; without it nothing else is said."""

    TLS = "tls"
    NONE = "none"
    """Only to this machine."""


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    port: int
    security: Security
    sender: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    within: float = 30.0
    ca_file: str | None = None


class Mail:
    def __init__(self, server: Server) -> None:
        """ValueError where the certificates cannot be read."""
        self.within = server.within
        self._server = server
        self._tls = (
            None
            if server.security is Security.NONE
            else verified(server.ca_file or DEFAULT_CA_BUNDLE_PATH)
        )
        self._dial = Dialler(
            server.host,
            server.port,
            min(CONNECT, server.within),
            self._tls if server.security is Security.TLS else None,
            ThreadPoolExecutor(1, thread_name_prefix="dns mail"),
        )

    def send(self, delivery: Delivery, _at: datetime) -> None:
        """Sent twice if we die between its last word and our note of it."""
        mail = letter(delivery, self._server.sender)
        try:
            self._talk(mail["To"].addresses[0].addr_spec, mail.as_bytes())
        except Outcome:
            raise
        except (OSError, smtplib.SMTPException, ValueError) as error:
            outcome = _sorted(error)
        else:
            return
        # Out here: a chained exception would carry the mail along.
        raise outcome

    def reach(self) -> None:
        """All that comes before a mail, and no mail. Later: what stands in the way."""
        try:
            with self._session() as session:
                session.noop()
        except Outcome:
            raise
        except (OSError, smtplib.SMTPException, ValueError) as error:
            outcome = _sorted(error)
        else:
            return
        raise outcome

    def _talk(self, to: str, mail: bytes) -> None:
        with self._session() as session:
            session.sendmail(self._server.sender, to, mail)

    @contextmanager
    def _session(self) -> Iterator[_Session]:
        """Connected, secured and logged in."""
        session = _Session(self._dial, self._server, monotonic() + self.within)
        try:
            if self._server.security is Security.STARTTLS and self._tls:
                session.secure(self._tls)
            if self._server.username is not None:
                session.login(self._server.username, self._server.password or "")
            yield session
            # It is taken; how we part changes nothing.
            with suppress(OSError, smtplib.SMTPException):
                session.quit()
        finally:
            session.close()


class _Session(smtplib.SMTP):
    """smtplib on a judged connection, where all it does together has one time."""

    def __init__(self, dial: Dialler, server: Server, due: float) -> None:
        self._dial = dial
        self._server = server
        self._due = due
        # Its own name, or smtplib asks the name server for one, without a time.
        own = address(server.sender).domain
        super().__init__(server.host, server.port, local_hostname=own)

    def _get_socket(self, *_: object) -> Timed:
        sock = self._dial(self._due)
        sock.due = self._due
        if self._server.security is Security.NONE and not _is_here(sock):
            sock.close()
            raise Later(
                f'{self._server.host} is not this machine, and security = "none" is for'
                ' this machine only; set it to "starttls" or "tls"'
            )
        return sock

    def secure(self, tls: ssl.SSLContext) -> None:
        self.starttls(context=tls)
        cast(Timed, self.sock).due = self._due


def _is_here(sock: Timed) -> bool:
    return ip_address(sock.getpeername()[0]).is_loopback


# By kind, the first that fits. None of it quotes the server: it may name anybody.
SAID = (
    (smtplib.SMTPAuthenticationError, "does not take the user name and password"),
    (smtplib.SMTPNotSupportedError, "offers no STARTTLS or no log-in; see `security`"),
    (smtplib.SMTPSenderRefused, "does not let us send as `from`"),
    (smtplib.SMTPRecipientsRefused, "does not take the recipient now"),
    (smtplib.SMTPResponseException, "does not take mail now"),
    (
        ssl.SSLCertVerificationError,
        "shows a certificate we cannot trust; see `ca_file`",
    ),
    (ssl.SSLError, "broke TLS off"),
    (TimeoutError, "was not done in time"),
)


def _sorted(error: Exception) -> Outcome:
    code = _code(error)
    final = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)
    if isinstance(error, final) and code >= PERMANENT:
        what = (
            "recipient" if isinstance(error, smtplib.SMTPRecipientsRefused) else "mail"
        )
        return Refused(f"the mail server refuses the {what} ({code})")
    words = next((said for kind, said in SAID if isinstance(error, kind)), "hung up")
    return Later(f"the mail server {words}" + (f" ({code})" if code else ""))


def _code(error: Exception) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max(int(code) for code, _ in error.recipients.values())
    return int(getattr(error, "smtp_code", 0))
