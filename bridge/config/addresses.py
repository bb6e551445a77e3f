"""Addresses as they are written in the file: safe to send people and secrets to."""

from __future__ import annotations

from urllib.parse import urlsplit

from marshmallow import ValidationError

from provisioning.dialling import is_here


def safe(url: str) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValidationError("is no address of a page") from None
    sound = parts.scheme == "https" or (
        parts.scheme == "http" and is_here(parts.hostname or "")
    )
    if not sound or not parts.hostname:
        raise ValidationError(
            "must begin with https://; http:// is for this machine only"
        )


def page(url: str) -> None:
    """An address people are sent to."""
    safe(url)
    if not url.isascii() or not url.isprintable() or set(url) & set(' "<>\\^`{|}'):
        raise ValidationError("write it in plain ASCII, without blanks")
    if "@" in urlsplit(url).netloc:
        raise ValidationError("must hold no user name and no password")


def base(url: str) -> None:
    """What a path is written behind."""
    page(url)
    if "?" in url or "#" in url:
        raise ValidationError("ends with a host or a path; leave out ? and #")
