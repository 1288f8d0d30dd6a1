"""What people say, with what it means: a message over an invented catalogue and the reading of it.

Every act, critique and reversal has its own maker below; asides, openers and closers go around any of them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from finetune.talk.patterns import says
from finetune.talk.slips import finished, typed
from finetune.talk.wishes import Piece, Wish, choose_wishes, make_wish, noun_phrase
from finetune.talk.world import Thing, World, make_thing

_COUNTS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
_PLACES = ("first", "second", "third", "fourth", "fifth")
_HOLE = re.compile(r"\{(\w+)\}")


@dataclass
class Said:
    """A message: its pieces and what it means, quotes not yet in. `wishes` are kept for the reply."""

    act: str
    pieces: list[Piece]
    interests: list[dict[str, Any]] = field(default_factory=list)
    mentions: list[dict[str, Any]] = field(default_factory=list)
    retractions: list[dict[str, Any]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)
    wishes: list[Wish] = field(default_factory=list)
    dislikes: list[str] = field(default_factory=list)
    judged: list[dict[str, Any]] = field(default_factory=list)  # labels that the one mention stands for
    kind: str = ""


@dataclass(frozen=True)
class Message:
    """A finished message with its reading, as a model should write it."""

    text: str
    reading: dict[str, Any]
    said: Said


@dataclass(frozen=True)
class Scene:
    """Where a message is said: a catalogue and the list on the table."""

    world: World
    shown: tuple[Thing, ...]


def make_scene(rng: random.Random, world: World, listed: float = 0.5) -> Scene:
    """A scene, with a list on the table in a share of `listed` of the cases."""
    count = rng.randint(1, 5) if rng.random() < listed else 0
    return Scene(world, tuple(make_thing(rng, world) for _ in range(count)))


def make_message(rng: random.Random, scene: Scene, act: str | None = None) -> Message:
    """A message and its reading; `act` is a key of `MAKERS`, drawn by weight where it isn't given."""
    names = [name for name in MAKERS if scene.shown or name not in _NEED_LIST]
    name = act or rng.choices(names, weights=[MAKERS[one][0] for one in names])[0]
    said = MAKERS[name][1](rng, scene)
    said.kind = name
    pieces = typed(rng, _around(rng, said))
    text, places = finished(pieces)
    for label, words in places:
        label["quote"] = words.strip(" .,!?") or words
    for label in said.judged:
        label["quote"] = said.mentions[0]["quote"]
    order = {id(label): place for place, (label, _) in enumerate(places)}
    said.interests.sort(key=lambda label: order.get(id(label), -1))
    said.mentions.sort(key=lambda label: order.get(id(label), -1))
    return Message(text, _reading(said), said)


def _reading(said: Said) -> dict[str, Any]:
    reading: dict[str, Any] = {"act": said.act}
    for name, parts in (
        ("interests", said.interests),
        ("mentions", said.mentions),
        ("retractions", said.retractions),
    ):
        kept = [part for part in parts if part.get("quote")]
        if kept:
            reading[name] = kept
    order = ("asked", "asked_value", "count", "replaces", "open", "fresh")
    reading.update({name: said.more[name] for name in order if said.more.get(name)})
    return reading


# --- filling patterns ---------------------------------------------------------------------------------------


def _filled(pattern: str, values: Mapping[str, Sequence[Piece] | str]) -> list[Piece]:
    pieces: list[Piece] = []
    start = 0
    for match in _HOLE.finditer(pattern):
        pieces.append((pattern[start : match.start()], None))
        value = values.get(match.group(1), "")
        pieces += [(value, None)] if isinstance(value, str) else list(value)
        start = match.end()
    pieces.append((pattern[start:], None))
    pieces = [piece for piece in pieces if piece[0]]
    if pieces and pattern.startswith("{") and pattern.rstrip()[-1:] in ".!?":
        text, label = pieces[0]
        pieces[0] = (text[:1].upper() + text[1:], label)
    return pieces


def _pick(rng: random.Random, name: str, scene: Scene, **values: Sequence[Piece] | str) -> list[Piece]:
    world = scene.world
    common: dict[str, Sequence[Piece] | str] = {
        "noun": world.noun,
        "nouns": world.nouns,
        "do": world.domain.verb,
        "seen": rng.choice(world.domain.seen),
        "when": rng.choice(world.domain.occasions if rng.random() < 0.8 else world.domain.company),
        **values,
    }
    patterns = says()[name]
    for _ in range(20):
        pattern = rng.choice(patterns)
        if set(_HOLE.findall(pattern)) <= set(common):
            return _filled(pattern, common)
    raise KeyError(f"no pattern of {name} can be filled with {sorted(common)}")


def _around(rng: random.Random, said: Said) -> list[Piece]:
    """The message with what people put around it."""
    pieces = list(said.pieces)
    lists = says()
    if said.act in ("greet", "thanks", "bye", "agree", "refuse", "offtopic", "help") and rng.random() < 0.85:
        return pieces
    draw = rng.random()
    if draw < 0.16:
        opener = rng.choice(lists["openers"])
        pieces = [
            (opener + ("" if opener[-1:] in ".!?," or rng.random() < 0.5 else ",") + " ", None),
            *pieces,
        ]
    elif draw < 0.28:
        aside = rng.choice(lists["asides"])
        joint = "" if aside[-1:] in ".!?," else rng.choice((". ", ", ", " - ", "... ", " "))
        pieces = [(aside + (joint or " "), None), *pieces]
    if rng.random() < 0.12:
        last = pieces[-1][0].rstrip()[-1:]
        joint = " " if last in ".!?" else rng.choice((", ", " ", ". "))
        tail = rng.choice(lists["closers"] if rng.random() < 0.75 else lists["asides"])
        pieces.append((joint + tail, None))
    return pieces


def _want(
    rng: random.Random, scene: Scene, most: int = 3, *, plural: bool = False
) -> tuple[list[Piece], list[Wish], list[dict[str, Any]]]:
    wishes = choose_wishes(rng, scene.world, most)
    labels = [wish.label() for wish in wishes]
    world = scene.world
    return noun_phrase(rng, wishes, world.noun, world.nouns, plural=plural, labels=labels), wishes, labels


def _mass(
    rng: random.Random, scene: Scene, feeling: str, hard: bool = False
) -> tuple[list[Piece], Wish, dict[str, Any]] | None:
    """A plural or mass noun phrase of one wish: “westerns”, “bleak films”, a maker's name."""
    traits = [trait for trait in scene.world.traits if trait.aspect.kind != "number"]
    for _ in range(8):
        wish = make_wish(rng, rng.choice(traits))
        if wish is None:
            continue
        label = wish.label(feeling, hard)
        if wish.trait.aspect.kind in ("person", "topic") and rng.random() < 0.6:
            return (
                [(wish.subject, label)],
                wish,
                label,
            )
        return (
            noun_phrase(rng, [wish], scene.world.noun, scene.world.nouns, plural=True, labels=[label]),
            wish,
            label,
        )
    return None


def _adjective(rng: random.Random, scene: Scene) -> Wish | None:
    traits = [trait for trait in scene.world.traits if trait.aspect.kind in ("adjective", "level")]
    for _ in range(8):
        if not traits:
            return None
        wish = make_wish(rng, rng.choice(traits))
        if wish is not None and wish.place == "before":
            return wish
    return None


def _pointed(
    rng: random.Random, scene: Scene, besides: int | None = None
) -> tuple[list[Piece], int, dict[str, Any]]:
    """A listed item pointed at, its index, and the mention."""
    places = [place for place in range(len(scene.shown)) if place != besides]
    place = rng.choice(places)
    title = scene.shown[place].title
    forms = [
        f"the {_PLACES[place]} one",
        f"the {_PLACES[place]}",
        f"number {_COUNTS.get(place + 1, 'one')}",
        f"number {place + 1}",
        f"#{place + 1}",
        title,
        title,
    ]
    if title.startswith("The ") and len(title) > 6:
        forms.append(title[4:])
    if place == len(scene.shown) - 1 and place:
        forms += ["the last one", "the last"]
    if len(scene.shown) == 1:
        forms = ["it", "that", "that one", "this one", title, title]
    mention: dict[str, Any] = {"number": place + 1, "quote": ""}
    return [(rng.choice(forms), mention)], place, mention


# --- the makers ---------------------------------------------------------------------------------------------


def _request(rng: random.Random, scene: Scene) -> Said:
    want, wishes, labels = _want(rng, scene)
    when = rng.random() < 0.3
    said = Said(
        "request", _pick(rng, "request_when" if when else "request", scene, want=want), labels, wishes=wishes
    )
    if rng.random() < 0.25:
        _add_dislike(rng, scene, said)
    if rng.random() < 0.15:
        extra = _adjective(rng, scene)
        if extra is not None and extra.trait not in [wish.trait for wish in wishes]:
            label = extra.label()
            said.pieces += [
                (rng.choice((". ", ", ", " - ")), None),
                *_pick(rng, "wish_add", scene, v=[(extra.words, label)]),
            ]
            said.interests.append(label)
            said.wishes.append(extra)
    return said


def _add_dislike(rng: random.Random, scene: Scene, said: Said) -> None:
    taken = {wish.trait.name for wish in said.wishes}
    if rng.random() < 0.5:
        found = _mass(rng, scene, "dislike", hard=True)
        if found is None or found[1].trait.name in taken and rng.random() < 0.7:
            return
        words, wish, label = found
        clause = _pick(rng, "must_not", scene, x=words)
    else:
        adjective = _adjective(rng, scene)
        if adjective is None or adjective.trait.name in taken and rng.random() < 0.5:
            return
        wish, label = adjective, adjective.label("dislike", hard=True)
        clause = _pick(rng, "must_not_adj", scene, v=[(adjective.words, label)])
    first = rng.random() < 0.2
    joint = rng.choice((". ", ", ", " but ", ", but ", ". ", "; "))
    if first:
        said.pieces = [*clause, (rng.choice((". ", ", ", "; ")), None), *said.pieces]
    else:
        said.pieces = [*said.pieces, (joint, None), *clause]
    said.interests.append(label)
    said.dislikes.append(wish.phrase)


def _request_plain(rng: random.Random, scene: Scene) -> Said:
    return Said("request", _pick(rng, "request_plain", scene))


def _request_count(rng: random.Random, scene: Scene) -> Said:
    want, wishes, labels = _want(rng, scene, 2, plural=True)
    count = rng.choice(list(_COUNTS))
    word = _COUNTS[count] if rng.random() < 0.7 else str(count)
    pieces = _pick(rng, "request_count", scene, wants=want, count=word)
    used = any(label is not None for _, label in pieces)
    return Said(
        "request", pieces, labels if used else [], more={"count": count}, wishes=wishes if used else []
    )


def _alternatives(rng: random.Random, scene: Scene) -> Said:
    first, second = choose_wishes(rng, scene.world, 1), choose_wishes(rng, scene.world, 1)
    labels = [wish.label(group="a") for wish in (*first, *second)]
    world = scene.world
    left = noun_phrase(rng, first, world.noun, world.nouns, labels=labels[: len(first)])
    right = noun_phrase(rng, second, world.noun, world.nouns, labels=labels[len(first) :])
    return Said(
        "request", _pick(rng, "alternatives", scene, want=left, want2=right), labels, wishes=[*first, *second]
    )


def _wish_add(rng: random.Random, scene: Scene) -> Said:
    wish = _adjective(rng, scene)
    if wish is None:
        return _request(rng, scene)
    label = wish.label()
    return Said("request", _pick(rng, "wish_add", scene, v=[(wish.words, label)]), [label], wishes=[wish])


def _only_dislike(rng: random.Random, scene: Scene) -> Said:
    said = Said("inform", [])
    for _ in range(6):
        _add_dislike(rng, scene, said)
        if said.interests:
            break
    else:
        return _inform_dislike(rng, scene)
    said.pieces = [
        piece for piece in said.pieces if piece[0].strip() not in ("", ".", ",", ";", "but", ", but")
    ]
    return said


def _replace(rng: random.Random, scene: Scene) -> Said:
    want, wishes, labels = _want(rng, scene, 2)
    return Said(
        "request", _pick(rng, "replace", scene, want=want), labels, more={"replaces": True}, wishes=wishes
    )


def _fresh(rng: random.Random, scene: Scene) -> Said:
    return Said("request", _pick(rng, "fresh", scene), more={"fresh": True})


def _open(rng: random.Random, scene: Scene) -> Said:
    return Said("request", _pick(rng, "open", scene), more={"open": True})


def _critique(more: bool) -> Callable[[random.Random, Scene], Said]:
    def make(rng: random.Random, scene: Scene) -> Said:
        feeling = "like" if more else "dislike"
        numbers = [trait for trait in scene.world.traits if trait.aspect["more" if more else "less"]]
        if numbers and rng.random() < 0.35:
            trait = rng.choice(numbers)
            words = rng.choice(trait.aspect["more" if more else "less"])
            label = {"subject": words, "kind": trait.name, "feeling": "like", "quote": ""}
            lead = rng.choice(("", "", "could it be ", "I'd like it ", "maybe ")) if " " not in words else ""
            return Said("request", [(lead, None), (words, label)], [label])
        wish = _adjective(rng, scene)
        if wish is None:
            return _fresh(rng, scene)
        label = wish.label(feeling)
        return Said(
            "request",
            _pick(rng, "more" if more else "less", scene, v=[(wish.words, label)]),
            [label],
            dislikes=[] if more else [wish.words],
            wishes=[wish] if more else [],
        )

    return make


def _inform_like(rng: random.Random, scene: Scene) -> Said:
    found = _mass(rng, scene, "like")
    if found is None or rng.random() < 0.35:
        return _inform_title(rng, scene, "like", "inform_like_title")
    words, wish, label = found
    return Said("inform", _pick(rng, "inform_like", scene, x=words), [label], wishes=[wish])


def _inform_dislike(rng: random.Random, scene: Scene) -> Said:
    found = _mass(rng, scene, "dislike")
    if found is None or rng.random() < 0.3:
        return _inform_title(rng, scene, "dislike", "inform_dislike_title")
    words, wish, label = found
    return Said("inform", _pick(rng, "inform_dislike", scene, x=words), [label], dislikes=[wish.phrase])


def _mixed(rng: random.Random, scene: Scene) -> Said:
    like, dislike = _mass(rng, scene, "like"), _mass(rng, scene, "dislike")
    if like is None or dislike is None or like[1].subject == dislike[1].subject:
        return _inform_like(rng, scene)
    pieces = _pick(rng, "mixed", scene, x=like[0], y=dislike[0])
    return Said("inform", pieces, [like[2], dislike[2]], wishes=[like[1]], dislikes=[dislike[1].phrase])


def _inform_title(rng: random.Random, scene: Scene, feeling: str, name: str) -> Said:
    title = make_thing(rng, scene.world).title
    label = {"subject": title, "kind": "item", "feeling": feeling, "quote": ""}
    act = "request" if name == "like_title_more" else "inform"
    return Said(act, _pick(rng, name, scene, title=[(title, label)]), [label])


def _like_title_more(rng: random.Random, scene: Scene) -> Said:
    said = _inform_title(rng, scene, "like", "like_title_more")
    if rng.random() < 0.3:
        _add_dislike(rng, scene, said)
    return said


def _seen_title(rng: random.Random, scene: Scene) -> Said:
    return _inform_title(rng, scene, "seen", "seen_title")


def _judged(name: str, *feelings: str) -> Callable[[random.Random, Scene], Said]:
    def make(rng: random.Random, scene: Scene) -> Said:
        words, place, mention = _pointed(rng, scene)
        title = scene.shown[place].title
        labels = [{"subject": title, "kind": "item", "feeling": feeling, "quote": ""} for feeling in feelings]
        pieces = _pick(rng, name, scene, ref=words)
        said = Said("feedback", pieces, [*labels], [mention], judged=labels)
        if rng.random() < 0.2 and name != "like_ref":
            more = _request(rng, scene)
            said.pieces += [(rng.choice((". ", ", ", " - ")), None), *more.pieces]
            said.interests += more.interests
            said.wishes += more.wishes
            said.dislikes += more.dislikes
        return said

    return make


def _forget(rng: random.Random, scene: Scene) -> Said:
    found = _mass(rng, scene, "like")
    if found is None:
        return _forget_all(rng, scene)
    words, wish, _ = found
    gone = {"kind": wish.trait.name, "value": wish.subject, "quote": ""}
    words = [(text, gone if label is not None else None) for text, label in words]
    return Said("request", _pick(rng, "forget", scene, x=words), retractions=[gone])


def _forget_all(rng: random.Random, scene: Scene) -> Said:
    gone = {"kind": "", "value": "", "quote": ""}
    return Said("taste", [(text, gone) for text, _ in _pick(rng, "forget_all", scene)], retractions=[gone])


def _about(act: str, name: str) -> Callable[[random.Random, Scene], Said]:
    def make(rng: random.Random, scene: Scene) -> Said:
        words, place, mention = _pointed(rng, scene)
        if name.startswith("compare"):
            if len(scene.shown) < 2:
                return _about("describe", "describe")(rng, scene)
            other, _, second = _pointed(rng, scene, besides=place)
            more = {}
            values: dict[str, Any] = {"ref": words, "ref2": other}
            if name == "compare_by":
                trait = rng.choice(scene.world.traits)
                values["label"] = trait.label
                more = {"asked": trait.name}
            return Said(act, _pick(rng, name, scene, **values), mentions=[mention, second], more=more)
        return Said(act, _pick(rng, name, scene, ref=words), mentions=[mention])

    return make


def _question(rng: random.Random, scene: Scene) -> Said:
    words, _, mention = _pointed(rng, scene)
    if rng.random() < 0.35:
        wish = _adjective(rng, scene)
        if wish is not None:
            asked = {"asked": wish.trait.name, "asked_value": wish.subject}
            return Said(
                "question",
                _pick(rng, "question_is", scene, ref=words, v=wish.words),
                mentions=[mention],
                more=asked,
            )
    trait = rng.choice(scene.world.traits)
    plain = [pattern for pattern in trait.aspect["asks"] if "{v}" not in pattern]
    if plain and rng.random() < 0.6 and trait.label in trait.aspect.labels:
        pieces = _filled(rng.choice(plain), {"it": words, "noun": scene.world.noun})
    else:
        pieces = _pick(rng, "question", scene, ref=words, label=trait.label)
    return Said("question", pieces, mentions=[mention], more={"asked": trait.name})


def _simple(act: str) -> Callable[[random.Random, Scene], Said]:
    return lambda rng, scene: Said(act, _pick(rng, act, scene))


def _thanks_and_more(rng: random.Random, scene: Scene) -> Said:
    """Small words before a request don't make it small talk."""
    said = _request(rng, scene)
    lead = _pick(rng, rng.choice(("greet", "thanks", "agree", "chat")), scene)
    joint = " " if lead[-1][0].rstrip()[-1:] in ".!?" else rng.choice((". ", ", ", "! "))
    said.pieces = [*lead, (joint, None), *said.pieces]
    return said


#: How often each comes up, and who makes it.
MAKERS: Mapping[str, tuple[float, Callable[[random.Random, Scene], Said]]] = {
    "request": (14, _request),
    "request_plain": (2.5, _request_plain),
    "request_count": (2, _request_count),
    "alternatives": (2, _alternatives),
    "wish_add": (2, _wish_add),
    "only_dislike": (3, _only_dislike),
    "replace": (2.5, _replace),
    "fresh": (2.5, _fresh),
    "open": (2, _open),
    "less": (2.5, _critique(False)),
    "more": (2, _critique(True)),
    "inform_like": (5, _inform_like),
    "inform_dislike": (4, _inform_dislike),
    "mixed": (3, _mixed),
    "like_title_more": (3, _like_title_more),
    "seen_title": (2, _seen_title),
    "like_ref": (3, _judged("like_ref", "like")),
    "dislike_ref": (3, _judged("dislike_ref", "dislike")),
    "seen_ref": (2.5, _judged("seen_ref", "seen")),
    "seen_liked": (1.5, _judged("seen_ref_liked", "seen", "like")),
    "seen_disliked": (1.5, _judged("seen_ref_disliked", "seen", "dislike")),
    "forget": (1.5, _forget),
    "forget_all": (1, _forget_all),
    "describe": (2.5, _about("describe", "describe")),
    "explain": (1.5, _about("explain", "explain")),
    "compare": (1.5, _about("compare", "compare")),
    "compare_by": (1, _about("compare", "compare_by")),
    "question": (4, _question),
    "taste": (1.2, _simple("taste")),
    "greet": (1.5, _simple("greet")),
    "thanks": (1.5, _simple("thanks")),
    "bye": (1.2, _simple("bye")),
    "agree": (2, _simple("agree")),
    "refuse": (2, _simple("refuse")),
    "help": (1.2, _simple("help")),
    "chat": (2.5, _simple("chat")),
    "offtopic": (2.5, _simple("offtopic")),
    "and_more": (1.5, _thanks_and_more),
}
_NEED_LIST = {
    "like_ref", "dislike_ref", "seen_ref", "seen_liked", "seen_disliked", "describe", "explain", "compare",
    "compare_by", "question", "less", "more", "fresh",
}  # fmt: skip
