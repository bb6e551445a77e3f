"""What things of ours are called by a customer: cycles, limits, states, statuses."""

from __future__ import annotations

from bridge.access.customers import Standing
from bridge.store.shop_orders import State
from bridge.words.speech import Speech


def cycles(said: Speech) -> dict[str, str]:
    return {
        "once": said.say("once"),
        "monthly": said.say("a month"),
        "quarterly": said.say("a quarter"),
        "semiannually": said.say("half a year"),
        "annually": said.say("a year"),
        "biennially": said.say("two years"),
        "triennially": said.say("three years"),
    }


def limits(said: Speech) -> dict[str, str]:
    return {
        "channels": said.say("Calls at a time"),
        "tariff": said.say("Tariff"),
        "minutes": said.say("Free minutes"),
        "messages": said.say("Free messages"),
        "pages": said.say("Free pages"),
        "seats": said.say("Seats"),
        "storage": said.say("Storage"),
        "documents": said.say("Documents"),
        "automations": said.say("Automation runs"),
        "records": said.say("Data records"),
    }


def states(said: Speech) -> dict[str, str]:
    return {
        State.OPEN: said.say("Waits for payment"),
        State.PAID: said.say("Paid"),
        State.CANCELLED: said.say("Called off"),
    }


def statuses(said: Speech) -> dict[str, str]:
    """P5: exactly one of three."""
    return {
        "active": said.say("Active"),
        "trial": said.say("Trial"),
        "inactive": said.say("Inactive"),
    }


def roles(said: Speech) -> dict[str, str]:
    """S11."""
    return {
        Standing.OWNER: said.say("Owner: everything, and who else may come in"),
        Standing.PAYER: said.say("Payer: orders, changes and pays"),
        Standing.VIEWER: said.say("Viewer: looks, and changes nothing"),
    }
