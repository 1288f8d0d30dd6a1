"""Which clause of a message is about which item."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.reader.remarks import ITEM, Remark
from tests.shelves_for_tests import context, films, reader


def remarks(said: str, brought: tuple[str, ...] = (), *, fresh: bool = True) -> dict[str, list[Remark]]:
    here = context(films(), shown=brought, focus=brought)
    return reader("films").remarks(said, here, brought, fresh=fresh)


def lines(said: str, item: str, brought: tuple[str, ...] = ()) -> list[str]:
    """The remarks on an item, as "how: words"."""
    return [f"{one.how}: {' '.join(one.words)}" for one in remarks(said, brought).get(item, [])]


def test_a_clause_is_about_the_item_it_names_and_titles_are_masked() -> None:
    assert lines("I hated Heat", "heat") == ["named: i hated ITEM"]
    assert lines("I loved Ronin but I hated Heat", "heat") == ["named: but i hated ITEM"]
    assert lines("I loved Heat and Ronin", "ronin") == ["listed: i loved OTHER and ITEM"]


def test_what_follows_is_about_what_was_named_last() -> None:
    assert lines("I saw Heat. It was too long.", "heat") == [
        "named: i saw ITEM .",
        "after: it was too long .",
    ]


def test_an_answer_that_names_nothing_is_about_what_was_brought_up() -> None:
    found = remarks("not my cup of tea. anything else?", ("heat", "ronin"))
    assert [one.how for one in found["heat"]] == ["answer", "later"]
    assert found["heat"][0].shared == 2
    assert found["heat"][0].fresh
    assert remarks("not my cup of tea", ()) == {}


def test_an_answer_about_another_passes_over_what_was_brought_up() -> None:
    found = remarks("I'd rather see Ronin", ("heat",))
    assert [one.how for one in found["heat"]] == ["passed"]
    assert [one.how for one in found["ronin"]] == ["named"]
    assert "heat" not in remarks("I'd rather see Ronin", ("heat",), fresh=False)


def test_a_sentence_without_a_full_stop_ends_where_the_next_begins() -> None:
    assert lines("I did not like Heat I loved Ronin", "heat") == ["named: i did not like ITEM"]
    assert lines("I don't think I liked Heat", "heat") == ["named: i dont think i liked ITEM"]


def test_pointing_at_one_of_several_is_as_good_as_its_name() -> None:
    found = remarks("I hated the second one", ("heat", "ronin"))
    assert [one.how for one in found["ronin"]] == ["named"]
    assert [one.how for one in found["heat"]] == ["passed"]


@given(st.text(alphabet="abc Heat.!?,", max_size=60))
def test_any_text_gives_remarks_with_at_most_one_mask_a_name(said: str) -> None:
    for found in remarks(said, ("ronin",)).values():
        for one in found:
            assert one.words
            assert one.words.count(ITEM) <= said.casefold().count("heat")


@pytest.mark.parametrize("said", ["", "...", "?"])
def test_nothing_said_is_nothing_about_anything(said: str) -> None:
    assert all(one.words for found in remarks(said, ("heat",)).values() for one in found)
