"""An account at another time: its limits, and its time as a picture."""

from __future__ import annotations

from datetime import datetime

import click

from bridge.ahead import Then, of_service
from bridge.cli.output import table
from provisioning.core import acting
from provisioning.core.sentences import minute
from provisioning.core.splice import Segment, Why

WIDTH = 60
"""Columns of a bar."""

MARKS = {
    Why.PAID: "=",
    Why.TRIAL: "~",
    Why.FREE: ".",
    Why.COUPON: "#",
    Why.GRACE: "-",
}
LEGEND = "= paid   # coupon   ~ trial   . free   - unpaid   | then"


def show(then: Then) -> None:
    """The same for people."""
    click.echo(f"on {minute(then.at)}")
    for service in then.account.services:
        said = of_service(then, service)
        rows = [(limit["name"], limit["value"], "; ".join(limit["of"]))
                for limit in said["limits"]]  # fmt: skip
        if service.alive and rows:
            table([service.ref, "", ""], rows)
        else:
            click.echo(f"{service.ref}: {service.package}, not active")
        film = acting.along(then.account, service, then.catalog).film
        for line in bar(film, then.at):
            click.echo(f"  {line}")


def bar(film: tuple[Segment, ...], at: datetime) -> list[str]:
    """Its time as a picture: a column for every part of it, and what each part is."""
    if not film:
        return ["no paid time is known"]
    starts = film[0].starts
    ends = film[-1].ends or max(at, film[-1].starts) + (film[-1].starts - starts)
    step = max((ends - starts) / WIDTH, (ends - starts).resolution)
    columns = "".join(_mark(film, starts + step * (no + 0.5)) for no in range(WIDTH))
    here = int((at - starts) / step)
    if 0 <= here < WIDTH:
        columns = f"{columns[:here]}|{columns[here + 1 :]}"
    return [columns, LEGEND, *(_line(segment) for segment in film)]


def _mark(film: tuple[Segment, ...], at: datetime) -> str:
    found = next((segment for segment in film if segment.holds(at)), None)
    return MARKS[found.why] if found else " "


def _line(segment: Segment) -> str:
    until = minute(segment.ends) if segment.ends else "for good"
    many = segment.base.sold.quantity
    sold = f"{many} x " if many > 1 else ""
    return (
        f"{MARKS[segment.why]} {minute(segment.starts)} to {until}:"
        f" {sold}{segment.package}"
    )
