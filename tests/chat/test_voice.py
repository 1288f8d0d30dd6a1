"""Who words a plan, and that nothing unfounded is said by either voice."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from chat.errors import ModelError
from chat.reply import Fact, Plan, Question, Reason, Recommendation
from chat.trace import Trace
from chat.voice import ModelVoice, PlainVoice
from chat.wording.catalogue import words_for
from prompts.dialogue import Utterance
from tests.chat.test_taste import about
from tests.shelves_for_tests import films, item, reader

SAID = (Utterance("user", "something tense"),)
PLAIN = PlainVoice(words_for(films()), reader("films").titles.holds)
WISH = about("tense", "moods")
PLAN = Plan(
    "recommend",
    "request",
    tuple(
        Recommendation(item(films(), each), (Reason(WISH, Fact("moods", "tense"), "You like “tense”"),), 1.0)
        for each in ("heat", "ronin")
    ),
    heard=(WISH,),
)


def spoken(draft: str | Exception, plan: Plan = PLAN) -> tuple[str, str, list[str]]:
    """The words, the voice and the notes where a model drafts so."""

    def drafts(plan: Plan, dialogue: Sequence[Utterance], seed: int) -> str:
        if isinstance(draft, Exception):
            raise draft
        return draft

    trace = Trace()
    words, voice = ModelVoice("tiny", drafts, PLAIN).speak(plan, SAID, "c.1", trace)
    return words, voice, trace.notes


def plain(plan: Plan = PLAN) -> str:
    """The plain voice's words."""
    return PLAIN.speak(plan, SAID, "c.1", Trace())[0]


def test_a_model_samples_by_the_turns_own_seed() -> None:
    seeds: list[int] = []

    def drafts(plan: Plan, dialogue: Sequence[Utterance], seed: int) -> str:
        seeds.append(seed)
        return "Heat (1995), and Ronin (1998)."

    for turn in ("c.1", "c.2", "c.1"):
        ModelVoice("tiny", drafts, PLAIN).speak(PLAN, SAID, turn, Trace())
    first, second, again = seeds
    assert first == again != second


def test_the_plain_voice_names_what_is_listed_and_is_steady() -> None:
    trace = Trace()
    words, voice = PLAIN.speak(PLAN, SAID, "c.1", trace)
    assert voice == "plain"
    assert "Heat" in words
    assert "Ronin" in words
    assert trace.notes == []
    assert plain() == words
    assert len({PLAIN.speak(PLAN, SAID, f"c.{n}", Trace())[0] for n in range(12)}) > 1


@pytest.mark.parametrize(
    "plan",
    [
        PLAN,
        Plan("converse", "greet"),
        Plan("converse", "bye"),
        Plan("decline", "offtopic"),
        Plan("ask", "request", question=Question("open", ("funny", "dark", "Surprise me"))),
        Plan("describe", "describe", items=(item(films(), "heat"),)),
        Plan("describe", "question", items=(item(films(), "heat"),), asked="directors",
             answers=(("Michael Mann",),)),
        Plan("converse", "inform", unknown_titles=("Barbarella",)),
    ],
    ids=lambda plan: f"{plan.move} {plan.topic}",
)  # fmt: skip
def test_the_plain_voice_passes_its_own_check(plan: Plan) -> None:
    trace = Trace()
    words, _ = PLAIN.speak(plan, SAID, "c.1", trace)
    assert words.strip()
    assert trace.notes == []


def test_a_sound_draft_is_spoken_as_it_is() -> None:
    words, voice, notes = spoken("  Heat (1995) and Ronin (1998) are both tense.  ")
    assert words == "Heat (1995) and Ronin (1998) are both tense."
    assert voice == "tiny"
    assert notes == []


@pytest.mark.parametrize(
    "draft",
    [
        "You should watch The Godfather (1972).",
        "Heat (1995) is tense, and so is The Shining (1980).",
        "Heat (1987) is tense.",
        "Heat runs 88 minutes.",
        "Heat was directed by Quentin Tarantino.",
        "Try [3].",
        "Heat <script>alert(1)</script>",
        "See https://example.com for Heat.",
        "",
        "   ",
    ],
)
def test_a_draft_with_anything_unfounded_is_not_spoken(draft: str) -> None:
    words, voice, notes = spoken(draft)
    assert voice == "plain"
    assert words == plain()
    assert len(notes) == 1
    assert notes[0].startswith("draft refused")


def test_a_model_that_fails_is_stood_in_for() -> None:
    words, voice, notes = spoken(ModelError("out of breath"))
    assert (words, voice) == (plain(), "plain")
    assert "out of breath" in notes[0]


def test_other_errors_are_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        spoken(ZeroDivisionError())


def test_nothing_off_topic_reaches_the_model() -> None:
    words, voice, notes = spoken("I'd love to write your essay.", Plan("decline", "offtopic"))
    assert voice == "plain"
    assert "essay" not in words
    assert notes == []


def test_the_steps_are_timed() -> None:
    trace = Trace()
    ModelVoice("tiny", lambda plan, dialogue, seed: "Heat (1995).", PLAIN).speak(PLAN, SAID, "c.1", trace)
    assert {"model", "check"} <= set(trace.timings)
