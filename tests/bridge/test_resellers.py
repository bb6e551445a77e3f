"""A reseller's own WHMCS beside the provider's: each sees and touches only its own."""

import json

import pytest

from bridge import answers
from bridge.answers import acts
from bridge.keys import new_secret
from bridge.platforms import signature
from bridge.store import outbox
from tests.bridge.web.test_ask import CANARY, ask
from tests.bridge.whmcs import settings
from tests.days import STARTED
from tests.rigs.whmcs import Whmcs, running

RESELLER = "reseller"
SAID = {"because": "b", "by": "c"}
QUESTIONS = [
    ("packages", {}),
    ("service", {}),
    ("plan", {}),
    ("plan", {"change": "plain"}),
    ("accounts", {}),
    ("accounts", {"after": ""}),
    ("usage", {}),
    ("act", {"verb": "reprovision", **SAID}),
    ("act", {"verb": "sync", **SAID}),
    ("act", {"verb": "login", **SAID}),
    ("act", {"verb": "topup", "amount": "1.00", **SAID}),
    ("act", {"verb": "coupon", "coupon": "c1", **SAID}),
]
TOUCHING = {"plan", "act"}


@pytest.fixture
def both(make_billing):
    """Both have a client 7; the provider has a service 9, the reseller a service 1."""
    with running(Whmcs()) as own:
        table = settings(own).replace("sources.billing", f"sources.{RESELLER}")
        [secret] = [line for line in table.splitlines() if line.startswith("secrets")]
        table = table.replace(secret, f'secrets = ["whsec_{new_secret()}"]')
        goodwill = 'goodwill = ["50.00 USD"]\n'
        billing, simulator = make_billing(also=table, public=goodwill)
        billing.whmcs.client("7", f"{CANARY}@example.com")
        billing.whmcs.service("9")
        own.client("7")
        own.service("1")
        yield billing, own, simulator


def ordered(billing, source, service, email):
    """Signed with that source's own secret."""
    rig, usual = billing.rig, billing.rig._key
    said = {
        "spec": "1", "type": "service.activate", "occurred_at": STARTED.isoformat(),
        "account": {"ref": "7", "email": email},
        "service": {"ref": service, "plan_ref": "starter"},
    }  # fmt: skip
    secrets = rig.parts.config.sources[source]["secrets"]
    rig._key = signature.keys(source, secrets)[0]
    told = rig.deliver(f"whmcs-{service}-1", json.dumps(said).encode(), source)
    rig._key = usual
    assert 202 == told.status_code
    rig.run_until_quiet()


def test_every_question_is_in_the_matrix():
    """U11: whoever adds one says here what another's is answered."""
    assert set(answers.WORDS) == {word for word, _ in QUESTIONS}
    assert set(acts.ACTS) == {more["verb"] for _, more in QUESTIONS if "verb" in more}


def test_whatever_the_reseller_asks_of_anothers_service_is_refused(both):
    """U11: by its number, by its name here, by its account, by its login; a key of his
    own opens no other source.
    """
    billing, _, simulator = both
    rig = billing.rig
    ordered(billing, "billing", "9", f"{CANARY}@example.com")
    ordered(billing, RESELLER, "1", "his@example.com")
    account = rig.account("billing:9")
    before = len(simulator.journal)
    for name in ("9", "billing:9", account.id, account.username):
        for no, (word, more) in enumerate(QUESTIONS):
            id_ = f"ask-{name}-{no}"
            said = ask(rig, word, RESELLER, id_, service=name, **more)
            text = said.text
            assert CANARY not in text, (word, name)
            for secret in {account.username, account.id} - {name}:
                assert secret not in text, (word, name)
            if word in TOUCHING:
                assert 422 == said.status_code, (word, name)
            if word == "service":
                assert {"known": False} == said.json
    rig.run_until_quiet()
    mine = ask(rig, "accounts", RESELLER, "mine").json["accounts"]
    key = rig.parts.config.sources[RESELLER]["secrets"][0]

    assert before == len(simulator.journal)
    assert ["his@example.com"] == [one["email"] for one in mine]
    assert 401 == ask(rig, "accounts", "billing", "theirs", secret=key).status_code


def test_each_whmcs_is_told_of_its_own_alone(both):
    """U11: completed, logged and asked by its own API, with its own credential."""
    billing, own, _ = both
    ordered(billing, "billing", "9", f"{CANARY}@example.com")
    ordered(billing, RESELLER, "1", "his@example.com")
    billing.pass_(seconds=31)
    billing.send()
    with billing.rig.database.read() as tx:
        sent = {one.channel for one in outbox.newest(tx, 9, None)}

    assert {"whmcs:billing", f"whmcs:{RESELLER}"} == sent
    assert ["Active", "Active"] == [
        billing.whmcs.products["9"]["status"],
        own.products["1"]["status"],
    ]
    assert {"9"} == {
        told["serviceid"] for told in billing.whmcs.did("UpdateClientProduct")
    }
    assert {"1"} == {told["serviceid"] for told in own.did("UpdateClientProduct")}
    assert CANARY not in str(own.journal)


def test_what_the_reseller_has_is_pulled_as_his(both):
    """U11: the same numbers there are other services."""
    billing, own, _ = both
    own.products["1"]["status"] = "Active"
    own.paid("90", ("501", "Hosting", "1"))
    billing.rig.parts.pulls[RESELLER].run(billing.rig.clock.now())
    billing.rig.run_until_quiet()

    assert (RESELLER, f"{RESELLER}:7") == (
        billing.rig.account(f"{RESELLER}:1").source,
        billing.rig.account(f"{RESELLER}:1").client,
    )
    assert billing.rig.account("billing:1") is None
