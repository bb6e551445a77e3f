"""`python -m bench [NAME]`: all of them, or one. Loopback only, bounded in count."""

from __future__ import annotations

import json
import sys

from bench import order_to_live

BENCHES = {"order_to_live": order_to_live.measure}


def main() -> None:
    wanted = sys.argv[1:] or list(BENCHES)
    for name in wanted:
        if name not in BENCHES:
            sys.exit(f"there is no bench {name}; there are: {', '.join(BENCHES)}")
        print(json.dumps({"bench": name, **BENCHES[name]()}))


main()
