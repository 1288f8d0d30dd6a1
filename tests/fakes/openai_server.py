"""A small server that speaks OpenAI's chat protocol over real HTTP, streaming included.

Run it by hand to try the application without a provider:

    python -m tests.fakes.openai_server --port 8000
    GENRE_LLM=openai:echo GENRE_LLM_BASE_URL=http://127.0.0.1:8000/v1 genre chat
"""

from __future__ import annotations

import argparse
import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Messages = list[dict[str, Any]]


def echo(messages: Messages) -> str:
    """The last message, as a sentence of the model's."""
    return f"You said: {messages[-1]['content']}"


class OpenAIServer:
    """Answers `POST /v1/chat/completions` on 127.0.0.1 with what `answer` makes of the messages.

    A token is a word with the space around it. `status` other than 200 makes every request fail with it.
    `requests` holds the bodies and `keys` the Authorization headers received; `tokens_sent` counts tokens.
    """

    def __init__(self, answer: Callable[[Messages], str] = echo, *, port: int = 0, status: int = 200) -> None:
        self.answer = answer
        self.status = status
        self.hold = threading.Event()  # set: requests wait until it is cleared
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.tokens_sent = 0
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def base_url(self) -> str:
        """The address to give to clients."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hold.clear()
        self._server.shutdown()
        self._server.server_close()


def _handler(owner: OpenAIServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with owner.lock:
                owner.requests.append(body)
                owner.keys.append(self.headers.get("Authorization", ""))
            while owner.hold.is_set():
                threading.Event().wait(0.01)
            if owner.status != 200:
                self._json(owner.status, {"error": {"message": "refused by the fake server", "type": "fake"}})
            elif self.path != "/v1/chat/completions":
                self._json(404, {"error": {"message": f"no such path: {self.path}", "type": "fake"}})
            else:
                self._complete(body)

        def _complete(self, body: dict[str, Any]) -> None:
            text = owner.answer(body["messages"])
            stops = body.get("stop") or []
            places = [place for stop in stops if (place := text.find(stop)) >= 0]
            text = text[: min(places)] if places else text
            tokens = re.findall(r"\s*\S+\s*", text)
            limit = body.get("max_tokens") or body.get("max_completion_tokens") or 1000
            finish = "length" if len(tokens) > limit else "stop"
            tokens = tokens[:limit]
            given = sum(len(str(message["content"]).split()) for message in body["messages"])
            usage = {
                "prompt_tokens": given,
                "completion_tokens": len(tokens),
                "total_tokens": given + len(tokens),
            }
            head = {"id": "fake-1", "created": 0, "model": body["model"]}
            if not body.get("stream"):
                with owner.lock:
                    owner.tokens_sent += len(tokens)
                message = {"role": "assistant", "content": "".join(tokens)}
                choice = {"index": 0, "message": message, "finish_reason": finish}
                self._json(200, {**head, "object": "chat.completion", "choices": [choice], "usage": usage})
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            try:
                for token in tokens:
                    self._event({**head, **_delta({"role": "assistant", "content": token}, None)})
                    with owner.lock:
                        owner.tokens_sent += 1
                self._event({**head, **_delta({}, finish)})
                self.wfile.write(b"data: [DONE]\n\n")
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client has heard enough
            self.close_connection = True

        def _event(self, document: dict[str, Any]) -> None:
            self.wfile.write(f"data: {json.dumps(document)}\n\n".encode())
            self.wfile.flush()

        def _json(self, status: int, document: dict[str, Any]) -> None:
            data = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            """Says nothing: tests stay quiet."""

    return Handler


def _delta(delta: dict[str, str], finish: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"object": "chat.completion.chunk", "choices": [choice]}


def main() -> None:
    """Serves until it is interrupted."""
    parser = argparse.ArgumentParser(
        description="A fake OpenAI-compatible server that repeats what it hears."
    )
    parser.add_argument("--port", type=int, default=8000)
    with OpenAIServer(port=parser.parse_args().port) as server:
        print(f"listening on {server.base_url}")
        threading.Event().wait()


if __name__ == "__main__":
    main()
