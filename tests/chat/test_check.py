"""The grounding check: what it must catch, and what it must let through."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.check import Allowed, allowed_from, check, plain_text
from chat.reply import Plan, Unmet
from chat.wording.names import quotable
from retrieval.items import Bounds, Constraint, Item
from tests.chat.gallery import (
    DUO,
    FILM_WORDS,
    HEAT,
    LIKE_HEAT,
    RONIN,
    SCIFI,
    SHOP_WORDS,
    SOLARIS,
    STALKER,
    listed,
)

CATALOGUE = {"the others", "casablanca", "the thin red line", "up", "heat", "ronin"}
PLAN = Plan("recommend", "request", listed((HEAT, RONIN), SCIFI), heard=(LIKE_HEAT,))


def allowed(plan: Plan = PLAN, *said: str) -> Allowed:
    """What may be said, in a catalogue that holds a few more titles."""
    return allowed_from(plan, said, FILM_WORDS, lambda words: words.casefold() in CATALOGUE)


def kinds(text: str, plan: Plan = PLAN, *said: str) -> set[str]:
    """The kinds of problem found in a text."""
    return {problem.kind for problem in check(text, allowed(plan, *said))}


@pytest.mark.parametrize(
    "text",
    [
        "Heat (1995) is tense and stylish, by Michael Mann, with Al Pacino in it.",
        "Ronin (1998) runs 122 minutes, a little over two hours; Heat runs 2 h 50.",
        "Both are from the 1990s, the nineties at their best.",
        "“A detective and a master thief circle each other through Los Angeles.” That's Heat.",
        "Al Pacino's detective, Robert De Niro's thief: I'd start there, perhaps on a Friday.",
        "Two thrillers, and I've seen neither of the two twice.",
        "One of them is American; the heat of the day isn't.",
    ],
)
def test_grounded_text_passes(text: str) -> None:
    assert check(text, allowed()) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Heat (1994) is tense.", "year"),
        ("Heat (1998) is tense.", "year"),
        ("Watch The Thin Red Line instead.", "title"),
        ("There's also Casablanca (1942).", "title"),
        ("It was directed by Stanley Kubrick.", "name"),
        ("Michael De Niro plays the thief.", "name"),
        ("You'll like it, since Kubrick made it.", "name"),
        ("It runs 180 minutes.", "number"),
        ("It won seven prizes.", "number"),
        ("It won twenty-five prizes.", "number"),
        ("Its sequel came in 2004.", "number"),
        ("“The best film ever made”, they say.", "quote"),
        ('She calls it "a towering work of genius".', "quote"),
        ("Start with [1], then.", "markup"),
        ("Here you go <|im_start|>assistant", "markup"),
        ("See http://bad.example for more.", "markup"),
        ("See [this](http://bad.example).", "markup"),
        ("![x](y.png) Heat (1995)", "markup"),
        ("<b>Heat</b> is good.", "markup"),
        ("System: you are a recommender.", "markup"),
        ("{title} is good.", "markup"),
    ],
)
def test_what_is_made_up_is_found(text: str, kind: str) -> None:
    assert kind in kinds(text)


def test_what_the_person_said_may_be_said_back() -> None:
    text = "You liked Casablanca and Ingrid Bergman, and you have 85 minutes."
    assert kinds(text) >= {"name", "number"}
    assert check(text, allowed(PLAN, "i loved casablanca, ingrid bergman!", "i have 85 minutes")) == []


def test_quotations_of_the_person_must_be_their_words() -> None:
    assert check("You said “something scary”.", allowed(PLAN, "Something scary, pls")) == []
    assert kinds("You said “something funny”.", PLAN, "Something scary, pls") == {"quote"}


def test_a_quotation_may_be_cut_but_not_joined() -> None:
    assert check("“A detective … through Los Angeles …”", allowed()) == []
    assert kinds("“A detective through Los Angeles”") == {"quote"}


def test_ordinary_words_are_not_taken_for_titles() -> None:
    assert check("Up to you. The others are longer.", allowed()) == []
    assert "title" in kinds("Try The Others instead.")


def test_years_belong_to_their_own_title() -> None:
    both = Plan("compare", "compare", items=(SOLARIS, STALKER))
    assert check("Solaris (1972) and Stalker (1979).", allowed(both)) == []
    assert kinds("Solaris (1979) and Stalker (1972).", both) == {"year"}


def test_counts_up_to_the_list_and_of_what_is_left_are_fine() -> None:
    unmet = Unmet(Constraint("year", bounds=Bounds(2030, 2030)), False, 810, "2030")
    assert (
        check(
            "Nothing is from 2030; without that there are 810.",
            allowed(Plan("ask", "request", unmet=(unmet,))),
        )
        == []
    )
    assert kinds("All five are good.") == {"number"}


def test_markup_of_an_items_own_name_is_let_through_but_no_other() -> None:
    odd = Item("x", "<img src=x onerror=alert(1)>", {"year": 2001})
    plan = Plan("recommend", "request", listed((odd,), SCIFI))
    assert check("There's <img src=x onerror=alert(1)> (2001).", allowed(plan)) == []
    assert kinds("There's <img src=y onerror=alert(2)>.", plan) >= {"markup"}


def test_prices_in_their_forms() -> None:
    plan = Plan("describe", "describe", items=(DUO,))
    may = allowed_from(plan, [], SHOP_WORDS)
    assert check("Tern Duo Tent costs €179 and weighs 2.1 kg.", may) == []
    assert [problem.found for problem in check("Tern Duo Tent costs €169.", may)] == ["169"]


def test_a_problem_says_what_was_found() -> None:
    assert "Stanley Kubrick" in str(check("By Stanley Kubrick.", allowed())[0])


@given(st.text(max_size=200))
def test_the_check_never_fails_on_any_text(text: str) -> None:
    check(text, allowed())


# ---------------------------------------------------------------- rendering


@pytest.mark.parametrize(
    "text",
    ["<img src=x onerror=alert(1)>", "[a](http://b.example)", "![a](b)", "*a* _b_ `c` ~~d~~", "# a", "- a",
     "1. a", "> a", "http://bad.example", "www.bad.example", "a@b.example", "| a | b |"],
)  # fmt: skip
def test_markdown_loses_its_force(text: str) -> None:
    shown = plain_text(text)
    assert not re.search(r"(?<!\\)[\[\]*_`~|<>]", shown)
    assert not re.match(r"[-#+]|\d+[.)]\s", shown)
    assert not re.search(r"(?<!\\)://|www\.|\w@\w", shown)
    unescaped = html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", shown))
    assert unescaped == text


@given(st.text(max_size=100))
def test_html_is_escaped_and_comes_back(text: str) -> None:
    shown = plain_text(text, "html")
    assert not re.search("[<>\"']", shown)
    assert html.unescape(shown) == html.unescape(html.escape(text))


@given(st.text(max_size=100))
def test_nothing_with_markup_is_quotable(text: str) -> None:
    if quotable(text):
        assert not re.search(r"[<>\[\]{}|`*_#?]|://", text)
