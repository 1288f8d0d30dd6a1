"""Human dialogues as training text: what each public set gives, its licence, and what is left out of it.

Two things are taken from them: the words of whole talks, for the base model's English, and what messages do
(their act), where people labelled it. Nothing of a set is copied into the project; its rows are read from
where the user keeps them.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from finetune.errors import BadData
from prompts.dialogue import Act, Role, Utterance

#: Of every set's talks this share is kept for validation, by a hash of the talk's id.
HELD = 10


@dataclass(frozen=True)
class Talk:
    """One dialogue: utterances, and for each the act that people gave it ("" where there is none)."""

    id: str
    source: str
    utterances: tuple[Utterance, ...]
    acts: tuple[str, ...]

    @property
    def held(self) -> bool:
        """Whether it is kept for validation: the same talk always is, in whichever set it stands."""
        return is_held(self.id)


@dataclass(frozen=True)
class Source:
    """A set that can be trained on: its licence, its files and how its acts are called here."""

    name: str
    licence: str
    files: tuple[str, ...]
    act: Callable[[Mapping[str, Any]], str] = lambda turn: ""


def is_held(name: str) -> bool:
    """Whether a talk of that id belongs to the validation part."""
    return zlib.crc32(name.encode()) % HELD == 0


#: IARD's finer intents as acts, the first that is there counting (Cai and Chen, UMAP 2020).
_IARD: Sequence[tuple[str, Act]] = (
    ("ASK", "question"), ("INQ", "question"), ("CRI-F", "request"), ("CRI-A", "request"),
    ("CRI-C", "request"),
    ("IQU", "request"), ("CON", "request"), ("REF", "request"), ("STO", "request"), ("PRO", "inform"),
    ("ANS", "inform"), ("REJ", "refuse"), ("SEE", "feedback"), ("ACC", "agree"),
)  # fmt: skip
#: The acts of the Schema-Guided Dialogue data (Rastogi et al., AAAI 2020).
_SGD: Sequence[tuple[str, Act]] = (
    ("REQUEST_ALTS", "request"), ("INFORM", "request"), ("INFORM_INTENT", "request"), ("REQUEST", "question"),
    ("SELECT", "agree"), ("AFFIRM", "agree"), ("AFFIRM_INTENT", "agree"), ("NEGATE", "refuse"),
    ("NEGATE_INTENT", "refuse"), ("GOODBYE", "bye"), ("THANK_YOU", "thanks"),
)  # fmt: skip


def _first(field: str, names: Sequence[tuple[str, Act]]) -> Callable[[Mapping[str, Any]], str]:
    def act(turn: Mapping[str, Any]) -> str:
        given = turn.get(field) or ()
        # Several acts in one message: only what they agree on can be learned from it.
        acts = {name: act for name, act in names if name in given}
        return next(iter(acts.values())) if acts and len(set(acts.values())) == 1 else ""

    return act


SOURCES: Mapping[str, Source] = {
    source.name: source
    for source in (
        Source("redial", "CC BY 4.0", ("train.jsonl",)),
        Source("redial_iard", "MIT; text: CC BY 4.0", ("dialogues.jsonl",), _first("sub_intents", _IARD)),
        Source("eredial", "Apache-2.0; text: CC BY 4.0", ("dialogues.jsonl",)),
        Source("cpcd_music", "CC BY 4.0", ("train.jsonl",)),
        Source("sgd_rec", "CC BY-SA 4.0", ("train.jsonl",), _first("acts", _SGD)),
        Source("multiwoz21", "MIT", ("val.jsonl",)),
    )
}
#: Sets whose terms forbid what we do with them: never read, whoever asks for it.
REFUSED: Mapping[str, str] = {
    "opendialkg": "its licence is non-commercial; it is for evaluation only",
    "movielens_small": "its terms are non-commercial; it is for evaluation only",
}


def read_talks(folder: Path, source: Source) -> Iterator[Talk]:
    """The talks of a set in `folder`: JSON lines, gzipped or not. Raises `BadData`: file, line, field."""
    for name in source.files:
        path = next((one for one in (folder / name, folder / f"{name}.gz") if one.is_file()), None)
        if path is None:
            raise BadData(f"{folder} holds no {name} (or {name}.gz): is it the folder of {source.name}?")
        with _open(path) as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _talk(line, f"{path}, line {number}", source)


def _open(path: Path) -> TextIO:
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")


def _talk(line: str, where: str, source: Source) -> Talk:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise BadData(f"{where}: no JSON ({error}).") from None
    if not isinstance(row, dict) or not isinstance(row.get("turns"), list):
        raise BadData(f"{where}: field turns is missing or no list.")
    if not isinstance(row.get("dialogue_id"), str):
        raise BadData(f"{where}: field dialogue_id is missing or no text.")
    utterances, acts = [], []
    for place, turn in enumerate(row["turns"]):
        if not isinstance(turn, dict) or not isinstance(turn.get("text"), str):
            raise BadData(f"{where}: field turns[{place}].text is missing or no text.")
        if turn.get("speaker") not in ("user", "system"):
            raise BadData(
                f"{where}: field turns[{place}].speaker is {turn.get('speaker')!r}; expected user or system."
            )
        role: Role = "user" if turn["speaker"] == "user" else "assistant"
        utterances.append(Utterance(role, turn["text"]))
        acts.append(source.act(turn) if role == "user" else "")
    return Talk(row["dialogue_id"], source.name, tuple(utterances), tuple(acts))


# --- what is left out ---------------------------------------------------------------------------------------

_PRIVATE = re.compile(
    r"\S+@\S+\.\w+|https?://\S+|www\.\S+|(?:\+?\d[\s().-]{0,2}){7,}\d"
    r"|\b\d{1,5} [A-Z]\w+ (?:Street|Avenue|Road|Drive|Lane|Boulevard|Way)\b"
)
_COARSE = re.compile(
    r"\b(?:f+u+c+k\w*|s+h+i+t\w*|bitch\w*|cunt\w*|asshole\w*|dick(?:head)?s?|pussy|nigg\w*|fagg?\w*|whore\w*|slut\w*|porn\w*|bastards?|retard\w*|wank\w*|cocks?uck\w*)\b",
    re.IGNORECASE,
)


def unfit(text: str) -> str:
    """Why a text is left out: "personal data", "profanity", "too long", or "" where it isn't."""
    if _PRIVATE.search(text):
        return "personal data"
    if _COARSE.search(text):
        return "profanity"
    return "too long" if len(text) > 600 else ""


def plain_key(text: str) -> str:
    """What makes two texts the same: their words, whatever the case and the marks."""
    return " ".join(re.findall(r"\w+", text.casefold()))
