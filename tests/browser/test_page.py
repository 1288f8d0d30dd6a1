"""The page as people use it, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import NASTY, ROOT, Site

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]


def say(page: Page, text: str) -> list[str]:
    """Types and sends a message, waits for the whole answer, and returns the ids of the cards."""
    page.get_by_label("Your message", exact=True).fill(text)
    page.keyboard.press("Enter")
    expect(page.locator("#live .bubble")).to_contain_text(text)
    page.wait_for_selector('#live [data-state="done"]')
    return cards(page)


def cards(page: Page) -> list[str]:
    return [str(card.get_attribute("data-card")) for card in page.locator("#live .card").all()]


def serious(page: Page) -> list[str]:
    """What axe finds critical or serious."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in ("critical", "serious")
    ]


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_talk_dislike_see_the_list_change_and_find_it_all_after_a_reload(open_page: OpenPage) -> None:
    page = open_page()
    first = say(page, "a western")
    assert len(first) == 4
    dislike = page.locator(f'[data-card="{first[0]}"] [data-kind="dislike"]')
    dislike.click()
    expect(dislike).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#taste")).to_contain_text(first[0])
    page.locator(f'[data-card="{first[1]}"] [data-kind="save"]').click()
    expect(page.locator("#saved-count")).to_have_text("1")
    second = say(page, "another western")
    assert first[0] not in second
    page.reload()
    page.wait_for_selector('#live [data-state="done"]')
    assert cards(page) == second
    expect(page.locator("#thread")).to_contain_text("a western")
    expect(page.locator(f'#thread [data-card="{first[0]}"] [data-kind="dislike"]')).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("tab", name="Saved").click()
    expect(page.locator("#saved .kept")).to_have_count(1)
    page.locator("#saved .kept button").click()
    expect(page.locator("#saved .kept")).to_have_count(0)
    expect(page.locator(f'#thread [data-card="{first[1]}"] [data-kind="save"]')).to_have_attribute(
        "aria-pressed", "false"
    )


def test_two_browsers_never_see_each_other(open_page: OpenPage) -> None:
    one, two = open_page(), open_page()
    say(one, "a western about zwieback")
    say(two, "a comedy")
    for page, own, other in ((one, "zwieback", "a comedy"), (two, "a comedy", "zwieback")):
        page.reload()
        page.wait_for_selector('#live [data-state="done"]')
        expect(page.locator("#shell")).to_contain_text(own)
        expect(page.locator("#live, #thread, #side-list, #taste")).not_to_contain_text([other] * 4)


def test_markup_of_a_catalogue_or_a_person_stays_text(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_label("Catalogue", exact=True).select_option("nasty")
    expect(page.locator("#live")).to_contain_text("7 ")
    assert len(say(page, f"comedy {NASTY}")) == 4
    expect(page.locator("#live .bubble")).to_contain_text("<script>window.broken=2</script>")
    expect(page.locator("#live .title").first).to_contain_text('<img src=x onerror="window.broken=1">')
    page.locator('[data-kind="save"]').first.click()
    expect(page.locator("#saved-count")).to_have_text("1")
    page.locator("[data-do=why]").first.click()
    for _ in range(2):
        assert page.evaluate("window.broken") is None
        assert (
            page.locator(":is(#shell, #topbar, #states, #skip) :is(img, script, b, a:not(.skip))").count()
            == 0
        )
        page.reload()
        page.wait_for_selector('#live [data-state="done"]')


def test_stop_keeps_the_words_and_they_can_be_asked_again(open_page: OpenPage, site: Site) -> None:
    page = open_page()
    site.hold.clear()
    page.get_by_label("Your message", exact=True).fill("slowly, a western")
    page.keyboard.press("Enter")
    stop = page.get_by_role("button", name="Stop", exact=True)
    expect(stop).to_be_visible()
    stop.click()
    expect(page.locator('#live [data-state="stopped"]')).to_contain_text("slowly, a western")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    site.hold.set()
    page.get_by_role("button", name="Ask again").click()
    page.wait_for_selector('#live [data-state="done"]')
    assert len(cards(page)) == 4


def test_the_last_message_can_be_edited_and_tried_again(open_page: OpenPage) -> None:
    page = open_page()
    say(page, "a western")
    page.get_by_role("button", name="Edit this message").click()
    box = page.get_by_label("Your message", exact=True)
    expect(box).to_have_value("a western")
    page.keyboard.press("Escape")
    expect(box).to_have_value("")
    page.get_by_role("button", name="Edit this message").click()
    box.fill("a musical")
    page.keyboard.press("Enter")
    expect(page.locator("#live .bubble")).to_contain_text("a musical")
    page.wait_for_selector('#live [data-state="done"]')
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector('#live [data-state="done"]')
    expect(page.locator("#shell .bubble")).to_have_count(1)
    expect(page.locator("#taste")).not_to_contain_text("western")


def test_the_taste_panel_can_be_edited_by_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_label("Add in your own words").fill("film noir")
    page.keyboard.press("Enter")
    entry = page.locator("#taste .entry")
    expect(entry).to_contain_text("film noir")
    expect(page.get_by_label("Add in your own words")).to_have_value("")
    turn = page.get_by_role("button", name="film noir: now like. Change to dislike")
    turn.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#taste .group h3")).to_have_text("Dislikes")
    page.get_by_role("button", name="Forget film noir").press("Enter")
    expect(entry).to_have_count(0)


def test_conversations_are_listed_opened_and_deleted(open_page: OpenPage) -> None:
    page = open_page()
    say(page, "a western")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("#live .empty")).to_be_visible()
    page.locator(".example").first.click()
    page.wait_for_selector('#live [data-state="done"]')
    page.get_by_role("button", name="a western").first.click()
    expect(page.locator("#live .bubble")).to_contain_text("a western")
    delete = page.get_by_role("button", name="Delete “a western”")
    delete.focus()
    delete.click()
    expect(page.locator("#side-list")).not_to_contain_text("a western")
    expect(page.locator("#live .empty")).to_be_visible()


def test_a_file_can_be_brought_and_talked_about(open_page: OpenPage, site: Site, tmp_path: Path) -> None:
    page = open_page()
    file = tmp_path / "lessons.csv"
    file.write_text(
        (ROOT / "tests/data/courses.csv").read_text(encoding="utf-8") + ",,,,,,,,\n", encoding="utf-8"
    )
    page.get_by_role("button", name="Bring your own file").click()
    page.locator("#bring-file input[type=file]").set_input_files(file)
    expect(page.locator("#bring-preview .card")).to_have_count(4)
    schema = page.get_by_label("What the columns mean")
    expect(schema).to_have_value("noun".join(str(schema.input_value()).split("noun")))
    schema.fill(schema.input_value().replace('title = "Courses"', 'title = "Evening classes"'))
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_label("Name to keep it under")).to_have_value("lessons")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("button", name="Talk about").click()
    expect(page.get_by_label("Catalogue", exact=True)).to_have_value("lessons")
    assert len(say(page, "programming")) > 0
    assert "lessons" in site.catalogues.names()


def test_an_error_is_told_in_words(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    file = tmp_path / "broken.json"
    file.write_text("{]", encoding="utf-8")
    page.get_by_role("button", name="Bring your own file").click()
    page.locator("#bring-file input[type=file]").set_input_files(file)
    expect(page.locator("#bring-preview [role=alert]")).to_be_visible()
    expect(page.locator("#bring")).not_to_contain_text("Traceback")


@pytest.mark.parametrize(
    ("width", "dark", "touch"),
    [(1280, False, False), (1280, True, False), (390, False, True), (390, True, True)],
)
def test_the_page_is_accessible_and_fits(open_page: OpenPage, width: int, dark: bool, touch: bool) -> None:
    page = open_page(width=width, height=844, dark=dark, touch=touch)
    assert serious(page) == []
    say(page, "a western or a mystery, but no war")
    page.locator('[data-kind="save"]').first.click()
    expect(page.locator('[data-kind="save"]').first).to_have_attribute("aria-pressed", "true")
    page.locator("[data-do=why]").first.click()
    assert serious(page) == []
    assert fits(page)
    if touch:
        page.get_by_role("button", name="Taste").click()
        expect(page.locator("#panel")).to_be_visible()
        assert serious(page) == []
        page.keyboard.press("Escape")
        expect(page.locator("#panel")).to_be_hidden()
        page.get_by_role("button", name="Conversations and catalogue").click()
    page.get_by_role("button", name="Bring your own file").click()
    page.locator("#bring-file input[type=file]").set_input_files(ROOT / "tests/data/shop.csv")
    expect(page.locator("#bring-preview .card")).to_have_count(4)
    assert serious(page) == []
    assert fits(page)


def test_the_finished_reply_is_announced_once_and_the_focus_stays(open_page: OpenPage) -> None:
    page = open_page()
    say(page, "a western")
    expect(page.locator("#announce [role=status]")).to_contain_text("Here is what I would pick.")
    assert page.evaluate("document.activeElement.id") == "message"
    assert page.locator("[aria-live=polite]").filter(has_text="Here is what I would pick.").count() == 1
