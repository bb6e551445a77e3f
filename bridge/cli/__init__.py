"""The command line: `switchhook VERB`. Every verb has --json, and says how it ended.

Exit codes: 0 fine · 1 error · 2 something would change · 3 something is unsure, not
ended yet or to be looked at, or an alert lasts · 4 refused · 5 it changed since it was
shown.
"""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.listing import Listing
from bridge.cli.verbs import VERBS

EXAMPLE = "config.toml"


@click.group(cls=Listing)
@click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path),
    default=EXAMPLE,
    envvar="SWITCHHOOK_CONFIG",
    show_default=True,
    help="The configuration file.",
)
@click.version_option(package_name="switchhook")
@click.pass_context
def main(context: click.Context, path: Path) -> None:
    """Make the broadcast backend be what the billing platform says was paid, once."""
    context.obj = path


main.has(VERBS)
