"""What comes back: the reports of providers that change a decision, and what shoppers answer on their pages.

Each joins its customer's line as any other event does. An answer from a page has a derived id, so that pressing twice
is one answer; `touch` names the message whose link led there.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from perennial.parts import Channel, Event, Instant, Line, LineQuantity, Model, OrderId

Remark = Annotated[str, Field(max_length=4000)]
"""What a shopper wrote in their own words."""

DETRACTOR = 6
"""The highest score, of 0 to 10, of somebody who would not recommend the shop (the scale's own definition)."""


class AddressEvent(Event):
    """An address that nothing may go to any more, of any class: bounced for good, opted out, somebody else's."""

    type: Literal["AddressBounced", "AddressOptedOut", "AddressDisowned"]
    channel: Channel
    address: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    touch: str | None = None


class MessageComplained(Event):
    """Somebody reported a message as unwanted."""

    type: Literal["MessageComplained"]
    channel: Channel
    address: str | None = None
    touch: str | None = None
    reason: str | None = None


class LinkClicked(Event):
    """A person pressed a link; a machine's click is none (law 12). `link` is its purpose or host, never the address."""

    type: Literal["LinkClicked"]
    touch: str
    link: str | None = None


class MessagesRested(Event):
    """The customer asked for quiet until then; None: the rest is over."""

    type: Literal["MessagesRested"]
    until: Instant | None


class TouchEvent(Event):
    """One planned touch that the customer does not want, or wants after all."""

    type: Literal["TouchDeclined", "TouchWanted"]
    enrolment: str
    key: str


class Verdict(Model):
    """What a buyer says about one position of their order."""

    stars: int = Field(ge=1, le=5)
    text: Remark | None = None
    publish: bool = Field(default=False, description="Whether the shop may show it.")


class ReviewGiven(Verdict, Event):
    type: Literal["ReviewGiven"]
    order_id: OrderId
    line_id: str = Field(min_length=1)
    touch: str | None = None


class Opinion(Model):
    """Would you recommend us, 0 to 10, and why."""

    score: int | None = Field(default=None, ge=0, le=10)
    why: Remark | None = None


class ScoreEvent(Opinion, Event):
    """A score, or word from the shop that what lay behind a low one is settled."""

    type: Literal["ScoreGiven", "ScoreSettled"]
    order_id: OrderId
    touch: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.type == "ScoreGiven" and self.score is None:
            raise ValueError("score: a score was given, so say which")
        return self


class ReturnTerms(Model):
    """What is sent back and what is wanted for it; `replacements` are what an exchange brought.

    The `note` of a withdrawal is the name in which it was declared: the receipt repeats it, and the law asks no reason.
    """

    lines: tuple[LineQuantity, ...] = Field(default=(), description="Empty: everything that was bought.")
    wish: Literal["refund", "exchange", "credit"] | None = None
    reason: str | None = Field(default=None, max_length=200)
    note: Remark | None = None
    replacements: tuple[Line, ...] = ()


class ReturnEvent(ReturnTerms, Event):
    """One step of a return. Absent fields leave earlier facts alone. `WithdrawalDeclared` is the EU's right of
    withdrawal (Directive 2011/83/EU art. 9 and 11a): it needs nobody's approval.
    """

    type: Literal[
        "ReturnRequested",
        "ReturnApproved",
        "ReturnReceived",
        "ReturnRefunded",
        "ReturnExchanged",
        "ReturnClosed",
        "WithdrawalDeclared",
    ]
    order_id: OrderId
    return_id: str = Field(min_length=1, max_length=100)
    touch: str | None = None
