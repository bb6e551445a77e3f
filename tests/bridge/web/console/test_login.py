"""The login: one page, one answer, and nothing to guess by."""

import re
from datetime import timedelta

import pyotp
import pytest

from bridge.access import codes, passwords
from bridge.web.access import cookies
from bridge.web.site import own
from tests.browser import faults
from tests.visit import PASSWORD, Visit


@pytest.fixture
def visit(rig):
    """Ann, who is set up; her browser has no cookie yet."""
    ann = Visit(rig, name="ann@example.com")
    ann.client = ann.app.test_client()
    return ann


def code(visit, ahead=0):
    at = visit.rig.clock.wall() + timedelta(seconds=ahead)
    return pyotp.TOTP(visit.secret).at(at)


def log_in(visit, *, origin=None, referer="/login", **said):
    form = {"name": "ann@example.com", "password": PASSWORD} | said
    headers = {"Origin": origin or visit.url}
    return visit.client.post("/login", base_url=visit.url, data=form, headers=headers)


def is_in(visit):
    return visit.client.get("/", base_url=visit.url).status_code == 200


def test_name_password_and_code_open_it(visit):
    """And where he wanted to go is where he comes to."""
    answer = log_in(visit, code=code(visit), next="/?x=1")

    assert (303, "/?x=1") == (answer.status_code, answer.headers["Location"])
    assert is_in(visit)


def test_the_cookie_is_for_this_host_and_no_script(visit):
    answer = log_in(visit, code=code(visit))
    [cookie] = answer.headers.getlist("Set-Cookie")

    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_behind_https_it_is_bound_to_it(make):
    """__Host-: no other name of the domain can set or read it."""
    rig, _ = make(more='[console]\nurl = "https://admin.example.com"')
    ann = Visit(rig, name="ann@example.com")
    answer = log_in(ann, code=code(ann))
    [cookie] = answer.headers.getlist("Set-Cookie")

    assert cookie.startswith("__Host-switchhook=")
    assert {"Secure", "Path=/"} <= set(re.split("; ", cookie))
    assert "Domain" not in cookie


@pytest.mark.parametrize(
    "wrong",
    [{"password": "another password"}, {"code": "000000"}, {"name": "bob@example.com"},
     {"code": "spare-9"}],
)  # fmt: skip
def test_whatever_is_wrong_is_told_alike(visit, wrong):
    """Nobody learns whether it was the name, the password or the code."""
    answer = log_in(visit, **{"code": code(visit)} | wrong)

    assert answer.status_code == 401
    assert "Name, password and code do not go together" in answer.text
    assert not is_in(visit)


def test_the_password_is_tried_whoever_it_is(visit, monkeypatch):
    """Or the time would tell which names there are."""
    tried = []
    monkeypatch.setattr(passwords, "fits", lambda *said: tried.append(said) or False)
    for name in ("ann@example.com", "bob@example.com"):
        log_in(visit, name=name, code="000000")

    assert [kept is None for _, kept in tried] == [False, True]


def test_a_code_opens_once(visit):
    """Whoever saw it over a shoulder is late."""
    seen = code(visit)
    log_in(visit, code=seen)
    visit.client.delete_cookie("switchhook", domain="127.0.0.1")

    assert log_in(visit, code=seen).status_code == 401


def test_a_recovery_code_opens_once(visit):
    assert log_in(visit, code="spare-2").status_code == 303
    assert log_in(visit, code="spare-2").status_code == 403  # logged in: no token
    visit.client.delete_cookie("switchhook", domain="127.0.0.1")
    assert log_in(visit, code="spare-2").status_code == 401


def test_who_has_ended_does_not_come_in(visit):
    """Nor does a session of his that is still in a browser."""
    log_in(visit, code=code(visit))
    Visit(visit.rig)  # another owner: the last one cannot end
    visit.order("user.end", user="ann@example.com", now=visit.now)

    assert not is_in(visit)
    assert log_in(visit, code=code(visit, 30)).status_code == 401


def test_guessing_is_slow(visit):
    """Five tries for a name, whoever makes them; then a wait."""
    # Guard off (_paced left out): red, ten times 401 from two addresses.
    got = []
    for n in range(7):
        visit.client.environ_base["REMOTE_ADDR"] = f"127.0.0.{n + 1}"
        got.append(log_in(visit, code="000000").status_code)
    visit.rig.clock.ahead += timedelta(minutes=3)

    assert got == [401] * 5 + [429] * 2
    assert log_in(visit, code=code(visit)).status_code == 303


def test_one_address_guesses_slowly(visit):
    """Ten at once, whichever names it tries."""
    got = [log_in(visit, name=f"n{n}@example.com", code="0").status_code
           for n in range(12)]  # fmt: skip

    assert got == [401] * 10 + [429] * 2


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
def test_nobody_is_logged_in_from_elsewhere(visit, origin):
    """As somebody whose account the attacker reads afterwards."""
    assert log_in(visit, code=code(visit), origin=origin).status_code == 403


@pytest.mark.parametrize(
    "path",
    ["", "x", "//evil.example", "/\\evil.example", "https://evil.example", "/\n/x",
     "javascript:alert(1)", "/<script>", "/ x", "\t//evil.example", "/\t/evil.example",
     "///evil.example", "/%0d%0aSet-Cookie:x", "http:/x", "\\\\evil.example"],
)  # fmt: skip
def test_nobody_is_sent_elsewhere(path):
    """What is no path of ours leads to the first page; an encoded one stays encoded."""
    assert own(path) in {"/", "/%0d%0aSet-Cookie:x"}


def test_logging_out_ends_it_everywhere(visit):
    """The cookie, kept by somebody, opens nothing."""
    log_in(visit, code=code(visit))
    kept = visit.client.get_cookie("switchhook", domain="127.0.0.1").value
    visit.token = kept
    visit.post("/logout")
    visit.client.set_cookie("switchhook", kept, domain="127.0.0.1")

    assert not is_in(visit)


def test_what_needs_proof_asks_for_it(visit):
    """After a quarter of an hour; and with a code it is open again."""
    log_in(visit, code=code(visit))
    visit.token = visit.client.get_cookie("switchhook", domain="127.0.0.1").value
    visit.stale()
    assert not cookies.is_fresh(visit.session, visit.rig.clock.wall())
    answer = visit.post("/prove", code=code(visit, 30), next="/")

    assert (303, "/") == (answer.status_code, answer.headers["Location"])
    assert cookies.is_fresh(visit.session, visit.rig.clock.wall())


def test_a_wrong_proof_proves_nothing(visit):
    visit.log_in()
    visit.stale()
    told = visit.told(visit.post("/prove", code="000000", referer="/prove"))

    assert "That code does not fit" in told
    assert not cookies.is_fresh(visit.session, visit.rig.clock.wall())


def test_no_header_gives_a_page_away(visit):
    """No other site may frame it, none learns where somebody was, nothing is kept."""
    headers = visit.get("/login").headers

    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"


def test_it_can_be_read_and_used_by_everybody(served):
    """The login, the proof and the page a new user's link leads to."""
    visit, _ = served()
    token = "y" * 43
    visit.order("user.add", user="bob@example.com", role="support", sources=None,
                hashed=codes.hashed(token), now=visit.now)  # fmt: skip
    page, wrong = visit.open(), {}
    for path in ("/login", "/prove", f"/setup/{token}", "/setup/none", "/nowhere"):
        page.goto(visit.url + path)
        assert page.title().endswith(" · Switchhook"), path
        if found := faults(page):
            wrong[path] = found

    assert {} == wrong


def test_the_whole_way_in_a_browser(served):
    """Invited, set up with a phone, logged in with a recovery code."""
    visit, page = served()
    said = []
    page.on("console", lambda message: said.append(message.text))
    token = "x" * 43
    visit.order("user.add", user="bob@example.com", role="support", sources=None,
                hashed=codes.hashed(token), now=visit.now)  # fmt: skip
    page.goto(f"{visit.url}/setup/{token}")
    secret = page.locator("code.key").text_content()
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.fill("#code", pyotp.TOTP(secret).at(visit.rig.clock.wall()))
    page.click("button:has-text('Set up')")
    spare = page.locator(".codes code").first.text_content()
    page.click("text=Go to the login")
    page.fill("#name", "Bob@Example.com")
    page.fill("#password", PASSWORD)
    page.fill("#code", spare)
    page.click("button:has-text('Log in')")

    assert page.title() == "Today · Switchhook"
    assert not [one for one in said if "Security" in one]
    page.goto(f"{visit.url}/setup/{token}")
    assert "used already" in page.text_content("main")


def test_a_page_before_that_is_none_of_ours_leads_nowhere(visit):
    """What the browser says where it came from is a text like any other."""
    # Guard off (Go without own): red, //evil.example.
    visit.log_in()
    answer = visit.post("/prove", code="000000", referer="//evil.example/")

    assert "/" == answer.headers["Location"]
