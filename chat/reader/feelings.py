"""What is felt about each thing a message speaks of: the scope of negation, wishes, verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from chat.reader.elements import Element, Thing
from chat.reader.english import english
from chat.reader.tokens import Token

Verdict = Literal["want", "like", "dislike", "allow", "lift", "forget", "seen", "none"]
"""`allow` lets something in, `lift` only says that it is no condition, `forget` takes back what was said."""

COPULA = frozenset(
    "is are was were be been looks look looked sounds sound sounded seems seem felt feels feel s re isnt "
    "arent wasnt werent".split()
)
STRONG_WANT = frozenset(
    "want wants wanted wanna need needs looking look searching search hunting recommend suggest show give "
    "gimme find get fancy craving id prefer would wed".split()
)
NOTS = frozenset(
    "not isnt arent wasnt werent never no dont doesnt didnt wont wouldnt couldnt cant aint hardly".split()
)
#: Negations that make up a verb with what follows, and verbs that "not" does so with.
VERBS_NOT = frozenset(
    "dont doesnt didnt cant cannot couldnt wont wouldnt shouldnt never havent hasnt hadnt do did".split()
)
AUXILIARIES = frozenset("do does did have has had can could will would should may might".split())
#: What opens a sentence of its own after "no", and what may stand before an answering "no".
SUBJECTS = frozenset(
    "i im ive id ill it its that thats this they theyre we weve he she you there but because sorry".split()
)
ASKED = frozenset("it that this they those these you he she we".split())
ANSWERS = frozenset("oh um uh hm hmm well sorry haha lol actually and so".split())
#: After these, "I" goes on with the same sentence: "I don't think I like it", "the one I saw".
EMBEDS = frozenset(
    "think thought believe sure feel felt say said that if guess suppose know what which when where why how "
    "as like one ones film films movie movies thing things stuff everything anything something and or than "
    "can do did have had should would could will am was so only neither nor all not never because since "
    "unless hope"
    "mean wish bet tell told who until till before after while of for time".split()
)
OUT = frozenset("leave keep cut rule filter".split())
CHANGES = frozenset("switch switching change changing move moving swap going go".split())
#: Words before "like" that make a likeness of it, and no feeling: "something like that".
LIKENESS = frozenset(
    "something anything nothing stuff things ones one movie movies film films more kind sort similar".split()
)
#: Below this valence (on VADER's scale of -4 to 4) a word is no verdict.
VERDICT = 0.7


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


@lru_cache(maxsize=1)
def valences() -> Mapping[str, float]:
    """English words that judge, from -4 (worst) to 4 (best).

    Source: the VADER sentiment lexicon (Hutto and Gilbert, ICWSM 2014; MIT).
    """
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    own = {
        "overrated": -1.8,
        "rubbish": -2.0,
        "slow": -0.9,
        "meh": -1.0,
        "fab": 2.0,
        "gem": 2.0,
        "masterpiece": 3.0,
    }
    return {**SentimentIntensityAnalyzer().lexicon, **own}


@dataclass
class _State:
    verdict: Verdict | None = None
    negative: bool = False  # a negation waits for what follows
    direct: bool = False  # the negation stands right before things ("no horror")
    hard: bool = False
    less: bool = False
    explicit: bool = False

    def settle(self) -> tuple[Verdict, bool, bool, bool]:
        """Verdict, hard, less, explicit for a thing met in this state."""
        if self.less:
            return "dislike", self.hard and self.negative, True, True
        if self.negative:
            return "dislike", True, False, True
        if self.verdict is None:
            return "none", self.hard, False, False
        return self.verdict, self.hard, False, self.explicit


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
            if element.role == "break" and self._all_but(element.start):
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
                if self.words[element.end : element.end + 1] == ["free"] and self.tokens[element.end].glued:
                    verdict, hard, less, explicit = "dislike", True, False, True  # "leather-free"
                if self._parted(element):
                    verdict, hard, less, explicit = "dislike", True, False, True
                if element.thing.kind == "item" and state.negative and self._verb_negated(element.start):
                    verdict, hard, explicit = "none", False, False  # "you don't know it?"
                if element.thing.bounds is not None and self.words[element.start - 1 : element.start] == [
                    "like"
                ]:
                    verdict = "want" if verdict == "like" else verdict  # "like from the 70s"
                if self._meant_only(element.start):
                    verdict, hard, explicit = "none", False, False
                if element.thing.more and verdict == "none":
                    verdict, explicit = "want", True
                felt.append(
                    Felt(element.thing, verdict, hard, less, (clause_start, element.end), explicit, joined)
                )
                joined = ""
                if not state.direct and state.less:
                    state.less = False
            elif element.role == "word" and self._leaves(element.start, state):
                state = _State(verdict="forget", explicit=True)
            elif element.role == "word" and self._arrives(element.start, state):
                state = _State(verdict="want", explicit=True)
            elif element.role == "word":
                felt[clause:] = self._judged(felt[clause:], element.start)
                if self._begins(element.start) and state.verdict != "forget":
                    state = _State()  # "not really a thriller I will watch …": nobody set a full stop
                    clause = len(felt)
                    clause_start = element.start
        return felt

    def _parted(self, element: Element) -> bool:
        """Whether a verb and its "out" stand around a thing: "leave the musicals out"."""
        before = self.words[max(0, element.start - 3) : element.start]
        return self.words[element.end : element.end + 1] == ["out"] and bool(OUT & set(before))

    def _leaves(self, place: int, state: _State) -> bool:
        """Whether what comes next is what is given up: "rather a comedy than …", "let's switch from …"."""
        before = self.words[max(0, place - 8) : place]
        if self.words[place] == "than":
            wished = state.verdict in ("like", "want")
            return "better" in before or wished and bool({"rather", "sooner", "prefer"} & set(before))
        return self.words[place] == "from" and bool(CHANGES & set(before[-2:]))

    def _arrives(self, place: int, state: _State) -> bool:
        """Whether what comes next takes the place of what was given up: "… to a comedy"."""
        return self.words[place] == "to" and state.verdict == "forget" and "from" in self.words[:place]

    def _begins(self, place: int) -> bool:
        """Whether "I" begins a sentence of its own, after something that could stand alone."""
        if self.words[place] not in ("i", "ive", "we", "weve") or place < 3:
            return False
        return self.words[place - 1].isalnum() and self.words[place - 1] not in EMBEDS

    def _all_but(self, place: int) -> bool:
        """Whether "but" means "except": "any brand but …", "everything but …"."""
        if self.words[place] != "but":
            return False
        return bool({"any", "every", "all"} & set(self.words[max(0, place - 3) : place]))

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

    def _verb_negated(self, start: int) -> bool:
        """Whether the negation before `start` belongs to a verb that judges nothing: "did not see …"."""
        for place in range(start - 1, max(-1, start - 6), -1):
            word = self.words[place]
            if word in VERBS_NOT:
                return True
            if word == "not":
                auxiliary = self.words[max(0, place - 1)] in AUXILIARIES
                return place + 1 < start and (auxiliary or self.words[place + 1] == "sure")
            if word in ("no", "without", "except") or word in ".!?":
                return False
        return False

    def _no_negation(self, element: Element) -> bool:
        """Whether a "no" answers and is no part of what follows ("no I haven't", "no it's fine"), or a verb
        only asks ("wasn't it?", "didn't they make …")."""
        word = self.words[element.end - 1]
        if element.end - element.start == 1 and word.endswith("nt"):
            return self.words[element.end : element.end + 1] != [] and self.words[element.end] in ASKED
        if self.words[element.start : element.end] != ["no"]:
            return False
        before = self.words[element.start - 1 : element.start]
        after = self.words[element.end : element.end + 1]
        opens = not before or not before[0].isalnum() or before[0] in ANSWERS
        return opens and bool(after) and after[0] in SUBJECTS

    def _meant_only(self, start: int) -> bool:
        """ "No, I mean the second": which one is meant, and no verdict on it."""
        return self.words[max(0, start - 3) : start][-1:] in (["mean"], ["meant"]) or self.words[
            max(0, start - 3) : start
        ][-2:] in (["mean", "the"], ["meant", "the"])

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
        if "negate" in names and self._no_negation(element):
            return
        if "allow" in names:
            need = words[-1] in ("be", "necessarily")  # "it needn't be …"
            state.verdict, state.negative, state.explicit = "lift" if need else "allow", False, True
        elif "less" in names and words[-1:] != ["less"] and self._before_item(place):
            return  # "me too, that is a good one": only what has degrees can be too much
        elif "less" in names and self._before_thing(place):
            state.negative = state.negative or words[0] in ("not", "nothing")
            state.less, state.hard = True, words[0] in ("not", "nothing") or state.hard
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
        elif "seen" in names and (words[-1:] != ["read"] or True) and self._is_seen(element):
            state.verdict = "none" if state.negative else "seen"
            state.negative, state.explicit = False, True
        elif "seen" in names and (words == ["heard"] or "you" in self._before(element.start)):
            state.verdict, state.negative = None, False  # "I haven't heard of it", "have you seen …"
        elif "like" in names and state.verdict == "dislike" and self._likens(element):
            return  # "I don't want something like that"
        elif "like" in names:
            if state.negative:
                state.verdict, state.hard = "dislike", True
            else:
                state.verdict = "like"
                state.hard = state.hard and False
            state.negative, state.explicit = False, True
        elif "negate" in names:
            if state.negative and "dont" not in words:
                return
            state.negative, state.direct, state.less = True, True, False
        elif "want" in names:
            strong = words[0] in STRONG_WANT
            if state.negative:
                if strong:
                    state.verdict, state.hard, state.negative, state.explicit = "dislike", True, False, True
            elif state.verdict in (None, "allow", "seen") or (strong and state.verdict != "dislike"):
                state.verdict, state.explicit = "want", True
        elif "more" in names and not state.negative:
            state.verdict, state.explicit = "want", True

    def _is_seen(self, element: Element) -> bool:
        """Whether these words tell of one's own experience: "have you seen …" asks, "want to read" wishes."""
        before = self.words[max(0, element.start - 3) : element.start]
        if (
            "you" in before
            or "to" in before[-1:]
            or self.words[element.start] == "heard"
            and "of" in self.words[element.end : element.end + 1]
        ):
            return False
        told = {"have", "ive", "already", "i", "just"} & set(before)
        return self.words[element.start : element.end] != ["read"] or bool(told)

    def _before(self, start: int) -> list[str]:
        return self.words[max(0, start - 3) : start]

    def _likens(self, element: Element) -> bool:
        """Whether "like" says what something resembles."""
        alike = self.words[element.start : element.end] == ["like"]
        return alike and self.words[max(0, element.start - 1)] in LIKENESS

    def _before_item(self, place: int) -> bool:
        """Whether an item follows at once."""
        after = self.row[place + 1 : place + 2]
        return bool(after) and after[0].thing is not None and after[0].thing.kind == "item"

    def _before_thing(self, place: int, *, words: bool = True) -> bool:
        """Whether a thing (or free words, unless `words` is False) follows within a few small words."""
        for element in self.row[place + 1 : place + 5]:
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
        excess = excess and valences().get(self.words[element.end], 0.0) < VERDICT  # "too cute" is praise
        if self._before_thing(self.row.index(element), words=not excess):
            return felt
        verdict: Verdict | None = None
        if "allow" in names:
            verdict = "dislike" if state.negative else "allow"
        elif "dislike" in names:
            verdict = "dislike"
        elif "like" in names and any(entry.explicit is False for entry in felt):
            verdict = "dislike" if state.negative else "like"
        elif "seen" in names and not state.negative and self._is_seen(element):
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
        return [
            replace(entry, verdict=verdict, hard=verdict == "dislike", explicit=True)
            if not entry.explicit or entry.verdict in ("want", "seen") and entry.thing.kind == "item"
            else entry
            for entry in felt
        ]
