"""What was bought, and what its buyer says of it: the same form and the same thanks for one star as for five.

No score is asked for more, shown less or rewarded differently (FTC 16 CFR 465; UK DMCC Act 2024, schedule 20).
"""

from dataclasses import replace

from perennial import facts
from perennial.forms import Form
from perennial.orders import Order
from perennial.page_facts import PageFacts, Reviewed
from perennial.pages import About, Answered, Needs
from perennial.pages.ordered import facts_of, field_of, order_of
from perennial.pages.telling import tell
from perennial.projecting import NO_GOODS

NEEDS: Needs = "order"
LONGEST = 4000
"""Characters of what somebody may write."""

STARS = (1, 2, 3, 4, 5)
MOST = 8
"""Positions on one page: it stays small, and what is still without a review comes first."""


def show(about: About, query: Form) -> PageFacts:
    """An address may carry `?stars=4`: chosen already for the first position, said only when the form is sent."""
    reviews = _reviews(about)
    stars = query.number("stars", 1, 5)
    if stars and reviews:
        reviews = (replace(reviews[0], stars=stars), *reviews[1:])
    return _page(about, "ask", reviews)


def answer(about: About, form: Form) -> Answered:
    """One event for each position that got stars."""
    said = tuple(_filled_in(review, form) for review in _reviews(about))
    problems = _problems(said)
    if problems:
        return Answered(_page(about, "ask", said, problems), status=422)
    given = tuple(review for review in said if review.stars)
    told = tuple(
        tell(
            about,
            "ReviewGiven",
            order_id=order_of(about).id,
            line_id=review.item.line_id,
            stars=review.stars,
            text=review.text or None,
            publish=review.publish,
            touch=about.touch,
        )
        for review in given
    )
    return Answered(_page(about, "done", given), told)


def _reviews(about: About) -> tuple[Reviewed, ...]:
    order = order_of(about)
    goods = [item for item in facts_of(about).order.items if item.kind not in NO_GOODS]
    return tuple(_held(item, order) for item in goods)


def _held(item: facts.Item, order: Order) -> Reviewed:
    field, held = field_of(item.line_id), order.reviews.get(item.line_id)
    if held is None:
        return Reviewed(field, item)
    verdict = held.verdict
    return Reviewed(field, item, verdict.stars, verdict.text or "", verdict.publish, given=True)


def _filled_in(review: Reviewed, form: Form) -> Reviewed:
    field = review.field
    stars, publish = form.number(f"stars-{field}", 1, 5) or 0, form.has(f"publish-{field}")
    return replace(review, stars=stars, text=form.one(f"text-{field}"), publish=publish)


def _problems(said: tuple[Reviewed, ...]) -> tuple[str, ...]:
    starless = not any(review.stars for review in said) or any(review.text and not review.stars for review in said)
    wrong = {"stars": starless, "long": any(len(review.text) > LONGEST for review in said)}
    return tuple(name for name, found in wrong.items() if found)


def _page(about: About, state: str, said: tuple[Reviewed, ...], problems: tuple[str, ...] = ()) -> PageFacts:
    shown = said if state == "done" else _first(said)
    return about.page(state, problems, order=facts_of(about).order, reviews=shown, numbers=STARS)


def _first(reviews: tuple[Reviewed, ...]) -> tuple[Reviewed, ...]:
    """What has just been filled in, then what is without a review, then the rest."""
    return tuple(sorted(reviews, key=lambda review: (review.given, not (review.stars or review.text))))[:MOST]
