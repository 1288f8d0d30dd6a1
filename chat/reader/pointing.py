"""Words that point at items on the table: "the second one", "that", "both", "the French one"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from chat.reader.context import ReadContext
from chat.reader.elements import Thing
from chat.reader.english import english
from chat.reader.numerals import number_of
from chat.reader.scales import scale_of
from chat.reader.scope import COPULA
from chat.reader.tokens import Token
from chat.reader.vocabulary import Vocabulary
from retrieval.items import Item

#: After "that" these words show that it stands alone, and doesn't open a clause ("a film that …").
ALONE = frozenset(
    "is was s looks sounds seems one but for too instead please or and already because though if as then in "
    "at".split()
)
#: After these "that" opens a clause about them: "not so many that's part of a franchise".
RELATED = frozenset("many much few one ones something anything someone stuff things thing all".split())
NUMBERED = frozenset({"number", "no", "nr", "option", "pick", "film", "movie", "item", "#"})


def options(context: ReadContext) -> tuple[Item, ...]:
    """What "the second one" counts through: the list on the table, or else what was last spoken of."""
    return context.shown or context.focus


def pointed_things(
    tokens: Sequence[Token],
    context: ReadContext,
    things: Sequence[Thing],
    vocabulary: Vocabulary,
    asked: Sequence[Item],
    same: Sequence[Item] = (),
) -> Iterable[Thing]:
    """Every pointing phrase with the items that it means. `asked` are the options of an open "which?",
    `same` the works that share the name of the one in focus."""
    words = [token.norm if token.kind != "mark" or token.norm == "#" else "\0" for token in tokens]
    table = asked or options(context)
    last: tuple[str, ...] = ()
    reached = 0
    for start in range(len(words)):
        if start < reached:
            continue
        found = (
            _ordinal(words, start, table)
            or _numbered(words, start, table)
            or _bare_numbers(words, start, table)
            or _described(words, start, table, things, vocabulary)
            or _described(words, start, same, things, vocabulary)
            or _pronoun(words, start, context, table, last or _named_before(start, things))
        )
        if found:
            end, items = found
            ids = tuple(item if isinstance(item, str) else item.id for item in items)
            if len(ids) == 1:
                last = ids
            reached = end
            yield Thing(start, end, "item", ids, pointed=True)


def _skip_noun(words: Sequence[str], end: int) -> int:
    if end < len(words) and english().has(english().pointing, "noun", words, end):
        return end + 1
    return end


def _ordinal(words: Sequence[str], start: int, table: Sequence[Item]) -> tuple[int, Sequence[Item]] | None:
    """ "The first", "the last one", "first two", "the 2nd and 3rd" (one at a time)."""
    if not table:
        return None
    if words[start].isdigit() and words[start + 1 : start + 2] in (["st"], ["nd"], ["rd"], ["th"]):
        number = int(words[start])
        return (
            (_skip_noun(words, start + 2), table[number - 1 : number]) if 0 < number <= len(table) else None
        )
    if words[start] not in english().ordinals:
        return None
    before = words[start - 1] if start else ""
    after = words[start + 1] if start + 1 < len(words) else "\0"
    count = english().number_words.get(after, int(after) if after.isdigit() and int(after) < 10 else 0)
    noun = english().has(english().pointing, "noun", words, start + 1)
    if (
        words[start] in ("last", "first", "top", "final")
        and 0 < count <= len(table)
        and before not in ("my", "past")
    ):
        items = table[-count:] if words[start] in ("last", "final") else table[:count]
        return _skip_noun(words, start + 2), items
    number = english().ordinals[words[start]]
    bare = before in ("the", "your", "that") or start == 0 or before in ("and", "or")
    if words[start] == "last" and not noun and after != "\0":
        return None  # "last night", "the last ten years"
    if words[start] in ("second", "first", "last", "final", "top") and not (bare or noun):
        return None
    asked = before == "the" and bool({"is", "was", "are", "does"} & set(words[:start]))
    if not noun and not asked and after not in ("\0", "s") and after not in ALONE | english().filler:
        return None  # "first love", "the third man"
    if words[start] in ("last", "final"):
        return _skip_noun(words, start + 1), table[-1:]
    if words[start] == "top" and not noun:
        return None
    if number > len(table):
        return None
    return _skip_noun(words, start + 1), table[number - 1 : number]


def _numbered(words: Sequence[str], start: int, table: Sequence[Item]) -> tuple[int, Sequence[Item]] | None:
    """ "Number two", "#3", "option 1"."""
    if words[start] not in NUMBERED or start + 1 >= len(words) or not table:
        return None
    word = words[start + 1]
    number = english().number_words.get(word, int(word) if word.isdigit() else 0)
    return (start + 2, table[number - 1 : number]) if 0 < number <= len(table) else None


def _bare_numbers(
    words: Sequence[str], start: int, table: Sequence[Item]
) -> tuple[int, Sequence[Item]] | None:
    """ "I've seen 2", "1 and 3 look good": numbers of the list, where something is said of them."""
    places: list[int] = []
    end = start
    while end < len(words) and words[end].isdigit() and len(words[end]) < 3:
        places.append(int(words[end]))
        end += 1
        joined = end + 1 < len(words) and words[end] in ("and", "or", "&", "\0") and words[end + 1].isdigit()
        end += joined
    if not places or not all(0 < number <= len(table) for number in places):
        return None
    before, after = words[start - 1] if start else "\0", words[end] if end < len(words) else "\0"
    opens = before in ("\0", "and", "but", "so", "ok", "well")
    if opens and (after in COPULA or _refuses(words, end)):
        return end, [table[number - 1] for number in places]
    if after in ("\0", "already", "before", "too", "but") and _felt_before(words, start):
        return end, [table[number - 1] for number in places]
    return None


def _refuses(words: Sequence[str], start: int) -> bool:
    found = english().acts.at(words, start) if start < len(words) else None
    return bool(found and "refuse" in found[1] and words[start] != "no")


def _felt_before(words: Sequence[str], end: int) -> bool:
    """Whether a word of feeling or experience ends right before `end`: "already got | 2"."""
    for start in range(max(0, end - 4), end):
        found = english().cues.at(words, start)
        if found and start + found[0] == end and found[1] & {"seen", "like", "dislike"} - {"want"}:
            return "want" not in found[1]
    return False


def _described(
    words: Sequence[str],
    start: int,
    table: Sequence[Item],
    things: Sequence[Thing],
    vocabulary: Vocabulary,
) -> tuple[int, Sequence[Item]] | None:
    """ "The French one", "the 1972 one", "the newer one", "the one with De Niro": exactly one must fit."""
    if words[start] not in ("the", "that") or not table:
        return None
    window = words[start + 1 : start + 8]
    if "\0" in window:
        window = window[: window.index("\0")]
    if window[:1] == ["one"]:
        inside = [thing for thing in things if start + 1 < thing.start <= start + 5 and thing.kind != "item"]
        if not inside or window[1:2] not in (
            ["with"],
            ["by"],
            ["from"],
            ["about"],
            ["in"],
            ["starring"],
            ["directed"],
            ["set"],
        ):
            return None
        items = [item for item in table if all(fits(item, thing) for thing in inside)]
        return (inside[-1].end, items) if len(items) == 1 else None
    place = next((place for place, word in enumerate(window) if word in ("one", "version")), None)
    if place is None or place == 0 or place > 4:
        return _extreme(window, start, table, vocabulary) if place is None else None
    end = start + 1 + place + 1
    inside = [thing for thing in things if start < thing.start and thing.end < end and thing.kind != "item"]
    if inside:
        items = [item for item in table if all(fits(item, thing) for thing in inside)]
        return (end, items) if len(items) == 1 else None
    numbers = [word for word in window[:place] if word.isdigit()]
    if numbers:
        year = vocabulary.by_role("year")
        items = [
            item
            for item in table
            if year and numbers[0] in {str(value)[:4] for value in item.values(year.name)}
        ]
        return (end, items) if len(items) == 1 else None
    found = _extreme(window, start, table, vocabulary)
    return (end, found[1]) if found else None


def _extreme(
    window: Sequence[str], start: int, table: Sequence[Item], vocabulary: Vocabulary
) -> tuple[int, Sequence[Item]] | None:
    """ "The newer", "the shortest one": the item at the end of the scale."""
    if not window or len(table) < 2:
        return None
    scale = scale_of(window[0])
    facet = vocabulary.by_role(scale[0]) if scale else None
    if scale is None or facet is None:
        return None
    if (
        len(window) > 1
        and window[1] not in ("one", "of", "version", "film", "movie")
        and window[1] not in ALONE
    ):
        return None
    numbers: Mapping[str, float] = {
        item.id: number
        for item in table
        for value in item.values(facet.name)[:1]
        if (number := number_of(value)) is not None
    }
    if not numbers:
        return None
    pick = (min if scale[1] == "low" else max)(numbers, key=lambda item_id: numbers[item_id])
    return start + 2, [item for item in table if item.id == pick]


def _named_before(start: int, things: Sequence[Thing]) -> tuple[str, ...]:
    """The ids of the item last named in this very message before `start`: "seen Heat and loved it"."""
    named = [thing for thing in things if thing.kind == "item" and thing.end <= start and not thing.pointed]
    return named[-1].values if named and len(named[-1].values) == 1 else ()


def _pronoun(
    words: Sequence[str],
    start: int,
    context: ReadContext,
    table: Sequence[Item],
    named: Sequence[str],
) -> tuple[int, Sequence[Item] | Sequence[str]] | None:
    """ "That", "it", "both", "those", "the others"."""
    found = english().pointing.at(words, start)
    if not found:
        return None
    length, names = found
    end = start + length
    if words[start:end] == ["the", "one"] and words[end : end + 1] in (["with"], ["by"], ["from"], ["about"]):
        return None  # a description that fits nothing on the list
    after = words[end] if end < len(words) else "\0"
    before = words[start - 1] if start else ""
    if "all" in names:
        if words[end - 1] in ("list", "picks") and before in ("on", "of", "from", "in"):
            return None  # "the third on the list"
        if words[start:end] == ["both"] and len(table) < 2:
            return None
        if (
            words[start:end] in (["these"], ["those"], ["they"], ["them"])
            and after
            not in ALONE | {"\0", "are", "were", "all", "look", "sound", "two", "three"} | english().filler
        ):
            return None
        several = context.focus if len(context.focus) > 1 else table
        count = english().number_words.get(after, int(after) if after.isdigit() else 0)
        if 1 < count <= len(several):
            return _skip_noun(words, end + 1), several[:count]
        return (end, several) if several else None
    if "others" in names:
        rest = [item for item in table if item not in context.focus[:1]]
        return (_skip_noun(words, end), rest) if rest and len(context.focus) == 1 else None
    if "that" not in names or not (context.focus or context.shown or named):
        return None
    if length == 1:
        if words[start] == "him" or words[start] == "that" and before in RELATED:
            return None
        if words[start] == "it" and before in ("make", "keep", "made"):
            return None
        if words[start] == "it" and before in ("in", "with", "from", "for", "to", "on"):
            return None
        if words[start] == "it" and after in ("a", "up", "possible") and before in ("make", "made", "keep"):
            return None
        if (
            words[start] == "it"
            and (
                after in ("has", "must", "should", "doesnt", "matters", "needs", "would", "can", "could")
                or before in ("make", "is", "if", "that")
                and after not in ("\0",)
            )
            and before != "is"
        ):
            return None
        if words[start] in ("that", "this") and not (after == "\0" or after in ALONE or end == len(words)):
            return None
        if (
            words[start] in ("that", "this")
            and before in ("is", "was", "want", "all", "thats")
            and after not in ("\0", "one")
        ):
            return None
    if named:
        return end, named
    return end, [item.id for item in (context.focus[:1] or context.shown[:1])]


def fits(item: Item, thing: Thing) -> bool:
    """Whether an item has what a thing speaks of."""
    values = item.values(thing.kind)
    if thing.bounds is not None:
        numbers = [number for value in values if (number := number_of(value)) is not None]
        return any(thing.bounds.holds(number) for number in numbers)
    wanted = {value.casefold() for value in thing.values}
    held = {str(value).casefold() for value in values}
    return not (held <= wanted) if thing.inverse else bool(held & wanted)
