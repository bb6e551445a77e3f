"""A delivery as a mail: the same bytes however often it is sent."""

from __future__ import annotations

import hashlib
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from bridge.store.outbox import Delivery
from provisioning.core.outcomes import Refused

SENDER = "switchhook@localhost"
"""Where no mail is sent, only kept in a folder."""


def letter(delivery: Delivery, sender: str) -> EmailMessage:
    """Refused where it cannot be written as one mail to one address.

    The Message-ID is made of the key: a mail sent twice can be told by it.
    """
    content = delivery.content
    mail = EmailMessage(policy=SMTP)
    try:
        writer = address(content.get("from") or sender)
        mail["From"] = named(writer, content.get("from_name"))
        mail["To"] = address(content.get("to") or sender)
        if "reply_to" in content:
            mail["Reply-To"] = address(content["reply_to"])
        mail["Subject"] = str(content["subject"])
        mail["Date"] = format_datetime(delivery.made_at)
        mail["Message-ID"] = f"<{name(delivery)}@{writer.domain}>"
        # RFC 3834: no holiday notes in answer to a machine.
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(str(content["text"]))
        if "html" in content:
            mail.add_alternative(str(content["html"]), subtype="html")
            mail.set_boundary(f"=_{name(delivery)}")
        mail.as_bytes()
    except (ValueError, KeyError, IndexError):
        pass
    else:
        return mail
    # Out here, and without what it was: it may be anybody's text.
    raise Refused(
        "it cannot be written as a mail; it needs one plain address in `to`, and a"
        " subject of one line"
    )


def address(text: object) -> Address:
    """One address and nothing else: no name, no second one, no line break."""
    if not isinstance(text, str) or not text.isascii():
        raise ValueError("an address is plain ASCII text")
    read = Address(addr_spec=text)
    if not read.username or not read.domain or read.addr_spec != text:
        raise ValueError("not one plain address")
    return read


def named(plain: Address, shown: object) -> Address:
    """The same address under the name people know."""
    return Address(str(shown or ""), addr_spec=plain.addr_spec)


def name(delivery: Delivery) -> str:
    return hashlib.sha256(delivery.key.encode()).hexdigest()[:32]
