"""Users, keys, sessions and the audit on their pages."""

import re

from bridge.access import tokens
from bridge.store import api_keys, audit, ticks, users
from tests.visit import Visit


def test_somebody_is_let_in_by_a_link_that_is_shown_once(rig):
    """The link leads to where he sets up his login."""
    visit = Visit(rig)
    page = visit.post("/users", user="Ann@Example.com", role="support").text
    link = re.search(r"http\S+/setup/[\w-]+", page)[0]

    assert 200 == visit.get(link.removeprefix(visit.url)).status_code
    assert "ann@example.com" in visit.get("/users").text


def test_a_reseller_sees_the_sources_he_is_given(rig):
    """U11: named with commas; one that is not there is refused."""
    visit = Visit(rig)
    visit.post("/users", user="r@example.com", role="reseller", sources="shop")
    wrong = visit.told(
        visit.post("/users", user="q@example.com", role="reseller", sources="nowhere",
                   referer="/users")
    )  # fmt: skip
    with rig.database.read() as tx:
        reseller = users.named(tx, "r@example.com")

    assert frozenset({"shop"}) == reseller.scope.sources
    assert "There is no source nowhere" in wrong


def test_a_role_is_changed_and_somebody_let_in_no_more(rig):
    """He is logged out at once."""
    visit, other = Visit(rig), Visit(rig, "operator")
    visit.post(f"/users/{other.name}/role", role="auditor")
    assert "auditor" == other.user.role
    assert other.session is None
    visit.post(f"/users/{other.name}/end")

    assert other.user.ended_at is not None


def test_the_last_owner_stays(rig):
    """Somebody must be able to let others in."""
    visit = Visit(rig)
    said = visit.told(visit.post(f"/users/{visit.name}/end", referer="/users"))

    assert "is the last owner" in said


def test_only_owners_change_users(rig):
    """Auditors see them, and change nothing."""
    auditor = Visit(rig, "auditor")

    assert "Let somebody in" not in auditor.get("/users").text
    assert 403 == auditor.post("/users", user="a@b.c", role="owner").status_code


def test_a_key_is_shown_once_and_revoked(rig):
    """What is kept is its hash; revoked it opens nothing."""
    visit = Visit(rig)
    page = visit.post("/keys", label="reports", role="auditor", days="30").text
    token = tokens.read(re.search(r"swk_\w+[\w-]*", page)[0])
    with rig.database.read() as tx:
        made = api_keys.found(tx, token.id)
    listed = visit.get("/keys").text
    visit.post(f"/keys/{token.id}/revoke")
    with rig.database.read() as tx:
        after = api_keys.found(tx, token.id)

    assert token.hash == made.hash
    assert token.id in listed
    assert token.text not in listed
    assert not after.holds(rig.clock.wall())


def test_owners_log_out_others_and_others_only_themselves(rig):
    """Each sees his own; an owner sees all."""
    # Guard off (the user is not compared): red, support logs out the owner.
    owner, support = Visit(rig), Visit(rig, "support")
    seen = support.get("/sessions").text
    no = support.post("/sessions/end", session=owner.session.hash)
    owner.post("/sessions/end", session=support.session.hash)

    assert owner.name not in seen
    assert 403 == no.status_code
    assert owner.session is not None
    assert support.session is None


def test_a_form_that_was_left_empty_asks_for_all(rig):
    """A browser sends its fields along, with nothing in them."""
    # Guard off (`query` as it was sent): red, 400.
    visit = Visit(rig)

    assert 200 == visit.get("/audit?about=&by=&before=").status_code


def test_the_audit_is_filtered_kept_and_verified(rig):
    """By whom and about what; as a file; and that nobody changed a word."""
    visit = Visit(rig)
    visit.post("/backends/main/pause", because="=their upgrade")
    page = visit.get(f"/audit?about=main&by={visit.name}").text
    file = visit.get("/audit/csv?about=main")
    verified = visit.told(visit.post("/audit/verify"))

    assert "their upgrade" in page
    assert "backend.pause" in file.text
    assert "text/csv" == file.mimetype
    assert "Nothing was changed" in verified


def test_older_notes_are_behind_a_link(rig):
    """Page by page: the cursor is a number, not an offset."""
    visit = Visit(rig)
    for no in range(60):
        visit.order("backend.pause", backend="main", seconds=60.0, because=f"try {no}")
    first = visit.get("/audit").text
    older = re.search(r'href="(/audit\?before=\d+)"', first)[1]

    assert "try 59" in first
    assert "try 0<" in visit.get(older).text


def test_who_sees_some_sources_does_not_see_all_of_the_audit(rig):
    """It is about everybody's accounts."""
    # Guard off (whole is left out): red, 200.
    visit = Visit(rig, "auditor", ["shop"])
    for path in ("/audit", "/audit/csv", "/messages", "/schedules", "/settings",
                 "/reprovision", "/adopt"):  # fmt: skip
        assert 403 == visit.get(path).status_code, path
    with rig.database.read() as tx:
        assert audit.head(tx)


def test_a_tick_is_hurried(rig):
    """A worker does it at once."""
    at = rig.clock.now()
    with rig.database.change() as tx:
        ticks.keep(tx, ["watch"], at)
        ticks.take(tx, "watch", at, at - at, at - at)
    visit = Visit(rig)
    said = visit.told(visit.post("/schedules/watch/now"))

    assert "watch is due now" in said
