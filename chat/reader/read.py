"""The deterministic reader: one message and its context → a `Reading`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from chat.reader.acts import act_of, carried_on
from chat.reader.answering import options_of, picked, relaxed
from chat.reader.asides import Judge, without_asides
from chat.reader.asking import Asked, question_of, scale_asked
from chat.reader.context import ReadContext
from chat.reader.counting import count_of
from chat.reader.elements import lay_out
from chat.reader.english import english
from chat.reader.feelings import Feelings, Felt
from chat.reader.finding import Finder, text_of
from chat.reader.interests import Gatherer
from chat.reader.letting_go import let_go
from chat.reader.lists import remarked
from chat.reader.phrases import fresh_asked, phrases_in
from chat.reader.remarks import Remark, remarks_in
from chat.reader.revised import Opine, pending, revised
from chat.reader.second_thoughts import settled
from chat.reader.tokens import Token, words_of
from chat.reader.vocabulary import Shelf
from prompts.dialogue import Act, Interest, Reading, Retraction
from retrieval.items import Bounds

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
        answer = relaxed(text, tokens, context)
        if answer is not None:
            return answer
        if context.dropped and set(words_of(text)) <= BOTH and "both" in words_of(text):
            again = tuple(replace(one, turn=context.turn) for one in context.dropped)
            return Reading("request", again)
        asked_items = options_of(self.found, context)
        if asked_items and chosen is None:
            pick = picked(self.found, tokens, context, asked_items)
            if pick is not None and context.asking:
                # what is read is the message before, so its interests are of that message
                anew = replace(
                    context, turn=context.turn - 1, question=None, asking="", focus=(pick, *context.focus)
                )
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
        felt = settled(tokens, felt)
        remarks_on_list = remarked(tokens, felt, context)
        felt = self.found.relative.compared(tokens, remarks_on_list.felt, context)
        if self._judge is not None:
            felt = without_asides(text, tokens, felt, self._judge, self._nouns)
        asked = question_of(tokens, self.vocabulary, felt, context)
        scale = scale_asked(tokens, felt, self.vocabulary)
        leftover = " ".join(
            text_of(text, tokens, entry.thing) for entry in felt if entry.thing.kind == "text"
        )
        gatherer = Gatherer(text, tokens, self.shelf, self.vocabulary, context)
        weighed = [entry for entry in felt if not gatherer.tells_which(entry, felt)]
        act = act_of(tokens, weighed, asked, context, self.vocabulary, leftover, self._nouns)
        act = carried_on(tokens, felt, act, context)
        act = self._judged(text, tokens, act, felt, context)
        if remarks_on_list.refused and not felt:
            act = "refuse"
        if act == "compare":
            asked = scale
        elif act == "question" and asked is None and context.last_asked:
            asked = Asked(*context.last_asked)
        reading = self._reading(text, tokens, felt, asked, act, leftover, context, chosen, unknown)
        reading = replace(reading, fresh=reading.fresh or remarks_on_list.fresh)
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

    # -- what answers a question of ours, and what kind of message it is --------------------------------

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
        nouns = (self.shelf.noun, self.shelf.nouns)
        count = count_of(tokens, felt, nouns)
        gone = let_go(text, tokens, self.vocabulary, context, ())
        if settled == "chat" and (gone or count):
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
        gone = let_go(text, tokens, self.vocabulary, context, interests)
        retractions = list(dict.fromkeys([*gathered.retractions, *gone]))
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
            fresh=fresh_asked(tokens),
        )

    def _open(self, words: Sequence[str], felt: Sequence[Felt], interests: Sequence[Interest]) -> bool:
        """Whether the choice is left to us: "surprise me", but not "I don't mind subtitles"."""
        phrases = phrases_in(words, "anything")
        if any(one.feeling == "like" for one in interests) or not phrases:
            return False
        return not felt or any(
            phrase in LEFT_TO_US or " " in phrase and "mind" not in phrase for phrase in phrases
        )

    def _tidy(self, interests: Sequence[Interest], quiet: bool) -> list[Interest]:
        """Without repeats; in questions only what is felt about items stays."""
        unique: dict[tuple[str, str, Bounds | None, bool], Interest] = {}
        for interest in interests:
            if not quiet or interest.kind == "item":
                key = (interest.kind, interest.value.casefold(), interest.bounds, interest.feeling == "seen")
                unique[key] = interest
        return list(unique.values())

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
