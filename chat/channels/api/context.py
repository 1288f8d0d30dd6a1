"""What the routes work with, and how each says who may call it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer

from chat.channels.api.metrics import Metrics
from chat.channels.catalogues import ApiSettings, Catalogues, Shelf
from chat.channels.http.access import Access, Caller, no_token
from chat.channels.http.errors import ApiError
from chat.channels.http.limits import Limits, admitted
from chat.service import Service


@dataclass(frozen=True)
class Context:
    """One application's parts, shared by all its requests."""

    service: Service
    catalogues: Catalogues
    settings: ApiSettings
    access: Access
    limits: Limits
    metrics: Metrics

    def catalogue(self, name: str | None) -> str:
        """The name, or the default catalogue's. Raises a 404 where there is no such catalogue."""
        chosen = name or self.settings.catalogue
        there = self.catalogues.names()
        if chosen not in there:
            words = f"There is no catalogue “{chosen[:80]}”. There are: {', '.join(there) or 'none yet'}."
            raise ApiError(404, "unknown_catalogue", words, "catalogue")
        return chosen

    def shelf(self, name: str) -> Shelf | None:
        """The catalogue of that name; None where it is there no more, but conversations about it are."""
        return self.catalogues.shelf(name) if name in self.catalogues.names() else None


def _context(request: Request) -> Context:
    context: Context = request.app.state.api
    return context


Here = Annotated[Context, Depends(_context)]

# For the document only: `Access` reads the headers.
_TOKEN = HTTPBearer(scheme_name="token", auto_error=False, description="The token of a conversation.")
_KEY = HTTPBearer(scheme_name="key", auto_error=False, description="One of the server's keys.")
_HEADER = APIKeyHeader(
    name="X-API-Key",
    scheme_name="keyHeader",
    auto_error=False,
    description="The same key, in a header of its own.",
)


def _caller(request: Request, here: Here) -> Caller:
    return admitted(request, here.access, here.limits)


def _welcome(request: Request, here: Here, caller: Annotated[Caller, Depends(_caller)]) -> Caller:
    if not caller.welcome:
        raise here.access.refusal(request)
    return caller


def _trusted(request: Request, here: Here, caller: Annotated[Caller, Depends(_caller)]) -> Caller:
    if not caller.trusted:
        raise here.access.refusal(request)
    return caller


def _person(request: Request, caller: Annotated[Caller, Depends(_caller)]) -> Caller:
    if caller.user_id is None:
        raise no_token(request)
    return caller


_ANY = [Security(_KEY), Security(_HEADER), Security(_TOKEN)]
#: With a key or a token, from this computer, or from a page that may embed the chat.
Welcome = Annotated[Caller, Depends(_welcome)]
#: With a key, or from this computer where there is none.
Trusted = Annotated[Caller, Depends(_trusted)]
#: With the token of a person.
Person = Annotated[Caller, Depends(_person)]
#: Whoever may come in by one of these.
Anyone = Annotated[Caller, Depends(_caller)]

FOR_WELCOME = _ANY
FOR_TRUSTED = [Security(_KEY), Security(_HEADER)]
FOR_PERSON = [Security(_TOKEN)]
