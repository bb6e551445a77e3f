"""Lists go by an index: no page reads all there is, however much that is."""

import re

import pytest
import sqlalchemy as sa

from bridge.access.roles import ALL, Scope
from bridge.store import handed, shop_orders
from bridge.store.pages import (
    account,
    accounts,
    days,
    event,
    events,
    finding,
    quarters,
    used,
    waiting,
)
from bridge.store.pages.events import Wanted

ONE = Scope(frozenset({"shop"}))
LARGE = ("operation", "request", "account", "service", "period", "claim", "ledger",
         "attempt", "coupon", "usage", "shop_order")  # fmt: skip


def asked(tx, scope, at):
    """Every question of a list."""
    for wanted in (Wanted(), Wanted("trouble"), Wanted("parked"), Wanted("done"),
                   Wanted(type="topup.paid", source="shop")):  # fmt: skip
        events.listed(tx, scope, wanted, None, 50)
        events.listed(tx, scope, wanted, 500, 50)
    events.of_lane(tx, "acct_1", 500, 50)
    for state in (None, *accounts.STATES):
        accounts.listed(tx, scope, accounts.Wanted("shop", "main", state), "a", 50)
        accounts.listed(tx, scope, accounts.Wanted(state=state), "", 50)
    finding.found(tx, scope, "12345", ["shop"], ["main"])
    waiting.unsure(tx, scope, 50)
    waiting.held(tx, scope, None, 50)
    waiting.causes(tx, scope)
    waiting.of_cause(tx, scope, "parked", "x", 50)
    quarters.moved(tx, scope, at)
    days.unsure(tx, scope, at)
    days.took(tx, scope)
    account.ledger_of(tx, "acct_1", 50, 50)
    account.attempts_of(tx, "acct_1", 50, 50)
    account.balances(tx, "acct_1", at, 50)
    event.entries(tx, ["shop:1/topup"])
    used.by_day(tx, scope, at.date(), at.date())
    used.by_account(tx, scope, at.date(), at.date(), "a", 50)
    used.busiest(tx, scope, at.date(), at.date(), 50)


def listed(tx, scope, at):
    """Orders of the shops: page by page, and those a statement is of."""
    shop_orders.paid(tx, "shop", at, at)
    for state in (None, *shop_orders.State):
        shop_orders.listed(tx, scope, state, None, 50)
        shop_orders.listed(tx, scope, state, (at, "or_1"), 50)


def ordered(tx, scope, at):
    """Every question about the orders of the shops."""
    for one_service in (shop_orders.under_way, shop_orders.waits, shop_orders.told,
                        shop_orders.lock):  # fmt: skip
        one_service(tx, "acme:1")
    listed(tx, scope, at)
    shop_orders.of_client(tx, "acme:cl_1", 50, at, since=at, state=None)
    shop_orders.waiting(tx, scope, 50)
    shop_orders.asking(tx)
    shop_orders.given(tx, "acme:cl_1", "starter")
    shop_orders.last(tx, "acme:cl_1", "acme:1")
    shop_orders.open_of(tx, "acme:cl_1")
    shop_orders.made(tx, "acme:cl_1")
    shop_orders.named(tx, "acme:cl_1", ["or_1"])
    shop_orders.of_quote(tx, "acme", "q")
    shop_orders.short(tx, "acme")
    handed.told(tx, "service.created", "off:", at, at)


def plans(tx, asks):
    """How the database would answer each of them."""
    told = []

    def heard(_c, _cursor, statement, parameters, *_more):
        told.append((statement, parameters))

    sa.event.listen(tx, "before_cursor_execute", heard)
    asks()
    sa.event.remove(tx, "before_cursor_execute", heard)
    if tx.dialect.name == "postgresql":
        # Of a few rows it would read all, whatever index there is.
        tx.exec_driver_sql("SET enable_seqscan = off")
        explain = "EXPLAIN "
    else:
        explain = "EXPLAIN QUERY PLAN "
    for statement, parameters in told:
        rows = tx.exec_driver_sql(explain + statement, parameters).all()
        yield statement, [str(row[-1]) for row in rows]


WHOLE = re.compile(rf"(Seq Scan on|^SCAN) ({'|'.join(LARGE)})\b(?!.*USING)")


@pytest.mark.parametrize("asks", [asked, ordered])
@pytest.mark.parametrize("scope", [ALL, ONE], ids=["all", "one source"])
def test_no_list_reads_a_whole_table(database, keep, at, scope, asks):
    """With one source or all: each large table is gone into by an index."""
    # Guard off (ix_operation_trouble not made): red, events in trouble read them all.
    # Guard off (ix_shop_order_service not made): red, so does what waits of a service.
    # Guard off (the bare column in `handed.told`): red on SQLite, by all events.
    keep()
    whole = []
    with database.read() as tx:
        for statement, lines in plans(tx, lambda: asks(tx, scope, at)):
            whole += [(line, statement) for line in lines if WHOLE.search(line)]

    assert [] == whole


SORTED = re.compile(r"^USE TEMP B-TREE FOR ORDER BY|^ *(->  )?Sort  \(")


@pytest.mark.parametrize("scope", [ALL, ONE], ids=["all", "one source"])
def test_no_list_sorts_all_orders(database, at, scope):
    """They come as they were made, or paid; only those of one moment are sorted."""
    # Guard off (an index not made): red. ix_shop_order_made for all, ix_shop_order_of
    # for one source on SQLite, ix_shop_order_settled for both.
    with database.read() as tx:
        if tx.dialect.name == "postgresql":
            # Of a few rows it would, whatever index there is.
            tx.exec_driver_sql("SET enable_sort = off")
        told = list(plans(tx, lambda: listed(tx, scope, at)))

    assert told
    assert [] == [line for _, lines in told for line in lines if SORTED.search(line)]
