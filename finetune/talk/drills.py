"""Copying drills: short exercises whose answer stands in the question, word for word.

A model that starts from nothing learns to look back at its prompt late, since in talk a guess is mostly good
enough. Where the answer can only be had by looking, it learns it soon (the induction heads of Olsson et al.,
2022, arXiv 2209.11895).
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from finetune.talk.patterns import Domain
from finetune.talk.world import invented_person, invented_title, make_thing, make_world

_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth")


def make_drill(rng: random.Random, domain: Domain) -> tuple[str, str, str]:
    """What is asked for, the question and its answer."""
    kind = rng.randrange(5)
    if kind == 0:
        words = _words(rng, domain, rng.randint(3, 12))
        return "Repeat.", " ".join(words), " ".join(words)
    if kind == 1:
        titles = [invented_title(rng, domain) for _ in range(rng.randint(2, 6))]
        place = rng.randrange(len(titles))
        listed = "\n".join(f"{number}. {title}" for number, title in enumerate(titles, start=1))
        asked = rng.choice((f"the {_PLACES[place]} one", f"number {place + 1}", f"#{place + 1}"))
        return "Name.", f"{listed}\nPerson: {asked}", titles[place]
    world = make_world(rng, domain)
    thing = make_thing(rng, world)
    lines = [
        (trait.label, ", ".join(str(value) for value in thing.values[trait.name])) for trait in world.traits
    ]
    if kind == 2:
        label, value = rng.choice(lines)
        return "Tell.", "\n".join(f"{one}: {held}" for one, held in lines) + f"\nasked: {label}", value
    if kind == 3:
        names = [invented_person(rng) for _ in range(rng.randint(2, 5))]
        chosen = rng.sample(names, len(names) // 2 + 1)
        return (
            "Without.",
            f"{', '.join(names)}\nleave out: {', '.join(chosen)}",
            ", ".join(name for name in names if name not in chosen) or "nobody",
        )
    words = _words(rng, domain, rng.randint(4, 10))
    start = rng.randrange(len(words) - 1)
    return "Go on.", f"{' '.join(words)}\n{' '.join(words[: start + 1])}", " ".join(words[start + 1 :])


def _words(rng: random.Random, domain: Domain, count: int) -> Sequence[str]:
    values = [value.split("|")[0] for aspect in domain.aspects for value in aspect.values]
    pool = [
        *rng.sample(values, min(len(values), count)),
        *rng.sample(domain.firsts, 4),
        *rng.sample(domain.seconds, 4),
    ]
    return rng.sample(pool, min(count, len(pool)))
