"""How a recommender words what was decided: a short brief and the reply to it, names and numbers as slots.

A reply says nothing that its brief doesn't hold, so a model that is trained on them learns to do the same.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from finetune.talk.messages import Message, Scene
from finetune.talk.patterns import replies
from finetune.talk.wishes import Wish, article, make_wish
from finetune.talk.world import Thing, Trait, World, make_thing
from prompts.short import LINES, SAYS, Entry, Part, ShortBrief, Stated, Tie, letters, plain, values_of
from prompts.write import Task

_HOLE = re.compile(r"\{(\w+)\}")
_QUOTED = re.compile(r"“([^”]*)”")
#: Predicates for facts whose label tells nothing of how people say them.
_PLAIN = (
    "has {v} under {l}", "is listed with {v} under {l}", "gives {v} as its {l}", "comes with {v} as its {l}",
    "is down as {v} for {l}",
)  # fmt: skip

#: What the values of a facet are in a sentence.
_PARTS: Mapping[str, Part] = {
    "adjective": "adjective", "kind": "kind", "topic": "topic", "person": "name", "number": "number",
}  # fmt: skip


@dataclass(frozen=True)
class Written:
    """A brief and the reply to it, slots in place."""

    brief: ShortBrief
    reply: str


@dataclass
class _One:
    """An item on its way into a reply: what may be said of it, each fact once."""

    thing: Thing
    number: int
    traits: dict[str, Trait]
    ties: list[tuple[Wish | None, Tie]]
    facts: list[tuple[Trait, Stated]]
    letters: dict[str, str]
    used: set[int]
    noun: str

    @property
    def slot(self) -> str:
        return f"[{self.number}]"

    def values(self, fact: Stated) -> list[str]:
        """The slots of a fact's values, as far as there are letters."""
        found = (self.letters.get(plain(value)) for value in values_of(fact))
        return [f"[{self.number}{letter}]" for letter in found if letter]

    def said(self, fact: Stated) -> str:
        """The slots of all its values."""
        return _listed(self.values(fact))


def make_reply(rng: random.Random, scene: Scene, message: Message) -> Written | None:
    """The reply to a message; `None` where there is none to be worded from patterns."""
    said = message.said
    if said.act == "offtopic":
        return _only(scene, "decline", "offtopic", _pick(rng, "decline", "plain", scene.world))
    if said.kind in ("describe", "question", "compare", "compare_by", "explain"):
        maker = {"describe": _describe, "question": _answer, "explain": _explain}.get(said.kind, _compare)
        return maker(rng, scene, message)
    if said.act in ("greet", "thanks", "bye", "chat", "help", "agree", "refuse"):
        return _only(scene, "converse", said.act, _pick(rng, "converse", said.act, scene.world))
    if said.kind in ("forget", "forget_all"):
        return None
    if said.act == "taste":
        return _taste(rng, scene)
    if said.act == "inform" and rng.random() < 0.35:
        return _noted(rng, scene, message)
    if said.kind in ("request_plain", "open", "inform_like") and rng.random() < 0.3:
        return _ask(rng, scene, message)
    return _recommend(rng, scene, message)


def _only(scene: Scene, move: Task, act: str, text: str) -> Written:
    return Written(_brief(scene, move, act), _capital(text))


def _brief(scene: Scene, move: Task, act: str, **more: object) -> ShortBrief:
    world = scene.world
    made = ShortBrief(move, act, world.noun, world.nouns, world.domain.verb)  # type: ignore[arg-type]
    return replace(made, **more)  # type: ignore[arg-type]


# --- lists --------------------------------------------------------------------------------------------------


def _recommend(rng: random.Random, scene: Scene, message: Message) -> Written:
    world, said = scene.world, message.said
    wishes = [wish for wish in said.wishes if wish.trait in world.traits][:3]
    liked = [
        one["subject"]
        for one in message.reading.get("interests", ())
        if one["kind"] == "item" and one["feeling"] == "like"
    ]
    if not liked and rng.random() < 0.08:
        liked = [make_thing(rng, world).title]
    earlier = [] if wishes or rng.random() < 0.4 else [wish for wish in (_any_wish(rng, world),) if wish]
    free = ""
    if not liked and rng.random() < 0.15:
        topic = next((trait for trait in world.traits if trait.aspect.kind == "topic"), None)
        found = make_wish(rng, topic) if topic else None
        free = found.words if found else ""
    items = [
        _item(rng, world, number, wishes or earlier, liked, lacking=rng.random() < 0.12, free=free)
        for number in range(1, rng.choices((1, 2, 3, 4, 5), weights=(10, 12, 30, 40, 8))[0] + 1)
    ]
    brief = _brief(
        scene,
        "recommend",
        said.act,
        entries=tuple(_entry(item) for item in items),
        likes=tuple(_liked(wish) for wish in [*wishes, *earlier]),
        dislikes=tuple(said.dislikes),
        titles=tuple(liked[:1]),
    )
    _with_letters(items, brief)
    opening = _opening(rng, scene, message, wishes, liked)
    text = " ".join(
        part for part in (opening, *_sentences(rng, world, items, opening), _closing(rng, world)) if part
    )
    return Written(brief, _tidy(text))


def _liked(wish: Wish) -> str:
    return wish.phrase.replace("anything ", "something ", 1)


def _any_wish(rng: random.Random, world: World) -> Wish | None:
    traits = [trait for trait in world.traits if trait.aspect.kind in ("adjective", "kind", "topic")]
    return make_wish(rng, rng.choice(traits)) if traits else None


def _item(
    rng: random.Random,
    world: World,
    number: int,
    wishes: Sequence[Wish],
    liked: Sequence[str],
    *,
    lacking: bool,
    free: str = "",
) -> _One:
    thing = make_thing(rng, world)
    ties: list[tuple[Wish | None, Tie]] = []
    for wish in wishes:
        if (
            lacking
            and len(wishes) > 1
            and not any(tie.lacking for _, tie in ties)
            and wish.low is None
            and wish.high is None
        ):
            held = _value(world, wish.trait, thing)
            if wish.subject not in held:
                ties.append(
                    (
                        wish,
                        Tie(wish.words, Stated(wish.trait.label, held, part=_part(wish.trait)), lacking=True),
                    )
                )
            continue
        thing.values[wish.trait.name] = _meeting(rng, wish, thing)
        if "year" in wish.trait.aspect.names:
            thing = replace(thing, year=int(thing.values[wish.trait.name][0]))
        ties.append((wish, Tie(wish.words, _stated(world, wish.trait, thing, wish.subject))))
    if liked:
        shared = _shared(rng, world, thing)
        if shared:
            ties.append((None, Tie(liked[0], Stated("", shared, part="topic"), like=0)))
    ties.sort(key=lambda pair: pair[1].lacking)
    taken = {wish.trait.name for wish, _ in ties if wish is not None}
    others = [trait for trait in world.traits if trait.name not in taken and thing.values.get(trait.name)]
    rng.shuffle(others)
    others.sort(key=lambda trait: trait.aspect.kind not in ("kind", "topic", "adjective"))
    facts = [(trait, _stated(world, trait, thing)) for trait in others[: rng.randint(2, 5)]]
    if free:
        ties.insert(0, (None, Tie(free, Stated(SAYS, thing.passage, True))))
    return _One(
        thing, number, {trait.name: trait for trait in world.traits}, ties, facts, {}, set(), world.noun
    )


def _entry(item: _One) -> Entry:
    year = item.thing.year if item.thing.year is not None else None
    return Entry(
        item.thing.title, year, tuple(tie for _, tie in item.ties), tuple(fact for _, fact in item.facts)
    )


def _meeting(rng: random.Random, wish: Wish, thing: Thing) -> tuple[str | float, ...]:
    """Values that meet the wish."""
    held = thing.values.get(wish.trait.name, ())
    if wish.trait.aspect.kind != "number":
        return (wish.subject, *(value for value in held[:1] if value != wish.subject and rng.random() < 0.5))
    low = wish.low if wish.low is not None else wish.trait.aspect.low
    high = wish.high if wish.high is not None else wish.trait.aspect.high
    number = low + (max(high, low) - low) * (rng.random() ** 0.5)
    step = wish.trait.aspect.step
    return (int(number) if step >= 1 else round(number, 2),)


def _value(world: World, trait: Trait, thing: Thing) -> str:
    values = thing.values.get(trait.name, ())
    if trait.aspect.kind == "number" and values:
        return trait.aspect.said.replace(
            "{n}", f"{values[0]:g}" if isinstance(values[0], float) else str(values[0])
        )
    names = [_named(world, trait, str(value)) for value in values]
    return _listed(names) if trait.exact and names else ", ".join(names)


def _named(world: World, trait: Trait, value: str) -> str:
    """A value as it stands in a sentence: a kind that is no noun takes the catalogue's."""
    if trait.aspect.kind == "kind" and not _is_noun(trait, value):
        return f"{value} {world.noun}"
    return value


def _stated(world: World, trait: Trait, thing: Thing, first: str = "") -> Stated:
    if first and trait.aspect.kind not in ("number", "person"):
        return Stated(trait.label, _named(world, trait, first), part=_part(trait))
    return Stated(trait.label, _value(world, trait, thing), trait.exact, _part(trait))


def _part(trait: Trait) -> Part:
    return _PARTS.get(trait.aspect.kind, "other")


def _shared(rng: random.Random, world: World, thing: Thing) -> str:
    values = [
        str(value)
        for trait in world.traits
        if trait.aspect.kind == "topic"
        for value in thing.values.get(trait.name, ())
    ]
    moods = [
        f"{article(str(value))} {value} {trait.label}"
        for trait in world.traits
        if trait.aspect.kind == "adjective"
        for value in thing.values.get(trait.name, ())[:1]
    ]
    chosen = rng.sample(values, min(len(values), rng.randint(1, 3)))
    if moods and (not chosen or rng.random() < 0.25):
        chosen = [rng.choice(moods), *chosen[:2]]
    return ", ".join(chosen)


def _opening(
    rng: random.Random, scene: Scene, message: Message, wishes: Sequence[Wish], liked: Sequence[str]
) -> str:
    world, said = scene.world, message.said
    if rng.random() < 0.12:
        return ""
    options: list[tuple[str, dict[str, str]]] = [("plain", {})]
    if said.dislikes:
        words = said.dislikes[0]
        options = [("dislike", {"x": words})]
        if said.kind == "less":
            options = [("after_critique", {"v": words})]
    if said.kind.startswith("seen_"):
        options.append(("after_seen", {}))
    if said.kind == "dislike_ref":
        options.append(("after_no", {}))
    if said.kind in ("fresh", "open"):
        options = [(said.kind, {})]
    if liked and any(one["kind"] == "item" for one in said.interests):
        options = [("like_item", {"L": "[A]"})] * 3
    if len(wishes) > 1:
        options += [("wishes", {"wish": wishes[0].words, "wish2": wishes[1].words})] * 3
    if wishes:
        options += [("wish", {"wish": wishes[0].words})] * 3
    if said.kind == "inform_like" and said.interests and said.interests[0]["kind"] != "item":
        options = [
            ("after_taste", {"x": _liked(wishes[0]) if wishes else said.interests[0]["subject"]}),
            ("wish", {"wish": wishes[0].words if wishes else said.interests[0]["quote"]}),
        ]
    name, values = rng.choice(options)
    return _pick(rng, "opening", name, world, **values)


def _closing(rng: random.Random, world: World) -> str:
    return _pick(rng, "closing", "none", world) if rng.random() < 0.12 and replies().get("closing") else ""


def _sentences(rng: random.Random, world: World, items: Sequence[_One], opening: str) -> list[str]:
    out: list[str] = []
    quoted = set(_QUOTED.findall(opening))
    place = 0
    while place < len(items):
        item = items[place]
        rest = len(items) - place
        if (
            rest >= 2
            and place
            and rng.random() < 0.18
            and not any(tie.lacking for _, tie in (*item.ties, *items[place + 1].ties))
        ):
            other = items[place + 1]
            out.append(
                _pick(
                    rng,
                    "item",
                    "two",
                    world,
                    T=item.slot,
                    T2=other.slot,
                    **{"is": _predicate(rng, item), "is_b": _predicate(rng, other)},
                )
            )
            place += 2
            continue
        out.append(_sentence(rng, world, item, place, len(items), quoted))
        quoted |= set(_QUOTED.findall(out[-1]))
        place += 1
    return out


def _sentence(rng: random.Random, world: World, item: _One, place: int, count: int, quoted: set[str]) -> str:
    ties = [(wish, tie) for wish, tie in item.ties if not tie.lacking]
    lacks = [tie for _, tie in item.ties if tie.lacking]
    values = {"T": item.slot}
    chosen = (
        "only"
        if count == 1
        else "first"
        if place == 0
        else "last"
        if place == count - 1 and rng.random() < 0.7
        else "middle"
    )
    if ties and rng.random() < (0.8 if place == 0 else 0.5):
        wish, tie = rng.choice(ties)
        if tie.fact.label == SAYS:
            chosen = "passage_tie" if tie.words not in quoted or rng.random() < 0.3 else "passage"
            values |= {"wish": tie.words, "passage": item.said(tie.fact)}
        elif tie.like is not None:
            chosen = "like"
            values |= {"L": "[A]", "shared": item.said(tie.fact)}
        elif wish is not None:
            kind = wish.trait.aspect.kind
            odd = wish.trait.label not in wish.trait.aspect.labels
            if kind == "adjective" and rng.random() < 0.6:
                chosen = "adj"
                values["adj"] = item.values(tie.fact)[0]
            elif kind == "topic" and rng.random() < 0.6:
                chosen = "topic"
                values["topic"] = item.values(tie.fact)[0]
            elif kind == "kind" and wish.place == "head" and rng.random() < 0.6:
                chosen = "kind"
                values["kind"] = f"a {item.values(tie.fact)[0]}"
            elif kind == "person" and rng.random() < 0.6 and not odd:
                chosen = "by"
                values["by"] = item.said(tie.fact)
            elif wish.words not in quoted or rng.random() < 0.15:
                chosen = "wish_first" if place == 0 else "wish_any"
                values |= {"wish": wish.words, "is_wish": _states(rng, wish.trait, tie.fact, item)}
            if chosen in ("adj", "topic", "kind", "by", "wish_first", "wish_any"):
                item.used.add(id(tie.fact))
    text = _pick_for(rng, "item", chosen, world, item, values)
    if lacks and rng.random() < 0.85:
        extra = _pick_for(rng, "item", "lack", world, item, {"T": "it", "lack": lacks[0].words})
        text = f"{text} {_capital(extra)}"
    return text


def _listed(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} and {values[-1]}"


def _free(item: _One) -> list[tuple[Trait, Stated]]:
    pairs = [(wish.trait, tie.fact) for wish, tie in item.ties if wish is not None and not tie.lacking]
    return [
        (trait, fact)
        for trait, fact in (*pairs, *item.facts)
        if id(fact) not in item.used and item.values(fact)
    ]


def _predicate(rng: random.Random, item: _One) -> str:
    """Something true of the item that hasn't been said, or failing that anything."""
    free = _free(item)
    if not free:
        item.used.clear()
        free = _free(item)
    # What reads well comes first; a bare number only now and then.
    weights = [1.0 if trait.aspect.kind != "number" else 0.5 for trait, _ in free]
    trait, fact = rng.choices(free, weights=weights)[0]
    item.used.add(id(fact))
    return _states(rng, trait, fact, item)


def _states(rng: random.Random, trait: Trait, fact: Stated, item: _One) -> str:
    values = item.values(fact)
    said = _some(rng, values)
    patterns = trait.aspect["says"]
    if not patterns or trait.label not in trait.aspect.labels:
        return rng.choice(_PLAIN).replace("{v}", said).replace("{l}", trait.label)
    if trait.aspect.kind == "kind":
        said = values[0]
    return rng.choice(patterns).replace("{v}", said).replace("{n}", said).replace("{a}", "a")


def _is_noun(trait: Trait, value: str) -> bool:
    return any(full.split("|")[0] == value and "|" in full for full in trait.aspect.values)


def _some(rng: random.Random, values: Sequence[str]) -> str:
    if len(values) == 1:
        return values[0]
    return _listed(values[:2]) if rng.random() < 0.6 else rng.choice(values)


def _described(rng: random.Random, world: World, item: _One) -> str:
    """A noun phrase of one to three facts that haven't been said: “a slow-burning thriller about grief”."""
    free = _free(item)
    rng.shuffle(free)
    before = head = after = ""
    for trait, fact in free:
        kind = trait.aspect.kind
        odd = trait.label not in trait.aspect.labels
        if odd:
            continue
        if kind == "adjective" and not before and rng.random() < 0.7:
            values = item.values(fact)
            before = ", ".join(values[:2]) if len(values) > 1 and rng.random() < 0.4 else values[0]
        elif kind == "kind" and not head:
            head = item.values(fact)[0]
        elif kind == "topic" and not after and rng.random() < 0.8:
            after = rng.choice(trait.aspect["after"] or ("about {v}",))
            after = after.replace("{v}", _some(rng, item.values(fact)))
        elif kind in ("person", "place") and not after and rng.random() < 0.5:
            after = rng.choice(trait.aspect["after"] or ("by {v}",)).replace("{v}", item.values(fact)[0])
        else:
            continue
        item.used.add(id(fact))
        if before and head and after:
            break
    words = " ".join(part for part in (before, head or world.noun, after) if part)
    return f"{article(words)} {words}"


# --- one or two items ---------------------------------------------------------------------------------------


def _spoken_of(rng: random.Random, scene: Scene, message: Message) -> list[_One]:
    world = scene.world
    numbers = list(dict.fromkeys(one["number"] for one in message.reading.get("mentions", ())))[:2]
    items = []
    for number, place in enumerate(numbers, start=1):
        item = _item(rng, world, number, (), (), lacking=False)
        thing = scene.shown[place - 1]
        facts = [
            (trait, _stated(world, trait, thing)) for trait in world.traits if thing.values.get(trait.name)
        ]
        rng.shuffle(facts)
        items.append(replace_facts(item, thing, facts[: rng.randint(4, 6)]))
    return items


def replace_facts(item: _One, thing: Thing, facts: list[tuple[Trait, Stated]]) -> _One:
    """The item with another thing's facts."""
    return _One(thing, item.number, item.traits, [], facts, {}, set(), item.noun)


def _with_letters(items: Sequence[_One], brief: ShortBrief) -> None:
    for item in items:
        item.letters = letters(brief.entries[item.number - 1])


def _describe(rng: random.Random, scene: Scene, message: Message) -> Written | None:
    items = _spoken_of(rng, scene, message)[:1]
    if not items:
        return None
    passage = Stated(SAYS, items[0].thing.passage, True) if rng.random() < 0.75 else None
    # What the brief has no line for can't be said.
    items[0].facts = items[0].facts[: LINES if passage is None else LINES - 1]
    entry = _entry(items[0])
    if passage is not None:
        entry = replace(entry, facts=(passage, *entry.facts))
    brief = _brief(scene, "describe", message.said.act, entries=(entry,))
    _with_letters(items, brief)
    item, world = items[0], scene.world
    parts = [_pick_for(rng, "describe", "lead", world, item, {"T": item.slot})]
    for _ in range(2):
        if _free(item):
            parts.append(_pick_for(rng, "describe", "more", world, item, {"T": item.slot}))
    if passage is not None:
        quoted = _pick(rng, "describe", "passage", world, passage=item.said(passage))
        parts.insert(rng.choice((1, len(parts))), quoted)
        parts = parts[:3]
        if quoted not in parts:
            parts[-1] = quoted
    if rng.random() < 0.25:
        parts.append(_pick(rng, "describe", "end", world))
    return Written(brief, _tidy(" ".join(parts)))


def _answer(rng: random.Random, scene: Scene, message: Message) -> Written | None:
    items = _spoken_of(rng, scene, message)[:1]
    asked = message.reading.get("asked", "")
    trait = next((one for one in scene.world.traits if one.name == asked), None)
    if not items or trait is None:
        return None
    item, world = items[0], scene.world
    value = message.reading.get("asked_value", "")
    facts = [(one, fact) for one, fact in item.facts if one.name != asked][:3]
    known = bool(item.thing.values.get(asked)) and rng.random() < 0.85
    if value and rng.random() < 0.5 and known:
        item.thing.values[asked] = (value, *item.thing.values[asked][:1])
    if known:
        facts.insert(0, (trait, _stated(world, trait, item.thing)))
    item = replace_facts(item, item.thing, facts)
    brief = _brief(
        scene,
        "describe",
        "question",
        entries=(_entry(item),),
        asked=f"{trait.label}: {value}" if value else trait.label,
    )
    _with_letters([item], brief)
    if not known:
        name, values = "unknown", {"T": item.slot, "label": trait.label}
    elif value:
        held = [str(one) for one in item.thing.values[asked]]
        if value in held:
            name, values = "yes", {"T": item.slot, "v": value}
        else:
            fact = next(fact for one, fact in item.facts if one.name == asked)
            name, values = "no", {"T": item.slot, "v": value, "others": item.said(fact)}
    else:
        fact = next(fact for one, fact in item.facts if one.name == asked)
        name, values = "is", {"T": item.slot, "label": trait.label, "value": item.said(fact)}
    return Written(brief, _tidy(_pick(rng, "answer", name, world, **values)))


def _compare(rng: random.Random, scene: Scene, message: Message) -> Written | None:
    items = _spoken_of(rng, scene, message)
    if len(items) < 2:
        return None
    world = scene.world
    asked = message.reading.get("asked", "")
    trait = next((one for one in world.traits if one.name == asked), None)
    winner = None
    if trait is not None:
        for place, item in enumerate(items):
            facts = [(one, fact) for one, fact in item.facts if one.name != asked][:2]
            items[place] = replace_facts(
                item, item.thing, [(trait, _stated(world, trait, item.thing)), *facts]
            )
        if trait.aspect.kind == "number" and items[0].thing.values[asked] != items[1].thing.values[asked]:
            winner = rng.randrange(2)
    brief = _brief(
        scene, "compare", "compare", entries=tuple(_entry(item) for item in items),
        asked=trait.label if trait else "", winner=winner,
    )  # fmt: skip
    _with_letters(items, brief)
    if trait is not None:
        one, two = (items[winner], items[1 - winner]) if winner is not None else items
        first, second = one.facts[0][1], two.facts[0][1]
        if winner is not None:
            values = {
                "T": one.slot,
                "T2": two.slot,
                "label": trait.label,
                "value": one.said(first),
                "value2": two.said(second),
            }
            return Written(brief, _tidy(_pick(rng, "compare", "winner", world, **values)))
        values = {
            "T": one.slot,
            "T2": two.slot,
            "is": _states(rng, trait, first, one),
            "is_b": _states(rng, trait, second, two),
        }
        values |= {"is2": _predicate(rng, one), "is2_b": _predicate(rng, two)}
        return Written(brief, _tidy(_pick(rng, "compare", "differ", world, **values)))
    values = {"T": items[0].slot, "T2": items[1].slot}
    for item, names in zip(items, (("is", "is2"), ("is_b", "is2_b")), strict=True):
        values |= {name: _predicate(rng, item) for name in names}
    return Written(brief, _tidy(_pick(rng, "compare", "differ", world, **values)))


def _explain(rng: random.Random, scene: Scene, message: Message) -> Written | None:
    items = _spoken_of(rng, scene, message)[:1]
    world = scene.world
    wishes = [wish for wish in (_any_wish(rng, world), _any_wish(rng, world)) if wish is not None]
    if not items or not wishes:
        return None
    liked = [make_thing(rng, world).title] if rng.random() < 0.3 else []
    item = _item(rng, world, 1, wishes[:1], liked, lacking=False)
    item = _One(
        replace(item.thing, title=items[0].thing.title),
        1,
        item.traits,
        item.ties,
        item.facts[:2],
        {},
        set(),
        item.noun,
    )
    brief = _brief(scene, "describe", "explain", entries=(_entry(item),), titles=tuple(liked))
    _with_letters([item], brief)
    wish, tie = item.ties[0]
    if wish is None:
        return None
    parts = [_pick(rng, "explain", "lead", world, T=item.slot)]
    parts.append(
        _pick(
            rng,
            "explain",
            "because",
            world,
            wish=wish.words,
            is_wish=_states(rng, wish.trait, tie.fact, item),
        )
    )
    like = next((one for _, one in item.ties if one.like is not None), None)
    if like is not None:
        parts.append(_pick(rng, "explain", "like", world, L="[A]", shared=item.said(like.fact)))
    return Written(brief, _tidy(" ".join(parts)))


# --- no items -----------------------------------------------------------------------------------------------


def _taste(rng: random.Random, scene: Scene) -> Written:
    likes = [_liked(wish) for wish in (_any_wish(rng, scene.world) for _ in range(rng.randint(0, 3))) if wish]
    dislikes = [
        wish.phrase for wish in (_any_wish(rng, scene.world) for _ in range(rng.randint(0, 2))) if wish
    ]
    brief = _brief(scene, "converse", "taste", likes=tuple(likes), dislikes=tuple(dislikes))
    if not likes:
        dislikes = []
        brief = replace(brief, dislikes=())
    name = "taste_both" if likes and dislikes else "taste_like" if likes else "taste_none"
    values = {"x": _listed(likes) if likes else "", "y": _listed(dislikes) if dislikes else ""}
    return Written(brief, _tidy(_pick(rng, "converse", name, scene.world, **values)))


def _noted(rng: random.Random, scene: Scene, message: Message) -> Written:
    interests = message.reading.get("interests", ())
    if not interests:
        return _only(scene, "converse", "chat", _pick(rng, "converse", "chat", scene.world))
    likes = [_liked(wish) for wish in message.said.wishes]
    dislikes = list(message.said.dislikes)
    titles = [one["subject"] for one in interests if one["kind"] == "item"]
    brief = _brief(
        scene, "converse", "inform", likes=tuple(likes), dislikes=tuple(dislikes), titles=tuple(titles)
    )
    parts = []
    if likes or (titles and interests[0]["feeling"] == "like"):
        parts.append(_pick(rng, "converse", "noted_like", scene.world, x=_listed(likes) if likes else "[A]"))
    elif dislikes or titles:
        parts.append(
            _pick(rng, "converse", "noted_dislike", scene.world, y=_listed(dislikes) if dislikes else "[A]")
        )
    return Written(brief, _tidy(" ".join(_capital(part) for part in parts)))


def _ask(rng: random.Random, scene: Scene, message: Message) -> Written:
    world = scene.world
    traits = [trait for trait in world.traits if trait.aspect.kind in ("kind", "adjective", "topic")]
    trait = rng.choice(traits)
    options = [value.split("|")[0] for value in rng.sample(trait.aspect.values, rng.randint(2, 3))]
    question = rng.choice(
        (
            f"What are you in the mood for: {', '.join(options)}?",
            f"Which {trait.label} would suit you: {', '.join(options[:-1])} or {options[-1]}?",
            f"Something {options[0]}, or rather {options[-1]}?"
            if trait.aspect.kind == "adjective"
            else f"Any {trait.label} in mind: {', '.join(options)}?",
        )
    )
    wishes = message.said.wishes
    brief = _brief(
        scene, "ask", message.said.act, question=question, likes=tuple(_liked(wish) for wish in wishes)
    )
    lead = (
        _pick(rng, "ask", "wish", world, wish=wishes[0].words)
        if wishes and rng.random() < 0.6 and wishes[0].words.casefold() in message.text.casefold()
        else _pick(rng, "ask", "lead", world)
    )
    turn = _pick(rng, "ask", "turn", world, q=question)
    return Written(brief, _tidy(f"{lead} {turn if rng.random() < 0.5 else question}"))


# --- filling ------------------------------------------------------------------------------------------------


def _pick(rng: random.Random, section: str, name: str, world: World, **values: str) -> str:
    common = {"noun": world.noun, "nouns": world.nouns, "do": world.domain.verb, **values}
    patterns = [one for one in replies()[section][name] if set(_HOLE.findall(one)) <= set(common)]
    pattern = rng.choice(patterns)
    return _HOLE.sub(lambda match: common[match.group(1)], pattern)


def _pick_for(
    rng: random.Random, section: str, name: str, world: World, item: _One, values: Mapping[str, str]
) -> str:
    """A pattern about one item, what it needs besides filled with facts that haven't been said."""
    patterns = replies()[section][name]
    known = {"noun": world.noun, "nouns": world.nouns, "do": world.domain.verb, **values}
    pattern = rng.choice(
        [one for one in patterns if set(_HOLE.findall(one)) <= {*known, "np", "is", "is2", "is3"}]
    )
    needed = dict.fromkeys(_HOLE.findall(pattern))
    for hole in needed:
        if hole == "np":
            known["np"] = _described(rng, world, item)
        elif hole in ("is", "is2", "is3"):
            known[hole] = _predicate(rng, item)
    return _HOLE.sub(lambda match: known[match.group(1)], pattern)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _tidy(text: str) -> str:
    text = re.sub(r"\s+([.,;:?])", r"\1", re.sub(r"\s+", " ", text)).strip()
    return re.sub(r"(?<=[.?] )([a-z])", lambda match: match.group(1).upper(), _capital(text))
