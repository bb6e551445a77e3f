"""`python -m bench [NAME]`: all of them, or one. Loopback only, bounded in count."""

from __future__ import annotations

import json
import sys
from importlib import import_module

BENCHES = (
    "accept", "process", "burst", "order_to_live", "hot", "adopt", "planning", "pull",
    "reconcile", "console", "shop", "start",
)  # fmt: skip


def main() -> None:
    for name in sys.argv[1:] or BENCHES:
        if name not in BENCHES:
            sys.exit(f"there is no bench {name}; there are: {', '.join(BENCHES)}")
        for figures in import_module(f"bench.{name}").measure():
            print(json.dumps({"bench": name, **figures}), flush=True)


main()
