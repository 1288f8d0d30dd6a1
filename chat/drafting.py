"""A plan as a brief for a language model, and the model's answer as the reply's words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chat.reader.vocabulary import Shelf
from chat.reply import Plan, Recommendation
from prompts.dialogue import Utterance
from prompts.write import Brief, BriefItem, fill, parse_draft, write_messages
from retrieval.items import Facet, Item

Asks = Callable[[list[dict[str, str]], int], str]
"""Sends messages to a model, with the seed to sample by, and returns its answer. Raises `ModelError`."""

#: Values of one facet that a brief names.
MOST_VALUES = 4


class Drafter:
    """Words plans through a language model. Names and numbers reach its prompt as facts, and its answer
    names items by slots only; the caller still has to check what comes back."""

    def __init__(self, shelf: Shelf, ask: Asks) -> None:
        self._shelf = shelf
        self._ask = ask

    def __call__(self, plan: Plan, dialogue: Sequence[Utterance], seed: int = 0) -> str:
        """The model's words for a plan, item slots filled in. Raises `ModelError`."""
        brief = self.brief(plan)
        return fill(parse_draft(self._ask(write_messages(dialogue, brief), seed)), brief.items)

    def brief(self, plan: Plan) -> Brief:
        """All that the model may say, and nothing else."""
        items = [self._item(entry.item, entry) for entry in plan.recommendations] or [
            self._item(item, None) for item in plan.items
        ]
        return Brief(
            move=plan.move,
            items=tuple(items[:6]),
            question=self._question(plan),
            interests=tuple(
                f"{'dislikes' if one.feeling == 'dislike' else one.feeling + 's'} {one.subject}"
                for one in plan.heard
                if one.feeling != "seen"
            ),
            notes=tuple(self._notes(plan)),
            nouns=self._shelf.nouns,
        )

    def _item(self, item: Item, entry: Recommendation | None) -> BriefItem:
        year = next((facet for facet in self._shelf.facets if facet.role == "year"), None)
        values = item.values(year.name) if year else ()
        return BriefItem(
            title=item.title,
            year=int(values[0]) if values and str(values[0]).isdigit() else None,
            facts=tuple(
                (facet.label, self._said(facet, item))
                for facet in self._shelf.facets
                if facet is not year and item.values(facet.name)
            ),
            reasons=tuple(reason.text for reason in entry.reasons if not reason.against) if entry else (),
            against=tuple(reason.text for reason in entry.reasons if reason.against) if entry else (),
        )

    def _said(self, facet: Facet, item: Item) -> str:
        values = ", ".join(str(value) for value in item.values(facet.name)[:MOST_VALUES])
        return f"{values} {facet.unit}" if facet.unit and facet.kind == "number" else values

    def _question(self, plan: Plan) -> str:
        question = plan.question
        if question is None:
            return ""
        options = ", ".join(question.options)
        if question.about == "which":
            return f"which of these do you mean: {options}?"
        if question.about == "relax":
            return f"shall I let a condition go: {options}?"
        return f"what are you in the mood for: {options}?"

    def _notes(self, plan: Plan) -> list[str]:
        notes = [
            f"too little meets “{unmet.words}”; without it there are {unmet.matching}" for unmet in plan.unmet
        ]
        notes += [f"“{title}” is not in this catalogue" for title in plan.unknown_titles]
        facet = self._shelf.facet(plan.asked) if plan.asked else None
        label = facet.label if facet else plan.asked
        for item, answer in zip(plan.items, plan.answers, strict=False):
            held = ", ".join(answer) or "the catalogue doesn't say"
            notes.append(f"{label} of {item.title}: {held}")
        if plan.topic == "question" and not plan.asked:
            notes.append("the catalogue doesn't say what was asked")
        if plan.winner is not None and plan.items:
            notes.append(f"by {label}, it is {plan.items[plan.winner].title}")
        return notes
