"""What browsers and mailboxes send, in both encodings, and what nobody should."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.forms import LARGEST, Form, read_form, read_query
from tests.unit.pages.visits import FORM, Shop


def multipart(fields: dict[str, str], boundary: str = "----x42") -> bytes:
    parts = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    return f"{parts}--{boundary}--\r\n".encode()


def fields_of(content_type: str, body: bytes) -> dict[str, tuple[str, ...]]:
    form = read_form(content_type, body)
    assert isinstance(form, Form)
    return dict(form.fields)


WORDS = st.dictionaries(
    st.text("abcdefgh-0123", min_size=1, max_size=12), st.text(st.characters(codec="utf-8"), max_size=60), max_size=6
)


@given(WORDS)
def test_a_form_comes_out_as_it_was_filled_in(fields: dict[str, str]) -> None:
    wanted = {name: (value,) for name, value in fields.items()}
    assert fields_of(FORM, urlencode(fields).encode()) == wanted


@given(WORDS)
def test_so_does_one_in_parts(fields: dict[str, str]) -> None:
    wanted = {name: (value,) for name, value in fields.items() if "\r\n------x42" not in f"\r\n{value}"}
    assert fields_of('multipart/form-data; boundary="----x42"', multipart(fields)) == wanted


@given(st.text(max_size=40), st.binary(max_size=400))
def test_nothing_that_anybody_sends_breaks_the_reader(content_type: str, body: bytes) -> None:
    for kind in (content_type, FORM, "multipart/form-data; boundary=x"):
        assert read_form(kind, body) == "unreadable" or isinstance(read_form(kind, body), Form)


@given(st.text(max_size=3000))
def test_nothing_in_an_address_breaks_it_either(query: str) -> None:
    assert isinstance(read_query(query), Form)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (FORM, b"text=%ff%fe"),
        (FORM, b"text=\xff"),
        (FORM, b"&".join(b"a=1" for _ in range(501))),
        ("application/json", b"{}"),
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"no parts at all"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--'),
    ],
)
def test_what_cannot_be_read_is_said_to_be_so(shop: Shop, content_type: str, body: bytes) -> None:
    assert read_form(content_type, body) == "unreadable"
    shown = shop.visit("review", "POST", content_type=content_type, body=body)
    assert (shown.status, shop.said()) == (400, [])
    assert "We could not read that" in shown.body


def test_what_is_too_long_is_refused_whole(shop: Shop) -> None:
    shown = shop.visit("review", "POST", content_type=FORM, body=b"text=" + b"x" * LARGEST)
    assert (shown.status, shop.said()) == (413, [])
    assert "That was too long" in shown.body


def test_files_are_not_asked_for_and_left_out() -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.exe"\r\n\r\nMZ\r\n--x--\r\n'
    assert fields_of("multipart/form-data; boundary=x", body) == {}


def test_line_breaks_are_plain_and_controls_are_dropped() -> None:
    form = Form({"text": (" a\r\nb\rc\x00\u202e\ud800d ",)})
    assert form.one("text") == "a\nb\ncd"
    assert not form.has("nothing")


@pytest.mark.parametrize(
    ("text", "number"), [("3", 3), ("03", 3), ("", None), ("3.0", None), ("-1", None), ("9" * 99, None)]
)
def test_numbers_are_whole_and_within_their_bounds(text: str, number: int | None) -> None:
    assert Form({"n": (text,)}).number("n", 0, 10) == number
