"""Settings: where they come from, what is refused, and what is never shown."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from chat.errors import BadSettings
from chat.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings from the machine that runs the tests."""
    import os

    for name in list(os.environ):
        if name.upper().startswith("GENRE_") or name == "HF_HUB_OFFLINE":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_the_defaults_need_nothing() -> None:
    settings = load_settings()
    assert (settings.host, settings.port, settings.catalogue, settings.llm) == (
        "127.0.0.1",
        7860,
        "films",
        "plain",
    )
    assert settings.results == 4
    assert not settings.offline
    assert settings.database_url == f"sqlite:///{settings.home / 'conversations.sqlite'}"


def test_a_checkout_keeps_its_data_beside_pyproject() -> None:
    home = load_settings().home
    assert home.name == ".genre"
    assert (home.parent / "pyproject.toml").is_file()


def test_overrides_beat_the_environment_which_beats_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "genre.toml").write_text('port = 1001\nhost = "file"\ncatalogue = "file"\noffline = false\n')
    monkeypatch.setenv("GENRE_PORT", "1002")
    monkeypatch.setenv("GENRE_HOST", "environment")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    settings = load_settings({"port": 1003, "host": None})
    assert (settings.port, settings.host, settings.catalogue) == (1003, "environment", "file")
    assert not settings.offline  # our own setting says more than the hub's


def test_the_file_may_lie_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.toml"
    path.write_text('results = 5\nallow_origins = ["https://shop.example"]\n')
    monkeypatch.setenv("GENRE_CONFIG", str(path))
    settings = load_settings()
    assert (settings.results, settings.allow_origins) == (5, ("https://shop.example",))


def test_keys_of_the_api_are_split_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = ["first-key-0123456789", "second-key-012345678"]
    monkeypatch.setenv("GENRE_API_KEYS", f"{keys[0]}, {keys[1]}")
    settings = load_settings()
    assert [key.get_secret_value() for key in settings.api_keys] == keys
    assert not any(key in repr(settings) for key in keys)
    monkeypatch.setenv("GENRE_API_KEYS", "too-short")
    with pytest.raises(BadSettings) as refused:
        load_settings()
    assert "too-short" not in str(refused.value)
    assert "GENRE_API_KEYS" in str(refused.value)


def test_empty_variables_count_as_unset_and_lists_are_split(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENRE_PORT", "")
    monkeypatch.setenv("GENRE_ALLOW_ORIGINS", "https://a.example, https://b.example:8443")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    settings = load_settings()
    assert settings.port == 7860
    assert settings.allow_origins == ("https://a.example", "https://b.example:8443")
    assert settings.offline


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("GENRE_PROT", "1", ["GENRE_PROT", "GENRE_PORT"]),
        ("GENRE_PORT", "many", ["port", "GENRE_PORT", "many"]),
        ("GENRE_PORT", "tcp://10.0.0.1:7860", ["enableServiceLinks"]),
        ("GENRE_RESULTS", "9", ["results", "GENRE_RESULTS", "5"]),
        ("GENRE_LLM_BASE_URL", "localhost", ["llm_base_url", "http://"]),
        ("GENRE_DATABASE", "mysql://root:hunter2@h/d", ["database", "postgresql://"]),
        ("GENRE_ALLOW_ORIGINS", "shop.example/page", ["allow_origins", "https://"]),
        ("GENRE_CONFIG", "nowhere.toml", ["GENRE_CONFIG", "nowhere.toml"]),
    ],
)
def test_a_wrong_variable_says_what_where_and_what_would_be_right(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: list[str]
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadSettings) as caught:
        load_settings()
    assert [word for word in words if word not in str(caught.value)] == []
    assert "hunter2" not in str(caught.value)


def test_wrong_keys_of_the_file_and_of_the_command_line_are_refused(tmp_path: Path) -> None:
    (tmp_path / "genre.toml").write_text("prot = 1\n")
    with pytest.raises(BadSettings, match=r"'prot'.*genre\.toml.*did you mean port") as caught:
        load_settings({"catalog": "films"})
    assert "did you mean catalogue" in str(caught.value)
    (tmp_path / "genre.toml").write_text("port 1\n")
    with pytest.raises(BadSettings, match="not valid TOML"):
        load_settings()


def test_an_answer_must_leave_room_for_the_conversation() -> None:
    with pytest.raises(BadSettings, match="llm_max_tokens"):
        load_settings({"llm_max_tokens": 4000, "llm_context_tokens": 4096})


def test_no_secret_is_ever_shown() -> None:
    secrets = {
        "llm_api_key": "sk-hunter2",
        "database": "postgresql://anna:hunter2@db.example:6543/genre?x=hunter2",
    }
    settings = load_settings(secrets)
    shown = [repr(settings), str(settings), settings.model_dump_json(), settings.database_label]
    assert not any("hunter2" in text for text in shown)
    assert settings.database_label == "postgresql://db.example:6543/genre"
    assert settings.database_url == "postgresql+psycopg://anna:hunter2@db.example:6543/genre?x=hunter2"
    with pytest.raises(BadSettings) as caught:
        load_settings({"llm_base_url": "https://anna:hunter2@api.example/v1"})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("given", ["chats.sqlite", "~/chats.sqlite"])
def test_a_database_can_be_a_file(given: str) -> None:
    url = load_settings({"database": given}).database_url
    assert url == f"sqlite:///{Path(given).expanduser().absolute()}"


def test_settings_cannot_be_changed() -> None:
    settings = load_settings()
    with pytest.raises(ValidationError):
        settings.port = 1


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_reading_settings_imports_nothing_heavy() -> None:
    heavy = "{'torch', 'transformers', 'langchain', 'langchain_core', 'huggingface_hub', 'numpy', 'jinja2'}"
    code = f"import sys, chat.settings; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.strip() == "[]"
