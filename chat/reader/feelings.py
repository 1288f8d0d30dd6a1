"""What is felt about each thing a message speaks of: the scope of negation, wishes, verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from chat.reader.elements import Element, Thing
from chat.reader.english import english
from chat.reader.scope import (
    COPULA,
    NOTS,
    all_but,
    begins,
    is_seen,
    leaves,
    likens,
    meant_only,
    no_negation,
    parted,
    runs_on,
    turned_back,
    verb_negated,
)
from chat.reader.tokens import Token
from chat.reader.valence import VERDICT, valences

Verdict = Literal["want", "like", "dislike", "allow", "lift", "forget", "seen", "none"]
"""`allow` lets something in, `lift` only says that it is no condition, `forget` takes back what was said."""

STRONG_WANT = frozenset(
    "want wants wanted wanna need needs looking look searching search hunting recommend suggest show give "
    "gimme find get fancy craving id prefer would wed".split()
)
#: What opens a wish of its own, whatever came before: "no horror something funny".
SOMETHING = frozenset("something somethin smth sth somebody someone".split())
#: What rounds a wish off: "no horror please".
POLITE = frozenset("please pls plz".split())


@dataclass(frozen=True, slots=True)
class Felt:
    """A thing with what is felt about it. `hard` makes it a condition; `less` is a soft "not so much"."""

    thing: Thing
    verdict: Verdict
    hard: bool = False
    less: bool = False
    clause: tuple[int, int] = (0, 0)
    explicit: bool = True
    join: str = ""  # "or"/"and"/"" — what stands between this thing and the one before it


@dataclass
class _State:
    verdict: Verdict | None = None
    negative: bool = False  # a negation waits for what follows
    direct: bool = False  # the negation stands right before things ("no horror")
    hard: bool = False
    less: bool = False
    explicit: bool = False
    since: int = 0  # where the negation ended
    met: bool = False  # it has met a thing already

    def settle(self) -> tuple[Verdict, bool, bool, bool]:
        """Verdict, hard, less, explicit for a thing met in this state."""
        if self.less:
            return "dislike", self.hard and self.negative, True, True
        if self.negative:
            return "dislike", True, False, True
        if self.verdict is None:
            return "none", self.hard, False, False
        return self.verdict, self.hard, False, self.explicit


def _wished(state: _State) -> bool:
    return state.verdict in ("like", "want")


class Feelings:
    """Walks a row of elements and settles what is felt about each thing in it.

    A negation holds to the end of its clause, or over a list that ends in "or"/"and"; a verb of liking or
    wishing takes it up ("I don't like …"); a verdict after a thing holds for it ("thrillers are fine").
    """

    def __init__(self, tokens: Sequence[Token], row: Sequence[Element], *, question: bool = False) -> None:
        self.tokens = tokens
        self.words = [token.norm for token in tokens]
        self.row = row
        self.question = question

    def settle(self) -> list[Felt]:
        """Every thing with its feeling, in order."""
        felt: list[Felt] = []
        state = _State()
        clause = 0  # index in `felt` where this clause began
        clause_start = 0
        joined = ""
        for place, element in enumerate(self.row):
            if element.role == "break" and all_but(self.words, element.start):
                state.negative = state.direct = True  # "any brand but Okapi"
            elif element.role == "break":
                if self._turned_down(place):
                    felt[clause:] = [
                        entry
                        if entry.explicit
                        else replace(entry, verdict="dislike", hard=True, explicit=True)
                        for entry in felt[clause:]
                    ]
                state = _State()
                clause = len(felt)
                clause_start = element.start
                joined = ""
            elif element.role == "comma":
                if (
                    state.negative or state.verdict in ("dislike", "forget", "allow") or state.less
                ) and not self._list_goes_on(place):
                    state = _State()
                    clause = len(felt)
                    clause_start = element.start
                joined = joined or ","
            elif element.role == "join":
                joined = "or" if "either" in element.cues else "and"
            elif element.role == "cue":
                felt[clause:] = self._verdict_behind(felt[clause:], element, state)
                self._steer(state, element, place)
            elif element.role == "thing" and element.thing is not None:
                verdict, hard, less, explicit = state.settle()
                state.met = True
                if self.words[element.end : element.end + 1] == ["free"] and self.tokens[element.end].glued:
                    verdict, hard, less, explicit = "dislike", True, False, True  # "leather-free"
                if parted(self.words, element.start, element.end):
                    verdict, hard, less, explicit = "dislike", True, False, True
                if (
                    element.thing.kind == "item"
                    and state.negative
                    and verb_negated(self.words, element.start)
                ):
                    verdict, hard, explicit = "none", False, False  # "you don't know it?"
                if element.thing.bounds is not None and self.words[element.start - 1 : element.start] == [
                    "like"
                ]:
                    verdict = "want" if verdict == "like" else verdict  # "like from the 70s"
                if meant_only(self.words, element.start):
                    verdict, hard, explicit = "none", False, False
                if element.thing.more and verdict == "none":
                    verdict, explicit = "want", True
                felt.append(
                    Felt(element.thing, verdict, hard, less, (clause_start, element.end), explicit, joined)
                )
                joined = ""
                if not state.direct and state.less:
                    state.less = False
            elif element.role == "word" and leaves(
                self.words, element.start, state.verdict in ("like", "want")
            ):
                state = _State(verdict="forget", explicit=True)
            elif element.role == "word" and self._arrives(element.start, state):
                state = _State(verdict="want", explicit=True)
            elif element.role == "word":
                felt[clause:] = self._judged(felt[clause:], element.start)
                if begins(self.words, element.start) and state.verdict != "forget":
                    state = _State()  # "not really a thriller I will watch …": nobody set a full stop
                    if not self._fronted(felt[clause:]):
                        clause = len(felt)
                    clause_start = element.start
        return felt

    def _fronted(self, felt: Sequence[Felt]) -> bool:
        """Whether only items stand before "I": what follows may be about them ("the second I've seen")."""
        return bool(felt) and all(one.thing.kind == "item" and not one.explicit for one in felt)

    def _arrives(self, place: int, state: _State) -> bool:
        """Whether what comes next takes the place of what was given up: "… to a comedy"."""
        return self.words[place] == "to" and state.verdict == "forget" and "from" in self.words[:place]

    def _turned_down(self, place: int) -> bool:
        """Whether nothing but a no follows: "horror? no thanks"."""
        rest = [word for element in self.row[place + 1 :] for word in self.words[element.start : element.end]]
        rest = [word for word in rest if word.isalnum()]
        match = english().acts.at(rest, 0) if rest else None
        return bool(
            match
            and "refuse" in match[1]
            and len(rest) - match[0] <= 1
            and self.words[self.row[place].start] == "?"
        )

    def _list_goes_on(self, place: int) -> bool:
        """Whether the comma at `place` is in a list that ends in "or" or "and": "no horror, gore or war"."""
        expect_thing = True
        for element in self.row[place + 1 :]:
            if element.role == "thing":
                expect_thing = False
            elif element.role == "join":
                return not expect_thing or element is self.row[place + 1]
            elif element.role == "comma":
                if expect_thing:
                    return False
                expect_thing = True
            elif element.role == "word" and self.words[element.start] in english().filler and expect_thing:
                continue
            else:
                return False
        return False

    def _steer(self, state: _State, element: Element, place: int) -> None:
        names = element.cues
        words = self.words[element.start : element.end]
        if "negate" in names and no_negation(self.words, element.start, element.end):
            return
        if self._opens_anew(state, element.start, words):
            state.__dict__.update(vars(_State()))
        if {"suits", "essential"} & names:
            state.negative = False  # judged what stands before it
        elif "allow" in names:
            need = words[-1] in ("be", "necessarily")  # "it needn't be …"
            state.verdict, state.negative, state.explicit = "lift" if need else "allow", False, True
        elif "less" in names and words[-1:] != ["less"] and self._before_item(place):
            return  # "me too, that is a good one": only what has degrees can be too much
        elif "less" in names and self._before_thing(place):
            many = self.words[element.end : element.end + 1] in (["many"], ["much"])
            ruled = words[0] in ("not", "nothing") and not many  # "not so many" leaves some in
            state.negative = state.negative or ruled
            state.less, state.hard = True, ruled or state.hard
        elif "forget" in names and (self._before_thing(place) or len(words) > 1) and not state.negative:
            state.verdict, state.explicit = "forget", True
        elif "dislike" in names:
            state.verdict = "allow" if state.negative else "dislike"
            state.hard, state.negative, state.explicit = state.verdict == "dislike", False, True
        elif (
            "only" in names
            and words not in (["must"], ["definitely"], ["absolutely"])
            or words == ["must", "be"]
        ):
            if state.negative and words[-1] == "be":  # "I no longer need it to be …"
                state.verdict, state.negative, state.explicit = "lift", False, True
            elif state.negative:  # "not only"
                state.negative = False
            else:
                state.hard = True
                state.verdict = state.verdict or "want"
                state.explicit = True
        elif "seen" in names and is_seen(self.words, element.start, element.end):
            state.verdict = "none" if state.negative else "seen"
            state.negative, state.explicit = False, True
        elif "seen" in names and (words == ["heard"] or "you" in self._before(element.start)):
            state.verdict, state.negative = None, False  # "I haven't heard of it", "have you seen …"
        elif "like" in names and self._only_likens(state, element):
            return  # "I don't want something like that"
        elif "like" in names:
            if state.negative:
                state.verdict, state.hard = "dislike", True
            else:
                state.verdict, state.hard = "like", False
            state.negative, state.explicit = False, True
        elif "negate" in names:
            against = (state.negative or state.verdict == "dislike") and not state.met
            if against and turned_back(self.words, state.since, element.start):
                state.verdict, state.hard, state.negative, state.explicit = "want", True, False, True
                return
            if state.negative and "dont" not in words:
                return
            state.negative, state.direct, state.less = True, True, False
            state.since, state.met = element.end, False
        elif "want" in names:
            strong = words[0] in STRONG_WANT
            if state.negative:
                if strong:
                    state.verdict, state.hard, state.negative, state.explicit = "dislike", True, False, True
            elif state.verdict in (None, "allow", "seen") or (strong and state.verdict != "dislike"):
                state.verdict, state.explicit = "want", True
        elif "more" in names and not state.negative:
            state.verdict, state.explicit = "want", True

    def _opens_anew(self, state: _State, start: int, words: Sequence[str]) -> bool:
        """Whether a new wish begins without a full stop: what was ruled out has been named already, be it
        something that is no taste ("no chit-chat something funny")."""
        if not words or not (state.negative or state.verdict == "dislike"):
            return False
        if words[0] in SOMETHING and 0 < state.since < start and self.words[state.since - 1] == "no":
            return True
        opens = words[0] in SOMETHING | POLITE or state.negative and words[0] in STRONG_WANT
        return state.met and opens

    def _before(self, start: int) -> list[str]:
        return self.words[max(0, start - 3) : start]

    def _before_item(self, place: int) -> bool:
        """Whether an item follows at once."""
        after = self.row[place + 1 : place + 2]
        return bool(after) and after[0].thing is not None and after[0].thing.kind == "item"

    def _before_thing(self, place: int, *, words: bool = True) -> bool:
        """Whether a thing (or free words, unless `words` is False) follows within a few small words."""
        many = self.words[self.row[place].end : self.row[place].end + 1] in (["many"], ["much"])
        for element in self.row[place + 1 : place + (9 if many else 5)]:
            if element.role == "thing" and (words or element.thing is None or element.thing.kind != "text"):
                return True
            if element.role in ("break", "comma"):
                return False
        return False

    def _verdict_behind(self, felt: list[Felt], element: Element, state: _State) -> list[Felt]:
        """A verdict after what it judges: "subtitles are fine", "horror I hate", "Heat? Seen it"."""
        names = element.cues
        last = element.end >= len(self.words) or not self.words[element.end].isalnum()
        excess = "less" in names and self.words[element.start] in ("too", "way", "bit") and not last
        excess = (
            excess and "for" not in self.words[max(0, element.start - 2) : element.start]
        )  # "for too long"
        excess = excess and valences().get(self.words[element.end], 0.0) < VERDICT  # "too cute" is praise
        if "essential" in names:
            behind = bool(felt) and state.since > felt[-1].thing.start  # "a lift isn't essential"
            return self._needed(felt, element.start, state.negative and behind)
        if "suits" not in names and self._before_thing(self.row.index(element), words=not excess):
            return felt
        verdict: Verdict | None = None
        if "allow" in names:
            verdict = "dislike" if state.negative else "allow"
        elif "dislike" in names:
            verdict = "dislike"
        elif self._suits(names, element, state) or (
            "like" in names and any(not entry.explicit for entry in felt)
        ):
            verdict = "dislike" if state.negative else "like"
        elif "seen" in names and not state.negative and is_seen(self.words, element.start, element.end):
            verdict = "seen"
        elif excess and not state.negative:
            verdict = "dislike"  # "horror is too much for me"
        if verdict is None:
            return felt
        near = self._subjects(felt, element.start)
        return [
            replace(entry, verdict=verdict, hard=verdict == "dislike", explicit=True)
            if place in near and not entry.explicit and not (verdict == "seen" and entry.thing.kind != "item")
            else entry
            for place, entry in enumerate(felt)
        ]

    def _only_likens(self, state: _State, element: Element) -> bool:
        return state.verdict == "dislike" and likens(self.words, element.start, element.end)

    def _suits(self, names: frozenset[str], element: Element, state: _State) -> bool:
        """ "… is my thing", "… isn't really for me"; "for me" alone tells who it is for."""
        return "suits" in names and (state.negative or self.words[element.start] != "for")

    def _needed(self, felt: list[Felt], place: int, negative: bool) -> list[Felt]:
        """ "Tense is a must", "a lift isn't essential": a condition, or none after all."""
        near = self._subjects(felt, place)
        return [
            replace(
                entry, verdict="lift" if negative else "want", hard=not negative, less=False, explicit=True
            )
            if index in near
            and (not entry.explicit or entry.verdict == "dislike" and runs_on(self.words, entry.thing.start))
            else entry
            for index, entry in enumerate(felt)
        ]

    def _subjects(self, felt: Sequence[Felt], cue: int) -> set[int]:
        """Which of the things before a cue it speaks of: the last one, and others in one list with it."""
        found: set[int] = set()
        end = cue
        for place in range(len(felt) - 1, -1, -1):
            between = self.words[felt[place].thing.end : end]
            listed = all(word in (",", "and", "or", "a", "the", "&") for word in between)
            if (found and not listed) or (not found and ("," in between or len(between) > 4)):
                break
            found.add(place)
            end = felt[place].thing.start
        return found

    def _judged(self, felt: list[Felt], place: int) -> list[Felt]:
        """ "Heat was boring", "the second one looks great", "horror is too much for me"."""
        if not felt:
            return felt
        word = self.words[place]
        valence = valences().get(word, 0.0)
        if abs(valence) < VERDICT:
            return felt
        since = self.words[felt[-1].thing.end : place]
        copula = next((i for i, w in enumerate(since) if w in COPULA), None)
        if copula is None or len(since) - copula > 4:
            return felt
        negated = sum(w in NOTS for w in since)
        good = (valence > 0) != (negated % 2 == 1)
        mild = word in ("fine", "ok", "okay", "alright", "cool")
        verdict: Verdict = ("allow" if mild else "like") if good else "dislike"
        # "After 2000 would be good" asks for it; "after 2000 is good" tells a taste.
        wish: Verdict = "want" if verdict == "like" and since[copula - 1 : copula] == ["would"] else verdict
        return [
            replace(
                entry,
                verdict=verdict if entry.thing.kind == "item" else wish,
                hard=verdict == "dislike",
                explicit=True,
            )
            if not entry.explicit or entry.verdict in ("want", "seen") and entry.thing.kind == "item"
            else entry
            for entry in felt
        ]
