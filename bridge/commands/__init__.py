"""What a person can tell the bridge to do, by what it is on: each is one transaction.

A name in ORDERS is what it is called where it is written down and audited.
"""

from collections.abc import Callable
from typing import Any

Told = dict[str, Any]
"""What is said, and what came of it."""

Order = Callable[..., Told]
