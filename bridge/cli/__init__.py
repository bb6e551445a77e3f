"""The command line: `switchhook VERB`. Every verb has --json, and says how it ended.

Exit codes: 0 fine · 1 error · 2 something would change · 3 something is unsure, not
ended yet or to be looked at, or an alert lasts · 4 refused · 5 it changed since it was
shown.
"""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli import (
    act,
    adopt,
    approve,
    audited,
    backend,
    catalog,
    check,
    clock,
    console,
    coupon,
    data,
    db,
    demo,
    described,
    doctor,
    duty,
    init,
    keys,
    login,
    mail,
    money,
    people,
    plans,
    promise,
    purchase,
    quoting,
    reconcile,
    reconciled,
    registered,
    reprovision,
    reseller,
    serve,
    shop,
    show,
    source,
    status,
    umbrella,
    usage,
)

EXAMPLE = "config.toml"


@click.group()
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


for verb in (
    init.init,
    keys.keys,
    demo.demo,
    clock.clock,
    serve.serve,
    serve.worker,
    serve.simulator,
    console.console,
    shop.shop,
    reseller.reseller,
    described.described,
    people.user,
    people.apikey,
    audited.audit,
    check.check,
    catalog.catalog,
    doctor.doctor,
    act.trigger,
    act.unsure,
    plans.plan,
    plans.apply,
    quoting.quote,
    approve.approve,
    approve.decline,
    reprovision.reprovision,
    reconcile.reconcile,
    act.purge,
    adopt.adopt,
    money.held,
    money.topup,
    show.event,
    show.ledger,
    backend.backend,
    db.db,
    data.data,
    duty.alert,
    duty.delivery,
    duty.tick,
    login.login,
    mail.mail,
    coupon.coupon,
    umbrella.umbrella,
    promise.promise,
    purchase.purchase,
    source.pull,
    source.source,
    status.show,
    usage.usage,
    usage.threshold,
    usage.liability,
):
    main.add_command(verb)

catalog.catalog.add_command(registered.catalog_plans)
reconcile.reconcile.add_command(reconciled.reconcile_sums)
