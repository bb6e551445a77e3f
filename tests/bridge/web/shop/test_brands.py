"""A host is one brand's; what is another's is not there."""

from tests.shopper import Shopper


def test_each_host_has_its_brand_and_no_word_of_another(shopper):
    """U11: name, colours, currency and support address are its own."""
    acme, mekong = shopper("acme"), shopper("mekong")
    pages = {one.brand: one.get("/").text for one in (acme, mekong)}

    assert "Acme Calls" in pages["acme"]
    assert "Mekong" not in pages["acme"]
    assert "Mekong Voice" in pages["mekong"]
    assert "Acme" not in pages["mekong"]
    assert "29.95" in pages["acme"]
    assert "290" not in pages["acme"]
    assert "290.000" in pages["mekong"]
    assert "29.95" not in pages["mekong"]
    assert "switchhook" not in (pages["acme"] + pages["mekong"]).lower()


def test_an_unknown_host_is_told_nothing(shopper):
    """U11: neither a brand nor that there are any."""
    one = shopper()
    told = one.client.get("/", base_url="https://elsewhere.example")

    assert (404, "There is nothing here.") == (told.status_code, told.text)
    assert "Content-Security-Policy" in told.headers


def test_a_session_of_one_brand_is_none_at_another(shopper):
    """U11: the same cookie, sent to the other host.

    Guard off (`who.source == front.source`): red, he is let in there.
    """
    acme = shopper("acme").sign_up()
    mekong = Shopper(acme.rig, "mekong")
    token = acme.client.get_cookie("__Host-shop", domain="shop.acme.example").value
    mekong.client.set_cookie(
        "__Host-shop", token, domain="shop.mekong.example", secure=True
    )

    assert mekong.get("/services").headers["Location"].startswith("/login")


def test_what_another_customer_ordered_is_not_there(shopper):
    """U11: whether it is a customer of the same brand or of another, and signed in.

    Guard off (`_of_order` gives the asker's own client): red.
    """
    ann = shopper("acme").sign_up()
    path = ann.order(ann.quote())
    assert 200 == ann.get(path).status_code

    for brand in ("acme", "mekong"):
        other = Shopper(ann.rig, brand).sign_up()
        assert 404 == other.get(path).status_code
        page = other.get("/services").text
        assert 404 == other.post(f"{path}/cancel", page=page).status_code
        assert path.rpartition("/")[2] not in other.get("/orders").text


def test_the_language_is_asked_for_among_the_brands_own(shopper):
    """U11: by the browser; what the brand does not speak is its first."""
    one = shopper("acme")
    said = {
        asked: one.get("/", **{"Accept-Language": asked}).headers["Content-Language"]
        for asked in ("de-AT,de;q=0.9", "en-GB", "vi", "")
    }

    assert {"de-AT,de;q=0.9": "de", "en-GB": "en", "vi": "en", "": "en"} == said
