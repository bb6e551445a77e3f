"""The module's files: PHP that every version reads, and nothing unsafe shown."""

import json
import re
import subprocess

import pytest

from tests.hooks.whmcs.shop import HARNESS, MODULE, PHP, ROOT

FILES = sorted([*MODULE.rglob("*.php"), *HARNESS.glob("*.php")])
OURS = sorted(MODULE.rglob("*.php"))
TESTS = HARNESS.parent
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
    "ClientAreaAllowedFunctions",
]
CALLS = ("Create", "Suspend", "Unsuspend", "Terminate", "ChangePackage")
HOOKS = {
    "InvoicePaid", "InvoiceRefunded", "AddTransaction", "CancellationRequest",
    "AfterProductUpgrade", "AfterConfigOptionsUpgrade", "AfterAddonUpgrade",
    "AddonActivation", "AddonRenewal", "AddonSuspended", "AddonUnsuspended",
    "AddonCancelled", "AddonTerminated", "AddonDeleted", "ServiceDelete",
    "ClientEdit", "EmailPreSend", "ShoppingCartValidateUpgrade",
    "PreInvoicingGenerateInvoiceItems", "AfterCronJob",
    *(f"AfterModule{call}" for call in CALLS),
    *(f"AfterModule{call}Failed" for call in CALLS),
}  # fmt: skip
"""By name, from hooks-reference/; there is no AfterModuleRenew."""


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
    buttons = ["preview", "reprovision", "sync", "topup", "login", "activate",
               "Packages"]  # fmt: skip

    assert sorted([*FUNCTIONS, *buttons]) == sorted(there)


def test_every_hook_of_ours_is_one_whmcs_has(alone):
    """U12: what it does not know is never called."""
    assert HOOKS == set(alone.do("hooks"))


def test_all_of_it_is_driven(record_property):
    """U12: each function and each hook by some test, or by what the harness does."""
    tests = {*TESTS.glob("test_*.py")} - {TESTS / "test_module.py"}
    told = "".join(each.read_text() for each in [*tests, TESTS / "shop.py"])
    harness = (HARNESS / "whmcs.php").read_text()
    named = set(re.findall(r"""["'](?:switchhook_)?(\w+)["']""", told + harness))
    buttons = {"preview", "reprovision", "sync", "login", "topup", "activate"}
    told_by = {f"AfterModule{call}{end}" for call in CALLS for end in ("", "Failed")}
    assert 'Harness::hook("AfterModule$hook"' in harness
    assert 'Harness::hook("AfterModule{$hook}Failed"' in harness
    functions = {*FUNCTIONS, *buttons, "Packages"}

    assert set() == functions - named - {"MetricProvider"}
    assert "switchhook_MetricProvider(" in harness
    assert set() == HOOKS - named - told_by
    lines = sum(len(each.read_text().splitlines()) for each in OURS)
    stood = sum(len(each.read_text().splitlines()) for each in HARNESS.glob("*.php"))
    scenarios = len(re.findall(r"^def test_", told, re.MULTILINE))
    record_property(
        "figures",
        f"WHMCS: {len(functions)} functions and {len(HOOKS)} hooks, all driven;"
        f" {scenarios} tests; {lines} lines of PHP, {stood} of its stand-in",
    )


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
