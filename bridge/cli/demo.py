"""`switchhook demo`: bridge, shop and simulator; one order is paid before your eyes."""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from pathlib import Path

import click

from bridge.cli import models, story
from bridge.cli.act import Sender
from bridge.cli.beside import free_port, running
from bridge.cli.outbox import Outbox
from bridge.cli.output import as_json, fail, line, parts, speaks, table
from bridge.cli.storm import Storm
from bridge.config import load
from bridge.keys import new_secret
from bridge.store import facts
from provisioning.simulator import Server

CONFIG = """\
database = "sqlite:///demo.db"
key = "{key}"
public_url = "http://127.0.0.1:{port}"
retry = [0.2, 0.5, 1.0]

[serve]
port = {port}

[console]
port = {console}

[shop]
port = {street}

[sources.shop]
kind = "signed"
secrets = ["whsec_{secret}"]
login_mail = "ours"

[sources.shop.brand]
name = "Example Calls"
login_url = "{simulator}/"
support = "help@example.com"
from = "hello@example.com"
mails = []

[sources.calls]
kind = "shop"
login_mail = "ours"

[sources.calls.brand]
name = "Example Calls"
login_url = "{simulator}/"
support = "help@example.com"
from = "hello@example.com"
languages = ["en", "vi", "de", "ru"]

[sources.calls.shop]
url = "http://127.0.0.1:{street}"
currency = "USD"
sells = ["starter", "business", "line", "credit20"]
pay = "Transfer the sum to IBAN DE00 0000 0000 0000 0000 00 with the order's number."

[alerts]
folder = "outbox"

[backends.main]
kind = "ictbroadcast"
url = "{simulator}"
username = "admin"
password = "simulator"
currency = "USD"
unverified = "accept"
tariffs = {{ standard = "1", wholesale = "2", {services} }}
campaigns = "Campaign_List"
call_deadline = 1.0
settle = 4.0
switch_off = {{ share = 1.0 }}
dearest_rate = "0.0005"
longest_call = 60.0

[families.calls]

[packages.starter]
price = "29.00 USD"
cycle = "monthly"
tariff = "standard"
channels = 5
free_credit = "5.00 USD"
family = "calls"
rank = 20
discounts = {{ annually = 10 }}

[packages.business]
price = "99.00 USD"
cycle = "monthly"
tariff = "wholesale"
channels = 20
free_credit = "15.00 USD"
family = "calls"
rank = 10
discounts = {{ annually = 10 }}

[packages.line]
price = "5.00 USD"
cycle = "monthly"
addon = true
channels = 1

[coupons.boost]
families = ["calls"]
variants = [{{ lasts = "3h", rank = 10 }}]

[topups.credit20]
price = "20.00 USD"
credit = "20.00 USD"
bonus = "2.00 USD"

[topups.credit50]
price = "50.00 USD"
credit = "50.00 USD"
"""


@click.command()
@click.option("--once", is_flag=True, help="Run the scripted story and end.")
@click.option("--faults", "seed", type=int, metavar="SEED", help="Run a storm and end.")
@click.option(
    "--accounts",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="With --faults: how many.",
)
@as_json
@speaks
def demo(once: bool, seed: int | None, accounts: int, plain: bool) -> None:
    """A bridge, a shop and a simulated backend of your own, gone when you press Ctrl-C.

    With --faults everything goes wrong by the dice of SEED, until it stops and the sums
    are shown; exit code 0 only if they agree.
    """
    began = time.monotonic()
    # A stop from outside ends as cleanly as Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with (
        tempfile.TemporaryDirectory(prefix="switchhook-") as folder,
        Server(settings=models.backend()) as server,
    ):
        port, console, street = free_port(), free_port(), free_port()
        path = Path(folder) / "config.toml"
        path.write_text(
            CONFIG.format(
                key=new_secret(), secret=new_secret(), port=port,
                console=console, street=street, simulator=server.url,
                services=models.TARIFFS,
            )
            + models.catalog()
        )  # fmt: skip
        _begin(path, server.url)
        try:
            with running(path, {"serve": port}):
                sender = Sender(load(path), "shop", None)
                if seed is not None:
                    storm = Storm(sender, server.simulator(), path, seed, accounts)
                    _tell(storm.run(), plain)
                elif once:
                    _tell(story.run(sender, server.simulator(), path, began), plain)
                else:
                    with (
                        running(path, {"shop": street, "console": console}),
                        Outbox(path.with_name("outbox")) as outbox,
                    ):
                        _show(sender, path, server.url, outbox.url)
        except KeyboardInterrupt:
            click.echo("\nstopped; nothing is left behind", err=True)


def _begin(path: Path, simulator: str) -> None:
    """Let its database know that it is one: there, time may be moved on."""
    made = parts(path)
    made.database.upgrade()
    with made.database.change() as tx:
        facts.begin_demo(tx, {"main": simulator}, made.clock.now())
    made.database.close()


def _show(sender: Sender, path: Path, simulator: str, outbox: str) -> None:
    config = load(path)
    click.echo(f"bridge     {sender.url}\nsimulator  {simulator} (admin, simulator)")
    for each in config.shops.values():
        click.echo(
            f"shop       {each.url} (sign up, order; the mails are in the outbox)"
        )
    click.echo(f"console    {config.console.url} (for your staff; see below)")
    click.echo(f"outbox     {outbox} (the mails customers get)\n")
    click.echo("An order is paid: service 1001, package starter, client 7 …")
    answer = sender.send(
        "service.activate",
        service="1001",
        client="7",
        email="ann@example.com",
        product="starter",
        line_ref="1",
    )
    table(["", ""], list(sender.wait(answer).items()))
    command = f"{sys.argv[0]} --config {path}"
    click.echo(
        f"""
Now in another terminal:
  {command} event list
  {command} ledger
  {command} login list
  {command} plan shop:1001
  {command} trigger topup.paid --client 7 --product credit20 --line 2
  {command} trigger service.renewed --service 1001 --line 3 --start 2027-01-01T00:00:00Z
  {command} trigger service.change --service 1001 --product business
  {command} trigger service.suspend --service 1001
  {command} trigger service.resume --service 1001
  {command} trigger service.terminate --service 1001
  {command} coupon give boost shop:1001 --because "an outage"
  {command} clock advance 31d

What was ordered at the shop waits for its money; say that it came:
  {command} purchase list
  {command} purchase paid ORDER --because "it is in the account"

The console does that, too, and shows all of it; this prints your way in:
  {command} user add you@example.com --role owner

Ctrl-C ends it."""
    )
    signal.pause()


def _tell(result: story.Result, plain: bool) -> None:
    if plain:
        line(
            result.figures | {"catalog": result.catalog}
            if result.catalog
            else result.figures
        )
    else:
        table(["", ""], list(result.figures.items()))
    if result.faults:
        fail("\n".join(result.faults))
