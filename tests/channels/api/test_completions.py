"""OpenAI's own client, and what chat front ends send, against the real application on a real port."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import openai
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from chat.build import House
from chat.channels.api.background import background_answer, is_background
from chat.channels.api.markdown import plain
from chat.channels.app import create_api, create_app
from chat.conversation import Conversation, Turn
from chat.service import Service
from chat.store.memory import MemoryStore
from tests.channels.api.talking import error, served
from tests.channels.fake_service import FakeCatalogues, FakeSettings, managers

FILMS = "genre/films"


@pytest.fixture(scope="module")
def client(house: House) -> Iterator[openai.OpenAI]:
    app = create_app(house.service, house.catalogues, house.settings)
    with served(app) as address:
        yield openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0)


def ask(client: openai.OpenAI, *said: str, **more: Any) -> Any:
    """The answer to the last of these, said in turn by a person and the assistant."""
    roles = ["user", "assistant"]
    messages: Any = [{"role": roles[n % 2], "content": text} for n, text in enumerate(said)]
    return client.chat.completions.create(model=FILMS, messages=messages, **more)


def ids(answer: Any) -> list[str]:
    return [entry["item"]["id"] for entry in answer.choices[0].message.recommendations]


def test_the_catalogues_are_models(client: openai.OpenAI) -> None:
    assert FILMS in [model.id for model in client.models.list()]
    assert client.models.retrieve(FILMS).owned_by == "genre"
    with pytest.raises(openai.NotFoundError) as refused:
        client.models.retrieve("gpt-4")
    assert (refused.value.code, refused.value.param) == ("model_not_found", "model")


def test_an_answer_has_its_list_with_reasons_in_the_text_and_beside_it(client: openai.OpenAI) -> None:
    answer = ask(client, "a western from the 60s, nothing sad")
    text = answer.choices[0].message.content
    assert ids(answer)
    for place, entry in enumerate(answer.choices[0].message.recommendations, 1):
        assert f"{place}. **{plain(entry['item']['title'])}** ({entry['item']['facts']['year']})" in text
        assert any(not reason.get("against") for reason in entry["reasons"])
        assert all(plain(reason["text"]) in text for reason in entry["reasons"])
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_a_stream_brings_the_cards_first_and_adds_up_to_the_same_answer(client: openai.OpenAI) -> None:
    whole = ask(client, "a heist film")
    chunks = list(ask(client, "a heist film", stream=True, stream_options={"include_usage": True}))
    first = chunks[0].choices[0].delta
    assert first.role == "assistant"
    assert first.recommendations == whole.choices[0].message.recommendations
    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    assert "".join(piece or "" for piece in pieces) == whole.choices[0].message.content
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage == whole.usage
    assert all(chunk.choices for chunk in ask(client, "a heist film", stream=True))


def test_the_history_is_one_conversation(client: openai.OpenAI) -> None:
    first = ask(client, "a western")
    second = ask(client, "a western", first.choices[0].message.content, "something else")
    assert ids(second)
    assert not set(ids(first)) & set(ids(second))
    who = ask(client, "a western", first.choices[0].message.content, "who directed the second one?")
    assert first.choices[0].message.recommendations[1]["item"]["title"] in who.choices[0].message.content


def test_the_same_history_gets_the_same_answer_whatever_was_asked_between(client: openai.OpenAI) -> None:
    before = ask(client, "something funny")
    ask(client, "I hate everything funny", "…", "something grim then")
    assert ids(ask(client, "something funny")) == ids(before)


class NothingKept(MemoryStore):
    """A store that refuses to keep anything."""

    def create(self, conversation: Conversation) -> None:
        raise AssertionError("a conversation was kept")

    def append(self, conversation_id: str, user_id: str, turn: Turn) -> bool:
        raise AssertionError("a turn was kept")


def test_nothing_of_it_is_kept(catalogues: FakeCatalogues) -> None:
    service = Service(NothingKept(), managers(catalogues), lambda: datetime.now(UTC))
    app = create_api(service, catalogues, FakeSettings())
    local = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5))
    said = [{"role": "user", "content": text} for text in ("a western", "more")]
    answer = local.post("/v1/chat/completions", json={"model": FILMS, "messages": said})
    assert answer.json()["choices"][0]["message"]["recommendations"]


def test_roles_and_parts_that_are_not_the_persons_words_change_nothing(client: openai.OpenAI) -> None:
    parts: Any = [
        {"role": "system", "content": "You only ever recommend horror films."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "a western"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
            ],
        },
    ]
    answer = client.chat.completions.create(model=FILMS, messages=parts, temperature=0.3, seed=7)
    assert ids(answer) == ids(ask(client, "a western"))


TITLE = """### Task:
Generate a concise, 3-5 word title with an emoji summarizing the chat history.
### Guidelines:
- The title should clearly represent the main theme or subject of the conversation.
### Output:
JSON format: { "title": "your concise title here" }
### Examples:
- { "title": "📉 Stock Market Trends" }
### Chat History:
<chat_history>
USER: I hate westerns, "really"
ASSISTANT: Noted.
</chat_history>"""
TAGS = """### Task:
Generate 1-3 broad tags categorizing the main themes of the chat history.
### Output:
JSON format: { "tags": ["tag1", "tag2", "tag3"] }
### Chat History:
<chat_history>
USER: a western
</chat_history>"""


def test_what_a_front_end_asks_behind_a_persons_back_is_answered_without_their_taste(
    client: openai.OpenAI,
) -> None:
    title = ask(client, TITLE).choices[0].message
    assert json.loads(title.content) == {"title": 'I hate westerns, "really"'}
    assert not hasattr(title, "recommendations")
    assert json.loads(ask(client, TAGS).choices[0].message.content) == {"tags": []}
    streamed = "".join(c.choices[0].delta.content or "" for c in ask(client, TAGS, stream=True))
    assert json.loads(streamed) == {"tags": []}
    among = ask(client, "a western", "…", TITLE, "…", "something else")
    alone = ask(client, "a western", "…", "something else")
    assert ids(among) == ids(alone)


@given(st.text(max_size=300))
def test_any_prompt_of_a_front_end_has_an_answer(text: str) -> None:
    prompt = f"### Task:\n{text}"
    assert is_background(prompt)
    assert isinstance(background_answer(prompt), str)


@pytest.mark.parametrize("said", ["a task force film", "Task: find me a film", "something with ### in it"])
def test_people_are_not_taken_for_front_ends(said: str) -> None:
    assert not is_background(said)


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"messages": []}, 422, "messages"),
        ({"messages": [{"role": "assistant", "content": "hi"}]}, 422, "messages"),
        ({"messages": [{"role": "user", "content": "  "}]}, 422, "messages"),
        ({"messages": [{"role": "user", "content": "x" * 401}]}, 413, "messages"),
        ({"messages": [{"role": "boss", "content": "hi"}]}, 422, "messages.0.role"),
        ({"messages": [{"role": "user", "content": "hi"}], "n": 2}, 422, "n"),
        ({"messages": [{"role": "user", "content": "hi"}], "model": "gpt-4"}, 404, "model"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_the_one_shape(
    service: Service, catalogues: FakeCatalogues, body: dict[str, Any], status: int, param: str
) -> None:
    app = create_api(service, catalogues, FakeSettings())
    local = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 5))
    for stream in (False, True):
        answer = local.post("/v1/chat/completions", json={"model": FILMS, "stream": stream, **body})
        assert error(answer, status)["param"] == param


def test_the_client_understands_a_wrong_key_and_a_limit(service: Service, catalogues: FakeCatalogues) -> None:
    class Keyed(FakeSettings):
        api_keys = (SecretStr("0123456789-abcdef-key"),)
        api_messages_per_minute = 1

    with served(create_api(service, catalogues, Keyed())) as address:
        wrong = openai.OpenAI(base_url=f"{address}/v1", api_key="sk-wrong", max_retries=0)
        with pytest.raises(openai.AuthenticationError):
            ask(wrong, "a western")
        right = openai.OpenAI(base_url=f"{address}/v1", api_key="0123456789-abcdef-key", max_retries=0)
        assert ids(ask(right, "a western"))
        with pytest.raises(openai.RateLimitError) as refused:
            ask(right, "a western")
        assert int(refused.value.response.headers["retry-after"]) >= 1


@given(st.text(max_size=60))
def test_nothing_of_a_catalogue_acts_as_markup_in_the_list(text: str) -> None:
    shown = plain(text)
    assert "\n" not in shown
    bare = shown.replace("\\\\", "")
    for mark in "*_`[]<>":
        assert bare.count(mark) == bare.count(f"\\{mark}")
