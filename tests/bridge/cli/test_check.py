"""`switchhook check`: what the configuration means, and whether it may be sold so."""

import json
import re
import socket
import time

import pytest
from click.testing import CliRunner

from bridge import config, lifecycle
from bridge.cli import main
from bridge.parts import assemble
from bridge.store import alarms


def switchhook(path, *arguments):
    return CliRunner().invoke(main, ["--config", str(path), *arguments])


def checked(path):
    result = switchhook(path, "check", "--json")
    [line] = result.stdout.splitlines()
    return json.loads(line), result.exit_code


@pytest.fixture
def strict(rig):
    """A configuration that takes no backend at its word, and its file of before."""
    text = rig.path.read_text()
    rig.path.write_text(text.replace('unverified = "accept"\n', ""))
    return rig


def probe(rig):
    return switchhook(rig.path, "doctor", "--probe", "main", "--yes", "--json")


def swapped(rig, name, value):
    text = rig.path.read_text()
    rig.path.write_text(
        re.sub(rf'^{name} = ".*"$', f'{name} = "{value}"', text, flags=re.MULTILINE)
    )


def test_it_explains_every_part_in_words(strict):
    """Sources, backends with what they hold, packages with their tariff, top-ups."""
    told = switchhook(strict.path, "check").output

    assert "shop: signed, takes events at /hooks/shop, 1 secret" in told
    assert "tariffs standard (1), wholesale (2)" in told
    assert "starter: on main; tariff standard, 5 channels, 5.00 USD free" in told
    assert "credit20: credits 20.00 USD and 2.00 USD on top; costs 24.00 USD" in told


def test_an_addon_needs_no_tariff_to_be_explained(strict):
    """I3: it comes on top, and needs of its backend what it holds."""
    addon = '[packages.line]\nprice = "3.00 USD"\ncycle = "monthly"\nchannels = 1\n'
    text = strict.path.read_text()
    strict.path.write_text(f"{text}\n{addon}addon = true\n")
    told, _ = checked(strict.path)
    [fault] = [one for one in told["faults"] if "packages.line" in one]

    assert "tariff" not in fault
    assert (
        "line: on top of another package, on main; 1 channels"
        in switchhook(strict.path, "check").output
    )


def test_what_was_never_verified_is_not_to_be_sold(strict):
    """U6, U7: each package says what it needs, and the two ways out; exit code 1."""
    told, code = checked(strict.path)
    fault = next(f for f in told["faults"] if f.startswith("packages.starter"))

    assert 1 == code
    assert 'not to be sold on backend "main"' in fault
    assert all(what in fault for what in ("active", "channels", "tariff standard"))
    assert "switchhook doctor --probe main" in fault
    assert 'unverified = "accept"' in fault


def test_verified_it_may_be_sold(strict):
    """U6, U7: the verdicts of the last probe are kept."""
    assert 0 == probe(strict).exit_code

    told, code = checked(strict.path)
    words = told["backends"]["main"]["verdicts"]

    assert ([], 0) == (told["faults"], code)
    assert ["reference"] == [what for what, word in words.items() if word != "verified"]


def test_a_name_that_was_changed_is_unverified_again(strict):
    """U6: only that one; what stands on other settings stays as it was."""
    # Guard off (verdicts not held against the settings of now): red.
    probe(strict)
    swapped(strict, "channels", "other_channels")
    told, code = checked(strict.path)
    words = told["backends"]["main"]["verdicts"]

    assert 1 == code
    assert ("unverified", "verified") == (words["channels"], words["tariff standard"])
    assert all("where channels was never" in fault for fault in told["faults"])


def test_at_somebodys_word_it_is_sold_all_the_same(rig):
    """The operator takes it on; it is said beside the backend."""
    told, code = checked(rig.path)

    assert ([], 0) == (told["faults"], code)
    assert "accept" == told["backends"]["main"]["unverified"]
    assert "sold all the same" in switchhook(rig.path, "check").output


def test_what_is_declared_against_the_probe_is_a_fault(rig, simulator):
    """U8: a balance that was wiped by a write is no promise to sell on."""
    text = rig.path.read_text()
    rig.path.write_text(
        text.replace("settle =", "partial_update_safe = true\nsettle =")
    )
    simulator.plant("write_wipes_credit", "User_Update")
    before, _ = checked(rig.path)
    probe(rig)
    told, code = checked(rig.path)
    [fault] = told["faults"]

    assert ([], 1) == (before["faults"], code)
    assert fault.startswith("backends.main.partial_update_safe: the last probe refuted")


def test_without_a_database_nothing_is_verified_and_none_is_made(strict):
    """It starts nothing: not even the file."""
    strict.database.close()
    file = strict.path.parent / strict.database.url.database
    file.unlink()
    told, code = checked(strict.path)

    assert 1 == code
    assert "is not there yet" in told["note"]
    assert not file.exists()


def test_it_calls_nobody(rig, monkeypatch):
    """No socket is opened, whatever is configured."""

    def refuse(*_):
        raise AssertionError("a socket")

    monkeypatch.setattr(socket, "socket", refuse)

    assert 0 == switchhook(rig.path, "check").exit_code


def test_what_is_wrong_with_the_file_is_listed(rig):
    """As JSON too; exit code 1."""
    rig.path.write_text(rig.path.read_text().replace("channels = 5", "channels = 0"))
    told, code = checked(rig.path)

    assert 1 == code
    assert ["config.toml: packages.starter.channels"] == [
        ":".join(fault.split(":")[:2]) for fault in told["faults"]
    ]


def test_no_secret_is_told(rig):
    """V11: neither in words nor as JSON."""
    told = switchhook(rig.path, "check").output + json.dumps(checked(rig.path))
    written = re.findall(r'(?:password|key) = "([^"]+)"|"(whsec_[^"]+)"',
                         rig.path.read_text())  # fmt: skip
    secrets = {part for pair in written for part in pair if part} - {"simulator"}

    assert secrets
    assert not [secret for secret in secrets if secret in told]


def test_a_bridge_at_work_raises_an_alert_and_goes_on(strict):
    """U6: check is the gate; what was sold already is not left without a bridge."""
    # Guard off (no `unproven` handed to the duties): red.
    strict.database.close()
    text = strict.path.read_text()
    strict.path.write_text(text + "\n[alerts]\nevery = 1\n")
    parts = assemble(config.load(strict.path))
    stop = lifecycle.work(parts)
    try:
        until, found = time.monotonic() + 10, []
        while not found and time.monotonic() < until:
            time.sleep(0.05)
            with parts.database.read() as tx:
                found = [(one.topic, one.about) for one in alarms.lasting(tx)]
    finally:
        stop()
        parts.database.close()

    assert [("unverified", "main")] == found
