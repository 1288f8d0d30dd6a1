"""The composition root: the only place that names concrete classes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

from chat.doctor import CatalogueState
from chat.drafting import Drafter
from chat.errors import BadSettings
from chat.joining import JoinedReader, ModelReader
from chat.manager import DialogueManager, Reads
from chat.planner import Planner
from chat.reader.intent import IntentModel
from chat.reader.opinion import Opinion, OpinionModel, vectors_of
from chat.reader.read import Reader
from chat.reader.remarks import Remark
from chat.reader.tokens import words_of
from chat.reasons import Reasoner
from chat.reranking import ModelReranker
from chat.service import Answer, Service
from chat.settings import ReadBy, Settings
from chat.shelves import Progress, Shelves
from chat.slotted import WARMEST, SlottedDrafter
from chat.store.memory import MemoryStore
from chat.store.sql import SqlStore
from chat.voice import ModelVoice, PlainVoice, Voice
from chat.wire import turn_json
from chat.wording.catalogue import words_for
from retrieval.bandit import Bandit
from retrieval.build import is_fresh
from retrieval.catalogue import Catalogue, CatalogueStore
from retrieval.dials import Dials
from retrieval.embed import Embedder, SentenceTransformerEmbedder
from retrieval.errors import RetrievalError
from retrieval.learned import learned_signals
from retrieval.minilm import MiniLmEmbedder
from retrieval.rerank import CrossEncoderReranker, Reranker, Reranking
from retrieval.retrieve import Retriever
from retrieval.signals import LearnedSignal, Ranking

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from prompts.card import ModelCard
    from prompts.forms import Grammar

#: Catalogues that come with the project.
BUNDLED = {"films": Path(__file__).resolve().parent.parent / "data" / "films" / "films.jsonl"}
DEFAULT_EMBEDDER = "all-MiniLM-L6-v2"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class House:
    """Everything, put together. `voice_line` says in a few words who is speaking."""

    settings: Settings
    service: Service
    catalogues: Shelves
    voice_line: str

    def json(self, answer: Answer) -> dict[str, Any]:
        """An answer as the public JSON."""
        return turn_json(answer.turn, answer.taste)


def build(
    settings: Settings,
    *,
    progress: Progress | None = None,
    lasting: bool = True,
    clock: Callable[[], datetime] = _now,
    chat_model: BaseChatModel | None = None,
) -> House:
    """The house for these settings, its default catalogue imported, indexed and warm.

    `lasting=False` keeps conversations in memory only. `chat_model` stands in for the one that the settings
    name. Raises `GenreError` or `RetrievalError` with what to do about it.
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    # Two threads for a small matrix product wait for each other as soon as anything else runs: measured three
    # times slower at 100,000 items on two busy cores.
    threadpool_limits(1, user_api="blas")
    model = chat_model or _chat_model(settings)
    shelves = make_shelves(settings, model, clock)
    opened = shelves.open(settings.catalogue, progress)
    store = SqlStore(settings.database_url) if lasting else MemoryStore()
    service = Service(store, shelves.manager, clock, max_message_chars=settings.max_message_chars)
    _warm(opened.manager, clock())
    return House(settings, service, shelves, _voice_line(settings, model))


def make_shelves(
    settings: Settings, model: BaseChatModel | None = None, clock: Callable[[], datetime] = _now
) -> Shelves:
    """The catalogues for these settings; none is opened yet."""
    settings.home.mkdir(parents=True, exist_ok=True)
    embedder = make_embedder(settings)
    manage = partial(
        _manager,
        settings=settings,
        embedder=embedder,
        model=model,
        reranker=make_reranker(settings, model),
        intents=IntentModel.load(),
        clock=clock,
    )
    store = CatalogueStore(settings.home / "catalogues")
    return Shelves(
        store, embedder, BUNDLED, manage, partial(_ranking, settings=settings, store=store, embedder=embedder)
    )


def _ranking(
    catalogue: Catalogue, *, settings: Settings, store: CatalogueStore, embedder: Embedder
) -> Ranking:
    """How a catalogue is ranked; whatever was learnt for it joins here."""
    chosen = settings.ranking
    learned: tuple[LearnedSignal, ...] = ()
    if chosen.learned:
        came = BUNDLED[catalogue.name].parent / "learned" if catalogue.name in BUNDLED else None
        learned = learned_signals(store, catalogue, embedder, came)
    dials = Dials(chosen.diversity, chosen.novelty, chosen.serendipity, chosen.fairness)
    return Ranking(dials=dials, learned=learned)


def catalogue_states(settings: Settings) -> list[CatalogueState]:
    """The state of each stored catalogue, for the doctor."""
    store = CatalogueStore(settings.home / "catalogues")
    embedder = make_embedder(settings)
    states = []
    for name, path in BUNDLED.items():
        if name not in store.names():
            with path.open(encoding="utf-8") as lines:
                states.append(CatalogueState(name, sum(1 for _ in lines), False))
    for name in store.names():
        try:
            fresh = is_fresh(store, name, embedder)
            cure = "" if fresh else "It is built at the next start."
            states.append(CatalogueState(name, len(store.open(name)), fresh, "", cure))
        except RetrievalError as error:
            states.append(CatalogueState(name, 0, False, str(error), "Index its file again."))
    return states


def reach_database(settings: Settings) -> str:
    """Where conversations are kept. Raises `StoreError` where that can't be reached."""
    SqlStore(settings.database_url).ping()
    return settings.database_label


def make_embedder(settings: Settings) -> Embedder:
    """The embedder that the settings name."""
    if settings.embedder in (DEFAULT_EMBEDDER, f"sentence-transformers/{DEFAULT_EMBEDDER}"):
        return MiniLmEmbedder(settings.home / "embedder")
    return SentenceTransformerEmbedder(settings.embedder)


def _manager(
    catalogue: Catalogue,
    retriever: Retriever,
    *,
    settings: Settings,
    embedder: Embedder,
    model: BaseChatModel | None,
    reranker: Reranker | None,
    intents: IntentModel,
    clock: Callable[[], datetime],
) -> DialogueManager:
    default = isinstance(embedder, MiniLmEmbedder)

    def judge(text: str) -> tuple[str, float]:
        intent = intents.predict(text, embedder.embed([text])[0] if default else None)
        return intent.label, intent.probability

    opinions = OpinionModel.load()

    def opine(remarks: Sequence[Remark]) -> Opinion:
        return opinions.judge(remarks, vectors_of(remarks, embedder.embed) if default else None)

    linked = Reader(catalogue, clock().date(), judge, opine)
    reader: Reads = linked
    plain = PlainVoice(words_for(catalogue), partial(_is_title, linked))
    voice: Voice = plain
    if model is not None:
        from chat.llm.ask import ask, model_name

        def say(messages: list[dict[str, str]], seed: int, grammar: Grammar | None = None) -> str:
            warmth = settings.llm_temperature if grammar is None else min(settings.llm_temperature, WARMEST)
            most = settings.llm_max_tokens
            return ask(model, messages, max_tokens=most, temperature=warmth, seed=seed, grammar=grammar)

        reader = read_by(settings.llm_reads, linked, catalogue, model)
        card = _short_card(model)
        if card is not None:
            slotted = SlottedDrafter(plain.words, say, card.words, card.moves)
            voice = ModelVoice(model_name(model), slotted, plain, slotted.takes)
        else:
            voice = ModelVoice(model_name(model), Drafter(catalogue, say), plain)
    return DialogueManager(
        shelf=catalogue,
        reader=reader,
        retriever=Reranking(retriever, reranker, settings.ranking.rerank_depth) if reranker else retriever,
        reasoner=Reasoner(catalogue.facets, catalogue.get, retriever.sentence_support),
        planner=Planner(catalogue, linked.vocabulary),
        voice=voice,
        results=settings.results,
        bandit=Bandit(exploration=settings.ranking.exploration) if settings.ranking.learn else None,
        signals=retriever.signals,
        earlier=settings.ranking.earlier,
    )


def make_reranker(settings: Settings, model: BaseChatModel | None = None) -> Reranker | None:
    """Who looks at lists once more; None where the settings name nobody. Raises `BadSettings`."""
    chosen = settings.ranking.reranker
    if chosen == "none":
        return None
    if chosen != "llm":
        return CrossEncoderReranker(chosen, offline=settings.offline)
    if model is None:
        raise BadSettings(
            "ranking.reranker is llm, but llm is plain: name a model in llm, or a cross-encoder in "
            "ranking.reranker."
        )
    from chat.llm.ask import ask

    return ModelReranker(partial(ask, model, temperature=0.0, max_tokens=96))


def read_by(by: ReadBy, linked: Reads, catalogue: Catalogue, model: BaseChatModel) -> Reads:
    """Who reads: the code, the model alone, or both joined."""
    if by == "code":
        return linked
    from chat.llm.ask import ask

    def reads(messages: list[dict[str, str]], schema: Mapping[str, Any] | None) -> str:
        return ask(model, messages, temperature=0.0, json=True, schema=schema)

    short = _short_card(model) is not None
    alone = ModelReader(catalogue, reads, short=short)
    return alone if by == "model" else JoinedReader(linked, alone, adds=not short)


def _short_card(model: BaseChatModel) -> ModelCard | None:
    """The card of a model that was trained on the short prompts."""
    card: ModelCard | None = getattr(model, "card", None)
    return card if card is not None and card.form == "short" else None


def _is_title(reader: Reader, text: str) -> bool:
    """Whether these words are the name of something in the catalogue."""
    return bool(words_of(text)) and reader.titles.holds(text)


def _chat_model(settings: Settings) -> BaseChatModel | None:
    if settings.llm == "plain":
        return None
    from chat.llm.providers import chat_model

    return chat_model(settings)


def _voice_line(settings: Settings, model: BaseChatModel | None) -> str:
    if model is None:
        return "Voice: plain (no language model)"
    from chat.llm.ask import model_name

    return f"Voice: {model_name(model)}, checked; the plain voice stands by"


def _warm(manager: DialogueManager, now: datetime) -> None:
    """One turn to nobody, so that the first person doesn't wait for what loads late."""
    from chat.conversation import Conversation

    nobody = Conversation("warm-up", "nobody", manager.shelf.nouns, now)
    for text in warm_up_messages(manager):
        manager.respond(nobody, (), text, "warm-up", now)


def warm_up_messages(manager: DialogueManager) -> Sequence[str]:
    """Messages that touch every part of a turn once."""
    first = manager.shelf.items[0].title if manager.shelf.items else manager.shelf.noun
    return ("hello", f"something like {first} with a lighthouse")
