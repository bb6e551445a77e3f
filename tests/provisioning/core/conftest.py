"""A world to itself for every test."""

import pytest

from tests.provisioning.core.world import World, activate


@pytest.fixture
def world():
    """An account is bound, and nothing was heard yet."""
    return World()


@pytest.fixture
def running(world):
    """The service was ordered, is on at the backend, and its first credit is there."""
    world.hear(activate())
    world.bring()
    return world
