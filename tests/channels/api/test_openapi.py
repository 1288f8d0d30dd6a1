"""The document tells all of the API, and nothing that it allows brings the server down."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chat.build import House
from chat.channels.app import create_api
from tests.channels.api.talking import Api, error

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


class Local:
    """The application, called as a program of this computer calls it."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = [pair for pair in scope["headers"] if pair[0] != b"host"]
            scope = {**scope, "client": ("127.0.0.1", 5), "headers": [*headers, (b"host", b"localhost")]}
        await self.app(scope, receive, send)


@pytest.fixture(scope="module")
def application(house: House) -> Any:
    unlimited = house.settings.model_copy(update={"api_requests_per_minute": 0, "api_messages_per_minute": 0})
    return Local(create_api(house.service, house.catalogues, unlimited))


@pytest.fixture(scope="module")
def document(application: Any) -> Any:
    return schemathesis.openapi.from_asgi("/v1/openapi.json", application)


def test_nothing_that_the_document_allows_is_a_server_error(document: Any, application: Any) -> None:
    """Half of the requests about a conversation come with one that is there, and its token."""
    client, asked = TestClient(application), set()
    for operation in document.get_all_operations():

        @seed(20_26)
        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(operation.ok().as_strategy(), st.booleans())
        def tried(case: Any, known: bool) -> None:
            asked.add((case.method, case.path))
            if known and "id" in (case.path_parameters or {}):
                api = Api(client)
                case.headers = {**(case.headers or {}), **api.token}
                item = case.path.startswith("/v1/items")
                case.path_parameters["id"] = "high-noon-1952" if item else api.id
                if "/users/" in case.path:
                    case.path_parameters["id"] = "me"
            response = case.call()
            case.validate_response(response, checks=CHECKS)
            if response.status_code >= 400:
                error(response, response.status_code)

        tried()
    assert len(asked) > 20


def test_every_operation_is_described_and_every_body_has_an_example(application: Any) -> None:
    described = TestClient(application).get("/v1/openapi.json").json()
    operations = [
        (path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    assert len(operations) > 15
    for path, method, operation in operations:
        assert operation.get("description"), (path, method)
        assert operation["tags"], (path, method)
        assert "4XX" in operation["responses"], (path, method)
        assert "HTTPValidationError" not in str(operation)
        for parameter in operation.get("parameters", []):
            assert parameter["schema"], (path, method)
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body:
            name = str(body["schema"]).split("/")[-1].split("'")[0]
            assert "example" in described["components"]["schemas"][name], name


def test_the_examples_of_the_document_are_answers_of_the_api(application: Any) -> None:
    client = TestClient(application)
    schemas = client.get("/v1/openapi.json").json()["components"]["schemas"]
    api = Api(client, **schemas["NewConversation"]["example"])
    said = api.call("POST", "/messages", json=schemas["NewMessage"]["example"])
    assert set(schemas["Answer"]["example"]) == set(said)
    assert set(schemas["Answer"]["example"]["recommendations"][0]) == set(said["recommendations"][0])
    api.call("POST", "/feedback", json=schemas["NewFeedback"]["example"])
    api.call("PATCH", "/taste", json=schemas["TasteChange"]["example"])
    whole = client.post("/v1/chat/completions", json=schemas["ChatRequest"]["example"])
    assert whole.json()["choices"][0]["message"]["recommendations"]
