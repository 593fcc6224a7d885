"""From the line to its effects: load, decide, commit, carry out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from perennial import events, ports
from perennial.advancing import ATTEMPTS
from perennial.applying import apply
from perennial.customer import Wake, stranger
from perennial.decide import Decision, decide
from perennial.draft import Answer, Draft
from perennial.errors import Misconfigured, RuleFailed, Unavailable
from perennial.identity import Alias
from perennial.journeys import Journey
from perennial.ports import Reply
from perennial.run_report import Report
from tests.unit.core.builders import (
    HOUR,
    MESSAGES,
    MINUTE,
    NOW,
    WHO,
    a_content,
    a_journey,
    a_message,
    a_touch,
    delivered,
    device,
    placed,
    shipped,
    snapshot,
)
from tests.unit.core.world import World

OTHER = "other234567abcde"
NOTE = a_journey("care", a_touch("note", "order.placed", "note"))
TWO = a_journey("care", a_touch("note", "order.placed", "note"), a_touch("tips", "order.delivered + 3 days", "tips"))


def a_world(*journeys: Journey, **fields: Any) -> World:
    return World(a_content(*journeys), **fields)


def armed(world: World) -> list[Wake]:
    return [wake for _, _, _, wake in world.timers.armed.values()]


# The way of one event


def test_a_message_goes_out_only_after_its_claim_is_committed() -> None:
    world = a_world(NOTE)
    report = world.advance(placed())
    assert report == Report("applied", WHO, tuple(world.accepted))
    acts = [call for call in world.calls if call.split(".")[1] in ("commit", "send")]
    assert acts == ["MemoryCustomers.commit", "MemorySender.send", "MemoryCustomers.commit"]
    assert world.told() == {"care/note": "sent"}


def test_one_email_takes_five_calls() -> None:
    """Query, commit, send, commit, arm (DESIGN section 7); pauses and versions are remembered by their adapters."""
    world = a_world(TWO)
    world.tell(placed())
    remembered = ("MemoryPauses.paused", "MemoryVersions.keep")
    assert [call.split(".")[1] for call in world.calls if call not in remembered] == [
        "load",
        "commit",
        "send",
        "commit",
        "arm",
    ]


def test_an_event_that_changes_nothing_costs_one_query() -> None:
    world = a_world(TWO)
    world.tell(placed())
    world.calls.clear()
    assert world.advance(placed()) == Report("unchanged", WHO)
    assert world.calls == ["MemoryCustomers.load", "MemoryPauses.paused"]


def test_the_record_shows_the_words_by_which_people_know_the_message() -> None:
    world = a_world(NOTE)
    world.tell(placed())
    (touch,) = world.people.touches("shop", WHO)
    assert (touch.subject, touch.provider_id, touch.channel) == ("note", "ok", "email")


def test_a_version_is_kept_before_anybody_is_enrolled_in_it() -> None:
    world = a_world(NOTE)
    world.tell(placed())
    assert world.calls.index("MemoryVersions.keep") < world.calls.index("MemoryCustomers.commit")
    assert world.memory.versions


def test_who_is_inside_a_version_that_is_no_longer_deployed_goes_on_with_it() -> None:
    world = a_world(TWO)
    world.tell(placed(), delivered(NOW))
    newer = World(a_content(a_journey("care", a_touch("new", "order.placed", "note"))), memory=world.memory)
    newer.timers.armed = world.timers.armed
    newer.to_the_end()
    assert newer.told() == {"care/note": "sent", "care/tips": "sent"}


def test_an_event_of_a_store_that_the_deploy_does_not_know_is_a_misconfiguration() -> None:
    with pytest.raises(Misconfigured):
        a_world(NOTE).advance(placed().model_copy(update={"store": "other"}))


# Wakes


def test_a_run_arms_the_wake_it_committed() -> None:
    world = a_world(TWO)
    world.tell(placed())
    assert armed(world) == [world.customer().profile.wake]


def test_a_run_that_moves_the_wake_forgets_the_old_one() -> None:
    world = a_world(a_journey("care", a_touch("tips", "order.delivered + 3 days")))
    world.tell(placed(), delivered(NOW))
    assert armed(world) == [world.customer().profile.wake]


def test_a_wake_that_is_needed_no_more_is_forgotten() -> None:
    world = a_world(a_journey("care", a_touch("tips", "order.delivered + 3 days"), stop=["order.cancelled"]))
    world.tell(placed(), snapshot(NOW, cancelled_at=NOW))
    assert armed(world) == []


def test_a_superseded_schedule_rings_into_nothing() -> None:
    """Moved by a run that sent something: deleting it would be a sixth call (docs/decisions.md)."""
    journey = a_journey("care", a_touch("note", "order.paid", "note"), a_touch("tips", "order.paid + 1 day"))
    world = a_world(journey)
    world.tell(placed(), snapshot(NOW, payment_status="paid"))
    assert len(armed(world)) == 2
    world.to_the_end()
    assert world.told() == {"care/note": "sent", "care/tips": "sent"}
    assert len(world.accepted) == 2


# Redelivery


def test_a_redelivered_event_arms_what_an_earlier_run_may_have_left_unarmed() -> None:
    world = a_world(TWO)
    world.tell(placed())
    world.timers.armed.clear()
    world.timers.used.clear()
    assert world.advance(placed(), redelivered=True).outcome == "unchanged"
    assert armed(world) == [world.customer().profile.wake]


def test_what_is_put_back_after_it_was_set_aside_arms_as_well_though_it_looks_new() -> None:
    """A queue that takes from its dead letters counts from one again."""
    world = a_world(TWO)
    world.tell(placed())
    for age, armed_again in ((29 * MINUTE, False), (61 * MINUTE, True)):
        world.timers.armed.clear()
        world.timers.used.clear()
        world.now = NOW + age
        assert world.advance(placed()).outcome == "unchanged"
        assert bool(armed(world)) == armed_again


def test_an_event_delivered_again_never_sends() -> None:
    world = a_world(NOTE)
    for _ in range(3):
        world.tell(placed())
    assert len(world.accepted) == 1


# Others commit in between


class Rival:
    """Commits something of its own just before ours, so many times."""

    def __init__(self, world: World, times: int) -> None:
        self.world, self.times = world, times

    def commit(self, decision: Decision, adopted: Mapping[Alias, int]) -> ports.Result:
        if self.times:
            self.times -= 1
            profile = decision.before.profile
            held = self.world.people.load(profile.store, profile.customer)
            raised = replace(held.profile, version=held.profile.version + 1, commit="rival")
            self.world.memory.customers[profile.store, profile.customer] = replace(held, profile=raised)
        return self.world.people.commit(decision, adopted)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.world.people, name)


def overtaken(world: World, times: int) -> None:
    world.advancing = replace(world.advancing, customers=Rival(world, times))


def test_who_is_overtaken_looks_again_and_sends_once() -> None:
    world = a_world(NOTE)
    overtaken(world, ATTEMPTS - 1)
    assert world.advance(placed()).outcome == "applied"
    assert len(world.accepted) == 1


def test_who_is_overtaken_again_and_again_leaves_it_to_the_queue() -> None:
    world = a_world(NOTE)
    overtaken(world, ATTEMPTS)
    with pytest.raises(Unavailable):
        world.advance(placed())
    assert world.accepted == []


def test_what_a_rival_decided_is_not_decided_again() -> None:
    """The claim is the rival's; whoever lost the race finds it and sends nothing."""
    world = a_world(NOTE)
    rival = World(world.content, memory=world.memory, nonces=100)

    class First:
        done = False

        def commit(self, decision: Decision, adopted: Mapping[Alias, int]) -> ports.Result:
            if not self.done:
                self.done = True
                rival.tell(placed())
            return world.people.commit(decision, adopted)

        def __getattr__(self, name: str) -> Any:
            return getattr(world.people, name)

    world.advancing = replace(world.advancing, customers=First())
    world.advance(placed())
    assert (len(rival.accepted), len(world.accepted)) == (1, 0)


class Forgetful:
    """Writes, and answers that somebody else did: what a client sees that asked twice and missed the first answer."""

    def __init__(self, world: World) -> None:
        self.world = world

    def commit(self, decision: Decision, adopted: Mapping[Alias, int]) -> ports.Result:
        result = self.world.people.commit(decision, adopted)
        return ports.Overtaken() if isinstance(result, ports.Committed) else result

    def __getattr__(self, name: str) -> Any:
        return getattr(self.world.people, name)


def test_who_overtook_themselves_goes_on() -> None:
    world = a_world(TWO)
    world.advancing = replace(world.advancing, customers=Forgetful(world))
    assert world.advance(placed()).outcome == "applied"
    assert world.told() == {"care/note": "sent"}
    assert len(world.accepted) == 1
    assert armed(world) == [world.customer().profile.wake]


# What providers answer


def test_no_answer_leaves_the_claim_in_doubt_with_its_grace_as_the_wake() -> None:
    world = a_world(NOTE, answer=lambda message: None)
    world.tell(placed())
    assert world.told() == {"care/note": "claimed"}
    assert [wake.at for wake in armed(world)] == [NOW + 15 * MINUTE]
    world.to_the_end()
    assert world.told() == {"care/note": "sent: settled by a receipt"}
    assert len(world.accepted) == 1


def test_a_provider_that_is_busy_is_asked_again_later() -> None:
    replies = [Reply("released", "throttled"), Reply("accepted")]
    world = a_world(NOTE, answer=lambda message: replies.pop(0))
    world.tell(placed())
    assert world.told() == {"care/note": "released: throttled"}
    world.to_the_end()
    assert world.told() == {"care/note": "sent"}


def test_a_device_that_its_platform_no_longer_knows_is_forgotten() -> None:
    gone = Reply("refused", "EndpointDisabled", address_gone=True)
    message = a_message("buzz", "transactional", ("push",), push={"title": "Hello", "body": "There"})
    content = a_content(a_journey("care", a_touch("buzz", "order.placed", "buzz")), messages=[message])
    world = World(content, answer=lambda sent: gone)
    world.tell(device("Registered"), placed())
    assert world.told() == {"care/buzz": "failed: EndpointDisabled"}
    assert not world.customer().profile.devices["arn:phone"].live


def test_a_claim_too_old_to_be_used_is_released_and_nobody_is_called() -> None:
    """Ten seconds after its claim the touch may be somebody else's (DESIGN section 5)."""
    world = a_world(NOTE)
    commit = world.people.commit

    class Slow:
        def commit(self, decision: Decision, adopted: Mapping[Alias, int]) -> ports.Result:
            result = commit(decision, adopted)
            if decision.send is not None and world.now == NOW:
                world.now += MINUTE / 5
            return result

        def __getattr__(self, name: str) -> Any:
            return getattr(world.people, name)

    world.advancing = replace(world.advancing, customers=Slow())
    world.tell(placed())
    assert world.accepted == []
    assert world.told() == {"care/note": "released: the claim was too old to be used"}
    world.to_the_end()
    assert world.told() == {"care/note": "sent"}


# What cannot be rendered, what cannot be decided


BROKEN = a_journey("care", a_touch("a", "order.placed", "broken"), a_touch("b", "order.placed", "note"))


def broken_world() -> World:
    content = a_content(BROKEN, messages=[*MESSAGES, a_message("broken", "transactional", subject="{{ nonsense }}")])
    return World(content)


def test_a_message_that_cannot_be_rendered_fails_before_anything_is_committed_and_others_go_on() -> None:
    """keila, parcelvoy: one failed send must not end the journey."""
    world = broken_world()
    world.tell(placed())
    told = world.told()
    assert told["care/a"].startswith("failed: message 'broken', subject, line 1")
    assert told["care/b"] == "sent"
    assert len(world.accepted) == 1


@pytest.fixture
def odd_once_paid(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that fails on whatever tells that the order is paid."""

    def fails(draft: Draft, event: events.Event) -> None:
        if isinstance(event, events.OrderEvent) and event.order.payment_status == "paid":
            raise RuleFailed("odd")
        apply(draft, event)

    monkeypatch.setattr("perennial.decide.apply", fails)


@pytest.mark.usefixtures("odd_once_paid")
def test_an_event_whose_rule_raises_is_parked_and_the_line_goes_on() -> None:
    world = a_world(TWO)
    world.tell(placed(), snapshot(NOW, payment_status="paid"), delivered(NOW))
    assert world.parked() == [("event", "odd")]
    assert "order.delivered" in str(world.customer().enrolments) or world.customer().orders["1001"].parcels
    assert world.customer().parked == 1


def test_a_condition_that_fails_parks_nothing_and_is_told_with_its_journey_and_its_reason() -> None:
    odd = a_journey("odd", a_touch("x", "order.placed"), enrol={"on": "order.placed", "when": "order.items[9].title"})
    world = a_world(odd, NOTE)
    report = world.advance(placed())
    assert world.told() == {"care/note": "sent"}
    assert (report.outcome, world.parked()) == ("applied", [])
    (why,) = report.as_log()["undecided"].items()
    assert why[0] == "odd"
    assert why[1].startswith("condition `order.items[9].title`: ")
    assert "undecided" not in world.advance(placed()).as_log()


@pytest.mark.parametrize(
    ("touch", "why"),
    [
        (a_touch("x", "order.placed", when="order.items[9].title"), "condition `order.items[9].title`: "),
        (a_touch("x", "order.placed", "gone"), "the message gone is not in this deploy"),
    ],
)
def test_a_touch_that_fails_by_a_mistake_in_the_templates_is_told_with_its_reason(
    touch: dict[str, Any], why: str
) -> None:
    world = a_world(a_journey("care", touch))
    told = world.advance(placed()).as_log()["failed"]
    (record,) = world.people.touches("shop", WHO)
    assert (record.state, list(told)) == ("failed", [record.id])
    assert told[record.id].startswith(why)
    assert "failed" not in world.advance(placed()).as_log()


@pytest.mark.usefixtures("odd_once_paid")
def test_while_an_event_is_parked_only_what_the_customer_needs_is_sent() -> None:
    care = a_journey("care", a_touch("tips", "order.delivered"), a_touch("note", "order.delivered", "note"))
    world = a_world(care)
    world.tell(placed(), snapshot(NOW, payment_status="paid"), delivered(NOW))
    assert world.told() == {"care/note": "sent"}
    for parked in world.parking.parked("shop"):
        world.parking.remove(parked)
    world.to_the_end()
    assert world.told() == {"care/note": "sent", "care/tips": "sent"}


def test_a_reason_names_the_place_and_never_the_person() -> None:
    """Law 11: a foreign error may quote anything."""
    world = a_world(NOTE)

    def explode(*_: Any) -> Decision:
        raise KeyError("ann@example.com")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("perennial.advancing.decide", explode)
        report = world.advance(placed())
    assert report.outcome == "parked"
    assert report.reason is not None
    assert "KeyError in explode" in report.reason
    assert "ann@example.com" not in report.reason


def test_a_run_that_fails_after_its_first_commit_still_arms_what_it_committed() -> None:
    """Its answer could not be recorded: the claim is in doubt, and its grace must ring."""
    world = a_world(NOTE)

    def fails_on_answers(customer: Any, inputs: Any, setting: Any) -> Decision:
        if any(isinstance(item, Answer) for item in inputs):
            raise RuleFailed("odd")
        return decide(customer, inputs, setting)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("perennial.advancing.decide", fails_on_answers)
        world.tell(placed())
    assert armed(world) == [world.customer().profile.wake]
    world.to_the_end()
    assert world.told() == {"care/note": "sent: settled by a receipt"}


def test_a_message_whose_making_raises_anything_fails_and_is_not_retried_for_ever() -> None:
    world = a_world(NOTE)

    def explode(*_: Any) -> Any:
        raise ZeroDivisionError("ann@example.com")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("perennial.advancing.compose", explode)
        world.tell(placed())
    assert world.told()["care/note"].startswith("failed: ZeroDivisionError in explode")


# Who owns this


def test_facts_that_waited_at_an_alias_are_adopted_in_the_same_commit() -> None:
    world = a_world(TWO)
    assert world.directory.owner_or_park("shop", Alias("order", "1001"), delivered(NOW), NOW) is None
    world.tell(placed())
    assert world.parked() == []
    order = world.customer().orders["1001"]
    assert "delivered" in order.parcels["p1"].firsts
    assert world.directory.owner("shop", Alias("order", "1001")) == WHO


def test_all_facts_that_waited_are_adopted_and_none_twice() -> None:
    world = a_world(a_journey("care", a_touch("ship", "parcel.shipped", "note", per="parcel")))
    for event in (shipped(NOW, "p1"), shipped(NOW, "p2"), delivered(NOW, "p1")):
        world.directory.owner_or_park("shop", Alias("order", "1001"), event, NOW)
    world.tell(placed())
    assert world.customer().orders["1001"].parcels.keys() == {"p1", "p2"}
    assert world.told() == {"care/ship/p1": "sent", "care/ship/p2": "sent"}


def test_a_fact_that_comes_while_others_are_being_adopted_is_adopted_too() -> None:
    world = a_world(TWO)
    alias = Alias("order", "1001")
    world.directory.owner_or_park("shop", alias, shipped(NOW, "p1"), NOW)
    commit = world.people.commit

    class Busy:
        done = False

        def commit(self, decision: Decision, adopted: Mapping[Alias, int]) -> ports.Result:
            if adopted and not self.done:
                self.done = True
                assert world.directory.owner_or_park("shop", alias, delivered(NOW, "p1"), NOW) is None
            return commit(decision, adopted)

        def __getattr__(self, name: str) -> Any:
            return getattr(world.people, name)

    world.advancing = replace(world.advancing, customers=Busy())
    world.tell(placed())
    assert world.customer().orders["1001"].parcels["p1"].firsts.keys() == {"shipped", "delivered"}


def test_an_email_that_the_door_has_given_to_this_customer_is_theirs() -> None:
    world = a_world(NOTE)
    world.directory.owner_or_claim("shop", Alias("email", "ann@example.com"), WHO)
    world.tell(placed())
    assert world.told() == {"care/note": "sent"}


def test_an_order_owned_by_somebody_else_is_forwarded_and_nothing_is_sent_here() -> None:
    world = a_world(NOTE)
    world.tell(placed(email="bob@example.com"), customer=OTHER)
    report = world.advance(snapshot(NOW + HOUR, contact={"email": "ann@example.com"}))
    assert report == Report("forwarded", WHO, reason=OTHER)
    assert [(customer, lane) for _, customer, lane in world.queue] == [(OTHER, "urgent")]
    assert world.customer() == stranger("shop", WHO)
    world.work()
    assert world.customer(OTHER).orders == {} or world.customer(OTHER).profile.orders == 1


def test_what_joins_the_line_of_a_customer_who_was_merged_goes_to_the_winner() -> None:
    world = a_world(NOTE)
    loser = stranger("shop", WHO)
    merged = replace(loser, profile=replace(loser.profile, redirect=OTHER, version=3))
    world.memory.customers["shop", WHO] = merged
    assert world.advance(placed()) == Report("forwarded", WHO, reason=OTHER)
    assert [customer for _, customer, _ in world.queue] == [OTHER]


# The archive


def test_an_order_that_nobody_needs_any_more_lies_in_the_archive() -> None:
    world = a_world(NOTE)
    world.tell(placed())
    assert world.customer().orders == {}
    assert world.people.archived("shop", WHO, "1001") is not None


@pytest.mark.parametrize("news", [delivered(NOW + HOUR), snapshot(NOW + HOUR, payment_status="paid")])
def test_news_of_an_archived_order_change_it_and_enrol_nobody(news: events.Event) -> None:
    world = a_world(NOTE)
    world.tell(placed(), news)
    order = world.people.archived("shop", WHO, "1001")
    assert order is not None
    assert order.parcels or order.known.payment_status == "paid"
    assert order.sent == {}
    assert order.known.number == "#1001"
    assert world.customer().profile.orders == 1
    assert len(world.accepted) == 1


def test_news_of_an_archived_order_cost_one_more_read() -> None:
    world = a_world(NOTE)
    world.tell(placed())
    world.calls.clear()
    world.tell(delivered(NOW))
    assert [call for call in world.calls if "Customers" in call] == [
        "MemoryCustomers.load",
        "MemoryCustomers.archived",
        "MemoryCustomers.commit",
    ]


def test_an_archived_order_is_not_taken_for_new_by_who_was_overtaken_on_the_way() -> None:
    """First its alias says that it is known, then a rival commits, and everything is loaded again."""
    world = a_world(NOTE)
    world.tell(placed())
    rival = Rival(world, 0)
    results: list[ports.Result] = []

    class Second:
        def commit(self, decision: Decision, adopted: Mapping[Alias, int]) -> ports.Result:
            rival.times = 1 if len(results) == 1 else 0
            results.append(rival.commit(decision, adopted))
            return results[-1]

        def __getattr__(self, name: str) -> Any:
            return getattr(world.people, name)

    world.advancing = replace(world.advancing, customers=Second())
    world.tell(snapshot(NOW + HOUR, placed_at=NOW, payment_status="paid"))
    order = world.people.archived("shop", WHO, "1001")
    assert order is not None
    assert order.known.number == "#1001"
    assert order.known.payment_status == "paid"
    assert world.customer().profile.orders == 1
    assert len(world.accepted) == 1
    assert [type(result) for result in results] == [ports.Taken, ports.Overtaken, ports.Committed]


def test_an_archived_order_comes_back_for_a_journey_that_begins_later() -> None:
    late = a_journey("late", a_touch("tips", "order.delivered + 1 day"), enrol={"on": "order.delivered"})
    world = a_world(NOTE, late)
    world.tell(placed(), delivered(NOW + HOUR))
    assert world.customer().orders.keys() == {"1001"}
    assert world.people.archived("shop", WHO, "1001") is None
    world.to_the_end()
    assert world.told() == {"care/note": "sent", "late/tips": "sent"}
    assert world.people.archived("shop", WHO, "1001") is not None


def test_old_orders_are_not_read_to_handle_a_new_one() -> None:
    """Law 8."""
    world = a_world(NOTE)
    for n in range(20):
        world.now += MINUTE
        world.tell(placed(world.now, str(n)))
    world.calls.clear()
    world.tell(placed(world.now, "new"))
    reads = [call for call in world.calls if call in ("MemoryCustomers.load", "MemoryCustomers.archived")]
    assert reads == ["MemoryCustomers.load"]
    assert len(world.customer().orders) == 0
