"""Every language says all there is to say, with the same parts, in its own forms."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from string import Formatter
from zoneinfo import ZoneInfo

import pytest
from jinja2 import DictLoader, Environment

from bridge import words
from bridge.words import en, extract, render, speech
from bridge.words.catalogues import LANGUAGES, TRANSLATED, read
from bridge.words.extract import brought_up, found, missing
from bridge.words.pages import best, install
from bridge.words.retold import told
from provisioning.core.sentences import say

TAG = re.compile(r"</?[a-z][^>]*>")
PERCENT = re.compile(r"%\((\w+)\)[sd]|%%")
MORE = "You can open this {n} more time.", "You can open this {n} more times."
NOON = datetime(2026, 3, 1, 12, 5, tzinfo=UTC)


def parts(text):
    """What words leave open, in code and in templates; and what tags they hold."""
    braces = [] if PERCENT.search(text) else Formatter().parse(text)
    open_ = {f"{{{name}}}" for _, name, _, _ in braces if name is not None}
    return open_ | {m[0] for m in PERCENT.finditer(text)} | {*TAG.findall(text)}


def pairs(language):
    for message in read(language):
        if message.id:
            one = isinstance(message.id, str)
            ids = (message.id,) if one else message.id
            yield ids, (message.string,) if one else message.string


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_missing_doubtful_or_left_over(language):
    """`make words`, then write what is missing: English where another language is
    spoken is seen by customers, and nobody else."""
    kept = {tuple(ids) for ids, _ in pairs(language)}
    now = {(said,) if isinstance(said, str) else said for said in found()}

    # Tried: a word of a catalogue taken out, its msgstr emptied, `#, fuzzy` put
    # before it, a form of a plural dropped: each red.
    assert (set(), set()) == (now - kept, kept - now)
    assert [] == missing(read(language))
    assert [] == list(read(language).obsolete)


OF_OURS = {"backend", "backends", "remote", "server", "url"}


def test_no_sentence_for_customers_names_where_an_account_is():
    """U11: a brand's customers never hear which backend stands behind it; what names
    one is for staff."""
    # Guard off (`{backend}` in coupon_elsewhere again): red.
    told_ = {code: parts(text) for code, text in en.SENTENCES.items()}

    assert {} == {
        code: named for code, named in told_.items()
        if named & {f"{{{name}}}" for name in OF_OURS}
    }  # fmt: skip
    assert "{backend}" in parts(en.STAFF["other_backend"])


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_is_written_as_make_words_writes_it(language, tmp_path):
    """So that a change of one word is a change of one place."""
    was = extract.file(language).read_text()
    extract.write(language, brought_up(language), tmp_path / "new.po")

    assert was == (tmp_path / "new.po").read_text()


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_language_leaves_the_same_open(language):
    """A name that is misspelt there would break the page or mail that says it."""
    wrong = [
        (ids, said)
        for ids, strings in pairs(language)
        for said in strings
        if parts(said) != parts(ids[-1])
    ]

    assert [] == wrong


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", en.SENTENCES)
def test_every_sentence_for_customers_can_be_said(language, code):
    """Whatever its parts are."""
    names = {name for _, name, _, _ in Formatter().parse(en.SENTENCES[code]) if name}
    sentence = say(code, **dict.fromkeys(names, "{odd}"))

    assert "{odd}" in told(sentence, speech(language), UTC) or not names


def test_a_customer_reads_days_sums_and_limits_his_way():
    """D9: the hour of his brand's zone, the sum as his language writes it, and a limit
    by the word of the pages; a name of a plan that looks like one stays."""
    german, zone = speech("de"), ZoneInfo("Asia/Ho_Chi_Minh")
    rest = {"at": "2026-11-30 20:00 UTC", "units": 20}
    over = say("capacity_over", capacity="storage_gb", **rest)
    gone = say("data_locked", name="features/call_recording", at=rest["at"])
    much = say("promise_too_much", debt="1234.50 USD", most="5 USD")
    named = say("change_nothing", has="channels")

    assert "20 Einheiten Speicher (GB)" in told(over, german, zone)
    assert "1. Dezember 2026, 03:00 +0700" in told(over, german, zone)
    assert "call recording ist" in told(gone, german, zone)
    assert "1.234,50\xa0$" in told(much, german, zone)
    assert "„channels“" in told(named, german, zone)


def test_what_only_staff_read_no_customer_is_told():
    """Commands and names of servers are nothing to a customer."""
    sentence = say("held_observed", account="shop/7")

    assert None is told(sentence, speech("vi"), UTC)
    assert "switchhook adopt" in render(sentence, "vi")
    assert None is told(None, speech(), UTC)


def test_no_sentence_is_for_both():
    """A code has its words in one place, and no command is told to customers."""
    commands = [code for code, said in en.SENTENCES.items() if "`switchhook" in said]

    assert set() == {*en.SENTENCES} & {*en.STAFF}
    assert [] == commands


def test_words_within_a_sentence_are_said_in_its_language():
    """A cycle, a span, why it is off; a name of what is sold stays as it is."""
    cycle = say("change_longer_cycle", cycle="annually", has="monthly")
    holds = say("coupon_suspended", service="shop:1", holds="billing, abuse")
    named = say("change_withdrawn", has="monthly")

    assert "Es läuft jährlich, sobald" in render(cycle, "de")
    assert "bis dahin monatlich" in render(cycle, "de")
    assert "(không" not in render(holds, "vi")
    assert "(chưa thanh toán, lạm dụng)" in render(holds, "vi")
    assert "«monthly»" in render(named, "ru")


@pytest.mark.parametrize(("language", "n", "said"), [
    ("en", 1, "1 more time."), ("en", 5, "5 more times."),
    ("vi", 1, "được 1 lần"), ("vi", 5, "được 5 lần"),
    ("de", 1, "noch 1 Mal"), ("de", 0, "noch 0 Mal"),
    ("ru", 1, "ещё 1 раз."), ("ru", 3, "ещё 3 раза."),
    ("ru", 5, "ещё 5 раз."), ("ru", 21, "ещё 21 раз."),
])  # fmt: skip
def test_numbers_have_the_forms_of_the_language(language, n, said):
    """Vietnamese has one, English and German two, Russian three."""
    many = speech(language).many(*MORE, n)

    assert said in many


@pytest.mark.parametrize(("language", "value", "currency", "said"), [
    ("en", "1234.5", "USD", "US$1,234.50"), ("en", "250000", "VND", "₫250,000"),
    ("vi", "250000", "VND", "250.000 ₫"), ("vi", "29.95", "USD", "29,95 US$"),
    ("de", "1234.5", "EUR", "1.234,50 €"), ("ru", "1234.5", "USD", "1 234,50 $"),
    ("de", "1", "KWD", "1,000 KWD"), ("en", "0.0125", "USD", "US$0.0125"),
    ("en", "20.0000", "USD", "US$20.00"),
])  # fmt: skip
def test_money_is_said_at_its_currencys_scale(language, value, currency, said):
    """D19: dong have no decimals; what is finer than the scale is not rounded away."""
    assert said == speech(language).money(Decimal(value), currency).replace("\xa0", " ")


@pytest.mark.parametrize(("language", "day", "moment"), [
    ("en", "1 March 2026", "1 March 2026, 19:05 +0700"),
    ("vi", "ngày 1 tháng 3 năm 2026", "19:05 +0700 ngày 1 tháng 3 năm 2026"),
    ("de", "1. März 2026", "1. März 2026, 19:05 +0700"),
    ("ru", "1 марта 2026", "1 марта 2026, 19:05 +0700"),
])  # fmt: skip
def test_days_and_moments_are_those_of_a_zone(language, day, moment):
    """The hour says by which clock it is."""
    said, zone = speech(language), ZoneInfo("Asia/Ho_Chi_Minh")

    assert day == said.day(NOON, zone).replace("\u202f", " ")
    assert moment == said.moment(NOON, zone).replace("\u202f", " ")
    assert "12:05 UTC" in said.moment(NOON, UTC)


def test_lengths_numbers_and_percents():
    """As people of the language say them."""
    time = timedelta(days=1, hours=12)

    assert ["1 day 12 hours", "1 ngày 12 tiếng", "1 Tag 12 Stunden", "1 день 12 часов"
            ] == [speech(language).lasting(time) for language in LANGUAGES]  # fmt: skip
    assert "12.5%" == speech().percent(Decimal("12.5"))
    assert "1.234,5" == speech("de").number(Decimal("1234.5"))


def test_every_language_names_itself():
    """Who cannot read the page finds his own."""
    named = [speech(language).name for language in LANGUAGES]

    assert ["English", "Tiếng Việt", "Deutsch", "Русский"] == named
    assert {"ltr"} == {speech(language).direction for language in LANGUAGES}
    assert "en" == speech("fr").language


@pytest.mark.parametrize(("accepted", "user", "language"), [
    ("de", "vi", "vi"), ("vi-VN,vi;q=0.9,de;q=0.8", None, "vi"),
    ("fr,de;q=0.5,vi;q=0.4", None, "de"), ("fr", None, "de"), (None, None, "de"),
    ("en", "ru", "de"), ("de;q=nonsense", None, "de"),
])  # fmt: skip
def test_the_language_is_the_users_then_the_browsers_then_the_brands(
    accepted, user, language
):
    """Only of those the brand speaks."""
    assert language == best(accepted, user, ("de", "vi"))


def test_a_page_says_it_in_the_language_it_is_given():
    """What comes from elsewhere is escaped, what is translated is not."""
    pages = Environment(autoescape=True, loader=DictLoader({}))
    install(pages)
    page = pages.from_string(
        "{{ _('Features') }} {% trans left=n, x='<b>' %}one{{ x }}{% pluralize left %}"
        "{{ left }}{{ x }} of\n  them{% endtrans %}"
    )

    assert "Funktionen 2&lt;b&gt; of them" == page.render(speech=speech("de"), n=2)
    assert "Tính năng one&lt;b&gt;" == page.render(speech=speech("vi"), n=1)


def test_words_are_found_in_code_and_templates():
    """The search would be worth nothing if it found nothing."""
    assert {"Your login", "Show my password", "none", *en.SENTENCES.values()} <= found()
    assert MORE in found()
    assert "Later" == words._("Later")
