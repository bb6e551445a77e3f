"""`switchhook openapi`: what the API is, for programs that make programs of it."""

from __future__ import annotations

import click

from bridge.web.api import openapi
from bridge.web.api.declared import every


@click.command("openapi")
def described() -> None:
    """Print the API's OpenAPI 3.1 document. It needs no configuration."""
    click.echo(openapi.text(every()), nl=False)
