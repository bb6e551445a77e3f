"""What the README says of resellers is set up, typed and asked here as it stands."""

import re
import shlex
from string import Template

import pytest
from click.testing import CliRunner

from bridge.cli import main
from bridge.keys import new_secret
from tests.bridge.channels.test_webhook import Receiver, listening
from tests.shopper import Shopper, sent
from tests.test_readme import blocks
from tests.visit import Program

SECRET = f"whsec_{new_secret()}"
SOLD = """
[families.centre]
[packages.centre-team]
backend = "main"
price = "29.95 USD"
cycle = "monthly"
tariff = "standard"
channels = 3
family = "centre"
rank = 1
"""


def block(language, has):
    return next(each for each in blocks(language) if has in each)


@pytest.fixture
def told(make):
    """`one, receiver`: a customer at acme, set up as the README says."""
    receiver = Receiver()
    with listening(receiver) as url:
        table = block("toml", "[sources.acme]")
        table = table.replace("https://acme.example/hook", f"{url}/in")
        table = table.replace("file:acme.hook", SECRET)
        rig, _ = make(mailed=True, rate=None, more=table + SOLD)
        yield Shopper(rig).sign_up(), receiver


def asked(program, line, **known):
    """As that curl would ask it."""
    words = shlex.split(Template(line).safe_substitute(known))
    url = next(word for word in words if word.startswith("/api/"))
    body = words[words.index("--json") + 1] if "--json" in words else None
    heads = [words[no + 1] for no, word in enumerate(words) if word == "-H"]
    headers = dict(head.split(": ", 1) for head in heads)
    return program.client.open(
        url, method="POST" if body else "GET", base_url=program.url, data=body,
        headers=headers | ({"Content-Type": "application/json"} if body else {}),
    )  # fmt: skip


def test_a_reseller_is_made_sells_and_is_told_as_the_readme_says(told):
    """U11: each verb and each call as written, and a webhook proved by its lines."""
    one, receiver = told
    path = ["--config", str(one.rig.path)]
    for line in block("sh", "reseller deposit").splitlines():
        ended = CliRunner().invoke(main, [*path, *shlex.split(line)[1:]])
        assert 0 == ended.exit_code, (line, ended.output)
        if "apikey" in line:
            key = ended.output.strip()
    assert "500.00" in ended.output
    order = one.order(one.quote("centre-team", quantity=2)).rpartition("/")[2]
    program = Program(one.rig, "reseller", ["acme"])
    known = {"SWITCHHOOK_URL": "", "SWITCHHOOK_KEY": key, "ORDER": order}
    answers = [
        asked(program, line, **known)
        for line in block("sh", "/api/v1/float").splitlines()
    ]
    assert [200] * 4 == [answer.status_code for answer in answers]
    waiting, paid, float_, month = (answer.json for answer in answers)
    assert [order] == [each["id"] for each in waiting["items"]]
    assert "paid" == paid["state"]
    assert ("440.10", "640.10") == (float_["balance"], float_["left"])
    assert "10.10" == month["sums"][0]["difference"]

    while sent(one.rig):
        pass
    _, headers, body = receiver.heard[0]
    headers = {name.lower(): value for name, value in headers.items()}
    script = block("python", "Webhook(secret)")
    known = {"secret": SECRET, "headers": headers}
    exec(script, {**known, "body": body, "print": lambda *_: None})
    with pytest.raises(Exception, match=re.compile("signature", re.IGNORECASE)):
        exec(script, {**known, "body": body + b" "})
