"""The ledger: booked once, moved on proof, never changed, and it shows if it was."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from bridge.cli.show import balances
from bridge.store import books, chain
from bridge.store.questions import Answer
from bridge.store.tables import ledger
from bridge.store.whereabouts import Place
from provisioning.core.credit import Claim, Kind
from provisioning.core.money import Money
from tests import triggers

OWNER = "acct_1"


def due(key, amount="10.00", kind=Kind.TOPUP, event="evt_1"):
    return Claim(f"{key}/{kind}", kind, Money(Decimal(amount), "USD"), event)


def book(database, at, *sums, owner=OWNER):
    with database.change() as tx:
        books.book(tx, owner, sums, at, chain.head(tx, owner))


def settle(tx, sum_, proof, at):
    books.settle(tx, OWNER, sum_, proof, at, chain.head(tx, OWNER))


def entries(database, owner=None):
    with database.read() as tx:
        return chain.entries(tx, owner)


def sums(database):
    return {b: s for b, s in balances(entries(database)).items() if s}


@pytest.fixture
def four(database, at):
    """Four entries of one owner, one after the other."""
    for no in range(4):
        moment = at + timedelta(minutes=no)
        book(database, moment, due(f"shop:{no}", f"{no + 1}.00"))
    return database


def tamper(database, *statements):
    """As somebody with the file in hand could: the triggers are taken off first."""
    with database.change() as tx:
        triggers.drop(tx, "ledger_no_UPDATE", "ledger")
        triggers.drop(tx, "ledger_no_DELETE", "ledger")
        for statement in statements:
            tx.exec_driver_sql(statement)


# --- booked, and moved


def test_what_is_booked_waits_and_what_arrived_is_moved(database, at):
    """U9: paid to held on acceptance, held to applied on proof."""
    book(database, at, due("shop:2"))
    before = sums(database)
    with database.change() as tx:
        settle(tx, books.one(tx, "shop:2/topup"), "attempt 1", at)

    assert {"paid": 10, "held": 10} == before
    assert {"paid": 10, "applied": 10} == sums(database)


@pytest.mark.parametrize("kind", [Kind.BONUS, Kind.FREE])
def test_what_is_given_never_mixes_with_what_is_bought(database, at, kind):
    """I10: given sums go from due to owed to granted, and touch no bought book."""
    book(database, at, due("shop:2", kind=kind))
    before = sums(database)
    with database.change() as tx:
        settle(tx, books.one(tx, f"shop:2/{kind}"), "attempt 1", at)

    assert {"due": 10, "owed": 10} == before
    assert {"due": 10, "granted": 10} == sums(database)


@pytest.mark.parametrize("owner", [OWNER, "acct_2"])
def test_one_sum_is_booked_once(database, at, owner):
    """U9: the key of the effect is one of a kind."""
    # Guard off (claim.key not unique): red.
    book(database, at, due("shop:2"))

    with pytest.raises(sa.exc.IntegrityError):
        book(database, at, due("shop:2", event="evt_2"), owner=owner)

    assert {"paid": 10, "held": 10} == sums(database)


def test_one_sum_arrives_once(database, at):
    """V2: a second settlement of the same sum is refused by the ledger itself."""
    book(database, at, due("shop:2"))
    with database.change() as tx:
        settle(tx, due("shop:2"), "attempt 1", at)

    with pytest.raises(sa.exc.IntegrityError), database.change() as tx:
        settle(tx, due("shop:2"), "attempt 2", at)

    assert {"paid": 10, "applied": 10} == sums(database)


def test_an_amount_is_exact_to_the_millionth(database, at):
    """V14: what was booked is what is read; no float comes near it."""
    book(database, at, due("shop:2", "999999999999.999999"))

    assert Decimal("999999999999.999999") == entries(database)[0].amount


@pytest.mark.parametrize("amount", ["0", "-5.00"])
def test_nothing_and_less_than_nothing_are_no_entry(database, at, amount):
    """V3: an entry moves a positive sum from one book to another."""
    with pytest.raises(sa.exc.IntegrityError):
        book(database, at, due("shop:2", amount))

    assert [] == entries(database)


def test_a_handed_over_sum_waits_with_its_new_owner(database, at):
    """Both owners' chains hold, the receipt counts once, and nought is in between."""
    book(database, at, due("shop:2"), due("shop:3", event="evt_2"), owner="intake:7")
    with database.change() as tx:
        books.hand_over(tx, ["shop:2"], "intake:7", OWNER, at)
    with database.read() as tx:
        open_ = {owner: [c.key for c in books.due_of(tx, owner).open]
                 for owner in ("intake:7", OWNER)}  # fmt: skip

    assert {"intake:7": ["shop:3/topup"], OWNER: ["shop:2/topup"]} == open_
    assert {"paid": 20, "held": 20} == sums(database)
    assert [None, None] == [
        chain.first_broken(entries(database, owner)) for owner in ("intake:7", OWNER)
    ]


def test_sums_booked_together_wait_in_the_order_they_came(database, at):
    """V7: after a crash they are read back, and go out, as they were accepted.

    Guard off (all booked at the same moment): read back by name, 10 before 9, red.
    """
    told = [due(f"shop:{line}", event=f"evt_{line}") for line in ("9", "10", "1")]
    book(database, at, *told)
    with database.read() as tx:
        waiting = books.due_of(tx, OWNER).open

    assert tuple(told) == waiting


# --- append-only


@pytest.mark.parametrize(
    "statement",
    [
        sa.update(ledger).values(because="x"),
        sa.update(ledger).where(ledger.c.no == 2).values(amount=Decimal(9)),
        sa.delete(ledger),
        sa.delete(ledger).where(ledger.c.no == 4),
    ],
    ids=["all changed", "one changed", "all deleted", "the last deleted"],
)
def test_the_database_itself_refuses_to_change_the_ledger(four, statement):
    """V3: a trigger says no, whoever asks."""
    # Guard off (no triggers): red.
    before = entries(four)

    with pytest.raises(sa.exc.DBAPIError, match="append-only"), four.change() as tx:
        tx.execute(statement)

    assert before == entries(four)


# --- and it shows if somebody did


def test_an_untouched_chain_holds(four):
    """Each entry carries the hash of the one before it."""
    assert chain.first_broken(entries(four)) is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("owner", "'acct_2'"),
        ("key", "'shop:9/topup'"),
        ("from_book", "'due'"),
        ("to_book", "'applied'"),
        ("amount", "1"),
        ("currency", "'EUR'"),
        ("because", "'evt_9'"),
        ("at", "0"),
        ("before", "''"),
        ("hash", "'0'"),
        ("no", "7"),
    ],
)
def test_a_changed_entry_shows(four, column, value):
    """V3: whichever column was changed, the chain is broken there."""
    tamper(four, f'UPDATE ledger SET "{column}" = {value} WHERE no = 2')

    assert entries(four)[1] == chain.first_broken(entries(four))


def test_a_deleted_entry_shows(four):
    """V3: what follows names a hash that is gone. The last one needs anchors."""
    tamper(four, "DELETE FROM ledger WHERE no = 2")

    assert 3 == chain.first_broken(entries(four)).no


def test_an_inserted_entry_shows(four, at):
    """V3: a row slipped in behind the others has no hash that fits."""
    copied = (
        'INSERT INTO ledger (owner, no, "key", from_book, to_book, amount, currency,'
        " because, at, before, hash) SELECT owner, 5, \"key\" || 'x', from_book,"
        " to_book, amount, currency, because, at, hash, hash FROM ledger WHERE no = 4"
    )
    tamper(four, copied)

    assert 5 == chain.first_broken(entries(four)).no


def test_entries_in_another_order_show(four):
    """V3: two that changed places are not the story that was written."""
    tamper(
        four,
        "UPDATE ledger SET no = no + 10 WHERE no IN (2, 3)",
        "UPDATE ledger SET no = 15 - no WHERE no IN (12, 13)",
    )
    by_no = sorted(entries(four), key=lambda entry: entry.no)

    assert 2 == chain.first_broken(by_no).no
    assert chain.first_broken(entries(four)) is not None


def test_a_chain_with_a_copied_entry_shows(four):
    """V3: the same row twice is one too many."""
    whole = entries(four)

    assert whole[1] == chain.first_broken([*whole[:2], whole[1], *whole[2:]])


def test_the_chain_of_one_owner_does_not_hang_on_anothers(database, at):
    """Accounts are worked on apart, so their chains are apart."""
    for no, owner in enumerate((OWNER, "acct_2", OWNER)):
        book(database, at, due(f"shop:{no}"), owner=owner)

    assert [1, 2] == [entry.no for entry in entries(database, OWNER)]
    assert chain.first_broken(entries(database, OWNER)) is None
    assert chain.first_broken([replace(entries(database, OWNER)[1], no=1)]) is not None


# --- many owners at the cost of one


def asked(database, act, *told):
    with database.read() as tx:
        found = act(tx, *told)
        return found.read() if isinstance(found, Answer) else found


def test_what_each_owner_has_coming_is_told_apart(database, at):
    """To be sent, or put aside; what arrived is neither. The longest waiting first."""
    book(database, at + timedelta(hours=1), due("shop:2"))
    book(database, at, due("shop:3"), due("shop:4"), due("shop:5"))
    book(database, at, due("shop:6"), owner="acct_2")
    with database.change() as tx:
        settle(tx, due("shop:4"), "attempt 1", at)
        books.mark(tx, "shop:5/topup", "parked")
    found = asked(database, books.due, [OWNER, "acct_2", "acct_9"])

    assert books.Due((due("shop:3"), due("shop:2")), (due("shop:5"),)) == found[OWNER]
    assert {OWNER, "acct_2"} == set(found)
    assert (
        (due("shop:6"),)
        == found["acct_2"].open
        == asked(database, books.due_of, "acct_2").open
    )


def test_each_chain_is_followed_at_its_own_end(database, keep, at):
    """Of many accounts at once the same head as of each alone; of none, none."""
    for no in (1, 2, 3):
        keep(f"acct_{no}", f"shop:{no}")
    book(database, at, due("shop:1"), due("shop:2"))
    book(database, at, due("shop:3"), owner="acct_2")
    found = asked(database, chain.heads, ["acct_1", "acct_2", "acct_3", "acct_9"])

    assert {"acct_1": 2, "acct_2": 1} == {id_: head.no for id_, head in found.items()}
    assert found == {id_: asked(database, chain.head, id_) for id_ in found}
    assert chain.Head() == asked(database, chain.head, "acct_3")


def test_the_money_of_a_line_is_found_with_its_owner(database, at):
    """Of top-ups; where a line has none, there is none."""
    book(database, at, due("shop:2"), due("shop:3", kind=Kind.BONUS))
    lines = ["shop:2", "shop:3", "shop:9"]

    assert {"shop:2": Place(OWNER, "")} == asked(database, books.holders, lines)
    assert {} == asked(database, books.holders, [])


def test_two_that_follow_the_same_entry_are_not_both_kept(database, at):
    """The database counts them: a chain has no branches."""
    # Guard off (no unique owner and number): red.
    book(database, at, due("shop:1"))
    with database.read() as tx:
        heads = [chain.head(tx, OWNER) for _ in range(2)]
    with database.change() as tx:
        books.book(tx, OWNER, [due("shop:2")], at, heads[0])

    with pytest.raises(sa.exc.IntegrityError), database.change() as tx:
        books.book(tx, OWNER, [due("shop:3")], at, heads[1])

    assert chain.first_broken(entries(database, OWNER)) is None
