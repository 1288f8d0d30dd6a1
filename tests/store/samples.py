"""Turns and conversations for the tests: hand-made ones, and hypothesis strategies for any at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TypeVar, get_args

from hypothesis import strategies as st

from chat.conversation import Conversation, Feedback, FeedbackKind, TasteEdit, Turn
from chat.reply import MOVES, Fact, Question, Reason, Recommendation, Reply
from prompts.dialogue import Act, Ambiguity, Feeling, Interest, Mention, Reading, Retraction
from retrieval.items import Bounds, Constraint, Item

T = TypeVar("T")

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

HEAT = Item(
    "heat",
    "Heat",
    MappingProxyType({"year": 1995, "genres": ("crime", "thriller"), "rating": 8.3}),
    "A thief and a detective.",
    "https://example.org/heat.jpg",
    "javascript:alert(1)",
)
CRIME = Interest("crime", "genres", "like", 0.8765, "a crime film", 1, value="crime")
LONG = Interest("at most 2 h", "runtime", "like", 1.0, "not too long", 1, True, bounds=Bounds(high=120.0))


def conversation(
    id: str = "c1", user: str = "ann", catalogue: str = "films", started: datetime = NOON, *turns: Turn
) -> Conversation:
    return Conversation(id, user, catalogue, started, turns)


def message(number: int, text: str = "a crime film", id: str | None = None, minutes: float = 0) -> Turn:
    """A message with its reading and a reply with one recommendation."""
    reasons = (
        Reason(CRIME, Fact("genres", "crime"), "It is a crime film."),
        Reason(LONG, Fact("runtime", "170"), "It is long.", against=True),
    )
    reply = Reply(
        "Try Heat (1995). It is a crime film.", "recommend", (Recommendation(HEAT, reasons, 0.5),), ("More",)
    )
    reading = Reading("request", (CRIME, LONG))
    at = NOON + timedelta(minutes=number + minutes)
    timings = MappingProxyType({"read": 1.5})
    return Turn(number, at, id or f"m{number}", text, reading, reply, timings=timings)


def click(number: int, item_id: str, kind: FeedbackKind, id: str, minutes: float = 0) -> Turn:
    return Turn(number, NOON + timedelta(minutes=number + minutes), id, feedback=Feedback(item_id, kind))


# ---------------------------------------------------------------- any at all

#: Real text: everything but lone surrogates, NUL and other control characters among it.
TEXT = st.text(max_size=12)
#: What Python may hold in a string, half surrogate pairs among it.
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=12)
NUMBER = st.floats(allow_nan=False)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


def turns(text: st.SearchStrategy[str] = TEXT) -> st.SearchStrategy[Turn]:
    """Any turn, its strings drawn from `text`."""

    def some(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
        return st.lists(strategy, max_size=2).map(tuple)

    texts = some(text)
    bounds = st.builds(Bounds, st.none() | NUMBER, st.none() | NUMBER)
    interest = st.builds(
        Interest, text, text, st.sampled_from(get_args(Feeling)), NUMBER, text, st.integers(0, 99),
        st.booleans(), text, st.none() | bounds, text,
    )  # fmt: skip
    reading = st.builds(
        Reading, st.sampled_from(get_args(Act)), some(interest),
        some(st.builds(Retraction, text, text, text)), some(st.builds(Mention, text, text, st.booleans())),
        some(st.builds(Ambiguity, text, texts)), text, text, st.none() | st.integers(0, 9), st.booleans(),
        text, texts, st.booleans(), st.booleans(),
    )  # fmt: skip
    facts = st.dictionaries(text, text | st.integers() | NUMBER | texts, max_size=3).map(MappingProxyType)
    item = st.builds(Item, text, text, facts, text, st.none() | text, st.none() | text)
    reason = st.builds(Reason, interest, st.builds(Fact, text, text), text, st.booleans())
    recommendation = st.builds(Recommendation, item, some(reason), NUMBER)
    constraint = st.builds(Constraint, text, texts, st.none() | bounds)
    question = st.builds(Question, text, texts, texts, some(constraint), text)
    reply = st.builds(
        Reply, text, st.sampled_from(MOVES), some(recommendation), texts, st.none() | question, text, texts
    )  # fmt: skip
    return st.builds(
        Turn, st.integers(0, 99), TIMES, text, text, st.none() | reading, st.none() | reply,
        st.none() | st.builds(Feedback, text, st.sampled_from(get_args(FeedbackKind))),
        st.none() | st.builds(TasteEdit, st.none() | interest, st.none() | interest),
        st.dictionaries(text, NUMBER, max_size=2).map(MappingProxyType),
    )  # fmt: skip
