"""Accounts: saved whole and by revision, and never two on one backend account."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from bridge.store import accounts, whereabouts
from bridge.store.accounts import Moved
from bridge.store.questions import Answer
from bridge.store.tables import period
from bridge.store.whereabouts import Place
from provisioning.core.account import Mark, Next, Service
from provisioning.core.events import Order
from provisioning.core.period import Period
from provisioning.core.quotas import Tally
from provisioning.core.shown import Push, Shown
from provisioning.core.splice import Activation
from provisioning.core.terms import Mode
from provisioning.core.umbrellas import Acting

AT = datetime(2026, 11, 1, 12, 30, 15, 123456, tzinfo=UTC)


def save(database, old, new):
    with database.change() as tx:
        return accounts.save(tx, old, new)


def load(database, id_="acct_1"):
    with database.read() as tx:
        return accounts.load(tx, id_)


def test_what_is_saved_is_what_is_loaded(database, keep):
    """Marks, periods and all: nothing is rounded, reordered or left out."""
    old = keep()
    sold = old.services[0].marked("life", Mark(True, Order(AT, 3, 7)))
    sold = sold.marked("abuse", Mark(False, Order(AT, 0, 8)))
    months = (
        Period(1, AT, AT + timedelta(days=30), "shop:1", told=False),
        Period(2, AT + timedelta(days=30), None, None),
    )
    new = replace(old, remote="17", email="lan@example.com", money_stopped="it rose")
    card = Activation("c1", "shop:1", AT, timedelta(hours=3), "gold", 10, Mode.OVERLAY)
    until = AT + timedelta(days=30)
    spread = (Acting("ten", AT), Acting("twelve", AT, until, "a special offer"))
    new = replace(new, activations=(card,), umbrellas=spread)
    later = Next("basic", 2, (("line", 1),), Order(AT, 1, 9), "shop:evt", AT, "v2")
    sold = replace(sold, version="v1", moves_to="v3", next=later)
    there = Shown((Push(1, 3), Push(2, 1)), date(2026, 12, 8), 2)
    sold = replace(sold, package="gold", periods=months, shown=there)
    new = new.with_service(sold)
    new = replace(new, tallies={("shop:1", "minutes"): Tally(300, 100, (2, 1))})
    saved = save(database, old, new)

    assert saved == load(database)
    assert (old.revision + 1, months) == (saved.revision, saved.services[0].periods)


def test_what_did_not_change_is_not_written(database, keep):
    """A look that finds all in order leaves the revision where it was."""
    old = keep()

    assert old is save(database, old, replace(old))
    assert 0 == load(database).revision


def test_a_stale_revision_is_refused(database, keep):
    """Two that loaded the same state cannot both save."""
    # Guard off (no revision in the WHERE): red.
    old = keep()
    save(database, old, replace(old, email="first@example.com"))

    with pytest.raises(Moved, match="no longer at revision 0"):
        save(database, old, replace(old, email="second@example.com"))

    assert "first@example.com" == load(database).email


def test_a_refused_save_leaves_nothing_of_itself(database, keep):
    """One commit: where the revision moved, its periods are not kept either."""
    old = keep()
    save(database, old, replace(old, remote="17"))
    paid = replace(old.services[0], periods=(Period(1, AT, None, "shop:1"),))

    with pytest.raises(Moved):
        save(database, old, old.with_service(paid))

    assert () == load(database).services[0].periods


def test_one_backend_account_belongs_to_one_of_ours(database, keep):
    """The database refuses a second owner of the same remote id."""
    first, second = keep(), keep("acct_2", "shop:2")
    save(database, first, replace(first, remote="17"))

    with pytest.raises(sa.exc.IntegrityError):
        save(database, second, replace(second, remote="17"))


def test_the_same_remote_id_on_two_backends_is_two_accounts(database, keep):
    """Each backend counts for itself."""
    first, second = keep(), keep("acct_2", "shop:2", backend="other")
    for account in (first, second):
        save(database, account, replace(account, remote="17"))

    assert ["17", "17"] == [load(database, a).remote for a in ("acct_1", "acct_2")]


def test_a_username_is_given_once(database, keep):
    """It is the mark an account is found by, so two of ours cannot share it."""
    keep()

    with pytest.raises(sa.exc.IntegrityError):
        keep("acct_2", "shop:2", username="swacct_1")


def test_a_service_is_bound_to_one_account(database, keep):
    """U1: the second of two that open the same service at once is refused."""
    keep()

    with pytest.raises(sa.exc.IntegrityError):
        keep("acct_2", "shop:1")

    assert load(database, "acct_2") is None


@pytest.mark.parametrize("more", [{"no": 1}, {"line": "shop:1"}], ids=["no", "line"])
def test_a_period_is_one_of_its_kind(database, keep, more):
    """U2: neither its number nor its line can be there twice."""
    old = keep()
    paid = replace(old.services[0], periods=(Period(1, AT, None, "shop:1"),))
    save(database, old, old.with_service(paid))
    row = {"service": "shop:1", "no": 2, "starts": AT, "line": "shop:2", "told": True}

    with pytest.raises(sa.exc.IntegrityError), database.change() as tx:
        tx.execute(sa.insert(period).values(row | more))


def test_the_accounts_of_a_client_are_found(database, keep):
    """In an order that does not change, so that the choices shown are the same."""
    keep("acct_2", "shop:2")
    keep("acct_1", "shop:1")
    keep("acct_3", "shop:3", client="shop:8")
    with database.read() as tx:
        found = whereabouts.of_clients(tx, ["shop:7"]).read()["shop:7"]

    assert ["acct_1", "acct_2"] == [place.account for place in found]


# --- many at the cost of one


def asked(database, act, *told):
    with database.read() as tx:
        found = act(tx, *told)
        return found.read() if isinstance(found, Answer) else found


def test_many_accounts_are_loaded_each_with_its_own(database, keep):
    """Services and periods of one are never another's; who is not there is left out."""
    old = keep("acct_1", "shop:1")
    keep("acct_2", "shop:2")
    months = (Period(1, AT, None, "line-1"), Period(2, AT, None, "line-2"))
    save(database, old, old.with_service(replace(old.services[0], periods=months)))
    found = asked(database, accounts.load_all, ["acct_2", "acct_1", "acct_9"])

    assert {"acct_1", "acct_2"} == set(found)
    assert {"acct_1": months, "acct_2": ()} == {
        id_: one.account.services[0].periods for id_, one in found.items()
    }
    assert {b"sealed"} == {one.sealed for one in found.values()}
    assert {} == asked(database, accounts.load_all, [])


def test_a_client_s_living_accounts_are_preferred(database, keep):
    """One that was terminated takes no top-up while another one lives."""
    dead = keep("acct_1", "shop:1")
    gone = dead.services[0].marked("life", Mark(False, Order(AT, 0, 1)))
    save(database, dead, dead.with_service(gone))
    keep("acct_2", "shop:2")
    alone = keep("acct_3", "shop:3", client="shop:8")
    gone = alone.services[0].marked("life", Mark(False, Order(AT, 0, 1)))
    save(database, alone, alone.with_service(gone))
    found = asked(database, whereabouts.of_clients, ["shop:7", "shop:8", "shop:9"])

    assert {"shop:7": ["acct_2"], "shop:8": ["acct_3"]} == {
        client: [place.account for place in places] for client, places in found.items()
    }


def test_an_account_with_two_services_is_one_choice(database, keep):
    """It is the account that is chosen, not what was sold."""
    sold = (Service("shop:1", "starter"), Service("shop:2", "starter"))
    keep(services=sold)

    assert ["acct_1"] == [
        place.account
        for place in asked(database, whereabouts.of_clients, ["shop:7"])["shop:7"]
    ]


def test_services_are_found_where_they_are_bound(database, keep):
    """With the backend of the account; unbound ones are left out."""
    keep("acct_1", "shop:1")
    keep("acct_2", "shop:2", backend="other")
    refs = ["shop:2", "shop:1", "shop:9"]

    assert {
        "shop:1": Place("acct_1", "main"),
        "shop:2": Place("acct_2", "other"),
    } == asked(database, whereabouts.bound, refs)
    assert "acct_1" == asked(database, whereabouts.of_service, "shop:1")
    assert asked(database, whereabouts.of_service, "shop:9") is None


def test_an_account_is_known_by_its_own_id(database, keep):
    """And whose customer it is: another source must not name it."""
    keep()

    assert {"acct_1": Place("acct_1", "main", "shop")} == asked(
        database, whereabouts.own, ["acct_1", "acct_9"]
    )


@pytest.mark.parametrize(
    "act",
    [whereabouts.of_clients, whereabouts.bound, whereabouts.own],
    ids=lambda a: a.__name__,
)
def test_nothing_asked_is_nothing_found(database, keep, act):
    """An empty list finds nothing on either database."""
    keep()

    assert {} == asked(database, act, [])
