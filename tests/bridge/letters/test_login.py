"""The login mail: every item, no password, the same link however often it is sent."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bridge import orders
from bridge.channels.letter import letter
from bridge.config import Brand
from bridge.deliveries import Deliveries
from bridge.duties import duties, owner
from bridge.editions import Editions
from bridge.keys import Keys, hashed
from bridge.letters import login as letters
from bridge.letters.login import LoginLetter, Owner
from bridge.store import accounts, outbox
from bridge.store.outbox import Needless, State
from bridge.store.tables import account as table
from bridge.store.tables import catalog, login
from bridge.words import speech
from provisioning.core.account import LIFE, Account, Mark, Service
from provisioning.core.outcomes import Later
from provisioning.core.period import Period
from tests.days import STARTED, months_on
from tests.rig import KEY, PUBLIC

ANN = "ann@example.com"
PERIOD = {"period_start": STARTED.isoformat()}
LINK = re.compile(re.escape(PUBLIC) + r"/reveal/shop/([\w-]{43})(?![\w-])")


class Sink:
    """A channel that keeps what it is given, and answers what a test says."""

    within = 1.0

    def __init__(self, *answers):
        self.sent, self.answers = [], list(answers)

    def send(self, delivery, at):
        self.sent.append(delivery)
        if self.answers and (answer := self.answers.pop(0)):
            raise answer


@pytest.fixture
def ready(make):
    """`rig, id_ = ready()`: an account whose login mail waits."""

    def build(email=ANN, **sold):
        rig, _ = make(mailed=True)
        rig.post(
            "order",
            "service.activate",
            account={"ref": "7"} | ({"email": email} if email else {}),
            service={"ref": "1", "plan_ref": "starter"} | PERIOD | sold,
            billing={"line_ref": "1"},
        )
        rig.run()
        assert {"order": "done"} == rig.fates()
        return rig, rig.account().id

    return build


def sending(rig, sink):
    writers = duties(rig.parts.config, rig.database, rig.clock, {}).deliveries.writers
    return Deliveries(rig.database, rig.clock, {"folder": sink}, writers=writers)


def sent(rig):
    sink = Sink()
    assert sending(rig, sink).run()
    return sink.sent[0].content


def one(rig, key):
    with rig.database.read() as tx:
        return next(o for o in outbox.newest(tx, 99, None) if o.key == key)


def token(content):
    [found] = set(LINK.findall(content["text"]))
    return found


def link(rig, number=1):
    with rig.database.read() as tx:
        return tx.execute(sa.select(login).where(login.c.issue == number)).one()


def password(rig):
    with rig.database.read() as tx:
        row = tx.execute(sa.select(table.c.secret, table.c.id)).one()
    return rig.parts.keys.unseal(row.secret, row.id)


# --- what it says


def test_it_says_all_one_needs(ready):
    """I2: each from where it is known, the credit as the backend has it."""
    rig, _ = ready()
    told = sent(rig)
    ends = f"{months_on(1):%-d %B %Y}"
    everything = ("https://panel.example.com/", rig.account().username, "starter",
                  "Calls at a time", "standard", "US$5.00", ends,
                  "help@example.com", "Example Calls")  # fmt: skip

    for part in ("text", "html"):
        assert [] == [item for item in everything if item not in told[part]]
        assert LINK.search(told[part])
    assert (ANN, "hello@example.com") == (told["to"], told["from"])
    assert "Your Example Calls account is ready" == told["subject"]


def test_it_never_holds_the_password(ready):
    """I2: a mail is read by many on its way."""
    rig, _ = ready()
    told = sent(rig)

    assert not [part for part in told.values() if password(rig) in part]


def test_bought_once_there_is_no_next_payment(ready):
    """I8: it says so, rather than leaving the question open."""
    rig, _ = ready(plan_ref="plain")

    assert "Next payment:    none: it was bought once" in sent(rig)["text"]


def test_the_next_payment_is_the_first_of_several(pair):
    """And where nobody knows it, the invoice does."""
    rig, _ = pair
    catalog = rig.parts.config.catalog
    ends = [datetime(2027, month, 1, tzinfo=UTC) for month in (3, 2)]
    sold = [Service(f"shop:{end.month}", "starter", periods=(Period(1, end, end),))
            for end in ends]  # fmt: skip
    alive = [s.marked(LIFE, Mark(yes=True, order=None)) for s in sold]
    had = Account("acct_x", "shop", "main", "USD", "sw", services=tuple(alive))
    bare = replace(had, services=(replace(alive[0], periods=()),))

    assert "1 February 2027" == letters._next_payment(had, catalog, speech())
    assert "as your invoice says" == letters._next_payment(bare, catalog, speech())


def test_a_mail_that_had_to_wait_says_what_is_true_when_it_leaves(ready):
    """I2: the address may have been corrected meanwhile, or the package changed."""
    rig, id_ = ready()
    with rig.database.change() as tx:
        had = accounts.load(tx, id_)
        accounts.save(tx, had, replace(had, email="bea@example.com"))

    assert "bea@example.com" == sent(rig)["to"]


def test_what_a_name_holds_stays_text():
    """Nobody's markup becomes ours, in the mail as on the page."""
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    brand = Brand(evil, "https://panel.example.com/", "help@example.com", "a@b.example")
    told = letters._written(
        brand, PUBLIC, letters.Facts(evil, ((evil, evil),)), speech()
    )

    # Guard off (autoescape=False): red.
    assert "<script" not in told["html"]
    assert "<img" not in told["html"]


def test_the_mail_loads_nothing_from_anywhere(ready):
    """No pixel tells anybody that it was read."""
    html = sent(ready()[0])["html"]

    assert not re.search(r"<(img|script|link|iframe|object|form)\b|url\(", html)
    assert {"en"} == set(re.findall(r'<html lang="(\w+)"', html))


def test_as_a_mail_it_has_both_parts_and_the_brands_name(ready):
    """multipart/alternative, the plain part first; the same bytes each time."""
    rig, id_ = ready()
    content = sent(rig)
    held = replace(one(rig, f"login/{id_}/1"), content=content)
    mail, again = (letter(held, "switchhook@bridge.example") for _ in range(2))

    assert "multipart/alternative" == mail.get_content_type()
    assert ["text/plain", "text/html"] == [
        p.get_content_type() for p in mail.iter_parts()
    ]
    assert mail.as_bytes() == again.as_bytes()
    assert "Example Calls <hello@example.com>" == str(mail["From"])
    assert ("help@example.com", ANN) == (str(mail["Reply-To"]), str(mail["To"]))
    assert mail["Message-ID"].endswith("@example.com>")


# --- its link


def test_only_a_hash_of_its_token_is_kept(ready):
    """The link works 24 hours from when the mail left."""
    rig, _ = ready()
    before = rig.clock.now()
    drawn = token(sent(rig))
    kept = link(rig)

    assert hashed(drawn) == kept.hash
    assert (
        timedelta() <= kept.until - before - timedelta(hours=24) < timedelta(minutes=1)
    )


def test_each_try_brings_the_same_link_and_24_hours_of_its_own(ready):
    """A server that says no and sends it all the same has sent what works."""
    rig, id_ = ready()
    sink = Sink(Later("not now"), None)
    deliveries = sending(rig, sink)
    deliveries.run()
    first = link(rig)
    rig.wait(3600)
    deliveries.run()

    assert 1 == len({token(delivery.content) for delivery in sink.sent})
    assert State.SENT is one(rig, f"login/{id_}/1").state
    assert link(rig).until - first.until >= timedelta(hours=1)


def test_sent_again_after_a_rotation_it_has_the_link_it_had(ready):
    """F-G3: else the first mail's link was dead; one not sent yet has a new one."""
    # Guard off (always the newest key's): red, it is another token.
    rig, id_ = ready()
    held = one(rig, f"login/{id_}/1")
    rotated = Keys(b"another key, of more than 32 bytes", (KEY.encode(),))
    ours, later = (
        LoginLetter(rig.database, keys, rig.parts.editions,
                    Owner(rig.parts.config.brands, PUBLIC))
        for keys in (rig.parts.keys, rotated)
    )  # fmt: skip
    fresh = later._token(held, None)
    first = ours(held, rig.clock.now())
    again = later(held, rig.clock.now())

    assert token(first) == token(again) != fresh


def test_another_number_moment_or_installation_is_another_token(ready):
    """What nobody can guess, and no restore makes valid again."""
    rig, id_ = ready()
    held = one(rig, f"login/{id_}/1")
    other = LoginLetter(rig.database, Keys(b"another key, of more than 32 bytes"),
                        rig.parts.editions, None)  # fmt: skip
    ours = LoginLetter(rig.database, Keys(KEY.encode()), rig.parts.editions, None)
    later = replace(held, made_at=held.made_at + timedelta(microseconds=1))
    more = replace(held, key=f"login/{id_}/2")
    every = [
        ours._token(held),
        ours._token(later),
        ours._token(more),
        other._token(held),
    ]

    assert 4 == len(set(every))
    assert {43} == {len(each) for each in every}  # 256 bits


# --- when it is not sent


def test_without_an_address_a_person_is_told_and_how(ready):
    """Never to somebody else: the channel would send it to ourselves."""
    rig, id_ = ready(email=None)
    deliveries = sending(rig, Sink())
    deliveries.run()
    held = one(rig, f"login/{id_}/1")

    assert State.REFUSED is held.state
    assert f"switchhook login send {id_} --print" in held.said


def test_a_newer_one_makes_it_needless(ready):
    """Asked for while it is being sent: its link would be void when it arrives."""
    rig, id_ = ready()
    held = one(rig, f"login/{id_}/1")
    orders.carry_out(
        rig.database, rig.clock, "login.send",
        {"account": id_, "because": "x", "channel": "folder"},
    )  # fmt: skip
    config = rig.parts.config
    writer = LoginLetter(
        rig.database, rig.parts.keys, Editions(config.catalog), owner(config)
    )

    with pytest.raises(Needless, match="a newer one was made"):
        writer(held, rig.clock.now())


def test_a_platform_that_mails_now_makes_it_needless(ready):
    """I2: one owner; it is withdrawn, which is no fault."""
    rig, id_ = ready()
    writer = LoginLetter(rig.database, rig.parts.keys, rig.parts.editions, None)
    sink = Sink()
    Deliveries(
        rig.database, rig.clock, {"folder": sink}, writers={"login": writer}
    ).run()

    assert ([], State.WITHDRAWN) == (sink.sent, one(rig, f"login/{id_}/1").state)
    assert "sent by its platform now" in one(rig, f"login/{id_}/1").said


def test_an_account_that_ended_meanwhile_is_not_mailed(ready):
    """There is nothing to log in to any more."""
    rig, id_ = ready()
    rig.say("terminate")
    rig.run()
    sink = Sink()
    sending(rig, sink).run()

    assert ([], State.WITHDRAWN) == (sink.sent, one(rig, f"login/{id_}/1").state)


def test_a_package_that_is_gone_is_waited_for(ready):
    """Nobody guesses what it was sold with: what is wrong is mended, and it goes."""
    rig, id_ = ready()
    config = rig.parts.config
    with rig.database.change() as tx:
        tx.execute(sa.delete(catalog))
    bare = Editions(replace(config.catalog, packages={}))
    writer = LoginLetter(rig.database, rig.parts.keys, bare, owner(config))

    with pytest.raises(Later, match="gone from the configuration"):
        writer(one(rig, f"login/{id_}/1"), rig.clock.now())


def test_an_owner_is_only_who_mails(pair):
    """Without any source whose mails are ours there is none."""
    assert owner(pair[0].parts.config) is None
    assert "x/reveal/shop/t" == Owner({}, "x").link("shop", "t")
