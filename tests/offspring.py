"""Servers the tests start: never as root, on a free port, gone with who started them.

Run as a program it becomes one of them: user, watch over the parent, then the server.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NOBODY = "nobody"
PR_SET_PDEATHSIG = 1


def user() -> str:
    """Who the servers run as: PostgreSQL and pgbouncer refuse to be root."""
    return NOBODY if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


def own_folder(name: str) -> Path:
    """A new folder of that user, where it can reach it; pytest's own are closed."""
    for place in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp")):
        if reachable(Path(place)):
            folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=place))
            return give(folder)
    raise RuntimeError(
        f"user {user()} can reach no temporary directory; set TMPDIR to one it can"
    )


def forget(folder: Path | str) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def give(path: Path) -> Path:
    if os.geteuid() == 0:
        shutil.chown(path, NOBODY)
    return path


def reachable(path: Path) -> bool:
    """Can that user read it, and go through all that is above it?"""
    whole, own = path.resolve(), pwd.getpwnam(user()).pw_uid
    above = all(_may(folder, own, os.X_OK) for folder in whole.parents)
    return above and _may(whole, own, os.R_OK)


def _may(path: Path, own: int, what: int) -> bool:
    seen = path.stat()
    return bool(seen.st_mode & (what << 6 if seen.st_uid == own else what))


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def start(
    command: list[str | Path],
    log: Path,
    *,
    libraries: str | None = None,
    with_us: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """A child in the foreground. If we are killed it gets *with_us*."""
    # Neither `user=` nor a preexec_fn: changing the user forgets the parent-death
    # signal, and Python code after a fork can hang where other threads run.
    become = [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(int(with_us))]
    known = {
        name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ
    }
    found = {"LD_LIBRARY_PATH": libraries} if libraries else {}
    with log.open("ab") as out:
        return subprocess.Popen(
            [*become, user(), *map(str, command)],
            cwd="/",
            env=known | found | {"LANG": "C.UTF-8", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,  # Ctrl-C is for the tests, which then stop it
        )


def run(command: list[str | Path], log: Path) -> None:
    """The same for a program that ends."""
    code = start(command, log).wait()
    if code:
        raise RuntimeError(f"{command[0]} ended with {code}:\n{last_words(log)}")


def until_it_listens(child: subprocess.Popen[bytes], port: int, within: float) -> bool:
    """False if it ended first; its log says why."""
    until = time.monotonic() + within
    while child.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.01)
    return False


def stop(child: subprocess.Popen[bytes], how: signal.Signals, within: float) -> None:
    """By its own id, and for certain."""
    if child.poll() is None:
        child.send_signal(how)
    try:
        child.wait(within)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def last_words(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])


def _become(parent: str, with_us: str, name: str, *command: str) -> None:
    if os.geteuid() == 0:
        who = pwd.getpwnam(name)
        os.setgroups([])
        os.setgid(who.pw_gid)
        os.setuid(who.pw_uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(with_us))
        if os.getppid() != int(parent):
            sys.exit("who started this is gone already")
    os.umask(0o077)
    os.execv(command[0], command)


if __name__ == "__main__":
    _become(*sys.argv[1:])
