"""The outbox folder: one whole file a mail, for its owner only."""

import stat
from email import message_from_bytes, policy

import pytest

from bridge.channels.folder import Folder
from provisioning.core.outcomes import Later, Refused
from tests.bridge.channels.post import delivery


def test_a_mail_is_one_file_for_its_owner_only(tmp_path):
    """Nothing else is left in the folder, which is made if it is not there."""
    folder = tmp_path / "deep" / "outbox"
    Folder(folder).send(delivery(), None)
    [file] = folder.iterdir()
    mail = message_from_bytes(file.read_bytes(), policy=policy.SMTP)

    assert (0o600, ".eml") == (stat.S_IMODE(file.stat().st_mode), file.suffix)
    assert 0o700 == stat.S_IMODE(folder.stat().st_mode)
    assert ("One new", "ops@example.com") == (mail["Subject"], mail["To"])


def test_sent_twice_it_is_the_same_file(tmp_path):
    """A crash between writing and noting leaves one mail, not two."""
    for key in ("alert:1", "alert:1", "alert:2"):
        Folder(tmp_path).send(delivery(key), None)

    assert 2 == len(list(tmp_path.iterdir()))


def test_nobody_sees_half_a_mail(tmp_path, monkeypatch):
    """Power gone before the end: there is no such file."""

    def gone(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", gone)
    with pytest.raises(Later, match="No space left on device"):
        Folder(tmp_path).send(delivery(), None)

    assert [] == list(tmp_path.iterdir())


def test_without_an_address_it_is_to_ourselves(tmp_path):
    """A folder needs no mail server and no address."""
    Folder(tmp_path).send(delivery(to=None), None)
    [file] = tmp_path.iterdir()

    assert b"To: switchhook@localhost" in file.read_bytes()


def test_a_mail_of_two_parts_is_read_in_either(tmp_path):
    """In a brand's name: its address, its answers, its Message-ID."""
    brand = {"from": "hello@brand.example", "from_name": "Söhne, Inc.",
             "reply_to": "help@brand.example", "html": "<p>Look.</p>"}  # fmt: skip
    Folder(tmp_path).send(delivery(**brand), None)
    [file] = tmp_path.iterdir()
    mail = message_from_bytes(file.read_bytes(), policy=policy.SMTP)

    assert "Look.\r\n" == mail.get_body(("plain",)).get_content()
    assert "<p>Look.</p>\r\n" == mail.get_body(("html",)).get_content()
    [writer] = mail["From"].addresses
    assert ("Söhne, Inc.", "hello@brand.example") == (
        writer.display_name,
        writer.addr_spec,
    )
    assert "help@brand.example" == mail["Reply-To"]
    assert mail["Message-ID"].endswith("@brand.example>")


@pytest.mark.parametrize(
    "content",
    [{"from_name": "a\r\nBcc: x@example.com", "from": "a@example.com"},
     {"reply_to": "a@example.com, b@example.com"}, {"from": "two@x.example three"}],
)  # fmt: skip
def test_what_would_be_another_header_is_refused(tmp_path, content):
    """It is written as one mail, or not at all."""
    with pytest.raises(Refused, match="cannot be written as a mail"):
        Folder(tmp_path).send(delivery(**content), None)

    assert [] == list(tmp_path.iterdir())
