"""Which kinds of platform there are, and how one is loaded by its name."""

import sys
from types import ModuleType

import pytest

from bridge import platforms
from bridge.platforms import kinds, load, signed

SETTINGS = {"secrets": ["c3dpdGNoaG9vayBzd2l0Y2hob29rIHN3aXRjaGhvb2s="]}


def test_a_kind_is_the_name_of_its_file():
    """Nothing lists the platforms: the file is enough."""
    platform = load("signed", "shop", SETTINGS)

    assert signed.Platform is type(platform)
    assert "signed" in kinds()


def test_what_platforms_stand_on_is_no_kind():
    """The files beside them translate nothing by themselves."""
    assert not {"base", "envelope", "signature", "strict"} & set(kinds())


@pytest.mark.parametrize("kind", ["", "wmhcs", "base", "strict", ".signed", "../x.y"])
def test_an_unknown_kind_is_refused_with_those_there_are(kind):
    """An operator's slip is answered with the choices."""
    with pytest.raises(ValueError, match=r'"shop".*no kind.*signed'):
        load(kind, "shop", SETTINGS)


def test_a_broken_file_beside_it_does_not_matter(monkeypatch):
    """One platform's fault never stops the sources of another."""
    monkeypatch.setattr(platforms, "kinds", lambda: pytest.fail("looked at them all"))

    assert load("signed", "shop", SETTINGS)


def test_a_kind_with_a_dot_is_anybodys_module(monkeypatch):
    """A platform of one's own needs no change here."""
    ours = ModuleType("acme_billing.hooks")
    ours.Platform = signed.Platform
    monkeypatch.setitem(sys.modules, "acme_billing", ModuleType("acme_billing"))
    monkeypatch.setitem(sys.modules, "acme_billing.hooks", ours)

    assert isinstance(load("acme_billing.hooks", "shop", SETTINGS), ours.Platform)


@pytest.mark.parametrize("kind", ["no_such.module", "email.no_such"])
def test_a_module_that_is_not_there_is_named(kind):
    """Named with the source that asks for it."""
    with pytest.raises(ValueError, match=f'"shop".*no module "{kind}"'):
        load(kind, "shop", SETTINGS)


def test_a_module_without_a_platform_is_named():
    """It is there, but it is something else."""
    with pytest.raises(ValueError, match=r'"email\.message" has no Platform'):
        load("email.message", "shop", SETTINGS)


def test_what_a_module_itself_lacks_is_told_as_it_is(monkeypatch, tmp_path):
    """A missing library of theirs must not read as a missing module."""
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "hooks.py").write_text("import no_such_library")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        load("acme.hooks", "shop", SETTINGS)
