"""What a recommender learnt, in a folder: arrays in one npz, plain values in one JSON file, no pickles."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from retrieval.errors import IndexDamaged

Values = Mapping[str, Any]
_ARRAYS, _PLAIN = "arrays.npz", "values.json"


def keep(folder: Path, kind: str, values: Values) -> None:
    """Writes arrays, sparse matrices and plain values under their names; `kind` says what they belong to."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, npt.NDArray[Any]] = {}
    plain: dict[str, Any] = {}
    for name, value in values.items():
        if sparse.issparse(value):
            matrix: Any = sparse.csr_array(value)  # type: ignore[call-overload]
            arrays[f"{name}.data"], arrays[f"{name}.indices"] = matrix.data, matrix.indices
            arrays[f"{name}.indptr"], arrays[f"{name}.shape"] = matrix.indptr, np.asarray(matrix.shape)
        elif isinstance(value, np.ndarray):
            arrays[name] = value
        else:
            plain[name] = value
    with (folder / _ARRAYS).open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    (folder / _PLAIN).write_text(json.dumps({"kind": kind, "values": plain}), encoding="utf-8")


def kept(folder: Path, kind: str) -> dict[str, Any]:
    """What `keep` wrote. Raises `IndexDamaged` where it is missing, broken or of another kind."""
    try:
        stored = json.loads((folder / _PLAIN).read_text(encoding="utf-8"))
        if stored["kind"] != kind:
            raise IndexDamaged(f"{folder} holds what “{stored['kind']}” learnt, not “{kind}”: fit it anew.")
        values: dict[str, Any] = dict(stored["values"])
        with np.load(folder / _ARRAYS, allow_pickle=False) as arrays:
            for name in arrays.files:
                base, _, part = name.rpartition(".")
                if not base:
                    values[name] = arrays[name]
                elif part == "data":
                    parts = tuple(arrays[f"{base}.{each}"] for each in ("data", "indices", "indptr"))
                    values[base] = sparse.csr_array(parts, shape=tuple(arrays[f"{base}.shape"]))
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise IndexDamaged(f"{folder} cannot be read ({error}): fit the recommender anew.") from error
    return values


class Kept:
    """Gives a recommender `save` and `load`: `LEARNT` names the attributes that `fit` sets."""

    KIND: ClassVar[str]
    LEARNT: ClassVar[tuple[str, ...]]

    def save(self, folder: Path) -> None:
        """As `Recommender.save`."""
        keep(folder, self.KIND, {name: getattr(self, name) for name in self.LEARNT})

    def load(self, folder: Path) -> Self:
        """As `Recommender.load`."""
        values = kept(folder, self.KIND)
        missing = [name for name in self.LEARNT if name not in values]
        if missing:
            raise IndexDamaged(f"{folder} lacks {', '.join(missing)}: fit the recommender anew.")
        for name in self.LEARNT:
            setattr(self, name, values[name])
        return self
