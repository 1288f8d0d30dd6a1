"""The dialogue ranker as one voice among those that rank a catalogue."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from retrieval import rank
from retrieval.dialogues.fusion import deviations
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
        """Shape (n,), in [0, 1): 0 for what is no likelier than most. None where nothing was said."""
        liked = [wish for wish in query.likes if wish.facet == "item" and wish.value in self._rows]
        liked.sort(key=lambda wish: wish.weight)  # what was said last weighs most
        named = tuple(self._rows[wish.value] for wish in liked)
        if not named and not any(text.strip() for text in query.said):
            return None
        scores = self._ranker.scores(Moment(named, (True,) * len(named), query.said))
        there = np.isfinite(scores)
        scores[~there] = scores[there].min(initial=0)
        return rank.capped(np.maximum(deviations(scores), 0), rank.FULL_MATCH)
