"""Verbs that are listed, and loaded when they are called.

Each needs its own part of the bridge: who calls one, or asks which there are, does not
wait for what all the others need.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click


class Listed(click.Command):
    """A verb by its name, its module of this package, and how its help begins."""

    def __init__(self, name: str, module: str, says: str) -> None:
        super().__init__(name, short_help=says)
        self._module = module

    def verb(self) -> click.Command:
        module = import_module(f"{__package__}.{self._module}")
        found: click.Command = getattr(module, str(self.name))
        return found


class Listing(click.Group):
    """What it says of its verbs, for help and completion, is what the list says."""

    def has(self, verbs: Mapping[str, tuple[str, str]]) -> None:
        """By name: module, and how the help begins."""
        for name, (module, says) in verbs.items():
            self.add_command(Listed(name, module, says))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, found, rest = super().resolve_command(ctx, args)
        return name, found.verb() if isinstance(found, Listed) else found, rest
