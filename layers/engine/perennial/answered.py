"""What a buyer answered about one order: reviews, a score, returns; merged like everything else (law 7)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from perennial import events
from perennial.merging import earliest, newest, stated

Times = Mapping[str, datetime]

STAGES: Mapping[str, str] = {
    "ReturnRequested": "requested",
    "WithdrawalDeclared": "withdrawn",
    "ReturnApproved": "approved",
    "ReturnReceived": "received",
    "ReturnRefunded": "refunded",
    "ReturnExchanged": "exchanged",
    "ReturnClosed": "closed",
}
"""What each event says about how far a return has come."""


@dataclass(frozen=True, slots=True)
class Review:
    """The newest verdict on one position."""

    verdict: events.Verdict
    at: datetime


@dataclass(frozen=True, slots=True)
class Score:
    """The newest opinion of the order, and the last time the shop settled what lay behind it."""

    opinion: events.Opinion = field(default_factory=events.Opinion)
    stamps: Times = field(default_factory=dict)
    settled_at: datetime | None = None

    @property
    def score(self) -> int | None:
        return self.opinion.score

    @property
    def given_at(self) -> datetime | None:
        """When the score that stands was given."""
        return self.stamps.get("score")

    @property
    def detracted_at(self) -> datetime | None:
        """When the low score was given that nobody has settled yet."""
        given = self.given_at
        if given is None or self.score is None or self.score > events.DETRACTOR:
            return None
        return given if self.settled_at is None or self.settled_at < given else None


@dataclass(frozen=True, slots=True)
class Return:
    """One return. `firsts` holds when it first reached each of `STAGES`."""

    id: str
    terms: events.ReturnTerms = field(default_factory=events.ReturnTerms)
    stamps: Times = field(default_factory=dict)
    firsts: Times = field(default_factory=dict)


def review_of(event: events.ReviewGiven) -> Review:
    return Review(events.Verdict(stars=event.stars, text=event.text, publish=event.publish), event.happened_at)


def later(held: Review | None, told: Review) -> Review:
    """The newer of two reviews of one position; the very same object if that is the one there was."""
    return told if held is None or _order_of(told) > _order_of(held) else held


def _order_of(review: Review) -> tuple[datetime, str]:
    return (review.at, review.verdict.model_dump_json())


def learn_score(held: Score, event: events.ScoreEvent) -> Score:
    """The score after one event; the very same object if nothing is new."""
    stamp = event.happened_at
    if event.type == "ScoreSettled":
        if held.settled_at is not None and held.settled_at >= stamp:
            return held
        return Score(held.opinion, held.stamps, stamp)
    said = {name: value for name, value in stated(event).items() if name in events.Opinion.model_fields}
    opinion, stamps = newest(held.opinion, held.stamps, said, stamp)
    return held if opinion is held.opinion else Score(opinion, stamps, held.settled_at)


def learn_return(held: Return, event: events.ReturnEvent) -> Return:
    """The return after one event; the very same object if nothing is new."""
    said = {name: value for name, value in stated(event).items() if name in events.ReturnTerms.model_fields}
    terms, stamps = newest(held.terms, held.stamps, said, event.happened_at)
    firsts = earliest(held.firsts, {STAGES[event.type]: event.happened_at})
    if terms is held.terms and firsts is held.firsts:
        return held
    return Return(held.id, terms, stamps, firsts)
