"""Roles: what each may, and whose customers."""

import pytest

from bridge.access.roles import ALL, MAY, May, Principal, Role, Scope, fitting


def test_every_role_says_what_it_may():
    """None is forgotten, and only an owner may all."""
    assert set(MAY) == set(Role)
    assert {Role.OWNER} == {role for role in Role if MAY[role] == set(May)}


def test_who_reads_all_changes_nothing():
    """An auditor sees everything that happened, and may have nothing done."""
    changing = set(May) - {May.SEE, May.RUN, May.AUDIT}

    assert not MAY[Role.AUDITOR] & changing


def test_scope_covers_its_sources_and_no_other():
    """U11: nor what belongs to no source."""
    scope = Scope(frozenset({"shop"}))

    assert scope.covers("shop")
    assert not scope.covers("other")
    assert not scope.covers(None)
    assert ALL.covers("other")
    assert ALL.covers(None)


def test_a_scope_of_no_source_covers_nothing():
    """Not the same as one that names none because it is for all."""
    assert not Scope(frozenset()).covers("shop")


@pytest.mark.parametrize(
    ("role", "sources", "why"),
    [
        ("king", None, "no role"),
        ("reseller", None, "needs the sources"),
        ("reseller", [], "needs the sources"),
        ("owner", ["shop"], "sees all"),
        ("operator", ["shop"], "sees all"),
    ],
)
def test_what_does_not_fit_together_is_refused(role, sources, why):
    """With why; a reseller without sources would see everybody's customers."""
    with pytest.raises(ValueError, match=why):
        fitting(role, sources)


def test_what_fits_is_in_order():
    """Each source once."""
    assert fitting("support", ["b", "a", "b"]) == (Role.SUPPORT, ["a", "b"])
    assert fitting("support", None) == (Role.SUPPORT, None)


def test_a_principal_may_what_its_role_may():
    ann = Principal("ann", Role.SUPPORT, ALL)

    assert ann.may(May.HELP)
    assert not ann.may(May.MONEY)
