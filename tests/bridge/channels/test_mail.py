"""Mail against a real server: encrypted and verified, sorted, and always in time."""

import socket
import threading
import time

import pytest

from bridge.channels.mail import Mail, Security
from provisioning.core.outcomes import Later, Outcome, Refused
from tests.bridge.channels.post import (
    PASSWORD,
    SENDER,
    USER,
    Box,
    certificate,
    delivery,
    running,
    server,
)

LOGIN = {"username": USER, "password": PASSWORD}


@pytest.fixture
def box():
    return Box()


@pytest.fixture(scope="module")
def trusted(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def plain(box):
    """A server on this machine, without TLS."""
    with running(box, Security.NONE) as port:
        yield Mail(server(port, Security.NONE))


def outcome(mail, one=None):
    with pytest.raises(Outcome) as told:
        mail.send(one or delivery(), None)
    return told.value


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_it_is_sent_encrypted_and_logged_in(box, trusted, security):
    """The usual two ways of a mail server."""
    tls, file = trusted
    with running(box, security, tls) as port:
        Mail(server(port, security, ca_file=file, **LOGIN)).send(delivery(), None)

    assert ["ops@example.com"] == box.to
    assert [USER] == box.users
    [mail] = box.mails
    assert (SENDER, "ops@example.com") == (mail["From"], mail["To"])
    assert ("One new", "Look.\r\n") == (mail["Subject"], mail.get_content())


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_certificate_nobody_vouches_for_gets_no_mail(box, trusted, security):
    """And no password: nothing is said before it is verified."""
    # Guard off (ssl._create_unverified_context in its place): red.
    tls, _ = trusted
    with running(box, security, tls) as port:
        told = outcome(Mail(server(port, security, **LOGIN)))

    assert isinstance(told, Later)
    assert "certificate we cannot trust" in str(told)
    assert [] == box.mails


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_certificate_of_another_host_gets_no_mail(box, tmp_path, security):
    """Trusted, but not the one we wanted to talk to."""
    tls, file = certificate(tmp_path, "127.0.0.2")
    with running(box, security, tls) as port:
        told = outcome(Mail(server(port, security, ca_file=file, **LOGIN)))

    assert isinstance(told, Later)
    assert [] == box.mails


def test_without_starttls_nothing_is_sent(box, trusted):
    """Whoever strips it from the answer gets neither the mail nor the password."""
    with running(box, Security.NONE) as port:
        told = outcome(
            Mail(server(port, Security.STARTTLS, ca_file=trusted[1], **LOGIN))
        )

    assert isinstance(told, Later)
    assert "no STARTTLS" in str(told)
    assert [] == box.mails


def test_unencrypted_goes_to_this_machine_only(box, monkeypatch):
    """Whatever the configuration's name leads to: the connection is looked at."""
    # Guard off (no look at the peer): red.
    monkeypatch.setattr("bridge.channels.mail._is_here", lambda _: False)
    with running(box, Security.NONE) as port:
        told = outcome(Mail(server(port, Security.NONE)))

    assert isinstance(told, Later)
    assert "not this machine" in str(told)
    assert [] == box.mails


def test_a_wrong_password_can_be_mended(box, trusted):
    """So it is tried again, and the password is in no message."""
    tls, file = trusted
    wrong = {"username": USER, "password": "wr0ng"}
    with running(box, Security.TLS, tls) as port:
        told = outcome(Mail(server(port, Security.TLS, ca_file=file, **wrong)))

    assert isinstance(told, Later)
    assert "user name and password (535)" in str(told)
    assert "wr0ng" not in str(told)


@pytest.mark.parametrize(
    ("when", "answer", "kind"),
    [
        ("rcpt", "550 5.1.1 no such user ops@example.com", Refused),
        ("data", "554 5.7.1 no", Refused),
        ("rcpt", "450 4.2.1 greylisted", Later),
        ("rcpt", "421 4.3.2 going down", Later),
        ("data", "452 4.3.1 full", Later),
        ("mail", "550 5.7.1 not yours", Later),
        ("mail", "451 4.3.0 later", Later),
    ],
)
def test_answers_are_sorted_by_what_to_do_next(box, plain, when, answer, kind):
    """A no about this mail is final; about us or about now, it is tried again."""
    box.answers[when] = answer
    told = outcome(plain)

    assert kind is type(told)
    assert answer[:3] in str(told)
    assert "ops@example.com" not in str(told)
    assert told.__cause__ is None is told.__context__


def test_the_same_delivery_is_the_same_mail(box, plain):
    """Sent twice after a crash, it has the same Message-ID; another one has not."""
    for key in ("alert:1", "alert:1", "alert:2"):
        plain.send(delivery(key), None)
    first, again, other = (mail["Message-ID"] for mail in box.mails)

    assert first == again
    assert first != other
    assert first.endswith("@bridge.example>")
    assert box.mails[0].as_bytes() == box.mails[1].as_bytes()


@pytest.mark.parametrize(
    "content",
    [
        {"subject": "x\r\nBcc: all@example.com"},
        {"subject": "x\nBcc: all@example.com"},
        {"to": "ops@example.com\r\nBcc: all@example.com"},
        {"to": "ops@example.com, all@example.com"},
        {"to": "Ops <ops@example.com>"},
        {"to": "öps@example.com"},
        {"to": "nobody"},
        {"text": "\ud800"},
    ],
)
def test_a_header_cannot_be_smuggled_in(box, plain, content):
    """Refused for good: it will not be another one next time."""
    told = outcome(plain, delivery(**content))

    assert isinstance(told, Refused)
    assert "all@example.com" not in str(told)
    assert [] == box.mails


def test_a_text_cannot_end_the_mail_early(box, plain):
    """A lone dot, and words of the protocol, are text."""
    text = "a\n.\nMAIL FROM:<x@example.com>\n..\nend ✓\n"
    plain.send(delivery(text=text), None)

    assert [text] == [m.get_content().replace("\r\n", "\n") for m in box.mails]


def test_a_server_that_trickles_is_left_in_time():
    """The time is for all of it together, not for each line."""
    # Guard off (a plain socket with a time-out for each read): red.
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def trickle():
            sock, _ = listener.accept()
            with sock:
                for _ in range(200):
                    try:
                        sock.sendall(b"220-still coming\r\n")
                    except OSError:
                        return
                    time.sleep(0.05)

        thread = threading.Thread(target=trickle, daemon=True)
        thread.start()
        slow = server(listener.getsockname()[1], Security.NONE)
        began = time.monotonic()
        mail = Mail(type(slow)(slow.host, slow.port, slow.security, SENDER, within=0.5))
        told = outcome(mail)
        took = time.monotonic() - began
        thread.join(5)

    assert isinstance(told, Later)
    assert took < 8  # it trickles on for ten


def test_nobody_there_is_later():
    """A mail server that restarts costs nothing but time."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert isinstance(outcome(Mail(server(port, Security.NONE))), Later)
