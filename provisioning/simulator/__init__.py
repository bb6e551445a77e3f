"""A faithful ICTBroadcast to run against: real sockets, real traffic, faults on demand.

    with Server() as server:
        server.url                                 # base: POST <url>/rest/User_Get
        server.simulator().plant("reset_after_apply", "User_Payment_Create")
        server.simulator().start_traffic(7, campaigns=3, concurrent=6)
        server.simulator().advance(3600)
        server.simulator().users[7].credit

Read `server` → `simulator` → `methods` → `model`; `faults` is the table of what can go
wrong. `Control(url)` does the same from another process.
"""

from provisioning.simulator.admin import Admin
from provisioning.simulator.control import Control
from provisioning.simulator.names import Names
from provisioning.simulator.refusal import Refusal
from provisioning.simulator.rows import Plan
from provisioning.simulator.server import Server
from provisioning.simulator.settings import Settings
from provisioning.simulator.simulator import Simulator

__all__ = [
    "Admin",
    "Control",
    "Names",
    "Plan",
    "Refusal",
    "Server",
    "Settings",
    "Simulator",
]
