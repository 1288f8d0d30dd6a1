"""The table [ranking]: where it comes from, and that its defaults are those of the parts it sets."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat.build import make_reranker
from chat.errors import BadSettings
from chat.ranking import RankingSettings
from chat.settings import load_settings
from chat.taste import EARLIER
from retrieval.bandit import Bandit
from retrieval.dials import Dials


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings from the machine that runs the tests."""
    import os

    for name in list(os.environ):
        if name.upper().startswith("GENRE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_the_defaults_are_those_of_the_parts() -> None:
    """They are written down twice: reading settings must not import numpy."""
    chosen = load_settings().ranking
    assert Dials(chosen.diversity, chosen.novelty, chosen.serendipity, chosen.fairness) == Dials()
    assert chosen.exploration == Bandit().exploration
    assert chosen.earlier == EARLIER
    assert chosen.learn
    assert chosen.reranker == "none"
    assert all(field.description for field in RankingSettings.model_fields.values())


def test_file_and_environment_are_joined_key_by_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "genre.toml").write_text("[ranking]\nnovelty = 0.4\ndiversity = 0.5\n")
    monkeypatch.setenv("GENRE_RANKING__DIVERSITY", "0.1")
    chosen = load_settings().ranking
    assert (chosen.diversity, chosen.novelty, chosen.fairness) == (0.1, 0.4, 0.0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[ranking]\ndiversity = 2\n", r"ranking__diversity.* is 2:.*less than or equal to 1"),
        ("[ranking]\ndiversty = 0.2\n", r"no setting 'ranking__diversty'.*did you mean ranking__diversity"),
        ("ranking = 3\n", r"ranking.*valid dictionary"),
    ],
)
def test_what_is_wrong_is_named(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "genre.toml").write_text(text)
    with pytest.raises(BadSettings, match=told):
        load_settings()


def test_an_unknown_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENRE_RANKING__NOVELTI", "1")
    with pytest.raises(BadSettings, match="did you mean GENRE_RANKING__NOVELTY"):
        load_settings()


def test_a_model_that_is_not_there_cannot_rerank(tmp_path: Path) -> None:
    settings = load_settings({"home": tmp_path, "ranking": {"reranker": "llm"}})
    with pytest.raises(BadSettings, match=r"ranking\.reranker is llm, but llm is plain"):
        make_reranker(settings)
    assert make_reranker(load_settings()) is None
    assert make_reranker(load_settings({"ranking": {"reranker": str(tmp_path)}})) is not None
