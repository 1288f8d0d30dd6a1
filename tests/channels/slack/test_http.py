from __future__ import annotations

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from chat.channels.slack.bolt import PATH, mount_slack
from chat.errors import BadSettings
from chat.service import Service
from chat.settings import SlackKeys
from tests.channels.fake_service import FakeCatalogues
from tests.channels.slack.conftest import keys_of, pressed
from tests.fakes.slack import Json, Slack, signed

pytestmark = pytest.mark.anyio


class Door:
    """The web app as Slack reaches it."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    async def post(self, payload: Json, **how: object) -> Response:
        headers, body = signed(payload, **how)  # type: ignore[arg-type]
        transport = ASGITransport(app=self.app)
        async with AsyncClient(transport=transport, base_url="http://genre.example") as client:
            return await client.post(PATH, content=body, headers=headers)


@pytest.fixture
def door(slack: Slack, service: Service, catalogues: FakeCatalogues) -> Door:
    app = FastAPI()
    app.mount("/", FastAPI())  # the page takes every path that nobody took before
    assert mount_slack(app, service, catalogues, "films", keys_of(slack))
    return Door(app)


async def test_slack_finds_the_address_it_was_given(door: Door) -> None:
    answer = await door.post({"type": "url_verification", "challenge": "a-word"})
    assert answer.status_code == 200
    assert answer.json() == {"challenge": "a-word"}


async def test_messages_commands_and_buttons_come_over_http_too(door: Door, slack: Slack) -> None:
    payload = slack.said("ann", "a western")
    assert (await door.post(payload)).status_code == 200
    await slack.until(lambda: slack.messages)
    (message,) = slack.messages.values()
    await slack.until(lambda: message.buttons)
    assert (await door.post(slack.pressed("ann", message, pressed(message.buttons[0])))).status_code == 200
    await slack.until(lambda: any("✓" in button["text"]["text"] for button in message.buttons))
    assert (await door.post(slack.typed("ann", "a comedy"))).status_code == 200
    await slack.until(lambda: slack.ephemerals)
    assert (await door.post(payload)).status_code == 200  # Slack tries again where it heard nothing in time
    await slack.quiet()
    assert len(slack.messages) == 1


@pytest.mark.parametrize("how", [{"secret": "another-secret"}, {"age_s": 301}, {"age_s": -301}])
async def test_what_slack_did_not_sign_just_now_is_refused(
    door: Door, slack: Slack, how: dict[str, object]
) -> None:
    answer = await door.post(slack.said("ann", "a western"), **how)
    assert answer.status_code == 401
    await slack.quiet()
    assert not slack.messages


async def test_an_unsigned_request_is_refused(door: Door, slack: Slack) -> None:
    async with AsyncClient(transport=ASGITransport(app=door.app), base_url="http://genre.example") as client:
        assert (await client.post(PATH, json=slack.said("ann", "hi"))).status_code == 401
        assert (await client.get(PATH)).status_code in (404, 405)


async def test_too_much_and_what_is_no_text_is_refused_unread(door: Door) -> None:
    async with AsyncClient(transport=ASGITransport(app=door.app), base_url="http://genre.example") as client:
        assert (await client.post(PATH, content=b"a" * 1_000_001)).status_code == 413
        assert (await client.post(PATH, content=b"\xff\xfe")).status_code == 400


def test_without_both_keys_nothing_is_mounted(service: Service, catalogues: FakeCatalogues) -> None:
    app = FastAPI()
    before = list(app.router.routes)
    for keys in (SlackKeys(bot_token="xoxb-a"), SlackKeys(signing_secret="s")):  # type: ignore[arg-type]
        bare = keys.model_copy(update={"signing_secret": None} if keys.bot_token else {"bot_token": None})
        assert not mount_slack(app, service, catalogues, "films", bare)
    assert app.router.routes == before


def test_a_token_of_another_kind_is_told(service: Service, catalogues: FakeCatalogues) -> None:
    keys = SlackKeys(bot_token="xapp-oops", signing_secret="s")  # type: ignore[arg-type]
    with pytest.raises(BadSettings, match=r"SLACK_BOT_TOKEN.*xoxb-"):
        mount_slack(FastAPI(), service, catalogues, "films", keys)
