"""Joining, articles, plurals and other small English, for words that come from any catalogue."""

from __future__ import annotations

import re
from collections.abc import Sequence

NUMBERS = (
    "no one two three four five six seven eight nine ten eleven twelve".split()
)  # in words up to twelve, in digits from there on

#: Adjectives that no ending gives away; the endings are in `_ADJECTIVE`.
_ADJECTIVES = frozenset(
    "tense dark sad warm quiet tender bleak epic absurd intense light deep slow fast fresh bright bold"
    " calm wild sharp soft hard cold hot cool sweet bitter sour grim raw grand vast strange odd weird"
    " brave clever simple complex short long loud gentle subtle humble fun modern vintage formal casual"
    " cheap new old young big small large tiny huge strong weak thick thin wide narrow full free open"
    " clean safe rich poor smart smooth rough dry wet round flat cruel kind mild adult urban rural vegan"
    " mature abstract concise beginner advanced intermediate upbeat downbeat offbeat nonlinear surreal"
    " violent silent elegant ancient decent pleasant brilliant independent intelligent feel-good retro"
    " black white red green blue yellow orange purple pink brown grey gray silver gold beige washable"
    " hand-drawn wireless organic mellow solemn scary cosy cozy gory easy spicy juicy crispy crunchy"
    " creamy moody edgy earthy dreamy friendly lively lovely lonely smoky sexy trendy cloudy rainy windy"
    " stormy snowy breezy airy fiery salty tasty nasty dirty dusty rusty healthy wealthy noisy eerie"
    " raunchy satirical sensual sentimental whimsical exciting inspiring moving relaxing uplifting"
    " heartwarming disturbing thrilling charming soothing surprising amusing refreshing".split()
)
#: Endings that nearly always make an adjective. Those in -ing don't: "painting" and "gambling" are themes.
_ADJECTIVE = re.compile(
    r".{2,}(?:ful|less|ous|ish|able|ible|ive|ical|ic|some|like|esque|proof|sweet|([bdfglmnprst])\1y)$"
)
_NOT_ADJECTIVE = frozenset(
    "music magic clinic fabric republic logic comic picnic attic topic traffic ethic mechanic panic epidemic"
    " academic arctic critic detective motive narrative archive executive native table cable vegetable bible"
    " fish dish wish finish polish british puppy bunny mummy daddy nanny hobby lobby harness".split()
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_QUALIFIED = re.compile(r"^(?:based on|inspired by|set in|set on|made in|told in|made by|made of|made for)\b")

#: Kinds of work that come in numbers: "a comedy", where others need the noun ("a horror film").
COUNTABLE_KINDS = frozenset(
    "comedy thriller western drama musical documentary romance mystery biography memoir novel parody"
    " satire tragedy cartoon sitcom ballad anthology fable adventure".split()
)
#: Last words that say what form a work has: "it is a sequel", not "it is about a sequel".
FORMS = frozenset(
    "film movie story sequel prequel remake parody anthology mockumentary novel memoir trilogy series classic"
    " adaptation album compilation guide textbook tale".split()
)
#: Last words of features: "it has a twist ending".
FEATURES = frozenset("ending cast footage soundtrack narrator chapters illustrations location motion".split())
#: Nouns that take an article when they stand alone. Any other noun goes without: a missing article reads
#: better than a wrong one.
COUNT_NOUNS = FORMS | frozenset(
    "heist trip triangle house town wedding affair divorce detective killer submarine disaster journey island"
    " party loop swap conspiracy kidnapping dictatorship revolution marriage city ending cast team family"
    " friendship childhood obsession franchise resistance courtroom prison school university quest".split()
) - frozenset("family friendship childhood marriage divorce obsession".split())
#: Nouns that are spoken of as if there were only one.
THE_NOUNS = frozenset(
    "sea holocaust environment police media desert mountains jungle countryside internet theatre frontier"
    " ocean wilderness past future beach outdoors circus moon".split()
)
#: Set phrases that need other words around them.
IDIOMS = {
    "franchise": "part of a franchise",
    "stop motion": "done in stop motion",
    "one location": "set in one place",
    "black and white": "in black and white",
}
STAND_INS = {"undercover": "undercover work", "ancient world": "the ancient world"}
_THE_PLACES = re.compile(
    r"^(?:United|Netherlands|Philippines|Soviet|Czech Republic|Dominican|Ivory Coast|Bahamas|Gambia|Maldives)"
    r"|\b(?:Union|Republic|Kingdom|States|Emirates|Islands)$"
)


def squeeze(text: str) -> str:
    """The text on one line, with single spaces and without control characters."""
    return " ".join(_CONTROL.sub("", text).split())


def join(parts: Sequence[str], last: str = "and") -> str:
    """`"a, b and c"`; empty parts are left out."""
    kept = [part for part in parts if part]
    if len(kept) < 2:
        return "".join(kept)
    return f"{', '.join(kept[:-1])} {last} {kept[-1]}"


def number_in_words(number: int) -> str:
    """`"four"`, but `"14"`."""
    return NUMBERS[number] if 0 < number < len(NUMBERS) else str(number)


def article(phrase: str) -> str:
    """The phrase with "a" or "an" before it."""
    word = phrase.split()[0].casefold() if phrase.split() else ""
    vowel = bool(re.match(r"[aeiou]|hour|honest|heir|8\d*\b|11\b|18\b", word))
    consonant = re.match(r"uni(?!n)|use|usu|eu|one\b|once\b|ut[aie]", word)
    if re.fullmatch(r"[A-Z]{2,5}\+?", phrase.split()[0]) if phrase.split() else False:
        vowel = phrase[0] in "AEFHILMNORSX"
        consonant = None
    return f"{'an' if vowel and not consonant else 'a'} {phrase}"


def capital(text: str) -> str:
    """The text with a capital first letter; "iPhone" and "3 hours" stay as they are."""
    match = re.match(r"[“\"(]*([^\W\d_]+)", text)
    if not match or any(letter.isupper() for letter in match[1][1:]) or text[:1] in '“"':
        return text
    place = match.start(1)
    return text[:place] + text[place].upper() + text[place + 1 :]


def finish(sentence: str) -> str:
    """The sentence with a full stop, unless it ends in a mark of its own."""
    sentence = squeeze(sentence).rstrip(" ,;:—–-")
    bare = sentence.rstrip("”\"’')")
    if not sentence or sentence.endswith(("?", "!", ".", "…")):
        return sentence
    ended = bare.endswith((".", "!", "?", "…")) and bare != sentence
    return sentence if ended and sentence[len(bare) :].startswith("”") else f"{sentence}."


def is_adjective(value: str) -> bool:
    """Whether a value reads well after "it is": by known words and by endings, so it can be wrong."""
    words = value.casefold().split()
    if not words or _QUALIFIED.match(value.casefold()):
        return bool(words)
    if value.casefold() == "black and white" or value.casefold().endswith("-friendly"):
        return True
    if len(words) > 2 or value[:1].isupper():
        return False
    word = words[-1]
    if word in COUNTABLE_KINDS or word in _NOT_ADJECTIVE:
        return False
    return word in _ADJECTIVES or bool(_ADJECTIVE.match(word)) or bool(re.search(r"-\w+(?:ing|ed)$", word))


def noun_phrase(value: str) -> str:
    """A theme with the article it needs: "a heist", "the sea", "revenge", "trains"."""
    words = value.split()
    if re.fullmatch(r"(?:[A-Z]\w+ )+(?:War|Ages)|Holocaust", value):
        return f"the {value}"
    if not words or value[:1].isupper() or value[:1].isdigit() or words[0].casefold() in ("one", "two"):
        return value
    last = words[-1].casefold()
    if value.casefold() in STAND_INS:
        return STAND_INS[value.casefold()]
    if last in THE_NOUNS and len(words) == 1:
        return f"the {value}"
    return article(value) if last in COUNT_NOUNS else value


def place(value: str) -> str:
    """A place as it stands after "from": "the United States", "Japan"."""
    return f"the {value}" if _THE_PLACES.search(value) and not value.startswith(("the ", "The ")) else value


def plural(noun: str) -> str:
    """The plural of a noun: "comedies", "boxes", "films"; what ends in "s" stays as it is."""
    head, gap, last = noun.rpartition(" ")
    low = last.casefold()
    if low.endswith("s"):
        return noun
    if re.search(r"[^aeiou]y$", low):
        last = f"{last[:-1]}ies"
    else:
        last += "es" if low.endswith(("x", "z", "ch", "sh")) else "s"
    return f"{head}{gap}{last}"


def looks_plural(words: str) -> bool:
    """Whether the last word looks like a plural: "Mossy Solar String Lights"."""
    last = re.sub(r"\W+$", "", words.casefold()).rpartition(" ")[2]
    if last in ("pyjamas", "pajamas", "sunglasses", "glasses"):
        return True
    return len(last) > 3 and last.endswith("s") and not last.endswith(("ss", "us", "is", "as", "os", "news"))
