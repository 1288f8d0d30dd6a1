"""Two voices' replies to the same message, side by side and unnamed, and what judges made of them."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.errors import BadData
from evaluation.replies import Played

_SIDES = ("A", "B")


@dataclass(frozen=True)
class Pair:
    """One message, what was said before it, and two replies; `first` names the voice of reply A."""

    id: str
    said: str
    before: tuple[str, str] | None
    replies: tuple[str, str]
    first: str


def make_pairs(voices: Mapping[str, Sequence[Played]], count: int, seed: int) -> tuple[Pair, ...]:
    """Up to `count` pairs of two voices, drawn and turned by chance.

    A pair is taken only where both replies do the same (the same move), each voice spoke for itself and they
    differ. Raises `BadData` unless there are two voices.
    """
    if len(voices) != 2:
        raise BadData(f"Pairs are made of two voices, found {len(voices)}: give --llm twice.")
    (one, ours), (other, theirs) = voices.items()
    rng = random.Random(f"{seed}/pairs")
    found: list[Pair] = []
    for left, right in zip(ours, theirs, strict=True):
        before: tuple[str, str] | None = None
        for a, b in zip(left.replies, right.replies, strict=True):
            own = all(called == "plain" or reply.voice != "plain" for called, reply in ((one, a), (other, b)))
            if own and a.move == b.move and a.text != b.text:
                turned = rng.random() < 0.5
                name = hashlib.sha256(f"{left.name}/{a.said}/{a.text}/{b.text}".encode()).hexdigest()[:12]
                texts = (b.text, a.text) if turned else (a.text, b.text)
                found.append(Pair(name, a.said, before, texts, other if turned else one))
            before = (a.said, a.text if one == "plain" else b.text)
    rng.shuffle(found)
    return tuple(found[:count])


def write_pairs(pairs: Sequence[Pair], voices: Sequence[str], path: Path) -> Path:
    """Writes the pairs without names to `path`, and which is which beside it; returns that second path."""
    lines = []
    for pair in pairs:
        row: dict[str, Any] = {"id": pair.id, "person": pair.said, "A": pair.replies[0], "B": pair.replies[1]}
        if pair.before is not None:
            row["before"] = {"person": pair.before[0], "recommender": pair.before[1]}
        lines.append(json.dumps(row, ensure_ascii=False))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    key = path.with_suffix(".key.json")
    document = {"voices": list(voices), "A": {pair.id: pair.first for pair in pairs}}
    key.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return key


@dataclass(frozen=True)
class Judged:
    """One judgement: the pair, the judge, and the voice preferred ("" where neither was)."""

    pair: str
    judge: str
    preferred: str


def read_judged(pairs: Path, answers: Sequence[Path]) -> tuple[tuple[str, ...], tuple[Judged, ...]]:
    """The voices, and all judgements: a file a judge, with lines {"id", "better": "A"|"B"|"tie"}.

    Raises `BadData` with file and line.
    """
    key_path = pairs.with_suffix(".key.json")
    try:
        key = json.loads(key_path.read_text(encoding="utf-8"))
        voices, first = tuple(key["voices"]), dict(key["A"])
    except (OSError, ValueError, KeyError) as error:
        raise BadData(f"{key_path} can't be read ({error}): it is written together with the pairs.") from None
    out = []
    for path in answers:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                pair, better = row["id"], row["better"]
            except (ValueError, KeyError, TypeError) as error:
                raise BadData(f'{path}, line {number}: expected {{"id", "better"}} ({error}).') from None
            if pair not in first or better not in (*_SIDES, "tie"):
                raise BadData(f"{path}, line {number}: no such pair, or better is not A, B or tie: {line}")
            other = next(voice for voice in voices if voice != first[pair])
            preferred = "" if better == "tie" else first[pair] if better == "A" else other
            out.append(Judged(pair, path.stem, preferred))
    if not out:
        raise BadData("There are no judgements. Name a file of them by --answers.")
    return voices, tuple(out)
