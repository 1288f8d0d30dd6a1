"""The dialogue ranker: fitted on dialogues, it ranks every item for a moment."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from retrieval.dialogues import fusion
from retrieval.dialogues.behaviour import Behaviour
from retrieval.dialogues.content import Content
from retrieval.dialogues.encoder import Encoder, EncoderSettings
from retrieval.dialogues.files import Dialogue
from retrieval.dialogues.fusion import Fusion, FusionSettings
from retrieval.dialogues.meaning import Meaning, last_words, whole_wish
from retrieval.dialogues.moments import Example, Moment, examples_of, named_in
from retrieval.dialogues.sense import Sense
from retrieval.dialogues.spoken import Spoken
from retrieval.errors import BadDialogues, RetrievalError
from retrieval.items import Item

Floats = npt.NDArray[np.float32]

Progress = Callable[[str, int, int], None]
"""Called with what is being done ("part 2 of 5"), how much is done, and how much in all."""

_FORMAT = 2


@dataclass(frozen=True)
class RankerSettings:
    """`folds`: parts that the train dialogues are cut into, so that the fusion learns from signals that
    have not seen its dialogue. `encoders`: networks of different seeds whose scores are averaged."""

    folds: int = 5
    encoders: int = 2
    encoder: EncoderSettings = field(default_factory=EncoderSettings)
    fusion: FusionSettings = field(default_factory=FusionSettings)
    seed: int = 0
    threads: int = 1


#: One narrow network.
SMALL = RankerSettings(encoders=1, encoder=EncoderSettings(width=64))


@dataclass(frozen=True)
class Signals:
    """Everything that is fitted on dialogues but the fusion."""

    content: Content
    behaviour: Behaviour
    spoken: Spoken
    meaning: Meaning
    encoders: tuple[Encoder, ...]

    @classmethod
    def fit(
        cls,
        dialogues: Sequence[Dialogue],
        items: Sequence[Item],
        content: Content,
        sense: Sense,
        settings: RankerSettings,
        progress: Callable[[int, int], None] | None = None,
    ) -> Self:
        rows = {item.id: row for row, item in enumerate(items)}
        both = examples_of(dialogues, rows, both=True)
        ours = [one for one in both if not one.by_user]
        from retrieval.dialogues.train import train_encoder  # torch is needed to fit only

        return cls(
            content,
            Behaviour.fit([named_in(one, rows) for one in dialogues], ours, len(items)),
            Spoken.fit(dialogues, ours, items, rows),
            Meaning.fit(ours, sense, len(items)),
            tuple(
                train_encoder(both, content.features, settings.encoder, settings.seed + number, progress)
                for number in range(settings.encoders)
            ),
        )

    def of(self, moment: Moment) -> dict[str, Floats]:
        """Every signal for all items, by name, shape (n,)."""
        each = [encoder.scores(moment) for encoder in self.encoders]
        encoded = np.asarray(np.mean(each, axis=0), dtype=np.float32)
        return (
            {"encoder": encoded}
            | self.behaviour.signals(moment)
            | self.spoken.signals(moment)
            | self.meaning.signals(moment)
            | self.content.signals(moment)
            | {"year": self.content.years, "described": self.content.described}
        )


SIGNALS = (
    "encoder", *Behaviour.NAMES, *Spoken.NAMES, *Meaning.NAMES, *Content.NAMES, "year", "described",
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """Fits the signals on all parts but one, and makes the fusion's training rows of that one.

    Picklable where it has no `progress`, so that parts can run on several processes.
    """

    dialogues: tuple[Dialogue, ...]
    items: tuple[Item, ...]
    sense: Sense
    settings: RankerSettings
    progress: Progress | None = None

    def __call__(self, part: int) -> list[fusion.Table]:
        folds = self.settings.folds
        part_of = np.random.default_rng(self.settings.seed).permutation(len(self.dialogues)) % folds
        pairs = list(zip(self.dialogues, part_of, strict=True))
        tell = _telling(self.progress, f"part {part + 1} of {folds}")
        others = [one for one, at in pairs if at != part]
        signals = Signals.fit(others, self.items, Content(self.items), self.sense, self.settings, tell)
        held = [one for one, at in pairs if at == part]
        return fusion_rows(signals, held, self.items, self.settings.seed + part)


Spread = Callable[[Part, Sequence[int]], Sequence[list[fusion.Table]]]
"""Runs a `Part` for each number and gives the results in that order."""


def _in_turn(part: Part, numbers: Sequence[int]) -> list[list[fusion.Table]]:
    return [part(number) for number in numbers]


class DialogueRanker:
    """Ranks all items for a moment: signals, a rough order, then the fused one for the best.

    `items` are the rows that moments speak of, `embedder` what made their vectors.
    """

    def __init__(self, items: Sequence[Item], signals: Signals, trees: Fusion, embedder: str) -> None:
        self.items = tuple(items)
        self.signals, self.trees, self.embedder = signals, trees, embedder

    @classmethod
    def fit(
        cls,
        dialogues: Sequence[Dialogue],
        items: Sequence[Item],
        sense: Sense,
        settings: RankerSettings | None = None,
        progress: Progress | None = None,
        spread: Spread | None = None,
    ) -> Self:
        """Fits signals and fusion on dialogues about `items`, whose texts `sense` knows. The fusion sees only
        moments whose dialogue the signals were not fitted on.

        `spread` may run the parts on several processes; in turn without it. Raises `BadDialogues` where there
        are too few dialogues, or the system never names anything in them.
        """
        settings = settings or RankerSettings()
        if len(dialogues) < 2 * settings.folds:
            raise BadDialogues(
                f"Found {len(dialogues)} dialogues; at least {2 * settings.folds} are needed to fit a ranker."
            )
        rows = {item.id: row for row, item in enumerate(items)}
        moments = [one.moment for one in examples_of(dialogues, rows)]
        texts = [words(moment) for moment in moments for words in (last_words, whole_wish)]
        known = sense.knowing(texts, _telling(progress, "what was meant"))
        part = Part(tuple(dialogues), tuple(items), known, settings, None if spread else progress)
        parts = range(settings.folds)
        tables = [table for found in (spread or _in_turn)(part, parts) for table in found]
        if not any(table.targets.any() for table in tables):
            raise BadDialogues("In these dialogues the system never names an item of the list.")
        names = fusion.feature_names(SIGNALS)
        trees = Fusion.fit(tables, names, settings.fusion, settings.seed, settings.threads)
        tell = _telling(progress, "all parts together")
        signals = Signals.fit(dialogues, items, Content(items), known, settings, tell)
        return cls(items, replace(signals, meaning=signals.meaning.with_sense(sense)), trees, sense.name)

    def scores(self, moment: Moment) -> Floats:
        """A score for every item, shape (n,), higher is better: candidates by the fusion, the others below
        them in rough order; -inf for what was named."""
        signals = self.signals.of(moment)
        order = fusion.rough(signals)
        rows = fusion.candidates(signals, order, moment.named)
        fused = self.trees.scores(
            fusion.features(signals, order, rows, len(moment.named), len(moment.user) + len(moment.system))
        )
        found = np.asarray(order - order.max() + fused.min(initial=0) - 1, dtype=np.float32)
        found[rows] = fused
        found[list(moment.named)] = -np.inf
        return found

    def save(self, folder: Path) -> None:
        """Writes what was fitted into a folder of its own; the items stay with the catalogue."""
        folder.mkdir(parents=True, exist_ok=True)
        _keep(folder / "behaviour.npz", self.signals.behaviour.arrays())
        _keep(folder / "spoken.npz", self.signals.spoken.arrays())
        _keep(folder / "meaning.npz", self.signals.meaning.arrays())
        for number, encoder in enumerate(self.signals.encoders):
            _keep(folder / f"encoder-{number}.npz", encoder.arrays())
        (folder / "fusion.txt").write_text(self.trees.text(), encoding="utf-8")
        about = {
            "format": _FORMAT,
            "encoders": len(self.signals.encoders),
            "embedder": self.embedder,
            "items": [i.id for i in self.items],
        }
        (folder / "ranker.json").write_text(json.dumps(about), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, items: Sequence[Item], sense: Sense) -> Self:
        """What `save` wrote, for the same items in the same order, and the sense of the same embedder.
        Raises `BadDialogues`."""
        try:
            about = json.loads((folder / "ranker.json").read_text(encoding="utf-8"))
            if about["format"] != _FORMAT:
                raise BadDialogues(
                    f"{folder} has format {about['format']}, expected {_FORMAT}: fit it again."
                )
            if about["items"] != [item.id for item in items]:
                raise BadDialogues(
                    f"{folder} was fitted on other items than the {len(items)} here: fit it again."
                )
            if about["embedder"] != sense.name:
                raise BadDialogues(
                    f"{folder} was fitted with the embedder {about['embedder']}, here it is {sense.name}: "
                    "fit it again."
                )
            encoders = (_arrays(folder / f"encoder-{number}.npz") for number in range(about["encoders"]))
            signals = Signals(
                Content(items),
                Behaviour.of_arrays(_arrays(folder / "behaviour.npz")),
                Spoken.of_arrays(_arrays(folder / "spoken.npz")),
                Meaning.of_arrays(_arrays(folder / "meaning.npz"), sense),
                tuple(Encoder.of_arrays(arrays) for arrays in encoders),
            )
            trees = Fusion.of_text((folder / "fusion.txt").read_text(encoding="utf-8"))
        except RetrievalError:
            raise
        except Exception as error:  # a cut-off file fails in the zip, JSON or numpy reader, each in its way
            raise BadDialogues(f"{folder} can't be read ({error}): fit the ranker again.") from error
        return cls(items, signals, trees, sense.name)


def fusion_rows(
    signals: Signals, dialogues: Sequence[Dialogue], items: Sequence[Item], seed: int
) -> list[fusion.Table]:
    """Training rows for the fusion, one table a moment."""
    rows = {item.id: row for row, item in enumerate(items)}
    chance = np.random.default_rng(seed)
    return [_rows_of(signals, example, chance) for example in examples_of(dialogues, rows)]


def _rows_of(signals: Signals, example: Example, chance: np.random.Generator) -> fusion.Table:
    moment = example.moment
    found = signals.of(moment)
    order = fusion.rough(found)
    rows = fusion.candidates(found, order, moment.named)
    turns = len(moment.user) + len(moment.system)
    table = fusion.features(found, order, rows, len(moment.named), turns)
    return fusion.training_rows(table, rows, order, example.targets, chance)


def _telling(progress: Progress | None, part: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, whole: progress(part, done, whole)


def _keep(path: Path, arrays: Mapping[str, Any]) -> None:
    np.savez_compressed(path, **arrays)


def _arrays(path: Path) -> dict[str, npt.NDArray[np.generic]]:
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}
