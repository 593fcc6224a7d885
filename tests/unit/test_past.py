"""What the table as it was knows of lost time: told to the customer as restored, and nothing of it undone."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from perennial.answered import Return
from perennial.customer import Claim, Consent, Customer, Enrolment, Profile, Progress, Touch, stranger, touch_id
from perennial.ledger import Entry
from perennial.lost import REASON
from perennial.orders import Order, blank
from perennial.receipts import First, Receipts
from perennial_cli.rearm.past import Carried, Past, carry
from tests.unit.core.builders import HOUR, MINUTE, NOW

RESTORED_TO, LATER = NOW, NOW + HOUR


def a_customer(**fields: Any) -> Customer:
    """Somebody with one live order and one passage; `fields` are of the profile."""
    nobody = stranger("shop", "ann")
    passage = Enrolment("care:1001", "care", "v1", "1001", NOW - HOUR)
    order = replace(blank("1001"), sent={"thanks": "care/thank"})
    return replace(
        nobody,
        profile=replace(nobody.profile, **fields),
        orders={"1001": order},
        enrolments={passage.id: passage},
    )


def record(key: str, state: str, at: datetime = LATER, **fields: Any) -> Touch:
    told: dict[str, Any] = {
        "id": touch_id("shop", "care:1001", key),
        "enrolment": "care:1001",
        "key": key,
        "journey": "care",
        "version": "v1",
        "order_id": "1001",
        "message": key,
        "class_": "marketing",
        "state": state,
        "at": at,
    }
    return Touch(**{**told, **fields})


def carried(*touches: Touch, then: Customer | None = None, words: tuple[Entry, ...] = (), **fields: Any) -> Carried:
    return carry(a_customer(**fields), Past(then or a_customer(), touches, words), RESTORED_TO)


def progress(told: Carried) -> dict[str, str]:
    (passage,) = told.customer.enrolments.values()
    return {key: done.state for key, done in passage.touches.items()}


def profile_after(then: Profile, **fields: Any) -> Profile:
    return carried(then=replace(a_customer(), profile=then), **fields).customer.profile


def test_what_went_out_is_known_to_have_gone_out() -> None:
    told = carried(record("tips", "sent"), record("more", "unconfirmed"))
    assert progress(told) == {"tips": "sent", "more": "unconfirmed"}
    assert [touch.key for touch in told.touches] == ["tips", "more"]


def test_a_message_that_spoke_for_others_has_told_them() -> None:
    joined = record("shipped/2", "skipped", reason="told together with shipped/1")
    assert progress(carried(joined)) == {"shipped/2": "skipped"}


def test_what_was_not_sent_may_still_be() -> None:
    ended = (record("tips", "skipped", reason="no consent"), record("more", "expired"), record("late", "released"))
    assert carried(*ended).touches == ()


def test_what_is_older_than_the_restore_is_known_already() -> None:
    assert carried(record("tips", "sent", at=RESTORED_TO - HOUR)).touches == ()


def test_what_was_under_way_at_the_restore_may_have_been_committed_after_it() -> None:
    """Its run began, and read its clock, before the moment that was restored to."""
    told = carried(record("tips", "sent", at=RESTORED_TO - 2 * MINUTE))
    assert progress(told) == {"tips": "sent"}
    assert len(told.touches) == 1


def test_a_claim_without_an_answer_may_have_gone_out() -> None:
    (touch,) = carried(record("tips", "claimed")).touches
    assert (touch.state, touch.reason) == ("unconfirmed", REASON)


def test_receipts_stay_where_they_are_written() -> None:
    (touch,) = carried(record("tips", "sent", receipts=Receipts({"delivered": First(LATER)}))).touches
    assert touch.receipts == Receipts()


def test_a_claim_that_was_open_is_closed_by_how_it_ended() -> None:
    mark = Claim("care:1001", "tips", "n", NOW, LATER, "email", "marketing")
    other = replace(mark, key="more")
    claims = {touch_id("shop", "care:1001", held.key): held for held in (mark, other)}
    assert list(carried(record("tips", "sent"), claims=claims).customer.profile.claims.values()) == [other]


def test_claims_of_the_lost_time_count_under_the_cap() -> None:
    then = replace(stranger("shop", "ann").profile, recent=(NOW, LATER))
    assert profile_after(then, recent=(NOW - HOUR, NOW)).recent == (NOW - HOUR, NOW, LATER)


def test_whoever_left_in_the_lost_time_has_left() -> None:
    no, yes = Consent("withdrawn", LATER, "one-click"), Consent("given", NOW - HOUR, "checkout")
    then = replace(
        stranger("shop", "ann").profile, consents={"email:marketing": no}, dead={"a@b.example": "gone"},
        complained_at=LATER, erased_at=LATER, rests_until=LATER, suppressed={"text:marketing": LATER},
        detracted={"1001": LATER},
    )  # fmt: skip
    found = profile_after(then, consents={"email:marketing": yes}, detracted={"999": NOW})
    assert found.consents == {"email:marketing": no}
    assert (found.dead, found.suppressed) == ({"a@b.example": "gone"}, {"text:marketing": LATER})
    assert (found.complained_at, found.erased_at, found.rests_until) == (LATER, LATER, LATER)
    assert found.detracted == {"999": NOW, "1001": LATER}


def test_an_older_word_takes_back_nothing() -> None:
    no, yes = Consent("withdrawn", LATER, "one-click"), Consent("given", NOW, "checkout")
    then = replace(stranger("shop", "ann").profile, consents={"email:marketing": yes})
    assert profile_after(then, consents={"email:marketing": no}).consents == {"email:marketing": no}


def test_words_of_the_lost_time_are_written_down_again() -> None:
    old, new = (Entry("email:marketing", Consent("withdrawn", at, "one-click"), at) for at in (NOW - HOUR, LATER))
    assert carried(words=(old, new)).words == (new,)


def test_answers_on_our_pages_are_kept() -> None:
    def with_return(order: Order) -> Order:
        return replace(order, sent={"review": "care/ask"}, returns={"r1": Return("r1")})

    then = a_customer()
    then = replace(then, orders={name: with_return(order) for name, order in then.orders.items()})
    order = carried(then=then).customer.orders["1001"]
    assert order.returns == {"r1": Return("r1")}
    assert order.sent == {"thanks": "care/thank", "review": "care/ask"}


def test_the_newest_wish_counts() -> None:
    def wishing(at: datetime, wanted: bool) -> Customer:
        held = a_customer()
        passage = replace(held.enrolments["care:1001"], wishes={"tips": (at, wanted)})
        return replace(held, enrolments={passage.id: passage})

    told = carry(wishing(NOW, True), Past(wishing(LATER, False), (), ()), RESTORED_TO)
    assert told.customer.enrolments["care:1001"].wishes == {"tips": (LATER, False)}


def test_progress_from_before_the_restore_stays() -> None:
    held = a_customer()
    passage = replace(held.enrolments["care:1001"], touches={"note": Progress("sent", NOW)})
    told = carry(replace(held, enrolments={passage.id: passage}), Past(a_customer(), (), ()), RESTORED_TO)
    assert progress(told) == {"note": "sent"}


def test_a_journey_that_began_in_the_lost_time_and_of_which_something_is_out_goes_on_and_does_not_begin_anew() -> None:
    known = a_customer()
    begun = Enrolment("recovery:1001", "recovery", "v1", "1001", LATER)
    then = replace(known, enrolments={**known.enrolments, begun.id: begun})
    name = touch_id("shop", begun.id, "tell-store")
    told = carried(record("tell-store", "sent", id=name, enrolment=begun.id, journey="recovery"), then=then)
    assert told.customer.enrolments[begun.id].touches["tell-store"].state == "sent"
    assert told.customer.orders["1001"].entered == ("recovery",)


def test_a_journey_that_began_in_the_lost_time_and_of_which_nothing_is_out_begins_when_the_shop_tells_again() -> None:
    known = a_customer()
    begun = Enrolment("recovery:1001", "recovery", "v1", "1001", LATER)
    told = carried(then=replace(known, enrolments={**known.enrolments, begun.id: begun}))
    assert told.customer.enrolments.keys() == known.enrolments.keys()
    assert told.customer.orders["1001"].entered == ()
