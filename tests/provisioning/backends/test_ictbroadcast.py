"""ICTBroadcast as it answers: fields by setting, and absence only in its own words."""

import json
from decimal import Decimal

import pytest

from provisioning.backends import load
from provisioning.backends.base import Spec
from provisioning.core.actions import Change
from provisioning.core.desired import State
from provisioning.core.outcomes import Broken, Later, Outcome, Refused, Unsure

USER = {"user_id": "7", "username": "swabc1xyzzy", "plan_id": "1", "channels": "5",
        "active": "1", "credit": "12.500000"}  # fmt: skip
CANARY = "canary-c4f1"
FIVE = State(on=True, entitlements={"channels": 5, "tariff": "standard"})


def shown(**more):
    """A user as the wire shows it; what is None is left out."""
    return [True, {name: v for name, v in (USER | more).items() if v is not None}]


# --- reading


def test_a_user_is_read_as_the_wire_shows_it(told):
    """Numbers come as strings; the money in them is exact."""
    seen = told(shown()).read("7")

    assert ("7", "swabc1xyzzy", FIVE) == (seen.ref, seen.username, seen.state)
    assert (Decimal("12.5"), 5) == (seen.balance, seen.channels)


def test_numbers_may_come_as_numbers(told):
    """Write echoes do; some installations read so as well."""
    seen = told(shown(user_id=7, plan_id=1, channels=5, active=1, credit=12.5)).read(
        "7"
    )

    assert ("7", FIVE, Decimal("12.5")) == (seen.ref, seen.state, seen.balance)


def test_a_search_may_answer_a_list(told):
    """One user in a list is that user."""
    listed = [True, [shown()[1]]]

    assert "7" == told(listed).find("swabc1xyzzy").ref


def test_ours_is_found_behind_others_of_a_list(told):
    """U1: a search that also finds what is like it must not hide what is exactly it."""
    others = [shown(username="swabc1xyzz", user_id="6")[1], shown()[1]]

    assert "7" == told([True, others]).find("swabc1xyzzy").ref


@pytest.mark.parametrize(
    "name", ["user_id", "username", "plan_id", "channels", "active", "credit"]
)
def test_a_field_that_is_not_shown_is_named_with_the_way_out(told, name):
    """The operator learns which name to give in which table."""
    with pytest.raises(Broken, match=f'"{name}".*backends.main.fields'):
        told(shown(**{name: None})).read("7")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("active", "yes"),
        ("active", ""),
        ("active", "2"),
        ("channels", "five"),
        ("channels", "5.5"),
        ("channels", ""),
        ("credit", "12,50"),
        ("credit", "NaN"),
        ("credit", "Infinity"),
        ("credit", ""),
        ("credit", "1e30"),
        ("credit", {}),
    ],
)
def test_what_cannot_be_read_is_never_guessed(told, name, value):
    """A person must look: what is no balance or no switch proves nothing."""
    with pytest.raises(Broken):
        told(shown(**{name: value})).read("7")


@pytest.mark.parametrize("answer", [True, "x", 7, [7], [[]], {"error": "x"}, [{}]])
def test_what_is_no_user_is_never_one(told, answer):
    """And never an absence either."""
    with pytest.raises(Broken):
        told([True, answer]).read("7")


@pytest.mark.parametrize("write", ["open", "apply"])
def test_a_tariff_without_an_id_here_is_waited_for(told, write):
    """I4: sold before or since this process began; nothing goes out."""
    # Guard off (`tariffs[...]` asked as it is): red, an error of ours.
    backend, gold = told(shown()), {"tariff": "gold", "channels": 5}
    calls = {
        "open": lambda: backend.open(Spec("swnew", "x", None, State(True, gold))),
        "apply": lambda: backend.apply("7", Change(on=None, entitlements=gold)),
    }

    with pytest.raises(Later, match='tariff "gold" has no id among the tariffs'):
        calls[write]()


def test_a_tariff_we_have_no_name_for_differs_from_all_of_ours(told):
    """U7: set by hand to something else, it is seen and corrected."""
    seen = told(shown(plan_id="99")).read("7")

    assert "unknown:99" == seen.state.entitlements["tariff"]


@pytest.mark.parametrize(("on", "off"), [("1", "0"), ("active", "suspended")])
@pytest.mark.parametrize("is_on", [True, False])
def test_on_and_off_are_words_of_the_installation(told, on, off, is_on):
    """U3: whatever it calls them, each is read as what it means."""
    backend = told(shown(active=on if is_on else off), fields={"on": on, "off": off})

    assert is_on is backend.read("7").state.on


@pytest.mark.parametrize("password", ["", "1", "12", "swabc1xyzzy", "credit", "true"])
def test_a_password_that_stands_in_an_answer_by_chance_changes_nothing(told, password):
    """U9: blanked is what is told to people, never what is read."""
    seen = told(shown(), password=password).read("7")

    assert ("swabc1xyzzy", FIVE) == (seen.username, seen.state)
    assert Decimal("12.5") == seen.balance


def test_letters_of_latin1_tables_are_no_hindrance(simulated):
    """A name with an accent must not make an account unreadable for ever."""
    # Guard off (UTF-8 only): red.
    backend, simulator = simulated()
    backend.open(Spec("swabc1xyzzy", "Correct-Horse-1", "josé@example.com", FIVE))
    simulator.plant("latin1", "User_Get")

    assert FIVE == backend.find("swabc1xyzzy").state


# --- absence


@pytest.mark.parametrize("answer", [
    [False, "User not found"], [False, "USER NOT FOUND!"], [True, None], [True, []],
])  # fmt: skip
def test_absence_is_said_in_the_backends_own_words(told, answer):
    """No such user is an answer."""
    assert told(answer).find("swabc1xyzzy") is None
    assert told(answer).read("7") is None


def test_the_words_for_absence_are_a_setting(told):
    """Another language, another word."""
    backend = told([False, "Kein Benutzer"], not_found="kein benutzer")

    assert backend.read("7") is None


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ([False, "Permission denied"], 200),
        ([False], 200),
        ([False, ""], 200),
        ([], 200),
        ({"ErrorCode": 500, "ErrorMessage": "x"}, 200),
        ({"ErrorCode": 404, "ErrorMessage": "Not Found"}, 404),
        (b"", 200),
        (b"", 403),
        (b"", 405),
        (b"User not found", 500),
        (b"not found", 404),
    ],
)
def test_no_other_answer_is_taken_for_absence(told, answer, status):
    """U9: taken for "not there", a no would let a sum be sent again."""
    backend = told(answer, status)

    for look in (lambda: backend.find("swabc1xyzzy"), lambda: backend.read("7")):
        with pytest.raises(Later):
            look()


def test_a_redirected_read_is_for_a_person(told):
    """F-B12: never followed; the way out is the url."""
    with pytest.raises(Broken, match="set url to where it leads"):
        told(b"", 301).read("7")


# --- the list of payments, where there is one


def test_a_payment_is_found_in_the_list_by_its_reference(told):
    """U9: among others, and only where it is listed."""
    rows = [{"description": "shop:1/topup"}, {"description": None}, {}]
    backend = told([True, rows], payments="User_Payment_List")

    assert backend.arrived("7", "shop:1/topup")
    assert not backend.arrived("7", "shop:2/topup")


def test_an_empty_list_is_an_answer(told):
    """U9: nothing was ever paid there."""
    assert not told([True, []], payments="User_Payment_List").arrived(
        "7", "shop:1/topup"
    )


@pytest.mark.parametrize("answer", [None, {}, "x", True])
def test_what_is_no_list_of_payments_proves_nothing(told, answer):
    """U9: taken for an empty one, it would let a sum be sent again."""
    with pytest.raises(Broken):
        told([True, answer], payments="User_Payment_List").arrived("7", "shop:1/topup")


@pytest.mark.parametrize(
    ("answer", "status"), [([False, "no"], 200), (b"", 403), (b"", 405)]
)
def test_a_refused_list_is_no_refused_payment(told, answer, status):
    """U9: a list we may not read (any more) is asked for again, or for a person."""
    with pytest.raises((Later, Broken)):
        told(answer, status, payments="User_Payment_List").arrived("7", "shop:1/topup")


@pytest.mark.parametrize("rows", [["x"], [7], [["description"]]])
def test_rows_that_are_no_payments_are_for_a_person(told, rows):
    """U9: the other side's contract is broken, and that is said, not crashed on."""
    with pytest.raises(Broken):
        told([True, rows], payments="User_Payment_List").arrived("7", "shop:1/topup")


# --- writing


WRITES = {
    "open": lambda b: b.open(Spec("swabc1xyzzy", "Correct-Horse-1", None, FIVE)),
    "apply": lambda b: b.apply("7", Change(on=False, entitlements={})),
    "rekey": lambda b: b.rekey("7", "Correct-Horse-1"),
    "grant": lambda b: b.grant("7", Decimal(5), "shop:1/topup"),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    ("answer", "status", "kind"),
    [
        ([False, "no"], 200, Refused),
        (b"", 200, Unsure),
        ({"ErrorCode": 500}, 500, Unsure),
        (b"", 401, Later),
        (b"", 301, Broken),
    ],
)
def test_a_write_keeps_what_the_answer_means(told, write, answer, status, kind):
    """Only a read may turn an unclear answer into "ask again"; a write never."""
    with pytest.raises(Outcome) as raised:
        WRITES[write](told(answer, status))

    assert kind is type(raised.value)


def test_only_what_is_meant_is_on_the_wire(simulated):
    """U6, U7: each under the name this installation gave it."""
    backend, simulator = simulated()
    wire = backend.set.fields
    backend.open(Spec("swabc1xyzzy", "Correct-Horse-1", "lan@example.com", FIVE))
    ref = backend.find("swabc1xyzzy").ref
    backend.apply(ref, Change(on=False, entitlements={"tariff": "wholesale"}))
    backend.grant(ref, Decimal("29.95"), "shop:1/topup")
    opened, _, changed, granted = simulator.journal
    told = json.loads(opened.arguments["user"])

    assert {
        wire["username"]: "swabc1xyzzy", wire["password"]: "***",
        wire["email"]: "lan@example.com", wire["channels"]: 5, wire["tariff"]: "1",
        wire["active"]: wire["on"],
    } == told  # fmt: skip
    assert {wire["active"]: wire["off"], wire["tariff"]: "2"} == json.loads(
        changed.arguments["user"]
    )
    assert {wire["amount"]: "29.95", wire["reference"]: "shop:1/topup"} == json.loads(
        granted.arguments[wire["payment"]]
    )


@pytest.mark.parametrize("amount", ["0.000001", "1000000", "29.95", "5"])
def test_an_amount_is_plain_digits_on_the_wire(simulated, amount):
    """V14: never 1E+6, never a float."""
    backend, simulator = simulated()
    backend.open(Spec("swabc1xyzzy", "Correct-Horse-1", None, FIVE))
    backend.grant("1", Decimal(amount).normalize(), "shop:1/topup")

    assert [Decimal(amount)] == [payment.amount for payment in simulator.payments]


def test_a_role_is_sent_where_one_is_set(simulated):
    """Some installations need one."""
    backend, simulator = simulated(role="client")
    backend.open(Spec("swabc1xyzzy", "Correct-Horse-1", None, FIVE))

    assert (
        "client"
        == json.loads(simulator.journal[0].arguments["user"])[
            backend.set.fields["role"]
        ]
    )


def test_a_password_in_the_url_is_refused_without_repeating_it():
    """V11: keys go into settings of their own."""
    leaking = {"url": f"http://admin:{CANARY}@127.0.0.1:1", "username": "a",
               "password": "b", "currency": "USD", "tariffs": {"a": "1"}}  # fmt: skip
    with pytest.raises(ValueError, match="user name or password") as raised:
        load("ictbroadcast", "main", leaking)

    assert CANARY not in str(raised.value)


@pytest.mark.parametrize("status", [200, 500])
def test_an_echo_of_the_password_we_sent_is_not_told(told, status):
    """V11: whatever this installation calls the field, our own keys are no message."""
    backend = told({"code": CANARY}, status, fields={"password": "code"})
    with pytest.raises(Unsure) as raised:
        backend.open(Spec("swabc1xyzzy", CANARY, None, FIVE))

    assert CANARY not in str(raised.value)


def test_a_wrong_password_is_later_and_says_so(simulated):
    """F-B15: an expired key must not refuse every paid top-up."""
    backend, _ = simulated(password="wrong")

    with pytest.raises(Later, match="refuses our user name and password"):
        backend.ping()


@pytest.mark.parametrize(
    "said", [[True, "user"], [True, ["user"]], [True, [{"user_id": "1"}]]]
)
def test_what_lists_no_users_is_a_broken_contract(told, said):
    """Each needs its id and its name, by the names that are set."""
    with pytest.raises(Broken):
        told(said, users="User_List").listing(None)


def test_users_it_will_not_list_are_asked_for_later(told):
    """A no may have other reasons: nobody is missing for that."""
    with pytest.raises(Later):
        told([False, "not now"], users="User_List").listing(None)


def test_a_server_that_heeds_no_limit_has_shown_all(told):
    """More than were asked for are everybody."""
    rows = [{"user_id": str(no), "username": f"u{no}"} for no in range(101)]

    assert told([True, rows], users="User_List").listing(None).after is None
