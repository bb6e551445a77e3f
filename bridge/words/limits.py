"""What a limit is called by who reads of it."""

from __future__ import annotations

from bridge.words.speech import Speech


def limit(said: Speech, name: str) -> str:
    """One that is a provider's own is called by its own name."""
    return limits(said).get(name) or name.rpartition("/")[2].replace("_", " ")


def limits(said: Speech) -> dict[str, str]:
    return {
        "channels": said.say("Calls at a time"),
        "tariff": said.say("Tariff"),
        "minutes": said.say("Free minutes"),
        "messages": said.say("Free messages"),
        "pages": said.say("Free pages"),
        "seats": said.say("Seats"),
        "features": said.say("Features"),
        "storage_gb": said.say("Storage (GB)"),
        "documents": said.say("Documents"),
        "automation_runs": said.say("Automation runs"),
        "records": said.say("Data records"),
    }
