"""The grounding check: a reply may only name what the facts behind it hold, or the person's own words."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from chat.reply import Plan
from chat.wording.catalogue import CatalogueWords
from chat.wording.facts import amount, number_of
from chat.wording.grammar import squeeze
from chat.wording.names import name, subject_of, year_of
from prompts.dialogue import Interest
from retrieval.items import Facet, Item

ProblemKind = Literal["markup", "year", "quote", "title", "name", "number"]

#: Longest title, in words, that is looked for among the words of a reply.
LONGEST_TITLE = 9
#: What a masked title or quotation leaves behind: no letter, so that nothing is read into it.
_MASK = "¤"
_MARKUP = re.compile(
    r"\[\d+\]|<\||\|>|\[/?INST\]|<<?/?SYS>>?|</?s>|(?:^|[\n.] ?)(?:system|assistant|user)\s*:|\{\{|\}\}"
    r"|\{\w*\}|```|\{%|%\}|<!--|</?[a-zA-Z][^>]*>?|!?\[[^\]\n]*\]\([^)\n]*\)|[a-zA-Z][a-zA-Z+.-]*://\S+|\bwww\.\S+"
    r"|\b(?:javascript|data):\S+|\b[\w-]+\.(?:com|org|net|io|dev|example|info|biz|co\.uk)\b(?:/\S*)?",
    re.IGNORECASE,
)
_QUOTE = re.compile(r"“([^“”]*)”|\"([^\"\n]*)\"|«([^«»]*)»")
_WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*")
#: Capitalised words with nothing but spaces between them.
_CAPITAL = r"[^\W\d_a-z][^\W_]*(?:['’.&-][^\W_]+)*"
_CAPITALS = re.compile(rf"(?<![\w'’.&-]){_CAPITAL}(?: +{_CAPITAL})*")
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_BRACKETED_YEAR = re.compile(r"\((\d{4})\)")
_SMALL = frozenset("a an and at by de del der di du for from in la le of on or the to von with y &".split())
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
)
_ONES += " seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_NUMBER_WORDS: Mapping[str, int] = {
    **{word: number for number, word in enumerate(_ONES.split())},
    **{word: 10 * (place + 2) for place, word in enumerate(_TENS)},
    **{f"{word[:-1]}ies": 10 * (place + 2) for place, word in enumerate(_TENS)},
    "dozen": 12, "hundred": 100, "thousand": 1000, "million": 1_000_000,
}  # fmt: skip
#: Words in capitals that name nobody: the first person, days, months.
_COMMON = frozenset(
    "i i'd i'm i'll i've ok okay tv dvd monday tuesday wednesday thursday friday saturday sunday january"
    " february march april may june july august september october november december".split()
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a reply that nothing behind it bears out."""

    kind: ProblemKind
    found: str

    def __str__(self) -> str:
        return f"{self.kind} {self.found!r} is not in the facts behind the reply"


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a reply may say.

    `titles` maps each name by which an item may be called, as written, to its years (none where it has no
    year). `corpus` holds every text that may be quoted, as lower-cased words; `numbers` every number,
    with those that follow from it; `raw` the texts of the items as they are, whose own markup is not the
    reply's fault; `name_words` the words of the items' people. `is_title` tells whether words are the
    title of anything in the catalogue.
    """

    titles: Mapping[str, frozenset[str]]
    corpus: str
    numbers: frozenset[float]
    raw: tuple[str, ...] = ()
    name_words: frozenset[str] = frozenset()
    is_title: Callable[[str], bool] = lambda _: False

    def says(self, words: str) -> bool:
        """Whether these words stand together somewhere in what may be quoted."""
        plain = plain_words(words)
        return not plain or f" {plain} " in self.corpus


def plain_words(text: str) -> str:
    """The words of a text in lower case, one space between them: `"Don’t stop!"` → `"don't stop"`."""
    return " ".join(_WORD.findall(text.replace("’", "'").casefold()))


# ---------------------------------------------------------------- what may be said


def allowed_from(
    plan: Plan,
    user_texts: Sequence[str],
    words: CatalogueWords,
    catalogue_titles: Callable[[str], bool] = lambda _: False,
) -> Allowed:
    """What a reply to `plan` may say, given all that the person has written.

    `catalogue_titles` tells whether some words are a title of the catalogue, whatever their case; it is asked
    about the capitalised word groups of a reply only, so a set of titles is quick enough.
    """
    items = [*(entry.item for entry in plan.recommendations), *plan.items]
    interests = [*plan.heard, *plan.profile, *(reason.interest for reason in plan.reasons)]
    interests += [reason.interest for entry in plan.recommendations for reason in entry.reasons]
    texts = [*user_texts, *_words_of_plan(plan, interests), *_words_of_catalogue(plan, words)]
    texts += _other_words(items, words)
    raw: list[str] = []
    for item in items:
        raw += [item.title, item.text, item.url or "", *(str(v) for f in item.facts for v in item.values(f))]
    # a facet's value in an interest or a condition is the catalogue's own word for it, and so is a title
    raw += [one.value for one in interests if words.facet(one.kind) is not None]
    raw += [one.subject for one in interests if one.kind == "item"]
    raw += list(plan.question.options) if plan.question is not None else []
    raw += [value for unmet in plan.unmet for value in unmet.constraint.values]
    raw += [one.value for one in plan.forgot if words.facet(one.kind) is not None]
    titles: dict[str, frozenset[str]] = {}
    named = [(squeeze(item.title), year_of(item, words)) for item in items]
    named += [(name(item, words).removesuffix(f" ({year_of(item, words)})"), "") for item in items]
    for called in (*_named_elsewhere(plan, interests), *plan.unknown_titles):
        year = _BRACKETED_YEAR.search(called)
        named.append((squeeze(_BRACKETED_YEAR.sub("", called)), year[1] if year else ""))
    for title, own in named:
        bare = title.strip("“”")
        if bare:
            titles[bare] = titles.get(bare, frozenset()) | ({own} if own else set())
    corpus = " | ".join(f" {plain_words(squeeze(text))} " for text in (*texts, *raw) if text)
    numbers = set(_numbers_in((*texts, *raw)))
    numbers |= _derived(items, words) | _of_plan(plan, interests)
    people = (
        str(v) for item in items for f in words.facets if f.kind == "people" for v in item.values(f.name)
    )
    name_words = frozenset(word for person in people for word in plain_words(person).split())
    return Allowed(titles, f" {corpus} ", frozenset(numbers), tuple(raw), name_words, catalogue_titles)


def _words_of_plan(plan: Plan, interests: Iterable[Interest]) -> Iterator[str]:
    for interest in interests:
        yield from (interest.subject, interest.value if interest.kind != "item" else "", interest.quote)
    for one in plan.forgot:
        yield from (one.value, one.quote)
    for unmet in plan.unmet:
        yield from (unmet.words, *unmet.constraint.values)
    for reason in (*plan.reasons, *(reason for entry in plan.recommendations for reason in entry.reasons)):
        yield reason.fact.value
    for comparison in plan.comparisons:
        yield from (comparison.label, *comparison.values)
    for answer in plan.answers:
        yield from answer
    if plan.question is not None:
        yield from (plan.question.quote, *plan.question.options)
    yield from (plan.asked_value, *plan.unknown_titles)


def _words_of_catalogue(plan: Plan, words: CatalogueWords) -> Iterator[str]:
    yield from (words.noun, words.nouns)
    for facet in words.facets:
        yield from (facet.label, facet.unit or "")
        if plan.move not in ("recommend", "describe", "compare") or not (plan.recommendations or plan.items):
            # examples stand only where no item is spoken of
            yield from words.samples.get(facet.name, ())
            yield from facet.aliases.values()


def _other_words(items: Iterable[Item], words: CatalogueWords) -> Iterator[str]:
    """Other words for the items' values: "American" where the country is the United States."""
    held = {str(v).casefold() for item in items for facet in item.facts for v in item.values(facet)}
    for facet in words.facets:
        yield from (alias for alias, value in facet.aliases.items() if value.casefold() in held)


def _named_elsewhere(plan: Plan, interests: Iterable[Interest]) -> Iterator[str]:
    """Items that may be named without being in the plan: the person spoke of them."""
    for interest in interests:
        if interest.kind == "item":
            yield subject_of(interest)
            yield interest.subject
    if plan.question is not None and plan.question.about == "which":
        yield from plan.question.options


def _derived(items: Iterable[Item], words: CatalogueWords) -> set[float]:
    """The numbers of items in all the forms in which they may be said."""
    out: set[float] = set()
    for item in items:
        for facet in words.facets:
            for value in item.values(facet.name):
                number = number_of(value) if facet.kind in ("number", "date") else None
                if number is not None:
                    out |= forms(facet, number)
    return out


def forms(facet: Facet, number: float) -> set[float]:
    """A number and what follows from it: 170 min → 2 h 50, nearly three hours; 1994 → the 1990s, the 90s."""
    out = {number, float(round(number)), round(number, 1), *_numbers_in([amount(facet, number)])}
    if facet.role == "year" or facet.kind == "date":
        decade = number - number % 10
        out |= {decade, decade % 100, number % 100}
    if facet.role == "duration":
        out |= {number // 60, number // 60 + 1, number % 60, number // 30 / 2}
    return out


def _of_plan(plan: Plan, interests: Iterable[Interest]) -> set[float]:
    most = max(len(plan.recommendations), len(plan.items), len(plan.unmet), 1)
    if plan.question is not None:
        most = max(most, len(plan.question.options), len(plan.question.item_ids))
    out = {float(number) for number in range(most + 1)}
    out |= {float(unmet.matching) for unmet in plan.unmet} | ({float(plan.wanted)} if plan.wanted else set())
    bounds = [interest.bounds for interest in interests] + [unmet.constraint.bounds for unmet in plan.unmet]
    if plan.question is not None:
        bounds += [constraint.bounds for constraint in plan.question.constraints]
    for one in bounds:
        for end in (one.low, one.high) if one is not None else ():
            if end is not None:
                out |= {end, end % 100, end // 60, end % 60}
    return out


def _numbers_in(texts: Iterable[str]) -> set[float]:
    return {number for text in texts for _, number in _numbers(text)}


def _numbers(text: str) -> Iterator[tuple[str, float]]:
    """Every number of a text with its value, in digits or in words; "one" is nearly always a pronoun."""
    for match in _NUMBER.finditer(text):
        yield match[0], float(match[0].replace(",", ""))
    words = re.findall(r"[a-z]+", text.casefold())
    place = 0
    while place < len(words):
        number = _NUMBER_WORDS.get(words[place])
        if number is None or words[place] in ("one", "zero"):
            place += 1
            continue
        shown = words[place]
        follows = _NUMBER_WORDS.get(words[place + 1]) if place + 1 < len(words) else None
        if number % 10 == 0 and 20 <= number <= 90 and follows is not None and 1 <= follows <= 9:
            place += 1
            number, shown = number + follows, f"{shown}-{words[place]}"
        yield shown, float(number)
        place += 1


# ---------------------------------------------------------------- the check


def check(text: str, allowed: Allowed) -> list[Problem]:
    """What in a reply isn't grounded; empty where all of it is.

    Looked at are names of items, years beside them, quotations, names in capitals, numbers in digits or
    words, and markup. Not looked at: whether a fact of the plan is told of the right item, beyond the year
    behind its name, nor the truth of words that are none of these.
    """
    problems: list[Problem] = []
    rest = _without_titles(text, allowed, problems)
    problems += [
        Problem("markup", match[0].strip())
        for match in _MARKUP.finditer(rest)
        if not any(match[0].strip(" .\n") in raw for raw in allowed.raw)
    ]
    rest = _without_quotes(rest, allowed, problems)
    problems += _foreign_titles(rest, allowed)
    problems += _names(rest, allowed)
    for shown, number in _numbers(rest):
        if number not in allowed.numbers:
            problems.append(Problem("number", shown))
    return list(dict.fromkeys(problems))


def _without_titles(text: str, allowed: Allowed, problems: list[Problem]) -> str:
    """The text with the names of the plan's items masked; a year behind a name must be its own."""
    titles = sorted(allowed.titles, key=len, reverse=True)
    if not titles:
        return text
    years_of: dict[str, frozenset[str]] = {}
    for title in titles:
        years_of[title.casefold()] = years_of.get(title.casefold(), frozenset()) | allowed.titles[title]
    either = "|".join(re.escape(title) for title in titles)
    pattern = re.compile(
        rf"(?<!\w)(?<!\d[.,])({either})(?!\w|[.,]\d)([”\"]?(?: \((\d{{4}})\))?)", re.IGNORECASE
    )

    def masked(match: re.Match[str]) -> str:
        if match[1].islower() and match[1].casefold() == match[1] and " " not in match[1] and not match[3]:
            return match[0]  # "heat" in passing is the word, not the film
        years = years_of.get(match[1].casefold(), frozenset())
        if match[3] and years and match[3] not in years:
            problems.append(Problem("year", f"{match[1]} ({match[3]})"))
        quote = match[2][:1] if match[2][:1] in ("”", '"') else ""
        known = match[3] is None or match[3] in years
        return f"{_MASK}{quote}" if known else f"{_MASK}{quote} {match[3]}"

    return pattern.sub(masked, text)


def _without_quotes(text: str, allowed: Allowed, problems: list[Problem]) -> str:
    def masked(match: re.Match[str]) -> str:
        quoted = next(group for group in match.groups() if group is not None)
        for piece in re.split(r"…|\.\.\.|" + _MASK, quoted):
            if not allowed.says(piece):
                problems.append(Problem("quote", quoted.strip()))
                break
        return _MASK

    return _QUOTE.sub(masked, text)


def _foreign_titles(text: str, allowed: Allowed) -> Iterator[Problem]:
    """Titles of the catalogue that the plan doesn't hold, where they are written like titles."""
    for chunk in re.split(rf"[.!?;:,“”\"\n()—–{_MASK}]+(?:\s|$)|[“”\"{_MASK}]", text):
        tokens = _WORD.findall(chunk)
        place = 0
        while place < len(tokens):
            longest = 0
            for length in range(min(LONGEST_TITLE, len(tokens) - place), 1, -1):
                group = tokens[place : place + length]
                if _titled(group) and allowed.is_title(" ".join(group)) and not allowed.says(" ".join(group)):
                    yield Problem("title", " ".join(group))
                    longest = length
                    break
            place += max(1, longest)
    for match in re.finditer(r"([^\W\d_][\w'’-]*) \(\d{4}\)", text):
        if match[1][:1].isupper() and allowed.is_title(match[1]) and not allowed.says(match[1]):
            yield Problem("title", match[0])


def _titled(group: Sequence[str]) -> bool:
    """Whether words are written like a title: a capital first, and on every word that isn't small."""
    large = [word for word in group if word.casefold() not in _SMALL]
    return (
        group[0][:1].isupper()
        and bool(large)
        and all(word[:1].isupper() or word[:1].isdigit() for word in large)
    )


def _names(text: str, allowed: Allowed) -> Iterator[Problem]:
    """Names in capitals that nothing behind the reply holds."""
    for sentence in re.split(rf"(?:[.!?…:]+[)”\"]*\s+)|[“”\"\n{_MASK}]", text):
        for match in _CAPITALS.finditer(sentence):
            words = [re.sub(r"['’]s$", "", word) for word in match[0].split()]
            first = not _WORD.search(sentence[: match.start()])
            if words[0][:1].isupper() and not _grounded(words, first, allowed):
                yield Problem("name", " ".join(words))


def _grounded(words: list[str], first: bool, allowed: Allowed) -> bool:
    """Whether a row of capitalised words may stand. The first of a sentence is capitalised anyway, so it
    may be any word, unless it is part of the name of somebody in the facts, now in other company."""
    if allowed.says(" ".join(words)):
        return True
    if first:
        if len(words) > 1 and plain_words(words[0]) in allowed.name_words:
            return False
        words = words[1:]
    words = [word for word in words if word.replace("’", "'").casefold() not in _COMMON]
    return allowed.says(" ".join(words)) or (len(words) == 1 and _of_a_place(words[0], allowed))


def _of_a_place(word: str, allowed: Allowed) -> bool:
    """Whether a word is the adjective of a name that is there: "Japanese" beside "Japan"."""
    if not re.search(r"(?:ese|ish|an|ic|ch|i)$", word):
        return False
    return re.search(rf" {re.escape(word[:4].casefold())}", allowed.corpus) is not None


# ---------------------------------------------------------------- for rendering


def plain_text(text: str, syntax: Literal["markdown", "html"] = "markdown") -> str:
    """The text as it must be written so that a renderer of Markdown (or of HTML) shows exactly it.

    Tags, emphasis, links, images, headings, lists, code and bare addresses all lose their force, wherever
    the catalogue or the person put them. For Markdown the result is still plain to read in its source.
    """
    safe = html.escape(text, quote=True)
    if syntax == "html":
        return safe
    safe = re.sub(r"([\\`*_{}\[\]|~^$])", r"\\\1", safe)
    safe = re.sub(r"(?<=\w):(?=//)", r"\\:", safe)
    safe = re.sub(r"(?i)\b(www)\.", r"\1\\.", safe)
    safe = re.sub(r"(?<=\S)@(?=\S)", r"\\@", safe)
    safe = re.sub(r"(?m)^(\s*)([-+=#])", r"\1\\\2", safe)
    return re.sub(r"(?m)^(\s*\d+)([.)])(?=\s|$)", r"\1\\\2", safe)
