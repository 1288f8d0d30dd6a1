"""Who calls, and which door is open to them: docs/api.md tells it to people under "Keys and limits"."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets
from dataclasses import dataclass, field

from fastapi import Request

from chat.channels.catalogues import ApiSettings
from chat.channels.http.errors import ApiError
from chat.channels.person import person
from chat.service import Service

_PORT = re.compile(r":\d+$")
#: Headers of which a proxy sends at least one: then the caller isn't on this computer, whatever the address.
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request. `name` is what limits are counted by, `trusted` who may use all of the API (with a
    key, or from this computer where there is none), `welcome` who may start conversations and look at items.
    `user_id` is the person whose `token` came with it."""

    name: str
    trusted: bool
    welcome: bool
    user_id: str | None = None
    token: str = field(default="", repr=False)

    @property
    def person(self) -> str:
        """The person, where a route asks for one. Raises a 401 where none has come."""
        if self.user_id is None:
            raise ApiError(401, "token_needed", _HOW)
        return self.user_id


class Access:
    """Tells callers apart. Keys are compared in constant time and kept as digests only."""

    def __init__(self, service: Service, settings: ApiSettings) -> None:
        self._service = service
        self._keys = [_digest(key.get_secret_value()) for key in settings.api_keys]
        self._origins = frozenset(settings.allow_origins)
        self._local_server = is_loopback(settings.host)

    def caller(self, request: Request) -> Caller:
        """Who sent the request. Raises `ApiError` for a page of an origin that isn't allowed, and for a wrong
        key. A token that opens nothing is passed over: clients of OpenAI's API send something always."""
        listed = self._listed(request)
        given = _bearer(request)
        key = self._key(request.headers.get("x-api-key"), given)
        user_id, token = None, ""
        if given is not None and not self._is_key(given):
            named = person("api", given)
            if self._service.knows(named):
                user_id, token = named, given
        trusted = key is not None or (not self._keys and self._local(request))
        name = f"person {user_id}" if user_id else key or f"address {address_of(request)}"
        return Caller(name, trusted, trusted or listed or user_id is not None, user_id, token)

    def refusal(self, request: Request) -> ApiError:
        """What somebody hears who may not come in."""
        if _bearer(request) is not None:
            return ApiError(
                401, "wrong_key", "What was sent as Bearer is no key and no token that opens this."
            )
        if self._keys:
            return ApiError(401, "key_needed", "Send a key: Authorization: Bearer KEY, or X-API-Key: KEY.")
        return ApiError(
            401,
            "closed",
            "The API is open to programs on this computer only: set api_keys (GENRE_API_KEYS) to open it to "
            "others, or allow_origins for web pages.",
        )

    def _listed(self, request: Request) -> bool:
        """Whether a web page that may embed the chat is calling."""
        origin = request.headers.get("origin")
        if origin is None:
            return False
        if "*" in self._origins or origin in self._origins:
            return True
        if origin.partition("://")[2] != request.headers.get("host"):
            shown = origin[:100].encode("ascii", "backslashreplace").decode()
            words = f"Pages of {shown} may not call this API: its owner can name them in allow_origins."
            raise ApiError(403, "origin_not_allowed", words)
        return False

    def _key(self, header: str | None, bearer: str | None) -> str | None:
        """The name of the key that came along. Raises `ApiError` for a wrong one in its own header."""
        for given in (header, bearer):
            if given is not None and self._is_key(given):
                return f"key {_digest(given).hex()[:12]}"
        if header is not None and self._keys:
            raise ApiError(401, "wrong_key", "This is not one of the keys that open the API.")
        return None

    def _is_key(self, given: str) -> bool:
        digest = _digest(given)
        return sum(secrets.compare_digest(digest, key) for key in self._keys) > 0  # no early end

    def _local(self, request: Request) -> bool:
        """Whether a program of this computer is calling. The Host has to say so too: else a page anywhere
        could name its own server, turn that name to this computer, and come in (DNS rebinding)."""
        if not self._local_server or request.client is None:
            return False
        if any(name in request.headers for name in _FORWARDED):
            return False
        host = _PORT.sub("", request.headers.get("host", ""))
        return is_loopback(request.client.host) and is_loopback(host)


def is_loopback(host: str) -> bool:
    """Whether an address or host name is this computer's own."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


_HOW = "Send the token that came with the conversation: Authorization: Bearer TOKEN."


def no_token(request: Request) -> ApiError:
    """What somebody hears who asks for a conversation without its token."""
    if _bearer(request) is not None:
        return ApiError(401, "unknown_token", f"This token opens nothing (any more). {_HOW}")
    return ApiError(401, "token_needed", _HOW)


def _bearer(request: Request) -> str | None:
    given = request.headers.get("authorization")
    if given is None:
        return None
    scheme, _, value = given.partition(" ")
    if scheme.lower() != "bearer" or not value.strip():
        raise ApiError(401, "bad_authorization", "Expected the header Authorization: Bearer TOKEN.")
    return value.strip()


def address_of(request: Request) -> str:
    """The caller's address; of IPv6 the part that one subscriber has (/64)."""
    host = request.client.host if request.client else "unknown"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ipaddress.ip_network(f"{host}/64", strict=False))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
