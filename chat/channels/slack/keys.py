"""Whether Slack lets us in, and what to do where it doesn't."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import ClientError
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from chat.errors import BadSettings
from chat.settings import SlackKeys

#: What the app may do at the least, as in deploy/slack-manifest.yaml.
SCOPES = ("app_mentions:read", "assistant:write", "chat:write", "commands", "im:history")
#: What a call of Slack's may fail with.
FAILURES = (SlackClientError, ClientError, TimeoutError)
#: How often a call is repeated after "too many", each time after as long as Slack asks for.
_RETRIES = 4

_APPS = "https://api.slack.com/apps → your app"
_BOT_TOKEN = f"{_APPS} → OAuth & Permissions → Bot User OAuth Token (it begins with xoxb-)"
_APP_TOKEN = (
    f"{_APPS} → Basic Information → App-Level Tokens, made with the scope connections:write "
    "(it begins with xapp-)"
)
_SECRET = f"{_APPS} → Basic Information → App Credentials → Signing Secret"

_CURES = {
    "invalid_auth": "the token is wrong, or belongs to another place",
    "not_authed": "there is no token",
    "token_revoked": "the token was revoked",
    "token_expired": "the token is too old",
    "account_inactive": "the app was taken out of the workspace: install it again",
    "not_allowed_token_type": "the token is of another kind",
    "missing_scope": "the app lacks a permission",
    "not_in_channel": "the app is not in that channel: invite it with /invite",
    "channel_not_found": "the app does not see that channel: invite it with /invite",
    "ratelimited": "too many calls at once",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are in Slack: the name of the workspace, and ours in it."""

    team: str
    name: str


def make_client(keys: SlackKeys) -> AsyncWebClient:
    """Slack's Web API for the bot. Raises `BadSettings` without a bot token."""
    token = _given(keys.bot_token, "SLACK_BOT_TOKEN", "xoxb-", _BOT_TOKEN)
    client = AsyncWebClient(token=token, base_url=keys.api_url)
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=_RETRIES))
    return client


def app_token(keys: SlackKeys) -> str:
    """The token that opens a socket. Raises `BadSettings` without one."""
    return _given(keys.app_token, "SLACK_APP_TOKEN", "xapp-", _APP_TOKEN)


def signing_secret(keys: SlackKeys) -> str:
    """What Slack signs its requests with. Raises `BadSettings` without one."""
    return _given(keys.signing_secret, "SLACK_SIGNING_SECRET", "", _SECRET)


async def identify(client: AsyncWebClient) -> Identity:
    """Who the bot token makes us. Raises `BadSettings` where it opens nothing, or too little."""
    try:
        answer = await client.auth_test()
    except SlackApiError as error:
        raise BadSettings(
            f"Slack refused SLACK_BOT_TOKEN: {told(error)}. Copy it again from {_BOT_TOKEN}."
        ) from None
    except FAILURES as error:
        raise BadSettings(_unreachable(client, error)) from None
    granted = next(
        (value for name, value in answer.headers.items() if name.lower() == "x-oauth-scopes"), None
    )
    if granted is not None:
        missing = [scope for scope in SCOPES if scope not in [one.strip() for one in granted.split(",")]]
        if missing:
            raise BadSettings(
                f"The app in Slack lacks the bot scope{'s' * (len(missing) > 1)} {', '.join(missing)}. Add "
                f"what is missing at {_APPS} → OAuth & Permissions → Bot Token Scopes, then press Reinstall "
                "there. deploy/slack-manifest.yaml has them all."
            )
    return Identity(answer.get("team", ""), answer.get("user", ""))


async def socket_url(client: AsyncWebClient, token: str) -> str:
    """The address of a new socket. Raises `BadSettings` where the app token opens none, and what the client
    raises where Slack can't be reached just now."""
    try:
        answer = await client.apps_connections_open(app_token=token)
    except SlackApiError as error:
        if error.response.get("error") in _LASTING:
            raise BadSettings(
                f"Slack refused SLACK_APP_TOKEN: {told(error)}. Copy it again from {_APP_TOKEN}, and see "
                f"that Socket Mode is switched on at {_APPS} → Socket Mode."
            ) from None
        raise
    return str(answer["url"])


#: What no waiting mends.
_LASTING = frozenset(_CURES) - {"ratelimited"}


def told(error: Exception) -> str:
    """What Slack answered, in words: never more of it than its error code and the scope that is missing."""
    if not isinstance(error, SlackApiError):
        return type(error).__name__
    code = str(error.response.get("error", "unknown"))
    needed = error.response.get("needed")
    words = f"{code} ({_CURES[code]})" if code in _CURES else code
    return f"{words}; the scope it needs is {needed}" if needed else words


def _given(secret: SecretStr | None, name: str, prefix: str, where: str) -> str:
    value = secret.get_secret_value().strip() if secret else ""
    if not value:
        raise BadSettings(f"{name} is not set. Find it at {where}, and set it as a variable.")
    if not value.startswith(prefix):
        raise BadSettings(f"{name} does not begin with {prefix}: it is another kind of token. Take {where}.")
    return value


def _unreachable(client: AsyncWebClient, error: Exception) -> str:
    return f"Slack can't be reached at {client.base_url} ({type(error).__name__}). Is this computer online?"
