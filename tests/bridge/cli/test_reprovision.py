"""`switchhook reprovision`: many accounts, shown first, then brought in line."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge.cli import main
from bridge.cli import reprovision as verb
from bridge.preview import previews
from tests.bridge.seen import SET, by_hand, fields, levels, orders, until, writes
from tests.conftest import engine  # noqa: F401 - on both databases here


def reprovision(rig, *arguments):
    """The lines of --json, and the exit code."""
    whole = ["--config", str(rig.path), "reprovision", *arguments, "--json"]
    result = CliRunner().invoke(main, whole)
    assert result.stdout, result.output
    return [json.loads(line) for line in result.stdout.splitlines()], result.exit_code


def drift(rig, simulator, *users):
    for user in users:
        by_hand(simulator, SET, user_id=user, user={fields(rig)["channels"]: "9"})


@pytest.fixture
def fleet(make):
    """Five accounts, as they should be."""
    rig, simulator = make()
    orders(rig, 4)
    orders(rig, 1, package="starter", first=5)
    rig.run()
    return rig, simulator


@pytest.fixture
def working(live):
    """The same, with workers that run."""
    rig, simulator = live()
    orders(rig, 4)
    until(lambda: set(rig.fates().values()) == {"done"} and len(simulator.users) == 4)
    return rig, simulator


def shown(rig, tmp_path, *arguments):
    """The file an admin keeps of what was shown."""
    lines, _ = reprovision(rig, *arguments)
    file = tmp_path / "plan.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return str(file)


def apply(rig, file):
    [told], code = reprovision(rig, "--apply", file, "--because", "x")
    return told, code


def test_what_would_be_done_is_shown_and_nothing_is_done(fleet):
    """U10: one line each, the totals last; exit code 2; the backend is only read."""
    rig, simulator = fleet
    drift(rig, simulator, 2, 5)
    before = len(simulator.journal)
    lines, code = reprovision(rig)

    assert 2 == code
    assert [["set channels = 2"], ["set channels = 5"]] == sorted(
        line["steps"] for line in lines[:-1]
    )
    assert {
        "accounts": 5, "planned": 2, "switched_off": 0, "sums": 0, "money": {},
        "unseen": 0,
    } == lines[-1]["totals"]  # fmt: skip
    assert [] == writes(simulator, before)


def test_a_fleet_in_line_is_exit_code_0(fleet):
    """U10: only the totals are said."""
    rig, _ = fleet
    [only], code = reprovision(rig)

    assert (0, 5) == (code, only["totals"]["accounts"])


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        (("shop:1", "shop:5"), 2),
        (("--backend", "main"), 5),
        (("--backend", "other"), 0),
        (("--package", "starter"), 1),
        (("--source", "shop"), 5),
        (("--source", "other"), 0),
        (("--state", "active"), 4),
        (("--state", "suspended"), 1),
        (("--state", "ended"), 0),
        (("--limit", "3"), 3),
    ],
)
def test_a_part_of_the_accounts_is_chosen(fleet, filters, count):
    """U10: one, a filter, or all of a backend."""
    rig, _ = fleet
    rig.say("suspend", "3", id_="off")
    rig.run()
    lines, _ = reprovision(rig, *filters)

    assert count == lines[-1]["totals"]["accounts"]


def test_names_come_from_a_file(fleet, tmp_path):
    """U10: accounts or services, one a line; what is neither is said."""
    rig, simulator = fleet
    drift(rig, simulator, *simulator.users)
    file = tmp_path / "names"
    file.write_text(f"shop:1\n\n{rig.account('shop:2').id}\nshop:99\n")
    lines, code = reprovision(rig, "--file", str(file))

    assert 1 == code
    assert [None, None, "there is no account shop:99"] == [
        line["fault"] for line in lines[:-1]
    ]


def test_what_was_shown_is_done(working, tmp_path):
    """U10: exit code 0, and every account is as it should be."""
    rig, simulator = working
    drift(rig, simulator, 1, 2, 3)
    told, code = apply(rig, shown(rig, tmp_path))

    assert (0, {"applied": 3}) == (code, told)
    assert {2} == {levels(simulator, user)[1] for user in simulator.users}


def test_what_changed_since_is_left_alone_and_the_rest_is_done(working, tmp_path):
    """U10: exit code 5; nothing is sent that was not shown.

    Guard off (`todo.hash == hash_` left out): red, it is set too.
    """
    rig, simulator = working
    drift(rig, simulator, 1, 2)
    file = shown(rig, tmp_path)
    by_hand(simulator, SET, user_id=2, user={fields(rig)["tariff"]: "1"})
    told, code = apply(rig, file)

    assert (5, {"applied": 1, "changed": 1}) == (code, told)
    assert [2, 9] == [levels(simulator, user)[1] for user in (1, 2)]


def test_done_twice_it_is_as_good_as_once(working, tmp_path):
    """U10: after Ctrl-C the same command goes on: what is done is in line."""
    rig, simulator = working
    drift(rig, simulator, 1, 2)
    file = shown(rig, tmp_path)
    apply(rig, file)
    before = len(simulator.journal)
    told, code = apply(rig, file)

    assert (0, {"in line": 2}) == (code, told)
    assert [] == writes(simulator, before)


def test_a_file_that_is_none_is_said(fleet, tmp_path):
    """In one line, with its number."""
    rig, _ = fleet
    file = tmp_path / "plan"
    file.write_text('{"totals": {}}\nacct_x\n')
    whole = ["--config", str(rig.path), "reprovision", "--apply", str(file)]
    result = CliRunner().invoke(main, [*whole, "--because", "x"])

    assert 1 == result.exit_code
    assert f"line 2 of {file} is none that" in result.stderr


def test_why_it_is_applied_must_be_said(fleet, tmp_path):
    """Exit code 2, as for every wrong use."""
    rig, _ = fleet
    file = shown(rig, tmp_path)
    result = CliRunner().invoke(
        main, ["--config", str(rig.path), "reprovision", "--apply", file]
    )

    assert 2 == result.exit_code
    assert "--because" in result.output


def test_an_account_that_cannot_be_seen_holds_up_no_other(fleet):
    """U10: exit code 1, why is said on its line, and the others are shown."""
    rig, simulator = fleet
    drift(rig, simulator, 1, 2, 3, 4, 5)
    simulator.plant("error_object_500", "User_Get")
    lines, code = reprovision(rig)

    assert (1, 1, 4) == (
        code, lines[-1]["totals"]["unseen"], lines[-1]["totals"]["planned"],
    )  # fmt: skip


def test_people_see_a_short_hash_and_the_totals(fleet):
    """The same, in words."""
    rig, simulator = fleet
    drift(rig, simulator, 1)
    whole = ["--config", str(rig.path), "reprovision"]
    result = CliRunner().invoke(main, whole)

    assert "set channels = 2" in result.stdout
    assert "5 accounts: 1 would change, 0 be switched off" in result.stdout


def test_not_too_many_are_confirmed_ahead_of_the_workers(
    working, tmp_path, monkeypatch
):
    """U8: a whole fleet does not stand in the queue before what a platform says."""
    rig, simulator = working
    monkeypatch.setattr(verb, "AHEAD", 2)
    most = []
    counted = verb._counted
    monkeypatch.setattr(
        verb, "_counted", lambda *a: most.append(counted(*a)) or most[-1]
    )
    drift(rig, simulator, 1, 2, 3, 4)
    told, _ = apply(rig, shown(rig, tmp_path))

    assert {"applied": 4} == told
    assert max(states.get("open", 0) for states in most) <= 2


def test_no_page_is_loaded_before_the_one_before_it_is_used_up(fleet):
    """U10: a hundred thousand accounts take no more room than one page."""
    rig, _ = fleet
    page, taken = [rig.account("shop:1").id], []
    pages = (taken.append(no) or page for no in range(100_000))
    seen = previews(pages, rig.parts.runner.desk, rig.parts.editions)
    for _ in range(3):
        next(seen)
    seen.close()

    assert [0, 1, 2] == taken


def test_ctrl_c_says_how_to_go_on(fleet, tmp_path):
    """U10: nobody works, so it waits; stopped, it says what goes on by itself."""
    rig, simulator = fleet
    drift(rig, simulator, 1, 2)
    file = shown(rig, tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-m", "bridge.cli", "--config", str(rig.path),
         "reprovision", "--apply", file, "--because", "x", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with rig.database.read() as tx:
        until(lambda: 2 == tx.exec_driver_sql(
            "SELECT count(*) FROM confirmation").scalar_one(), within=30)  # fmt: skip
    os.kill(process.pid, signal.SIGINT)
    out, errors = process.communicate(timeout=30)
    rig.run()

    assert (3, {"open": 2}) == (process.returncode, json.loads(out))
    assert "goes on by itself; say the same again" in errors
    assert [2, 2] == [levels(simulator, user)[1] for user in (1, 2)]


def test_the_commands_of_the_readme_bring_a_fleet_in_line(working, tmp_path):
    """I1, U10: typed as written: shown, kept in a file, applied."""
    rig, simulator = working
    readme = (Path(__file__).parents[3] / "README.md").read_text()
    blocks = re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)
    [script] = [block for block in blocks if "switchhook reprovision" in block]
    drift(rig, simulator, 1, 3)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-u", "-c", script], cwd=tmp_path, capture_output=True, text=True,
        env=os.environ | {"PATH": path, "SWITCHHOOK_CONFIG": str(rig.path)},
        check=False, timeout=60,
    )  # fmt: skip

    assert (0, "") == (done.returncode, done.stderr)
    assert "2 would change" in done.stdout
    assert "2 applied" in done.stdout
    assert {2} == {levels(simulator, user)[1] for user in simulator.users}
