"""Answers that are kept for the very same objects."""

from perennial.remembering import remembered


class Asked:
    """A function of one or two values, and how often it was truly asked."""

    def __init__(self, most: int) -> None:
        self.times = 0
        self.answer = remembered(most)(self._ask)

    def _ask(self, *values: list[int]) -> list[int]:
        self.times += 1
        return [number for value in values for number in value]


def test_the_very_same_object_is_asked_about_once() -> None:
    asked, value = Asked(8), [1]
    assert asked.answer(value) is asked.answer(value)
    assert asked.times == 1


def test_an_equal_object_is_another_one() -> None:
    asked = Asked(8)
    assert (asked.answer([1]), asked.answer([1]), asked.times) == ([1], [1], 2)


def test_all_values_count_and_their_order() -> None:
    asked, one, two = Asked(8), [1], [2]
    assert [asked.answer(one, two), asked.answer(two, one), asked.answer(one)] == [[1, 2], [2, 1], [1]]
    assert asked.answer(one, two) == [1, 2]
    assert asked.times == 3


def test_what_is_gone_is_never_taken_for_what_stands_in_its_place() -> None:
    """Python gives the id of a dead object to the next one: kept values do not die."""
    asked = Asked(1_000)
    assert all(asked.answer([number]) == [number] for number in range(500))


def test_no_more_is_kept_than_was_said() -> None:
    asked, values = Asked(3), [[number] for number in range(4)]
    for value in values:
        asked.answer(value)
    assert asked.answer(values[3]) == [3]
    assert asked.times == 4
    assert asked.answer(values[0]) == [0]
    assert asked.times == 5
