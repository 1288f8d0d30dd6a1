from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from chat.build import House
from chat.channels.pulse import Pulse
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, Slack

pytestmark = [pytest.mark.anyio, pytest.mark.slow, pytest.mark.timeout(900)]

GENRE = str(Path(sys.executable).with_name("genre"))


async def test_genre_slack_answers_from_its_start_to_its_end(
    house: House, slack: Slack, tmp_path: Path
) -> None:
    """The command as people run it: in a process of its own, with the real recommender."""
    home = tmp_path / "home"
    shutil.copytree(house.settings.home, home)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GENRE_", "SLACK_"))}
    keys = {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_API_URL": slack.api_url}
    process = await asyncio.create_subprocess_exec(
        GENRE, "slack", env={**clean, **keys, "GENRE_HOME": str(home)}, cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        await slack.until(lambda: slack.sockets or process.returncode is not None, 400)
        assert process.returncode is None
        await slack.send(slack.said("ann", "a western under two hours, please"))
        await slack.until(lambda: any(message.buttons for message in slack.messages.values()), 60)
        (answer,) = slack.messages.values()
        assert "western" in answer.shown
        await slack.until(lambda: not Pulse(home / "slack.pulse").trouble())
        process.send_signal(signal.SIGTERM)
        output, _ = await asyncio.wait_for(process.communicate(), 30)
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, output.decode()
    assert "GENRE is in Slack as @genre, in the workspace Fakers" in output.decode()
    assert BOT_TOKEN not in output.decode()
