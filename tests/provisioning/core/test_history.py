"""An account at an earlier moment: as it was, whatever was said since."""

from dataclasses import replace

import pytest

from provisioning.core.account import Service
from provisioning.core.desired import desired
from provisioning.core.events import Hold
from provisioning.core.history import as_of
from tests.provisioning.core.roomy import ROOMY, Roomy
from tests.provisioning.core.world import (
    CATALOG,
    SERVICE,
    World,
    activate,
    change,
    on,
    renewed,
    resume,
    suspend,
    terminate,
    topup,
)

STORY = (
    activate(),
    topup(),
    change(on(1, 20)),
    renewed(product="gold"),
    suspend(),
    resume(),
    change(on(2, 15), "basic", at_period_end=True),
    terminate(on(3, 20)),
)


def lived():
    world = World(at=on(4, 1))
    world.hear(*STORY)
    world.bring()
    return world


def then(at):
    world = lived()
    heard = [world._kept(event) for event in STORY]
    return as_of(world.account, heard, CATALOG, at)


AT = [
    (on(1, 10), True, "basic", ()),
    (on(1, 19, 23, 30), True, "basic", ()),
    (on(1, 25), True, "gold", ()),
    (on(2, 11), False, "gold", (Hold.BILLING,)),
    (on(2, 13), True, "gold", ()),
    (on(2, 28), True, "gold", ()),
    (on(3, 1), True, "basic", ()),
]


@pytest.mark.parametrize(("at", "live", "package", "holds"), AT)
def test_it_is_as_it_was(at, live, package, holds):
    """S3: package and holds of then, put-off changes included, and nothing of later."""
    # Guard off (all events are heard again): red, of half an hour before the change. A
    # platform's clock may be ahead by that much, so the rest is parked for other rules.
    was = then(at)

    assert (package, holds) == (
        was.service(SERVICE).package,
        was.service(SERVICE).holds,
    )
    assert live == desired(was, CATALOG).on


def test_before_it_began_and_after_it_ended_there_is_none():
    """S3: nobody had, or has, anything there."""
    assert desired(then(on(1, 1)), CATALOG) is None
    assert desired(then(on(3, 25)), CATALOG) is None


def test_what_no_event_ever_said_is_as_it_is():
    """An adopted customer's service was never ordered here."""
    adopted = replace(lived().account, services=(Service("shop:9", "plain"),))

    assert adopted.services == as_of(adopted, (), CATALOG, on(1, 10)).services


def test_its_terms_are_those_it_was_sold_by():
    """A running subscription keeps its version; another package had another one."""
    world = lived()
    sold = world.account.with_service(replace(world.service, version="v1"))
    heard = [world._kept(event) for event in STORY]

    assert "v1" == as_of(sold, heard, CATALOG, on(3, 2)).service(SERVICE).version
    assert "v1" != as_of(sold, heard, CATALOG, on(1, 25)).service(SERVICE).version


def trimmed():
    """Gold with 15 GB bought beside it, silver since April, trimmed on the eighth."""
    words = [
        activate(on(1, 1), product="gold", starts=on(1, 1), ends=on(12, 31)),
        change(on(2, 1), "gold", extras=(("gigabyte", 15),)),
        change(on(4, 1), "silver"),
    ]
    world = Roomy()
    for word in words:
        world.hears(word.occurred_at, word)
    world.hears(on(4, 8))
    heard = [world._kept(word) for word in words]
    return lambda at: as_of(world.account, heard, ROOMY, at)


@pytest.mark.parametrize(("at", "storage", "locked"), [
    (on(3, 1), 65, 0), (on(4, 4), 20, 3), (on(4, 9), 15, 3),
])  # fmt: skip
def test_what_was_trimmed_and_locked_by_then_is_seen(at, storage, locked):
    """C14, C15: nobody said so in a word, and it was so."""
    # Guard off (only words are heard again): red, 20 on the ninth.
    account = trimmed()(at)
    [service] = account.services

    assert storage == desired(account, ROOMY, at).entitlements["storage_gb"]
    assert locked == len(service.locked)
