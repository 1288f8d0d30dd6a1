from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest

from chat.channels.web.desk import Desk, View
from chat.service import Service
from chat.wire import interest_id
from tests.channels.fake_service import FakeCatalogues, FakeSettings


class Browser:
    """Keeps what the page shows, as a browser does."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.shown = View()
        self.see(desk.arrive(None))

    def see(self, view: View) -> View:
        fields = View.__dataclass_fields__
        merged: dict[str, Any] = {
            name: getattr(self.shown, name) if getattr(view, name) is None else getattr(view, name)
            for name in fields
        }
        self.shown = View(**merged)
        return self.shown

    def say(self, text: str, **detail: Any) -> View:
        for view in self.desk.say(self.shown.browser, {"do": "message", "text": text, **detail}):
            self.see(view)
        return self.shown

    def act(self, **detail: Any) -> View:
        return self.see(self.desk.act(self.shown.browser, detail))

    def go(self, **detail: Any) -> View:
        return self.see(self.desk.go(self.shown.browser, detail))

    @property
    def cards(self) -> list[str]:
        return re.findall(r'data-card="([^"]+)"', self.shown.live or "")

    @property
    def states(self) -> dict[str, list[str]]:
        found = re.search(r'data-states="([^"]*)"', self.shown.states or "")
        assert found
        states: dict[str, list[str]] = json.loads(unescape(found[1]))
        return states

    @property
    def id(self) -> str:
        assert self.shown.browser
        assert self.shown.browser["conversation"]
        return self.shown.browser["conversation"]

    @property
    def everything(self) -> str:
        return " ".join(
            str(getattr(self.shown, name)) for name in View.__dataclass_fields__ if name != "browser"
        )


@pytest.fixture
def browser(desk: Desk) -> Browser:
    return Browser(desk)


def test_the_cards_stand_there_before_the_words(desk: Desk, browser: Browser) -> None:
    lives = [
        view.live
        for view in desk.say(browser.shown.browser, {"do": "message", "text": "a western"})
        if view.live is not None
    ]
    assert "a western" in lives[0]
    assert "data-card" not in lives[0]
    assert "data-card" in lives[1]
    assert "pick" not in lives[1]
    assert "pick" in lives[2]
    assert 'data-state="done"' in lives[-1]


def test_a_reload_shows_the_same_conversation(desk: Desk, browser: Browser) -> None:
    browser.say("a western")
    browser.say("a comedy")
    again = desk.arrive(browser.shown.browser)
    assert (again.thread, again.live) == (browser.shown.thread, browser.shown.live)
    assert "a western" in (again.thread or "")
    assert "a comedy" in (again.live or "")


def test_a_disliked_item_is_marked_listed_and_not_offered_again(browser: Browser) -> None:
    browser.say("a western")
    gone = browser.cards[0]
    browser.act(do="feedback", item=gone, kind="dislike", on=True)
    assert browser.states["dislike"] == [gone]
    assert gone in (browser.shown.taste or "")
    for _ in range(3):
        browser.say("another western")
        assert gone not in browser.cards


def test_a_click_taken_back_leaves_no_mark(browser: Browser) -> None:
    browser.say("a western")
    item = browser.cards[0]
    browser.act(do="feedback", item=item, kind="like", on=True)
    assert browser.states["like"] == [item]
    browser.act(do="feedback", item=item, kind="like", on=False)
    assert browser.states["like"] == []


def test_saved_items_are_listed_until_let_go(browser: Browser) -> None:
    browser.say("a western")
    item = browser.cards[0]
    browser.act(do="feedback", item=item, kind="save", on=True)
    assert f'data-item="{item}"' in (browser.shown.saved or "")
    browser.act(do="feedback", item=item, kind="save", on=False)
    assert item not in (browser.shown.saved or "")


def test_the_taste_can_be_added_to_turned_round_and_forgotten(browser: Browser, service: Service) -> None:
    browser.act(do="add", text="Film Noir", feeling="like")  # before any message
    who = browser.desk.visitor(browser.shown.browser)

    def only() -> Any:
        (entry,) = service.taste(who.user_id, browser.id)
        return entry

    assert (only().kind, only().value, only().feeling) == ("genres", "film noir", "like")
    browser.act(do="flip", entry=interest_id(only()))
    assert only().feeling == "dislike"
    browser.act(do="forget", entry=interest_id(only()))
    assert service.taste(who.user_id, browser.id) == ()


def test_editing_and_trying_again_replace_the_answer(browser: Browser, service: Service) -> None:
    browser.say("a western")
    browser.say("a comedy")
    browser.say("a musical", do="edit", number=2)
    assert "a comedy" not in browser.everything.replace("Something", "")
    browser.say("", do="retry")
    who = browser.desk.visitor(browser.shown.browser)
    said = [turn.text for turn in service.history(who.user_id, browser.id).messages]
    assert said == ["a western", "a musical"]


def test_two_browsers_never_see_each_other(desk: Desk) -> None:
    one, two = Browser(desk), Browser(desk)
    one.say("a western, and my secret is zwieback")
    one.act(do="feedback", item=one.cards[0], kind="save", on=True)
    two.say("a comedy")
    assert "zwieback" in one.everything
    assert "zwieback" not in two.everything
    before = two.shown
    two.go(do="open", id=one.id)
    assert "zwieback" not in two.everything
    assert two.shown.live == before.live
    two.go(do="delete", id=one.id)
    forged = {**(two.shown.browser or {}), "conversation": one.id}
    assert "zwieback" not in str(desk.arrive(forged))
    list(desk.say(forged, {"do": "message", "text": "a war film"}))
    assert "zwieback" in str(desk.arrive(one.shown.browser))
    assert "a war film" not in str(desk.arrive(one.shown.browser))


def test_history_opens_and_deletes_conversations(browser: Browser) -> None:
    browser.say("a western")
    first = browser.id
    browser.go(do="new")
    assert 'data-state="empty"' in (browser.shown.live or "")
    assert "a western" in (browser.shown.side or "")
    browser.say("a comedy")
    browser.go(do="open", id=first)
    assert "a western" in (browser.shown.live or "")
    browser.go(do="delete", id=first)
    assert first not in (browser.shown.side or "")
    assert 'data-state="empty"' in (browser.shown.live or "")


def test_another_catalogue_is_another_conversation(browser: Browser) -> None:
    browser.say("a western")
    browser.go(do="catalogue", name="shop")
    assert "60 products" in (browser.shown.live or "")
    browser.say("tents")
    assert browser.cards
    assert all("tent" in card for card in browser.cards)


@pytest.mark.parametrize("text", ["", "   ", "x" * 401, "bell \x07"])
def test_what_cannot_be_answered_is_explained_and_nothing_is_lost(browser: Browser, text: str) -> None:
    browser.say("a western")
    browser.say(text)
    assert 'role="alert"' in (browser.shown.live or "")
    assert "a western" in (browser.shown.thread or "")
    browser.say("a comedy")
    assert 'data-state="done"' in (browser.shown.live or "")


def test_a_fault_of_ours_is_told_kindly_and_without_details(
    catalogues: FakeCatalogues, service: Service
) -> None:
    class Broken(Service):
        def stream(self, *args: Any, **kwargs: Any) -> Any:
            raise RuntimeError("/secret/path exploded")

    broken = Broken.__new__(Broken)
    broken.__dict__.update(service.__dict__)
    browser = Browser(Desk(broken, catalogues, FakeSettings(), ""))
    browser.say("a western")
    assert "secret" not in browser.everything
    assert "try again" in browser.everything.lower()


@pytest.mark.parametrize(
    "detail",
    [
        {},
        {"do": "edit", "number": "x"},
        {"do": "edit", "number": -3, "text": "hi"},
        {"do": "feedback", "item": None, "kind": "seen", "on": 1},
        {"do": ["a"]},
        {"do": "flip"},
        {"do": "open", "id": "../../etc"},
        {"do": "catalogue", "name": "<b>"},
    ],
)
def test_nothing_that_a_browser_may_send_breaks_the_page(browser: Browser, detail: dict[str, Any]) -> None:
    browser.act(**detail)
    browser.go(**detail)
    browser.see(list(browser.desk.say(browser.shown.browser, detail))[-1])
    browser.see(browser.desk.stop(browser.shown.browser, detail))
    assert 'data-state="done"' in (browser.say("a western").live or "")


def test_stopping_keeps_the_words(desk: Desk, browser: Browser) -> None:
    stream = desk.say(browser.shown.browser, {"do": "message", "text": "a western"})
    browser.see(next(stream))
    del stream  # Gradio closes it in the same way
    browser.see(desk.stop(browser.shown.browser, {"text": "a western"}))
    assert "Stopped." in (browser.shown.live or "")
    assert "a western" in (browser.shown.live or "")
