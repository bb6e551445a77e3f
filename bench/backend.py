"""A backend for benchmarks: ICTBroadcast's wire, answers after a set time, no more.

The simulator is faithful, and so slow; here only the calls a bridge makes are known.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

Form = dict[str, str]


class Panel:
    def __init__(self) -> None:
        self.users: dict[str, dict[str, Any]] = {}
        self.names: dict[str, str] = {}
        self.calls = 0

    def add(self, user: dict[str, Any]) -> None:
        id_ = str(len(self.users) + 1)
        told = {"user_id": id_, "credit": "0", **user}
        self.users[id_] = told
        self.names[told["username"]] = id_

    def answer(self, method: str, form: Form) -> Any:
        self.calls += 1
        return METHODS[method](self, form)

    def get(self, form: Form) -> Any:
        id_ = form.get("user_id") or self.names.get(form.get("value", ""), "")
        user = self.users.get(id_)
        return [True, user] if user else [False, "not found"]

    def create(self, form: Form) -> Any:
        self.add(json.loads(form["user"]))
        return [True, {}]

    def update(self, form: Form) -> Any:
        self.users[form["user_id"]].update(json.loads(form["user"]))
        return [True, {}]

    def pay(self, form: Form) -> Any:
        user, paid = self.users[form["user_id"]], json.loads(form["payment"])
        user["credit"] = str(Decimal(user["credit"]) + Decimal(paid["paid_amount"]))
        return [True, {}]

    def fill(self, form: Form) -> Any:
        for username in json.loads(form["usernames"]):
            self.add({"username": username, "active": "1", "channels": "5",
                      "plan_id": "1"})  # fmt: skip
        return [True, len(self.users)]

    def count(self, _: Form) -> Any:
        return [True, self.calls]


METHODS: dict[str, Callable[[Panel, Form], Any]] = {
    "User_Get": Panel.get,
    "User_Create": Panel.create,
    "User_Update": Panel.update,
    "User_Payment_Create": Panel.pay,
    "User_Role_List": Panel.count,
    "Fill": Panel.fill,
    "state": Panel.count,
}


class Talk(asyncio.Protocol):
    def __init__(self, panel: Panel, latency: float) -> None:
        self._panel, self._latency = panel, latency
        self._heard = b""
        self._out: Any = None

    def connection_made(self, transport: Any) -> None:
        self._out = transport

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, found, body = self._heard.partition(b"\r\n\r\n")
        if not found:
            return
        lowered = head.lower()
        length = lowered.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if len(body) < int(length or 0):
            return
        self._heard = b""
        method = head.split(b" ", 2)[1].decode().rsplit("/", 1)[-1]
        form = {name: told[0] for name, told in parse_qs(body.decode()).items()}
        loop = asyncio.get_running_loop()
        slow = self._latency if method.startswith("User_") else 0.0
        loop.call_later(slow, self._say, method, form)

    def _say(self, method: str, form: Form) -> None:
        if self._out.is_closing():
            return
        told = json.dumps(self._panel.answer(method, form)).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(told)}\r\n\r\n".encode()
        self._out.write(head + told)


async def main(port: int, latency: float) -> None:
    panel = Panel()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Talk(panel, latency), "127.0.0.1", port, backlog=256
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
