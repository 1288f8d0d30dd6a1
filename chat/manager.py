"""One turn of a conversation: read, fold, move, query, retrieve, reasons, write, check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from chat.conversation import Conversation, Turn
from chat.moves import Situation, choose_move, knows_something
from chat.planner import Planner
from chat.query import interests_behind, make_query
from chat.reader.context import ReadContext
from chat.reader.vocabulary import Shelf
from chat.reasons import Reasoner
from chat.reply import Move, Plan, Reply
from chat.taste import TasteProfile, faded, fold_reading, profile_of
from chat.trace import Trace
from prompts.dialogue import Interest, Reading, Utterance
from retrieval.items import Item, Query, Relaxation, Retrieval


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
    """Answers messages about one catalogue. Holds no state of any conversation; safe to share."""

    shelf: Shelf
    reader: Reads
    retriever: Finds
    reasoner: Reasoner
    planner: Planner
    voice: Speaks
    results: int = 4

    def respond(
        self, conversation: Conversation, earlier: Sequence[Turn], text: str, message_id: str, now: datetime
    ) -> Turn:
        """The turn that answers `text`: what it was taken to mean and the reply. Nothing is stored here."""
        trace = Trace()
        number = len(conversation.messages) + 1
        before = profile_of(conversation.turns, earlier)
        with trace.step("read"):
            context = self.context(conversation, before, number)
            reading = self.reader.read(text, context)
        with trace.step("taste"):
            taste = fold_reading(before, reading)
            interests = faded(taste, number)
            situation = self._situation(conversation, reading, context)
            move = choose_move(reading, taste, situation)
        plan = self._plan(move, reading, taste, interests, conversation, context, text, trace)
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
        )
        return Turn(number, now, message_id, text, reading, reply, timings=trace.timings)

    def taste(self, conversation: Conversation, earlier: Sequence[Turn] = ()) -> tuple[Interest, ...]:
        """What is held of this person's taste now, oldest first."""
        profile = profile_of(conversation.turns, earlier)
        held = faded(profile, len(conversation.messages))
        return tuple(self.planner.named(interest) for interest in held)

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
        taste: TasteProfile,
        interests: tuple[Interest, ...],
        conversation: Conversation,
        context: ReadContext,
        text: str,
        trace: Trace,
    ) -> Plan:
        if move != "recommend":
            with trace.step("plan"):
                return self.planner.plan(move, reading, interests, context, conversation, self.reasoner)
        wanted = max(1, min(10, reading.count or self.results))
        one_by_one = [mention.item_id for mention in reading.mentions]
        spoken_of = frozenset(one_by_one if len(one_by_one) < 3 else ())  # "one of these" leaves them in
        never = taste.excluded | spoken_of
        query = make_query(interests, never | frozenset(conversation.shown), wanted)
        with trace.step("retrieve"):
            found = self.retriever.retrieve(query)
            more = reading.fresh or reading.act in ("feedback", "refuse")
            if not more and conversation.shown and not self._any_fit(found, interests, context.turn):
                # the list is narrowed and nothing new fits: what was on it and still fits may stay
                again = self.retriever.retrieve(replace(query, seen=never))
                found = again if self._any_fit(again, interests, context.turn) else found
            loose = (
                _not_of(found.relaxations, interests, context.turn) if more and not found.candidates else ()
            )
            if not found.candidates and not found.relaxations:
                pairs = self.retriever.pairs_to_relax(query)
                found = replace(found, relaxations=pairs[0] if pairs else (), pair=bool(pairs))
            if loose:
                # all that met every condition was shown, and more is wanted: let one go, and say so
                trace.note("a condition was let go")
                found = self.retriever.retrieve(_without(query, loose[0]))
                found = replace(found, relaxations=loose[:1])
        with trace.step("reasons"):
            quote = "" if knows_something(taste) else text
            recommendations = self.reasoner.recommendations(found.candidates, interests, context.turn, quote)
            if loose and not recommendations:
                found = replace(found, relaxations=loose)  # nothing could be said for what is left
        with trace.step("plan"):
            return self.planner.recommend(reading, interests, recommendations, found, wanted, context)


def _without(query: Query, relaxed: Relaxation) -> Query:
    """The query without one of its conditions."""
    musts = tuple(one for one in query.musts if relaxed.excluded or one != relaxed.constraint)
    must_nots = tuple(one for one in query.must_nots if not relaxed.excluded or one != relaxed.constraint)
    return replace(query, musts=musts, must_nots=must_nots)


def _not_of(
    relaxations: Sequence[Relaxation], interests: Sequence[Interest], turn: int
) -> tuple[Relaxation, ...]:
    """The conditions that were not voiced in message `turn` itself: those are not ours to let go."""
    return tuple(
        relax
        for relax in relaxations
        if not relax.excluded  # "no horror" is never ours to lift
        and all(one.turn != turn for one in interests_behind(relax.constraint, interests, relax.excluded))
    )
