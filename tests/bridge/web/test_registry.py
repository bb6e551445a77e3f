"""The registry: what is not said is not there."""

import pytest

from bridge.access.roles import May
from bridge.web.console.declared import console
from bridge.web.registry import OWNERS, Registry


def test_an_endpoint_without_a_permission_does_not_load():
    """Not at the first request: at import."""
    registry = Registry()

    with pytest.raises(TypeError, match="may"):

        @registry.get("/x")
        def x(asked):
            pass


def test_a_path_of_things_whose_owner_nobody_knows_does_not_load():
    """Else rows of another could be asked for by their name."""
    registry = Registry()

    with pytest.raises(TypeError, match="whose is spaceship"):

        @registry.get("/x/<spaceship>", may=May.SEE)
        def x(asked, spaceship):
            pass


def test_no_two_have_one_name():
    registry = Registry()

    def x(asked):
        pass

    registry.get("/x", may=May.SEE)(x)
    with pytest.raises(TypeError, match="declared twice"):
        registry.get("/y", may=May.SEE)(x)


def test_what_changes_something_is_never_a_get():
    """A link, a picture or a prefetch changes nothing."""
    for endpoint in console:
        assert endpoint.method in {"GET", "POST"}
        assert endpoint.changes == (endpoint.method == "POST")
        assert not (endpoint.method == "GET" and endpoint.takes)


def test_money_and_secrets_want_a_fresh_proof():
    """Whoever sits down at an open screen can look, not pay out."""
    for endpoint in console:
        if endpoint.changes and endpoint.may in {May.MONEY, May.SECRETS, May.USERS}:
            assert endpoint.fresh, endpoint.name


def test_every_kind_of_thing_has_an_owner():
    for endpoint in console:
        assert set(endpoint.params) <= OWNERS.keys()
