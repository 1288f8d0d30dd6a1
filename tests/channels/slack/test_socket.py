from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from chat.channels.pulse import Pulse
from chat.channels.slack.bolt import make_app
from chat.channels.slack.command import slack as slack_command
from chat.channels.slack.keys import SCOPES, app_token, identify, make_client, socket_url
from chat.channels.slack.socket import Pace, keep_connected
from chat.errors import BadSettings
from chat.service import Service
from chat.settings import SlackKeys
from tests.channels.fake_service import FakeCatalogues
from tests.channels.slack.conftest import Stage, keys_of
from tests.fakes import slack as fakes
from tests.fakes.slack import Slack

pytestmark = pytest.mark.anyio


#: So that a test doesn't wait as long as people would.
QUICK = Pace(ping_s=0.4, check_s=0.05, patience_s=1.5, connect_s=5, first_wait_s=0.05, longest_wait_s=0.2)


@pytest.fixture
async def stage(slack: Slack, service: Service, catalogues: FakeCatalogues) -> AsyncIterator[Stage]:
    stage = Stage(slack, catalogues)
    async with stage.running(service, QUICK):
        await slack.until(lambda: slack.sockets)
        yield stage


# ---------------------------------------------------------------- the socket


async def test_a_socket_that_slack_renews_loses_nothing(stage: Stage) -> None:
    await stage.say("ann", "a western")
    await stage.slack.disconnect()
    await stage.slack.until(lambda: stage.slack.opened >= 2 and len(stage.slack.sockets) == 1)
    await stage.say("ann", "a comedy")
    assert len(stage.slack.messages) == 2


async def test_a_socket_that_breaks_is_opened_anew(stage: Stage) -> None:
    await stage.slack.until(lambda: "connected" in stage.states)
    await stage.slack.sockets[0].close()
    await stage.slack.until(lambda: stage.slack.opened >= 2)
    await stage.say("ann", "a western")
    assert stage.slack.messages


async def test_a_socket_that_falls_silent_is_noticed(stage: Stage) -> None:
    await stage.slack.until(lambda: "connected" in stage.states)
    stage.slack.silent = True
    await stage.slack.until(lambda: stage.slack.opened >= 2)
    stage.slack.silent = False
    await stage.slack.until(lambda: stage.states[-1] == "connected")
    await stage.say("ann", "a western")


async def test_where_slack_is_away_it_is_tried_again_and_told(stage: Stage) -> None:
    await stage.slack.until(lambda: "connected" in stage.states)
    stage.slack.refuse["apps.connections.open"] = ["internal_error"] * 6
    await stage.slack.sockets[0].close()
    await stage.slack.until(lambda: "lost" in stage.states)
    await stage.slack.until(lambda: stage.states[-1] == "connected" and stage.slack.opened >= 2)
    await stage.say("ann", "a western")


async def test_an_address_that_leads_nowhere_is_given_up_for_a_new_one(stage: Stage) -> None:
    await stage.slack.until(lambda: "connected" in stage.states)
    stage.slack.closed_doors = 1  # the library tries the same address again and again, which is used up
    await stage.slack.sockets[0].close()
    await stage.slack.until(lambda: stage.states[-1] == "connected" and stage.slack.opened >= 2)
    await stage.say("ann", "a western")


async def test_a_token_that_is_revoked_later_ends_it_with_the_reason(
    slack: Slack, service: Service, catalogues: FakeCatalogues
) -> None:
    app = make_app(service, catalogues, "films", make_client(keys_of(slack)))
    slack.refuse["apps.connections.open"] = ["token_revoked"]
    with pytest.raises(BadSettings, match=r"SLACK_APP_TOKEN.*revoked"):
        await asyncio.wait_for(keep_connected(app, fakes.APP_TOKEN, lambda state, words: None, QUICK), 20)


def test_waits_grow_up_to_a_limit() -> None:
    pace = Pace()
    for failures in range(1, 40):
        full = min(60.0, 2.0 ** (failures - 1))
        assert full / 2 <= pace.wait(failures) <= full
    assert len({pace.wait(5) for _ in range(8)}) > 1


# ---------------------------------------------------------------- the sign of life


def test_a_pulse_tells_how_things_are(tmp_path: Path) -> None:
    pulse = Pulse(tmp_path / "home" / "slack.pulse")
    assert "no sign of life" in pulse.trouble()
    pulse.beat("connected")
    assert pulse.trouble() == ""
    pulse.beat("lost", "the socket was lost")
    assert "the socket was lost" in pulse.trouble()
    pulse.beat("connected")
    kept = json.loads(pulse.path.read_text())
    pulse.path.write_text(json.dumps(kept | {"at": kept["at"] - 61}))
    assert "61 seconds" in pulse.trouble()
    pulse.path.write_text("{")
    assert pulse.trouble()


def test_check_fails_unless_it_is_connected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENRE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(slack_command, ["--check"]).exit_code == 1
    Pulse(tmp_path / "slack.pulse").beat("connected")
    assert CliRunner().invoke(slack_command, ["--check"]).exit_code == 0


# ---------------------------------------------------------------- keys and scopes


async def test_who_we_are(slack: Slack) -> None:
    who = await identify(make_client(keys_of(slack)))
    assert (who.team, who.name) == ("Fakers", "genre")


async def test_a_missing_scope_is_named_with_what_to_do(slack: Slack) -> None:
    slack.scopes = tuple(scope for scope in SCOPES if scope not in ("im:history", "commands"))
    with pytest.raises(BadSettings, match=r"scopes commands, im:history.*Reinstall"):
        await identify(make_client(keys_of(slack)))


async def test_a_wrong_token_is_told_without_being_shown(slack: Slack) -> None:
    wrong = keys_of(slack).model_copy(
        update={"bot_token": SlackKeys(bot_token="xoxb-secret").bot_token}  # type: ignore[arg-type]
    )
    with pytest.raises(BadSettings, match="SLACK_BOT_TOKEN") as error:
        await identify(make_client(wrong))
    assert "xoxb-secret" not in str(error.value)
    with pytest.raises(BadSettings, match=r"connections:write.*Socket Mode"):
        await socket_url(make_client(keys_of(slack)), "xapp-secret")


async def test_slack_out_of_reach_is_told(slack: Slack) -> None:
    away = keys_of(slack).model_copy(update={"api_url": "http://127.0.0.1:9/api/"})
    with pytest.raises(BadSettings, match=r"can't be reached at http://127.0.0.1:9"):
        await identify(make_client(away))


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({}, "SLACK_BOT_TOKEN is not set"),
        ({"bot_token": "xapp-1"}, "SLACK_BOT_TOKEN does not begin with xoxb-"),
        ({"bot_token": "xoxb-1"}, "SLACK_APP_TOKEN is not set"),
        ({"bot_token": "xoxb-1", "app_token": "xoxb-1"}, "SLACK_APP_TOKEN does not begin with xapp-"),
    ],
)
def test_the_command_says_which_key_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: dict[str, str], says: str
) -> None:
    monkeypatch.setenv("GENRE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in ("bot_token", "app_token", "signing_secret"):
        monkeypatch.delenv(f"SLACK_{name.upper()}", raising=False)
    for name, value in keys.items():
        monkeypatch.setenv(f"SLACK_{name.upper()}", value)
    done = CliRunner().invoke(slack_command, [])
    assert done.exit_code == 1
    assert says in done.output


def test_keys_come_from_slacks_own_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-secret")
    keys = SlackKeys()
    assert app_token(keys) == "xapp-secret"
    assert "xapp-secret" not in f"{keys} {keys!r}"
