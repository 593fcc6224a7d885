"""The receipts of touches, in memory and in DynamoDB: one write each, the same end in every order, no ghosts."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, cast

import pytest

from perennial import ports
from perennial.adapters.opted_out import SnsOptedOut
from perennial.adapters.receipts import DynamoReceipts
from perennial.customer import Claim, Touch, stranger
from perennial.draft import Ending, Send
from perennial.errors import Misconfigured, Unavailable
from perennial.gates import Go
from perennial.links import customer_id
from perennial.planning import Planned
from perennial.receipts import KINDS, MOST_CLICKS, Click, First, Kind, Receipts, TouchRef
from tests.adapters import worlds
from tests.adapters.cloud import NOON, PEPPER, TABLE, Cloud, calls, client, fault, items
from tests.adapters.people import ANNA, BERT, STORE, commit, decision, touch
from tests.adapters.worlds import World

REF = TouchRef(STORE, ANNA, touch().id)
PHONE = "+447700900123"
MINUTE = timedelta(minutes=1)


def at(minutes: float, words: str = "") -> First:
    return First(NOON + minutes * MINUTE, words)


def click(minutes: float, link: str = "order", *reasons: str) -> Click:
    return Click(NOON + minutes * MINUTE, link, "0a1b2c", reasons)


def sent(world: World, customer: str = ANNA) -> None:
    made = touch(channel="email")
    claim = Claim("care:1001", "tips", "n", NOON, NOON + MINUTE, "email", "feedback")
    known = commit(world.customers, stranger(STORE, customer), touches=[made], claims={made.id: claim})
    commit(world.customers, known, claims={}, endings=[Ending(made.id, "sent", NOON, None, "ses-1")])


def record(world: World) -> Touch:
    (found,) = world.customers.touches(STORE, ANNA)
    return found


# --- firsts ---


def test_a_report_is_read_with_its_touch(world: World) -> None:
    sent(world)
    told: dict[Kind, First] = {"accepted": at(0), "bounced": at(1, "Permanent NoEmail")}
    assert world.book.note(REF, told)
    assert record(world) == touch(channel="email", state="sent", provider_id="ses-1", receipts=Receipts(told))


def test_a_report_settles_what_is_in_doubt(world: World) -> None:
    """Law 1: the evidence that a claim past its grace is asked for."""
    commit(world.customers, stranger(STORE, ANNA), touches=[touch(channel="email")])
    world.book.note(REF, {"accepted": at(0), "delivered": at(1)})
    assert world.customers.receipts(STORE, ANNA, [REF.touch]) == {REF.touch: NOON}


def test_of_all_moments_the_first_is_kept_in_whatever_order_they_are_told(world: World) -> None:
    told: list[dict[Kind, First]] = [
        {"accepted": at(0), "opened": at(9)},
        {"accepted": at(0), "opened": at(3)},
        {"accepted": at(-5), "delivered": at(1)},
        {"accepted": at(0), "delivered": at(1)},
    ]
    for number, order in enumerate(itertools.permutations(told)):
        ref = replace(REF, customer=customer_id(bytes([number]) * 10))
        made = touch(channel="email")
        commit(world.customers, stranger(STORE, ref.customer), touches=[made])
        for report in (*order, order[0]):
            assert world.book.note(ref, report)
        (found,) = world.customers.touches(STORE, ref.customer)
        assert found.receipts.firsts == {"accepted": at(-5), "opened": at(3), "delivered": at(1)}


def test_of_two_words_for_one_moment_the_same_is_kept_in_both_orders(world: World) -> None:
    sent(world)
    sent(world, BERT)
    for customer, order in ((ANNA, ("a", "b")), (BERT, ("b", "a"))):
        for words in order:
            world.book.note(replace(REF, customer=customer), {"bounced": at(0, words)})
        (found,) = world.customers.touches(STORE, customer)
        assert found.receipts.firsts["bounced"].words == "a"


def test_every_kind_of_report_has_its_place(world: World) -> None:
    sent(world)
    told: dict[Kind, First] = {kind: at(number, kind) for number, kind in enumerate(KINDS)}
    world.book.note(REF, told)
    assert record(world).receipts.firsts == told


@pytest.mark.parametrize(
    "ref", [replace(REF, touch="ffffffffffff"), replace(REF, customer=BERT), replace(REF, store="other")]
)
def test_what_has_no_record_gets_none(world: World, ref: TouchRef) -> None:
    sent(world)
    before = world.customers.touches(ref.store, ref.customer)
    assert world.book.note(ref, {"accepted": at(0)}) is False
    assert world.book.note_click(ref, click(0)) is None
    assert world.customers.touches(ref.store, ref.customer) == before
    assert record(world).receipts == Receipts()


def test_a_report_of_nobody_leaves_nothing_behind(aws: World) -> None:
    aws.book.note(REF, {"accepted": at(0)})
    aws.book.note_click(REF, click(0))
    assert items() == []


def test_a_touch_that_was_given_up_and_reported_late_was_sent(world: World) -> None:
    known = commit(world.customers, stranger(STORE, ANNA), touches=[touch(channel="email")])
    commit(world.customers, known, endings=[Ending(touch().id, "unconfirmed", NOON, "no answer and no receipt")])
    assert record(world).state == "unconfirmed"
    world.book.note(REF, {"accepted": at(60)})
    assert (record(world).state, record(world).reason) == ("sent", "a receipt came after it was given up")


# --- clicks ---


def test_clicks_are_kept_once_each_oldest_first(world: World) -> None:
    sent(world)
    first, second = click(1, "order", "scanner", "too soon"), click(2, "shop.example")
    assert world.book.note_click(REF, second) == (second,)
    for _ in range(2):
        assert world.book.note_click(REF, first) == (first, second)
    assert record(world).receipts.clicks == (first, second)


def test_a_storm_of_clicks_fills_no_record(world: World) -> None:
    sent(world)
    for number in range(MOST_CLICKS):
        world.book.note_click(REF, click(number))
    assert len(world.book.note_click(REF, click(99)) or ()) == MOST_CLICKS + 1, "whoever asks sees that it is too many"
    assert len(record(world).receipts.clicks) == MOST_CLICKS
    assert len(world.book.note_click(REF, click(3)) or ()) == MOST_CLICKS, "one that is known needs no room"


# --- the record and its reports do not get in each other's way ---


def test_random_lives_end_the_same_in_both(cloud: Cloud) -> None:
    for seed in range(8):
        chance, both = Random(seed), (worlds.in_memory(), worlds.on_aws(cloud))
        customer = f"{'abcdefgh'[seed]}aaaaaaaaaaaaaaa"
        for world in both:
            commit(world.customers, stranger(STORE, customer), touches=[touch(channel="email")])
        for _ in range(40):
            ref = TouchRef(STORE, customer, chance.choice([touch().id, "ffffffffffff"]))
            if chance.random() < 0.3:
                pressed = click(chance.randrange(5), chance.choice("ab"))
                twin, real = (world.book.note_click(ref, pressed) for world in both)
                assert twin == real
                continue
            kinds = chance.sample(KINDS, chance.randint(1, 3))
            told = {kind: at(chance.randrange(5), chance.choice(("", "x", "y"))) for kind in kinds}
            noted = [world.book.note(ref, told) for world in both]
            assert noted[0] == noted[1]
        twin_end, real_end = (world.customers.touches(STORE, customer) for world in both)
        assert twin_end == real_end


# --- texts ---


def text_claimed(world: World, number: str = PHONE, customer: str = ANNA) -> ports.Result:
    """The commit that claims a text."""
    made = touch(channel="text")
    claim = Claim("care:1001", "tips", "n", NOON, NOON + MINUTE, "text", "feedback")
    go = Send(made, cast("Planned", None), Go("text", number))
    decided = decision(stranger(STORE, customer), touches=[made], claims={made.id: claim})
    return world.customers.commit(replace(decided, send=go), {})


def text_accepted(world: World, message_id: str = "sns-1", customer: str = ANNA) -> None:
    known = world.customers.load(STORE, customer)
    commit(world.customers, known, claims={}, endings=[Ending(touch().id, "sent", NOON, None, message_id)])


def test_a_texts_message_id_leads_to_its_touch_from_when_it_was_accepted(world: World) -> None:
    text_claimed(world)
    assert world.book.text("sns-1") is None
    text_accepted(world)
    assert world.book.text("sns-1") == REF
    assert world.book.text("sns-2") is None


def test_an_email_needs_no_such_thing(world: World) -> None:
    sent(world)
    assert world.book.text("ses-1") is None


def test_an_accepted_email_writes_what_it_wrote_before(aws: World) -> None:
    sent(aws)
    assert {item["sk"]["S"] for item in items()} == {"L#profile", f"T#{touch().id}"}


def test_a_number_leads_to_everybody_who_was_texted_there(world: World) -> None:
    text_claimed(world)
    text_claimed(world, customer=BERT)
    assert world.book.texted(("+1", PHONE)) == {PHONE: ((STORE, ANNA), (STORE, BERT))}
    assert world.book.texted(()) == {}
    world.book.forget_number(PHONE, STORE, ANNA)
    world.book.forget_number(PHONE, STORE, ANNA)
    assert world.book.texted((PHONE,)) == {PHONE: ((STORE, BERT),)}
    world.book.forget_number(PHONE, STORE, BERT)
    assert world.book.texted((PHONE,)) == {}
    text_claimed(world, customer=BERT)
    world.book.forget_number("+49", STORE, BERT)


def test_a_number_stands_in_no_key_and_leaves_by_itself(aws: World) -> None:
    text_claimed(aws)
    text_accepted(aws)
    assert not [item for item in items() if PHONE in str(item["pk"]) + str(item["sk"])]
    lasting = {item["sk"]["S"]: int(item["ttl"]["N"]) for item in items() if "ttl" in item}
    days = {name: datetime.fromtimestamp(until, NOON.tzinfo) - NOON for name, until in lasting.items()}
    assert days == {"number": timedelta(days=400), "text": timedelta(days=8)}


def test_a_hundred_numbers_are_one_question(aws: World) -> None:
    text_claimed(aws)
    numbers = (PHONE, *(f"+1{number}" for number in range(99)))
    with calls(client("dynamodb")) as asked:
        assert aws.book.texted(numbers) == {PHONE: ((STORE, ANNA),)}
    assert [operation for operation, _ in asked] == ["BatchGetItem"]


# --- costs and faults ---


def test_a_report_is_one_write_and_so_is_its_double(aws: World) -> None:
    sent(aws)
    for told in ({"accepted": at(0)}, {"accepted": at(0), "delivered": at(1)}, {"accepted": at(0), "opened": at(2)}):
        for _ in range(2):
            with calls(client("dynamodb")) as asked:
                aws.book.note(REF, cast("dict[Kind, First]", told))
            assert [operation for operation, _ in asked] == ["UpdateItem"]
    with calls(client("dynamodb")) as asked:
        aws.book.note(REF, {"accepted": at(0), "opened": at(3)})
        aws.book.note_click(REF, click(4))
    assert [operation for operation, _ in asked] == ["UpdateItem"] * 2, "a later open is one write that is refused"


def test_a_reader_who_is_always_overtaken_tries_again_later(aws: World) -> None:
    sent(aws)
    held = {"pk": {"S": "x"}, "accepted_at": {"S": "2020-01-01T00:00:00.000000Z"}}
    refused = fault(client("dynamodb"), "UpdateItem", "ConditionalCheckFailedException", Item=held)
    with refused as met, pytest.raises(Unavailable):
        aws.book.note(REF, {"accepted": at(0), "opened": at(1)})
    assert len(met) == 5


QUESTIONS: dict[str, tuple[str, Callable[[DynamoReceipts], Any]]] = {
    "note": ("UpdateItem", lambda book: book.note(REF, {"accepted": at(0)})),
    "note_click": ("UpdateItem", lambda book: book.note_click(REF, click(0))),
    "text": ("GetItem", lambda book: book.text("sns-1")),
    "texted": ("BatchGetItem", lambda book: book.texted((PHONE,))),
    "forget_number": ("UpdateItem", lambda book: book.forget_number(PHONE, STORE, ANNA)),
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(
    ("code", "raised"), [("ThrottlingException", Unavailable), ("AccessDeniedException", Misconfigured)]
)
def test_what_dynamodb_cannot_answer_is_no_answer(
    aws: World, question: str, code: str, raised: type[Exception]
) -> None:
    operation, ask = QUESTIONS[question]
    book = DynamoReceipts(client("dynamodb"), TABLE, lambda: PEPPER)
    with fault(client("dynamodb"), operation, code), pytest.raises(raised, match=f"{operation}: {code}"):
        ask(book)


# --- the provider's list of numbers ---


@pytest.fixture
def listed(cloud: Cloud) -> SnsOptedOut:
    return SnsOptedOut(lambda: client("sns"), lambda: client("sqs"), cloud.queues["feedback"])


def test_the_list_of_numbers_is_read(listed: SnsOptedOut) -> None:
    numbers, after = listed.page(None)
    assert set(numbers) == set(client("sns").list_phone_numbers_opted_out()["phoneNumbers"])
    assert numbers
    assert after is None


def test_a_page_is_asked_for_where_the_last_one_ended(listed: SnsOptedOut) -> None:
    with calls(client("sns")) as asked:
        listed.page("there")
    assert asked == [("ListPhoneNumbersOptedOut", {"nextToken": "there"})]


def test_the_rest_of_a_long_list_is_a_message_to_oneself(listed: SnsOptedOut) -> None:
    listed.go_on("there")
    (message,) = client("sqs").receive_message(QueueUrl=listed.queue)["Messages"]
    assert message["Body"] == '{"task": "read opted-out numbers", "after": "there"}'


def test_a_list_that_cannot_be_read_now_is_read_later(listed: SnsOptedOut) -> None:
    with fault(client("sns"), "ListPhoneNumbersOptedOut", "Throttled"), pytest.raises(Unavailable):
        listed.page(None)
