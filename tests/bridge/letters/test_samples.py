"""Every mail in every language, kept as it was read and approved.

After a change of words: `pytest --snapshots=write` with this file, and read what git
says has changed.
"""

from pathlib import Path

import pytest

from bridge.config import Brand
from bridge.letters.samples import KINDS, sample
from bridge.words import LANGUAGES
from tests.rig import PUBLIC

KEPT = Path(__file__).parent / "snapshots"
BRAND = Brand("Example & Söhne", "https://panel.example.com/", "help@example.com",
              "hello@example.com")  # fmt: skip
LINK = f"{PUBLIC}/reveal/shop/{'T' * 43}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_is_as_it_was_read_and_approved(kind, language, request):
    """I2, I8: subject, text and looks; a change of a word is seen in the snapshot."""
    mail = sample(kind, BRAND, LINK, language)
    said = {
        KEPT / f"{kind}.{language}.txt": f"{mail['subject']}\n\n{mail['text']}",
        KEPT / f"{kind}.{language}.html": mail["html"],
    }
    if request.config.getoption("snapshots") == "write":
        for file, text in said.items():
            file.write_text(text)

    assert said == {file: file.read_text() for file in said}


def test_no_snapshot_is_kept_of_a_mail_that_is_not_sent():
    """And none is forgotten."""
    names = {f"{kind}.{said}" for kind in KINDS for said in LANGUAGES}

    assert names == {file.stem for file in KEPT.iterdir()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_says_who_sent_it_and_loads_nothing(kind):
    """Its brand, and where to ask; no picture tells anybody that it was read."""
    mail = sample(kind, BRAND, LINK, "en")

    assert ("Example & Söhne", "help@example.com") == (
        mail["from_name"], mail["reply_to"])  # fmt: skip
    assert "help@example.com" in mail["text"]
    assert "Example &amp; Söhne" in mail["html"]
    assert not {"<img", "<script", "<link", "@import", "url("} & {
        word for word in ("<img", "<script", "<link", "@import", "url(")
        if word in mail["html"]
    }  # fmt: skip
