from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.browse import Browser
from retrieval.catalogue import Catalogue
from retrieval.items import Bounds, Constraint, Item
from tests.channels.api.talking import error
from tests.channels.fake_service import FakeCatalogues


def found(client: TestClient, **query: Any) -> Any:
    answer = client.get("/v1/items", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_catalogues_tell_their_facets(client: TestClient) -> None:
    there = {entry["name"]: entry for entry in client.get("/v1/catalogues").json()["catalogues"]}
    assert [name for name, entry in there.items() if entry["default"]] == ["films"]
    assert all(entry["examples"] for entry in there.values())
    assert there["films"]["items"] == 810
    assert there["films"]["nouns"] == "films"
    assert "genres" in {facet["name"] for facet in there["films"]["facets"]}
    assert "shop" in there


def test_an_item_can_be_looked_up(client: TestClient) -> None:
    assert client.get("/v1/items/high-noon-1952").json()["title"] == "High Noon"
    assert error(client.get("/v1/items/high-noon-1953"), 404, "unknown_item")["param"] == "id"
    error(client.get("/v1/items/high-noon-1952", params={"catalogue": "cheese"}), 404, "unknown_catalogue")


def test_words_find_titles_first(client: TestClient) -> None:
    page = found(client, query="high noon")
    assert page["items"][0]["title"] == "High Noon"
    assert found(client, query="qqqq")["items"] == []


def test_conditions_all_have_to_be_met_and_values_of_a_facet_are_alternatives(client: TestClient) -> None:
    page = found(
        client, facet=["genres:western", "genres:horror", "year:1950..1979", "moods:!dark"], per_page=100
    )
    assert page["total"] == len(page["items"]) > 3
    for item in page["items"]:
        assert {"western", "horror"} & set(item["facts"]["genres"])
        assert 1950 <= item["facts"]["year"] <= 1979
        assert "dark" not in item["facts"].get("moods", [])


def test_pages_follow_each_other_without_gap_or_repeat(client: TestClient) -> None:
    whole = found(client, query="war", per_page=100)
    pages = [found(client, query="war", per_page=7, page=number) for number in range(1, 16)]
    ids = [item["id"] for page in pages for item in page["items"]]
    assert ids[: len(whole["items"])] == [item["id"] for item in whole["items"]]
    assert len(set(ids)) == len(ids)
    assert {page["total"] for page in pages} == {whole["total"]}
    assert found(client, query="war", page=9999)["items"] == []


def test_a_facets_own_conditions_do_not_take_its_other_values_away(client: TestClient) -> None:
    def counts(**query: Any) -> dict[str, dict[str, int]]:
        facets = found(client, **query)["facets"]
        return {one["name"]: {value["value"]: value["count"] for value in one["values"]} for one in facets}

    everything, westerns = counts(), counts(facet="genres:western")
    assert westerns["genres"] == everything["genres"]
    assert sum(westerns["moods"].values()) < sum(everything["moods"].values())
    assert list(everything["genres"].values()) == sorted(everything["genres"].values(), reverse=True)


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"facet": "genre:western"}, "facet.0"),
        ({"facet": ["genres:western", "genres"]}, "facet.1"),
        ({"facet": "year:a..b"}, "facet.0"),
        ({"facet": "year:nan..2000"}, "facet.0"),
        ({"facet": "year:.."}, "facet.0"),
        ({"facet": ["year:1990..", "year:..2000"]}, "facet.1"),
        ({"page": "0"}, "page"),
        ({"per_page": "1000"}, "per_page"),
    ],
)
def test_what_is_wrong_with_a_search_is_named(client: TestClient, query: Any, param: str) -> None:
    assert error(client.get("/v1/items", params=query), 422, "invalid")["param"] == param


@pytest.fixture(scope="module")
def films(catalogues: FakeCatalogues) -> tuple[Catalogue, Browser]:
    shelf = catalogues.shelf("films")
    return shelf, catalogues.browser("films")


def meets(item: Item, one: Constraint) -> bool:
    values = item.values(one.facet)
    if one.bounds is not None:
        return any(one.bounds.holds(float(value)) for value in values)
    return bool({str(value).casefold() for value in values} & {value.casefold() for value in one.values})


GENRES = st.sampled_from(["western", "comedy", "horror", "drama", "no such genre"])
ONE = st.one_of(
    st.lists(GENRES, min_size=1, max_size=2).map(lambda values: Constraint("genres", tuple(values))),
    st.sampled_from(["dark", "witty"]).map(lambda value: Constraint("moods", (value,))),
    st.tuples(st.integers(1920, 2000), st.integers(0, 60)).map(
        lambda pair: Constraint("year", bounds=Bounds(pair[0], pair[0] + pair[1]))
    ),
)


@settings(max_examples=40, deadline=None)
@given(musts=st.lists(ONE, max_size=2), must_nots=st.lists(ONE, max_size=1))
def test_leafing_finds_and_counts_what_plain_python_does(
    films: tuple[Catalogue, Browser], musts: list[Constraint], must_nots: list[Constraint]
) -> None:
    shelf, browser = films

    def fits(item: Item, besides: str = "") -> bool:
        return all(meets(item, one) for one in musts if one.facet != besides) and not any(
            meets(item, one) for one in must_nots if one.facet != besides
        )

    page = browser.page("", musts, must_nots, 0, 1000)
    assert list(page.items) == [item for item in shelf.items if fits(item)]
    assert page.matching == len(page.items)
    wanted = Counter(
        str(value) for item in shelf.items if fits(item, "genres") for value in set(item.values("genres"))
    )
    assert dict(page.facets["genres"].values) == dict(wanted.most_common(30))
    years = [item.values("year")[0] for item in shelf.items if fits(item, "year") and item.values("year")]
    bounds = page.facets["year"].bounds
    assert (bounds and (bounds.low, bounds.high)) == ((min(years), max(years)) if years else None)
