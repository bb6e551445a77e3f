"""`switchhook init`: a configuration that works, and the secrets it needs."""

from __future__ import annotations

import os
from pathlib import Path

import click

from bridge.cli.output import fail, speaks
from bridge.keys import new_secret

CONFIG = """\
# Switchhook. What each key means: config.example.toml.
database = "sqlite:///switchhook.db"
key = "file:install.key"

[sources.{source}]
kind = "signed"
secrets = ["file:{source}.secret"]

[backends.main]
kind = "ictbroadcast"
url = "{url}"
username = "admin"
password = "env:ICTBROADCAST_PASSWORD"
currency = "USD"
tariffs = {{ standard = "1" }}

[packages.starter]
price = "29.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 5
free_credit = "5.00 USD"

[topups.credit20]
price = "20.00 USD"
credit = "20.00 USD"
bonus = "2.00 USD"
"""


@click.command()
@click.option("--source", default="shop", show_default=True, help="Its name in URLs.")
@click.option("--url", default="https://ictbroadcast.example", show_default=True)
@click.pass_obj
@speaks
def init(path: Path, source: str, url: str) -> None:
    """Write config.toml, install key and the source's secret; overwrite nothing."""
    written = {
        path: CONFIG.format(source=source, url=url),
        path.with_name("install.key"): new_secret() + "\n",
        path.with_name(f"{source}.secret"): f"whsec_{new_secret()}\n",
    }
    for file in written:
        if file.exists():
            fail(f"{file} is there already; nothing was written")
    path.parent.mkdir(parents=True, exist_ok=True)
    for file, text in written.items():
        _write(file, text)
        click.echo(f"wrote {file}")
    click.echo(
        f"Give the sender {source}.secret and the address /hooks/{source}; set"
        " ICTBROADCAST_PASSWORD; then: switchhook doctor --probe main, switchhook"
        " check, switchhook serve"
    )


def _write(file: Path, text: str) -> None:
    """For the owner's eyes only, from its first byte."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)
