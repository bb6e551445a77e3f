"""Nothing secret is in what WHMCS is told, what it is answered, or what is written."""

import logging

from bridge.store.tables import alert, delivery, operation, request
from tests.bridge.test_resellers import QUESTIONS
from tests.bridge.web.test_ask import ask
from tests.rig import KEY, SECRET
from tests.rigs.whmcs import BUSY, IDENTIFIER, LOCKED, LOST, ODD
from tests.rigs.whmcs import SECRET as API_SECRET

ACCESS, CHANGED = "access-canary-51b7", "changed-canary-0d4e"


def test_no_secret_is_in_any_line_anybody_reads(make_billing, caplog):
    """Its activity log, tickets, credits, the answers to its module, our own log,
    and what is kept: of everything that goes right, and wrong."""
    caplog.set_level(logging.DEBUG)
    billing, simulator = make_billing(
        more=f'department = 2\naccess_key = "{ACCESS}"',
        public='goodwill = ["50.00 USD"]\n',
    )
    rig, whmcs = billing.rig, billing.whmcs
    whmcs.service()
    billing.create()
    billing.line("501")
    rig.run_until_quiet()
    now = rig.clock.now()
    billing.tell(
        "pw", "credentials.changed", now, service={"ref": "1"},
        data={"password": CHANGED},
    )  # fmt: skip
    billing.create("2", package="unheard-of")
    rig.run_until_quiet()
    for wrong in (LOCKED, BUSY, ODD, LOST):
        whmcs.wrong = [wrong]
        billing.pass_(minutes=6)
        billing.send()
    whmcs.wrong = []
    for _ in range(4):
        billing.pass_(minutes=6)
        billing.send()
    billing.pull()
    answered = [
        ask(rig, word, id_=f"ask-{no}", service="1", **more).text
        for no, (word, more) in enumerate(QUESTIONS)
    ]
    rig.run_until_quiet()
    mine = [user.password for user in simulator.users.values()]
    secrets = [API_SECRET, IDENTIFIER, ACCESS, CHANGED, SECRET, KEY, *mine]
    lines = whmcs.activity + [t["subject"] + t["message"] for t in whmcs.tickets]
    with rig.database.read() as tx:
        kept = [str(tuple(row)) for table in (operation, request, delivery, alert)
                for row in tx.execute(table.select())]  # fmt: skip

    assert "done" == rig.fates()["pw"]
    assert len(whmcs.activity) < len(lines)
    for text in (*lines, *answered, *kept, caplog.text):
        assert not [s for s in secrets if s and s in text], text[:300]
