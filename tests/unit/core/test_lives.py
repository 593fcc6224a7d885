"""The laws, over random lives driven to their end by their own wakes."""

import copy
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis.strategies import booleans

from perennial import consent, events, timing
from perennial.customer import Wake
from perennial.decide import Decision, decide
from perennial.estimates import is_late
from perennial.order_facts import moments
from perennial.returns import being_returned
from perennial.scenes import scene_of
from perennial.settling import MOST_TRIES
from tests.unit.core.life import FINAL, Life
from tests.unit.core.lives import WANTED, Story, lived, stories

LIVES = settings(max_examples=60)


@LIVES
@given(stories())
def test_every_touch_that_came_into_being_ends_in_exactly_one_outcome(story: Story) -> None:
    """Law 2: entered = sent + skipped + expired + failed + unconfirmed, and nothing waits for ever."""
    ended: dict[str, str] = {}
    seen: set[str] = set()

    def watch(life: Life, decision: Decision, now: datetime) -> None:
        for record in life.records.values():
            assert ended.get(record.id, record.state) == record.state
            if record.state in FINAL:
                ended[record.id] = record.state
        seen.update(
            f"{left.planned.enrolment.id}/{left.planned.key}"
            for left in decision.waiting
            if left.planned.due is not None or left.planned.expected
        )

    life = lived(story, watch)
    assert life.customer.enrolments == {}
    assert life.customer.profile.claims == {}
    assert {record.id for record in life.records.values()} == ended.keys()
    told = {f"{record.enrolment}/{record.key}" for record in life.records.values()}
    undone = {name for name in seen - told if "/p" in name}
    assert seen - told <= undone, "only what speaks of a parcel called back may vanish"
    assert all(record.reason for record in life.records.values() if record.state in FINAL - {"sent"})


@LIVES
@given(stories())
def test_a_live_enrolment_always_has_a_wake_ahead_and_no_number_is_used_twice(story: Story) -> None:
    wakes: dict[int, Wake] = {}

    def watch(life: Life, decision: Decision, now: datetime) -> None:
        wake, before = decision.after.profile.wake, decision.before.profile
        if decision.after.enrolments:
            assert wake is not None
        if wake is None:
            return
        assert wakes.setdefault(wake.n, wake) == wake
        if decision.changed:
            assert wake.at > now
            assert (wake.at.second, wake.at.microsecond) == (0, 0)
        if wake != before.wake:
            assert wake.n == before.wakes + 1 == decision.after.profile.wakes
            assert wake.at >= now + timedelta(seconds=60)

    lived(story, watch)


@LIVES
@given(stories(), booleans())
def test_no_second_copy(story: Story, twice: bool) -> None:
    """Law 1: a touch goes to a provider again only after it was released, or as the one stated exception."""
    doubts: Counter[str] = Counter()
    answered: dict[str, str | None] = {}

    def watch(life: Life, decision: Decision, now: datetime) -> None:
        for end in decision.endings:
            if end.state in ("sent", "failed"):
                answered[end.touch] = end.state
        if decision.send is None:
            return
        touch = decision.send.touch
        assert touch.id not in answered
        doubts[touch.id] = touch.tries - 1
        if touch.tries > 1:
            assert (touch.class_, touch.channel) == ("transactional", "email")
            assert touch.tries <= MOST_TRIES

    life = lived(told_twice(story) if twice else story, watch)
    accepted = Counter(send.touch.id for send in life.sends)
    for touch, count in accepted.items():
        assert count <= len(story.answers) + 2, touch


@LIVES
@given(stories())
def test_stop_means_stop_and_the_order_is_what_the_message_says(story: Story) -> None:
    """Laws 3, 5 and 6, looked at from outside whenever something is claimed."""

    def watch(life: Life, decision: Decision, now: datetime) -> None:
        if decision.send is None:
            return
        send = decision.send
        order = decision.after.orders[send.touch.order_id]
        setting = life.setting(now)
        scene = scene_of(decision.after, order, setting)
        if (send.touch.class_, send.go.channel) != ("transactional", "email"):
            hours = getattr(setting.store.quiet_hours, send.go.channel)
            assert timing.next_open(now, hours, scene.zones) == now
        profile = decision.after.profile
        assert send.go.address not in profile.dead
        assert not decision.after.enrolments[send.touch.enrolment].declined(send.touch.key)
        if send.touch.class_ == "transactional":
            return
        assert send.go.channel != "text" or send.go.address == WANTED
        assert not being_returned(order)
        assert profile.detractor_since is None
        assert profile.rests_until is None or profile.rests_until <= now
        assert not {"order.cancelled", "order.fully_refunded"} & moments(order).keys()
        assert not is_late(order, setting.store, scene.zone, now)
        assert consent.refusal(decision.after.profile, setting.store, send.go.channel, send.touch.class_, now) is None

    lived(story, watch)


@LIVES
@given(stories())
def test_after_a_complaint_or_a_dead_address_nothing_more_goes_there(story: Story) -> None:
    """Law 3, read off the news themselves; nobody in these stories asks for messages again after a complaint."""

    def watch(life: Life, decision: Decision, now: datetime) -> None:
        if decision.send is None:
            return
        dead = {event.address for event in life.heard if isinstance(event, events.AddressEvent)}
        assert decision.send.go.address not in dead
        if any(isinstance(event, events.MessageComplained) for event in life.heard):
            assert decision.send.touch.class_ == "transactional"

    lived(story, watch)


@LIVES
@given(stories())
def test_the_cap_holds_in_every_rolling_window(story: Story) -> None:
    """Law 4: whatever is refused or released gives its place back, everything else counts."""
    life = lived(story)
    cap = life.content.stores["shop"].cap
    window = timedelta(days=cap.days)
    counted = sorted(
        send.touch.at
        for send in life.sends
        if send.touch.class_ != "transactional" and _stood(life, send.touch.id, send.touch.nonce)
    )
    for end in counted:
        assert len([moment for moment in counted if end - window < moment <= end]) <= cap.most


def _stood(life: Life, touch: str, nonce: str | None) -> bool:
    """Whether the claim was neither refused nor released."""
    claimed = next(
        n for n, decision in enumerate(life.decisions) if decision.send and decision.send.touch.nonce == nonce
    )
    later = (end for decision in life.decisions[claimed + 1 :] for end in decision.endings if end.touch == touch)
    return next((end.state for end in later), "claimed") not in ("failed", "released")


@LIVES
@given(stories())
def test_messages_that_go_once_per_order_go_once(story: Story) -> None:
    life = lived(story)
    sent = [
        record for record in life.records.values() if record.state == "sent" and record.message in ("review", "thanks")
    ]
    most = Counter((record.order_id, record.message) for record in sent)
    assert all(count == 1 for count in most.values())


@LIVES
@given(stories())
def test_offers_end_when_they_said_they_would(story: Story) -> None:
    made: dict[str, Any] = {}

    def watch(life: Life, decision: Decision, now: datetime) -> None:
        stand = {enrolment.id: enrolment.offers for enrolment in decision.after.enrolments.values() if enrolment.offers}
        for name, offers in stand.items():
            claimed = {mark.enrolment for mark in decision.after.profile.claims.values() if mark.offer}
            if name not in claimed:
                assert made.setdefault(name, offers) == offers

    lived(story, watch)


@settings(max_examples=25)
@given(stories())
def test_deciding_is_pure(story: Story) -> None:
    """Equal inputs give equal decisions, and nothing that was put in is changed."""

    def watch(life: Life, decision: Decision, now: datetime) -> None:
        setting = life.setting(now)
        before = copy.deepcopy(decision.before)
        one, other = (decide(decision.before, (), setting) for _ in range(2))
        assert one == other
        assert decision.before == before
        unheard_of = decide(before, (), setting)
        assert (unheard_of, unheard_of.waiting) == (one, one.waiting), "what is remembered changes nothing"

    lived(story, watch)


@LIVES
@given(stories())
def test_only_what_changes_is_committed(story: Story) -> None:
    def watch(life: Life, decision: Decision, now: datetime) -> None:
        if not decision.changed:
            assert decision.after is decision.before
            assert not any((decision.touches, decision.endings, decision.aliases, decision.send))
        else:
            assert decision.after.profile.version == decision.before.profile.version + 1
            assert decision.after != decision.before

    lived(story, watch)


@LIVES
@given(stories())
def test_news_told_twice_send_nothing_twice(story: Story) -> None:
    """Every event is delivered again at once: the queue is allowed to.

    Where an answer is lost or a wake is late, the second delivery does a run's work early, so what it finds may
    rightly differ; there, only the rule against a second copy holds (above).
    """
    calm = replace(story, answers=tuple(answer or "accepted" for answer in story.answers), late=0)
    once, twice = lived(calm), lived(told_twice(calm))
    assert [send.touch.id for send in once.sends] == [send.touch.id for send in twice.sends]
    assert once.told() == twice.told()


def told_twice(story: Story) -> Story:
    return replace(story, news=tuple(entry for told in story.news for entry in (told, told)))
