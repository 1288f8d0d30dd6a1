"""The prompts in their short form, for models that were trained on it: what to do is learned, not told.

On a processor the length of a prompt decides how long a person waits, and a model of a few million weights
reads no instructions. Names and facts are slots (`[1]` an item, `[1b]` a value of it, `[A]` a title that the
person named), which code fills in: the model places them and writes the words between.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from prompts.dialogue import Act
from prompts.template import neutralise, render, shorten
from prompts.write import Task
from retrieval.items import Facet, Item

#: What a prompt holds at most.
LAST_CHARS = 400
TITLE_CHARS = 60
VALUE_CHARS = 80
SHOWN = 10
ITEMS = 5
LINES = 6
WISHES = 4
LETTERS = "abcdefghij"
#: What a value is in a sentence, and the letters that such values take first: "a [1a], [1b] [1c] about [1e]".
#: So a letter tells a small model nearly all that it has to know of the value.
Part = Literal["adjective", "kind", "topic", "name", "number", "other"]
LETTERS_OF: Mapping[Part, str] = {
    "adjective": "ab", "kind": "cd", "topic": "efg", "name": "h", "number": "i", "other": "j",
}  # fmt: skip
#: Letters that names, numbers and the like may take where their own are gone. What an item is there for must
#: have one, whatever it is.
SPARE, SPARE_OF_TIES = "jih", "jihgdfbeca"
TITLES = "ABCD"
#: The label of a passage of an item's description, quoted word for word.
SAYS = "says"
PASSAGE_CHARS = 40

#: What a reading takes from its prompt word for word, and what is written first.
_COPIED = frozenset({"quote", "subject", "kind", "value", "asked", "asked_value"})
_FIRST = ("quote", "subject", "kind")

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SLOT = re.compile(r"\[(?:([1-9])([a-j])?|([A-D]))\]")


@dataclass(frozen=True, slots=True)
class Stated:
    """A fact as it may be stated. An `exact` one is one name, number or passage; others are values with
    commas between them, each as it stands in a sentence ("funny", "a heist", "horror film").
    """

    label: str
    value: str
    exact: bool = False
    part: Part = "other"


@dataclass(frozen=True, slots=True)
class Tie:
    """Why an item is in the list: their words and the fact that meets them, or doesn't (`lacking`).

    For what is like something that they named, `like` is the index of that title and the fact's value
    holds what both share.
    """

    words: str
    fact: Stated
    lacking: bool = False
    like: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One item for the writer: its slot is its place."""

    title: str
    year: int | None = None
    ties: tuple[Tie, ...] = ()
    facts: tuple[Stated, ...] = ()


@dataclass(frozen=True, slots=True)
class ShortBrief:
    """All that a model may use for a reply, in the short form.

    `act` is what the person's message did, `titles` are works they named, `asked` is the label of a question
    and `question` the one to end with. `winner` is the index of the item that wins a comparison.
    """

    move: Task
    act: Act
    noun: str
    nouns: str
    verb: str
    entries: tuple[Entry, ...] = ()
    likes: tuple[str, ...] = ()
    dislikes: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    asked: str = ""
    question: str = ""
    winner: int | None = None


def short_read_messages(last: str, shown: Sequence[Item], facets: Sequence[Facet]) -> list[dict[str, str]]:
    """Chat messages that ask a trained model what the person's message means; `shown` are numbered from 1."""
    titles = [{"title": shorten(neutralise(item.title), TITLE_CHARS)} for item in shown[:SHOWN]]
    return [
        {"role": "system", "content": render("short_read_system", facets=facets)},
        {
            "role": "user",
            "content": render("short_read_user", shown=titles, last=shorten(neutralise(last), LAST_CHARS)),
        },
    ]


def short_write_messages(last: str, brief: ShortBrief) -> list[dict[str, str]]:
    """Chat messages that ask a trained model to word a reply. Raises `ValueError` for too many items."""
    if len(brief.entries) > ITEMS:
        raise ValueError(f"a short brief holds at most {ITEMS} items, not {len(brief.entries)}")
    user = render(
        "short_write_user",
        last=shorten(neutralise(last), LAST_CHARS),
        move=brief.move,
        act=brief.act,
        likes=brief.likes[:WISHES],
        dislikes=brief.dislikes[:WISHES],
        titles=[(TITLES[place], title) for place, title in enumerate(brief.titles[: len(TITLES)])],
        entries=[_lined(entry) for entry in brief.entries],
        asked=brief.asked,
        question=brief.question,
        winner=None if brief.winner is None else brief.winner + 1,
    )
    return [
        {
            "role": "system",
            "content": render("short_write_system", noun=brief.noun, nouns=brief.nouns, verb=brief.verb),
        },
        {"role": "user", "content": user},
    ]


def slots(entry: Entry) -> dict[str, Stated]:
    """The letters of an entry's values; the same value has one letter only.

    Each takes a letter of its part, in the order of the lines, or else one that says less. Where none is left
    a value has none, and stays out of the prompt.
    """
    found: dict[str, Stated] = {}
    for facts, spare in (
        ([tie.fact for tie in entry.ties[:WISHES]], SPARE_OF_TIES),
        (entry.facts[:LINES], SPARE),
    ):
        waiting: list[Stated] = []
        for fact in facts:
            for value in values_of(fact):
                if any(plain(value) == plain(one.value) for one in (*found.values(), *waiting)):
                    continue
                letter = next((one for one in LETTERS_OF[fact.part] if one not in found), None)
                if letter is not None:
                    found[letter] = replace(fact, value=value)
                elif spare is SPARE_OF_TIES or fact.part in ("name", "number", "other"):
                    waiting.append(replace(fact, value=value))
        found.update(zip((one for one in spare if one not in found), waiting, strict=False))
    return dict(sorted(found.items()))


def letters(entry: Entry) -> dict[str, str]:
    """The letter of each value of an entry that has one, by the value's plain words."""
    return {plain(fact.value): letter for letter, fact in slots(entry).items()}


def values_of(fact: Stated) -> list[str]:
    """The values of one fact."""
    return [fact.value] if fact.exact else [value for value in fact.value.split(", ") if value.strip()]


def all_slots(brief: ShortBrief) -> set[str]:
    """Every slot that stands for something in the brief: `{"1", "1a", "A"}`."""
    entries = [(str(place), entry) for place, entry in enumerate(brief.entries, start=1)]
    facts = {f"{place}{letter}" for place, entry in entries for letter in slots(entry)}
    return {place for place, _ in entries} | facts | set(TITLES[: len(brief.titles)])


def is_slot(text: str) -> bool:
    """Whether the whole text is one slot, whatever it may stand for."""
    return _SLOT.fullmatch(text) is not None


def slots_in(text: str) -> list[str]:
    """All slots of a draft, in order: `["1", "1a", "A"]`."""
    return [match.group(0)[1:-1] for match in _SLOT.finditer(text)]


def plain(text: str) -> str:
    """The text's words and numbers in lower case, one space between them."""
    return " ".join(re.findall(r"[\w'-]+", text.casefold()))


def words_in(text: str) -> set[str]:
    """The words of a text, in lower case; slots, numbers and marks are none."""
    return set(spellings_in(text))


def spellings_in(text: str) -> dict[str, set[str]]:
    """The same words, each with the ways in which the text writes it."""
    found: dict[str, set[str]] = {}
    for word in _WORD.findall(_SLOT.sub(" ", text)):
        found.setdefault(word.casefold(), set()).add(word)
    return found


def reading_text(reading: Mapping[str, Any]) -> str:
    """A reading's JSON as a model is trained to write it: what is left out has its default.

    First come the words that are copied, then what they mean. What stands in the prompt begins with a space,
    as it does there, so that it is the same token in both: a small model copies tokens, not letters.
    """
    return json.dumps(_spaced(reading), ensure_ascii=False, separators=(",", ":"))


def copied_first(part: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a part of a reading in the order in which a model writes them."""
    return {name: part[name] for name in (*(one for one in _FIRST if one in part), *part)}


def _spaced(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _spaced(one, key) for key, one in copied_first(value).items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_spaced(one) for one in value]
    return f" {value}" if isinstance(value, str) and name in _COPIED and value else value


def _shown(fact: Stated, letter_of: Mapping[str, str]) -> list[dict[str, str]]:
    """The values of a fact that have letters; of a passage its beginning tells the model enough."""
    longest = PASSAGE_CHARS if fact.label == SAYS else VALUE_CHARS
    return [
        {"letter": letter_of[plain(value)], "value": shorten(neutralise(value), longest)}
        for value in values_of(fact)
        if plain(value) in letter_of
    ]


def _lined(entry: Entry) -> dict[str, Any]:
    letter_of = letters(entry)
    ties = [
        {
            "words": shorten(neutralise(tie.words), VALUE_CHARS),
            "like": None if tie.like is None else TITLES[tie.like],
            "lacking": tie.lacking,
            "label": tie.fact.label,
            "told": _shown(tie.fact, letter_of),
        }
        for tie in entry.ties[:WISHES]
    ]
    facts = [{"label": fact.label, "told": _shown(fact, letter_of)} for fact in entry.facts[:LINES]]
    return {
        "title": shorten(neutralise(entry.title), TITLE_CHARS),
        "year": entry.year,
        "ties": ties,
        "facts": [fact for fact in facts if fact["told"]],
    }
