"""The dialogue ranker as one voice among those that rank a catalogue."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from retrieval.dialogues.moments import Moment
from retrieval.dialogues.ranker import DialogueRanker
from retrieval.items import Query

Scores = npt.NDArray[np.float32]


class DialogueSignal:
    """What people in dialogues were recommended who said and named what this person did."""

    name = "dialogues"

    def __init__(self, ranker: DialogueRanker) -> None:
        self._ranker = ranker
        self._rows: Mapping[str, int] = {item.id: row for row, item in enumerate(ranker.items)}

    def scores(self, query: Query) -> Scores | None:
        """Shape (n,), in [0, 1]: 1 for the best, 0 for the last, by the logarithm of the place. None where
        nothing was said. Its own scores tell how likely each item is next; how far apart they lie depends
        on the data it was fitted on more than on what is asked, so only their order counts."""
        liked = [wish for wish in query.likes if wish.facet == "item" and wish.value in self._rows]
        liked.sort(key=lambda wish: wish.weight)  # what was said last weighs most
        named = tuple(self._rows[wish.value] for wish in liked)
        if not named and not any(text.strip() for text in query.said):
            return None
        scores = self._ranker.scores(Moment(named, (True,) * len(named), query.said))
        places = np.empty(len(scores))
        places[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
        return np.asarray(1 - np.log(places) / np.log(max(len(scores), 2)), dtype=np.float32)
