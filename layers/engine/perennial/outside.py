"""Everything a use case needs from outside, in one hand: ports, content, clock and mint."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perennial import ports
    from perennial.content import Content
    from perennial.events import Channel
    from perennial.links import KeyRing
    from perennial.receipts import OptedOut, ReceiptBook


@dataclass(frozen=True, slots=True)
class ForReceiving:
    """`now` is the only clock; `mint_customer` and `mint_nonce` are the only sources of chance."""

    directory: "ports.Directory"
    line: "ports.Line"
    parking: "ports.Parking"
    secrets: "ports.SecretStore"
    content: "Content"
    now: Callable[[], datetime]
    mint_customer: Callable[[], str]
    mint_nonce: Callable[[], str]


@dataclass(frozen=True, slots=True)
class ForAdvancing:
    """`now` is the only clock; `mint_nonce` and `mint_customer` are the only sources of chance."""

    customers: "ports.Customers"
    directory: "ports.Directory"
    traces: "ports.Traces"
    bodies: "ports.Bodies"
    line: "ports.Line"
    timers: "ports.Timers"
    senders: "Mapping[Channel, ports.Sender]"
    pauses: "ports.Pauses"
    versions: "ports.Versions"
    content: "Content"
    link_keys: "KeyRing"
    now: Callable[[], datetime]
    mint_nonce: Callable[[], str]
    mint_customer: Callable[[], str]


@dataclass(frozen=True, slots=True)
class ForServing:
    """The line is opened by the first answer: most visitors only look."""

    looks: "ports.Looks"
    line: "Callable[[], ports.Telling]"
    link_keys: "ports.LinkKeys"
    content: "Content"
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class ForSweeping:
    overdue: "ports.Overdue"
    line: "ports.Line"
    content: "Content"
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class ForRecording:
    """Line and parking are opened by the first report that needs them: most are settled without."""

    book: "ReceiptBook"
    opted_out: "OptedOut"
    open_line: "Callable[[], ports.Line]"
    open_parking: "Callable[[], ports.Parking]"
    now: Callable[[], datetime]
