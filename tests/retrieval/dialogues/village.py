"""A small made-up world whose answer is obvious: four shelves, and people who stay with one."""

from __future__ import annotations

import json
import random
from pathlib import Path

from retrieval.dialogues.files import Dialogue, Said
from retrieval.items import Facet, Item

KINDS = {
    "sea": ("harbour", "gulls", "tide"),
    "snow": ("glacier", "sledge", "frost"),
    "sand": ("dune", "camel", "oasis"),
    "wood": ("moss", "owl", "fern"),
}
EACH = 12
FACETS = (Facet("genres", "category", "genre", many=True),)


def items() -> list[Item]:
    """Twelve of each kind, and one of each that no dialogue names."""
    found = []
    for kind, words in KINDS.items():
        for number in range(EACH + 1):
            text = f"A tale of {words[number % 3]} and {words[(number + 1) % 3]}."
            title = f"{kind.title()} {'Unheard' if number == EACH else number}"
            found.append(Item(f"{kind}-{number}", title, {"genres": (kind,), "year": 1990 + number}, text))
    return found


def dialogues(count: int = 120, seed: int = 0) -> list[Dialogue]:
    """Someone names one of a kind, or only a word of it, and gets two of that kind."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        kind = chance.choice(sorted(KINDS))
        # The first of a kind are the popular ones.
        one, two, three = chance.sample(range(EACH), 3)
        ids = [f"{kind}-{place}" for place in (one, two, three)]
        word = chance.choice(KINDS[kind])
        found.append(
            Dialogue(
                f"d{number}",
                (
                    Said(True, f"I liked {kind.title()} {one}, anything with {word}?", (ids[0],))
                    if number % 2
                    else Said(True, f"Is there anything with {word}?"),
                    Said(False, f"Try {kind.title()} {two}.", (ids[1],)),
                    Said(True, "Sounds good, more like that please"),
                    Said(False, f"Then {kind.title()} {three}.", (ids[2],)),
                ),
            )
        )
    return found


def write(folder: Path, train: int = 120, valid: int = 12) -> Path:
    """The same as files: items.jsonl, train.jsonl, valid.jsonl."""
    rows = [
        {"item_id": i.id, "title": i.title, "genres": list(i.values("genres")), "year": i.values("year")[0],
         "description": i.text}
        for i in items()
    ]  # fmt: skip
    parts = {"train": dialogues(train, seed=1), "valid": dialogues(valid, seed=2)}
    (folder / "items.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    for part, group in parts.items():
        lines = [
            json.dumps(
                {
                    "dialogue_id": f"{part}-{one.id}",
                    "turns": [
                        {"speaker": "user" if t.by_user else "system", "text": t.text, "items": list(t.items)}
                        for t in one.turns
                    ],
                }
            )
            for one in group
        ]
        (folder / f"{part}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder
