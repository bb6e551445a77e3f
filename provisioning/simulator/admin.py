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
        return any(
            request.arguments.get(name) == self.username
            and request.arguments.get(password) == self.password
            for name, password in FORMS
        )
