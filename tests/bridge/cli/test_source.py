"""The verbs for billing platforms: what to paste, and a look at one now."""

import json
import tomllib
from threading import Thread

import pytest

from bridge import config, duties
from bridge.parts import assemble
from bridge.store import ticks
from tests.bridge.cli.test_cli import said, switchhook
from tests.rigs.whmcs import LOCKED


def test_what_is_printed_for_whmcs_is_a_source_that_works(rig):
    """U12: pasted as it is, with the credential of its API filled in."""
    told, code = said(rig.path, "source", "add", "whmcs")
    pasted = told["config"].replace('"…"', '"filled-in"')
    rig.path.write_text(rig.path.read_text() + "\n" + pasted)
    loaded = assemble(config.load(rig.path))
    loaded.database.close()
    [secret] = tomllib.loads(pasted)["sources"]["billing"]["secrets"]

    assert 0 == code
    assert {"shop", "other", "billing"} == set(loaded.sources)
    assert ("billing", secret) == (told["there"]["Username"], told["there"]["Password"])
    assert ("127.0.0.1", 8480) == (told["there"]["Hostname"], told["there"]["Port"])
    assert "not ticked" == told["there"]["Secure"]


def test_each_time_it_is_another_secret_and_nothing_is_written(rig):
    """Who lost one prints another."""
    before = rig.path.read_text()
    first, second = (said(rig.path, "source", "add", "signed")[0] for _ in range(2))

    assert first["there"]["secret"] != second["there"]["secret"]
    assert before == rig.path.read_text()


def test_it_is_printed_for_people_and_where_nothing_is_set_up_yet(tmp_path):
    """Before there is a configuration, too."""
    shown = switchhook(tmp_path / "config.toml", "source", "add", "whmcs")

    assert 0 == shown.exit_code
    assert "Add New Server" in shown.output
    assert "provision.example.com" in shown.output


@pytest.mark.parametrize(("name", "why"), [("shop", "already"), ("a/b", "will not do")])
def test_a_name_that_will_not_do_is_refused(rig, name, why):
    """In URLs and in the configuration it must be one word, and one source."""
    shown = switchhook(rig.path, "source", "add", "whmcs", "--name", name)

    assert 1 == shown.exit_code
    assert why in shown.output


def test_a_login_mail_is_the_platforms_or_ours_and_never_both(make_billing):
    """I2: one owner; its welcome template and our mail together are refused."""
    brand = ('{ name = "N", login_url = "https://x.example/", support = "a@b.example",'
             ' from = "a@b.example" }')  # fmt: skip
    with pytest.raises(
        config.ConfigError, match=r"sources.billing.welcome: .* never both"
    ):
        make_billing(more=f'login_mail = "ours"\nbrand = {brand}', mailed=True)


def running(billing):
    """Its duties, as `serve` has them."""
    parts = billing.rig.parts
    beside = duties.duties(
        parts.config, parts.database, parts.clock, parts.channels, pulls=parts.pulls
    )
    with parts.database.change() as tx:
        ticks.keep(tx, [duties.tick_of("billing")], parts.clock.now())
    return beside.ticks


def test_a_pull_by_hand_is_done_by_whoever_runs(billing):
    """The verb says what it found: also what the look before left to its module."""
    billing.whmcs.service("4711", status="Active")
    ours = running(billing)
    [tick] = [each for each in ours._ticks if each.name == "pull:billing"]
    ours.look(tick)  # it ran before, and is due in ten minutes
    billing.whmcs.service("4712", status="Active")
    shown = []
    asking = Thread(
        target=lambda: shown.append(said(billing.rig.path, "pull", "billing"))
    )
    asking.start()
    while asking.is_alive():
        ours.look(tick)
        asking.join(0.05)

    assert [({"source": "billing", "ended": True, "entered": 2}, 0)] == shown


def test_why_a_pull_did_not_work_is_said(billing):
    """And it exits with 1."""
    ours = running(billing)
    [tick] = [each for each in ours._ticks if each.name == "pull:billing"]
    billing.whmcs.wrong = [LOCKED] * 50
    shown = []
    asking = Thread(
        target=lambda: shown.append(switchhook(billing.rig.path, "pull", "billing"))
    )
    asking.start()
    while asking.is_alive():
        ours.look(tick)
        asking.join(0.05)

    assert 1 == shown[0].exit_code
    assert "API IP Access Restriction" in shown[0].output
    assert "canary" not in shown[0].output


def test_what_cannot_be_pulled_is_said(billing):
    """Another source, or nobody that does it."""
    other = switchhook(billing.rig.path, "pull", "shop")
    never = switchhook(billing.rig.path, "pull", "billing")
    running(billing)
    waits = switchhook(billing.rig.path, "pull", "billing", "--no-wait", "--json")

    assert (1, 1, 3) == (other.exit_code, never.exit_code, waits.exit_code)
    assert "there is: billing" in other.output
    assert "never ran yet" in never.output
    assert not json.loads(waits.output)["ended"]
