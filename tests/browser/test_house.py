"""The page on the real house: its reader, its index, its voice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from chat.build import House
from chat.channels.app import create_app
from tests.browser.conftest import serving
from tests.browser.test_page import cards, say, serious

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def address(house: House) -> Iterator[str]:
    with serving(create_app(house.service, house.catalogues, house.settings, house.voice_line)) as url:
        yield url


def test_a_whole_visit(address: str, open_page: Callable[..., Page]) -> None:
    page = open_page(url=address)
    expect(page.locator("#side-list")).to_contain_text("Voice: plain")
    first = say(page, "I love Hitchcock. A thriller under two hours, please")
    assert first
    expect(page.locator("#live .reasons").first).to_contain_text("thriller")
    expect(page.locator("#taste")).to_contain_text("Alfred Hitchcock")
    page.locator(f'[data-card="{first[0]}"] [data-kind="dislike"]').click()
    expect(page.locator("#taste .group h3").filter(has_text="Dislikes")).to_be_visible()
    second = say(page, "something else")
    assert second
    assert not set(first) & set(second)
    page.reload()
    page.wait_for_selector('#live [data-state="done"]')
    assert cards(page) == second
    assert serious(page) == []


def test_every_example_on_the_empty_page_is_answered_with_items(
    address: str, open_page: Callable[..., Page]
) -> None:
    page = open_page(url=address)
    for number in range(4):
        page.get_by_role("button", name="New conversation").click()
        page.locator(".example").nth(number).click()
        page.wait_for_selector('#live [data-state="done"]')
        assert cards(page), page.locator("#live").inner_text()


def test_another_catalogue_can_be_talked_about(address: str, open_page: Callable[..., Page]) -> None:
    page = open_page(url=address)
    page.get_by_label("Catalogue", exact=True).select_option("shop")
    expect(page.locator("#live .empty")).to_contain_text("products")
    assert say(page, "a tent for two people under 200")
