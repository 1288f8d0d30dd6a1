"""The chat on other websites: one script, `widget.js`, that talks to the API. docs/widget.md says more."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

from fastapi import APIRouter, Request, Response

from chat.channels.catalogues import ChannelSettings

_FOLDER = Path(__file__).resolve().parent
#: In this order they make up the script; all share one scope.
_PARTS = ("words", "dom", "house", "cards", "taste", "chat", "frame", "widget")
#: Seconds for which browsers ask no more; then the ETag spares them all but a few bytes.
_MAX_AGE = 600


def widget_script(max_message_chars: int) -> str:
    """The whole script: a function of its own around the parts, the style sheet as a text inside."""
    style = (_FOLDER / "widget.css").read_text(encoding="utf-8")
    parts = [(_FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in _PARTS]
    head = (
        f"const STYLE = {json.dumps(style, ensure_ascii=False)};\nconst MOST_CHARS = {max_message_chars};\n"
    )
    return "\n".join(["(() => {", '"use strict";', head, *parts, "})();\n"])


def widget_router(settings: ChannelSettings) -> APIRouter:
    """Serves `/widget.js`, compressed where the browser takes that."""
    plain = widget_script(settings.max_message_chars).encode()
    packed = gzip.compress(plain, mtime=0)
    headers = {
        "Cache-Control": f"public, max-age={_MAX_AGE}",
        "Cross-Origin-Resource-Policy": "cross-origin",
        # Weak: both encodings are one script.
        "ETag": f'W/"{hashlib.blake2s(plain, digest_size=12).hexdigest()}"',
        "Vary": "Accept-Encoding",
    }
    router = APIRouter()

    @router.api_route("/widget.js", methods=["GET", "HEAD"], include_in_schema=False)
    def script(request: Request) -> Response:
        if _matches(request.headers.get("if-none-match", ""), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        body, more = plain, {}
        if _takes_gzip(request.headers.get("accept-encoding", "")):
            body, more = packed, {"Content-Encoding": "gzip"}
        return Response(body, media_type="text/javascript; charset=utf-8", headers={**headers, **more})

    return router


def _takes_gzip(accepted: str) -> bool:
    return any(
        re.fullmatch(r"gzip(;q=(?!0(\.0*)?$).*)?", "".join(one.split()))
        for one in accepted.lower().split(",")
    )


def _matches(known: str, tag: str) -> bool:
    """Weak comparison (RFC 9110, 13.1.2)."""
    tags = [one.strip().removeprefix("W/") for one in known.split(",")]
    return tag.removeprefix("W/") in tags or "*" in tags
