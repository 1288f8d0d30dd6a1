"""Three small catalogues in memory, a reader for each and a manager that really retrieves: films with two
of one name, titles of ordinary words and a series; a shop; courses. Facts of the films are real, the rest is
made up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache

from chat.conversation import Conversation, Turn
from chat.manager import DialogueManager, Speaks
from chat.planner import Planner
from chat.reader.context import ReadContext
from chat.reader.read import Reader
from chat.reasons import Reasoner
from chat.reply import Plan, Question
from chat.trace import Trace
from prompts.dialogue import Interest, Utterance
from retrieval.catalogue import Catalogue, embedding_text
from retrieval.embed import HashEmbedder
from retrieval.filters import FacetTable
from retrieval.index import ExactIndex
from retrieval.items import Facet, FactValue, Item
from retrieval.lexical import LexicalIndex
from retrieval.retrieve import Retriever
from retrieval.schema import Schema, parse_schema

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 20, 0, tzinfo=UTC)

FILM_SCHEMA = """
noun = "film"
nouns = "films"
title = "Films"
columns = { title = "title", id = "id", description = "description", other_titles = ["original_title"] }
[facets]
year = { kind = "number", label = "year", role = "year" }
directors = { kind = "people", label = "director", many = true }
cast = { kind = "people", label = "actor", many = true }
runtime = { kind = "number", label = "running time", role = "duration", unit = "min" }
suitability = { kind = "number", label = "suitable age", role = "age", unit = "years" }
themes = { kind = "category", label = "theme", many = true }
moods = { kind = "category", label = "mood", many = true }
original_title = { kind = "words", label = "original title" }
[facets.countries]
kind = "category"
label = "country"
many = true
[facets.countries.aliases]
american = "USA"
british = "United Kingdom"
japanese = "Japan"
french = "France"
italian = "Italy"
russian = "Soviet Union"
[facets.languages]
kind = "category"
label = "language"
many = true
aliases = { subtitles = "!English", foreign = "!English" }
[facets.genres]
kind = "category"
label = "genre"
many = true
aliases = { "sci-fi" = "science fiction", "kids film" = "family", "thrilling" = "thriller" }
"""
SHOP_SCHEMA = """
noun = "product"
nouns = "products"
title = "Shop"
columns = { title = "title", id = "id", description = "description" }
[facets]
brand = { kind = "category", label = "brand" }
category = { kind = "category", label = "category" }
colour = { kind = "category", label = "colour" }
material = { kind = "category", label = "material", many = true }
waterproof = { kind = "category", label = "waterproof" }
price = { kind = "number", label = "price", role = "price", unit = "EUR" }
weight_kg = { kind = "number", label = "weight", role = "quantity", unit = "kg" }
rating = { kind = "number", label = "rating", role = "rating", unit = "stars" }
"""
COURSE_SCHEMA = """
noun = "course"
nouns = "courses"
title = "Courses"
columns = { title = "title", id = "id", description = "description" }
[facets]
instructor = { kind = "people", label = "instructor" }
level = { kind = "category", label = "level", aliases = { "no experience" = "beginner" } }
hours = { kind = "number", label = "hours", role = "duration", unit = "hours" }
price = { kind = "number", label = "price", role = "price", unit = "EUR" }
topic = { kind = "category", label = "topic" }
language = { kind = "category", label = "language" }
certificate = { kind = "category", label = "certificate" }
"""


def _film(
    id: str, title: str, year: int, director: str, cast: str, genres: str, runtime: int, where: str,
    age: int, themes: str, moods: str, description: str, original: str = "",
) -> Item:  # fmt: skip
    country, language = where.split("/")
    facts: dict[str, FactValue] = {
        "year": year, "directors": (director,), "cast": _several(cast), "genres": _several(genres),
        "runtime": runtime, "countries": (country,), "languages": (language,), "suitability": age,
        "themes": _several(themes), "moods": _several(moods),
    }  # fmt: skip
    if original:
        facts["original_title"] = original
    return Item(id, title, facts, description)


def _several(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(","))


FILMS = (
    _film("heat", "Heat", 1995, "Michael Mann", "Al Pacino, Robert De Niro", "crime, thriller", 170,
          "USA/English", 16, "heist, police", "tense, dark",
          "A careful thief and a tireless detective circle each other in Los Angeles."),
    _film("ronin", "Ronin", 1998, "John Frankenheimer", "Robert De Niro, Jean Reno", "action, thriller", 122,
          "USA/English", 16, "heist, espionage", "tense",
          "Hired strangers chase a briefcase through France, at great speed."),
    _film("solaris-1972", "Solaris", 1972, "Andrei Tarkovsky", "Donatas Banionis", "science fiction, drama",
          167, "Soviet Union/Russian", 12, "space, grief", "thoughtful, slow",
          "Above a living ocean a psychologist meets his dead wife again."),
    _film("solaris-2002", "Solaris", 2002, "Steven Soderbergh", "George Clooney", "science fiction, romance",
          99, "USA/English", 12, "space, grief", "thoughtful",
          "A widower on a space station is visited by the woman he lost."),
    _film("up", "Up", 2009, "Pete Docter", "Ed Asner", "animation, family, adventure", 96, "USA/English", 6,
          "old age, friendship", "heartwarming, funny",
          "A widower flies his house to South America, with a boy scout on the porch."),
    _film("her", "Her", 2013, "Spike Jonze", "Joaquin Phoenix", "romance, science fiction", 126,
          "USA/English", 16, "loneliness, artificial intelligence", "melancholic",
          "A lonely man falls in love with the voice of his computer."),
    _film("it", "It", 2017, "Andy Muschietti", "Bill Skarsgård", "horror", 135, "USA/English", 16,
          "childhood, monsters", "scary, dark",
          "A clown from the sewers hunts the children of a small town."),
    _film("toy-story", "Toy Story", 1995, "John Lasseter", "Tom Hanks", "animation, family, comedy", 81,
          "USA/English", 0, "toys, friendship", "funny, heartwarming",
          "A cowboy doll is jealous of a new space ranger."),
    _film("toy-story-2", "Toy Story 2", 1999, "John Lasseter", "Tom Hanks", "animation, family, comedy", 92,
          "USA/English", 0, "toys, friendship", "funny, heartwarming",
          "The toys cross the city to rescue Woody from a collector."),
    _film("samurai", "Seven Samurai", 1954, "Akira Kurosawa", "Toshiro Mifune", "action, drama", 207,
          "Japan/Japanese", 12, "war, honour", "epic", "Farmers hire seven swordsmen against bandits.",
          "Shichinin no samurai"),
    _film("amelie", "Amélie", 2001, "Jean-Pierre Jeunet", "Audrey Tautou", "romance, comedy", 122,
          "France/French", 12, "loneliness, Paris", "whimsical, heartwarming",
          "A shy waitress in Montmartre mends the lives of others.",
          "Le Fabuleux Destin d'Amélie Poulain"),
    _film("hot", "Some Like It Hot", 1959, "Billy Wilder", "Marilyn Monroe", "comedy, romance", 121,
          "USA/English", 6, "disguise, music", "funny",
          "Two musicians flee from gangsters in an all-girl band."),
    _film("ugly", "The Good, the Bad and the Ugly", 1966, "Sergio Leone", "Clint Eastwood", "western", 161,
          "Italy/Italian", 16, "war, treasure", "epic, tense",
          "Three gunmen look for buried gold in the Civil War."),
    _film("shining", "The Shining", 1980, "Stanley Kubrick", "Jack Nicholson", "horror", 146, "USA/English",
          16, "madness, isolation", "scary, dark",
          "A writer minds an empty hotel in winter and loses his mind."),
    _film("paddington", "Paddington", 2014, "Paul King", "Hugh Bonneville, Nicole Kidman", "family, comedy",
          95, "United Kingdom/English", 0, "animals, home", "funny, heartwarming",
          "A bear from Peru finds a home in London."),
    _film("airplane", "Airplane!", 1980, "Jim Abrahams", "Leslie Nielsen", "comedy", 88, "USA/English", 12,
          "flying, parody", "silly, funny", "A nervous pilot has to land a plane whose crew ate the fish."),
)  # fmt: skip


def _product(
    id: str, title: str, brand: str, category: str, colour: str, material: str, waterproof: str, price: float,
    weight: float, rating: float, description: str,
) -> Item:  # fmt: skip
    facts: dict[str, FactValue] = {
        "brand": brand, "category": category, "colour": colour, "material": _several(material),
        "waterproof": waterproof, "price": price, "weight_kg": weight, "rating": rating,
    }  # fmt: skip
    return Item(id, title, facts, description)


PRODUCTS = (
    _product("fjord", "Fjord Rain Jacket", "Norrvik", "jackets", "blue", "nylon", "yes", 219.0, 0.4, 4.7,
             "Keeps heavy rain out on long walks."),
    _product("breeze", "Breeze Jacket", "Calder", "jackets", "red", "nylon", "no", 64.0, 0.2, 4.1,
             "A thin wind jacket that packs into its own pocket."),
    _product("ranch", "Ranch Jacket", "Okapi", "jackets", "brown", "leather", "no", 189.0, 1.6, 4.3,
             "A heavy classic that lasts for decades."),
    _product("puddle", "Puddle Jacket", "Mossy", "jackets", "yellow", "nylon", "yes", 45.0, 0.3, 4.6,
             "Bright and dry for children."),
    _product("town", "Town Boots", "Okapi", "boots", "black", "leather", "no", 149.0, 1.4, 4.0,
             "Smart boots for the office."),
    _product("summit", "Summit Boots", "Norrvik", "boots", "brown", "leather, nylon", "yes", 239.0, 1.8, 4.8,
             "For rough ground and snow."),
    _product("garden", "Garden Boots", "Mossy", "boots", "green", "rubber", "yes", 29.0, 1.2, 4.4,
             "Rubber boots for mud."),
    _product("daypack", "Daypack 20", "Calder", "backpacks", "grey", "nylon", "no", 49.0, 0.6, 4.3,
             "Twenty litres, with a sleeve for a laptop."),
    _product("roll", "Rolltop Pack", "Okapi", "backpacks", "black", "nylon", "yes", 95.0, 1.1, 4.1,
             "Stays dry on the bicycle."),
    _product("trek", "Trekking Pack 65", "Norrvik", "backpacks", "green", "nylon", "no", 239.0, 2.2, 4.7,
             "Carries a week of gear."),
    _product("solo", "Solo Tent", "Tern", "tents", "green", "nylon", "yes", 119.0, 1.2, 4.4,
             "One person, one pole, five minutes."),
    _product("family-tent", "Big Family Tent", "Halden", "tents", "blue", "cotton", "yes", 449.0, 14.5, 4.2,
             "Two bedrooms for six people."),
)  # fmt: skip


def _course(
    id: str, title: str, instructor: str, level: str, hours: int, price: int, topic: str, language: str,
    certificate: str, description: str,
) -> Item:  # fmt: skip
    facts: dict[str, FactValue] = {
        "instructor": instructor, "level": level, "hours": hours, "price": price, "topic": topic,
        "language": language, "certificate": certificate,
    }  # fmt: skip
    return Item(id, title, facts, description)


COURSES = (
    _course("py-first", "First Steps in Python", "Amara Okafor", "beginner", 8, 39, "programming", "English",
            "no", "Python from nothing: variables, loops and a small game."),
    _course("py-data", "Data Analysis with Python", "Amara Okafor", "intermediate", 25, 79, "data", "English",
            "yes", "Tables and charts with pandas, in Python."),
    _course("rust", "Rust in Depth", "Tomasz Nowak", "advanced", 40, 129, "programming", "English", "yes",
            "Ownership and lifetimes in one large project."),
    _course("web", "Build a Website", "Tomasz Nowak", "intermediate", 30, 89, "programming", "English", "no",
            "A website with accounts and a database."),
    _course("sql", "SQL in a Weekend", "Priya Raman", "beginner", 6, 19, "data", "English", "no",
            "Questions to a database in two days."),
    _course("sheets", "Spreadsheets Without Tears", "Marta Ruiz", "beginner", 5, 0, "data", "English", "no",
            "Free lessons on formulas and charts."),
    _course("hojas", "Hojas de cálculo sin miedo", "Marta Ruiz", "beginner", 5, 0, "data", "Spanish", "no",
            "Fórmulas y gráficos, gratis."),
    _course("draw", "Drawing What You See", "Yuki Tanabe", "beginner", 10, 29, "art", "English", "no",
            "Pencil, paper and the things on your table."),
    _course("oil", "Portraits in Oil", "Henrik Dahl", "advanced", 38, 149, "art", "English", "yes",
            "Painted from life over eight weeks."),
    _course("guitar", "Guitar from Zero", "Diego Fuentes", "beginner", 20, 35, "music", "English", "no",
            "Four chords, then ten songs."),
    _course("jazz", "Jazz Harmony", "Claire Moreau", "advanced", 28, 95, "music", "English", "yes",
            "Extended chords and voice leading."),
    _course("french", "French for Travellers", "Claire Moreau", "beginner", 8, 25, "languages", "English",
            "no", "Order a meal and understand the answer."),
)  # fmt: skip


def _catalogue(name: str, schema: str, items: Sequence[Item]) -> Catalogue:
    return Catalogue(name, parse_schema(schema), items, f"{name}-for-tests")


@cache
def films() -> Catalogue:
    """Sixteen films."""
    return _catalogue("films", FILM_SCHEMA, FILMS)


@cache
def shop() -> Catalogue:
    """Twelve products, with price, weight and rating; as importing would infer it."""
    return _catalogue("shop", SHOP_SCHEMA, PRODUCTS)


@cache
def courses() -> Catalogue:
    """Twelve courses, with hours, level and price, two of them free."""
    return _catalogue("courses", COURSE_SCHEMA, COURSES)


def shelf(name: str) -> Catalogue:
    """The catalogue of that name: "films", "shop" or "courses"."""
    return {"films": films, "shop": shop, "courses": courses}[name]()


def facet(catalogue: Catalogue, name: str) -> Facet:
    """A facet that is there."""
    found = catalogue.facet(name)
    assert found is not None, f"{catalogue.name} has no facet {name}"
    return found


def item(catalogue: Catalogue, id: str) -> Item:
    """An item that is there."""
    found = catalogue.get(id)
    assert found is not None, f"{catalogue.name} has no item {id}"
    return found


@cache
def reader(name: str) -> Reader:
    """The deterministic reader of a catalogue, without a judge."""
    return Reader(shelf(name), TODAY)


def context(
    catalogue: Catalogue,
    *,
    shown: Sequence[str] = (),
    focus: Sequence[str] = (),
    taste: Sequence[Interest] = (),
    question: Question | None = None,
    asking: str = "",
    turn: int = 1,
) -> ReadContext:
    """A context by item ids."""
    return ReadContext(
        turn=turn,
        shown=tuple(item(catalogue, each) for each in shown),
        focus=tuple(item(catalogue, each) for each in focus),
        question=question,
        asking=asking,
        taste=tuple(taste),
    )


@cache
def retriever(name: str) -> Retriever:
    """A real retriever over hashed words: exact search, BM25 and all filters."""
    catalogue, embedder = shelf(name), HashEmbedder()
    vectors = embedder.embed([embedding_text(one, catalogue.facets) for one in catalogue.items])
    lexical = LexicalIndex.build(catalogue.items, catalogue.facets)
    table = FacetTable(catalogue.items, catalogue.facets, lexical.containing)
    return Retriever(catalogue, embedder, ExactIndex(vectors), lexical, table, vectors)


@cache
def reasoner(name: str) -> Reasoner:
    """The reasoner of a catalogue."""
    catalogue = shelf(name)
    return Reasoner(catalogue.facets, catalogue.get, retriever(name).sentence_support)


class TitlesOnly:
    """A voice that says the move and the titles: enough for tests that are not about words."""

    def speak(self, plan: Plan, dialogue: Sequence[Utterance], seed: str, trace: Trace) -> tuple[str, str]:
        """The move, then the titles recommended or spoken of."""
        titles = [entry.item.title for entry in plan.recommendations] or [one.title for one in plan.items]
        return f"{plan.move}: {', '.join(titles)}", "titles only"


def manager(name: str, voice: Speaks | None = None, results: int = 4) -> DialogueManager:
    """A manager that really reads, retrieves, reasons and plans."""
    catalogue, reads = shelf(name), reader(name)
    return DialogueManager(
        shelf=catalogue,
        reader=reads,
        retriever=retriever(name),
        reasoner=reasoner(name),
        planner=Planner(catalogue, reads.vocabulary),
        voice=voice or TitlesOnly(),
        results=results,
    )


def conversation(name: str, *turns: Turn, id: str = "c1", user: str = "ada") -> Conversation:
    """A conversation about one of the catalogues."""
    return Conversation(id, user, name, NOW, turns)


def schema_of(text: str) -> Schema:
    """A schema from TOML."""
    return parse_schema(text)
