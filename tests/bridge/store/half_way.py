"""A process that stands still in the middle of an upgrade, for a test to kill it there.

`half_way.py URL NUMBER`: says "here" before that statement which changes the shape.
"""

from __future__ import annotations

import sys
import threading

import sqlalchemy as sa

from bridge.store.database import Database

SHAPE = ("CREATE", "ALTER", "UPDATE", "INSERT")


def main(url: str, number: int) -> None:
    database, seen = Database(url), 0

    def passed(_connection, _cursor, statement, *_):
        nonlocal seen
        seen += statement.lstrip().upper().startswith(SHAPE)
        if seen == number:
            print("here", flush=True)
            threading.Event().wait()

    sa.event.listen(database._writer, "before_cursor_execute", passed)
    database.upgrade()
    print("through", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
