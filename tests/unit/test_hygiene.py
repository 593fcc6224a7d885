import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.hygiene import clean, header_text, safe_url

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@given(st.text(), st.integers(min_value=2, max_value=200))
def test_a_header_is_one_short_line_without_controls(text: str, most: int) -> None:
    shown = header_text(text, most)
    assert len(shown) <= most
    assert not any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in shown)
    assert not set(shown) & set(BIDI)
    assert "  " not in shown
    assert header_text(shown, most) == shown


@given(st.text(alphabet=st.characters(whitelist_categories=("L", "N", "P"))))
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert header_text(text, 10_000) == text


def test_a_forged_header_becomes_words() -> None:
    assert header_text("Kettle\r\nBcc: all@example.com") == "Kettle Bcc: all@example.com"


def test_reading_order_cannot_be_turned_round() -> None:
    assert clean("invoice\u202egnp.exe") == "invoicegnp.exe"


def test_a_long_header_ends_with_an_ellipsis() -> None:
    assert header_text("word " * 60, 20) == "word word word word…"


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "http://shop.example/a",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<b>",
        "//shop.example/a",
        "https:///a",
        "https://localhost/a",
        "https://user:pw@shop.example/",
        "https://shop.example@evil.example/",
        "https://shop.example\\@evil.example/",
        'https://shop.example/"onmouseover="x',
        "https://shop.example/a b",
        "https://shop.example/a\nb",
        "https://shop.example/\u202egnp",
        "https://shop.example:99999/",
        "https://[::1/",
        "https://shop.example/{{ secret }}",
        "https://" + "a" * 64 + ".example/",
        "https://shop.example/" + "a" * 2000,
    ],
)
def test_an_address_that_cannot_be_trusted_is_none(url: str | None) -> None:
    assert safe_url(url) is None


def test_a_good_address_stays_and_becomes_ascii() -> None:
    assert safe_url(" https://shop.example/a?b=1%20c&d=e#f ") == "https://shop.example/a?b=1%20c&d=e#f"
    assert safe_url("https://küche.example/töpfe") == "https://xn--kche-0ra.example/t%C3%B6pfe"
    assert safe_url("HTTPS://Shop.Example:8443/x") == "https://shop.example:8443/x"


def test_only_listed_hosts_and_what_is_below_them() -> None:
    hosts = ("shop.example",)
    assert safe_url("https://cdn.shop.example/a", hosts) == "https://cdn.shop.example/a"
    assert safe_url("https://shop.example/a", hosts) == "https://shop.example/a"
    assert safe_url("https://evilshop.example/a", hosts) is None
    assert safe_url("https://shop.example.evil.example/a", hosts) is None


@given(st.text())
def test_whatever_comes_the_answer_is_https_or_none(text: str) -> None:
    answer = safe_url(text)
    assert answer is None or (answer.startswith("https://") and answer.isascii() and not set(answer) & set('"<> '))
