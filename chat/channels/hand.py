"""Words typed into the taste panel → an interest: by the catalogue's own names where it has one."""

from __future__ import annotations

from chat.channels.catalogues import Shelf
from prompts.dialogue import Feeling, Interest


def interest_of(words: str, feeling: Feeling, shelf: Shelf, turn: int) -> Interest:
    """The interest that the words stand for: a facet's value (or an alias of it), a title, or free words.

    The quote stays empty: it was set by hand, not said in a message.
    """
    wanted = words.casefold()
    for facet in shelf.facets:
        if facet.kind not in ("category", "people", "words"):
            continue
        names = {value.casefold(): value for value in shelf.values(facet.name)}
        names |= {other.casefold(): value for other, value in facet.aliases.items() if other not in names}
        if wanted in names:
            value = names[wanted]
            return Interest(value, facet.name, feeling, 1.0, "", turn, value=value)
    same = [item for item in shelf.items if item.title.casefold() == wanted]
    if len(same) == 1:
        return Interest(same[0].title, "item", feeling, 1.0, "", turn, value=same[0].id)
    return Interest(words, "text", feeling, 1.0, "", turn, value=words)
