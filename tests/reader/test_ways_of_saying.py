"""The many ways in which one thing is said: limits, negations in their scope, remarks on the list, asking for
more, letting go. Each table has a cause of its own, and cases from several catalogues."""

from __future__ import annotations

import pytest

from prompts.dialogue import Interest
from retrieval.items import Bounds
from tests.reader.lines import Case, wrong

LIST = "heat ronin it up"
JACKETS = "fjord breeze puddle"
SHORT = Interest("at most 100 min", "runtime", "like", 0.9, "", 1, hard=True, bounds=Bounds(None, 100))
FUNNY = Interest("funny", "moods", "like", 0.9, "funny", 1, value="funny")
CHEAP = Interest("at most 100 EUR", "price", "like", 0.9, "", 1, hard=True, bounds=Bounds(None, 100))
BOOTS = Interest("boots", "category", "like", 0.9, "boots", 1, hard=True, value="boots")

#: Slips in most words are still English; another language is not mended into it.
SLIPS = {
    "films": [
        Case("i wnat a realy funy comdey", "act request; must genres: comedy; likes moods: funny"),
        Case("any gud dramma abowt frendship plz", "act request; must genres: drama; *"),
        Case("quiero una peli de miedo", "act chat"),
        Case("vorrei vedere un film divertente stasera", "act request"),
    ],
}

LIMITS = {
    "films": [
        Case("a drama no older than 1960", "act request; must genres: drama; must year: 1960.."),
        Case("a western not newer than 1970", "act request; must genres: western; must year: ..1970"),
        Case("a drama from 1970 or later", "act request; must genres: drama; must year: 1970.."),
        Case("a comedy from 1960 or before", "act request; must genres: comedy; must year: ..1960"),
        Case("made in 1980 or earlier", "act request; must year: ..1980"),
        Case("1990 and newer please", "act request; must year: 1990.."),
        Case("no later than 1975", "act request; must year: ..1975"),
        Case("we must be through within an hour and a half", "act request; must runtime: ..90"),
        Case("it has to be done in 100 minutes", "act request; must runtime: ..100"),
        Case("it needs to be over in two hours", "act request; must runtime: ..120"),
        Case("a comedy of no more than 100 minutes", "act request; must genres: comedy; must runtime: ..100"),
        Case("suitable for no more than 12 years", "act request; must suitability: ..12; *"),
        Case("running time over 100", "act request; must runtime: 100.."),
        Case("running time at most 100 please", "act request; must runtime: ..100"),
        Case("it should be older than 1960", "act request; must year: ..1959"),
    ],
    "shop": [
        Case("boots for 150 or less", "act request; must category: boots; must price: ..150"),
        Case("a jacket no dearer than 100 euros", "act request; must category: jackets; must price: ..100"),
        Case("boots no heavier than 1.5 kg", "act request; must category: boots; must weight_kg: ..1.5"),
        Case("rated 4.5 or better", "act request; must rating: 4.5..; *"),
    ],
    "courses": [
        Case("it has to be finished in 10 hours", "act request; must hours: ..10"),
        Case("no longer than 8 hours", "act request; must hours: ..8"),
        Case("20 hours or longer", "act request; must hours: 20.."),
    ],
}  # fmt: skip

NEGATION = {
    "films": [
        Case("nothing that isn't funny", "must moods: funny"),
        Case("no chit-chat something funny from 1970 or later", "likes moods: funny; must year: 1970.."),
        Case("no long talk, something dark", "likes moods: dark; *"),
        Case("no film which isn't a western", "must genres: western"),
        Case("I don't want anything that isn't dark", "must moods: dark"),
        Case("horror isn't quite my thing", "never genres: horror"),
        Case("westerns aren't really my cup of tea", "never genres: western"),
        Case("romance is not exactly my kind of thing", "never genres: romance"),
        Case("comedies are totally my thing", "likes genres: comedy"),
        Case("it mustn't be a horror film", "never genres: horror"),
        Case("it shouldn't be a western", "never genres: western"),
        Case("no chit-chat, something funny", "act request; likes moods: funny"),
        Case("no horror please something funny", "act request; never genres: horror; likes moods: funny"),
        Case("no westerns something dark", "act request; never genres: western; likes moods: dark"),
        Case("not something dark", "never moods: dark"),
        Case("is there nothing shorter?", "act request; must runtime: ..121", shown=LIST),
    ],
    "shop": [
        Case("nothing that isn't waterproof", "must waterproof: yes"),
        Case("leather isn't quite my thing", "never material: leather"),
        Case("it mustn't be leather", "never material: leather"),
        Case("have you nothing cheaper?", "act request; must price: ..63.99", shown=JACKETS),
    ],
    "courses": [Case("nothing that isn't in Spanish", "must language: Spanish")],
}  # fmt: skip

MUSTS = {
    "films": [
        Case("a film from Japan, epic is a must", "act request; must countries: Japan; must moods: epic"),
        Case("a comedy, and it must be silly", "act request; must genres: comedy; must moods: silly"),
        Case("funny is essential", "act request; must moods: funny"),
        Case("not dark, and funny is a must", "act request; never moods: dark; must moods: funny"),
        Case("no western and an epic look is essential", "never genres: western; must moods: epic; *"),
        Case(
            "I was thinking of a funny film under two hours. it must be a western",
            "act request; likes moods: funny; must runtime: ..120; must genres: western",
        ),
        Case("I wouldn't mind a western", "act request; must genres: western"),
        Case("I don't mind westerns", "likes genres: western"),
    ],
    "shop": [
        Case("I wouldn't mind boots for less than 50, and they must be waterproof",
             "act request; must category: boots; must price: ..50; must waterproof: yes"),
        Case("leather is not a must", "no must *; no never *", taste=(BOOTS,)),
    ],
    "courses": [
        Case("I wouldn't mind a course for less than 50 from Priya Raman, and it must have data",
             "act request; must price: ..50; must instructor: Priya Raman; must topic: data"),
    ],
}  # fmt: skip

REMARKS = {
    "films": [
        Case("None of these is about friendship", "act request; fresh; must themes: friendship", shown=LIST),
        Case("not one of these is about friendship", "act request; fresh; must themes: friendship",
             shown=LIST),
        Case("these aren't funny", "act request; fresh; likes moods: funny", shown=LIST),
        Case("they are not silly enough", "act request; fresh; likes moods: silly", shown=LIST),
        Case("none of them is with Tom Hanks", "act request; fresh; must cast: Tom Hanks", shown=LIST),
        Case("not so many that are about friendship", "less themes: friendship", shown=LIST),
        Case("they're all thrillers", "fresh; less genres: thriller", shown=LIST),
        Case("there's a lot of crime, anything else?", "act request; fresh; less genres: crime", shown=LIST),
        Case("too long", "act request; must runtime: ..*", shown=LIST),
        Case("too long", "must runtime: ..169", "heat", "heat"),
        Case("the first is too long", "must runtime: ..169; dislikes item: heat", shown=LIST),
        Case("they're all way too recent", "act request; must year: ..1994", shown=LIST),
        Case("the last one is too short", "must runtime: 97..; dislikes item: up", shown=LIST),
    ],
    "shop": [
        Case("none of these is waterproof", "act request; fresh; must waterproof: yes", shown="breeze ranch"),
        Case("these are all too expensive", "act request; must price: ..44.99", shown=JACKETS),
        Case("too heavy", "act request; must weight_kg: ..*", shown="fjord breeze"),
        Case("too heavy", "act request; must weight_kg: ..0.39", JACKETS, "fjord"),
        Case("too expensive", "act request; must price: *", JACKETS),
        Case("there's a lot of nylon, anything else?", "act request; fresh; less material: nylon",
             shown=JACKETS),
    ],
    "courses": [
        Case("none of those is in Spanish", "act request; fresh; must language: Spanish", shown="sql draw"),
    ],
}  # fmt: skip

MORE = {
    "films": [
        Case("The first one? nope. something else?", "fresh; dislikes item: heat", shown=LIST),
        Case("number 2 not really", "dislikes item: ronin", shown=LIST),
        Case("the last one, nah, show me others", "fresh; dislikes item: up", shown=LIST),
        Case("I have already seen 2", "seen item: ronin", shown=LIST),
        Case("1 is not for me", "dislikes item: heat", shown=LIST),
        Case("the second on the list I've already seen", "seen item: ronin", shown=LIST),
        Case("Have you got any more?", "fresh", shown=LIST),
        Case("i know 3 already", "seen item: it", shown=LIST),
        Case("1 and 4 look good", "likes item: heat; likes item: up", shown=LIST),
        Case("give me 2", "count 2", shown=LIST),
        Case("maye one", "no must *", shown=LIST),
    ],
    "shop": [
        Case("I have already got 2", "seen item: breeze", shown=JACKETS),
        Case("3 is nice", "likes item: puddle", shown=JACKETS),
    ],
    "courses": [Case("I took 1 already", "seen item: sql", shown="sql draw")],
}  # fmt: skip

LETTING_GO = {
    "films": [
        Case("The running time isn't important any more", "forget runtime; no likes *", taste=(SHORT,)),
        Case("make it French, nothing else matters",
             "must countries: France; forget runtime; forget moods: funny", taste=(SHORT, FUNNY)),
        Case("the rest doesn't matter", "forget runtime; forget moods: funny", taste=(SHORT, FUNNY)),
    ],
    "shop": [
        Case("the price doesn't matter any more", "forget price", taste=(CHEAP, BOOTS)),
        Case("it has to be green, nothing else matters",
             "must colour: green; forget price; forget category: boots", taste=(CHEAP, BOOTS)),
    ],
}  # fmt: skip

WORDS = {
    "films": [
        Case("I love movies with monsters", "likes themes: monsters"),
        Case("what a week!", "no asks *", shown=LIST),
        Case("something lighter", "no likes *; no must *"),
    ],
    "shop": [Case("something lighter", "act request; must weight_kg: ..*", shown="ranch town")],
}  # fmt: skip


CORRECTIONS = {
    "films": [
        Case("a western? actually nah scrap that, a comedy", "must genres: comedy; *"),
        Case("I want a drama, no wait, a western", "must genres: western; *"),
        Case("I fancied a thriller but then I thought why not a comedy, so a comedy please",
             "act request; must genres: comedy"),
        Case("something funny but not stupid funny", "likes moods: funny; no never moods: *; *"),
        Case("a western, actually from the 60s", "must genres: western; must year: 1960..1969; *"),
    ],
    "shop": [Case("boots, no wait, a tent", "must category: tents; *")],
}  # fmt: skip

SPEAKER = {
    "films": [
        Case("I'd kill for a good heist film", "must themes: heist; no likes text: kill; *"),
        Case("my mate reckons I should see a western", "must genres: western; no likes text: *; *"),
        Case("my attention span is terrible so nothing slow", "never moods: slow; no never text: *"),
        Case("to sum it up, a western", "must genres: western; no likes text: *; *"),
        Case("I was wondering about a western", "must genres: western; no likes text: *; *"),
        Case("I'm not convinced", "act refuse; fresh", shown=LIST),
        Case("these don't grab me", "act refuse; fresh", shown=LIST),
        Case("I'm after a drama, ideally 1970s", "must genres: drama; must year: 1970..1979; *"),
        Case("we've got a 7 year old and a 12 year old", "must suitability: ..7; *"),
        Case("I've seen Heat like ten times", "seen item: heat"),
        Case("hmm no. older?", "must year: ..*; *", shown=LIST),
    ],
    "shop": [
        Case("my neighbour says I need boots", "must category: boots; no likes text: *; *"),
        Case("sorry to bother you, do you sell tents?", "must category: tents; no likes text: *; *"),
        Case("money is no object", "forget price", taste=(CHEAP,)),
    ],
}  # fmt: skip


def rows(*tables: dict[str, list[Case]]) -> list[object]:
    """Every case of the tables with the name of its catalogue."""
    return [
        pytest.param(name, case, id=f"{name}: {case.said}")
        for table in tables
        for name, held in table.items()
        for case in held
    ]


@pytest.mark.parametrize(
    ("catalogue", "case"),
    rows(SLIPS, LIMITS, NEGATION, MUSTS, REMARKS, MORE, LETTING_GO, WORDS, CORRECTIONS, SPEAKER),
)
def test_ways_of_saying(catalogue: str, case: Case) -> None:
    assert not wrong(case, case.read(catalogue))
