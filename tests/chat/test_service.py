from __future__ import annotations

import gc
import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.answers import sentences
from chat.conversation import Conversation, Turn
from chat.errors import Busy, GenreError, ModelError, NoSuchConversation, NoSuchItem
from chat.service import Answer, BadMessage, Cards, Done, Event, MessageTooLong, Sentence, Service
from chat.store.memory import MemoryStore
from chat.store.protocol import ConversationStore
from chat.store.sql import SqlStore
from chat.turnstile import Turnstile
from prompts.dialogue import Interest
from retrieval.errors import UnknownCatalogue
from tests.chat.stand_in import StandIn, StreamingStandIn


@dataclass
class House:
    """A service with what it stands on."""

    service: Service
    store: ConversationStore
    manager: StandIn

    def start(self, user: str = "ann", catalogue: str = "films") -> str:
        return self.service.start(user, catalogue).id

    def turns(self, id: str, user: str = "ann") -> tuple[Turn, ...]:
        return self.store.load(id, user).turns


def build(store: ConversationStore, manager: StandIn, **options: Any) -> House:
    seconds = itertools.count()

    def managers(catalogue: str) -> StandIn:
        if catalogue not in ("films", "shop"):
            raise UnknownCatalogue(f"no catalogue {catalogue}")
        return manager

    def clock() -> datetime:
        return datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(seconds=next(seconds))

    return House(Service(store, managers, clock, **options), store, manager)


@pytest.fixture(params=[StandIn, StreamingStandIn])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """On SQLite, once with a manager that answers at once and once with one that streams."""
    store = SqlStore(f"sqlite:///{tmp_path / 'kept.db'}")
    yield build(store, request.param(), max_message_chars=200, wait_seconds=10)
    store.close()


def shown(answer: Answer) -> list[str]:
    assert answer.turn.reply is not None
    return [entry.item.id for entry in answer.turn.reply.recommendations]


def liked(answer: Answer) -> set[tuple[str, str]]:
    return {(entry.value, entry.feeling) for entry in answer.taste}


# ---------------------------------------------------------------- talking


def test_a_conversation_of_a_given_id_is_started_once_and_for_one_person(house: House) -> None:
    opened = house.service.open("ann", "thread-1", "films")
    house.service.respond("ann", opened.id, "m1", "a crime film")
    again = house.service.open("ann", "thread-1", "shop")
    assert (again.catalogue, len(again.messages)) == ("films", 1)
    with pytest.raises(NoSuchConversation):
        house.service.open("bob", "thread-1", "films")
    with pytest.raises(UnknownCatalogue):
        house.service.open("ann", "thread-2", "cheese")
    with pytest.raises(BadMessage):
        house.service.open("ann", "x" * 201, "films")


def test_an_answer_is_kept_before_it_is_given(house: House) -> None:
    talk = house.start()
    answer = house.service.respond("ann", talk, "m1", "  a crime film\r\nplease\r")
    assert house.turns(talk) == (answer.turn,)
    assert answer.turn.text == "a crime film\nplease"
    assert (answer.conversation_id, answer.catalogue, answer.turn.message_id) == (talk, "films", "m1")
    assert shown(answer) == ["heat", "ronin"]
    assert liked(answer) == {("crime", "like")}
    assert house.service.taste("ann", talk) == answer.taste
    assert house.service.history("ann", talk).turns == (answer.turn,)


def test_the_same_message_id_gives_the_same_answer_without_work(house: House) -> None:
    talk = house.start()
    first = house.service.respond("ann", talk, "m1", "a crime film")
    house.service.respond("ann", talk, "m2", "a war film")
    house.service.feedback("ann", talk, "up", "dislike")
    assert house.service.respond("ann", talk, "m1", "a crime film") == first
    events = list(house.service.stream("ann", talk, "m1", "a crime film"))
    assert events[-1] == Done(first)
    assert any(isinstance(event, Cards) for event in events)
    assert house.manager.answered == ["a crime film", "a war film"]
    assert len(house.turns(talk)) == 3


def test_a_message_id_counts_in_its_own_conversation_only(house: House) -> None:
    one, other = house.start(), house.start()
    house.service.respond("ann", one, "m1", "a crime film")
    assert house.service.respond("ann", other, "m1", "a war film").turn.text == "a war film"


def test_messages_sent_twice_at_once_are_answered_once(house: House) -> None:
    talk = house.start()
    answers: list[Answer] = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(house.service.respond("ann", talk, "m1", "a crime film"))
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert house.manager.answered == ["a crime film"]
    assert answers == [answers[0]] * 4


def test_messages_sent_at_once_are_answered_one_after_the_other(house: House) -> None:
    talk = house.start()
    threads = [
        threading.Thread(target=house.service.respond, args=("ann", talk, f"m{n}", f"message {n}"))
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [turn.number for turn in house.turns(talk)] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "text", ["", "  \n\t ", "\u200b\u200b", "\0", "a\0b", "ring \x07", "\x1b[31mred", "\x9b"]
)
def test_text_that_is_none_is_refused_in_plain_words(house: House, text: str) -> None:
    talk = house.start()
    with pytest.raises(BadMessage) as error:
        house.service.stream("ann", talk, "m1", text)  # at the call, before any event
    assert str(error.value).isprintable()
    assert str(error.value).endswith(".")
    assert house.turns(talk) == ()
    assert house.manager.answered == []


def test_text_may_be_as_long_as_the_limit_and_no_longer(house: House) -> None:
    talk = house.start()
    assert house.service.respond("ann", talk, "m1", "é" * 200).turn.text == "é" * 200
    with pytest.raises(MessageTooLong, match="201 characters, up to 200"):
        house.service.respond("ann", talk, "m2", "é" * 201)


@pytest.mark.parametrize(
    ("text", "kept"),
    [("one\x0btwo\u2028three", "one\ntwo\nthree"), ("half \ud800 pair", "half \ufffd pair"), ("🙂", "🙂")],
)
def test_odd_text_is_made_plain(house: House, text: str, kept: str) -> None:
    assert house.service.respond("ann", house.start(), "m1", text).turn.text == kept


@pytest.mark.parametrize("odd", ["", "x" * 201, "\0", "\ud800"])
def test_odd_ids_are_refused_before_anything_is_kept(house: House, odd: str) -> None:
    talk = house.start()
    with pytest.raises(BadMessage):
        house.service.respond("ann", talk, odd, "hello")
    with pytest.raises(BadMessage):
        house.service.start(odd, "films")
    with pytest.raises(NoSuchConversation):
        house.service.respond("ann", odd, "m1", "hello")


def test_a_conversation_about_no_catalogue_is_not_begun(house: House) -> None:
    with pytest.raises(UnknownCatalogue):
        house.service.start("ann", "nowhere")
    assert house.service.conversations("ann") == []


def test_an_answer_that_fails_leaves_no_trace(house: House) -> None:
    def fail(text: str) -> None:
        raise ModelError("The model is out. Try again.")

    talk = house.start()
    house.service.respond("ann", talk, "m1", "a crime film")
    before = house.turns(talk)
    house.manager.before = fail
    for attempt in (
        lambda: house.service.respond("ann", talk, "m2", "hello"),
        lambda: house.service.retry("ann", talk),
        lambda: house.service.edit_message("ann", talk, 1, "hello"),
        lambda: list(house.service.stream("ann", talk, "m2", "hello")),
    ):
        with pytest.raises(ModelError):
            attempt()
        assert house.turns(talk) == before
    house.manager.before = lambda text: None
    assert house.service.respond("ann", talk, "m2", "hello").turn.number == 2


# ---------------------------------------------------------------- streaming


def test_cards_come_first_then_the_words_then_the_kept_answer(house: House) -> None:
    talk = house.start()
    kinds: list[type[Event]] = []
    words = ""
    for event in house.service.stream("ann", talk, "m1", "a crime film"):
        kinds.append(type(event))
        if isinstance(event, Sentence):
            words += event.text
        if isinstance(event, Done):
            assert house.turns(talk) == (event.answer.turn,)
            assert event.answer.turn.reply is not None
            assert words == event.answer.turn.reply.text
    assert kinds[0] is Cards
    assert kinds[-1] is Done
    assert len(kinds) > 4
    assert set(kinds[1:-1]) == {Sentence}


@pytest.mark.parametrize("events", [0, 1, 2])
def test_a_stream_closed_early_leaves_all_in_order(house: House, events: int) -> None:
    talk = house.start()
    stream = house.service.stream("ann", talk, "m1", "a crime film")
    for _ in range(events):
        next(stream)
    stream.close()  # type: ignore[attr-defined]
    streams = isinstance(house.manager, StreamingStandIn)
    assert [turn.text for turn in house.turns(talk)] == ([] if streams or not events else ["a crime film"])
    if isinstance(house.manager, StreamingStandIn):
        assert house.manager.stopped.is_set() == (events > 0)
    answer = house.service.respond("ann", talk, "m2", "a war film")  # nothing is locked
    assert [turn.number for turn in house.turns(talk)] == list(range(1, answer.turn.number + 1))


def test_a_forgotten_stream_lets_go(house: House) -> None:
    talk = house.start()
    stream = house.service.stream("ann", talk, "m1", "a crime film")
    next(stream)
    del stream
    gc.collect()
    house.service.respond("ann", talk, "m2", "a war film")


def test_a_stream_may_go_on_in_another_thread(house: House) -> None:
    talk = house.start()
    stream = house.service.stream("ann", talk, "m1", "a crime film")
    next(stream)
    rest: list[Event] = []
    thread = threading.Thread(target=lambda: rest.extend(stream))
    thread.start()
    thread.join()
    assert isinstance(rest[-1], Done)
    house.service.respond("ann", talk, "m2", "a war film")


def test_a_slow_reader_of_an_answer_that_is_kept_keeps_nobody_waiting() -> None:
    house = build(MemoryStore(), StandIn(), wait_seconds=0)
    talk = house.start()
    stream = house.service.stream("ann", talk, "m1", "a crime film")
    next(stream)
    assert house.service.respond("ann", talk, "m2", "a war film").turn.number == 2
    assert list(stream)


@given(st.text(st.sampled_from('aB.!? \n…"”')))
def test_the_pieces_of_a_text_make_the_text(text: str) -> None:
    assert "".join(sentences(text)) == text


def test_sentences_end_where_sentences_end() -> None:
    text = 'Try Heat (1995). It is "tense." Or not? e.g. at 8.5 points…\n\n- One\n- Two'
    assert sentences(text) == [
        "Try Heat (1995). ",
        'It is "tense." ',
        "Or not? e.g. at 8.5 points…\n\n",
        "- One\n",
        "- Two",
    ]


# ---------------------------------------------------------------- waiting


class Gate:
    """Holds a manager inside an answer until it is opened."""

    def __init__(self) -> None:
        self.reached, self.open = threading.Event(), threading.Event()

    def __call__(self, text: str) -> None:
        if "slowly" in text:
            self.reached.set()
            assert self.open.wait(20)

    def hold(self, house: House, id: str, do: Callable[[], object] | None = None) -> threading.Thread:
        say = do or (lambda: house.service.respond("ann", id, "slow", "crime, slowly"))
        thread = threading.Thread(target=say)
        thread.start()
        assert self.reached.wait(20)
        return thread


def test_a_message_waits_only_so_long_for_the_one_before() -> None:
    gate = Gate()
    house = build(MemoryStore(), StandIn(gate), wait_seconds=0.05)
    talk, other = house.start(), house.start()
    thread = gate.hold(house, talk)
    with pytest.raises(Busy, match="try again"):
        house.service.respond("ann", talk, "m2", "hello")
    house.service.respond("ann", other, "m1", "elsewhere nobody waits")
    with pytest.raises(NoSuchConversation):  # and nobody else learns that it is busy
        house.service.respond("bob", talk, "m3", "hello")
    gate.open.set()
    thread.join()
    assert [turn.message_id for turn in house.turns(talk)] == ["slow"]
    assert house.service.respond("ann", talk, "m2", "hello").turn.number == 2


def test_clicks_and_looks_wait_for_no_answer() -> None:
    gate = Gate()
    house = build(MemoryStore(), StandIn(gate), wait_seconds=0.05)
    talk = house.start()
    thread = gate.hold(house, talk)
    assert liked(house.service.feedback("ann", talk, "ran", "dislike")) == {("ran", "dislike")}
    assert house.service.taste("ann", talk)
    assert house.service.history("ann", talk).turns
    gate.open.set()
    thread.join()
    assert {(entry.value, entry.feeling) for entry in house.service.taste("ann", talk)} == {
        ("ran", "dislike"),
        ("crime", "like"),
    }


def test_a_click_during_an_edit_is_not_lost() -> None:
    gate = Gate()
    house = build(MemoryStore(), StandIn(gate))
    talk = house.start()
    house.service.respond("ann", talk, "m1", "a war film")
    thread = gate.hold(house, talk, lambda: house.service.edit_message("ann", talk, 1, "crime, slowly"))
    house.service.feedback("ann", talk, "heat", "dislike")
    gate.open.set()
    thread.join()
    assert [turn.text or turn.feedback for turn in house.turns(talk)][1:] == ["crime, slowly"]
    assert "heat" not in shown(house.service.respond("ann", talk, "m2", "crime"))


@pytest.mark.parametrize("how", ["delete", "erase"])
def test_what_is_deleted_while_an_answer_is_made_stays_deleted(how: str) -> None:
    gate, failed = Gate(), []
    house = build(MemoryStore(), StandIn(gate))
    talk = house.start()

    def say() -> None:
        try:
            house.service.respond("ann", talk, "slow", "slowly")
        except NoSuchConversation as error:
            failed.append(error)

    thread = gate.hold(house, talk, say)
    if how == "delete":
        house.service.delete("ann", talk)
    else:
        house.service.erase("ann")
    gate.open.set()
    thread.join()
    assert len(failed) == 1
    assert house.service.export("ann")["conversations"] == []


def test_the_turnstile_remembers_nobody_who_left() -> None:
    turnstile = Turnstile(0)
    with turnstile.passing(("ann", "c1")), turnstile.passing(("ann", "c2")):
        assert len(turnstile) == 2
        with pytest.raises(Busy), turnstile.passing(("ann", "c1")):
            raise AssertionError("let through")
        assert len(turnstile) == 2
    assert len(turnstile) == 0


# ---------------------------------------------------------------- saying it again


def test_retry_answers_the_latest_message_anew(house: House) -> None:
    talk = house.start()
    house.service.respond("ann", talk, "m1", "hello")
    house.service.respond("ann", talk, "m2", "a crime film")
    house.service.feedback("ann", talk, "heat", "seen")
    again = house.service.retry("ann", talk, "m3")
    assert (again.turn.text, again.turn.number, again.turn.message_id) == ("a crime film", 2, "m3")
    assert shown(again)[0] == "ronin"
    assert "heat" not in shown(again)
    assert [turn.message_id for turn in house.service.history("ann", talk).messages] == ["m1", "m3"]
    assert house.service.retry("ann", talk, "m3") == again  # sent twice, done once
    assert house.manager.answered == ["hello", "a crime film", "a crime film"]
    assert house.service.retry("ann", talk).turn.message_id not in ("m1", "m2", "m3")


def test_there_is_nothing_to_retry_at_the_start(house: House) -> None:
    talk = house.start()
    house.service.feedback("ann", talk, "heat", "save")
    with pytest.raises(BadMessage, match="no message yet"):
        house.service.retry("ann", talk)


def test_an_edited_message_takes_the_place_of_all_that_followed(house: House) -> None:
    talk = house.start()
    house.service.respond("ann", talk, "m1", "hello")
    house.service.feedback("ann", talk, "up", "save")
    house.service.respond("ann", talk, "m2", "a crime film")
    house.service.respond("ann", talk, "m3", "a comedy too")
    events = list(house.service.stream_edit("ann", talk, 2, "a war film", "m4"))
    assert isinstance(events[0], Cards)
    assert isinstance(events[-1], Done)
    answer = events[-1].answer
    assert (answer.turn.number, liked(answer)) == (2, {("war", "like")})
    assert [turn.text for turn in house.service.history("ann", talk).messages] == ["hello", "a war film"]
    assert house.turns(talk)[-1] == answer.turn
    assert house.service.taste("ann", talk) == answer.taste
    assert house.service.edit_message("ann", talk, 2, "a war film", "m4") == answer
    assert house.service.saved("ann", "films") == ("up",)


def test_what_was_done_by_hand_outlives_an_edit(house: House) -> None:
    talk = house.start()
    house.service.respond("ann", talk, "m1", "a crime film")
    house.service.feedback("ann", talk, "ran", "save")
    house.service.feedback("ann", talk, "heat", "dislike")
    house.service.edit_taste("ann", talk, None, Interest("war", "genres", "like", 1, "", 1, value="war"))
    house.service.respond("ann", talk, "m2", "more")
    house.service.feedback("ann", talk, "up", "seen")
    answer = house.service.edit_message("ann", talk, 1, "anything")
    assert liked(answer) == {("heat", "dislike"), ("war", "like"), ("up", "seen")}
    assert shown(answer) == ["ran", "ronin"]
    assert house.service.saved("ann", "films") == ("ran",)
    assert [turn.number for turn in house.turns(talk)] == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("number", [-1, 0, 2, 10**9])
def test_only_a_message_that_is_there_can_be_edited(house: House, number: int) -> None:
    talk = house.start()
    house.service.respond("ann", talk, "m1", "a crime film")
    with pytest.raises(BadMessage, match="has 1"):
        house.service.stream_edit("ann", talk, number, "hello")
    assert len(house.turns(talk)) == 1


# ---------------------------------------------------------------- clicks and edits


def test_a_click_changes_the_taste_at_once_and_the_next_list(house: House) -> None:
    talk = house.start()
    assert shown(house.service.respond("ann", talk, "m1", "a crime film")) == ["heat", "ronin"]
    answer = house.service.feedback("ann", talk, "heat", "dislike")
    assert ("heat", "dislike") in liked(answer)
    assert answer.turn.reply is None
    assert answer.turn.number == 1
    assert house.turns(talk)[-1] == answer.turn
    assert "heat" not in shown(house.service.respond("ann", talk, "m2", "more crime"))


def test_a_click_on_nothing_is_refused(house: House) -> None:
    talk = house.start()
    for item_id in ("gone", "", "\ud800"):
        with pytest.raises(NoSuchItem) as error:
            house.service.feedback("ann", talk, item_id, "like")
        str(error.value).encode()
    kind: Any = "adore"
    with pytest.raises(BadMessage, match="like, dislike, seen, save, unsave, hide"):
        house.service.feedback("ann", talk, "heat", kind)
    with pytest.raises(BadMessage):
        house.service.edit_taste("ann", talk, None, None)
    assert house.turns(talk) == ()


def test_the_taste_is_edited_by_hand(house: House) -> None:
    talk = house.start()
    crime = house.service.respond("ann", talk, "m1", "a crime film").taste[0]
    turned = replace(crime, feeling="dislike")
    assert liked(house.service.edit_taste("ann", talk, crime, turned)) == {("crime", "dislike")}
    assert house.service.edit_taste("ann", talk, turned, None).taste == ()
    assert liked(house.service.edit_taste("ann", talk, None, crime)) == {("crime", "like")}


def test_saved_items_are_one_list_for_all_conversations(house: House) -> None:
    one, other = house.start(), house.start()
    house.service.feedback("ann", one, "heat", "save")
    house.service.feedback("ann", other, "up", "save")
    assert house.service.saved("ann", "films") == ("heat", "up")
    house.service.feedback("ann", other, "heat", "unsave")
    assert house.service.saved("ann", "films") == ("up",)
    assert house.service.saved("ann", "shop") == house.service.saved("bob", "films") == ()


# ---------------------------------------------------------------- memory and privacy


def test_what_was_said_before_is_known_in_the_next_conversation(house: House) -> None:
    one = house.start()
    house.service.respond("ann", one, "m1", "a crime film")
    house.service.feedback("ann", one, "heat", "seen")
    shop, other, bobs = house.start(catalogue="shop"), house.start(), house.start("bob")
    answer = house.service.respond("ann", other, "m1", "hello")
    assert [turn.message_id for turn in house.manager.earlier][:1] == ["m1"]  # oldest first
    assert shown(answer)[0] == "ronin"
    assert "heat" not in shown(answer)
    assert house.service.respond("ann", shop, "m1", "hello").taste == ()
    assert house.service.respond("bob", bobs, "m1", "hello").taste == ()
    house.service.delete("ann", one)
    assert house.service.taste("ann", other) == ()


def test_nobody_gets_at_anothers_conversation(house: House) -> None:
    talk = house.start("ann")
    house.service.respond("ann", talk, "m1", "my secret")
    before = house.store.export("ann")
    attempts: list[Callable[[], object]] = [
        lambda: house.service.respond("bob", talk, "m2", "hello"),
        lambda: house.service.respond("bob", talk, "m1", "hello"),
        lambda: house.service.stream("bob", talk, "m2", "hello"),
        lambda: house.service.retry("bob", talk),
        lambda: house.service.retry("bob", talk, "m1"),
        lambda: house.service.edit_message("bob", talk, 1, "hello"),
        lambda: house.service.feedback("bob", talk, "heat", "like"),
        lambda: house.service.edit_taste("bob", talk, None, Interest("a", "text", "like", 1, "", 0)),
        lambda: house.service.taste("bob", talk),
        lambda: house.service.history("bob", talk),
        lambda: house.service.delete("bob", talk),
    ]
    for attempt in attempts:
        with pytest.raises(NoSuchConversation):
            attempt()
    house.service.erase("bob")
    assert house.service.conversations("bob") == []
    assert "secret" not in str(house.service.export("bob"))
    assert house.store.export("ann") == before


def test_all_is_there_after_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    first = SqlStore(url)
    house = build(first, StandIn())
    talk = house.start()
    answer = house.service.respond("ann", talk, "m1", "a crime film")
    first.close()
    second = SqlStore(url)
    later = build(second, StandIn())
    assert later.service.respond("ann", talk, "m1", "a crime film") == answer
    assert later.manager.answered == []
    assert [entry.title for entry in later.service.conversations("ann")] == ["a crime film"]
    second.close()


def test_two_processes_answering_one_message_id_give_one_answer(tmp_path: Path) -> None:
    # Two services on one file know nothing of each other's locks.
    stores = [SqlStore(f"sqlite:///{tmp_path / 'kept.db'}") for _ in range(2)]
    gate = Gate()
    slow, fast = build(stores[0], StandIn(gate)), build(stores[1], StandIn())
    talk = slow.start()
    late: list[Answer] = []
    thread = gate.hold(slow, talk, lambda: late.append(slow.service.respond("ann", talk, "m1", "slowly")))
    early = fast.service.respond("ann", talk, "m1", "slowly")
    gate.open.set()
    thread.join()
    assert late[0].turn == early.turn
    assert slow.turns(talk) == (early.turn,)
    for store in stores:
        store.close()


def test_ids_of_conversations_cannot_be_guessed(house: House) -> None:
    ids = {house.start() for _ in range(50)}
    assert len(ids) == 50
    assert min(map(len, ids)) >= 20


def test_the_message_id_of_a_click_is_no_message_id(house: House) -> None:
    talk = house.start()
    clicked = house.service.feedback("ann", talk, "heat", "like").turn.message_id
    with pytest.raises(GenreError):
        house.service.respond("ann", talk, clicked, "hello")
    assert len(house.turns(talk)) == 1


def test_a_ping_reaches_the_store(tmp_path: Path) -> None:
    class Down(MemoryStore):
        def ping(self) -> None:
            raise ModelError("down")

    with pytest.raises(ModelError):
        build(Down(), StandIn()).service.ping()


def test_a_conversation_starts_empty_and_at_its_time(house: House) -> None:
    begun = house.service.start("ann", "films")
    assert begun == Conversation(begun.id, "ann", "films", datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert house.service.history("ann", begun.id) == begun
