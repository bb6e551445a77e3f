"""The REST allow-list: which methods answer, and what each of them does."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from provisioning import php
from provisioning.simulator.fields import shown, written
from provisioning.simulator.model import Model
from provisioning.simulator.money import money
from provisioning.simulator.names import Names
from provisioning.simulator.refusal import Refusal
from provisioning.simulator.rows import Campaign, Status, User
from provisioning.simulator.traffic import cut_off, dial, start, stop


def _json(text: str) -> Any:
    # NaN and Infinity become words, which no amount is written with.
    return json.loads(text, parse_float=Decimal, parse_constant=str)


CODECS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "json": ("JSON", _json),
    "php": ("serialized data", php.loads),
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHOWN, VOICE = "%Y-%m-%d %H:%M:%S", "1"
ROLES = ("admin", "client", "user", "supervisor", "agent")


@dataclass(frozen=True, slots=True)
class Asked:
    """One call of a method: of which store, in whose words, when, with what."""

    model: Model
    names: Names
    at: float
    arguments: Mapping[str, str]
    codec: str = "json"
    began: datetime = EPOCH
    """What its clock called nought."""

    forgets: bool = False
    """Whether campaigns are left running where they should be stopped."""

    def text(self, name: str) -> str:
        if not (told := self.arguments.get(name)):
            raise Refusal(f"Argument {name} is missing")
        return told

    def fields(self, name: str) -> dict[str, Any]:
        kind, read = CODECS[self.codec]
        try:
            told = read(self.text(name))
        except (ValueError, RecursionError):
            raise Refusal(f"Argument {name} is not valid {kind}") from None
        if not isinstance(told, dict):
            raise Refusal(f"Argument {name} is not an object")
        return told

    def user(self) -> User:
        return self.model.user(self.text("user_id"))

    def campaign(self) -> Campaign:
        return self.model.campaign(self.text("campaign_id"))


def user_create(asked: Asked) -> object:
    model, names = asked.model, asked.names
    blank = User(id=0, username="", password="", tariff=next(iter(model.plans)))
    user = model.add(replace(blank, **written(asked.fields("user"), names)))
    return {names.id: user.id, names.username: user.username}


def user_update(asked: Asked) -> object:
    user = replace(asked.user(), **written(asked.fields("user"), asked.names))
    asked.model.keep(user)
    if not user.active and not asked.forgets:
        cut_off(asked.model, user.id, asked.at, Status.PAUSED)
    dial(asked.model, user.id, asked.at)
    return shown(asked.model.users[user.id], asked.names)


def user_get(asked: Asked) -> object:
    if "user_id" in asked.arguments:
        return shown(asked.user(), asked.names)
    search, value = asked.text("search"), asked.text("value").casefold()
    for user in asked.model.users.values():
        told = shown(user, asked.names)
        if told.get(search, "").casefold() == value:  # the collation ignores case
            return told
    raise Refusal("User not found")


def user_list(asked: Asked) -> object:
    """Everybody, by id; from `start` on, so many as `limit` says."""
    told, names = asked.arguments, asked.names
    try:
        start, limit = int(told.get(names.start, 0)), int(told.get(names.limit, 1000))
    except ValueError:
        raise Refusal("Invalid paging") from None
    users = sorted(asked.model.users.values(), key=lambda user: user.id)
    return [shown(user, names) for user in users[start : start + limit]]


def user_delete(asked: Asked) -> object:
    """Final; the username and the e-mail are free again."""
    user = asked.user()
    cut_off(asked.model, user.id, asked.at, Status.BROKEN)
    asked.model.remove(user.id)
    return True


def user_role_list(_: Asked) -> object:
    return [{"role_id": str(n), "name": role} for n, role in enumerate(ROLES, start=1)]


def user_payment_create(asked: Asked) -> object:
    user, names = asked.user(), asked.names
    told = asked.fields(names.payment)
    amount = money(told.get(names.amount))
    reference = str(told.get(names.reference) or "")
    payment = asked.model.pay(user, amount, reference, asked.at)
    dial(asked.model, user.id, asked.at)
    return payment.id


def user_payment_list(asked: Asked) -> object:
    user, names = asked.user(), asked.names
    return [
        {
            "payment_id": str(payment.id),
            names.amount: str(payment.amount),
            names.reference: payment.reference,
        }
        for payment in asked.model.payments
        if payment.user_id == user.id
    ]


def campaign_create(asked: Asked) -> object:
    """`concurrent` and `call_seconds` are ours: they stand in for contacts to dial."""
    user, told = asked.user(), asked.fields("campaign")
    known = {"name": str, "concurrent": int, "call_seconds": float}
    try:
        columns = {k: parse(told[k]) for k, parse in known.items() if k in told}
        return asked.model.add_campaign(user, **columns).id
    except (TypeError, ValueError):
        raise Refusal("Invalid campaign") from None


def campaign_start(asked: Asked) -> None:
    start(asked.model, asked.campaign(), asked.at)


def campaign_stop(asked: Asked) -> None:
    stop(asked.model, asked.campaign())


def campaign_status(asked: Asked) -> object:
    return _status(asked, asked.campaign())


def campaign_list(asked: Asked) -> object:
    return [_listed(campaign) for campaign in _of_owner(asked)]


def campaign_list_mode(asked: Asked) -> object:
    status = asked.text("status")
    return [
        _listed(each) for each in _of_owner(asked) if _status(asked, each) == status
    ]


def _of_owner(asked: Asked) -> list[Campaign]:
    """Everybody's, where nobody is named."""
    owner = asked.arguments.get(asked.names.owner)
    campaigns = asked.model.campaigns.values()
    return [each for each in campaigns if owner in {None, str(each.user_id)}]


def _status(asked: Asked, campaign: Campaign) -> str:
    running = campaign.status is Status.RUNNING
    return asked.names.running if running else campaign.status.value


def _listed(campaign: Campaign) -> dict[str, str]:
    return {"campaign_id": str(campaign.id), "name": campaign.name}


def campaign_summary(asked: Asked) -> object:
    campaign = asked.campaign()
    return {
        "total": str(campaign.up + campaign.ended + campaign.refused),
        "running": str(campaign.up),
        "answered": str(campaign.ended),
        "no-credit": str(campaign.refused),
        "cost": str(campaign.cost),
    }


def campaign_result(asked: Asked) -> object:
    """One row a call that is over, in the server's own time: UTC here."""
    names, campaign = asked.names, asked.campaign()
    return [
        {
            names.started: f"{asked.began + timedelta(seconds=call.started):{SHOWN}}",
            names.seconds: f"{call.seconds:.0f}",
            names.cost: str(call.cost),
            names.kind: VOICE,
        }
        for call in asked.model.calls
        if call.campaign_id == campaign.id
    ]


PUBLIC: Mapping[str, Callable[[Asked], object]] = {
    "User_Create": user_create,
    "User_Update": user_update,
    "User_Get": user_get,
    "User_Delete": user_delete,
    "User_Role_List": user_role_list,
    "User_Payment_Create": user_payment_create,
    "Campaign_Create": campaign_create,
    "Campaign_Start": campaign_start,
    "Campaign_Stop": campaign_stop,
    "Campaign_Status": campaign_status,
    "Campaign_List": campaign_list,
    "Campaign_List_Mode": campaign_list_mode,
    "Campaign_Summary": campaign_summary,
    "Campaign_Result": campaign_result,
}
READS = frozenset(
    {
        "User_Get",
        "User_List",
        "User_Payment_List",
        "Campaign_Status",
        "Campaign_List",
        "Campaign_List_Mode",
        "Campaign_Summary",
        "Campaign_Result",
    }
)
FOR_ALL = frozenset({"User_Role_List"})  # so every user can sign in (n8n's client)
# The public wire lists neither; some installation may, so each can be switched on.
PAYMENTS, USERS = "User_Payment_List", "User_List"
ALL = {**PUBLIC, PAYMENTS: user_payment_list, USERS: user_list}
