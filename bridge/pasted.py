"""What is pasted at a billing platform, for it to reach us."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit


def there(kind: str, name: str, secret: str, where: str) -> dict[str, Any]:
    """The fields of its own form."""
    if kind == "signed":
        return {"address": f"{where}/hooks/{name}", "secret": secret}
    parts = urlsplit(where)
    secure = parts.scheme == "https"
    return {
        "Name": "Switchhook",
        "Hostname": parts.hostname,
        "Module": "Switchhook",
        "Username": name,
        "Password": secret,
        "Access Hash": "the backend its accounts go to, or nothing",
        "Secure": "ticked" if secure else "not ticked",
        "Port": parts.port or (443 if secure else 80),
    }
