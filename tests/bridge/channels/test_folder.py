"""The outbox folder: one whole file a mail, for its owner only."""

import stat
from email import message_from_bytes, policy

import pytest

from bridge.channels.folder import Folder
from provisioning.core.outcomes import Later
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
