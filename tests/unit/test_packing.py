import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial import packing


@given(st.text())
def test_whatever_is_packed_is_unpacked_again(document: str) -> None:
    assert packing.unpack(packing.pack(document)) == document


@given(st.text())
def test_a_document_that_was_never_packed_is_its_own_text(document: str) -> None:
    assert packing.unpack(document) == document


def test_a_dictionary_never_changes() -> None:
    """What was written with it could be read no more. A better one gets the next mark."""
    words = packing._DICTIONARIES[1]
    assert hashlib.sha256(words).hexdigest() == "f42ea048c8096f47d6fe035fb15725287bfd1e3dbb0048f2803cf508c0db644a"
    assert packing.CURRENT in packing._DICTIONARIES


def test_what_every_document_repeats_takes_next_to_nothing() -> None:
    stamps = ",".join(f'"{name}":"2027-01-09T08:07:06Z"' for name in ("total", "lines", "currency", "tax", "number"))
    document = f'{{"known":{{"id":"1"}},"stamps":{{{stamps}}}}}'
    assert len(packing.pack(document)) < min(90, len(zlib.compress(document.encode(), 9)))


def test_an_unknown_mark_is_no_document() -> None:
    with pytest.raises(KeyError):
        packing.unpack(b"\xffwhatever")


def test_another_dictionary_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    held = packing.pack('{"store":"demo"}')
    monkeypatch.setitem(packing._DICTIONARIES, 1, b"other words")
    with pytest.raises(zlib.error):
        packing.unpack(held)
