"""Where a server of ours is to listen is ours alone."""

import socket
import threading

import pytest

from bridge.port import refused, wanted


def listening(shared):
    """As a web server does that shares its port among its processes, or not."""
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    one.bind(("127.0.0.1", 0))
    one.listen()
    return one


@pytest.mark.parametrize("shared", [False, True])
def test_a_port_that_another_has_is_refused_with_the_way_out(shared):
    """U1: two bridges that share one would each hear some of the events."""
    with listening(shared) as other:
        port = other.getsockname()[1]
        with pytest.raises(LookupError) as caught:
            wanted("127.0.0.1", port, "serve", patience=0.1)

    assert f"127.0.0.1:{port} cannot be had (Address already in use)" in str(caught)
    assert "free it, or set serve.host and serve.port" in str(caught.value)
    assert refused("127.0.0.1", port) is None


def test_a_predecessor_that_is_stopping_is_waited_for():
    """U8: a restart need not be timed."""
    other = listening(shared=True)
    port = other.getsockname()[1]
    ends = threading.Timer(0.3, other.close)
    ends.start()
    wanted("127.0.0.1", port, "serve", patience=30)
    ends.join()

    assert refused("127.0.0.1", port) is None
