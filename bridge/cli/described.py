"""`switchhook openapi`: what the API is, for programs that make programs of it."""

from __future__ import annotations

import click

from bridge.web.api import openapi as document
from bridge.web.api.declared import every


@click.command()
def openapi() -> None:
    """Print the API's OpenAPI 3.1 document. It needs no configuration."""
    click.echo(document.text(every()), nl=False)
