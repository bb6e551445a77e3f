"""Users and payments, as their methods leave them."""

from decimal import Decimal

import pytest

from provisioning.simulator import Settings

PASSWORD = "Correct-Horse-1"
SEEN = {
    "user_id": "1",
    "username": "ada",
    "email": "ada@example.org",
    "role": "client",
    "plan_id": "1",
    "channels": "10",
    "active": "1",
    "credit": "10.000000",
}


def test_every_number_is_read_as_a_string(call, make):
    """The password is not read at all."""
    user_id = make(email="ada@example.org", channels=10)

    assert [True, SEEN] == call("User_Get", user_id=user_id)


@pytest.mark.parametrize(
    ("search", "value"),
    [("username", "ADA"), ("email", "ada@example.org"), ("user_id", "1")],
)
def test_a_user_is_found_by_a_field_of_the_wire(call, make, search, value):
    """Whatever the case, as the vendor's collation has it."""
    make(email="ada@example.org", channels=10)

    assert [True, SEEN] == call("User_Get", search=search, value=value)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("email", "new@example.org", "new@example.org"),
        ("role", "agent", "agent"),
        ("plan_id", 2, "2"),
        ("channels", 0, "0"),
        ("channels", "25", "25"),
        ("active", 0, "0"),
        ("username", "grace", "grace"),
    ],
)
def test_an_update_touches_only_what_it_names(call, make, field, value, told):
    """All else, the balance included, stays as it was."""
    user_id = make(email="ada@example.org", channels=10)
    call("User_Update", user_id=user_id, user={field: value})

    assert [True, SEEN | {field: told}] == call("User_Get", user_id=user_id)


@pytest.mark.parametrize(
    "ignored", [{"colour": "red"}, {"credit": "1000"}, {"user_id": 7}, {"email": None}]
)
def test_fields_nobody_writes_are_ignored_without_a_word(call, make, ignored):
    """Unknown ones, null, the id; and the balance moves by payments alone."""
    user_id = make(email="ada@example.org", channels=10)

    assert [True, SEEN] == call("User_Update", user_id=user_id, user=ignored)
    assert [True, SEEN] == call("User_Get", user_id=user_id)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"username": "ADA", "password": PASSWORD}, "Username already exists"),
        (
            {"username": "b", "password": PASSWORD, "email": "ADA@example.org"},
            "Email already exists",
        ),
        ({"password": PASSWORD}, "Username is required"),
        ({"username": "b"}, "Password is required"),
        ({"username": "b", "password": PASSWORD, "plan_id": 9}, "Plan not found"),
        ({"username": "b", "password": PASSWORD, "channels": -1}, "Invalid channels"),
        ({"username": "b", "password": PASSWORD, "active": "yes"}, "Invalid active"),
        ({"username": ["b"], "password": PASSWORD}, "Invalid username"),
        ("{", "Argument user is not valid JSON"),
        ("[" * 100_000, "Argument user is not valid JSON"),
        ("[]", "Argument user is not an object"),
        ("", "Argument user is missing"),
    ],
)
def test_what_cannot_be_created_is_refused(call, make, simulator, told, reason):
    """And nobody is created."""
    make(email="ada@example.org")

    assert [False, reason] == call("User_Create", user=told)
    assert 1 == len(simulator.users)


def test_an_update_cannot_take_the_name_of_another(call, make):
    """But its own it may write again."""
    make("ada")
    grace = make("grace")

    assert [False, "Username already exists"] == call(
        "User_Update", user_id=grace, user={"username": "Ada", "channels": 5}
    )
    assert call("User_Update", user_id=grace, user={"username": "Grace"})[0]


@pytest.mark.parametrize(
    ("method", "arguments", "reason"),
    [
        ("User_Get", {"user_id": 9}, "User not found"),
        ("User_Get", {"user_id": "o'neil"}, "User not found"),
        ("User_Get", {"search": "username", "value": "nobody"}, "User not found"),
        ("User_Get", {"search": "no_such", "value": "x"}, "User not found"),
        ("User_Get", {}, "Argument search is missing"),
        ("User_Update", {"user_id": 9, "user": {}}, "User not found"),
        ("User_Update", {"user": {}}, "Argument user_id is missing"),
        ("User_Delete", {"user_id": 9}, "User not found"),
        ("User_Payment_Create", {"user_id": 9, "payment": {}}, "User not found"),
        ("Campaign_Start", {"campaign_id": 9}, "Campaign not found"),
        ("Campaign_Create", {"user_id": 9, "campaign": {}}, "User not found"),
    ],
)
def test_unknown_and_missing_things_are_refused(call, method, arguments, reason):
    """With the reason in the envelope, and HTTP 200."""

    assert [False, reason] == call(method, **arguments)


def test_deleting_is_final_and_frees_the_name(call, make, simulator):
    """The next user of that name is another one; payments stay on record."""
    first = make(email="ada@example.org")

    assert [True, True] == call("User_Delete", user_id=first)
    assert [False, "User not found"] == call("User_Get", user_id=first)
    assert first != make(email="ada@example.org")
    assert [1, 2] == [payment.user_id for payment in simulator.payments]


def test_a_payment_adds_at_once_whatever_its_sign(call, make, simulator):
    """Negative ones take, even below zero; the answer is the payment's id."""
    user_id = make(credit="10")
    pay = {"paid_amount": "-12.345678", "description": "refund"}

    assert [True, 2] == call("User_Payment_Create", user_id=user_id, payment=pay)
    assert Decimal("-2.345678") == simulator.users[user_id].credit


def test_payments_are_never_deduplicated(call, make, simulator):
    """The same reference twice is twice the money: to prevent that is our job."""
    user_id = make(credit="10")
    pay = {"paid_amount": 5.10, "description": "invoice-1"}
    for _ in range(2):
        call("User_Payment_Create", user_id=user_id, payment=pay)

    assert Decimal("20.2") == simulator.users[user_id].credit
    assert ["opening", "invoice-1", "invoice-1"] == [
        payment.reference for payment in simulator.payments
    ]


@pytest.mark.parametrize("amount", [None, "ten", "NaN", "1e400", "9999999999"])
def test_a_payment_without_a_good_amount_is_refused(call, make, simulator, amount):
    """Neither does a balance grow beyond its column."""
    user_id = make(credit="10")
    pay = {"paid_amount": amount, "description": "x"}

    assert [False, "Invalid amount"] == call(
        "User_Payment_Create", user_id=user_id, payment=pay
    )
    assert Decimal(10) == simulator.users[user_id].credit


def test_payments_are_listed_only_where_that_is_switched_on(server, name, call, make):
    """The public wire has no such method; an installation may."""
    server.new(name, Settings(payments_listed=True))
    user_id = make(credit="10")
    row = {"payment_id": "1", "paid_amount": "10.000000", "description": "opening"}

    assert [True, [row]] == call("User_Payment_List", user_id=user_id)


def test_roles_are_listed_for_anybody_who_may_call(call):
    """The way to ping."""
    _, roles = call("User_Role_List")

    assert {"role_id": "2", "name": "client"} in roles


def test_a_campaign_lives_through_its_methods(call, make):
    """Created new, started, stopped, listed by what it does."""
    user_id = make()
    wanted = {"name": "spring", "concurrent": 2, "call_seconds": 60}
    _, campaign_id = call("Campaign_Create", user_id=user_id, campaign=wanted)
    listed = [True, [{"campaign_id": "1", "name": "spring"}]]

    assert [True, "new"] == call("Campaign_Status", campaign_id=campaign_id)
    assert [True] == call("Campaign_Start", campaign_id=campaign_id)
    assert [True, "running"] == call("Campaign_Status", campaign_id=campaign_id)
    assert "2" == call("Campaign_Summary", campaign_id=campaign_id)[1]["running"]
    assert listed == call("Campaign_List_Mode", status="running")
    assert [True] == call("Campaign_Stop", campaign_id=campaign_id)
    assert [True, "paused"] == call("Campaign_Status", campaign_id=campaign_id)
    assert [True, []] == call("Campaign_List_Mode", status="running")
    assert listed == call("Campaign_List")


@pytest.mark.parametrize("wrong", [{"concurrent": 0}, {"call_seconds": "soon"}])
def test_a_campaign_that_cannot_dial_is_refused(call, make, wrong):
    """Before it is stored."""
    user_id = make()

    assert [False, "Invalid campaign"] == call(
        "Campaign_Create", user_id=user_id, campaign=wrong
    )
    assert [True, []] == call("Campaign_List")


def test_campaigns_are_listed_of_one_owner(call, make, simulator):
    """By the argument whose name nobody has published; without it, everybody's."""
    for name in ("ada", "grace"):
        simulator.start_traffic(make(name))

    assert [["1"], ["2"], [], ["1", "2"]] == [
        [each["campaign_id"] for each in call("Campaign_List", **whose)[1]]
        for whose in ({"usr_id": 1}, {"usr_id": 2}, {"usr_id": 3}, {})
    ]
    assert [1, 0] == [
        len(call("Campaign_List_Mode", status=status, usr_id=1)[1])
        for status in ("running", "paused")
    ]


def test_what_a_user_keeps_goes_with_the_user(call, make, simulator):
    """I11: so that an account deleted and made anew is not taken for the same."""
    for name in ("ada", "grace"):
        simulator.keep(make(name), contacts=["+49301"], recordings=[f"by {name}"])
    call("User_Delete", user_id=1)
    make("ada")
    left = simulator.snapshot()

    assert ["by grace"] == [recording.title for recording in left.recordings]
    assert [2] == [contact.user_id for contact in left.contacts]
