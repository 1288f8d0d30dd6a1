"""Who a person is to the store: the digest of a secret that only their browser or program holds."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """256 random bits as URL-safe text: nobody guesses it."""
    return secrets.token_urlsafe(32)


def person(channel: str, token: str) -> str:
    """The user id that belongs to a token of a channel. There is no way back to the token (SHA-256)."""
    return f"{channel}-{hashlib.sha256(token.encode('utf-8', 'replace')).hexdigest()[:40]}"
