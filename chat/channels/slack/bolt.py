"""The Slack app: which listener hears what, over a socket or at `/slack/events` of the web app."""

from __future__ import annotations

import logging
import re

from fastapi import FastAPI
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chat.channels.catalogues import Catalogues
from chat.channels.members import Members
from chat.channels.slack.blocks import PRESS, SAY
from chat.channels.slack.clicks import Clicks
from chat.channels.slack.home import ENTRY, ERASE, UNSAVE, Home
from chat.channels.slack.keys import FAILURES, make_client, signing_secret, told
from chat.channels.slack.slash import Slash
from chat.channels.slack.talk import Talk
from chat.service import Service
from chat.settings import SlackKeys

log = logging.getLogger(__name__)

PATH = "/slack/events"
#: More than Slack sends: a press comes with the message whose button it was.
MOST_BYTES = 1_000_000


def make_app(
    service: Service, catalogues: Catalogues, catalogue: str, client: AsyncWebClient, secret: str = ""
) -> AsyncApp:
    """The app with all its listeners. `catalogue` is what new conversations are about; `secret` is what Slack
    signs with, for an app that hears over HTTP."""
    # Below the level of errors the library's log may hold what people wrote.
    quiet = logging.getLogger("slack_bolt")
    quiet.setLevel(logging.ERROR)
    app = AsyncApp(client=client, signing_secret=secret, logger=quiet)
    members = Members(service, catalogues, catalogue)
    talk, clicks, home = Talk(service, members), Clicks(members), Home(members)
    slash = Slash(members, talk, home)
    app.event("message")(talk.message)
    app.event("app_mention")(talk.mention)
    app.event("app_home_opened")(home.opened)
    app.command(re.compile(""))(slash.command)  # whatever it was named in the app's settings
    app.action(re.compile(f"^{PRESS}"))(clicks.press)
    app.action(re.compile(f"^{SAY}"))(talk.say)
    app.action(ENTRY)(home.entry)
    app.action(UNSAVE)(home.unsave)
    app.action(ERASE)(home.erase)
    app.error(_unexpected)
    return app


def mount_slack(
    app: FastAPI, service: Service, catalogues: Catalogues, catalogue: str, keys: SlackKeys
) -> bool:
    """Lets the web app hear Slack at `/slack/events`, where a bot token and a signing secret are set; returns
    whether they are. Raises `BadSettings` where one of them can't be right.

    May be called before or after the page is mounted at "/"."""
    if keys.bot_token is None or keys.signing_secret is None:
        return False
    bolt = make_app(service, catalogues, catalogue, make_client(keys), signing_secret(keys))

    async def hear(request: Request) -> Response:
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_BYTES:  # before the signature is looked at, anybody may have sent it
                return Response("too large", 413)
        try:
            return to_starlette_response(await bolt.async_dispatch(to_async_bolt_request(request, body)))
        except UnicodeDecodeError:
            return Response("not UTF-8", 400)

    app.router.routes.insert(0, Route(PATH, hear, methods=["POST"]))
    return True


async def _unexpected(error: Exception) -> None:
    """What went wrong in a listener, without the request: that holds people's words."""
    if isinstance(error, FAILURES):
        log.error("Slack did not take an answer: %s", told(error))
    else:
        log.error("Slack got no answer", exc_info=error)
