"""What shoppers will read: every message, language and kind of goods in `templates/`, found, not listed."""

import re
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from perennial.events import Line
from perennial.facts import Facts, Item
from perennial.goods import classify
from perennial.rendering import Email, Text, render_email, render_push, render_text
from perennial_cli.checking import check
from perennial_cli.linting import HEAVIEST, read_page
from perennial_cli.trials import Trial
from perennial_cli.variants import blanked, crowded, stretched
from tests.templates.real import CONTENT, FOUND, STORE, TEMPLATES, TRIALS, by, message_of, named

VARIANTS = {"sample": lambda given: given, "long": stretched, "bare": blanked, "crowded": crowded}


def email(trial: Trial, facts: Facts) -> Email:
    return render_email(trial.folder.name, facts, content=CONTENT, locale=trial.locale, zone=trial.zone)


def text(trial: Trial, facts: Facts) -> Text:
    return render_text(trial.folder.name, facts, content=CONTENT, locale=trial.locale, zone=trial.zone)


def test_check_has_nothing_to_mend_and_notices_only_goods_a_message_is_never_about() -> None:
    report = check(TEMPLATES)
    assert [problem.render() for problem in report.errors] == []
    assert all("no words of their own" in notice.message for notice in report.notices)


@pytest.mark.parametrize(("trial", "variant"), [(t, v) for t in TRIALS for v in VARIANTS], ids=named)
def test_a_message_can_be_made_for_everybody(trial: Trial, variant: str) -> None:
    facts = VARIANTS[variant](trial.sample)
    channels = message_of(trial).channels
    if "push" in channels:
        assert render_push(trial.folder.name, facts, content=CONTENT, locale=trial.locale, zone=trial.zone).body
    if "text" in channels:
        assert text(trial, facts).body.startswith(f"{STORE.name}: ")
    if "email" in channels:
        made = email(trial, facts)
        assert len(made.html.encode()) < HEAVIEST
        assert made.subject
        assert made.preheader


@pytest.mark.parametrize("trial", by("email"), ids=named)
@pytest.mark.parametrize("variant", VARIANTS)
def test_there_is_one_thing_to_do(trial: Trial, variant: str) -> None:
    html = email(trial, VARIANTS[variant](trial.sample)).html
    wanted = 0 if message_of(trial).to == "store" else 1
    assert len(re.findall(r'class="(?:action|scale)"', html)) == wanted
    assert "!" not in read_page(html).text


@pytest.mark.parametrize("trial", by("email", "transactional"), ids=named)
def test_what_is_needed_cannot_be_unsubscribed_from(trial: Trial) -> None:
    made = email(trial, trial.sample)
    assert f"{STORE.pages_url}/u/" not in made.html + made.text


@pytest.mark.parametrize("trial", by("email", "feedback", "marketing"), ids=named)
def test_what_asks_or_sells_shows_the_way_out_and_who_wrote_it(trial: Trial) -> None:
    made = email(trial, trial.sample)
    for body in (made.html, made.text):
        assert trial.sample.links.unsubscribe in body
        assert trial.sample.links.preferences in body
        assert STORE.postal_address in body
    assert len(f"<{trial.sample.links.unsubscribe}>") <= 76
    assert len(trial.sample.links.unsubscribe) < 75


@pytest.mark.parametrize("trial", by("text"), ids=named)
@pytest.mark.parametrize("flags", list(product((False, True), repeat=3)), ids=str)
def test_a_text_takes_one_part_in_english_and_what_its_message_says_elsewhere(
    trial: Trial, flags: tuple[bool, ...]
) -> None:
    shipped, refunded, late = flags
    long = stretched(trial.sample)
    facts = replace(long, order=replace(long.order, shipped=shipped, fully_refunded=refunded, late=late))
    for given in (facts, replace(blanked(facts), offer=facts.offer), replace(facts, parcel=None, parcels=())):
        assert text(trial, given).parts <= (1 if trial.locale == "en" else message_of(trial).segments)


@pytest.mark.parametrize("trial", by("text", "marketing"), ids=named)
def test_a_text_that_sells_says_how_to_stop_it(trial: Trial) -> None:
    assert trial.sample.links.unsubscribe in text(trial, trial.sample).body


@pytest.mark.parametrize("trial", by("email", "transactional"), ids=named)
def test_what_is_needed_leads_to_the_order_and_out_of_a_wrong_address(trial: Trial) -> None:
    made, links = email(trial, trial.sample), trial.sample.links
    for body in (made.html, made.text):
        if message_of(trial).to == "store":
            assert STORE.pages_url not in body
        else:
            assert links.order in body
            assert links.not_me in body


@pytest.mark.parametrize("trial", [trial for trial in by("email") if trial.folder.name == "delivery-score"], ids=named)
def test_every_score_is_asked_for_alike(trial: Trial) -> None:
    html = email(trial, trial.sample).html
    scale = re.findall(r'<a href="([^"]+)\?score=(\d+)" aria-label="[^"]+" style="([^"]+)">(\d+)</a>', html)
    assert [int(shown) for *_, shown in scale] == list(range(11))
    assert {link for link, *_ in scale} == {trial.sample.links.score}
    assert all(asked == shown for _, asked, _, shown in scale)
    assert len({style for _, _, style, _ in scale}) == 1


@pytest.mark.parametrize("trial", [trial for trial in by("email") if trial.folder.name == "review-thanks"], ids=named)
def test_thanks_for_a_review_are_the_same_for_every_score(trial: Trial) -> None:
    review = trial.sample.review
    assert review is not None
    given = [replace(trial.sample, review=replace(review, stars=stars, text=f"Only {stars}.")) for stars in range(1, 6)]
    assert len({email(trial, facts).html for facts in given}) == 1
    assert str(STORE.bonus_points) in email(trial, given[0]).text


@pytest.mark.parametrize(
    "trial", [trial for trial in by("email") if trial.folder.name == "withdrawal-acknowledged"], ids=named
)
def test_the_receipt_of_a_withdrawal_says_who_declared_what_and_when(trial: Trial) -> None:
    facts = crowded(trial.sample)
    case, made = facts.return_case, email(trial, facts)
    assert case is not None
    for body in (read_page(made.html).text, made.text):
        for word in (facts.order.number, "Zoë M. Hartley", case.id, "28", "2026", "19:04"):
            assert word in body
        assert body.count(case.items[0].title) == len(case.items) == 50


@pytest.mark.parametrize("trial", [trial for trial in by("email") if trial.folder.name == "apology"], ids=named)
def test_an_apology_names_a_person_to_turn_to_and_promotes_nothing(trial: Trial) -> None:
    body = email(trial, trial.sample).text
    assert STORE.support.email in body
    assert str(STORE.support.phone) in body
    assert not re.search(r"%|\bpoints?\b|балл|скидк", body)


def test_the_class_follows_from_what_a_message_does() -> None:
    classes = {name: message.class_ for name, message in CONTENT.messages.items()}
    for name, message in CONTENT.messages.items():
        assert message.class_ == "marketing" or not message.promotional, name
    assert {classes[touch.message] for touch in CONTENT.journeys["order-service"].touches} == {"transactional"}
    asks = {name for name, class_ in classes.items() if class_ == "feedback"}
    assert asks == {"review-request", "review-reminder", "delivery-score"}
    assert {CONTENT.messages[name].one_per for name in asks} == {"order"}
    assert CONTENT.messages["out-for-delivery"].channels[0] == "text"


BLOCKS = [(trial, category) for trial in TRIALS for category in sorted(trial.folder.categories - {"general"})]


@pytest.mark.parametrize(("trial", "category"), BLOCKS, ids=named)
def test_goods_with_words_of_their_own_are_told_those_and_no_others(trial: Trial, category: str) -> None:
    def about(name: str) -> str:
        items = (Item(title="The thing", quantity=1, kind="small-appliance", category=name),)
        return email(trial, replace(trial.sample, items=items, categories=(name,))).text

    assert about(category) != about("never-heard-of")
    assert len({about(other) for other in trial.folder.categories}) == len(trial.folder.categories)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"title": "Stand blender", "sku": "BLND-500-R"}, ("small-appliance", "blender")),
        ({"title": "Beck", "sku": "KETL-17-B"}, ("small-appliance", "kettle")),
        ({"title": "Scar 350", "sku": "FRDG-350-W"}, ("large-appliance", "refrigerator")),
        ({"title": "Whirl", "sku": "WASH-8"}, ("large-appliance", "washing-machine")),
        ({"title": "Beck", "product_type": "Electric kettles"}, ("small-appliance", "kettle")),
        ({"title": "Cold one", "product_type": "Refrigerators"}, ("large-appliance", "refrigerator")),
        ({"title": "Built-in oven", "product_type": "Ovens", "price": "499"}, ("large-appliance", "oven")),
        ({"title": "Oven gloves", "product_type": "Ovens", "price": "12"}, ("accessory", "accessory")),
        ({"title": "Mini fridge for dolls", "price": "19"}, ("other", "general")),
        ({"title": "Blender jug", "tags": ("accessory",), "product_type": "Blender parts"}, ("accessory", "accessory")),
        ({"title": "Care plan", "sku": "PLAN-24"}, ("service-plan", "service-plan")),
        ({"title": "Pan", "vendor": "Tarn & Ember"}, ("other", "cookware")),
    ],
)
def test_the_rules_of_the_store_know_its_goods(line: dict[str, Any], expected: tuple[str, str]) -> None:
    rule = classify(Line.model_validate({"id": "1", "quantity": 1, **line}), STORE)
    assert (rule.kind, rule.category) == expected


def test_no_translation_is_english_left_over() -> None:
    for locale, translations in FOUND.translations.items():
        for original, translated in translations.catalogue.messages.items():
            forms = [translated] if isinstance(translated, str) else translated
            assert not (original in forms and re.search(r"[a-z]{3}", original)), (locale, original)
