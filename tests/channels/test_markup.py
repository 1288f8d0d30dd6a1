from __future__ import annotations

import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.channels.web import markup, panels, thread
from chat.channels.web.cards import Marks, item_card, recommendation_card
from chat.channels.web.poster import poster
from chat.reply import Fact, Reason, Recommendation, Reply
from prompts.dialogue import Interest
from retrieval.items import Facet, Item

NASTY = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "<img src=x onerror=alert(1)>",
            "</button><script>alert(1)</script>",
            '" onmouseover="alert(1)',
            "' onclick='alert(1)",
            "${alert(1)}",
            "{{constructor.constructor('alert(1)')()}}",
            "&lt;img src=x onerror=alert(1)&gt;",
            "<svg/onload=alert(1)>",
            "`${document.cookie}`",
            "\ud800\x00\u202egnp.exe",
        ]
    ),
)
TAGS = set(
    "li div svg rect g circle path text img h2 h3 span p ul ol button dl dt dd q a section i form label "
    "input strong br nav select option".split()
)


class Reader(HTMLParser):
    """What a browser would see: tags, attributes, and text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words += data


def harmless(html: str) -> Reader:
    read = Reader(html)
    assert set(read.tags) <= TAGS
    for name, value in read.attributes:
        assert not name.startswith("on"), name
        if name in ("href", "src"):
            assert value.startswith(("http://", "https://"))
    return read


@given(NASTY, NASTY, NASTY)
def test_nothing_of_a_catalogue_or_a_person_becomes_markup(title: str, value: str, quote: str) -> None:
    facets = (Facet("kind", "category", value or "kind"), Facet("people", "people", "by"))
    item = Item(
        value or "id", title, {"kind": (value,), "people": (title,)}, quote, f"javascript:{value}", value
    )
    interest = Interest(value, "kind", "like", 0.5, quote, 1, value=value)
    entry = Recommendation(item, (Reason(interest, Fact("kind", value), quote),), 1.0)
    labels = {"kind": value}
    look = thread.Look(facets, value, Marks(frozenset({(item.id, "like")})))
    drawn = [
        recommendation_card(1, entry, facets, look.marks, labels),
        item_card(item, facets),
        panels.taste_panel([interest], labels),
        panels.saved_panel([item], facets),
        panels.states(look.marks),
        panels.side_panel([(value, title)], value, [], None, {}, quote),
        thread.pending(quote, look, (entry,), title),
        thread.failed(title, value),
        thread.stopped(quote),
        thread.spoken(Reply(quote, "recommend", (entry,)), value),
        thread.empty(title, value, [quote]),
    ]
    for html in drawn:
        harmless(html)
    assert (
        markup.clean(quote).strip() in harmless(thread.stopped(quote)).words
        or not markup.clean(quote).strip()
    )


@given(st.text(max_size=200), st.text(max_size=20))
def test_every_title_gets_a_cover_that_is_well_formed_and_always_the_same(title: str, kind: str) -> None:
    assert poster(title, kind) == poster(title, kind)
    root = ET.fromstring(poster(title, kind))
    assert len([node for node in root.iter() if node.tag == "text"]) in range(1, 6)


def test_covers_of_one_kind_share_their_colours() -> None:
    def grounds(kind: str) -> set[str]:
        return {poster(title, kind).split('fill="')[1][:7] for title in ("Alien", "Heat", "Ran", "Up")}

    assert len(grounds("western")) == 1


@pytest.mark.parametrize(
    "url",
    [
        *[
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "file:///etc",
        ],
        *["//x.example", "http:", "https://", "http://[", "https://x.example/\\", "", None],
    ],
)
def test_only_web_addresses_become_links(url: str | None) -> None:
    assert markup.address(url) is None


def test_a_web_address_stays_as_it_is_but_escaped() -> None:
    assert markup.address("https://x.example/?a=1&b='") == "https://x.example/?a=1&amp;b=&#x27;"


@given(st.text(max_size=100))
def test_prose_keeps_every_word(text: str) -> None:
    assert "".join(Reader(markup.prose(text)).words.split()) == "".join(markup.clean(text).split())
