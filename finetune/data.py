"""Training data on disk: messages as JSON lines, which other trainers read too, and where they come from."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tqdm import tqdm

from finetune.config import Config
from finetune.errors import BadData
from finetune.examples import LEFT_OUT, Counts, Example
from finetune.rendering import ROLES, SPECIAL
from finetune.rows import domain_names, lora_examples, pretrain_examples, validation_examples
from finetune.run import Run
from finetune.sources import REFUSED, SOURCES, is_held

FILES = ("pretrain", "lora", "validation")


def prepare(run: Run, extra: Path | None = None) -> dict[str, Any]:
    """Writes the run's examples to `data/` and returns what `data/sources.json` says of them.

    `extra` is a file of rows of the user's own for the adapter; a tenth of them validates. What is in the
    training parts is left out of validation, word for word. Raises `BadData`.
    """
    config = run.config
    counts = Counts()
    own = list(read_extra(extra)) if extra else []
    parts: dict[str, list[Example]] = {}
    if run.own_base:
        parts["pretrain"] = pretrain_examples(config, counts)
    parts["lora"] = lora_examples(config, Counts() if run.own_base else counts)
    parts["lora"] += [one for one in own if not is_held(key(one))]
    taught = {key(one) for part in parts.values() for one in part}
    held = [*validation_examples(config), *(one for one in own if is_held(key(one)))]
    parts["validation"] = [one for one in held if key(one) not in taught]
    counts.left_out["validation: also in training"] += len(held) - len(parts["validation"])

    folder = run.folder / "data"
    folder.mkdir(parents=True, exist_ok=True)
    hashes = {name: _write(folder / f"{name}.jsonl", examples) for name, examples in parts.items()}
    taught_hash = "".join(hashes[name] for name in FILES[:2] if name in hashes)
    sources = {
        "data_hash": hashlib.sha256(taught_hash.encode()).hexdigest(),
        "files": hashes,
        "examples": {name: _counted(examples) for name, examples in parts.items()},
        "licences": _licences(config, parts, extra),
        "domains": domain_names(config),
        "domains_left_out": [name for name in LEFT_OUT if name not in domain_names(config)],
        "left_out": dict(sorted(counts.left_out.items())),
        "sets_not_found": _missing(config),
        "sets_refused": dict(REFUSED),
    }
    (folder / "sources.json").write_text(
        json.dumps(sources, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return sources


def load_examples(path: Path) -> Iterator[Example]:
    """The examples of a file that `prepare` wrote."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line)
                yield Example(row["kind"], row["source"], tuple(row["messages"]), row.get("partial", False))
            except (ValueError, KeyError, TypeError) as error:
                raise BadData(
                    f"{path}, line {number}: {error!r}. Make it anew: genre finetune data."
                ) from None


def read_extra(path: Path) -> Iterator[Example]:
    """Rows {"messages": [{"role", "content"}, …]} of the user's own, JSON lines.

    Raises `BadData` with file, line and field.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadData(f"{path} can't be read: {error}.") from None
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield Example("extra", path.name, _messages(line, f"{path}, line {number}"))


def key(example: Example) -> str:
    """What makes two examples the same: all that is said in them."""
    return json.dumps([[one["role"], one["content"]] for one in example.messages], ensure_ascii=False)


def _messages(line: str, where: str) -> tuple[dict[str, str], ...]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise BadData(f"{where}: no JSON ({error}).") from None
    messages = row.get("messages") if isinstance(row, Mapping) else None
    if not isinstance(messages, list) or not messages:
        raise BadData(f"{where}: field messages is missing, empty or no list.")
    for place, message in enumerate(messages):
        field = f"messages[{place}]"
        if not isinstance(message, Mapping) or message.get("role") not in ROLES:
            found = message.get("role") if isinstance(message, Mapping) else message
            raise BadData(f"{where}: field {field}.role is {found!r}; expected one of {', '.join(ROLES)}.")
        content = message.get("content")
        if not isinstance(content, str) or not content.strip():
            raise BadData(f"{where}: field {field}.content is missing, empty or no text.")
        for token in SPECIAL:
            if token in content:
                raise BadData(f"{where}: field {field}.content holds the control token {token}.")
    if messages[-1]["role"] != "assistant":
        raise BadData(
            f"{where}: field messages[{len(messages) - 1}].role is {messages[-1]['role']!r}; the last one "
            "must be the assistant's, since it is what is learned."
        )
    return tuple({"role": one["role"], "content": one["content"]} for one in messages)


def _write(path: Path, examples: Iterable[Example]) -> str:
    """Writes the examples and returns the file's SHA-256."""
    digest = hashlib.sha256()
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        for example in tqdm(examples, f"writing {path.name}", leave=False, disable=None):
            row: dict[str, Any] = {"kind": example.kind, "source": example.source}
            if example.partial:
                row["partial"] = True
            row["messages"] = list(example.messages)
            line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
            digest.update(line)
            file.write(line)
    part.replace(path)
    return digest.hexdigest()


def _counted(examples: Iterable[Example]) -> dict[str, int]:
    return dict(sorted(Counter(f"{one.source}: {one.kind}" for one in examples).items()))


def _licences(config: Config, parts: Mapping[str, list[Example]], extra: Path | None) -> dict[str, str]:
    used = sorted({one.source for part in parts.values() for one in part})
    known = {"generator": config.licence, **{name: source.licence for name, source in SOURCES.items()}}
    return {name: known.get(name, "the user's own") for name in used}


def _missing(config: Config) -> list[str]:
    folder = config.data.folder
    return [name for name in config.data.sets if folder is None or not (folder / name).is_dir()]
