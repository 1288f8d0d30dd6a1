"""What a model is, for programs and for people, and the files that leave the house."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from finetune.data import load_examples
from finetune.errors import NotReady
from finetune.evaluate import precision_table
from finetune.examples import Example
from finetune.run import Run
from finetune.steps import folder_bytes
from finetune.talk.patterns import telling_words
from prompts.card import FILE, ModelCard, save_card
from prompts.short import words_in
from prompts.template import fingerprint
from retrieval.embed import file_digest

Say = Callable[[str], None]
SUMS = "SHA256SUMS"
#: Replies that a word is in, at least, to be one of the model's own.
OFTEN = 5
#: Folders of a run that a chat can be pointed at: each gets the card.
_LOADABLE = ("merged", "lora/adapter", "onnx")


def make_card(run: Run) -> ModelCard:
    """The card of the run's model. Raises `NotReady` where its data or its weights aren't there."""
    run.need("merge")
    sources = _sources(run)
    return ModelCard(
        name=run.config.name,
        base_model=run.config.lora.base or f"{run.config.name}, trained from scratch",
        prompt_fingerprint=fingerprint(),
        data_hash=sources["data_hash"],
        seed=run.config.seed,
        licence=run.config.licence,
        sources=tuple(f"{name} ({licence})" for name, licence in sources["licences"].items()),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        form="short",
        moves=run.config.moves,
        words=spoken_words(
            example
            for name in ("pretrain", "lora")
            if (run.folder / "data" / f"{name}.jsonl").is_file()
            for example in load_examples(run.folder / "data" / f"{name}.jsonl")
        ),
    )


def spoken_words(examples: Iterable[Example]) -> tuple[str, ...]:
    """The words that replies hold without their prompts, at least `OFTEN` times: the model's own.

    Whatever else it says has to stand in its prompt, so a theme or a mood that no item has can't be told.
    For the same reason no word is its own that by itself is the value of a facet somewhere ("short", "easy"),
    unless it is said more often without one.
    """
    found: Counter[str] = Counter()
    prompted: Counter[str] = Counter()
    for example in examples:
        if example.kind == "write":
            *asked, reply = (words_in(message["content"]) for message in example.messages)
            told = set().union(*asked)
            found.update(reply - told)
            prompted.update(reply & told)
    telling = {word for word in telling_words() if prompted[word] >= found[word]}
    return tuple(sorted(word for word, count in found.items() if count >= OFTEN and word not in telling))


def write_cards(run: Run, say: Say = print) -> dict[str, Any]:
    """Writes `genre-card.json` into the run's folder and all that can be loaded, and `model-card.md`."""
    card = make_card(run)
    for folder in (run.folder, *(run.folder / name for name in _LOADABLE)):
        if folder.is_dir():
            save_card(card, folder)
    run.outcome("card").write_text(describe(run, card), encoding="utf-8")
    say(f"{run.outcome('card')}")
    return asdict(card)


def ship(run: Run, to: Path, say: Say = print) -> Path:
    """Copies what a user of the model needs: base and adapter in bfloat16, ONNX build, cards, losses, sums.

    Raises `NotReady` where a part isn't there.
    """
    run.need("card")
    onnx = run.need("quantize")
    adapter = run.need("lora")
    to.mkdir(parents=True, exist_ok=True)
    for name in ("base", "adapter", "onnx"):
        shutil.rmtree(to / name, ignore_errors=True)
    if run.own_base:
        _halved(run.need("pretrain"), to / "base")
    _halved(adapter, to / "adapter")
    shutil.copytree(onnx, to / "onnx")
    for name in (FILE, "model-card.md", "evaluation.json", "data/sources.json"):
        if (run.folder / name).is_file():
            shutil.copy2(run.folder / name, to / Path(name).name)
    for step in ("pretrain", "lora"):
        if (run.folder / step / "losses.png").is_file():
            shutil.copy2(run.folder / step / "losses.png", to / f"{step}-losses.png")
    write_sums(to)
    say(f"{to}: {folder_bytes(to) / 1e6:,.1f} MB")
    return to


def write_sums(folder: Path) -> Path:
    """SHA-256 of every file in the folder but its prose, as sha256sum writes and checks them."""
    path = folder / SUMS
    files = sorted(
        file for file in folder.rglob("*") if file.is_file() and file != path and file.suffix != ".md"
    )
    lines = [f"{file_digest(file)}  {file.relative_to(folder).as_posix()}\n" for file in files]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
    return path


def describe(run: Run, card: ModelCard) -> str:
    """The model card for people, in Markdown: only what was counted and measured."""
    sources = _sources(run)
    evaluation = _json(run.outcome("evaluate"))
    config = run.config
    lines = [f"# {card.name}", ""]
    lines += [
        "A language model for one task: it reads what people say to a conversational recommender, as JSON, "
        "and words the recommender's replies, with slots for names and numbers that code fills in. It knows "
        "no items and is no general assistant.",
        "",
        *_table(
            [
                ["", ""],
                ["base", card.base_model],
                ["shape", _shape(run)],
                ["prompts", f"the short form, fingerprint `{card.prompt_fingerprint[:12]}`"],
                ["licence of the weights", card.licence],
                ["seed", str(card.seed)],
                ["made", card.created],
            ]
        ),
        "",
        "## Data",
        "",
        *_data(sources),
        "",
        "## Training",
        "",
        *_training(run),
        "",
        "## Evaluation",
        "",
        *(_evaluation(evaluation) if evaluation else ["Not evaluated yet: `genre finetune evaluate`."]),
        "",
        "## Limits",
        "",
        "- English only. Longer or stranger messages than the generator makes are read worse than the "
        "numbers above say, since those are on made-up messages.",
        "- It is meant to be used with code that checks its readings and replies and falls back on rules; "
        "on its own it may name a wrong fact.",
        "- It answers prompts of `prompts/short.py` at this fingerprint and nothing else.",
    ]
    if config.lora.base:
        lines.append(
            f"- The terms of {config.lora.base} hold for the merged weights, besides the licence above."
        )
    return "\n".join(lines) + "\n"


def _data(sources: Mapping[str, Any]) -> list[str]:
    rows = [["part", "source and kind", "examples", "licence"]]
    for part, counts in sources["examples"].items():
        for name, count in counts.items():
            licence = sources["licences"].get(name.rsplit(": ", 1)[0], "")
            rows.append([part, name, f"{count:,}", licence])
    lines = [
        "The generator makes up catalogues, messages and replies from patterns written for this project. "
        "Human dialogues were read where their licences allow it; nothing of them is in this folder but what "
        "the weights learned.",
        "",
        *_table(rows),
        "",
        f"SHA-256 of the training rows: `{sources['data_hash']}`.",
    ]
    if sources["left_out"]:
        told = ", ".join(f"{name} {count:,}" for name, count in sources["left_out"].items() if count)
        lines += ["", f"Left out: {told or 'nothing'}."]
    if sources["domains_left_out"]:
        lines += ["", f"Domains kept for evaluation: {', '.join(sources['domains_left_out'])}."]
    return lines


def _training(run: Run) -> list[str]:
    heads = ["", "weights trained", "rows", "updates", "best validation loss", "minutes"]
    rows = [heads]
    for step, name in (("pretrain", "base"), ("lora", "adapter")):
        made = run.made("pretrain" if step == "pretrain" else "lora")
        if made:
            best = made.get("best_validation_loss")
            rows.append(
                [
                    name,
                    f"{made['parameters']:,}",
                    f"{made['rows']:,}",
                    f"{made['updates']:,} of {made['of']:,}",
                    "-" if best is None else f"{best:.4f}",
                    f"{made['seconds'] / 60:,.1f}",
                ]
            )
    if len(rows) == 1:
        return ["Trained elsewhere: nothing was noted."]
    lora = run.config.lora
    held = "in full" if lora.quantisation == "none" else f"in {lora.quantisation} (QLoRA)"
    return [
        *_table(rows),
        "",
        f"Adapter: rank {lora.rank}, alpha {lora.alpha:g}, on all linear layers, the base held {held}. "
        "Minutes are those of the last stretch where training was resumed.",
    ]


def _evaluation(found: Mapping[str, Any]) -> list[str]:
    machine = found["machine"]
    losses = [["part", "kind", "loss, nats a token", "perplexity", "examples"]]
    for part, kinds in found["losses"].items():
        for kind, one in kinds.items():
            losses.append(
                [part, kind, f"{one['loss']:.4f}", f"{one['perplexity']:,.2f}", str(one["examples"])]
            )
    reads = [["part", "answers", "parse", "act", "interests F1", "feelings F1", "all right"]]
    writes = [["part", "answers", "slots", "items in order", "numbers", "quotes", "faithful", "ended"]]
    acts = [["part", "human messages", "act"]]
    for part, kinds in found["answers"].items():
        for kind, table, names in (
            ("read", reads, ("answers", "parses", "act", "interests", "feelings", "same")),
            ("write", writes, ("answers", "slots", "items", "numbers", "quotes", "faithful", "ended")),
            ("act", acts, ("answers", "act")),
        ):
            if kind in kinds:
                table.append([part, *(_number(kinds[kind][name]) for name in names)])
    lines = [*_table(losses), ""]
    for heading, table in (
        (
            f"Readings, greedily, in {found['answered_in']}. F1 is micro-averaged over kind, subject and "
            "feeling, or kind and feeling; what doesn't parse says nothing.",
            reads,
        ),
        (
            "Replies: whose slots all stand for something; of lists, that name every item once and in order; "
            "without numbers or quotations that the prompt doesn't hold; all of it.",
            writes,
        ),
        ("Messages of people with the act that people gave them.", acts),
    ):
        if len(table) > 1:
            lines += [heading, "", *_table(table), ""]
    lines += [
        f"Precisions, on {machine['processor']}, {machine['threads']} threads, one prompt at a time, at most "
        f"{found['limit']} answers of each kind:",
        "",
        *_table(precision_table(found["precisions"])),
    ]
    return lines


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return [lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]


def _number(value: float) -> str:
    return f"{value:.3f}" if isinstance(value, float) else f"{value:,}"


def _shape(run: Run) -> str:
    found = _json(run.folder / "merged" / "config.json") or {}
    told = (
        ("hidden_size", "wide"),
        ("num_hidden_layers", "layers"),
        ("num_attention_heads", "heads"),
        ("vocab_size", "tokens in the vocabulary"),
        ("max_position_embeddings", "tokens of context"),
    )
    return ", ".join(f"{found[name]:,} {words}" for name, words in told if isinstance(found.get(name), int))


def _sources(run: Run) -> dict[str, Any]:
    found = _json(run.need("data") / "sources.json")
    if not found or "data_hash" not in found:
        raise NotReady(f"{run.outcome('data')} can't be read: run genre finetune data --again.")
    return found


def _json(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found


def _halved(folder: Path, to: Path) -> None:
    """Copies a model's or an adapter's files, its weights in bfloat16."""
    import torch
    from safetensors.torch import load_file, save_file

    to.mkdir(parents=True)
    for path in sorted(folder.iterdir()):
        if path.suffix == ".safetensors":
            weights = {
                name: one.to(torch.bfloat16) if one.is_floating_point() else one
                for name, one in load_file(path).items()
            }
            save_file(weights, to / path.name, metadata={"format": "pt"})
        elif path.name == "config.json":
            found = json.loads(path.read_text(encoding="utf-8"))
            (to / path.name).write_text(
                json.dumps({**found, "dtype": "bfloat16"}, indent=2) + "\n", encoding="utf-8"
            )
        elif path.is_file() and path.suffix in (".json", ".jinja", ".txt", ".model"):
            shutil.copy2(path, to / path.name)
