"""The shoppers of a simulated shop: who they are, where they live, how they take what they are sent."""

import random
from dataclasses import dataclass
from zoneinfo import ZoneInfo

PLACES: tuple[tuple[str, str | None, str, str], ...] = (
    ("GB", None, "Europe/London", "+44791112{:04d}"),
    ("GB", None, "Europe/London", "+44791113{:04d}"),
    ("GB", None, "Europe/London", "+44791114{:04d}"),
    ("DE", None, "Europe/Berlin", "+491511234{:04d}"),
    ("FR", None, "Europe/Paris", "+3361234{:04d}"),
    ("US", "NY", "America/New_York", "+1917230{:04d}"),
    ("US", "CA", "America/Los_Angeles", "+1415230{:04d}"),
    ("US", None, "Pacific/Honolulu", "+1808230{:04d}"),
    ("AU", "NSW", "Australia/Sydney", "+6141234{:04d}"),
    ("AU", None, "Australia/Perth", "+6141235{:04d}"),
    ("JP", None, "Asia/Tokyo", "+81901234{:04d}"),
)
"""Country and region as the shop hears of them, and where they truly live: consistent, but not always told."""

MARK = "Zqx9"
"""In everything personal, so that it is found wherever it should not be (law 11). No minted id holds a 9."""


TWO_ADDRESSES = 0.15
"""How many order now under one address and now under another."""

TWO_NUMBERS = 0.3
"""How many want texts to another number than they order with."""


@dataclass(frozen=True, slots=True)
class Person:
    number: int
    first_name: str
    email: str
    customer_id: str | None
    phone: str | None
    device: str | None
    country: str
    region: str | None
    zone: ZoneInfo
    mailbox: str
    patience: float
    other_email: str | None = None
    other_phone: str | None = None

    @property
    def emails(self) -> tuple[str, ...]:
        """Under which they order: whoever has two is two customers, until the shop learns that they are one."""
        return (self.email, self.other_email) if self.other_email else (self.email,)

    @property
    def phones(self) -> tuple[str, ...]:
        """The last one is where texts are welcome that no order needs."""
        return tuple(number for number in (self.phone, self.other_phone) if number)


def aside(chance: random.Random, what: str) -> random.Random:
    """A source of its own for what was added later, so that older seeds go on telling the stories they told."""
    return random.Random(f"{chance.getstate()[1][:8]}:{what}")  # noqa: S311  a simulation repeats itself, by design


def a_person(shop: int, number: int, chance: random.Random) -> Person:
    torn = aside(chance, f"torn {number}").random() < TWO_ADDRESSES
    two_phones = aside(chance, f"numbers of {number}").random() < TWO_NUMBERS
    country, region, zone, phone = chance.choice(PLACES)
    name = f"{MARK}{shop}p{number}"
    return Person(
        number=number,
        first_name=f"{name}ann",
        email=f"{name.lower()}@example.{chance.choice(('com', 'net'))}",
        customer_id=f"{name}c" if chance.random() < 0.4 else None,
        phone=phone.format(number % 10_000) if chance.random() < 0.6 else None,
        device=f"arn:aws:sns:eu-west-1:1:endpoint/GCM/shop/{name}" if chance.random() < 0.15 else None,
        country=country,
        region=region,
        zone=ZoneInfo(zone),
        mailbox=chance.choices(("good", "dead", "full"), (94, 4, 2))[0],
        patience=chance.choice((0.3, 1.0, 1.0, 2.0)),
        other_email=f"{name.lower()}@work.example.com" if torn else None,
        other_phone=phone.format((number + 5_000) % 10_000) if two_phones else None,
    )
