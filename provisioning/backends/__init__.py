"""One file per backend. Configuration names the file; nothing lists them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from provisioning.backends.base import Backend


def load(kind: str, name: str, settings: Mapping[str, Any]) -> Backend:
    """The backend called *name*. *kind* is a file here, or with dots anybody's module.

    ValueError says what its settings lack.
    """
    if "." not in kind and kind not in kinds():
        raise ValueError(
            f'backend "{name}": there is no kind "{kind}"; choose one of:'
            f" {', '.join(kinds())}, or name a module of your own, with a dot"
        )
    module = import_module(kind if "." in kind else f"{__name__}.{kind}")
    backend: Backend = module.Backend(name, settings)
    return backend


def kinds() -> tuple[str, ...]:
    """Every file beside this one that has a Backend of its own."""
    files = (file.name for file in iter_modules(__path__) if file.name != "base")
    return tuple(
        name
        for name in files
        if hasattr(import_module(f"{__name__}.{name}"), "Backend")
    )
