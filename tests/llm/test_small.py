"""The model that comes with GENRE: its files are whole, it reads what can be believed, and its words pass."""

from __future__ import annotations

import uuid

import pytest

from chat.build import House, build
from chat.joining import ModelReader
from chat.llm.ask import ask
from chat.llm.checksums import verify
from chat.llm.providers import BUNDLED_SMALL, chat_model
from chat.llm.streamed import EngineChatModel
from chat.settings import load_settings
from finetune.examples import LEFT_OUT
from prompts.template import fingerprint
from tests.shelves_for_tests import context, films

pytest.importorskip("onnxruntime_genai", reason="pip install onnxruntime-genai")

#: Said by nobody that the model learned from.
MESSAGES = (
    "hi there",
    "we fancy something tense tonight, not too long",
    "hmm, anything funnier?",
    "who directed the first one?",
    "tell me more about number two",
    "no romance please",
    "thanks a lot",
)


@pytest.fixture(scope="module")
def small() -> EngineChatModel:
    model = chat_model(load_settings({"llm": "small", "offline": True}))
    assert isinstance(model, EngineChatModel)
    return model


@pytest.fixture(scope="module")
def talker(house: House) -> House:
    """The house with this model's voice, beside the catalogues of the tests."""
    return build(load_settings({"home": house.settings.home, "llm": "small"}), lasting=False)


def test_every_file_is_the_one_that_was_published() -> None:
    assert sum(verify(BUNDLED_SMALL / part) for part in ("base", "adapter", "onnx")) > 10
    assert sum(path.stat().st_size for path in BUNDLED_SMALL.rglob("*") if path.is_file()) < 80e6


def test_it_was_trained_on_the_prompts_that_serve(small: EngineChatModel) -> None:
    card = small.card
    assert card is not None
    assert (card.name, card.form) == ("genre-small", "short")
    assert card.prompt_fingerprint == fingerprint(), "the prompts have changed: train it again, or ship none"
    assert len(card.words) > 500
    assert not any(name in source for source in card.sources for name in LEFT_OUT)


def test_what_it_reads_can_be_believed(small: EngineChatModel) -> None:
    reader = ModelReader(
        films(),
        lambda messages, schema: ask(small, messages, temperature=0.0, json=True, schema=schema),
        short=True,
    )
    for text in (*MESSAGES, "smth like heat but w/o guns?!", "ok cool. whatever you think", "漫画 🎬 please"):
        assert reader.drafted(text, context(films(), shown=("heat", "ronin"))) is not None, text


def test_it_words_replies_that_pass_the_check(talker: House) -> None:
    user = f"test-{uuid.uuid4().hex}"
    conversation = talker.service.start(user, "films").id
    voices = []
    for number, text in enumerate(MESSAGES):
        reply = talker.service.respond(user, conversation, str(number), text).turn.reply
        assert reply is not None
        assert reply.text.strip()
        assert "[" not in reply.text
        voices.append(reply.voice)
    assert voices.count("genre-small") >= 2, voices
