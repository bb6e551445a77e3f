"""`switchhook console`: a process of its own, which ends as it is told."""

import os
import signal
import subprocess
import sys
import time

import pytest
import requests

from tests.browser import free_port
from tests.conftest import engine  # noqa: F401 - on both databases here


@pytest.fixture
def started(make):
    """The process, and where it answers."""
    port = free_port()
    rig, _ = make(more=f"[console]\nport = {port}")
    command = [sys.executable, "-m", "bridge.cli", "--config", str(rig.path), "console"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"},
                          ) as process:  # fmt: skip
        yield process, f"http://127.0.0.1:{port}"
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def test_it_answers_and_ends(started):
    """It says where, and that nobody may log in yet."""
    process, url = started
    until = time.monotonic() + 60
    while True:
        try:
            answer = requests.get(f"{url}/login", timeout=5)
            break
        except requests.ConnectionError:
            assert time.monotonic() < until, process.stdout.read()
            time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=30)

    assert 200 == answer.status_code
    assert 0 == process.returncode
    assert f"the console answers at {url}" in said
    assert "switchhook user add E-MAIL --role owner" in said
