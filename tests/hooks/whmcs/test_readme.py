"""From an empty machine to the first sold package, as the module's README says it."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from provisioning.simulator import Server
from tests.hooks.whmcs.api import answering
from tests.hooks.whmcs.conftest import until
from tests.hooks.whmcs.shop import ROOT, Shop
from tests.offspring import free_port
from tests.rigs.fleet import answers
from tests.rigs.whmcs import IDENTIFIER
from tests.rigs.whmcs import SECRET as API_SECRET

README = (ROOT / "hooks/whmcs/README.md").read_text()
BIN = Path(sys.executable).parent
STEPS = re.findall(r"^(\d)\. \*\*", README, re.MULTILINE)


@pytest.fixture
def empty(tmp_path):
    """A machine with a backend, and a WHMCS without our module."""
    (tmp_path / "var/www/whmcs/modules/servers").mkdir(parents=True)
    shutil.copytree(ROOT / "hooks", tmp_path / "hooks")
    with Server() as server:
        yield tmp_path, server


def commands(backend=""):
    """With the address of that backend in place of the example's."""
    [block] = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    typed = (line.partition("  #")[0].strip() for line in block.splitlines())
    return [line.replace("https://ictbroadcast.example", backend) for line in typed]


def typed(folder, env, line):
    done = subprocess.run(shlex.split(line), cwd=folder, env=env, text=True,
                          capture_output=True, check=False)  # fmt: skip
    assert 0 == done.returncode, (line, done.stdout, done.stderr)
    return done.stdout


def pasted(printed, url):
    """What goes into config.toml, its API credential filled in, and into WHMCS."""
    config, there = printed.split("into WHMCS, ")
    table = config.partition("restart:\n\n")[2]
    for key, value in (("identifier", IDENTIFIER), ("secret", API_SECRET)):
        table = table.replace(f'\n{key} = "…"', f'\n{key} = "{value}"')
    table = re.sub(r'api_url = "[^"]+"', f'api_url = "{url}/includes/api.php"', table)
    fields = re.findall(r"^ *(\w[\w ]*?)  +(.+?) *$", there, re.MULTILINE)
    return table, dict(fields)


@pytest.mark.timeout(900)
def test_the_readme_leads_from_nothing_to_a_sold_package(empty, record_property):
    """U12: its own commands, what they print pasted where it says, then an order."""
    folder, backend = empty
    port, began = str(free_port()), time.monotonic()
    env = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}",
                        "ICTBROADCAST_PASSWORD": "simulator"}  # fmt: skip
    serving = None
    with answering(folder / "billing.whmcs.db") as api:
        try:
            for line in commands(backend.url):
                if line.endswith("&"):
                    serving = subprocess.Popen(
                        [*shlex.split(line[:-1]), "--port", port], cwd=folder, env=env,
                        start_new_session=True,
                    )  # fmt: skip
                    until(lambda: answers(int(port)))
                    continue
                said = typed(folder, env, line.replace(" /var/", " var/"))
                if "source add" in line:
                    table, there = pasted(said, api.url)
                    with (folder / "config.toml").open("a") as config:
                        config.write(f"\n{table}")
            name = sold(folder, there, port)
        finally:
            if serving:
                os.killpg(serving.pid, signal.SIGTERM)
                serving.wait(60)
    took = time.monotonic() - began
    users = {u.username: u for u in backend.simulator().users.values()}

    assert users[name].active
    record_property(
        "figures",
        f"WHMCS, from an empty machine to the first sold package: {len(STEPS)} steps,"
        f" {len(commands())} commands, {took:.0f} s of the machine's time",
    )


def sold(folder, there, port):
    """Steps 3 to 6: server, test, product, order. The name of the account."""
    shop = Shop(folder, int(port), there["Username"], there["Password"])
    shop.module = folder / "var/www/whmcs/modules/servers/switchhook"
    shop.set("tblservers", "id = 1", hostname=there["Hostname"])
    assert {"success": True, "error": ""} == shop.ask("TestConnection")
    package, *_ = shop.ask("Packages")
    assert ["success"] == shop.pay(shop.order(shop.product(package), 4711))
    assert "Active" == shop.state(4711)
    return shop.rows("tblhosting")[0]["username"]


def test_its_steps_are_numbered_without_a_gap():
    """Six of them: source, copy, server, product, cron, try."""
    assert ["1", "2", "3", "4", "5", "6"] == STEPS
