"""The verb mail: what customers are mailed, as they read it."""

from bridge.letters.samples import KINDS
from tests.bridge.cli.test_cli import said, switchhook
from tests.shopper import BRANDS


def test_which_mails_there_are_and_whose_of_them_we_send(make):
    """I2: every one, the links of a shop with them."""
    rig, _ = make(mailed=True, more=BRANDS)
    rows, code = said(rig.path, "mail", "preview")
    ours = {row["mail"]: row["sent by us for"] for row in rows}

    assert (0, list(KINDS)) == (code, list(ours))
    assert {"prove", "login", "reminder", "topup-delayed"} <= set(ours)
    assert "acme, mekong" == ours["prove"]
    assert ("acme, mekong, shop", "acme, mekong, shop", "") == (
        ours["login"], ours["threshold"], ours["suspended"]
    )  # fmt: skip


def test_each_mail_is_shown_in_a_brands_voice_and_a_language(make):
    """I2: as text, as HTML, and as a program reads it."""
    rig, _ = make(mailed=True, more=BRANDS)

    def shown(*more):
        return switchhook(rig.path, "mail", "preview", *more).stdout

    its_own = shown("suspended", "--brand", "mekong")
    link = shown("prove", "--brand", "acme")
    html = shown("prove", "--brand", "acme", "--html", "--language", "de")
    told, _ = said(rig.path, "mail", "preview", "login", "--brand", "acme")

    assert "đang tạm ngưng" in its_own
    assert its_own.startswith("From: Mekong Voice <hello@mekong.example>\nSubject: ")
    assert "https://shop.acme.example/password/example" in link
    assert '<html lang="de"' in html
    assert "Acme Calls" in told["subject"]


def test_what_is_not_said_or_not_there_is_named(make):
    rig, _ = make(mailed=True, more=BRANDS)
    ends = [
        switchhook(rig.path, "mail", "preview", *said_)
        for said_ in (["renewed"], ["no"], ["renewed", "--brand", "elsewhere"])
    ]
    bare, _ = make()
    ends.append(switchhook(bare.path, "mail", "preview", "renewed"))

    assert [1] * 4 == [end.exit_code for end in ends]
    assert "say whose with --brand: acme, mekong, shop" in ends[0].stderr
    assert "there is no mail no; those there are: login, " in ends[1].stderr
    assert "elsewhere has no brand of its own" in ends[2].stderr
    assert "no source has a brand" in ends[3].stderr
