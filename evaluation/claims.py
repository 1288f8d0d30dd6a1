"""Whether the facts of items bear out what a reply says of them: each claim is held against its own item.

A claim belongs to the item that was named last before it in its sentence; before the first name of a sentence
it may also take up the person's own words. This is stricter than asking whether a fact belongs to any item of
the reply: "A is directed by the one who directed B" is found here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from evaluation.backing import Backing
from evaluation.mentions import (
    Span,
    plain,
    starts_sentence,
    stem,
)
from prompts.dialogue import Interest
from retrieval.items import Item

ProblemKind = Literal["title", "person", "value", "number", "quotation", "extreme", "denial", "empty", "name"]
PROBLEMS: tuple[ProblemKind, ...] = (
    "title", "person", "value", "number", "quotation", "extreme", "denial", "empty", "name",
)  # fmt: skip

_NOT = re.compile(
    r"\b(?:not|no|nor|never|none|nothing|neither|without|lacks?|missing|cannot)\b|n[’']t\b", re.IGNORECASE
)
_YOU = re.compile(r"\b(?:you|your|you[’'](?:ve|d|re|ll))\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[,;:—–]|\bthough\b|\bbut\b|\bwhile\b", re.IGNORECASE)
_END = re.compile(r"[.!?…]+[”\"’)]*\s+|\n+")
_JOINED = re.compile(r"^\s*(?:,|and|or|&|, and|, or|both)?\s*$", re.IGNORECASE)
_TURNED_ROUND = re.compile(r"^\W*(?:(?:minutes|hours|pages)\W+)?(?:for|of|in|by|to|with) $", re.IGNORECASE)
_PLACES = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "former": 0, "latter": 1}
#: "If it needn't be red": what follows is a condition that the person set, and nothing said of an item.
_SUPPOSED = re.compile(
    r"\b(?:if|once|when) (?:it|they|that) (?:needn[’']t|must|may|need not)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Problem:
    """Something said that nothing bears out: what it is, and of which item it was said ("" for none)."""

    kind: ProblemKind
    found: str
    of: str = ""

    def __str__(self) -> str:
        return f"{self.kind} “{self.found}”" + (f" of {self.of}" if self.of else "")


@dataclass(frozen=True)
class Spoken:
    """A reply and all that may stand behind it.

    `own` are the items that it recommends or speaks of, in order; `known` the ids of those that the person
    spoke of, pointed at or clicked on; `said` the person's messages, oldest first; `taste` what is believed
    of them; `counts` the numbers of items that it may truly name.
    """

    text: str
    own: tuple[Item, ...]
    known: frozenset[str]
    said: tuple[str, ...]
    taste: tuple[Interest, ...] = ()
    counts: frozenset[int] = frozenset()


class Claims(Backing):
    """Checks replies about one catalogue."""

    def problems(self, spoken: Spoken) -> tuple[Problem, ...]:
        """What nothing bears out in the reply, in its order."""
        return tuple(_Reading(self, spoken).run())


class _Reading:
    """One reply, read from left to right."""

    def __init__(self, claims: Claims, spoken: Spoken) -> None:
        self.claims = claims
        self.spoken = spoken
        self.text = spoken.text
        self.spans = claims.names.spans(spoken.text)
        self.masked = self._masked()
        self.own = {item.id for item in spoken.own}
        self.words = plain(" . ".join(spoken.said))
        self.stems = {stem(word) for word in self.words.split()}
        self.found: list[Problem] = []
        self.topic: list[Item] = list(spoken.own[:1])  # the last of the reply's own items
        self.group: list[Item] = list(self.topic)

    def run(self) -> list[Problem]:
        for start, end in self._sentences():
            self._sentence(start, [span for span in self.spans if start <= span.start < end], end)
        return self.found

    def _masked(self) -> str:
        """The text with names and passages hidden; a passage that ends a sentence keeps its full stop."""
        masked = list(self.text)
        for span in self.spans:
            if span.kind in ("title", "quotation", "number"):
                masked[span.start : span.end] = "¤" * (span.end - span.start)
            if span.kind == "quotation" and span.text.rstrip().endswith((".", "!", "?", "…")):
                masked[span.end - 1] = "."
            if span.kind in ("person", "value"):
                hidden = self.text[span.start : span.end].replace(".", "¤").replace("?", "¤")
                masked[span.start : span.end] = hidden
        return "".join(masked)

    def _sentences(self) -> list[tuple[int, int]]:
        """Where sentences start and end; signs inside names and passages end none, but a passage may."""
        ends = [match.end() for match in _END.finditer(self.masked)]
        return list(zip([0, *ends], [*ends, len(self.text)], strict=True))

    def _sentence(self, start: int, spans: Sequence[Span], end: int) -> None:
        named = False
        waiting: list[Span] = []
        before: Span | None = None  # the name that a further one may join
        self.group = list(self.topic)
        for place, span in enumerate(spans):
            if span.kind == "title":
                items = self._named(span)
                joined = named and before is not None and _JOINED.match(self.text[before.end : span.start])
                # "Close to A, B is short" speaks of B alone: A is only what it is like.
                alike = bool(self.group) and self._is_own(self.group) == self._is_own(items)
                self.group = [*self.group, *items] if joined and alike else items
                if self._is_own(items):
                    own = [item for item in self.group if item.id in self.own]
                    self.topic = own
                if not named:
                    self._judge_all(waiting, start, fronted=True)
                    waiting, named = [], True
                before = span
            elif span.kind == "pointer":
                named = self._point(span) or named
                before = span if span.text in _PLACES else None
            elif self._turned_round(span, spans[place + 1 :]):
                continue
            elif named:
                self._judge(span, start, fronted=False)
                before = None
            else:
                waiting.append(span)
        self._judge_all(waiting, start, fronted=True)
        del end

    def _is_own(self, items: Sequence[Item]) -> bool:
        return any(item.id in self.own for item in items)

    def _named(self, span: Span) -> list[Item]:
        """The items of a title, after checking that it may stand here."""
        items = [self.claims.names.items[key] for key in span.found]
        own = [item for item in items if item.id in self.own]
        known = [item for item in items if item.id in self.spoken.known]
        in_words = plain(span.value) in self.words
        if not own and not known and not in_words:
            self.found.append(Problem("title", span.text))
        chosen = own or known or items
        if span.number is not None and not any(
            span.number in self.claims.names.years(item) for item in chosen
        ):
            self.found.append(Problem("number", f"{span.number:.0f}", chosen[0].title))
        return chosen[:1]

    def _point(self, span: Span) -> bool:
        """Turns the talk to what a word points at. False where it points at nothing here."""
        own = self.spoken.own
        if span.text in _PLACES:
            if len(own) < 2 or _PLACES[span.text] >= len(own):
                return False
            self.topic = self.group = [own[_PLACES[span.text]]]
            return True
        if span.text in ("both", "each", "neither", "they", "their") and len(own) > 1 and len(self.topic) < 2:
            self.group = list(own) if span.text in ("both", "each", "neither") else list(self.topic)
            return span.text in ("both", "each", "neither")
        self.group = list(self.topic)
        named = any(one.kind == "title" and one.start < span.start for one in self.spans)
        # "It" at the head of a sentence without a name is a list's condition as often as an item.
        return named and len(own) == 1 and span.text in ("it", "they", "its", "their")

    def _turned_round(self, span: Span, rest: Sequence[Span]) -> bool:
        """A claim that its item follows: "59.90, against 119 for Tern Solo Tent"."""
        following = rest[0] if rest else None
        if span.kind != "number" or following is None or following.kind != "title":
            return False
        if not _TURNED_ROUND.match(self.text[span.end : following.start]):
            return False
        items = [self.claims.names.items[key] for key in following.found]
        if not any(self.claims.holds(item, span, "") for item in items) and not self._echo(span):
            self.found.append(Problem("number", span.text, items[0].title))
        return True

    # -- judging --------------------------------------------------------------------------------------------

    def _judge_all(self, spans: Sequence[Span], start: int, fronted: bool) -> None:
        for span in spans:
            self._judge(span, start, fronted)

    def _judge(self, span: Span, start: int, fronted: bool) -> None:
        clause = self._clause(span, start)
        about = self.group or list(self.spoken.own)
        reference = bool(about) and not self._is_own(about)
        if span.kind == "extreme":
            among = self.spoken.own
            if len(among) > 1 and about and not any(self.claims.extreme(among, item, span) for item in about):
                self.found.append(Problem("extreme", f"the {span.text}", about[0].title))
            return
        if span.kind == "quotation":
            self._quotation(span, about)
            return
        if span.kind == "name":
            self._name(span)
            return
        supposed = bool(_SUPPOSED.search(self.masked[start : span.start]))
        free = fronted or reference or supposed or bool(_YOU.search(clause))
        if free and self._echo(span):
            return
        if span.kind == "number" and (fronted or self._counting(start)) and span.number in self.spoken.counts:
            return
        if not about and span.kind in ("value", "person"):
            return  # examples of what one could ask for
        if span.kind == "value" and self._compound(span, about):
            return
        if span.kind == "value" and self._denied(span, clause):
            wrong = [item for item in about if item.id in self.own and self.claims.has(item, span.value)]
            if wrong and not fronted:
                self.found.append(Problem("denial", span.text, wrong[0].title))
            return
        candidates = [*about, *self.spoken.own] if reference else about
        need_all = len(about) > 1 and not reference
        held = [self.claims.holds(item, span, clause) for item in candidates]
        if not held or not (all(held) if need_all else any(held)):
            wrong_of = next((item.title for item, good in zip(candidates, held, strict=True) if not good), "")
            kind: ProblemKind = (
                "person" if span.kind == "person" else "value" if span.kind == "value" else "number"
            )
            self.found.append(Problem(kind, span.text, wrong_of))

    def _counting(self, start: int) -> bool:
        """Whether the sentence says how many items there would be: "without that, there are 31"."""
        end = _END.search(self.masked, start)
        return bool(_SUPPOSED.search(self.masked[start : end.end() if end else None]))

    def _compound(self, span: Span, about: Sequence[Item]) -> bool:
        """Whether a word only completes a value that holds: "work" in "undercover work"."""
        place = self.spans.index(span)
        before = self.spans[place - 1] if place else None
        return (
            before is not None
            and before.kind == "value"
            and self.text[before.end : span.start] == " "
            and any(self.claims.has(item, before.value) for item in about)
        )

    def _clause(self, span: Span, start: int) -> str:
        """The words before a claim, back to the last break."""
        before = self.masked[start : span.start]
        breaks = [match.end() for match in _CLAUSE.finditer(before)]
        return before[breaks[-1] :] if breaks else before

    def _denied(self, span: Span, clause: str) -> bool:
        after = self.text[span.end : span.end + 16]
        return bool(_NOT.search(clause)) or bool(
            re.match(r"[”\"]?\s+(?:isn|aren|wasn|is not|are not)", after)
        )

    def _echo(self, span: Span) -> bool:
        """Whether the person said it, or it is the catalogue's word for what they said."""
        if span.kind == "number":
            return self._number_echo(span)
        if plain(span.text) in self.words or all(
            stem(word) in self.stems for word in plain(span.text).split()
        ):
            return True
        wanted = {span.value.casefold(), span.text.casefold()}
        return any({one.value.casefold(), one.subject.casefold()} & wanted for one in self._heard())

    def _heard(self) -> list[Interest]:
        """The parts of the taste whose quote the person really said."""
        return [one for one in self.spoken.taste if one.quote and plain(one.quote) in self.words]

    def _number_echo(self, span: Span) -> bool:
        if plain(span.text) in self.words:
            return True
        for one in self._heard():
            ends = (one.bounds.low, one.bounds.high) if one.bounds else ()
            for edge in ends:
                if edge is not None and span.number in (
                    edge,
                    edge / 60,
                    edge * 60,
                    edge % 100,
                    edge - edge % 10,
                ):
                    return True
        return False

    def _quotation(self, span: Span, about: Sequence[Item]) -> None:
        """A passage is the item's own words, cut at "…", or the person's."""
        pieces = [piece for piece in re.split(r"…|\.\.\.", span.text) if plain(piece).strip()]
        texts = [plain(_everything(self.claims, item)) for item in about]
        if any(all(plain(piece) in text for piece in pieces) for text in texts):
            return
        own = [self.words, *(plain(f"{one.subject} . {one.value}") for one in self._heard())]
        if any(all(plain(piece) in text for piece in pieces) for text in own):
            return
        # Several conditions in one pair of quotation marks: "“red and no cotton”".
        parts = [part.strip().removeprefix("no ") for part in plain(span.text).split(" and ")]
        if len(parts) > 1 and all(any(f" {part} " in text for text in own) for part in parts):
            return
        self.found.append(Problem("quotation", span.text, about[0].title if about else ""))

    def _name(self, span: Span) -> None:
        """Words with capitals that are no name of the catalogue: of the items or the person, or made up."""
        held = plain(" . ".join(_everything(self.claims, item) for item in self.spoken.own))
        words = span.text.split()
        if starts_sentence(self.text, span.start):
            words = words[1:]
        for word in words:
            same = plain(word)
            if same not in held and same not in self.words and not self.claims.common(word):
                self.found.append(Problem("name", span.text))
                return


def _everything(claims: Claims, item: Item) -> str:
    return f"{item.title} . {item.text} . {' . '.join(claims.values(item))}"
