"""One customer's account and the services it holds."""

from dataclasses import replace

import pytest

from provisioning.core.account import LIFE, PASSWORD, Mark, Service
from provisioning.core.events import Hold
from tests.provisioning.core.world import ACCOUNT, SERVICE, on, suspend


@pytest.fixture
def said():
    """A word as of the first of the year."""
    return lambda yes: Mark(yes, suspend(on(1, 1)).order)


def test_a_service_nobody_spoke_of_is_not_alive():
    """I2: it is sold when the platform says so, not when we first hear its name."""
    service = Service(SERVICE, "basic")

    assert not service.alive
    assert () == service.holds


@pytest.mark.parametrize("yes", [True, False])
def test_the_newest_word_on_its_life_is_what_it_is(said, yes):
    """Activated is alive, terminated is not."""
    assert yes is Service(SERVICE, "basic").marked(LIFE, said(yes)).alive


@pytest.mark.parametrize("hold", Hold)
def test_a_hold_is_there_until_its_own_word_lifts_it(said, hold):
    """D29: each reason to be off is a topic of its own."""
    held = Service(SERVICE, "basic").marked(hold.value, said(True))
    others = [other.value for other in Hold if other is not hold]

    assert (hold,) == held.holds
    assert (hold,) == held.marked(others[0], said(False)).holds
    assert () == held.marked(hold.value, said(False)).holds


def test_marking_a_topic_leaves_the_others(said):
    """V7: kept apart, they end the same whatever order they came in."""
    service = Service(SERVICE, "basic")
    one = service.marked(LIFE, said(True)).marked("abuse", said(True))
    other = service.marked("abuse", said(True)).marked(LIFE, said(True))

    assert one == other
    assert service == Service(SERVICE, "basic")


def test_a_service_is_found_by_its_reference():
    """And nothing is found where there is none."""
    assert "basic" == ACCOUNT.service(SERVICE).package
    assert None is ACCOUNT.service("shop:8")
    assert None is ACCOUNT.service(None)


def test_another_service_joins_the_account():
    """A plan and what is sold beside it may share one."""
    both = ACCOUNT.with_service(Service("shop:8", "gold"))

    assert [SERVICE, "shop:8"] == [s.ref for s in both.services]


def test_a_changed_service_takes_its_own_place():
    """The order of services decides which tariff holds: it must not shift."""
    both = ACCOUNT.with_service(Service("shop:8", "gold"))
    changed = both.with_service(replace(both.services[0], package="plain"))

    assert ["plain", "gold"] == [s.package for s in changed.services]


def test_only_what_was_adopted_keeps_a_password_nobody_here_knows(said):
    """U10: until one is told, nothing of ours may be written over it."""
    adopted = replace(ACCOUNT, batch="a1")

    assert not ACCOUNT.keeps_its_password
    assert adopted.keeps_its_password
    assert not replace(adopted, marks={PASSWORD: said(True)}).keeps_its_password
