from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from chat.channels.slack.keys import SCOPES
from tests.channels.slack.conftest import Stage
from tests.fakes.slack import Slack

pytestmark = pytest.mark.anyio

MANIFEST: dict[str, Any] = yaml.safe_load(
    (Path(__file__).resolve().parents[3] / "deploy/slack-manifest.yaml").read_text(encoding="utf-8")
)


def test_it_asks_for_just_the_scopes_that_are_looked_for() -> None:
    assert sorted(MANIFEST["oauth_config"]["scopes"]["bot"]) == sorted(SCOPES)


def test_it_stays_within_slacks_schema() -> None:
    """The limits of manifest.schema.2.0.0.json in github.com/slackapi/manifest-schema."""
    shown, features = MANIFEST["display_information"], MANIFEST["features"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000
    assert 0 < len(features["agent_view"]["agent_description"]) <= 300
    assert all(command["command"].startswith("/") for command in features["slash_commands"])
    assert "assistant_view" not in features


async def test_whatever_it_subscribes_to_is_heard(stage: Stage, slack: Slack) -> None:
    samples = {
        "app_home_opened": slack.event(
            {"type": "app_home_opened", "user": "ann", "channel": "D1", "tab": "home"}
        ),
        "app_mention": slack.said("ann", "a western", "C1"),
        "message.im": slack.said("ann", "a western"),
    }
    assert set(samples) == set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])
    for payload in samples.values():
        await slack.send(payload)
    for command in MANIFEST["features"]["slash_commands"]:
        await slack.send({**slack.typed("ann", "help"), "command": command["command"]})
    await slack.until(lambda: slack.views and slack.ephemerals and len(slack.messages) == 2)
