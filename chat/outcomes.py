"""What came of what was shown: the turns of a person → outcomes that the ranking can learn from. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chat.conversation import Conversation, Turn
from chat.reply import Recommendation
from prompts.dialogue import Reading
from retrieval.bandit import REWARDS, Outcome, apart


def outcomes_of(
    turns: Sequence[Turn], earlier: Sequence[Turn] = (), latest: Reading | None = None
) -> tuple[Outcome, ...]:
    """The outcomes of everything that one person did with the lists of one catalogue, oldest first.

    A click counts, in `earlier` conversations too, by what it kept of the list it was made on. What is said
    of a listed item counts in its own conversation, as does silence: where others are asked for and nothing
    was said of an item, it was skipped. The newest word on an item replaces older ones. `latest` is the
    reading of a message that has no turn yet.
    """
    found: dict[str, Outcome] = {}
    for turn in earlier:
        _click(found, turn)
    lists: dict[str, Mapping[str, float]] = {}
    current: tuple[str, ...] = ()
    for turn in turns:
        _click(found, turn)
        if turn.reading is not None:
            _said(found, turn.reading, lists, current)
        if turn.reply is not None and turn.reply.recommendations:
            lists.update(_stood_out(turn.reply.recommendations))
            current = tuple(entry.item.id for entry in turn.reply.recommendations)
    if latest is not None:
        _said(found, latest, lists, current)
    return tuple(outcome for outcome in found.values() if outcome.apart and outcome.reward)


def stood_out(conversation: Conversation, item_id: str) -> Mapping[str, float]:
    """What set an item apart in the latest list that it was in; empty where it was in none."""
    for turn in reversed(conversation.messages):
        listed = turn.reply.recommendations if turn.reply else ()
        if any(entry.item.id == item_id for entry in listed):
            return _stood_out(listed)[item_id]
    return {}


def _stood_out(recommendations: Sequence[Recommendation]) -> dict[str, Mapping[str, float]]:
    """For each item of a list, by id, what set it apart from the others."""
    parts = [entry.found_by for entry in recommendations]
    return {entry.item.id: apart(parts, place) for place, entry in enumerate(recommendations)}


def _click(found: dict[str, Outcome], turn: Turn) -> None:
    feedback = turn.feedback
    if feedback is not None and feedback.kind in REWARDS:
        _newest(found, feedback.item_id, Outcome(feedback.apart, REWARDS[feedback.kind]))


def _said(
    found: dict[str, Outcome],
    reading: Reading,
    lists: Mapping[str, Mapping[str, float]],
    current: Sequence[str],
) -> None:
    for interest in reading.interests:
        if interest.kind == "item" and interest.value in lists:
            _newest(found, interest.value, Outcome(lists[interest.value], REWARDS[interest.feeling]))
    if reading.fresh:
        for item_id in current:
            if item_id not in found:
                _newest(found, item_id, Outcome(lists[item_id], REWARDS["skip"]))


def _newest(found: dict[str, Outcome], item_id: str, outcome: Outcome) -> None:
    found.pop(item_id, None)
    found[item_id] = outcome
