from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from retrieval.dialogues.postings import Postings, strongest

MATRICES = hnp.arrays(np.float32, (4, 6), elements=st.sampled_from([0.0, 0.0, 0.5, 1.0, 2.0]))


@given(MATRICES, st.lists(st.integers(0, 3), max_size=5))
def test_scores_are_the_weighted_sum_of_rows(dense: np.ndarray, keys: list[int]) -> None:
    weights = np.arange(1, len(keys) + 1, dtype=np.float32)
    found = Postings.of(sparse.csr_array(dense)).scores(np.array(keys, dtype=np.int64), weights)
    expected = sum((w * dense[key] for w, key in zip(weights, keys, strict=True)), np.zeros(6))
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@given(MATRICES)
def test_saved_and_read_again_they_say_the_same(dense: np.ndarray) -> None:
    one = Postings.of(sparse.csr_array(dense))
    two = Postings.of_arrays(one.arrays("x"), "x")
    keys, weights = np.arange(4), np.ones(4, dtype=np.float32)
    np.testing.assert_array_equal(one.scores(keys, weights), two.scores(keys, weights))


@given(MATRICES, st.integers(1, 6))
def test_the_strongest_of_each_row_stay(dense: np.ndarray, keep: int) -> None:
    found = strongest(sparse.csr_array(dense), keep).toarray()
    for row, kept in zip(dense, found, strict=True):
        assert np.count_nonzero(kept) == min(keep, np.count_nonzero(row))
        assert sorted(kept[kept > 0], reverse=True) == sorted(row[row > 0], reverse=True)[:keep]
