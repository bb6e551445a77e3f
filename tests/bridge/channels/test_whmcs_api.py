"""The API of WHMCS: each of its ways to answer, and what is to be done next."""

from base64 import b64decode
from datetime import UTC, date, datetime

import pytest
from marshmallow import ValidationError

from bridge.channels import whmcs_answers as answers
from bridge.channels.whmcs_api import Api, packed
from bridge.platforms.whmcs import Access
from provisioning.core.outcomes import Broken, Later, Outcome, Refused, Unsure
from tests.rigs.whmcs import BUSY, IDENTIFIER, LOCKED, LOST, ODD, SECRET, Whmcs, running


@pytest.fixture
def whmcs():
    with running(Whmcs()) as server:
        yield server


@pytest.fixture
def api(whmcs):
    return Api("billing", Access(whmcs.url, IDENTIFIER, SECRET), within=5.0)


@pytest.mark.parametrize(
    ("wrong", "kind"), [(LOCKED, Later), (BUSY, Later), (ODD, Broken), (LOST, Unsure)]
)
def test_what_came_back_says_what_to_do_next(whmcs, api, wrong, kind):
    """Nothing happened, it may have, or it does not keep its contract."""
    whmcs.wrong = [wrong]
    with pytest.raises(Outcome) as told:
        api.ask("LogActivity", description="x")

    assert kind is type(told.value)
    assert SECRET not in str(told.value)


def test_an_error_it_says_with_200_is_a_no(whmcs, api):
    """With its own words."""
    with pytest.raises(Refused, match="Service ID Not Found"):
        api.ask("UpdateClientProduct", serviceid="4711", status="Active")
    whmcs.transactions.add("t1")
    with pytest.raises(Refused, match="must be Unique"):
        api.ask("AddTransaction", transid="t1")


def test_a_wrong_credential_is_mended_by_a_person_and_then_it_goes_on(whmcs):
    """An expired key must not give up what is on its way."""
    api = Api("billing", Access(whmcs.url, IDENTIFIER, "other"))
    with pytest.raises(Later, match="does not let us in"):
        api.ask("LogActivity", description="x")


def test_another_folder_is_told_as_that(whmcs):
    """It answers with a page."""
    api = Api("billing", Access(f"{whmcs.url}/elsewhere", IDENTIFIER, SECRET))
    with pytest.raises(Broken, match="is api_url"):
        api.ask("LogActivity", description="x")


def test_an_address_nobody_answers_at_is_later():
    """Certainly nothing happened."""
    api = Api("billing", Access("http://127.0.0.1:9", IDENTIFIER, SECRET))
    with pytest.raises(Later):
        api.ask("LogActivity", description="x")


def test_an_access_key_goes_along(whmcs):
    """Where its configuration.php has one."""
    api = Api("billing", Access(whmcs.url, IDENTIFIER, SECRET, access_key="k"))
    api.ask("LogActivity", description="x")

    assert "k" == whmcs.journal[0][1]["accesskey"]


PRODUCT = {"id": "1", "clientid": "7", "pid": "12", "status": "Active",
           "username": None, "regdate": "0000-00-00"}  # fmt: skip
TEN = datetime(2026, 11, 30, 10, tzinfo=UTC).replace(tzinfo=None)
READ = answers.Product(1, 7, 12, "Active", "", None, "")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"products": {"product": [PRODUCT]}}, [READ]),
        ({"products": {"product": PRODUCT}}, [READ]),
        ({"products": [PRODUCT]}, [READ]),
        ({"products": {"product": ""}}, []),
        ({"products": ""}, []),
        ({"products": {}}, []),
        ({"products": []}, []),
        ({}, []),
        ({"totalresults": "0", "more": 1}, []),
    ],
)
def test_a_list_is_a_list_however_it_is_written(written, read):
    """Text for numbers, "" for none, one of them alone."""
    assert read == answers.Products().load(written)["products"]


@pytest.mark.parametrize(
    ("flag", "until", "read"),
    [
        ("1", "2026-12-08", date(2026, 12, 8)),
        ("on", "2026-12-08", date(2026, 12, 8)),
        (1, "0000-00-00", date.max),
        ("", "2026-12-08", None),
        (0, "0000-00-00", None),
        ("off", None, None),
        (None, "", None),
    ],
)
def test_until_when_it_is_spared_is_a_day_only_while_it_is_switched_on(
    flag, until, read
):
    """Switched on without a day it is for good, by somebody else's word."""
    there = {"overideautosuspend": flag, "overidesuspenduntil": until,
             "nextduedate": "2026-12-01", "subscriptionid": None}  # fmt: skip
    [told] = answers.Products().load({"products": [PRODUCT | there]})["products"]

    assert (read, date(2026, 12, 1), "") == (told.spared, told.due, told.subscription)


@pytest.mark.parametrize("id_", ["", "x", "-1", "1.5", True, None, "١"])
def test_what_is_no_number_is_no_answer(id_):
    """Nothing is guessed: it names what is odd."""
    with pytest.raises(ValidationError):
        answers.Products().load({"products": [PRODUCT | {"id": id_}]})


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-30 10:00:00", TEN),
        ("2026-11-30", TEN.replace(hour=0)),
        ("0000-00-00 00:00:00", None),
        ("", None),
        (None, None),
    ],
)
def test_a_moment_has_no_zone_and_may_be_none(written, read):
    """It is by the clock of WHMCS."""
    line = {"id": "5", "type": "Hosting", "relid": "1"}
    told = answers.Lines().load(
        {"status": "Paid", "userid": "7", "datepaid": written, "duedate": "2026-12-01",
         "items": {"item": line}}
    )  # fmt: skip

    assert read == told["datepaid"]
    assert date(2026, 12, 1) == told["duedate"]
    assert [answers.Line(5, "Hosting", 1)] == told["items"]


def test_another_shape_than_documented_is_told(whmcs, api):
    """A new version that writes it otherwise fails loudly, and names the field."""
    whmcs.service()
    whmcs.products["1"]["pid"] = "twelve"
    with pytest.raises(Broken, match=r"GetClientsProducts otherwise.*products"):
        api.product("1")


def test_lists_are_packed_as_php_packs_them():
    """Byte for byte what base64_encode(serialize(...)) gives."""
    said = b64decode(packed({1: "Yahoo", 3: {"optionid": 7, "qty": 2}}))
    php = b'a:2:{i:1;s:5:"Yahoo";i:3;a:2:{s:8:"optionid";i:7;s:3:"qty";i:2;}}'

    assert php == said
