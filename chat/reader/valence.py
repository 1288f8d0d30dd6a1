"""Words that judge."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

#: Below this valence (on VADER's scale of -4 to 4) a word is no verdict.
VERDICT = 0.7


@lru_cache(maxsize=1)
def valences() -> Mapping[str, float]:
    """English words that judge, from -4 (worst) to 4 (best).

    Source: the VADER sentiment lexicon (Hutto and Gilbert, ICWSM 2014; MIT).
    """
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    own = {
        "overrated": -1.8,
        "rubbish": -2.0,
        "slow": -0.9,
        "meh": -1.0,
        "fab": 2.0,
        "gem": 2.0,
        "masterpiece": 3.0,
    }
    return {**SentimentIntensityAnalyzer().lexicon, **own}
