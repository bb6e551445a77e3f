"""The verbs for coupons: given to one, a file or a filter; shown, used, taken back."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bridge.store import tables
from tests.bridge.cli.test_cli import said, switchhook
from tests.bridge.seen import levels
from tests.bridge.test_coupons import LADDER

BECAUSE = ("--because", "the outage of 1 March")


@pytest.fixture
def fleet(make):
    """Three customers with the basic plan, and a fourth with something else."""
    rig, simulator = make(more=LADDER)
    for no in ("1", "2", "3"):
        begins = (rig.clock.now() - timedelta(hours=1)).isoformat()
        rig.post(
            f"order-{no}",
            "service.activate",
            account={"ref": f"c{no}"},
            service={"ref": no, "plan_ref": "basic", "period_start": begins},
            billing={"line_ref": no},
        )
    rig.order("4", id_="order-4", line="4", client="c4", package="plain")
    rig.run()
    return rig, simulator


def given(rig, *more):
    return said(rig.path, "coupon", "give", "boost", *more, *BECAUSE)


def listed(rig, *name):
    return said(rig.path, "coupon", "list", *name)[0]


def test_a_coupon_is_given_shown_and_switched_on(fleet):
    """B12: given to a service's account, listed with where it may be used, used."""
    rig, simulator = fleet
    told, code = given(rig, "shop:1", "--reference", "T1")
    id_ = f"T1/{rig.account().id}"
    [row] = listed(rig, "shop:1")
    previewed, _ = said(rig.path, "coupon", "activate", id_, "shop:1", "--preview")
    done, ended = said(rig.path, "coupon", "activate", id_, "shop:1")
    rig.run()
    used = listed(rig, "shop:1")[0]["state"]

    assert ({"reference": "T1", "given": 1, "had": 0}, 0) == (told, code)
    assert (id_, "boost", "unused", "shop:1") == (
        row["coupon"], row["kind"], row["state"], row["on"]
    )  # fmt: skip
    assert ("gold", 10, "extend", True, 0) == (
        done["package"], done["rank"], done["term"], done["spent"], ended
    )  # fmt: skip
    assert False is previewed["spent"]
    assert (10, True) == (levels(simulator)[1], used.startswith("used on shop:1, "))


def test_people_read_what_it_is_now_and_until_when(fleet):
    """B12: in one line; and in which it would be before."""
    rig, _ = fleet
    given(rig, "shop:1", "--reference", "T1")
    activate = ("coupon", "activate", f"T1/{rig.account().id}", "shop:1")
    before = switchhook(rig.path, *activate, "--preview").stdout
    after = switchhook(rig.path, *activate).stdout

    assert before.startswith("shop:1 would be as gold until 20")
    assert after.startswith("shop:1 is as gold until 20")


def test_what_is_refused_is_said_and_not_spent(fleet):
    """D5: exit code 4 and the reason; the coupon is there for another service."""
    rig, _ = fleet
    given(rig, "shop:4", "--reference", "T1")
    id_ = f"T1/{rig.account('shop:4').id}"
    result = switchhook(rig.path, "coupon", "activate", id_, "shop:4")
    [row] = listed(rig, "shop:4")

    assert (4, True) == (result.exit_code, "It is for calls" in result.stderr)
    assert ("unused", True) == (row["state"], "It is for calls" in row["on"])


def test_of_several_ways_one_is_chosen(fleet):
    """B12: none chosen is refused, the chosen one is what comes."""
    rig, _ = fleet
    said(rig.path, "coupon", "give", "drive", "shop:1", "--reference", "T1", *BECAUSE)
    activate = ("coupon", "activate", f"T1/{rig.account().id}", "shop:1")
    unchosen = switchhook(rig.path, *activate)
    done, _ = said(rig.path, *activate, "--variant", "2")

    assert (4, True) == (unchosen.exit_code, "choose one, 1 to 2" in unchosen.stderr)
    assert "gold" == done["package"]


@pytest.mark.parametrize(
    "which", [("--package", "basic"), ("--backend", "main", "--package", "basic")]
)
def test_a_filter_gives_to_all_it_matches_or_to_nobody(fleet, which):
    """B13: three match; a limit of two gives to none, and says how many there are."""
    rig, _ = fleet
    too_many = switchhook(
        rig.path, "coupon", "give", "boost", *which, "--limit", "2", *BECAUSE
    )
    nobody = listed(rig)
    told, _ = given(rig, *which, "--limit", "3")

    assert (4, True) == (too_many.exit_code, "given to 3" in too_many.stderr)
    assert ([], 3) == (nobody, told["given"])
    assert 3 == len(listed(rig))


def test_a_file_names_accounts_and_services(fleet, tmp_path):
    """B13: a line each; told again by the same reference, nobody gets a second."""
    rig, _ = fleet
    file = tmp_path / "these.txt"
    file.write_text(f"shop:1\n\n{rig.account('shop:2').id}\n")
    named = ("--file", str(file), "--limit", "2", "--reference", "T1")

    assert [2, 0] == [given(rig, *named)[0]["given"] for _ in range(2)]
    assert (
        "2 had theirs before"
        in switchhook(rig.path, "coupon", "give", "boost", *named, *BECAUSE).stdout
    )


@pytest.mark.parametrize(
    ("verb", "says"),
    [
        (("give", "boost", *BECAUSE), "nobody is named"),
        (("give", "none", "shop:1", *BECAUSE), "there is: boost, drive"),
        (("give", "boost", "shop:1", "--because", " "), "Say what for"),
        (("give", "boost", "shop:9", *BECAUSE), "no account or service shop:9"),
        (("activate", "c9", "shop:1"), "no coupon c9"),
        (("revoke", "c9", *BECAUSE), "no coupon c9"),
        (("pass", "c9", "--to", "shop:2"), "no coupon c9"),
    ],
)
def test_a_slip_is_said_with_the_way_out(fleet, verb, says):
    """B13: and nothing is given, used or taken."""
    rig, _ = fleet
    result = switchhook(rig.path, "coupon", *verb)

    assert says in result.stderr
    assert result.exit_code in {1, 4}
    assert [] == listed(rig)


def test_a_coupon_is_switched_on_for_a_service_not_an_account(fleet):
    """B12: an account may have several."""
    rig, _ = fleet
    given(rig, "shop:1", "--reference", "T1")
    id_ = rig.account().id
    result = switchhook(rig.path, "coupon", "activate", f"T1/{id_}", id_)

    assert (1, True) == (result.exit_code, "is no service" in result.stderr)


def test_a_coupon_is_passed_on_and_taken_back(fleet):
    """S8: it is the friend's; B13: unused, it can be taken back from him, once."""
    rig, _ = fleet
    given(rig, "shop:1", "--reference", "T1")
    mine, friend = rig.account().id, rig.account("shop:2").id
    id_ = f"T1/{mine}"
    to_self = switchhook(rig.path, "coupon", "pass", id_, "--to", "shop:1")
    told, _ = said(rig.path, "coupon", "pass", id_, "--to", "shop:2")
    gone = switchhook(rig.path, "coupon", "revoke", id_, "--because", "a mistake")
    again = switchhook(rig.path, "coupon", "revoke", id_, "--because", "again")
    [row] = listed(rig, "shop:2")

    told_him = {"passed": id_, "to": friend, "on": "shop:2"}
    assert (4, told_him) == (to_self.exit_code, told)
    assert (0, f"{id_} is taken back\n") == (gone.exit_code, gone.stdout)
    assert (1, True) == (again.exit_code, "taken back at" in again.stderr)
    assert "revoked" == row["state"]


def test_who_passes_a_coupon_on_hears_what_it_is_good_for_there(fleet):
    """S8: nothing, where the friend has no service it may be used on."""
    # Guard off (it is not looked at the friend's services): red.
    rig, _ = fleet
    given(rig, "shop:1", "--reference", "T1")
    id_ = f"T1/{rig.account().id}"
    no_use = switchhook(rig.path, "coupon", "pass", id_, "--to", "shop:4").stdout
    use = switchhook(rig.path, "coupon", "pass", id_, "--to", "shop:2").stdout

    assert "To be used on: shop:4: It is for calls" in no_use
    assert "To be used on: shop:2\n" in use


def test_a_bought_coupon_goes_to_a_friend_of_another_source(make):
    """S8: who switches it on there, and it is spent there."""
    priced = LADDER.replace("[coupons.drive]", 'price = "5.00 USD"\n[coupons.drive]')
    rig, simulator = make(more=priced)
    for no in ("1", "2"):
        rig.order(no, id_=f"order-{no}", line=no, client=f"c{no}", package="basic")
    rig.post(
        "buy", "topup.paid", account={"ref": "c1"},
        service={"product_ref": "boost"}, billing={"line_ref": "5"},
    )  # fmt: skip
    rig.run()
    friend = rig.account("shop:2").id
    with rig.database.change() as tx:
        of_friend = tables.account.c.id == friend
        tx.execute(sa.update(tables.account).where(of_friend).values(source="other"))
    [row] = listed(rig, "shop:1")
    said(rig.path, "coupon", "pass", row["coupon"], "--to", friend)
    done, code = said(rig.path, "coupon", "activate", row["coupon"], "shop:2")
    rig.run()

    assert ("shop:5/coupon/1", "shop:5", "5.00 USD") == (
        row["coupon"], row["line"], row["price"]
    )  # fmt: skip
    assert (0, "shop:2", True) == (code, done["service"], done["spent"])
    assert [5, 10] == [levels(simulator, no)[1] for no in (1, 2)]


def test_people_see_a_table_or_that_there_is_none(fleet):
    """B1: in words."""
    rig, _ = fleet
    empty = switchhook(rig.path, "coupon", "list").stdout
    given(rig, "shop:1", "--reference", "T1")
    shown = switchhook(rig.path, "coupon", "list", "shop:1").stdout

    assert ("none\n", True) == (empty, "boost" in shown and "unused" in shown)


def test_what_is_gone_from_the_configuration_is_shown_as_unusable(fleet):
    """B1: with the reason where its owner is looked at."""
    rig, _ = fleet
    said(rig.path, "coupon", "give", "drive", "shop:1", "--reference", "T1", *BECAUSE)
    with rig.database.change() as tx:
        tx.exec_driver_sql("UPDATE coupon SET kind = 'gone'")
    [row] = listed(rig, "shop:1")

    assert ("unusable", True) == (row["state"], "no coupon kind" in row["on"])


def test_plan_says_what_each_limit_is_made_of_while_something_acts(fleet):
    """I5: who gives it and how much, and until when it is really paid for."""
    rig, _ = fleet
    before, _ = said(rig.path, "plan", "shop:1")
    given(rig, "shop:1", "--reference", "T1")
    id_ = f"T1/{rig.account().id}"
    said(rig.path, "coupon", "activate", id_, "shop:1")
    during, _ = said(rig.path, "plan", "shop:1")
    paid = rig.account().services[0].paid_until + timedelta(hours=3)
    people = switchhook(rig.path, "plan", "shop:1").stdout

    assert "acting" not in before
    assert [
        f"shop:1: paid until {paid:%Y-%m-%d %H:%M} UTC by its coupons",
        f"shop:1: channels 10: 10 by coupon {id_}",
        f"shop:1: tariff wholesale: wholesale by coupon {id_}",
    ] == during["acting"]
    assert f"10 by coupon {id_}" in people


def test_plan_says_what_an_umbrella_gives(fleet):
    """S4: it moves no term."""
    rig, _ = fleet
    said(rig.path, "umbrella", "spread", "ten", "shop:1", *BECAUSE)
    found, _ = said(rig.path, "plan", "shop:1")

    assert "shop:1: channels 10: 10 by umbrella ten" == found["acting"][0]


def test_plan_says_that_a_hold_waits_for_the_end_of_banked_time(fleet):
    """D1: overdue by the platform's date, and paid for three hours longer by ours."""
    rig, simulator = fleet
    given(rig, "shop:1", "--reference", "T1")
    said(rig.path, "coupon", "activate", f"T1/{rig.account().id}", "shop:1")
    with rig.database.change() as tx:
        ends = rig.clock.now() + timedelta(seconds=30)
        tx.execute(sa.update(tables.period).values(ends=ends))
    rig.wait(60)
    rig.say("suspend", id_="suspend", at=rig.clock.now())
    rig.run()
    found, _ = said(rig.path, "plan", "shop:1")

    assert "shop:1: billing hold counts from then" == found["acting"][1]
    assert levels(simulator)[0]
