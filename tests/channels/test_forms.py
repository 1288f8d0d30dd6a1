"""Examples made from catalogues, words typed by hand, and files brought along."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chat.channels.examples import examples
from chat.channels.facts import key_facts
from chat.channels.hand import interest_of
from chat.channels.web.bring import Bringing, slug
from tests.channels.conftest import ROOT
from tests.channels.fake_service import FakeCatalogues, FakeSettings


@pytest.fixture
def own(tmp_path: Path) -> FakeCatalogues:
    return FakeCatalogues(tmp_path / "catalogues")


@pytest.mark.parametrize("name", ["films", "shop"])
def test_examples_speak_of_what_the_catalogue_holds(catalogues: FakeCatalogues, name: str) -> None:
    shelf = catalogues.shelf(name)
    found = examples(shelf)
    assert len(found) == 4 == len(set(found))
    words = {str(value) for item in shelf.items for facet in item.facts for value in item.values(facet)}
    words |= {item.title for item in shelf.items} | {shelf.nouns}
    assert all(any(word in request for word in words) for request in found[:3])


def test_examples_of_a_bare_catalogue_still_invite(own: FakeCatalogues, tmp_path: Path) -> None:
    file = tmp_path / "names.csv"
    file.write_text("title\nOne\nTwo\n", encoding="utf-8")
    own.add(file, "names")
    assert examples(own.shelf("names"))


def test_key_facts_of_a_film_and_a_product(catalogues: FakeCatalogues) -> None:
    films, shop = catalogues.shelf("films"), catalogues.shelf("shop")
    film = films.get("nosferatu-1922")
    tent = shop.get("tent-solo")
    assert film
    assert tent
    assert key_facts(film, films.facets) == (
        "1922",
        "horror, fantasy",
        "94 min",
        "F. W. Murnau",
        "from age 12",
    )
    assert "rated 4.4" in key_facts(tent, shop.facets)
    assert "price 119" in key_facts(tent, shop.facets)


def test_words_set_by_hand_find_the_catalogue_s_own_names(catalogues: FakeCatalogues) -> None:
    films = catalogues.shelf("films")
    assert interest_of("WESTERN", "like", films, 2).kind == "genres"
    assert interest_of("akira kurosawa", "like", films, 2).value == "Akira Kurosawa"
    assert interest_of("ugetsu", "dislike", films, 2).kind == "item"
    assert interest_of("nosferatu", "like", films, 2).kind == "text"  # there are two
    free = interest_of("slow and strange", "like", films, 2)
    assert (free.kind, free.value, free.turn) == ("text", "slow and strange", 2)


def test_a_file_is_shown_before_it_is_taken_in(own: FakeCatalogues) -> None:
    bringing = Bringing(own, FakeSettings())
    path = str(ROOT / "tests/data/courses.csv")
    shown, toml, name = bringing.look(path)
    assert shown.count('class="card"') == 4
    assert name == "courses"
    assert "[columns]" in toml
    assert own.names() == []
    said = list(bringing.take(path, toml, name))
    assert "<progress" in said[0]
    assert 'data-do="talk"' in said[-1]
    assert own.names() == ["courses"]


def test_an_edited_schema_counts(own: FakeCatalogues) -> None:
    bringing = Bringing(own, FakeSettings())
    path = str(ROOT / "tests/data/courses.csv")
    toml = bringing.look(path)[1]
    list(bringing.take(path, re.sub('nouns = ".*"', 'nouns = "lessons"', toml), "my lessons"))
    assert own.shelf("my-lessons").nouns == "lessons"


def test_trouble_with_a_file_is_told_in_words(own: FakeCatalogues, tmp_path: Path) -> None:
    bringing = Bringing(own, FakeSettings())
    path = str(ROOT / "tests/data/courses.csv")
    assert 'role="alert"' in bringing.look(path, "this is = not toml [")[0]
    assert "mood" in bringing.look(path, '[columns]\ntitle = "mood"')[0]
    empty = tmp_path / "empty.csv"
    empty.write_text("", encoding="utf-8")
    assert 'role="alert"' in bringing.look(str(empty))[0]
    list(bringing.take(path, "", "courses"))
    assert "another name" in list(bringing.take(path, "", "Courses"))[-1]
    assert 'role="alert"' in list(bringing.take(path, "", "!!!"))[-1]
    assert 'role="alert"' in list(bringing.take(None, "", "x"))[-1]
    assert own.names() == ["courses"]


def test_skipped_rows_are_listed_with_reasons(own: FakeCatalogues, tmp_path: Path) -> None:
    file = tmp_path / "books.csv"
    file.write_text("title,author\nEmma,Jane Austen\n,Nobody\nUlysses,James Joyce\n", encoding="utf-8")
    shown = Bringing(own, FakeSettings()).look(str(file))[0]
    assert "2 of 3 rows" in shown
    assert "Line 3" in shown
    assert "no title" in shown


def test_names_are_made_safe() -> None:
    assert slug("Meine Bücher (neu)") == "meine-bucher-neu"
    assert slug("../../etc/passwd") == "etc-passwd"
    assert slug("映画") == ""
