"""The oldest and the newest PHP that the module is for: all it does, once on each.

`make phps` brings both and runs this; `make test` has one PHP, and needs no npm.
"""

import subprocess

import pytest

from tests.bridge.seen import credit, levels
from tests.engines import on_sqlite
from tests.hooks.whmcs.shop import MODULE, bare, other

VERSIONS = ("7-4", "8-3")
OURS = sorted(MODULE.rglob("*.php"))
PARSE = """
foreach (array_slice($argv, 1) as $file) {
    token_get_all(file_get_contents($file), TOKEN_PARSE);
    echo ".";
}
echo PHP_VERSION;
"""
pytestmark = pytest.mark.timeout(300)
versions = pytest.mark.parametrize("version", VERSIONS)


def parsed(version, *files):
    return subprocess.run(
        [*bare(version), "-r", PARSE, *map(str, files)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@versions
def test_every_file_is_read_by_it(version):
    """U12: each is of its grammar; it says itself which version it is."""
    done = parsed(version, *OURS)

    assert "." * len(OURS) + version.replace("-", ".") == done.stdout[: len(OURS) + 3]
    assert not done.stderr


def test_what_is_newer_is_not_read_by_the_oldest(tmp_path):
    """The test before this one can fail."""
    newer = tmp_path / "newer.php"
    newer.write_text("<?php function f(int|string $a) { return $a?->b; }")

    assert "unexpected '|'" in parsed("7-4", newer).stderr
    assert parsed("8-3", newer).stdout.startswith(".8.3")


@on_sqlite
@versions
def test_the_life_of_a_service_and_what_is_shown_of_it(stage, version):
    """U1, U2, U3, U4, U5, U9, U12: no warning and no deprecation on the way.

    In one process: to start it takes longer than all the rest.
    """
    on = stage()
    on.shop.php = other(version)
    *life, (shown, staff, packages, tried, fields, actions, lists) = on.shop.do(
        "all", these=[*lifes(on.shop), {"do": "all", "these": SHOWN}]
    )
    on.done()

    assert [["success"], ["success"], ["success"], "success", ["success"],
            ["success"], "success"] == life  # fmt: skip
    assert (False, 10, "2") == levels(on.simulator)
    assert "34.00" == credit(on.simulator)
    assert "templates/overview" == shown["templatefile"]
    assert "<td>10.00 USD</td>" in staff["Ledger"]
    assert "starter (29.00 USD, monthly)" == packages["starter"]
    assert tried["success"]
    assert "Package" in fields
    assert "switchhook_ServiceSingleSignOn" in str(actions)
    assert [on.simulator.users[1].username] == [
        each["username"] for each in lists["accounts"]
    ]


SHOWN = [
    {"do": "function", "function": "ClientArea", "ref": "4711"},
    {"do": "function", "function": "AdminServicesTabFields", "ref": "4711"},
    *(
        {"do": "function", "function": each}
        for each in ("Packages", "TestConnection", "ConfigOptions")
    ),
    {"do": "function", "function": "CustomActions", "ref": "4711"},
    {"do": "function", "function": "ListAccounts"},
]


def lifes(shop):
    """Ordered, renewed, upgraded, suspended, paid late, topped up, terminated."""
    order = shop.order(shop.product("starter"), 4711)
    paid = [
        order,
        shop.invoice(("Hosting", 4711), due=shop.day(31)),
        shop.upgrade(4711, shop.product("business")),
        shop.invoice(("Hosting", 4711), due=shop.day(62)),
        shop.addon("topup:credit10", 4711, 31),
    ]
    pays = [{"do": "pay", "invoice": each} for each in paid]
    calls = [
        {"do": "call", "function": each, "ref": "4711"}
        for each in ("SuspendAccount", "TerminateAccount")
    ]
    return [*pays[:3], calls[0], *pays[3:], calls[1]]
