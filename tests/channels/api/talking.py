"""How the tests talk to the API."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from chat.channels.app import create_api, create_app
from chat.channels.catalogues import ApiSettings, Catalogues
from chat.service import Service


def client_of(
    service: Service,
    catalogues: Catalogues,
    settings: ApiSettings,
    *,
    address: str = "127.0.0.1",
    base_url: str = "http://127.0.0.1:7860",
    page: bool = False,
) -> TestClient:
    """A client at `address`, of the application with or without its page; no port is opened."""
    app = (create_app if page else create_api)(service, catalogues, settings)
    return TestClient(app, base_url=base_url, client=(address, 50_000), raise_server_exceptions=False)


class Api:
    """One person's conversation."""

    def __init__(self, client: Any, **body: str) -> None:
        self.client = client
        answer = client.post("/v1/conversations", json=body)
        assert answer.status_code == 201, answer.text
        self.began = answer.json()
        self.id: str = self.began["id"]
        self.token = {"Authorization": f"Bearer {self.began['token']}"}

    def call(self, method: str, path: str = "", status: int = 200, **options: Any) -> Any:
        """The JSON of one request below the conversation."""
        headers = {**self.token, **options.pop("headers", {})}
        answer = self.client.request(method, f"/v1/conversations/{self.id}{path}", headers=headers, **options)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def say(self, text: str, **more: str) -> Any:
        """The answer to a message."""
        return self.call("POST", "/messages", json={"text": text, **more})


def error(answer: Any, status: int, code: str | None = None) -> dict[str, Any]:
    """The error of a refusal, which has the one shape."""
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    found: dict[str, Any] = answer.json()["error"]
    assert set(found) == {"message", "type", "param", "code"}
    assert found["message"].endswith((".", "!", "?", "KEY", "TOKEN."))
    assert code in (None, found["code"])
    return found


def events(text: str) -> list[tuple[str, Any]]:
    """Server-sent events as pairs of a name ("" for none) and their JSON, comments left out."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            data = fields["data"]
            found.append((fields.get("event", ""), data if data == "[DONE]" else json.loads(data)))
    return found


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application on a real port of this computer; its address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
