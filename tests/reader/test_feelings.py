"""How far a negation reaches, and what a verdict before or after a thing makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.reader.elements import lay_out, people_things, quantity_things, title_things, value_things
from chat.reader.feelings import Feelings, Felt
from chat.reader.valence import valences
from tests.shelves_for_tests import reader


def felt(said: str, catalogue: str = "films") -> list[Felt]:
    """What is felt about each thing of the catalogue in a message."""
    reads = reader(catalogue)
    tokens = reads.found.tokens(said)
    things = [
        *title_things(tokens, reads.titles, reads.vocabulary, ()),
        *quantity_things(tokens, reads.quantities),
        *people_things(tokens, reads.vocabulary),
        *value_things(tokens, reads.vocabulary),
    ]
    return Feelings(tokens, lay_out(tokens, things, reads.vocabulary)).settle()


def in_words(said: str, catalogue: str = "films") -> str:
    """The verdicts in a line: "horror dislike hard, comedy want"."""
    return ", ".join(
        " ".join(
            [
                entry.thing.values[0] if entry.thing.values else entry.thing.kind,
                entry.verdict,
                *(["less"] if entry.less else []),
                *(["hard"] if entry.hard else []),
            ]
        )
        for entry in felt(said, catalogue)
    )


@pytest.mark.parametrize(
    ("said", "verdicts"),
    [
        # wishes and likes
        ("horror", "horror none"),
        ("a horror film please", "horror none"),
        ("I want a comedy", "comedy want"),
        ("looking for a western", "western want"),
        ("I love westerns", "western like"),
        ("I'm a big fan of horror", "horror like"),
        ("westerns I love", "western like"),
        ("only westerns", "western want hard"),
        ("it must be a comedy", "comedy want hard"),
        ("I can't get enough of westerns", "western like"),
        # a negation that belongs to a verb, to a question or to an answer says nothing of the item
        ("I haven't heard of Heat", "heat none"),
        ("I did not see Heat", "heat none"),
        ("have you seen Ronin", "ronin none"),
        ("no, I have seen Heat", "heat seen"),
        ("didn't they remake Heat", "heat none"),
        ("I'm not sure about Heat", "heat none"),
        ("I don't want something like Heat", "heat dislike hard"),
        ("Ronin didn't look great", "ronin dislike hard"),
        ("I did not like Heat I loved Ronin", "heat dislike hard, ronin like"),
        ("not Heat", "heat dislike hard"),
        # negation right before, and lists
        ("no horror", "horror dislike hard"),
        ("nothing scary", "scary dislike hard"),
        ("without romance", "romance dislike hard"),
        ("not a comedy", "comedy dislike hard"),
        ("no horror or romance", "horror dislike hard, romance dislike hard"),
        ("no horror, romance or western", "horror dislike hard, romance dislike hard, western dislike hard"),
        ("anything but horror", "horror dislike hard"),
        ("everything except westerns", "western dislike hard"),
        ("avoid horror", "horror dislike hard"),
        # verbs that judge
        ("I don't like horror", "horror dislike hard"),
        ("I hate horror", "horror dislike hard"),
        ("I hate horror and romance", "horror dislike hard, romance dislike hard"),
        ("I'm not a fan of westerns", "western dislike hard"),
        ("I can't stand romance", "romance dislike hard"),
        ("sick of comedies", "comedy dislike hard"),
        ("I don't want a comedy", "comedy dislike hard"),
        ("I'm not in the mood for horror", "horror dislike hard"),
        ("horror isn't my thing", "horror dislike hard"),
        ("horror I hate", "horror dislike hard"),
        ("horror? no thanks", "horror dislike hard"),
        ("a comedy? nah", "comedy dislike hard"),
        ("westerns are boring", "western dislike hard"),
        ("horror is too much for me", "horror dislike hard"),
        # two negations, or none
        ("I don't hate horror", "horror like"),
        ("I don't mind horror", "horror allow"),
        ("horror is fine", "horror allow"),
        ("westerns aren't bad", "western like"),
        ("not only westerns", "western want"),
        # the end of the scope
        ("not a comedy but a thriller", "comedy dislike hard, thriller none"),
        ("no horror, I want a comedy", "horror dislike hard, comedy want"),
        ("no horror. a comedy", "horror dislike hard, comedy none"),
        ("a comedy, no horror", "comedy none, horror dislike hard"),
        ("I hate horror but love westerns", "horror dislike hard, western like"),
        ("I love westerns but not horror", "western like, horror dislike hard"),
        ("I like westerns, however no comedies", "western like, comedy dislike hard"),
        ("no horror however I like westerns", "horror dislike hard, western like"),
        # a little less
        ("less scary", "scary dislike less"),
        ("not too scary", "scary dislike less hard"),
        ("nothing too scary", "scary dislike less hard"),
        # given up for another, or no condition any more
        ("I'd rather have a comedy than a western", "comedy like, western forget"),
        ("let's switch from westerns to comedies", "western forget, comedy want"),
        ("leave the westerns out", "western dislike hard"),
        ("it needn't be a western", "western lift"),
        ("I no longer need it to be a western", "western lift"),
        ("I've gone off westerns", "western dislike hard"),
        # taken back
        ("forget the westerns", "western forget"),
        ("never mind the horror", "horror forget"),
        # items
        ("I've seen Heat", "heat seen"),
        ("I haven't seen Heat", "heat none"),
        ("I loved Heat", "heat like"),
        ("I didn't like Ronin", "ronin dislike hard"),
        ("Ronin was boring", "ronin dislike hard"),
        ("Ronin wasn't boring", "ronin like"),
        ("seen Heat, loved Ronin", "heat seen, ronin like"),
        ("I loved Heat but hated Ronin", "heat like, ronin dislike hard"),
        ("have you seen Ronin?", "ronin none"),
    ],
)
def test_verdicts_on_films(said: str, verdicts: str) -> None:
    assert in_words(said) == verdicts


@pytest.mark.parametrize(
    ("said", "verdicts"),
    [
        ("no leather", "leather dislike hard"),
        ("nothing made of leather", "leather dislike hard"),
        ("leather-free boots", "leather dislike hard, boots none"),
        ("not black, blue", "black dislike hard, blue none"),
        ("a grey backpack, not black", "grey none, backpacks none, black dislike hard"),
        ("brands other than Norrvik", "Norrvik dislike hard"),
        ("any brand but Okapi", "Okapi dislike hard"),
        ("must be waterproof", "yes want hard"),
        ("not waterproof", "yes dislike hard"),
        ("I bought the Daypack 20", "daypack seen"),
        ("I already own the Daypack 20", "daypack seen"),
    ],
)
def test_verdicts_on_products(said: str, verdicts: str) -> None:
    assert in_words(said, "shop") == verdicts


def test_words_that_join() -> None:
    joins = [entry.join for entry in felt("a comedy or a western and horror")]
    assert joins == ["", "or", "and"]


KNOWN_GAPS = [
    ("what is preferred over is not liked", "films", "I prefer Heat to Ronin", "heat like, ronin none"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("catalogue", "said", "verdicts"),
    [
        pytest.param(*row, id=row[1], marks=pytest.mark.xfail(strict=True, reason=reason))
        for reason, *row in KNOWN_GAPS
    ],
)
def test_known_gaps(catalogue: str, said: str, verdicts: str) -> None:
    assert in_words(said, catalogue) == verdicts


@given(
    st.lists(
        st.sampled_from(
            "no not horror comedy western scary but and or , . ? i love hate dont like want less too only "
            "forget fine is was boring seen heat ronin anything except mind the a never".split()
        ),
        max_size=16,
    )
)
def test_every_thing_is_felt_about_once_and_in_order(words: list[str]) -> None:
    found = felt(" ".join(words))
    starts = [entry.thing.start for entry in found]
    assert starts == sorted(set(starts))
    assert all(entry.clause[0] <= entry.thing.start < entry.clause[1] for entry in found)


def test_words_that_judge() -> None:
    assert valences()["great"] > 1
    assert valences()["boring"] < -0.7
    assert valences().get("horror-film", 0.0) == 0.0
