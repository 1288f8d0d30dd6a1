"""Does the house read what was meant? Messages that people labelled, read one after another in their talk.

Three kinds of label: what a message does (intents of IARD and of the Schema-Guided Dialogue data), what it
asks for (the goals of MultiWOZ), and which works it names (ReDial). Every label set is mapped to what the
house tells apart; the mapping stands here, where it can be argued with.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from chat.build import make_embedder, read_by
from chat.joining import Reads
from chat.llm.providers import chat_model
from chat.reader.context import ReadContext
from chat.reader.intent import IntentModel
from chat.reader.opinion import OpinionModel, vectors_of
from chat.reader.read import Reader
from chat.reader.tokens import words_of
from chat.settings import ReadBy, load_settings
from evaluation.errors import BadData
from evaluation.human.dialogues import Dialogue
from evaluation.human.marked import spans
from evaluation.human.replay import Read, replay
from evaluation.human.shelves import film_shelf, films, merged, places
from prompts.dialogue import Act, Reading
from retrieval.catalogue import Catalogue
from retrieval.items import Item

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

#: A day when these talks were held, or soon after.
THEN = date(2018, 6, 1)
Does = Literal["asks", "tells", "critiques", "accepts", "rejects", "seen", "inquires", "other"]
DOES: tuple[Does, ...] = ("asks", "tells", "critiques", "accepts", "rejects", "seen", "inquires", "other")

#: IARD's finer intents (Cai and Chen, UMAP 2020): initial query, continue, reformulate, start over · provide
#: preference, answer, ask opinion · critique of a feature, by adding one, by comparing · and so on.
IARD: Mapping[str, Does] = {
    "IQU": "asks", "CON": "asks", "REF": "asks", "STO": "asks",
    "PRO": "tells", "ANS": "tells",
    "CRI-F": "critiques", "CRI-A": "critiques", "CRI-C": "critiques",
    "ACC": "accepts", "REJ": "rejects", "SEE": "seen",
    "INQ": "inquires", "ASK": "inquires",
    "NRE": "other", "OTH": "other",
}  # fmt: skip
#: The acts of the Schema-Guided Dialogue data (Rastogi et al., AAAI 2020).
SGD: Mapping[str, str] = {
    "INFORM": "tells", "INFORM_INTENT": "tells", "REQUEST": "inquires", "REQUEST_ALTS": "more",
    "SELECT": "accepts", "AFFIRM": "agrees", "AFFIRM_INTENT": "agrees", "NEGATE": "refuses",
    "NEGATE_INTENT": "refuses", "GOODBYE": "bye", "THANK_YOU": "thanks",
}  # fmt: skip
SGD_DOES = ("tells", "inquires", "more", "accepts", "agrees", "refuses", "bye", "thanks")

_QUESTIONS: frozenset[Act] = frozenset({"question", "describe", "explain", "compare"})


@dataclass(frozen=True, slots=True)
class Labelled:
    """One message: what people said that it does, and what the house made of it. Either may be several."""

    dialogue: str
    true: frozenset[str]
    read: frozenset[str]


@dataclass(frozen=True, slots=True)
class Counted:
    """What was right, wrongly found and missed, in one dialogue (or one message) and of one kind."""

    dialogue: str
    kind: str
    right: int
    extra: int
    missed: int


# --- who reads ---------------------------------------------------------------------------------------------


def house_reader(shelf: Any) -> Reader:
    """The reader as the house has it: rules, the judge of what a message is about, the sense of remarks."""
    embedder, intents, opinions = _judges()

    def judge(text: str) -> tuple[str, float]:
        found = intents.predict(text, embedder.embed([text])[0])
        return found.label, found.probability

    return Reader(shelf, THEN, judge, lambda said: opinions.judge(said, vectors_of(said, embedder.embed)))


@dataclass(frozen=True)
class Readers:
    """Who reads: the house's code, the model that the setting `llm` names, or both joined."""

    by: ReadBy = "code"
    llm: str = "plain"

    @cached_property
    def model(self) -> BaseChatModel:
        """The model. Raises `BadData` where `llm` names none."""
        found = chat_model(load_settings({"llm": self.llm}))
        if found is None:
            raise BadData("Reading by a model needs one: name it by --llm.")
        return found

    def reader(self, shelf: Any) -> Reads:
        """A reader of that catalogue."""
        code = house_reader(shelf)
        return code if self.by == "code" else read_by(self.by, code, shelf, self.model)


@lru_cache(maxsize=8)
def _judges() -> tuple[Any, IntentModel, OpinionModel]:
    return make_embedder(load_settings({})), IntentModel.load(), OpinionModel.load()


# --- what a message does ------------------------------------------------------------------------------------


def iard_does(read: Read) -> frozenset[str]:
    """What the house took a message to do, in IARD's terms. Its finer intents are its own; `DOES` is ours."""
    reading, context = read.reading, read.context
    on_table = {item.id for item in context.recent}
    out: set[Does] = set()
    items = [one for one in reading.interests if one.kind == "item"]
    facets = [one for one in reading.interests if one.kind != "item"]
    if any(one.feeling == "seen" for one in items):
        out.add("seen")
    if any(one.feeling == "dislike" for one in items) or reading.act == "refuse":
        out.add("rejects")
    if any(one.feeling == "like" and one.value in on_table for one in items) or reading.act == "agree":
        out.add("accepts")
    if any(one.feeling == "like" and one.value not in on_table for one in items):
        out.add("tells")
    if reading.act in _QUESTIONS:
        out.add("inquires")
    if facets:
        if reading.act == "inform":
            out.add("tells")
        else:
            out.add("critiques" if on_table else "asks")
    if reading.act == "request" and not facets:
        out.add("asks")
    return frozenset(out or {"other"})


def sgd_does(read: Read) -> frozenset[str]:
    """The same in the terms of the Schema-Guided Dialogue data."""
    reading = read.reading
    words = set(words_of(" ".join(one.quote for one in reading.interests)))
    out: set[str] = set()
    if reading.act in _QUESTIONS:
        out.add("inquires")
    if reading.act in ("thanks", "bye"):
        out.add(reading.act)
    if reading.act == "agree":
        out.add("agrees")
    if reading.act == "refuse":
        out.add("refuses")
    if reading.fresh:
        out.add("more")
    items = [one for one in reading.interests if one.kind == "item"]
    if any(one.feeling == "like" for one in items):
        out.add("accepts")
    if any(one.feeling == "dislike" for one in items):
        out.add("refuses")
    if reading.act in ("request", "inform") and not reading.fresh and (words or reading.act == "request"):
        out.add("tells")
    return frozenset(out or {"tells"})


@dataclass(frozen=True)
class ActMeasure:
    """Reads the seeker's messages of a talk and compares what they do. One for each process.

    `items` is a file of films, or None: then the catalogue is made of what the talk itself names.
    """

    data: Literal["iard", "sgd"]
    items: Path | None
    readers: Readers = Readers()

    @cached_property
    def merged(self) -> tuple[Catalogue, Mapping[str, str]]:
        return merged(films(self.items) if self.items else film_shelf(()))

    @cached_property
    def reader(self) -> Reads:
        return self.readers.reader(self.merged[0])

    def __call__(self, dialogue: Dialogue) -> list[Labelled]:
        if self.data == "iard":
            shelf, same = self.merged

            def ids(place: int) -> list[str]:
                return [same[name] for name in dialogue.turns[place].items if name in same]

            return [
                Labelled(
                    dialogue.id,
                    frozenset(IARD[one] for one in _labels(dialogue, read, "sub_intents") if one in IARD),
                    iard_does(read),
                )
                for read in replay(dialogue, shelf, self.reader, ids_of=ids)
            ]
        named = dict.fromkeys(name for said in dialogue.turns for name in said.items)
        shelf = film_shelf([Item(name, name) for name in named])
        return [
            Labelled(
                dialogue.id,
                frozenset(SGD[one] for one in _labels(dialogue, read, "acts") if one in SGD),
                sgd_does(read),
            )
            for read in replay(dialogue, shelf, self.readers.reader(shelf))
        ]


def _labels(dialogue: Dialogue, read: Read, name: str) -> Iterable[str]:
    return tuple(dialogue.turns[read.place].more.get(name) or ())


# --- what is asked for --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GoalMeasure:
    """The conditions of a MultiWOZ goal against all that was read as wished for in the talk: facet values.

    The kind of place ("a restaurant") is what the talk is about, so as a value it counts neither way. A price
    that the goal does not mention but the person does counts as wrongly found.
    """

    items: Path
    readers: Readers = Readers()

    @cached_property
    def places(self) -> Catalogue:
        return places(self.items)

    @cached_property
    def reader(self) -> Reads:
        return self.readers.reader(self.places)

    def __call__(self, dialogue: Dialogue) -> list[Counted]:
        kinds = ("restaurant", "hotel", "attraction")
        goal = dialogue.more.get("goal") or {}
        wanted = {
            (facet, folded(str(value)))
            for domain in kinds
            for facet, value in (goal.get(domain) or {}).items()
            if facet not in ("name", "type") or (facet == "type" and folded(str(value)) not in kinds)
        }
        found: set[tuple[str, str]] = set()
        for read in replay(dialogue, self.places, self.reader):
            for one in read.reading.interests:
                value = folded(one.value)
                if one.bounds is not None and one.bounds.low is not None:
                    value = f"{one.bounds.low:g}"  # "four stars" is read as four at least
                if one.feeling == "like" and one.kind not in ("item", "text") and value not in kinds:
                    found.add((one.kind, value))
        facets = sorted({facet for facet, _ in wanted | found})
        return [
            Counted(
                dialogue.id,
                facet,
                sum(one[0] == facet for one in wanted & found),
                sum(one[0] == facet for one in found - wanted),
                sum(one[0] == facet for one in wanted - found),
            )
            for facet in facets
        ]


def folded(text: str) -> str:
    """A value without case, hyphens and plurals' trouble: "Guest-House" → "guesthouse"."""
    return re.sub(r"[\W_]+", "", text.casefold())


# --- which works are named ----------------------------------------------------------------------------------

#: How the titles of a message were changed before it was read.
WRITTEN = ("as written", "without years", "lower case, no years", "one typo a title, no years")


@dataclass(frozen=True)
class LinkMeasure:
    """Titles that a message names, found by the house's reader: right, wrongly found, missed.

    A work that stands in the list twice (same title and year) is one. Where the house asks which of
    several is meant and the right one is among them, that is right too, and counted apart as "asked". What
    people name without marking it counts as wrongly found, so precision is a lower bound.
    """

    items: Path
    seed: int

    @cached_property
    def merged(self) -> tuple[Catalogue, Mapping[str, str]]:
        return merged(films(self.items))

    @property
    def films(self) -> Catalogue:
        return self.merged[0]

    @property
    def same(self) -> Mapping[str, str]:
        return self.merged[1]

    @cached_property
    def reader(self) -> Reader:
        return Reader(self.films, THEN)

    def __call__(self, dialogue: Dialogue) -> list[Counted]:
        out = []
        for number, said in enumerate(dialogue.turns):
            if said.speaker != "user" or not said.items:
                continue
            ids = dict.fromkeys(self.same[name] for name in said.items if name in self.same)
            items = [item for item in map(self.films.get, ids) if item is not None]
            placed = spans(said.text, items)
            true = {name for _, _, name in placed}
            for way in WRITTEN:
                rng = random.Random(f"{self.seed}.{dialogue.id}.{number}")
                text = rewritten(said.text, placed, way, rng)
                reading = self.reader.read(text, ReadContext())
                named = named_in(reading)
                asked = {name for one in reading.ambiguities for name in one.item_ids}
                right, maybe = len(true & named), len((true - named) & asked)
                out.append(Counted(dialogue.id, way, right, len(named - true), len(true - named) - maybe))
                out.append(Counted(dialogue.id, f"{way}: asked", maybe, 0, 0))
        return out


def named_in(reading: Reading) -> set[str]:
    """The ids of all items that a reading speaks of for sure."""
    return {one.item_id for one in reading.mentions} | {
        one.value for one in reading.interests if one.kind == "item"
    }


def rewritten(text: str, placed: Sequence[tuple[int, int, str]], way: str, rng: random.Random) -> str:
    """A text with its titles changed in one of the `WRITTEN` ways."""
    changes: dict[str, Callable[[str], str]] = {
        "as written": lambda title: title,
        "without years": undated,
        "lower case, no years": lambda title: undated(title).casefold(),
        "one typo a title, no years": lambda title: slipped(undated(title), rng),
    }
    out, reached = [], 0
    for start, end, _ in placed:
        out += [text[reached:start], changes[way](text[start:end])]
        reached = end
    whole = "".join([*out, text[reached:]])
    return whole.casefold() if way.startswith("lower") else whole


def undated(title: str) -> str:
    """A title without a year in brackets."""
    return re.sub(r"\s*\(\s*(?:19|20)\d\d\s*\)", "", title)


def slipped(title: str, rng: random.Random) -> str:
    """One slip of the finger inside a word of four letters or more: two swapped, one lost, one doubled."""
    places = list(re.finditer(r"[A-Za-z]{4,}", title))
    if not places:
        return title
    word = rng.choice(places)
    at = rng.randrange(word.start() + 1, word.end() - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return title[:at] + title[at + 1] + title[at] + title[at + 2 :]
    return title[:at] + title[at + 1 :] if kind == 1 else title[:at] + title[at] + title[at:]
