"""The scripted conversations of `tests/dialogues/`, each held with the whole system, and proofs that the
scripts themselves are sound: they can be read, speak of what the catalogues hold, and can be met."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.dialogue_condition import read_condition
from tests.dialogue_script import Conversation, ScriptError, Step, play, read_script
from tests.dialogue_shelf import Shelf, Thing, load_shelf
from tests.dialogue_stage import Stage

HERE = Path(__file__).parent
CATALOGUES = {
    "films": HERE.parent / "data" / "films" / "films.jsonl",
    "shop": HERE / "data" / "shop.csv",
    "courses": HERE / "data" / "courses.csv",
}
CONVERSATIONS = [
    conversation
    for path in sorted((HERE / "dialogues").glob("*.dialogue"))
    for conversation in read_script(path)
]
EACH = pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda conversation: conversation.id)


@cache
def shelf_of(catalogue: str) -> Shelf:
    return load_shelf(CATALOGUES[catalogue])


@EACH
def test_conversation(
    conversation: Conversation, talk: Callable[[str], Callable[[str], dict[str, Any]]]
) -> None:
    wrong = play(conversation, talk(conversation.catalogue), shelf_of(conversation.catalogue))
    assert not wrong, "\n".join([conversation.title, *wrong])


# ---------------------------------------------------------------- the scripts are sound


@EACH
def test_script_speaks_of_what_there_is(conversation: Conversation) -> None:
    shelf = shelf_of(conversation.catalogue)
    for step in conversation.steps:
        for check in step.checks:
            place = f"{conversation.file}:{check.line}"
            for title in check.titles:
                found = shelf.called(title)
                assert found, f"{place}: the catalogue holds no {title!r}"
                one = check.name in ("includes", "excludes") or len(found) == 1
                assert one, f"{place}: {title!r} fits {len(found)} items, add the year"
            unknown = (check.condition.columns if check.condition else frozenset()) - shelf.columns
            assert not unknown, f"{place}: the catalogue has no column {', '.join(unknown)}"
            for column, value in check.condition.values if check.condition else ():
                assert _holds(shelf, column, value), f"{place}: no {column} of the catalogue is {value!r}"


def _holds(shelf: Shelf, column: str, value: str) -> bool:
    condition = read_condition(f'{column} is "{value}"')
    return any(condition.test(thing, _nothing_said(shelf)) for thing in shelf)


def _nothing_said(shelf: Shelf) -> Stage:
    return Stage(shelf, (), (), {"text": "", "move": "recommend"})


@EACH
def test_script_can_be_met(conversation: Conversation) -> None:
    """Where a list is demanded, the catalogue holds enough things that meet every condition on it."""
    shelf = shelf_of(conversation.catalogue)
    for step in conversation.steps:
        if any(check.text == "move: recommend" for check in step.checks):
            least = 1 if any(check.text.startswith("list: 1") for check in step.checks) else 2
            fitting = _fitting(step, shelf)
            place = f"{conversation.file}:{step.line}"
            assert len(fitting) >= least, f"{place}: only {len(fitting)} of {conversation.catalogue} would do"
            for check in step.checks:
                if check.name == "some" and check.condition and not check.condition.relative:
                    possible = any(check.condition.test(thing, _nothing_said(shelf)) for thing in fitting)
                    assert possible, (
                        f"{conversation.file}:{check.line}: nothing meets it beside the other checks"
                    )


def _fitting(step: Step, shelf: Shelf) -> list[Thing]:
    nothing_yet = _nothing_said(shelf)
    conditions = [
        (check.name == "none", check.condition)
        for check in step.checks
        if check.condition and check.name in ("every", "none") and not check.condition.relative
    ]
    return [t for t in shelf if all(refused is not c.test(t, nothing_yet) for refused, c in conditions)]


def test_no_two_conversations_share_a_name() -> None:
    names = [conversation.id for conversation in CONVERSATIONS]
    assert sorted(set(names)) == sorted(names)


# ---------------------------------------------------------------- the checker notices

SHELF = Shelf(
    [
        Thing("heat", "Heat", {"year": (1995.0,), "genres": ("crime",), "directors": ("Michael Mann",)}),
        Thing(
            "up", "Up", {"year": (2009.0,), "genres": ("animation", "comedy"), "directors": ("Pete Docter",)}
        ),
        Thing(
            "big-night", "Big Night", {"year": (1996.0,), "genres": ("comedy",), "directors": ("S. Tucci",)}
        ),
    ]
)


def turn(move: str, text: str, *ids: str, **more: Any) -> dict[str, Any]:
    """A reply of the contract that recommends these ids, each with one reason."""
    listed = [
        {"item": {"id": i, "title": SHELF.by_id[i].title, "facts": {}}, "reasons": [{"text": f"{i} is fine"}]}
        for i in ids
    ]
    return {"text": text, "move": move, "recommendations": listed, "taste": [], "quick_replies": [], **more}


def liking(feeling: str, subject: str, kind: str, quote: str, hard: bool = False) -> dict[str, Any]:
    return {"subject": subject, "kind": kind, "feeling": feeling, "quote": quote, "hard": hard}


def written(folder: Path, checks: list[str], says: str = "crime please") -> Conversation:
    """A conversation of two messages, the checks under the second."""
    lines = ["title: A test", "catalogue: films", "you: hello", f"you: {says}", *(f"  {c}" for c in checks)]
    path = folder / "made.dialogue"
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_script(path)[0]


def answering(*turns: dict[str, Any]) -> Callable[[str], dict[str, Any]]:
    replies: Iterator[dict[str, Any]] = iter(turns)
    return lambda message: next(replies)


FIRST = turn("recommend", "Two to begin with.", "up", "heat")


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        ("move: ask or recommend", turn("ask", "Which?"), turn("converse", "Hm.")),
        ("move: not ask", turn("converse", "Hm."), turn("ask", "Which?")),
        ("list: 1 to 2", turn("recommend", "Here.", "up"), turn("recommend", "Here.")),
        ("list: empty", turn("converse", "Hm."), turn("recommend", "Here.", "up")),
        ("list: at most 1", turn("recommend", "Here.", "up"), turn("recommend", "Here.", "up", "heat")),
        ("every: genres is comedy", turn("recommend", ".", "up"), turn("recommend", ".", "up", "heat")),
        ("some: genres is comedy", turn("recommend", ".", "up", "heat"), turn("recommend", ".", "heat")),
        ("none: year above 2000", turn("recommend", ".", "heat"), turn("recommend", ".", "heat", "up")),
        ("every: year between 1990 and 1999", turn("recommend", ".", "heat"), turn("recommend", ".", "up")),
        (
            "every: genres is one of crime, drama",
            turn("recommend", ".", "heat"),
            turn("recommend", ".", "up"),
        ),
        ("every: genres is not crime", turn("recommend", ".", "up"), turn("recommend", ".", "heat")),
        ("every: title includes big", turn("recommend", ".", "big-night"), turn("recommend", ".", "up")),
        ("every: year is 1995", turn("recommend", ".", "heat"), turn("recommend", ".", "up")),
        (
            "every: genres is crime and year below 2000 or genres is animation",
            turn("recommend", ".", "heat", "up"),
            turn("recommend", ".", "big-night"),
        ),
        (
            "every: (genres is crime or genres is comedy) and year below 2000",
            turn("recommend", ".", "heat"),
            turn("recommend", ".", "up"),
        ),
        ("every: year below year of item 1", turn("recommend", ".", "heat"), turn("recommend", ".", "up")),
        (
            'every: year above year of "Heat (1995)"',
            turn("recommend", ".", "up"),
            turn("recommend", ".", "heat"),
        ),
        ("includes: Heat (1995)", turn("recommend", ".", "heat"), turn("recommend", ".", "up")),
        ("excludes: last item", turn("recommend", ".", "big-night"), turn("recommend", ".", "heat")),
        ("new: yes", turn("recommend", ".", "big-night"), turn("recommend", ".", "up")),
        ('words: "crime" or /myst\\w+/', turn("converse", "A mystery."), turn("converse", "A drama.")),
        ('words: not "crime"', turn("converse", "Criminal."), turn("converse", "A crime film.")),
        ("question: one", turn("ask", "Old or new?"), turn("ask", "Old? Or new?")),
        ("question: no", turn("converse", "Yes."), turn("converse", "Yes?")),
        ("quick replies: at least 2", turn("ask", ".", quick_replies=["a", "b"]), turn("ask", ".")),
        ('reason: every "heat"', turn("recommend", ".", "heat"), turn("recommend", ".", "heat", "up")),
        ('reason: none "heat"', turn("recommend", ".", "up"), turn("recommend", ".", "heat")),
        ("says: directors of item 2", turn("describe", "By Michael Mann."), turn("describe", "By a man.")),
        ("says: year of item 1", turn("describe", "From 2009."), turn("describe", "From 20091.")),
        (
            "taste: likes crime (hard)",
            turn("converse", ".", taste=[liking("like", "crime", "genres", "crime", hard=True)]),
            turn("converse", ".", taste=[liking("like", "crime", "genres", "crime")]),
        ),
        (
            "taste: seen item 2",
            turn("converse", ".", taste=[liking("seen", "Heat (1995)", "item", "please")]),
            turn("converse", ".", taste=[liking("like", "Heat (1995)", "item", "please")]),
        ),
        (
            "taste: not dislikes crime",
            turn("converse", "."),
            turn("converse", ".", taste=[liking("dislike", "crime", "genres", "crime")]),
        ),
        (
            "taste: empty",
            turn("converse", "."),
            turn("converse", ".", taste=[liking("like", "crime", "genres", "crime")]),
        ),
    ],
)
def test_a_check_passes_and_fails(
    tmp_path: Path, check: str, good: dict[str, Any], bad: dict[str, Any]
) -> None:
    conversation = written(tmp_path, [check])
    assert play(conversation, answering(FIRST, good), SHELF) == []
    wrong = play(conversation, answering(FIRST, bad), SHELF)
    assert wrong
    assert wrong[0].startswith("made.dialogue:5: ")


@pytest.mark.parametrize(
    ("reply", "complaint"),
    [
        (turn("wander", "Hm."), "none of ask"),
        (turn("converse", "  "), "no words"),
        (turn("recommend", ".", "up", "up"), "twice"),
        (
            {**turn("recommend", ".", "up"), "recommendations": [{"item": {"id": "x", "title": "X"}}]},
            "doesn't hold",
        ),
        (
            {
                **turn("recommend", "."),
                "recommendations": [{"item": {"id": "up", "title": "Up"}, "reasons": []}],
            },
            "without a reason",
        ),
        (turn("recommend", "Big Night is near.", "up"), "isn't in the list"),
        (turn("recommend", "Try “Up” first.", "heat"), "isn't in the list"),
        (turn("converse", "You want Night Trains (1987)."), "doesn't hold"),
        (turn("converse", "Noted.", taste=[liking("like", "war", "genres", "I love war")]), "nobody said"),
        (
            turn("recommend", ".", "up", taste=[liking("seen", "Up (2009)", "item", "please")]),
            "has seen or doesn't want",
        ),
        (
            turn("recommend", ".", "heat", taste=[liking("dislike", "crime", "genres", "crime", hard=True)]),
            "in spite of",
        ),
    ],
)
def test_the_house_rules_hold_without_being_asked(
    tmp_path: Path, reply: dict[str, Any], complaint: str
) -> None:
    conversation = written(tmp_path, ["move: not decline"])
    wrong = play(conversation, answering(turn("converse", "Hello."), reply), SHELF)
    assert any(complaint in line for line in wrong), wrong


def test_naming_the_list_the_past_or_the_person_s_own_words_is_fine(tmp_path: Path) -> None:
    conversation = written(tmp_path, ["move: recommend"], says="more like big night")
    reply = turn("recommend", "Near Big Night (1996) and after Up (2009): Heat (1995).", "heat")
    assert play(conversation, answering(turn("recommend", "Up?", "up"), reply), SHELF) == []


def test_a_recommendation_needs_a_list_unless_the_script_says_otherwise(tmp_path: Path) -> None:
    nothing = turn("recommend", "Sorry.")
    assert play(written(tmp_path, ["move: recommend"]), answering(FIRST, nothing), SHELF)
    assert not play(written(tmp_path, ["move: recommend", "list: empty"]), answering(FIRST, nothing), SHELF)


def test_pointing_past_the_end_of_the_list_is_a_failure_and_not_a_crash(tmp_path: Path) -> None:
    wrong = play(
        written(tmp_path, ["says: year of item 7"]), answering(FIRST, turn("describe", "Old.")), SHELF
    )
    assert "the last one held 2" in wrong[0]


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("you: hi", "x.dialogue:1: a conversation begins with 'title"),
        ("title: T\ncatalogue: films\nmove: ask", "x.dialogue:3: 'move' is a check"),
        ("title: T\ncatalogue: films", "x.dialogue:1: 'T' has no 'you"),
        ("title: T\nyou: hi", "x.dialogue:1: 'T' doesn't say its 'catalogue"),
        ("title: T\ncatalogue: films\nyou: hi\n  mood: good", "x.dialogue:4: unknown check 'mood'"),
        ("title: T\ncatalogue: films\nyou: hi\n  move: sing", "x.dialogue:4: unknown move 'sing'"),
        ("title: T\ncatalogue: films\nyou: hi\n  list: many", "x.dialogue:4: expected '3'"),
        (
            "title: T\ncatalogue: films\nyou: hi\n  every: genres is comedy or drama",
            "x.dialogue:4: after 'drama'",
        ),
        ("title: T\ncatalogue: films\nyou: hi\n  every: year above ten", "x.dialogue:4: expected a number"),
        (
            "title: T\ncatalogue: films\nyou: hi\n  every: (year above 10",
            "x.dialogue:4: a bracket isn't closed",
        ),
        ("title: T\ncatalogue: films\nyou: hi\n  words: bare", 'x.dialogue:4: expected "words in quotes"'),
        ("title: T\ncatalogue: films\nyou: hi\n  taste: loves jazz", "x.dialogue:4: expected 'likes"),
        ("title: T\ncatalogue: films\n  > more", "x.dialogue:3: '>' carries a message on"),
        ("title: T\ncatalogue: films\nyou: hi\n  nonsense", "x.dialogue:4: expected 'word: something'"),
    ],
)
def test_a_mistake_in_a_script_is_told_with_its_place(tmp_path: Path, script: str, complaint: str) -> None:
    path = tmp_path / "x.dialogue"
    path.write_text(script, encoding="utf-8")
    with pytest.raises(ScriptError) as error:
        read_script(path)
    assert str(error.value).startswith(complaint)


def test_notes_and_long_messages_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.dialogue"
    path.write_text(
        'title: T # 1\ncatalogue: films\n# a note\nyou: one # two\n  > three\n  words: "a # b"  # note\n',
        encoding="utf-8",
    )
    (conversation,) = read_script(path)
    assert conversation.steps[0].says == "one # two\nthree"
    assert conversation.steps[0].checks[0].text == 'words: "a # b"'


def test_the_example_of_the_readme_is_a_script(tmp_path: Path) -> None:
    example = (HERE / "dialogues" / "README.md").read_text(encoding="utf-8").split("```")[1]
    path = tmp_path / "x.dialogue"
    path.write_text(example, encoding="utf-8")
    first, second = read_script(path)[0].steps
    assert [check.name for check in first.checks] == ["move", "list", "every"]
    assert second.says == "not animated pls, she's sick of cartoons"
