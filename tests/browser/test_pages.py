"""The pages as people use them: on a phone and a desk, by keyboard alone, with a screen reader, without any script."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from perennial import events
from perennial.customer import touch_id
from perennial.links import PATHS, Purpose
from perennial.pages.ordered import field_of
from tests.browser.conftest import BUILD, Visitor
from tests.browser.site import Site
from tests.unit.core.builders import DAY, NOW, delivered, returned, shipped

Visit = Callable[..., Visitor]
WIDTHS, SCHEMES = (320, 1280), ("light", "dark")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("purpose", PATHS)
def test_a_page_fits_its_screen_and_the_console_stays_silent(
    site: Site, visitor: Visit, purpose: Purpose, width: int, scheme: str
) -> None:
    _some_life(site)
    somebody = visitor(width, scheme).open(site.url(purpose))
    assert somebody.complaints == []
    assert somebody.page.evaluate("document.documentElement.scrollWidth") <= width
    somebody.page.screenshot(path=BUILD / f"{purpose}-{width}-{scheme}.png", full_page=True)


def _some_life(site: Site) -> None:
    site.shop.world.advance(
        shipped(NOW + DAY / 24, carrier="Swift", tracking=[{"number": "S1", "url": "https://s.example/S1"}])
    )


@pytest.mark.parametrize("purpose", PATHS)
def test_nothing_is_asked_of_anybody_but_the_page_itself(site: Site, visitor: Visit, purpose: Purpose) -> None:
    somebody, asked = visitor(), []
    somebody.page.on("request", lambda request: asked.append(request.url))
    somebody.open(site.url(purpose))
    assert asked == [site.url(purpose)]
    assert somebody.page.context.cookies() == []


# --- by keyboard alone ---


def test_unsubscribing_and_undoing_take_one_key_each(site: Site, visitor: Visit) -> None:
    somebody = visitor().open(site.url("unsubscribe")).tab_to("button").submit()
    assert somebody.heading == "You are unsubscribed"
    somebody.tab_to("button").submit()
    assert somebody.heading == "You are back on the list"
    assert [event.type for event in site.shop.said()] == ["ConsentWithdrawn", "ConsentGiven"]
    assert somebody.complaints == []


def test_preferences_are_set_with_tab_and_space(site: Site, visitor: Visit) -> None:
    somebody = visitor(320).open(site.url("preferences")).tab_to("[name=email-marketing]").press("Space")
    somebody.tab_to("button[value=save]").submit()
    assert somebody.page.locator("[role=status]").inner_text().startswith("Saved")
    assert not somebody.page.locator("[name=email-marketing]").is_checked()
    (said,) = site.shop.said()
    assert isinstance(said, events.ConsentEvent)
    assert (said.type, said.classes) == ("ConsentWithdrawn", ("marketing",))


def test_a_planned_message_is_skipped_and_wanted_again(site: Site, visitor: Visit) -> None:
    tips = touch_id("shop", "care:1001", "tips")
    somebody = visitor().open(site.url("preferences")).tab_to(f"#do-{tips}").submit()
    assert somebody.page.locator(f"#do-{tips}").inner_text() == "Send it after all"
    site.shop.world.work()
    somebody.tab_to(f"#do-{tips}").submit()
    assert somebody.page.locator(f"#do-{tips}").inner_text() == "Skip"


def test_a_review_is_written_with_arrows_and_letters(site: Site, visitor: Visit) -> None:
    somebody = visitor(320).open(site.url("review"))
    somebody.tab_to(f"[name=stars-{field_of('l1')}]").press("Space", "ArrowRight", "ArrowRight", "ArrowRight")
    somebody.press("Tab").type("Quiet, quick.").press("Tab", "Space").tab_to("main button").submit()
    assert somebody.heading == "Thank you for your review"
    (said,) = site.shop.said()
    assert isinstance(said, events.ReviewGiven)
    assert (said.line_id, said.stars, said.text, said.publish) == ("l1", 4, "Quiet, quick.", True)


def test_a_form_that_is_sent_half_filled_comes_back_with_what_was_written(site: Site, visitor: Visit) -> None:
    somebody = visitor().open(site.url("score")).tab_to("#why").type("Because").tab_to("main button").submit()
    assert "Choose a number" in somebody.page.locator("[role=alert]").inner_text()
    assert somebody.page.title().startswith("Please look again")
    assert somebody.page.locator("#why").input_value() == "Because"
    somebody.page.locator("[role=alert] a").focus()
    somebody.press("Enter").tab_to("[name=score]").press("ArrowRight", "ArrowRight", "ArrowRight")
    somebody.tab_to("main button").submit()
    assert somebody.heading == "Thank you for telling us"
    (said,) = site.shop.said()
    assert isinstance(said, events.ScoreEvent)
    assert (said.score, said.why) == (3, "Because")


def test_withdrawing_from_the_contract_takes_two_presses(site: Site, visitor: Visit) -> None:
    somebody = visitor(320).open(site.url("returns")).tab_to("#name")
    somebody.press("Control+a").type("Ann Lee").tab_to("button[value=declare]").submit()
    assert somebody.heading == "Confirm your withdrawal"
    assert site.shop.said() == []
    somebody.page.screenshot(path=BUILD / "withdrawal-320.png", full_page=True)
    somebody.tab_to("button[value=confirm]").submit()
    assert somebody.heading == "You have withdrawn from the contract"
    (said,) = site.shop.said()
    assert (said.type, said.occurred_at) == ("WithdrawalDeclared", NOW)


def test_an_exchange_is_asked_for_by_mouse_as_well(site: Site, visitor: Visit) -> None:
    somebody = visitor(320).open(site.url("order"))
    somebody.page.get_by_role("link", name="Return or exchange something").click()
    somebody.page.get_by_role("checkbox", name="Kettle").first.check()
    somebody.page.get_by_label("Something else instead").check()
    somebody.page.get_by_label("Why?").select_option("It arrived damaged")
    somebody.page.get_by_role("button", name="Send the request").click()
    assert somebody.heading == "We have your request"
    assert [event.type for event in site.shop.said()] == ["ReturnRequested"]
    assert somebody.complaints == []


# --- what the policy keeps out ---


def test_whatever_got_into_a_page_runs_nothing_and_tells_nobody(site: Site, visitor: Visit) -> None:
    somebody = visitor(scripts=True).open(site.url("order"))
    somebody.page.evaluate("""() => {
      const add = (name, fields) => document.body.append(Object.assign(document.createElement(name), fields))
      add('script', {textContent: 'window.ran = true'})
      add('img', {src: 'https://evil.example/x.png'})
      add('style', {textContent: 'h1{display:none}'})
    }""")
    assert somebody.page.evaluate("window.ran") is None
    assert somebody.heading
    assert len([said for said in somebody.complaints if "Content Security Policy" in said]) >= 3


# --- by screen reader ---


def _states(site: Site, somebody: Visitor) -> Iterator[str]:
    """Opens every page in the states that people see, and names each."""
    for purpose in PATHS:
        somebody.open(site.url(purpose))
        yield purpose
    for purpose in ("unsubscribe", "review", "score", "not-me"):
        somebody.open(site.url(purpose))
        somebody.page.locator("main form button").first.click()
        yield f"{purpose} answered"
    somebody.open(site.url("returns"))
    somebody.page.locator("[value=request]").click()
    yield "returns half filled"
    somebody.open(site.url("returns"))
    somebody.page.locator("[value=declare]").click()
    yield "returns to be confirmed"
    somebody.open(f"{site.address}/u/nothing")
    yield "a link that leads nowhere"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_serious(site: Site, visitor: Visit, axe: str, scheme: str, width: int) -> None:
    world = site.shop.world
    world.advance(shipped(NOW))
    world.advance(delivered(NOW + DAY / 24))
    world.advance(returned("Requested", NOW + DAY / 12, {"l1": 1}))
    somebody = visitor(width, scheme, scripts=True, bypass_csp=True)
    for state in _states(site, somebody):
        somebody.page.evaluate(axe)
        found: dict[str, Any] = somebody.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        wrong = [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found["violations"]]
        assert wrong == [], f"{state}, {width} px, {scheme}"


def test_every_field_and_button_has_a_name_that_can_be_read_out(site: Site, visitor: Visit) -> None:
    somebody = visitor().open(site.url("review"))
    assert somebody.page.get_by_role("radio", name="5 excellent").count() == 2
    assert somebody.page.get_by_role("group", name="Stars Kettle").count() == 1
    assert somebody.page.get_by_role("textbox", name="In your own words Fridge").count() == 1
    somebody.open(site.url("preferences"))
    assert somebody.page.get_by_role("button", name="Skip tips").count() == 1
    assert somebody.page.get_by_role("group", name="By email a***@example.com").count() == 1
