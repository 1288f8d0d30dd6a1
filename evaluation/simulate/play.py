"""One simulated conversation, from the first message to the end."""

from __future__ import annotations

from collections.abc import Sequence

from chat.conversation import FeedbackKind
from evaluation.simulate.mind import Mind, Scene, Step
from evaluation.simulate.partner import Heard, Partner
from evaluation.simulate.reactions import more, opening, reaction
from evaluation.simulate.transcript import Exchange, Transcript
from evaluation.simulate.user import Person
from evaluation.simulate.wants import Want
from retrieval.items import Item


def play(person: Person, partner: Partner, scene: Scene, variant: str, turns: int) -> Transcript:
    """The conversation of a person with a partner, of `turns` messages at most.

    It ends when something acceptable is shown, or with the person's patience. The same person and partner
    give the same conversation.
    """
    chance = person.chance("talk")
    mind = Mind(
        person,
        scene,
        chance,
        person.taste,
        person.target,
        [person.target.id],
        list(person.taste.wants),
        patience=chance.randint(*person.temper.patience),
    )
    exchanges: list[Exchange] = []
    heard, step, accepted, ended = Heard("", ""), opening(mind), None, "turns"
    for turn in range(1, turns + 1):
        clicked: list[tuple[Item, FeedbackKind]] = []
        if turn > 1:
            clicked = mind.clicks(heard)
            step = reaction(mind, heard, turn, step.asks)
        text = mind.words(step)
        if text is None:  # every way of saying it would name what they look for
            mind.unsaid = [want for want in mind.unsaid if want not in step.wants]
            step = more(mind)
            text = mind.words(step) or "?"
        news = mind.meant(step)
        for item, kind in clicked:
            partner.click(item, kind)
            mind.declined |= {item.id} if kind != "like" else set()
        known = frozenset(item.id for item in mind.shown)
        heard = partner.say(text)
        mind.hear(heard)
        exchanges.append(_exchange(text, step, clicked, mind, news, known, heard))
        taken = next((item for item in heard.items if item in mind.acceptable), None)
        if taken is not None:
            accepted, ended = taken.id, "accepted"
            break
        if heard.items and mind.lists >= mind.patience:
            ended = "left"
            break
    return Transcript(
        person=person.number,
        temper=person.temper.name,
        variant=variant,
        wants=tuple(map(str, mind.taste.wants)),
        target=mind.target.id,
        targets=tuple(mind.targets),
        acceptable=len(mind.acceptable),
        exchanges=tuple(exchanges),
        accepted=accepted,
        ended=ended,
    )


def _exchange(
    text: str,
    step: Step,
    clicked: Sequence[tuple[Item, FeedbackKind]],
    mind: Mind,
    news: tuple[Want, ...],
    known: frozenset[str],
    heard: Heard,
) -> Exchange:
    meant = [
        *map(str, step.wants),
        *(f"complains: wants {want}" for want in step.complaints if want not in step.wants),
    ]
    meant += [f"withdraws {want}" for want in step.withdraws]
    return Exchange(
        said=text,
        act=step.act,
        meant=tuple(meant),
        clicks=tuple((item.id, kind) for item, kind in clicked),
        asks=step.asks,
        conditions=tuple(mind.conditions),
        complaints=step.complaints,
        news=news,
        known=known,
        declined=frozenset(mind.declined),
        reply=heard.text,
        move=heard.move,
        items=tuple(item.id for item in heard.items),
        question=heard.question.about if heard.question else "",
        options=heard.options,
        let_go=heard.let_go,
        milliseconds=heard.milliseconds,
    )
