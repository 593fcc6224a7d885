"""People who answer on their pages: they open one, read its form, press one of its buttons, and some think again.

What a form asks is read off the page as it is shown, as a browser would read it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from perennial_cli.simulation.chance import Luck
from perennial_cli.simulation.people import MARK

if TYPE_CHECKING:
    from perennial_cli.simulation.world import World

Fields = Sequence[Mapping[str, str]]
"""The attributes of everything on a page that can be filled in or pressed."""

Press = tuple[timedelta, Mapping[str, str]]
"""How long after the one before, and what is sent."""

AT_ONCE, SOON = timedelta(), timedelta(minutes=2)
TRIED_AGAIN, MOST_TRIES = timedelta(hours=2), 20
"""When a page is opened once more that could not be shown."""

TWICE, THINKS_AGAIN = 0.15, 0.4
"""How many press a button twice, and how many take their word back some time later."""

ANSWERS: Mapping[str, tuple[str, float]] = {
    "chooses what to get": ("p", 0.010),
    "asks for a rest": ("p", 0.008),
    "skips a message": ("p", 0.010),
    "leaves and comes back": ("u", 0.004),
    "writes a review": ("r", 0.010),
    "asks for a return": ("x", 0.003),
    "withdraws": ("x", 0.003),
}
"""What people do with a message that leads to that page, and how many of them. A score, a farewell and "never meant for
me" are pressed without a look (providers.py).
"""


class Answering:
    """`begin` is somebody who follows a link in order to answer."""

    def __init__(self, world: "World") -> None:
        self.world = world

    def begin(self, what: str, link: str, name: str, tries: int = 0) -> None:
        world = self.world
        shown = world.visit("GET", link, name, b"")
        if shown is None:
            if tries < MOST_TRIES:
                world.later(world.now + TRIED_AGAIN, partial(self.begin, what, link, name, tries + 1))
            return
        if shown.status != 200:
            return
        luck, at = world.faults.luck(f"{name} {what}: how"), world.now
        for after, form in FORMS[what](_fields(shown.body), luck):
            at += after + SOON
            for again in range(2 if luck.random() < TWICE else 1):
                body = urlencode(form).encode()
                world.later(at + timedelta(seconds=3 * again), partial(world.visit, "POST", link, name, body))


class _Reader(HTMLParser):
    """What an HTML page lets somebody fill in or press."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("input", "button", "textarea", "select"):
            self.found.append({name: value or "" for name, value in attrs})


def _fields(page: str) -> Fields:
    reader = _Reader()
    reader.feed(page)
    return [told for told in reader.found if "name" in told]


def boxes_of(page: str) -> dict[str, bool]:
    """Whether each box of a page is ticked, by its name."""
    return {told["name"]: "checked" in told for told in _fields(page) if told.get("type") == "checkbox"}


def _choose(fields: Fields, luck: Luck) -> list[Press]:
    """One box is ticked, or is not any more; the others are sent as they are shown."""
    boxes = {told["name"]: "checked" in told for told in fields if told.get("type") == "checkbox"}
    if not boxes:
        return []
    other = luck.choice(sorted(boxes))
    ticked = {box: "yes" for box, was in boxes.items() if was != (box == other)}
    return [(AT_ONCE, {**_unasked(fields), **ticked, "do": "save"})]


def _rest(fields: Fields, luck: Luck) -> list[Press]:
    if "rest" not in _buttons(fields):
        return [(AT_ONCE, {"do": "resume"})]
    ends = [(timedelta(days=luck.between(1, 20)), {"do": "resume"})] if luck.random() < THINKS_AGAIN else []
    return [(AT_ONCE, {"do": "rest"}), *ends]


def _skip(fields: Fields, luck: Luck) -> list[Press]:
    planned = [told.partition(":")[2] for told in _buttons(fields) if told.startswith("skip:")]
    if not planned:
        return []
    touch, after = luck.choice(planned), timedelta(hours=luck.between(0, 100))
    wanted = [(after, {"do": f"want:{touch}"})] if luck.random() < THINKS_AGAIN else []
    return [(AT_ONCE, {"do": f"skip:{touch}"}), *wanted]


def _come_back(fields: Fields, luck: Luck) -> list[Press]:
    return [(AT_ONCE, {"do": "leave"}), (timedelta(minutes=luck.between(0, 3000)), {"do": "undo"})]


def _review(fields: Fields, luck: Luck) -> list[Press]:
    """One position of those that are shown."""
    places = sorted({told["name"].partition("-")[2] for told in fields if told["name"].startswith("stars-")})
    if not places:
        return []
    place = luck.choice(places)
    words = {f"text-{place}": f"{MARK} thinks so", f"publish-{place}": "yes"} if luck.random() < THINKS_AGAIN else {}
    return [(AT_ONCE, {f"stars-{place}": str(luck.between(1, 6)), **words})]


def _return(fields: Fields, luck: Luck) -> list[Press]:
    piece = _one_piece(fields, luck)
    said = {"wish": luck.choice(("refund", "exchange", "credit")), "reason": "damaged", "note": MARK}
    return [(AT_ONCE, {**_unasked(fields), **piece, **said, "do": "request"})] if piece else []


def _withdraw(fields: Fields, luck: Luck) -> list[Press]:
    """In two steps, as the law wants it; where the time for it is over, nobody is offered it."""
    piece = _one_piece(fields, luck) if "declare" in _buttons(fields) else {}
    said = {**_unasked(fields), **piece, "name": MARK}
    return [(AT_ONCE, {**said, "do": "declare"}), (AT_ONCE, {**said, "do": "confirm"})] if piece else []


def _one_piece(fields: Fields, luck: Luck) -> dict[str, str]:
    places = sorted({told["name"] for told in fields if told["name"].startswith("quantity-")})
    return {luck.choice(places): "1"} if places else {}


def _unasked(fields: Fields) -> dict[str, str]:
    """What a form sends along that nobody fills in."""
    return {told["name"]: told["value"] for told in fields if told.get("type") == "hidden"}


def _buttons(fields: Fields) -> list[str]:
    return [told.get("value", "") for told in fields if told["name"] == "do"]


FORMS: Mapping[str, Callable[[Fields, Luck], list[Press]]] = {
    "chooses what to get": _choose,
    "asks for a rest": _rest,
    "skips a message": _skip,
    "leaves and comes back": _come_back,
    "writes a review": _review,
    "asks for a return": _return,
    "withdraws": _withdraw,
}
