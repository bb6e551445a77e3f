"""How the backend says no: HTTP 200 and `[false, "these words"]`."""


class Refusal(Exception):
    """The message is what the caller gets to read; nothing was done."""
