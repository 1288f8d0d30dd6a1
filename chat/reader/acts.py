"""What a message does: asks for items, judges, questions, greets. Decided from what was found in it."""

from __future__ import annotations

from collections.abc import Sequence

from chat.reader.asking import Asked
from chat.reader.context import ReadContext
from chat.reader.english import english
from chat.reader.feelings import STRONG_WANT, Felt
from chat.reader.phrases import covered, phrases_in
from chat.reader.scales import scale_of
from chat.reader.tokens import Token
from chat.reader.valence import valences
from chat.reader.vocabulary import Vocabulary
from prompts.dialogue import Act


def act_of(
    tokens: Sequence[Token],
    felt: Sequence[Felt],
    asked: Asked | None,
    context: ReadContext,
    vocabulary: Vocabulary,
    leftover: str,
    nouns: frozenset[str],
) -> Act | None:
    """The act, or None where the words found don't settle it."""
    table = english()
    words = [token.norm if token.kind != "mark" else "\0" for token in tokens]
    kept = [word for word in words if word != "\0"]
    items = [entry for entry in felt if entry.thing.kind == "item"]
    facets = [entry for entry in felt if entry.thing.kind not in ("item", "text")]
    if phrases_in(kept, "reset"):
        return "taste"
    if phrases_in(kept, "taste") and not facets:
        return "taste"
    if covered(kept, "help"):
        return "help"
    if kept[:1] in (["none"], ["neither"]) and covered(kept, "refuse") and context.recent:
        return "refuse"
    why = any(table.has(table.questions, "why", kept, place) for place in range(min(len(kept), 4)))
    if (
        why
        and (
            items
            or len(kept) <= 3
            or set(kept)
            & {
                "recommend",
                "suggest",
                "pick",
                "picked",
                "chose",
                "choose",
                "those",
                "these",
                "suggested",
                "recommended",
                "list",
                "them",
            }
        )
        and context.recent
        and "not" not in kept
    ):
        return "explain"
    mentioned = sum(len(entry.thing.values) if entry.thing.pointed else 1 for entry in items)
    compares = any(table.has(table.questions, "compare", kept, place) for place in range(len(kept)))
    either = (
        len(items) >= 2 and any(entry.join == "or" for entry in items) and "?" in (t.norm for t in tokens)
    )
    scaled = any(scale_of(word) for word in kept)
    among = bool(set(kept) & {"which", "whichs"}) and (
        scaled or "first" in kept or any(entry.thing.more for entry in felt) or "most" in kept
    )
    if (mentioned >= 2 and (compares or either)) or (
        among
        and (mentioned >= 2 or len(context.shown) > 1 or len(context.talked) > 1)
        and not any(w in STRONG_WANT for w in kept[:3])
    ):
        return "compare"
    if (
        compares
        and len(context.shown) > 1
        and ("which" in kept[:2] or "compare" in kept or "difference" in kept or "vs" in kept)
    ):
        return "compare"
    if asked is not None:
        return "question"
    if context.recent and not facets and not leftover and len(kept) <= 5 and not judged_items(items):
        tone = sum(valences().get(word, 0.0) for word in kept)
        negated = bool(set(kept) & {"not", "isnt", "arent", "no"})
        polite = phrases_in(kept, "thanks") or phrases_in(kept, "anything")
        if abs(tone) >= 0.9 and not polite and (tone < 0) != negated:
            return "refuse"
    about = any(table.has(table.questions, "about", kept, place) for place in range(len(kept)))
    if (
        about
        and (items or (context.recent and not facets and not leftover))
        and not any(entry.explicit and entry.verdict in ("like", "dislike") for entry in items)
    ):
        return "describe"
    phrases = [found for place in range(len(kept)) if (found := table.cues.at(kept, place))]
    asking = any(length > 1 and "want" in names for length, names in phrases)
    wanting = (
        asking
        or any(word in STRONG_WANT for word in kept)
        or any(entry.verdict == "want" and entry.explicit for entry in facets)
    )
    nouns_like = nouns | {
        "something",
        "anything",
        "more",
        "stuff",
        "one",
        "ones",
        "someone",
        "things",
        "sth",
        "smth",
    }
    comparing = "similar" in kept or any(
        word == "like" and place and kept[place - 1] in nouns_like for place, word in enumerate(kept)
    )
    wanting = wanting or comparing or kept[:1] in (["something"], ["anything"], ["some"])
    judged = [entry for entry in items if entry.verdict in ("like", "dislike", "seen", "allow")]
    more = phrases_in(kept, "more")
    if judged and not facets and not leftover:
        pointed = any(
            entry.thing.pointed
            or any(value in {item.id for item in context.recent} for value in entry.thing.values)
            for entry in judged
        )
        if pointed and not more and not comparing:
            return "feedback"
        return (
            "request"
            if wanting or more or any(w in kept for w in ("like", "similar")) and len(kept) < 6
            else "inform"
        )
    if facets or judged:
        told = all(entry.verdict in ("like", "dislike", "seen") for entry in [*facets, *judged])
        return "inform" if told and not wanting and not more else "request"
    if items and not wanting:
        return "describe"
    if covered(kept, "greet"):
        return "greet"
    opening = table.acts.at(kept, 0)
    if opening and "refuse" in opening[1] and covered(kept, "refuse") and context.recent:
        return "refuse"
    if covered(kept, "bye"):
        return "bye"
    if covered(kept, "thanks"):
        return "thanks"
    if phrases_in(kept, "help") and not wanting and len(kept) <= 9 and not leftover:
        return "help"
    if phrases_in(kept, "anything") and not leftover:
        return "request"
    if covered(kept, "agree") and not more:
        return "agree"
    if more and not leftover:
        return "request"
    if items:
        return (
            "request" if wanting and not about and all(entry.thing.pointed for entry in items) else "describe"
        )
    if set(kept) & nouns and (wanting or len(kept) > 2):
        return "request"
    if context.shown and any("allow" in names for _, names in phrases):
        return "request"  # "same years are fine"
    if phrases_in(kept, "thanks") and not felt and not wanting and len(kept) <= 12:
        return "bye" if phrases_in(kept, "bye") else "thanks"
    if covered(kept, "thanks") or (phrases_in(kept, "bye") and len(kept) <= 8 and not leftover):
        return "bye" if phrases_in(kept, "bye") else "thanks"
    carries_on = (
        bool(context.shown) and kept[:1] and kept[0] in ("for", "with", "in", "or", "but", "maybe", "rather")
    )
    if (context.question is not None or carries_on) and len(kept) <= 6 and not leftover:
        return "request"  # whatever it says, it answers what we asked
    return "request" if wanting and not leftover else None


def judged_items(items: Sequence[Felt]) -> bool:
    """Whether any item was given a verdict."""
    return any(entry.explicit and entry.verdict not in ("none", "want") for entry in items)


def carried_on(
    tokens: Sequence[Token], felt: Sequence[Felt], act: Act | None, context: ReadContext
) -> Act | None:
    """ "And the first?", "no, I mean the second": the same question as before, of another item."""
    words = [token.norm for token in tokens if token.kind != "mark"]
    items = [entry for entry in felt if entry.thing.kind == "item"]
    if not items or len(items) != len(felt) or act not in ("describe", "feedback", "request", None):
        return act
    again = (
        words[:1] == ["and"]
        or words[:2] in (["what", "about"], ["how", "about"])
        or {"mean", "meant"} & set(words)
    )
    if again and context.last_act in ("question", "describe", "explain") and not judged_items(items):
        return context.last_act
    return act
