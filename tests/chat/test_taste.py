"""What turns add up to, and what holds however they come."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.conversation import Feedback, FeedbackKind, TasteEdit, Turn
from chat.reply import Reply
from chat.taste import (
    EARLIER,
    FAINTEST,
    HALF_LIFE_TURNS,
    TasteProfile,
    faded,
    fold,
    fold_reading,
    profile_of,
    same_subject,
)
from prompts.dialogue import Feeling, Interest, Reading, Retraction
from retrieval.items import Bounds
from tests.shelves_for_tests import NOW


def about(
    value: str, kind: str = "genres", feeling: Feeling = "like", turn: int = 1, hard: bool = False
) -> Interest:
    """An interest in a value."""
    return Interest(value, kind, feeling, 0.9, value, turn, hard, value)


def between(low: float | None, high: float | None, turn: int = 1, kind: str = "year") -> Interest:
    """A condition on a number."""
    return Interest("range", kind, "like", 0.9, "range", turn, True, "", Bounds(low, high))


def message(
    number: int, *interests: Interest, retractions: tuple[Retraction, ...] = (), replaces: bool = False
) -> Turn:
    """A message that was read as these interests and retractions."""
    reading = Reading("inform", interests, retractions, replaces=replaces)
    return Turn(number, NOW, f"m{number}", "…", reading, Reply("…", "converse"))


def click(item_id: str, kind: FeedbackKind, number: int = 1) -> Turn:
    """A click on a card."""
    return Turn(number, NOW, f"c{number}{item_id}{kind}", feedback=Feedback(item_id, kind))


def edit(before: Interest | None, after: Interest | None, number: int = 1) -> Turn:
    """A change by hand."""
    return Turn(number, NOW, f"e{number}", edit=TasteEdit(before, after))


def held(*turns: Turn, earlier: tuple[Turn, ...] = ()) -> list[str]:
    """What is held after the turns, in lines."""
    out = []
    for one in profile_of(turns, earlier).interests:
        what = f"{one.bounds.low}..{one.bounds.high}" if one.bounds else one.value
        out.append(f"{'hard ' if one.hard else ''}{one.feeling} {what}")
    return out


# ------------------------------------------------------------------------------------ examples


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ((message(1, about("horror")), message(2, about("horror", feeling="dislike"))), ["dislike horror"]),
        ((message(1, about("horror", feeling="dislike")), message(2, about("HORROR"))), ["like HORROR"]),
        ((message(1, about("horror"), about("western")),), ["like horror", "like western"]),
        ((message(1, between(1980, None)), message(2, between(1990, None))), ["hard like 1990..None"]),
        ((message(1, between(1980, None)), message(2, between(None, 1990))),
         ["hard like 1980..None", "hard like None..1990"]),
        ((message(1, between(1950, 1969)), message(2, between(None, 1980))), ["hard like 1950..1980"]),
        ((message(1, between(1950, 1969)), message(2, between(2000, None))), ["hard like 2000..None"]),
        ((message(1, between(None, 100, kind="runtime")), message(2, between(None, 1990))),
         ["hard like None..100", "hard like None..1990"]),
        ((message(1, about("horror", hard=True)), message(2, retractions=(Retraction("genres", "Horror"),))),
         []),
        ((message(1, about("horror"), about("war", "themes")),
          message(2, retractions=(Retraction("genres"),))), ["like war"]),
        ((message(1, about("horror", hard=True)), message(2, about("western", hard=True), replaces=True)),
         ["hard like western"]),
        ((message(1, about("horror", hard=True)),
          message(2, about("1990s", "year", hard=True), replaces=True)),
         ["hard like horror", "hard like 1990s"]),
        ((message(1, about("horror", feeling="dislike", hard=True)),
          message(2, about("western", hard=True), replaces=True)),
         ["hard dislike horror", "hard like western"]),
        ((message(1, about("lighthouse", "text")), message(2, about("western", hard=True), replaces=True)),
         ["hard like western"]),
    ],
)  # fmt: skip
def test_the_newest_word_stands(turns: tuple[Turn, ...], expected: list[str]) -> None:
    assert held(*turns) == expected


def test_items_seen_and_judged() -> None:
    profile = profile_of(
        [
            message(1, about("heat", "item", "seen"), about("heat", "item")),
            message(2, about("it", "item", "dislike")),
            click("up", "hide"),
            click("her", "save"),
            click("hot", "like"),
        ]
    )
    assert profile.seen == {"heat"}
    assert profile.rejected == {"it", "up"}
    assert profile.saved == ("her",)
    assert profile.excluded == {"heat", "it", "up", "hot"}


def test_a_change_of_heart_about_an_item() -> None:
    assert profile_of([click("it", "dislike"), click("it", "like")]).rejected == frozenset()
    assert profile_of([click("it", "hide"), click("it", "like")]).rejected == frozenset()
    assert profile_of([click("it", "like"), click("it", "dislike")]).likes == ()
    assert profile_of([click("it", "save"), click("up", "save"), click("it", "unsave")]).saved == ("up",)
    assert profile_of([click("it", "save"), click("up", "save"), click("it", "save")]).saved == ("up", "it")


def test_edits_by_hand() -> None:
    horror = about("horror", hard=True)
    assert held(message(1, horror), edit(horror, None)) == []
    assert held(message(1, horror), edit(horror, replace(horror, feeling="dislike"))) == [
        "hard dislike horror"
    ]
    assert held(edit(None, about("western"))) == ["like western"]
    disliked = about("it", "item", "dislike")
    assert profile_of([message(1, disliked), edit(disliked, None)]).excluded == frozenset()


def test_a_verdict_taken_back_by_hand_leaves_the_item_seen() -> None:
    liked = about("heat", "item")
    profile = profile_of([message(1, about("heat", "item", "seen"), liked), edit(liked, None)])
    assert profile.seen == {"heat"}


def test_earlier_conversations_weigh_less_and_leave_their_conditions() -> None:
    earlier = (
        message(7, about("horror", hard=True), about("war", "themes", "dislike", hard=True)),
        message(8, between(1990, None), about("a lighthouse", "text"), about("heat", "item", "seen")),
        click("it", "hide"),
    )
    profile = profile_of([], earlier)
    assert [(one.value, one.hard, one.strength) for one in profile.interests] == [
        ("horror", False, 0.9 * EARLIER),
        ("war", True, 0.9),
        ("heat", False, 0.9),
    ]
    assert {one.turn for one in profile.interests} == {0}
    assert profile.excluded == {"heat", "it"}
    assert held(message(1, about("war", "themes")), earlier=earlier) == [
        "like horror", "seen heat", "like war",
    ]  # fmt: skip


def test_leanings_fade_and_conditions_dont() -> None:
    profile = profile_of(
        [message(1, about("horror"), about("western", hard=True), about("heat", "item", "seen"))]
    )
    later = {one.value: one.strength for one in faded(profile, 1 + int(HALF_LIFE_TURNS))}
    assert later == {"horror": pytest.approx(0.45), "western": 0.9, "heat": 0.9}
    assert "horror" not in {one.value for one in faded(profile, 100)}


# ------------------------------------------------------------------------------------ whatever comes

FEELINGS = st.sampled_from(["like", "dislike", "seen"])
BOUNDS = st.one_of(
    st.builds(Bounds, st.integers(1, 5).map(float), st.none()),
    st.builds(Bounds, st.none(), st.integers(1, 5).map(float)),
    st.builds(lambda low, more: Bounds(low, low + more), st.integers(1, 5).map(float), st.integers(0, 3)),
)
GROUPS = st.sampled_from(["", "", "", "1.1", "2.1"])
CLICKS: tuple[FeedbackKind, ...] = ("like", "dislike", "seen", "save", "unsave", "hide")
STRENGTHS = st.floats(0.05, 1.0)


def interests(turn: int) -> st.SearchStrategy[Interest]:
    """Any interest of a message."""

    def made(kind: str, value: str, bounds: Bounds | None, feeling: Feeling, strength: float, hard: bool,
             group: str) -> Interest:  # fmt: skip
        if kind in ("year", "runtime"):
            bounds = bounds or Bounds(1.0, None)
            feeling = "like" if feeling == "seen" else feeling
            return Interest("range", kind, feeling, strength, "q", turn, hard, "", bounds, group)
        if kind != "item" and feeling == "seen":
            feeling = "like"
        return Interest(
            value, kind, feeling, strength, "q", turn, hard and kind != "item", value, None, group
        )

    kinds = st.sampled_from(["genres", "moods", "item", "text", "year", "runtime"])
    return st.builds(made, kinds, st.sampled_from("abc"), BOUNDS, FEELINGS, STRENGTHS, st.booleans(), GROUPS)


RETRACTIONS = st.builds(
    Retraction,
    st.sampled_from(["", "genres", "moods", "item", "text", "year"]),
    st.sampled_from(["", "a", "b"]),
)


@st.composite
def turn_lists(draw: st.DrawFn) -> tuple[Turn, ...]:
    """Any conversation's turns."""
    out: list[Turn] = []
    for number in range(1, draw(st.integers(0, 8)) + 1):
        kind = draw(st.sampled_from(["message", "message", "message", "click", "edit"]))
        if kind == "click":
            out.append(click(draw(st.sampled_from("abc")), draw(st.sampled_from(CLICKS)), number))
        elif kind == "edit":
            either = st.one_of(st.none(), interests(number))
            out.append(edit(draw(either), draw(either), number))
        else:
            out.append(
                message(
                    number,
                    *draw(st.lists(interests(number), max_size=4)),
                    retractions=tuple(draw(st.lists(RETRACTIONS, max_size=2))),
                    replaces=draw(st.booleans()),
                )
            )
    return tuple(out)


@given(turn_lists(), turn_lists(), st.integers(0, 8))
def test_folding_is_the_same_at_once_and_bit_by_bit(
    turns: tuple[Turn, ...], earlier: tuple[Turn, ...], cut: int
) -> None:
    whole = profile_of(turns, earlier)
    assert profile_of(turns, earlier) == whole
    rebuilt = profile_of(turns[:cut], earlier)
    for turn in turns[cut:]:
        rebuilt = fold(rebuilt, turn)
    assert rebuilt == whole


@given(turn_lists(), turn_lists())
def test_nothing_is_held_twice_and_strengths_are_sound(
    turns: tuple[Turn, ...], earlier: tuple[Turn, ...]
) -> None:
    profile = profile_of(turns, earlier)
    for place, one in enumerate(profile.interests):
        assert 0 < one.strength <= 1
        assert not any(same_subject(one, other) for other in profile.interests[place + 1 :])
    assert len(set(profile.saved)) == len(profile.saved)
    assert profile.seen | profile.rejected <= profile.excluded


@given(turn_lists(), st.integers(0, 60), st.integers(0, 60))
def test_fading_only_weakens(turns: tuple[Turn, ...], now: int, later: int) -> None:
    profile = profile_of(turns)
    last = max((one.turn for one in profile.interests), default=0)
    sooner = faded(profile, last + now)
    after = {(one.kind, one.value, one.bounds, one.feeling, one.group): one.strength
             for one in faded(profile, last + now + later)}  # fmt: skip
    for one in sooner:
        assert FAINTEST <= one.strength <= 1 or one.hard or one.feeling == "seen"
        key = (one.kind, one.value, one.bounds, one.feeling, one.group)
        assert key not in after or after[key] <= one.strength + 1e-12
        assert key in after or not one.hard


@given(turn_lists(), interests(9))
def test_the_last_word_is_held(turns: tuple[Turn, ...], last: Interest) -> None:
    profile = fold(profile_of(turns), message(9, last))
    newest = profile.interests[-1]
    assert (newest.kind, newest.value, newest.feeling, newest.turn) == (
        last.kind,
        last.value,
        last.feeling,
        9,
    )
    assert not [one for one in profile.interests[:-1] if same_subject(one, last)]


@given(turn_lists(), st.sampled_from("abc"), turn_lists())
def test_a_hard_dislike_stays_until_it_is_lifted(
    before: tuple[Turn, ...], value: str, after: tuple[Turn, ...]
) -> None:
    never = about(value, "genres", "dislike", 1, hard=True)
    profile = fold(profile_of(before), message(1, never))
    for turn in after:
        profile = fold(profile, turn)
        if _touches(turn, never):
            return
        assert never in profile.interests


def _touches(turn: Turn, interest: Interest) -> bool:
    """Whether a turn retracts or contradicts the interest."""
    if turn.edit is not None:
        sides = [side for side in (turn.edit.before, turn.edit.after) if side is not None]
        return any(side.kind == interest.kind and side.value == interest.value for side in sides)
    if turn.reading is None:
        return False
    gone = any(
        one.kind in ("", interest.kind) and one.value in ("", interest.value) or one.kind == ""
        for one in turn.reading.retractions
    )
    return gone or any(
        one.kind == interest.kind and one.value == interest.value for one in turn.reading.interests
    )


@given(turn_lists(), turn_lists())
def test_forgetting_everything_leaves_only_what_was_saved(
    turns: tuple[Turn, ...], earlier: tuple[Turn, ...]
) -> None:
    before = profile_of(turns, earlier)
    after = fold(before, message(9, retractions=(Retraction(),)))
    assert after == TasteProfile(saved=before.saved)


@given(interests(1), interests(2))
def test_being_about_the_same_goes_both_ways(one: Interest, other: Interest) -> None:
    assert same_subject(one, other) == same_subject(other, one)
    assert same_subject(one, one)


@given(turn_lists())
def test_a_turn_without_meaning_changes_nothing(turns: tuple[Turn, ...]) -> None:
    profile = profile_of(turns)
    assert fold(profile, Turn(9, NOW, "m9", "…", None, Reply("…", "converse"))) == profile
    assert fold_reading(profile, Reading("chat")) == profile
