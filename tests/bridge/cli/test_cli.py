"""The command line: what each verb shows, how it ends, and what it refuses to do."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from threading import Thread

import pytest
import requests
from click.testing import CliRunner
from werkzeug.serving import make_server

from bridge import config, orders
from bridge.cli import main
from bridge.lock import Lock
from bridge.parts import assemble
from bridge.store.database import Lost
from tests.bridge.seen import (
    PAY,
    SETTLE,
    WINDOW,
    after_the_window,
    calls,
    hours,
    sums,
    writes,
)

ROOT = Path(__file__).parents[3]
GONE = "the connection was lost at COMMIT"


def switchhook(path, *arguments):
    return CliRunner().invoke(main, ["--config", str(path), *arguments])


def said(path, *arguments):
    """What --json told, and the exit code."""
    result = switchhook(path, *arguments, "--json")
    assert result.stdout, result.stderr
    [line] = result.stdout.splitlines()
    return json.loads(line), result.exit_code


@pytest.fixture
def unsure(make):
    """A top-up only a person can tell the end of."""
    rig, simulator = make(rate=None, settle=SETTLE)
    rig.wait(-2 * WINDOW)  # the command line has a clock of its own: the real one
    rig.order()
    rig.run()
    simulator.plant("reset_before", PAY)
    rig.topup("2")
    rig.run()
    after_the_window(rig, simulator)
    return rig, simulator


@pytest.fixture
def refused(open_account):
    """A top-up the backend said no to."""
    rig, simulator = open_account(settle=SETTLE)
    simulator.plant("refuse", PAY)
    rig.topup("2")
    rig.run()
    after_the_window(rig, simulator)
    return rig, simulator


def name_of(rig, event):
    shown, _ = said(rig.path, "event", "list")
    [name] = [one["operation"] for one in shown if one["event"] == event]
    return name


# --- init


def test_init_writes_what_is_needed_for_the_owners_eyes_only(tmp_path, monkeypatch):
    """I1: one command, and the bridge has a configuration, a key and a secret."""
    path = tmp_path / "new" / "config.toml"
    result = switchhook(
        path, "init", "--source", "whmcs", "--url", "http://127.0.0.1:1"
    )
    monkeypatch.setenv("ICTBROADCAST_PASSWORD", "x")
    parts = assemble(config.load(path))
    parts.database.close()

    assert 0 == result.exit_code
    assert {"config.toml", "install.key", "whmcs.secret"} == {
        file.name for file in path.parent.iterdir()
    }
    assert {0o600} == {stat.S_IMODE(f.stat().st_mode) for f in path.parent.iterdir()}
    assert {"whmcs"} == set(parts.sources)
    assert "http://127.0.0.1:1" in path.read_text()


def test_the_secrets_init_writes_are_never_the_same(tmp_path):
    """Two installations share no key, and neither is shown on the screen."""
    texts = []
    for folder in ("a", "b"):
        result = switchhook(tmp_path / folder / "config.toml", "init")
        written = [tmp_path / folder / name for name in ("install.key", "shop.secret")]
        texts += [file.read_text().strip() for file in written]

    assert 4 == len(set(texts))
    assert not any(text in result.output for text in texts)


@pytest.mark.parametrize("there", ["config.toml", "install.key", "shop.secret"])
def test_init_overwrites_nothing(tmp_path, there):
    """A key that is gone takes every sealed password with it."""
    (tmp_path / there).write_text("precious")
    result = switchhook(tmp_path / "config.toml", "init")

    assert 1 == result.exit_code
    assert f"{there} is there already; nothing was written" in result.stderr
    assert [there] == [file.name for file in tmp_path.iterdir()]
    assert "precious" == (tmp_path / there).read_text()


# --- what stands in the way of every verb

VERBS = {
    "plan": ("plan", "shop:1"),
    "event list": ("event", "list"),
    "event show": ("event", "show", "op_x"),
    "event retry": ("event", "retry", "op_x"),
    "ledger": ("ledger",),
    "held list": ("held", "list"),
    "held move": ("held", "move", "x/topup", "--to", "acct_x", "--because", "x"),
    "held retry": ("held", "retry", "x/topup"),
    "held refund": ("held", "refund", "x/topup", "--because", "x"),
    "topup": ("topup", "shop:1", "5.00", "USD", "--because", "x"),
    "unsure list": ("unsure", "list"),
    "unsure resolve": ("unsure", "resolve", "1", "--arrived", "--because", "x"),
    "unsure release": ("unsure", "release", "acct_x", "--because", "x"),
    "purge": ("purge", "acct_x", "--because", "x"),
    "alert list": ("alert", "list"),
    "delivery list": ("delivery", "list"),
    "delivery retry": ("delivery", "retry", "1"),
    "tick list": ("tick", "list"),
    "trigger": ("trigger", "ping"),
    "serve": ("serve",),
}


@pytest.mark.parametrize("verb", VERBS)
def test_without_a_configuration_every_verb_says_what_writes_one(tmp_path, verb):
    """No traceback: one line, the missing file, and the way out."""
    result = switchhook(tmp_path / "config.toml", *VERBS[verb])

    assert 1 == result.exit_code
    assert "config.toml is not there; `switchhook init` writes one" in result.stderr
    assert 1 == len(result.stderr.splitlines())


@pytest.mark.parametrize("verb", set(VERBS) - {"trigger", "serve"})
def test_before_the_first_start_every_verb_says_what_makes_the_database(rig, verb):
    """And none of them makes an empty one by accident."""
    file = Path(rig.database.url.database)
    rig.database.close()
    file.unlink()
    result = switchhook(rig.path, *VERBS[verb])

    assert 1 == result.exit_code
    assert "is not there yet; `switchhook serve` makes it" in result.stderr
    assert not file.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("plan", "shop:9"), 'there is no account or service "shop:9" here'),
        (
            ("event", "show", "op_x"),
            "there is no operation op_x; see `switchhook event",
        ),
        (
            ("event", "retry", "op_x"),
            "there is no operation op_x; see `switchhook event",
        ),
        (
            ("unsure", "resolve", "9", "--absent", "--because", "x"),
            "there is no attempt 9; see `switchhook unsure list`",
        ),
    ],
)
def test_what_is_not_there_is_said_in_one_line(rig, arguments, said):
    """Exit code 1, and where to look instead."""
    result = switchhook(rig.path, *arguments)

    assert 1 == result.exit_code
    assert said in result.stderr
    assert 1 == len(result.stderr.splitlines())


# --- plan


def test_plan_shows_what_would_be_done_and_does_nothing(opened):
    """U10: steps, and exit code 2; nothing is noted, and the backend is only read."""
    rig, simulator = opened
    rig.topup("2")
    rig.say("suspend", at=hours(1), id_="suspend")
    before, operations = len(simulator.journal), rig.fates()
    told, code = said(rig.path, "plan", "shop:1")

    assert 2 == code
    assert ["set off", "grant 10.00 USD for shop:2/topup"] == told["steps"]
    assert ("5.00", rig.account().username) == (told["balance"], told["username"])
    assert [] == writes(simulator, before)
    assert operations == rig.fates()


def test_plan_of_what_is_in_line_is_empty(opened):
    """Exit code 0: a script can wait for it. Account and service are one name each."""
    rig, _ = opened
    for name in ("shop:1", rig.account().id):
        told, code = said(rig.path, "plan", name)

        assert (0, [], rig.account().id) == (code, told["steps"], told["account"])


def test_plan_for_people_says_it_in_words(opened):
    """The same, without --json."""
    rig, _ = opened
    result = switchhook(rig.path, "plan", "shop:1")

    assert "nothing: all is as it should be" in result.output


def test_plan_says_why_the_backend_cannot_be_asked(opened):
    """One line, not a traceback."""
    rig, simulator = opened
    simulator.plant("unauthorised_401", "User_Get")
    result = switchhook(rig.path, "plan", "shop:1")

    assert 1 == result.exit_code
    assert "the backend refuses our user name and password" in result.stderr
    assert 1 == len(result.stderr.splitlines())


# --- ledger


def test_the_ledger_shows_where_every_unit_went(opened):
    """S1: each row from one book to another, why, and what stands in the books."""
    rig, _ = opened
    rig.topup("2")
    rig.run()
    told, code = said(rig.path, "ledger")
    moves = [(e["from"], e["to"], e["amount"], e["for"]) for e in told["entries"]]

    assert 0 == code
    assert [("paid", "held", "10.00", "shop:2/topup"),
            ("held", "applied", "10.00", "shop:2/topup")] == moves[2:]  # fmt: skip
    assert ("10.00", "10.00", "0.00") == tuple(
        told["sums"][book] for book in ("paid", "applied", "held")
    )
    assert "shop:2/topup" in switchhook(rig.path, "ledger").output


def test_the_ledger_of_one_account_is_its_own(opened):
    """Nobody else's money is in it."""
    rig, _ = opened
    rig.order("9", id_="order-9", line="9", client="9")
    rig.run()
    mine = rig.account().id
    told, _ = said(rig.path, "ledger", mine)

    assert {mine} == {entry["account"] for entry in told["entries"]}
    assert "5.00" == told["sums"]["granted"]


# --- event


def test_events_are_listed_newest_first(refused):
    """With fate and reason; --fate picks, --last cuts."""
    rig, _ = refused
    told, code = said(rig.path, "event", "list")
    only, _ = said(rig.path, "event", "list", "--fate", "refused")
    last, _ = said(rig.path, "event", "list", "--last", "1")

    assert 0 == code
    assert ["topup-2", "order"] == [one["event"] for one in told]
    assert "The backend refuses this sum" in told[0]["why"]
    assert told[:1] == only == last
    assert "topup-2" in switchhook(rig.path, "event", "list").output


def test_no_events_are_none(rig):
    """An empty list is a list, and a word for people."""
    assert ([], 0) == said(rig.path, "event", "list")
    assert "none\n" == switchhook(rig.path, "event", "list").output


def test_an_event_is_shown_as_it_came_without_its_secrets(rig):
    """V11: whoever may look at events learns no password."""
    told = {"service": {"ref": "1"}, "data": {"password": "canary-c4f1"}}
    rig.post("evt_1", "credentials.changed", **told)
    rig.run()
    told, code = said(rig.path, "event", "show", name_of(rig, "evt_1"))

    assert 0 == code
    assert "***" == json.loads(told["request"])["data"]["password"]
    assert "canary-c4f1" not in json.dumps(told)


def test_retry_sends_again_what_was_refused(refused):
    """U9: the verb wakes the account; the next run pays once."""
    rig, _ = refused
    told, code = said(rig.path, "event", "retry", name_of(rig, "topup-2"))
    rig.run()

    assert (0, name_of(rig, "topup-2")) == (code, told["retried"])
    assert "done" == rig.fates()["topup-2"]
    assert "10.00" == sums(rig)["applied"]


def test_retry_of_what_is_done_is_an_error(opened):
    """Exit code 1: nothing was done."""
    rig, _ = opened
    result = switchhook(rig.path, "event", "retry", name_of(rig, "order"))

    assert 1 == result.exit_code
    assert "is done: there is nothing to retry" in result.stderr


# --- unsure


def test_unsure_lists_what_waits_for_a_person(unsure):
    """Exit code 3 and the evidence; 0 when there is none."""
    rig, _ = unsure
    [told], code = said(rig.path, "unsure", "list")

    assert 3 == code
    assert ("person", "10.00", "shop:2/topup") == (
        told["state"],
        told["amount"],
        told["claim"],
    )
    assert "balance 5 to 5" in told["evidence"]


def test_nothing_unsure_is_said_so(opened):
    """Exit code 0, so that a script can wait for it."""
    rig, _ = opened

    assert ([], 0) == said(rig.path, "unsure", "list")
    assert "nothing is unsure\n" == switchhook(rig.path, "unsure", "list").output


@pytest.mark.parametrize(("word", "sent"), [("--arrived", 2), ("--absent", 3)])
def test_a_person_resolves_it(unsure, word, sent):
    """U9: arrived is booked, absent is sent again, and the account goes on."""
    rig, simulator = unsure
    [told], _ = said(rig.path, "unsure", "list")
    number = str(told["attempt"])
    _, code = said(rig.path, "unsure", "resolve", number, word, "--because", "seen")
    rig.wait(2 * WINDOW)
    rig.run()

    assert 0 == code
    assert sent == calls(simulator).count(PAY)
    assert "10.00" == sums(rig)["applied"]
    assert ([], 0) == said(rig.path, "unsure", "list")


@pytest.mark.parametrize("left_out", ["--arrived", "--because"])
def test_a_word_needs_a_reason_and_a_reason_a_word(unsure, left_out):
    """U9: no sum is sent again by a slip."""
    rig, _ = unsure
    number = str(rig.unsure()[0].id)
    given = {"--arrived": ("--because", "x"), "--because": ("--arrived",)}[left_out]
    result = switchhook(rig.path, "unsure", "resolve", number, *given)

    assert 2 == result.exit_code
    assert left_out in result.stderr
    assert 1 == len(rig.unsure())


def test_what_is_kept_for_its_money_is_shown_and_let_go(make):
    """D26: the date, the numbers, and a person's word that ends it."""
    rig, simulator = make(ours="purge = true\nretention = 1")
    rig.wait(-3 * 86400)  # the command line has a clock of its own: the real one
    rig.order(package="plain")
    rig.topup("2")
    rig.run()
    rig.say("terminate", at=hours(1), id_="end")
    rig.run()
    alive, _ = said(rig.path, "plan", "shop:1")
    rig.wait(3 * 86400)
    rig.wake_all()
    rig.run()
    kept, code = said(rig.path, "plan", "shop:1")
    _, asked = said(rig.path, "purge", kept["account"], "--because", "paid back")
    rig.run()
    gone, _ = said(rig.path, "plan", "shop:1")

    assert alive["purge"].startswith("not before ")
    assert "; kept: 10.00 USD bought are left on it" in kept["purge"]
    assert ([], 0, 0) == (kept["steps"], code, asked)
    assert gone["purge"].startswith("was purged on ")
    assert {} == simulator.users


def test_stopped_money_is_listed_and_released(opened):
    """F-B14: exit code 3 and why; released, it is sent and no longer listed."""
    rig, simulator = opened
    simulator.plant("write_wipes_credit", "User_Update")
    rig.say("suspend", at=hours(1), id_="suspend")
    rig.topup("2")
    rig.run()
    [told], code = said(rig.path, "unsure", "list")
    account = told["account"]
    _, released = said(rig.path, "unsure", "release", account, "--because", "seen")
    rig.run()

    assert (3, "stopped") == (code, told["state"])
    assert "the balance went from 5 to 0" in told["evidence"]
    assert 0 == released
    assert "10.00" == sums(rig)["applied"]
    assert ([], 0) == said(rig.path, "unsure", "list")


# --- one process writes


@pytest.mark.parametrize("verb", ["event retry", "unsure resolve", "unsure release"])
def test_a_verb_that_writes_leaves_a_running_bridge_alone(unsure, verb):
    """While another process has the database it says so, and what to do."""
    rig, _ = unsure
    before = rig.fates(), [a.state for a in rig.attempts()]
    lock = Lock(rig.database.url.database)
    lock.take()
    number = str(rig.unsure()[0].id)
    account = rig.account().id
    arguments = {
        "unsure release": ("unsure", "release", account, "--because", "x"),
        "event retry": ("event", "retry", name_of(rig, "topup-2")),
        "unsure resolve": (
            "unsure", "resolve", number, "--arrived", "--because", "x",
        ),
    }  # fmt: skip
    result = switchhook(rig.path, *arguments[verb])
    lock.drop()

    assert 1 == result.exit_code
    assert "stop that one first" in result.stderr
    assert "say it again" in result.stderr
    assert before == (rig.fates(), [a.state for a in rig.attempts()])


def test_a_verb_that_reads_works_beside_a_running_bridge(opened):
    """Looking never needs the lock."""
    rig, _ = opened
    lock = Lock(rig.database.url.database)
    lock.take()
    codes = [
        said(rig.path, *verb)[1]
        for verb in (("event", "list"), ("ledger",), ("unsure", "list"),
                     ("plan", "shop:1"))
    ]  # fmt: skip
    lock.drop()

    assert [0, 0, 0, 0] == codes


# --- trigger


@pytest.fixture
def served(rig):
    """The rig's bridge on a port of its own, with workers."""
    server = make_server("127.0.0.1", 0, rig.client.application, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    rig.parts.worker.start()
    yield "--url", f"http://127.0.0.1:{server.port}", "--source", "shop"
    rig.parts.worker.stop(within=5)
    server.shutdown()
    thread.join()
    server.server_close()


ORDER = ("--service", "1", "--client", "7", "--product", "starter", "--line", "1")


def test_trigger_sends_as_a_platform_would_and_waits(rig, simulator, served):
    """U12: signed, accepted, done: exit code 0 and the operation as it ended."""
    told, code = said(rig.path, "trigger", "service.activate", *ORDER, *served)

    assert (0, "done") == (code, told["status"])
    assert 1 == len(simulator.users)


def test_trigger_ends_with_4_where_it_is_parked(rig, served):
    """A script sees that a person is needed, and the reason is shown."""
    order = ("--service", "1", "--client", "7", "--product", "gold")
    told, code = said(rig.path, "trigger", "service.activate", *order, *served)

    assert (4, "parked") == (code, told["status"])
    assert 'no package "gold"' in told["reason"]


def test_trigger_need_not_wait(rig, served):
    """Accepted is enough then."""
    told, code = said(rig.path, "trigger", "ping", "--no-wait", *served)

    assert (0, "accepted") == (code, told["status"])


def test_trigger_shows_what_the_door_refused(rig, served):
    """Exit code 1, and every problem of the envelope."""
    told, code = said(rig.path, "trigger", "topup.paid", *served)

    assert (1, "malformed") == (code, told["code"])
    assert told["problems"]


def test_trigger_with_an_id_of_before_is_the_same_event(rig, served):
    """An id once used is that event's for ever: another one is refused."""
    first = ("trigger", "service.activate", *ORDER, "--id", "evt_1")
    told, _ = said(rig.path, *first, *served)
    other, code = said(rig.path, "trigger", "ping", "--id", "evt_1", *served)

    assert "done" == told["status"]
    assert (1, "id_reused") == (code, other["code"])


def test_trigger_says_when_nobody_answers(rig):
    """The likely slip is said: is `switchhook serve` running?"""
    url = ("--url", "http://127.0.0.1:1", "--source", "shop")
    result = switchhook(rig.path, "trigger", "ping", *url)

    assert 1 == result.exit_code
    assert "nobody answers at http://127.0.0.1:1" in result.stderr
    assert "switchhook serve" in result.stderr


def test_trigger_says_when_something_else_answers(rig, served):
    """The likely slip: the address of the hook was given, not the bridge's."""
    option, url, *source = served
    wrong = (option, f"{url}/hooks/shop", *source)
    result = switchhook(rig.path, "trigger", "ping", *wrong)

    assert (1, 1) == (result.exit_code, len(result.stderr.splitlines()))


def test_trigger_asks_which_source(rig):
    """Where several can sign, it does not guess; it names them."""
    result = switchhook(rig.path, "trigger", "ping")

    assert 1 == result.exit_code
    assert "--source: shop, other" in result.stderr


# --- the program itself


def test_the_program_says_its_verbs():
    """As a process of its own, as an operator calls it."""
    help_ = subprocess.run(
        [sys.executable, "-m", "bridge.cli", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert all(verb in help_ for verb in main.commands)
    assert "Usage: switchhook" in help_


def test_the_program_says_its_version():
    """Of what is installed."""
    result = CliRunner().invoke(main, ["--version"])

    assert 0 == result.exit_code
    assert version("switchhook") in result.output


def test_the_simulator_answers_until_it_is_stopped():
    """A backend to try things against, on the real wire; Ctrl-C ends it clean."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bridge.cli", "simulator", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        url = process.stdout.readline().split()[-1]
        process.stdout.readline()
        keys = {"username": "admin", "password": "simulator"}
        with requests.Session() as session:
            session.trust_env = False
            roles = session.post(f"{url}/rest/User_Role_List", keys, timeout=5).json()
        time.sleep(0.5)  # from its last line to where it waits for Ctrl-C
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=10)
    finally:
        process.kill()

    assert roles[0] is True
    assert (0, "stopped\n") == (process.returncode, output)


def test_an_order_whose_commit_was_lost_says_to_look_first(refused, monkeypatch):
    """U9: one line, no traceback: saying it again blindly is no way out."""
    rig, _ = refused

    def lost(*_, **__):
        raise Lost(GONE)

    monkeypatch.setattr(orders, "carry_out", lost)
    result = switchhook(rig.path, "event", "retry", name_of(rig, "topup-2"))

    assert 1 == result.exit_code
    assert result.stderr.splitlines() == [
        f"{GONE}: it may have been done or not; look before you say it again"
    ]
