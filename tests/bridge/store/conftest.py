"""A database of one's own, at this version, and an account in it."""

from datetime import UTC, datetime

import pytest

from bridge.store import accounts
from bridge.store.database import Database
from provisioning.core.account import Account, Service


@pytest.fixture
def at():
    return datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def database(engine, tmp_path):
    database = Database(engine.new(tmp_path))
    yield database
    database.close()


@pytest.fixture
def keep(database, at):
    """Make an account with one service; as it is loaded again."""

    def make(id_="acct_1", service="shop:1", **more):
        sold = (Service(service, "starter"),)
        whole = {
            "source": "shop",
            "backend": "main",
            "currency": "USD",
            "username": f"sw{id_}",
            "client": "shop:7",
            "services": sold,
        }
        with database.change() as tx:
            accounts.make(tx, Account(id=id_, **whole | more), b"sealed", at)
            return accounts.load(tx, id_)

    return make
