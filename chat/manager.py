"""One turn of a conversation: read, fold, move, query, retrieve, reasons, write, check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from chat.conversation import Conversation, Turn
from chat.moves import Situation, choose_move
from chat.outcomes import outcomes_of
from chat.planner import Planner
from chat.query import interests_behind, make_query
from chat.reader.context import ReadContext
from chat.reader.vocabulary import Shelf
from chat.reasons import Reasoner
from chat.reply import Move, Plan, Reason, Reply
from chat.taste import EARLIER, TasteProfile, faded, fold_reading, profile_of
from chat.trace import Trace
from prompts.dialogue import Interest, Reading, Retraction, Utterance
from retrieval.bandit import Bandit
from retrieval.items import Candidate, Item, Query, Relaxation, Retrieval


class Reads(Protocol):
    """Anything that reads a message in its context."""

    def read(self, text: str, context: ReadContext) -> Reading: ...


class Finds(Protocol):
    """Anything that answers a query; `retrieval.retrieve.Retriever` does."""

    def retrieve(self, query: Query) -> Retrieval: ...
    def pairs_to_relax(self, query: Query) -> tuple[tuple[Relaxation, Relaxation], ...]: ...


class Speaks(Protocol):
    """Anything that words a plan: a reply that has passed the check, and the name of the voice that spoke."""

    def speak(
        self, plan: Plan, dialogue: Sequence[Utterance], seed: str, trace: Trace
    ) -> tuple[str, str]: ...


@dataclass(frozen=True)
class DialogueManager:
    """Answers messages about one catalogue. Holds no state of any conversation; safe to share.

    `bandit` lets the weights of `signals` lean by what came of earlier lists; None keeps them as set.
    `earlier` is what the taste of earlier conversations counts in this one.
    """

    shelf: Shelf
    reader: Reads
    retriever: Finds
    reasoner: Reasoner
    planner: Planner
    voice: Speaks
    results: int = 4
    decide: Callable[[Reading, TasteProfile, Situation], Move] = choose_move
    bandit: Bandit | None = None
    signals: tuple[str, ...] = ()
    earlier: float = EARLIER

    def respond(
        self, conversation: Conversation, earlier: Sequence[Turn], text: str, message_id: str, now: datetime
    ) -> Turn:
        """The turn that answers `text`: what it was taken to mean and the reply. Nothing is stored here."""
        trace = Trace()
        number = len(conversation.messages) + 1
        before = profile_of(conversation.turns, earlier, self.earlier)
        with trace.step("read"):
            context = self.context(conversation, before, number)
            reading = _given_way(self.reader.read(text, context), context, conversation.last)
        with trace.step("taste"):
            taste = fold_reading(before, reading)
            interests = faded(taste, number)
            situation = self._situation(conversation, reading, context)
            move = self.decide(reading, taste, situation)
        leaning = self._leaning(conversation, earlier, reading, text) if move == "recommend" else {}
        plan = self._plan(
            move, reading, before, taste, interests, conversation, context, text, trace, leaning
        )
        with trace.step("write"):
            dialogue = (*self.dialogue(conversation), Utterance("user", text))
            words, voice = self.voice.speak(plan, dialogue, f"{conversation.id}.{number}", trace)
        reply = Reply(
            text=words,
            move=plan.move,
            recommendations=plan.recommendations,
            quick_replies=self.planner.quick_replies(plan),
            question=plan.question,
            voice=voice,
            item_ids=tuple(item.id for item in plan.items),
            let_go=plan.let_go,
        )
        return Turn(number, now, message_id, text, reading, reply, timings=trace.timings)

    def taste(self, conversation: Conversation, earlier: Sequence[Turn] = ()) -> tuple[Interest, ...]:
        """What is held of this person's taste now, oldest first."""
        profile = profile_of(conversation.turns, earlier, self.earlier)
        held = faded(profile, len(conversation.messages))
        return tuple(self.planner.named(interest) for interest in held)

    def explain(
        self, conversation: Conversation, earlier: Sequence[Turn], item_id: str
    ) -> tuple[Reason, ...]:
        """What speaks for an item and against it, by the taste as it is now; nothing for an unknown one."""
        item, turn = self.shelf.get(item_id), len(conversation.messages)
        held = faded(profile_of(conversation.turns, earlier, self.earlier), turn)
        return self.reasoner.reasons(item, held, turn) if item is not None else ()

    def context(self, conversation: Conversation, taste: TasteProfile, number: int) -> ReadContext:
        """What reading may know: the list on the table, what was last spoken of, and what we asked."""
        messages = conversation.messages
        last = messages[-1] if messages else None
        shown: tuple[Item, ...] = ()
        for turn in reversed(messages):
            if turn.reply and turn.reply.recommendations:
                shown = tuple(entry.item for entry in turn.reply.recommendations)
                break
        focus: tuple[Item, ...] = ()
        if last is not None and last.reply is not None:
            ids = list(last.reply.item_ids)
            if not ids and not last.reply.recommendations and last.reading:
                ids = [mention.item_id for mention in last.reading.mentions]
            focus = tuple(item for item in map(self.shelf.get, dict.fromkeys(ids)) if item is not None)
            if not focus and len(last.reply.recommendations) == 1:
                focus = shown
        return ReadContext(
            talked=self._talked(conversation),
            turn=number,
            shown=shown,
            focus=focus,
            question=last.reply.question if last and last.reply else None,
            asking=last.text if last else "",
            taste=faded(taste, number),
            dropped=self._dropped(conversation),
            last_act=last.reading.act if last and last.reading else None,
            last_asked=(last.reading.asked, last.reading.asked_value) if last and last.reading else None,
        )

    def _dropped(self, conversation: Conversation) -> tuple[Interest, ...]:
        """The likes that the last message put aside for others."""
        last = conversation.messages[-1:]
        if not last or last[0].reading is None or not last[0].reading.interests:
            return ()
        turns = conversation.turns
        before = profile_of(turns[: turns.index(last[0])])
        after = fold_reading(before, last[0].reading)
        return tuple(one for one in before.likes if one not in after.interests and one.kind != "item")

    def _talked(self, conversation: Conversation) -> tuple[Item, ...]:
        """The last two items that were spoken of one by one, the older first."""
        ids = [
            item_id
            for turn in conversation.messages
            for item_id in (turn.reply.item_ids if turn.reply else ())
        ]
        latest = list(dict.fromkeys(reversed(ids)))[:2]
        return tuple(item for item in map(self.shelf.get, reversed(latest)) if item is not None)

    def dialogue(self, conversation: Conversation) -> tuple[Utterance, ...]:
        """What was said so far."""
        out: list[Utterance] = []
        for turn in conversation.messages:
            out.append(Utterance("user", turn.text))
            if turn.reply is not None:
                out.append(Utterance("assistant", turn.reply.text))
        return tuple(out)

    def _any_fit(self, found: Retrieval, interests: Sequence[Interest], turn: int) -> bool:
        """Whether any candidate is there that something speaks for."""
        likes = [one for one in interests if one.feeling == "like"]
        return bool(found.candidates) and (
            not likes
            or any(
                not reason.against
                for candidate in found.candidates
                for reason in self.reasoner.reasons(candidate.item, likes, turn)
            )
        )

    def _leaning(
        self, conversation: Conversation, earlier: Sequence[Turn], reading: Reading, text: str
    ) -> Mapping[str, float]:
        """The factors of the signals' weights. Drawn by what was said and done here: a conversation that goes
        the same way gets the same lists, whosever it is."""
        if self.bandit is None:
            return {}
        outcomes = outcomes_of(conversation.turns, earlier, reading)
        return self.bandit.leaning(outcomes, self.signals, "\n".join([*map(_done, conversation.turns), text]))

    # -- one step each ------------------------------------------------------------------------------------

    def _situation(self, conversation: Conversation, reading: Reading, context: ReadContext) -> Situation:
        asked = 0
        for turn in reversed(conversation.messages):
            if turn.reply is None or turn.reply.move != "ask":
                break
            asked += 1
        items = self.planner.items_meant(reading, context)
        return Situation(context.question, asked, len(context.shown), len(items))

    def _plan(
        self,
        move: Move,
        reading: Reading,
        before: TasteProfile,
        taste: TasteProfile,
        interests: tuple[Interest, ...],
        conversation: Conversation,
        context: ReadContext,
        text: str,
        trace: Trace,
        leaning: Mapping[str, float],
    ) -> Plan:
        if move != "recommend":
            with trace.step("plan"):
                return self.planner.plan(move, reading, interests, context, conversation, self.reasoner)
        wanted = max(1, min(10, reading.count or self.results))
        one_by_one = [mention.item_id for mention in reading.mentions]
        spoken_of = frozenset(one_by_one if len(one_by_one) < 3 else ())  # "one of these" leaves them in
        never = taste.excluded | spoken_of
        said = [*(turn.text for turn in conversation.messages), text]
        query = make_query(
            interests, never | frozenset(conversation.shown) | conversation.named, wanted, said
        )
        query = replace(query, leaning=leaning)
        with trace.step("retrieve"):
            found = self.retriever.retrieve(query)
            others = reading.fresh or reading.act in ("feedback", "refuse")
            news = _news(before, reading)
            if (
                news
                and not others
                and conversation.shown
                and not self._any_fit(found, interests, context.turn)
            ):
                # the list is narrowed and nothing new fits: what was on it and meets the news may stay
                again = self.retriever.retrieve(replace(query, seen=never))
                staying = self._meeting(again, news, context.turn)
                found = replace(again, candidates=staying) if staying else found
            shown_all = not found.candidates and self._was_shown(query)
            relaxed = _to_let_go(found.relaxations, interests, context.turn) if others else None
            loosened = None
            if shown_all and relaxed is not None:
                # all that met every condition was shown, and more is wanted: let one go, and say so
                wider = self.retriever.retrieve(_without(query, relaxed))
                if self._any_fit(wider, interests, context.turn):
                    trace.note("a condition was let go")
                    found, loosened = wider, relaxed
            if not found.candidates and not found.relaxations:
                pairs = self.retriever.pairs_to_relax(query)
                found = replace(found, relaxations=pairs[0] if pairs else (), pair=bool(pairs))
        with trace.step("reasons"):
            quote = "" if taste.likes else text
            recommendations = self.reasoner.recommendations(found.candidates, interests, context.turn, quote)
        with trace.step("plan"):
            plan = self.planner.recommend(reading, interests, recommendations, found, wanted, context)
            if loosened is not None and recommendations:
                return self.planner.loosened(plan, loosened, interests)
            return replace(plan, exhausted=shown_all)

    def _was_shown(self, query: Query) -> bool:
        """Whether something meets the query, and only for having been shown or refused is no candidate."""
        return bool(query.seen) and self.retriever.retrieve(replace(query, seen=frozenset())).matching > 0

    def _meeting(self, found: Retrieval, news: Sequence[Interest], turn: int) -> tuple[Candidate, ...]:
        """The candidates that what was just said speaks for; all of them where it only ruled things out."""
        likes = [one for one in news if one.feeling == "like"]
        return tuple(
            candidate
            for candidate in found.candidates
            if not likes
            or any(not reason.against for reason in self.reasoner.reasons(candidate.item, likes, turn))
        )


def _done(turn: Turn) -> str:
    """What a person did in a turn, in a few words."""
    return f"{turn.feedback.kind} {turn.feedback.item_id}" if turn.feedback else turn.text


def _without(query: Query, relaxed: Relaxation) -> Query:
    """The query without one of its conditions."""
    return replace(query, musts=tuple(one for one in query.musts if one != relaxed.constraint))


def _to_let_go(
    relaxations: Sequence[Relaxation], interests: Sequence[Interest], turn: int
) -> Relaxation | None:
    """The condition that is ours to let go, if any: a value asked for before this message.

    Limits, and what was ruled out, are never let go unasked.
    """
    for relax in relaxations:
        if relax.excluded or relax.constraint.bounds is not None:
            continue
        if all(one.turn != turn for one in interests_behind(relax.constraint, interests, relax.excluded)):
            return relax
    return None


def _given_way(reading: Reading, context: ReadContext, last: Reply | None) -> Reading:
    """The reading, with a condition let go where that was the last question and the answer is "more"."""
    question = context.question
    if question is None or question.about != "relax" or last is None or last.recommendations:
        return reading
    if (
        not (reading.fresh or reading.open)
        or reading.act not in ("request", "agree")
        or reading.interests
        or reading.retractions
    ):
        return reading
    let_go = [
        Retraction(one.kind, one.value, one.subject)
        for constraint in (*question.constraints[:1], *question.also)
        for one in interests_behind(constraint, context.taste, excluded=False)
    ]
    return replace(reading, retractions=tuple(let_go))


def _news(before: TasteProfile, reading: Reading) -> tuple[Interest, ...]:
    """What a message newly says of the taste, items aside: what a list can be narrowed by."""
    known = {(one.kind, one.value.casefold(), one.bounds, one.feeling) for one in before.interests}
    return tuple(
        one
        for one in reading.interests
        if one.kind != "item" and (one.kind, one.value.casefold(), one.bounds, one.feeling) not in known
    )
