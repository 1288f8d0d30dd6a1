"""Whether Discord lets us in, and what to do where it doesn't."""

from __future__ import annotations

from dataclasses import dataclass

import discord
from aiohttp import ClientError

from chat.errors import BadSettings
from chat.settings import DiscordKeys

#: What a call of Discord's may fail with.
FAILURES = (discord.DiscordException, ClientError, OSError, TimeoutError)

_PORTAL = "https://discord.com/developers/applications → your app"
_TOKEN = f"{_PORTAL} → Bot → Reset Token"
_INTENT = f"{_PORTAL} → Bot → Privileged Gateway Intents → Message Content Intent"

#: Why Discord closes a connection for good, by its code: no second attempt mends these.
_LASTING = {
    4004: f"Discord refused DISCORD_TOKEN. Make a new one at {_TOKEN}, and set it as a variable.",
    4011: "The bot is in too many servers for one connection, and GENRE opens only one: take it out of some.",
    4012: "Discord no longer speaks this version of its gateway: install a newer discord.py.",
    4014: "Discord refused the message content intent, which DISCORD_MESSAGE_CONTENT asks for. Switch it on "
    f"at {_INTENT}, or leave the variable out: direct messages, mentions and commands work without it.",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are in Discord: our name, and the number of the app."""

    name: str
    app: int

    @property
    def invitation(self) -> str:
        """The address that takes the bot into a server, with what it needs there."""
        return discord.utils.oauth_url(
            self.app, permissions=PERMISSIONS, scopes=("bot", "applications.commands")
        )


#: What the bot needs in a server.
PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    create_public_threads=True,
    send_messages_in_threads=True,
    read_message_history=True,
)


def token_of(keys: DiscordKeys) -> str:
    """The bot's token. Raises `BadSettings` where there is none, or something else in its place."""
    value = keys.token.get_secret_value().strip() if keys.token else ""
    if not value:
        raise BadSettings(f"DISCORD_TOKEN is not set. Make a token at {_TOKEN}, and set it as a variable.")
    if value.count(".") != 2 or not value.isascii() or any(c.isspace() for c in value):
        raise BadSettings(
            "DISCORD_TOKEN is not a bot’s token: expected three parts joined by dots, without “Bot ” before "
            f"them. The client secret and the public key are other things. Make a token at {_TOKEN}."
        )
    return value


async def identify(token: str) -> Identity:
    """Who the token makes us. Raises `BadSettings` where it opens nothing, or nothing would reach us."""
    client = discord.Client(intents=discord.Intents(guilds=True))
    try:
        await client.login(token)
        app = client.application
        if app is not None and app.interactions_endpoint_url:
            raise BadSettings(
                "Commands and buttons would not reach GENRE: Discord sends them to "
                f"{app.interactions_endpoint_url}. Clear {_PORTAL} → General Information → Interactions "
                "Endpoint URL."
            )
        return Identity(client.user.name if client.user else "", client.application_id or 0)
    except discord.LoginFailure:
        raise BadSettings(_LASTING[4004]) from None
    except FAILURES as error:
        raise BadSettings(f"Discord can’t be reached ({told(error)}). Is this computer online?") from None
    finally:
        await client.close()


def lasting(error: Exception) -> BadSettings | None:
    """The error for people, where no waiting mends it."""
    if isinstance(error, discord.LoginFailure):
        return BadSettings(_LASTING[4004])
    if isinstance(error, discord.PrivilegedIntentsRequired):
        return BadSettings(_LASTING[4014])
    if isinstance(error, discord.ConnectionClosed) and error.code in _LASTING:
        return BadSettings(_LASTING[error.code])
    return None


def told(error: Exception) -> str:
    """What Discord answered, in words: never more of it than its codes."""
    if isinstance(error, discord.HTTPException):
        words = _CURES.get(error.code, "")
        return f"status {error.status}, code {error.code}" + (f" ({words})" if words else "")
    if isinstance(error, discord.ConnectionClosed):
        return f"the connection was closed with code {error.code}"
    return type(error).__name__


_CURES = {
    10062: "the answer came too late: Discord waits for three seconds",
    40060: "it was answered already",
    50001: "the bot does not see that channel",
    50007: "that person takes no direct messages from the bot",
    50013: "the bot lacks a permission there",
    160002: "the bot needs the permission Read Message History there",
}
