"""What simulated people say: wants, complaints and changes of mind in words of the simulator's grammar."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.simulate.aspects import Aspects
from evaluation.simulate.grammar.rules import Rules
from evaluation.simulate.grammar.slips import careless, slipped
from evaluation.simulate.numerals import amount, decade
from evaluation.simulate.temper import Temper
from evaluation.simulate.user import Change
from evaluation.simulate.wants import TEXT, Want
from retrieval.items import Item

_GRAMMAR = Path(__file__).parent / "grammar"


@dataclass(frozen=True)
class Complaint:
    """What is wrong with an item, or with all of a list: too much of a number or value, or too little.

    `want` is what would be better: of a number, a range that the item is outside of; of a value, the dislike
    of one that it has (with `how` "ban" a condition from now on), or the like of one that it lacks.
    """

    want: Want
    how: str  # older, newer, high, low, ban, less, missing
    item_ids: tuple[str, ...]


@dataclass(frozen=True)
class Speech:
    """Puts things into words for one catalogue. Every method draws one of many ways by the chance given."""

    aspects: Aspects
    rules: Rules
    idioms: Rules
    noun: str
    nouns: str

    @classmethod
    def load(cls, aspects: Aspects, noun: str, nouns: str) -> Speech:
        """The grammar for a catalogue of these things."""
        rules, idioms = Rules.load(_GRAMMAR / "english.toml"), Rules.load(_GRAMMAR / "idioms.toml")
        return cls(aspects, rules, idioms, noun, nouns)

    # ---------------------------------------------------------------- wishes

    def opening(self, wants: Sequence[Want], temper: Temper, chance: random.Random) -> str:
        """The first message: the wants it holds, or a vague one."""
        if not wants:
            return self._say("open.rush_blank" if temper.rushes else "open.vague", chance)
        phrase, rest = self.phrase(wants, chance, temper)
        frame = "open.rush" if temper.rushes and chance.random() < 0.6 else "open.several"
        return _joined([self._say(frame, chance, np=phrase), *rest], chance)

    def again(self, wants: Sequence[Want], chance: random.Random) -> str:
        """The same wants once more, in other words."""
        phrase, rest = self.phrase(wants, chance)
        return _joined([self._say("open.again", chance, np=phrase), *rest], chance)

    def also(self, wants: Sequence[Want], chance: random.Random, temper: Temper | None = None) -> str:
        """Wants that are added."""
        return self._say("open.also", chance, says=self._sentences(wants, chance, temper))

    def answer(self, wants: Sequence[Want], chance: random.Random, temper: Temper | None = None) -> str:
        """Wants as the answer to a question."""
        return self._say("open.answers", chance, says=self._sentences(wants, chance, temper))

    def phrase(
        self, wants: Sequence[Want], chance: random.Random, temper: Temper | None = None
    ) -> tuple[str, list[str]]:
        """The wants as one noun phrase ("a funny western from the 70s, nothing gory"), and sentences for
        those that go into none: what it must be, and what it had better not be."""
        before: list[str] = []
        heads: list[str] = []
        after: list[str] = []
        bans: list[str] = []
        rest: list[str] = []
        for want in wants:
            shape = self.shape(want)
            if want.bounds is not None:
                after.append(self._limit(want, chance, says=False))
            elif want.feeling == "dislike":
                if want.hard:
                    bans.append(self._value(f"ban.{shape}.part", want, chance))
                else:
                    rest.append(self.sentence(want, chance))
            elif want.hard:
                rest.append(self.sentence(want, chance))
            elif loose := self._loose(want, chance, temper):
                after.append(loose)
            elif self.rules.has(f"like.{shape}.head"):
                heads.append(want.value)
            elif self.rules.has(f"like.{shape}.pre") and chance.random() < 0.75:
                before.append(self._value(f"like.{shape}.pre", want, chance))
            else:
                after.append(self._value(f"like.{shape}.post", want, chance))
        text = self._noun_phrase(before, heads, after, chance)
        if bans:
            text += chance.choice((", ", ", but ", ", and ")) + " and ".join(bans)
        return text, rest

    def sentence(self, want: Want, chance: random.Random, temper: Temper | None = None) -> str:
        """One want as a sentence of its own."""
        if want.bounds is not None:
            return self._limit(want, chance, says=True)
        if want.feeling == "dislike":
            return self._value(f"ban.{self.shape(want)}.{'hard' if want.hard else 'soft'}", want, chance)
        loose = None if want.hard else self._loose(want, chance, temper)
        if loose:
            return f"{self._say('wish.soft', chance)} something {loose}"
        hard = want.hard and want.facet != TEXT
        return self._value(f"wish.{self.shape(want)}.{'hard' if hard else 'soft'}", want, chance)

    # ---------------------------------------------------------------- reactions

    def react(self, kind: str, chance: random.Random, **slots: str) -> str:
        """A reaction that holds no wish: `more`, `why`, `like_one`, …"""
        return self._say(f"react.{kind}", chance, **slots)

    def complain(self, complaint: Complaint, shown: Sequence[Item], chance: random.Random) -> str:
        """What is wrong, in words: of one item, or of all that were shown."""
        want = complaint.want
        alone = [place for place, item in enumerate(shown) if item.id in complaint.item_ids]
        everything = len(alone) == len(shown) and len(shown) > 1
        place = alone[0] if alone else 0
        this = self.pointing(shown, place, chance)
        these = (
            self._say("small.these", chance) if everything else self._say("small.it_is", chance, this=this)
        )
        none = self._say("small.none", chance) if len(shown) > 1 else "that isn't"
        slots = {
            "these": these,
            "none": none,
            "those": self._say("small.those", chance) if everything else this,
        }
        if want.bounds is not None:
            return self._say(
                f"wrong.{self.meaning(want)}.{complaint.how}", chance, label=self._label(want), **slots
            )
        shape = self.shape(want)
        shape = "other_value" if shape in ("other", TEXT) else shape
        return self._value(f"wrong.{shape}.{complaint.how}", want, chance, **slots)

    def better(self, complaint: Complaint, chance: random.Random) -> str:
        """What would be better, in a word or two: "newer", "less gory"; "" where there is no short way."""
        words = {
            "year.older": "newer",
            "year.newer": "older",
            "duration.high": "shorter",
            "duration.low": "longer",
            "price.high": "cheaper",
            "weight.high": "lighter",
            "weight.low": "heavier",
        }
        if complaint.want.bounds is not None:
            return words.get(f"{self.meaning(complaint.want)}.{complaint.how}", "")
        if self.shape(complaint.want) == "adjective":
            if complaint.how == "less":
                return f"less {complaint.want.value}"
            return f"more {complaint.want.value}" if complaint.how == "missing" else ""
        return ""

    def change(self, change: Change, chance: random.Random) -> str:
        """The change of mind."""
        old, new = change.old, change.new
        if new is not None and new.feeling == "dislike":
            return self._say("change.flip", chance, ban=self.sentence(new, chance), value=old.value)
        if new is not None:
            wish = self._say("wish.soft", chance) + " " + self.phrase([new], chance)[0]
            return self._say("change.swap", chance, wish=wish, old=old.value)
        if old.feeling == "dislike":
            return self._say("change.more", chance, says=f"{old.value} is fine after all")
        return self._say("change.drop", chance, label=self._label(old))

    def pointing(self, shown: Sequence[Item], place: int, chance: random.Random) -> str:
        """Words that point at one of the items on the table."""
        if chance.random() < 0.3:
            return shown[place].title
        if len(shown) == 1:
            return self._say("small.only", chance)
        if place == len(shown) - 1 and chance.random() < 0.4:
            return self._say("small.last", chance)
        order = self.rules.find("small.order")
        return self._say("small.nth", chance, nth=order[min(place, len(order) - 1)], number=str(place + 1))

    def dressed(self, text: str, temper: Temper, chance: random.Random) -> str:
        """The text as this temperament would type it."""
        if chance.random() < temper.chatter:
            around = chance.random()
            if around < 0.6:
                text = f"{self._say('around.before', chance)} {text}"
            if around > 0.4:
                text = f"{text.rstrip('.')}. {self._say('around.after', chance)}"
        text = text[:1].upper() + text[1:] if chance.random() < 0.7 else text
        text = slipped(text, chance, temper.slips)
        return careless(text) if chance.random() < temper.careless else text

    # ---------------------------------------------------------------- inside

    def shape(self, want: Want) -> str:
        """The way of speaking about a want's facet."""
        if want.facet == TEXT:
            return TEXT
        facet = self.aspects.facets[want.facet]
        for shape, pattern in self.rules.section("shapes").items():
            if re.search(str(pattern), f"{facet.name} {facet.label}".casefold()):
                return shape
        return "player" if facet.kind == "people" else "other"

    def meaning(self, want: Want) -> str:
        """What the want's number means, where the grammar has words for it."""
        return self.aspects.meaning(want.facet)

    def label(self, facet: str) -> str:
        """What the column is called by people."""
        return self.aspects.facets[facet].label

    def _label(self, want: Want) -> str:
        return self.label(want.facet) if want.facet in self.aspects.facets else want.facet

    def _say(self, rule: str, chance: random.Random, **slots: str) -> str:
        noun = chance.choice(self._nouns())
        nouns = self.nouns if noun == self.noun else _plural(noun)
        return self.rules.say(rule, chance, **({"noun": noun, "nouns": nouns} | slots))

    def _value(self, rule: str, want: Want, chance: random.Random, **slots: str) -> str:
        form, parts = self._form(want.value), rule.split(".")
        if form and parts[0] in ("like", "ban", "wish", "wrong") and parts[-1] not in ("pre", "head"):
            return self._say(f"formed.{parts[0]}_{parts[-1]}", chance, form=form, **slots)
        said = _with_article(want.value) if want.value in self.idioms.find("countable.values") else want.value
        slots = {"value": said, "label": self._label(want), "a_value": self._one(want.value, chance)} | slots
        return self._say(rule, chance, **slots)

    def _one(self, value: str, chance: random.Random) -> str:
        """One thing of a kind: "a comedy", "a war film", "a tent"."""
        if _is_plural(value):
            return value if chance.random() < 0.5 else _with_article(_singular(value))
        if value in self.rules.find("kinds.alone") and chance.random() < 0.6:
            return _with_article(value)
        return _with_article(f"{value} {chance.choice(self._nouns())}")

    def _nouns(self) -> list[str]:
        """What people call one of these things."""
        return list(self.rules.section("nouns").get(self.noun, [self.noun]))

    def _noun_phrase(
        self, before: Sequence[str], heads: Sequence[str], after: Sequence[str], chance: random.Random
    ) -> str:
        noun = chance.choice(self._nouns())
        tail = " ".join(after)
        if not heads:
            adjectives = chance.choice((", ", " ", " and ")).join(before)
            if chance.random() < 0.45:
                return f"something {adjectives} {tail}".replace("  ", " ").strip()
            return f"{_with_article(f'{adjectives} {noun}'.strip())} {tail}".strip()
        head = " ".join([*before, *heads])
        if _is_plural(heads[-1]):
            whole = head if chance.random() < 0.5 else _with_article(_singular(head))
        elif heads[-1] in self.rules.find("kinds.alone") and chance.random() < 0.6:
            whole = _with_article(head)
        else:
            whole = _with_article(f"{head} {noun}")
        return f"{whole} {tail}".strip()

    def _sentences(self, wants: Sequence[Want], chance: random.Random, temper: Temper | None) -> str:
        return _joined([self.sentence(want, chance, temper) for want in wants], chance)

    def _limit(self, want: Want, chance: random.Random, says: bool) -> str:
        bounds = want.bounds
        assert bounds is not None
        meaning, unit = self.meaning(want), self.aspects.facets[want.facet].unit or ""
        end = (
            "both"
            if bounds.low is not None and bounds.high is not None
            else "low"
            if bounds.high is None
            else "high"
        )
        number = bounds.low if bounds.low is not None else bounds.high
        assert number is not None
        slots = {"n": amount(number, meaning, unit, chance), "label": self._label(want)}
        if end == "both":
            assert bounds.low is not None
            assert bounds.high is not None
            slots |= {
                "low": f"{bounds.low:g}",
                "high": f"{bounds.high:g}",
                "decade": decade(bounds.low, chance),
            }
        return self._say(f"number.{meaning}.{end}{'_says' if says else ''}", chance, **slots)

    def _form(self, value: str) -> str:
        return str(self.idioms.section("forms").get(value, ""))

    def _loose(self, want: Want, chance: random.Random, temper: Temper | None) -> str:
        ways: Mapping[str, Sequence[str]] = self.idioms.section("loose")
        if temper is None or want.value not in ways or chance.random() >= temper.roundabout:
            return ""
        return chance.choice(list(ways[want.value]))


def _joined(parts: Sequence[str], chance: random.Random) -> str:
    """Sentences in a row; after a question or a point the next one starts anew."""
    text = parts[0]
    for part in parts[1:]:
        text += (
            f" {part[:1].upper()}{part[1:]}"
            if text[-1:] in "?.!"
            else chance.choice((", and ", ". ", ", ", "; ")) + part
        )
    return text


def _with_article(words: str) -> str:
    return f"{'an' if words[:1].casefold() in 'aeiou' else 'a'} {words}"


def _is_plural(value: str) -> bool:
    return value.endswith("s") and not value.endswith(("ss", "us", "is"))


def _singular(value: str) -> str:
    return value[:-3] + "y" if value.endswith("ies") else value.removesuffix("s")


def _plural(noun: str) -> str:
    return noun + ("es" if noun.endswith(("s", "x", "ch")) else "s")
