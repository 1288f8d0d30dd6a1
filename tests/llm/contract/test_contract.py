"""What every chat model does, whichever runs behind it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from chat.errors import ModelError
from chat.llm.ask import ask, ask_in_pieces

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


def said(text: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": "You talk about films."}, {"role": "user", "content": text}]


def test_answers_in_words_that_depend_on_the_message(model: BaseChatModel) -> None:
    one, other = ask(model, said("a western")), ask(model, said("something with robots"))
    assert one.strip()
    assert one != other


def test_the_same_question_gets_the_same_answer_at_temperature_0(model: BaseChatModel) -> None:
    assert ask(model, said("a western")) == ask(model, said("a western"))


def test_pieces_make_up_the_whole(model: BaseChatModel) -> None:
    pieces = list(ask_in_pieces(model, said("a western")))
    assert len(pieces) > 1
    assert "".join(pieces) == ask(model, said("a western"))


def test_a_longer_dialogue_is_taken_in(model: BaseChatModel) -> None:
    dialogue = [
        *said("hello"),
        {"role": "assistant", "content": "Hi."},
        {"role": "user", "content": "a comedy"},
    ]
    assert ask(model, dialogue).strip()


def test_the_limit_of_a_call_holds(model: BaseChatModel) -> None:
    whole = ask(model, said("a western"))
    short = ask(model, said("a western"), max_tokens=5)
    assert short
    assert len(short) < len(whole)
    assert whole.startswith(short.rstrip())


@pytest.mark.parametrize("streamed", [False, True])
def test_ends_before_a_stop_string(model: BaseChatModel, streamed: bool) -> None:
    whole = ask(model, said("a western"))
    stop = whole[8:11]
    if streamed:
        cut = "".join(ask_in_pieces(model, said("a western"), stop=[stop]))
    else:
        cut = ask(model, said("a western"), stop=[stop])
    assert cut == whole[: whole.find(stop)]


def test_two_threads_at_once_get_their_own_words(model: BaseChatModel) -> None:
    texts = ["a western", "something with robots", "a quiet film", "heists"]
    alone = [ask(model, said(text)) for text in texts]
    with ThreadPoolExecutor(len(texts)) as pool:
        assert list(pool.map(lambda text: ask(model, said(text)), texts)) == alone
        together = pool.map(lambda text: "".join(ask_in_pieces(model, said(text))), texts)
        assert list(together) == alone


def test_a_stream_left_early_harms_nobody(model: BaseChatModel) -> None:
    alone = ask(model, said("a western"))
    pieces = ask_in_pieces(model, said("something with robots"))
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert ask(model, said("a western")) == alone


def test_asynchronous_callers_get_the_same(model: BaseChatModel) -> None:
    messages = [(message["role"], message["content"]) for message in said("a western")]
    # In a thread of its own: the browser tests leave an event loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(lambda: asyncio.run(model.ainvoke(messages))).result()
    assert answer.text == ask(model, said("a western"))


def test_an_answer_tells_what_it_took(model: BaseChatModel) -> None:
    answer = model.invoke([("user", "a western")], max_tokens=7)
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["output_tokens"] == 7
    assert answer.usage_metadata["input_tokens"] > 0
    assert answer.response_metadata["finish_reason"] == "length"


def test_an_unknown_role_is_refused(model: BaseChatModel) -> None:
    with pytest.raises(ModelError):
        ask(model, [{"role": "wizard", "content": "hello"}])
