"""Credit given to a client of WHMCS for money that was paid back to him: once.

AddCredit knows no key. So the reference stands at the beginning of its description, and
GetCredits is asked for that before anything is sent, also the first time: the database
may come from a backup.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.channels import whmcs_answers as answers
from bridge.channels.whmcs_api import Api


def give(api: Api, told: Mapping[str, Any]) -> None:
    mark = f"Switchhook {told['reference']}: "
    if _is_there(api, told["client"], mark):
        return
    api.ask(
        "AddCredit",
        clientid=told["client"],
        description=mark + told["because"],
        amount=told["amount"],
        type="add",
    )


def _is_there(api: Api, client: str, mark: str) -> bool:
    found = api.read(answers.Credits, "GetCredits", clientid=client)["credits"]
    return any((one["description"] or "").startswith(mark) for one in found)
