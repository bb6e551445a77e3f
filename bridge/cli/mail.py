"""`switchhook mail`: how the mails to customers look, with facts of nobody."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.output import as_json, line, listed, speaks
from bridge.config import Config, load
from bridge.letters import samples
from bridge.words import LANGUAGES


@click.group()
def mail() -> None:
    """The mails to customers."""


@mail.command("preview")
@click.argument("kind", metavar="[MAIL]", required=False)
@click.option("--language", type=click.Choice(LANGUAGES), help="Else the brand's own.")
@click.option("--brand", "source", help="Whose: the name of its source.")
@click.option("--html", is_flag=True, help="As a mail program shows it.")
@as_json
@click.pass_obj
@speaks
def preview(
    path: Path,
    kind: str | None,
    language: str | None,
    source: str | None,
    html: bool,
    plain: bool,
) -> None:
    """Show a mail as a brand's customers get it; without a name, list which there are
    and whose of them we send."""
    config = load(path)
    if kind is None:
        listed(_every(config), plain)
        return
    if kind not in samples.KINDS:
        raise LookupError(
            f"there is no mail {kind}; those there are: {', '.join(samples.KINDS)}"
        )
    found = samples.preview(config, source or _only(config), kind, language)
    if plain:
        line(found)
    elif html:
        click.echo(found["html"])
    else:
        click.echo(f"From: {found['from_name']} <{found['from']}>")
        click.echo(f"Subject: {found['subject']}\n\n{found['text']}", nl=False)


def _every(config: Config) -> list[dict[str, str]]:
    return [
        {
            "mail": kind,
            "sent by us for": ", ".join(
                source
                for source in sorted(config.brands)
                if samples.is_ours(config, source, kind)
            ),
        }
        for kind in samples.KINDS
    ]


def _only(config: Config) -> str:
    """The one that has a brand. LookupError, where none has, or several have."""
    known = sorted(config.brands)
    if not known:
        raise LookupError(
            "no source has a brand: each platform writes its mails. One is given by"
            " brand = { … } in [sources.NAME]"
        )
    if len(known) > 1:
        raise LookupError(f"say whose with --brand: {', '.join(known)}")
    return known[0]
