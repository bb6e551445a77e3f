"""The verbs user, apikey and audit: who may come in, and who did what."""

import getpass
import re
from datetime import UTC, datetime

import pytest

from bridge.access import tokens
from bridge.access.roles import Role
from bridge.store import api_keys, audit, users
from tests.bridge.cli.test_cli import said, switchhook


@pytest.fixture
def file(rig):
    """A configuration whose database is there."""
    return rig.path


def known(rig, name):
    with rig.database.read() as tx:
        return users.named(tx, name)


def test_one_is_let_in_by_a_link(rig, file):
    """It leads to the console, and is shown this once."""
    result = switchhook(file, "user", "add", "Ann@Example.com", "--role", "owner")
    [link] = re.findall(r"http://127\.0\.0\.1:8482/setup/(\S+)", result.output)
    user = known(rig, "ann@example.com")

    assert (0, Role.OWNER, False) == (result.exit_code, user.role, user.is_set_up)
    assert link not in rig.path.with_name("bridge.db").read_bytes().decode("latin-1")


def test_a_reseller_is_let_in_to_his_own(rig, file):
    """U11: the sources he may see are those of the configuration."""
    row, _ = said(file, "user", "add", "r@example.com", "--role", "reseller",
                  "--source", "shop")  # fmt: skip

    assert row["link"].startswith("http://127.0.0.1:8482/setup/")
    assert known(rig, "r@example.com").scope.sources == {"shop"}


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("add", "ann", "--role", "owner"), "is no e-mail address"),
        (("add", "a@b.c", "--role", "reseller"), "needs the sources"),
        (("add", "a@b.c", "--role", "support", "--source", "moon"), "no source moon"),
        (("invite", "nobody@b.c"), "no user nobody@b.c"),
        (("role", "nobody@b.c", "owner"), "no user nobody@b.c"),
        (("end", "nobody@b.c"), "no user nobody@b.c"),
    ],
)
def test_what_cannot_be_is_told(file, arguments, why):
    """With the reason, and nothing is done."""
    result = switchhook(file, "user", *arguments)

    assert 1 == result.exit_code
    assert why in result.stderr


def test_users_are_listed_with_what_they_are(rig, file):
    for name, role in (("a@b.c", "owner"), ("b@b.c", "support")):
        switchhook(file, "user", "add", name, "--role", role)
    switchhook(file, "user", "role", "b@b.c", "owner")
    switchhook(file, "user", "end", "a@b.c")
    [rows] = [said(file, "user", "list")[0]]

    assert [("b@b.c", "owner", None), ("a@b.c", "owner", True)] == [
        (row["user"], row["role"], bool(row["ended"]) or None) for row in rows
    ]


def test_a_key_is_printed_once_and_kept_as_a_hash(rig, file):
    told, code = said(file, "apikey", "create", "billing", "--role", "support",
                      "--source", "shop", "--days", "30")  # fmt: skip
    token = tokens.read(told["key"])
    with rig.database.read() as tx:
        key = api_keys.found(tx, token.id)
    left = key.until - datetime.now(UTC)

    assert 0 == code
    assert (token.hash, {"shop"}, 29) == (key.hash, key.scope.sources, left.days)
    [row] = said(file, "apikey", "list")[0]
    assert told["key"] not in str(row)


def test_a_revoked_key_is_listed_as_that(file):
    told, _ = said(file, "apikey", "create", "x", "--role", "auditor")
    said(file, "apikey", "revoke", told["api_key"])
    [row] = said(file, "apikey", "list")[0]

    assert row["ended"]
    assert 1 == switchhook(file, "apikey", "revoke", told["api_key"]).exit_code


def test_who_did_what_is_listed(file):
    """By the name he has on this machine."""
    switchhook(file, "backend", "pause", "main", "--because", "to see")
    [row] = said(file, "audit", "list")[0]

    assert (getpass.getuser(), "cli", "backend.pause", "main") == tuple(
        row[name] for name in ("who", "via", "what", "about")
    )
    assert "to see" == row["said"]["because"]


def test_a_chain_that_is_whole_is_told_with_its_head(rig, file):
    switchhook(file, "backend", "pause", "main", "--because", "to see")
    told, code = said(file, "audit", "verify")
    with rig.database.read() as tx:
        head = audit.head(tx)

    assert (0, {"head": head, "broken": None}) == (code, told)


def test_a_broken_chain_is_an_error(file, monkeypatch):
    """The database refuses to change one: so the hash is reckoned otherwise."""
    switchhook(file, "backend", "pause", "main", "--because", "to see")
    monkeypatch.setattr(audit, "_hash", lambda row: "another")
    result = switchhook(file, "audit", "verify")

    assert 1 == result.exit_code
    assert "note 1 is not what was written" in result.stderr
