"""The install key: what it seals, and the names only we can give."""

from __future__ import annotations

import base64
import hmac
import secrets
import string
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from provisioning.core.events import Event

LETTERS = "abcdefghjkmnpqrstvwxyz23456789"
"""Without i, l, o, u, 0, 1: read aloud and typed without mistakes."""

ACCOUNT = "acct_"
OPERATION = "op_"
NONCE = 12
LEAST = 32


class Unreadable(Exception):
    """Sealed with another key, for another row, or damaged."""


@dataclass(frozen=True, slots=True)
class Keys:
    install: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.install) < LEAST:
            raise ValueError(
                f"the install key has {len(self.install)} bytes; it needs {LEAST}:"
                " let `switchhook init` write one"
            )

    def seal(self, text: str, about: str) -> bytes:
        """*about* names the row: a sealed value moved to another one does not open."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._cipher().encrypt(nonce, text.encode(), about.encode())

    def unseal(self, sealed: bytes, about: str) -> str:
        try:
            return (
                self._cipher()
                .decrypt(sealed[:NONCE], sealed[NONCE:], about.encode())
                .decode()
            )
        except InvalidTag as bad:
            raise Unreadable(
                f"the secret of {about} does not open with this key"
            ) from bad

    def closed(self, text: str, about: str) -> str:
        """The same as `seal`, as text."""
        return base64.b64encode(self.seal(text, about)).decode()

    def opened(self, closed: str, about: str) -> str:
        return self.unseal(base64.b64decode(closed), about)

    def opens(self, sealed: bytes, about: str) -> bool:
        """Whether it was sealed with this key."""
        try:
            self.unseal(sealed, about)
        except Unreadable:
            return False
        return True

    def username(self, account: str, generation: int = 1) -> str:
        """The name an account has at its backend, and the mark it is known by.

        It ends in five characters that only this installation can put there.
        """
        name = f"sw{account.removeprefix(ACCOUNT)}{generation}"
        return name + self._mark(name)

    def token(self, about: str) -> str:
        """256 bits that only this installation can name again; kept nowhere."""
        digest = self._derived(b"token", about.encode())
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def signed(self, purpose: str, content: bytes) -> bytes:
        """What only this installation can say of it, and for that purpose alone."""
        return hmac.digest(self._derived(b"sign", purpose.encode()), content, sha256)

    def _mark(self, text: str) -> str:
        digest = self._derived(b"mark", text.encode())
        return "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:5])

    def _cipher(self) -> AESGCM:
        return AESGCM(self._derived(b"seal"))

    def _derived(self, *parts: bytes) -> bytes:
        return hmac.digest(self.install, b":".join(parts), sha256)


def about_event(event: Event) -> str:
    """What a secret is sealed for until it is its account's."""
    return f"{event.source}/{event.id}"


def hashed(token: str) -> str:
    """What is kept of a token. It is random through and through: no salt is needed."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def random_token() -> str:
    return secrets.token_urlsafe(32)


def random_name(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def random_password() -> str:
    """Passes the strictest policy known: 12 or more, lower, upper, digit, special."""
    classes = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "-_.+=")
    drawn = [secrets.choice(letters) for letters in classes for _ in range(5)]
    secrets.SystemRandom().shuffle(drawn)
    return "".join(drawn)


def new_secret() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
