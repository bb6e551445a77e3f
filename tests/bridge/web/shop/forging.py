"""A promised price with something else in it, and all else as it was made."""

import base64
import zlib

from bridge import quotes


def forged(token, was, now):
    """Its words, read as anybody can, with one of them changed; its signature stays."""
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    unpack = zlib.decompressobj(-15, zdict=quotes.USUAL)
    text = unpack.decompress(raw[quotes.HEAD :]).decode()
    assert was in text
    press = zlib.compressobj(9, wbits=-15, zdict=quotes.USUAL)
    packed = press.compress(text.replace(was, now, 1).encode()) + press.flush()
    return base64.urlsafe_b64encode(raw[: quotes.HEAD] + packed).decode().rstrip("=")
