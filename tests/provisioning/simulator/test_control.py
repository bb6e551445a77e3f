"""The control panel over HTTP says and does what the objects do in process."""

from decimal import Decimal

import pytest

from provisioning.simulator import Admin, Control, Names, Plan


@pytest.fixture
def control(url, simulator):
    return Control(url)


def test_an_instance_is_made_on_demand(server, name, url, session):
    """With everything that can be set."""
    plan = Plan("gold", "Gold", Decimal(0), Decimal("0.5"), 60, Decimal("0.25"))
    Control(url).new(
        names=Names(balance="money"),
        payments_listed=True,
        admin=Admin("root", "toor", "k"),
        plans=[plan],
    )
    login = {"username": "root", "password": "toor"}
    told = login | {"user": '{"username": "ada", "password": "Correct-Horse-1"}'}
    session.post(f"{url}/rest/User_Create", told, timeout=9)
    told = login | {"user_id": 1}
    _, user = session.post(f"{url}/rest/User_Get", told, timeout=9).json()
    listed = session.post(f"{url}/rest/User_Payment_List", told, timeout=9)

    assert ("gold", "0.000000") == (user["plan_id"], user["money"])
    assert [True, []] == listed.json()
    assert {"gold": plan} == server.simulator(name).snapshot().plans


def test_faults_traffic_and_time_are_told_from_outside(control, make, post):
    """Twenty minutes of two calls at a time, then a refusal."""
    user_id = make(credit="10")
    control.fault("refuse", "User_Get", nth=2)
    before = control.clock()

    assert [1, 2] == control.traffic(user_id, campaigns=2, call_seconds=60)
    assert 1200 <= control.clock(advance=1200) - before < 1260
    assert [True, False] == [post("User_Get", user_id=1).json()[0] for _ in range(2)]
    assert "9.200000" == control.state()["users"][0]["credit"]


def test_the_state_tells_all_but_passwords(control, make):
    """Money in strings, so nobody rounds it on the way."""
    control.traffic(make(email="ada@example.org"), concurrent=2, call_seconds=60)
    control.keep(1, contacts=["+4930123456"], recordings=["welcome"])
    state = control.state()
    moment = state["payments"][0].pop("at")

    assert 0 < moment <= control.clock()
    assert {
        "users": [
            {
                "id": 1,
                "username": "ada",
                "tariff": "1",
                "email": "ada@example.org",
                "role": "client",
                "channels": 0,
                "active": True,
                "credit": "10.000000",
            }
        ],
        "payments": [
            {"id": 1, "user_id": 1, "amount": "10.000000", "reference": "opening"}
        ],
        "campaigns": [
            {
                "id": 1,
                "user_id": 1,
                "name": "",
                "concurrent": 2,
                "call_seconds": 60,
                "status": "running",
                "up": 2,
                "ended": 0,
                "refused": 0,
                "cost": "0.000000",
            }
        ],
        "contacts": [{"id": 1, "user_id": 1, "phone": "+4930123456"}],
        "recordings": [{"id": 1, "user_id": 1, "title": "welcome"}],
    } == state


def test_the_journal_reads_the_same_from_outside(control, call, simulator):
    """Number, moment, method, arguments, fault, effect, answer."""
    call("User_Role_List")
    (entry,) = control.journal()

    assert {
        "n": 1,
        "at": simulator.journal[0].at,
        "method": "User_Role_List",
        "arguments": {"username": "admin", "password": "***"},
        "fault": None,
        "effect": "normal",
        "answer": simulator.journal[0].answer,
    } == entry


@pytest.mark.parametrize(
    "slip",
    [
        lambda control: control.fault("nonsense", "User_Get"),
        lambda control: control.fault("refuse", "User_Get", nth="2"),
        lambda control: control.traffic(99),
        lambda control: control.clock(advance=-1),
        lambda control: control.new(plans=[]),
    ],
)
def test_a_slip_is_told_to_who_made_it(control, slip):
    """With the reason, not with silence."""
    with pytest.raises(ValueError, match="error"):
        slip(control)


@pytest.mark.parametrize(
    ("order", "status"),
    [
        (("GET", "fault"), 404),
        (("POST", "nonsense"), 404),
        (("POST", "new"), 400),
        (("POST", "clock"), 400),
    ],
)
def test_what_the_panel_does_not_understand_it_refuses(
    session, url, simulator, order, status
):
    """Nothing is half done."""
    told = session.request(order[0], f"{url}/_sim/{order[1]}", data='["?"]', timeout=9)

    assert status == told.status_code
    assert "error" in told.json()
