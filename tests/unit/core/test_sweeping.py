"""The sweep: bounded however much is late, fair, repeatable, and quieter and quieter about what it cannot help."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from perennial import events, sweeping
from perennial.adapters.memory import Memory, MemoryCustomers, MemoryDirectory, MemoryParking
from perennial.adapters.memory_effects import MemoryLine
from perennial.adapters.memory_overdue import MemoryOverdue
from perennial.customer import Lane, Wake, stranger
from perennial.decide import Decision
from perennial.identity import Alias
from perennial.outside import ForSweeping
from perennial.ports import Parked
from perennial.sweeping import Swept, sweep
from tests.unit.core.builders import DAY, HOUR, MINUTE, NOW, a_content, a_journey, a_touch, consented, shipment


@dataclass
class Late:
    """A store with customers whose wakes were lost, and a line that only remembers."""

    now: datetime = NOW
    memory: Memory = field(default_factory=Memory)
    joined: list[tuple[events.Event, str, Lane]] = field(default_factory=list)
    seconds_a_call: float = 0

    def __post_init__(self) -> None:
        self.outside = ForSweeping(
            overdue=MemoryOverdue(self.memory),
            line=MemoryLine(self._join),
            content=a_content(a_journey("care", a_touch("tips", "order.placed"))),
            now=lambda: self.now,
        )

    def _join(self, event: events.Event, customer: str, lane: Lane) -> None:
        self.now += timedelta(seconds=self.seconds_a_call)
        self.joined.append((event, customer, lane))

    def wakes(self, count: int, at: datetime, lane: Lane = "patient") -> None:
        for n in range(count):
            before = stranger("shop", f"c{n:015}")
            profile = replace(before.profile, version=1, commit="x", wake=Wake(at, 1, lane), wakes=1)
            MemoryCustomers(self.memory).commit(Decision(before, replace(before, profile=profile)), {})

    def run(self) -> Swept:
        swept, nobodys = sweep(self.outside)
        assert (nobodys.store, nobodys.wakes) == ("-", 0)
        return swept


def test_a_wake_is_late_after_half_an_hour_and_not_before() -> None:
    late = Late()
    late.wakes(1, NOW - 29 * MINUTE)
    assert late.run().wakes == 0
    late.now += MINUTE
    assert late.run().wakes == 1


@pytest.mark.parametrize("lane", ["urgent", "patient"])
def test_a_late_wake_joins_its_own_lane_and_carries_no_number(lane: Lane) -> None:
    late = Late()
    late.wakes(1, NOW - DAY, lane)
    late.run()
    ((event, customer, joined),) = late.joined
    assert isinstance(event, events.WakeDue)
    assert (event.n, event.customer, customer, joined) == (0, customer, "c000000000000000", lane)


def test_however_many_are_late_a_run_is_bounded_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "MOST", 40)
    late = Late()
    late.wakes(100, NOW - DAY)
    assert [late.run().wakes for _ in range(3)] == [40, 40, 20]
    assert set(Counter(customer for _, customer, _ in late.joined).values()) == {1}, (
        "nobody twice before everybody once"
    )


def test_a_run_stops_when_its_time_is_over_and_nothing_is_lost() -> None:
    late = Late(seconds_a_call=10)
    late.wakes(100, NOW - DAY)
    first = late.run().wakes
    assert first == 24, "four minutes of ten seconds"
    while len(late.joined) < 100:
        late.run()
    assert len({customer for _, customer, _ in late.joined}) == 100


def test_a_run_that_dies_repeats_at_most_one_thing() -> None:
    late = Late()
    late.wakes(10, NOW - DAY)
    with pytest.raises(RuntimeError):
        _die_in_the_middle(late)
    late.run()
    told = Counter(customer for _, customer, _ in late.joined)
    assert (len(told), sum(told.values()) - len(told)) == (10, 1)


def _die_in_the_middle(late: Late) -> None:
    class Dying(MemoryOverdue):
        def put_off(self, met: object, until: datetime) -> None:
            if len(late.joined) == 5:
                raise RuntimeError("the process is gone")
            super().put_off(met, until)  # type: ignore[arg-type]  # the twin's own value

    list(sweep(replace(late.outside, overdue=Dying(late.memory))))


def test_what_cannot_be_helped_is_told_of_ever_more_rarely() -> None:
    late = Late()
    fact = shipment("Shipped", NOW, order="404")
    MemoryDirectory(late.memory).owner_or_park("shop", Alias("order", "404"), fact, NOW)
    told = []
    for hour in range(24 * 80):
        late.now = NOW + HOUR * hour
        if late.run().waiting:
            told.append(hour // 24)
    assert told == [1, 1, 3, 7, 15, 30, 61]
    assert late.joined == []


def test_what_is_told_of_people_who_never_bought_is_counted_apart_and_has_an_end() -> None:
    late = Late()
    directory, account = MemoryDirectory(late.memory), Alias("customer", "7")
    directory.owner_or_park("shop", account, consented("Given", NOW, contact={"customer_id": "7"}), NOW)
    met, ended = [], []
    for hour in range(24 * 402):
        late.now = NOW + HOUR * hour
        swept = late.run()
        assert swept.waiting == 0
        met += [hour // 24] if swept.newcomers else []
        ended += [hour] * swept.given_up
    assert met[:6] == [1, 1, 3, 7, 15, 30]
    assert ended == [24 * 400]
    assert MemoryParking(late.memory).parked("shop") == []


def test_whoever_is_told_of_again_is_kept_from_then_on() -> None:
    late = Late()
    directory, account = MemoryDirectory(late.memory), Alias("customer", "7")
    for at in (NOW, NOW + 300 * DAY):
        directory.owner_or_park("shop", account, consented("Given", at, contact={"customer_id": "7"}), at)
    late.now = NOW + 699 * DAY
    assert (late.run().newcomers, late.run().given_up) == (2, 0)
    late.now = NOW + 700 * DAY
    assert late.run().given_up == 2


def test_what_is_told_of_somebody_who_has_bought_since_joins_their_line_however_old_it_is() -> None:
    late = Late()
    directory, account = MemoryDirectory(late.memory), Alias("customer", "7")
    directory.owner_or_park("shop", account, consented("Given", NOW, contact={"customer_id": "7"}), NOW)
    directory.owner_or_claim("shop", account, "somebody")
    late.now += 500 * DAY
    assert late.run() == Swept("shop", facts=1)


def test_facts_join_their_owner_as_soon_as_there_is_one() -> None:
    late = Late()
    directory, order = MemoryDirectory(late.memory), Alias("order", "404")
    directory.owner_or_park("shop", order, shipment("Shipped", NOW, order="404"), NOW)
    directory.owner_or_claim("shop", order, "somebody")
    late.now += DAY
    assert late.run() == Swept("shop", facts=1)
    assert [(event.type, customer) for event, customer, _ in late.joined] == [("ShipmentShipped", "somebody")]
    assert late.run() == Swept("shop")


def test_reports_that_nobody_could_read_are_told_of_as_well() -> None:
    late = Late()
    MemoryParking(late.memory).park(Parked("ses:1", "-", "report", "odd", NOW, "{}"))
    late.now += DAY
    shop, nobodys = sweep(late.outside)
    assert (shop, nobodys) == (Swept("shop"), Swept("-", waiting=1))
