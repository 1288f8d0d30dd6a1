from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from chat.build import House
from chat.channels.discord.command import discord as discord_command
from chat.channels.discord.command import run
from chat.channels.discord.connection import Pace
from chat.channels.discord.keys import identify, token_of
from chat.channels.pulse import Pulse
from chat.errors import BadSettings
from chat.service import Service
from chat.settings import DiscordKeys, load_discord_keys
from tests.channels.discord.conftest import Stage, said
from tests.channels.fake_service import FakeCatalogues
from tests.fakes.discord import INVALID, RECONNECT, Discord
from tests.fakes.discord_api import TOKEN
from tests.fakes.discord_shapes import ANN, CONTENT_INTENT

pytestmark = pytest.mark.anyio


# ---------------------------------------------------------------- the connection


async def test_no_privileged_intent_is_asked_for_unless_it_is_wanted(stage: Stage) -> None:
    (asked,) = stage.world.identified
    privileged = CONTENT_INTENT | 1 << 1 | 1 << 8  # message content, members, presences
    assert asked["intents"] & privileged == 0


async def test_a_lost_connection_is_resumed_and_what_was_missed_is_answered(
    stage: Stage, service: Service
) -> None:
    await stage.say(ANN, "a western")
    await stage.world.send(stage.world.said(ANN, "a comedy"), lost=True)
    await stage.world.sockets[0].close(code=4000)
    await stage.world.until(lambda: stage.world.resumed)
    await stage.world.quiet()
    assert stage.world.resumed == 1
    assert len(stage.world.messages) == 2
    assert len(stage.world.sessions) == 1
    assert said(service, ANN) == [["a western", "a comedy"]]


async def test_what_is_told_again_on_resuming_is_answered_once(stage: Stage, service: Service) -> None:
    stage.world.twice = True
    await stage.say(ANN, "a western")
    await stage.world.control(RECONNECT)
    await stage.world.until(lambda: stage.world.resumed)
    await stage.world.quiet()
    assert len(stage.world.messages) == 1
    assert said(service, ANN) == [["a western"]]


async def test_a_session_that_became_invalid_is_followed_by_a_new_one(stage: Stage) -> None:
    await stage.say(ANN, "a western")
    await stage.world.control(INVALID, False)
    await stage.world.until(lambda: len(stage.world.sessions) == 2)
    assert (await stage.say(ANN, "a comedy")).buttons


async def test_a_session_that_can_not_be_resumed_is_followed_by_a_new_one(stage: Stage) -> None:
    await stage.world.until(lambda: "connected" in stage.states)
    stage.world.sessions[0].lost = True
    await stage.world.sockets[0].close(code=4000)
    await stage.world.until(lambda: len(stage.world.sessions) == 2)
    assert (await stage.say(ANN, "a western")).buttons


async def test_a_connection_that_falls_silent_is_noticed(stage: Stage) -> None:
    await stage.world.until(lambda: "connected" in stage.states)
    stage.world.silent = True
    await stage.world.until(lambda: stage.world.resumed)
    stage.world.silent = False
    await stage.world.until(lambda: stage.states[-1] == "connected")
    assert (await stage.say(ANN, "a western")).buttons


async def test_what_the_library_does_not_mend_is_given_up_for_a_new_connection(
    world: Discord, service: Service, catalogues: FakeCatalogues
) -> None:
    stage = Stage(world, catalogues)
    hasty = Pace(silence_s=5, check_s=0.02, patience_s=1, first_wait_s=0.02, longest_wait_s=0.1)
    async with stage.running(service, hasty):
        await world.until(lambda: "connected" in stage.states)
        world.closed_doors = 10**6
        await world.sockets[0].close(code=4000)
        await world.until(lambda: "lost" in stage.states and stage.states[-1] == "connecting")
        world.closed_doors = 0
        await world.until(lambda: len(world.sessions) == 2 and stage.states[-1] == "connected", 20)
        assert (await stage.say(ANN, "a western")).buttons


@pytest.mark.parametrize("gateway", [False, True])
async def test_a_discord_that_is_away_is_waited_for(
    world: Discord, service: Service, catalogues: FakeCatalogues, gateway: bool
) -> None:
    world.closed_doors = 2 * gateway
    world.refuse["me"] = [(503, 0)] * (3 * (not gateway))
    stage = Stage(world, catalogues)
    async with stage.running(service):
        assert "lost" in stage.states or gateway
        assert (await stage.say(ANN, "a western")).buttons


async def test_commands_that_discord_does_not_take_keep_nobody_from_talking(
    world: Discord, service: Service, catalogues: FakeCatalogues
) -> None:
    world.refuse["commands"] = [(403, 50001)]
    stage = Stage(world, catalogues)
    async with stage.running(service):
        assert (await stage.say(ANN, "a western")).buttons


@pytest.mark.parametrize(
    ("code", "says"),
    [(4004, "DISCORD_TOKEN"), (4011, "too many servers"), (4014, "Privileged Gateway Intents")],
)
async def test_what_no_waiting_mends_ends_it_with_the_reason(
    world: Discord, service: Service, catalogues: FakeCatalogues, code: int, says: str
) -> None:
    world.close_code = code
    with pytest.raises(BadSettings, match=says):
        async with Stage(world, catalogues).running(service):
            await asyncio.sleep(0)
    assert len(world.identified) == 1


async def test_an_intent_that_is_not_switched_on_is_told_with_what_to_do(
    world: Discord, service: Service, catalogues: FakeCatalogues
) -> None:
    with pytest.raises(BadSettings, match=r"Message Content Intent.*leave the variable out"):
        async with Stage(world, catalogues).running(service, message_content=True):
            await asyncio.sleep(0)


def test_waits_grow_up_to_a_limit() -> None:
    pace = Pace()
    for failures in range(1, 40):
        full = min(pace.longest_wait_s, 2.0 ** (failures - 1))
        assert full / 2 <= pace.wait(failures) <= full
    assert len({pace.wait(5) for _ in range(8)}) > 1


def test_new_sessions_stay_below_a_thousand_a_day() -> None:
    """Were every session invalid at once, all day long."""
    pace, seconds, sessions = Pace(), 0.0, 0
    while seconds < 24 * 3600:
        sessions += 1
        seconds += pace.identify(sessions)
    assert pace.identify(1) == 5
    assert sessions < 1000


# ---------------------------------------------------------------- token and command


async def test_who_we_are_and_how_to_invite_us(world: Discord) -> None:
    who = await identify(TOKEN)
    assert who.name == "genre"
    assert f"client_id={who.app}" in who.invitation
    assert "applications.commands" in who.invitation


async def test_a_wrong_token_is_told_without_being_shown(world: Discord) -> None:
    with pytest.raises(BadSettings, match=r"DISCORD_TOKEN.*Reset Token") as error:
        await identify("a.secret.token")
    assert "secret" not in str(error.value)


async def test_interactions_that_go_elsewhere_are_told(world: Discord) -> None:
    world.endpoint = "https://old.example/hook"
    with pytest.raises(BadSettings, match=r"old.example.*Interactions Endpoint URL"):
        await identify(TOKEN)


async def test_discord_out_of_reach_is_told(world: Discord) -> None:
    await world._runner.cleanup()
    with pytest.raises(BadSettings, match="be reached"):
        await identify(TOKEN)


@pytest.mark.parametrize(
    ("token", "says"),
    [("", "is not set"), ("Bot a.b.c", "without “Bot ”"), ("0123456789abcdef", "three parts")],
)
def test_the_command_says_what_is_wrong_with_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str, says: str
) -> None:
    monkeypatch.setenv("GENRE_HOME", str(tmp_path))
    monkeypatch.setenv("DISCORD_TOKEN", token)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(discord_command, [])
    assert done.exit_code == 1
    assert "DISCORD_TOKEN" in done.output
    assert says in done.output
    assert not token or token not in done.output


def test_keys_come_from_the_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    monkeypatch.setenv("DISCORD_MESSAGE_CONTENT", "true")
    keys = load_discord_keys()
    assert token_of(keys) == TOKEN
    assert keys.message_content
    assert TOKEN not in f"{keys} {keys!r}"
    monkeypatch.setenv("DISCORD_MESSAGE_CONTENT", "perhaps")
    with pytest.raises(BadSettings, match="DISCORD_MESSAGE_CONTENT"):
        load_discord_keys()


def test_check_fails_unless_it_is_connected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENRE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(discord_command, ["--check"]).exit_code == 1
    Pulse(tmp_path / "discord.pulse").beat("connected")
    assert CliRunner().invoke(discord_command, ["--check"]).exit_code == 0


@pytest.mark.slow
async def test_genre_discord_answers_from_its_start_to_its_end(
    house: House,
    world: Discord,
    tmp_path: Path,
    catalogues: FakeCatalogues,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With the real recommender, as the command runs it."""
    pulse = Pulse(tmp_path / "discord.pulse")
    stage = Stage(world, catalogues)
    own = house.settings.model_copy(update={"database": SecretStr(str(tmp_path / "kept.sqlite"))})
    task = asyncio.ensure_future(run(own, DiscordKeys(token=SecretStr(TOKEN)), pulse))
    await world.until(lambda: task.done() or world.sessions, 120)
    answer = await stage.say(ANN, "a western under two hours, please")
    assert "western" in answer.shown
    assert answer.buttons
    await world.until(lambda: not pulse.trouble())
    task.cancel()
    await task
    assert "GENRE is in Discord as genre" in capsys.readouterr().out
    await world.until(lambda: not world.sockets)
