"""All signals of a moment → one score: which candidates, which features, and the fitted trees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from retrieval import boosting
from retrieval.errors import BadDialogues

if TYPE_CHECKING:
    import lightgbm

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

#: Signals that find candidates and stand among the features by their deviation from the moment's mean too.
LOUD = (
    "encoder", "together", "alike", "ease", "after", "said_all", "said_recent", "moments", "text", "narrow",
    "title", "words_user", "near", "near_user", "meant_user", "text_alike", "BM25",
)  # fmt: skip
#: Summed (as deviations) to the first, rough order. Chosen on cross-validated train moments.
ROUGH: Mapping[str, float] = {
    "encoder": 2.0, "ease": 1.0, "together": 1.0, "alike": 0.5, "said_recent": 1.0, "recommended": 0.5,
    "text": 0.5, "moments": 0.5, "near_user": 1.0, "near": 0.5, "BM25": 0.5,
}  # fmt: skip

_BEST = 400  # candidates by the rough order
_EACH = 40  # more by each loud signal alone
_ALWAYS = 40  # negatives that training always sees: the hardest
_DRAWN = 80  # more negatives, drawn from the other candidates and weighted for those not drawn


@dataclass(frozen=True)
class FusionSettings:
    """LightGBM's: `trees`, `leaves` of each, `rate` of learning, `least` examples (by weight) in a leaf,
    `l2` penalty, `features` and `rows` as shares drawn for each tree."""

    trees: int = 120
    leaves: int = 15
    rate: float = 0.06
    least: int = 400
    l2: float = 10.0
    features: float = 0.5
    rows: float = 0.6


@dataclass(frozen=True)
class Table:
    """Training rows: `features` (m, f), whether each was a target, its weight."""

    features: Floats
    targets: npt.NDArray[np.bool_]
    weights: Floats


def rough(signals: Mapping[str, Floats]) -> Floats:
    """The first order of all items, shape (n,)."""
    parts = [weight * deviations(signals[name]) for name, weight in ROUGH.items()]
    return np.asarray(np.sum(parts, axis=0), dtype=np.float32)


def candidates(signals: Mapping[str, Floats], order: Floats, barred: Sequence[int]) -> Rows:
    """Rows worth a second look, ascending, none of `barred`."""
    chosen = np.zeros(len(order), dtype=np.bool_)
    chosen[_top(order, _BEST)] = True
    for name in LOUD:
        best = _top(signals[name], _EACH)
        chosen[best[signals[name][best] > signals[name].min()]] = True
    chosen[list(barred)] = False
    return np.flatnonzero(chosen)


def features(signals: Mapping[str, Floats], order: Floats, rows: Rows, named: int, turn: int) -> Floats:
    """The features of candidate rows, shape (len(rows), f), columns as `feature_names` says."""
    columns = [signal[rows] for signal in signals.values()]
    columns += [deviations(signals[name])[rows] for name in LOUD]
    columns += [order[rows], np.full(len(rows), named), np.full(len(rows), turn)]
    return np.stack(columns, axis=1).astype(np.float32)


def feature_names(signals: Sequence[str]) -> list[str]:
    """The names of `features`' columns."""
    return [*signals, *(f"{name}_deviation" for name in LOUD), "rough", "named", "turns"]


def training_rows(
    found: Floats, rows: Rows, order: Floats, targets: Sequence[int], chance: np.random.Generator
) -> Table:
    """The targets among the candidates, the hardest others, and some drawn from the rest.

    Those drawn count for the ones left out: without that, an item would seem likelier for standing lower.
    """
    is_target = np.isin(rows, np.asarray(targets))
    others = np.flatnonzero(~is_target)
    others = others[np.argsort(-order[rows[others]], kind="stable")]
    hard, rest = others[:_ALWAYS], others[_ALWAYS:]
    drawn = chance.choice(rest, min(_DRAWN, len(rest)), replace=False)
    kept = np.concatenate([np.flatnonzero(is_target), hard, drawn])
    weights = np.ones(len(kept), dtype=np.float32)
    weights[len(kept) - len(drawn) :] = len(rest) / max(len(drawn), 1)
    return Table(found[kept], is_target[kept], weights)


class Fusion:
    """Gradient-boosted trees over the signals (LightGBM, Ke et al. 2017), for the chance of being next."""

    def __init__(self, booster: lightgbm.Booster) -> None:
        self._booster = booster

    @classmethod
    def fit(
        cls, tables: Sequence[Table], names: Sequence[str], settings: FusionSettings, seed: int, threads: int
    ) -> Self:
        """From training rows of moments that the signals were not fitted on."""
        library = boosting.lightgbm()
        data = library.Dataset(
            np.concatenate([table.features for table in tables]),
            np.concatenate([table.targets for table in tables]).astype(np.float32),
            weight=np.concatenate([table.weights for table in tables]),
            feature_name=list(names),
        )
        options: dict[str, Any] = {
            "objective": "binary",
            "learning_rate": settings.rate,
            "num_leaves": settings.leaves,
            "min_data_in_leaf": settings.least,
            "lambda_l2": settings.l2,
            "feature_fraction": settings.features,
            "bagging_fraction": settings.rows,
            "bagging_freq": 1,
            "num_threads": threads,
            "deterministic": True,
            "force_row_wise": True,
            "seed": seed,
            "verbose": -1,
        }
        return cls(library.train(options, data, settings.trees))

    def scores(self, found: Floats) -> Floats:
        """The log odds of each row of features, shape (m,)."""
        return np.asarray(self._booster.predict(found, raw_score=True, num_threads=1), dtype=np.float32)

    def importance(self) -> dict[str, float]:
        """The share of the gain that each feature had."""
        gain = np.asarray(self._booster.feature_importance("gain"), dtype=np.float64)
        return dict(zip(self._booster.feature_name(), (gain / max(gain.sum(), 1e-9)).tolist(), strict=True))

    def text(self) -> str:
        """The trees in LightGBM's own text format."""
        return str(self._booster.model_to_string())

    @classmethod
    def of_text(cls, text: str) -> Self:
        """Trees from their text. Raises `BadDialogues` where it is not one."""
        library = boosting.lightgbm()
        try:
            return cls(library.Booster(model_str=text))
        except library.basic.LightGBMError as error:
            raise BadDialogues(f"The fitted trees can't be read ({error}): fit them again.") from None


def deviations(signal: Floats) -> Floats:
    """A signal over all items, in standard deviations from its mean."""
    return np.asarray((signal - signal.mean()) / (signal.std() + 1e-9), dtype=np.float32)


def _top(signal: Floats, count: int) -> Rows:
    if len(signal) <= count:
        return np.arange(len(signal))
    return np.argpartition(-signal, count)[:count]
