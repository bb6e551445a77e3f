"""Standard Webhooks: only the secret's holder passes, with these bytes, about now."""

import hmac
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from bridge.platforms.base import Forged
from bridge.platforms.signature import keys, proven, signed

AT = datetime(2026, 1, 31, 10, tzinfo=UTC)
NOW = str(int(AT.timestamp()))
HOUR = timedelta(hours=1)
KEYS = tuple(bytes([no]) * 32 for no in range(1, 5))
BODY = b'{"spec":"1","type":"ping","occurred_at":"2026-01-31T10:00:00Z"}'
GOOD = signed(KEYS[0], "evt_1", BODY, AT)
DIGEST = GOOD["webhook-signature"].removeprefix("v1,")
OTHER = signed(KEYS[3], "evt_1", BODY, AT)["webhook-signature"]

random_keys = st.binary(min_size=24, max_size=64)
ids = st.text(
    st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=128
)
bodies = st.text(st.characters(codec="utf-8"), max_size=400)


def text(key):
    return "whsec_" + b64encode(key).decode()


# --- what is proven


def test_the_standards_own_example_is_proven():
    """The reference vector every library of the standard is tested with."""
    key = keys("shop", ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    at = datetime.fromtimestamp(1614265330, UTC)

    assert headers["webhook-id"] == proven(key, headers, b'{"test": 2432232314}', at)


@settings(max_examples=1000, deadline=None)
@given(key=random_keys, delivery=ids, body=bodies)
def test_we_sign_as_the_reference_library_does(key, delivery, body):
    """The library is the oracle, and never in the product."""
    theirs = Webhook(key).sign(delivery, AT, body)

    assert theirs == signed(key, delivery, body.encode(), AT)["webhook-signature"]


@settings(max_examples=1000, deadline=None)
@given(
    key=random_keys, delivery=ids, body=bodies, changed=st.sampled_from(sorted(GOOD))
)
def test_we_believe_what_the_reference_library_believes(key, delivery, body, changed):
    """The same requests are proven, and the same are not."""
    now = datetime.now(UTC)
    good = signed(key, delivery, body.encode(), now)
    bad = good | {changed: signed(KEYS[0], "other", b"", now - HOUR)[changed]}

    def believed(headers):
        theirs = ours = True
        try:
            Webhook(key).verify(body, headers, json_parse=False)
        except WebhookVerificationError:
            theirs = False
        try:
            proven((key,), headers, body.encode(), now)
        except Forged:
            ours = False
        return theirs, ours

    assert believed(good) == (True, True)
    assert believed(bad) == (False, False)


@pytest.mark.parametrize("away", [-300, -1, 0, 1, 300])
def test_five_minutes_of_a_wrong_clock_are_forgiven(away):
    """Either way, to the second."""
    assert proven(KEYS, GOOD, BODY, AT + timedelta(seconds=away)) == "evt_1"


@pytest.mark.parametrize("away", [-301, 301, -86_400, 86_400])
def test_a_replay_outside_the_window_is_refused(away):
    """U12: what was overheard is worth five minutes, and once at that."""
    with pytest.raises(Forged, match="300 seconds"):
        proven(KEYS, GOOD, BODY, AT + timedelta(seconds=away))


@pytest.mark.parametrize("key", KEYS)
def test_any_of_four_secrets_proves(key):
    """While a secret is changed, old and new are both good."""
    assert proven(KEYS, signed(key, "evt_1", BODY, AT), BODY, AT) == "evt_1"


def test_a_secret_taken_out_proves_no_more():
    """A rotation ends."""
    with pytest.raises(Forged):
        proven(KEYS[1:], GOOD, BODY, AT)


@pytest.mark.parametrize(
    "given",
    [
        f"{OTHER} v1,{DIGEST}",
        f"v1,{DIGEST} {OTHER}",
        f"v1a,{DIGEST} v2,x v1,{DIGEST}",
        f"v1,garbage v1,{DIGEST}",
        f"  v1,{DIGEST}  ",
        "x " * 15 + f"v1,{DIGEST}",
    ],
)
def test_one_good_signature_among_others_is_enough(given):
    """A sender signs with old and new secret, or in versions we do not know."""
    assert proven(KEYS[:1], GOOD | {"webhook-signature": given}, BODY, AT) == "evt_1"


def test_every_secret_meets_every_signature(monkeypatch):
    """How long it takes says nothing of which one fitted."""
    seen = []

    def compare(ours, theirs, compare=hmac.compare_digest):
        seen.append((len(ours), len(theirs)))
        return compare(ours, theirs)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    given = " ".join([f"v1,{DIGEST}"] * 20)
    proven(KEYS, GOOD | {"webhook-signature": given}, BODY, AT)

    assert seen == [(32, 32)] * 4 * 16


def test_the_names_of_the_headers_may_have_any_case():
    """Gateways change it on the way."""
    shouted = {name.upper(): value for name, value in GOOD.items()}

    assert proven(KEYS, shouted, BODY, AT) == "evt_1"


def test_a_question_without_a_body_is_proven_too():
    """Asking for an operation is signed like telling an event."""
    assert proven(KEYS, signed(KEYS[0], "evt_9", b"", AT), b"", AT) == "evt_9"


# --- what is not


def flipped(data):
    """The same with one bit turned over, for every bit."""
    for place in range(len(data) * 8):
        changed = bytearray(data)
        changed[place // 8] ^= 1 << place % 8
        yield bytes(changed)


def test_no_single_bit_may_change():
    """Body, id, time and signature: 0 accepted of every bit, and nothing but Forged."""
    body = BODY.ljust(170)
    good = signed(KEYS[0], "evt_000000000000000000001", body, AT)
    forgeries = [(good, changed) for changed in flipped(body)] + [
        (good | {name: changed.decode("latin-1")}, body)
        for name, value in good.items()
        for changed in flipped(value.encode())
    ]

    def accepted(headers, body):
        try:
            return proven(KEYS, headers, body, AT)
        except Forged:
            return None

    assert accepted(good, body)
    assert len(forgeries) > 2000
    assert not [f for f in forgeries if accepted(*f)]


def digits(zero):
    """This very moment, in the digits of another script."""
    return "".join(chr(zero + int(digit)) for digit in NOW)


MALFORMED = {
    "id missing": {"webhook-id": None},
    "id empty": {"webhook-id": ""},
    "id of another event": {"webhook-id": "evt_2"},
    "id too long": {"webhook-id": "e" * 129},
    "id with a space": {"webhook-id": "evt 1"},
    "id with a line break": {"webhook-id": "evt_1\n"},
    "id with NUL": {"webhook-id": "evt_1\x00"},
    "id with an umlaut": {"webhook-id": "evt_ü"},
    "id with half a surrogate pair": {"webhook-id": "evt_\ud800"},
    "id with full-width digits": {"webhook-id": "evt_" + chr(0xFF11)},
    "id told twice": {"Webhook-Id": "evt_1"},
    "id joined by a proxy": {"webhook-id": "evt_1,evt_1"},
    "time missing": {"webhook-timestamp": None},
    "time empty": {"webhook-timestamp": ""},
    "time in words": {"webhook-timestamp": "now"},
    "time with a sign": {"webhook-timestamp": f"+{NOW}"},
    "time negative": {"webhook-timestamp": f"-{NOW}"},
    "time with a point": {"webhook-timestamp": f"{NOW}.0"},
    "time with an exponent": {"webhook-timestamp": "1e9"},
    "time with a space": {"webhook-timestamp": f" {NOW}"},
    "time with a line break": {"webhook-timestamp": f"{NOW}\n"},
    "time with an underscore": {"webhook-timestamp": f"{NOW[:4]}_{NOW[4:]}"},
    "time with a leading zero": {"webhook-timestamp": f"0{NOW}"},
    "time in hexadecimal": {"webhook-timestamp": hex(int(NOW))},
    "time in milliseconds": {"webhook-timestamp": f"{NOW}000"},
    "time in Arabic digits": {"webhook-timestamp": digits(0x0660)},
    "time in full-width digits": {"webhook-timestamp": digits(0xFF10)},
    "time endless": {"webhook-timestamp": "9" * 5000},
    "time not a number": {"webhook-timestamp": "nan"},
    "time infinite": {"webhook-timestamp": "inf"},
    "time of the next second": {"webhook-timestamp": str(int(NOW) + 1)},
    "signature missing": {"webhook-signature": None},
    "signature empty": {"webhook-signature": ""},
    "signature without version": {"webhook-signature": DIGEST},
    "signature without digest": {"webhook-signature": "v1"},
    "signature with an empty digest": {"webhook-signature": "v1,"},
    "signature of another version": {"webhook-signature": f"v2,{DIGEST}"},
    "signature asymmetric": {"webhook-signature": f"v1a,{DIGEST}"},
    "signature in capitals": {"webhook-signature": f"V1,{DIGEST}"},
    "signature with two commas": {"webhook-signature": f"v1,,{DIGEST}"},
    "signature with a blank": {"webhook-signature": f"v1, {DIGEST}"},
    "signature behind a tab": {"webhook-signature": f"x\tv1,{DIGEST}"},
    "signature joined by a proxy": {"webhook-signature": f"v1,{DIGEST},v1,{DIGEST}"},
    "signature unpadded": {"webhook-signature": f"v1,{DIGEST[:-1]}"},
    "signature overpadded": {"webhook-signature": f"v1,{DIGEST}="},
    "signature not base64": {"webhook-signature": "v1," + "*" * 44},
    "signature URL-safe": {"webhook-signature": "v1," + "-_" * 22},
    "signature not ASCII": {"webhook-signature": "v1," + "é" * 44},
    "signature cut short": {"webhook-signature": f"v1,{DIGEST[:40]}"},
    "signature of a prefix": {"webhook-signature": f"v1,{DIGEST[:4]}"},
    "signature of zeros": {"webhook-signature": "v1," + "A" * 43 + "="},
    "signature in hexadecimal": {"webhook-signature": "v1," + "ab" * 32},
    "signature with a line break": {"webhook-signature": f"v1,{DIGEST}\n"},
    "signature in seventeenth place": {"webhook-signature": "x " * 16 + f"v1,{DIGEST}"},
    "signatures by the thousand": {"webhook-signature": "v1,x " * 5000},
    "other names": {"webhook-id": None, "svix-id": "evt_1"},
}


@pytest.mark.parametrize("change", MALFORMED.values(), ids=MALFORMED)
def test_malformed_headers_are_forged_and_nothing_else(change):
    """The reference library answers some of these with a crash, that is a 500."""
    headers = {n: v for n, v in (GOOD | change).items() if v is not None}

    with pytest.raises(Forged):
        proven(KEYS[:1], headers, BODY, AT)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param(name, value, id=why)
        for why, change in MALFORMED.items()
        for name, value in change.items()
        if why.startswith(("id with", "id too", "time with", "time in", "time endless"))
    ],
)
def test_even_rightly_signed_a_malformed_header_is_forged(name, value):
    """What gets past here is stored, printed and compared: it has one shape."""
    bad = GOOD | {name: value}
    content = f"{bad['webhook-id']}.{bad['webhook-timestamp']}.".encode(
        errors="surrogatepass"
    )
    digest = hmac.digest(KEYS[0], content + BODY, "sha256")
    bad["webhook-signature"] = f"v1,{b64encode(digest).decode()}"

    with pytest.raises(Forged, match="webhook-"):
        proven(KEYS, bad, BODY, AT)


def test_no_headers_at_all_are_forged():
    """The commonest visitor."""
    with pytest.raises(Forged, match="webhook-id"):
        proven(KEYS, {}, BODY, AT)


@settings(max_examples=500, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(GOOD)), st.text()), st.binary())
def test_noise_is_forged_and_nothing_else(headers, body):
    """Whatever arrives, the door knows what to answer."""
    with pytest.raises(Forged):
        proven(KEYS, headers, body, AT)


def test_a_signature_spelt_another_way_is_refused():
    """Base64 leaves two bits unused: four spellings of one digest, one of them true."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = letters.index(DIGEST[-2])
    headers = GOOD | {"webhook-signature": f"v1,{DIGEST[:-2]}{letters[last + 1]}="}

    with pytest.raises(Forged):
        proven(KEYS, headers, BODY, AT)


# --- the secrets


@pytest.mark.parametrize("no", range(1, 5))
def test_one_to_four_secrets_are_taken(no):
    """With the prefix or without, padded or not."""
    given = [text(key) for key in KEYS[:no]]
    bare = [one.removeprefix("whsec_").rstrip("=") for one in given]

    assert KEYS[:no] == keys("shop", given)
    assert KEYS[:no] == keys("shop", tuple(bare))


CANARY = "Y2FuYXJ5IGNhbmFyeQ"


@pytest.mark.parametrize(
    ("secrets", "reason"),
    [
        ([], "one of them"),
        (None, "one of them"),
        (text(KEYS[0]), "one of them"),
        ({"a": 1}, "one of them"),
        ([text(KEYS[0])] * 5, "up to 4"),
        ([text(KEYS[0]), ""], "secret 2 of 2 has 0 bytes, fewer than the 24"),
        ([text(b"x" * 23)], "secret 1 of 1 has 23 bytes"),
        ([text(KEYS[0]), CANARY], "secret 2 of 2 has 13 bytes"),
        ([CANARY + "!" * 40], "secret 1 of 1 is not base64"),
        (["whsec_…"], "not base64"),
        ([text(KEYS[0]) + "\n"], "not base64"),
        (["-_" * 24], "not base64"),
        (["é" * 40], "not base64"),
        ([17], "not text"),
        ([KEYS[0]], "not text"),
    ],
)
def test_a_secret_that_will_not_do_stops_the_start(secrets, reason):
    """It names the source, which secret, why and the way out, never the secret."""
    with pytest.raises(ValueError, match=reason) as refused:
        keys("shop", secrets)

    assert 'source "shop"' in str(refused.value)
    assert "openssl rand -base64 32" in str(refused.value)
    assert CANARY not in str(refused.value)
    assert refused.value.__cause__ is None
