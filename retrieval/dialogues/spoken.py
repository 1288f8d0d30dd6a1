"""What people say around items: each item as the text of the turns about it, and dialogues like this one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
import numpy.typing as npt

from retrieval.dialogues.files import Dialogue
from retrieval.dialogues.moments import Example, Moment, followed
from retrieval.dialogues.postings import Postings, transposed
from retrieval.dialogues.terms import TermSpace, stems
from retrieval.items import Item

Floats = npt.NDArray[np.float32]

_LIKE_IT = 30  # earlier moments most like this one that have a say


class Spoken:
    """Dialogue-expanded item texts and nearest earlier moments, by TF-IDF."""

    NAMES = ("said_all", "said_last", "said_recent", "moments")

    def __init__(self, spaces: Mapping[str, TermSpace], tables: Mapping[str, Postings]) -> None:
        self._spaces, self._tables = dict(spaces), dict(tables)

    @classmethod
    def fit(
        cls,
        dialogues: Sequence[Dialogue],
        examples: Sequence[Example],
        items: Sequence[Item],
        rows: Mapping[str, int],
    ) -> Self:
        """From the turns around each mention (before, at, after), and what followed which words."""
        around = _around(dialogues, rows, len(items))
        said = TermSpace.fit(around, pairs=True, at_least=2, at_most=0.3)
        with_text = [
            words + stems(" ".join((item.title, item.text)))
            for words, item in zip(around, items, strict=True)
        ]
        whole = TermSpace.fit(with_text, at_least=2, at_most=0.3)
        before = [stems(example.moment.everything) for example in examples]
        context = TermSpace.fit(before, pairs=True, at_least=2, terms=60_000)
        return cls(
            {"said": said, "whole": whole, "context": context},
            {
                "said": transposed(said.matrix(around)),
                "whole": transposed(whole.matrix(with_text)),
                "context": transposed(context.matrix(before)),
                "targets": Postings.of(followed(examples, len(items))),
            },
        )

    def signals(self, moment: Moment) -> dict[str, Floats]:
        """Each of `NAMES` for all items, shape (n,)."""
        everything = stems(moment.everything)
        return {
            "said_all": self._score("said", everything),
            "said_last": self._score("said", stems(moment.last)),
            "said_recent": self._score("whole", stems(moment.recent)),
            "moments": self._moments(everything),
        }

    def _score(self, name: str, words: Sequence[str]) -> Floats:
        return self._tables[name].scores(*self._spaces[name].vector(words))

    def _moments(self, words: Sequence[str]) -> Floats:
        """What was recommended in the moments most like this one, weighted by their squared likeness."""
        near = self._score("context", words)
        best = np.argpartition(-near, _LIKE_IT)[:_LIKE_IT] if len(near) > _LIKE_IT else np.arange(len(near))
        return self._tables["targets"].scores(best.astype(np.int64), near[best] ** 2)

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """What `of_arrays` needs."""
        found: dict[str, npt.NDArray[np.generic]] = {}
        for name, table in self._tables.items():
            found |= table.arrays(f"table.{name}")
        for name, space in self._spaces.items():
            found |= space.arrays(f"space.{name}")
        return found

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, npt.NDArray[np.generic]]) -> Self:
        """What `arrays` made. Raises `KeyError` where something is missing."""
        spaces = {name: TermSpace.of_arrays(arrays, f"space.{name}") for name in ("said", "whole", "context")}
        names = ("said", "whole", "context", "targets")
        return cls(spaces, {name: Postings.of_arrays(arrays, f"table.{name}") for name in names})


def _around(dialogues: Sequence[Dialogue], rows: Mapping[str, int], size: int) -> list[list[str]]:
    """The stems of the turns around each item's mentions, per item."""
    found: list[list[str]] = [[] for _ in range(size)]
    for dialogue in dialogues:
        words = [stems(turn.text) for turn in dialogue.turns]
        for place, turn in enumerate(dialogue.turns):
            for one in turn.items:
                if one in rows:
                    for near in words[max(place - 1, 0) : place + 2]:
                        found[rows[one]] += near
    return found
