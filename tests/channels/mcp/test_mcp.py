"""The official client against the tools: in memory, over standard input and output, and over HTTP."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from pydantic import SecretStr

from chat.build import House
from chat.channels.mcp.door import http_app
from chat.channels.mcp.server import make_server
from tests.channels.api.talking import error, served

KEY = "0123456789-abcdef-key"
Talk = Callable[[Client], Coroutine[Any, Any, None]]


def talk(to: Any, what: Talk) -> None:
    async def run() -> None:
        async with Client(to) as client:
            await what(client)

    anyio.run(run)


async def call(client: Client, tool: str, **arguments: Any) -> Any:
    """What a tool gives; its text and its structure are the same."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert json.loads(result.content[0].text) == result.structured_content
    return result.structured_content


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    words: str = result.content[0].text
    return words


@pytest.fixture(scope="module")
def server(house: House) -> Any:
    return make_server(house.service, house.catalogues, "films")


async def the_whole_way(client: Client) -> None:
    """Recommend, go on, search, explain."""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"recommend", "search_items", "explain"}
    for tool in tools.values():
        assert tool.description
        assert tool.output_schema
        assert tool.annotations
        assert tool.annotations.read_only_hint
    first = await call(client, "recommend", messages=["a western from the 60s"])
    assert first["recommendations"]
    for entry in first["recommendations"]:
        assert "western" in entry["item"]["facts"]["genres"]
        assert 1960 <= entry["item"]["facts"]["year"] <= 1969
        assert entry["reasons"]
    more = await call(client, "recommend", messages=["a western from the 60s", "something else"])
    ids = [{entry["item"]["id"] for entry in answer["recommendations"]} for answer in (first, more)]
    assert not ids[0] & ids[1]
    found = await call(client, "search_items", query="high noon", where=["genres:western"])
    assert found["items"][0]["id"] == "high-noon-1952"
    assert found["facets"]["moods"]
    why = await call(client, "explain", item_id="high-noon-1952", messages=["a short western"])
    assert any("western" in reason for reason in why["reasons"])
    assert why["item"]["title"] in why["summary"]


def test_the_tools_in_memory(server: Any) -> None:
    talk(server, the_whole_way)


def test_the_server_says_what_it_is_about(server: Any) -> None:
    async def look(client: Client) -> None:
        assert "810 films" in (client.instructions or "")
        assert "genres (category)" in (client.instructions or "")

    talk(server, look)


def test_trouble_is_told_so_that_a_model_can_mend_it(server: Any) -> None:
    async def stumble(client: Client) -> None:
        assert "genres" in await refused(client, "search_items", where=["genre:western"])
        assert "empty" in await refused(client, "recommend", messages=[])
        assert "cheese" in await refused(client, "recommend", messages=["hi"], catalogue="cheese")
        assert "no-such-film" in await refused(client, "explain", item_id="no-such-film", messages=["hi"])

    talk(server, stumble)


def test_nothing_of_what_was_asked_is_kept(server: Any, house: House) -> None:
    async def ask(client: Client) -> None:
        before = await call(client, "recommend", messages=["something funny"])
        await call(client, "recommend", messages=["I hate everything funny", "something grim"])
        assert await call(client, "recommend", messages=["something funny"]) == before

    talk(server, ask)


@pytest.mark.slow
def test_over_standard_input_and_output(house: House) -> None:
    environment = {**os.environ, "GENRE_HOME": str(house.settings.home), "GENRE_LLM": "plain"}
    command = Path(sys.executable).with_name("genre")
    parameters = StdioServerParameters(command=str(command), args=["mcp"], env=environment)
    talk(stdio_client(parameters), the_whole_way)


@pytest.fixture(scope="module")
def local(server: Any, house: House) -> Iterator[str]:
    with served(http_app(server, house.service, house.settings)) as address:
        yield f"{address}/mcp"


def test_over_http(local: str) -> None:
    talk(local, the_whole_way)


HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-03-26",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream", "*/*", None])
def test_clients_that_ask_for_the_wrong_kind_of_answer_are_understood(local: str, accept: str | None) -> None:
    with httpx.Client(headers={"accept": accept} if accept else {}) as client:
        if accept is None:
            del client.headers["accept"]
        answer = client.post(local, json=HELLO)
    assert answer.status_code == 200
    assert answer.json()["result"]["serverInfo"]["name"] == "genre"


def test_pages_of_other_servers_cannot_reach_the_tools(local: str) -> None:
    evil = httpx.post(local, json=HELLO, headers={"Origin": "https://evil.example"})
    error(evil, 403, "origin_not_allowed")
    error(httpx.post(local, json=HELLO, headers={"Host": "evil.example"}), 401, "closed")


def test_elsewhere_a_key_is_needed(server: Any, house: House) -> None:
    settings = house.settings.model_copy(update={"host": "0.0.0.0", "api_keys": (SecretStr(KEY),)})
    with served(
        http_app(make_server(house.service, house.catalogues, "films"), house.service, settings)
    ) as at:
        error(httpx.post(f"{at}/mcp", json=HELLO), 401, "key_needed")
        error(httpx.post(f"{at}/mcp", json=HELLO, headers={"Authorization": "Bearer x"}), 401, "wrong_key")

        def keyed() -> AbstractAsyncContextManager[Any]:
            return streamable_http_client(
                f"{at}/mcp", http_client=http_client(headers={"Authorization": f"Bearer {KEY}"})
            )

        talk(keyed(), the_whole_way)


def http_client(**options: Any) -> Any:
    """A client of the library that the official one is built on."""
    from mcp.shared._httpx_utils import create_mcp_http_client

    return create_mcp_http_client(**options)
