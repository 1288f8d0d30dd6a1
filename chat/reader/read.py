"""The deterministic reader: one message and its context → a `Reading`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from chat.reader.acts import Asked, act_of, covered, judged_items, phrases_in, question_of
from chat.reader.context import ReadContext
from chat.reader.elements import (
    lay_out,
    people_things,
    quantity_things,
    value_things,
)
from chat.reader.english import english
from chat.reader.feelings import Feelings, Felt
from chat.reader.finding import Finder, first_number, text_of
from chat.reader.interests import Gatherer
from chat.reader.pointing import fits, plain_scale, pointed_things, scale_of
from chat.reader.remarks import Remark, remarks_in
from chat.reader.revised import Opine, pending, revised
from chat.reader.tokens import Token, words_of
from chat.reader.vocabulary import Shelf, singular
from prompts.dialogue import Act, Interest, Reading, Retraction
from retrieval.items import Bounds, Item

Judge = Callable[[str], tuple[str, float]]
"""What a message is about at all, with its probability: "catalogue", "smalltalk", "offtopic", "attack",
"abuse", "meta" or "unclear"."""

#: In these no verdict on an item is looked for beyond what the rules find.
QUIET = frozenset(
    {"offtopic", "care", "question", "compare", "explain", "taste", "help", "greet", "bye", "agree"}
)
LEFT_TO_US = frozenset({"anything", "whatever", "surprise", "surprise me", "random", "whichever"})
BOTH = frozenset("both hm hmm please of them then why not can i have maybe ok well".split())
#: How sure the judge must be to overrule words of the catalogue that stand in the message, and to settle a
#: message in which nothing of the catalogue was found.
OVERRULES, SETTLES, CERTAINLY = 0.9, 0.6, 0.97


class Reader:
    """Reads messages about one catalogue. Built once per catalogue; safe to share between threads."""

    def __init__(
        self, shelf: Shelf, today: date, judge: Judge | None = None, opine: Opine | None = None
    ) -> None:
        self.shelf = shelf
        self._judge = judge
        self._opine = opine
        self.found = Finder(shelf, today)
        self.vocabulary = self.found.vocabulary
        self.titles = self.found.titles
        self.quantities = self.found.quantities
        self.speller = self.found.speller
        self._nouns = (
            frozenset({shelf.noun, shelf.nouns, "movie", "movies"})
            if shelf.noun == "film"
            else frozenset({shelf.noun, shelf.nouns})
        )

    def read(self, text: str, context: ReadContext, chosen: str | None = None) -> Reading:
        """What the message means. Never raises for any text. `chosen` settles which work of one name."""
        tokens = self.found.tokens(text)
        if not tokens:
            return Reading("chat")
        if phrases_in([token.norm for token in tokens if token.kind != "mark"], "care"):
            return Reading("care")
        let_go = self._relaxed(text, tokens, context)
        if let_go is not None:
            return let_go
        if context.dropped and set(words_of(text)) <= BOTH and "both" in words_of(text):
            again = tuple(replace(one, turn=context.turn) for one in context.dropped)
            return Reading("request", again)
        asked_items = self._options(context)
        if asked_items and chosen is None:
            pick = self._pick(tokens, context, asked_items)
            if pick is not None and context.asking:
                anew = replace(context, question=None, asking="", focus=(pick, *context.focus))
                return self.read(context.asking, anew, pick.id)
        things = self.found.things(tokens, context, asked_items)
        quoted = self.found.quoted(text, tokens)
        things = [
            thing
            for thing in things
            if not any(one.start <= thing.start and thing.end <= one.end for one in quoted)
        ]
        names = [*quoted, *self.found.unknown(tokens, things, context.shown)]
        unknown = tuple(name for thing in names if (name := text_of(text, tokens, thing)).isascii())
        row = self.found.with_words(tokens, lay_out(tokens, [*things, *names], self.vocabulary))
        felt = [entry for entry in Feelings(tokens, row).settle() if entry.thing.kind != "unknown"]
        felt = self.found.compared(tokens, felt, context)
        asked = question_of(tokens, self.vocabulary, felt, context)
        scale = self._scale_asked(tokens, felt)
        leftover = " ".join(
            text_of(text, tokens, entry.thing) for entry in felt if entry.thing.kind == "text"
        )
        gatherer = Gatherer(text, tokens, self.shelf, self.vocabulary, context)
        weighed = [entry for entry in felt if not gatherer.tells_which(entry, felt)]
        act = act_of(tokens, weighed, asked, context, self.vocabulary, leftover, self._nouns)
        act = self._carried_on(tokens, felt, act, context)
        act = self._judged(text, tokens, act, felt, context)
        if act == "compare":
            asked = scale
        elif act == "question" and asked is None and context.last_asked:
            asked = Asked(*context.last_asked)
        reading = self._reading(text, tokens, felt, asked, act, leftover, context, chosen, unknown)
        if self._opine is None or reading.act in QUIET:
            return reading
        brought = [item.id for item in context.recent]
        remarks = remarks_in(tokens, felt, pending(context), fresh=bool(context.focus))
        return revised(
            reading, remarks, self._opine, self.shelf.get, self.vocabulary, context.turn, text, brought
        )

    def remarks(
        self, text: str, context: ReadContext, brought: Sequence[str], *, fresh: bool
    ) -> dict[str, list[Remark]]:
        """What a message says about each item, by id; `brought` are the ids that the other side brought up
        last, `fresh` whether it did so right before."""
        tokens = self.found.tokens(text)
        row = lay_out(tokens, self.found.things(tokens, context, ()), self.vocabulary)
        felt = Feelings(tokens, self.found.with_words(tokens, row)).settle()
        return remarks_in(tokens, felt, brought, fresh=fresh)

    def _scale_asked(self, tokens: Sequence[Token], felt: Sequence[Felt]) -> Asked | None:
        """What a comparison turns on: "which is shorter?" → the runtime, low; "the scariest" → that mood."""
        for token in tokens:
            scale = (
                ("year", "low")
                if token.norm == "first" and {"came", "which"} & {t.norm for t in tokens}
                else scale_of(token.norm)
            )
            facet = self.vocabulary.by_role(scale[0]) if scale else None
            if scale and facet:
                return Asked(facet.name, scale[1])
        for entry in felt:
            if entry.thing.kind not in ("item", "text") and entry.thing.values:
                return Asked(entry.thing.kind, entry.thing.values[0])
        return None

    # -- what answers a question of ours, and what kind of message it is --------------------------------

    def _options(self, context: ReadContext) -> tuple[Item, ...]:
        if context.question is None or context.question.about != "which":
            return ()
        return tuple(item for item in map(self.shelf.get, context.question.item_ids) if item is not None)

    def _relaxed(self, text: str, tokens: Sequence[Token], context: ReadContext) -> Reading | None:
        """The answer to "shall I let this condition go?": a yes, or one of the offered ways word by word."""
        question = context.question
        if question is None or question.about != "relax" or not question.constraints:
            return None
        said = words_of(text)
        chosen = [
            constraint
            for constraint, option in zip(question.constraints, question.options, strict=False)
            if words_of(option) == said
        ]
        if not chosen and covered([token.norm for token in tokens if token.kind != "mark"], "agree"):
            chosen = [question.constraints[0]]
        if not chosen:
            return None
        if chosen[0] == question.constraints[0]:
            chosen += question.also
        return Reading(
            "request",
            retractions=tuple(
                Retraction(gone.facet, value, text.strip()[:80])
                for gone in chosen
                for value in gone.values or ("",)
            ),
        )

    def _pick(self, tokens: Sequence[Token], context: ReadContext, options: Sequence[Item]) -> Item | None:
        """The one of several works of a name that the answer picks out: by place, year, person or country."""
        here = replace(context, shown=tuple(options), focus=())
        things = [
            *people_things(tokens, self.vocabulary),
            *value_things(tokens, self.vocabulary),
            *quantity_things(tokens, self.quantities),
        ]
        pointed = [
            thing for thing in pointed_things(tokens, here, things, self.vocabulary, options) if thing.values
        ]
        ids = {value for thing in pointed for value in thing.values if len(thing.values) == 1}
        if len(ids) == 1:
            return next(item for item in options if item.id in ids)
        if len(tokens) > 12:
            return None
        numbers = {token.norm for token in tokens if token.kind == "number"}
        fitting = [
            item
            for item in options
            if numbers & {str(value)[:4] for value in item.facts.values() if isinstance(value, (int, float))}
        ]
        if len(fitting) == 1:
            return fitting[0]
        for thing in things:
            fitting = [item for item in options if fits(item, thing)]
            if len(fitting) == 1:
                return fitting[0]
        for word in (token.norm for token in tokens):
            scale = scale_of(word) or plain_scale(word)
            facet = self.vocabulary.by_role(scale[0]) if scale else None
            if facet and scale:
                ranked = sorted(options, key=lambda item: first_number(item, facet.name))
                return ranked[0] if scale[1] == "low" else ranked[-1]
        return None

    def _judged(
        self, text: str, tokens: Sequence[Token], act: Act | None, felt: Sequence[Felt], context: ReadContext
    ) -> Act | None:
        """The act with the judge's word on messages that may not be about the catalogue at all.

        The judge is asked only where little speaks for the catalogue: it hears messages one by one, and
        can't know that "Paris" answers our question.
        """
        if self._judge is None or act in ("greet", "thanks", "bye", "taste", "agree", "refuse", "explain"):
            return act
        if context.shown and any(entry.explicit for entry in felt):
            return act  # it says something of the list on the table
        evidence = sum(entry.thing.kind != "text" for entry in felt)
        firm = any(entry.thing.kind == "item" or entry.thing.bounds is not None for entry in felt)
        if any(entry.thing.who for entry in felt):
            return act
        judge = cache(self._judge)  # one embedding of the message, however often it is asked for
        told = any(entry.explicit for entry in felt)
        if firm and not told and len(text) > 60 and act == "describe":
            label, probability = judge(text)
            return "offtopic" if label == "attack" and probability >= OVERRULES else act
        ranged = any(entry.thing.bounds is not None for entry in felt)
        told = told or bool(
            {"please", "pls", self.shelf.noun, self.shelf.nouns, "movie"} & {token.norm for token in tokens}
        )
        if not told and not ranged and act in ("request", "describe", None):
            label, probability = judge(text)
            if label in ("offtopic", "attack") and probability >= CERTAINLY:
                return "offtopic"
        if evidence > 1 or (firm and act != "request") or (not felt and act is not None and len(text) < 40):
            return act
        label, probability = judge(text)
        needed = OVERRULES if evidence or (context.recent and act in ("question", "describe")) else SETTLES
        if label in ("offtopic", "attack", "abuse") and probability >= needed:
            return "offtopic"
        if act is not None and (evidence or act != "request" or not felt):
            return act
        if label == "meta" and probability >= SETTLES:
            return "help"
        if label in ("smalltalk", "unclear") and probability >= SETTLES + 0.1 * bool(felt):
            return "chat"
        return act

    def _carried_on(
        self, tokens: Sequence[Token], felt: Sequence[Felt], act: Act | None, context: ReadContext
    ) -> Act | None:
        """ "And the first?", "no, I mean the second": the same question as before, of another item."""
        words = [token.norm for token in tokens if token.kind != "mark"]
        items = [entry for entry in felt if entry.thing.kind == "item"]
        if not items or len(items) != len(felt) or act not in ("describe", "feedback", "request", None):
            return act
        again = (
            words[:1] == ["and"]
            or words[:2] in (["what", "about"], ["how", "about"])
            or {"mean", "meant"} & set(words)
        )
        if again and context.last_act in ("question", "describe", "explain") and not judged_items(items):
            return context.last_act
        return act

    # -- putting it together ------------------------------------------------------------------------------

    def _reading(
        self,
        text: str,
        tokens: Sequence[Token],
        felt: Sequence[Felt],
        asked: Asked | None,
        act: Act | None,
        leftover: str,
        context: ReadContext,
        chosen: str | None,
        unknown: tuple[str, ...],
    ) -> Reading:
        words = [token.norm for token in tokens if token.kind != "mark"]
        settled: Act = act or ("request" if felt else "chat")
        quiet = settled in ("question", "compare", "describe", "explain", "taste", "help")
        gatherer = Gatherer(text, tokens, self.shelf, self.vocabulary, context)
        count, let_go = self._count(tokens, felt), self._kinds_let_go(tokens, text)
        if settled == "chat" and (let_go or count):
            settled = "request"
        elif settled == "chat" and unknown:
            settled = "describe" if {"about", "is", "whats", "what"} & set(words) else "inform"
        if settled in ("offtopic", "chat"):
            named = gatherer.gather(
                [e for e in felt if e.thing.kind == "item"], felt, fragment=False, chosen=chosen
            )
            return Reading(settled, mentions=tuple(named.mentions))
        kept = [entry for entry in felt if not quiet or entry.thing.kind == "item"]
        gathered = gatherer.gather(kept, felt, fragment=not quiet, chosen=chosen)
        interests = self._tidy(gathered.interests, quiet)
        mentions = gathered.mentions
        if settled == "question":  # "seen the first; who is in the second?" asks of the second
            told = {value for entry in kept if entry.explicit for value in entry.thing.values}
            mentions = [one for one in mentions if one.item_id not in told] or mentions
        retractions = [*gathered.retractions, *let_go, *self._unsaid(words, context)]
        if settled == "taste" and phrases_in(words, "reset"):
            retractions = [Retraction("", "", text.strip()[:80])]
        instead = self._instead(tokens, interests, context)
        return Reading(
            act=settled,
            interests=tuple(interests),
            retractions=tuple(retractions),
            mentions=tuple(mentions),
            ambiguities=tuple(gathered.ambiguities),
            asked=asked.facet if asked and settled in ("question", "compare") else "",
            asked_value=asked.value if asked and settled in ("question", "compare") else "",
            count=count,
            replaces=instead,
            leftover=leftover,
            unknown=unknown,
            open=self._open(words, felt, interests),
            fresh=self._fresh([token.norm for token in tokens]),
        )

    def _open(self, words: Sequence[str], felt: Sequence[Felt], interests: Sequence[Interest]) -> bool:
        """Whether the choice is left to us: "surprise me", but not "I don't mind subtitles"."""
        phrases = phrases_in(words, "anything")
        if any(one.feeling == "like" for one in interests) or not phrases:
            return False
        return not felt or any(
            phrase in LEFT_TO_US or " " in phrase and "mind" not in phrase for phrase in phrases
        )

    def _fresh(self, words: Sequence[str]) -> bool:
        """Whether others than those shown are wanted; a single small word says so only in a short message."""
        clauses: list[list[str]] = [[]]
        for word in words:
            if word.isalnum():
                clauses[-1].append(word)
            else:
                clauses.append([])
        return any(
            " " in phrase or len(clause) <= 4 for clause in clauses for phrase in phrases_in(clause, "more")
        )

    def _tidy(self, interests: Sequence[Interest], quiet: bool) -> list[Interest]:
        """Without repeats; in questions only what is felt about items stays."""
        unique: dict[tuple[str, str, Bounds | None, bool], Interest] = {}
        for interest in interests:
            if not quiet or interest.kind == "item":
                key = (interest.kind, interest.value.casefold(), interest.bounds, interest.feeling == "seen")
                unique[key] = interest
        return list(unique.values())

    def _kinds_let_go(self, tokens: Sequence[Token], text: str) -> list[Retraction]:
        """ "Any length is fine", "the year doesn't matter", "forget the budget": a whole facet let go."""
        table = english()
        words = [token.norm if token.kind != "mark" else "\0" for token in tokens]
        found = []
        for place, word in enumerate(words):
            name = self.vocabulary.pointer(word) if word != "\0" else None
            if not name or words[max(0, place - 1) : place] == ["same"]:
                continue
            before, after = words[max(0, place - 4) : place], words[place + 1 : place + 6]
            cues = {
                cue
                for start in range(max(0, place - 4), place)
                for cue in (table.cues.at(words, start) or (0, frozenset()))[1]
            }
            later = {
                cue
                for start in range(place + 1, min(len(words), place + 4))
                for cue in (table.cues.at(words, start) or (0, frozenset()))[1]
            }
            if "any" in before[-2:] or "forget" in cues or "allow" in cues | later or "matter" in after:
                found.append(Retraction(name, "", text.strip()[:80]))
        return found

    def _unsaid(self, words: Sequence[str], context: ReadContext) -> list[Retraction]:
        """ "Just kidding": what the message before added is taken back."""
        if not {"kidding", "joking", "jk"} & set(words):
            return []
        last = [held for held in context.taste if held.turn == context.turn - 1]
        return [Retraction(held.kind, held.value, "just kidding") for held in last]

    def _instead(self, tokens: Sequence[Token], interests: Sequence[Interest], context: ReadContext) -> bool:
        """Whether what is wanted now stands in place of what was wanted before."""
        words = [token.norm if token.kind != "mark" else "\0" for token in tokens]
        likes = [interest for interest in interests if interest.feeling == "like" and interest.kind != "item"]
        if any(english().has(english().cues, "instead", words, place) for place in range(len(words))):
            return bool(likes)
        single = {
            name
            for name, facet in self.vocabulary.facets.items()
            if facet.kind == "category" and not facet.many
        }
        for new_like in likes:  # a thing has one category, one colour: the new one stands for the old
            old = [
                one
                for one in context.taste
                if one.hard and one.feeling == "like" and one.kind == new_like.kind
            ]
            other = old and all(one.value != new_like.value for one in old)
            if new_like.hard and new_like.kind in single and other and not new_like.group.endswith(".or"):
                return True
        head = self.vocabulary.heads[0] if self.vocabulary.heads else ""
        new = {interest.value for interest in likes if interest.hard and interest.kind == head}
        held = {old.value for old in context.taste if old.hard and old.feeling == "like" and old.kind == head}
        refines = set(words) & {
            "also",
            "too",
            "more",
            "with",
            "but",
            "and",
            "one",
            "ones",
            "make",
            "bit",
            "funnier",
        }
        return bool(new and held and not new & held and not refines)  # "any westerns?" after comedies

    def _count(self, tokens: Sequence[Token], felt: Sequence[Felt]) -> int | None:
        """How many items are wanted: "give me 2", "just one", "top five films"."""
        words = [token.norm if token.kind != "mark" else "\0" for token in tokens]
        taken = {place for entry in felt for place in range(entry.thing.start, entry.thing.end)}
        table = english()
        for place, word in enumerate(words):
            if place in taken:
                continue
            number = int(word) if word.isdigit() and len(word) < 3 else table.number_words.get(word, 0)
            if word == "couple":
                number = 2
            if not 0 < number <= 20:
                continue
            before = words[place - 1] if place else "\0"
            after = next(
                (
                    w
                    for w in words[place + 1 : place + 5]
                    if w not in ("of", "good", "more", "other", "different", "great")
                    and (w == "\0" or words.index(w) not in taken)
                ),
                "\0",
            )
            noun = after in (self.shelf.noun, self.shelf.nouns) or (
                after != "\0"
                and any(
                    table.has(table.pointing, "noun", [form], 0)
                    for form in (after, after[:-1], singular(after))
                )
            )
            if (
                word == "one"
                and before not in ("just", "only", "me", "exactly")
                and words[place : place + 2] != ["one", "more"]
            ):
                continue
            if (
                before
                in (
                    "me",
                    "us",
                    "just",
                    "only",
                    "top",
                    "exactly",
                    "another",
                    "show",
                    "list",
                    "suggest",
                    "recommend",
                )
                or noun
                or (len([w for w in words if w != "\0"]) <= 2 and word != "one")
            ):
                return number
        return None
