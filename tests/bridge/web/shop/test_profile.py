"""A customer's own: name and language, password, second factor, sessions."""

import re
from datetime import timedelta

import pyotp
import pytest

from bridge.web.shop import proving
from tests.shopper import PASSWORD, Shopper

NEW = "another horse, another staple"
SECRET = re.compile(r"<summary>[^<]*</summary><p><code>([A-Z2-7]+)</code>")
SEALED = re.compile(r'name="secret" value="([^"]*)"')
HALF = re.compile(r'name="half" value="([^"]*)"')
SPARE = re.compile(r"<li><code>([^<]+)</code>")


def again(one):
    """He, in another browser, and nobody there yet."""
    return Shopper(one.rig, one.brand, one.address)


def code(one, secret, ahead=0):
    return pyotp.TOTP(secret).at(one.rig.clock.wall() + timedelta(seconds=30 * ahead))


def with_code(one):
    """He sets it up. The secret, and the codes for a lost phone."""
    page = one.get("/profile/code").text
    secret, sealed = SECRET.search(page).group(1), SEALED.search(page).group(1)
    told = one.post("/profile/code", page=page, secret=sealed, password=PASSWORD,
                    code=code(one, secret))  # fmt: skip
    assert told.status_code == 200, told.text
    return secret, SPARE.findall(told.text)


def half(one, password=PASSWORD):
    """The password is right: what the page that asks for the code has."""
    page = one.post("/login", email=one.address, password=password).text
    return HALF.search(page).group(1)


def by_code(one, typed, half_):
    return one.post("/login/code", half=half_, code=typed)


def is_in(one):
    return one.get("/services").status_code == 200


def test_name_and_language_are_changed_and_hold_everywhere(shopper):
    """The language of the profile goes before that of the browser."""
    one = shopper().sign_up()
    page = one.get("/profile").text
    told = one.post("/profile", page=page, name="Ann Anew", language="de")
    elsewhere = again(one).log_in()
    elsewhere.client.delete_cookie("language", domain="shop.acme.example")

    assert 303 == told.status_code
    assert ("Ann Anew", "de") == (one.who.name, one.who.language)
    assert "de" == elsewhere.get("/services").headers["Content-Language"]


def test_a_language_the_brand_does_not_speak_is_refused(shopper):
    one = shopper().sign_up()
    page = one.get("/profile").text
    told = one.post("/profile", page=page, name="Ann", language="vi")

    assert "not spoken here" in one.get(told.headers["Location"]).text
    assert "en" == one.who.language


def test_a_password_is_changed_by_the_old_one_and_ends_other_sessions(shopper):
    """Guard off (`passwords.fits` in `_proved`): red, any word would do.

    Guard off (`end_others`): red, the other browser is still in.
    """
    one = shopper().sign_up()
    other = again(one).log_in()
    page = one.get("/profile").text
    one.post("/profile/password", page=page, old="not the one at all", password=NEW)
    assert is_in(other)
    one.post("/profile/password", page=page, old=PASSWORD, password=NEW)

    assert is_in(one)
    assert not is_in(other)
    assert 401 == other.post("/login", email=one.address,
                             password=PASSWORD).status_code  # fmt: skip
    assert 303 == other.post("/login", email=one.address, password=NEW).status_code


def test_guesses_at_the_old_password_are_slowed(shopper):
    """Guard off (`paced` in `_proved`): red, a thousand a minute."""
    one = shopper().sign_up()
    page = one.get("/profile").text
    told = [
        one.post("/profile/password", page=page, old="a guess", password=NEW)
        for _ in range(6)
    ]

    assert 429 == told[-1].status_code


def test_he_logs_in_with_a_code_once_that_is_set_up(shopper):
    """The code is asked for after the right password alone; each is of use once."""
    # Guard off (`use_up` in `_log_in`): red, the same code lets in twice.
    one = shopper().sign_up()
    secret, spare = with_code(one)
    assert 10 == len(set(spare))
    other = again(one)
    kept = half(other)
    assert not is_in(other)
    assert 401 == by_code(other, "000000", kept).status_code
    # What was shown at setting up is used up already.
    used = pyotp.TOTP(secret).at(one.who.step * 30)
    assert 401 == by_code(other, used, kept).status_code
    typed = code(one, secret, 1)
    assert 303 == by_code(other, typed, kept).status_code
    assert is_in(other)

    third = again(one)
    by_code(third, typed, kept)
    assert not is_in(third)
    assert 303 == by_code(third, spare[0], kept).status_code
    assert is_in(third)


def test_a_recovery_code_is_of_use_once(shopper, monkeypatch):
    monkeypatch.setattr(proving, "paced", lambda *_: None)
    one = shopper().sign_up()
    _, spare = with_code(one)
    other = again(one)
    kept = half(other)
    assert 303 == by_code(other, spare[3].upper(), kept).status_code
    third = again(one)

    assert 401 == by_code(third, spare[3], kept).status_code
    assert 9 == len(one.who.recovery)


def test_a_stranger_does_not_learn_who_has_a_second_factor(shopper):
    """The answer to a wrong password is the same, and asks for no code."""
    one = shopper().sign_up()
    with_code(one)
    plain = Shopper(one.rig).sign_up()
    told = []
    for address in (one.address, plain.address, "nobody@example.com"):
        answer = Shopper(one.rig).post("/login", email=address, password="not this 1")
        told.append((answer.status_code, answer.text.replace(address, "X")))

    assert 1 == len(set(told))
    assert "/login/code" not in told[0][1]


def test_half_a_login_is_of_no_use_elsewhere_nor_later_nor_after_a_change(shopper):
    """Guard off (`found.source != visit.front.source`): red, it is gone on with there.

    Guard off (`password == hashed(…)`): red, the old password still lets in.
    """
    one = shopper().sign_up()
    _, spare = with_code(one)
    kept = half(again(one))
    elsewhere = Shopper(one.rig, "mekong")
    said = elsewhere.post("/login/code", half=kept, code=spare[0])
    assert "/login/code" not in said.text
    assert 401 == said.status_code

    page = one.get("/profile").text
    one.post("/profile/password", page=page, old=PASSWORD, password=NEW)
    assert 401 == by_code(again(one), spare[0], kept).status_code

    kept = half(again(one), NEW)
    one.rig.wait(6 * 60)
    other = again(one)
    by_code(other, spare[0], kept)
    assert not is_in(other)
    assert 10 == len(one.who.recovery)


def test_only_the_password_and_a_fitting_code_set_it_up(shopper):
    """Guard off (`_proved` in `set_up_code`): red, who sits there locks him out."""
    one = shopper().sign_up()
    page = one.get("/profile/code").text
    secret, sealed = SECRET.search(page).group(1), SEALED.search(page).group(1)
    told = {"page": page, "secret": sealed, "code": code(one, secret)}
    one.post("/profile/code", password="not the one", **told)
    wrong = one.post("/profile/code", password=PASSWORD, **told | {"code": "000000"})

    assert 400 == wrong.status_code
    assert None is one.who.totp


@pytest.mark.parametrize("used", ["phone", "recovery"])
def test_it_is_removed_by_a_code_and_by_nothing_else(shopper, used):
    """Guards off (`used is None` in `remove_code`, `use_up` in `_no_second_factor`):
    red with both, a wrong one does."""
    one = shopper().sign_up()
    secret, spare = with_code(one)
    page = one.get("/profile").text
    one.post("/profile/code/remove", page=page, code="000000")
    assert one.who.totp is not None
    typed = code(one, secret, 1) if used == "phone" else spare[0]
    one.post("/profile/code/remove", page=page, code=typed)

    assert (None, ()) == (one.who.totp, one.who.recovery)
    assert 303 == again(one).post("/login", email=one.address,
                                  password=PASSWORD).status_code  # fmt: skip


def test_a_second_one_takes_the_place_of_none(shopper):
    """What is set up stays, until it is removed by a code of it."""
    one = shopper().sign_up()
    page = one.get("/profile/code").text
    secret, sealed = SECRET.search(page).group(1), SEALED.search(page).group(1)
    with_code(one)
    kept = one.who.totp
    one.post("/profile/code", page=page, secret=sealed, password=PASSWORD,
             code=code(one, secret))  # fmt: skip

    assert kept == one.who.totp
    assert "/profile" == one.get("/profile/code").headers["Location"]


def test_a_link_in_a_mail_does_not_go_round_the_code(shopper):
    """A password chosen anew still asks for it."""
    one = shopper().sign_up()
    _, spare = with_code(one)
    other = again(one)
    other.post("/forgot", email=one.address)
    other.choose(other.link(), NEW)

    assert not is_in(other)
    assert 303 == by_code(other, spare[0], half(other, NEW)).status_code


def test_logged_out_everywhere_is_here_too(shopper):
    one = shopper().sign_up()
    other = again(one).log_in()
    page = one.get("/profile").text
    assert "a test" in page
    told = one.post("/profile/sessions/end", page=page)

    assert "/login" == told.headers["Location"]
    assert not is_in(one)
    assert not is_in(other)
