"""Lines: one name each, and nothing that was not thought of."""

import ast
import json
import logging
import sys
from pathlib import Path

import pytest

from bridge import log
from bridge.deliveries import Deliveries
from provisioning.core.outcomes import Later
from tests.bridge.letters.test_login import one

ROOT = Path(__file__).parents[2]
CANARY = "canary-of-the-log-77"
SAYS = {"debug", "info", "warning", "error", "exception", "critical"}


def calls():
    """Every line that our code can write: who says it, how, and how many parts."""
    for file in sorted((ROOT / "bridge").rglob("*.py")):
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(file.read_text())):
            says = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if says and node.func.attr in SAYS:
                who = node.func.value
                if isinstance(who, ast.Name) and who.id in {"log", "lines"}:
                    yield name, node.args[0].value, len(node.args) - 1


def record(name, template, *args, error=None):
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord(name, logging.WARNING, "", 1, template, args, info)


def as_json(*said, **more):
    return json.loads(log.Json().format(record(*said, **more)))


def raised(error):
    try:
        raise error  # noqa: TRY301 - so that it has a place
    except Exception as caught:  # noqa: BLE001 - any there is
        return caught


def test_each_line_our_code_writes_has_a_name():
    """V11: a new one is written down in `log.LINES`, with what its parts are."""
    there = {(name, template): parts for name, template, parts in calls()}
    named = {key: len(parts) for key, (_, parts) in log.LINES.items()}

    assert there == named
    assert len(there) > 40


def test_no_two_lines_have_one_name():
    """Whoever counts a name counts one thing."""
    names = [event for event, _ in log.LINES.values()]

    assert sorted(set(names)) == sorted(names)


def test_a_line_is_an_object_with_its_parts_by_name():
    """Programs read it without taking a sentence apart."""
    said = as_json("bridge.gates", "backend %s is paused: %s", "main", "it is away")

    assert ("backend.paused", "warning") == (said["event"], said["level"])
    assert ("main", "it is away") == (said["backend"], said["why"])
    assert "backend main is paused: it is away" == said["message"]


def test_what_a_line_is_about_is_in_it():
    """From the event to its mail; and outside it is gone."""
    with log.about(lane="acct_1", operation=None), log.about(arrivals=[7]):
        within = as_json("bridge.worker", "the queue could not be read")
    without = as_json("bridge.worker", "the queue could not be read")

    assert ("acct_1", [7]) == (within["lane"], within["arrivals"])
    assert not {"lane", "arrivals", "operation"} & set(without)


@pytest.mark.parametrize("form", [log.Json(), log.Text()])
@pytest.mark.parametrize(
    ("name", "template", "args"),
    [
        ("urllib3.connectionpool", "POST %s", (CANARY,)),
        ("bridge.somewhere", f"the password is {CANARY}", ()),
        ("root", CANARY, ()),
        ("bridge.worker", f"the queue could not be read {CANARY}", ()),
    ],
)
def test_what_nobody_wrote_down_is_not_told(form, name, template, args):
    """V11: libraries quote addresses, headers and whole requests."""
    # Guard off (a line that is not known is told as it is): red.
    said = form.format(record(name, template, *args))

    assert CANARY not in said
    assert "library" in said


@pytest.mark.parametrize("form", [log.Json(), log.Text()])
def test_an_errors_own_words_are_not_told(form):
    """V11: a database quotes the row, a library the request; its kind and place are."""
    # Guard off (an error is written as Python does): red.
    try:
        try:
            raise ValueError(CANARY)  # noqa: TRY301 - a cause of another
        except ValueError as cause:
            raise KeyError(CANARY) from cause
    except KeyError as caught:
        error = caught
    said = form.format(
        record("bridge.worker", "the queue could not be read", error=error)
    )

    assert CANARY not in said
    assert "KeyError" in said
    assert "ValueError" in said
    assert "test_log.py" in said


def test_our_own_errors_say_what_they_mean():
    """They were written for people, and hold no secret."""
    error = raised(Later("the backend is away"))
    said = as_json("bridge.worker", "the queue could not be read", error=error)

    assert ("Later", "the backend is away") == (said["error"], said["because"])


def test_the_web_servers_own_words_are_told():
    """That it listens, and why a process of its ended."""
    said = as_json("_granian", "Listening at: %s", "http://127.0.0.1:1")

    assert ("server", "Listening at: http://127.0.0.1:1") == (
        said["event"], said["message"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("form", "begins"), [("json", "{"), ("text", "20"), (None, "{")]
)
def test_it_is_written_as_the_configuration_says(form, begins, capsys, restored):
    """Left out, JSON where no terminal is."""
    log.set_up(form)
    logging.getLogger("bridge.worker").warning("the queue could not be read")
    [line] = capsys.readouterr().err.splitlines()

    assert line.startswith(begins)
    assert "queue.not_read" in line


def test_on_a_terminal_it_is_text(monkeypatch, capsys, restored):
    """For people."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    log.set_up()
    with log.about(lane="acct_1"):
        logging.getLogger("bridge.worker").warning("the queue could not be read")

    assert "the queue could not be read lane=acct_1\n" in capsys.readouterr().err


@pytest.fixture
def restored():
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before


def test_an_event_is_followed_from_the_door_to_its_mail(make, caplog):
    """Taken, brought in line, mailed; each line says what it is about."""
    told = []

    class Kept(logging.Handler):
        def emit(self, line):
            told.append(log.told(line))

    handler = Kept()
    logging.getLogger().addHandler(handler)
    caplog.set_level("INFO")
    try:
        rig, _ = make(mailed=True)
        answer = rig.order(email="ann@example.com").json
        rig.run()
        Deliveries(
            rig.database, rig.clock, rig.parts.channels,
            writers={"login": lambda held, at: {"to": "ann@example.com",
                                                "subject": "s", "text": "t"}},
        ).run()  # fmt: skip
    finally:
        logging.getLogger().removeHandler(handler)
    lines = {line["event"]: line for line in told}
    account = rig.account().id

    assert answer["operation_id"] == lines["event.taken"]["operation"]
    assert lines["event.taken"]["arrival"] in lines["lane.brought"]["arrivals"]
    assert account == lines["lane.brought"]["lane"] == lines["delivery.sent"]["account"]
    assert one(rig, f"login/{account}/1").id == lines["delivery.sent"]["delivery"]
    assert "ann@example.com" not in str(told)
