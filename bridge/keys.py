"""The install key: what it seals, and the names only we can give.

After a rotation the keys before it still open what they sealed, and tell what they
signed. What is new is made with the newest alone.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import string
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from provisioning.core.events import Event
from provisioning.core.outcomes import Later

LETTERS = "abcdefghjkmnpqrstvwxyz23456789"
"""Without i, l, o, u, 0, 1: read aloud and typed without mistakes."""

ACCOUNT = "acct_"
OPERATION = "op_"
NONCE = 12
LEAST = 32

SIGN = b"key:"
"""What a seal begins with that says which key made it. Where there is one key it says
nothing, so that the version before this one opens it, too."""

NAME = 4
MARK = len(SIGN) + NAME
"""Bytes before the nonce, where the key is named."""


class Unreadable(Later):
    """Sealed with another key, for another row, or damaged. Nothing was done by it."""


@dataclass(frozen=True, slots=True)
class Keys:
    install: bytes = field(repr=False)
    old: tuple[bytes, ...] = field(default=(), repr=False)
    """The keys before it, the last one first."""

    def __post_init__(self) -> None:
        for no, key in enumerate((self.install, *self.old)):
            if len(key) < LEAST:
                which = f"key {no} of old_keys" if no else "the install key"
                raise ValueError(
                    f"{which} has {len(key)} bytes; it needs {LEAST}: let `switchhook"
                    " init` write one"
                )
        if len({self.install, *self.old}) <= len(self.old):
            raise ValueError("old_keys: names one key twice, or the one in `key`")

    @classmethod
    def written(cls, key: str, old: Iterable[str]) -> Keys:
        """As they stand in the configuration."""
        return cls(key.encode(), tuple(each.encode() for each in old))

    @property
    def each(self) -> tuple[Keys, ...]:
        """By itself, the newest first: what was signed before may be told by it."""
        return tuple(Keys(install) for install in (self.install, *self.old))

    @property
    def name(self) -> str:
        """What people may call it by, and see of it."""
        return self._name.hex()

    @property
    def mark(self) -> bytes:
        """What each of its seals begins with, where there is more than one key."""
        return SIGN + self._name

    def seal(self, text: str, about: str) -> bytes:
        """*about* names the row: a sealed value moved to another one does not open."""
        nonce, mark = secrets.token_bytes(NONCE), self.mark if self.old else b""
        return (
            mark + nonce + self._cipher().encrypt(nonce, text.encode(), about.encode())
        )

    def unseal(self, sealed: bytes, about: str) -> str:
        # One without a name begins with anything, and so by chance with one.
        named = [(k, sealed[MARK:]) for k in self.each if sealed.startswith(k.mark)]
        for key, rest in (*named, *((k, sealed) for k in self.each)):
            with suppress(InvalidTag, ValueError):
                return key.decrypted(rest, about)
        raise Unreadable(
            f"the secret of {about} does not open with this key; the one that sealed it"
            " belongs in `key` or `old_keys`."
        )

    def decrypted(self, sealed: bytes, about: str) -> str:
        """By this key alone, and without its name."""
        nonce, rest = sealed[:NONCE], sealed[NONCE:]
        return self._cipher().decrypt(nonce, rest, about.encode()).decode()

    def closed(self, text: str, about: str) -> str:
        """The same as `seal`, as text."""
        return base64.b64encode(self.seal(text, about)).decode()

    def opened(self, closed: str, about: str) -> str:
        return self.unseal(base64.b64decode(closed), about)

    def opens(self, sealed: bytes, about: str) -> bool:
        """Whether it was sealed with one of our keys."""
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

    @property
    def _name(self) -> bytes:
        return self._derived(b"name")[:NAME]

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
