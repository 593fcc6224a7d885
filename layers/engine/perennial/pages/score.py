"""Would somebody recommend the shop, 0 to 10, and why? An address may name the number; only a POST says it."""

from perennial.forms import Form
from perennial.page_facts import PageFacts, Score
from perennial.pages import About, Answered, Needs
from perennial.pages.ordered import facts_of, order_of
from perennial.pages.review import LONGEST
from perennial.pages.telling import tell

NEEDS: Needs = "order"
SCALE = tuple(range(11))


def show(about: About, query: Form) -> PageFacts:
    held = order_of(about).score
    said = Score(held.score, held.opinion.why or "") if held else Score()
    chosen = query.number("score", 0, 10)
    return _page(about, "ask", said if chosen is None else Score(chosen, said.why))


def answer(about: About, form: Form) -> Answered:
    said = Score(form.number("score", 0, 10), form.one("why"))
    problems = tuple(name for name, wrong in _wrong(said).items() if wrong)
    if problems:
        return Answered(_page(about, "ask", said, problems), status=422)
    fields = {"order_id": order_of(about).id, "score": said.value, "why": said.why or None, "touch": about.touch}
    return Answered(_page(about, "done", said), (tell(about, "ScoreGiven", **fields),))


def _wrong(said: Score) -> dict[str, bool]:
    return {"score": said.value is None, "long": len(said.why) > LONGEST}


def _page(about: About, state: str, said: Score, problems: tuple[str, ...] = ()) -> PageFacts:
    return about.page(state, problems, order=facts_of(about).order, score=said, numbers=SCALE)
