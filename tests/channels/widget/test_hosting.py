"""The websites around the widget: their ways of changing pages, their layouts, their mistakes."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from tests.channels.widget.conftest import Chat, Site, Visit
from tests.channels.widget.test_visit import findings

pytestmark = pytest.mark.browser

NEW_BODY = """() => {
  const body = document.createElement("body");
  const main = document.createElement("main");
  main.innerHTML = "<h1>Next page</h1><div id=place></div>";
  body.append(main);
  document.body.replaceWith(body);
}"""


def becomes(page: Page, what: str) -> None:
    """Waits until it is true (Playwright's own waiting needs an eval that the page's policy forbids)."""
    until = time.monotonic() + 15
    while not page.evaluate(what):
        assert time.monotonic() < until, what
        page.wait_for_timeout(50)


def box(chat: Chat) -> dict[str, float]:
    found = chat.bubble.bounding_box()
    assert found is not None
    return dict(found)


def test_it_survives_a_change_of_page_without_a_load(site: Site, visit: Visit) -> None:
    page = visit(site.page())
    chat = Chat(page).open()
    chat.say("a jacket under 200")
    page.evaluate(NEW_BODY)
    expect(page.locator("h1")).to_have_text("Next page")
    expect(chat.panel).to_be_visible()
    assert chat.say("a tent")
    page.evaluate("document.querySelector('genre-chat').remove()")
    expect(chat.turns).to_have_count(2)
    page.evaluate("document.documentElement.replaceWith(document.documentElement.cloneNode(true))")
    expect(page.locator("genre-chat")).to_have_count(1)
    expect(chat.turns).to_have_count(2)
    chat.button("Close").click()
    expect(chat.bubble).to_be_visible()


def test_an_inline_chat_comes_back_where_its_place_is(site: Site, visit: Visit) -> None:
    page = visit(site.page('<div id="place"></div>', mode="inline", target="#place"))
    chat = Chat(page)
    expect(chat.host.locator(".greeting")).to_be_visible()
    expect(chat.box).not_to_be_focused()
    panel = chat.panel.bounding_box()
    assert panel is not None
    assert panel["height"] == 640
    assert len(chat.say("a jacket under 200")) == 3
    assert findings(page) == []
    page.evaluate("document.body.replaceWith(document.createElement('body'))")
    expect(chat.host).to_have_count(0)
    page.evaluate(NEW_BODY)
    expect(page.locator("#place > genre-chat")).to_be_visible()
    expect(chat.turns).to_have_count(1)
    page.keyboard.press("Escape")
    expect(chat.panel).to_be_visible()


def test_an_inline_chat_stands_where_its_script_stands(site: Site, visit: Visit) -> None:
    script = f'<p>Before</p><script src="{site.house}/widget.js" data-mode="inline"></script><p>After</p>'
    page = visit(site.page(script))
    expect(page.locator("main > genre-chat + p")).to_have_text("After")


@pytest.mark.parametrize("mode", ["bubble", "inline"])
def test_loaded_twice_it_is_there_once(site: Site, visit: Visit, mode: str) -> None:
    script = f'<script src="{site.house}/widget.js" data-mode="{mode}"></script>'
    page = visit(site.page(script + script))
    page.evaluate(
        """async (src) => {
          const script = Object.assign(document.createElement("script"), {src});
          document.body.append(script);
          await new Promise((done) => (script.onload = done));
        }""",
        f"{site.house}/widget.js",
    )
    expect(page.locator("genre-chat")).to_have_count(1)
    assert Chat(page).host.locator(".panel").count() == 1


def test_it_may_be_loaded_before_there_is_a_body(site: Site, visit: Visit) -> None:
    head = """<script src="HOUSE/widget.js"></script>""".replace("HOUSE", site.house)
    chat = Chat(visit(site.page(head=head, script=""))).open()
    assert chat.say("a tent")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_transformed_page_does_not_move_it(site: Site, visit: Visit, width: int) -> None:
    page = visit(site.page('<div id="place"></div>'), width=width, touch=width < 500)
    chat = Chat(page)
    before = box(chat)
    page.evaluate(
        """() => { for (const name of ["transform", "filter", "overflow", "position", "zIndex"])
             document.body.style[name] = {transform: "scale(.4)", filter: "blur(1px)",
               overflow: "hidden", position: "relative", zIndex: 5}[name]; }"""
    )
    assert box(chat) == before
    chat.open()
    assert chat.say("a tent")


def test_an_inline_chat_in_a_transformed_parent_works(site: Site, visit: Visit) -> None:
    page = visit(site.page('<div id="place"></div>', mode="inline", target="#place"))
    page.evaluate("document.querySelector('#place').style.transform = 'translateX(40px) scale(.9)'")
    chat = Chat(page)
    assert chat.say("a tent")
    panel, place = chat.panel.bounding_box(), page.locator("#place").bounding_box()
    assert panel is not None
    assert place is not None
    assert (panel["x"], panel["width"]) == pytest.approx((place["x"], place["width"]), abs=1)


def test_a_page_that_styles_everything_does_not_reach_in(site: Site, visit: Visit) -> None:
    page = visit(site.page())
    chat = Chat(page).open()
    chat.say("a jacket under 200")
    look = """node => ["fontSize", "color", "display", "textTransform", "letterSpacing"].map(
      (name) => getComputedStyle(node)[name])"""
    before = chat.cards.first.locator(".title").evaluate(look)
    page.evaluate(
        """() => { const sheet = new CSSStyleSheet();
          sheet.replaceSync("* { color: red; font-size: 40px; letter-spacing: 9px }"
            + "genre-chat { text-transform: uppercase } :not(:defined), button, h3, ul { display: none }");
          document.adoptedStyleSheets = [sheet]; }"""
    )
    assert chat.cards.first.locator(".title").evaluate(look) == before


def test_a_server_that_is_down_is_told_in_words_and_can_be_tried_again(site: Site, visit: Visit) -> None:
    page = visit(site.page(), troubled=True)
    chat = Chat(page)
    page.context.set_offline(True)
    chat.bubble.click()
    trouble = chat.host.locator(".trouble")
    expect(trouble).to_contain_text("I can’t reach the recommender just now.")
    expect(chat.status).to_contain_text("I can’t reach the recommender just now.")
    assert findings(page) == []
    page.context.set_offline(False)
    chat.button("Try again").click()
    expect(chat.host.locator(".greeting")).to_be_visible()
    page.context.set_offline(True)
    chat.box.fill("a tent")
    chat.box.press("Enter")
    expect(trouble).to_be_visible()
    page.context.set_offline(False)
    chat.button("Try again").click()
    assert chat.answered(1)
    expect(trouble).to_have_count(0)
    page.context.set_offline(True)
    chat.cards.first.get_by_role("button", name="Like").click()
    expect(chat.cards.first.locator(".note")).to_contain_text("I can’t reach")
    expect(chat.cards.first.get_by_role("button", name="Like")).to_have_attribute("aria-pressed", "false")


def test_a_website_that_is_not_listed_is_told_so(site: Site, visit: Visit) -> None:
    page = visit(site.page(), at=site.stranger, troubled=True)
    warnings: list[str] = []
    page.on("console", lambda message: warnings.append(message.text) if message.type == "warning" else None)
    chat = Chat(page)
    chat.bubble.click()
    expect(chat.host.locator(".trouble")).to_contain_text("isn’t on the recommender’s list")
    expect(chat.button("Try again")).to_be_visible()
    assert any("allow_origins" in warning and site.stranger in warning for warning in warnings)


def test_an_unknown_catalogue_is_told_in_words(site: Site, visit: Visit) -> None:
    page = visit(site.page(catalogue="cheese"), troubled=True)
    chat = Chat(page)
    chat.bubble.click()
    chat.box.fill("gouda")
    chat.box.press("Enter")
    expect(chat.host.locator(".trouble")).to_contain_text("There is no catalogue “cheese”. There are: shop.")


def test_what_a_page_can_do_with_it(site: Site, visit: Visit) -> None:
    page = visit(
        site.page(mode="popup", greeting="Salve!", starters="A tent | Some boots", side="left", z_index="7")
    )
    chat = Chat(page)
    expect(chat.host).to_have_count(1)
    expect(chat.bubble).to_have_count(0)
    page.evaluate(
        """() => { window.heard = [];
          for (const name of ["open", "close", "message", "reply", "feedback"])
            Genre.on(name, () => heard.push(name));
          const end = Genre.on("message", () => heard.push("never")); end(); }"""
    )
    page.evaluate("Genre.open()")
    expect(chat.host.locator(".greeting h3")).to_have_text("Salve!")
    expect(chat.host.locator(".starter")).to_have_text(["A tent", "Some boots"])
    panel = chat.panel.bounding_box()
    assert panel is not None
    assert panel["x"] < 100
    assert chat.panel.evaluate("node => getComputedStyle(node).zIndex") == "7"
    answer = page.evaluate("Genre.send('a jacket under 200')")
    assert len(answer["recommendations"]) == 3
    chat.cards.first.get_by_role("button", name="Like").click()
    expect(chat.cards.first.get_by_role("button", name="Like")).to_have_attribute("aria-pressed", "true")
    becomes(page, "heard.includes('feedback')")
    page.evaluate("Genre.toggle()")
    expect(chat.panel).to_be_hidden()
    page.evaluate("Genre.toggle(); Genre.close()")
    assert page.evaluate("heard") == ["open", "message", "reply", "feedback", "close", "open", "close"]
    page.evaluate("Genre.destroy()")
    expect(chat.host).to_have_count(0)
    assert page.evaluate("'Genre' in window") is False
    page.evaluate(NEW_BODY)
    expect(chat.host).to_have_count(0)


def test_settings_may_come_from_the_page_and_the_theme_may_change(site: Site, visit: Visit) -> None:
    page = visit(site.page(script=""))
    began = page.evaluate(
        """async (src) => {
          window.GenreSettings = {title: "Ask the shop", theme: "dark"};
          const ready = new Promise((done) => addEventListener("genre:ready", done));
          document.head.append(Object.assign(document.createElement("script"), {src}));
          return (await ready).detail === window.Genre;
        }""",
        f"{site.house}/widget.js",
    )
    assert began is True
    chat = Chat(page).open()
    expect(chat.host.locator("h2")).to_have_text("Ask the shop")
    dark = chat.panel.evaluate("node => getComputedStyle(node).backgroundColor")
    page.evaluate("document.querySelector('genre-chat').dataset.theme = 'light'")
    expect(chat.panel).not_to_have_css("background-color", dark)


def test_custom_properties_of_the_page_reach_it(site: Site, visit: Visit) -> None:
    page = visit(site.page())
    page.evaluate(
        """() => { const sheet = new CSSStyleSheet();
          sheet.replaceSync("genre-chat { --genre-accent: rgb(120, 0, 60); --genre-width: 333px }");
          document.adoptedStyleSheets = [sheet]; }"""
    )
    chat = Chat(page)
    assert chat.bubble.evaluate("node => getComputedStyle(node).backgroundColor") == "rgb(120, 0, 60)"
    chat.open()
    panel = chat.panel.bounding_box()
    assert panel is not None
    assert panel["width"] == 333


@pytest.mark.parametrize("width", [1280, 390])
def test_the_demo_shop(visit: Visit, width: int) -> None:
    page = visit("/demo/index.html", width=width, touch=width < 500)
    chat = Chat(page)
    page.get_by_role("button", name="Find me a tent for two").click()
    assert chat.answered(1)
    assert findings(page) == []
    chat.button("Close").click()
    assert findings(page) == []
    page.get_by_role("link", name="Advice").click()
    expect(page.locator("#advice > genre-chat .said")).to_have_text("a tent for two people under 200")
    assert findings(page) == []
