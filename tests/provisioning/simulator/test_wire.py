"""The wire: envelopes, and the ways to hand over arguments."""

import json
import socket

import pytest

ADMIN = {"username": "admin", "password": "simulator"}
USER = {"username": "ada", "password": "Correct-Horse-1"}


def test_success_is_true_and_a_payload(post):
    """HTTP 200, JSON, `[true, payload]`; the id of a new user is a number."""
    answer = post("User_Create", user=USER)

    assert b'[true,{"user_id":1,"username":"ada"}]' == answer.content
    assert (200, "application/json") == (
        answer.status_code,
        answer.headers["Content-Type"],
    )


def test_refusal_is_false_and_a_reason_with_http_200(post):
    """A no of the backend looks like a success to who only reads the status."""
    answer = post("User_Get", user_id=99)

    assert (200, [False, "User not found"]) == (answer.status_code, answer.json())


def test_success_without_payload_is_one_element(call, make, simulator):
    """`[true]` is all a campaign's start says."""
    user_id = make()
    _, campaign_id = call("Campaign_Create", user_id=user_id, campaign={"name": "x"})

    assert [True] == call("Campaign_Start", campaign_id=campaign_id)


@pytest.mark.parametrize("method", ["Campaign_Filter", "User_Payment_List", "Nonsense"])
def test_methods_outside_the_allow_list_answer_405(post, method):
    """The public wire lists no payments and forbids filters."""
    answer = post(method, user_id=1)

    assert 405 == answer.status_code
    assert {"ErrorCode": 405, "ErrorMessage": "Method Not Allowed"} == answer.json()


@pytest.mark.parametrize("how", ["query", "urlencoded", "multipart", "mixed"])
def test_arguments_are_heard_however_they_come(how, session, url, simulator):
    """PHP reads query and body alike."""
    method, told = f"{url}/rest/User_Create", {"user": json.dumps(USER)}
    ask = {
        "query": lambda: session.get(method, params=ADMIN | told, timeout=9),
        "urlencoded": lambda: session.post(method, ADMIN | told, timeout=9),
        "multipart": lambda: session.post(
            method, files={k: (None, v) for k, v in (ADMIN | told).items()}, timeout=9
        ),
        "mixed": lambda: session.post(method, told, params=ADMIN, timeout=9),
    }

    assert [True, {"user_id": 1, "username": "ada"}] == ask[how]().json()


def test_two_requests_share_one_connection(url, simulator):
    """Keep-alive, as HTTP/1.1 has it."""
    target = f"/{url.rsplit('/', 1)[1]}/rest/User_Role_List?username=admin"
    ask = f"GET {target}&password=simulator HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with socket.create_connection(_address(url)) as connection:
        told = [_asked(connection, ask), _asked(connection, ask)]

    assert [b"HTTP/1.1 200 OK"] * 2 == told


def test_half_a_request_is_none(url, simulator):
    """Who hangs up in the middle of the body has asked for nothing."""
    target = f"/{url.rsplit('/', 1)[1]}/rest/User_Role_List"
    with socket.create_connection(_address(url)) as connection:
        connection.sendall(
            f"POST {target} HTTP/1.1\r\nContent-Length: 99\r\n\r\nuser".encode()
        )
        connection.shutdown(socket.SHUT_WR)

        assert b"" == connection.recv(1)
    assert () == simulator.journal


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Transfer-Encoding: chunked", b"411 Length Required"),
        ("Content-Length: many", b"411 Length Required"),
        ("Content-Length: 99999999999", b"413 Request Entity Too Large"),
    ],
)
def test_a_body_that_cannot_be_measured_is_not_read(url, simulator, header, status):
    """The connection ends there, so nothing of it is taken for a next request."""
    with socket.create_connection(_address(url)) as connection:
        told = _asked(connection, f"POST / HTTP/1.1\r\n{header}\r\n\r\n".encode())

        assert b"HTTP/1.1 " + status == told
        assert b"" == connection.recv(1)


def _address(url):
    host, port = url.split("/")[2].split(":")
    return host, int(port)


def _asked(connection, ask):
    """The status line; the reply leaves in one piece."""
    connection.sendall(ask)
    return connection.recv(65536).split(b"\r\n")[0]
