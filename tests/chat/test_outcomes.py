"""What came of lists, as the turns tell; and that the next list follows at once, through the service."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from chat.conversation import Conversation, Feedback, FeedbackKind, Turn
from chat.outcomes import outcomes_of, stood_out
from chat.reply import Fact, Reason, Recommendation, Reply
from chat.service import Service
from chat.store.memory import MemoryStore
from prompts.dialogue import Feeling, Interest, Reading
from retrieval.bandit import Bandit
from tests.chat.test_manager import say
from tests.shelves_for_tests import NOW, conversation, item, manager, retriever, shelf

FILMS = shelf("films")
WISH = Interest("thriller", "genres", "like", 0.8, "a thriller", 1, value="thriller")
LIST = (("heat", {"traits": 0.4}), ("ronin", {"traits": 0.2, "words": 0.2}), ("shining", {"words": 0.2}))


def listed(number: int = 1, **reading: object) -> Turn:
    entries = tuple(
        Recommendation(
            item(FILMS, name), (Reason(WISH, Fact("genres", "thriller"), "genre: thriller"),), 0.5, parts
        )
        for name, parts in LIST
    )  # fmt: skip
    read = Reading("request", **reading)  # type: ignore[arg-type]
    return Turn(number, NOW, f"m{number}", "more", read, Reply("Here.", "recommend", entries))


def about(item_id: str, feeling: Feeling) -> tuple[Interest, ...]:
    return (Interest(item_id, "item", feeling, 0.9, "it", 2, value=item_id),)


def clicked(kind: FeedbackKind, item_id: str = "heat", after: Turn | None = None) -> Turn:
    apart = stood_out(conversation("films", after or listed()), item_id)
    return Turn(1, NOW, f"c-{kind}-{item_id}", feedback=Feedback(item_id, kind, apart))


def test_what_sets_an_item_apart_in_its_latest_list() -> None:
    talk = conversation("films", listed())
    assert stood_out(talk, "heat") == {"traits": 0.3, "words": -0.2}
    assert stood_out(talk, "up") == {}
    assert stood_out(conversation("films"), "heat") == {}


def test_clicks_count_here_and_in_earlier_conversations() -> None:
    here = outcomes_of((listed(), clicked("like")))
    assert [(one.reward, dict(one.apart)) for one in here] == [(1.0, {"traits": 0.3, "words": -0.2})]
    assert outcomes_of((), earlier=(clicked("like"),)) == here
    assert outcomes_of((listed(), clicked("dislike")))[0].reward == -1
    assert outcomes_of((listed(), clicked("hide")))[0].reward == -1
    assert outcomes_of((listed(), clicked("seen"))) == ()  # having seen it says nothing of how it was found
    assert outcomes_of((listed(), clicked("unsave"))) == ()


def test_the_newest_word_on_an_item_stands() -> None:
    found = outcomes_of((listed(), clicked("like"), clicked("dislike")))
    assert [one.reward for one in found] == [-1]


def test_what_is_said_of_a_listed_item_counts() -> None:
    liked = outcomes_of((listed(), listed(2, interests=about("ronin", "like"))))
    assert [one.reward for one in liked] == [1]
    assert outcomes_of((listed(),), latest=Reading("feedback", interests=about("ronin", "like"))) == liked
    assert outcomes_of((listed(),), latest=Reading("feedback", interests=about("up", "like"))) == ()


def test_what_is_passed_over_counts_a_little_against_itself() -> None:
    found = outcomes_of((listed(), clicked("like")), latest=Reading("request", fresh=True))
    assert sorted(one.reward for one in found) == [-0.1, -0.1, 1.0]


def test_a_list_without_parts_teaches_nothing() -> None:
    turn = listed()
    assert turn.reply is not None
    bare = tuple(replace(one, found_by={}) for one in turn.reply.recommendations)
    old = replace(turn, reply=replace(turn.reply, recommendations=bare))
    assert outcomes_of((old, clicked("like", after=old))) == ()


# ------------------------------------------------------------------------------------ through the house


def house(bandit: Bandit | None) -> Service:
    learning = replace(manager("films"), bandit=bandit, signals=retriever("films").signals)
    seconds = itertools.count()
    return Service(MemoryStore(), lambda _: learning, lambda: NOW + timedelta(seconds=next(seconds)))


@pytest.mark.parametrize("kind", ["dislike", "hide", "like"])
def test_a_click_changes_the_next_list_at_once(kind: FeedbackKind) -> None:
    service = house(Bandit(exploration=0.0))
    with_click, without = (service.start("ann", "films").id, service.start("bob", "films").id)
    for user, talk in (("ann", with_click), ("bob", without)):
        service.respond(user, talk, "m1", "something funny")
    first = service.history("ann", with_click).messages[-1].reply
    assert first is not None
    assert len(first.recommendations) > 1
    judged = first.recommendations[0].item.id
    service.feedback("ann", with_click, judged, kind)
    kept = service.history("ann", with_click).turns[-1].feedback
    assert kept is not None
    assert kept.apart == stood_out(service.history("ann", with_click), judged)
    lists = {}
    for user, talk in (("ann", with_click), ("bob", without)):
        reply = service.respond(user, talk, "m2", "something else").turn.reply
        assert reply is not None
        lists[user] = [(entry.item.id, entry.score) for entry in reply.recommendations]
    assert lists["ann"] != lists["bob"]
    assert judged not in dict(lists["ann"])


def test_feedback_leans_the_query_and_the_same_talk_gets_the_same_lists() -> None:
    learning = replace(manager("films"), bandit=Bandit(), signals=retriever("films").signals)
    talk = say(conversation("films"), "something funny", with_manager=learning)
    again = say(replace(talk, id="another", turns=()), "something funny", with_manager=learning)
    assert _shown(talk) == _shown(again)
    turn = clicked_in(talk, "like")
    one = say(replace(talk, turns=(*talk.turns, turn)), "something else", with_manager=learning)
    two = say(replace(talk, turns=(*talk.turns, turn)), "something else", with_manager=learning)
    assert _shown(one) == _shown(two)


def clicked_in(talk: Conversation, kind: FeedbackKind) -> Turn:
    judged = talk.shown[0]
    return Turn(1, NOW, "click", feedback=Feedback(judged, kind, stood_out(talk, judged)))


def _shown(talk: Conversation) -> list[tuple[str, float]]:
    return [(entry.item.id, entry.score) for entry in talk.last.recommendations] if talk.last else []
