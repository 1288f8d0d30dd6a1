"""The card of a trained model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from prompts.card import FILE, CardError, ModelCard, has_card, load_card, save_card
from prompts.template import fingerprint

CARD = ModelCard(
    name="genre-small",
    base_model="Qwen/Qwen3-0.6B",
    prompt_fingerprint=fingerprint(),
    data_hash="ab" * 32,
    seed=7,
    licence="Apache-2.0",
    sources=("made-up dialogues (CC0)", "élan"),
    created="2026-11-23T10:00:00+00:00",
)


def test_a_card_survives_the_disk(tmp_path: Path) -> None:
    assert not has_card(tmp_path)
    save_card(CARD, tmp_path)
    assert has_card(tmp_path)
    assert load_card(tmp_path) == CARD


def test_a_card_says_which_form_of_the_prompts_it_means(tmp_path: Path) -> None:
    short = replace(CARD, form="short", words=("about", "is"), moves=("recommend",))
    save_card(short, tmp_path)
    assert load_card(tmp_path) == short


def test_a_card_from_before_there_were_two_forms_means_the_full_one(tmp_path: Path) -> None:
    path = save_card(CARD, tmp_path)
    document = json.loads(path.read_text())
    del document["form"]
    path.write_text(json.dumps(document))
    assert load_card(tmp_path) == CARD
    assert CARD.form == "full"


def test_a_card_of_other_prompts_is_refused_unless_told(tmp_path: Path) -> None:
    other = replace(CARD, prompt_fingerprint="0" * 64)
    save_card(other, tmp_path)
    with pytest.raises(CardError, match=rf"genre-small.*{'0' * 12}.*{fingerprint()[:12]}.*llm_stale_card"):
        load_card(tmp_path)
    assert load_card(tmp_path, any_prompts=True) == other


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"version": 2}, "version 2"),
        ({"version": None}, "version"),
        ({"seed": "7"}, "seed"),
        ({"seed": True}, "seed"),
        ({"sources": "one"}, "sources"),
        ({"sources": [1]}, "sources"),
        ({"licence": None}, "licence"),
        ({"form": "long"}, "form"),
        ({"form": None}, "form"),
    ],
)
def test_a_wrong_card_is_named(change: dict[str, object], word: str, tmp_path: Path) -> None:
    path = save_card(CARD, tmp_path)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(CardError, match=word):
        load_card(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_what_is_no_card_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(CardError):
        load_card(tmp_path)


def test_no_card_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=FILE):
        load_card(tmp_path)
