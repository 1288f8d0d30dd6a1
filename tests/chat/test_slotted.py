"""Plans as short briefs, and drafts with slots: what is taken, what is refused, what comes out."""

from __future__ import annotations

import pytest

from chat.check import check
from chat.errors import BadDraft
from chat.reply import Fact, Plan, Question, Reason, Recommendation, Unmet
from chat.slotted import SlottedDrafter, draft_problems, fill
from chat.trace import Trace
from chat.voice import ModelVoice, PlainVoice
from chat.wording.catalogue import words_for
from prompts.dialogue import Draft, Interest, Utterance
from prompts.forms import Grammar
from prompts.short import Entry, ShortBrief, Stated, Tie, slots
from retrieval.items import Bounds, Constraint
from tests.chat.test_taste import about
from tests.shelves_for_tests import films, item

WORDS = words_for(films())
DARK = Reason(about("dark", "moods", "dislike"), Fact("moods", "dark"), "but: dark", True)
UNMET = Unmet(Constraint("genres", ("x",)), False, 3, "x")
SAID = (Utterance("user", "something tense, not too long"),)
LONG = Interest("at most 130 min", "runtime", "like", 0.9, "not too long", 1, True, "", Bounds(None, 130))


def entry(id: str, *more: Reason) -> Recommendation:
    """A film with a reason for it."""
    wish = about("tense", "moods")
    return Recommendation(
        item(films(), id),
        (Reason(wish, Fact("moods", "tense"), "You like “tense” — mood: tense"), *more),
        1.0,
    )


PLAN = Plan("recommend", "request", (entry("heat"), entry("ronin")), heard=(about("tense", "moods"),))


def drafter(answer: str = "…") -> SlottedDrafter:
    """A drafter whose model answers so."""
    return SlottedDrafter(WORDS, lambda messages, seed, grammar: answer)


def brief_of(plan: Plan) -> ShortBrief:
    """The brief of a plan that has one."""
    brief = drafter().brief(plan)
    assert brief is not None
    return brief


def test_reasons_become_ties_and_names_and_numbers_become_slots() -> None:
    timed = Reason(LONG, Fact("runtime", "122"), "You asked for “not too long” — 122 min")
    brief = brief_of(Plan("recommend", "request", (entry("ronin", timed),), heard=(LONG,)))
    (ronin,) = brief.entries
    assert (ronin.title, ronin.year) == ("Ronin", 1998)
    assert ronin.ties[0] == Tie("tense", Stated("mood", "tense", part="adjective"))
    assert ronin.ties[1].words == "not too long"
    exact = {fact.label: fact.value for fact in slots(ronin).values()}
    assert exact["running time"].endswith("minutes")
    assert "director" in exact
    assert brief.noun == "film"


def test_a_draft_is_filled_and_passes_the_check() -> None:
    letters = {fact.label: letter for letter, fact in slots(brief_of(PLAN).entries[0]).items()}
    draft = f"Tense it is. [1] comes first, by [1{letters['director']}], and [2] is tense as well."
    text = drafter(draft)(PLAN, SAID)
    assert text.startswith("Tense it is. Heat (1995) comes first, by Michael Mann, and Ronin (1998)")
    assert check(text, PlainVoice(WORDS, lambda _: False).allowed(PLAN, SAID)) == []


HEAT = Entry(
    "Heat",
    1995,
    (Tie("not too long", Stated("running time", "170 minutes", True, "number")),),
    (
        Stated("theme", "a heist, obsession", part="topic"),
        Stated("genre", "action film, crime film", part="kind"),
    ),
)
FILLED = ShortBrief("recommend", "request", "film", "films", "watch", (HEAT,), titles=("Ronin",))


@pytest.mark.parametrize(
    ("draft", "text"),
    [
        (
            "[1] runs [1i]. If you liked [A], [1] is for you.",
            "Heat (1995) runs 170 minutes. If you liked Ronin, Heat is for you.",
        ),
        ("It's a [1c] about [1e]: [1].", "It's an action film about a heist: Heat (1995)."),
        ("[1] is an [1d]. A [1e] is in it.", "Heat (1995) is a crime film. A heist is in it."),
        ("Here. “[1f]” it is.", "Here. “Obsession” it is."),
        ("[1f] and [1e].", "Obsession and a heist."),
        ("Nothing for [2], [1a], [B] or a [2a].", "Nothing for [2], [1a], [B] or a [2a]."),
        ("[1i]… [1i] it is!", "170 minutes… 170 minutes it is!"),
    ],
)
def test_slots_become_words(draft: str, text: str) -> None:
    assert fill(Draft(draft), FILLED) == text


def test_values_stand_as_they_do_in_a_sentence() -> None:
    (ronin,) = brief_of(Plan("describe", "describe", items=(item(films(), "ronin"),))).entries
    told = {fact.label: fact.value for fact in ronin.facts}
    assert all(" film" in f" {kind} film" and not kind.startswith("a ") for kind in told["genre"].split(", "))
    assert told["genre"].startswith(("action", "crime", "thriller"))


@pytest.mark.parametrize(
    ("draft", "problem"),
    [
        ("[1] is tense.", "items named"),
        ("[2] and [1] are tense.", "items named"),
        ("[1], [2] and [3].", "no slot"),
        ("[1] at [1j], and [2].", "no slot"),
        ("[1] runs 170 minutes, [2] is tense.", "number"),
        ("[1] and [2] are tense", "doesn't end"),
        ("", "empty"),
        ("[1] is tense. [2] too. Which one?", "question"),
        ("[1] is an [1h], [2] is tense.", "an article"),
        ("[1] is a [1a]. [2] is tense.", "an article"),
        ("[1] is as tense as they ever come for us, [2] is as tense as they ever come for us.", "twice"),
        ("[1] is tense. By [1h], [2] is tense as well.", "another item"),
    ],
)
def test_a_draft_that_does_not_keep_to_its_brief_is_refused(draft: str, problem: str) -> None:
    found = draft_problems(draft, brief_of(PLAN))
    assert any(problem in one for one in found), found
    with pytest.raises(BadDraft):
        drafter(draft)(PLAN, SAID)


def test_a_fact_of_another_item_is_found() -> None:
    brief = ShortBrief(
        "recommend", "request", "film", "films", "watch",
        (
            Entry("A", None, (), (Stated("theme", "grief, siblings"),)),
            Entry("B", None, (), (Stated("theme", "small towns"),)),
        ),
    )  # fmt: skip
    assert draft_problems("[1] is about grief. [2] is about small towns.", brief) == []
    assert draft_problems("[1] is about small towns. [2] isn't.", brief)
    assert draft_problems("[1] comes first. It is about small towns. [2] follows.", brief)
    # One sentence about both may hold what either has, and what the person said is theirs.
    assert draft_problems("[1] is about grief and [2] about small towns.", brief) == []
    assert draft_problems("[1] has small towns. [2] too.", brief, "small towns please") == []


@pytest.mark.parametrize(
    "plan",
    [
        Plan("recommend", "request", (entry("heat"),), unmet=(UNMET,)),
        Plan("recommend", "request", (entry("heat"),), unknown_titles=("Nothing Like It",)),
        Plan("recommend", "request", (entry("heat"),), question=Question("open", ("a", "b"))),
        Plan("ask", "request", question=Question("open", ("a", "b"))),
        Plan("converse", "care"),
        Plan("converse", "taste", profile=(about("tense", "moods"),)),
        Plan(
            "recommend", "request",
            (entry("heat", DARK),),
        ),
    ],
)  # fmt: skip
def test_what_a_short_brief_cannot_say_is_left_to_the_plain_voice(plan: Plan) -> None:
    assert drafter().brief(plan) is None
    assert not drafter().takes(plan, SAID)
    silent = SlottedDrafter(WORDS, never)
    voice = ModelVoice("small", silent, PlainVoice(WORDS, lambda _: False), silent.takes)
    assert voice.speak(plan, SAID, "seed", Trace())[1] == "plain"


def never(messages: list[dict[str, str]], seed: int, grammar: Grammar) -> str:
    """A model that must not be asked."""
    raise AssertionError("the model was asked")


def test_a_word_that_is_neither_the_models_own_nor_in_its_prompt_is_refused() -> None:
    own = ["comes", "first", "and", "is", "as", "well", "about"]
    draft = "[1] comes first, and [2] is tense as well."
    spoken = SlottedDrafter(WORDS, lambda messages, seed, grammar: draft, own)
    assert spoken(PLAN, SAID).startswith("Heat (1995) comes first")
    for said, word in (("about conspiracies", "conspiracies"), ("a fine album", "album")):
        loose = SlottedDrafter(WORDS, lambda *asked, said=said: f"{draft[:-1]}, {said}.", own)
        with pytest.raises(BadDraft, match=f"'{word}' is said by nobody|'a' is said by nobody"):
            loose(PLAN, SAID)
        assert drafter(f"{draft[:-1]}, {said}.")(PLAN, SAID), "without such a list any word may be said"


def test_a_refused_draft_leaves_the_plain_voice_to_speak() -> None:
    bad = drafter("[1] runs 5 minutes.")
    voice = ModelVoice("small", bad, PlainVoice(WORDS, lambda _: False), bad.takes)
    text, who = voice.speak(PLAN, SAID, "seed", Trace())
    assert who == "plain"
    assert "Heat (1995)" in text


def test_a_title_that_the_person_named_is_a_slot() -> None:
    liked = Interest("Heat (1995)", "item", "like", 0.9, "loved heat", 1, value="heat")
    reason = Reason(liked, Fact("moods", "tense, heist"), "Like Heat (1995): tense, heist")
    plan = Plan(
        "recommend", "request", (Recommendation(item(films(), "ronin"), (reason,), 1.0),), heard=(liked,)
    )
    brief = drafter().brief(plan)
    assert brief is not None
    assert brief.titles == ("Heat (1995)",)
    assert (
        drafter("As you liked [A], there's [1].")(plan, SAID)
        == "As you liked Heat (1995), there's Ronin (1998)."
    )


def test_a_model_is_asked_only_for_what_it_is_good_at() -> None:
    lists = SlottedDrafter(WORDS, never, (), ("recommend",))
    assert lists.takes(PLAN, SAID)
    told = Plan("describe", "describe", items=(item(films(), "heat"),))
    assert drafter().takes(told, SAID)
    assert not lists.takes(told, SAID)


def test_a_long_message_is_not_for_a_small_model() -> None:
    assert drafter().takes(PLAN, SAID)
    assert not drafter().takes(PLAN, (Utterance("user", "word " * 200),))


def test_a_fact_under_the_label_of_another_is_found() -> None:
    led = Entry("A", None, (), (Stated("cast", "Jane Roe", True, "name"), Stated("theme", "grief")))
    brief = ShortBrief("recommend", "request", "film", "films", "watch", (led,))
    assert draft_problems("[1], with [1h] in the cast, is about [1j].", brief, "", ["director"]) == []
    for draft in ("[1] has [1h] as its director.", "[1] was directed by [1h].", "The theme of [1] is [1h]."):
        assert draft_problems(draft, brief, "", ["director"]), draft


def test_of_two_names_only_one_is_told() -> None:
    (heat,) = brief_of(Plan("recommend", "request", (entry("heat"),))).entries
    told = [fact.part for fact in (*(tie.fact for tie in heat.ties), *heat.facts)]
    assert told.count("name") == 1
    assert told.count("number") <= 1
