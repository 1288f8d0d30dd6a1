"""Does the house know what somebody likes? What it believes of each item after a talk, against the form that
the person filled in.

The talks are between people, so every message is one that nobody wrote for a machine. A form says of each
item that was spoken of: liked, not liked or "did not say", and the same of "seen". What is compared with it:
always the commonest label; who brought the item up; the sentiment of the sentences around it by VADER (Hutto
and Gilbert, ICWSM 2014); the house's rules alone; the house as it is; and its learned sense of remarks on the
whole talk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal

from chat.reader.context import ReadContext
from chat.reader.opinion import OpinionModel, vectors_of
from chat.reader.read import Reader
from chat.reader.remarks import Remark
from chat.reader.revised import Opine
from chat.taste import TasteProfile
from evaluation.human.dialogues import NO, UNSAID, YES, Dialogue
from evaluation.human.marked import Marked, marked, stand_ins
from evaluation.human.replay import replay
from evaluation.human.shelves import film_shelf, films, merged
from retrieval.catalogue import Catalogue
from retrieval.items import Item
from retrieval.minilm import MiniLmEmbedder

Liking = Literal["disliked", "liked", "unsaid"]
Knowing = Literal["unseen", "seen", "unsaid"]
LIKINGS: tuple[Liking, ...] = ("disliked", "liked", "unsaid")
KNOWINGS: tuple[Knowing, ...] = ("unseen", "seen", "unsaid")
_LIKING: Mapping[int, Liking] = {NO: "disliked", YES: "liked", UNSAID: "unsaid"}
_KNOWING: Mapping[int, Knowing] = {NO: "unseen", YES: "seen", UNSAID: "unsaid"}
#: A day when ReDial's talks were held: "new films" are those of then.
THEN = date(2018, 6, 1)
#: VADER's own bounds between good, neutral and bad.
NEUTRAL = 0.05


@dataclass(frozen=True, slots=True)
class Belief:
    """What a method makes of an item: of two labels (nothing said is not an answer), and of three."""

    liked: Liking
    liked_of_three: Liking
    seen: Knowing


@dataclass(frozen=True, slots=True)
class Judged:
    """One item of one talk: what its form says, and what each method believes."""

    dialogue: str
    item: str
    liked: Liking
    seen: Knowing
    beliefs: Mapping[str, Belief]


@dataclass(frozen=True, slots=True)
class Story:
    """All remarks on one item of one talk, with its label: what the learned sense is fitted on."""

    dialogue: str
    item: str
    liked: int
    seen: int
    remarks: tuple[Remark, ...]


@dataclass(frozen=True)
class TasteMeasure:
    """Beliefs of every method about the labelled items of a talk. One for each process: what is costly to
    make is made at first use."""

    items: Path
    cache: Path

    @cached_property
    def listed(self) -> Catalogue:
        """All films of the list, twins too."""
        return films(self.items)

    @cached_property
    def by_id(self) -> Mapping[str, Item]:
        return {item.id: item for item in self.listed.items}

    @cached_property
    def merged(self) -> tuple[Catalogue, Mapping[str, str]]:
        return merged(self.listed)

    @property
    def films(self) -> Catalogue:
        """What the house knows: films without twins."""
        return self.merged[0]

    @property
    def same(self) -> Mapping[str, str]:
        """The film that stands for each id."""
        return self.merged[1]

    @cached_property
    def model(self) -> OpinionModel:
        return OpinionModel.load()

    @cached_property
    def embedder(self) -> MiniLmEmbedder:
        return MiniLmEmbedder(self.cache, threads=1)

    @cached_property
    def opine(self) -> Opine:
        return lambda remarks: self.model.judge(remarks, vectors_of(remarks, self.embedder.embed))

    @cached_property
    def stands(self) -> Catalogue:
        """The stand-ins for works that are given."""
        return film_shelf(stand_ins(100))

    @cached_property
    def readers(self) -> Mapping[tuple[bool, bool], Reader]:
        """By (titles given, learned sense in use)."""
        return {
            (given, learned): Reader(
                self.stands if given else self.films, THEN, opine=self.opine if learned else None
            )
            for given in (True, False)
            for learned in (True, False)
        }

    def __call__(self, dialogue: Dialogue) -> list[Judged]:
        talk = marked(dialogue, self.by_id)
        labels = {name: label for name, label in dialogue.labels.items() if name in talk.place_of}
        found: dict[str, Mapping[str, Belief]] = {
            "who brought it up": brought_up(dialogue, list(labels)),
            "sentiment (VADER)": sentiment(talk, list(labels)),
        }
        for given in (True, False):
            how = "titles given" if given else "titles found"
            for learned in (False, True):
                profile = self.profile(dialogue, talk, given, learned)
                name = f"{'the house' if learned else 'rules alone'}, {how}"
                ids = {item: talk.place_of[item] if given else self.same[item] for item in labels}
                found[name] = {item: held(profile, own) for item, own in ids.items()}
            stories = self.stories(dialogue, talk, given)
            found[f"whole talk at once, {how}"] = {item: self.whole(stories[item]) for item in labels}
        return [
            Judged(
                dialogue.id,
                item,
                _LIKING[label.liked],
                _KNOWING[label.seen],
                {name: beliefs[item] for name, beliefs in found.items()},
            )
            for item, label in labels.items()
        ]

    def profile(self, dialogue: Dialogue, talk: Marked, given: bool, learned: bool) -> TasteProfile:
        """The house's taste profile after the talk."""
        reader = self.readers[given, learned]
        if not given:
            reads = replay(dialogue, self.films, reader, ids_of=lambda place: self._ids(dialogue, place))
        else:
            texts, ids = talk.texts, talk.ids
            reads = replay(dialogue, self.stands, reader, text_of=texts.__getitem__, ids_of=ids.__getitem__)
        return reads[-1].taste if reads else TasteProfile()

    def _ids(self, dialogue: Dialogue, place: int) -> list[str]:
        """The films that a turn names, twins as one; unknown ids are left out."""
        return [self.same[name] for name in dialogue.turns[place].items if name in self.same]

    def stories(self, dialogue: Dialogue, talk: Marked, given: bool) -> Mapping[str, tuple[Remark, ...]]:
        """All remarks on each item that the talk names."""
        reader = self.readers[given, False]
        shelf = self.stands if given else self.films
        found: dict[str, list[Remark]] = {}
        brought: tuple[str, ...] = ()
        fresh = False
        for place, said in enumerate(dialogue.turns):
            ids = talk.ids[place] if given else self._ids(dialogue, place)
            if said.speaker == "system":
                brought, fresh = tuple(dict.fromkeys(ids)) or brought, bool(ids)
                continue
            items = tuple(item for item in map(shelf.get, brought) if item is not None)
            text = talk.texts[place] if given else said.text
            context = ReadContext(shown=items, focus=items)
            for name, remarks in reader.remarks(text, context, brought, fresh=fresh).items():
                found.setdefault(name, []).extend(remarks)
            fresh = False
        own = talk.place_of if given else {name: self.same[name] for name in talk.place_of}
        return {name: tuple(found.get(key, ())) for name, key in own.items()}

    def whole(self, remarks: Sequence[Remark]) -> Belief:
        """What the learned sense makes of all remarks, with the thresholds that its training part chose."""
        opinion = self.opine(remarks)
        down, up = self.model.unsaid
        shares: dict[Liking, float] = {
            "disliked": opinion.disliked * down,
            "liked": opinion.liked,
            "unsaid": opinion.unsaid * up,
        }
        return Belief(
            "disliked" if opinion.dislike >= self.model.threshold else "liked",
            max(shares, key=shares.__getitem__),
            "seen" if opinion.seen > opinion.unseen else "unseen",
        )


def held(profile: TasteProfile, item: str) -> Belief:
    """What a taste profile holds of an item. Of two labels it would say "liked" wherever nothing speaks
    against it, and "unseen" wherever nothing tells of experience."""
    feelings = [
        one.feeling
        for one in profile.interests
        if one.value == item and one.kind == "item" and one.feeling != "seen"
    ]
    against = "dislike" in feelings or (not feelings and item in profile.rejected)
    liked: Liking = "disliked" if against else "liked"
    said = feelings or item in profile.rejected
    return Belief(liked, liked if said else "unsaid", "seen" if item in profile.seen else "unseen")


def brought_up(dialogue: Dialogue, items: Sequence[str]) -> Mapping[str, Belief]:
    """Liked and seen where the seeker named it first; otherwise neither. (A form's own "suggested" is not
    read: it would be a look at the answers.)"""
    first: dict[str, str] = {}
    for said in dialogue.turns:
        for item in said.items:
            first.setdefault(item, said.speaker)
    return {
        item: Belief("liked", "liked", "seen")
        if first.get(item) == "user"
        else Belief("disliked", "disliked", "unseen")
        for item in items
    }


def sentiment(talk: Marked, items: Sequence[str]) -> Mapping[str, Belief]:
    """The sentiment of the seeker's sentences that name an item, and of the whole answer to the turn in which
    the recommender named it; seen where such a sentence says so."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()
    out = {}
    for item in items:
        texts = around(talk, talk.place_of[item])
        score = sum(analyser.polarity_scores(text)["compound"] for text in texts) / max(1, len(texts))
        liked: Liking = "disliked" if score <= -NEUTRAL else "liked"
        seen = any(re.search(r"\b(seen|saw|watched)\b", text.casefold()) for text in texts)
        out[item] = Belief(liked, liked if abs(score) > NEUTRAL else "unsaid", "seen" if seen else "unseen")
    return out


def around(talk: Marked, place: str) -> list[str]:
    """The seeker's sentences that name the work, and the answers to the turns of the other that do."""
    from evaluation.human.marked import stand_in

    name = stand_in(int(place))
    found = []
    for at, text in enumerate(talk.texts):
        if not talk.seeker[at]:
            if place in talk.ids[at]:
                found += [answer for answer in talk.texts[at + 1 : at + 2] if talk.seeker[at + 1]]
        else:
            found += [sentence for sentence in re.split(r"(?<=[.!?])\s+", text) if name in sentence]
    return found


def stories_of(measure: TasteMeasure, dialogue: Dialogue) -> list[Story]:
    """The labelled stories of a talk, titles given."""
    talk = marked(dialogue, measure.by_id)
    stories = measure.stories(dialogue, talk, given=True)
    return [
        Story(dialogue.id, item, label.liked, label.seen, stories[item])
        for item, label in dialogue.labels.items()
        if item in talk.place_of
    ]
