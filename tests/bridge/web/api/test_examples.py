"""The examples of the description, run as they stand: what they name is there."""

import json
import os
import shutil
import subprocess
from urllib.parse import quote

import pytest
import requests

from bridge.web.api import examples
from bridge.web.api.declared import every
from tests.engines import on_sqlite

CANNOT = {
    "activate_coupon", "apply_plan", "approve", "approve_order", "asked_change",
    "cancel_order", "choose_renewal", "confirm_adoption", "decline_order",
    "confirm_batch", "decline_event", "promise", "resolve", "retry_event", "retry_sum",
}  # fmt: skip
"""What the examples cannot have done as things are: 409, with a way out."""

QUOTE = examples.example(next(e for e in every() if e.path.endswith("/quotes")).query)


@pytest.fixture
def run(seeded, monkeypatch):
    """An example with what is really there in it, and the environment it needs."""
    monkeypatch.setenv("SWITCHHOOK_URL", seeded.program.url)
    monkeypatch.setenv("SWITCHHOOK_KEY", seeded.program.text)
    path = "/api/v1/accounts/shop:1001/quote?change=starter,x2"
    token = seeded.program.get(path).json["quote"]

    def real(endpoint, source):
        for name in endpoint.params:
            there = quote(seeded.real[name], safe="")
            source = source.replace(quote(examples.SAMPLES[name], safe=""), there)
        return source.replace(quote(QUOTE["token"]), token)

    return real


def held_to(endpoint, status, text):
    """As the description says."""
    if endpoint.call.__name__ in CANNOT:
        assert 409 == status, (endpoint.name, text)
        assert {"code", "detail"} <= json.loads(text).keys()
        return
    assert 200 == status, (endpoint.name, text)
    if endpoint.answers:
        assert endpoint.answers().fields.keys() >= {
            field.name for field in endpoint.answers().fields.values()
            if (field.data_key or field.name) in json.loads(text)
        }, endpoint.name  # fmt: skip
        assert {f.data_key or f.name for f in endpoint.answers().fields.values()} == (
            json.loads(text).keys()
        ), endpoint.name


def in_order():
    """What there is first, then what is done; a backend is paused last of all."""
    last = {"pause": 1, "resume": 2}
    return sorted(
        every(), key=lambda one: (one.changes, last.get(one.call.__name__, 0))
    )


@on_sqlite
@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here")
def test_every_curl_example_works_as_it_stands(run):
    """A status each, and the body the description promises."""
    for endpoint in in_order():
        source = run(endpoint, examples.samples(endpoint)["curl"])
        done = subprocess.run(
            ["bash", "-c", source + " -w '\\n%{http_code}'"],
            capture_output=True, text=True, check=True, env=os.environ,
        )  # fmt: skip
        text, _, status = done.stdout.rpartition("\n")
        held_to(endpoint, int(status), text)


@on_sqlite
def test_every_python_example_works_as_it_stands(run, capsys):
    """What is not done raises, as an example should; the rest is printed."""
    for endpoint in in_order():
        source = run(endpoint, examples.samples(endpoint)["Python"])
        try:
            exec(compile(source, endpoint.name, "exec"), {})
        except requests.HTTPError as no:
            held_to(endpoint, no.response.status_code, no.response.text)
        else:
            held_to(endpoint, 200, capsys.readouterr().out.strip())
