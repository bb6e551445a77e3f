"""`switchhook catalog`: what differs is shown first, and applied when it is said."""

import getpass
import json

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from bridge.cli import main
from bridge.store import catalogs
from bridge.store.tables import catalog
from tests.bridge.seen import hours, paid, until
from tests.conftest import engine  # noqa: F401 - on both databases here


def switchhook(path, *arguments):
    return CliRunner().invoke(main, ["--config", str(path), *arguments])


def said(path, *arguments):
    result = switchhook(path, *arguments, "--json")
    return [json.loads(line) for line in result.stdout.splitlines()], result.exit_code


def rewrite(rig, **swaps):
    text = rig.path.read_text()
    for old, new in swaps.values():
        assert old in text
        text = text.replace(old, new, 1)
    rig.path.write_text(text)


@pytest.fixture
def sold(pair):
    """Two bought `starter`; it is written otherwise by now, and `plain` no more."""
    rig, simulator = pair
    for no in ("1", "2"):
        rig.order(no, id_=f"order-{no}", line=no, client=no)
    rig.run()
    rewrite(
        rig,
        price=("29.00 USD", "35.00 USD"),
        channels=("channels = 5", "channels = 9"),
        plan=("[packages.plain]", "[packages.modest]"),
    )
    return rig, simulator


def applied(rig):
    with rig.database.read() as tx:
        return catalogs.history(tx)


def test_what_differs_is_shown_and_nothing_is_done(sold):
    """I3: exit code 2; each place with what it was and is, and how many it touches."""
    # Guard off (`--yes` taken for said): red.
    rig, _ = sold
    [told], code = said(rig.path, "catalog", "apply")
    shown = switchhook(rig.path, "catalog", "apply").output

    assert 2 == code
    assert {"starter": 2} == told["running"]
    assert {"at": "packages.starter.channels", "was": "5", "now": "9"} in (
        told["differences"]
    )
    assert "~ packages.starter.price: 29.00 USD → 35.00 USD" in shown
    assert "- packages.plain.price: 9.00 USD" in shown
    assert "+ packages.modest.price: 9.00 USD" in shown
    assert "2 running on starter go on as before, until `catalog move starter`" in shown
    assert "nothing is changed yet; with --yes" in shown
    assert 1 == len(applied(rig))


def test_applied_it_is_current_and_kept_with_who_and_why(sold):
    """I3: exit code 0; said again there is nothing to do."""
    rig, _ = sold
    result = switchhook(rig.path, "catalog", "apply", "--yes", "--because", "spring")
    [second, first] = applied(rig)

    assert 0 == result.exit_code
    assert f"current from now on: {second.version[:12]}" in result.output
    assert (getpass.getuser(), "spring") == (second.by, second.because)
    assert second.version == rig.parts.catalog.version != first.version
    [told], code = said(rig.path, "catalog", "apply", "--yes")
    assert ([], 0) == (told["differences"], code)
    assert 2 == len(applied(rig))


def test_a_faulty_file_is_refused_whole(sold):
    """I3: never half of it; every fault is named."""
    rig, _ = sold
    rewrite(rig, cycle=('"monthly"', '"yearly"'), tariff=('"standard"', '"none"'))
    result = switchhook(rig.path, "catalog", "apply", "--yes")

    assert 1 == result.exit_code
    assert "packages.starter.cycle: Must be one of" in result.output
    assert 1 == len(applied(rig))


def test_others_applied_meanwhile_are_not_overruled(sold, monkeypatch):
    """U10: exit code 5; what was compared is not current any more."""
    # Guard off (`was` not compared in the order): red.
    rig, _ = sold
    usual = catalogs.running

    def meanwhile(tx):
        monkeypatch.setattr(catalogs, "running", usual)
        rig.sells()
        return usual(tx)

    monkeypatch.setattr(catalogs, "running", meanwhile)
    result = switchhook(rig.path, "catalog", "apply", "--yes")

    assert 5 == result.exit_code
    assert "other terms were applied meanwhile" in result.output
    assert 2 == len(applied(rig))


def test_check_says_that_what_is_written_is_not_current(sold):
    """I3: no fault; it may be meant."""
    rig, _ = sold
    [told], code = said(rig.path, "check")

    assert ({"version": told["catalog"]["version"], "differs": True}, 0) == (
        told["catalog"], code,
    )  # fmt: skip
    assert "Not current: the configuration sells by other" in (
        switchhook(rig.path, "check").output
    )

    rig.sells()

    assert "Not current" not in switchhook(rig.path, "check").output


def test_check_says_what_may_be_a_slip_and_every_ladder(pair):
    """P11, C7: a discount that does not rise is a warning, and no fault."""
    rig, _ = pair
    steps = 'family = "calls"\nrank = 3\ndiscounts = { quarterly = 5, annually = 5 }\n'
    rewrite(rig, family=("[packages.starter]\n", f"[packages.starter]\n{steps}"))
    families = '[families.calls]\n[families.more]\nof = "calls"\n'
    rig.path.write_text(rig.path.read_text() + families)
    result = switchhook(rig.path, "check")

    assert 0 == result.exit_code
    assert "Warnings\n  packages.starter.discounts.annually: 5 % is" in result.output
    assert "families.more: no package is of this family" in result.output
    assert "calls: plans by rank, the best last: starter (3)" in result.output
    assert "more: hangs on calls; plans by rank, the best last: none" in result.output


def test_the_current_terms_and_those_of_before_are_shown(sold):
    """I3: by the version `history` names, or the beginning of one."""
    rig, _ = sold
    rig.sells()
    second, first = applied(rig)
    [now], _ = said(rig.path, "catalog", "show")
    [was], _ = said(rig.path, "catalog", "show", first.version[:12])

    assert (second.version, True) == (now["version"], now["current"])
    assert (first.version, False) == (was["version"], was["current"])
    assert ("9", "5") == tuple(
        one["says"]["packages.starter.channels"] for one in (now, was)
    )
    assert "packages.starter.channels: 9" in switchhook(
        rig.path, "catalog", "show"
    ).output  # fmt: skip


def test_a_version_nobody_knows_is_said(pair):
    """And where nothing is current yet, what makes it so."""
    rig, _ = pair
    assert 'there is no version "abc"; see `switchhook catalog history`' in (
        switchhook(rig.path, "catalog", "show", "abc").output
    )
    with rig.database.change() as tx:
        tx.execute(sa.delete(catalog))

    assert "nothing is current yet; the first start" in (
        switchhook(rig.path, "catalog", "show").output
    )


def test_history_says_how_many_go_by_which(sold):
    """I3: the newest first."""
    rig, _ = sold
    rig.sells()
    rig.order("3", id_="third", line="3", client="3")
    rig.run()
    told, code = said(rig.path, "catalog", "history")

    assert [(2, 1), (1, 2)] == [(one["no"], one["running"]) for one in told]
    assert 0 == code
    assert "the first start" in switchhook(rig.path, "catalog", "history").output


def test_who_runs_on_older_terms_is_moved_when_it_is_said(sold):
    """I3: shown first, exit code 2; then with the next renewal of each."""
    rig, _ = sold
    rig.sells()
    shown = switchhook(rig.path, "catalog", "move", "starter")
    done = switchhook(rig.path, "catalog", "move", "starter", "--yes")
    again = switchhook(rig.path, "catalog", "move", "starter")

    assert (2, 0, 0) == (shown.exit_code, done.exit_code, again.exit_code)
    assert "2 sold by " in shown.output
    assert "~ packages.starter.channels: 5 → 9" in shown.output
    assert "nothing is moved yet" in shown.output
    assert "2 are moved, with the next renewal of each" in done.output
    assert "there is nobody to move to the current terms of starter" in again.output


def test_who_is_to_be_moved_is_shown_with_his_account(sold):
    """I3: by which terms he runs, and from when on by others."""
    rig, _ = sold
    rig.sells()
    old = applied(rig)[-1].version[:12]

    assert f", by the terms {old}\n" in (
        switchhook(rig.path, "plan", "shop:1").output.replace("  ", "")
    )

    switchhook(rig.path, "catalog", "move", "starter", "--yes")
    [told], _ = said(rig.path, "plan", "shop:1")

    assert f"{applied(rig)[0].version[:12]} from its renewal" in told["services"][0]


def test_moved_now_the_limits_follow_at_once(sold):
    """I3: and no free credit is given for it."""
    rig, simulator = sold
    rig.sells()
    [told], code = said(rig.path, "catalog", "move", "starter", "--at", "now", "--yes")
    rig.run()

    assert (2, 0) == (told["moved"], code)
    assert {9} == {user.channels for user in simulator.users.values()}
    assert 2 == len(paid(simulator))


@pytest.mark.parametrize(
    ("swap", "name", "says"),
    [
        (('"monthly"', '"annually"'), "starter",
         '"starter" was sold monthly and is sold annually now: what is paid for can'),
        (("[packages.starter]", "[packages.better]"), "starter",
         '"starter" is not sold by the current terms; see `switchhook catalog show`'),
        (("channels = 2", "channels = 3"), "modest",
         '"modest" is bought once and never renewed; say --at now'),
    ],
)  # fmt: skip
def test_what_cannot_be_moved_is_refused_with_the_way_out(sold, swap, name, says):
    """I3: nothing is moved."""
    rig, _ = sold
    rig.sells()
    rig.order("3", id_="third", line="3", client="3", package="modest")
    rig.run()
    rewrite(rig, swap=swap)
    rig.sells()
    result = switchhook(rig.path, "catalog", "move", name, "--yes")

    assert 1 == result.exit_code
    assert says in result.output


def test_an_account_stays_where_it_is(make, other_backend):
    """U7: a package sold on another backend now moves nobody there."""
    more, _ = other_backend()
    rig, _ = make(more=more)
    rig.order()
    rig.run()
    rewrite(
        rig,
        backend=('backend = "main"\nprice = "29', 'backend = "second"\nprice = "29'),
    )
    rig.sells()
    result = switchhook(rig.path, "catalog", "move", "starter")

    assert 1 == result.exit_code
    assert 'was sold on backend "main" and is sold on "second" now' in result.output


def test_a_running_bridge_applies_and_heeds_it(live):
    """U8: through the hatch on SQLite; the process that runs is not started anew."""
    rig, simulator = live()
    rig.order()
    rewrite(rig, channels=("channels = 5", "channels = 9"))
    rewrite(rig, quantity=("channels = 2", "channels = 3"))

    assert 0 == switchhook(rig.path, "catalog", "apply", "--yes").exit_code

    rig.order("2", id_="second", line="2", client="8", at=hours(1))
    until(lambda: len(simulator.users) == 2 and set(rig.fates().values()) == {"done"})

    assert {5, 9} >= {user.channels for user in simulator.users.values()} >= {9}


def test_it_is_kept_who_was_moved_by_whom_and_why(sold):
    """I3: beside the terms that were applied."""
    rig, _ = sold
    rig.sells()
    switchhook(rig.path, "catalog", "move", "starter", "--yes",
               "--because", "spring prices")  # fmt: skip
    told, _ = said(rig.path, "catalog", "history")
    shown = switchhook(rig.path, "catalog", "history").output

    assert ("starter", 2, "renewal", getpass.getuser(), "spring prices") == tuple(
        told[-1][key] for key in ("package", "moved", "when", "by", "because")
    )
    assert "2 of starter moved to" in shown
    assert "spring prices" in shown


def test_page_after_page_is_one_movement(sold, monkeypatch):
    """I3: however many there were."""
    rig, _ = sold
    rig.sells()
    monkeypatch.setattr("bridge.cli.catalog.PAGE", 1)
    switchhook(rig.path, "catalog", "move", "starter", "--at", "now", "--yes")
    told, _ = said(rig.path, "catalog", "history")

    assert [(2, "now", None)] == [
        (one["moved"], one["when"], one["because"]) for one in told if "moved" in one
    ]
