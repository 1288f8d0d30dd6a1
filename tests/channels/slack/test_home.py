from __future__ import annotations

import asyncio
import json

import pytest

from chat.channels.members import Members
from chat.channels.slack.home import _entry
from chat.channels.slack.places import Member
from chat.service import Service
from prompts.dialogue import Interest
from tests.channels.fake_service import FakeCatalogues
from tests.channels.slack.conftest import Stage, chosen, pressed, said
from tests.fakes.slack import Json, Message, Slack

pytestmark = pytest.mark.anyio


async def opened(stage: Stage, user: str = "ann") -> Json:
    """The Home tab as somebody sees it who opens it."""
    stage.slack.views.pop(user, None)
    event = {"type": "app_home_opened", "user": user, "channel": "D1", "tab": "home"}
    await stage.slack.send(stage.slack.event(event))
    await stage.slack.until(lambda: user in stage.slack.views)
    return stage.slack.views[user]


def words(view: Json) -> str:
    return "\n".join(block["text"]["text"] for block in view["blocks"] if "text" in block)


def accessory(view: Json, part: str) -> Json:
    (found,) = [
        block["accessory"]
        for block in view["blocks"]
        if "accessory" in block and part in block["text"]["text"]
    ]
    return dict(found)


async def act(stage: Stage, action: Json, user: str = "ann") -> Json:
    """The Home tab after one of its buttons or menus was used."""
    stage.slack.views.pop(user)
    await stage.slack.send(stage.slack.pressed_at_home(user, action))
    await stage.slack.until(lambda: user in stage.slack.views)
    return stage.slack.views[user]


async def test_home_shows_ones_own_taste_with_the_words_it_came_from(stage: Stage) -> None:
    await stage.say("ann", "show me a western")
    await stage.say("ann", "a comedy", "C1")
    await stage.say("bob", "a musical")
    shown = words(await opened(stage))
    assert "*western*" in shown
    assert "you said “western”" in shown
    assert "*comedy*" in shown
    assert "said in a channel" in shown
    assert "musical" not in shown


async def test_an_entry_is_forgotten_wherever_it_was_said(stage: Stage, service: Service) -> None:
    await stage.say("ann", "a western")
    await stage.say("ann", "a western and a comedy")
    view = await opened(stage)
    view = await act(stage, chosen(accessory(view, "*western*"), 0))
    assert "western" not in words(view)
    assert "*comedy*" in words(view)
    who = Member("T1", "ann").user_id(private=True)
    talks = [service.taste(who, talk.id) for talk in service.conversations(who)]
    assert len(talks) == 2
    assert "western" not in {entry.value for taste in talks for entry in taste}


async def test_an_entry_is_turned_round(stage: Stage) -> None:
    await stage.say("ann", "a western")
    view = await opened(stage)
    view = await act(stage, chosen(accessory(view, "*western*"), 1))
    assert "You don’t like *western*" in words(view)
    view = await act(stage, chosen(accessory(view, "*western*"), 1))
    assert "You like *western*" in words(view)


async def test_saved_items_are_listed_and_let_go(stage: Stage) -> None:
    answer = await stage.say("ann", "a western", "C1")
    await stage.press("ann", answer, "Save")
    title = answer.buttons[0]["accessibility_label"].removeprefix("Like: ")
    view = await opened(stage)
    view = await act(stage, pressed(accessory(view, title)))
    assert title not in words(view)


async def test_what_was_pressed_is_listed_by_its_title(stage: Stage) -> None:
    answer = await stage.say("ann", "a western")
    await stage.press("ann", answer, "Seen it")
    title = answer.buttons[0]["accessibility_label"].removeprefix("Like: ")
    view = await opened(stage)
    assert f"You know *{title}*" in words(view)
    view = await act(stage, chosen(accessory(view, title), 0))
    assert title not in words(view)


async def test_everything_is_forgotten_after_asking(stage: Stage, service: Service) -> None:
    await stage.say("ann", "a western")
    await stage.say("ann", "a comedy", "C1")
    await stage.say("bob", "a musical")
    view = await opened(stage)
    (button,) = [e for block in view["blocks"] for e in block.get("elements", []) if e["type"] == "button"]
    assert button["confirm"]
    view = await act(stage, pressed(button))
    assert "western" not in words(view)
    assert said(service, "ann") == []
    assert said(service, "ann", private=False) == []
    assert said(service, "bob") == [["a musical"]]


async def test_a_long_taste_stays_within_what_a_view_holds(
    slack: Slack, catalogues: FakeCatalogues, stage: Stage, service: Service
) -> None:
    await stage.say("ann", "a western")
    who = Member("T1", "ann").user_id(True)
    (talk,) = service.conversations(who)

    def fill() -> None:
        for number in range(80):
            words = Interest(f"taste {number}" * 30, "text", "like", 1.0, "*" * 900, 1, value=f"t{number}")
            service.edit_taste(who, talk.id, None, words)
        for item in catalogues.shelf("films").items[:60]:
            service.feedback(who, talk.id, item.id, "save")

    await asyncio.to_thread(fill)
    view = await opened(stage)
    assert "… and" in str(view["blocks"])
    assert len(Members(service, catalogues, "films").taste(who)) > 80


# ---------------------------------------------------------------- the slash command


async def typed(stage: Stage, text: str, user: str = "ann", channel: str = "C1") -> Message:
    """What only somebody who typed a slash command sees."""
    count = len(stage.slack.ephemerals)
    await stage.slack.send(stage.slack.typed(user, text, channel))
    await stage.slack.until(lambda: len(stage.slack.ephemerals) > count)
    return stage.slack.ephemerals[-1]


async def test_a_slash_command_is_answered_for_one_alone_and_goes_on(stage: Stage, service: Service) -> None:
    answer = await typed(stage, "a western")
    await typed(stage, "a comedy")
    await typed(stage, "a musical", channel="C2")
    assert answer.user == "ann"
    assert answer.buttons
    assert not stage.slack.messages
    assert sorted(said(service, "ann")) == [["a musical"], ["a western", "a comedy"]]


async def test_new_starts_over(stage: Stage, service: Service) -> None:
    await typed(stage, "a western")
    await typed(stage, "new")
    await typed(stage, "a comedy")
    await typed(stage, "a drama")
    assert said(service, "ann") == [["a comedy", "a drama"], ["a western"]]


async def test_buttons_of_what_one_alone_sees_work_too(stage: Stage, service: Service) -> None:
    answer = await typed(stage, "a western")
    await stage.press("ann", answer, "Save")
    assert "✓ Save" in [button["text"]["text"] for button in answer.buttons]
    assert "that you can check" in answer.shown
    await stage.press("ann", answer, "Why this?")
    assert "You said" in stage.slack.ephemerals[-1].text
    chip = next(button for button in answer.buttons if button["action_id"].startswith("genre-say"))
    count = len(stage.slack.ephemerals)
    await stage.slack.send(stage.slack.pressed("ann", answer, pressed(chip)))
    await stage.slack.until(lambda: len(stage.slack.ephemerals) > count)
    assert said(service, "ann") == [["a western", chip["text"]["text"]]]
    assert not stage.slack.messages


async def test_help_offers_something_to_start_from(stage: Stage, service: Service) -> None:
    help_ = await typed(stage, "")
    assert "/genre taste" in help_.shown
    chip = next(button for button in help_.buttons if button["action_id"].startswith("genre-say"))
    await stage.slack.send(stage.slack.pressed("ann", help_, pressed(chip)))
    await stage.slack.until(lambda: len(stage.slack.ephemerals) == 2)
    await typed(stage, "shorter")
    assert len(said(service, "ann")) == 1


async def test_taste_saved_and_forget_by_command(stage: Stage, service: Service) -> None:
    assert "Nothing saved" in (await typed(stage, "saved")).text
    answer = await typed(stage, "a western")
    await stage.press("ann", answer, "Save")
    assert (await typed(stage, "saved")).buttons == []  # a button beside the title, not in a row
    shown = await typed(stage, "taste")
    assert "*western*" in shown.shown
    menu = next(block["accessory"] for block in shown.blocks if block.get("accessory", {}).get("options"))
    await stage.slack.send(stage.slack.pressed("ann", shown, chosen(menu, 0)))
    await stage.slack.until(lambda: "*western*" not in shown.shown)
    forget = await typed(stage, "forget")
    await stage.slack.send(stage.slack.pressed("ann", forget, pressed(forget.buttons[0])))
    await stage.slack.until(lambda: "is forgotten" in forget.text)
    assert said(service, "ann") == []


async def test_a_facet_cannot_speak_for_slack() -> None:
    interest = Interest("heist", "themes", "like", 0.9, "a heist", 1, value="heist")
    shown = json.dumps(_entry(interest, True, "heist", "<!channel> *loud*").to_dict())
    assert "channel" in shown
    assert "<!channel" not in shown
    assert "*loud*" not in shown
