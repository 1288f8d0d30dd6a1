"""An invented catalogue as a file: what was left out of training, to talk about."""

from __future__ import annotations

import csv
import random
from pathlib import Path

from finetune.talk.patterns import Aspect, Domain
from finetune.talk.world import Trait, World, make_thing


def write_catalogue(domain: Domain, count: int, seed: int, path: Path) -> Path:
    """Writes `count` invented items of the domain as CSV, several values joined by "; "; returns the path.

    Facets have the first of their names, so the file can be read in as anybody's would be.
    """
    rng = random.Random(f"{seed}/{domain.name}")
    world = World(domain, domain.noun, domain.nouns, tuple(_plain(aspect) for aspect in domain.aspects))
    columns = ["id", "title", *(trait.name for trait in world.traits), "description"]
    titles: set[str] = set()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        while len(titles) < count:
            thing = make_thing(rng, world)
            if thing.title in titles:
                continue
            titles.add(thing.title)
            row: dict[str, str] = {"id": f"{domain.name}-{len(titles)}", "title": thing.title}
            row |= {name: "; ".join(str(value) for value in values) for name, values in thing.values.items()}
            row["description"] = thing.passage.strip("“”") + "."
            writer.writerow(row)
    return path


def _plain(aspect: Aspect) -> Trait:
    return Trait(aspect, aspect.names[0], aspect.labels[0])
