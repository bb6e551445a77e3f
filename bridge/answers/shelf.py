"""What can be sold, and where the console is, for whoever sets up a product."""

from __future__ import annotations

from typing import Any

from bridge.answers.asked import Asked, money


def packages(asked: Asked) -> dict[str, Any]:
    wide = asked.wide
    with wide.database.read() as tx:
        sold = wide.editions.now(tx)
    return {
        "packages": [
            {
                "name": name,
                "label": name,
                "cycle": each.cycle,
                "price": money(each.price.amount, each.price.currency),
                "addon": each.addon,
            }
            for name, each in sold.packages.items()
        ],
        "topups": [
            {
                "name": name,
                "label": name,
                "credit": money(each.credit.amount, each.credit.currency),
            }
            for name, each in sold.topups.items()
        ],
        "groups": sorted(wide.config.groups),
        "backends": sorted(wide.config.backends),
        "console": wide.config.console.url,
    }
