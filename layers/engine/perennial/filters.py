"""The filters and tests of the templates: all there are, none of Jinja's own left in by chance.

Each takes plain values of `facts` and returns plain values. They raise UnusableError with a sentence for the marketer,
never with the value itself: it may be a person's name, and the sentence may be logged.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context
from jinja2.tests import TESTS as JINJA_TESTS

from perennial.colours import ink_on
from perennial.facts import Money
from perennial.hygiene import Written, clean
from perennial.locales import Scene, language_of

if TYPE_CHECKING:
    from babel import Locale

SCENE = "_scene"
"""The name under which rendering passes the Scene; templates cannot reach names with an underscore."""

DATE_STYLES = ("full", "long", "medium", "short", "day", "weekday")


class UnusableError(ValueError):
    """A value that a filter or the printing cannot use. The sentence holds no value."""


def _scene(context: Context) -> Scene:
    scene: Scene = context[SCENE]
    return scene


@lru_cache(maxsize=128)
def _locale(tag: str) -> "Locale":
    """Babel's locale: without its region where Babel does not know that, English where it knows neither."""
    from babel import Locale, UnknownLocaleError

    for candidate in (tag, language_of(tag)):
        try:
            return Locale.parse(candidate)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


@pass_context
def money(context: Context, value: Any) -> str:
    """`{{ order.total|money }}`: the amount as the customer's locale writes it, in its own currency."""
    from babel.numbers import format_currency

    if not isinstance(value, Money):
        raise UnusableError("`money` needs an amount: guard it with `if`, or give a `default` after it")
    return format_currency(value.amount, value.currency, locale=_locale(_scene(context).locale))


@pass_context
def number(context: Context, value: Any) -> str:
    """`{{ store.bonus_points|number }}`: 1,250 or 1 250."""
    from babel.numbers import format_decimal

    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise UnusableError("`number` needs a number")
    return format_decimal(value, locale=_locale(_scene(context).locale))


@pass_context
def percent(context: Context, value: Any) -> str:
    """`{{ offer.percent|percent }}`: 10% or 10 %."""
    from babel.numbers import format_percent

    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise UnusableError("`percent` needs a number")
    return format_percent(Decimal(value) / 100, locale=_locale(_scene(context).locale))


@pass_context
def date_filter(context: Context, value: Any, style: str = "long") -> str:
    """`{{ order.placed_at|date }}`, on the recipient's calendar. `style`: one of DATE_STYLES."""
    from babel.dates import format_date, format_skeleton

    scene = _scene(context)
    if isinstance(value, datetime):
        value = value.astimezone(scene.zone).date()
    if not isinstance(value, date):
        raise UnusableError("`date` needs a date or a moment: guard it with `if`")
    locale = _locale(scene.locale)
    if style == "day":
        return format_skeleton("MMMMd", value, locale=locale)
    if style == "weekday":
        day = format_skeleton("MMMMd", value, locale=locale)
        return f"{format_date(value, 'EEEE', locale=locale)}, {day}"
    if style not in DATE_STYLES:
        raise UnusableError(f"`date` has no style of that name: use {', '.join(DATE_STYLES)}")
    return format_date(value, style, locale=locale)


@pass_context
def time_filter(context: Context, value: Any) -> str:
    """`{{ offer.expires_at|time }}`: hours and minutes on the recipient's wall clock."""
    from babel.dates import format_time

    scene = _scene(context)
    if not isinstance(value, datetime):
        raise UnusableError("`time` needs a moment: a date alone has no hour")
    return format_time(value.astimezone(scene.zone).time(), "short", locale=_locale(scene.locale))


@pass_context
def sentence(context: Context, values: Sequence[Any], attribute: str | None = None) -> str:
    """`{{ items|sentence("title") }}`: kettle, blender and toaster."""
    from babel.lists import format_list

    return format_list([str(value) for value in _picked(values, attribute)], locale=_locale(_scene(context).locale))


def join(values: Sequence[Any], separator: str = ", ", attribute: str | None = None) -> str:
    """`{{ items|join(", ", "title") }}`; in texts the separator may be a line break."""
    return Written(separator.join(clean(str(value)) for value in _picked(values, attribute)))


def having(values: Sequence[Any], attribute: str) -> tuple[Any, ...]:
    """`items|having("manual_url")`: those where it is known."""
    return tuple(value for value in values if _attribute(value, attribute))


def where(values: Sequence[Any], attribute: str, wanted: Any) -> tuple[Any, ...]:
    """`items|where("category", category)`: those where it is just that."""
    return tuple(value for value in values if _attribute(value, attribute) == wanted)


def outside(values: Sequence[Any], attribute: str, *unwanted: Any) -> tuple[Any, ...]:
    """`items|outside("category", "kettle", "blender")`: those where it is none of these."""
    return tuple(value for value in values if _attribute(value, attribute) not in unwanted)


def without(values: Sequence[Any], *unwanted: Any) -> tuple[Any, ...]:
    """`categories|without("kettle", "blender")`: the others."""
    return tuple(value for value in values if value not in unwanted)


def _picked(values: Sequence[Any], attribute: str | None) -> Sequence[Any]:
    return values if attribute is None else [_attribute(value, attribute) for value in values]


def _attribute(value: Any, attribute: str) -> Any:
    """A field of one of the facts. The names are checked with the template; underscores lead nowhere here either."""
    if attribute.startswith("_") or not hasattr(value, attribute):
        raise UnusableError(f"there is no {attribute!r} here")
    return getattr(value, attribute)


def default(value: Any, fallback: Any) -> Any:
    """`{{ customer.first_name|default(_("there")) }}`: the fallback for what is missing or empty."""
    return fallback if isinstance(value, Undefined) or value is None or value == "" else value


def first(values: Sequence[Any]) -> Any:
    if not values:
        raise UnusableError("`first` of nothing: guard it with `if`")
    return values[0]


def last(values: Sequence[Any]) -> Any:
    if not values:
        raise UnusableError("`last` of nothing: guard it with `if`")
    return values[-1]


def truncate(text: str, length: int = 60) -> str:
    """Cut at a word where there is one, with an ellipsis; never longer than `length`."""
    if len(text) <= length:
        return text
    cut = text[: max(length - 1, 0)]
    word = cut.rpartition(" ")[0]
    return (word if len(word) >= length // 2 else cut).rstrip(" ,.;:-–") + "…"


def upper(text: str) -> str:
    return text.upper()


def lower(text: str) -> str:
    return text.lower()


def capital(text: str) -> str:
    """The first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


def urlencode(text: Any) -> str:
    """For a value within a query: everything but letters, digits and `-._~` is escaped."""
    return quote(str(text), safe="")


def tel(number: str) -> str:
    """`href="{{ store.support_phone|tel }}"`: a link that calls."""
    return "tel:" + "".join(char for char in number if char in "+0123456789")


FILTERS: Mapping[str, Callable[..., Any]] = {
    "capital": capital,
    "date": date_filter,
    "default": default,
    "first": first,
    "having": having,
    "ink_on": ink_on,
    "join": join,
    "last": last,
    "length": len,
    "lower": lower,
    "money": money,
    "number": number,
    "outside": outside,
    "percent": percent,
    "sentence": sentence,
    "tel": tel,
    "time": time_filter,
    "truncate": truncate,
    "upper": upper,
    "urlencode": urlencode,
    "where": where,
    "without": without,
}

_TEST_NAMES = ("defined", "none", "in", "eq", "ne", "lt", "le", "gt", "ge", "odd", "even", "divisibleby")

TESTS: Mapping[str, Any] = {name: test for name, test in JINJA_TESTS.items() if name in _TEST_NAMES}
