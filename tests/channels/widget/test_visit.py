"""The widget as people use it: on another website, under a strict policy, in a real browser."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from chat.channels.widget import widget_script
from tests.channels.widget.conftest import NASTY, Chat, Site, Visit

pytestmark = pytest.mark.browser


MOVE = "where => document.querySelector(where).append(document.querySelector('genre-chat'))"


def findings(page: Page) -> list[str]:
    """Whatever axe finds, and whatever contrast it can't judge.

    It judges no colours of what stands beside the body: for these the widget is moved into it for a moment.
    What is half scrolled out of sight it can't judge either, which is no finding.
    """
    found = Axe().run(page).response["violations"]
    beside = page.evaluate("document.querySelector('genre-chat').parentNode === document.documentElement")
    if beside:
        page.evaluate(MOVE, "body")
    contrast = Axe().run(page, options={"runOnly": ["color-contrast"]}).response
    if beside:
        page.evaluate(MOVE, "html")
    assert contrast["passes"]
    found += contrast["violations"]
    for one in contrast["incomplete"]:
        nodes = [node for node in one["nodes"] if not node["any"][0]["data"].get("messageKey")]
        found += [{**one, "nodes": nodes}] if nodes else []
    return [f"{one['id']}: {[node['html'][:140] for node in one['nodes'][:3]]}" for one in found]


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_a_whole_visit(site: Site, visit: Visit) -> None:
    page = visit(site.page())
    chat = Chat(page).open()
    assert page.evaluate("localStorage.length") == 0  # nothing is kept, nor begun, before a first word
    expect(chat.host.locator(".greeting")).to_contain_text("12 products")
    first = chat.say("a jacket under 200")
    assert len(first) == 3
    expect(chat.cards.first.locator(".reasons")).to_contain_text("You asked for “jackets”")

    like = chat.cards.first.get_by_role("button", name=f"Like: {first[0]}")
    like.click()
    expect(like).to_have_attribute("aria-pressed", "true")
    why = chat.cards.first.get_by_role("button", name=f"Why? {first[0]}")
    why.click()
    expect(chat.cards.first.locator(".why")).to_contain_text("You said “a jacket” (message 1)")
    expect(why).to_have_attribute("aria-expanded", "true")
    chat.cards.nth(1).get_by_role("button", name=f"Save: {first[1]}").click()

    reply = chat.chips.first.inner_text()
    chat.chips.first.click()
    chat.answered(2)
    expect(chat.turns.last.locator(".said")).to_have_text(reply)

    chat.button("Your taste").click()
    taste = chat.host.locator(".taste")
    expect(taste.locator(".entry")).to_contain_text(["jackets", "at most 200", first[0], first[1]])
    taste.get_by_role("button", name="Forget at most 200").click()
    expect(taste).not_to_contain_text("at most 200")
    taste.get_by_label("Add in your own words").fill("leather")
    taste.get_by_role("button", name="I don’t").click()
    expect(taste.get_by_role("button", name="leather: now dislike. Change to like")).to_be_visible()
    assert "Okapi" not in " ".join(chat.say_in_chat("anything else?"))

    page.reload()
    expect(chat.panel).to_be_visible()  # it was open
    expect(chat.turns).to_have_count(3)
    expect(chat.turns.first.locator(".said")).to_have_text("a jacket under 200")
    expect(chat.host.locator(f'[aria-label="Like: {first[0]}"]').first).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(chat.host.locator(f'[aria-label="Save: {first[1]}"]').first).to_have_attribute(
        "aria-pressed", "true"
    )
    assert page.context.cookies() == []
    kept = json.loads(page.evaluate("JSON.stringify(localStorage)"))
    assert [*kept] == [f"genre:{site.house}/"]
    assert {*json.loads(kept[f"genre:{site.house}/"])} == {"token", "conversations"}


def test_cards_come_first_then_the_words_as_they_are_said(site: Site, visit: Visit) -> None:
    chat = Chat(visit(site.page())).open()
    site.hold.clear()
    chat.box.fill("a jacket under 200")
    chat.box.press("Enter")
    words = chat.turns.last.locator(".words")
    expect(words.locator(".dots")).to_have_count(0)
    expect(chat.cards).to_have_count(3)
    half = words.inner_text()
    assert half
    expect(chat.status).to_be_empty()
    site.hold.set()
    chat.answered(1)
    whole = words.inner_text()
    assert whole.startswith(half)
    assert len(whole) > len(half)


def test_an_answer_can_be_stopped_and_asked_for_again(site: Site, visit: Visit) -> None:
    chat = Chat(visit(site.page())).open()
    site.hold.clear()
    chat.box.fill("a jacket under 200")
    chat.box.press("Enter")
    expect(chat.cards).to_have_count(3)
    chat.button("Stop").click()
    expect(chat.turns.last.locator(".foot")).to_contain_text("Stopped.")
    site.hold.set()
    chat.button("Ask again").click()
    assert len(chat.answered(1)) == 3
    expect(chat.turns.last.locator(".foot")).not_to_contain_text("Stopped.")
    assert chat.chips.count() > 0


def test_a_finished_answer_is_announced_once(site: Site, visit: Visit) -> None:
    page = visit(site.page())
    chat = Chat(page).open()
    page.evaluate(
        """() => {
          window.heard = [];
          const status = document.querySelector("genre-chat").shadowRoot.querySelector("[role=status]");
          const hear = () => status.textContent && heard.push(status.textContent);
          new MutationObserver(hear).observe(status, {childList: true});
        }"""
    )
    titles = chat.say("a jacket under 200")
    heard = page.evaluate("heard")
    assert len(heard) == 1
    for title in titles:
        assert title in heard[0].split("Suggested:")[1]


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (390, False), (390, True)])
def test_it_is_accessible_and_fits(site: Site, visit: Visit, width: int, dark: bool) -> None:
    page = visit(site.page(), width=width, dark=dark, touch=width < 500)
    chat = Chat(page)
    expect(chat.bubble).to_be_visible()
    assert findings(page) == []
    chat.open()
    assert findings(page) == []
    first = chat.say("a waterproof jacket, but nothing from Calder")
    chat.cards.first.get_by_role("button", name="Why?").click()
    chat.cards.first.get_by_role("button", name=f"Save: {first[0]}").click()
    expect(chat.cards.first.get_by_role("button", name="Save")).to_have_attribute("aria-pressed", "true")
    assert findings(page) == []
    chat.button("Your taste").click()
    assert findings(page) == []
    assert fits(page)
    box = chat.panel.bounding_box()
    assert box is not None
    if width < 500:
        assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
    else:
        assert box["width"] < 500


@pytest.mark.parametrize(
    ("colour", "theme"), [("yellow", "light"), ("#777", "dark"), ("oklch(0.3 0.2 300)", "dark")]
)
def test_any_colour_stays_legible(site: Site, visit: Visit, colour: str, theme: str) -> None:
    page = visit(site.page(colour=colour, theme=theme, label="Ask"))
    chat = Chat(page).open()
    chat.say("a jacket under 200")
    chat.cards.first.get_by_role("button", name="Like").click()
    expect(chat.cards.first.get_by_role("button", name="Like")).to_have_attribute("aria-pressed", "true")
    assert findings(page) == []
    chat.button("Close").click()
    assert findings(page) == []


def test_by_keyboard_alone(site: Site, visit: Visit) -> None:
    page = visit(site.page('<button type="button" data-genre-open>Ask us</button>'))
    chat = Chat(page)
    active = "document.querySelector('genre-chat').shadowRoot.activeElement?.className ?? ''"
    page.get_by_role("button", name="Ask us").focus()
    page.keyboard.press("Enter")
    expect(chat.box).to_be_focused()
    page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    expect(page.get_by_role("button", name="Ask us")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate(active) == "bubble"
    page.keyboard.press("Enter")
    page.keyboard.type("a jacket under 200")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("please")
    page.keyboard.press("Enter")
    assert len(chat.answered(1)) == 3
    expect(chat.turns.last.locator(".said")).to_have_text("a jacket under 200\nplease")
    chat.button("Your taste").press("Enter")
    chat.host.get_by_role("button", name="Forget jackets").press("Enter")
    expect(chat.host.get_by_role("button", name="Forget jackets")).to_have_count(0)
    assert page.evaluate(active) != ""  # the focus went to a neighbour, not to nowhere
    page.keyboard.press("Escape")
    expect(chat.box).to_be_visible()
    page.keyboard.press("Escape")
    assert page.evaluate(active) == "bubble"


def test_on_a_phone_the_sheet_keeps_the_focus_and_no_keyboard_jumps_up(site: Site, visit: Visit) -> None:
    page = visit(site.page('<a href="#x">A link</a>'), width=390, touch=True)
    chat = Chat(page).open()
    expect(chat.box).not_to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.localName") != "a"
    page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    expect(chat.bubble).to_be_focused()


def test_in_chinese(site: Site, visit: Visit) -> None:
    page = visit(site.page(lang="zh-CN", title="帮你挑选"))
    chat = Chat(page)
    chat.host.get_by_role("button", name="打开对话").click()
    expect(chat.host.locator(".greeting")).to_contain_text("今天想找点什么？")
    composing = (
        "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true})"
    )
    chat.box.fill("jacket")
    assert chat.box.evaluate(
        f"box => box.dispatchEvent({composing})"
    )  # Enter chooses a word, it doesn't send
    expect(chat.turns).to_have_count(0)
    assert len(chat.say("a jacket under 200")) == 3
    chat.cards.first.get_by_role("button", name="为什么？").click()
    expect(chat.cards.first.locator(".why")).to_contain_text("第 1 条消息")
    chat.button("你的喜好").click()
    expect(chat.host.locator(".taste h3").first).to_have_text("必须")
    assert findings(page) == []


def test_both_languages_say_the_same_things(visit: Visit, site: Site) -> None:
    page = visit(site.page(script=""))
    words = widget_script(400).split("const WORDS", 1)[1].split("};\n", 1)[0] + "}"
    kinds = """Object.values(WORDS).map((words) => ({...words, ...words.groups, ...words.trouble}))
      .map((all) => Object.keys(all).sort().map((key) => `${key}: ${typeof all[key]}`))"""
    english, chinese = page.evaluate(f"() => {{ const WORDS{words}; return {kinds}; }}")
    assert english == chinese
    assert len(english) > 40


def test_foreign_words_stay_words(site: Site, visit: Visit) -> None:
    page = visit(site.page())
    chat = Chat(page).open()
    titles = chat.say("green boots")
    assert "<script>window.broken=2</script>" in titles[0]
    chat.cards.first.get_by_role("button", name="Save").click()
    chat.button("Your taste").click()
    expect(chat.host.locator(".taste")).to_contain_text("Saved")
    chat.say_in_chat(NASTY)
    expect(chat.turns.last.locator(".said")).to_have_text(NASTY)
    page.reload()
    expect(chat.turns).to_have_count(2)
    assert page.evaluate("window.broken") is None
    assert chat.host.locator("img:not(.picture), script, b").count() == 0


def test_links_and_pictures_are_http_only(site: Site, visit: Visit) -> None:
    page = visit(site.page())
    chat = Chat(page).open()
    chat.say("brown boots from Norrvik")
    link = chat.cards.first.get_by_role("link", name="Summit Boots")
    expect(link).to_have_attribute("href", f"{site.url}/summit")
    expect(chat.cards.first.locator("img.picture")).to_have_js_property("naturalWidth", 1)
    page.route("**/v1/conversations/*", lambda route: _with_bad_addresses(route))
    page.reload()
    expect(chat.cards.first.locator(".title")).to_have_text("Summit Boots")
    assert chat.host.locator("a, img").count() == 0


def _with_bad_addresses(route: Route) -> None:
    """A server gone wrong: the real answer, with addresses that run scripts."""
    response = route.fetch()
    body = response.json()
    for turn in body["turns"]:
        for entry in turn["recommendations"]:
            entry["item"] |= {"url": "javascript:window.broken=3", "image": "data:image/svg+xml,<svg/>"}
    route.fulfill(response=response, json=body)


def test_a_link_that_is_followed_is_told_to_the_ranking(site: Site, visit: Visit) -> None:
    page = visit(site.page())
    chat = Chat(page).open()
    chat.say("brown boots from Norrvik")
    with page.expect_request("**/feedback") as click:
        chat.cards.first.get_by_role("link").click()
    assert click.value.post_data_json == {"item": "summit", "kind": "click"}
    page.wait_for_url("**/summit")


def test_two_visitors_never_meet(site: Site, visit: Visit) -> None:
    path = site.page()
    one, two = Chat(visit(path)).open(), Chat(visit(path)).open()
    one.say("boots from Norrvik")
    two.say("a tent")
    for chat, own, other in ((one, "boots from Norrvik", "a tent"), (two, "a tent", "boots from Norrvik")):
        chat.page.reload()
        expect(chat.turns.locator(".said")).to_have_text([own])
        assert other not in chat.panel.inner_text()


def test_all_can_be_deleted(site: Site, visit: Visit) -> None:
    page = visit(site.page())
    chat = Chat(page).open()
    chat.say("a jacket under 200")
    (kept,) = json.loads(page.evaluate("JSON.stringify(Object.values(localStorage))"))
    token = {"Authorization": f"Bearer {json.loads(kept)['token']}"}
    assert page.request.get(f"{site.house}/v1/users/me/export", headers=token).ok
    chat.button("Your taste").click()
    chat.button("Delete all about me").click()
    chat.button("Really? Press once more").click()
    expect(chat.host.locator(".taste .note")).to_contain_text("Nothing is kept about you")
    assert page.evaluate("localStorage.length") == 0
    assert page.request.get(f"{site.house}/v1/users/me/export", headers=token).status == 401
    page.keyboard.press("Escape")
    expect(chat.host.locator(".greeting")).to_be_visible()


def test_what_the_server_has_forgotten_begins_anew(site: Site, visit: Visit) -> None:
    page = visit(site.page(), troubled=True)  # the browser notes the 401s
    chat = Chat(page).open()
    chat.say("a jacket under 200")
    kept = json.loads(page.evaluate("Object.values(localStorage)[0]"))
    token = {"Authorization": f"Bearer {kept['token']}"}
    assert page.request.delete(f"{site.house}/v1/users/me", headers=token).status == 204
    assert chat.say("a tent")
    assert json.loads(page.evaluate("Object.values(localStorage)[0]"))["token"] != kept["token"]
