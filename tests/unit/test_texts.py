from hypothesis import given
from hypothesis import strategies as st

from perennial.texts import BASIC, EXTENSION, count_parts, is_gsm, tidy, to_gsm

# 3GPP TS 23.038 section 6.2.1, read column by column; 0x1B is the escape to the extension table.
TABLE = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
EXTRAS = "\f^{}\\[~]|€"


def oracle(text: str) -> tuple[int, str]:
    """Cut the longest piece that fits off the front, again and again."""
    gsm = all(char in TABLE.replace("\x1b", "") + EXTRAS for char in text)

    def weight(piece: str) -> int:
        return sum(2 if char in EXTRAS else 1 for char in piece) if gsm else len(piece.encode("utf-16-be")) // 2

    single, each = (160, 153) if gsm else (70, 67)
    if weight(text) <= single:
        return 1, "GSM-7" if gsm else "UCS-2"
    parts = 0
    while text:
        length = next(end for end in range(min(len(text), each), 0, -1) if weight(text[:end]) <= each)
        text, parts = text[length:], parts + 1
    return parts, "GSM-7" if gsm else "UCS-2"


letters = st.one_of(
    st.text(alphabet=TABLE.replace("\x1b", "") + EXTRAS, max_size=500),
    st.text(alphabet="€a", min_size=140, max_size=170),
    st.text(alphabet="aЖ😀", min_size=60, max_size=150),
    st.text(max_size=200),
)


def test_the_alphabet_is_that_of_the_standard() -> None:
    assert set(TABLE) - {"\x1b"} == BASIC
    assert set(EXTRAS) == EXTENSION


@given(letters)
def test_parts_are_counted_as_by_cutting_pieces_off_the_front(text: str) -> None:
    assert count_parts(text) == oracle(text)


def test_one_part_takes_160_and_each_of_several_153() -> None:
    assert [count_parts("a" * size)[0] for size in (0, 160, 161, 306, 307)] == [1, 1, 2, 2, 3]


def test_cyrillic_takes_70_and_each_of_several_67() -> None:
    assert [count_parts("Ж" * size)[0] for size in (70, 71, 134, 135)] == [1, 2, 2, 3]


def test_an_extension_character_is_not_split_between_two_parts() -> None:
    assert count_parts("a" * 152 + "€" + "a" * 152) == (3, "GSM-7")
    assert count_parts("a" * 151 + "€" + "a" * 153) == (2, "GSM-7")


def test_an_emoji_is_not_split_between_two_parts() -> None:
    assert count_parts("Ж" * 66 + "😀" + "Ж" * 66) == (3, "UCS-2")


def test_names_are_spelt_in_gsm() -> None:
    assert to_gsm("Zoë, Łukasz, Иван Щукин, Ðorđe, Œuvre") == "Zoe, Lukasz, Ivan Shchukin, Dorde, OEuvre"


def test_letters_that_gsm_has_stay_as_they_are() -> None:
    assert to_gsm("Müller, Ångström, Nuñez, à la carte") == "Müller, Ångström, Nuñez, à la carte"


def test_pictures_go_and_unreadable_letters_keep_the_text_as_it_was() -> None:
    assert to_gsm("Hi Zoë 🎉!") == "Hi Zoe !"
    assert to_gsm("Hi 山田, Zoë") == "Hi 山田, Zoë"


def test_typography_and_what_babel_adds_become_plain() -> None:
    assert tidy("‘Hi’ – 1\u202f234,50\u00a0€\u200f … \u2066#1\u2069") == "'Hi' - 1 234,50 € ... #1"


@given(st.text(max_size=120))
def test_what_was_brought_into_gsm_is_gsm_and_the_rest_is_untouched(text: str) -> None:
    brought = to_gsm(text)
    assert is_gsm(brought) or brought == text
