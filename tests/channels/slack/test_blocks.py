from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chat.channels.members import PRESSES, Marks
from chat.channels.slack.blocks import fallback, whole, why
from chat.channels.slack.markup import markdown, mrkdwn, said
from chat.channels.slack.places import Ref
from chat.reply import Fact, Reason, Recommendation, Reply
from prompts.dialogue import Interest
from retrieval.items import Facet, Item
from tests.fakes.slack import problem_of

FACETS = (Facet("kind", "category", "kind"), Facet("year", "number", "year", role="year"))
#: Words that are short, long, and full of what Slack takes for markup.
WORDS = st.text(min_size=1, max_size=60) | st.sampled_from(
    ["<!channel>", "*&_~`<@U1|ann>", "& " * 500, "word " * 900, "x" * 5000, "@here", "|>]("]
)


@st.composite
def recommendations(draw: Any) -> Recommendation:
    item = Item(
        draw(WORDS), draw(WORDS), {"kind": draw(WORDS), "year": draw(st.integers(1900, 2100))},
        url=draw(st.none() | WORDS | WORDS.map(lambda words: f"https://a.example/{words}")),
    )  # fmt: skip
    reasons = []
    for against in draw(st.lists(st.booleans(), min_size=1, max_size=5)):
        interest = Interest(draw(WORDS), "kind", "like", 1.0, draw(WORDS), 1)
        reasons.append(Reason(interest, Fact("kind", draw(WORDS)), draw(WORDS), against))
    return Recommendation(item, tuple(reasons), 1.0)


@settings(deadline=None)
@given(st.lists(recommendations(), max_size=10), WORDS, st.lists(WORDS, max_size=7), st.sampled_from(PRESSES))
def test_any_reply_stays_within_what_slack_takes(
    entries: list[Recommendation], text: str, chips: list[str], press: str
) -> None:
    reply = Reply(text, "recommend", tuple(entries), tuple(chips))
    marks = Marks(frozenset((entry.item.id, press) for entry in entries))
    blocks = whole(reply, Ref("U1", "slack-1", "m", ""), FACETS, marks)
    assert problem_of(blocks, fallback(text)) == ""
    for entry in entries:
        assert problem_of([], why(entry, FACETS)) == ""
    for block in blocks:
        if block["type"] == "section":  # all that calls somebody or opens a link is ours
            assert "<!" not in block["text"]["text"]
            assert "<@" not in block["text"]["text"]


#: What the escapes stand for.
MEANT = str.maketrans({"\u2217": "*", "\u02cd": "_", "\u223c": "~", "\u02cb": "`", "\u2060": None})


@settings(deadline=None)
@given(st.text(alphabet="ab &<>;amp#@!|*_~`[]\\\n"))
def test_what_is_sent_reads_as_the_very_words(text: str) -> None:
    assert said(mrkdwn(text), "U0BOT").translate(MEANT) == text.strip()
    assert not set(mrkdwn(text)) & set("<>*_~`")
    assert not set(markdown(text)) & set("<>")
