"""The module's files: PHP that every version reads, and nothing unsafe shown."""

import json
import re
import subprocess

import pytest

from tests.hooks.whmcs.shop import HARNESS, MODULE, PHP, ROOT

FILES = sorted([*MODULE.rglob("*.php"), *HARNESS.glob("*.php")])
OURS = sorted(MODULE.rglob("*.php"))
ASIDE = re.compile(r"/\*.*?\*/|//[^\n]*|'[^'\n]*'", re.DOTALL)
"""Comments and texts."""

NEWER = {
    r"\?->": "8.0, nullsafe",
    r"\bmatch\s*\(": "8.0, match",
    r"\bstr_(contains|starts_with|ends_with)\s*\(": "8.0",
    r"function\s+__construct\([^)]*\b(public|private|protected)\b": "8.0, promotion",
    r"\b(enum|readonly)\s+\w+\s*[{:$]": "8.1",
    r"function[^(]*\([^)]*\w\|\w": "8.0, union types",
    r"\barray_is_list\s*\(": "8.1",
    r"\):\s*(static|mixed|never)\b": "8.0",
    r",\s*\)\s*(:\s*\??\w+\s*)?\{": "8.0, a comma after the last parameter",
    r"\(\w+:\s[^:]": "8.0, named arguments",
}
FUNCTIONS = [
    *["MetaData", "ConfigOptions", "TestConnection", "CustomActions", "ClientArea"],
    *["CreateAccount", "SuspendAccount", "UnsuspendAccount", "TerminateAccount"],
    *["Renew", "ChangePackage", "ChangePassword", "UsageUpdate", "MetricProvider"],
    *["ListAccounts", "AdminCustomButtonArray", "AdminServicesTabFields"],
    *["AdminServicesTabFieldsSave", "ServiceSingleSignOn", "AdminSingleSignOn"],
]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_file_is_php(file):
    """U12: what is copied to a customer's server is read without a fault."""
    done = subprocess.run(
        [PHP, "-l", file], capture_output=True, text=True, check=False
    )

    assert 0 == done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_nothing_is_newer_than_php_7_4(file):
    """U12: WHMCS 8.0 runs on it; the tests' own PHP is newer and would not tell."""
    code = ASIDE.sub("", file.read_text())
    found = [why for what, why in NEWER.items() if re.search(what, code, re.DOTALL)]

    assert [] == found


def test_every_function_that_whmcs_calls_is_there():
    """U12: by its name, and none whose name WHMCS would not know."""
    code = (MODULE / "switchhook.php").read_text()
    there = re.findall(r"^function switchhook_(\w+)", code, re.MULTILINE)
    buttons = ["preview", "reprovision", "sync", "topup", "login", "Packages"]

    assert sorted([*FUNCTIONS, *buttons]) == sorted(there)


def test_every_value_of_a_template_is_escaped():
    """Smarty escapes nothing by itself there."""
    shown = [
        tag
        for file in MODULE.glob("templates/*.tpl")
        for tag in re.findall(r"\{(\$[^}]+)\}", file.read_text())
    ]

    assert shown
    assert [] == [tag for tag in shown if not tag.endswith("|escape")]


def test_the_card_in_apps_and_integrations_is_whole():
    """advanced/json-file.md: its logo is there and at most 500 pixels wide."""
    card = json.loads((MODULE / "whmcs.json").read_text())
    logo = (MODULE / card["logo"]["filename"]).read_bytes()

    assert ("whmcs-servers", "switchhook") == (card["type"], card["name"])
    assert b"\x89PNG" == logo[:4]
    assert int.from_bytes(logo[16:20]) <= 500


def test_the_page_for_admins_is_one_screen():
    """U12: copy, server, product, test; and what was not tried is said plainly."""
    page = (ROOT / "hooks/whmcs/README.md").read_text()

    assert len(page.splitlines()) <= 60
    assert "not run on a licensed WHMCS" in page
