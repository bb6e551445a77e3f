"""Lists that grow for ever are read by an index from its end: each page costs alike."""

import sqlalchemy as sa

from bridge.store import audit
from bridge.store.pages import messages, requests
from tests.engines import on_sqlite


def plan(database, ask):
    """How SQLite goes about what is asked."""
    said = []

    def heard(connection, cursor, statement, parameters, *_):
        said.append((statement, parameters))

    with database.read() as tx:
        sa.event.listen(tx.engine, "before_cursor_execute", heard)
        ask(tx)
        sa.event.remove(tx.engine, "before_cursor_execute", heard)
        return [
            row[3]
            for statement, told in said
            for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", told)
        ]


LISTS = {
    "deliveries of a source": lambda tx: requests.newest(tx, "shop", 50, 900_000),
    "when it was heard of": lambda tx: requests.last(tx, ["shop"]),
    "audit": lambda tx: audit.notes(tx, most=50, before=900_000),
    "audit of somebody": lambda tx: audit.notes(tx, most=50, who="ann"),
    "audit about something": lambda tx: audit.notes(tx, most=50, about="main"),
    "messages": lambda tx: messages.newest(tx, 50, 900_000, None),
}


@on_sqlite
def test_no_list_reads_a_whole_table(rig):
    """Each by an index, or by its own number from the end."""
    # Guard off (no ix_request_source): red, the whole table is read.
    rig.topup("1")
    plans = {name: plan(rig.database, ask) for name, ask in LISTS.items()}
    whole = {
        name: steps
        for name, steps in plans.items()
        if any(step.startswith("SCAN") for step in steps)
    }
    by_number = {"audit", "messages"}

    assert by_number >= whole.keys(), whole
    assert not [step for name in by_number for step in plans[name] if "TEMP" in step]
