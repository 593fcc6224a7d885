import time
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from perennial.errors import RuleFailed
from perennial.facts import Customer, Facts, Item, Money, Order, Parcel, Store
from perennial.locales import Catalogue, Scene
from perennial.sandbox import (
    MOST,
    Mode,
    TemplateFailed,
    TemplateInvalid,
    check_template,
    compiled,
    names_of,
    render,
)

ORDER = Order(
    number="#1001",
    placed_at=datetime(2026, 11, 20, 23, 30, tzinfo=UTC),
    items=(Item("Kettle", 1, "small-appliance", "kettle"),),
    purchase_types=("small-appliance",),
    categories=("kettle",),
    total=Money(Decimal("1234.5"), "EUR"),
)
FACTS = Facts(
    customer=Customer(first_name="Zoë"),
    order=ORDER,
    store=Store("Shop", "https://shop.example", "DE", "Street 1", "help@shop.example"),
    items=ORDER.items,
)
SCENE = Scene("en", ZoneInfo("Europe/Berlin"))

HOSTILE = [
    "{{ 'a' * 10**9 }}",
    "{{ 2 ** 99999999 }}",
    "{{ '%0999999999d' % 1 }}",
    "{{ 'a'|center(10**9) }}",
    "{{ 'a'|center(999999999) }}",
    "{{ 'a'.ljust(999999999) }}",
    "{{ 'a'.zfill(999999999) }}",
    "{{ '{:>999999999}'.format(1) }}",
    "{{ order.number.format }}{{ order.number.format() }}",
    "{% for i in range(10000) %}{% for j in range(10000) %}x{% endfor %}{% endfor %}",
    "{% for a in items %}{% for b in items %}{% for c in items %}{% endfor %}{% endfor %}{% endfor %}",
    "{% for a in (items,) %}{% for b in a %}{% for c in a %}{% for d in a %}{% endfor %}{% endfor %}{% endfor %}"
    "{% endfor %}",
    "{% for a in items %}{% for b in items %}{% for a in (1, 2) %}{% endfor %}{% endfor %}{% endfor %}",
    "{% for item in items recursive %}{{ item.title }}{% endfor %}",
    "{% for item in items recursive %}{{ loop(items) }}{% endfor %}",
    "{{ lipsum(999) }}",
    "{{ cycler('a') }}",
    "{{ namespace(a=1) }}",
    "{{ ().__class__.__mro__[1].__subclasses__() }}",
    "{{ order['__class__'] }}",
    "{{ order|attr('__class__') }}",
    "{{ items|map(attribute='__class__')|list }}",
    "{{ _.__globals__ }}",
    "{{ self.__init__ }}",
    "{{ customer.ordered_since.__globals__ }}",
    "{{ _scene.zone }}",
    "{{ items[order.number] }}",
    "{{ _(order.number) }}",
    "{{ _(*items) }}",
    "{% set x = 'a' %}",
    "{% with x = 1 %}{% endwith %}",
    "{% macro m() %}{% endmacro %}",
    "{% include 'x' %}",
    "{% import 'x' as x %}",
    "{% from 'x' import y %}",
    "{% extends 'x' %}",
    "{% block x %}{% endblock %}",
    "{% call m() %}{% endcall %}",
    "{% filter upper %}x{% endfilter %}",
    "{% do items.append(1) %}",
    "{% autoescape false %}{% endautoescape %}",
    "{{ order.number|safe }}",
    "{{ order|tojson }}",
    "{{ {'a': 1} }}",
    "{{ 'a' if order.paid }}",
    "{% trans 'context' %}x{% endtrans %}",
    "{% for items in items %}{% endfor %}",
    "{% for a, b in items %}{% endfor %}",
]


@pytest.mark.parametrize("source", HOSTILE)
def test_what_is_not_allowed_is_refused_before_anything_runs(source: str) -> None:
    started = time.perf_counter()
    assert check_template(source)
    with pytest.raises(TemplateInvalid):
        compiled(source, "html")
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize("source", ["{{", "{% if %}", "{{ 1 + }}", "{% endfor %}", "{% fro x in y %}{% endfro %}"])
def test_what_is_no_template_says_where(source: str) -> None:
    ((line, message),) = check_template("first line\n" + source)
    assert line == 2
    assert message


def test_problems_come_with_their_lines_and_all_at_once() -> None:
    problems = check_template("{{ a * 2 }}\n\n{% set b = 1 %}\n{{ c|nope }}")
    assert [problem.line for problem in problems] == [1, 3, 4]
    assert "endless" in problems[0].message


def test_deep_nesting_and_huge_sources_are_refused() -> None:
    assert "deeply" in check_template("{{ " + "(" * 20_000 + ")" * 20_000 + " }}")[0].message
    assert "characters" in check_template("x" * 400_001)[0].message


def show(source: str, facts: Facts = FACTS, mode: Mode = "text", scene: Scene = SCENE) -> str:
    return render(compiled(source, mode), names_of(facts), scene, mode)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ order.number }} {{ items[0].title }} {{ (items|first).title }}", "#1001 Kettle Kettle"),
        ("{% for item in items[:5] %}{{ loop.index }}: {{ item.title }}{% endfor %}", "1: Kettle"),
        ("{{ 'a' if order.paid else 'b' }}{{ 'c' ~ 'd' }}{{ items|length - 1 + 5 }}", "bcd5"),
        ("{% if 'kettle' in order.categories and not order.late %}yes{% endif %}", "yes"),
        ("{% if items|length is gt 12 or order.total is none %}a{% else %}b{% endif %}", "b"),
        ("{% if customer.ordered_since(order.placed_at) %}a{% else %}b{% endif %}", "b"),
        ("{{ customer.name|default('there') }}", "there"),
        (
            "{% for c in categories %}{% for p in parcels %}{% for i in p.items[:5] %}{% for x in i.title|first %}"
            "{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
            "",
        ),
    ],
)
def test_what_marketers_need_works(source: str, shown: str) -> None:
    assert check_template(source) == []
    assert show(source) == shown


def test_html_is_escaped_and_text_is_not() -> None:
    facts = replace(FACTS, order=replace(ORDER, number='<b>"&'))
    assert show("{{ order.number }}", facts, "html") == "&lt;b&gt;&#34;&amp;"
    assert show("{{ order.number }}", facts, "text") == '<b>"&'


def test_what_goes_into_a_translation_is_escaped_but_the_translation_is_not() -> None:
    facts = replace(FACTS, customer=Customer(first_name="<i>Zoë</i>"))
    scene = replace(SCENE, catalogue=Catalogue({"Hi <b>%(name)s</b>": "Привет, <b>%(name)s</b>"}))
    source = "{% trans name=customer.first_name %}Hi <b>{{ name }}</b>{% endtrans %}"
    assert show(source, facts, "html", scene) == "Привет, <b>&lt;i&gt;Zoë&lt;/i&gt;</b>"


def test_line_breaks_and_bidi_controls_from_outside_do_not_get_through() -> None:
    nasty = "Kettle\r\nBcc: x@example.com\u2028\u202egnp\x00"
    facts = replace(FACTS, items=(Item(nasty, 1, "k", "c"),))
    for mode in ("text", "html"):
        assert show("{{ items[0].title }}", facts, mode) == "Kettle Bcc: x@example.com gnp"
        assert show("{{ items|join(', ', 'title') }}", facts, "text") == "Kettle Bcc: x@example.com gnp"
        assert show("{{ _('%(t)s', t=items[0].title) }}", facts, "text") == "Kettle Bcc: x@example.com gnp"


def test_line_breaks_of_ours_stay() -> None:
    assert show("{{ order.categories|join('\n') }}\n{{ _('a\nb') }}", FACTS) == "kettle\na\nb"


def test_nothing_is_printed_as_none() -> None:
    for source in ("{{ customer.name }}", "{{ _('Hi %(name)s', name=customer.name) }}"):
        with pytest.raises(TemplateFailed, match="not known here"):
            show(source)


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("\n\n{{ order.nubmer }}", 3, "Order has no attribute 'nubmer'"),
        ("{% if order.nubmer %}{% endif %}", 1, "Order has no attribute 'nubmer'"),
        ("\n{{ parcel.carrier }}", 2, "'None' has no attribute 'carrier'"),
        ("{{ ordr.number }}", 1, "'ordr' is undefined"),
        ("\n{{ order.shipping|money }}", 2, "`money` needs an amount"),
        ("{% for item in parcels %}{% endfor %}\n{{ (parcels|first).id }}", 2, "`first` of nothing"),
    ],
)
def test_a_failure_says_the_line_and_what_is_missing(source: str, line: int, reason: str) -> None:
    with pytest.raises(TemplateFailed) as caught:
        show(source)
    assert caught.value.line == line
    assert reason in caught.value.message
    assert isinstance(caught.value, RuleFailed)


def test_a_failure_names_no_person() -> None:
    for source in (
        "{{ customer.first_name|money }}",
        "{{ customer.first_name|date }}",
        "{{ customer.first_name - 1 }}",
    ):
        with pytest.raises(TemplateFailed) as caught:
            show(source)
        assert "Zoë" not in str(caught.value)


def test_the_output_is_capped_while_it_is_made() -> None:
    long = Item("x" * 1000, 1, "k", "c")
    facts = replace(FACTS, items=(long,) * 200, parcels=(Parcel("1", (long,) * 200),) * 200)
    started = time.perf_counter()
    with pytest.raises(TemplateFailed, match=f"beyond {MOST['text']}"):
        show("{% for p in parcels %}{% for i in p.items %}{{ i.title }}{% endfor %}{% endfor %}", facts)
    assert time.perf_counter() - started < 1


def test_a_line_of_control_leaves_no_empty_line_and_still_counts() -> None:
    source = (
        "a\n  {% if order.number %}\nb\n{% for i in items %}{# note #}\n- {{ i.title }}\n{% endfor %}\n{% endif %}\nc"
    )
    assert show(source) == "a\nb\n- Kettle\nc"
    with pytest.raises(TemplateFailed) as caught:
        show("{% if order.number %}\n{% for i in items %}\n{{ i.titel }}\n{% endfor %}\n{% endif %}")
    assert caught.value.line == 3


def test_a_line_that_says_something_between_controls_keeps_its_end() -> None:
    assert show("{% if order.number %}a{% endif %}\n{% trans %}b{% endtrans %}\nc") == "a\nb\nc"


def test_a_template_is_compiled_once() -> None:
    assert compiled("{{ order.number }} once", "html") is compiled("{{ order.number }} once", "html")
    assert compiled("{{ order.number }} once", "html") is not compiled("{{ order.number }} once", "text")
