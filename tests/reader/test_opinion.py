"""What remarks add up to, and what that changes in a reading."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from chat.reader.opinion import Forest, Opinion, OpinionModel, counted, summary, valued, weighed
from chat.reader.remarks import Remark
from chat.reader.revised import pending, revised
from prompts.dialogue import Interest, Reading
from tests.shelves_for_tests import context, films, reader

MODEL = OpinionModel.load()


def named(text: str, **more: object) -> Remark:
    return Remark(tuple(text.split()), "named", 1, False, 0, **more)  # type: ignore[arg-type]


def test_a_forest_sums_the_leaves_that_a_row_falls_into() -> None:
    # one stump a class: class 0 gets 1 where the first value is above .5, the others 0 everywhere
    forest = Forest(
        feature=np.array([0], np.int16),
        threshold=np.array([0.5]),
        yes=np.array([~0], np.int32),
        no=np.array([~1], np.int32),
        leaf=np.array([0.0, 1.0, 0.0, 0.0], np.float32),
        roots=np.array([0, ~2, ~3], np.int32),
    )
    assert forest.shares(np.array([0.0], np.float32)) == pytest.approx([1 / 3] * 3)
    high = np.e / (np.e + 2)
    assert forest.shares(np.array([1.0], np.float32)) == pytest.approx([high, (1 - high) / 2, (1 - high) / 2])


def test_probabilities_are_whole_for_no_remarks_and_for_many() -> None:
    for remarks in ([], [named("i saw ITEM")], [named("i saw ITEM")] * 30):
        found = MODEL.judge(remarks)
        assert found.disliked + found.liked + found.unsaid == pytest.approx(1)
        assert found.seen + found.unseen + found.unsaid_seen == pytest.approx(1)
        assert MODEL.judge(remarks) == found


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("i hated ITEM", "i loved ITEM"),
        ("i did not like ITEM", "i really like ITEM"),
        ("ITEM was boring and stupid", "ITEM was great and funny"),
    ],
)
def test_dislike_is_told_from_liking(bad: str, good: str) -> None:
    assert MODEL.judge([named(bad)]).dislike > 0.5 > MODEL.judge([named(good)]).dislike


def test_seen_is_told_from_unseen() -> None:
    seen = MODEL.judge([Remark(("ive", "seen", "that", "one"), "answer", 1, True, 0)])
    unseen = MODEL.judge([Remark(("i", "havent", "seen", "that", "one"), "answer", 1, True, 0)])
    assert seen.seen > seen.unseen
    assert unseen.unseen > unseen.seen


def test_a_negation_turns_the_valence_of_what_follows_up_to_the_next_mark() -> None:
    plain, turned = valued(["good"])[0], valued(["not", "good"])[1]
    assert plain > 0 > turned
    assert valued(["not", "that", ",", "good"])[-1] == plain


def test_weights_see_tf_idf_of_length_one_and_only_known_features() -> None:
    remark = named("i saw ITEM")
    keys = np.array(sorted(counted(remark))[:3], np.uint32)
    places, values = weighed(remark, keys, np.ones(3, np.float32))
    assert list(places) == [0, 1, 2]
    assert np.linalg.norm(values) == pytest.approx(1)
    none, _ = weighed(remark, np.array([1], np.uint32), np.ones(1, np.float32))
    assert len(none) == 0


def test_clauses_about_others_are_counted_but_not_scored() -> None:
    passed = Remark(("i", "hated", "OTHER"), "passed", 1, True, 0)
    alone = summary([named("i saw ITEM")], np.zeros((1, 3), np.float32))
    both = summary([named("i saw ITEM"), passed], np.array([[0, 0, 0], [9, 9, 9]], np.float32))
    assert list(alone[:27]) == list(both[:27])
    assert both[-2] == 1


# --- in a reading -------------------------------------------------------------------------------------------


def opinion(dislike: float, seen: float = 0.5) -> Opinion:
    return Opinion(dislike, 1 - dislike, 0.0, seen, 1 - seen, 0.0)


def read_again(
    reading: Reading,
    dislike: float,
    said: str = "meh",
    brought: tuple[str, ...] = ("heat",),
    seen: float = 0.5,
) -> Reading:
    here = context(films(), shown=brought, focus=brought)
    reads = reader("films")
    remarks = reads.remarks(said, here, pending(here), fresh=True)
    return revised(
        reading, remarks, lambda _: opinion(dislike, seen), films().get, reads.vocabulary, 2, said, brought
    )


def feelings(reading: Reading) -> list[tuple[str, str]]:
    return [(one.value, one.feeling) for one in reading.interests]


HELD = partial(Interest, "Heat (1995)", "item", strength=0.9, quote="it", turn=2, value="heat")


def test_a_dislike_that_no_rule_found_is_added() -> None:
    found = read_again(Reading("chat"), 0.9)
    assert feelings(found) == [("heat", "dislike")]
    assert found.act == "feedback"
    assert feelings(read_again(Reading("chat"), 0.3)) == []


def test_a_like_in_so_many_words_takes_more_to_be_overruled() -> None:
    liked = Reading("feedback", (HELD(feeling="like"),))
    assert feelings(read_again(liked, 0.6)) == [("heat", "like")]
    assert feelings(read_again(liked, 0.9)) == [("heat", "dislike")]


def test_a_dislike_by_rule_goes_only_where_hardly_anything_speaks_for_it() -> None:
    disliked = Reading("feedback", (HELD(feeling="dislike"),))
    assert feelings(read_again(disliked, 0.1)) == [("heat", "dislike")]
    assert feelings(read_again(disliked, 0.01)) == []


def test_seen_stays_beside_a_dislike() -> None:
    seen = Reading("feedback", (HELD(feeling="seen"),))
    assert feelings(read_again(seen, 0.9)) == [("heat", "seen"), ("heat", "dislike")]


def test_a_verdict_on_what_was_suggested_tells_of_experience() -> None:
    liked = Reading("feedback", (HELD(feeling="like"),))
    assert feelings(read_again(liked, 0.1, seen=0.95)) == [("heat", "like"), ("heat", "seen")]
    assert feelings(read_again(liked, 0.1, seen=0.6)) == [("heat", "like")]
    assert feelings(read_again(Reading("chat"), 0.1, seen=0.95)) == []


def test_a_long_list_is_not_answered_by_a_word() -> None:
    assert feelings(read_again(Reading("chat"), 0.9, brought=("heat", "ronin", "up"))) == []
