"""Conversations: the same again for the same seed, without leaks, and judged by what was meant."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat.build import House
from chat.conversation import FeedbackKind
from chat.reply import Question
from evaluation.errors import EvaluationError
from evaluation.simulate.leaks import leaked
from evaluation.simulate.measure import (
    curve,
    gains,
    ignored,
    kept,
    outcome,
    released,
    repeated,
    summary,
    violated,
)
from evaluation.simulate.partner import Heard, ListPartner
from evaluation.simulate.play import play
from evaluation.simulate.stage import Stage, leaks_of
from evaluation.simulate.transcript import Exchange, Transcript, markdown
from evaluation.simulate.user import draw_person
from evaluation.simulate.wants import Want
from evaluation.simulate_command import _refuse_leaks
from retrieval.items import Bounds, Constraint, Item
from tests.evaluation.simulate.kiosk import BY_ID, KITES, scene

SCENE = scene()
SEEDS = st.integers(0, 500)


@dataclass
class Moody:
    """Answers in turn with a list, a question, and nothing: whatever comes, people go on."""

    at: int = 0
    clicked: list[tuple[str, str]] = field(default_factory=list)

    def say(self, text: str) -> Heard:
        self.at += 1
        if self.at % 3 == 0:
            question = Question("relax", ("Forget “red”",), constraints=(Constraint("colour", ("red",)),))
            return Heard("Shall I?", "ask", question=question, options=question.options)
        if self.at % 5 == 0:
            return Heard("Well.", "converse")
        return Heard("Here.", "recommend", KITES[self.at % 9 : self.at % 9 + 3], options=("Something else",))

    def click(self, item: Item, kind: FeedbackKind) -> None:
        self.clicked.append((item.id, kind))


def talk(seed: int, number: int, turns: int = 8) -> Transcript:
    return play(draw_person(SCENE.aspects, number, seed), Moody(), SCENE, "moody", turns)


@settings(deadline=None)
@given(seed=SEEDS, number=st.integers(0, 13))
def test_the_same_seed_gives_the_same_conversation(seed: int, number: int) -> None:
    assert talk(seed, number) == talk(seed, number)


@settings(deadline=None)
@given(seed=SEEDS, number=st.integers(0, 13))
def test_no_message_names_what_was_not_shown(seed: int, number: int) -> None:
    person, conversation = draw_person(SCENE.aspects, number, seed), talk(seed, number)
    assert 1 <= conversation.turns <= 8
    shown: set[str] = set()
    for entry in conversation.exchanges:
        assert not leaked(entry.said, [person.target.title] if person.target.id not in shown else [])
        named = leaked(entry.said, [item.title for item in KITES])
        assert all(title.lower() in shown for title in named), entry.said
        assert entry.known == shown
        shown |= set(entry.items)


@settings(deadline=None)
@example(seed=180, number=10)
@given(seed=SEEDS, number=st.integers(0, 13))
def test_conditions_are_never_against_the_target(seed: int, number: int) -> None:
    conversation = talk(seed, number)
    changed = len(conversation.targets) > 1
    target = BY_ID[conversation.target]
    last = conversation.exchanges[-1]
    if not changed or any(entry.act == "change" for entry in conversation.exchanges):
        assert not any(want.breaks(target) for want in last.conditions)


def test_somebody_shown_their_target_takes_it() -> None:
    person = draw_person(SCENE.aspects, 0, 1)
    conversation = play(person, ListPartner((person.target, *KITES), 4), SCENE, "list", 10)
    assert conversation.accepted == person.target.id
    assert conversation.turns == 1


def entry_of(**changes: object) -> Exchange:
    blank = Exchange(
        said="hello", act="wish", meant=(), clicks=(), asks=True, conditions=(), complaints=(), news=(),
        known=frozenset(), declined=frozenset(), reply="", move="recommend", items=(), question="",
        options=(), let_go=(), milliseconds=1.0,
    )  # fmt: skip
    return replace(blank, **changes)  # type: ignore[arg-type]


def test_violations_repeats_and_ignored_complaints_by_hand() -> None:
    red = Want("colour", "red", hard=True)
    cheap = Want("price", bounds=Bounds(high=50), hard=True)
    entry = entry_of(conditions=(red, cheap), items=("quibble", "tarantas", "umbrage"))
    assert violated(entry, BY_ID.get) == [("tarantas", str(cheap)), ("umbrage", str(red))]
    openly = replace(entry, let_go=(Constraint("price", bounds=Bounds(high=50)),))
    assert violated(openly, BY_ID.get) == [("umbrage", str(red))]
    assert released(openly, BY_ID.get) == [("tarantas", str(cheap))]

    again = entry_of(known=frozenset({"quibble", "umbrage"}), items=("quibble", "umbrage"))
    assert repeated(again, BY_ID.get) == ["quibble", "umbrage"]
    narrowed = replace(again, news=(red,))
    assert kept(narrowed, BY_ID.get) == ["quibble"]
    assert repeated(narrowed, BY_ID.get) == ["umbrage"]
    declined = replace(narrowed, declined=frozenset({"quibble"}))
    assert repeated(declined, BY_ID.get) == ["quibble", "umbrage"]

    newer = Want("year", bounds=Bounds(low=1995.000001))
    assert ignored(entry_of(complaints=(newer,), items=("vexilla", "umbrage")), BY_ID.get) == ["vexilla"]


def transcript_of(person: int, *lists: tuple[str, ...], accepted: str | None = None) -> Transcript:
    exchanges = tuple(entry_of(items=items) for items in lists)
    return Transcript(
        person,
        "vague",
        "house",
        (),
        "umbrage",
        ("umbrage",),
        1,
        exchanges,
        accepted,
        "accepted" if accepted else "turns",
    )


def test_success_by_turn_and_what_is_gained() -> None:
    quick = outcome(transcript_of(0, ("umbrage",), accepted="umbrage"), BY_ID.get)
    slow = outcome(transcript_of(1, ("quibble",), ("vexilla",), accepted="vexilla"), BY_ID.get)
    never = outcome(transcript_of(1, ("quibble",), ()), BY_ID.get)
    assert (quick.success, slow.success, never.success) == (1, 2, None)
    assert (quick.strict, slow.strict) == (1, None)
    assert [point.value for point in curve([quick, slow], turns=3)] == [0.5, 1.0, 1.0]
    found = summary([quick, slow])
    assert found["success"].value == 1.0  # type: ignore[union-attr]
    assert found["turns"].value == 1.5  # type: ignore[union-attr]
    gained = gains({0: quick, 1: slow}, {0: quick, 1: never}, turns=3)
    assert gained["success"].value == 0.5
    assert gained["turns"].value == -1.0  # two turns instead of four, for one of two


def test_a_planted_leak_fails_the_run() -> None:
    class Shelf:
        def get(self, key: str) -> Item | None:
            return BY_ID.get(key)

        def titles(self, item: Item) -> tuple[str, ...]:
            return (item.title,)

    before = transcript_of(0, ("quibble",))
    planted = replace(before, exchanges=(replace(before.exchanges[0], said="Got the Umbrage?"),))
    shelf = Shelf()
    assert not leaks_of(before, [{"umbrage"}], None, shelf)
    leaks = leaks_of(planted, [{"umbrage"}], None, shelf)
    assert len(leaks) == 1
    with pytest.raises(EvaluationError, match="Umbrage"):
        _refuse_leaks([replace(planted, leaks=leaks)])
    _refuse_leaks([before])


def test_transcripts_can_be_read() -> None:
    conversation = talk(1, 2)
    text = markdown([conversation], {item.id: item.title for item in KITES}, lambda _: ["a problem"])
    assert conversation.exchanges[0].said in text
    assert "a problem" in text


def test_people_talk_to_the_house(house: House) -> None:
    stage = Stage(house.settings.home, "courses", 0, 4)
    for number in (0, 2, 5):
        one, other = stage((number, "house")), stage((number, "house"))
        said = [(entry.said, entry.items, entry.reply) for entry in one.exchanges]
        assert said == [(entry.said, entry.items, entry.reply) for entry in other.exchanges]
        assert not one.leaks
    assert stage((0, "no memory")).turns >= 1
    silent = stage((1, "no questions"))
    assert not any(entry.question or entry.move == "ask" for entry in silent.exchanges)
    assert stage((0, "popularity")).exchanges[0].items == tuple(item.id for item in stage.popular[:4])
