"""From an account's services to the state its backend should be in."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.account import LIFE, Account, Mark, Service
from provisioning.core.desired import State, desired
from provisioning.core.events import Hold
from tests.provisioning.core.world import ACCOUNT, CATALOG, activate, often

BASIC = CATALOG.packages["basic"].entitlements
GOLD = CATALOG.packages["gold"].entitlements


def service(ref="shop:1", package="basic", *, alive=True, holds=()):
    marks = {LIFE: alive, **{hold.value: True for hold in holds}}
    order = activate().order
    return Service(
        ref, package, {name: Mark(yes, order) for name, yes in marks.items()}
    )


def of(*services) -> Account:
    return replace(ACCOUNT, services=services)


def test_a_live_service_is_on_with_what_was_sold():
    """The package is the whole of it."""
    assert State(on=True, entitlements=BASIC) == desired(of(service()), CATALOG)


@pytest.mark.parametrize("services", [(), (service(alive=False),)])
def test_where_nothing_lives_nothing_is_needed(services):
    """I2: no order, or an order that ended, wants no account."""
    assert None is desired(of(*services), CATALOG)


def test_a_service_only_heard_of_wants_no_account():
    """I2: no confirmed order, no account."""
    assert None is desired(ACCOUNT, CATALOG)


@pytest.mark.parametrize("hold", Hold)
def test_a_held_service_is_off_and_keeps_its_entitlements(hold):
    """U3: it resumes as it was, and its ceiling holds while it is off."""
    held = of(service(holds=[hold]))

    assert State(on=False, entitlements=BASIC) == desired(held, CATALOG)


def test_one_running_service_keeps_the_account_on():
    """What is held beside it gives nothing meanwhile."""
    both = of(service(holds=[Hold.BILLING]), service("shop:2", "gold"))

    assert State(on=True, entitlements=GOLD) == desired(both, CATALOG)


def test_two_running_services_add_up():
    """Channels of both, by the tariff of the last."""
    both = of(service(), service("shop:2", "gold"))
    added = {"channels": 25, "tariff": "cheap"}

    assert State(on=True, entitlements=added) == desired(both, CATALOG)


def test_two_held_services_keep_what_both_were():
    """Off, and as they will be again."""
    holds = [Hold.ABUSE]
    both = of(service(holds=holds), service("shop:2", "gold", holds=holds))
    added = {"channels": 25, "tariff": "cheap"}

    assert State(on=False, entitlements=added) == desired(both, CATALOG)


def test_an_ended_service_gives_its_entitlements_up():
    """What still lives is all that counts."""
    both = of(service("shop:1", "gold", alive=False), service("shop:2"))

    assert State(on=True, entitlements=BASIC) == desired(both, CATALOG)


@often
@given(
    st.lists(
        st.builds(
            lambda package, alive, holds: service(
                package, package, alive=alive, holds=holds
            ),
            st.sampled_from(["basic", "gold"]),
            st.booleans(),
            st.sets(st.sampled_from(Hold)),
        ),
        max_size=2,
        unique_by=lambda one: one.ref,
    )
)
def test_on_means_that_one_service_lives_and_nothing_holds_it(services):
    """D29: on exactly where some service is alive with an empty set of holds."""
    should = desired(of(*services), CATALOG)
    running = any(one.alive and not one.holds for one in services)

    assert running is bool(should and should.on)
    assert any(one.alive for one in services) is (should is not None)


@pytest.mark.parametrize("holds", [(), (Hold.ABUSE,)])
def test_where_a_package_is_gone_from_the_catalog_its_levels_stay(holds):
    """V15: what it was is not guessed; on and off are known all the same."""
    gone = of(service("shop:1", "sold last year", holds=holds))
    beside = of(*gone.services, service("shop:2", holds=holds))

    assert State(on=not holds, entitlements={}) == desired(gone, CATALOG)
    assert State(on=not holds, entitlements={}) == desired(beside, CATALOG)
