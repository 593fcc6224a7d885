"""What the YAML in `templates/journeys/` means.

Anchors are moments in the life of an order (`order.placed`, `order.shipped`, `order.delivered` …), of one of its
parcels, refunds or returns (in touches that are `per: parcel` and so on), the sending of another touch
(`touch.care-tips.sent`), the last local day of an offer (`offer.accessories-10.last_day`), or a name from the journey's
own `anchors`.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from perennial.answered import STAGES
from perennial.events import Model
from perennial.remembering import remembered
from perennial.store import Clock, Name
from perennial.timing import Offset, parse_offset

MILESTONES = ("order.placed", "order.paid", "order.shipped", "order.delivered")
"""Moments that every order is expected to reach: touches that hang on them are planned from the first day."""

OCCASIONS = (
    "order.cancelled",
    "order.refunded",
    "order.fully_refunded",
    "order.reviewed",
    "order.scored",
    "order.return_requested",
)
"""Moments that may never come: their touches come into being when they do."""

PARTS = {
    "parcel": (
        "parcel.shipped",
        "parcel.in_transit",
        "parcel.out_for_delivery",
        "parcel.attempt_failed",
        "parcel.ready_for_pickup",
        "parcel.delivered",
        "parcel.delayed",
        "parcel.failed",
    ),
    "refund": ("refund.made",),
    "return": tuple(f"return.{stage}" for stage in STAGES.values()),
}
"""What a touch that is `per: parcel`, `per: refund` or `per: return` may hang on."""

ANCHORS = (*MILESTONES, *OCCASIONS, *(anchor for anchors in PARTS.values() for anchor in anchors))

MOST_STEPS = 1024  # about which answers are remembered

_DEPENDENT = re.compile(r"touch\.([a-z0-9-]+)\.sent|offer\.([a-z0-9-]+)\.last_day")
_MOMENT = re.compile(r"(?P<anchor>[a-z][a-z0-9_.-]*)(?:\s*(?P<sign>[+-])\s*(?P<span>\d+\s+[a-z]+))?")


@dataclass(frozen=True, slots=True)
class Moment:
    """An anchor and how far from it."""

    anchor: str
    offset: Offset = Offset()

    def __str__(self) -> str:
        if self.offset == Offset():
            return self.anchor
        before = min(self.offset.months, self.offset.days, self.offset.minutes) < 0
        return f"{self.anchor} - {self.offset}" if before else f"{self.anchor} + {self.offset}"

    @property
    def depends_on(self) -> tuple[str | None, str | None]:
        """The touch or the offer this moment waits for, as `(touch, offer)`."""
        match = _DEPENDENT.fullmatch(self.anchor)
        return (match[1], match[2]) if match else (None, None)


@dataclass(frozen=True, slots=True)
class When:
    """Moments in order of preference: the first whose anchor is known decides."""

    moments: tuple[Moment, ...]

    def __str__(self) -> str:
        return " or ".join(map(str, self.moments))


def parse_moment(text: str) -> Moment:
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a moment: write an anchor and a span, as in `order.delivered + 3 days`")
    offset = parse_offset(match["span"]) if match["span"] else Offset()
    return Moment(match["anchor"], -offset if match["sign"] == "-" else offset)


def parse_when(value: Any) -> Any:
    """`order.delivered + 3 days or order.shipped + 9 days`. Raises ValueError."""
    if not isinstance(value, str):
        return value
    return When(tuple(parse_moment(part) for part in re.split(r"\s+or\s+", value.strip())))


def _span(value: Any) -> Any:
    return parse_offset(value) if isinstance(value, str) else value


Text = WithJsonSchema({"type": "string"})
WhenText = Annotated[When, BeforeValidator(parse_when), PlainSerializer(str), Text]
Span = Annotated[Offset, BeforeValidator(_span), PlainSerializer(str), Text]
Expression = Annotated[str, Field(min_length=1, description="A Jinja expression over the names of the templates.")]


class Touch(Model):
    """One planned contact. Keys with a space are written with the space."""

    touch: Name
    after: WhenText
    message: Name
    at: Clock | None = Field(default=None, description="The local hour; default for spans of days: the store's.")
    not_before: Clock | None = Field(default=None, alias="not before")
    within: Span | None = Field(default=None, description="The window in which the gates may choose the moment.")
    expires: Span | None = Field(default=None, description="How long after it was due it is still of use.")
    when: Expression | None = None
    unless: Expression | None = None
    hold_while: Expression | None = Field(default=None, alias="hold while")
    offer: Name | None = None
    per: Literal["parcel", "refund", "return"] | None = None
    join: Span | None = Field(default=None, description="Parcels this close together share one message.")

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if self.within is not None and self.expires is not None:
            raise ValueError("`within` and `expires` both end the touch: keep one")
        if self.join is not None and self.per is None:
            raise ValueError("`join` needs `per: parcel`, `per: refund` or `per: return`")
        return self


def _anchors_of(touch: Touch) -> tuple[str, ...]:
    """What a touch may hang on: its own parcel, refund or return where it goes for each of them, else the order."""
    return MILESTONES + OCCASIONS if touch.per is None else PARTS[touch.per]


class Enrol(Model):
    on: Literal[
        "order.placed",
        "order.paid",
        "order.shipped",
        "order.delivered",
        "order.cancelled",
        "order.refunded",
        "order.reviewed",
        "order.scored",
        "order.return_requested",
    ]
    when: Expression | None = None
    once_per: Literal["order", "customer"] = "order"


class Journey(Model):
    journey: Name
    about: str
    priority: int = Field(
        default=50, ge=0, le=100, description="The higher goes first where the cap leaves room for one."
    )
    enrol: Enrol
    goods: tuple[Name, ...] = Field(default=(), description="Kinds or categories its `items` are limited to.")
    anchors: dict[str, WhenText] = {}
    stop: tuple[Literal["order.cancelled", "order.refunded", "order.fully_refunded"], ...] = ()
    patience: Span = Field(default=Offset(days=180), description="How long to wait for what has not happened yet.")
    touches: tuple[Touch, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = [touch.touch for touch in self.touches]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two touches are called {name!r}")
        for name, when in self.anchors.items():
            self._check_moments(f"anchor {name!r}", when, ANCHORS)
        for touch in self.touches:
            per = f" (per: {touch.per})" if touch.per else ""
            self._check_moments(f"touch {touch.touch!r}{per}", touch.after, _anchors_of(touch))
        self._check_circles()
        return self

    def _check_moments(self, who: str, when: When, allowed: tuple[str, ...]) -> None:
        for moment, _ in self.spelt_out(when):
            other, offer = moment.depends_on
            if moment.anchor in allowed:
                continue
            if (other is None and offer is None) or allowed in PARTS.values():
                raise ValueError(f"{who}: unknown anchor {moment.anchor!r}; known: {', '.join(allowed)}")
            if offer is not None and offer not in {entry.offer for entry in self.touches}:
                raise ValueError(f"{who}: no touch of this journey makes the offer {offer!r}")
            if other is not None and (per := self.named(other).per) is not None:
                raise ValueError(f"{who}: {other!r} goes once per {per}, so that nothing can wait for it")

    def _check_circles(self) -> None:
        try:
            TopologicalSorter({touch.touch: self._waits_for(touch) for touch in self.touches}).prepare()
        except CycleError as error:
            circle = error.args[1][::-1]
            raise ValueError(f"touch {circle[0]!r} waits for itself: {' -> '.join(circle)}") from error

    def _waits_for(self, touch: Touch) -> set[str]:
        """The touches that go before this one: those it names, and those that make the offer it speaks of."""
        touches, offers = zip(*(moment.depends_on for moment in self.moments(touch)), strict=True)
        makers = {entry.touch for entry in self.touches if entry.offer is not None and entry.offer in offers}
        return makers | {name for name in touches if name is not None}

    def named(self, name: str) -> Touch:
        """The touch of that name. Raises ValueError."""
        for touch in self.touches:
            if touch.touch == name:
                return touch
        raise ValueError(f"there is no touch {name!r} in journey {self.journey!r}")

    @remembered(MOST_STEPS)
    def moments(self, touch: Touch) -> tuple[Moment, ...]:
        """Where a touch may begin, in order of preference, the journey's own anchor names written out once."""
        return tuple(Moment(moment.anchor, moment.offset) for moment, _ in self.spelt_out(touch.after))

    def spelt_out(self, when: When, seen: tuple[str, ...] = ()) -> tuple[tuple[Moment, tuple[Offset, ...]], ...]:
        """Each moment with the further offsets that named anchors put on top of it, to be added one after the other."""
        result: list[tuple[Moment, tuple[Offset, ...]]] = []
        for moment in when.moments:
            if moment.anchor not in self.anchors:
                result.append((moment, ()))
                continue
            if moment.anchor in seen:
                raise ValueError(f"the anchors go round in a circle: {' -> '.join([*seen, moment.anchor])}")
            inner = self.spelt_out(self.anchors[moment.anchor], (*seen, moment.anchor))
            result += [(base, (*more, moment.offset)) for base, more in inner]
        return tuple(result)


def canonical(journey: Journey) -> str:
    """The journey as JSON that is equal for equal meaning: sorted keys, defaults left out."""
    data = journey.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@remembered(MOST_STEPS)
def version_of(journey: Journey) -> str:
    """The content hash that pins an enrolment to what it began with."""
    return hashlib.sha256(canonical(journey).encode()).hexdigest()[:16]
