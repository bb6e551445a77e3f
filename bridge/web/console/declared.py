"""Every page there is: importing them declares them."""

from bridge.web.console import home, login, setup
from bridge.web.console.registry import console

__all__ = ["console", "home", "login", "setup"]
