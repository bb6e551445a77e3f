"""What stops a page becomes a page: whose fault it is is told, and nothing else."""

import pytest
import sqlalchemy as sa

from bridge.store.database import Lost
from bridge.web.console import home
from tests.visit import Visit


@pytest.mark.parametrize(
    ("what", "status", "said"),
    [
        (LookupError("there is no such account"), 404, "there is no such account"),
        (KeyError("a slip of ours"), 500, "The fault is ours"),
        (IndexError("a slip of ours"), 500, "The fault is ours"),
        (ZeroDivisionError("a slip of ours"), 500, "The fault is ours"),
        (sa.exc.OperationalError("x", {}, Exception("x")), 503, "does not answer"),
        (Lost("the connection was lost"), 404, "look before you say it again"),
    ],
    ids=lambda case: type(case).__name__ if isinstance(case, Exception) else "",
)
def test_what_went_wrong_is_told(rig, monkeypatch, what, status, said):
    """A slip is no "not there", and tells nobody what it was."""

    def fails(asked):
        raise what

    monkeypatch.setattr(home, "midnight", fails)
    answer = Visit(rig).get("/")

    assert status == answer.status_code
    assert said in answer.text
    assert "a slip" not in answer.text
