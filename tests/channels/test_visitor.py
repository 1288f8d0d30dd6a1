from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from chat.channels.person import new_token, person
from chat.channels.web.visitor import visitor

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=70),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["token", "catalogue", "conversation"]) | st.text(max_size=5), inner
        )
    ),
    max_leaves=6,
)


@given(JSON)
def test_whatever_a_browser_holds_makes_a_visitor_with_an_unguessable_token(stored: object) -> None:
    who = visitor(stored, ["films"], "films")
    assert re.fullmatch(r"[A-Za-z0-9_-]{40,64}", who.token)
    assert who.catalogue == "films"
    assert visitor(who.stored(), ["films"], "films") == who


def test_a_new_token_forgets_the_conversation_of_the_bad_one() -> None:
    assert visitor({"token": "1", "conversation": "c"}, ["films"], "films").conversation is None


def test_tokens_differ_and_the_user_id_does_not_tell_them() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    token = tokens.pop()
    assert token not in person("web", token)
    assert person("web", token) != person("api", token)


def test_the_default_catalogue_is_replaced_where_it_is_not_there() -> None:
    assert visitor({"catalogue": "gone"}, ["books", "shop"], "films").catalogue == "books"
