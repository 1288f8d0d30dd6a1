"""Finds items named in a message: misspelt, without capitals, in part, or by an ordinary word."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from chat.reader.english import english
from chat.reader.spelling import rank
from chat.reader.tokens import Token, plain, shouted, stem, words_of
from chat.reader.vocabulary import Shelf, Vocabulary

ARTICLES = frozenset({"the", "a", "an"})
ROMAN = {"ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
NUMBERING = frozenset({"part", "vol", "volume", "chapter", "episode", "book"})
PIECES = re.compile(r"\s*[:–—(]\s*|\s+-\s+")
BEHIND = frozenset("was is were wasnt isnt has had too already again s by last".split())
QUESTIONS = frozenset("who whos whats when is was does did how which".split())
#: A name this strong needs no help from the words around it; the scale is that of `strength`.
CERTAIN = 2.8


@dataclass(frozen=True, slots=True)
class Named:
    """Items that the words `start:end` name. Several ids: a series, or works that share one name."""

    start: int
    end: int
    ids: tuple[str, ...]
    exact: bool
    score: float


def key_of(words: Sequence[str]) -> tuple[str, ...]:
    """A title for look-up: no leading article, Roman numerals as digits, "&" gone with "and"."""
    kept = [ROMAN.get(word, word) if place else word for place, word in enumerate(words) if word != "and"]
    while len(kept) > 1 and kept[0] in ARTICLES:
        kept.pop(0)
    return tuple(kept)


def strength(words: Sequence[str]) -> float:
    """How little else these words could mean: the more and the rarer they are, the less."""
    content = [word for word in words if word not in ARTICLES]
    total = 0.0
    for word in content:
        place = rank(word)
        total += (
            3.0
            if place > 20_000
            else 2.0
            if place > 5_000
            else 1.2
            if place > 1_500
            else 1.0
            if place > 300
            else 0.2
        )
    if content and all(word in english().filler for word in content):
        total = min(total, 1.0) - 0.8
    return total + (1.0 if len(content) > 1 else 0.0)


class Titles:
    """Every name that an item goes by, and the pieces of names that are enough to mean one."""

    def __init__(self, shelf: Shelf, year_facet: str = "") -> None:
        self._exact: dict[tuple[str, ...], list[str]] = defaultdict(list)
        self._pieces: dict[tuple[str, ...], list[str]] = defaultdict(list)
        self._prefixes: dict[tuple[str, ...], list[str]] = defaultdict(list)
        self._rare: dict[str, list[str]] = defaultdict(list)
        self._written: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.words: set[str] = set()
        self.years: dict[str, str] = {}
        for item in shelf.items:
            if year_facet and item.values(year_facet):
                self.years[item.id] = str(item.values(year_facet)[0])[:4]
            for title in shelf.titles(item):
                self._learn(item.id, title)
        self._longest = (
            max((len(key) for table in (self._exact, self._pieces) for key in table), default=0) + 3
        )

    def _learn(self, item_id: str, title: str) -> None:
        words = words_of(title)
        if not words:
            return
        self.words.update(words)
        key = key_of(words)
        owned = key_of(words_of(re.sub(r"['’]s\b", "s", title)))  # "oceans eleven"
        keys = {key, owned, tuple(word for word in key if word not in NUMBERING) or key}
        if len(key) <= 3 and (len(title.split()) < len(words) or max(map(len, key)) > 3):
            keys.add(("".join(key),))  # "spiderman", "walle"
        for form in keys:
            self.words.update(form)
            if item_id not in self._exact[form]:
                self._exact[form].append(item_id)
        pieces = [key_of(words_of(piece)) for piece in PIECES.split(title)]
        if len(pieces) > 1:
            for piece in pieces:
                for form in {piece, ("".join(piece),)} if len(piece) == 2 else {piece}:
                    self.words.update(form)
                    if form and item_id not in self._pieces[form]:
                        self._pieces[form].append(item_id)
        for length in range(2, len(key)):
            says = any(word not in english().filler for word in key[:length])  # "I love" names nothing
            if rank(key[length - 1]) > 100 and says:
                self._prefixes[key[:length]].append(item_id)
        for start in range(1, len(key) - 1):  # "headlamp pro" of "Tern Headlamp Pro"
            rare = any(word.isdigit() or rank(word) > 20_000 for word in key[start:])
            if rank(key[start]) > 300 and rare:
                self._prefixes[key[start:]].append(item_id)
        for word in set(key):
            if rank(word) > 20_000 and len(word) > 3:
                self._rare[word].append(item_id)
        flat = plain(" ".join(key))
        self._written[flat[:1]].append((flat, item_id))

    def at(self, words: Sequence[str], start: int) -> list[tuple[int, tuple[str, ...], bool]]:
        """Every reading of the words from `start` as a name: (length, ids, whole title?), longest first."""
        found: list[tuple[int, tuple[str, ...], bool]] = []
        for length in range(min(self._longest, len(words) - start), 0, -1):
            key = key_of(words[start : start + length])
            if (words[start] in ARTICLES and length == 1) or words[start + length - 1] == "and":
                continue
            if words[start] == "and":
                continue
            if key in self._exact:
                found.append((length, tuple(self._exact[key]), True))
            elif key in self._pieces and strength(key) >= 2:
                found.append((length, tuple(self._pieces[key]), False))
            elif (
                len(key) > 1
                and key in self._prefixes
                and (len(self._prefixes[key]) > 1 or strength(key) >= CERTAIN)
            ):
                found.append((length, tuple(self._prefixes[key]), False))
            elif len(key) == 1 and key[0] in self._rare and len(self._rare[key[0]]) <= 8:
                found.append((length, tuple(self._rare[key[0]]), False))
        return found

    def ids(self, title: str) -> tuple[str, ...]:
        """The ids of everything that goes by exactly this name."""
        return tuple(self._exact.get(key_of(words_of(title)), ()))

    def dated(self, named: Named, tokens: Sequence[Token]) -> Named:
        """The name with the year that stands right behind it, "Heat (1995)" or "Heat 1995": it is part of
        the name, and tells which of several works is meant. A year in brackets may be off by one."""
        after = [token.norm for token in tokens[named.end : named.end + 3]]
        bracketed = len(after) == 3 and after[0] in "([" and after[2] in ")]" and after[1].isdigit()
        year = after[1] if bracketed else after[0] if after else ""
        if len(year) != 4 or not year.isdigit():
            return named
        end = named.end + (3 if bracketed else 1)
        ids = tuple(item_id for item_id in named.ids if self.years.get(item_id) == year)
        if not ids and bracketed:
            near = (str(int(year) - 1), str(int(year) + 1))
            ids = tuple(item_id for item_id in named.ids if self.years.get(item_id) in near)
        return replace(named, end=end, ids=ids) if ids else named

    def holds(self, text: str) -> bool:
        """Whether `text` is the name of something, word by word."""
        return key_of(words_of(text)) in self._exact

    def close_to(self, text: str) -> tuple[str, ...]:
        """The ids of the items whose title is spelt nearly like `text`; empty where nothing is near."""
        flat = " ".join(key_of(words_of(text)))
        if len(flat) < 5:
            return ()
        near = [
            (fuzz.ratio(flat, title, score_cutoff=86), item_id)
            for title, item_id in self._written.get(flat[:1], ())
            if abs(len(title) - len(flat)) <= 3
        ]
        best = max((score for score, _ in near), default=0.0)
        return tuple(dict.fromkeys(item_id for score, item_id in near if score and score == best))


class Surroundings:
    """What the words around a possible name say for it."""

    def __init__(
        self, tokens: Sequence[Token], titles: Titles, vocabulary: Vocabulary, recent: frozenset[str]
    ) -> None:
        self.tokens = tokens
        self.titles = titles
        self.numbers = {token.norm for token in tokens if token.kind == "number"}
        self.words = [token.norm for token in tokens]
        self.vocabulary = vocabulary
        self.recent = recent
        self.shouted = shouted(tokens)
        self.question = bool({"?", "which"} & set(self.words) or self._asks())
        self.word_count = sum(token.kind != "mark" for token in tokens)

    def _asks(self) -> bool:
        """Whether a sentence begins with a question word."""
        starts = [0, *(place + 1 for place, word in enumerate(self.words) if word in (".", "!", ","))]
        return any(word in QUESTIONS for start in starts for word in self.words[start : start + 1])

    def score(self, start: int, end: int, ids: Sequence[str], whole: bool) -> float:
        """How surely the words `start:end` name these items; compare with `CERTAIN`."""
        tokens, words = self.tokens, self.words
        content = [token for token in tokens[start:end] if token.kind != "mark"]
        written = [token.norm for token in content]
        score = strength(written) - (0.0 if whole else 0.4 if len(written) > 1 else 0.2)
        plainly = all(word in english().filler for word in written)
        if whole and len(written) > 1 and written[0] == "the":
            score += 0.6
        mended = sum(token.written != token.norm for token in content if token.kind == "word")
        score -= 0.4 * mended
        previous = words[start - 1] if start else ""
        before = words[start - 2] if start > 1 else ""
        following = tokens[end] if end < len(tokens) else None
        bounded = (
            following is None
            or following.kind == "mark"
            or (english().clauses.at(words, end) is not None or following.norm in BEHIND)
        )
        opening = start == 0 or (tokens[start - 1].kind == "mark" and tokens[start - 1].norm in ".!?")
        capitals = [
            token for token in content if token.norm not in ARTICLES and token.norm not in ("of", "and", "in")
        ]
        if capitals and all(token.capital for token in capitals if token.kind == "word") and not self.shouted:
            has_word = any(token.kind == "word" for token in capitals)
            inside = 2.6 if plainly else 1.8
            score += (0.7 if opening else inside) if has_word else 0.0
        if previous in "\"'*_" and previous and following is not None and following.norm in "\"'*_":
            score += 3.0
        named = bool(previous) and self._introduces(previous)
        if named:
            score += 1.2 + (0.7 if bounded else 0.0)
        elif previous in ARTICLES and self._introduces(before):
            score += 0.6
        if previous in ("film", "movie", "book", "called", "titled", "named", "show", "song", "album"):
            score += 1.8
        if following is not None and following.norm in ("film", "movie") and previous != "a":
            score += 0.3
        if any(item_id in self.recent for item_id in ids):
            score += 1.5
        if self.question and start == 0 and bounded and not plainly:
            score += 1.2  # "Heat or Ronin?"
        if (
            self.question
            and previous
            and not plainly
            and (bounded or previous in ("is", "was", "does", "are", "for", "of", "in", "about"))
        ):
            score += 1.7
        if any(self.titles.years.get(item_id) in self.numbers - set(written) for item_id in ids):
            score += 2.0
        if end - start == len(tokens) or len(content) == self.word_count:
            score += 1.6
        score -= self._value_doubt(start, end) + self._surname_doubt(start, end)
        score -= self._more_doubt(start, end) + self._hyphen_doubt(start, end)
        if any(
            english().has(english().questions, "about", self.words, begin) + begin == start
            for begin in range(max(0, start - 4), start)
        ):
            score += 2.0
        if words[end : end + 2] in (["i", "mean"], ["i", "meant"]):
            score += 2.0
        if all(token.kind == "number" for token in content):
            score -= 1.0 if named and bounded else 3.0
        return score

    def _introduces(self, word: str) -> bool:
        found = english().cues.at([word], 0)
        return bool(found and "title" in found[1])

    def _surname_doubt(self, start: int, end: int) -> float:
        """How much one capital word sounds like a first name, as another follows that is no title."""
        if end - start > 1 or end >= len(self.tokens) or self.shouted:
            return 0.0
        follower = self.tokens[end]
        named = self.tokens[start].capital and follower.capital and follower.kind == "word"
        return 2.5 if named and len(follower.text) > 1 and not self.titles.holds(follower.norm) else 0.0

    def _more_doubt(self, start: int, end: int) -> float:
        """How much the words sound like a wish for others, after a list: "Others?" is no "The Others"."""
        found = english().acts.at(self.words, start)
        return 4.0 if found and "more" in found[1] and found[0] >= end - start and self.recent else 0.0

    def _hyphen_doubt(self, start: int, end: int) -> float:
        """How much a name would tear a hyphenated word apart: no "Burning" in "slow-burning"."""
        torn = any(
            0 < place < len(self.tokens)
            and self.tokens[place].glued
            and self.tokens[place].kind == "word"
            and self.tokens[place].norm != "s"
            and self.tokens[place - 1].kind == "word"
            for place in (start, end)
        )
        return 4.0 if torn else 0.0

    def _value_doubt(self, start: int, end: int) -> float:
        """How much the words sound like a facet value instead: less where they aren't spelt as it is."""
        found = self.vocabulary.value_at(self.words, start)
        if not found or found[0] < end - start:
            return 0.0
        spelt = any(words_of(meaning.value) == tuple(self.words[start:end]) for meaning in found[1])
        return 0.8 if spelt or end - start > 1 else 0.3


def find_titles(
    tokens: Sequence[Token], titles: Titles, vocabulary: Vocabulary, recent: frozenset[str]
) -> list[Named]:
    """Every item named in a message, surest and longest first, without overlaps.

    A name made of ordinary words counts only where its surroundings speak for it: capitals, quotes, "have
    you seen …", a neighbour in a list that is certainly a title.
    """
    around = Surroundings(tokens, titles, vocabulary, recent)
    words = [token.norm if token.kind != "mark" else "\0" for token in tokens]
    # "The Good, the Bad and the Ugly": a comma doesn't end a name, nor does a genitive ("The Devil's Own")
    places = [place for place, word in enumerate(words) if word not in ("\0", "s")]
    flat = [words[place] for place in places]
    possible: list[Named] = []
    for first, start in enumerate(places):
        for length, ids, whole in titles.at(flat, first):
            end = places[first + length - 1] + 1
            marks = {token.norm for token in tokens[start:end] if token.kind == "mark"}
            if marks and (not whole or not marks <= {",", ":", "-", "&", "."}):
                continue
            if not whole and vocabulary.value_at(words, start):
                continue  # a brand in many titles, and the like
            score = around.score(start, end, ids, whole)
            possible.append(titles.dated(Named(start, end, ids, whole, score), tokens))
    possible.sort(key=lambda named: (-(named.score >= CERTAIN), -(named.end - named.start), -named.score))
    chosen: list[Named] = []
    for named in possible:
        if named.score >= CERTAIN and not any(overlap(named, other) for other in chosen):
            chosen.append(named)
    for named in possible:  # "Heat, Ronin and Collateral": a neighbour in a list lends its certainty
        near = named.score + 2.0 >= CERTAIN and named.score > 0.5
        free = not any(overlap(named, other) for other in chosen)
        if near and free and any(listed(named, other, words) for other in chosen):
            chosen.append(named)
    chosen += list(_misspelt(tokens, titles, chosen))
    return sorted(chosen, key=lambda named: named.start)


def overlap(one: Named, other: Named) -> bool:
    """Whether two names share a word."""
    return one.start < other.end and other.start < one.end


def listed(one: Named, other: Named, words: Sequence[str]) -> bool:
    """Whether only a comma, "and", "or" or "vs" stands between two names."""
    first, second = sorted((one, other), key=lambda named: named.start)
    between = [word for word in words[first.end : second.start] if word not in ARTICLES]
    return 0 < len(between) <= 2 and all(word in ("\0", "and", "or", "vs", "versus", "n") for word in between)


def _misspelt(tokens: Sequence[Token], titles: Titles, chosen: Sequence[Named]) -> Iterable[Named]:
    """Names after "seen", "like", "called" … whose every word is English but whose spelling is off."""
    taken = {place for named in chosen for place in range(named.start, named.end)}
    for place, token in enumerate(tokens[:-1]):
        cue = english().cues.at([token.norm], 0)
        listed_on = token.norm in ("and", "or") and place - 1 in taken
        introduces = cue is not None and "title" in cue[1] and token.norm not in ("is", "was", "to", "as")
        if not (introduces or listed_on):
            continue
        run = place + 1
        while run < len(tokens) and tokens[run].kind != "mark" and run not in taken and run - place <= 7:
            run += 1
        for end in range(run, place + 1, -1):
            text = " ".join(piece.written for piece in tokens[place + 1 : end] if piece.norm != "s")
            if all(piece.norm in english().filler for piece in tokens[place + 1 : end]):
                continue
            if end - place == 2 and rank(tokens[place + 1].written) < 8_000 and stem(tokens[place + 1].norm):
                continue
            ids = titles.close_to(text)
            if ids and not titles.holds(text):
                yield Named(place + 1, end, ids, True, CERTAIN)
                taken |= set(range(place + 1, end))
                break
