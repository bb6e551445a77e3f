"""An existing fleet on pages: the list, what it would bind, taken, released, undone."""

import io

import pytest

from bridge.bulk import fleet as fleets
from bridge.store import adopted, batches
from tests.bridge.bulk import bulk, uploaded
from tests.bridge.moved_in import move_in, row
from tests.days import LIVE
from tests.visit import Visit


@pytest.fixture
def fleet(make):
    """Three users nobody here made, at the backend."""
    rig, simulator = make(live=LIVE)
    move_in(simulator, 3)
    return rig, simulator, Visit(rig)


def begun(rig, visit, rows):
    path = visit.post("/adopt", source="shop", file=uploaded(rows)).headers["Location"]
    bulk(rig)
    return path


def confirmed(rig, visit, path):
    visit.post(f"{path}/confirm", because="moving in", referer=path)
    bulk(rig)


def count(rig, path):
    with rig.database.read() as tx:
        return adopted.count(tx, path.rpartition("/")[2])


def test_each_line_says_which_user_it_means(fleet):
    """I2: shown with the balance there; what is wrong is named; nothing is bound."""
    rig, _, visit = fleet
    path = begun(rig, visit, [row(1), row(2), row(9)])
    page = visit.get(path).text

    assert "Bind 2 services" in page
    assert "has no user &#34;old9&#34;" in page
    assert "12.5" in page
    assert 0 == count(rig, path)


def test_what_is_shown_is_bound_and_only_looked_at(fleet):
    """Confirmed: accounts that wait for their release, with their balance."""
    rig, _, visit = fleet
    path = begun(rig, visit, [row(1), row(2)])
    confirmed(rig, visit, path)

    assert 2 == count(rig, path)
    assert "Only looked at: 2" in visit.get(path).text


def test_a_part_of_them_is_released(fleet):
    """So many at most, to begin with."""
    rig, _, visit = fleet
    path = begun(rig, visit, [row(1), row(2), row(3)])
    confirmed(rig, visit, path)
    said = visit.told(
        visit.post(f"{path}/release", because="looked at", most="1", referer=path)
    )

    assert "1 released; 2 are still only looked at" in said


def test_it_is_undone(fleet):
    """As if they had not been adopted; the users are free."""
    rig, simulator, visit = fleet
    path = begun(rig, visit, [row(1), row(2)])
    confirmed(rig, visit, path)
    before = len(simulator.journal)
    said = visit.told(visit.post(f"{path}/undo", because="a wrong list", referer=path))

    assert "2 undone" in said
    assert 0 == count(rig, path)
    assert before == len(simulator.journal)


def test_a_stop_in_the_middle_binds_nothing_more(fleet, monkeypatch):
    """I2: what was looked at when somebody stopped it stays with nobody."""
    # Guard off (`hold_on` left out of the order): red, both are bound.
    rig, _, visit = fleet
    path = begun(rig, visit, [row(1), row(2)])
    visit.post(f"{path}/confirm", because="moving in", referer=path)
    really = fleets.looked

    def looked(*asked):
        yield from really(*asked)
        visit.post(f"{path}/stop", referer=path)

    monkeypatch.setattr(fleets, "looked", looked)
    bulk(rig)

    assert 0 == count(rig, path)
    assert "stopped" in visit.get(path).text


def test_a_list_that_is_none_says_so(fleet):
    """Its columns are wrong: the page says which are missing."""
    rig, _, visit = fleet
    file = io.BytesIO(b"a,b\n1,2\n"), "other.csv"
    path = visit.post("/adopt", source="shop", file=file).headers["Location"]
    bulk(rig)
    with rig.database.read() as tx:
        batch = batches.named(tx, path.rpartition("/")[2])

    assert "stopped" == batch.state
    assert "missing: service, package, backend" in visit.get(path).text


def test_a_file_in_another_alphabet_is_refused(fleet):
    """Read as what it is not, it would name the wrong people."""
    _, _, visit = fleet
    file = io.BytesIO("Größe".encode("latin-1")), "fleet.csv"
    answer = visit.post("/adopt", source="shop", file=file, referer="/adopt")

    assert "no text in UTF-8" in visit.told(answer)
