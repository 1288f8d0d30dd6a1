"""Invented catalogues: a domain with its facets renamed and its items made up, another one for every talk.

Nothing in them exists, so a model that is trained on them learns to use what it is given.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from finetune.talk.patterns import Aspect, Domain, replies
from retrieval.items import Facet, FacetKind, Item

_KINDS: dict[str, FacetKind] = {"person": "people", "number": "number"}
_ONSETS = "b br c ch d dr f fl g gr h j k kl l m n p pr r s sh st t tr v w y z".split()
_NUCLEI = "a e i o u ai ea ia io oa ei au".split()
_CODAS = ["", "", "", "n", "r", "l", "s", "m", "th", "ck", "nd", "rt", "sk", "lin", "ra", "vo", "den", "ton"]
#: Common given and family names of many places, put together at random.
_GIVEN = (
    "Ada Aiko Amara Amir Ana Anders Anja Arjun Astrid Ayesha Beatriz Ben Bilal Bo Camille Carlos Chen "
    "Chiara Clara Dara Deepa Diego Dina Edda Elena Elif Emeka Erik Esther Farah Femi Finn Freya Gita "
    "Goran Grace Hana Hassan Hugo Ida Igor Ines Isla Ivo Jamal Jana Jin Jonas Jun Kaia Karim Kenji Kofi "
    "Lars Leila Lena Liam Lin Lucia Luka Maja Marco Mei Mila Mina Nadia Nils Noor Olga Omar Otto Pavel "
    "Petra Priya Quinn Rafael Ravi Rosa Ruth Sami Sara Sofia Stefan Sunil Tariq Tess Thabo Tomas Uma "
    "Vera Viktor Wanda Yara Yusuf Zoe"
).split()
_FAMILY = (
    "Abara Achterberg Adeyemi Akerman Alvarez Andersen Baptiste Becker Bianchi Bjork Brandt Calloway "
    "Castro Chaudhry Costa Dahl Danso Delacroix Dimitrov Duarte Eklund Farrow Ferreira Fischer Flores "
    "Gallagher Haas Haddad Halloran Hartmann Hayashi Holm Ibarra Iversen Jansen Kaplan Kaur Keller "
    "Kimura Kovacs Kruger Lindqvist Lombardi Madsen Malik Marchetti Mbeki Mendes Moreau Morita Nakata "
    "Novak Nwosu Obi Okafor Olsen Ortega Osei Park Petrov Pham Quispe Rahman Reyes Romano Rossi Sato "
    "Schreiber Silva Sorensen Suzuki Tanaka Toussaint Ueda Vargas Virtanen Wallin Weiss Yamada Yilmaz "
    "Zhang Zielinski"
).split()


@dataclass(frozen=True)
class Trait:
    """An aspect as it is called in one invented catalogue."""

    aspect: Aspect
    name: str
    label: str

    @property
    def exact(self) -> bool:
        """Whether its values are names or numbers, which code puts in."""
        return self.aspect.kind in ("person", "number")

    @property
    def facet(self) -> Facet:
        """As a catalogue has it."""
        kind: FacetKind = _KINDS.get(self.aspect.kind, "category")
        return Facet(self.name, kind, self.label, unit=self.aspect.unit or None)


@dataclass(frozen=True)
class Thing:
    """An invented item. `values` are as a catalogue spells them, by facet name; numbers as numbers."""

    title: str
    year: int | None
    values: dict[str, tuple[str | float, ...]]
    passage: str = ""

    @property
    def item(self) -> Item:
        """As prompts know it."""
        return Item(self.title, self.title)


@dataclass(frozen=True)
class World:
    """One invented catalogue."""

    domain: Domain
    noun: str
    nouns: str
    traits: tuple[Trait, ...]

    @property
    def facets(self) -> tuple[Facet, ...]:
        """Its facets, in order."""
        return tuple(trait.facet for trait in self.traits)


def make_world(rng: random.Random, domain: Domain) -> World:
    """A catalogue of the domain: facets under one of their names, some left out, in any order."""
    kept = [aspect for aspect in domain.aspects if aspect.kind == "kind" or rng.random() < 0.9]
    rng.shuffle(kept)
    traits = []
    for aspect in kept:
        place = rng.randrange(len(aspect.names))
        label = rng.choice(aspect.labels)
        # A name and a label that nobody has met: the model is to rely on what it is told.
        odd = aspect.kind in ("adjective", "topic", "person") and rng.random() < 0.08
        word = invented_word(rng).lower() if odd else ""
        traits.append(Trait(aspect, word or aspect.names[place], word or label))
    noun, nouns = (
        (domain.noun, domain.nouns)
        if rng.random() < 0.7
        else rng.choice(((domain.noun, domain.nouns), *domain.more_nouns))
    )
    return World(domain, noun, nouns, tuple(traits))


def make_thing(rng: random.Random, world: World) -> Thing:
    """An invented item of that catalogue."""
    values: dict[str, tuple[str | float, ...]] = {}
    year = None
    for trait in world.traits:
        aspect = trait.aspect
        if aspect.kind == "person":
            make = invented_brand if aspect.brand else invented_person
            values[trait.name] = tuple(make(rng) for _ in range(1 if rng.random() < 0.75 else 2))
        elif aspect.kind == "number":
            values[trait.name] = (amount(rng, aspect),)
            if "year" in aspect.names:
                year = int(values[trait.name][0])
        else:
            most = {"kind": 2, "adjective": 3, "topic": 3}.get(aspect.kind, 1)
            values[trait.name] = tuple(
                value.split("|")[0]
                for value in rng.sample(aspect.values, rng.randint(1, min(most, len(aspect.values))))
            )
    return Thing(invented_title(rng, world.domain), year, values, invented_passage(rng, world.domain))


def invented_passage(rng: random.Random, domain: Domain) -> str:
    """The beginning of a description, in quotation marks."""
    found = replies()["passages"]
    text = rng.choice(found["starts"]).replace("{place}", rng.choice(found["places"]))
    text = text.replace("{A}", rng.choice(domain.firsts).lower()).replace(
        "{N}", rng.choice(domain.seconds).lower()
    )
    text = text.replace("{P}", rng.choice(_GIVEN))
    return f"“{text}”"


def amount(rng: random.Random, aspect: Aspect) -> float:
    """A number within the aspect's range, low ones more often where the range is wide."""
    share = rng.random() if aspect.low > 0.2 * aspect.high else rng.random() ** 2
    steps = round((aspect.high - aspect.low) * share / aspect.step)
    number = aspect.low + steps * aspect.step
    return int(number) if float(number).is_integer() else round(number, 2)


def invented_title(rng: random.Random, domain: Domain) -> str:
    """A title that no work has, or only by chance."""
    title = rng.choice(domain.titles)
    for place, words in (("{A}", domain.firsts), ("{N}", domain.seconds), ("{P}", None)):
        while place in title:
            word = (
                rng.choice(words)
                if words
                else (rng.choice(_GIVEN) if rng.random() < 0.6 else invented_word(rng))
            )
            title = title.replace(place, word, 1)
    if rng.random() < 0.12:
        title = f"{invented_word(rng)} {rng.choice(domain.seconds)}"
    return title


def invented_word(rng: random.Random) -> str:
    """A word of two or three made-up syllables, capitalised."""
    parts = [
        rng.choice(_ONSETS) + rng.choice(_NUCLEI) + rng.choice(_CODAS) for _ in range(rng.choice((1, 2, 2)))
    ]
    return "".join(parts).capitalize() + rng.choice(("", "", "o", "a", "en", "ix"))


def invented_person(rng: random.Random) -> str:
    """A name that is nobody's, or only by chance."""
    given = rng.choice(_GIVEN) if rng.random() < 0.8 else invented_word(rng)
    family = rng.choice(_FAMILY) if rng.random() < 0.75 else invented_word(rng)
    return f"{given} {family}" if rng.random() < 0.93 else family


def invented_brand(rng: random.Random) -> str:
    """A maker's name."""
    word = invented_word(rng)
    return rng.choice(
        (
            word,
            word,
            f"{word} & {rng.choice(_FAMILY)}",
            f"{word} {rng.choice(('House', 'Works', 'Studio', 'North', 'Press'))}",
        )
    )
