"""What an answer to a short prompt may be, for decoding that is held to it: nothing else can be written.

A small model that sees a list of tokens to choose from can't misspell a name, drop an item or quote what
nobody said; what is left to it is to choose well. Only text is made here: a JSON schema for readings, a
grammar in llguidance's Lark dialect for replies (https://github.com/guidance-ai/llguidance).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

from prompts.read import reading_schema
from prompts.short import (
    LAST_CHARS,
    SAYS,
    SHOWN,
    TITLE_CHARS,
    TITLES,
    ShortBrief,
    all_slots,
    copied_first,
    slots,
    spellings_in,
    words_in,
)
from prompts.template import neutralise, shorten
from retrieval.items import Facet, Item
from retrieval.lexical import STOP_WORDS

#: Words in a row that a reading quotes, or takes a subject from.
QUOTE_WORDS, SUBJECT_WORDS = 12, 8
#: Values that are offered share so many letters at the beginning of a word with the message: held to a choice
#: among all there are, a small model makes a wild one.
BEGINNING = 4

_NUMBER = r"-?\d{1,9}(?:\.\d{1,3})?"
_TOKEN = re.compile(r"[#$€£¥]?\w+(?:['’.,&/-]\w+)*|[$€£¥]")


# --- readings -----------------------------------------------------------------------------------------------


def short_reading_schema(
    facets: Sequence[Facet],
    message: str = "",
    shown: Sequence[Item] = (),
    values: Mapping[str, Iterable[str]] | None = None,
) -> dict[str, Any]:
    """The JSON schema of a reading as `prompts.short.reading_text` writes it.

    With `message`, quotes are words of it in a row, and a subject is such words, a limit in numbers, the
    title of an item `shown`, or one of the `values` of its facet that share a word's beginning with it.
    """
    schema = reading_schema(facets)
    parts = schema["$defs"]
    for name in ("_Interest", "_Mention", "_Retraction"):
        parts[name]["properties"] = copied_first(parts[name]["properties"])
    kind = parts["_Interest"]["properties"]["kind"]
    kind["enum"] = [f" {name}" for name in kind["enum"]]
    said = shorten(neutralise(message), LAST_CHARS)
    quote = _runs(said, QUOTE_WORDS)
    if not quote:
        return schema
    for name in ("_Interest", "_Mention", "_Retraction"):
        parts[name]["properties"]["quote"] = _text(quote)
    held = {name: _near(said, list(filter(None, all_values))) for name, all_values in (values or {}).items()}
    subjects = dict(_subjects(facets, _runs(said, SUBJECT_WORDS), shown, held))
    interest, retraction = parts["_Interest"], parts["_Retraction"]
    parts["_Interest"] = {
        "anyOf": [_with(interest, subject=_text(one), kind=_one(kind)) for kind, one in subjects.items()]
    }
    parts["_Retraction"] = {
        "anyOf": [
            _with(retraction, kind={"const": ""}, value={"const": ""}),
            *(_with(retraction, kind=_one(kind), value=_text(one, "?")) for kind, one in subjects.items()),
        ]
    }
    asked = [f" {facet.name}" for facet in facets]
    schema["properties"] |= {
        "asked": {"enum": ["", *asked]},
        "asked_value": _text("|".join(subjects[facet.name] for facet in facets), "?"),
    }
    if not shown:
        schema["properties"]["mentions"] = {"type": "array", "maxItems": 0}
    else:
        parts["_Mention"]["properties"]["number"]["maximum"] = min(len(shown), SHOWN)
    return schema


def _subjects(
    facets: Sequence[Facet], said: str, shown: Sequence[Item], values: Mapping[str, Sequence[str]]
) -> Iterable[tuple[str, str]]:
    """For each kind of interest the pattern that its subject keeps to."""
    for facet in facets:
        held = values.get(facet.name, ())
        if facet.kind in ("number", "date"):
            unit = f"(?: {re.escape(neutralise(facet.unit))})?" if facet.unit else ""
            limits = f"(?:at most|at least|around) {_NUMBER}{unit}|{_NUMBER} to {_NUMBER}{unit}|\\d{{4}}s"
            yield facet.name, f"{limits}|{said}"
        elif facet.kind == "category" and held:
            yield facet.name, "|".join([*(_spelled(neutralise(value)) for value in held), said])
        else:
            yield facet.name, said
    titles = [shorten(neutralise(item.title), TITLE_CHARS) for item in shown[:SHOWN]]
    yield "item", "|".join([*(_spelled(title) for title in titles if title), said])
    yield "text", said


def _near(said: str, values: Sequence[str]) -> Sequence[str]:
    """The values that a message may well mean."""
    begun = {word[:BEGINNING] for word in words_in(said) - STOP_WORDS}
    return [value for value in values if begun & {word[:BEGINNING] for word in words_in(value)}]


def _with(part: Mapping[str, Any], **properties: dict[str, str]) -> dict[str, Any]:
    return {**part, "properties": {**part["properties"], **properties}}


def _one(kind: str) -> dict[str, str]:
    return {"const": f" {kind}"}


def _text(pattern: str, times: str = "") -> dict[str, str]:
    return {"type": "string", "pattern": f"^(?: (?:{pattern})){times}$"}


def _runs(text: str, most: int) -> str:
    """A regular expression for one to `most` words of the text in a row; empty where it has none."""
    found = list(_TOKEN.finditer(text))
    out: dict[str, None] = {}
    for start in range(len(found)):
        pattern = ""
        for place in range(min(start + most, len(found)) - 1, start - 1, -1):
            between = text[found[place - 1].end() : found[place].start()] if place > start else ""
            pattern = _spelled(between + found[place][0]) + (f"(?:{pattern})?" if pattern else "")
        out[pattern] = None
    return "|".join(out)


# --- replies ------------------------------------------------------------------------------------------------


#: What stands between words: one space at most, and marks. A lexeme is as long as it can be and is never
#: shortened again, so none may go on with the first byte of a mark that another begins with.
_BETWEEN = {
    "SPACE": '" "', "MARK": "/[,;:)]+/", "DASH": "/[&—–]/", "PAREN": '"("',
    "OPEN": '"“"', "CLOSE": "/[.,!?]?”/", "POSS": "/'s?/",
}  # fmt: skip
_RULES = (
    "gap: SPACE (DASH SPACE | PAREN)?",
    "within: MARK? gap",
    "full: MARK? STOP+ MARK? gap",
    "sep: within | full | full FIRST sep",
    "final: MARK? STOP",
)
_I = re.compile(r"^i(?=$|')")
_ANY_WORD = r"[^\W\d_]+(['-][^\W\d_]+)*"


@dataclass(frozen=True, slots=True)
class Grammar:
    """A grammar in llguidance's Lark dialect, and the tokens of which an answer holds each once at most."""

    lark: str
    once: tuple[str, ...] = ()


def reply_grammar(brief: ShortBrief, last: str, spoken: Collection[str] = ()) -> Grammar:
    """The grammar of the replies that a brief allows.

    A list names every item once and in order, and what is told of an item, in the slots of its values, stands
    behind its name or before it in the same sentence. Words are those `spoken` (in lower case; none: any
    word), less those that tell a fact. Words of the person (`last`) are said before any item is named, or
    quoted: the wishes that items meet, whole. What was asked of an item is told, and nothing twice. A
    question is asked only where the brief holds one, or nothing is recommended or compared.
    """
    last = neutralise(last[:LAST_CHARS])
    wishes = [neutralise(tie.words) for entry in brief.entries for tie in entry.ties]
    wishes = list(dict.fromkeys(wish for wish in wishes if wish))
    texts = (last, *brief.likes, *brief.dislikes, *wishes, brief.asked, brief.question)
    lists = brief.move == "recommend" and bool(brief.entries)
    terminals = {**_words(brief, [neutralise(text) for text in texts], spoken, not lists), **_BETWEEN}
    asks = brief.question or brief.move not in ("recommend", "compare")
    terminals["STOP"] = "/[.!?]+|…/" if asks else "/[.!]+|…/"
    met = [neutralise(tie.words) for entry in brief.entries for tie in entry.ties if tie.like is None]
    quotes = "|".join(re.escape(wish) for wish in dict.fromkeys(met) if wish) or _runs(last, QUOTE_WORDS)
    if quotes:
        terminals["SAID"] = f"/{_slashed(quotes)}/"

    titles = TITLES[: len(brief.titles)]
    told = ["TOLD"] if "TOLD" in terminals else []
    rules = list(_RULES)
    if lists:
        rules.append(f"lead: {_unit(terminals, titles, (), told)}")
        body = "(FIRST sep)? (lead sep)*"
        for place, entry in enumerate(brief.entries, start=1):
            own = [f"{place}{letter}" for letter in slots(entry)]
            like = [TITLES[tie.like] for tie in entry.ties if tie.like is not None]
            rules.append(f"of{place}: {_unit(terminals, like, own, ())}")
            # What is told of an item stands behind its name, or before it in the same sentence; a sentence
            # that names the next one too tells nothing of this one before it has named it.
            before = f"(of{place} within)*"
            if place > 1:
                body += f" (within | more{place - 1} full (FIRST within)? {before})"
            else:
                body += f" {before}"
            body += f' "[{place}]" POSS? (within of{place})*'
            rules.append(f"more{place}: (full (FIRST within)? of{place} (within of{place})*)*")
        body += f" more{len(brief.entries)}"
    else:
        named = [f'"[{place + 1}]" POSS?' for place in range(len(brief.entries))]
        wanted = _wanted(brief)
        every = [slot for slot in sorted(all_slots(brief)) if len(slot) == 2]
        if brief.asked and wanted:
            every = [slot for slots in wanted for slot in slots]
        rules.append(f"any: {_unit(terminals, titles, every, [*told, *named])}")
        for place, slots_of_one in enumerate(wanted):
            either = " | ".join(f'"[{slot}]"' for slot in slots_of_one)
            rules.append(f"wanted{place}: ({either}) POSS? | OPEN ({either}) CLOSE")
        orders = permutations(f"wanted{place}" for place in range(len(wanted)))
        body = " | ".join(f"(any sep)* {' (sep any)* sep '.join(one)} (sep any)*" for one in orders)
        body = f"({body})" if wanted else "any (sep any)*"
    lexemes = (f"{name}: {pattern}" for name, pattern in terminals.items())
    lark = "\n".join([f"start: {body} final", *rules, *lexemes, ""])
    return Grammar(lark, tuple(f"[{slot}]" for slot in sorted(all_slots(brief)) if len(slot) == 2))


def _words(
    brief: ShortBrief, texts: Sequence[str], spoken: Collection[str], any_case: bool
) -> dict[str, str]:
    """The words that may be said anywhere, those of the person that may be said of no item, and those that
    begin a sentence. Unless `any_case`, only the latter have capitals that are nobody's."""
    if not spoken:
        return {"WORD": f"/{_ANY_WORD}/", "FIRST": f"/{_ANY_WORD}/"}
    facts = [fact for one in brief.entries for fact in (*(tie.fact for tie in one.ties), *one.facts)]
    catalogue = words_in(f"{brief.noun} {brief.nouns} {brief.verb}")
    telling = words_in(" ".join(fact.value for fact in facts if not fact.exact)) - STOP_WORDS - catalogue
    own = (set(spoken) - telling) | catalogue | words_in(" ".join(fact.label for fact in facts))
    written = spellings_in(" ".join(texts))
    told = set(written) - own
    words = {"WORD": _either(own, written, any_case), "FIRST": _either(own | told, {}, True)}
    words |= {"TOLD": _either(told, written, any_case)} if told else {}
    return {name: f"/{either}/" for name, either in words.items()}


def _wanted(brief: ShortBrief) -> list[list[str]]:
    """What a reply about one item or two has to tell of each: what was asked, or the passage there is."""
    label = brief.asked.split(":")[0] or SAYS
    found = [
        [f"{place}{letter}" for letter, fact in slots(entry).items() if fact.label == label]
        for place, entry in enumerate(brief.entries, start=1)
    ]
    return [letters for letters in found if letters]


def _unit(
    terminals: Mapping[str, str], titles: Sequence[str], facts: Sequence[str], more: Sequence[str]
) -> str:
    """One word, slot or quotation: the alternatives of a rule."""
    parts = ["WORD", *more, *(f'"[{slot}]" POSS?' for slot in (*titles, *facts))]
    inside = [*(["SAID"] if "SAID" in terminals else []), *(f'"[{slot}]"' for slot in facts)]
    return " | ".join([*parts, *([f"OPEN ({' | '.join(inside)}) CLOSE"] if inside else [])])


def _either(words: Iterable[str], written: Mapping[str, Collection[str]], any_case: bool) -> str:
    """Any of these words in lower case, or as it is `written` somewhere; with `any_case` each also with a
    capital."""
    forms = {form for word in words for form in (word, *written.get(word, ()))}
    forms = {_I.sub("I", form.replace("’", "'")) for form in forms}
    return "|".join(sorted(_spelled(form) if any_case else re.escape(form) for form in forms))


def _spelled(text: str) -> str:
    """A pattern for a text whose words may each begin with a small letter or a capital."""
    out = ""
    for place, letter in enumerate(text):
        begins = place == 0 or not text[place - 1].isalnum()
        forms = {letter, letter.lower(), letter.upper()} if begins and letter.isalpha() else {letter}
        single = sorted(one for one in forms if len(one) == 1)
        out += f"[{''.join(single)}]" if len(single) > 1 else re.escape(letter)
    return out


def _slashed(pattern: str) -> str:
    """A pattern as it stands between slashes in a grammar."""
    return re.sub(r"(?<!\\)/", r"\/", pattern)
