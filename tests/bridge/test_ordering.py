"""How an order is carried out: by us, or by the process that has the database."""

from bridge import ordering
from bridge.access.who import Who
from bridge.lifecycle import work
from bridge.store import audit
from tests.engines import on_sqlite

ANN = Who("ann", "console")
PAUSE = {"backend": "main", "seconds": 60, "because": "to see"}


def noted(rig):
    with rig.database.snapshot() as tx:
        return [(one.who, one.via, one.what) for one in audit.every(tx)]


def test_who_orders_stands_in_the_audit(rig):
    """Whichever database it is."""
    told = ordering.order(rig.parts, ANN, "backend.pause", **PAUSE)

    assert "main" == told["paused"]
    assert [("ann", "console", "backend.pause")] == noted(rig)


@on_sqlite
def test_while_another_process_has_the_database_it_does_it(rig):
    """And the name of who ordered goes through the hatch with it."""
    stop = work(rig.parts)
    try:
        ordering.order(rig.parts, ANN, "backend.pause", **PAUSE)
    finally:
        stop()

    assert ("ann", "console", "backend.pause") in noted(rig)


@on_sqlite
def test_nothing_to_write_with_stays_open(rig):
    """A console lives on when `serve` starts, and two that write spoil the file."""
    # Guard off (let_go left out): red, the connection is kept.
    ordering.order(rig.parts, ANN, "backend.pause", **PAUSE)

    # SQLAlchemy's pool of one keeps its connection under this name.
    assert "connection" not in vars(rig.database._writer.pool)
