"""A small shop whose messages have gone out, and somebody who opens the pages their links lead to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from perennial import events, links
from perennial.adapters.memory_looks import MemoryLinkKeys, MemoryLooks, MemoryTelling
from perennial.content import Content
from perennial.customer import touch_id
from perennial.links import PATHS, Purpose
from perennial.outside import ForServing
from perennial.pages.ordered import field_of
from perennial.serving import Shown, Visit, serve
from perennial_cli.page_files import read_pages
from tests.unit.core.builders import FRIDGE, KETTLE, NOW, WHO, a_content, a_journey, a_store, a_touch, placed
from tests.unit.core.world import World

ROOT = Path(__file__).resolve().parents[3]
RING = links.KeyRing(1, {1: b"k" * 16})
FORM = "application/x-www-form-urlencoded"
CARE = a_journey(
    "care",
    a_touch("thanks", "order.placed", "thanks"),
    a_touch("survey", "order.placed + 1 hour", "survey"),
    a_touch("tips", "order.placed + 3 days", "tips"),
    a_touch("offer", "order.placed + 20 days", "offer", offer="tenth"),
)


@cache
def page_sources() -> Mapping[str, str]:
    """The real pages."""
    return read_pages(ROOT / "templates", ROOT).compiled


def page_content(*journeys: Any, **store: Any) -> Content:
    return replace(a_content(*(journeys or (CARE,)), store=a_store(**store)), pages=page_sources())


@dataclass
class Shop:
    """One customer, Ann, with one order of a kettle and a fridge; `thanks` has gone out to her."""

    world: World
    keys: MemoryLinkKeys

    @property
    def serving(self) -> ForServing:
        return ForServing(
            looks=MemoryLooks(self.world.memory),
            line=lambda: MemoryTelling(self.world.advancing.line.join),
            link_keys=self.keys,
            content=self.world.content,
            now=lambda: self.world.now,
        )

    def token(self, purpose: Purpose, touch: str = "thanks", store: str = "shop", at: datetime | None = None) -> str:
        named = touch_id("shop", "care:1001", touch)
        return links.sign(RING, purpose, store, WHO, named, at or self.world.now)

    def visit(self, purpose: Purpose, method: Any = "GET", touch: str = "thanks", **fields: Any) -> Shown:
        token = fields.pop("token", None) or self.token(purpose, touch)
        return serve(Visit(method, PATHS[purpose], token, self.world.now, **fields), self.serving)

    def post(self, purpose: Purpose, touch: str = "thanks", token: str | None = None, **form: Any) -> Shown:
        """Fields with a dash are written with an underscore, those of a position as `stars_l1`."""
        fields = {_spelt(name): value for name, value in form.items()}
        body = urlencode(fields).encode()
        return self.visit(purpose, "POST", touch, token=token, content_type=FORM, body=body)

    def said(self) -> list[events.Event]:
        """What joined the line and has not been worked off."""
        return [event for event, _, _ in self.world.queue]


def _spelt(name: str) -> str:
    head, _, line = name.rpartition("_")
    return f"{head}-{field_of(line)}" if line.startswith("l") and line[1:].isdigit() else name.replace("_", "-")


def a_shop(content: Content | None = None, **order: Any) -> Shop:
    world = World(content or page_content())
    world.advance(placed(NOW, **{"lines": [KETTLE, FRIDGE], **order}))
    return Shop(world, MemoryLinkKeys(RING))
