"""Why an item is recommended: which interest of the person met which fact of the item."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chat.reader.elements import Thing
from chat.reader.numerals import number_of
from chat.reader.pointing import fits
from chat.reply import Fact, Reason, Recommendation
from prompts.dialogue import Interest
from retrieval.items import Candidate, Facet, Item

#: Most reasons for an item, and most against it: a card has to stay readable.
MOST_FOR, MOST_AGAINST = 4, 1
#: A strong leaning voiced in the last so many messages is missed openly where an item doesn't bear it out.
RECENT = 5
#: Shared traits that a likeness is told by, at most.
MOST_SHARED = 3

Support = Callable[[Item, str], tuple[str, float] | None]
"""The sentence of an item's description that bears out free words, with its score; None where none does."""


class Reasoner:
    """Finds the reasons for items of one catalogue.

    `get` looks an item up by id; `support` finds the passage that bears out free words.
    """

    def __init__(self, facets: Sequence[Facet], get: Callable[[str], Item | None], support: Support) -> None:
        self._facets = {facet.name: facet for facet in facets}
        self._get = get
        self._support = support

    def recommendations(
        self, candidates: Sequence[Candidate], interests: Sequence[Interest], turn: int, quote: str = ""
    ) -> tuple[Recommendation, ...]:
        """The candidates that at least one interest speaks for, each with its reasons, in order.

        Where the person has said nothing of their taste at all, `quote` (the request itself) is the
        interest, and the item's most telling fact answers it.
        """
        out = []
        for candidate in candidates:
            reasons = self.reasons(candidate.item, interests, turn)
            if not any(not reason.against for reason in reasons):
                open_ended = self._open(candidate.item, interests, turn, quote)
                if open_ended is None:
                    continue
                reasons = (open_ended, *reasons)
            out.append(Recommendation(candidate.item, reasons, candidate.score, candidate.found_by))
        return tuple(out) or self._nearest(candidates, interests)

    def _nearest(
        self, candidates: Sequence[Candidate], interests: Sequence[Interest]
    ) -> tuple[Recommendation, ...]:
        """Where nothing bears out what was wished for in free words: what comes nearest, called so."""
        wishes = [one for one in interests if one.kind == "text" and one.feeling == "like"]
        if not wishes:
            return ()
        wish = max(wishes, key=lambda one: (one.turn, one.strength))
        out = []
        for candidate in candidates:
            opening = candidate.item.text.split(". ")[0].strip().rstrip(".")
            if opening:
                text = f"The nearest I have to “{wish.subject}” — “{opening}”"
                reason = Reason(wish, Fact("text", opening), text)
                out.append(Recommendation(candidate.item, (reason,), candidate.score, candidate.found_by))
        return tuple(out)

    def reasons(self, item: Item, interests: Sequence[Interest], turn: int) -> tuple[Reason, ...]:
        """The reasons for an item, the latest and strongest interests first, then what speaks against it."""
        ordered = sorted(interests, key=lambda one: (-one.turn, -one.strength))
        speaks_for: list[Reason] = []
        against: list[Reason] = []
        told: set[str] = set()
        for interest in ordered:
            if interest.feeling == "seen":
                continue
            reason = self._met(item, interest)
            if reason is not None and reason.against:
                against.append(reason)
            elif reason is not None:
                if reason.fact.value not in told:
                    speaks_for.append(reason)
                    told.add(reason.fact.value)
            elif interest.feeling == "like" and (
                interest.turn == turn or (interest.turn > turn - RECENT and interest.strength > 0.5)
            ):
                missing = self._missing(item, interest)
                if missing is not None:
                    against.append(missing)
        specific = [
            reason for reason in speaks_for if reason.interest.kind != "item" or "," in reason.fact.value
        ]
        kept = sorted(speaks_for, key=lambda reason: reason not in specific)[:MOST_FOR]
        kept.sort(key=speaks_for.index)
        return (*kept, *against[:MOST_AGAINST])

    def _met(self, item: Item, interest: Interest) -> Reason | None:
        if interest.kind == "item":
            return self._like_item(item, interest)
        if interest.kind == "text":
            found = self._support(item, interest.value)
            if found is None:
                return None
            return self._reason(
                interest, Fact("text", found[0]), f"“{found[0]}”", interest.feeling == "dislike"
            )
        facet = self._facets.get(interest.kind)
        if facet is None:
            return None
        values = (interest.value,) if interest.value else ()
        if not fits(item, Thing(0, 0, interest.kind, values, interest.bounds)):
            return None
        if interest.bounds is not None:
            value = item.values(facet.name)[0]
            shown = number_of(value)
            text = in_words(facet, shown) if shown is not None else str(value)
            return self._reason(interest, Fact(facet.name, f"{value}"), text, interest.feeling == "dislike")
        held = next(
            value for value in item.values(facet.name) if str(value).casefold() == interest.value.casefold()
        )
        text = f"{facet.label}: {held}"
        return self._reason(interest, Fact(facet.name, str(held)), text, interest.feeling == "dislike")

    def _reason(self, interest: Interest, fact: Fact, text: str, against: bool) -> Reason:
        said = (
            interest.quote
            if interest.bounds is not None and interest.quote
            else interest.subject or interest.value
        )
        if against:
            return Reason(interest, fact, f"You wanted less of “{said}”, but: {text}", True)
        verb = "You like" if not interest.hard and interest.strength < 0.85 else "You asked for"
        return Reason(interest, fact, f"{verb} “{said}” — {text}")

    def _like_item(self, item: Item, interest: Interest) -> Reason | None:
        other = self._get(interest.value)
        if other is None or interest.feeling != "like" or other.id == item.id:
            return None
        shared = self.shared(item, other)
        if not shared:
            return None
        facet, _value = shared[0]
        values = ", ".join(value for _, value in shared)
        said = interest.subject or self._called(other)  # a click knows only the item's id
        return Reason(interest, Fact(facet, values), f"Like {said}: {values}")

    def _called(self, item: Item) -> str:
        """The item's title, with its year where it has one."""
        year = next((facet.name for facet in self._facets.values() if facet.role == "year"), "")
        number = next(map(number_of, item.values(year)), None)
        return item.title if number is None else f"{item.title} ({number:.0f})"

    def shared(self, one: Item, other: Item) -> list[tuple[str, str]]:
        """What two items have in common, people first, then the traits of the finest facets."""
        order = sorted(
            (facet for facet in self._facets.values() if facet.kind in ("people", "category")),
            key=lambda facet: (facet.kind != "people", "lang" in facet.name, "countr" in facet.name),
        )
        common: list[tuple[str, str]] = []
        for facet in order:
            if "lang" in facet.name or "countr" in facet.name:
                continue
            held = {str(value).casefold() for value in other.values(facet.name)}
            common += [
                (facet.name, str(value)) for value in one.values(facet.name) if str(value).casefold() in held
            ]
        people = [entry for entry in common if self._facets[entry[0]].kind == "people"][:1]
        traits = [entry for entry in common if self._facets[entry[0]].kind != "people"]
        traits.sort(key=lambda entry: order.index(self._facets[entry[0]]), reverse=True)
        return (people + _spread(traits))[:MOST_SHARED]

    def _missing(self, item: Item, interest: Interest) -> Reason | None:
        """A leaning just voiced that the item doesn't bear out, said openly."""
        facet = self._facets.get(interest.kind)
        if facet is None or facet.kind != "category" or interest.hard or interest.bounds is not None:
            return None
        held = ", ".join(str(value) for value in item.values(facet.name))
        wanted = interest.value.casefold()
        elsewhere = {str(value).casefold() for name in self._facets for value in item.values(name)}
        if not held or wanted in elsewhere:  # "not marked family" of an item whose theme is family is wrong
            return None
        said = interest.subject or interest.value
        return Reason(interest, Fact(facet.name, held), f"Not marked “{said}”; {facet.label}: {held}", True)

    def _open(self, item: Item, interests: Sequence[Interest], turn: int, quote: str) -> Reason | None:
        """The reason where the person left it open; None where they voiced a like that this doesn't meet."""
        if not quote or any(one.feeling == "like" and one.kind != "item" for one in interests):
            return None
        facets = [
            facet for facet in self._facets.values() if facet.kind == "category" and item.values(facet.name)
        ]
        if not facets:
            return None
        facet = max(facets, key=lambda facet: ("mood" in facet.name, facet.many))
        values = ", ".join(str(value) for value in item.values(facet.name)[:2])
        interest = Interest(quote, "text", "like", 0.3, quote, turn, value="")
        return Reason(interest, Fact(facet.name, values), f"You left it open — {facet.label}: {values}")


def _spread(entries: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The entries with facets taking turns, so that three themes don't hide the mood."""
    by_facet: dict[str, list[tuple[str, str]]] = {}
    for entry in entries:
        by_facet.setdefault(entry[0], []).append(entry)
    out: list[tuple[str, str]] = []
    while any(by_facet.values()):
        for queue in by_facet.values():
            if queue:
                out.append(queue.pop(0))
    return out


def in_words(facet: Facet, number: float) -> str:
    """A number with its unit: "95 min", "from 1974", "suitable from age 6"."""
    if facet.role == "year" or facet.kind == "date":
        return f"from {number:.0f}"
    if facet.role == "age":
        return "suitable for all ages" if number == 0 else f"suitable from age {number:g}"
    return f"{number:g} {facet.unit}" if facet.unit else f"{facet.label} {number:g}"
