# ruff: noqa: E501  (a wall of sentences reads better unwrapped)
"""Prints replies of the plain voice to plans made by hand, to be read aloud: `python -m tests.chat.gallery`.

Not a test. It ends with a count of how many different openings 200 seeds give.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from chat.check import allowed_from, check
from chat.reply import Comparison, Fact, Plan, Question, Reason, Recommendation, Unmet
from chat.wording.catalogue import CatalogueWords
from chat.wording.compose import compose
from prompts.dialogue import Act, Feeling, Interest, Retraction
from retrieval.items import Bounds, Constraint, Facet, FactValue, Item

FILM_FACETS = (
    Facet("year", "number", "year", "year"),
    Facet("directors", "people", "director", many=True),
    Facet("cast", "people", "actor", many=True),
    Facet("genres", "category", "genre", many=True),
    Facet("runtime", "number", "running time", "duration", "min"),
    Facet("countries", "category", "country", many=True, aliases={"american": "United States"}),
    Facet("languages", "category", "language", many=True),
    Facet("suitability", "number", "suitable age", "age", "years"),
    Facet("themes", "category", "theme", many=True),
    Facet("moods", "category", "mood", many=True),
)
SHOP_FACETS = (
    Facet("brand", "category", "brand"),
    Facet("category", "category", "category"),
    Facet("colour", "category", "colour"),
    Facet("price", "number", "price", "price", "EUR"),
    Facet("weight_kg", "number", "weight", None, "kg"),
    Facet("rating", "number", "rating", "rating"),
    Facet("waterproof", "category", "waterproof"),
)
FILM_WORDS = CatalogueWords(
    "film", "films", FILM_FACETS, "watch",
    {"genres": ("drama", "comedy", "western"), "moods": ("funny", "tense", "moving"), "themes": ("trains", "heist"),
     "directors": ("Michael Mann", "Agnès Varda")},
)  # fmt: skip
SHOP_WORDS = CatalogueWords(
    "product", "products", SHOP_FACETS, "get",
    {"category": ("tents", "lighting"), "brand": ("Tern", "Norrvik"), "colour": ("green", "red")},
)  # fmt: skip


def film(title: str, year: int, by: str, runtime: int, *, text: str = "", **facts: str) -> Item:
    """A film; further facts are written as "one, two"."""
    lists: dict[str, FactValue] = {name: tuple(words.split(", ")) for name, words in facts.items()}
    own: dict[str, FactValue] = {"year": year, "directors": (by,), "runtime": runtime, "suitability": 12}
    return Item(f"{title}-{year}".casefold(), title, {**own, **lists}, text)


HEAT = film("Heat", 1995, "Michael Mann", 170, genres="crime, thriller", themes="heist, police", cast="Al Pacino, Robert De Niro",
            moods="tense, stylish", countries="United States", languages="English",
            text="A detective and a master thief circle each other through Los Angeles. Their one quiet talk over coffee is as gripping as the street battle.")  # fmt: skip
RONIN = film("Ronin", 1998, "John Frankenheimer", 122, genres="action, thriller", themes="heist, cars", cast="Robert De Niro, Jean Reno",
             moods="tense, gritty", countries="United States, France", languages="English, French",
             text="Hired strangers chase a locked case across France, and nobody says what is in it. The car chases were driven for real.")  # fmt: skip
STALKER = film("Stalker", 1979, "Andrei Tarkovsky", 162, genres="science fiction, drama", themes="journey, faith",
               moods="slow-burning, melancholic", countries="Soviet Union", languages="Russian",
               text="Three men cross a forbidden meadow towards a room that grants wishes. Water drips, rust blooms, and every step feels like a question.")  # fmt: skip
MOON = film("Moon", 2009, "Duncan Jones", 97, genres="science fiction, drama", themes="space, loneliness", moods="melancholic, quiet",
            countries="United Kingdom", languages="English",
            text="A lone miner on the far side of the moon counts the days until he may go home; then he meets somebody. Small, sad and very human.")  # fmt: skip
SOLARIS = film("Solaris", 1972, "Andrei Tarkovsky", 167, genres="science fiction", themes="space, grief", moods="slow-burning, dreamy",
               text="Sent to a decaying station, a psychologist wakes to find his dead wife beside him.")  # fmt: skip
SOLARIS_2 = film(
    "Solaris",
    2002,
    "Steven Soderbergh",
    99,
    genres="science fiction",
    themes="space, grief",
    moods="melancholic",
)
AIRPLANE = film(
    "Airplane!", 1980, "Jim Abrahams", 88, genres="comedy", themes="flying, parody", moods="silly, funny"
)
FILMS = (STALKER, MOON, SOLARIS, HEAT, RONIN, AIRPLANE, SOLARIS_2)


def good(title: str, price: float, brand: str, category: str, colour: str, weight: float, text: str) -> Item:
    """Something from the shop."""
    facts: dict[str, FactValue] = {
        "brand": brand, "category": category, "colour": colour, "price": price, "weight_kg": weight,
        "rating": 4.4, "waterproof": "yes",
    }  # fmt: skip
    return Item(title.casefold().replace(" ", "-"), title, facts, text)


DUO = good(
    "Tern Duo Tent",
    179,
    "Tern",
    "tents",
    "green",
    2.1,
    "A two-person tent with two doors, so nobody climbs over anybody at night.",
)
POP = good(
    "Brightside Pop-up Tent",
    59.9,
    "Brightside",
    "tents",
    "orange",
    2.8,
    "Throw it and it is up. Packing it again takes practice.",
)
STORM = good(
    "Norrvik Storm Tent",
    629,
    "Norrvik",
    "tents",
    "red",
    3.4,
    "A four-season tent for snow and storms, with a double wall and strong poles.",
)
GLOVES = good(
    "Mossy Garden Gloves",
    14.5,
    "Mossy",
    "garden",
    "yellow",
    0.1,
    "Soft gloves for small hands, washable and hard to lose.",
)
GOODS = (DUO, POP, STORM, GLOVES)


def likes(kind: str, value: str = "", quote: str = "", *, feeling: Feeling = "like", bounds: Bounds | None = None,
          turn: int = 1, hard: bool = True, strength: float = 0.9, subject: str = "") -> Interest:  # fmt: skip
    """An interest, as reading makes them."""
    said = subject or value or "that"
    return Interest(said, kind, feeling, strength, quote or said, turn, hard, "" if bounds else value, bounds)


def met(interest: Interest, item: Item, *, against: bool = False) -> Reason:
    """The reason that an interest and a fact of the item make; a passage for free words."""
    if interest.kind == "text":
        return Reason(interest, Fact("text", item.text.split(". ")[0]), "", against)
    value = interest.value or str(item.values(interest.kind)[0])
    return Reason(interest, Fact(interest.kind, value), f"{value}", against)


def listed(items: tuple[Item, ...], *interests: Interest) -> tuple[Recommendation, ...]:
    """The items with those of the interests that they meet."""
    out = []
    for item in items:
        held = [
            met(one, item)
            for one in interests
            if one.kind == "text" or one.bounds is not None or one.value in item.values(one.kind)
        ]
        open_reason = Reason(likes("text", quote="surprise me", strength=0.3), Fact("moods", "funny"), "")
        out.append(Recommendation(item, tuple(held) or (open_reason,), 1.0))
    return tuple(out)


SCIFI = likes("genres", "science fiction", "some sci-fi please")
SAD = likes("moods", "melancholic", "something sad", hard=False)
SPACE = likes("themes", "space", "set in space", turn=2)
SHORT = likes("runtime", quote="under two hours", bounds=Bounds(None, 120), subject="at most 120 min")
SEVENTIES = likes("year", quote="from the 70s", bounds=Bounds(1970, 1979), subject="1970s")
TENTS = likes("category", "tents", "a tent")
CHEAP = likes("price", quote="under 200", bounds=Bounds(None, 200), subject="at most 200 EUR")
NO_HORROR = likes("genres", "horror", "no horror", feeling="dislike")
LIKE_HEAT = likes("item", "heat-1995", "like Heat", subject="Heat (1995)")
RAIN = likes("text", "a long train ride", "a long train ride")


TALK: tuple[Act, ...] = (
    "greet", "help", "chat", "thanks", "bye", "agree", "refuse", "feedback", "question", "explain", "taste",
)  # fmt: skip


def plans() -> Iterator[tuple[CatalogueWords, str, Plan]]:
    """The hand-made plans: the words of their catalogue, what was said, and the plan."""
    three = (STALKER, MOON, SOLARIS)
    four = (*three, AIRPLANE)
    f, s = FILM_WORDS, SHOP_WORDS
    yield (
        f,
        "some sad sci-fi please",
        Plan("recommend", "request", listed(three, SCIFI, SAD), heard=(SCIFI, SAD)),
    )
    yield (
        f,
        "sci-fi from the 70s",
        Plan(
            "recommend",
            "request",
            listed((STALKER, SOLARIS), SCIFI, SEVENTIES),
            heard=(SCIFI, SEVENTIES),
            wanted=4,
        ),
    )
    yield (
        f,
        "under two hours, no horror",
        Plan("recommend", "request", listed((MOON, AIRPLANE), SHORT), heard=(SHORT, NO_HORROR)),
    )
    yield f, "no horror", Plan("recommend", "inform", listed(four, SAD), heard=(NO_HORROR,))
    like = Reason(LIKE_HEAT, Fact("cast", "Robert De Niro, heist, tense"), "")
    yield (
        f,
        "like Heat",
        Plan("recommend", "request", (Recommendation(RONIN, (like,), 1.0),), heard=(LIKE_HEAT,)),
    )
    seen = likes("item", "heat-1995", "seen Heat", feeling="seen", subject="Heat (1995)")
    yield f, "seen Heat", Plan("recommend", "feedback", listed(three, SCIFI), heard=(seen,))
    yield (
        f,
        "not Heat",
        Plan(
            "recommend",
            "feedback",
            listed(three, SCIFI),
            heard=(likes("item", "heat-1995", "not Heat", feeling="dislike", subject="Heat (1995)"),),
        ),
    )
    yield f, "something else", Plan("recommend", "request", listed(four, SAD))
    yield f, "surprise me", Plan("recommend", "request", listed((HEAT, AIRPLANE, STALKER)))
    yield (
        f,
        "like a long train ride",
        Plan("recommend", "request", listed((STALKER, RONIN), RAIN), heard=(RAIN,)),
    )
    yield f, "just one", Plan("recommend", "request", listed((MOON,), SCIFI, SPACE))
    yield (
        f,
        "forget the war films",
        Plan(
            "recommend",
            "request",
            listed(three, SCIFI),
            forgot=(Retraction("genres", "war", "forget the war films"),),
        ),
    )
    yield (
        f,
        "the length doesn't matter",
        Plan(
            "recommend",
            "request",
            listed(three, SCIFI),
            forgot=(Retraction("runtime", "", "length doesn't matter"),),
        ),
    )
    against = Recommendation(
        MOON,
        (
            met(SCIFI, MOON),
            Reason(likes("moods", "funny", hard=False), Fact("moods", "melancholic, quiet"), "", True),
        ),
        1.0,
    )
    yield (
        f,
        "funny sci-fi",
        Plan(
            "recommend",
            "request",
            (against, *listed((STALKER,), SCIFI)),
            heard=(SCIFI, likes("moods", "funny", hard=False)),
        ),
    )
    unmet = Unmet(Constraint("year", bounds=Bounds(2030, 2030)), False, 810, "2030")
    western = Unmet(Constraint("genres", ("western",)), False, 4, "western")
    relax = Question("relax", ("Forget “2030”",), constraints=(unmet.constraint,))
    yield f, "only films from 2030", Plan("ask", "request", question=relax, unmet=(unmet,), wanted=4)
    yield f, "a western from 2030", Plan("ask", "request", question=relax, unmet=(unmet, western), wanted=4)
    yield (
        f,
        "two westerns",
        Plan(
            "recommend",
            "request",
            listed((MOON,), SCIFI),
            question=relax,
            unmet=(western,),
            wanted=4,
            heard=(SCIFI,),
        ),
    )
    yield (
        f,
        "Titanic 2?",
        Plan("recommend", "request", listed(three, SPACE), heard=(SPACE,), unknown_titles=("Titanic 2",)),
    )
    yield f, "Titanic 2?", Plan("converse", "question", unknown_titles=("Titanic 2",))
    for about, options in (
        ("open", ("funny", "tense", "moving", "Surprise me")),
        ("runtime", ()),
        ("year", ()),
        ("moods", ("funny", "tense")),
        ("directors", ()),
    ):
        yield f, f"ask {about}", Plan("ask", "request", question=Question(about, options))
    yield (
        f,
        "no horror",
        Plan("ask", "inform", question=Question("open", ("funny", "tense")), heard=(NO_HORROR,)),
    )
    which = Question(
        "which", ("Solaris (1972)", "Solaris (2002)"), ("solaris-1972", "solaris-2002"), quote="solaris"
    )
    yield f, "solaris", Plan("ask", "describe", question=which, items=(SOLARIS, SOLARIS_2))
    yield f, "solaris", Plan("ask", "describe", question=which)
    yield f, "tell me about Heat", Plan("describe", "describe", items=(HEAT,))
    yield f, "tell me about Airplane", Plan("describe", "describe", items=(AIRPLANE,))
    for asked, value, said in (
        ("directors", "", "who directed it"),
        ("cast", "", "who's in it"),
        ("runtime", "", "how long"),
        ("moods", "tense", "is it tense"),
        ("moods", "sad", "is it sad"),
        ("countries", "", "where from"),
        ("themes", "", "what themes"),
        ("suitability", "6", "can my 6 year old watch it"),
    ):
        answers = (tuple(str(entry) for entry in HEAT.values(asked)),)
        yield (
            f,
            said,
            Plan("describe", "question", items=(HEAT,), asked=asked, asked_value=value, answers=answers),
        )
    yield f, "who directed it", Plan("describe", "question", items=(HEAT,), asked="directors", answers=((),))
    yield f, "what camera was used", Plan("describe", "question", items=(HEAT,))
    yield (
        f,
        "why that one",
        Plan(
            "describe",
            "explain",
            items=(MOON,),
            reasons=(met(SCIFI, MOON), met(SPACE, MOON), met(SHORT, MOON)),
        ),
    )
    yield f, "why that one", Plan("describe", "explain", items=(RONIN,), reasons=(like,))
    rows = tuple(
        Comparison(
            facet.name,
            facet.label,
            tuple(", ".join(map(str, item.values(facet.name))) for item in (HEAT, RONIN)),
        )
        for facet in FILM_FACETS
    )
    yield (
        f,
        "Heat or Ronin",
        Plan(
            "compare",
            "compare",
            items=(HEAT, RONIN),
            comparisons=rows,
            reasons=(met(likes("moods", "gritty"), RONIN),),
        ),
    )
    yield (
        f,
        "which is shorter",
        Plan("compare", "compare", items=(HEAT, RONIN), comparisons=rows, asked="runtime", winner=1),
    )
    yield f, "these three", Plan("compare", "compare", items=three)
    for topic in TALK:
        yield f, topic, Plan("converse", topic)
    profile = (SCIFI, SPACE, SEVENTIES, LIKE_HEAT, NO_HORROR, likes("directors", "Michael Mann"), seen, RAIN)
    yield f, "what do you know about me", Plan("converse", "taste", profile=profile)
    yield f, "forget everything", Plan("converse", "taste", forgot=(Retraction("", "", "forget everything"),))
    yield f, "I loved Heat", Plan("converse", "inform", heard=(LIKE_HEAT,))
    yield f, "I like space films", Plan("converse", "inform", heard=(SPACE,))
    yield f, "write me some code", Plan("decline", "offtopic")
    yield (
        s,
        "a tent under 200",
        Plan("recommend", "request", listed((DUO, POP), TENTS, CHEAP), heard=(TENTS, CHEAP)),
    )
    yield s, "tents", Plan("recommend", "request", listed((DUO, POP, STORM), TENTS), heard=(TENTS,))
    yield (
        s,
        "something for the garden",
        Plan(
            "recommend",
            "request",
            listed((GLOVES,), likes("category", "garden")),
            heard=(likes("category", "garden"),),
        ),
    )
    yield s, "tell me about the gloves", Plan("describe", "describe", items=(GLOVES,))
    for asked in ("price", "weight_kg", "rating", "colour", "waterproof"):
        answers = (tuple(str(entry) for entry in DUO.values(asked)),)
        yield (
            s,
            f"its {asked}?",
            Plan(
                "describe",
                "question",
                items=(DUO,),
                asked=asked,
                asked_value="yes" if asked == "waterproof" else "",
                answers=answers,
            ),
        )
    yield s, "which is cheaper", Plan("compare", "compare", items=(DUO, POP, STORM), asked="price", winner=1)
    yield s, "duo or pop-up", Plan("compare", "compare", items=(DUO, POP))
    for topic in TALK[:3]:
        yield s, topic, Plan("converse", topic)
    yield (
        s,
        "open question",
        Plan("ask", "request", question=Question("open", ("tents", "lighting", "Surprise me"))),
    )
    yield s, "who won the election", Plan("decline", "offtopic")


def main() -> None:
    """Prints every plan in words, what fails its check, and the spread of openings."""
    for number, (words, said, plan) in enumerate(plans(), start=1):
        text = compose(plan, words, f"gallery.{number}")
        print(f"{number:2} [{plan.move}/{plan.topic}] > {said}\n   {text}")
        for problem in check(text, allowed_from(plan, [said], words)):
            print(f"   !! {problem}")
    print()
    for words, said, plan in plans():
        openings = Counter(" ".join(compose(plan, words, f"{seed}.1").split()[:4]) for seed in range(200))
        if plan.move == "recommend":
            print(
                f"{len(openings):3} openings in 200 seeds, commonest {openings.most_common(1)[0][1]}: {said}"
            )


if __name__ == "__main__":
    main()
