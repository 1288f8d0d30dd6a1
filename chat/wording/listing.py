"""The words of a list: an opening that takes up what was said, then each item with what speaks for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from chat.reply import Plan, Recommendation, Unmet
from chat.wording.catalogue import CatalogueWords
from chat.wording.facts import Said
from chat.wording.grammar import capital, finish, join, number_in_words
from chat.wording.names import is_plural, name, passage, quotable
from chat.wording.phrases import Chooser
from chat.wording.points import ADJUNCT, Points, points
from chat.wording.wishes import Heard, demand, hear
from prompts.dialogue import Interest

#: More words than this in a wish make an opening too long to carry it.
LONGEST_WISH = 16


def recommend(plan: Plan, words: CatalogueWords, chooser: Chooser) -> str:
    """A list in words, about 110 at most for up to five items; ends with the plan's question, if any."""
    entries = plan.recommendations
    told = points(entries, words, chooser, plan.heard)
    budget = 3 if len(entries) == 1 else 2 if len(entries) <= 4 else 1
    texts = _Items(entries, told, words, chooser, budget)
    parts = [unknown(plan.unknown_titles, words, chooser), _opening(plan, texts, words, chooser)]
    parts += texts.rest()
    parts += [_few(plan, words, chooser), _relax(plan, words, chooser)]
    return " ".join(part for part in parts if part)


class _Items:
    """The items of a list, each worded once: the first by the opening, the others in frames that vary."""

    def __init__(
        self,
        entries: Sequence[Recommendation],
        told: Sequence[Points],
        words: CatalogueWords,
        chooser: Chooser,
        budget: int,
    ) -> None:
        self.chooser = chooser
        self.names = [name(entry.item, words) for entry in entries]
        self.plural = [is_plural(entry.item, words) for entry in entries]
        self.points = list(told)
        self.budget = budget
        quotes = 1 if words.works else 2
        quotes -= sum(bool(one.quote) for one in self.points)
        for place, entry in enumerate(entries):
            quote = self.points[place].quote
            wanted = place == 0 or not self.points[place].said or (not words.works and len(entries) <= 4)
            if not quote and wanted and quotes > 0:
                quote = passage(entry.item, 22 if len(entries) == 1 else 15)
                quotes -= bool(quote)
                self.points[place] = replace(self.points[place], quote=quote)

    # -- pieces -------------------------------------------------------------------------------------------

    def _said(self, place: int, most: int) -> list[Said]:
        points = self.points[place]
        most -= bool(points.quote) + (bool(points.against) and most > 2)
        return list(points.said[: max(1, most)])

    def _close(self, text: str, place: int, dash: bool = False) -> str:
        """The text with the passage that bears it out and what speaks against the item."""
        quote, against = self.points[place].quote, self.points[place].against
        if self.plural[place] and against:
            against = re.sub(r"^it (is|has|runs|costs|isn't)\b", _plural_verb, against)
        if against:
            text = f"{text}, though {against}"
        if quote and (":" in text or dash):
            return f"{text} — {quote}"
        return f"{text}: {quote}" if quote else text

    def lead(self, dash: bool = False) -> str:
        """The first item as words after "start with": `Heat (1995): tense and stylish, directed by …`."""
        tails = [one.tail for one in self._said(0, self.budget)]
        return self._close(attached(self.names[0], tails), 0, dash)

    def leads(self, dash: bool = False) -> str:
        """The first item as a sentence: `Heat (1995) is tense and stylish, directed by …`."""
        said = self._said(0, self.budget)
        if not said:
            return self._close(f"there's {self.names[0]}", 0, dash)
        verb = f"{self.names[0]} {predicate(said[0], said[1] if len(said) > 1 else None, self.plural[0])}"
        return self._close(", ".join([verb, *(one.tail for one in said[2:])]), 0, dash)

    def rest(self) -> list[str]:
        """The other items as sentences, two of the short ones in one."""
        places = list(range(1, len(self.names)))
        out: list[str] = []
        used: set[str] = set()
        while places:
            place = places.pop(0)
            pairs = len(self.names) >= 4 and places and not out or len(self.names) >= 6
            if pairs and places and self._short(place) and self._short(places[0]):
                other = places.pop(0)
                if self._pairs_well(place, other):
                    pair = {"a": self._plain(place), "b": self._plain(other)}
                    out.append(finish(Chooser(f"{self.chooser.seed}.{place}").say("item.pair", **pair)))
                    continue
                places.insert(0, other)
            out.append(finish(self._framed(place, not places and len(self.names) > 2, used)))
        return out

    def _short(self, place: int) -> bool:
        return (
            not self.points[place].quote and not self.points[place].against and bool(self.points[place].said)
        )

    def _pairs_well(self, place: int, other: int) -> bool:
        return self._plain(place).count(",") + self._plain(other).count(",") <= 1

    def _plain(self, place: int) -> str:
        said = self.points[place].said[0]
        return f"{self.names[place]} {said.verb(self.plural[place])}"

    def _framed(self, place: int, last: bool, used: set[str]) -> str:
        """One item as a sentence, in a frame that this reply hasn't used yet where there is one."""
        said, many = self._said(place, self.budget), self.plural[place]
        if not said:
            return self._close(f"there's also {self.names[place]}", place)
        fills = {"t": self.names[place], "is1": said[0].verb(many), "tail1": said[0].tail}
        key = "item.lastofone" if last else "item.one"
        if len(said) > 1 and ADJUNCT.match(said[1].tail) and not _jars(said[0], said[1]):
            key = "item.lastof" if last else "item.two"
            fills["tail2"] = said[1].tail
            if " and " not in said[0].one:
                fills["is2"] = said[1].verb(many)
        elif len(said) > 1 and said[0].one.startswith("is "):
            fills["is1"] = predicate(said[0], said[1], many)
            fills["tail1"] = f"{said[0].tail}, {said[1].tail}"
        elif len(said) > 1:
            key = "item.apart"
            fills |= {"is2": said[1].verb(many), "it": "they" if many else "it"}
        shapes = {
            Chooser(f"{self.chooser.seed}.{place}.{attempt}").say(key, **{**fills, "t": "@"}): attempt
            for attempt in range(8)
        }
        fresh = [shape for shape in shapes if _shape(shape) not in used] or list(shapes)
        used.add(_shape(fresh[0]))
        text = Chooser(f"{self.chooser.seed}.{place}.{shapes[fresh[0]]}").say(key, **fills)
        return self._close(re.sub(r"\balso (is|are)\b", r"\1 also", text), place)


def _shape(sentence: str) -> str:
    """What a frame is recognised by: how it begins, and whether it holds a semicolon."""
    return sentence.replace("(", "@")[:7] + ";" * (";" in sentence)


def _plural_verb(match: re.Match[str]) -> str:
    verbs = {"is": "are", "has": "have", "runs": "run", "costs": "cost", "isn't": "aren't"}
    return f"they {verbs[match[1]]}"


def predicate(first: Said, second: Said | None, many: bool) -> str:
    """One or two sayings as a predicate: "is tense, with a heist", "is tense and 97 minutes long"."""
    verb = first.verb(many)
    if second is None:
        return verb
    if _jars(first, second):
        return f"{verb} and {second.verb(many)}"
    if ADJUNCT.match(second.tail) or second.tail.startswith("part "):
        return f"{verb}, {second.tail}"
    if first.one.startswith("is "):
        if first.tail.startswith(("a ", "an ", "part ")) or "the " in first.tail[:4]:
            return f"{verb}, {second.tail}"
        return f"{verb}{',' if ' and ' in verb else ''} and {second.tail}"
    return f"{verb} and {second.verb(many)}" if " and " not in verb else f"{verb}, and {second.verb(many)}"


def _jars(first: Said, second: Said) -> bool:
    """Whether two numbers would stand side by side: "the heaviest at 14.5 kg, at €449"."""
    return " at " in first.tail and second.tail.startswith("at ")


def attached(title: str, tails: Sequence[str]) -> str:
    """A name with what may follow it: after a comma where that reads on, else after a colon."""
    if not tails:
        return title
    return f"{title}{',' if ADJUNCT.match(tails[0]) else ':'} {', '.join(tails)}"


# ---------------------------------------------------------------- the opening


def _opening(plan: Plan, texts: _Items, words: CatalogueWords, chooser: Chooser) -> str:
    heard = hear(_met(plan), words)
    if len(heard.wish.split()) > LONGEST_WISH:
        heard = replace(heard, wish="")
    forgot = forgotten(plan, words)
    fills = {
        "lead": _LEAD, "leads": _LEADS, "noun": words.noun, "nouns": words.nouns,
        "count": number_in_words(len(plan.recommendations)), "forgot": forgot, **_fills(heard),
    }  # fmt: skip
    key = _key(plan, heard, forgot, chooser)
    text = chooser.say(f"opening.{key}", must=_MUST.get(key, ()), **fills)
    before = text.partition(_LEAD)[0].partition(_LEADS)[0]
    dash = ":" in before.rpartition(". ")[2]  # one colon is enough for a sentence
    leads = texts.leads(dash)
    if before.endswith(". "):
        leads = capital(leads)
    return finish(text.replace(_LEAD, texts.lead(dash)).replace(_LEADS, leads))


#: Stand in for the first item until the opening around it is chosen.
_LEAD, _LEADS = "\x01", "\x02"
_MUST = {"wishwithout": ("wish", "without"), "wishfree": ("wish", "free"), "likewish": ("like", "wish")}


def _met(plan: Plan) -> list[Interest]:
    """What was just said, but for leanings that nothing in the list meets: the items say so themselves."""
    met = {
        (reason.interest.kind, reason.interest.value)
        for entry in plan.recommendations
        for reason in entry.reasons
        if not reason.against
    }
    facets = {reason.interest.kind for entry in plan.recommendations for reason in entry.reasons}
    return [
        one
        for one in plan.heard
        if one.hard
        or one.feeling != "like"
        or one.kind in ("item", "text")
        or one.kind not in facets
        or (one.kind, one.value) in met
    ]


def _borne_out(plan: Plan) -> bool:
    """Whether the description of anything in the list holds a word of what was asked for freely."""
    asked = [one.value or one.subject for one in plan.heard if one.kind == "text" and one.feeling == "like"]
    wanted = {word[:5] for text in asked for word in re.findall(r"\w{3,}", text.casefold())}
    passages = [
        reason.fact.value
        for entry in plan.recommendations
        for reason in entry.reasons
        if reason.fact.facet == "text" and not reason.against
    ]
    return any(word[:5] in wanted for text in passages for word in re.findall(r"\w{3,}", text.casefold()))


def _fills(heard: Heard) -> dict[str, str]:
    return {
        "wish": heard.wish, "free": heard.free, "like": heard.like, "seen": heard.seen,
        "rejected": heard.rejected, "without": heard.without, "allowed": heard.allowed,
    }  # fmt: skip


def _key(plan: Plan, heard: Heard, forgot: str, chooser: Chooser) -> str:
    """Which sort of opening answers what was said."""
    if any(not one.kind for one in plan.forgot):
        return "forgotall"
    if heard.allowed:
        return "allowed"
    if forgot:
        return "forgotwish" if heard.wish else "forgot"
    if heard.seen or heard.rejected:
        return "seen" if heard.seen else "rejected"
    if heard.like:
        return "likewish" if heard.wish else "like"
    if heard.wish:
        return "wishwithout" if heard.without else "wishfree" if heard.free else "wish"
    if heard.free or heard.without:
        return "without" if not heard.free else "free" if _borne_out(plan) else "nearest"
    if len(plan.recommendations) == 1 and not plan.wanted and chooser.avoid:
        return "one"
    left_open = all(reason.interest.value == "" and reason.interest.kind == "text" for entry in
                    plan.recommendations for reason in entry.reasons if not reason.against)  # fmt: skip
    return "open" if left_open or not chooser.avoid else "more"


def forgotten(plan: Plan, words: CatalogueWords) -> str:
    """What is no longer held: "“war” and the running time"; "" where it was nothing, or everything."""
    out = []
    for one in plan.forgot:
        facet = words.facet(one.kind)
        value = one.value
        if one.kind == "item":
            value = ""
        if value and quotable(value):
            out.append(f"“{value}”")
        elif one.kind:
            out.append(f"the {facet.label}" if facet else "that")
    return join(list(dict.fromkeys(out))[:3])


def unknown(titles: Sequence[str], words: CatalogueWords, chooser: Chooser) -> str:
    """Admits that the catalogue doesn't hold a title the person named."""
    if not titles:
        return ""
    shown = join([f"“{title}”" for title in dict.fromkeys(titles) if quotable(title)][:2], "or")
    if not shown:
        return chooser.say("unknown.vague", noun=words.noun)
    return chooser.say("unknown.one", title=shown)


# ---------------------------------------------------------------- too few


def _few(plan: Plan, words: CatalogueWords, chooser: Chooser) -> str:
    count = len(plan.recommendations)
    if plan.wanted is None or count >= plan.wanted or not count:
        return ""
    short = any(reason.against for entry in plan.recommendations for reason in entry.reasons)
    key = "few.near" if short else "few.one" if count == 1 else "few.several"
    return chooser.say(key, count=number_in_words(count), noun=words.noun)


def _relax(plan: Plan, words: CatalogueWords, chooser: Chooser) -> str:
    """The one question that may stand behind a list: whether to let a condition go."""
    if plan.question is None or plan.question.about != "relax" or not plan.unmet:
        return ""
    best = plan.unmet[0]
    way = way_out(best, words)
    return chooser.say("relax.morefew", way=way, count=str(best.matching)) if way else ""


def way_out(unmet: Unmet, words: CatalogueWords) -> str:
    """Letting a condition go, as a clause after "if": "it needn't be from 2030"."""
    facet = words.facet(unmet.constraint.facet)
    if facet is None:
        excluded = next(iter(unmet.constraint.values), "") if unmet.excluded else ""
        if excluded:  # in the words that the person used: "no filters" is not what they said
            return f"“{excluded}” may come up" if quotable(excluded) else ""
        return f"“{unmet.words}” needn't count" if quotable(unmet.words) else ""
    wanted = demand(facet, unmet.constraint, words)
    return f"it may {wanted}" if unmet.excluded else f"it needn't {wanted}"


def nothing_left(plan: Plan, words: CatalogueWords, chooser: Chooser) -> str:
    """Says plainly which conditions left nothing, and offers to let one go."""
    fills = {"noun": words.noun, "nouns": words.nouns}
    demands = []
    for unmet in plan.unmet:
        facet = words.facet(unmet.constraint.facet)
        if facet is not None:
            demands.append(("not " if unmet.excluded else "") + demand(facet, unmet.constraint, words))
    if not demands:
        named = join([f"“{unmet.words}”" for unmet in plan.unmet if quotable(unmet.words)])
        if (
            named
            and plan.question is not None
            and plan.question.about == "relax"
            and plan.unmet[0].matching > 1
        ):
            return chooser.say("relax.both", named=named, count=str(plan.unmet[0].matching), **fills)
        start = chooser.say("relax.allshownplain" if plan.exhausted else "relax.nothingplain", **fills)
        return f"{start} What stands in the way: {named}." if named else start
    start = chooser.say(
        "relax.allshown" if plan.exhausted else "relax.nothing", demands=join(demands), **fills
    )
    ways = [
        f"{unmet.matching} {'fits' if unmet.matching == 1 else 'fit'} if {way}"
        for unmet in plan.unmet
        if (way := way_out(unmet, words))
    ]
    if plan.question is None or plan.question.about != "relax":
        return start
    if len(ways) == 1:
        count = plan.unmet[0].matching
        end = chooser.say("relax.one", count=str(count)) if count > 1 else "Shall I let that go?"
    else:
        end = chooser.say("relax.options", ways="; ".join(ways))
    return f"{start} {capital(end)}"
