"""What people own: all that is kept about them, to take away or to be rid of."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from chat.channels.api import shapes
from chat.channels.api.context import FOR_WELCOME, Anyone, Here
from chat.channels.http.access import Caller, no_token
from chat.channels.http.errors import ApiError

router = APIRouter(prefix="/v1/users", tags=["users"], dependencies=FOR_WELCOME)

UserId = Annotated[
    str, Path(description="A `user_id`, or `me` for the person whose token is sent.", max_length=200)
]


@router.get("/{id}/export", response_model=shapes.Export)
def export(request: Request, here: Here, caller: Anyone, id: UserId) -> dict[str, Any]:
    """All that is kept about the person: with their token, or with a key."""
    return here.service.export(_whom(request, here.settings.api_keys, caller, id))


@router.delete("/{id}", status_code=204)
def erase(request: Request, here: Here, caller: Anyone, id: UserId) -> Response:
    """Forgets all about the person: with their token, or with a key."""
    here.service.erase(_whom(request, here.settings.api_keys, caller, id))
    return Response(status_code=204)


def _whom(request: Request, keys: Any, caller: Caller, id: str) -> str:
    """The person meant. Who merely sits at this computer may not reach into what others keep here."""
    if caller.user_id is not None and id in ("me", caller.user_id):
        return caller.user_id
    if keys and caller.trusted and id != "me":
        return id
    if caller.user_id is None and not (keys and caller.trusted):
        raise no_token(request)
    raise ApiError(
        403, "not_yours", "Only the person's own token, or a key, opens what is kept about them.", "id"
    )
