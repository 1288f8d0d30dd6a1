"""How good answers are: readings by what people meant, replies by what their briefs allow.

Nothing here runs a model.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from finetune.engines import Answer
from finetune.examples import Example
from prompts.read import parse_reading
from prompts.short import ShortBrief, all_slots, slots_in

Scores = dict[str, float | int]
Pair = tuple[Example, Answer]

_ACT = re.compile(r'"act"\s*:\s*"(\w+)')
_BARE = re.compile(r"\[\d\]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_QUOTED = re.compile(r"“([^”]*)”")
_ANY_SLOT = re.compile(r"\[[^\[\]]{0,3}\]")


def read_scores(pairs: Sequence[Pair]) -> Scores:
    """Readings against what was meant.

    `parses`: share that `parse_reading` takes with the message, the items and the facets of the prompt.
    `act`: share with the right act. `interests`: micro-F1 of (kind, subject, feeling), `feelings` of (kind,
    feeling). `same`: share that says all of it and no more. What doesn't parse says nothing.
    """
    parsed = acts = same = 0
    whole, kinds = _Tally(), _Tally()
    for example, answer in pairs:
        meant = json.loads(example.messages[-1]["content"])
        reading = parse_reading(
            answer.text, 1, message=example.message, shown=example.shown, facets=example.facets
        )
        parsed += reading is not None
        acts += reading is not None and reading.act == meant["act"]
        same += reading is not None and _document(answer.text) == meant
        said = (
            [(one.kind, one.subject.casefold(), one.feeling) for one in reading.interests] if reading else []
        )
        want = [
            (one["kind"].strip(), one["subject"].strip().casefold(), one["feeling"])
            for one in meant.get("interests", ())
        ]
        whole.add(said, want)
        kinds.add([one[::2] for one in said], [one[::2] for one in want])
    count = len(pairs)
    return {
        "answers": count,
        "parses": _share(parsed, count),
        "act": _share(acts, count),
        "interests": whole.f1(),
        "feelings": kinds.f1(),
        "same": _share(same, count),
        "ended": _share(sum(answer.ended for _, answer in pairs), count),
    }


def write_scores(pairs: Sequence[Pair]) -> Scores:
    """Replies against their briefs.

    `slots`: share whose slots all stand for something. `items`: of lists, share that names every item once,
    in order. `numbers`: share without a number that isn't in the brief or the message. `quotes`: share whose
    quotations are all in the prompt. `faithful`: share of all four. `same`: share that is the generator's own
    reply, word for word. `different`: distinct replies among all.
    """
    checks: Sequence[tuple[str, Callable[[str, Example, ShortBrief], bool]]] = (
        ("slots", lambda text, example, brief: known_slots(text, brief)),
        ("items", lambda text, example, brief: items_in_order(text, brief)),
        ("numbers", lambda text, example, brief: not loose_numbers(text, example)),
        ("quotes", lambda text, example, brief: quotes_known(text, example)),
    )
    right: Counter[str] = Counter()
    lists = 0
    for example, answer in pairs:
        brief = example.brief
        assert brief is not None, "a reply without its brief can't be judged"
        passed = {name: check(answer.text, example, brief) for name, check in checks}
        listed = brief.move == "recommend"
        lists += listed
        right["items"] += passed["items"] and listed
        right.update(name for name in ("slots", "numbers", "quotes") if passed[name])
        right["faithful"] += all(passed.values()) and bool(answer.text.strip())
        right["same"] += answer.text == example.messages[-1]["content"]
        right["ended"] += answer.ended
    count = len(pairs)
    return {
        "answers": count,
        "lists": lists,
        **{name: _share(right[name], count) for name in ("slots", "numbers", "quotes", "faithful", "same")},
        "items": _share(right["items"], lists),
        "different": _share(len({answer.text for _, answer in pairs}), count),
        "ended": _share(right["ended"], count),
    }


def act_scores(pairs: Sequence[Pair]) -> Scores:
    """People's messages with the act that people gave them: the share that is read so."""
    right = 0
    for example, answer in pairs:
        meant, found = _ACT.search(example.messages[-1]["content"]), _ACT.search(answer.text)
        right += meant is not None and found is not None and meant.group(1) == found.group(1)
    return {"answers": len(pairs), "act": _share(right, len(pairs))}


def known_slots(text: str, brief: ShortBrief) -> bool:
    """Whether all that looks like a slot stands for an item, a fact or a title of the brief."""
    return set(slots_in(text)) <= all_slots(brief) and len(slots_in(text)) == len(_ANY_SLOT.findall(text))


def items_in_order(text: str, brief: ShortBrief) -> bool:
    """Of a list, whether every item is named once and in order; anything else is in order as it is."""
    if brief.move != "recommend":
        return True
    named = [int(slot[1:-1]) for slot in _BARE.findall(text)]
    return named == list(range(1, len(brief.entries) + 1))


def loose_numbers(text: str, example: Example) -> list[str]:
    """Numbers in the reply's own words that neither the brief nor the message holds."""
    told = set(_NUMBER.findall(" ".join(one["content"] for one in example.messages[:-1])))
    return [number for number in _NUMBER.findall(_ANY_SLOT.sub(" ", text)) if number not in told]


def quotes_known(text: str, example: Example) -> bool:
    """Whether all that the reply puts in quotation marks is in its prompt, word for word."""
    told = " ".join(one["content"] for one in example.messages[:-1]).casefold()
    return all(
        quote.strip(" .,!?").casefold() in told
        for quote in _QUOTED.findall(text)
        if not _ANY_SLOT.search(quote)
    )


class _Tally:
    """Micro-averaged F1 over lists of things."""

    def __init__(self) -> None:
        self._both = self._said = self._meant = 0

    def add(self, said: Sequence[Any], meant: Sequence[Any]) -> None:
        self._both += (Counter(said) & Counter(meant)).total()
        self._said += len(said)
        self._meant += len(meant)

    def f1(self) -> float:
        total = self._said + self._meant
        return round(2 * self._both / total, 4) if total else 1.0


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _share(part: int, count: int) -> float:
    return round(part / count, 4) if count else 0.0
