"""Several recommenders as one: what each of them is worth, learnt on interactions that none of them saw."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from retrieval.collaborative.blend import Circumstances, ranking_table, rating_table
from retrieval.collaborative.kept import keep, kept
from retrieval.collaborative.protocol import Array, History, Interactions, Recommender, Rows, Side
from retrieval.errors import BadInteractions, IndexDamaged

Table = npt.NDArray[np.float32]

_SHORT = (0, 0, 1, 2, 3, 5)  # interactions that somebody nearly new has


@dataclass(frozen=True)
class MixtureSettings:
    """How the weighing is learnt.

    `relevant`: the least rating that makes an interaction one to be recommended; 0 takes all. `hold`:
    "random" holds back a share of each person's interactions, "last" their newest. `parts`: times that is
    done, ≥ 1, each with another `share` of them (0 to 0.5). `pool`: the best items of each member that the
    second ranking orders, ≥ 1; `others`: further items a person that the first learns from; `short`: the
    share of people (0 to 1) who also teach with only their first few interactions, or none. `trees`,
    `leaves`, `least` (examples a leaf), `ridge` and `rate` are those of LightGBM. `seed`: of all drawing.
    """

    relevant: float = 4.0
    hold: Literal["random", "last"] = "random"
    parts: int = 2
    share: float = 0.2
    pool: int = 60
    others: int = 150
    short: float = 0.25
    trees: int = 200
    leaves: int = 8
    least: int = 300
    ridge: float = 10.0
    rate: float = 0.05
    seed: int = 0


@dataclass(frozen=True)
class _Lesson:
    """Examples from one person: feature rows, whether each was relevant, what it stands for, if pooled."""

    table: Table
    good: npt.NDArray[np.bool_]
    weight: Array
    pooled: npt.NDArray[np.bool_]


class Mixture:
    """Learned fusion of other recommenders, by stacking (Wolpert 1992, "Stacked Generalization").

    Members are fitted on a part of the interactions, and what was held back teaches three small, regularised
    sets of trees (LightGBM): one that tells relevant items from all others over the whole list (logistic
    loss, items drawn with their inverse chance as weight); one that orders the head of the list (LambdaMART,
    Burges 2010); and one that predicts ratings (squared loss, on what the members' mean leaves). Then the
    members are fitted again on everything. The head is the union of the members' own heads; its places stay
    its own, only their order is the second ranking's.
    """

    def __init__(self, members: Mapping[str, Recommender], settings: MixtureSettings | None = None) -> None:
        if not members:
            raise BadInteractions("A mixture needs at least one member.")
        self.members = dict(members)
        self.settings = settings or MixtureSettings()
        self._circumstances: Circumstances
        self._models: dict[str, Any] = {}
        self._scale: tuple[float, float] = (0.0, 1.0)

    def fit(self, interactions: Interactions, side: Side | None = None) -> Self:
        self._scale = interactions.scale
        self._models = {}
        lessons: list[_Lesson] = []
        rated: list[tuple[Table, Array, Array]] = []
        rng = np.random.default_rng(self.settings.seed)
        for inside, outside in self._parts(interactions):
            self._fit_members(inside, side)
            for history, held in zip(inside.histories(), outside.histories(), strict=True):
                if not len(held) or not len(history):
                    continue
                told = self._circumstances.told(history)
                lessons += self._lessons(history, history, held, told, rng)
                if rng.random() < self.settings.short:
                    start = history.first(int(rng.choice(_SHORT)))
                    lessons += self._lessons(start, history, held, self._circumstances.told(start), rng)
                if interactions.explicit:
                    table, middle = rating_table(self.members, history, told, held.rows)
                    rated.append((table, middle, held.ratings))
        self._learn(lessons, rated)
        self._fit_members(interactions, side)
        return self

    def _fit_members(self, interactions: Interactions, side: Side | None) -> None:
        for member in self.members.values():
            member.fit(interactions, side)
        self._circumstances = Circumstances.of(interactions, side)

    def _parts(self, interactions: Interactions) -> Iterator[tuple[Interactions, Interactions]]:
        """Interactions to fit on and to learn from, several times."""
        options, count = self.settings, len(interactions)
        if options.hold == "random":
            places = np.random.default_rng(options.seed).permutation(count)
            folds = np.floor(places / max(count, 1) / max(options.share, 1e-6)).astype(np.int64)
            for part in range(min(options.parts, int(1 / max(options.share, 1e-6)))):
                yield interactions.take(folds != part), interactions.take(folds == part)
            return
        order = np.lexsort((interactions.items, interactions.times, interactions.users))
        sizes = np.bincount(interactions.users, minlength=interactions.n_users)
        from_end = np.empty(count, np.int64)
        starts = np.concatenate([[0], np.cumsum(sizes)])[:-1]
        from_end[order] = (sizes[interactions.users] - 1)[order] - (
            np.arange(count) - starts[interactions.users[order]]
        )
        held = np.maximum((sizes * options.share).astype(np.int64), 1)[interactions.users]
        for part in range(options.parts):
            # Each part ends earlier: its newest interactions are held back, what came later is not there.
            newest = from_end < part * held
            back = ~newest & (from_end < (part + 1) * held)
            yield interactions.take(~newest & ~back), interactions.take(back)

    def _lessons(
        self, history: History, whole: History, held: History, told: Array, rng: np.random.Generator
    ) -> list[_Lesson]:
        """One lesson, or none where nothing held back was relevant. `history` may be a part of the `whole`:
        what was left out of it is neither right nor wrong to recommend."""
        good = held.rows[held.ratings >= self.settings.relevant]
        if not len(good):
            return []
        table = ranking_table(self.members, history, told)
        head = self._head(table, whole)
        relevant = np.zeros(len(table), dtype=bool)
        relevant[good] = True
        free = ~head
        free[whole.rows] = False
        rest = np.flatnonzero(free & ~relevant)
        drawn = rng.choice(rest, min(self.settings.others, len(rest)), replace=False)
        rows = np.concatenate([np.flatnonzero(head), np.flatnonzero(free & relevant), drawn])
        weight = np.ones(len(rows), np.float32)
        weight[len(rows) - len(drawn) :] = len(rest) / max(len(drawn), 1)
        weight /= np.sqrt(len(good))  # people who took hundreds of things do not drown the others
        return [_Lesson(table[rows], relevant[rows], weight, head[rows])]

    def _head(self, table: Table, history: History) -> npt.NDArray[np.bool_]:
        """The union of the members' best items outside the history, as a mask."""
        head = np.zeros(len(table), dtype=bool)
        scores = table[:, : len(self.members)].copy()
        scores[history.rows] = -np.inf
        keep_best = min(self.settings.pool, len(table))
        for column in scores.T:
            head[np.argpartition(column, -keep_best)[-keep_best:]] = True
        head[history.rows] = False
        return head

    def _learn(self, lessons: list[_Lesson], rated: list[tuple[Table, Array, Array]]) -> None:
        if lessons and any(lesson.good.any() and not lesson.good.all() for lesson in lessons):
            table = np.concatenate([lesson.table for lesson in lessons])
            good = np.concatenate([lesson.good for lesson in lessons])
            weight = np.concatenate([lesson.weight for lesson in lessons])
            self._models["list"] = self._trees("binary", table, good, weight)
            heads = [lesson for lesson in lessons if lesson.good[lesson.pooled].any()]
            if heads:
                self._models["head"] = self._trees(
                    "lambdarank",
                    np.concatenate([lesson.table[lesson.pooled] for lesson in heads]),
                    np.concatenate([lesson.good[lesson.pooled] for lesson in heads]),
                    None,
                    [int(lesson.pooled.sum()) for lesson in heads],
                )
        if rated:
            table = np.concatenate([part for part, _, _ in rated])
            left = np.concatenate([given - middle for _, middle, given in rated])
            self._models["rating"] = self._trees("regression", table, left, None)

    def _trees(
        self,
        objective: str,
        table: Table,
        target: npt.NDArray[Any],
        weight: Array | None,
        groups: list[int] | None = None,
    ) -> Any:
        import lightgbm  # takes a moment to import

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
        data = lightgbm.Dataset(table, target.astype(np.float32), weight=weight, group=groups)
        return lightgbm.train(parameters, data, num_boost_round=rounds)

    def scores(self, history: History) -> Array:
        table = ranking_table(self.members, history, self._circumstances.told(history))
        if "list" not in self._models:
            return np.asarray(table[:, : len(self.members)].mean(axis=1), dtype=np.float32)
        found = self._models["list"].predict(table, raw_score=True, num_threads=1).astype(np.float32)
        if "head" in self._models:
            head = np.flatnonzero(self._head(table, history))
            order = self._models["head"].predict(table[head], raw_score=True, num_threads=1)
            found[head[np.argsort(order, kind="stable")]] = np.sort(found[head])
        return np.asarray(found, dtype=np.float32)

    def ratings(self, history: History) -> Array | None:
        return self.ratings_at(history, np.arange(len(self._circumstances.counts)))

    def ratings_at(self, history: History, rows: Rows) -> Array | None:
        """The predicted ratings of a few rows, of shape (rows,): much less work than those of all."""
        if "rating" not in self._models:
            return None
        told = self._circumstances.told(history)
        table, middle = rating_table(self.members, history, told, rows)
        left = self._models["rating"].predict(table, num_threads=1)
        return np.asarray(middle + left, dtype=np.float32).clip(*self._scale)

    def save(self, folder: Path) -> None:
        """As `Recommender.save`: a folder for each member, and the trees as LightGBM's own text."""
        told = self._circumstances
        values = {name: getattr(told, name) for name in told.__dataclass_fields__}
        models = {name: model.model_to_string() for name, model in self._models.items()}
        keep(
            folder, "mixture", {**values, "scale": self._scale, "models": models, "members": [*self.members]}
        )
        for place, member in enumerate(self.members.values()):
            member.save(folder / f"member-{place}")

    def load(self, folder: Path) -> Self:
        """As `Recommender.load`; the members must be those that were saved, in the same order."""
        import lightgbm

        values = kept(folder, "mixture")
        if values.get("members") != [*self.members]:
            raise IndexDamaged(
                f"{folder} holds a mixture of {json.dumps(values.get('members'))}, not of "
                f"{json.dumps([*self.members])}: fit it anew."
            )
        self._circumstances = Circumstances(
            **{name: values[name] for name in Circumstances.__dataclass_fields__}
        )
        self._scale = (float(values["scale"][0]), float(values["scale"][1]))
        self._models = {name: lightgbm.Booster(model_str=text) for name, text in values["models"].items()}
        for place, member in enumerate(self.members.values()):
            member.load(folder / f"member-{place}")
        return self
