"""One file per billing platform. Configuration names the file; nothing lists them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from bridge.platforms.base import Platform

DOTTED = re.compile(r"\w+(\.\w+)+")


def load(kind: str, name: str, settings: Mapping[str, Any]) -> Platform:
    """The source called `name`, as `kind` reads it. With a dot: anybody's module."""
    module = _elsewhere(kind, name) if DOTTED.fullmatch(kind) else _beside(kind, name)
    platform: Platform = module.Platform(name, settings)
    return platform


def kinds() -> tuple[str, ...]:
    """What is here: every file beside this one that defines a Platform of its own."""
    return tuple(file for file in sorted(_files()) if _offers(_file(file)))


def _beside(kind: str, name: str) -> ModuleType:
    if kind in _files() and _offers(module := _file(kind)):
        return module
    raise ValueError(
        f'source "{name}": there is no kind "{kind}"; choose one of: '
        f"{', '.join(kinds())}, or name a module of your own, with a dot"
    )


def _elsewhere(kind: str, name: str) -> ModuleType:
    try:
        module = import_module(kind)
    except ModuleNotFoundError as missing:
        # What that module itself fails to import is its own story, told in full.
        if missing.name is None or not f"{kind}.".startswith(f"{missing.name}."):
            raise
        raise ValueError(
            f'source "{name}": there is no module "{kind}"; install it, or choose '
            f"one of: {', '.join(kinds())}"
        ) from None
    if not _offers(module):
        raise ValueError(
            f'source "{name}": the module "{kind}" has no Platform; define that class '
            "there, as bridge.platforms.signed does"
        )
    return module


def _files() -> set[str]:
    return {file.name for file in iter_modules(__path__)} - {"base"}


def _file(kind: str) -> ModuleType:
    return import_module(f"{__name__}.{kind}")


def _offers(module: ModuleType) -> bool:
    return isinstance(getattr(module, "Platform", None), type)
