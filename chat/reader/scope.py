"""How far a negation, a wish or a verdict reaches: small questions about the words around a place.

`words` are the plain words of a message, marks among them; places and stretches are counted in it.
"""

from __future__ import annotations

from collections.abc import Sequence

COPULA = frozenset(
    "is are was were be been looks look looked sounds sound sounded seems seem felt feels feel s re isnt "
    "arent wasnt werent".split()
)
NOTS = frozenset(
    "not isnt arent wasnt werent never no dont doesnt didnt wont wouldnt couldnt cant aint hardly "
    "mustnt shouldnt".split()
)
#: Negations that make up a verb with what follows, and verbs that "not" does so with.
VERBS_NOT = frozenset(
    "dont doesnt didnt cant cannot couldnt wont wouldnt shouldnt never havent hasnt hadnt do did".split()
)
AUXILIARIES = frozenset("do does did have has had can could will would should may might".split())
#: What opens a sentence of its own after "no", and what may stand before an answering "no".
SUBJECTS = frozenset(
    "i im ive id ill it its that thats this they theyre we weve he she you there but because sorry".split()
)
ASKED = frozenset("it that this they those these you he she we".split())
ANSWERS = frozenset("oh um uh hm hmm well sorry haha lol actually and so".split())
#: After these, "I" goes on with the same sentence: "I don't think I like it", "the one I saw".
EMBEDS = frozenset(
    "think thought believe sure feel felt say said that if guess suppose know what which when where why how "
    "as like one ones film films movie movies thing things stuff everything anything something and or than "
    "can do did have had should would could will am was so only neither nor all not never because since "
    "unless hope "
    "mean wish bet tell told who until till before after while of for time".split()
)
OUT = frozenset("leave keep cut rule filter".split())
CHANGES = frozenset("switch switching change changing move moving swap going go".split())
#: Words before "like" that make a likeness of it, and no feeling: "something like that".
LIKENESS = frozenset(
    "something anything nothing stuff things ones one movie movies film films more kind sort similar".split()
)
_RELATIVE = frozenset("that which who whos thats whose".split())


def parted(words: Sequence[str], start: int, end: int) -> bool:
    """Whether a verb and its "out" stand around a thing: "leave the musicals out"."""
    return words[end : end + 1] == ["out"] and bool(OUT & set(words[max(0, start - 3) : start]))


def begins(words: Sequence[str], place: int) -> bool:
    """Whether "I" begins a sentence of its own, after something that could stand alone."""
    if words[place] not in ("i", "ive", "we", "weve") or place < 3:
        return False
    return words[place - 1].isalnum() and words[place - 1] not in EMBEDS


def all_but(words: Sequence[str], place: int) -> bool:
    """Whether "but" means "except": "any brand but …", "everything but …"."""
    return words[place] == "but" and bool({"any", "every", "all"} & set(words[max(0, place - 3) : place]))


def verb_negated(words: Sequence[str], start: int) -> bool:
    """Whether the negation before `start` belongs to a verb that judges nothing: "did not see …"."""
    for place in range(start - 1, max(-1, start - 6), -1):
        word = words[place]
        if word in VERBS_NOT:
            return True
        if word == "not":
            auxiliary = words[max(0, place - 1)] in AUXILIARIES
            return place + 1 < start and (auxiliary or words[place + 1] == "sure")
        if word in ("no", "without", "except") or word in ".!?":
            return False
    return False


def no_negation(words: Sequence[str], start: int, end: int) -> bool:
    """Whether a "no" answers and is no part of what follows ("no I haven't", "no it's fine"), or a verb only
    asks ("wasn't it?", "didn't they make …")."""
    if end - start == 1 and words[start].endswith("nt"):
        return words[end : end + 1] != [] and words[end] in ASKED
    if words[start:end] != ["no"]:
        return False
    before, after = words[start - 1 : start], words[end : end + 1]
    opens = not before or not before[0].isalnum() or before[0] in ANSWERS
    return opens and bool(after) and after[0] in SUBJECTS


def turned_back(words: Sequence[str], since: int, start: int) -> bool:
    """Whether a second negation at `start` undoes one that ended at `since`: "nothing that isn't sad",
    "no film without a twist"."""
    between = set(words[since:start])
    return bool(between & _RELATIVE) or words[start] == "without" and since > 0


def runs_on(words: Sequence[str], start: int) -> bool:
    """Whether a "not" before the thing at `start` has another thing of its own: "not sad, and tense"."""
    before = [word for word in words[max(0, start - 3) : start] if word not in ("a", "an", "the", "any")]
    return before[-1:] in (["and"], ["but"], [","])


def meant_only(words: Sequence[str], start: int) -> bool:
    """ "No, I mean the second": which one is meant, and no verdict on it."""
    before = list(words[max(0, start - 3) : start])
    return before[-1:] in (["mean"], ["meant"]) or before[-2:] in (["mean", "the"], ["meant", "the"])


def leaves(words: Sequence[str], place: int, wished: bool) -> bool:
    """Whether what comes next is what is given up: "rather a comedy than …", "let's switch from …"."""
    before = words[max(0, place - 8) : place]
    if words[place] == "than":
        return "better" in before or wished and bool({"rather", "sooner", "prefer"} & set(before))
    return words[place] == "from" and bool(CHANGES & set(before[-2:]))


def is_seen(words: Sequence[str], start: int, end: int) -> bool:
    """Whether these words tell of one's own experience: "have you seen …" asks, "want to read" wishes, "has
    to be done in an hour" limits."""
    before = words[max(0, start - 3) : start]
    if "you" in before or before[-1:] in (["to"], ["be"], ["get"]):
        return False
    if words[start] == "heard" and "of" in words[end : end + 1]:
        return False
    told = {"have", "ive", "already", "i", "just"} & set(before)
    return words[start:end] != ["read"] or bool(told)


def likens(words: Sequence[str], start: int, end: int) -> bool:
    """Whether "like" says what something resembles."""
    return words[start:end] == ["like"] and words[max(0, start - 1)] in LIKENESS
