"""Every fault, by what the client sees and by what is stored, and when."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
import requests

from provisioning.simulator.faults import FAULTS, Effect
from provisioning.simulator.wire import Request

SECONDS = 30.0
HTML = "text/html; charset=UTF-8"
SEEN = {
    "refuse": (200, b'[false,"refused by fault"]'),
    "refuse_no_reason": (200, b"[false]"),
    "error_object_200": (200, b'{"ErrorCode":500,"ErrorMessage":"Internal'),
    "error_object_500": (500, b'{"ErrorCode":500,"ErrorMessage":"Internal'),
    "unauthorised_401": (401, b'{"ErrorCode":401,"ErrorMessage":"Unauthorized"}'),
    "key_expired": (401, b'{"ErrorCode":401,"ErrorMessage":"Unauthorized: Expired'),
    "not_allowed_405": (405, b'{"ErrorCode":405,"ErrorMessage":"Method Not Allowed"}'),
    "disabled_429": (429, b'{"ErrorCode":429,"ErrorMessage":"User account disableds"}'),
    "json_string": (200, b'"[true,2]"'),
    "bare_true": (200, b"true"),
    "one_element": (200, b"[true]"),
    "id_as_string": (200, b'[true,"2"]'),
    "latin1": (200, b"[true, 2]"),
    "truncated_body": "IncompleteRead(4 bytes read, 4 more expected)",
    "empty_200": (200, b""),
    "html_200": (200, b"<br />\n<b>Warning</b>"),
    "html_200_applied": (200, b"<br />\n<b>Warning</b>"),
    "redirect": (301, b"<html>"),
    "reset_before": "Connection reset by peer",
    "reset_after_apply": "Connection reset by peer",
    "slow_then_applied": (200, b"[true,2]"),
    "slow_not_applied": "Remote end closed connection without response",
    "echo_lies": (200, b"[true,2]"),
    "write_wipes_credit": (200, b"[true,2]"),
    "stale_read": (200, b"[true,2]"),
    "rounds_credit": (200, b"[true,2]"),
    "duplicate_submit": (200, b"[true,3]"),
    "bad_status_line": "1064 Unknown Status Code",
    "suspend_leaves_campaigns": (200, b"[true,2]"),
    "campaign_stop_ignored": (200, b"[true,2]"),
    "campaign_list_lies": (200, b"[true,[]]"),
}
TOP_UP = {"paid_amount": "4.6", "description": "top-up"}
LEFT = {"write_wipes_credit": 0, "rounds_credit": 15, "duplicate_submit": "19.2"}
"""Of ten, after the top-up, where it is neither all nor nothing."""


@pytest.fixture
def top_up(post, make):
    """Pay some more on top of ten; what the client sees of it."""
    user_id = make(credit="10")

    def top_up(timeout=20):
        try:
            answer = post(
                "User_Payment_Create",
                timeout,
                allow_redirects=False,
                user_id=user_id,
                payment=TOP_UP,
            )
        except requests.RequestException as broken:
            return str(broken)
        return answer.status_code, answer.content

    return top_up


def credit(simulator):
    return simulator.users[1].credit


def entry(simulator):
    return simulator.journal[-1]


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_does_what_its_row_declares(simulator, top_up, fault):
    """No effect, an effect before the reply, or a late one: as the table says."""
    declared = FAULTS[fault]
    simulator.plant(fault, "User_Payment_Create", seconds=SECONDS)
    with ThreadPoolExecutor() as aside:
        asked = aside.submit(top_up)
        if declared.held:
            _until(lambda: len(simulator.journal) == 3)
            held = (asked.done(), credit(simulator), entry(simulator).effect)
            simulator.advance(SECONDS)

            assert (False, Decimal(10), Effect.NONE) == held
        seen = asked.result()
    stored = len(simulator.payments) - 1

    assert _alike(SEEN[fault], seen)
    landed = declared.times if declared.effect is not Effect.NONE else 0

    assert landed == stored
    assert Decimal(LEFT.get(fault, 10 + landed * Decimal("4.6"))) == credit(simulator)
    assert (fault, declared.effect) == (entry(simulator).fault, entry(simulator).effect)
    assert (200, f"[true,{2 + stored}]".encode()) == top_up()


def _alike(expected, seen):
    """The beginning of a body; the reason somewhere in what the client raised."""
    if isinstance(expected, str):
        return expected in seen
    return expected[0] == seen[0] and seen[1].startswith(expected[1])


def _until(holds):
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_every_fault_has_an_expectation():
    """A new row of the table needs one here."""

    assert set(FAULTS) == set(SEEN)


def test_an_effect_lands_though_the_client_has_left(simulator, top_up):
    """Time-out, and later visible: the reason there is a settle window."""
    simulator.plant("slow_then_applied", "User_Payment_Create", seconds=0.3)

    assert "timed out" in top_up(timeout=0.05)
    assert Decimal(10) == credit(simulator)
    _until(lambda: credit(simulator) == Decimal("14.6"))
    assert Effect.LATE == entry(simulator).effect


def test_late_effects_land_in_the_order_they_are_due(call, make, simulator):
    """Between them the calls go on: each is priced by what had landed before."""
    user_id = make(credit="10")
    simulator.start_traffic(user_id, call_seconds=100)
    for seconds, plan in ((250, "1"), (150, "2")):
        simulator.plant("slow_then_applied", "User_Update", seconds=seconds)
        told = {"plan_id": plan}
        _leave(simulator, call, "User_Update", user_id=user_id, user=told)
    simulator.advance(400)

    assert ["1", "1", "2", "1"] == [call.plan.id for call in simulator.calls]


def _leave(simulator, call, method, **arguments):
    """Ask, and be gone before the answer; the request was heard."""
    heard = len(simulator.journal) + 1
    with pytest.raises(requests.Timeout):
        call(method, timeout=0.05, **arguments)
    _until(lambda: len(simulator.journal) == heard)


def test_a_late_effect_that_has_become_impossible_is_dropped(call, simulator):
    """The name was taken meanwhile: PHP would have said no to nobody."""
    told = {"username": "ada", "password": "Correct-Horse-1"}
    simulator.plant("slow_then_applied", "User_Create", seconds=SECONDS)
    _leave(simulator, call, "User_Create", user=told)
    assert [True, {"user_id": 1, "username": "ada"}] == call("User_Create", user=told)
    simulator.advance(SECONDS)

    assert [1] == list(simulator.users)
    assert [Effect.NONE, Effect.NORMAL] == [each.effect for each in simulator.journal]


def test_a_held_reply_holds_up_no_other(simulator, top_up, call):
    """Meanwhile others are served, and even the same method is."""
    simulator.plant("slow_not_applied", "User_Payment_Create", seconds=SECONDS)

    assert "timed out" in top_up(timeout=0.05)
    _until(lambda: entry(simulator).fault == "slow_not_applied")
    assert (200, b"[true,2]") == top_up()
    assert call("User_Get", user_id=1)[0]


def test_a_lie_is_told_in_full_and_nothing_is_stored(call, make, simulator):
    """The echo of the write shows what a read does not."""
    user_id = make(channels=1)
    simulator.plant("echo_lies", "User_Update")
    _, echo = call("User_Update", user_id=user_id, user={"channels": 9})

    assert "9" == echo["channels"]
    assert "1" == call("User_Get", user_id=user_id)[1]["channels"]


def test_a_level_write_can_wipe_the_balance(call, make, simulator):
    """As the real family does on suspend; the write itself is done."""
    user_id = make(credit="10", channels=1)
    simulator.plant("write_wipes_credit", "User_Update")
    call("User_Update", user_id=user_id, user={"channels": 9})
    _, seen = call("User_Get", user_id=user_id)

    assert ("9", "0.000000") == (seen["channels"], seen["credit"])


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("User_Create", {"user": {"username": "grace", "password": "Horse-1"}}),
        ("User_Delete", {"user_id": 1}),
    ],
)
def test_wiping_spares_who_has_nothing_to_lose(
    call, make, simulator, method, arguments
):
    """A user just made has no credit yet, a deleted one none any more."""
    make(credit="10")
    simulator.plant("write_wipes_credit", method)

    assert call(method, **arguments)[0]


def test_the_status_line_is_the_one_seen_live(simulator, url):
    """A number of four digits, which no client reads as HTTP."""
    simulator.plant("bad_status_line", "User_Role_List")
    host, port = url.split("/")[2].split(":")
    target = f"/{url.rsplit('/', 1)[1]}/rest/User_Role_List"
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(
            f"GET {target}?username=admin&password=simulator HTTP/1.1\r\n\r\n".encode()
        )
        told = connection.recv(65536)

    assert told.startswith(b"HTTP/1.1 1064 Unknown Status Code\r\n")


def test_faults_strike_the_nth_call_of_their_method_so_many_times(call, simulator):
    """Calls of other methods do not count."""
    simulator.plant("refuse", "User_Role_List", nth=2, times=2)
    told = []
    for _ in range(4):
        told.append(call("User_Role_List")[0])
        call("Campaign_List")

    assert [True, False, False, True] == told


def test_where_two_faults_meet_the_first_planted_wins(post, simulator):
    """The other one's turn is over with that."""
    simulator.plant("refuse", "User_Role_List")
    simulator.plant("error_object_500", "User_Role_List", times=2)

    assert [200, 500, 200] == [post("User_Role_List").status_code for _ in range(3)]


def test_the_dice_fall_the_same_for_the_same_seed(call, simulator, server):
    """A red run by chance must be there again tomorrow."""

    def struck(name, seed):
        told = server.new(name)
        told.plant("refuse", "User_Role_List", times=40, odds=0.5, seed=seed)
        form = Request({"username": "admin", "password": "simulator"})
        return [told.answer("User_Role_List", form).body[1] for _ in range(40)]

    first = struck("dice", 1)

    assert first == struck("dice", 1)
    assert first != struck("dice", 2)
    assert 10 < first.count("f") < 30


@pytest.mark.parametrize("struck", ["User_Payment_Create", "User_Get"])
def test_a_stale_read_shows_what_was_there_before_for_so_long(
    call, make, simulator, struck
):
    """A replica that lags: the write is stored, and its reader is told otherwise."""
    user_id = make(credit="10")
    simulator.plant("stale_read", struck, seconds=SECONDS)

    def shown():
        return call("User_Get", user_id=user_id)[1]["credit"]

    if struck == "User_Get":
        shown()
    call("User_Payment_Create", user_id=user_id, payment=TOP_UP)
    during = shown()
    simulator.advance(SECONDS)

    assert ("10.000000", "14.600000") == (during, shown())


def test_a_proxy_that_resends_gives_the_second_answer(call, simulator):
    """The account is there, and who made it hears that somebody else was first."""
    simulator.plant("duplicate_submit", "User_Create")
    told = {"username": "ada", "password": "Correct-Horse-1"}

    assert [False, "Username already exists"] == call("User_Create", user=told)
    assert [1] == list(simulator.users)
    assert Effect.BEFORE == entry(simulator).effect


def test_letters_may_come_as_the_tables_hold_them(post, make, simulator):
    """Not UTF-8, and no header that says so."""
    user_id = make(email="josé@example.com")
    simulator.plant("latin1", "User_Get")
    answer = post("User_Get", user_id=user_id)

    assert b'"jos\xe9@example.com"' in answer.content
    assert "application/json" == answer.headers["Content-Type"]


def test_a_redirect_leads_to_https_where_a_post_would_be_lost(post, simulator):
    """Who follows it asks with GET and without arguments."""
    simulator.plant("redirect", "User_Role_List")
    answer = post("User_Role_List", allow_redirects=False)

    assert answer.headers["Location"].startswith("https://")


@pytest.mark.parametrize(
    "wrong",
    [
        {"fault": "nonsense"},
        {"method": "Nonsense"},
        {"nth": 0},
        {"times": 0},
        {"seconds": -1.0},
        {"seconds": float("nan")},
        {"odds": 0.0},
        {"odds": 1.5},
    ],
)
def test_a_fault_that_could_never_strike_is_not_planted(simulator, wrong):
    """A slip in a test must not read as a pass."""
    with pytest.raises(ValueError, match=r"there are|start"):
        simulator.plant(**{"fault": "refuse", "method": "User_Get"} | wrong)


def test_a_suspended_user_may_go_on_dialling(call, make, simulator):
    """I9: what the vendor's guide excludes, and nobody has seen to be excluded."""
    user_id = make(credit="10", channels=1)
    (campaign_id,) = simulator.start_traffic(user_id, call_seconds=60)
    simulator.plant("suspend_leaves_campaigns", "User_Update")
    call("User_Update", user_id=user_id, user={"active": 0})
    simulator.advance(150)

    assert "0" == call("User_Get", user_id=user_id)[1]["active"]
    assert [True, "running"] == call("Campaign_Status", campaign_id=campaign_id)
    assert 2 == len(simulator.calls)


def test_a_campaign_may_say_that_it_stops_and_go_on(call, make, simulator):
    """Yes, and nothing is done; the next time it is."""
    make(credit="10")
    (campaign_id,) = simulator.start_traffic(1)
    simulator.plant("campaign_stop_ignored", "Campaign_Stop")
    told = []
    for _ in range(2):
        answer = call("Campaign_Stop", campaign_id=campaign_id)
        told.append((answer, call("Campaign_Status", campaign_id=campaign_id)[1]))

    assert [([True], "running"), ([True], "paused")] == told


def test_a_list_may_hide_what_runs(call, make, simulator):
    """A page that shows none, once; then it shows it again."""
    make(credit="10")
    simulator.start_traffic(1)
    simulator.plant("campaign_list_lies", "Campaign_List")

    assert [0, 1] == [len(call("Campaign_List")[1]) for _ in range(2)]
