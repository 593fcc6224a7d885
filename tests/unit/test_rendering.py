from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment

from perennial.content import Bodies, Content, dump, load
from perennial.errors import RuleFailed
from perennial.facts import Customer, Facts, Item
from perennial.rendering import PushNote, RenderingFailed, render_email, render_push, render_text
from perennial_cli.authoring import survey
from perennial_cli.samples import facts_of
from tests.templates.trees import small_tree

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Content:
    found = survey(small_tree(tmp_path_factory.mktemp("templates")))
    assert not found.problems
    return load(dump(found.content))


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    found = survey(small_tree(tmp_path_factory.mktemp("facts")))
    return facts_of(found.folders["tips"].sample, found.layout.sample)


def with_body(content: Content, **bodies: str) -> Content:
    changed: Mapping[str, Bodies] = {**content.bodies, "tips": replace(content.bodies["tips"], **bodies)}
    return replace(content, bodies=changed)


def test_an_email_in_english(content: Content, facts: Facts) -> None:
    email = render_email("confirmation", facts, content=content, locale="en", zone=BERLIN)
    assert email.subject == "Thank you for order #1001"
    assert email.preheader == "All in one place."
    assert "1.234,50\u00a0€" in email.html  # the shop is German, and says nothing of the customer's region
    assert '<html lang="en" dir="ltr"' in email.html
    assert email.text == ("Thank you!\n- Kettle\nSee your order: https://p.shop.example/o/1\n--\nhelp@shop.example\n")


def test_the_same_email_in_russian_with_russian_money(content: Content, facts: Facts) -> None:
    russian = replace(facts, customer=replace(facts.customer, locale="ru"))
    email = render_email("confirmation", russian, content=content, locale="ru", zone=BERLIN)
    assert email.subject == "Спасибо за заказ #1001"
    assert "Открыть заказ" in email.html
    assert "1\u00a0234,50\u00a0€" in email.html
    assert '<html lang="ru"' in email.html


def test_each_category_reads_its_own_words_once_and_the_others_the_general_ones(content: Content, facts: Facts) -> None:
    email = render_email("tips", facts, content=content, locale="en", zone=BERLIN)
    for body in (email.html, email.text):
        assert body.count("Descale it.") == 1
        assert body.count("Read the manual.") == 1
    assert "Kettle: Descale it.\n\nToaster: Read the manual." in email.text


def test_goods_with_words_of_their_own_need_no_general_ones(content: Content, facts: Facts) -> None:
    only = replace(facts, items=facts.items[:1], categories=("kettle",))
    email = render_email("tips", only, content=content, locale="en", zone=BERLIN)
    assert "Read the manual." not in email.html + email.text


def test_a_subject_is_one_line_whatever_the_order_is_called(content: Content, facts: Facts) -> None:
    forged = replace(facts, order=replace(facts.order, number="1\r\nBcc: x@example.com" + "9" * 200))
    subject = render_email("confirmation", forged, content=content, locale="en", zone=BERLIN).subject
    assert "\n" not in subject
    assert len(subject) <= 150


def test_a_product_title_with_html_line_breaks_and_bidi_controls_is_shown_as_plain_words(
    content: Content, facts: Facts
) -> None:
    nasty = Item("<script>x</script>\r\n\u202eKettle", 1, "small-appliance", "kettle")
    odd = replace(facts, items=(nasty,), order=replace(facts.order, items=(nasty,)))
    email = render_email("tips", odd, content=content, locale="en", zone=BERLIN)
    assert "<script>" not in email.html
    assert "&lt;script&gt;x&lt;/script&gt; Kettle" in email.html
    assert "<script>x</script> Kettle: Descale it." in email.text


def test_a_text_stays_in_gsm_for_names_that_are_not(content: Content, facts: Facts) -> None:
    greeting = with_body(content, sms="Hi {{ customer.first_name }} – {{ _('three habits:') }}\n{{ links.support }}")
    zoe = replace(facts, customer=Customer(first_name="Zoë"))
    text = render_text("tips", zoe, content=greeting, locale="en", zone=BERLIN)
    assert (text.body, text.parts, text.encoding) == (
        "Hi Zoe - three habits: https://p.shop.example/s/1", 1, "GSM-7",
    )  # fmt: skip


def test_a_russian_text_keeps_names_as_they_are(content: Content, facts: Facts) -> None:
    greeting = with_body(content, sms="{{ customer.first_name }}, {{ _('three habits:') }}")
    zoe = replace(facts, customer=Customer(first_name="Zoë"))
    text = render_text("tips", zoe, content=greeting, locale="ru", zone=BERLIN)
    assert (text.body, text.encoding) == ("Zoë, три привычки:", "UCS-2")


def test_what_babel_adds_to_amounts_costs_a_text_nothing(content: Content, facts: Facts) -> None:
    amount = with_body(content, sms="{{ order.total|money }}")
    german = replace(facts, customer=replace(facts.customer, locale="de"))
    assert render_text("tips", german, content=amount, locale="de", zone=BERLIN).body == "1.234,50 €"


def test_nor_in_a_language_that_gsm_cannot_write(content: Content, facts: Facts) -> None:
    amount = with_body(content, sms="{{ _('Thank you!') }} {{ order.total|money }}")
    russian = replace(facts, customer=replace(facts.customer, locale="ru"))
    assert render_text("tips", russian, content=amount, locale="ru", zone=BERLIN).body == "Спасибо! 1 234,50 €"


def test_a_push_note(content: Content, facts: Facts) -> None:
    note = render_push("tips", facts, content=content, locale="en", zone=BERLIN)
    assert note == PushNote("Make it last", "Three habits.")


def test_dates_are_written_as_in_the_customers_region(content: Content, facts: Facts) -> None:
    dated = with_body(content, sms="{{ order.placed_at|date }}")
    british = replace(facts, customer=replace(facts.customer, locale="en-GB"))
    assert render_text("tips", british, content=dated, locale="en", zone=BERLIN).body == "20 November 2026"


def test_a_failure_names_message_file_and_line_and_no_person(content: Content, facts: Facts) -> None:
    broken = with_body(content, text="\n{{ customer.first_name }}\n{{ order.nubmer }}")
    with pytest.raises(RenderingFailed) as caught:
        render_email("tips", facts, content=broken, locale="en", zone=BERLIN)
    assert str(caught.value) == "message 'tips', email.txt, line 3: Order has no attribute 'nubmer'"
    assert isinstance(caught.value, RuleFailed)


def test_a_template_that_should_never_have_been_published_is_refused_when_loaded(
    content: Content, facts: Facts
) -> None:
    hostile = with_body(content, html="{{ 'a' * 10**9 }}")
    with pytest.raises(RenderingFailed, match="multiplication"):
        render_email("tips", facts, content=hostile, locale="en", zone=BERLIN)


def test_a_message_that_does_not_exist_or_lacks_a_part_is_a_failure(content: Content, facts: Facts) -> None:
    with pytest.raises(RuleFailed, match="no message 'nope'"):
        render_email("nope", facts, content=content, locale="en", zone=BERLIN)
    with pytest.raises(RenderingFailed, match=r"sms.txt.*does not have this part"):
        render_text("confirmation", facts, content=content, locale="en", zone=BERLIN)
    with pytest.raises(RenderingFailed, match="push.title"):
        render_push("confirmation", facts, content=content, locale="en", zone=BERLIN)


def test_a_right_to_left_language_turns_the_mail_round(content: Content, facts: Facts) -> None:
    arabic = with_body(content, html='<html lang="{{ lang }}" dir="{{ dir }}"><p align="{{ start }}">{{ end }}')
    html = render_email("tips", facts, content=arabic, locale="ar-EG", zone=BERLIN).html
    assert html == '<html lang="ar-EG" dir="rtl"><p align="right">left'


def test_plain_jinja_makes_the_same_html_from_plain_facts(content: Content, facts: Facts) -> None:
    source = "{% for i in items %}<b>{{ i.title }}</b> {{ i.quantity }}{% endfor %}{{ order.number }}"
    plain = Environment(autoescape=True).from_string(source).render(items=facts.items, order=facts.order)
    ours = with_body(content, html=source)
    assert render_email("tips", facts, content=ours, locale="en", zone=BERLIN).html == plain
