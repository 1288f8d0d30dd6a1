"""Ranges of numbers in three catalogues."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.reader.numerals import float_of, number_of
from tests.reader.lines import span
from tests.shelves_for_tests import reader


def ranges(catalogue: str, said: str) -> list[str]:
    """Every range found, as "facet low..high"; "~" marks the vague ones."""
    reads = reader(catalogue)
    found = reads.quantities.find(reads.found.tokens(said))
    return [f"{one.facet} {'~' if one.vague else ''}{span(one.bounds)}" for one in found]


FILMS = [
    ("under 2 hours", "runtime ..120"),
    ("less than two hours", "runtime ..120"),
    ("up to 90 minutes", "runtime ..90"),
    ("max 90 min", "runtime ..90"),
    ("90 mins tops", "runtime ..90"),
    ("no longer than 100 minutes", "runtime ..100"),
    ("over 150 minutes", "runtime 150.."),
    ("at least two and a half hours", "runtime 150.."),
    ("1h 30 or less", "runtime ..90"),
    ("an hour and a half max", "runtime ..90"),
    ("between 90 and 120 minutes", "runtime 90..120"),
    ("90-120 min", "runtime 90..120"),
    ("about 100 minutes", "runtime 85..115"),
    ("we have two hours", "runtime ..120"),
    ("from the 80s", "year 1980..1989"),
    ("from the eighties", "year 1980..1989"),
    ("an 80's film", "year 1980..1989"),
    ("1990s", "year 1990..1999"),
    ("early 90s", "year 1990..1993"),
    ("late sixties", "year 1966..1969"),
    ("the 2000s", "year 2000..2009"),
    ("before 1970", "year ..1969"),
    ("after 2000", "year 2001.."),
    ("since 2010", "year 2010.."),
    ("from 1995", "year 1995..1995"),
    ("in 1995", "year 1995..1995"),
    ("between 1990 and 2000", "year 1990..2000"),
    ("1970 to 1985", "year 1970..1985"),
    ("around 1980", "year 1977..1983"),
    ("older than 1960", "year ..1959"),
    ("from the last ten years", "year 2016.."),
    ("this century", "year 2000.."),
    ("for my 6 year old", "suitability ..6"),
    ("for a six-year-old", "suitability ..6"),
    ("my kids are 4 and 7", "suitability ..4"),
    ("a short film", "runtime ~..99"),
    ("something short", "runtime ~..99"),
    ("not too long", "runtime ~..121"),
    ("a really long epic western", "runtime ~146.."),
    ("a recent film", "year ~2007.."),
    ("old films", "year ~..1979"),
    ("with the kids", "suitability ~..9"),
]
SHOP = [
    ("under $50", "price ..50"),
    ("under 50$", "price ..50"),
    ("under 50 euros", "price ..50"),
    ("under 50", "price ..50"),
    ("£40 or less", "price ..40"),
    ("up to €80", "price ..80"),
    ("my budget is 100", "price ..100"),
    ("budget of 100", "price ..100"),
    ("a hundred euros max", "price ..100"),
    ("less than fifty euros", "price ..50"),
    ("no more than 80 bucks", "price ..80"),
    ("between 50 and 100", "price 50..100"),
    ("50-100 euros", "price 50..100"),
    ("50 to 100 euros", "price 50..100"),
    ("over 200", "price 200.."),
    ("around 100 euros", "price 85..115"),
    ("$1,500 max", "price ..1500"),
    ("2k max", "price ..2000"),
    ("something cheap", "price ~..64"),
    ("cheap boots", "price ~..64"),
    ("not too expensive", "price ~..95"),
    ("expensive boots", "price ~219.."),
    ("under 1 kg", "weight_kg ..1"),
    ("less than 2 kilos", "weight_kg ..2"),
    ("1.5 kg max", "weight_kg ..1.5"),
    ("lighter than 500 g", "weight_kg ..0.5"),
    ("not too heavy", "weight_kg ~..1.1"),
    ("a lightweight tent", "weight_kg ~..0.6"),
    ("at least 4 stars", "rating 4.."),
    ("rated above 4.5", "rating 4.5.."),
    ("highly rated", "rating ~4.6.."),
]
COURSES = [
    ("under 10 hours", "hours ..10"),
    ("at most 20 hours", "hours ..20"),
    ("longer than 20 hours", "hours 20.."),
    ("an 8 hour course", "hours 6..10"),
    ("short courses", "hours ~..8"),
    ("under 30 euros", "price ..30"),
    ("free courses", "price ..0"),
    ("something free", "price ..0"),
]
TABLE = [
    (name, *row) for name, rows in (("films", FILMS), ("shop", SHOP), ("courses", COURSES)) for row in rows
]


@pytest.mark.parametrize(("catalogue", "said", "found"), TABLE, ids=[said for _, said, _ in TABLE])
def test_one_range(catalogue: str, said: str, found: str) -> None:
    assert ranges(catalogue, said) == [found]


@pytest.mark.parametrize(
    ("catalogue", "said"),
    [
        ("films", "a long train ride"),
        ("films", "is it long?"),
        ("films", "it was too long"),
        ("films", "my 2 kids"),
        ("films", "films about children"),
        ("films", "last night"),
        ("films", "Toy Story 2"),
        ("films", "give me 3"),
        ("films", "under 50 euros"),
        ("courses", "in 1995"),
        ("shop", "in 1995"),
        ("shop", "a tent for two"),
        ("shop", "under two hours"),
    ],
)
def test_no_range(catalogue: str, said: str) -> None:
    assert ranges(catalogue, said) == []


def test_two_ranges() -> None:
    assert ranges("courses", "under 10 hours and under 30 euros") == ["hours ..10", "price ..30"]
    assert ranges("films", "from the 90s, under two hours") == ["year 1990..1999", "runtime ..120"]


@given(
    st.sampled_from(["films", "shop", "courses"]),
    st.lists(
        st.sampled_from(
            "under over between and 2 90 1995 90s hours h min kg $ € - to about max short cheap old for my "
            "kids year years last half a an not too k 1e9 99999999999999999999 0 . , ten hundred".split()
        ),
        max_size=14,
    ),
)
def test_any_row_of_numbers_gives_sound_ranges(catalogue: str, words: list[str]) -> None:
    reads = reader(catalogue)
    tokens = reads.found.tokens(" ".join(words))
    end = 0
    for found in reads.quantities.find(tokens):
        assert reads.vocabulary.facets[found.facet].kind in ("number", "date")
        assert found.bounds.low is not None or found.bounds.high is not None
        assert end <= found.end <= len(tokens)
        assert found.start < found.end
        end = found.end


def test_quantiles_and_numbers() -> None:
    quantities = reader("shop").quantities
    assert quantities.quantile("price", 0.0) == 29
    assert quantities.quantile("price", 1.0) == 449
    assert quantities.quantile("nothing", 0.5) is None
    assert (number_of(3), number_of("1995-06-01"), number_of("soon")) == (3.0, 1995.0, None)
    assert float_of("2.5") == 2.5
    assert float_of("two") == float("inf")
