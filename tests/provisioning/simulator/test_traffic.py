"""Campaigns burn credit: under channels, by tariff, while there is a balance."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.simulator import Plan, Refusal, Settings, Simulator
from provisioning.simulator.wire import Request, compact

ADMIN = {"username": "admin", "password": "simulator"}
MINUTE = 60.0
PLANS = (
    Plan("cheap", "Cheap", Decimal("0.01"), Decimal("0.02"), 30, Decimal("0.005")),
    Plan("dear", "Dear", Decimal("0.1"), Decimal("0.2"), 60, Decimal("0.1")),
)


@pytest.fixture
def simulator(server, name):
    return server.new(name, Settings(plans=PLANS))


def peak(calls):
    """The most calls that were up at any one time."""
    return max(
        sum(c.started <= call.started < c.started + c.seconds for c in calls)
        for call in calls
    )


def test_all_campaigns_together_never_exceed_the_channels(call, make, simulator):
    """I5: three campaigns that want six calls each never get more than the ten paid."""
    user_id = make(credit="1000", channels=10)
    simulator.start_traffic(user_id, campaigns=3, concurrent=6, call_seconds=MINUTE)
    simulator.advance(10 * MINUTE)
    ups = [campaign.up for campaign in simulator.campaigns.values()]
    call("User_Update", user_id=user_id, user={"active": 0})

    assert [6, 4, 0] == ups
    assert 10 == peak(simulator.calls)


def test_a_lower_cap_holds_as_calls_end_and_a_higher_one_at_once(call, make, simulator):
    """I5: it still holds after a change; no call is cut for it."""
    user_id = make(credit="1000", channels=10)
    simulator.start_traffic(user_id, campaigns=3, concurrent=6, call_seconds=MINUTE)

    def up_after(channels):
        call("User_Update", user_id=user_id, user={"channels": channels})
        return sum(campaign.up for campaign in simulator.campaigns.values())

    assert 10 == up_after(4)
    simulator.advance(MINUTE)
    assert 4 == up_after(4)
    assert 7 == up_after(7)
    assert 18 == up_after(0)


def test_the_same_call_costs_what_its_tariff_says(make, simulator):
    """I4: ninety seconds under two tariffs cost two prices."""
    cheap = make("ada", credit="10", plan_id="cheap")
    dear = make("grace", credit="10", plan_id="dear")
    for user_id in (cheap, dear):
        simulator.start_traffic(user_id, call_seconds=90)
    simulator.advance(90)

    assert Decimal(10) - Decimal("0.01") - Decimal("0.02") - 2 * Decimal("0.005") == (
        simulator.users[cheap].credit
    )
    assert Decimal(10) - Decimal("0.1") - Decimal("0.2") - Decimal("0.1") == (
        simulator.users[dear].credit
    )


def test_a_new_tariff_prices_later_calls_only(call, make, simulator):
    """I4: what started under the old tariff ends under it."""
    user_id = make(credit="10", plan_id="cheap")
    simulator.start_traffic(user_id, call_seconds=MINUTE)
    call("User_Update", user_id=user_id, user={"plan_id": "dear"})
    simulator.advance(2 * MINUTE)

    assert [Decimal("0.035"), Decimal("0.3")] == [call.cost for call in simulator.calls]


@pytest.mark.parametrize(
    ("seconds", "cost"),
    [(0, "0.03"), (30, "0.03"), (30.000001, "0.035"), (60, "0.035"), (61, "0.04")],
)
def test_a_block_is_paid_when_it_begins(seconds, cost):
    """The first one, even by a call that lasts no time at all."""

    assert Decimal(cost) == PLANS[0].cost(seconds)


def test_nothing_keeps_the_balance_above_zero(make, simulator):
    """Calls that are up go on, and are billed in full."""
    user_id = make(credit="0.05", plan_id="dear")
    simulator.start_traffic(user_id, concurrent=3, call_seconds=MINUTE)
    simulator.advance(MINUTE)

    assert Decimal("-0.85") == simulator.users[user_id].credit


def test_without_credit_new_calls_are_refused(call, make, simulator):
    """And dialled again as soon as there is some."""
    user_id = make(credit="0.3", plan_id="dear")
    (campaign_id,) = simulator.start_traffic(user_id, call_seconds=MINUTE)
    simulator.advance(10 * MINUTE)
    broke = simulator.campaigns[campaign_id]
    pay = {"paid_amount": "5", "description": "top-up"}
    call("User_Payment_Create", user_id=user_id, payment=pay)

    assert ("running", 0, 1, 1) == (broke.status, broke.up, broke.ended, broke.refused)
    assert 1 == simulator.campaigns[campaign_id].up
    assert "1" == call("Campaign_Summary", campaign_id=campaign_id)[1]["no-credit"]


def test_suspending_bills_what_ran_and_keeps_the_balance(call, make, simulator):
    """Calls end now; nothing is dialled until somebody starts a campaign again."""
    user_id = make(credit="10", plan_id="cheap")
    (campaign_id,) = simulator.start_traffic(user_id, concurrent=2, call_seconds=3600)
    simulator.advance(45)
    call("User_Update", user_id=user_id, user={"active": 0})
    stopped = [simulator.users[user_id].credit, simulator.campaigns[campaign_id].status]
    refused = call("Campaign_Start", campaign_id=campaign_id)
    call("User_Update", user_id=user_id, user={"active": 1})
    simulator.advance(3600)

    assert [Decimal("9.93"), "paused"] == stopped
    assert [False, "User is suspended"] == refused
    assert 2 == len(simulator.calls)
    assert Decimal("9.93") == simulator.users[user_id].credit
    assert "paused" == simulator.campaigns[campaign_id].status
    assert [True] == call("Campaign_Start", campaign_id=campaign_id)
    assert 2 == simulator.campaigns[campaign_id].up


def test_a_stopped_campaign_lets_its_calls_end(call, make, simulator):
    """They count for the channels, and are billed, as any other."""
    user_id = make(credit="10", channels=1, plan_id="dear")
    first, second = simulator.start_traffic(user_id, campaigns=2, call_seconds=MINUTE)
    call("Campaign_Stop", campaign_id=first)
    ups = [simulator.campaigns[first].up, simulator.campaigns[second].up]
    simulator.advance(MINUTE)

    assert [1, 0] == ups
    assert 1 == simulator.campaigns[second].up
    assert Decimal("9.7") == simulator.users[user_id].credit


def test_a_deleted_user_calls_no_more(call, make, simulator):
    """What was up is billed for the record; its campaigns are broken for good."""
    user_id = make(credit="10", plan_id="dear")
    (campaign_id,) = simulator.start_traffic(user_id, call_seconds=MINUTE)
    call("User_Delete", user_id=user_id)
    simulator.advance(10 * MINUTE)

    assert [Decimal("0.3")] == [call.cost for call in simulator.calls]
    assert [True, "broken"] == call("Campaign_Status", campaign_id=campaign_id)
    assert [False, "User not found"] == call("Campaign_Start", campaign_id=campaign_id)


def test_the_suspended_and_the_unknown_cannot_be_given_traffic(make, simulator):
    """In process the refusal is raised."""
    user_id = make(active=0)

    with pytest.raises(Refusal, match="User is suspended"):
        simulator.start_traffic(user_id)
    with pytest.raises(Refusal, match="User not found"):
        simulator.start_traffic(99)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("advance"), st.floats(0, 500)),
        st.tuples(st.just("traffic"), st.integers(1, 4)),
        st.tuples(st.just("channels"), st.integers(1, 8)),
        st.tuples(st.just("active"), st.integers(0, 1)),
        st.tuples(st.just("plan_id"), st.sampled_from(["cheap", "dear"])),
        st.tuples(st.just("pay"), st.decimals(-3, 3, places=6)),
    ),
    max_size=30,
)


@given(STEPS)
def test_the_balance_is_payments_less_calls_whatever_happens(steps):
    """And nobody is ever on more lines than the highest cap they were given."""
    now = [0.0]
    simulator = Simulator(Settings(plans=PLANS), clock=lambda: now[0])

    def call(method, **arguments):
        fields = {name: compact(told) for name, told in arguments.items()}
        simulator.answer(method, Request(ADMIN | fields))

    def traffic(concurrent):
        if simulator.users[1].active:
            simulator.start_traffic(1, concurrent=concurrent, call_seconds=70)

    call("User_Create", user={"username": "a", "password": "b", "channels": 8})
    for step, value in steps:
        match step:
            case "advance":
                now[0] += value
            case "traffic":
                traffic(value)
            case "pay":
                pay = {"paid_amount": str(value)}
                call("User_Payment_Create", user_id=1, payment=pay)
            case field:
                call("User_Update", user_id=1, user={field: value})
    call("User_Update", user_id=1, user={"active": 0})
    paid = sum(payment.amount for payment in simulator.payments)

    assert paid - sum(c.cost for c in simulator.calls) == simulator.users[1].credit
    assert all(campaign.up == 0 for campaign in simulator.campaigns.values())
    assert not simulator.calls or peak(simulator.calls) <= 8
