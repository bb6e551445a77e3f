"""What every answer carries."""

import pytest

from bridge import street
from tests.engines import on_sqlite
from tests.visit import Program, Visit


@on_sqlite
@pytest.mark.parametrize("path", ["/livez", "/nothing", "/hooks/nobody"])
def test_no_answer_names_the_program_that_gives_it(rig, path):
    """Nor its version: a stranger learns nothing from a question."""
    # Guard off (`on` left out of the application): red, there is none.
    assert "web" == rig.client.get(path).headers["Server"]


@on_sqlite
@pytest.mark.parametrize("path", ["/login", "/nothing", "/api/v1/me", "/static/x/y"])
def test_nor_does_the_console_or_the_api(rig, path):
    assert "web" == Visit(rig).get(path).headers["Server"]
    assert "web" == Program(rig).get(path).headers["Server"]


@on_sqlite
def test_nor_does_a_shop(rig):
    shops = street.create_shops(rig.parts).test_client()

    assert "web" == shops.get("/nothing").headers["Server"]
