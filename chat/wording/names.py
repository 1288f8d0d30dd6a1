"""How items are named and how people and descriptions are quoted: always in words that are really there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chat.wording.catalogue import CatalogueWords
from chat.wording.facts import number_of
from chat.wording.grammar import join as joined
from chat.wording.grammar import looks_plural, squeeze
from prompts.dialogue import Interest
from retrieval.items import Item

#: Titles longer than this many characters are cut at a word.
LONGEST_TITLE = 80
#: Signs of markup, addresses and templates: what holds any of them is not quoted.
UNFIT = re.compile(
    r"[<>{}\[\]|`\\*_#“”\"?\n]|://|www\.|\w\.(?:com|org|net|example|io)\b|system:|instruction", re.I
)
_WITH_YEAR = re.compile(r"\(\d{4}\)$")
_DANGLING = re.compile(
    r"^(?:when|while|after|before|as|if|although|though|because|since|until|once|for|in|on|at|by|with|from|under"
    r"|told|set|sent|left|based|back|despite|\w+ing|\w+ed)\b",
    re.IGNORECASE,
)
_BREAK = re.compile(r"[;:]|, (?:and|but|yet|so|until|while|whose|who|where|which|then|as)\b| – | — ")
_SENTENCE = re.compile(r"(?<=[.!…])[”\"]?\s+(?=[“\"]?[A-Z0-9])")


def year_of(item: Item, words: CatalogueWords) -> str:
    """The item's year, or ""."""
    facet = words.role("year")
    number = number_of(item.values(facet.name)[0]) if facet and item.values(facet.name) else None
    return "" if number is None else f"{number:.0f}"


def name(item: Item, words: CatalogueWords) -> str:
    """`Heat (1995)`; in quotes where a bare title would be lost in a sentence."""
    return named(item.title, year_of(item, words), words.works)


def named(title: str, year: str = "", work: bool = True) -> str:
    """A title, cut where it is very long; quoted where it would be misread among other words."""
    title = squeeze(title)
    if len(title) > LONGEST_TITLE:
        title = title[:LONGEST_TITLE].rpartition(" ")[0].rstrip(" ,;:.–—-") or title[:LONGEST_TITLE]
        title += "…"
    plain = title[:1].isupper() or title[:1].isdigit()
    ends = title.endswith((".", "?", "!", "…", ",", ":", ";")) and not year
    odd = ends or re.search(r"[<>\[\]{}]|[.?!;] ", title)
    short = work and " " not in title and not year
    if (not plain or odd or short or (len(title.split()) > 9 and not year)) and not re.search("[“”]", title):
        title = f"“{title}”"
    return f"{title} ({year})" if year else title


def subject_of(interest: Interest) -> str:
    """The name of an item that somebody feels something about."""
    subject = squeeze(interest.subject or interest.value)
    return subject if _WITH_YEAR.search(subject) else named(subject)


def is_plural(item: Item, words: CatalogueWords) -> bool:
    """Whether a verb after the item's name is plural: "Mossy Garden Gloves are"; a work never is."""
    return words.verb == "get" and looks_plural(item.title)


def names(items: Sequence[Item], words: CatalogueWords) -> str:
    """`A (1990), B (2001) and C (1977)`."""
    return joined([name(item, words) for item in items])


def quotable(text: str, most_words: int = 9) -> bool:
    """Whether words may be repeated in quotes: short, and without markup, addresses or questions."""
    text = squeeze(text)
    return 0 < len(text.split()) <= most_words and len(text) <= 12 * most_words and not UNFIT.search(text)


def sentences(text: str) -> list[str]:
    """The sentences of a description."""
    return [part for part in (squeeze(piece) for piece in _SENTENCE.split(squeeze(text))) if part]


def passage(item: Item, most_words: int) -> str:
    """A telling passage of an item's description, in quotes and verbatim; "" where none is short enough."""
    for sentence in sentences(item.text)[:1]:  # later ones lean on what went before
        cut = shortened(sentence, most_words)
        if cut:
            return f"“{cut}”"
    return ""


def shortened(sentence: str, most_words: int) -> str:
    """The sentence, or its first main clause, within so many words and verbatim; "" where that can't be."""
    if UNFIT.search(sentence) or sentence.isupper():
        return ""
    if 4 <= len(sentence.split()) <= most_words:
        return sentence
    cuts = [match.start() for match in _BREAK.finditer(sentence)]
    for cut in reversed(cuts):
        head = sentence[:cut]
        if (
            5 <= len(head.split()) <= most_words
            and not _DANGLING.match(head)
            and head.count("(") == head.count(")")
        ):
            return head
    return ""


def around(sentence: str, wanted: str, most_words: int) -> str:
    """The part of a sentence that bears out `wanted`, in quotes, verbatim, with "…" where it was cut."""
    if UNFIT.search(sentence):
        return ""
    tokens = squeeze(sentence).split()
    if len(tokens) <= most_words:
        return f"“{' '.join(tokens)}”"
    stems = {word[:5] for word in re.findall(r"\w{3,}", wanted.casefold())}
    hits = [i for i, token in enumerate(tokens) if re.sub(r"\W", "", token.casefold())[:5] in stems]
    middle = hits[len(hits) // 2] if hits else 0
    start = max(0, min(middle - most_words // 2, len(tokens) - most_words))
    stops = [i + 1 for i in range(start, middle) if tokens[i].endswith((",", ";", ":"))]
    start = stops[0] if stops else (0 if start < 4 else start)
    end = min(len(tokens), start + most_words)
    stops = [i for i in range(max(middle, start + 3), end) if tokens[i].endswith((",", ";", ":", "."))]
    end = stops[-1] + 1 if stops else end
    cut = " ".join(tokens[start:end]).rstrip(",;:")
    return f"“{'… ' if start else ''}{cut}{'' if end >= len(tokens) else ' …'}”"
