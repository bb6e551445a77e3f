"""What the wire calls things: the vendor publishes no field names, so they are set."""

from dataclasses import dataclass

USER = (
    "id",
    "username",
    "password",
    "email",
    "role",
    "tariff",
    "channels",
    "active",
    "balance",
)


CALL = ("started", "seconds", "cost", "kind")
PAIRS = (("amount", "reference"), ("on", "off"), ("start", "limit"))


@dataclass(frozen=True, slots=True)
class Names:
    """Our word → the wire's; the defaults are inferred from the vendor's tables."""

    id: str = "user_id"
    username: str = "username"
    password: str = "password"  # noqa: S105 - the name of a field
    email: str = "email"
    role: str = "role"
    tariff: str = "plan_id"
    channels: str = "channels"
    active: str = "active"
    balance: str = "credit"
    payment: str = "payment"
    amount: str = "paid_amount"
    reference: str = "description"
    owner: str = "usr_id"
    on: str = "1"
    off: str = "0"
    running: str = "running"
    start: str = "start"
    limit: str = "limit"
    started: str = "start_time"
    seconds: str = "duration"
    cost: str = "cost"
    kind: str = "service"

    def __post_init__(self) -> None:
        for group in (USER, CALL, *PAIRS):
            words = [getattr(self, word) for word in group]
            if "" in words or len(set(words)) < len(words):
                raise ValueError(f"{', '.join(group)} need a name of their own each")
