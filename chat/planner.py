"""What a reply has to say, once the move is chosen: items, answers, comparisons, the one question. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chat.conversation import Conversation
from chat.moves import open_question
from chat.query import condition, interests_behind
from chat.reader.context import ReadContext
from chat.reader.elements import Thing
from chat.reader.naming import bounds_in_words, name_of
from chat.reader.numerals import number_of
from chat.reader.pointing import fits
from chat.reader.vocabulary import Shelf, Vocabulary
from chat.reasons import Reasoner
from chat.reply import Comparison, Move, Plan, Question, Reason, Recommendation, Unmet
from prompts.dialogue import Interest, Reading, Retraction
from retrieval.items import Constraint, Item, Relaxation, Retrieval

#: Items compared side by side, at most.
MOST_COMPARED = 4


class Planner:
    """Makes plans for one catalogue."""

    def __init__(self, shelf: Shelf, vocabulary: Vocabulary) -> None:
        self._shelf = shelf
        self._vocabulary = vocabulary
        self._opening = self._open()

    # -- lists --------------------------------------------------------------------------------------------

    def recommend(
        self,
        reading: Reading,
        interests: Sequence[Interest],
        recommendations: tuple[Recommendation, ...],
        found: Retrieval,
        wanted: int,
        context: ReadContext,
    ) -> Plan:
        """A list with its reasons; where conditions left nothing, or one item, which one to relax.

        The same question is not asked twice in a row.
        """
        without_reason = bool(found.candidates) and not recommendations
        if without_reason:  # the conditions leave something, but nothing speaks for it
            unmet = self._unborne(found, interests)
        else:
            unmet = self._unmet(found, interests, bool(recommendations))
        question = None
        if unmet and len(recommendations) < min(wanted, 2):
            question = Question(
                "relax",
                tuple(self._without(entry) for entry in unmet),
                constraints=tuple(entry.constraint for entry in unmet)
                if without_reason
                else tuple(relax.constraint for relax in found.relaxations[: len(unmet)]),
                also=(found.relaxations[1].constraint,) if unmet[0].constraint.facet == "" else (),
            )
            if context.question is not None and context.question.constraints == question.constraints:
                question = None
        return Plan(
            move="recommend" if recommendations else "ask",
            topic=reading.act,
            recommendations=recommendations,
            question=question or (None if recommendations else self._opening),
            heard=self.heard(reading),
            forgot=reading.retractions,
            unmet=unmet if question is not None else (),
            wanted=wanted if len(recommendations) < wanted else None,
            unknown_titles=reading.unknown,
        )

    def loosened(self, plan: Plan, relaxed: Relaxation, interests: Sequence[Interest]) -> Plan:
        """The plan of a list for which a condition was let go: it says so, and claims no more than that."""
        words = self._words_of(relaxed.constraint, interests, relaxed.excluded)
        let_go = Retraction(relaxed.constraint.facet, words, words)
        return replace(
            plan,
            forgot=(*plan.forgot, let_go),
            question=None,
            unmet=(),
            wanted=None,
            let_go=(relaxed.constraint,),
        )

    def _unmet(self, found: Retrieval, interests: Sequence[Interest], listed: bool) -> tuple[Unmet, ...]:
        """The conditions to let go, most helpful first; two that only help together are one entry."""
        named = [
            (relax, self._words_of(relax.constraint, interests, relax.excluded))
            for relax in found.relaxations
        ]
        if found.pair and len(named) == 2:
            both = " and ".join(words for _, words in named)
            return (Unmet(Constraint(""), False, named[0][0].matching, both),)
        return tuple(
            Unmet(relax.constraint, relax.excluded, relax.matching, words)
            for relax, words in named
            if relax.matching > found.matching or listed
        )[:3]

    def _unborne(self, found: Retrieval, interests: Sequence[Interest]) -> tuple[Unmet, ...]:
        """The leanings, newest first, that nothing among what meets the conditions bears out."""
        leanings = [
            one
            for one in sorted(interests, key=lambda one: -one.turn)
            if one.feeling == "like" and not one.hard and self._shelf.facet(one.kind) is not None
        ]
        return tuple(
            Unmet(condition([one]), False, found.matching, one.subject)
            for one in leanings
            if not any(_bears_out(candidate.item, one) for candidate in found.candidates)
        )[:3]

    def _words_of(self, constraint: Constraint, interests: Sequence[Interest], excluded: bool) -> str:
        behind = interests_behind(constraint, interests, excluded)
        if behind:
            words = " or ".join(dict.fromkeys(one.subject for one in behind))
        elif constraint.bounds is not None:
            facet = self._shelf.facet(constraint.facet)
            words = bounds_in_words(facet, constraint.bounds) if facet else ""
        else:
            words = " or ".join(constraint.values)
        return f"no {words}" if excluded else words

    def _without(self, unmet: Unmet) -> str:
        if unmet.excluded:
            return f"{unmet.words.removeprefix('no ')} is fine after all"
        return f"Forget “{unmet.words}”"

    def _open(self) -> Question:
        """The open question, with values to tap that lead to different lists."""
        impressions = [facet for facet in self._vocabulary.heads if self._vocabulary.is_impression(facet)]
        facet = (impressions or self._vocabulary.heads or [""])[0]
        counts = self._shelf.values(facet) if facet else {}
        common = sorted(counts, key=lambda value: (-counts[value], value))[:12]
        chosen: list[str] = []
        for value in common:  # the most frequent ones that share the fewest items
            holders = {item.id for item in self._shelf.items if value in item.values(facet)}
            apart = all(
                len(holders & {item.id for item in self._shelf.items if other in item.values(facet)})
                < 0.35 * len(holders)
                for other in chosen
            )
            if apart and len(chosen) < 4:
                chosen.append(value)
        return open_question(chosen or common[:4])

    # -- everything else ----------------------------------------------------------------------------------

    def plan(
        self,
        move: Move,
        reading: Reading,
        interests: Sequence[Interest],
        context: ReadContext,
        conversation: Conversation,
        reasoner: Reasoner,
    ) -> Plan:
        """The plan for any move but a list."""
        plan = Plan(
            move=move,
            topic=reading.act,
            heard=self.heard(reading),
            forgot=reading.retractions,
            unknown_titles=reading.unknown,
            profile=tuple(self.named(one) for one in interests) if reading.act == "taste" else (),
        )
        if move == "ask":
            question = self._question(reading)
            which = tuple(item for item in map(self._shelf.get, question.item_ids) if item is not None)
            return replace(plan, question=question, items=which)
        items = self.items_meant(reading, context)
        if move == "describe":
            return self._describe(plan, reading, items, interests, conversation, context, reasoner)
        if move == "compare":
            return self._compare(
                plan, reading, items[:MOST_COMPARED], interests, context, conversation, reasoner
            )
        if reading.act == "feedback":
            return replace(plan, items=tuple(items[:1]))
        return plan

    def heard(self, reading: Reading) -> tuple[Interest, ...]:
        """What this message added, with names for items."""
        return tuple(self.named(interest) for interest in reading.interests)

    def named(self, interest: Interest) -> Interest:
        """The interest with a subject for people: clicks carry only an item's id."""
        if interest.subject or interest.kind != "item":
            return interest
        item = self._shelf.get(interest.value)
        if item is None:
            return replace(interest, subject=interest.value)
        return replace(interest, subject=name_of(item, self._vocabulary))

    def items_meant(self, reading: Reading, context: ReadContext) -> list[Item]:
        """The items that a message is about: named, pointed at, or else the ones in focus."""
        named = [item for mention in reading.mentions if (item := self._shelf.get(mention.item_id))]
        if named or reading.unknown:
            unique = {item.id: item for item in named}
            if reading.act == "compare" and len(unique) == 1:
                among = (
                    context.shown
                    if next(iter(unique)) in {item.id for item in context.shown}
                    else context.focus
                )
                unique |= {item.id: item for item in among}
            return list(unique.values())
        if reading.act == "compare":
            several = (context.focus, context.talked, context.shown)
            return list(next((items for items in several if len(items) > 1), ()))
        if reading.act == "explain":
            return list(context.focus or context.shown)
        if context.focus:
            return list(context.focus)
        return list(context.shown[:1]) if reading.act != "feedback" else []

    def _question(self, reading: Reading) -> Question:
        if reading.ambiguities:
            ambiguity = reading.ambiguities[0]
            items = [item for item in map(self._shelf.get, ambiguity.item_ids) if item is not None]
            names = tuple(name_of(item, self._vocabulary) for item in items)
            return Question("which", names, tuple(item.id for item in items), quote=ambiguity.quote)
        return self._opening

    def _describe(
        self,
        plan: Plan,
        reading: Reading,
        items: Sequence[Item],
        interests: Sequence[Interest],
        conversation: Conversation,
        context: ReadContext,
        reasoner: Reasoner,
    ) -> Plan:
        if reading.act == "explain":
            reasons = [
                reason
                for item in items
                for reason in self._given(item, conversation)
                or reasoner.reasons(item, interests, context.turn)
            ]
            told = tuple(replace(reason, interest=self.named(reason.interest)) for reason in reasons)
            return replace(plan, items=tuple(items[:3]), reasons=told)
        items = items[:3] if len(reading.mentions) > 1 else items[:1]
        answers = tuple(tuple(str(value) for value in item.values(reading.asked)) for item in items)
        return replace(
            plan,
            items=tuple(items),
            asked=reading.asked,
            asked_value=reading.asked_value,
            answers=answers if reading.asked else (),
            turned=bool(items) and list(context.focus[:1]) != list(items[:1]),
        )

    def _given(self, item: Item, conversation: Conversation) -> tuple[Reason, ...]:
        """The reasons that were given when the item was recommended."""
        for turn in reversed(conversation.messages):
            for entry in turn.reply.recommendations if turn.reply else ():
                if entry.item.id == item.id:
                    return entry.reasons
        return ()

    def _compare(
        self,
        plan: Plan,
        reading: Reading,
        items: Sequence[Item],
        interests: Sequence[Interest],
        context: ReadContext,
        conversation: Conversation,
        reasoner: Reasoner,
    ) -> Plan:
        comparisons = []
        for facet in self._shelf.facets:
            values = tuple(", ".join(str(value) for value in item.values(facet.name)) for item in items)
            if facet.kind != "words" and any(values):
                comparisons.append(Comparison(facet.name, facet.label, values))
        asked, winner = self._winner(reading, items)
        reasons = tuple(
            reason for item in items for reason in reasoner.reasons(item, interests, context.turn)[:2]
        )
        return replace(
            plan,
            items=tuple(items),
            comparisons=tuple(comparisons),
            asked=asked,
            asked_value=reading.asked_value,
            winner=winner,
            reasons=reasons,
        )

    def _winner(self, reading: Reading, items: Sequence[Item]) -> tuple[str, int | None]:
        """Which item answers "which is shorter?" or "which is the scariest?", if exactly one does."""
        facet = self._shelf.facet(reading.asked)
        if facet is not None and reading.asked_value and facet.kind not in ("number", "date"):
            held = [
                reading.asked_value.casefold() in {str(v).casefold() for v in item.values(reading.asked)}
                for item in items
            ]
            return reading.asked, held.index(True) if sum(held) == 1 else None
        if not reading.asked:
            return "", None
        low = reading.asked_value == "low"
        numbers = [
            (number, place)
            for place, item in enumerate(items)
            for value in item.values(reading.asked)[:1]
            if (number := number_of(value)) is not None
        ]
        if len(numbers) < 2:
            return reading.asked, None
        best = (min if low else max)(numbers)
        return reading.asked, best[1] if [number for number, _ in numbers].count(best[0]) == 1 else None

    # -- quick replies ------------------------------------------------------------------------------------

    def quick_replies(self, plan: Plan) -> tuple[str, ...]:
        """Short answers to tap, in words that reading understands."""
        if plan.question is not None and plan.question.options:
            return plan.question.options[:5]
        if plan.recommendations:
            first = plan.recommendations[0].item
            more = [f"More like {first.title}", "Something else"]
            duration = self._vocabulary.by_role("duration") or self._vocabulary.by_role("price")
            if duration is not None:
                more.append("Something shorter" if duration.role == "duration" else "Something cheaper")
            return (*more, "Why these?")
        if plan.move == "describe" and plan.items:
            return (f"More like {plan.items[0].title}", "Something else")
        if plan.move in ("decline", "converse") and plan.topic in ("greet", "help", "offtopic", "chat"):
            return self._opening.options
        return ()


def _bears_out(item: Item, wish: Interest) -> bool:
    """Whether the item has what is wished for."""
    return fits(item, Thing(0, 0, wish.kind, (wish.value,) if wish.value else (), wish.bounds))
