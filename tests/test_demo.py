"""The demo is a promise too: it ends clean, and its sums are right."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import socket
import subprocess
import sys

import pytest
import requests

SHOWN = {
    f"{service}-{model}": f"tariff {tariff}, {channels} channels, {credit}"
    for service, tariff, most in (("voice", 11, 5), ("fax", 12, 2), ("sms", 13, 4),
                                  ("email", 14, 3))
    for model, channels, credit in (("payg", 2, "22.00"), ("monthly", most, "5.00"),
                                    ("quota", most - 1, "40.00"),
                                    ("prepaid", most, "23.00"))
}  # fmt: skip
"""I12: each business model for each service, live as it is sold."""

DEMO = [sys.executable, "-m", "bridge.cli", "demo"]


@pytest.fixture(scope="module")
def told():
    """The whole story, told once."""
    return subprocess.run(
        [*DEMO, "--once", "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_story_ends_with_sums_that_agree(told):
    """I12, U1: order, doubled and late top-ups, a renewal by two roads, off, over."""
    figures = json.loads(told.stdout)

    assert told.returncode == 0, told.stderr
    assert ("70.00", "70.00", "0.00") == tuple(
        figures[name] for name in ("paid", "applied", "held")
    )
    # Two paid periods, raised to the better package, and one bonus: the renewal told
    # by two roads counts once.
    assert "32.00" == figures["granted"]
    assert figures["unsure_seen"] >= 1
    assert figures["unsure_left"] == 0
    assert SHOWN == figures["catalog"]


def test_the_story_logs_in_by_the_link_of_the_login_mail(told):
    """I2: one mail, without an admin; what its link shows is the login the backend has,
    and neither the mail nor the page before the button holds the password."""
    figures = json.loads(told.stdout)

    assert (1, True) == (figures["mails"], figures["login_works"])


def test_its_time_can_be_moved_on_as_it_says():
    """S3: the line it prints works: bridge and simulator are a month later."""
    demo = subprocess.Popen(
        DEMO, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    lines = []
    for line in demo.stdout:
        lines.append(line)
        if "Ctrl-C ends it" in line:
            break
    [command] = [line.split() for line in lines if "clock advance" in line]
    moved = subprocess.run(
        [*DEMO[:-1], *command[1:], "--json"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    os.kill(demo.pid, signal.SIGINT)
    demo.communicate(timeout=30)

    assert 0 == moved.returncode, moved.stderr
    assert 31 * 86400 == json.loads(moved.stdout)["ahead"]


def test_ctrl_c_ends_it_and_leaves_nothing_behind():
    """The bridge, the shop and the console it began answered, and are gone with it."""
    demo = subprocess.Popen(
        DEMO, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    said = ""
    for line in demo.stdout:
        said += line
        if "Ctrl-C ends it" in line:
            break
    ports = dict(re.findall(r"^(\w+) +http://127\.0\.0\.1:(\d+)", said, re.MULTILINE))
    # What it says is there is there: a brand, by the name it was given.
    shop = requests.get(f"http://127.0.0.1:{ports['shop']}/", timeout=60)
    console = requests.get(f"http://127.0.0.1:{ports['console']}/login", timeout=60)
    os.kill(demo.pid, signal.SIGINT)
    _, errors = demo.communicate(timeout=120)

    assert {"bridge", "simulator", "shop", "console", "outbox"} == set(ports)
    assert "Example Calls" in shop.text
    assert {"starter", "business"} == set(re.findall(r"<h2>(\w+)</h2>", shop.text))
    assert 200 == console.status_code
    assert "done" in said
    assert demo.returncode == 0
    assert "stopped" in errors
    assert {errno.ECONNREFUSED} == {_called(port) for port in ports.values()}


def _called(port):
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", int(port)))
