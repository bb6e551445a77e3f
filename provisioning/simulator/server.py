"""Many simulators behind one socket: `/rest/<Method>`, `/<instance>/rest/<Method>`."""

import json
from email.message import Message
from http import HTTPStatus
from threading import Lock, Thread
from typing import Self
from urllib.parse import unquote, urlsplit

from provisioning.simulator import panel
from provisioning.simulator.connection import Listener
from provisioning.simulator.refusal import Refusal
from provisioning.simulator.settings import Settings
from provisioning.simulator.simulator import Simulator
from provisioning.simulator.wire import Reply, compact, error, read


class Server:
    """Bound to 127.0.0.1 as soon as it is made; answers between start and close."""

    def __init__(self, port: int = 0, settings: Settings | None = None) -> None:
        self._simulators = {"": Simulator(settings)}
        self._lock = Lock()
        self._listener = Listener(port, self._answer)
        self._thread: Thread | None = None

    @property
    def url(self) -> str:
        """Of the default instance; another one is at `<url>/<instance>`."""
        return f"http://127.0.0.1:{self._listener.server_address[1]}"

    def new(self, name: str = "", settings: Settings | None = None) -> Simulator:
        """Make an instance, or begin it again from nothing."""
        with self._lock:
            if before := self._simulators.get(name):
                before.close()
            self._simulators[name] = Simulator(settings)
            return self._simulators[name]

    def simulator(self, name: str = "") -> Simulator:
        """The instance of that name; KeyError if nobody made it."""
        return self._simulators[name]

    def start(self) -> Self:
        poll = (0.02,)  # seconds; close() waits that long at most
        serve = self._listener.serve_forever
        self._thread = Thread(target=serve, args=poll, name="simulator", daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop listening, drop what slow faults hold, break every connection."""
        if self._thread:
            self._listener.shutdown()
            self._thread.join()
            self._thread = None
        self._listener.server_close()
        for simulator in list(self._simulators.values()):
            simulator.close()
        self._listener.hang_up()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answer(self, verb: str, target: str, body: bytes, headers: Message) -> Reply:
        url = urlsplit(target)
        match [unquote(part) for part in url.path.split("/") if part]:
            case [*instance, "rest", method] if len(instance) <= 1:
                if simulator := self._simulators.get("".join(instance)):
                    return simulator.answer(method, read(url.query, body, headers))
            case [*instance, "_sim", order] if len(instance) <= 1:
                return self._control("".join(instance), verb, order, body)
        return error(HTTPStatus.NOT_FOUND)

    def _control(self, instance: str, verb: str, order: str, body: bytes) -> Reply:
        try:
            told = json.loads(body or b"{}")
            if (verb, order) == ("POST", "new"):
                self.new(instance, panel.settings(told))
                return _told({})
            do = panel.ROUTES[verb, order]
            return _told(do(self._simulators[instance], told))
        except KeyError as missing:
            return _told({"error": f"there is no {missing}"}, HTTPStatus.NOT_FOUND)
        except (TypeError, ValueError, AttributeError, Refusal) as wrong:
            return _told({"error": str(wrong)}, HTTPStatus.BAD_REQUEST)


def _told(content: object, status: HTTPStatus = HTTPStatus.OK) -> Reply:
    return Reply(compact(content), status)
