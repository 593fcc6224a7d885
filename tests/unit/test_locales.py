import gettext

import pytest
from babel import Locale, negotiate_locale
from babel.localedata import locale_identifiers

from perennial.locales import (
    NO_TRANSLATIONS,
    Catalogue,
    choose_locale,
    direction,
    formatting_locale,
    html_lang,
    normalise,
)

RUSSIAN = "(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2)"


@pytest.mark.parametrize(
    ("wanted", "offered", "chosen"),
    [
        ("ru", ("en", "ru"), "ru"),
        ("ru-RU", ("en", "ru"), "ru"),
        ("RU_ru.UTF-8", ("en", "ru"), "ru"),
        ("de-AT", ("en", "de_DE", "de_AT"), "de_AT"),
        ("de-AT", ("en", "de_DE"), "de_DE"),
        ("pt-BR", ("en", "pt"), "pt"),
        ("zh-Hant-TW", ("en", "zh", "zh-Hant"), "zh-Hant"),
        ("iw", ("en", "he"), "he"),
        ("fr", ("en", "ru"), "en"),
        ("", ("ru", "en"), "ru"),
        (None, ("ru", "en"), "ru"),
    ],
)
def test_the_best_language_a_store_has(wanted: str | None, offered: tuple[str, ...], chosen: str) -> None:
    assert choose_locale(wanted, offered) == chosen


def test_where_babel_finds_a_language_we_find_the_same() -> None:
    offered = ["en", "de", "de_AT", "fr_CA", "pt", "pt_BR", "sr_Latn"]
    for wanted in locale_identifiers():
        if (expected := negotiate_locale([wanted], offered)) is not None:
            assert choose_locale(wanted, offered) == expected


def test_direction_agrees_with_babel() -> None:
    for tag in locale_identifiers():
        assert direction(tag) == Locale.parse(tag).text_direction.replace("ttb", "ltr"), tag


def test_dates_follow_the_customers_region_only_within_the_language_of_the_message() -> None:
    assert formatting_locale("en-GB", "en") == "en_GB"
    assert formatting_locale("fr-CA", "en") == "en"
    assert formatting_locale(None, "pt-br") == "pt_BR"


def test_a_bare_language_is_written_as_in_the_shops_country() -> None:
    assert formatting_locale("en", "en", "GB") == "en_GB"
    assert formatting_locale(None, "en", "IE") == "en_IE"
    assert formatting_locale("en-US", "en", "GB") == "en_US"
    assert formatting_locale("fr", "en", "GB") == "en_GB"


def test_html_writes_languages_with_a_hyphen() -> None:
    assert (html_lang("pt_br"), normalise("zh-hant-tw")) == ("pt-BR", "zh_Hant_TW")


def test_a_translation_has_the_form_its_language_needs() -> None:
    catalogue = Catalogue({"one": ["{} товар", "{} товара", "{} товаров"], "Total": "Итого"}, RUSSIAN)
    forms = [catalogue.many("one", "many", count) for count in (1, 2, 5, 11, 21, 22, 111)]
    assert [form.split()[1] for form in forms] == [
        "товар", "товара", "товаров", "товаров", "товар", "товара", "товаров",
    ]  # fmt: skip
    assert catalogue.one("Total") == "Итого"
    assert catalogue.one("one") == "{} товар"


def test_what_is_not_translated_stays_english() -> None:
    assert NO_TRANSLATIONS.one("Total") == "Total"
    assert [NO_TRANSLATIONS.many("one", "many", count) for count in (1, 0, 2)] == ["one", "many", "many"]


def test_the_plural_rule_is_the_standard_librarys() -> None:
    rule = gettext.c2py(RUSSIAN)
    catalogue = Catalogue({"x": ["0", "1", "2"]}, RUSSIAN)
    assert [catalogue.many("x", "x", n) for n in range(200)] == [str(rule(n)) for n in range(200)]
