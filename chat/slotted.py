"""A plan as a short brief for a model that was trained on them, and the model's draft as the reply's words.

Names and facts are slots in the draft, so none can be wrong; what is left to check is that every item is
named once and in order, and that what is said beside an item is a fact of that item and of no other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from chat.errors import BadDraft
from chat.reply import Plan, Reason, Recommendation
from chat.wording.catalogue import CatalogueWords
from chat.wording.facts import Sense, amount, kind_phrase, known, number_of, sense_of
from chat.wording.grammar import article, capital, join, noun_phrase, place, squeeze
from chat.wording.names import around, name, passage, quotable, year_of
from chat.wording.wishes import avoided, wishes
from prompts.dialogue import Draft, Utterance
from prompts.forms import Grammar, reply_grammar
from prompts.short import (
    ITEMS,
    LAST_CHARS,
    SAYS,
    TITLES,
    Entry,
    Part,
    ShortBrief,
    Stated,
    Tie,
    all_slots,
    letters,
    plain,
    short_write_messages,
    slots,
    slots_in,
    words_in,
)
from prompts.write import parse_draft
from retrieval.items import Facet, Item

Asks = Callable[[list[dict[str, str]], int, Grammar], str]
"""Sends messages to a model, with the seed to sample by and the grammar to keep to (`prompts.forms`), and
returns its answer. Raises `ModelError`."""

#: Facts of an item besides those that are its reasons, values of one facet, words of a quoted passage.
MOST_FACTS, MOST_VALUES, MOST_WORDS = 4, 3, 16
#: The highest temperature for a model that was trained on short briefs: its rarer words are its worse ones.
WARMEST = 0.3
#: So many words (or slots) in a row are said once in a reply.
SAME_WORDS = 8
#: Words of the passage that somebody who asks for more is told.
MORE_WORDS = 45
#: What the values of a facet are in a sentence.
_PARTS: Mapping[Sense, Part] = {"kind": "kind", "mood": "adjective", "colour": "adjective", "about": "topic"}
_ARTICLE = re.compile(r"(?:an?|the) ", re.IGNORECASE)
_FILLED = re.compile(r"(?:\b([Aa]n?) )?\[([1-9][a-j]?|[A-D])\]")
_ENDED = re.compile(r"[.?!…][”\")]*\s+[“\"(]?$")
#: Facets worth telling unasked, best first; the others are told only where they are a reason.
_TOLD: Sequence[Sense] = ("kind", "mood", "about", "person", "year", "duration", "length", "price", "maker")
_TALK = frozenset({"greet", "thanks", "bye", "chat", "help", "agree", "refuse"})


class SlottedDrafter:
    """Words plans through a model that was trained on short briefs."""

    def __init__(
        self, words: CatalogueWords, ask: Asks, spoken: Collection[str] = (), moves: Collection[str] = ()
    ) -> None:
        """`spoken` are the words that a draft may hold besides those of its prompt, `moves` what the model is
        asked to word; none: any."""
        self._words = words
        self._ask = ask
        self._spoken = frozenset(spoken)
        self._moves = frozenset(moves)

    def takes(self, plan: Plan, dialogue: Sequence[Utterance]) -> bool:
        """Whether the model words such plans, and a short brief can say all that this one holds."""
        if self._moves and plan.move not in self._moves:
            return False
        return len(_last(dialogue)) <= LAST_CHARS and self.brief(plan) is not None

    def __call__(self, plan: Plan, dialogue: Sequence[Utterance], seed: int = 0) -> str:
        """The model's words for a plan that it takes, slots filled in. Raises `ModelError`."""
        last, brief = _last(dialogue), self.brief(plan)
        if brief is None:
            raise BadDraft("the plan holds more than a short brief can say")
        asked = short_write_messages(last, brief)
        draft = parse_draft(self._ask(asked, seed, reply_grammar(brief, last, self._spoken)))
        people = [facet.label for facet in self._words.facets if facet.kind == "people"]
        problems = draft_problems(draft.text, brief, last, people)
        if self._spoken:
            told = self._spoken.union(*(words_in(message["content"]) for message in asked))
            problems += [f"{word!r} is said by nobody" for word in sorted(words_in(draft.text) - told)]
        if problems:
            raise BadDraft(problems[0])
        return fill(draft, brief)

    def brief(self, plan: Plan) -> ShortBrief | None:
        """All that the model may say; `None` where the plan holds more than such a brief can."""
        if plan.unmet or plan.unknown_titles or plan.let_go or plan.exhausted or plan.forgot or plan.wanted:
            return None
        if plan.move == "recommend" and plan.question is None and plan.recommendations:
            return self._list(plan)
        if plan.move == "describe" and len(plan.items) == 1:
            return self._told(plan)
        if plan.move == "compare" and len(plan.items) == 2:
            return self._compared(plan)
        if plan.move == "converse" and plan.topic in _TALK and not plan.heard:
            return self._brief(plan)
        return None

    def _brief(self, plan: Plan, **more: object) -> ShortBrief:
        words = self._words
        likes = [one for one in plan.heard if one.feeling == "like" and one.kind not in ("item", "text")]
        likes = [one for one in likes if one.bounds is None]  # a limit is told with the fact that keeps it
        dislikes = [one for one in plan.heard if one.feeling == "dislike" and one.kind != "item"]
        return ShortBrief(
            plan.move,
            plan.topic,
            words.noun,
            words.nouns,
            words.verb,
            likes=tuple(wishes(likes, words)),
            dislikes=tuple(avoided(one, words) for one in dislikes),
            **more,  # type: ignore[arg-type]
        )

    def _list(self, plan: Plan) -> ShortBrief | None:
        chosen = plan.recommendations[:ITEMS]
        if len(chosen) < len(plan.recommendations):
            return None
        titles = dict.fromkeys(
            reason.interest.subject
            for entry in chosen
            for reason in entry.reasons
            if reason.interest.kind == "item" and reason.interest.subject
        )
        entries = [self._entry(entry, tuple(titles)) for entry in chosen]
        if any(entry is None for entry in entries):
            return None
        return self._brief(plan, entries=tuple(one for one in entries if one), titles=tuple(titles))

    def _entry(self, entry: Recommendation, titles: Sequence[str]) -> Entry | None:
        ties: list[Tie] = []
        for reason in entry.reasons:
            tie = self._tie(reason, entry.item, titles)
            if tie is None and reason.against:
                return None  # what must be said can't be said by a tie
            if tie is not None:
                ties.append(tie)
        told = {tie.fact.label for tie in ties}
        return self._item(entry.item, tuple(ties), told)

    def _item(self, item: Item, ties: tuple[Tie, ...], told: set[str], first: Facet | None = None) -> Entry:
        facets = [facet for facet in self._words.facets if facet.label not in told and facet is not first]
        facets = [facet for facet in facets if sense_of(facet) in _TOLD and known(item, facet.name)]
        facets.sort(key=lambda facet: _TOLD.index(sense_of(facet)))
        facts = [self.stated(facet, item) for facet in ([first] if first else []) + facets]
        facts = _one_name([tie.fact for tie in ties], facts)[: MOST_FACTS + bool(first)]
        year = year_of(item, self._words)
        called = name(item, self._words).removesuffix(f" ({year})")
        return Entry(called, int(year) if year.isdigit() else None, ties, tuple(facts))

    def _tie(self, reason: Reason, item: Item, titles: Sequence[str]) -> Tie | None:
        interest = reason.interest
        if interest.kind == "item":
            shared = self._shared(reason.fact.value, item)
            if not shared or reason.against or interest.subject not in titles[:4]:
                return None
            return Tie(
                interest.subject, Stated("", shared, part="topic"), like=titles.index(interest.subject)
            )
        facet = self._words.facet(reason.fact.facet)
        if interest.kind == "text":
            found = around(reason.fact.value, interest.subject, MOST_WORDS)
            if reason.against or facet is not None or not found or not quotable(interest.subject):
                return None
            return Tie(interest.subject, Stated(SAYS, found, True))
        if facet is None or (reason.against and interest.feeling == "dislike"):
            return None
        said = interest.quote if interest.bounds is not None and interest.quote else interest.subject
        if reason.against:
            return Tie(said, self.stated(facet, item), lacking=True)
        value = reason.fact.value if facet.kind == "category" else ""
        return Tie(said, self.stated(facet, item, value))

    def stated(self, facet: Facet, item: Item, value: str = "") -> Stated:
        """A facet of an item as it may be stated; `value` picks one of several."""
        held = [value] if value else list(known(item, facet.name)[:MOST_VALUES])
        if facet.kind in ("number", "date"):
            number = number_of(held[0])
            amounts = amount(facet, number) if number is not None else held[0]
            return Stated(facet.label, amounts, True, "number")
        if facet.kind == "people" or sense_of(facet) == "maker":
            return Stated(facet.label, join(held[:2]), True, "name")
        said = [self._said(facet, value) for value in held if "," not in value]
        said = said or [squeeze(value.replace(",", " ")) for value in held[:1]]
        return Stated(facet.label, ", ".join(said), part=_PARTS.get(sense_of(facet), "other"))

    def _said(self, facet: Facet, value: str) -> str:
        """A value as it stands in a sentence, a kind without its article: "a heist", "horror film"."""
        sense = sense_of(facet)
        if sense == "kind":
            return _ARTICLE.sub("", kind_phrase(value, self._words)) if self._words.works else value
        if sense == "about":
            return noun_phrase(value)
        return place(value) if sense == "from" else value

    def _shared(self, values: str, item: Item) -> str:
        """What an item shares with another, as noun phrases; names of people are left out."""
        out = []
        for value in values.split(", "):
            facet = next(
                (
                    facet
                    for facet in self._words.facets
                    if facet.kind == "category" and value in known(item, facet.name)
                ),
                None,
            )
            if facet is not None and sense_of(facet) == "about":
                out.append(noun_phrase(value))
            elif facet is not None and sense_of(facet) == "mood":
                out.append(f"{article(value)} {facet.label}")
        return ", ".join(out)

    def _told(self, plan: Plan) -> ShortBrief | None:
        item = plan.items[0]
        if plan.topic == "describe":
            entry = self._item(item, (), set())
            opening = passage(item, MORE_WORDS)
            if opening:
                entry = Entry(entry.title, entry.year, (), (Stated(SAYS, opening, True), *entry.facts))
            return self._brief(plan, entries=(entry,))
        facet = self._words.facet(plan.asked)
        if plan.topic != "question" or facet is None or plan.asked_value or not plan.answers:
            return None
        if not plan.answers[0]:
            return self._brief(plan, entries=(Entry(name(item, self._words)),), asked=facet.label)
        return self._brief(plan, entries=(self._item(item, (), set(), facet),), asked=facet.label)

    def _compared(self, plan: Plan) -> ShortBrief | None:
        facet = self._words.facet(plan.asked) if plan.asked else None
        if plan.asked and (facet is None or any(not known(item, facet.name) for item in plan.items)):
            return None
        entries = tuple(self._item(item, (), set(), facet) for item in plan.items)
        return self._brief(plan, entries=entries, asked=facet.label if facet else "", winner=plan.winner)


def _one_name(tied: Sequence[Stated], facts: Sequence[Stated]) -> list[Stated]:
    """The facts with one name and one number at most: of two, a small model takes one for the other."""
    taken = {fact.part for fact in tied}
    kept = []
    for fact in facts:
        if fact.part not in ("name", "number") or fact.part not in taken:
            taken.add(fact.part)
            kept.append(fact)
    return kept


def fill(draft: Draft, brief: ShortBrief) -> str:
    """The draft with its slots filled in: a title's first use with its year, a fact by its value.

    A value brings the article that it needs, and a capital where it begins a sentence. A slot that stands for
    nothing is left standing, for the reply's check to find.
    """
    named: set[str] = set()

    def put(match: re.Match[str]) -> str:
        before, slot = match.groups()
        value = _value(slot, brief, named)
        if value is None:
            return match[0]
        begins = not draft.text[: match.start()].rstrip(' “"(') or _ENDED.search(draft.text[: match.start()])
        if len(slot) == 2:
            if before and not _ARTICLE.match(value):
                value = article(value)
            return capital(value) if begins else value
        return f"{before} {value}" if before else value

    return _FILLED.sub(put, draft.text)


def _value(slot: str, brief: ShortBrief, named: set[str]) -> str | None:
    """What a slot stands for; `named` are the items that were named before."""
    if slot not in all_slots(brief):
        return None
    if slot.isalpha():
        return brief.titles[TITLES.index(slot)]
    entry = brief.entries[int(slot[0]) - 1]
    if len(slot) == 2:
        return slots(entry)[slot[1]].value
    first = slot not in named
    named.add(slot)
    return f"{entry.title} ({entry.year})" if first and entry.year is not None else entry.title


def _last(dialogue: Sequence[Utterance]) -> str:
    return dialogue[-1].text if dialogue and dialogue[-1].role == "user" else ""


# --- what a draft must keep to ------------------------------------------------------------------------------

_SENTENCE = re.compile(r"(?<=[.?!…])[”\")]*\s+")
_TITLE = re.compile(r"\[([1-9])\]")
_ANY_SLOT = re.compile(r"\[\w{1,3}\]")
_QUOTED = re.compile(r"“[^”]*”")
_CLAUSE = re.compile(r"[.,;:!?…]")
_AFTER_ARTICLE = re.compile(r"\b[Aa]n? \[(\d[a-j])\]([.;:!?]?)")
_SPOKEN = re.compile(r"\[\w+\]|[\w'-]+")


def draft_problems(draft: str, brief: ShortBrief, last: str = "", labels: Collection[str] = ()) -> list[str]:
    """What is wrong with a draft before its slots are filled in; empty where nothing is.

    `labels` are those of the catalogue's names of people: none is said of another fact.
    """
    return [
        *_slot_problems(draft, brief),
        *_misplaced(draft, brief, last),
        *_mislabelled(draft, brief, labels),
        *_shape_problems(draft, brief),
    ]


def _slot_problems(draft: str, brief: ShortBrief) -> Iterator[str]:
    there, used = all_slots(brief), slots_in(draft)
    yield from (f"there is no slot [{slot}]" for slot in used if slot not in there)
    if "[" in _ANY_SLOT.sub("", draft) or re.search(r"\d", _QUOTED.sub("", _ANY_SLOT.sub("", draft))):
        yield "a number or a bracket that is no slot"
    if brief.move == "recommend":
        named = list(dict.fromkeys(slot for slot in used if len(slot) == 1 and slot.isdigit()))
        wanted = [str(place + 1) for place in range(len(brief.entries))]
        if named != wanted:
            yield f"items named are {named}, to be named are {wanted}"


def _shape_problems(draft: str, brief: ShortBrief) -> Iterator[str]:
    if not draft.strip():
        yield "an empty draft"
    elif draft.strip()[-1] not in ".?!”…":
        yield "the draft doesn't end"
    said = _SPOKEN.findall(_QUOTED.sub(" ", draft.casefold()))
    rows = [tuple(said[place : place + SAME_WORDS]) for place in range(len(said) - SAME_WORDS + 1)]
    if len(set(rows)) < len(rows):
        yield f"{SAME_WORDS} words in a row are said twice"
    parts = {
        f"{place}{letter}": fact.part
        for place, entry in enumerate(brief.entries, start=1)
        for letter, fact in slots(entry).items()
    }
    for slot, after in _AFTER_ARTICLE.findall(draft):
        part = parts.get(slot)
        if part in ("number", "name") or (part == "adjective" and after):
            yield f"an article before [{slot}]"
    asks = "?" in _QUOTED.sub("", draft)
    if asks and brief.move in ("recommend", "compare") and not brief.question:
        yield "a question that nobody decided on"


def _mislabelled(draft: str, brief: ShortBrief, others: Collection[str]) -> Iterator[str]:
    """Facts told under the label of another: an actor as the director."""
    labels = {
        f"{place}{letter}": fact.label
        for place, entry in enumerate(brief.entries, start=1)
        for letter, fact in slots(entry).items()
    }
    begun = {label: _begun(label) for label in {*labels.values(), *others} if label}
    for clause in _CLAUSE.split(_QUOTED.sub(" ", draft)):
        told = {labels[slot] for slot in slots_in(clause) if slot in labels}
        words = plain(_ANY_SLOT.sub(" ", clause)).split()
        for label, beginnings in begun.items():
            if told and label not in told and any(word.startswith(tuple(beginnings)) for word in words):
                yield f"{label!r} is said of {sorted(told)}"


def _begun(label: str) -> set[str]:
    """How the words of a label, and those that come of them, begin: "direct" of a director."""
    return {word[:6] if len(word) > 6 else f"{word}" for word in plain(label).split() if len(word) > 4}


def _misplaced(draft: str, brief: ShortBrief, last: str) -> Iterator[str]:
    """Facts told of an item that holds them not, though another one of the brief does."""
    values = [set(letters(entry)) for entry in brief.entries]
    everywhere = set().union(*values) if values else set()
    said_by_person = f" {plain(' '.join((last, *brief.likes, *brief.dislikes)))} "
    spoken: set[int] = set()
    for sentence in _SENTENCE.split(draft):
        titles = {int(number) - 1 for number in _TITLE.findall(sentence)}
        spoken = {place for place in titles if place < len(values)} or spoken
        if not spoken:
            continue  # nothing has been named yet: the opening speaks of the person
        own = set().union(*(values[place] for place in spoken))
        text = f" {plain(_QUOTED.sub(' ', sentence))} "
        for slot in slots_in(sentence):
            if len(slot) == 2 and int(slot[0]) - 1 not in spoken:
                yield f"[{slot}] is told of another item"
        for value in everywhere - own:
            if f" {value} " in text and f" {value} " not in said_by_person:
                yield f"{value!r} is told of the wrong item"
