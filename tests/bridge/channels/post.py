"""A mail server of the tests' own, on loopback, with a certificate of its own."""

from __future__ import annotations

import asyncio
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import ip_address

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from bridge.channels.mail import Security, Server
from bridge.store.outbox import Delivery, State

USER, PASSWORD = "bridge", "s3cr3t-mail"
SENDER = "switchhook@bridge.example"


def delivery(key="alert:1", channel="mail", at=None, **content):
    at = at or datetime(2026, 11, 1, tzinfo=UTC)
    told = {"to": "ops@example.com", "subject": "One new", "text": "Look.\n"} | content
    return Delivery(
        id=1, key=key, channel=channel, content=told, state=State.WAITING, due=at,
        lease_until=None, token=1, tries=0, failing_since=None, said=None, made_at=at,
        ended_at=None,
    )  # fmt: skip


class Box:
    """What came in; `answers` says what is answered instead of yes."""

    def __init__(self):
        self.mails, self.to, self.users = [], [], []
        self.answers = {}

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 - as aiosmtpd calls it
        if "mail" in self.answers:
            return self.answers["mail"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - as aiosmtpd calls it
        if "rcpt" in self.answers:
            return self.answers["rcpt"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - as aiosmtpd calls it
        if "data" in self.answers:
            return self.answers["data"]
        self.mails.append(message_from_bytes(envelope.content, policy=policy.SMTP))
        self.to += envelope.rcpt_tos
        self.users.append(session.auth_data)
        return "250 OK"


def known(_server, _session, _envelope, _mechanism, data):
    user, password = data.login.decode(), data.password.decode()
    fits = (user, password) == (USER, PASSWORD)
    return AuthResult(success=fits, handled=False, auth_data=user)


@contextmanager
def running(box, security, tls=None, **more):
    """Its address as a Server to send to."""
    # It knows of no TLS it did not begin itself: by the other way it must not ask.
    asks = security is Security.STARTTLS
    options = {"authenticator": known, "auth_require_tls": asks} | more
    if security is Security.STARTTLS and tls:
        options |= {"tls_context": tls, "require_starttls": True}
    loop = asyncio.new_event_loop()
    listening = _completed(
        loop,
        loop.create_server(
            lambda: SMTP(box, hostname="post.example", loop=loop, **options),
            host="127.0.0.1",
            port=0,
            ssl=tls if security is Security.TLS else None,
        ),
    )
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        _completed(loop, _ended(loop, listening))
        loop.close()


def _completed(loop, what):
    """In a thread of its own: in this one the loop of a browser may run."""
    with ThreadPoolExecutor(1) as own:
        return own.submit(loop.run_until_complete, what).result(timeout=30)


async def _ended(loop, listening):
    listening.close()
    talks = asyncio.all_tasks(loop) - {asyncio.current_task()}
    for talk in talks:
        talk.cancel()
    await asyncio.gather(*talks, return_exceptions=True)


def server(port, security, **more):
    return Server("127.0.0.1", port, security, SENDER, within=5.0, **more)


def certificate(folder, name="127.0.0.1"):
    """The server's own context, and the file to trust it by."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "post")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(name))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + made.public_bytes(Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, str(file)
