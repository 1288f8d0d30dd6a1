"""Measures of many people and parts → tables with intervals, comparisons and plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from evaluation import metrics
from evaluation.intervals import Interval, bootstrap, bootstrap_of, paired
from evaluation.ratings import LIST, Measured
from evaluation.ratings_rows import FLOOR, MIXTURES
from evaluation.report import Column, Table, Value

Found = Mapping[str, Sequence[Measured]]
"""Rows → what was measured of each part of the split."""

_LOWER = ("RMSE", "MAE", "Gini")
_REACH = ("Novelty", "Diversity", "Coverage", "Gini")
_UNITS = {"Novelty": "bits"}
COLUMNS = (
    Column("Recommender"),
    Column("RMSE", "stars", "lower"),
    Column("MAE", "stars", "lower"),
    *(
        Column(name, _UNITS.get(name, "@10" if name not in ("AUC", "Recall@50") else ""), "higher")
        for name in LIST
        if name != "Recall@50 new"
    ),
    Column("Coverage", "@10", "higher"),
    Column("Gini", "@10", "lower"),
    Column("Fit", "s", "lower", 1),
    Column("Ask", "ms a person", "lower", 1),
    Column("Peak", "MB", "lower", 0),
)


def table_of(title: str, found: Found, n_items: int, seed: int, note: str) -> Table:
    """Every row of a split with all measures; intervals over people."""
    return Table(
        title, COLUMNS, tuple(row_of(name, parts, n_items, seed) for name, parts in found.items()), note
    )


def row_of(name: str, parts: Sequence[Measured], n_items: int, seed: int) -> dict[str, Value]:
    """One row. Coverage and Gini are means over the parts, each of one list a person."""
    users = np.concatenate([part.users for part in parts])
    row: dict[str, Value] = {"Recommender": name}
    errors = np.concatenate([part.errors for part in parts])
    if errors[:, 2].any():
        row["RMSE"] = bootstrap_of(_rmse, errors, users, seed=seed)
        row["MAE"] = bootstrap_of(_mae, errors, users, seed=seed)
    values = np.concatenate([part.values for part in parts])
    for place, measure in enumerate(LIST):
        if not np.isnan(values[:, place]).all():
            row[measure] = bootstrap(values[:, place], users, seed=seed)
    shown = [metrics.exposure(_real(part), n_items) for part in parts if len(_real(part))]
    if shown:
        row["Coverage"] = float(np.mean([metrics.coverage(counts) for counts in shown]))
        row["Gini"] = float(np.mean([metrics.gini(counts) for counts in shown]))
        row["Ask"] = float(np.mean([part.ask_milliseconds for part in parts]))
    row["Fit"] = float(np.mean([part.fit_seconds for part in parts]))
    peaks = [part.peak_megabytes for part in parts if part.peak_megabytes is not None]
    if peaks:
        row["Peak"] = float(max(peaks))
    return row


def _real(part: Measured) -> list[npt.NDArray[np.int64]]:
    return [rows for rows in part.lists if (rows >= 0).all()]


def _rmse(totals: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.sqrt(totals[:, 0] / np.where(totals[:, 2] > 0, totals[:, 2], np.nan)))


def _mae(totals: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(totals[:, 1] / np.where(totals[:, 2] > 0, totals[:, 2], np.nan))


def against(title: str, found: Found, references: Sequence[str], n_items: int, seed: int) -> Table:
    """Measure by measure: the mixture, with and without dials, the best of the references, the difference.

    References are other libraries' recommenders, popularity and raw text similarity. Of measures of reach
    the best is sought among those whose NDCG is at least half of the best NDCG: a list of random items is
    the most novel of all.
    """
    others = [name for name in (*references, *FLOOR) if name in found]
    ours = [name for name in MIXTURES if name in found]
    table = table_of("", found, n_items, seed, "")
    by_name = {str(row["Recommender"]): row for row in table.rows}
    accurate = {name: _plain(by_name[name].get("NDCG")) or 0.0 for name in others}
    fair = {name for name in others if 2 * accurate[name] >= max(accurate.values(), default=0.0)}
    rows: list[dict[str, Value]] = []
    for column in COLUMNS[1:-3]:
        sign = -1 if column.name in _LOWER else 1
        known = {
            name: value
            for name in others
            if (name in fair or column.name not in _REACH)
            and (value := _plain(by_name[name].get(column.name))) is not None
        }
        if not known or not ours:
            continue
        rival = max(known, key=lambda name: sign * known[name])
        row: dict[str, Value] = {
            "Measure": column.name + (" (lower is better)" if sign < 0 else ""),
            "Best reference": rival,
            "its value": by_name[rival].get(column.name),
        }
        for name in ours:
            row[name] = by_name[name].get(column.name)
            row[f"{name}: ahead by"] = difference(found[name], found[rival], column.name, seed, sign)
            if row[f"{name}: ahead by"] is None and (mine := _plain(row[name])) is not None:
                row[f"{name}: ahead by"] = sign * (mine - known[rival])
        rows.append(row)
    columns = [Column("Measure"), Column("Best reference"), Column("its value")]
    for name in ours:
        columns += [Column(name), Column(f"{name}: ahead by", digits=4)]
    note = "Ahead by more than 0 is better than the best reference; intervals are of the paired difference."
    return Table(title, tuple(columns), tuple(rows), note)


def difference(
    a: Sequence[Measured], b: Sequence[Measured], measure: str, seed: int, sign: int
) -> Interval | None:
    """The paired difference of two rows, a - b times `sign`; None for measures of all lists together."""
    users = np.concatenate([part.users for part in a])
    if measure in ("RMSE", "MAE"):
        sums = np.hstack(
            [np.concatenate([part.errors for part in a]), np.concatenate([part.errors for part in b])]
        )
        one = _rmse if measure == "RMSE" else _mae
        return bootstrap_of(lambda t: sign * (one(t[:, :3]) - one(t[:, 3:])), sums, users, seed=seed)
    if measure not in LIST:
        return None
    place = LIST.index(measure)
    mine = np.concatenate([part.values for part in a])[:, place]
    theirs = np.concatenate([part.values for part in b])[:, place]
    return paired(sign * mine, sign * theirs, users, seed=seed)


def cold_table(found: Found, n_items: int, seed: int, note: str) -> Table:
    """The split of items that nobody has taken."""
    columns = (
        Column("Recommender"),
        Column("Recall@50", "among all items", "higher"),
        Column("Recall@50 new", "among new items", "higher"),
        Column("NDCG", "@10, among all", "higher"),
        Column("AUC", "among all", "higher"),
        Column("Fit", "s", "lower", 1),
    )
    rows = tuple(row_of(name, parts, n_items, seed) for name, parts in found.items())
    return Table("Items that nobody has taken yet", columns, rows, note)


def people_table(found: Found, given: Sequence[int], n_items: int, seed: int, note: str) -> Table:
    """The split of people nobody has met, by how much is known of them."""
    columns = [Column("Recommender")]
    columns += [Column(f"NDCG, {n} known", "@10", "higher") for n in given]
    columns += [Column(f"Recall@50, {n} known", "", "higher") for n in given]
    rows: list[dict[str, Value]] = []
    for name, parts in found.items():
        row: dict[str, Value] = {"Recommender": name}
        for n in given:
            one = row_of(name, [part.of_those(part.known == n) for part in parts], n_items, seed)
            row[f"NDCG, {n} known"], row[f"Recall@50, {n} known"] = one.get("NDCG"), one.get("Recall@50")
        rows.append(row)
    return Table("People nobody has met", tuple(columns), tuple(rows), note)


def _plain(value: Value) -> float | None:
    if isinstance(value, Interval):
        return value.value
    return float(value) if isinstance(value, int | float) else None
