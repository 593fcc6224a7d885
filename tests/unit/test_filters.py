from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.colours import contrast, ink_on
from perennial.facts import Item, Money
from perennial.filters import FILTERS, tel, truncate, urlencode
from perennial.locales import Scene
from perennial.sandbox import TemplateFailed, compiled, names_of, render
from tests.unit.test_sandbox import FACTS, ORDER

NARROW, WIDE = "\u202f", "\u00a0"


def shown(source: str, locale: str = "en", zone: str = "Europe/Berlin", **order: object) -> str:
    facts = replace(FACTS, order=replace(ORDER, **order))  # type: ignore[arg-type]  # fields by name
    return render(compiled(source, "text"), names_of(facts), Scene(locale, ZoneInfo(zone)), "text")


@pytest.mark.parametrize(
    ("locale", "amount", "currency", "written"),
    [
        ("en", "1234.5", "EUR", "€1,234.50"),
        ("de", "1234.5", "EUR", f"1.234,50{WIDE}€"),
        ("ru", "1234.5", "RUB", f"1{WIDE}234,50{WIDE}₽"),
        ("fr_FR", "1234.5", "EUR", f"1{NARROW}234,50{WIDE}€"),
        ("en", "500", "JPY", "¥500"),
        ("en", "1.234", "KWD", "KWD1.234"),
        ("en", "5", "XQZ", "XQZ5.00"),
        ("xx_YY", "5", "EUR", "€5.00"),
    ],
)
def test_money_as_the_locale_writes_it(locale: str, amount: str, currency: str, written: str) -> None:
    text = shown("{{ order.total|money }}", locale, total=Money(Decimal(amount), currency))
    assert text.replace(WIDE, " ").replace(NARROW, " ") == written.replace(WIDE, " ").replace(NARROW, " ")


@pytest.mark.parametrize(
    ("locale", "style", "written"),
    [
        ("en", "long", "November 21, 2026"),
        ("en_GB", "long", "21 November 2026"),
        ("ru", "day", "21 ноября"),
        ("en", "day", "November 21"),
        ("en", "weekday", "Saturday, November 21"),
        ("ru", "weekday", "суббота, 21 ноября"),
        ("en", "short", "11/21/26"),
    ],
)
def test_a_date_is_the_recipients_local_day(locale: str, style: str, written: str) -> None:
    assert shown(f'{{{{ order.placed_at|date("{style}") }}}}', locale) == written  # 23:30 UTC is the next day in Berlin


def test_a_moment_is_shown_on_the_recipients_clock() -> None:
    late = datetime(2026, 7, 1, 21, 59, tzinfo=UTC)
    assert shown("{{ order.placed_at|time }}", "de", placed_at=late) == "23:59"
    assert shown("{{ order.placed_at|date('day') }}", zone="America/New_York", placed_at=late) == "July 1"


def test_a_plain_date_is_not_moved_between_zones() -> None:
    day = date(2026, 11, 25)
    assert shown("{{ order.estimated_delivery|date('day') }}", zone="Pacific/Kiritimati", estimated_delivery=day) == (
        "November 25"
    )


@pytest.mark.parametrize(
    "source",
    [
        "{{ order.number|money }}", "{{ order.estimated_delivery|date }}", "{{ order.placed_at|date('tiny') }}",
        "{{ order.number|time }}", "{{ order.number|number }}", "{{ order.paid|percent }}", "{{ parcels|last }}",
        "{{ items|join(', ', 'titel') }}", "{{ items|having('__class__') }}",
    ],
)  # fmt: skip
def test_a_filter_that_gets_what_it_is_not_for_says_so(source: str) -> None:
    with pytest.raises(TemplateFailed):
        shown(source)


def test_lists_in_the_words_of_the_language() -> None:
    facts = replace(FACTS, items=tuple(Item(title, 1, "k", title.lower()) for title in ("Kettle", "Blender", "Mixer")))

    def show(source: str, locale: str) -> str:
        return render(compiled(source, "text"), names_of(facts), Scene(locale, ZoneInfo("UTC")), "text")

    assert show("{{ items|sentence('title') }}", "en") == "Kettle, Blender, and Mixer"
    assert show("{{ items|sentence('title') }}", "ru") == "Kettle, Blender и Mixer"
    assert show("{{ items|outside('category', 'kettle', 'mixer')|join(', ', 'title') }}", "en") == "Blender"
    assert show("{{ order.categories|without('kettle')|length }} {{ items|having('url')|length }}", "en") == "0 0"


def test_numbers_and_percents() -> None:
    assert shown("{{ 1250|number }} {{ 10|percent }}", "en") == "1,250 10%"
    assert shown("{{ 10|percent }}", "de").replace(WIDE, " ") == "10 %"


@given(st.text(max_size=200), st.integers(min_value=0, max_value=100))
def test_a_truncated_text_is_never_longer_than_asked(text: str, length: int) -> None:
    assert len(truncate(text, length)) <= max(length, 1)


def test_a_text_is_cut_at_a_word() -> None:
    assert truncate("Stand mixer with glass jug", 18) == "Stand mixer with…"
    assert truncate("short", 18) == "short"


def test_links_that_call_and_values_in_queries() -> None:
    assert tel("+49 (30) 5550-1234") == "tel:+493055501234"
    assert urlencode("a&b=c/ü") == "a%26b%3Dc%2F%C3%BC"


@given(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
def test_whatever_the_colour_its_ink_can_be_read(colour: str) -> None:
    assert contrast(colour, ink_on(colour)) >= 4.5


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


def test_filters_say_what_they_do() -> None:
    assert all(filter_.__doc__ for name, filter_ in FILTERS.items() if name not in ("first", "last", "lower", "upper"))
