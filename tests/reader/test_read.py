"""What whole messages must mean, in tables, and what holds for any text at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.reader.context import ReadContext
from chat.reader.tokens import words_of
from chat.reply import Question
from prompts.dialogue import Interest, Reading
from retrieval.items import Bounds, Constraint, Item
from tests.reader.lines import Case, cases, known_gaps, wrong
from tests.shelves_for_tests import FILMS, context, films, reader, shelf

LIST = "heat ronin up amelie"
JACKETS = "fjord breeze puddle"
CLASSES = "py-first draw oil sheets"


def held(kind: str, value: str, hard: bool = True) -> Interest:
    """A like of an earlier message."""
    return Interest(value, kind, "like", 0.9, value, 1, hard, value)


def never(kind: str, value: str) -> Interest:
    """A hard dislike of an earlier message."""
    return Interest(value, kind, "dislike", 0.9, value, 1, True, value)


WHICH = Question(
    "which", ("Solaris (1972)", "Solaris (2002)"), ("solaris-1972", "solaris-2002"), quote="Solaris"
)

FILM_WISHES = (
    Case("something scary", "act request; likes moods: scary"),
    Case("a horror film", "act request; must genres: horror"),
    Case("horror movies from the 80s", "act request; must genres: horror; must year: 1980..1989"),
    Case("a comedy under 100 minutes", "act request; must genres: comedy; must runtime: ..100"),
    Case("comedies or westerns", "either genres: comedy; either genres: western"),
    Case("a comedy or a western", "either genres: comedy; either genres: western"),
    Case("a thriller with Robert De Niro", "must genres: thriller; must cast: Robert De Niro"),
    Case("robert de niro or al pacino", "either cast: Robert De Niro; either cast: Al Pacino"),
    Case("de niro movies", "must cast: Robert De Niro"),
    Case("films by Akira Kurosawa", "act request; must directors: Akira Kurosawa"),
    Case("something directed by kubrick", "must directors: Stanley Kubrick"),
    Case("I love Kurosawa", "act inform; likes directors: Akira Kurosawa"),
    Case("my dad loves westerns", "act inform; likes genres: western"),
    Case("something funny and heartwarming", "likes moods: funny; likes moods: heartwarming"),
    Case("a film about toys", "must themes: toys"),
    Case("a film about lighthouses", "act request; likes text: *lighthouses; leftover *lighthouses"),
    Case("a french film", "must countries: France"),
    Case("in french", "must languages: French"),
    Case("japanese films from the fifties", "must countries: Japan; must year: 1950..1959"),
    Case("with subtitles", "never languages: English"),
    Case("no subtitles", "must languages: English"),
    Case("subtitles are fine", "forget languages: English"),
    Case("i dont mind subtitles", "forget languages: English; no open"),
    Case("something for my 6 year old", "must suitability: ..6; likes genres: family"),
    Case(
        "what should I watch with my kids tonight?",
        "act request; must suitability: ..9; likes genres: family",
    ),
    Case("before 1970", "must year: ..1969"),
    Case("something recent", "must year: 20*"),
    Case("a short film", "must runtime: ..99"),
    Case("it has to be short", "must runtime: ..99"),
    Case("only westerns", "must genres: western"),
    Case("must be a western", "must genres: western"),
    Case("horor movies", "must genres: horror"),
    Case("HORROR", "must genres: horror"),
    Case("horror!!!", "must genres: horror"),
    Case("sth scary w/ robert de niro", "likes moods: scary; must cast: Robert De Niro"),
    Case("give me two comedies", "must genres: comedy; count 2"),
    Case("just one", "act request; count 1"),
    Case("3 horror films", "must genres: horror; count 3"),
    Case("surprise me", "act request; open"),
    Case("something else", "act request; fresh"),
    Case(
        "I want something short and funny, but not animated",
        "must runtime: ..99; likes moods: funny; never genres: animation",
    ),
    Case("actually a western instead", "must genres: western; replaces"),
)
FILM_DISLIKES = (
    Case("no horror please", "never genres: horror"),
    Case("NO HORROR", "never genres: horror"),
    Case("nothing too scary", "never moods: scary"),
    Case("no horror, war or western", "never genres: horror; never themes: war; never genres: western"),
    Case("not a comedy but a thriller", "never genres: comedy; must genres: thriller"),
    Case("anything but horror", "never genres: horror"),
    Case("I'm not in the mood for horror", "never genres: horror"),
    Case("I don't want anything scary", "never moods: scary"),
    Case("could do without romance", "never genres: romance"),
    Case("less scary", "less moods: scary"),
    Case("I hate horror but love westerns", "never genres: horror; likes genres: western"),
    Case("I adore Audrey Tautou but not romance", "likes cast: Audrey Tautou; never genres: romance"),
    Case("anything but horror or a western", "never genres: horror; never genres: western"),
    Case("nothing with Tom Hanks", "never cast: Tom Hanks"),
    Case("I don't like Kubrick", "never directors: Stanley Kubrick"),
    Case("not in French", "never languages: French"),
    Case("not too long", "must runtime: ..121"),
    Case("nothing over two hours", "never runtime: 120.."),
)
FILM_ITEMS = (
    Case("I loved Heat", "act inform; likes item: heat; means heat"),
    Case("I loved Heat and Ronin", "likes item: heat; likes item: ronin"),
    Case("I loved The Good, the Bad and the Ugly", "likes item: ugly"),
    Case("something like Heat but shorter", "act request; likes item: heat; must runtime: ..169"),
    Case("more like Up", "act request; likes item: up"),
    Case("seen Heat already", "seen item: heat"),
    Case("I've already watched Toy Story", "act inform; seen item: toy-story"),
    Case("I hated Amélie", "dislikes item: amelie"),
    Case("ronin was boring", "dislikes item: ronin"),
    Case("I didn't like Heat", "dislikes item: heat"),
    Case("seen Heat, loved Ronin", "seen item: heat; likes item: ronin"),
    Case("I haven't seen Ronin", "means ronin; no seen *"),
    Case("tell me about Ronin", "act describe; means ronin"),
    Case("who directed Heat?", "act question; asks directors; means heat"),
    Case("how long is Heat", "act question; asks runtime; means heat"),
    Case("is Ronin scary?", "act question; asks moods=scary; means ronin"),
    Case("is Paddington suitable for kids?", "act question; asks suitability*; means paddington"),
    Case("compare Heat and Ronin", "act compare; means heat; means ronin"),
    Case("which is shorter, Heat or Ronin?", "act compare; asks runtime=low; means heat; means ronin"),
    Case("I loved Barbarella", "unknown Barbarella; no likes *"),
    Case("I loved Solaris", "act inform; which solaris-1972, solaris-2002"),
    Case("I loved Solaris from 2002", "likes item: solaris-2002"),
    Case("Solaris (1972)", "means solaris-1972"),
    Case("the old Solaris", "means solaris-1972"),
    Case("solaris by soderbergh", "means solaris-2002"),
    Case(
        "films like heat, ronin and seven samurai", "likes item: heat; likes item: ronin; likes item: samurai"
    ),
    Case("toy storry", "means toy-story"),
    Case("I really liked “Her”", "likes item: her"),
)
AFTER_A_LIST = (
    Case("I've seen the first one", "act feedback; seen item: heat", LIST),
    Case("loved the second", "act feedback; likes item: ronin", LIST),
    Case("I hated the first one", "act feedback; dislikes item: heat", LIST),
    Case(
        "not those",
        "dislikes item: heat; dislikes item: ronin; dislikes item: up; dislikes item: amelie", LIST,
    ),
    Case(
        "I don't like any of them",
        "dislikes item: heat; dislikes item: ronin; dislikes item: up; dislikes item: amelie", LIST,
    ),
    Case("none of these", "act refuse", LIST),
    Case("I already know the first two", "seen item: heat; seen item: ronin", LIST),
    Case("i've seen up", "seen item: up", LIST),
    Case("who directed the first?", "act question; asks directors; means heat", LIST),
    Case("how long is it", "act question; asks runtime; means heat", LIST),
    Case("when did it come out", "act question; asks year", LIST),
    Case("where is it from", "act question; asks countries", LIST),
    Case("is it in English?", "act question; asks languages=English", LIST),
    Case("is the second suitable for kids?", "asks suitability*; means ronin", LIST),
    Case("the French one", "act describe; means amelie", LIST),
    Case("tell me more about the second", "act describe; means ronin", LIST),
    Case("more like the third", "act request; likes item: up", LIST),
    Case("I like the third but funnier", "act request; likes item: up; likes moods: funny", LIST),
    Case("newer than that", "must year: 1996..", LIST),
    Case("more from the same director", "must directors: Michael Mann", LIST),
    Case("which one is newer", "act compare; asks year=high", LIST),
    Case("compare the first two", "no asks *", LIST),
    Case("the first or the second?", "act compare; no asks *", LIST),
    Case("only from the 90s", "must year: 1990..1999", LIST),
    Case("why that one?", "act explain", LIST),
    Case("something else", "act request; fresh", LIST),
    Case("is it scary?", "act question; asks moods=scary; means it", LIST, "it"),
    Case("something shorter", "must runtime: ..134", LIST, "it"),
    Case("it was boring", "act feedback; dislikes item: it", LIST, "it"),
    Case("anything else by him", "must directors: Andy Muschietti", LIST, "it"),
)  # fmt: skip
CHANGES_OF_MIND = (
    Case("forget the horror", "forget genres: horror", taste=(held("genres", "horror"),)),
    Case("horror is fine after all", "forget genres: horror; likes genres: horror",
         taste=(never("genres", "horror"),)),
    Case("the year doesn't matter", "forget year"),
    Case("any length is fine", "forget runtime"),
    Case("forget everything", "act taste; forget everything", taste=(held("genres", "horror"),)),
    Case("start over", "act taste; forget everything"),
    Case("actually, something French instead", "must countries: France; replaces",
         taste=(held("countries", "Japan"),)),
    Case("no horror after all", "never genres: horror", taste=(held("genres", "horror"),)),
    Case("1972", "likes item: solaris-1972", question=WHICH, asking="I loved Solaris"),
    Case("the second one", "likes item: solaris-2002", question=WHICH, asking="I loved Solaris"),
    Case("Tarkovsky", "likes item: solaris-1972", question=WHICH, asking="I loved Solaris"),
    Case("the russian one", "likes item: solaris-1972", question=WHICH, asking="I loved Solaris"),
    Case("the newer one", "likes item: solaris-2002", question=WHICH, asking="I loved Solaris"),
    Case("show me a comedy instead", "act request; must genres: comedy; replaces", question=WHICH,
         asking="I loved Solaris"),
)  # fmt: skip
SHOP = (
    Case("doesn't have to be waterproof", "forget waterproof*", taste=(held("waterproof", "yes"),)),
    Case("a jacket", "act request; must category: jackets"),
    Case("a red jaket", "must colour: red; must category: jackets"),
    Case("jackets under $50", "must category: jackets; must price: ..50"),
    Case("something cheap", "likes price: ..64"),
    Case("not too expensive", "likes price: ..95"),
    Case("no leather", "never material: leather"),
    Case("nothing made of leather", "never material: leather"),
    Case("leather-free boots", "never material: leather; must category: boots"),
    Case("black leather boots", "must colour: black; must material: leather; must category: boots"),
    Case("a blue or red jacket", "either colour: blue; either colour: red; must category: jackets"),
    Case("blue and green tents", "either colour: blue; either colour: green; must category: tents"),
    Case("i want a grey backpack not black",
         "must colour: grey; must category: backpacks; never colour: black"),
    Case("brands other than Norrvik", "never brand: Norrvik"),
    Case("anything but Norrvik", "never brand: Norrvik"),
    Case("norvik", "must brand: Norrvik"),
    Case("waterproof boots", "must waterproof: yes; must category: boots"),
    Case("a green tent under 150 that is waterproof",
         "must colour: green; must category: tents; must price: ..150; must waterproof: yes"),
    Case("at least 4 stars", "must rating: 4.."),
    Case("under 1 kg", "must weight_kg: ..1"),
    Case("lighter than 500 g", "must weight_kg: ..0.5"),
    Case("a light backpack", "must category: backpacks; * weight_kg: *"),
    Case("everything except boots", "never category: boots"),
    Case("price doesn't matter", "forget price"),
    Case("any colour is fine", "forget colour"),
    Case("I bought the Fjord Rain Jacket", "seen item: fjord"),
    Case("I already own the Daypack 20", "seen item: daypack"),
    Case("how much is the Solo Tent", "act question; asks price; means solo"),
    Case("how heavy is the Solo Tent", "act question; asks weight_kg; means solo"),
    Case("which is cheaper, Solo Tent or Big Family Tent?",
         "act compare; asks price=low; means solo; means family-tent"),
    Case("show me 3 jackets", "must category: jackets; count 3"),
    Case("something for camping", "act request; likes text: camping"),
    Case("is it waterproof?", "act question; asks waterproof=yes; means fjord", JACKETS),
    Case("is the second waterproof?", "act question; asks waterproof=yes; means breeze", JACKETS),
    Case("the blue one", "act describe; means fjord", JACKETS),
    Case("the red one looks good", "act feedback; likes item: breeze", JACKETS),
    Case("how much is the first", "act question; asks price; means fjord", JACKETS),
    Case("cheaper than that", "must price: ..218.99", JACKETS),
    Case("cheaper than that", "must price: ..63.99", JACKETS, "breeze"),
    Case("lighter", "must weight_kg: ..0.39", JACKETS, "fjord"),
    Case("in green", "must colour: green", JACKETS),
    Case("same brand", "must brand: Norrvik", JACKETS, "fjord"),
    Case("jackets", "must category: jackets; replaces", taste=(held("category", "boots"),)),
)  # fmt: skip
COURSES = (
    Case("beginner python under 10 hours", "must level: beginner; likes text: python; must hours: ..10"),
    Case("courses by Claire Moreau", "must instructor: Claire Moreau"),
    Case("anything by priya", "must instructor: Priya Raman"),
    Case("not by Okafor", "never instructor: Amara Okafor"),
    Case("free courses", "must price: ..0"),
    Case("free spanish courses", "must price: ..0; must language: Spanish"),
    Case("less than 10 hours", "must hours: ..10"),
    Case("a short one", "must hours: ..8"),
    Case("advanced programming", "must level: advanced; must topic: programming"),
    Case("I'm a beginner", "must level: beginner"),
    Case("I have no experience", "must level: beginner"),
    Case("not for beginners", "never level: beginner"),
    Case("not too advanced", "never level: advanced"),
    Case("music or art", "either topic: music; either topic: art"),
    Case("data and programming", "either topic: data; either topic: programming"),
    Case("no music", "never topic: music"),
    Case("with a certificate", "must certificate: yes"),
    Case("under 10 hours and under 30 euros", "must hours: ..10; must price: ..30"),
    Case("I took First Steps in Python", "seen item: py-first"),
    Case("I've already done SQL in a Weekend", "seen item: sql"),
    Case("programming but not python", "must topic: programming; never text: python"),
    Case("who teaches Jazz Harmony", "act question; asks instructor; means jazz"),
    Case("how long is Jazz Harmony", "act question; asks hours; means jazz"),
    Case("what level is Jazz Harmony", "act question; asks level; means jazz"),
    Case("price is no problem", "forget price"),
    Case("doesn't have to be free", "forget price"),
    Case("total beginner", "must level: beginner; no likes *"),
    Case("is it for beginners?", "act question; asks level=beginner; means py-first", CLASSES),
    Case("how many hours is it", "act question; asks hours", CLASSES),
    Case("the advanced one", "act describe; means oil", CLASSES),
    Case("cheaper", "must price: ..28.99", CLASSES, "draw"),
    Case("does it come with a certificate?", "act question; asks certificate=yes", CLASSES),
)
TALK = (
    Case("hi", "act greet"),
    Case("thanks!", "act thanks"),
    Case("bye", "act bye"),
    Case("help", "act help"),
    Case("", "act chat"),
    Case("!!!", "act chat"),
    Case("asdf jkl qwrt", "act chat"),
    Case("what do you know about me", "act taste; no forget *"),
)


@pytest.mark.parametrize(
    "case", cases(*FILM_WISHES, *FILM_DISLIKES, *FILM_ITEMS, *AFTER_A_LIST, *CHANGES_OF_MIND, *TALK)
)
def test_films(case: Case) -> None:
    assert not wrong(case, case.read("films"))


@pytest.mark.parametrize("case", cases(*SHOP))
def test_shop(case: Case) -> None:
    assert not wrong(case, case.read("shop"))


@pytest.mark.parametrize("case", cases(*COURSES))
def test_courses(case: Case) -> None:
    assert not wrong(case, case.read("courses"))


KNOWN_GAPS: dict[str, tuple[tuple[str, Case], ...]] = {
    "films": (
        ("a one-word title opens the sentence", Case("Heat wasn't great", "dislikes item: heat")),
        ("a one-word title opens the sentence", Case("Heat was brilliant", "likes item: heat")),
        ("the year is the title's", Case("Up (2009)", "means up")),
        ("the new one is taken for the old",
         Case("the new solaris not the old one", "means solaris-2002; no means solaris-1972")),
        ("preferred to, not liked as well", Case("I prefer Heat to Ronin", "likes item: heat")),
        ("what is asked for anew takes the place of the old, whichever facet has the fewest values",
         Case("any westerns?", "must genres: western; replaces", taste=(held("genres", "comedy"),))),
        ("which of four: not the shortest alone",
         Case("which is the shortest?", "act compare; asks runtime=low; no means up", LIST)),
        ("not all four", Case("both look good", "no likes *", LIST)),
        ("the director of what we speak of",
         Case("what else did he direct", "must directors: Andy Muschietti; fresh", LIST, "it")),
        ("the story is told of a war, not of the list",
         Case("something about the second world war", "must themes: war; no means *", LIST)),
        ("neither of the two was meant",
         Case("neither", "no act describe", question=WHICH, asking="I loved Solaris")),
        ("it told of a taste, so a list is due, as for any other title",
         Case("the old one", "act inform; likes item: solaris-1972", question=WHICH,
              asking="I loved Solaris")),
        ("a word that English lacks is a wish all the same",
         Case("a film with xenomorphs", "act request; likes text: xenomorphs")),
    ),
    "shop": (
        ("the commonest wish in a shop", Case("cheap boots", "must price: *; must category: boots")),
        ("the same for the high end", Case("expensive boots", "must price: *; must category: boots")),
        ("a weight has its adjectives", Case("not too heavy", "must weight_kg: *")),
        ("the opposite of what is asked", Case("any brand but Okapi", "never brand: Okapi")),
        ("litres are no count", Case("20 litres", "no count *")),
        ("the brand is meant, not the item", Case("a brand other than that", "never brand: Norrvik", JACKETS,
                                                  "fjord")),
        ("owned already", Case("I have it already", "seen item: fjord", JACKETS, "fjord")),
        ("a material is asked for",
         Case("what is it made of", "act question; asks material", JACKETS, "fjord")),
        ("the list is not described: the cheapest is", Case("the cheapest one", "means puddle", JACKETS)),
    ),
    "courses": (
        ("“taught” is no wish",
         Case("taught by Claire Moreau", "must instructor: Claire Moreau; no likes *")),
        ("no condition is meant", Case("no certificate needed", "no never *; no must *")),
        ("no topic is meant", Case("any language is fine", "forget language; no * topic: *")),
        ("no topic is meant", Case("the language doesn't matter", "forget language; no * topic: *")),
        ("taken already", Case("I did the first already", "seen item: py-first", CLASSES)),
        ("a question about a price", Case("is the first one free?", "act question; asks price*", CLASSES)),
        ("how much is a week is no length", Case("2 hours a week", "no must *")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", known_gaps(KNOWN_GAPS["films"]))
def test_known_gaps_films(case: Case) -> None:
    assert not wrong(case, case.read("films"))


@pytest.mark.parametrize("case", known_gaps(KNOWN_GAPS["shop"]))
def test_known_gaps_shop(case: Case) -> None:
    assert not wrong(case, case.read("shop"))


@pytest.mark.parametrize("case", known_gaps(KNOWN_GAPS["courses"]))
def test_known_gaps_courses(case: Case) -> None:
    assert not wrong(case, case.read("courses"))


# -------------------------------------------------------------------------------------- for any text

NAMES = st.sampled_from(["films", "shop", "courses"])
WORDS = (
    "the a second first one it that both more like no not never horror comedy western scary Heat Ronin Up It "
    "Her Solaris seen loved hated want under over 2 hours 90s 1972 $50 cheap short long than cheaper which "
    "is why who directed by with Kurosawa De Niro kids forget everything any length fine instead but and or "
    ", . ? ! ' \" - Norrvik blue jackets leather waterproof kg beginner free Claire Moreau data too only "
    "must something else yes thanks hi don't I'm me #2"
).split()
TEXTS = st.one_of(
    st.text(max_size=120),
    st.text(st.characters(), max_size=60),
    st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join),
    st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=6)), max_size=15).map(" ".join),
)
IDS = {name: tuple(one.id for one in shelf(name).items) for name in ("films", "shop", "courses")}


@st.composite
def situations(draw: st.DrawFn) -> tuple[str, ReadContext]:
    """A catalogue and anything that may have gone before in it."""
    name = draw(NAMES)
    some = st.lists(st.sampled_from(IDS[name]), max_size=4, unique=True)
    catalogue = shelf(name)
    value = next(iter(catalogue.values(catalogue.facets[-1].name)), "x")
    questions = st.sampled_from(
        [
            None,
            Question("open", ("a", "b")),
            Question("which", ("one", "two"), IDS[name][:2], quote="one"),
            Question("relax", ("Forget “x”",), constraints=(Constraint(catalogue.facets[0].name, (value,)),)),
            Question("relax", ("Forget",), constraints=(Constraint("year", bounds=Bounds(1990, None)),)),
        ]
    )
    here = context(
        catalogue,
        shown=draw(some),
        focus=draw(some),
        question=draw(questions),
        asking=draw(st.sampled_from(["", "I loved Solaris", "tell me about it"])),
        turn=draw(st.integers(1, 40)),
    )
    return name, here


def check_sound(name: str, said: str, reading: Reading, here: ReadContext) -> None:
    """What holds for every reading whatever was said."""
    catalogue = shelf(name)
    sources = {word for text in (said, here.asking) for word in words_of(text)}
    texts = (said, here.asking)
    quotes = [one.quote for one in reading.interests] + [one.quote for one in reading.retractions]
    quotes += [one.quote for one in reading.mentions] + [one.quote for one in reading.ambiguities]
    for quote in quotes:
        assert any(quote in text for text in texts) or set(words_of(quote)) <= sources, quote
    for interest in reading.interests:
        assert 0 < interest.strength <= 1
        # What answers "which one?" completes the message before, and its interests are that message's.
        before = interest.quote in here.asking and interest.quote not in said
        assert interest.turn == here.turn - (before and here.question is not None)
        if interest.kind == "item":
            assert catalogue.get(interest.value) is not None
        elif interest.kind != "text":
            found = catalogue.facet(interest.kind)
            assert found is not None
            if interest.bounds is None:
                assert interest.value in catalogue.values(interest.kind)
            else:
                assert found.kind in ("number", "date")
    for mention in reading.mentions:
        assert catalogue.get(mention.item_id) is not None
    for ambiguity in reading.ambiguities:
        assert len(ambiguity.item_ids) > 1
        assert all(catalogue.get(each) for each in ambiguity.item_ids)
    assert reading.count is None or 1 <= reading.count <= 20
    assert not reading.asked or catalogue.facet(reading.asked) is not None


@settings(max_examples=400, deadline=None)
@given(situations(), TEXTS)
def test_any_text_is_read_soundly_and_always_the_same(situation: tuple[str, ReadContext], said: str) -> None:
    name, here = situation
    reading = reader(name).read(said, here)
    check_sound(name, said, reading, here)
    assert reader(name).read(said, here) == reading


@pytest.mark.parametrize(
    "said",
    [
        "\x00\x01\x02\x1b[31m",
        "‮horror‬",
        "a" * 10_000,
        "horror " * 1_500,
        "no " * 3_000,
        "ü̈" * 2_000,
        "\ud800",
        "1" * 10_000,
        "under " + "9" * 400 + " minutes",
        "Solaris " * 400,
        ", and or " * 1_000,
        "“" * 3_000,
        "片" * 5_000,
        "the " * 2_500,
        "\n".join(["scary?"] * 1_000),
    ],
    ids=lambda said: f"{said[:12].encode('unicode_escape').decode()} x {len(said)}",
)
@pytest.mark.parametrize("name", ["films", "shop", "courses"])
def test_texts_meant_to_hurt(name: str, said: str) -> None:
    here = context(shelf(name), shown=IDS[name][:4], turn=3)
    check_sound(name, said, reader(name).read(said, here), here)


@given(
    st.sampled_from([film for film in FILMS if "," not in film.title]),
    st.sampled_from(["{}", "I loved {}", "tell me about {}", "something like {}"]),
)
def test_a_title_in_quotes_is_always_found(film: Item, frame: str) -> None:
    reading = reader("films").read(frame.format(f"“{film.title}”"), context(films()))
    found = {mention.item_id for mention in reading.mentions}
    found |= {each for ambiguity in reading.ambiguities for each in ambiguity.item_ids}
    assert film.id in found


def test_a_long_message_is_read_to_its_limit_only() -> None:
    reading = reader("films").read("I want horror. " + "and then " * 2_000 + "western", context(films()))
    assert [interest.value for interest in reading.interests] == ["horror"]
