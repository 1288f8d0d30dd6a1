"""What a mixture learns with: three small sets of trees, each with as much say as it earned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from retrieval import boosting
from retrieval.collaborative.protocol import Array, Mask

Table = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)  # of the say that the order of the head may get


@dataclass(frozen=True)
class StackSettings:
    """`trees`, `leaves`, `least` (examples a leaf), `ridge` and `rate` are those of LightGBM; `seed`: of its
    drawing."""

    trees: int = 200
    leaves: int = 8
    least: int = 300
    ridge: float = 10.0
    rate: float = 0.05
    seed: int = 0


@dataclass(frozen=True)
class Lesson:
    """Examples from one person: feature rows, whether each was relevant, what it stands for, if pooled."""

    table: Table
    good: Mask
    weight: Array
    pooled: Mask


@dataclass(frozen=True)
class Rated:
    """Rated items of one person: feature rows, what is expected of them without the stack, what was given."""

    table: Table
    middle: Array
    given: Array


@dataclass(frozen=True)
class Part:
    """All that one held-back part teaches."""

    lessons: list[Lesson]
    rated: list[Rated]


@dataclass
class Stack:
    """Stacked generalisation (Wolpert 1992) by three regularised sets of trees (LightGBM).

    "list" tells relevant items from all others (logistic loss), "head" orders the best of them (LambdaMART,
    Burges 2010), "rating" corrects an expected rating (squared loss). The last two are heeded only as far as
    they proved right where they had not learnt: fitted on all parts but one, asked about that one.
    """

    settings: StackSettings = field(default_factory=StackSettings)
    models: dict[str, Any] = field(default_factory=dict)
    say: dict[str, float] = field(default_factory=dict)

    def fit(self, parts: Sequence[Part]) -> Self:
        """Learns anew from what was held back; with a single part everything has its full say."""
        self.models = self._models(parts)
        self.say = dict.fromkeys(("head", "rating"), 1.0)
        if len(parts) > 1:
            self._weigh(parts)
        return self

    def _weigh(self, parts: Sequence[Part]) -> None:
        gains: list[list[float]] = []
        told, left = [np.zeros(0)], [np.zeros(0)]
        for number, part in enumerate(parts):
            others = Stack(self.settings)
            others.models = others._models([*parts[:number], *parts[number + 1 :]])
            if "head" in others.models:
                for lesson in part.lessons:
                    table, good = lesson.table[lesson.pooled], lesson.good[lesson.pooled]
                    if good.any():
                        one, two = others.opinions(table)
                        gains.append([ndcg(good, (1 - share) * one + share * two) for share in _SHARES])
            if "rating" in others.models:
                for rated in part.rated:
                    told.append(others.predicted("rating", rated.table))
                    left.append((rated.given - rated.middle).astype(np.float64))
        if gains:
            self.say["head"] = _SHARES[int(np.argmax(np.mean(gains, axis=0)))]
        said, wanted = np.concatenate(told), np.concatenate(left)
        if len(said):  # the least squares of wanted = share · said
            self.say["rating"] = float(np.clip(said @ wanted / max(float(said @ said), 1e-9), 0, 1))

    def scores(self, table: Table, head: npt.NDArray[Any]) -> Array | None:
        """Scores of all rows, of which `head` are ordered anew in their own places; None without a list."""
        if "list" not in self.models:
            return None
        found = self.predicted("list", table).astype(np.float32)
        share = self.say.get("head", 0.0)
        if share and len(head) and "head" in self.models:
            one, two = self.opinions(table[head])
            order = np.argsort((1 - share) * one + share * two, kind="stable")
            found[head[order]] = np.sort(found[head])
        return found

    def opinions(self, table: Table) -> tuple[Floats, Floats]:
        """What the list and the head say of the best items, each standardised."""
        one, two = (self.predicted(name, table) for name in ("list", "head"))
        return (one - one.mean()) / (one.std() or 1.0), (two - two.mean()) / (two.std() or 1.0)

    def correction(self, table: Table) -> Floats:
        """What to add to expected ratings, where there were some to learn from."""
        return self.say["rating"] * self.predicted("rating", table)

    def predicted(self, name: str, table: Table) -> Floats:
        """The raw output of one set of trees for each row."""
        return np.asarray(self.models[name].predict(table, raw_score=True, num_threads=1), dtype=np.float64)

    def _models(self, parts: Sequence[Part]) -> dict[str, Any]:
        lessons = [lesson for part in parts for lesson in part.lessons]
        rated = [rated for part in parts for rated in part.rated]
        models: dict[str, Any] = {}
        if any(lesson.good.any() and not lesson.good.all() for lesson in lessons):
            table = np.concatenate([lesson.table for lesson in lessons])
            good = np.concatenate([lesson.good for lesson in lessons])
            weight = np.concatenate([lesson.weight for lesson in lessons])
            models["list"] = self._trees("binary", table, good, weight)
            heads = [lesson for lesson in lessons if lesson.good[lesson.pooled].any()]
            if heads:
                models["head"] = self._trees(
                    "lambdarank",
                    np.concatenate([lesson.table[lesson.pooled] for lesson in heads]),
                    np.concatenate([lesson.good[lesson.pooled] for lesson in heads]),
                    None,
                    [int(lesson.pooled.sum()) for lesson in heads],
                )
        if rated:
            table = np.concatenate([one.table for one in rated])
            left = np.concatenate([one.given - one.middle for one in rated])
            models["rating"] = self._trees("regression", table, left, None)
        return models

    def _trees(
        self,
        objective: str,
        table: Table,
        target: npt.NDArray[Any],
        weight: Array | None,
        groups: list[int] | None = None,
    ) -> Any:
        library = boosting.lightgbm()
        options, rounds = self.settings, self.settings.trees
        least, leaves = options.least, options.leaves
        if objective == "regression":  # every example is a number of its own: finer trees, and more of them
            least, leaves, rounds = max(least // 5, 1), 2 * leaves, 2 * rounds
        parameters = {
            "objective": objective,
            "num_leaves": max(leaves, 2),
            "learning_rate": options.rate,
            "min_data_in_leaf": min(least, max(len(table) // 20, 1)),
            "lambda_l2": options.ridge,
            "feature_fraction": 0.7,
            "bagging_fraction": 0.7,
            "bagging_freq": 1,
            "lambdarank_truncation_level": 20,
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "seed": options.seed,
            "verbose": -1,
        }
        data = library.Dataset(table, target.astype(np.float32), weight=weight, group=groups)
        return library.train(parameters, data, num_boost_round=rounds)

    def kept(self) -> dict[str, Any]:
        """As plain values: LightGBM's own text, and the shares."""
        return {
            "models": {name: model.model_to_string() for name, model in self.models.items()},
            "say": self.say,
        }

    def take_up(self, values: dict[str, Any]) -> Self:
        """What `kept` gave."""
        library = boosting.lightgbm()
        self.models = {name: library.Booster(model_str=text) for name, text in values["models"].items()}
        self.say = dict(values["say"])
        return self


def ndcg(good: Mask, scores: Floats, k: int = 10) -> float:
    """NDCG of the first `k` of the rows by score, all gains 1; some row is good."""
    discounts = 1 / np.log2(np.arange(2, k + 2))
    first = good[np.argsort(-scores, kind="stable")[:k]]
    return float(discounts[: len(first)] @ first / discounts[: min(k, int(good.sum()))].sum())
