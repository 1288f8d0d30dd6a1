"""From settings to a chat model, and a provider's failures in words that help."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chat.errors import BadSettings, ModelError
from chat.llm.ask import LONGEST, ask, ask_in_pieces, model_name
from chat.llm.local import LocalChatModel
from chat.llm.onnx_local import OnnxChatModel
from chat.llm.providers import SMALL_MODEL, chat_model
from chat.llm.scripted import ScriptedChatModel
from chat.settings import load_settings
from tests.fakes.openai_server import OpenAIServer

HELLO = [{"role": "user", "content": "hello"}]


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GENRE_HOME", str(tmp_path))
    monkeypatch.setattr("chat.llm.providers.BUNDLED_SMALL", tmp_path / "bundled")
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.delenv(name, raising=False)


def made(**settings: object) -> Any:
    return chat_model(load_settings(settings))


def test_the_plain_voice_needs_no_model() -> None:
    assert made(llm="plain") is None


def test_a_local_model_gets_every_setting(tmp_path: Path) -> None:
    model = made(
        llm="local:some/model",
        llm_adapter=str(tmp_path),
        quantisation="4bit",
        llm_context_tokens=999,
        llm_max_tokens=99,
        llm_temperature=0.1,
        llm_timeout_s=9,
        llm_device="cpu",
        offline=True,
    )
    assert isinstance(model, LocalChatModel)
    assert (model.model, model.adapter, model.quantisation) == ("some/model", tmp_path, "4bit")
    assert (model.context_tokens, model.max_tokens, model.temperature) == (999, 99, 0.1)
    assert (model.timeout_s, model.device, model.offline) == (9, "cpu", True)
    assert model.models_folder == tmp_path / "models"


def test_small_is_ones_own_model_of_that_name_if_there_is_one(tmp_path: Path) -> None:
    assert made(llm="small").model == SMALL_MODEL
    (tmp_path / "models/small").mkdir(parents=True)
    (tmp_path / "models/small/config.json").write_text("{}")
    assert made(llm="small").model == str(tmp_path / "models/small")


def test_small_is_the_bundled_model_where_it_is(tmp_path: Path) -> None:
    built = tmp_path / "bundled/onnx"
    built.mkdir(parents=True)
    (built / "genai_config.json").write_text("{}")
    model = made(llm="small", llm_max_tokens=99, llm_temperature=0.1, llm_timeout_s=9, llm_context_tokens=999)
    assert isinstance(model, OnnxChatModel)
    assert (model.model, model.max_tokens, model.context_tokens) == (str(built), 99, 999)
    assert (model.temperature, model.timeout_s) == (0.1, 9)
    # An adapter was made for a model of transformers.
    assert isinstance(made(llm="small", llm_adapter=str(tmp_path)), LocalChatModel)
    (tmp_path / "models/small").mkdir(parents=True)
    (tmp_path / "models/small/genai_config.json").write_text("{}")
    assert made(llm="small").model == str(tmp_path / "models/small")


def test_a_folder_built_for_onnx_is_run_as_such(tmp_path: Path) -> None:
    folder = tmp_path / "models/own"
    folder.mkdir(parents=True)
    (folder / "genai_config.json").write_text("{}")
    for name in (str(folder), "own"):
        assert isinstance(made(llm=f"local:{name}"), OnnxChatModel)
        with pytest.raises(BadSettings, match="llm_adapter"):
            made(llm=f"local:{name}", llm_adapter=str(tmp_path))
    (folder / "genai_config.json").rename(folder / "config.json")
    assert isinstance(made(llm="local:own"), LocalChatModel)


@pytest.mark.parametrize("name", ["llama3.2", "openai:llama3.2"])
def test_a_compatible_server_is_asked_with_the_key_given(name: str) -> None:
    with OpenAIServer() as server:
        model = made(
            llm=name, llm_base_url=server.base_url, llm_api_key="sk-secret-123456", llm_max_tokens=77
        )
        assert ask(model, HELLO) == "You said: hello"
        assert server.keys == ["Bearer sk-secret-123456"]
        assert server.requests[0]["model"] == "llama3.2"
        assert server.requests[0]["max_tokens"] == 77
        assert model_name(model) == "llama3.2"


def test_a_compatible_server_never_gets_the_key_meant_for_openai(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-the-real-one")
    with OpenAIServer() as server:
        ask(made(llm="openai:x", llm_base_url=server.base_url), HELLO)
        assert "sk-the-real-one" not in server.keys[0]


def test_ollama_needs_no_package_of_its_own() -> None:
    with OpenAIServer() as server:
        model = made(llm="ollama:qwen3:4b", llm_base_url=server.base_url)
        assert ask(model, HELLO) == "You said: hello"
        assert server.requests[0]["model"] == "qwen3:4b"
    assert "11434" in str(made(llm="ollama:qwen3:4b").openai_api_base)


def test_json_is_asked_of_servers_that_can() -> None:
    with OpenAIServer(lambda _: '{"act": "greet"}') as server:
        model = made(llm="openai:x", llm_base_url=server.base_url)
        assert ask(model, HELLO, json=True) == '{"act": "greet"}'
        assert server.requests[0]["response_format"] == {"type": "json_object"}
        assert ask(model, HELLO, schema={"type": "object"}) == '{"act": "greet"}'
        assert server.requests[1]["response_format"] == {"type": "json_object"}
        assert "schema" not in server.requests[1]
    assert ask(ScriptedChatModel(script=["{}"]), HELLO, schema={"type": "object"}) == "{}"
    assert ask(ScriptedChatModel(script=["{}"]), HELLO, json=True) == "{}"


def test_a_missing_package_is_named_with_the_line_that_installs_it() -> None:
    with pytest.raises(ModelError, match="pip install langchain-anthropic"):
        made(llm="anthropic:claude-x")


def test_a_missing_key_is_named() -> None:
    with pytest.raises(ModelError, match="llm_api_key"):
        made(llm="openai:gpt-4.1-mini")


@pytest.mark.parametrize("name", ["gibberish", "local:", "wizard:of-oz"])
def test_a_name_that_fits_nothing_is_refused(name: str) -> None:
    with pytest.raises(BadSettings):
        made(llm=name)


def test_an_adapter_without_a_local_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="llm_adapter"):
        made(llm="openai:x", llm_adapter=str(tmp_path))


@pytest.mark.parametrize(
    ("status", "word"), [(401, "llm_api_key"), (404, "base_url"), (429, "often"), (500, "refused")]
)
def test_a_refusal_says_what_to_do_and_hides_the_key(status: int, word: str) -> None:
    with OpenAIServer(status=status) as server:
        model = made(llm="openai:x", llm_base_url=server.base_url, llm_api_key="sk-secret-123456")
        with pytest.raises(ModelError, match=word) as caught:
            ask(model, HELLO)
        with pytest.raises(ModelError, match=word):
            list(ask_in_pieces(model, HELLO))
    assert "secret" not in repr(caught.value)
    assert "secret" not in repr(model)


def test_a_key_in_a_providers_words_is_hidden() -> None:
    def leak(_: object) -> str:
        raise RuntimeError("Incorrect API key provided: sk-abc123def456")

    with pytest.raises(ModelError) as caught:
        ask(ScriptedChatModel(script=leak), HELLO)
    assert "abc123" not in str(caught.value)


def test_a_server_that_is_not_there_is_said_to_be_unreachable() -> None:
    with pytest.raises(ModelError, match="llm_base_url"):
        ask(made(llm="openai:x", llm_base_url="http://127.0.0.1:1/v1"), HELLO)


def test_a_server_that_never_answers_is_given_up() -> None:
    with OpenAIServer() as server:
        server.hold.set()
        with pytest.raises(ModelError, match="llm_timeout_s"):
            ask(made(llm="openai:x", llm_base_url=server.base_url, llm_timeout_s=0.2), HELLO)


def test_leaving_a_stream_stops_the_server() -> None:
    with OpenAIServer(lambda _: "word " * 200_000) as server:
        pieces = ask_in_pieces(
            made(
                llm="openai:x", llm_base_url=server.base_url, llm_max_tokens=8192, llm_context_tokens=20_000
            ),
            HELLO,
            max_tokens=200_000,
        )
        next(pieces)
        pieces.close()  # type: ignore[attr-defined]
        ask(made(llm="openai:x", llm_base_url=server.base_url), HELLO, max_tokens=3)
    assert server.tokens_sent < 100_000


def test_a_script_is_read_in_order_remembers_and_ends() -> None:
    model = ScriptedChatModel(script=["one two three", "four"])
    assert ask(model, HELLO) == "one two three"
    assert "".join(ask_in_pieces(model, HELLO)) == "four"
    assert [messages[0].content for messages in model.asked] == ["hello", "hello"]
    with pytest.raises(ModelError, match="used"):
        ask(model, HELLO)


def test_a_model_that_knows_no_limit_is_cut_off() -> None:
    model = ScriptedChatModel(script=["word " * 10_000], max_tokens=10_000)
    assert len("".join(ask_in_pieces(model, HELLO))) == LONGEST
    assert model.tokens_made < 5_000


def test_a_closed_script_makes_no_more_tokens() -> None:
    model = ScriptedChatModel(script=["word " * 100])
    pieces = ask_in_pieces(model, HELLO)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert model.tokens_made <= 2
