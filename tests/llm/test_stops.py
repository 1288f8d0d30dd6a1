"""Stop strings that arrive in pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chat.llm.stops import StopFilter

#: Few letters, so that stops really occur.
words = st.text("ab \n", max_size=30)


@given(st.lists(words, max_size=8), st.lists(st.text("ab \n", min_size=1, max_size=4), max_size=3))
def test_however_it_is_cut_up_it_ends_before_the_first_stop(pieces: list[str], stops: list[str]) -> None:
    stopper = StopFilter(stops)
    shown = ""
    for piece in pieces:
        shown += stopper.push(piece)
        assert not any(stop in shown for stop in stops)
    shown += stopper.flush()
    whole = "".join(pieces)
    ends = [whole.find(stop) for stop in stops if stop in whole]
    assert stopper.hit == bool(ends)
    assert whole.startswith(shown)
    assert shown == whole if not ends else not any(stop in shown for stop in stops)


def test_text_that_can_be_no_stop_is_not_held_back() -> None:
    stopper = StopFilter(["\nuser:"])
    assert stopper.push("Heat is") == "Heat is"
    assert stopper.push(" long.\n") == " long."
    assert stopper.push("And") == "\nAnd"
    assert stopper.push("\nus") == ""
    assert stopper.push("er: hi") == ""
    assert stopper.hit
    assert stopper.flush() == ""
