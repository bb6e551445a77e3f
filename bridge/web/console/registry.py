"""What pages there are."""

from __future__ import annotations

from bridge.web.registry import Registry

console = Registry()
