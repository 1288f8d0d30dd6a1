"""Turns what is felt about each thing into interests, retractions and mentions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chat.reader.context import ReadContext
from chat.reader.feelings import Felt
from chat.reader.naming import bounds_in_words, name_of
from chat.reader.pointing import fits
from chat.reader.scope import COPULA
from chat.reader.tokens import Token
from chat.reader.valence import valences
from chat.reader.vocabulary import Shelf, Vocabulary
from prompts.dialogue import Ambiguity, Feeling, Interest, Mention, Retraction
from retrieval.items import Facet

#: How strongly each way of saying it speaks; the scale of `Interest.strength`.
STRENGTHS = {"want": 0.9, "like": 0.8, "dislike": 0.9, "less": 0.6, "allow": 0.3, "text": 0.7}
#: A message of more words than this tells more than it wants.
LONG = 35
LEANINGS = frozenset({"new", "classic", "classics", "newish", "contemporary", "fresh", "current"})


@dataclass
class Gathered:
    """What one message adds up to."""

    interests: list[Interest] = field(default_factory=list)
    retractions: list[Retraction] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    ambiguities: list[Ambiguity] = field(default_factory=list)


class Gatherer:
    """Collects the interests of one message, in the person's own words."""

    def __init__(
        self, text: str, tokens: Sequence[Token], shelf: Shelf, vocabulary: Vocabulary, context: ReadContext
    ) -> None:
        self.text = text
        self.tokens = tokens
        self.shelf = shelf
        self.vocabulary = vocabulary
        self.context = context
        self.out = Gathered()
        self._taken: set[int] = set()
        self._wishes = False

    def gather(
        self, felt: Sequence[Felt], around: Sequence[Felt], *, fragment: bool, chosen: str | None
    ) -> Gathered:
        """Everything that the felt things add up to. `fragment` takes bare things as wishes; `around` is
        all that the message speaks of; `chosen` is an item id that settles which work was meant."""
        felt = _youngest(felt)
        groups = self._groups(felt)
        self._wishes = any(one.explicit and one.verdict in ("want", "like") for one in around)
        self._taken = {place for one in around for place in range(one.thing.start, one.thing.end)}
        for place, entry in enumerate(felt):
            if entry.thing.kind == "item":
                self._item(entry, around, chosen, groups.get(place, ""))
            elif not self.tells_which(entry, around) and not self._outdone(entry, around):
                self._facet(entry, fragment, groups.get(place, ""))
        return self.out

    def tells_which(self, entry: Felt, felt: Sequence[Felt]) -> bool:
        """Whether a year or a name only says which work was meant: "Drive from 2011"."""
        if self.vocabulary.facets.get(entry.thing.kind, None) is None:
            return False
        if self.vocabulary.facets[entry.thing.kind].kind not in ("people", "number", "date"):
            return False
        for other in felt:
            near = other.thing.kind == "item" and 0 <= entry.thing.start - other.thing.end <= 5
            if near and any(
                fits(item, entry.thing) for item in map(self.shelf.get, other.thing.values) if item
            ):
                between = {token.norm for token in self.tokens[other.thing.end : entry.thing.start]}
                if entry.thing.bounds is None or (entry.thing.bounds.low == entry.thing.bounds.high):
                    return not between & {"but", "and", "more", "under", "max", "funnier"}
        return False

    def _outdone(self, entry: Felt, felt: Sequence[Felt]) -> bool:
        """Whether an adjective is told more exactly in the same message: "long ones, over 150 minutes"."""
        return entry.thing.vague and any(
            other.thing.kind == entry.thing.kind and other.thing.bounds and not other.thing.vague
            for other in felt
        )

    def quote(self, entry: Felt) -> str:
        """The person's own words for a thing, with up to four words before it that belong to nothing else."""
        start = entry.thing.start
        while (
            entry.thing.bounds is None
            and start > max(entry.clause[0], entry.thing.start - 4)
            and start - 1 not in self._taken
        ):
            if self.tokens[start - 1].kind == "mark":
                break
            start -= 1
        while start and self.tokens[start].glued and self.tokens[start].norm == "s":
            start -= 1
        return self.text[self.tokens[start].start : self.tokens[entry.thing.end - 1].end].strip()

    def _groups(self, felt: Sequence[Felt]) -> dict[int, str]:
        """Alternatives: things of one facet joined by "or", or plurals ("comedies and westerns")."""
        groups: dict[int, str] = {}
        for place in range(1, len(felt)):
            one, other = felt[place - 1], felt[place]
            if one.thing.kind != other.thing.kind or one.verdict != other.verdict or one.thing.kind == "item":
                continue
            later_or = any(
                entry.join == "or" and entry.thing.kind == other.thing.kind
                for entry in felt[place + 1 : place + 4]
            )
            between = self.tokens[one.thing.end : other.thing.start]
            adjacent = all(token.norm in (",", "a", "an", "some", "maybe", "and", "or") for token in between)
            either = other.join == "or" or (
                other.join == "," and adjacent and (later_or or other.thing.plural)
            )
            facet = self.vocabulary.facets.get(one.thing.kind)
            single = facet is not None and facet.kind == "category" and not facet.many
            either = either or (single and other.join in ("and", ",") and adjacent)  # nothing is both
            plural = other.join in ("and", ",") and one.thing.plural and other.thing.plural
            if (
                either
                or plural
                or (other.join and other.thing.bounds is not None and one.thing.bounds is not None)
            ):
                name = groups.get(place - 1) or f"{self.context.turn}.{place}"
                groups[place - 1] = groups[place] = name
        return groups

    def _add(
        self, entry: Felt, subject: str, kind: str, feeling: Feeling, strength: float, **more: object
    ) -> None:
        self.out.interests.append(
            Interest(subject, kind, feeling, strength, self.quote(entry), self.context.turn, **more)  # type: ignore[arg-type]
        )

    # -- items --------------------------------------------------------------------------------------------

    def _item(self, entry: Felt, felt: Sequence[Felt], chosen: str | None, group: str) -> None:
        ids = [item_id for item_id in entry.thing.values if self.shelf.get(item_id)]
        quote = self.text[self.tokens[entry.thing.start].start : self.tokens[entry.thing.end - 1].end]
        if len(ids) > 1 and not entry.thing.pointed:
            ids = [str(chosen)] if chosen in ids else self._narrowed(ids, entry, felt)
            if len(ids) > 1 and entry.thing.exact:
                self.out.ambiguities.append(Ambiguity(quote, tuple(ids)))
                return
        self.out.mentions += [Mention(item_id, quote, entry.thing.pointed) for item_id in ids]
        feelings: dict[str, Feeling] = {"like": "like", "dislike": "dislike", "seen": "seen", "allow": "like"}
        feeling = feelings.get(entry.verdict)
        if feeling is None or entry.thing.than:
            return
        if len(ids) > 1 and not group:
            group = f"{self.context.turn}.i{entry.thing.start}"
        for item_id in ids:
            item = self.shelf.get(item_id)
            if item is not None:
                strength = STRENGTHS["less"] if entry.less else 0.9
                self._add(
                    entry,
                    name_of(item, self.vocabulary),
                    "item",
                    feeling,
                    strength,
                    value=item_id,
                    group=group,
                )

    def _narrowed(self, ids: Sequence[str], entry: Felt, felt: Sequence[Felt]) -> list[str]:
        """Which of several works of one name: by a year or person in the message, or the talk so far."""
        items = [item for item in map(self.shelf.get, ids) if item is not None]
        numbers = {token.norm for token in self.tokens if token.kind == "number"}
        year = self.vocabulary.by_role("year")
        if year is not None and numbers:
            kept = [
                item.id
                for item in items
                if str(item.values(year.name)[0] if item.values(year.name) else "")[:4] in numbers
            ]
            if kept:
                return kept
        words = {token.norm for token in self.tokens}
        if year is not None and words & {"old", "older", "original", "new", "newer", "remake"}:
            dated = sorted(
                (item for item in items if item.values(year.name)),
                key=lambda item: float(item.values(year.name)[0]),
            )
            if len(dated) > 1:
                return [(dated[0] if words & {"old", "older", "original"} else dated[-1]).id]
        for other in felt:
            thing = other.thing
            if thing.kind != "item" and other is not entry and (thing.bounds or thing.values):
                kept = [item.id for item in items if fits(item, thing)]
                if len(kept) == 1 and self.vocabulary.facets[thing.kind].kind in ("people", "number", "date"):
                    return kept
        recent = [item.id for item in self.context.recent if item.id in ids]
        return recent[:1] or list(ids)

    # -- facets -------------------------------------------------------------------------------------------

    def _facet(self, entry: Felt, fragment: bool, group: str) -> None:
        thing, verdict = entry.thing, entry.verdict
        if verdict == "seen" and self._ones(entry) and not thing.bounds:
            verdict, entry = (
                "dislike",
                replace(entry, verdict="dislike", hard=True),
            )  # "seen all the Wayne ones"
        if verdict == "seen" or (verdict == "none" and (not fragment or self._by_the_way(entry))):
            return
        if thing.kind == "text":
            self._words(entry)
            return
        facet = self.vocabulary.facets[thing.kind]
        if verdict in ("forget", "allow", "lift"):
            self._lift(entry, facet)
            if verdict != "allow" or thing.bounds is not None or thing.inverse:
                return
        impression = self.vocabulary.is_impression(facet.name)
        if impression and verdict in ("none", "want") and self._own_state(entry):
            return
        if verdict == "dislike":
            # "less violent" only leans; "not too violent" and "no violence" exclude what is marked so
            hard, feeling = entry.hard or not entry.less, "dislike"
            strength = STRENGTHS["less"] if entry.less and not entry.hard else STRENGTHS["dislike"]
        else:
            feeling = "like"
            wanted = verdict in ("want", "none")
            hard = (wanted and not impression and not thing.more) or entry.hard
            strength = STRENGTHS["want" if wanted else "allow" if verdict == "allow" else "like"]
            if verdict == "allow":
                hard = False
        if thing.bounds is not None:
            # What is cheap, light or well rated depends on the kind of thing, so these only lean.
            leans = facet.role in ("price", "rating", "quantity", None) and not thing.who
            leaning = thing.vague and (leans or self.tokens[thing.end - 1].norm in LEANINGS)
            loved = verdict == "like" and facet.role == "year"  # "I love 80s films" tells a taste, not a wish
            hard = not leaning and not entry.less and (not loved or thing.who or entry.hard)
            self._add(
                entry, bounds_in_words(facet, thing.bounds), facet.name,
                "dislike" if feeling == "dislike" else "like",
                strength, hard=hard, bounds=thing.bounds, group=group,
            )  # fmt: skip
            if thing.who and thing.bounds.high is not None and thing.bounds.high <= 12:
                self._for_children(entry)
            return
        if thing.inverse:  # "no subtitles": the facet's other side
            feeling = "like" if feeling == "dislike" else "dislike"
        if len(thing.values) > 1 and not group and feeling == "like":
            group = f"{self.context.turn}.p{thing.start}"
        if feeling == "like" and not group:
            group = self._alternative(facet.name, entry)
            hard = hard or bool(group)
        for value in thing.values:
            self._add(
                entry,
                value,
                facet.name,
                "dislike" if feeling == "dislike" else "like",
                strength,
                hard=hard,
                value=value,
                group=group,
            )

    def _for_children(self, entry: Felt) -> None:
        """What suits a child need not be made for one: the catalogue's word for that is wished for too."""
        for word in ("family", "children", "kids", "child"):
            found = self.vocabulary.value_at([word], 0)
            if found is not None:
                meaning = self.vocabulary.choose(found[1])
                self._add(entry, meaning.value, meaning.facet, "like", STRENGTHS["want"], value=meaning.value)
                return

    def _alternative(self, kind: str, entry: Felt) -> str:
        """The group for one more alternative to what was asked before: "or green"."""
        words = [token.norm for token in self.tokens if token.kind != "mark"]
        more = words[:1] == ["or"] or (
            entry.verdict in ("allow", "want", "none") and words[-1:] in (["too"], ["also"])
        )
        held = [
            old
            for old in self.context.taste
            if old.kind == kind and old.hard and old.feeling == "like" and not old.bounds
        ]
        if not more or not held or len(words) > 6:
            return ""
        group = held[-1].group or f"{self.context.turn}.or"
        for old in held:
            self.out.interests.append(replace(old, group=group))
        return group

    def _aside(self, entry: Felt) -> bool:
        """Whether free words stand apart from the wish: "a feel-good film, rough week"."""
        if entry.verdict in ("like", "dislike") or not (self.out.interests or self.out.mentions):
            return False
        segment: list[str] = []
        for token in reversed(self.tokens[: entry.thing.start]):
            if token.kind == "mark":
                break
            segment.append(token.norm)
        else:
            return False
        ties = {
            "about",
            "with",
            "in",
            "set",
            "on",
            "where",
            "featuring",
            "something",
            "anything",
            "one",
            "some",
            "a",
        }
        return not set(segment) & (ties | {self.shelf.noun, self.shelf.nouns, "movie", "movies"})

    def _own_state(self, entry: Felt) -> bool:
        """Whether a sorry word tells how the person feels, not what they want: "I'm sad, cheer me up"."""
        before = [token.norm for token in self.tokens[max(0, entry.thing.start - 3) : entry.thing.start]]
        word = self.tokens[entry.thing.start].norm
        me = (
            before[-1:] == ["im"]
            or before[-2:] == ["i", "am"]
            or {"feeling", "feel"} & set(before)
            and "i" in [*before, "i"]
            and "like" not in before
        )
        return bool(me) and valences().get(word, 0.0) < 0

    def _ones(self, entry: Felt) -> bool:
        """Whether "ones", "films" or the like follow: all of a kind, not one item."""
        after = [token.norm for token in self.tokens[entry.thing.end : entry.thing.end + 1]]
        return bool(after) and after[0] in ("ones", "films", "movies", self.shelf.nouns)

    def _by_the_way(self, entry: Felt) -> bool:
        """Whether a thing is only spoken of: in a tale, or in a statement beside a wish ("the heat is killing
        me, I want to see snow")."""
        if len(self.tokens) > LONG:
            return True
        before = {token.norm for token in self.tokens[max(entry.clause[0], 0) : entry.thing.start]}
        return self._wishes and bool(before & (COPULA - {"looking"}))

    def _lift(self, entry: Felt, facet: Facet) -> None:
        quote = self.quote(entry)
        if entry.thing.bounds is not None:
            self.out.retractions.append(Retraction(facet.name, "", quote))
            return
        for value in entry.thing.values:
            held = [
                old
                for old in self.context.taste
                if old.kind == facet.name and old.value.casefold() == value.casefold()
            ]
            if held or entry.verdict == "allow":
                if held or entry.thing.inverse:
                    self.out.retractions.append(Retraction(facet.name, value, quote))
            elif entry.verdict == "forget":  # "skip the war films" where nothing was held: a wish to see none
                self._add(entry, value, facet.name, "dislike", STRENGTHS["dislike"], hard=True, value=value)

    def _words(self, entry: Felt) -> None:
        if len(self.tokens) > LONG and entry.verdict not in ("like", "dislike") and self.out.interests:
            return  # in a tale, what isn't asked for in so many words is scenery
        if self._aside(entry):
            return
        words = self.text[self.tokens[entry.thing.start].start : self.tokens[entry.thing.end - 1].end]
        value = " ".join(
            token.norm
            for token in self.tokens[entry.thing.start : entry.thing.end]
            if token.kind != "mark" and token.norm != "s"
        )
        if entry.verdict in ("forget", "allow", "lift"):
            self.out.retractions.append(Retraction("text", value, self.quote(entry)))
            return
        feeling: Feeling = "dislike" if entry.verdict == "dislike" else "like"
        self._add(
            entry,
            words,
            "text",
            feeling,
            STRENGTHS["text"],
            value=value,
            hard=feeling == "dislike" and not entry.less,
        )


def _youngest(felt: Sequence[Felt]) -> Sequence[Felt]:
    """Of several ages in one message the lowest, which suits all: "a 7 year old and a 12 year old"."""
    ages = [one for one in felt if one.thing.who and one.thing.bounds and one.thing.bounds.high is not None]
    if len(ages) < 2:
        return felt
    youngest = min(ages, key=lambda one: one.thing.bounds.high if one.thing.bounds else 0)  # type: ignore[arg-type, return-value]
    return [one for one in felt if one not in ages or one is youngest]
