"""What ends at ICTBroadcast: campaigns that are stopped, users that are deleted."""

import pytest

from provisioning.backends.base import Spec
from provisioning.core.desired import State
from provisioning.core.outcomes import Broken, Later, Refused

FIVE = State(on=True, entitlements={"channels": 5, "tariff": "standard"})
LISTS = ["Campaign_List", "Campaign_List_Mode"]


@pytest.fixture
def dialling(simulated):
    """`backend, simulator = dialling("Campaign_List")`: of two users, one dials."""

    def build(method="Campaign_List", **more):
        backend, simulator = simulated(campaigns=method, **more)
        for username in ("swabc1", "swdef1"):
            backend.open(Spec(username, "Correct-Horse-1", None, FIVE))
            simulator.start_traffic(backend.find(username).ref, campaigns=2)
        return backend, simulator

    return build


def test_without_the_setting_nothing_is_claimed(simulated):
    """The wire is not proven: off, until somebody has looked at the server."""
    able = simulated()[0].describe()

    assert (False, False) == (able.campaigns, able.purges)


@pytest.mark.parametrize("method", LISTS)
def test_what_runs_is_named_of_one_account_only(dialling, method):
    """I9: and what was stopped runs no more; the neighbour's goes on."""
    backend, simulator = dialling(method)
    before = backend.running("1")
    backend.stop("1", before[0])

    assert backend.describe().campaigns
    assert ("1", "2") == before
    assert (("2",), ("3", "4")) == (backend.running("1"), backend.running("2"))
    backend.stop("1", before[0])
    assert "paused" == simulator.campaigns[1].status


@pytest.mark.parametrize("method", LISTS)
def test_a_server_that_does_not_heed_the_owner_is_for_a_person(dialling, method):
    """Else every customer's campaigns would be stopped for one who did not pay."""
    # Guard off (nobody's campaigns are not asked for): red, all four are named.
    backend, _ = dialling(method)
    backend._names = {**backend._names, "owner": "unheard_of"}

    with pytest.raises(Broken, match=r"does not heed unheard_of.*backends.main.fields"):
        backend.running("1")


def test_rows_that_name_another_owner_are_another_owners(told):
    """Where a row says whose it is, that is believed before our own argument."""
    rows = [True, [{"campaign_id": "3", "usr_id": "8"}]]

    assert () == told(rows, campaigns="Campaign_List").running("7")


@pytest.mark.parametrize("answer", [[True], [True, {}], [True, ["3"]], [True, [{}]]])
def test_what_is_no_list_of_campaigns_proves_nothing(told, answer):
    """That none runs is said by an empty list and by nothing else."""
    with pytest.raises(Broken, match="no list of campaigns"):
        told(answer, campaigns="Campaign_List").running("7")


@pytest.mark.parametrize(
    ("answer", "status"), [([False, "no"], 200), ([], 405), ("<html>", 500)]
)
def test_a_list_that_is_not_shown_is_asked_for_again(told, answer, status):
    """A look that failed did nothing."""
    with pytest.raises(Later):
        told(answer, status, campaigns="Campaign_List").running("7")


def test_a_look_that_takes_too_long_says_what_is_quicker(dialling):
    """Hundreds of campaigns, asked one by one: bounded like any other call."""
    backend, _ = dialling()
    backend._runs("1", float("inf"))

    with pytest.raises(Later, match="Campaign_List_Mode"):
        backend._runs("1", 0.0)


def test_a_purged_user_is_gone_and_so_is_what_is_his(simulated):
    """D26: by the setting only; one that is gone already is as good."""
    backend, simulator = simulated(purge=True)
    backend.open(Spec("swabc1", "Correct-Horse-1", None, FIVE))
    simulator.keep(1, contacts=["+4930"], recordings=["welcome"])
    for _ in range(2):
        backend.purge("1")
    left = simulator.snapshot()

    assert backend.describe().purges
    assert backend.read("1") is None
    assert ([], []) == (left.contacts, left.recordings)


def test_a_purge_the_server_refuses_is_refused(told):
    """Not every no means that the user is gone."""
    with pytest.raises(Refused, match="in use"):
        told([False, "User is in use"], purge=True).purge("7")
