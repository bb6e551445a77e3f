"""`switchhook doctor` as it is typed: lines, JSON, exit codes, and the probe's care."""

import json
import re
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from bridge.cli import main
from bridge.cli.beside import free_port
from bridge.store import verdicts
from bridge.store.verdicts import Word
from tests.bridge.seen import calls


def switchhook(path, *arguments, **more):
    return CliRunner().invoke(main, ["--config", str(path), *arguments], **more)


@pytest.fixture
def quiet(rig):
    """Where `serve` is configured, nobody listens."""
    text = rig.path.read_text()
    serve = f"[serve]\nport = {free_port()}\n[sources.shop]"
    rig.path.write_text(text.replace("[sources.shop]", serve, 1))
    return rig


def kept(rig):
    with rig.database.read() as tx:
        return verdicts.latest(tx).get("main")


def test_where_all_is_well_it_says_so(quiet):
    """Exit code 0, a line for each thing."""
    result = switchhook(quiet.path, "doctor")
    about = re.findall(r"^ok +([^:]+): ", result.stdout, re.MULTILINE)

    assert 0 == result.exit_code, result.stdout
    assert {"configuration", "database", "disk", "backend main", "serve"} <= set(about)


def test_what_fails_is_exit_code_1_and_as_json_a_list(quiet):
    """A backend that takes our password no longer."""
    quiet.path.write_text(quiet.path.read_text().replace('"simulator"', '"other"'))
    result = switchhook(quiet.path, "doctor", "--json")
    [line] = result.stdout.splitlines()
    [failed] = [one for one in json.loads(line) if one["how"] == "fail"]

    assert 1 == result.exit_code
    assert "backend main" == failed["about"]
    assert "refuses our user name and password" in failed["said"]


def test_what_is_to_be_looked_at_is_exit_code_3(quiet):
    """Nothing was verified yet."""
    text = quiet.path.read_text().replace('unverified = "accept"\n', "")
    quiet.path.write_text(text)
    result = switchhook(quiet.path, "doctor")

    assert 3 == result.exit_code
    assert "doctor --probe main" in result.stdout


def test_it_looks_at_what_is_current_and_not_at_what_is_written(quiet):
    """What is written and not applied is sold to nobody yet."""
    # Guard off (the file is looked at): red.
    text = quiet.path.read_text().replace('unverified = "accept"\n', "")
    quiet.path.write_text(text)
    before = switchhook(quiet.path, "doctor").stdout
    quiet.path.write_text(text[: text.index("[packages.starter]")] + "[packages]\n")
    after = switchhook(quiet.path, "doctor").stdout

    assert "fields of main" in before
    assert "never verified" in before
    assert "never verified" in after


def test_a_configuration_that_does_not_load_is_a_finding(quiet):
    """As JSON, too: the rest cannot be looked at."""
    quiet.path.write_text(quiet.path.read_text() + "\nwrong = 1\n")
    told = json.loads(switchhook(quiet.path, "doctor", "--json").stdout)

    assert {("configuration", "fail")} == {(one["about"], one["how"]) for one in told}


def test_a_probe_asks_before_it_writes(rig, simulator):
    """Not answered with yes, nothing is sent."""
    said = switchhook(rig.path, "doctor", "--probe", "main", input="n\n")
    plain = switchhook(rig.path, "doctor", "--probe", "main", "--json")

    assert (1, 1) == (said.exit_code, plain.exit_code)
    assert "Go on?" in said.output
    assert "--yes" in plain.stderr
    assert [] == calls(simulator)


def test_a_probe_keeps_what_it_found(rig, simulator):
    """Each with the settings it was found under; the user is gone."""
    result = switchhook(rig.path, "doctor", "--probe", "main", "--yes", "--json")
    told = json.loads(result.stdout)
    found = kept(rig).verdicts

    assert 0 == result.exit_code
    assert "main" == told["backend"]
    assert {one["what"] for one in told["verdicts"]} == set(found)
    assert Word.VERIFIED is found["channels"].word
    assert found["channels"].wire != found["credit"].wire
    assert {} == simulator.users


def test_what_a_probe_refutes_is_exit_code_1_with_the_way_out(rig):
    """U6: the setting to mend, and the names the server shows."""
    text = rig.path.read_text()
    wrong = re.sub(r'^channels = ".*"', 'channels = "x"', text, flags=re.MULTILINE)
    rig.path.write_text(wrong)
    result = switchhook(rig.path, "doctor", "--probe", "main", "--yes")

    assert 1 == result.exit_code
    assert "refuted    channels: sent 3; User_Get shows no field" in result.stdout
    assert "It shows: " in result.stdout


def test_what_could_be_declared_is_said(rig):
    """U8: proven and not written down, it is of no use."""
    result = switchhook(rig.path, "doctor", "--probe", "main", "--yes")

    assert "debit may be set to true in [backends.main]" in result.stdout
    assert "partial_update_safe may be set to true" in result.stdout


def test_a_probe_before_the_first_start_makes_the_tables(rig):
    """Or what it finds could not be kept."""
    rig.database.close()
    (rig.path.parent / rig.database.url.database).unlink()
    result = switchhook(rig.path, "doctor", "--probe", "main", "--yes")

    assert 0 == result.exit_code, result.output
    assert kept(rig)


def test_only_what_is_there_can_be_probed(rig):
    """The choices are said."""
    result = switchhook(rig.path, "doctor", "--probe", "mane", "--yes")

    assert 1 == result.exit_code
    assert 'no backend "mane"; there are: main' in result.stderr


def test_a_backend_with_a_contract_needs_no_probe(rig):
    """What its fields mean is written in our own document."""
    other = """
[backends.own]
kind = "memory"
"""
    text = re.sub(r"^\[packages\.\w+\]\n", r'\g<0>backend = "main"\n',
                  rig.path.read_text(), flags=re.MULTILINE)  # fmt: skip
    rig.path.write_text(text + other)
    result = switchhook(rig.path, "doctor", "--probe", "own", "--yes")

    assert 1 == result.exit_code
    assert "nothing to probe" in result.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_broken_off_by_a_signal_the_user_is_removed(rig, simulator, how):
    """Ctrl-C, or a stop from outside, in the middle of a call."""
    # Guard off (SIGTERM left as it is): red.
    simulator.plant("slow_not_applied", "User_Update", seconds=1.5)
    command = [sys.executable, "-m", "bridge.cli", "--config", str(rig.path),
               "doctor", "--probe", "main", "--yes"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 20
        while "User_Update" not in calls(simulator):
            assert time.monotonic() < until, "nothing was written"
            time.sleep(0.02)
        there = len(simulator.users)
        process.send_signal(how)
        said, _ = process.communicate(timeout=20)

    assert (1, 1) == (there, process.returncode)
    assert {} == simulator.users
    assert "removed: the user is gone again" in said
    assert kept(rig) is None
