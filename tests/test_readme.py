"""What the README tells people to type is typed here."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge import config
from bridge.cli import main, models
from bridge.keys import new_secret
from bridge.parts import assemble
from provisioning.simulator import Settings
from provisioning.simulator.rows import User
from tests.engines import on_postgresql, on_sqlite
from tests.rig import random_names
from tests.rigs.fleet import Fleet, Sender, answers, configured

TOP = Path(__file__).parent.parent
README = (TOP / "README.md").read_text()
LAST_WORD = "nothing: all is as it should be"
BIN = Path(sys.executable).parent


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_ten_minutes_lead_to_a_live_account(tmp_path):
    """I1: typed as written, but for the ports, they end with a live account."""
    script = next(block for block in blocks("sh") if "switchhook init" in block)
    port, simulator = str(free_port()), str(free_port())
    script = script.replace("8481", simulator)
    script = script.replace("switchhook serve &", f"switchhook serve --port {port} &")
    script = re.sub(
        r"(switchhook trigger .*)", rf"\1 --url http://127.0.0.1:{port}", script
    )
    env = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"}
    shell = subprocess.Popen(
        ["bash", "-eu", "-c", script],
        cwd=tmp_path,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        # The servers in its background keep the pipe open: read until the last verb.
        said = ""
        for line in shell.stdout:
            said += line
            if LAST_WORD in line:
                break
        code = shell.wait(60)
    finally:
        os.killpg(shell.pid, signal.SIGTERM)
        shell.stdout.close()

    assert code == 0, said
    assert "applied   20.00" in said
    assert "granted   7.00" in said


@on_sqlite
def test_the_fleet_of_the_readme_moves_in(make, monkeypatch):
    """What was there before us is taken over by the list and the verbs as written."""
    rig, simulator = make(live="2026-12-01T00:00:00Z")
    monkeypatch.chdir(rig.path.parent)
    [fleet] = blocks("csv")
    Path("fleet.csv").write_text(fleet)
    for line in fleet.splitlines()[1:]:
        [name] = {"anna", "ben"} & set(line.split(","))
        with simulator._changed:
            simulator._model.add(User(0, name, "their own", "1", channels=5))
    script = next(block for block in blocks("sh") if "switchhook adopt" in block)
    ended = [
        CliRunner().invoke(main, shlex.split(line)[1:]) for line in script.splitlines()
    ]
    rig.run_until_quiet()

    assert [2, 0, 0, 0, 0] == [each.exit_code for each in ended], ended[0].stderr
    assert "2 adopted" in ended[1].stdout
    assert {"anna": True, "ben": False} == {
        user.username: user.active for user in simulator.users.values()
    }


@on_sqlite
def test_new_terms_are_sold_as_the_readme_says(make):
    """I3: shown, applied, and moved to by the verbs as written."""
    rig, simulator = make()
    rig.order()
    rig.run()
    text = rig.path.read_text()
    rig.path.write_text(text.replace("channels = 5", "channels = 9", 1))
    script = next(block for block in blocks("sh") if "switchhook catalog move" in block)
    words = [shlex.split(line)[1:] for line in script.splitlines()]
    path = ["--config", str(rig.path)]
    ended = [CliRunner().invoke(main, [*path, *each]).exit_code for each in words]
    rig.order("2", id_="second", line="2", client="8")
    rig.run()

    assert [2, 0, 0, 2, 0] == ended
    assert [5, 9] == sorted(user.channels for user in simulator.users.values())


@pytest.fixture
def machine(tmp_path):
    """`machine(script, port)`: runs it until the test is over."""
    running = []

    def start(script, port):
        log = tmp_path / f"{port}.log"
        env = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"}
        with log.open("wb") as out:
            command = ["bash", "-eu", "-c", script]
            shell = subprocess.Popen(
                command, cwd=tmp_path, env=env, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip
        running.append(shell)
        return log

    yield start
    for shell in running:
        os.killpg(shell.pid, signal.SIGTERM)
    for shell in running:
        shell.wait(30)


@on_postgresql
def test_two_machines_are_one_bridge(machine, engine, host, tmp_path):
    """Each typed as written, but for address and port: what one is told, all do."""
    names = random_names()
    simulator = host.new("two-machines", Settings(names=names))
    url = engine.empty()
    where = f"{host.url}/two-machines"
    configured(tmp_path, "env:SWITCHHOOK_DATABASE", where, names, 8480)
    script = next(block for block in blocks("sh") if "switchhook worker" in block)
    script = re.sub(r"(SWITCHHOOK_DATABASE)=\S+", rf"\1={url}", script)
    ports = [free_port(), free_port()]
    for port in ports:
        machine(script.replace("--workers 0", f"--workers 0 --port {port}"), port)
    fleet = Fleet(tmp_path, url, [], *ports[:1], tuple(ports[1:]))
    until = time.monotonic() + 30
    while not all(map(answers, ports)):
        assert time.monotonic() < until, [p.read_text() for p in tmp_path.glob("*.log")]
        time.sleep(0.1)
    with Sender(ports[0]) as sender:
        sender.order(1)
    with Sender(ports[1]) as sender:
        sender.topup(1, "9")
    fleet.until_done(2, within=30)
    fleet.close()

    assert ["shop:9/topup"] == [payment.reference for payment in simulator.payments]


def test_the_example_configuration_is_whole(tmp_path, monkeypatch):
    """It loads as it is, once the secrets it points to are there."""
    text = (TOP / "config.example.toml").read_text()
    path = tmp_path / "config.toml"
    path.write_text(text)
    (tmp_path / "install.key").write_text(new_secret())
    (tmp_path / "shop.secret").write_text(new_secret())
    monkeypatch.setenv("ICTBROADCAST_PASSWORD", "x")
    parts = assemble(config.load(path))
    names = tomllib.loads(text)["backends"]["main"]["fields"]

    laddered = {f"centre-{step}" for step in ("free", "team", "business")}
    laddered |= {"lines-one", "lines-five"}
    packages = {"starter", "line", "payg", *models.NAMES, *laddered}
    assert packages == set(parts.config.catalog.packages)
    assert names == parts.backends["main"].set.fields


def test_every_make_target_of_the_readme_is_there():
    """A command that is written down works."""
    named = set(re.findall(r"(?:`|^)make (\w+)", README, re.MULTILINE))
    there = set(re.findall(r"^(\w+):", (TOP / "Makefile").read_text(), re.MULTILINE))

    assert {"demo", "test"} <= named <= there


def test_the_example_sells_each_business_model_for_each_service():
    """I12: what the example ships is what the demo orders and shows live."""
    shipped = tomllib.loads((TOP / "config.example.toml").read_text())
    shown = tomllib.loads(f"tariffs = {{ {models.TARIFFS} }}\n{models.catalog()}")

    assert shown["tariffs"].items() <= shipped["backends"]["main"]["tariffs"].items()
    assert 16 == len(shown["packages"])
    assert {*models.NAMES} == shown["packages"].keys()
    for kind in ("packages", "topups"):
        written = {
            name: {key: value for key, value in table.items() if key != "backend"}
            for name, table in shipped[kind].items()
        }
        assert shown[kind].items() <= written.items()
