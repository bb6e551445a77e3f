"""Every call there is: importing them declares them."""

from bridge.web.api import described, me, operating
from bridge.web.api.registry import about, api, every

__all__ = ["about", "api", "described", "every", "me", "operating"]
