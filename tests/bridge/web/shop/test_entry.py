"""Signing up, proving an address, logging in: told to nobody but to that address."""

import pytest

from tests.shopper import PASSWORD, Shopper


def test_who_signs_up_is_in_once_his_address_is_proved(shopper):
    """No account and no session before the link in the mail was used."""
    one = shopper()
    assert one.get("/services").headers["Location"].startswith("/login")
    one.sign_up()

    assert one.who.proved_at is not None
    assert 200 == one.get("/services").status_code
    assert one.client.get_cookie("__Host-shop", domain="shop.acme.example").http_only


def test_a_link_is_of_use_once(shopper):
    """Guard off (`unlink_all` in `customers.choose`): red, it opens again."""
    one = shopper()
    one.post("/signup", name="Ann", email=one.address)
    path = one.link()
    page = one.get(path).text
    assert 303 == one.choose(path).status_code
    one.client.delete_cookie("__Host-shop", domain="shop.acme.example")

    assert 404 == one.get(path).status_code
    told = one.post(path.partition("?")[0], page=page, password=PASSWORD)
    assert one.client.get_cookie("__Host-shop", domain="shop.acme.example") is None
    assert "used already" in one.get(told.headers["Location"]).text


def test_nobody_chooses_a_password_for_an_address_that_is_not_his(shopper):
    """Who signs up another knows no way in once that one followed the link."""
    one = shopper()
    told = one.post("/signup", name="Eve", email=one.address, password=PASSWORD)
    assert 303 == told.status_code  # the form has no such field: refused
    one.post("/signup", name="Eve", email=one.address)
    one.choose(one.link(), "chosen by whose address it is")
    eve = Shopper(one.rig, "acme", one.address)
    told = eve.post("/login", email=one.address, password=PASSWORD)

    assert 401 == told.status_code


def test_nobody_learns_whose_address_is_known(shopper):
    """The same page, whether somebody signs up anew or has been here long."""
    known = shopper().sign_up()
    stranger = shopper()
    pages = [
        each.post("/signup", name="B", email=each.address).text
        for each in (Shopper(known.rig, "acme", known.address), stranger)
    ]
    forgotten = [
        Shopper(known.rig).post("/forgot", email=address).text
        for address in (known.address, "nobody@example.com")
    ]

    said = [p.replace(known.address, "X").replace(stranger.address, "X") for p in pages]
    assert said[0] == said[1]
    said = [
        p.replace(known.address, "X").replace("nobody@example.com", "X")
        for p in forgotten
    ]
    assert said[0] == said[1]


def test_a_forgotten_password_is_chosen_anew_and_ends_what_was_open(shopper):
    """Whoever was logged in with the old one is out."""
    # Guard off (`sessions.end_all` in `_choose`): red, he is in still.
    one = shopper().sign_up()
    other = Shopper(one.rig, "acme", one.address)
    other.post("/forgot", email=one.address)
    new = "another horse, another staple"
    assert 303 == other.choose(other.link(), new).status_code

    assert one.get("/services").status_code == 303
    third = Shopper(one.rig, "acme", one.address)
    wrong = third.post("/login", email=one.address, password=PASSWORD)
    right = third.post("/login", email=one.address, password=new)
    assert (401, 303) == (wrong.status_code, right.status_code)
    assert 200 == third.get("/services").status_code


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa"])
def test_a_weak_password_is_not_taken(shopper, password):
    one = shopper()
    one.post("/signup", name="A", email=one.address)
    told = one.choose(one.link(), password)

    assert 400 == told.status_code
    assert "12 letters or more" in told.text
    assert one.who.proved_at is None


def test_a_form_from_elsewhere_logs_nobody_in(shopper):
    """Guard off (`is_ours` says yes): red."""
    one = shopper().sign_up()
    other = Shopper(one.rig, "acme", one.address)
    told = other.client.post(
        "/login", base_url=other.url, headers={"Origin": "https://evil.example"},
        data={"email": one.address, "password": PASSWORD},
    )  # fmt: skip

    assert 403 == told.status_code
    assert None is other.client.get_cookie("__Host-shop", domain="shop.acme.example")
