"""Campaigns burn credit: calls start while they may, and are billed when they end."""

import sys
from dataclasses import replace
from heapq import heappop, heappush

from provisioning.simulator.model import Model
from provisioning.simulator.refusal import Refusal
from provisioning.simulator.rows import Call, Campaign, Status, User


def advance(model: Model, at: float) -> None:
    """End every call that is over by then, in order, and dial again in its place."""
    while model.endings and model.endings[0][0] <= at:
        moment, call_id = heappop(model.endings)
        if call := model.up.get(call_id):  # else it was hung up before its time
            _end(model, call, call.seconds)
            dial(model, call.user_id, moment)


def start(model: Model, campaign: Campaign, at: float) -> None:
    if not model.user(str(campaign.user_id)).active:
        raise Refusal("User is suspended")
    model.campaigns[campaign.id] = replace(campaign, status=Status.RUNNING)
    dial(model, campaign.user_id, at)


def stop(model: Model, campaign: Campaign) -> None:
    """Nothing new is dialled; calls that are up run to their end."""
    if campaign.status is Status.RUNNING:
        model.campaigns[campaign.id] = replace(campaign, status=Status.PAUSED)


def cut_off(model: Model, user_id: int, at: float, status: Status) -> None:
    """Stop all campaigns of the user; calls end now and cost the time they ran."""
    for campaign in _campaigns(model, user_id):
        if campaign.status is Status.RUNNING:
            model.campaigns[campaign.id] = replace(campaign, status=status)
    for call in [call for call in model.up.values() if call.user_id == user_id]:
        _end(model, call, at - call.started)


def dial(model: Model, user_id: int, at: float) -> None:
    """Fill the free lines, campaign by campaign, up to the user's channels."""
    user = model.users[user_id]
    campaigns = _campaigns(model, user_id)
    room = (user.channels or sys.maxsize) - sum(c.up for c in campaigns)
    for campaign in campaigns:
        lines = min(campaign.concurrent - campaign.up, room)
        if campaign.status is not Status.RUNNING or lines < 1:
            continue
        if user.credit <= 0:
            refused = campaign.refused + lines
            model.campaigns[campaign.id] = replace(campaign, refused=refused)
            continue
        for _ in range(lines):
            _place(model, campaign, user, at)
        model.campaigns[campaign.id] = replace(campaign, up=campaign.up + lines)
        room -= lines


def _place(model: Model, campaign: Campaign, user: User, at: float) -> None:
    call = Call(
        id=len(model.calls) + len(model.up) + 1,
        user_id=user.id,
        campaign_id=campaign.id,
        plan=model.plans[user.tariff],
        started=at,
        seconds=campaign.call_seconds,
    )
    model.up[call.id] = call
    heappush(model.endings, (call.started + call.seconds, call.id))


def _end(model: Model, call: Call, seconds: float) -> None:
    """Bill it; nothing keeps the balance above zero."""
    cost = call.plan.cost(seconds)
    del model.up[call.id]
    model.calls.append(replace(call, seconds=seconds, cost=cost))
    user = model.users[call.user_id]
    model.users[user.id] = replace(user, credit=user.credit - cost)
    campaign = model.campaigns[call.campaign_id]
    model.campaigns[campaign.id] = replace(
        campaign,
        up=campaign.up - 1,
        ended=campaign.ended + 1,
        cost=campaign.cost + cost,
    )


def _campaigns(model: Model, user_id: int) -> list[Campaign]:
    return [c for c in model.campaigns.values() if c.user_id == user_id]
