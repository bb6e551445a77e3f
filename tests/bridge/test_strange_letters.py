"""What a backend says in letters no database keeps: its meaning counts all the same."""

import pytest

from provisioning.core.outcomes import Refused
from tests.bridge.seen import PAY, SETTLE, after_the_window, writes


@pytest.mark.parametrize("text", ["no\x00such", "no \ud800 such"])
def test_a_no_in_strange_letters_is_a_no(open_account, text, monkeypatch):
    """F-B7: the sum is put aside after its window, and not sent again."""
    rig, simulator = open_account(settle=SETTLE)
    before = len(simulator.journal)
    backend = type(rig.parts.backends["main"])
    usual = backend.grant

    def grant(self, *told):
        try:
            usual(self, *told)
        except Refused:
            raise Refused(text) from None

    simulator.plant("refuse", PAY)
    monkeypatch.setattr(backend, "grant", grant)
    rig.topup("2")
    rig.run()
    after_the_window(rig, simulator)

    # Guard off (kept as it came): red, the no is forgotten and the sum sent again.
    assert {"order": "done", "topup-2": "refused"} == rig.fates()
    assert [PAY] == writes(simulator, before)
