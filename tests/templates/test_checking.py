from pathlib import Path

import pytest

from perennial_cli.checking import check
from tests.templates.trees import change, small_tree

TEMPLATES = Path(__file__).parents[2] / "templates"


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return small_tree(tmp_path)


def errors(templates: Path) -> list[str]:
    return [problem.render() for problem in check(templates).errors]


def test_everything_in_templates_is_sound() -> None:
    assert [problem.render() for problem in check(TEMPLATES).errors] == []


def test_sound_templates_pass_and_are_counted(templates: Path) -> None:
    report = check(templates)
    assert report.errors == []
    assert (report.stores, report.journeys, report.messages) == (1, 1, 2)
    assert report.figures["tips"]["ru"].text_encoding == "UCS-2"
    assert report.figures["confirmation"]["en"].html_bytes > 1000


def test_categories_without_words_of_their_own_are_noted(templates: Path) -> None:
    (notice,) = check(templates).notices
    assert notice.render() == (
        "templates/messages/tips/message.yaml: no words of their own for toaster: their buyers read blocks/general"
    )


def test_the_text_may_lead_to_a_page_of_ours_without_what_the_html_has_filled_in(templates: Path) -> None:
    change(templates, "messages/confirmation/email.mjml", "{{ links.order }}", "{{ links.order }}?score=7")
    assert [problem.render() for problem in check(templates).errors] == []


@pytest.mark.parametrize(
    ("goods", "class_", "noted"),
    [
        ("[toaster]", "class: feedback", "toaster"),
        ("[kettle]", "class: feedback", None),
        ("[small-appliance]", "class: feedback", "toaster"),
        ("[kettle]", "class: feedback\none_per: order", "toaster"),  # asks for reviews of the whole basket
        ("[kettle]", "class: transactional\none_per: order", None),
    ],
)
def test_only_goods_that_its_journeys_care_for_need_words(
    templates: Path, goods: str, class_: str, noted: str | None
) -> None:
    change(templates, "journeys/care.yaml", "touches:", f"goods: {goods}\ntouches:")
    change(templates, "messages/tips/message.yaml", "class: feedback", class_)
    told = [notice.message for notice in check(templates).notices]
    assert told == ([f"no words of their own for {noted}: their buyers read blocks/general"] if noted else [])


def test_a_message_that_goes_per_parcel_meets_whatever_is_in_it(templates: Path) -> None:
    change(templates, "journeys/care.yaml", "touches:", "goods: [kettle]\ntouches:")
    change(templates, "journeys/care.yaml", "after: order.delivered + 3 days", "after: parcel.delivered + 3 days")
    change(templates, "journeys/care.yaml", "message: tips", "message: tips\n    per: parcel")
    assert any("no words of their own for toaster" in notice.message for notice in check(templates).notices)


def test_a_block_for_goods_that_no_rule_names_is_noted(templates: Path) -> None:
    change(templates, "stores/demo.yaml", "category: kettle", "category: teapot")
    assert any("blocks/kettle is for goods" in notice.message for notice in check(templates).notices)


def test_while_a_journey_cannot_be_read_nobody_knows_what_is_of_use(templates: Path) -> None:
    change(templates, "journeys/care.yaml", "after: order.placed", "aftr: order.placed")
    (templates / "journeys/other.yaml").write_text((templates / "journeys/care.yaml").read_text())
    change(templates, "journeys/other.yaml", "aftr", "after")
    change(templates, "journeys/other.yaml", "journey: care", "journey: other")
    change(templates, "journeys/other.yaml", "message: confirmation", "message: tips")
    assert check(templates).notices == []
    (templates / "journeys/care.yaml").unlink()
    assert any("no journey sends" in notice.message for notice in check(templates).notices)


def test_a_message_that_nobody_sends_is_noted(templates: Path) -> None:
    change(templates, "journeys/care.yaml", "message: tips", "message: confirmation")
    assert any("no journey sends" in notice.message for notice in check(templates).notices)


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        # what a shop may leave out
        ("messages/tips/sms.txt", "store.name }}", "customer.name }}", "sms.txt:1: a value that is not known here"),
        ("messages/confirmation/email.mjml", "{% if order.total %}", "{% if order.paid or true %}", "`money` needs"),
        ("messages/tips/email.txt", "{# blocks #}", "{# blocks #}\n{{ order.shipping_address.city }}", "email.txt:4: "),
        ("messages/tips/blocks/kettle.txt", "items|where", "parcels|first and items|where", "blocks/kettle.txt:1"),
        # what the touch does not bring
        ("messages/tips/email.txt", "{# blocks #}", "{# blocks #}\n{{ parcel.id }}", "'None' has no attribute 'id'"),
        # what each class owes
        ("messages/confirmation/email.txt", "{{ _(\"Thank you!\") }}", "{% if offer %}{% endif %}", "must not sell"),
        ("messages/tips/email.txt", "{# blocks #}", "{# blocks #}{% if offer %}{% endif %}", "`promotional: true`"),
        ("messages/confirmation/message.yaml", "Thank you for order", "Save 10 %% on order", "makes this marketing"),
        ("messages/_layout/email.mjml", "{{ store.postal_address }}", "", "must show `store.postal_address`"),
        ("messages/_layout/email.txt", "{{ store.postal_address }}", "", "must show `store.postal_address`"),
        ("messages/_layout/email.mjml", "links.unsubscribe", "links.preferences", "must hold `links.unsubscribe`"),
        ("messages/_layout/email.txt", "{{ store.support_email }}", "", "nobody is named who helps"),
        # links and images
        ("messages/confirmation/email.txt", "{{ links.order }}", "", "the text lacks the link https://p."),
        ("messages/confirmation/email.txt", "{{ links.order }}", "{{ links.order }} http://x.example", "is not https"),
        ("messages/confirmation/email.mjml", "{{ links.order }}", "https://shop.example/?a=1", "lacks the link https://shop"),
        ("messages/confirmation/email.mjml", "{{ links.order }}", "http://shop.example", "is not https: readers"),
        ("messages/confirmation/email.mjml", "{{ links.order }}", "javascript:alert(1)", "is not https: readers"),
        ("messages/confirmation/email.mjml", "<mj-button", '<mj-image src="https://x.example/a.png" /><mj-button',
         "has no alt text"),
        ("messages/confirmation/email.mjml", "<mj-button", '<mj-image alt="" src="{{ store.accent }}" /><mj-button',
         "the image '#1f6f54' is not https"),
        ("messages/confirmation/email.mjml", "{{ _(\"Thank you!\") }}", "<form></form>", "`<form>` is dropped"),
        ("messages/confirmation/email.mjml", "{{ _(\"Thank you!\") }}", "<b onclick='x'>a</b>", "`onclick` runs code"),
        ("messages/_layout/email.mjml", ' lang="{{ lang }}"', "", "for screen readers"),
        # sizes
        ("messages/tips/message.yaml", "segments: 2", "segments: 1", "in ru it takes 2 parts"),
        ("messages/confirmation/message.yaml", "Thank you for order", "Thank you " * 9, "78 at most are shown"),
        ("messages/tips/message.yaml", "body: \"{{ _('Three habits.') }}\"", "body: \"" + "long " * 40 + "\"",
         "push.body: in en it has"),
        ("messages/confirmation/email.mjml", "<mj-button", "<mj-text>{% for a in items %}{% for b in items %}"
         "{{ b.title }}{% endfor %}{% endfor %}</mj-text><mj-button", "Gmail cuts it off"),
        # lock screens, colours, languages
        ("messages/tips/message.yaml", "body: \"{{ _('Three habits.') }}\"", "body: \"{{ customer.orders }}\"",
         "personal data on a lock screen"),
        ("stores/demo.yaml", "goods:", "brand: {ink: '#aaaaaa'}\ngoods:", "brand.ink: text in #aaaaaa on #ffffff"),
        ("stores/demo.yaml", "locales: [en, ru]", "locales: [en, ru, de]", "locales/de/LC_MESSAGES/messages.po: the"),
        ("messages/tips/sms.txt", "three habits:", "four habits:", "'four habits:' is not translated"),
        # samples
        ("messages/_layout/sample.json", '"number": "#1001"', '"nubmer": "#1001"', "order.nubmer: there is no"),
        ("messages/tips/sample.json", '"first_name"', '"fist_name"', "tips/sample.json:1: customer.fist_name"),
    ],
)  # fmt: skip
def test_what_only_rendering_shows_is_said(templates: Path, file: str, old: str, new: str, says: str) -> None:
    change(templates, file, old, new)
    found = errors(templates)
    assert any(says in text for text in found), found


def test_a_message_is_tried_without_what_its_touch_does_not_bring(templates: Path) -> None:
    change(templates, "messages/tips/message.yaml", "class: feedback", "class: marketing\npromotional: true")
    change(templates, "messages/tips/sms.txt", "{{ links.support }}", "{{ offer.percent }} {{ links.support }}")
    ends = "2026-12-01T23:59:00+01:00"
    sample = f'"offer": {{"name": "o", "percent": 10, "code": "C10", "days": 7, "expires_at": "{ends}"}}'
    change(templates, "messages/tips/sample.json", '"customer"', f'{sample}, "customer"')
    assert any("(without an offer, as in touch 'tips')" in text for text in errors(templates))
    change(templates, "journeys/care.yaml", "message: tips", "message: tips\n    offer: accessories-10")
    assert errors(templates) == []


def test_a_body_of_text_without_a_link_is_located_in_its_own_file(templates: Path) -> None:
    change(templates, "messages/tips/blocks/general.mjml", "others|sentence", "(parcels|first).items|sentence")
    (found,) = errors(templates)
    assert found.startswith("templates/messages/tips/blocks/general.mjml:2: `first` of nothing")


def test_each_problem_is_said_once_though_many_renderings_meet_it(templates: Path) -> None:
    change(templates, "messages/tips/sms.txt", "store.name }}", "customer.name }}")
    assert len(errors(templates)) == 1


def test_unsound_messages_do_not_hide_what_is_wrong_with_others(templates: Path) -> None:
    change(templates, "messages/confirmation/email.txt", "order.items", "order.itms")
    change(templates, "messages/tips/message.yaml", "segments: 2", "segments: 1")
    found = "\n".join(errors(templates))
    assert "'itms'" in found
    assert "it takes 2 parts" in found


# One mistake hides no other

FOUR = (
    '<mj-image src="http://x.example/a.png" /><mj-text>{{ customer.name }}</mj-text>\n'
    '    <mj-button href="http://x.example">1</mj-button><mj-button'
)


def lines(templates: Path) -> set[tuple[int | None, str]]:
    return {(problem.line, problem.message.partition(":")[0]) for problem in check(templates).errors}


def test_links_and_images_are_looked_at_where_the_message_cannot_be_made(templates: Path) -> None:
    change(templates, "messages/confirmation/email.mjml", "<mj-button", FOUR)
    assert lines(templates) == {
        (4, "the image 'http"),
        (4, "a value that is not known here is printed, `customer.name`"),
        (5, "the link 'http"),
    }
    assert sum("http://x.example/a.png" in problem.message for problem in check(templates).errors) == 2


def test_they_are_looked_at_where_the_message_cannot_even_be_read(templates: Path) -> None:
    change(templates, "messages/confirmation/email.mjml", "<mj-button", FOUR.replace("customer.name", "custmer.name"))
    assert (5, "the link 'http") in lines(templates)
    assert any("there is no name 'custmer'" in error for error in errors(templates))


@pytest.mark.parametrize(
    "sound",
    ['<mj-image src="{{ store.logo_url }}" alt="" />', '<mj-image alt="x" src="https://x.example/{{ lang }}.png" />',
     "<mj-text><a href='mailto:{{ store.support_email }}'>1</a></mj-text>", '<!-- <mj-image src="http://x" /> -->'],
)  # fmt: skip
def test_what_only_jinja_knows_is_left_to_it(templates: Path, sound: str) -> None:
    change(
        templates, "messages/confirmation/email.mjml", "<mj-button", sound + "<mj-text>{{ nobody }}</mj-text><mj-button"
    )
    (error,) = errors(templates)
    assert "there is no name 'nobody'" in error


def test_mistakes_in_two_parts_of_a_message_are_both_said(templates: Path) -> None:
    change(templates, "messages/tips/sms.txt", "store.name", "customer.name")
    change(templates, "messages/tips/email.txt", "{# blocks #}", "{# blocks #}\n{{ customer.first_name }}")
    assert [error.partition(": a value")[0] for error in errors(templates)] == [
        "templates/messages/tips/email.txt:4",
        "templates/messages/tips/sms.txt:1",
    ]
