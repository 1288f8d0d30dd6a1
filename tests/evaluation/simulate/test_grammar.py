"""The grammar: complete, varied, and careful with fingers that slip."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.simulate import speech as speech_module
from evaluation.simulate.grammar.rules import Rules
from evaluation.simulate.grammar.slips import careless, slipped
from evaluation.simulate.numerals import amount, decade
from evaluation.simulate.temper import TEMPERS
from evaluation.simulate.wants import Want
from retrieval.items import Bounds
from tests.evaluation.simulate.kiosk import scene

ENGLISH = Rules.load(Path(speech_module.__file__).parent / "grammar" / "english.toml")
SEEDS = st.integers(0, 10_000)


def _rules(table: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _rules(value, f"{before}{name}.")
        elif isinstance(value, list):
            yield f"{before}{name}"


@pytest.mark.parametrize("rule", sorted(_rules(ENGLISH.table)))
def test_every_rule_makes_whole_sentences(rule: str) -> None:
    patterns = " ".join(ENGLISH.find(rule)) + " {noun} {nouns} {value} {a_value}"
    slots = dict.fromkeys(re.findall(r"\{(\w+)\}", patterns), "x")
    for seed in range(20):
        text = ENGLISH.say(rule, random.Random(seed), **slots)
        assert text
        assert not set("(){}|<>") & set(text), text


def test_a_rule_that_is_not_there_is_named() -> None:
    with pytest.raises(KeyError, match="no rule"):
        ENGLISH.say("open.sesame", random.Random(0))


def test_one_wish_is_said_in_hundreds_of_ways() -> None:
    talk = scene().speech
    wants = [Want("colour", "red"), Want("price", bounds=Bounds(high=50), hard=True)]
    said = {talk.opening(wants, TEMPERS[0], random.Random(seed)) for seed in range(1000)}
    assert len(said) > 500
    assert all("red" in text and "50" in text for text in said)


@given(seed=SEEDS)
def test_what_is_ruled_out_is_never_wished_for(seed: int) -> None:
    no = (
        scene()
        .speech.sentence(Want("colour", "red", feeling="dislike", hard=True), random.Random(seed))
        .casefold()
    )
    assert re.search(r"\b(no|not|nothing|mustn't|can't|shouldn't|don't|hate)\b", no), no


@given(text=st.text(max_size=60), seed=SEEDS)
def test_a_slip_never_touches_numbers_and_short_words(text: str, seed: int) -> None:
    after = slipped(text, random.Random(seed), 1.0, most=2)
    assert re.findall(r"\d", after) == re.findall(r"\d", text)
    assert len(re.split(r"\W+", after)) == len(re.split(r"\W+", text))
    changed = [
        (old, new)
        for old, new in zip(re.split(r"(\W+)", text), re.split(r"(\W+)", after), strict=True)
        if old != new
    ]
    assert len(changed) <= 2
    assert all(len(old) >= 5 for old, _ in changed)


def test_careless_people_keep_their_numbers() -> None:
    assert careless("Under 4.5, please! Nothing by O'Neill?") == "under 4.5 please nothing by o'neill"


def test_amounts_are_worth_what_they_say() -> None:
    assert {amount(120, "duration", "min", random.Random(seed)) for seed in range(50)} >= {"two hours", "2h"}
    assert amount(1994, "year", "", random.Random(0)) == "1994"
    assert {decade(1990, random.Random(seed)) for seed in range(50)} == {"1990s", "90s", "'90s", "nineties"}
    assert {decade(2010, random.Random(seed)) for seed in range(50)} == {"2010s"}
