"""The envelope: what it may hold, what each type needs, and what becomes of it."""

import json
from copy import deepcopy
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import INCLUDE, RAISE, Schema, fields

from bridge.platforms import envelope, values
from bridge.platforms.base import Malformed
from bridge.platforms.strict import Inexact
from provisioning.core.events import Event, Hold, Type

AT = "2026-01-31T10:00:00Z"
WHOLE = {
    "spec": "1",
    "id": "evt_1",
    "source": "shop",
    "type": "service.activate",
    "occurred_at": AT,
    "sequence": 12,
    "account": {
        "ref": "7",
        "email": "lan@example.com",
        "phone": "+84 90 123 4567",
        "locale": "vi_VN",
        "name": "Nguyễn Thị Lan",
        "group": "key accounts",
    },
    "service": {
        "ref": "4711",
        "product_ref": "t20",
        "plan_ref": "12",
        "options": {"channels": 20, "Recording": "yes"},
        "addons": [{"product_ref": "storage", "quantity": 2}],
        "quantity": 3,
        "period_start": "2026-01-31T00:00:00+07:00",
        "period_end": "2026-02-28T00:00:00+07:00",
    },
    "billing": {
        "line_ref": "9001",
        "amount": {"amount": "49.00", "currency": "USD"},
        "hold": "abuse",
    },
    "data": {"target": "4711"}
    | dict.fromkeys(("new_password", "newpassword", "password"), "x"),
}


def read(told, products=None):
    return envelope.event(told, "evt_1", "shop", products or {})


def refused(told):
    """What is wrong with it, by path."""
    with pytest.raises(Malformed) as wrong:
        read(told)
    return {problem.path: problem.reason for problem in wrong.value.problems}


def having(path, value):
    """The whole envelope with another value there."""
    told = deepcopy(WHOLE)
    *way, last = path.split(".")
    part = told
    for name in way:
        part = part.setdefault(name, {})
    part[last] = value
    return told


def lacking(*paths):
    """The whole envelope without these parts."""
    told = deepcopy(WHOLE)
    for path in paths:
        *way, last = path.split(".")
        (told[way[0]] if way else told).pop(last, None)
    return told


# --- what an envelope becomes


def test_an_envelope_becomes_an_event():
    """References carry the source's name, moments are in UTC, products are ours."""
    expected = Event(
        id="evt_1",
        source="shop",
        type="service.activate",
        occurred_at=datetime(2026, 1, 31, 10, tzinfo=UTC),
        sequence=12,
        client="shop:7",
        service="shop:4711",
        target="shop:4711",
        product="gold",
        quantity=3,
        currency="USD",
        line="shop:9001",
        starts=datetime(2026, 1, 30, 17, tzinfo=UTC),
        ends=datetime(2026, 2, 27, 17, tzinfo=UTC),
        hold=Hold.ABUSE,
        email="lan@example.com",
        phone="01234567",
        language="vi",
        group="key accounts",
        extras=(("channels", 20), ("storage", 2)),
        besides=("option Recording",),
    )

    assert expected == read(WHOLE, {"12": "gold"})


@pytest.mark.parametrize(
    ("locale", "language"),
    [("de-AT", "de"), ("DE", "de"), ("Deutsch", None), ("", None), ("-", None)],
)
def test_a_locale_says_a_language_or_nothing(locale, language):
    """No payment is turned away for one that is odd."""
    told = lacking("account.locale")
    told["account"] |= {"locale": locale} if locale else {}

    assert language == read(told).language


def test_moments_are_told_in_utc():
    """Whatever offset they came with, they print and compare alike."""
    event = read(WHOLE)

    assert all(m.tzinfo is UTC for m in (event.occurred_at, event.starts, event.ends))


def test_what_is_left_out_has_its_plain_meaning():
    """One of it, held by billing, and nothing more."""
    told = {"spec": "1", "type": "ping", "occurred_at": AT}
    expected = Event(
        id="evt_1",
        source="shop",
        type=Type.PING,
        occurred_at=datetime(2026, 1, 31, 10, tzinfo=UTC),
    )

    assert expected == read(told)


@pytest.mark.parametrize(
    ("kind", "product"),
    [
        ("service.activate", "gold"),
        ("service.renewed", "gold"),
        ("service.change", "gold"),
        ("topup.paid", "topup-20"),
        ("topup.reversed", "topup-20"),
        ("ping", None),
        ("invoice.disputed", None),
    ],
)
def test_what_was_sold_is_the_plan_or_the_product(kind, product):
    """The plan of a service, the product of a top-up, in the catalog's words."""
    told = having("type", kind)

    assert product == read(told, {"12": "gold", "t20": "topup-20"}).product


def test_a_product_without_another_name_keeps_its_own():
    """Where platform and catalog agree, nothing is to be configured."""
    assert read(WHOLE, {"13": "gold"}).product == "12"


@pytest.mark.parametrize(
    ("told", "target"),
    [
        ("4711", "shop:4711"),
        ("shop:4711", "shop:4711"),
        ("acct_01hqz", "acct_01hqz"),
        ("other:4711", "shop:other:4711"),
        ("shopper", "shop:shopper"),
    ],
)
def test_a_target_is_theirs_unless_it_says_otherwise(told, target):
    """Nobody can point at another source's services."""
    assert target == read(having("data.target", told)).target


def test_the_amount_is_for_people():
    """I10: what a top-up credits is the catalog's to say, never the invoice total."""
    other = having("billing.amount.amount", "999.99")

    assert read(other) == read(WHOLE)


@pytest.mark.parametrize("hold", Hold)
def test_every_reason_to_be_off_can_be_said(hold):
    """D29: a hold is lifted by its own kind, so it must arrive as what it was."""
    assert hold is read(having("billing.hold", hold.value)).hold


def test_an_unknown_type_is_an_event_of_that_type():
    """The plan parks it; refusing it at the door would lose it."""
    told = having("type", "invoice.disputed") | {
        "data": {"target": "4711", "case": {"no": 88, "share": Inexact("0.5")}}
    }
    event = read(told)

    assert event.type == "invoice.disputed"
    assert event.target == "shop:4711"


def test_an_unknown_type_needs_only_what_all_have():
    """What it would need otherwise, we cannot know."""
    told = {"spec": "1", "type": "invoice.disputed", "occurred_at": AT}

    assert read(told).type == "invoice.disputed"
    assert refused(told | {"occurred_at": 7, "service": []}).keys() == {
        "$.occurred_at",
        "$.service",
    }


@pytest.mark.parametrize("kind", ["service.activate", "topup.paid"])
@pytest.mark.parametrize(
    "told",
    [
        having("service.plan_ref", "no-such-plan"),
        having("service.product_ref", "no-such-product"),
        having("billing.amount.currency", "XXX"),
        lacking("billing.line_ref"),
    ],
)
def test_what_the_plan_decides_is_no_error_here(kind, told):
    """Never a 4xx for a business error: it is kept, parked and seen."""
    assert read(told | {"type": kind})


# --- what each type needs

NEEDS = [
    ("service.activate", "service.ref", ()),
    ("service.activate", "service.plan_ref", ()),
    ("service.activate", "account.ref", ()),
    ("service.renewed", "service.ref", ()),
    ("service.renewed", "billing.line_ref", ("service.period_start",)),
    ("service.suspend", "service.ref", ()),
    ("service.resume", "service.ref", ()),
    ("service.terminate", "service.ref", ()),
    ("service.reinstate", "service.ref", ()),
    ("service.change", "service.ref", ()),
    ("service.change", "service.plan_ref", ()),
    ("service.sync", "service.ref", ()),
    ("topup.paid", "service.product_ref", ()),
    ("topup.paid", "account.ref", ("data.target", "service.ref")),
    ("topup.reversed", "billing.line_ref", ()),
    (
        "account.updated",
        "account.email",
        ("account.group", "account.phone", "account.locale"),
    ),
    ("account.updated", "account.ref", ("data.target", "service.ref")),
    ("credentials.changed", "service.ref", ()),
    (
        "credentials.changed",
        "data.new_password",
        ("data.newpassword", "data.password"),
    ),
]


@pytest.mark.parametrize(("kind", "path", "others"), NEEDS)
def test_each_type_is_refused_without_what_it_needs(kind, path, others):
    """Said with the path and the type that needs it, and with all that would do."""
    wrong = refused(lacking(path, *others) | {"type": kind})

    assert {f"$.{path}"} == wrong.keys()
    assert all(word in wrong[f"$.{path}"] for word in (kind, path, *others))


@pytest.mark.parametrize(("kind", "path", "others"), NEEDS)
def test_any_one_of_several_is_enough(kind, path, others):
    """Where one of them will do, each of them does."""
    row = (path, *others)
    for enough in row if others else ():
        told = lacking(*(other for other in row if other != enough))

        assert read(told | {"type": kind})


def test_every_type_says_what_it_needs():
    """A new type without a row would pass for an unknown one."""
    assert set(Type) == set(envelope.NEEDS)
    assert {(kind, path) for kind, path, _ in NEEDS} == {
        (kind, row[0]) for kind, rows in envelope.NEEDS.items() for row in rows
    }


def test_a_ping_needs_nothing():
    """It only asks whether we are there."""
    assert read({"spec": "1", "type": "ping", "occurred_at": AT}).type == Type.PING


@pytest.mark.parametrize("path", ["spec", "type", "occurred_at"])
def test_every_envelope_says_its_spec_its_type_and_its_moment(path):
    """Without these nothing else can be read."""
    assert refused(lacking(path))[f"$.{path}"] == "is needed"


# --- what a value may be

ODD = [None, True, 7, Inexact("1.5"), "", [], {}]
LONG = "x" * 2000
NAIVE = "2026-01-31T10:00:00"

WRONG = {
    "spec": ["2", 1, "1.0", *ODD],
    "id": ["evt_2", "two words", LONG, *ODD],
    "source": ["other", "SHOP", *ODD],
    "type": ["two words", "ünknown", LONG, *ODD],
    "occurred_at": [
        NAIVE,
        "2026-01-31",
        "2026-01-31 10:00:00Z",
        "2026-02-30T10:00:00Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31T10:00:60Z",
        "2026-01-31T10:00:00+24:00",
        "2026-01-31T10:00:00+0700",
        "2026-01-31T10:00:00ZZ",
        "2026-01-31T10:00:00Z\n",
        "2026-W05-6T10:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in AT),
        "1769853600",
        1769853600,
        *ODD,
    ],
    "sequence": [-1, 2**63, "12", *[odd for odd in ODD if odd != 7]],
    "account": ["7", *[odd for odd in ODD if odd != {}]],
    "account.ref": [4711, "two words", "ü", "x" * 129, "nul\x00", *ODD],
    "account.email": ["lan", "lan@", "@x", "l n@x", "a@b@c", "a@" + LONG, *ODD],
    "account.phone": ["lan", "12345", "090 123 ext 4", "1" * 18, 84901234567, *ODD],
    "account.group": [LONG, "bell\x07", *ODD],
    "account.name": [LONG, "bell\x07", "nul\x00", "half \ud800", "c1 \x9b", *ODD],
    "service.options": [
        [],
        "channels",
        {"channels": []},
        {"channels": True},
        {"channels": Inexact("1.5")},
        {"channels": LONG},
        {"channels": "bell\x07"},
        {LONG: 1},
        {str(no): no for no in range(51)},
    ],
    "service.addons": [{}, "x", ["x"], [{}], [{"product_ref": "x"}] * 51],
    "service.quantity": [0, -1, 10_001, "3", *[odd for odd in ODD if odd != 7]],
    "service.period_start": [NAIVE, *ODD],
    "service.period_end": ["2026-01-31T00:00:00+07:00", "2026-01-01T00:00:00Z", *ODD],
    "billing.amount.amount": ["x", "1,00", "1e2", "NaN", "+1", ".5", "5.", *ODD],
    "billing.amount.currency": ["usd", "US", "USDT", "ÜSD", *ODD],
    "billing.hold": ["Abuse", "other", *ODD],
    "data.password": [17, "x" * 1025, None],
    "data.params": [[], {"user": "x"}],
    "raw_ref": ["two words", *ODD],
}
FINE_WHEN_EMPTY = {"account.name", "account.group"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param(path, value, id=f"{path}-{no}")
        for path, values in WRONG.items()
        for no, value in enumerate(values)
        if not (value == "" and path in FINE_WHEN_EMPTY)
    ],
)
def test_a_value_of_another_shape_is_refused_at_its_path(path, value):
    """Nothing is rounded, cut, guessed or turned into what was meant."""
    wrong = refused(having(path, value))

    assert all(where.startswith(f"$.{path}") for where in wrong)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("occurred_at", "2026-01-31t17:00:00.123456789+07:00"),
        ("occurred_at", "2026-01-31T10:00:00-00:00"),
        ("sequence", 2**63 - 1),
        ("account.ref", "x" * 128),
        ("account.email", "lân@exämple.com"),
        ("account.phone", "(090) 123-45.67"),
        ("account.name", "Nguyễn 👩‍💻"),
        ("billing.amount.amount", "-0.000001"),
        ("billing.amount.amount", "999999999999.999999"),
        ("service.options", {str(no): no for no in range(50)}),
        ("service.addons", [{"product_ref": "x"}] * 50),
    ],
)
def test_the_edge_of_a_shape_is_inside(path, value):
    """What is allowed is allowed to the end."""
    assert read(having(path, value))


@pytest.mark.parametrize(
    ("sent", "way_out"),
    [
        (Inexact("49.00"), "49.00"),
        (Inexact("29.95"), "29.95"),
        (49, "49"),
        (Inexact("4.9e1"), "49.00"),
        (Inexact("9" * 500 + ".0"), "49.00"),
        (True, "49.00"),
        ("4９.00", "49.00"),
        ("４９.００", "49.00"),
        ("٤٩", "49.00"),
        ("49.00 ", "49.00"),
        ("1_000", "49.00"),
        ("49.0000001", "49.00"),
    ],
)
def test_money_is_plain_digits_in_a_string(sent, way_out):
    """A float has lost the cent already; the answer shows how it is written."""
    wrong = refused(having("billing.amount.amount", sent))

    assert f'write money as a string: "{way_out}"' in wrong["$.billing.amount.amount"]


@pytest.mark.parametrize(
    "path",
    ["x", "account.x", "service.x", "service.addons", "billing.x", "data.x"],
)
def test_an_unknown_field_is_refused_with_the_known(path):
    """A word we did not read may be the one that mattered."""
    value = [{"product_ref": "x", "x": 1}] if path == "service.addons" else 1
    (said,) = refused(having(path, value)).values()

    assert "is not known here" in said
    assert "ref" in said or "target" in said


def test_everything_wrong_is_told_at_once():
    """One answer, all of it mended in one go, in an order that stays."""
    told = {
        "spec": "2",
        "id": "evt_2",
        "type": "topup.paid",
        "service": {
            "quantity": 0,
            "addons": [{"product_ref": "x"}, {"quantity": 1, "y": 1}],
            "period_start": "2026-02-01T00:00:00Z",
            "period_end": "2026-01-01T00:00:00Z",
        },
        "billing": {"amount": {"amount": Inexact("1.0")}},
        "odd one": 1,
    }
    expected = [
        "$.account.ref",
        "$.billing.amount.amount",
        "$.billing.amount.currency",
        "$.id",
        "$.occurred_at",
        "$.service.addons[1].product_ref",
        "$.service.addons[1].y",
        "$.service.period_end",
        "$.service.product_ref",
        "$.service.quantity",
        "$.spec",
        '$["odd one"]',
    ]

    assert expected == list(refused(told))


@pytest.mark.parametrize("told", [None, True, 7, Inexact("1.5"), "x", [], [WHOLE], {}])
def test_anything_but_an_envelope_is_malformed(told):
    """JSON it may be."""
    assert refused(told)


# --- what is kept for people


def test_secrets_are_blanked_by_schema():
    """The list of billing-platforms.md, wherever a sender may put one."""
    names = "password new_password newpassword oldpassword serverpassword"
    secrets = dict.fromkeys([*names.split(), "serveraccesshash"], "canary")
    told = having("data", secrets | {"params": {"password": "canary"}})
    told["service"]["options"] = {"Password": "canary", "channels": 5}
    kept = envelope.kept(told)

    assert read(told)
    assert "canary" not in kept
    assert kept.count('"***"') == 9  # the customer's number, too
    assert json.loads(kept)["service"]["options"]["channels"] == 5


def test_a_secret_in_a_list_is_blanked_like_any_other():
    """No add-on has one today; who adds one need not think of it."""
    few = envelope.Few(envelope.Part(envelope.Params))

    assert [{"password": "***"}] == envelope._shown(few, [{"password": "canary"}])


def test_all_else_is_kept_as_it_was_sent():
    """Readable, too: people look at it."""
    told = WHOLE | {"data": {"target": "4711"}}
    kept = envelope.kept(told)

    told["account"] = told["account"] | {"phone": "***"}
    assert json.loads(kept) == told
    assert "Nguyễn Thị Lan" in kept


def test_what_no_schema_names_is_blanked():
    """Of an unknown type we cannot tell what is secret: the names stay."""
    told = having("type", "invoice.disputed") | {
        "data": {"target": "4711", "bank": {"pin": "canary"}, "share": Inexact("0.5")}
    }

    assert json.loads(envelope.kept(told))["data"] == {
        "target": "4711",
        "bank": "***",
        "share": "***",
    }


@pytest.mark.parametrize("path", [path for path in WRONG if path != "data.params"])
def test_no_refusal_repeats_what_was_sent(path):
    """A password in the wrong place must not reach a log by way of its refusal."""
    told = having(path, ["canary", "canary two\x00"])

    assert "canary" not in str(refused(told))


# --- the schemas themselves


def schemas(kind=Schema):
    """Every schema of ours, used or not."""
    for sub in kind.__subclasses__():
        if sub.__module__ == envelope.__name__:
            yield sub
            yield from schemas(sub)


def bare(kind):
    """The fields of a schema that marshmallow alone checks."""
    parts = [getattr(field, "inner", field) for field in kind().fields.values()]
    return [part for part in parts if type(part).__module__ != values.__name__]


def test_every_field_is_one_of_our_own():
    """Marshmallow's take NUL, endless numbers and other scripts' digits."""
    assert len(list(schemas())) >= 10
    assert not [(kind, bare(kind)) for kind in schemas() if bare(kind)]


@pytest.mark.parametrize(
    "field", [fields.Str, fields.Int, fields.Float, fields.Decimal]
)
def test_a_bare_field_would_be_found(field):
    """The guard above sees what it is there to see."""
    told = type("Told", (envelope.Told,), {"x": field(), "y": fields.List(field())})

    assert len(bare(told)) == 2


def test_every_schema_refuses_what_it_does_not_know():
    """All but one: what an unknown type tells is its own affair."""
    loose = {kind for kind in schemas() if kind().unknown != RAISE}

    assert loose == {envelope.ForeignData}
    assert envelope.ForeignData().unknown == INCLUDE


# --- anything at all

names = st.sampled_from(
    sorted(
        {name for kind in schemas() for name in kind().fields} | {"_schema", "x", ""}
    )
)
leaves = st.sampled_from(
    [None, True, 0, -1, 2**63, "", "x", "1", AT, Inexact("1.5"), *Type]
)
json_values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner)
)
envelopes = st.fixed_dictionaries(
    {
        "spec": st.just("1"),
        "type": st.sampled_from([*Type, "x"]),
        "occurred_at": st.just(AT),
    },
    optional=dict.fromkeys(("account", "service", "billing", "data", "x"), json_values),
)


@settings(max_examples=500, deadline=None)
@given(json_values | envelopes)
def test_any_json_is_an_event_or_malformed_and_nothing_else(told):
    """A sender's slip never is our crash."""
    try:
        read(told)
    except Malformed as wrong:
        problems = wrong.problems
    else:
        problems = ()
        json.loads(envelope.kept(told))

    assert len(set(problems)) == len(problems)
