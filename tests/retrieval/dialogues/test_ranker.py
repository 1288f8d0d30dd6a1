from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.dialogues.encoder import EncoderSettings
from retrieval.dialogues.fusion import FusionSettings
from retrieval.dialogues.moments import Moment, examples_of
from retrieval.dialogues.ranker import DialogueRanker, RankerSettings
from retrieval.dialogues.sense import Sense
from retrieval.embed import HashEmbedder
from retrieval.errors import BadDialogues
from tests.retrieval.dialogues import village

SETTINGS = RankerSettings(
    folds=2,
    encoder=EncoderSettings(width=16, epochs=6, batch=16, frequent=2, decay=0.01),
    fusion=FusionSettings(trees=20, leaves=4, least=2, rate=0.2, l2=0.1, rows=1.0),
)

SENSE = Sense.of(village.items(), village.FACETS, HashEmbedder())


@pytest.fixture(scope="module")
def ranker() -> DialogueRanker:
    return DialogueRanker.fit(village.dialogues(), village.items(), SENSE, SETTINGS)


@pytest.fixture(scope="module")
def moments() -> list[Moment]:
    rows = {item.id: row for row, item in enumerate(village.items())}
    return [one.moment for one in examples_of(village.dialogues(10, seed=9), rows)]


def test_who_names_one_kind_gets_that_kind(ranker: DialogueRanker, moments: list[Moment]) -> None:
    kinds = [item.id.split("-")[0] for item in village.items()]
    for moment in (one for one in moments if one.named):
        wanted = kinds[moment.named[0]]
        best = np.argsort(-ranker.scores(moment))[: village.EACH - 2]
        assert sum(kinds[row] == wanted for row in best) >= len(best) - 1


def test_words_alone_are_enough(ranker: DialogueRanker) -> None:
    best = np.argsort(-ranker.scores(Moment(user=("something with a glacier and frost please",))))[:5]
    assert all(village.items()[row].id.startswith("snow") for row in best)


def test_an_item_that_nobody_named_stands_with_its_kind(ranker: DialogueRanker) -> None:
    rows = {item.id: row for row, item in enumerate(village.items())}
    scores = ranker.scores(Moment((rows["sea-1"],), (True,), ("I liked Sea 1",)))
    assert scores[rows[f"sea-{village.EACH}"]] > scores[rows[f"snow-{village.EACH}"]]


def test_what_was_named_never_comes_back(ranker: DialogueRanker, moments: list[Moment]) -> None:
    for moment in moments:
        scores = ranker.scores(moment)
        assert np.all(np.isneginf(scores[list(moment.named)]))
        others = np.delete(scores, list(moment.named))
        assert np.isfinite(others).all()


def test_a_moment_without_a_word_is_answered(ranker: DialogueRanker) -> None:
    assert np.isfinite(ranker.scores(Moment())).all()


def test_kept_and_loaded_it_ranks_the_same(
    ranker: DialogueRanker, moments: list[Moment], tmp_path: Path
) -> None:
    ranker.save(tmp_path)
    again = DialogueRanker.load(tmp_path, village.items(), SENSE)
    for moment in moments:
        # Embeddings are kept at half precision.
        one, two = ranker.scores(moment), again.scores(moment)
        kept = np.isfinite(one)
        assert np.corrcoef(one[kept], two[kept])[0, 1] > 0.99


def test_other_items_are_refused(ranker: DialogueRanker, tmp_path: Path) -> None:
    ranker.save(tmp_path)
    with pytest.raises(BadDialogues, match="other items"):
        DialogueRanker.load(tmp_path, village.items()[:-1], SENSE)
    (tmp_path / "behaviour.npz").write_bytes(b"PK broken")
    with pytest.raises(BadDialogues, match="can't be read"):
        DialogueRanker.load(tmp_path, village.items(), SENSE)


def test_the_same_seed_fits_the_same(ranker: DialogueRanker, moments: list[Moment]) -> None:
    again = DialogueRanker.fit(village.dialogues(), village.items(), SENSE, SETTINGS)
    for moment in moments:
        np.testing.assert_allclose(again.scores(moment), ranker.scores(moment), atol=1e-3)


def test_too_few_dialogues_say_how_many_are_needed() -> None:
    with pytest.raises(BadDialogues, match="at least 4"):
        DialogueRanker.fit(village.dialogues(3), village.items(), SENSE, SETTINGS)
