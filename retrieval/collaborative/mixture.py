"""Several recommenders as one: what each of them is worth, learnt on interactions that none of them saw."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, Self

import numpy as np

from retrieval.collaborative.blend import Circumstances, ranking_table, rating_table
from retrieval.collaborative.kept import keep, kept
from retrieval.collaborative.protocol import (
    EMPTY,
    Array,
    History,
    Interactions,
    Mask,
    Recommender,
    Rows,
    Side,
)
from retrieval.collaborative.stack import Lesson, Part, Rated, Stack, StackSettings, Table
from retrieval.errors import BadInteractions, IndexDamaged

_SHORT = (1, 2, 3, 5)  # interactions that somebody nearly new has


@dataclass(frozen=True)
class MixtureSettings:
    """How the weighing is learnt.

    `relevant`: the least rating that makes an interaction one to be recommended; 0 takes all. `hold`:
    "random" holds back a share of all interactions, "last" each person's newest, "moment" whatever came
    after one moment for all, with the people who came only then: as the future will find it. `parts`: times
    that is done, ≥ 1, each with another `share` of them (0 to 0.5). `newcomers`: the share of people (0 to
    0.5) who are held back whole in each part, and teach with only their first few interactions; "moment" has
    newcomers of its own. `pool`: the best items of each member that the second ranking orders, ≥ 1;
    `others`: further items a person that the first learns from. `trees`, `leaves`, `least` (examples a
    leaf), `ridge` and `rate` are those of LightGBM. `seed`: of all drawing.
    """

    relevant: float = 4.0
    hold: Literal["random", "last", "moment"] = "random"
    parts: int = 2
    share: float = 0.2
    newcomers: float = 0.1
    pool: int = 60
    others: int = 150
    trees: int = StackSettings.trees
    leaves: int = StackSettings.leaves
    least: int = StackSettings.least
    ridge: float = StackSettings.ridge
    rate: float = StackSettings.rate
    seed: int = 0


class Mixture:
    """Learned fusion of other recommenders, by stacking (Wolpert 1992, "Stacked Generalization").

    Members are fitted on a part of the interactions, and what was held back teaches a `Stack`: to tell
    relevant items from all others over the whole list (items drawn with their inverse chance as weight), to
    order the head of the list, and to predict ratings, on what the members' mean leaves. Then the members
    are fitted again on everything. The head is the union of the members' own heads; its places stay its own.
    """

    def __init__(self, members: Mapping[str, Recommender], settings: MixtureSettings | None = None) -> None:
        if not members:
            raise BadInteractions("A mixture needs at least one member.")
        self.members = dict(members)
        self.settings = settings or MixtureSettings()
        self._circumstances: Circumstances
        self._stack = Stack()
        self._scale: tuple[float, float] = (0.0, 1.0)

    def fit(self, interactions: Interactions, side: Side | None = None) -> Self:
        self._scale = interactions.scale
        rng = np.random.default_rng(self.settings.seed)
        parts: list[Part] = []
        for inside, outside in self._parts(interactions):
            self._fit_members(inside, side)
            part = Part([], [])
            for history, held in zip(inside.histories(), outside.histories(), strict=True):
                for known, rest in self._cases(history, held, rng):
                    self._teach(part, known, rest, interactions.explicit, rng)
            parts.append(part)
        given = {each.name: getattr(self.settings, each.name) for each in fields(StackSettings)}
        self._stack = Stack(StackSettings(**given)).fit(parts)
        self._fit_members(interactions, side)
        return self

    def _fit_members(self, interactions: Interactions, side: Side | None) -> None:
        for member in self.members.values():
            member.fit(interactions, side)
        self._circumstances = Circumstances.of(interactions, side)

    def _parts(self, interactions: Interactions) -> Iterator[tuple[Interactions, Interactions]]:
        """Interactions to fit on and to learn from, several times."""
        options = self.settings
        deal = np.random.default_rng(options.seed)
        place = deal.permutation(interactions.n_users) / max(interactions.n_users, 1)
        for part, (inside, back) in enumerate(held_back(interactions, options, deal)):
            if options.hold != "moment":
                at = part * options.newcomers % 1
                new = ((place >= at) & (place < at + options.newcomers))[interactions.users]
                inside, back = inside & ~new, back & ~new | new
            if inside.any() and back.any():
                yield interactions.take(inside), interactions.take(back)

    def _cases(
        self, history: History, held: History, rng: np.random.Generator
    ) -> Iterator[tuple[History, History]]:
        """What was known of one person, and what they went on to do: somebody new comes twice."""
        if len(history):
            if len(held):
                yield history, held
            return
        # Nobody's first day is the table's last, unless it is held back by a moment.
        if len(held) and self.settings.hold == "moment":
            yield EMPTY, held
        few = int(rng.choice(_SHORT))
        if len(held) > few:
            yield held.first(few), held.after(few)

    def _teach(
        self, part: Part, history: History, held: History, explicit: bool, rng: np.random.Generator
    ) -> None:
        """Adds what one person's `held` interactions teach; no lesson where none of them was relevant."""
        told = self._circumstances.told(history)
        if explicit:
            part.rated.append(Rated(*rating_table(self.members, history, told, held.rows), held.ratings))
        good = held.rows[held.ratings >= self.settings.relevant]
        if not len(good):
            return
        table = ranking_table(self.members, history, told)
        head = self._head(table, history)
        relevant = np.zeros(len(table), dtype=bool)
        relevant[good] = True
        free = ~head
        free[history.rows] = False
        rest = np.flatnonzero(free & ~relevant)
        drawn = rng.choice(rest, min(self.settings.others, len(rest)), replace=False)
        rows = np.concatenate([np.flatnonzero(head), np.flatnonzero(free & relevant), drawn])
        weight = np.ones(len(rows), np.float32)
        weight[len(rows) - len(drawn) :] = len(rest) / max(len(drawn), 1)
        weight /= np.sqrt(len(good))  # people who took hundreds of things do not drown the others
        part.lessons.append(Lesson(table[rows], relevant[rows], weight, head[rows]))

    def _head(self, table: Table, history: History) -> Mask:
        """The union of the members' best items outside the history, as a mask."""
        head = np.zeros(len(table), dtype=bool)
        scores = table[:, : len(self.members)].copy()
        scores[history.rows] = -np.inf
        keep_best = min(self.settings.pool, len(table))
        for column in scores.T:
            head[np.argpartition(column, -keep_best)[-keep_best:]] = True
        head[history.rows] = False
        return head

    def scores(self, history: History) -> Array:
        table = ranking_table(self.members, history, self._circumstances.told(history))
        found = self._stack.scores(table, np.flatnonzero(self._head(table, history)))
        if found is None:
            return np.asarray(table[:, : len(self.members)].mean(axis=1), dtype=np.float32)
        return found

    def ratings(self, history: History) -> Array | None:
        return self.ratings_at(history, np.arange(len(self._circumstances.counts)))

    def ratings_at(self, history: History, rows: Rows) -> Array | None:
        """The predicted ratings of a few rows, of shape (rows,): much less work than those of all."""
        if "rating" not in self._stack.models:
            return None
        told = self._circumstances.told(history)
        table, middle = rating_table(self.members, history, told, rows)
        return np.asarray(middle + self._stack.correction(table), dtype=np.float32).clip(*self._scale)

    def save(self, folder: Path) -> None:
        """As `Recommender.save`: a folder for each member, and the trees as LightGBM's own text."""
        told = self._circumstances
        values = {name: getattr(told, name) for name in told.__dataclass_fields__}
        values |= {"scale": self._scale, "stack": self._stack.kept(), "members": [*self.members]}
        keep(folder, "mixture", values)
        for place, member in enumerate(self.members.values()):
            member.save(folder / f"member-{place}")

    def load(self, folder: Path) -> Self:
        """As `Recommender.load`; the members must be those that were saved, in the same order."""
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
        self._stack = Stack().take_up(values["stack"])
        for place, member in enumerate(self.members.values()):
            member.load(folder / f"member-{place}")
        return self


def held_back(
    interactions: Interactions, options: MixtureSettings, deal: np.random.Generator
) -> Iterator[tuple[Mask, Mask]]:
    """Masks over the interactions, part by part: what members are fitted on, and what is held back.

    Without times there is no moment: then they are drawn at random.
    """
    count = len(interactions)
    timeless = options.hold == "moment" and len(np.unique(interactions.times)) < 2
    if options.hold == "random" or timeless:
        folds = np.floor(deal.permutation(count) / max(count, 1) / options.share).astype(np.int64)
        for part in range(min(options.parts, int(1 / options.share))):
            yield folds != part, folds == part
        return
    if options.hold == "moment":
        for part in range(min(options.parts, int(1 / options.share) - 1)):
            start, end = np.quantile(
                interactions.times, [1 - options.share * (part + 1), 1 - options.share * part]
            )
            before = interactions.times < start
            yield before, ~before & (interactions.times < end if part else True)
        return
    order = np.lexsort((interactions.items, interactions.times, interactions.users))
    sizes = np.bincount(interactions.users, minlength=interactions.n_users)
    starts = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    from_end = np.empty(count, np.int64)
    nth = np.arange(count) - starts[interactions.users[order]]
    from_end[order] = sizes[interactions.users[order]] - 1 - nth
    held = np.maximum((sizes * options.share).astype(np.int64), 1)[interactions.users]
    for part in range(options.parts):
        # Each part ends earlier: its newest interactions are held back, what came later is not there.
        newest = from_end < part * held
        back = ~newest & (from_end < (part + 1) * held)
        yield ~newest & ~back, back
