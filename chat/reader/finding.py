"""Finds what a message speaks of: items, values, people, ranges, unknown names and free words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from chat.reader.context import ReadContext
from chat.reader.elements import (
    Element,
    Thing,
    people_things,
    quantity_things,
    title_things,
    value_things,
)
from chat.reader.english import english
from chat.reader.own import does_to_it, own_doing
from chat.reader.pointing import pointed_things
from chat.reader.quantities import Quantities
from chat.reader.relative import Relative
from chat.reader.scales import scale_of
from chat.reader.scope import COPULA
from chat.reader.spelling import Speller, rank
from chat.reader.titles import Titles
from chat.reader.tokens import Token, respelt, shouted, stem, tokenise, words_of
from chat.reader.valence import valences
from chat.reader.vocabulary import Shelf, Vocabulary
from retrieval.items import Bounds, Item

#: Longer messages are read up to here; what a person wants stands well before.
MOST_WORDS = 600
#: What fewer items than this share have is rarely asked for: a slip is rather some other word.
RARE_VALUE = 0.005

#: Unknown words from which on a message may be in another language, and the share of them that must be
#: slips for it not to be.
_SEVERAL, _MOST = 3, 0.6


class Finder:
    """Knows one catalogue's words, names, numbers and spelling, and finds them in messages."""

    def __init__(self, shelf: Shelf, today: date) -> None:
        self.shelf = shelf
        self.vocabulary = Vocabulary(shelf)
        year = self.vocabulary.by_role("year")
        self.titles = Titles(shelf, year.name if year else "")
        self.quantities = Quantities(shelf, self.vocabulary, today)
        pointers = [
            word
            for facet in shelf.facets
            for word in words_of(f"{facet.label} {facet.name}".replace("_", " "))
        ]
        self.relative = Relative(shelf, self.vocabulary, self.quantities)
        often = RARE_VALUE * len(shelf.items)
        usual = [word for word, count in self.vocabulary.value_words.items() if count >= often]
        self.speller = Speller(
            [*usual, *pointers, shelf.noun, shelf.nouns],
            self.titles.words,
            [*self.vocabulary.value_words, *self.vocabulary.name_words],
        )

    def tokens(self, text: str) -> tuple[Token, ...]:
        """The words of a message with their spelling mended."""
        found = tokenise(text)[:MOST_WORDS]
        if self._foreign(found):
            return found  # mending would only invent
        mended = (
            respelt(token, self.speller.mend(token.norm)) if token.kind == "word" else token
            for token in found
        )
        return tuple(mended)

    def things(self, tokens: Sequence[Token], context: ReadContext, asked: Sequence[Item]) -> list[Thing]:
        things = [
            *title_things(tokens, self.titles, self.vocabulary, context.recent),
            *quantity_things(tokens, self.quantities),
            *people_things(tokens, self.vocabulary),
            *value_things(tokens, self.vocabulary),
        ]
        things += self._same(tokens, context)
        things += self._number_again(tokens, things, context)
        same = self._namesakes(context)
        return [*things, *pointed_things(tokens, context, things, self.vocabulary, asked, same)]

    def _namesakes(self, context: ReadContext) -> tuple[Item, ...]:
        """The item in focus with others of its name, so that "the Soderbergh one" is found among them."""
        if len(context.focus) != 1:
            return ()
        same = self.titles.ids(context.focus[0].title)
        return tuple(item for item in map(self.shelf.get, same) if item is not None) if len(same) > 1 else ()

    def _number_again(
        self, tokens: Sequence[Token], things: Sequence[Thing], context: ReadContext
    ) -> list[Thing]:
        """ "Then 100 is fine too": a bare number that moves the range spoken of last."""
        ranges = [
            held for held in context.taste if held.bounds is not None and held.hard and held.feeling == "like"
        ]
        if not ranges or any(thing.bounds is not None for thing in things) or len(tokens) > 8:
            return []
        last = ranges[-1]
        facet = self.vocabulary.facets[last.kind]
        for place, token in enumerate(tokens):
            if token.kind != "number" or facet.role == "year" or float(token.norm) < 20:
                continue
            number = float(token.norm)
            bounds = (
                Bounds(number, None) if last.bounds and last.bounds.high is None else Bounds(None, number)
            )
            return [Thing(place, place + 1, facet.name, (), bounds, more=True)]
        return []

    def _same(self, tokens: Sequence[Token], context: ReadContext) -> list[Thing]:
        """ "That director", "the same actor", "by him": a facet value of the item in focus."""
        focus = context.focus[:1] or context.shown[:1]
        words = [token.norm if token.kind != "mark" else "\0" for token in tokens]
        found: list[Thing] = []
        for start in range(len(words) - 1):
            if focus and words[start] in ("that", "this", "same", "his", "her", "their"):
                name = self.vocabulary.pointer(words[start + 1])
                facet = self.vocabulary.facets.get(name or "")
                values = tuple(str(value) for value in focus[0].values(facet.name)) if facet else ()
                if facet and values and facet.kind in ("people", "category"):
                    begin = start - 1 if start and words[start - 1] == "the" else start
                    end = start + 2
                    if facet.kind == "category":
                        values = values[:1]
                    found.append(Thing(begin, end, facet.name, values))
            person = self._person_meant(words, start + 1, context)
            if person is not None:
                found.append(person)
            elif focus and words[start] == "by" and words[start + 1] in ("him", "her", "them"):
                people = next((f for f in self.vocabulary.facets.values() if f.kind == "people"), None)
                values = tuple(str(value) for value in focus[0].values(people.name)) if people else ()
                if people and values:
                    found.append(Thing(start, start + 2, people.name, values))
        return found

    def _person_meant(self, words: Sequence[str], place: int, context: ReadContext) -> Thing | None:
        """ "Without him", "one more with her": the person last named, where one was."""
        if words[place] not in ("him", "her") or words[place - 1] not in (
            "with",
            "without",
            "of",
            "by",
            "no",
            "stand",
        ):
            return None
        people = {name for name, facet in self.vocabulary.facets.items() if facet.kind == "people"}
        named = [held for held in context.taste if held.kind in people]
        return Thing(place, place + 1, named[-1].kind, (named[-1].value,)) if named else None

    def with_words(self, tokens: Sequence[Token], row: Sequence[Element]) -> list[Element]:
        """The row with runs of words that carry meaning of their own made into things of kind "text".

        In another language the few words that English has too mean something else."""
        if self._foreign(tokens):
            return list(row)
        out: list[Element] = []
        run: list[Element] = []

        def close() -> None:
            if run:
                start, end = run[0].start, run[-1].end
                out.append(Element(start, end, "thing", thing=Thing(start, end, "text")))
                run.clear()

        for place, element in enumerate(row):
            if element.role == "word" and self._means(tokens, row, place):
                run.append(element)
            else:
                close()
                out.append(element)
        close()
        return out

    def _foreign(self, tokens: Sequence[Token]) -> bool:
        """Whether a message is in another language, or in none: half of its words or more, and several, are
        neither English nor the catalogue's, nor most of them one slip away from what people say here."""
        words = [token.norm for token in tokens if token.kind == "word"]
        strange = [word for word in words if not self.speller.knows(word)]
        if len(strange) < _SEVERAL or 2 * len(strange) < len(words):
            return False
        return sum(self.speller.means(word) for word in strange) < _MOST * len(strange)

    def _means(self, tokens: Sequence[Token], row: Sequence[Element], place: int) -> bool:
        token = tokens[row[place].start]
        if token.kind != "word" or len(token.norm) < 3 or token.norm in english().filler:
            return False
        if (
            (token.norm,) in english().acts
            or (token.norm,) in english().questions
            or (token.norm,) in english().people
        ):
            return False
        if (
            rank(token.norm) < 800
            or not self.speller.knows(token.norm)
            or self.vocabulary.pointer(token.norm)
        ):
            return False
        if (
            self.titles.holds(token.norm)
            or self._people_verb(token.norm)
            or token.norm in english().ages
            or token.norm in english().units
        ):
            return False
        if scale_of(token.norm) or token.norm in (self.shelf.noun, self.shelf.nouns):
            return False
        words = [one.norm for one in tokens]
        if own_doing(words, row[place].start) or does_to_it(words, row[place].start):
            return False
        before = [tokens[element.start].norm for element in row[max(0, place - 4) : place]]
        return not (abs(valences().get(token.norm, 0.0)) >= 0.7 and COPULA & set(before))

    def _people_verb(self, word: str) -> bool:
        """Whether a word is of the family of a people facet: "directed" of "director"."""
        labels = (facet.label for facet in self.vocabulary.facets.values() if facet.kind == "people")
        return len(word) > 4 and any(stem(word)[:5] == stem(label)[:5] and len(label) > 4 for label in labels)

    def quoted(self, text: str, tokens: Sequence[Token]) -> list[Thing]:
        """Names in quotation marks that are longer than any title in them: "Titanic 2: Jack is back"."""
        marks = [place for place, token in enumerate(tokens) if token.norm == '"']
        found = []
        for one, two in zip(marks[::2], marks[1::2], strict=False):
            inner = [token for token in tokens[one + 1 : two] if token.kind != "mark"]
            names = any(token.capital for token in inner)
            if 2 < len(inner) <= 10 and names and two > one + 1:
                thing = Thing(one + 1, two, "unknown")
                if not self.titles.holds(text_of(text, tokens, thing)):
                    found.append(thing)
        return found

    def _beyond(
        self, tokens: Sequence[Token], covers: Mapping[int, Thing], table: Sequence[Item]
    ) -> list[Thing]:
        """ "The seventh one" of a list of four."""
        names = {"fifth", "sixth", "seventh", "eighth", "ninth", "tenth", *english().ordinals} - {"top"}
        return [
            Thing(place, place + 2, "unknown")
            for place, token in enumerate(tokens[:-1])
            if token.norm in names
            and place not in covers
            and table
            and english().has(english().pointing, "noun", [tokens[place + 1].norm], 0)
        ]

    def unknown(self, tokens: Sequence[Token], things: Sequence[Thing], table: Sequence[Item]) -> list[Thing]:
        """Names given as titles that nothing in the catalogue answers to: "I loved Barbarella"."""
        covers = {
            place: thing
            for thing in sorted(things, key=lambda thing: thing.end - thing.start)
            for place in range(thing.start, thing.end)
        }
        loud = shouted(tokens)
        found: list[Thing] = self._beyond(tokens, covers, table)
        start = 0
        after_title = False
        while start < len(tokens):
            cue = english().cues.at([tokens[start].norm], 0)
            if cue and "title" in cue[1] and tokens[start].norm not in ("is", "was", "to", "between", "with"):
                joins = tokens[start].norm in ("and", "or", "vs")
                after_title = after_title if joins else True
            elif tokens[start].kind == "mark" and tokens[start].norm != ",":
                after_title = False
            elif after_title and self._name_like(tokens, start, covers, loud):
                end = start + 1
                while end < len(tokens) and (
                    self._name_like(tokens, end, covers, loud)
                    or (
                        tokens[end].norm in ("of", "the", "in", "s")
                        and end + 1 < len(tokens)
                        and tokens[end + 1].capital
                    )
                    or (tokens[end].capital and not loud and tokens[end].kind == "word")
                ):
                    end += 1
                inner = [covers[place] for place in range(start, end) if place in covers]
                if not any(thing.kind == "item" or thing.end - thing.start >= end - start for thing in inner):
                    found.append(Thing(start, end, "unknown"))
                start = end
                continue
            elif tokens[start].norm not in ("the", "a", "an", ",", "really", "both"):
                after_title = False
            start += 1
        return found

    def _name_like(
        self, tokens: Sequence[Token], place: int, covers: Mapping[int, Thing], loud: bool
    ) -> bool:
        """Whether a word can only be (part of) a name: a capital inside a sentence, or no word at all."""
        token = tokens[place]
        if token.kind != "word" or len(token.norm) < 3:
            return False
        if place in covers and covers[place].end - covers[place].start > 1:
            return False
        function_word = token.norm in english().filler or (token.norm,) in english().cues
        if token.capital and not loud:
            return not function_word
        return place not in covers and not self.speller.knows(token.norm) and len(token.norm) > 4


def text_of(text: str, tokens: Sequence[Token], thing: Thing) -> str:
    """The person's own words for a thing."""
    return text[tokens[thing.start].start : tokens[thing.end - 1].end]
