"""What each word does to a service: the last one wins, on its own topic only."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.core.account import LIFE, SOLD, Service
from provisioning.core.events import Hold, Type
from provisioning.core.lifecycle import heard, is_news, topic
from tests.provisioning.core.world import (
    SERVICE,
    activate,
    often,
    on,
    renewed,
    resume,
    suspend,
    terminate,
    told,
    topup,
)

NEW = Service(SERVICE, "basic")


def levels(service):
    """All that decides what its backend should be."""
    return service.alive, service.holds, service.package if service.alive else None


def after(*words, service=NEW):
    """The service when it heard these, in the order they arrived."""
    for word in words:
        service = heard(service, word)
    return service


TOPICS = {
    Type.ACTIVATE: LIFE,
    Type.TERMINATE: LIFE,
    Type.SUSPEND: "abuse",
    Type.RESUME: "abuse",
    Type.REINSTATE: LIFE,
    Type.CHANGE: SOLD,
    Type.SYNC: None,
    Type.RENEWED: None,
    Type.TOPUP: None,
    Type.REVERSED: None,
    Type.PING: None,
}


@pytest.mark.parametrize("type_", Type)
def test_every_word_has_its_topic_or_none(type_):
    """D29: a payment settles neither a life nor a hold."""
    assert TOPICS[type_] == topic(told(type_, on(1, 1), hold=Hold.ABUSE))


words = st.builds(
    lambda say, day, sequence, package, hold: say(
        on(3, day), sequence=sequence, product=package, hold=hold
    ),
    st.sampled_from([activate, terminate, suspend, resume]),
    st.integers(1, 5),
    st.integers(0, 2),
    st.sampled_from(["basic", "gold"]),
    st.sampled_from(Hold),
)


# Turned red with the comparison of orders taken out of heard().
@often
@given(st.lists(words, max_size=8), st.randoms(use_true_random=False))
def test_the_last_word_wins_whatever_order_they_arrive_in(said, shuffle):
    """V9: for each topic apart, what happened last is what holds."""
    said = [replace(word, arrival=no) for no, word in enumerate(said)]
    shuffled = shuffle.sample(said, len(said))

    in_order = after(*sorted(said, key=lambda w: w.order))

    assert levels(in_order) == levels(after(*shuffled))


OLDER = {
    "a suspended service is not switched on": (suspend, resume),
    "a resumed service is not switched off": (resume, suspend),
    "a terminated service is not revived": (terminate, activate),
    "a revived service is not terminated": (activate, terminate),
}


# Turned red with the comparison of orders taken out of heard().
@pytest.mark.parametrize(("newer", "older"), OLDER.values(), ids=OLDER)
def test_an_older_word_never_overrides(newer, older):
    """V9: the platform's queue may deliver yesterday's word today."""
    service, late = after(newer(on(3, 2))), older(on(3, 1))

    assert not is_news(service, late)
    assert levels(service) == levels(heard(service, late))


def test_an_older_activation_never_lowers_a_newer_plan():
    """V9: what was ordered in January does not undo the change of March."""
    changed, first = activate(on(3, 1), product="gold"), activate(on(1, 1))

    assert "gold" == after(changed, first).package
    assert "gold" == after(first, changed).package


def test_an_activation_without_a_package_keeps_the_one_sold():
    """A revival says that it lives, not what was bought."""
    assert "gold" == after(activate(product="gold"), activate(product=None)).package


def test_a_termination_keeps_the_package_for_a_revival():
    """Data and terms stay; only the life ends."""
    ended = after(activate(product="gold"), terminate())

    assert "gold" == ended.package
    assert "gold" == after(activate(on(4, 1), product=None), service=ended).package


def test_a_newer_activation_revives():
    """A platform may take back a termination."""
    assert after(activate(), terminate(), activate(on(4, 1))).alive


@pytest.mark.parametrize("lifted", Hold)
@pytest.mark.parametrize("held", Hold)
def test_resume_lifts_only_its_own_hold(held, lifted):
    """D29: who pays is not thereby forgiven abuse."""
    service = after(suspend(hold=held), resume(hold=lifted))

    assert (() if held is lifted else (held,)) == service.holds


def test_holds_add_up_and_are_lifted_one_by_one():
    """D29: a service is on when its set of holds is empty."""
    holds = [suspend(hold=hold) for hold in Hold]

    for order in permutations(Hold):
        service = after(*holds)
        left = set(Hold)
        for hold in order:
            service = after(resume(hold=hold), service=service)
            left.remove(hold)

            assert left == set(service.holds)


# Turned red with a hold that outlives the life it belonged to.
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_being_unpaid_ends_with_the_life_it_belonged_to(order):
    """D29: revived, it owes nothing from before, in whatever order it is heard."""
    words = [suspend(on(2, 10)), terminate(on(2, 20)), activate(on(3, 1))]

    assert (True, (), "basic") == levels(after(*(words[no] for no in order)))


@pytest.mark.parametrize("hold", [Hold.ABUSE, Hold.MANUAL])
def test_abuse_outlives_the_life_it_was_found_in(hold):
    """D29: terminating and ordering anew lifts no such hold."""
    words = [suspend(on(2, 10), hold=hold), terminate(on(2, 20)), activate(on(3, 1))]

    assert (True, (hold,), "basic") == levels(after(*words))


def test_unpaid_after_the_revival_is_unpaid():
    """D29: only what was owed before the end ended with it."""
    words = [activate(), terminate(on(2, 20)), activate(on(3, 1)), suspend(on(3, 2))]

    assert (True, (Hold.BILLING,), "basic") == levels(after(*words))


@pytest.mark.parametrize("payment", [renewed, topup])
def test_a_payment_lifts_no_hold_and_revives_nothing(payment):
    """D29: the platform says when it is satisfied; we do not guess it from money."""
    for service in (after(activate(), suspend()), after(terminate())):
        assert service == heard(service, payment(on(4, 1)))


@pytest.mark.parametrize("say", [activate, terminate, suspend, resume])
def test_a_word_said_twice_is_said_once(say):
    """V7: the same event again leaves the service as it was."""
    assert after(say()) == after(say(), say())


def test_a_service_terminated_before_it_was_activated_never_lived():
    """V9: the activation that comes late finds it ended."""
    assert not after(terminate(on(1, 2)), activate(on(1, 1))).alive
