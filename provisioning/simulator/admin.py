"""Who may call: one administrator, known in three generations of ways."""

from dataclasses import dataclass, field

from provisioning.simulator.wire import Request

FORMS = (("username", "password"), ("api_username", "api_password"))


@dataclass(frozen=True, slots=True)
class Admin:
    """HTTP Basic is not among the ways: the real one answers 401 to it everywhere."""

    username: str = "admin"
    password: str = field(default="simulator", repr=False)
    key: str = field(default="simulator-key", repr=False)

    def knows(self, request: Request) -> bool:
        scheme, _, key = request.authorization.partition(" ")
        if scheme.lower() == "bearer":
            return key.strip() == self.key
        return (self.username, self.password) in signed_in(request)


def signed_in(request: Request) -> list[tuple[str, str]]:
    """The names and passwords that came along."""
    told = request.arguments
    return [(told[name], told[word]) for name, word in FORMS if {name, word} <= {*told}]
