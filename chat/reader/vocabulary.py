"""The words of a catalogue: which phrase of a message may mean which value of which facet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from rapidfuzz.distance import OSA

from chat.reader.english import english
from chat.reader.spelling import COMMON, rank
from chat.reader.tokens import stem, words_of
from retrieval.catalogue import INVERSE
from retrieval.items import Bounds, Facet, Item

#: Facets by these names hold impressions, not kinds of thing: a wish for one leans, it doesn't exclude.
IMPRESSIONS = frozenset(
    "mood moods tone tones vibe vibes feel style styles atmosphere tag tags keywords".split()
)
#: Other names that people give to a number, by what it means.
ROLE_WORDS: Mapping[str, str] = {
    "year": "year years decade decades era eras period date release released",
    "duration": "length runtime runtimes duration running minutes",
    "length": "length size pages",
    "price": "price prices cost costs budget money",
    "age": "age ages suitability",
    "rating": "rating ratings score stars",
    "quantity": "",
}
YES = frozenset({"yes", "true", "y"})
NO = frozenset({"no", "false", "n"})


class Shelf(Protocol):
    """What reading needs of a catalogue; `retrieval.catalogue.Catalogue` has it."""

    @property
    def noun(self) -> str: ...
    @property
    def nouns(self) -> str: ...
    @property
    def facets(self) -> tuple[Facet, ...]: ...
    @property
    def items(self) -> tuple[Item, ...]: ...

    def get(self, id: str, /) -> Item | None: ...
    def facet(self, name: str, /) -> Facet | None: ...
    def values(self, facet: str, /) -> Mapping[str, int]: ...
    def bounds(self, facet: str, /) -> Bounds | None: ...
    def titles(self, item: Item, /) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that a phrase may mean: a value of a facet, or (`inverse`) any other value than it."""

    facet: str
    value: str
    inverse: bool = False


def singular(word: str) -> str:
    """The word without a plural ending: "comedies" → "comedy", "witches" → "witch"."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def alone(word: str) -> str:
    """The word in the singular, unless that would be a word that says nothing: "news" is no "new"."""
    one = singular(word)
    return word if one in english().filler else one


class Vocabulary:
    """Phrases of facet values, people's names and facet names, looked up word by word.

    Values are found by word stems, so that singular and plural meet; people by their full name or by a part
    of it that is rare enough to stand alone.
    """

    def __init__(self, shelf: Shelf) -> None:
        self.facets = {facet.name: facet for facet in shelf.facets}
        self._values: dict[tuple[str, ...], list[Meaning]] = defaultdict(list)
        self._stemmed: dict[tuple[str, ...], list[Meaning]] = defaultdict(list)
        self._names: dict[tuple[str, ...], list[Meaning]] = defaultdict(list)
        self._parts: dict[str, dict[str, list[Meaning]]] = defaultdict(lambda: defaultdict(list))
        self._first: dict[str, list[tuple[str, Meaning]]] = defaultdict(list)
        self._pointers: dict[str, str] = {}
        self._labels = {facet.name: _label_forms(facet) for facet in shelf.facets}
        #: Every word of a value, with the number of items that have the value.
        self.value_words: dict[str, int] = {}
        self.name_words: set[str] = set()
        self._counts = {facet.name: shelf.values(facet.name) for facet in shelf.facets}
        categories = [
            facet
            for facet in shelf.facets
            if facet.kind == "category"
            and not {value.casefold() for value in self._counts[facet.name]} <= YES | NO
        ]
        #: Category facets, the one with the fewest values first: that one usually says what a thing is.
        self.heads = [
            facet.name for facet in sorted(categories, key=lambda facet: len(self._counts[facet.name]))
        ]
        for facet in shelf.facets:
            self._learn_pointers(facet)
            if facet.kind == "category":
                self._learn_values(facet)
            elif facet.kind == "people":
                self._learn_people(facet)
        self._longest_value = max((len(key) for key in self._values), default=0)
        self._longest_name = max((len(key) for key in self._names), default=0)

    def _learn_pointers(self, facet: Facet) -> None:
        words = [facet.label, facet.name, *(ROLE_WORDS.get(facet.role or "", "").split())]
        for phrase in words:
            for word in words_of(phrase.replace("_", " ")):
                if word not in english().filler or word in words_of(facet.label):
                    self._pointers.setdefault(stem(word), facet.name)

    def _learn_values(self, facet: Facet) -> None:
        counts = self._counts[facet.name]
        lowered = {value.casefold(): value for value in counts}
        if counts and set(lowered) <= YES | NO:
            for value in lowered:
                if value in YES:
                    self._add(facet.label, Meaning(facet.name, lowered[value]))
            return
        for value in counts:
            self._add(value, Meaning(facet.name, value))
        for alias, value in facet.aliases.items():
            inverse = value.startswith(INVERSE)
            target = lowered.get(value.removeprefix(INVERSE).casefold())
            if target is not None:
                self._add(alias, Meaning(facet.name, target, inverse))

    def _add(self, phrase: str, meaning: Meaning) -> None:
        words = words_of(phrase)
        if not words or all((word,) in english().cues or len(word) < 2 for word in words):
            return
        for table, form in ((self._values, alone), (self._stemmed, stem)):
            key = tuple(form(word) for word in words)
            if meaning not in table[key]:
                table[key].append(meaning)
        for word in words:
            self.value_words[word] = max(self.value_words.get(word, 0), self.count(meaning))

    def _learn_people(self, facet: Facet) -> None:
        for name in self._counts[facet.name]:
            words = words_of(name)
            if not words:
                continue
            meaning = Meaning(facet.name, name)
            self._names[words].append(meaning)
            if len(words) == 2:
                self._first[words[0]].append((words[1], meaning))
            self.name_words.update(words)
            for place, word in enumerate(words):
                last = place == len(words) - 1
                if len(words) > 1 and len(word) > 2 and (last or rank(word) > COMMON):
                    self._parts[word][name].append(meaning)

    def value_at(
        self, words: Sequence[str], start: int, *, spelt: bool = False
    ) -> tuple[int, list[Meaning]] | None:
        """The length and the meanings of the longest facet value that begins at `start`.

        Number alone is looked past first, then (unless it must be `spelt` so) every ending: "musicals" is the
        musical before it is music.
        """
        window = words[start : start + self._longest_value]
        exact = [alone(word) for word in window]
        stems = [stem(word) for word in window]
        for length in range(len(window), 0, -1):
            meanings = self._values.get(tuple(exact[:length]))
            if not meanings and not spelt and not all(word in english().filler for word in window[:length]):
                meanings = self._stemmed.get(tuple(stems[:length]))
            if meanings:
                return length, meanings
        return None

    def name_at(self, words: Sequence[str], start: int) -> tuple[int, list[Meaning]] | None:
        """The length and the meanings of the longest full name that begins at `start`."""
        for length in range(min(self._longest_name, len(words) - start), 0, -1):
            meanings = self._names.get(tuple(words[start : start + length]))
            if meanings:
                return length, meanings
        return None

    def name_near(self, first: str, last: str) -> list[Meaning]:
        """People of that first name whose surname is spelt nearly so: "jim carey" → Jim Carrey."""
        if len(last) < 4:
            return []
        allowed = 1 if len(last) < 7 else 2
        near = [
            (OSA.distance(last, surname, score_cutoff=allowed), meaning)
            for surname, meaning in self._first.get(first, ())
        ]
        best = min((distance for distance, _ in near), default=allowed + 1)
        return [meaning for distance, meaning in near if distance == best <= allowed]

    def name_part(self, word: str) -> list[Meaning]:
        """Everybody whom a single part of a name may mean, most frequent in the catalogue first."""
        people = self._parts.get(word, {})
        found = [meaning for meanings in people.values() for meaning in meanings]
        return sorted(found, key=lambda meaning: -self._counts[meaning.facet].get(meaning.value, 0))

    def pointer(self, word: str) -> str | None:
        """The facet that a word names: "length" → "runtime"."""
        return self._pointers.get(stem(word))

    def label_before(self, words: Sequence[str], end: int, facet: Facet) -> int:
        """How many words right before `end` are what the facet is called: 2 in "running time | over 80"."""
        return next(
            (
                len(form)
                for form in self._labels[facet.name]
                if tuple(words[max(0, end - len(form)) : end]) == form
            ),
            0,
        )

    def label_at(self, words: Sequence[str], start: int) -> tuple[int, str] | None:
        """The length and the facet of the longest facet's name of several words that begins at `start`."""
        found = [
            (len(form), name)
            for name, forms in self._labels.items()
            for form in forms
            if len(form) > 1 and tuple(words[start : start + len(form)]) == form
        ]
        return max(found, default=None)

    def count(self, meaning: Meaning) -> int:
        """How many items have the value."""
        return self._counts[meaning.facet].get(meaning.value, 0)

    def by_role(self, role: str) -> Facet | None:
        """The facet whose numbers mean this, if there is one."""
        return next((facet for facet in self.facets.values() if facet.role == role), None)

    def is_impression(self, facet: str) -> bool:
        """Whether values of the facet are impressions: a wish for one never excludes."""
        return facet.casefold() in IMPRESSIONS

    def choose(self, meanings: Iterable[Meaning], *, about: bool = False, spoken: bool = False) -> Meaning:
        """The likeliest of several meanings of one phrase.

        The facet with the fewest values comes first ("a war film": the genre), unless the words follow
        "about" (then the one with the most). `spoken` ("in French") prefers a facet of languages.
        """
        order = {name: place for place, name in enumerate(self.heads)}

        def key(meaning: Meaning) -> tuple[bool, int]:
            language = "lang" in meaning.facet.casefold()
            place = order.get(meaning.facet, len(order))
            return (language != spoken, -place if about else place)

        return min(meanings, key=key)


def _label_forms(facet: Facet) -> tuple[tuple[str, ...], ...]:
    """What a facet is called, word by word, the longest first."""
    forms = {words_of(name.replace("_", " ")) for name in (facet.label, facet.name)}
    return tuple(sorted((form for form in forms if form), key=len, reverse=True))


def people_facets(facets: Mapping[str, Facet], names: Iterable[str]) -> set[str]:
    """The people facets whose name or label is among the given words ("directed by" → directors)."""
    stems = {stem(word) for phrase in names for word in phrase.split()}
    return {
        facet.name
        for facet in facets.values()
        if facet.kind == "people"
        and any(stem(word) in stems for word in words_of(f"{facet.label} {facet.name}".replace("_", " ")))
    }
