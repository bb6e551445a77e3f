"""A database that is closed keeps nothing open, whoever was still in it."""

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import Pool

ONE = sa.select(sa.literal(1))


@pytest.fixture
def standing():
    """The connections that are open, by the driver's own object."""
    made = set()

    def came(connection, _record):
        made.add(connection)

    def went(connection, _record):
        made.discard(connection)

    sa.event.listen(Pool, "connect", came)
    sa.event.listen(Pool, "close", went)
    yield made
    sa.event.remove(Pool, "connect", came)
    sa.event.remove(Pool, "close", went)


def test_who_is_late_leaves_nothing_open(standing, database):
    """A thread that still reads as it is closed, and one that only begins then."""
    # Guard off (closed without listening to who comes back): red.
    with database.read() as late:
        late.execute(ONE)
        database.close()
        assert standing
        assert 1 == late.execute(ONE).scalar_one()
    with database.read() as later:
        later.execute(ONE)
    with database.change() as last:
        last.execute(ONE)

    assert not standing
