from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chat.service import Service
from chat.store.sql import SqlStore
from tests.channels.discord.conftest import Stage, felt, item_of, said, user_id
from tests.channels.fake_service import FakeCatalogues, managers
from tests.fakes.discord import Discord
from tests.fakes.discord_shapes import ANN, BOB, CHANNEL, OTHER_CHANNEL, OTHER_SERVER, SERVER

pytestmark = pytest.mark.anyio


def known(service: Service, user: int, server: int | None = None) -> set[tuple[str, str]]:
    """The taste as of the latest conversation: values and feelings."""
    who = user_id(user, server)
    talks = service.conversations(who)
    return {(entry.value, entry.feeling) for entry in service.taste(who, talks[0].id)} if talks else set()


async def test_the_commands_are_made_known_to_discord(stage: Stage) -> None:
    (group,) = stage.world.commands
    assert group["name"] == "genre"
    assert [one["name"] for one in group["options"]] == ["ask", "taste", "saved", "new", "forget", "help"]
    (what,) = group["options"][0]["options"]
    assert what["required"]


async def test_ask_is_answered_for_the_one_who_asks(stage: Stage, service: Service) -> None:
    answer = await stage.type(ANN, "ask", CHANNEL, what="a western")
    assert answer.only == ANN
    assert answer.channel == CHANNEL
    assert answer.buttons
    assert said(service, ANN) == [["a western"]]
    assert said(service, ANN, SERVER) == []


async def test_the_card_of_a_private_answer_is_redrawn(stage: Stage, service: Service) -> None:
    answer = await stage.type(ANN, "ask", CHANNEL, what="a western")
    await stage.press(ANN, answer, "Like")
    assert felt(service, ANN) == {(item_of(answer), "like")}
    assert sum(one["label"] == "✓ Like" for one in answer.buttons) == 1


async def test_a_quick_reply_of_a_private_answer_stays_private(stage: Stage, service: Service) -> None:
    first = await stage.type(ANN, "ask", CHANNEL, what="a western")
    chip = next(one for one in first.buttons if one["custom_id"].startswith("g:say:"))
    messages = await stage.all_after(stage.world.pressed(ANN, first, chip["custom_id"]))
    assert [one.only for one in messages] == [ANN, ANN]
    assert said(service, ANN) == [["a western", chip["label"]]]


async def test_in_a_direct_message_a_command_is_like_a_message(stage: Stage, service: Service) -> None:
    await stage.say(ANN, "a western")
    answer = await stage.type(ANN, "ask", what="a comedy")
    assert answer.only is None
    assert said(service, ANN) == [["a western", "a comedy"]]


async def test_the_same_command_twice_is_answered_once(stage: Stage, service: Service) -> None:
    event = stage.world.typed(ANN, "ask", CHANNEL, what="a western")
    await stage.after(event)
    await stage.world.send(event)
    await stage.world.quiet()
    assert len(stage.world.messages) == 1
    assert said(service, ANN) == [["a western"]]


async def test_new_starts_over_and_the_taste_comes_along(stage: Stage, service: Service) -> None:
    await stage.say(ANN, "a western")
    assert "new conversation" in (await stage.type(ANN, "new")).content
    await stage.say(ANN, "a comedy")
    assert said(service, ANN) == [["a comedy"], ["a western"]]
    assert ("western", "like") in known(service, ANN)


async def test_help_gives_examples_to_press(stage: Stage, service: Service) -> None:
    answer = await stage.type(ANN, "help")
    assert "/genre taste" in answer.shown
    _, done = await stage.all_after(stage.world.pressed(ANN, answer, answer.buttons[0]["custom_id"]))
    assert done.channel == answer.channel
    assert said(service, ANN) == [[answer.buttons[0]["label"]]]


async def test_taste_shows_what_is_known_with_its_words_and_place(stage: Stage) -> None:
    await stage.say(ANN, "a western but no comedy")
    await stage.say(ANN, "a musical", CHANNEL)
    answer = await stage.type(ANN, "taste", CHANNEL)
    assert answer.only == ANN
    assert "You like **western** — genre · you said “western”" in answer.shown
    assert "Never **comedy**" in answer.shown
    assert "said in Server 2000" in answer.shown
    assert {menu["placeholder"] for menu in answer.menus} == {"Forget …", "Turn round …"}


async def test_taste_of_somebody_new(stage: Stage) -> None:
    answer = await stage.type(BOB, "taste")
    assert "Nothing yet" in answer.shown
    assert not answer.menus
    assert "Nothing saved yet" in (await stage.type(BOB, "saved")).shown


async def test_an_entry_is_forgotten_everywhere_it_counts(stage: Stage, service: Service) -> None:
    await stage.say(ANN, "a western")
    await stage.type(ANN, "new")
    await stage.say(ANN, "a musical")
    answer = await stage.type(ANN, "taste")
    options = next(menu for menu in answer.menus if menu["placeholder"] == "Forget …")["options"]
    at = next(at for at, one in enumerate(options, 1) if "western" in one["label"])
    await stage.choose(ANN, answer, "Forget", at)
    assert "western" not in answer.shown
    assert known(service, ANN) == {("musical", "like")}
    await stage.type(ANN, "new")
    await stage.say(ANN, "a comedy")
    assert ("western", "like") not in known(service, ANN)


async def test_an_entry_is_turned_round_where_it_was_said(stage: Stage, service: Service) -> None:
    await stage.say(ANN, "a western", CHANNEL)
    await stage.say(ANN, "a western", OTHER_CHANNEL)
    answer = await stage.type(ANN, "taste")
    at = next(
        at
        for at, one in enumerate(answer.menus[1]["options"], 1)
        if one["description"].endswith(f"Server {OTHER_SERVER}")
    )
    await stage.choose(ANN, answer, "Turn", at)
    assert known(service, ANN, OTHER_SERVER) == {("western", "dislike")}
    assert known(service, ANN, SERVER) == {("western", "like")}
    assert "You don’t like **western**" in answer.shown


async def test_saved_items_are_listed_and_let_go(stage: Stage, service: Service) -> None:
    card = await stage.say(ANN, "a western", CHANNEL)
    await stage.press(ANN, card, "Save", 2)
    answer = await stage.type(ANN, "saved")
    (menu,) = answer.menus
    (option,) = menu["options"]
    assert option["label"] in answer.shown
    await stage.choose(ANN, answer, "Remove")
    assert service.saved(user_id(ANN, SERVER), "films") == ()


@pytest.mark.parametrize("way", ["command", "button"])
async def test_all_is_forgotten_after_asking(stage: Stage, service: Service, way: str) -> None:
    for channel in (None, CHANNEL, OTHER_CHANNEL):
        await stage.say(ANN, "a western", channel)
        await stage.say(BOB, "a western", channel)
    if way == "command":
        question = await stage.type(ANN, "forget", CHANNEL)
    else:
        shown = await stage.type(ANN, "taste", CHANNEL)
        (button,) = (one for one in shown.buttons if one["label"].startswith("Forget everything"))
        question = await stage.after(stage.world.pressed(ANN, shown, button["custom_id"]))
    assert question.only == ANN
    assert service.knows(user_id(ANN))
    await stage.press(ANN, question, "Forget it all")
    assert "forgotten" in question.shown
    assert not question.buttons
    for server in (None, SERVER, OTHER_SERVER):
        assert not service.knows(user_id(ANN, server))
        assert service.knows(user_id(BOB, server))


async def test_where_forgetting_fails_it_is_not_called_done(
    world: Discord, catalogues: FakeCatalogues, tmp_path: Path
) -> None:
    store = SqlStore(f"sqlite:///{tmp_path / 'kept.db'}")
    service = Service(store, managers(catalogues), lambda: datetime.now(UTC))
    stage = Stage(world, catalogues)
    async with stage.running(service):
        await stage.say(ANN, "a western")
        question = await stage.type(ANN, "forget")
        with sqlite3.connect(tmp_path / "kept.db") as other:
            for (table,) in other.execute("select name from sqlite_master where type = 'table'").fetchall():
                other.execute(f'drop table "{table}"')
        (told,) = await stage.all_after(world.pressed(ANN, question, question.buttons[0]["custom_id"]))
    store.close()
    assert told.only == ANN
    assert "Forget everything?" in question.shown


async def test_who_thinks_better_of_it_keeps_all(stage: Stage, service: Service) -> None:
    await stage.say(ANN, "a western")
    question = await stage.type(ANN, "forget")
    await stage.press(ANN, question, "Keep it")
    assert "Nothing is forgotten" in question.shown
    assert said(service, ANN) == [["a western"]]


async def test_a_very_long_taste_stays_within_the_limits(stage: Stage, service: Service) -> None:
    await stage.say(ANN, "a western")
    (talk,) = service.conversations(user_id(ANN))
    for item in stage.catalogues.shelf("films").items[:40]:
        service.feedback(user_id(ANN), talk.id, item.id, "like")
        service.feedback(user_id(ANN), talk.id, item.id, "save")
    shown = await stage.type(ANN, "taste")
    assert "more." in shown.shown
    assert all(len(menu["options"]) == 25 for menu in shown.menus)
