"""Keys change while webhooks and links are under way: the shop's webhook secret, and the key that signs links.

The new secret is valid at once and the one before it for some days; the shop begins to use the new one when somebody
gets round to it. Links in old messages go on working for ever, as far as their key is concerned.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from perennial.adapters.memory_looks import MemoryLinkKeys
from perennial.links import KeyRing
from perennial.platforms import Secrets
from perennial_cli.simulation.chance import Luck

OLD, NEW = "c2ltdWxhdGVkIHNlY3JldCBvZiBhIHNob3A=", "YW5vdGhlciBzZWNyZXQgb2YgdGhhdCBzaG9w"
FORGED = "c29tZWJvZHkgZWxzZSdzIGlkZWEgb2YgaXQ="
NEVER = datetime.max.replace(tzinfo=UTC)
OVERLAP = timedelta(days=3)
"""After which the secret of before is taken away."""

FIRST, SECOND = KeyRing(1, {1: b"k" * 16}), KeyRing(2, {1: b"k" * 16, 2: b"l" * 16})


@dataclass(slots=True)
class Keys:
    """`follows` is when the shop signs with its new secret, `turns` when links are signed with the new key. Pages are
    another process than what sends: they learn of a key when they meet it.
    """

    now: Callable[[], datetime]
    changes: datetime = NEVER
    follows: datetime = NEVER
    turns: datetime = NEVER
    pages: MemoryLinkKeys = field(default_factory=lambda: MemoryLinkKeys(FIRST, SECOND))

    def plan(self, begins: datetime, ends: datetime, luck: Luck) -> None:
        self.changes = begins + (ends - begins) * luck.uniform(0.2, 0.6)
        self.follows = self.changes + OVERLAP * luck.uniform(0.1, 0.9)
        self.turns = begins + (ends - begins) * luck.uniform(0.2, 0.6)

    def webhook(self, store: str, platform: str) -> Secrets:
        if self.now() < self.changes:
            return Secrets(OLD)
        return Secrets(NEW, OLD if self.now() < self.changes + OVERLAP else None)

    @property
    def shops(self) -> str:
        """What the shop signs with."""
        return OLD if self.now() < self.follows else NEW

    @property
    def stage(self) -> str:
        """Which secret the shop signs with, in words."""
        if self.now() < self.changes:
            return "the only secret"
        return "the older secret" if self.now() < self.follows else "the newer secret"

    @property
    def forgers(self) -> str:
        """What somebody signs with who is not the shop: the old secret, once that is worth nothing any more."""
        return OLD if self.now() > self.changes + OVERLAP else FORGED

    @property
    def ring(self) -> KeyRing:
        return FIRST if self.now() < self.turns else SECOND
