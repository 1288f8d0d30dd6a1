"""The JSON that leaves the house, and the JSON that is kept: two shapes, so that neither binds the other.

`turn_json` and `conversation_json` are public: few fields, every string clean, every number finite.
`encode_turn`, `encode_reply` and their counterparts are for the store: everything comes back as it was, with
two exceptions. Half of a surrogate pair is not text, no database takes it, and it becomes U+FFFD; a time
without a zone is taken for UTC. NUL is kept: the JSON is pure ASCII and holds it escaped.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from functools import cache
from types import MappingProxyType
from typing import Any, Protocol

from pydantic import TypeAdapter

from chat.conversation import Conversation, Turn
from chat.reply import Reason, Recommendation, Reply
from prompts.dialogue import Interest
from retrieval.items import Item

Json = dict[str, Any]


class Items(Protocol):
    """Where an item's title can be looked up."""

    def get(self, id: str, /) -> Item | None:
        """The item of that id."""


def repaired(text: str) -> str:
    """The text with surrogate pairs joined and lone surrogates replaced by U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


# ---------------------------------------------------------------- what leaves the house


def turn_json(
    turn: Turn,
    taste: Iterable[Interest],
    catalogue: Items | None = None,
    *,
    conversation_id: str | None = None,
    message_id: str | None = None,
) -> Json:
    """One answer for the world, ready for `json.dumps(…, allow_nan=False)`.

    `taste` is the taste after the turn. `catalogue` gives a click's item its title. A turn without a reply,
    a click or an edit, has the move `None`, no words and no recommendations.
    """
    reply = turn.reply
    out: Json = {
        "text": reply.text if reply else "",
        "move": reply.move if reply else None,
        "recommendations": [_recommendation(entry, catalogue) for entry in reply.recommendations]
        if reply
        else [],
        "taste": [taste_entry(interest, catalogue) for interest in taste],
        "quick_replies": list(reply.quick_replies) if reply else [],
        "voice": reply.voice if reply else "",
        "timings": dict(turn.timings),
    }
    if conversation_id is not None:
        out["conversation_id"] = conversation_id
    if message_id is not None:
        out["message_id"] = message_id
    public: Json = _public(out)
    return public


def conversation_json(
    conversation: Conversation, taste: Iterable[Interest], catalogue: Items | None = None
) -> Json:
    """A whole conversation for the world: what was said (`said`) and answered, and the taste by now."""
    turns = []
    for turn in conversation.messages:
        entry = turn_json(turn, (), catalogue, message_id=turn.message_id)
        del entry["taste"]
        turns.append({"number": turn.number, "said": turn.text, **entry})
    out = {
        "id": conversation.id,
        "catalogue": conversation.catalogue,
        "started": conversation.started.isoformat(),
        "turns": turns,
        "taste": [taste_entry(interest, catalogue) for interest in taste],
    }
    public: Json = _public(out)
    return public


def taste_json(taste: Iterable[Interest], catalogue: Items | None = None) -> list[Json]:
    """A taste for the world."""
    found: list[Json] = _public([taste_entry(interest, catalogue) for interest in taste])
    return found


def interest_id(interest: Interest) -> str:
    """Names an entry of a taste: the same for the same entry, whatever has become of its strength."""
    parts = (interest.kind, interest.value, interest.feeling, interest.hard, interest.bounds)
    return hashlib.blake2s(repr(parts).encode("utf-8", "replace"), digest_size=8).hexdigest()


def taste_entry(interest: Interest, catalogue: Items | None = None) -> Json:
    """One entry of the taste: what it is about, how it is felt, and the words that it came from."""
    item = {"item": interest.value} if interest.kind == "item" else {}
    return {
        "id": interest_id(interest),
        "subject": _subject(interest, catalogue),
        "kind": interest.kind,
        "feeling": interest.feeling,
        "strength": round(interest.strength, 2),
        "quote": interest.quote,
        "turn": interest.turn,
        "hard": interest.hard,
        **item,
    }


def item_json(item: Item) -> Json:
    """An item for the world."""
    public: Json = _public(_item(item))
    return public


def reason_json(reason: Reason, catalogue: Items | None = None) -> Json:
    """A reason for the world."""
    public: Json = _public(_reason(reason, catalogue))
    return public


def recommendations_json(entries: Iterable[Recommendation], catalogue: Items | None = None) -> list[Json]:
    """A list for the world."""
    found: list[Json] = _public([_recommendation(entry, catalogue) for entry in entries])
    return found


def _item(item: Item) -> Json:
    shown: Json = {"id": item.id, "title": item.title, "facts": dict(item.facts)}
    if item.text:
        shown["text"] = item.text
    for name, address in (("image", item.image), ("url", item.url)):
        # A catalogue comes from anywhere: an address such as javascript:… must not become a link.
        if address and address.lower().startswith(("http://", "https://")):
            shown[name] = address
    return shown


def _recommendation(entry: Recommendation, catalogue: Items | None) -> Json:
    reasons = [_reason(reason, catalogue) for reason in entry.reasons]
    return {"item": _item(entry.item), "score": entry.score, "reasons": reasons}


def _reason(reason: Reason, catalogue: Items | None) -> Json:
    met = reason.interest
    interest = {
        "subject": _subject(met, catalogue),
        "kind": met.kind,
        "quote": met.quote,
        "turn": met.turn,
    }
    out: Json = {
        "text": reason.text,
        "interest": interest,
        "fact": {"facet": reason.fact.facet, "value": reason.fact.value},
    }
    if reason.against:
        out["against"] = True
    return out


def _subject(interest: Interest, catalogue: Items | None) -> str:
    """For people; a click names only the item's id."""
    if interest.subject or interest.kind != "item" or catalogue is None:
        return interest.subject or interest.value
    item = catalogue.get(interest.value)
    return item.title if item else interest.value


def _public(value: Any) -> Any:
    """Any value as JSON that every reader takes: tuples as lists, no lone surrogates, no NaN, no infinity."""
    if isinstance(value, str):
        return repaired(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {repaired(key): _public(entry) for key, entry in value.items()}
    return [_public(entry) for entry in value] if isinstance(value, list | tuple) else value


# ---------------------------------------------------------------- what is kept


def encode_turn(turn: Turn) -> str:
    """The turn as ASCII JSON, fit for any text column."""
    return _dumps(turn)


def decode_turn(payload: str) -> Turn:
    """The turn of a payload. Fields that an older payload lacks take their defaults, unknown ones are passed
    over. Raises `ValueError` for anything that is not a turn."""
    turn: Turn = _adapter(Turn).validate_python(json.loads(payload))
    reply = _frozen(turn.reply) if turn.reply else None
    return replace(turn, reply=reply, timings=MappingProxyType(dict(turn.timings)))


def encode_reply(reply: Reply) -> str:
    """The reply alone: stores keep it apart, since reading a taste needs the turns without their replies."""
    return _dumps(reply)


def decode_reply(payload: str) -> Reply:
    """The reply of a payload, as forgiving as `decode_turn`. Raises `ValueError`."""
    return _frozen(_adapter(Reply).validate_python(json.loads(payload)))


def encode_conversation(conversation: Conversation) -> str:
    """The conversation with all its turns as ASCII JSON."""
    return _dumps(conversation)


def decode_conversation(payload: str) -> Conversation:
    """The conversation of a payload, as forgiving as `decode_turn`. Raises `ValueError`."""
    record = json.loads(payload)
    if not isinstance(record, dict):
        raise ValueError(f"expected the JSON object of a conversation, found {type(record).__name__}")
    turns = tuple(decode_turn(json.dumps(turn)) for turn in record.pop("turns", []))
    conversation: Conversation = _adapter(Conversation).validate_python(record)
    return replace(conversation, turns=turns)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)  # building one takes milliseconds, using it microseconds


def _dumps(value: object) -> str:
    return json.dumps(_plain(value), ensure_ascii=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    # By hand: pydantic doesn't serialise a MappingProxyType, and dataclasses.asdict can't copy one.
    if isinstance(value, str):
        return repaired(value)
    if is_dataclass(value):
        return {entry.name: _plain(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, Mapping):
        return {repaired(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(entry) for entry in value]
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    return value


def _frozen(reply: Reply) -> Reply:
    """The reply with its items' facts read-only again, as the catalogue gives them."""
    entries = tuple(
        replace(entry, item=replace(entry.item, facts=MappingProxyType(dict(entry.item.facts))))
        for entry in reply.recommendations
    )
    return replace(reply, recommendations=entries)
