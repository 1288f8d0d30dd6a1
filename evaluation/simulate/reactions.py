"""What a simulated person does next: the first message, and the reaction to each answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evaluation.simulate.complaints import complaints
from evaluation.simulate.mind import CLOSE, Mind, Step
from evaluation.simulate.partner import Heard
from evaluation.simulate.speech import Complaint
from evaluation.simulate.wants import Want
from retrieval.items import Constraint, Item


def opening(mind: Mind) -> Step:
    """The first message."""
    temper, speech = mind.person.temper, mind.scene.speech
    wants = tuple(mind.unsaid[: mind.chance.randint(*temper.first)])
    return Step(
        "open",
        lambda chance: speech.opening(wants, temper, chance),
        wants,
        asks=bool(wants) or temper.rushes,
    )


def reaction(mind: Mind, heard: Heard, turn: int, again: bool) -> Step:
    """The reaction to an answer. `again` says that the last message asked for items."""
    change = mind.person.change
    if change is not None and not mind.changed and turn > change.after and change.old in mind.said:
        step = _change_mind(mind)
        if step is not None:
            return step
    question = heard.question
    if question is not None and question.about == "relax" and (not heard.items or mind.chance.random() < 0.5):
        return _relax(mind, heard)
    if heard.items:
        return _react(mind, heard)
    if question is not None or heard.move == "ask":
        return _answer(mind, heard)
    if mind.unsaid:
        return _wish(mind, 1)
    if again:
        return _again(mind)
    return more(mind)


def _wish(mind: Mind, count: int) -> Step:
    speech, temper = mind.scene.speech, mind.person.temper
    wants = tuple(mind.unsaid[:count])
    return Step("wish", lambda chance: speech.also(wants, chance, temper), wants)


def more(mind: Mind) -> Step:
    """Asks for others."""
    return Step("more", lambda chance: mind.scene.speech.react("more", chance))


def _again(mind: Mind) -> Step:
    wants = tuple(want for want in mind.said if want in mind.taste.wants)[:3]
    if not wants:
        return more(mind)
    return Step("again", lambda chance: mind.scene.speech.again(wants, chance), wants)


def _answer(mind: Mind, heard: Heard) -> Step:
    speech, temper, chance = mind.scene.speech, mind.person.temper, mind.chance
    mine = {want.value: want for want in mind.taste.wants if want.feeling == "like" and want.value}
    fitting = [option for option in heard.options if option in mine]
    if fitting and chance.random() < 0.3 + temper.taps:
        return Step("tap", lambda _: fitting[0], (mine[fitting[0]],), raw=True)
    if mind.unsaid and not (temper.rushes and chance.random() < 0.3):
        wants = tuple(mind.unsaid[: chance.choice((1, 1, 2)) if temper.first[1] < 4 else 3])
        return Step("answer", lambda chance: speech.answer(wants, chance, temper), wants)
    if mind.said and chance.random() < 0.7:
        return _again(mind)
    return Step("surprise", lambda chance: speech.rules.say("around.surprise", chance))


def _relax(mind: Mind, heard: Heard) -> Step:
    """A condition may be let go: they do where it was never theirs, or matters little."""
    question, chance = heard.question, mind.chance
    assert question is not None
    for option, constraint in zip(question.options, question.constraints, strict=False):
        mine = [want for want in (*mind.said, *mind.conditions) if _is_about(want, constraint, option)]
        hard = [want for want in mine if want in mind.conditions]
        if not mine and constraint.facet:
            return _tapped("correct", option)
        if chance.random() < (0.15 if hard else 0.4):
            return _tapped("relax", option, tuple(mine))
    if heard.items or not mind.unsaid:
        return Step("keep", lambda chance: mind.scene.speech.rules.say("relax.no", chance), asks=False)
    return _wish(mind, 1)


def _react(mind: Mind, heard: Heard) -> Step:
    """To a list without anything acceptable."""
    person, speech, chance = mind.person, mind.scene.speech, mind.chance
    temper, shown = person.temper, heard.items
    known = [place for place, item in enumerate(shown) if item.id in person.seen]
    if known and chance.random() < 0.6:
        place = known[0]
        rule = mind.scene.taken
        return Step(
            "seen",
            lambda chance: speech.react(rule, chance, this=speech.pointing(shown, place, chance)),
            about=(shown[place].id,),
        )
    if temper.taps > chance.random() and (step := _tap(mind, heard)):
        return step
    if temper.asks > chance.random():
        return _ask_about(mind, shown)
    if temper.chatter > 0.5 and chance.random() < 0.06:
        return Step("chat", lambda chance: speech.rules.say("around.chat", chance), asks=False)
    wrong = complaints(mind.scene.aspects, mind.taste, mind.said, shown, chance)
    best = max(range(len(shown)), key=lambda place: mind.taste.worth(shown[place]))
    close = mind.taste.worth(shown[best]) >= CLOSE * mind.taste.worth(mind.target) > 0
    if wrong and chance.random() < temper.criticises:
        return _complain(mind, wrong, shown, best if close else None)
    if mind.unsaid and chance.random() < temper.volunteers:
        return _wish(mind, chance.choice((1, 1, 2)))
    if close and chance.random() < 0.25:
        return Step(
            "like",
            lambda chance: speech.react("like_one", chance, this=speech.pointing(shown, best, chance)),
            about=(shown[best].id,),
        )
    broken = [place for place, item in enumerate(shown) if mind.taste.broken(item)]
    if broken and chance.random() < 0.2:
        place = broken[0]
        return Step(
            "dislike",
            lambda chance: speech.react("dislike_one", chance, this=speech.pointing(shown, place, chance)),
            about=(shown[place].id,),
        )
    if not mind.unsaid and mind.said and chance.random() < 0.12:
        return _again(mind)
    return more(mind)


def _complain(mind: Mind, wrong: Sequence[Complaint], shown: Sequence[Item], best: int | None) -> Step:
    speech = mind.scene.speech
    first = wrong[0]
    if best is not None and mind.chance.random() < 0.35:
        of_best = [one for one in wrong if shown[best].id in one.item_ids and one.how != "ban"]
        for one in of_best:
            if better := speech.better(one, mind.chance):
                return _like_but(mind, shown, best, better, one)
    wants = (first.want,) if first.want.hard else ()
    return Step(
        f"complain {first.how}",
        lambda chance: speech.complain(first, shown, chance),
        wants,
        complaints=(first.want,),
        about=first.item_ids,
    )


def _like_but(mind: Mind, shown: Sequence[Item], best: int, better: str, complaint: Complaint) -> Step:
    speech = mind.scene.speech
    return Step(
        f"like but {better}",
        lambda chance: speech.react(
            "like_but", chance, this=speech.pointing(shown, best, chance), more=better
        ),
        complaints=(complaint.want,),
        about=(shown[best].id,),
    )


def _ask_about(mind: Mind, shown: Sequence[Item]) -> Step:
    speech, chance = mind.scene.speech, mind.chance
    place, kind = chance.randrange(len(shown)), chance.choice(("why", "why", "tell", "fact"))
    labels = [facet.label for facet in mind.scene.aspects.facets.values() if shown[place].values(facet.name)]
    label = chance.choice(labels) if labels else ""
    kind = kind if label else "why"
    return Step(
        kind,
        lambda chance: speech.react(kind, chance, this=speech.pointing(shown, place, chance), label=label),
        asks=False,
    )


def _tap(mind: Mind, heard: Heard) -> Step | None:
    for option in heard.options:
        worth = {f"More like {item.title}": mind.taste.worth(item) for item in heard.items}
        goal = CLOSE * mind.taste.worth(mind.target)
        if option == "Something else" or worth.get(option, goal - 1) >= goal:
            return _tapped("tap", option)
    return None


def _tapped(act: str, option: str, withdraws: tuple[Want, ...] = ()) -> Step:
    """A quick reply, sent as it stands."""
    return Step(act, lambda _: option, raw=True, withdraws=withdraws)


def _change_mind(mind: Mind) -> Step | None:
    change = mind.person.change
    assert change is not None
    before = {item.id for item in mind.shown}
    target = next((item for item in change.targets if item.id not in before), None)
    mind.changed = True
    if target is None:
        return None
    mind.taste, mind.target = change.taste, target
    mind.targets.append(target.id)
    mind.unsaid = [want for want in mind.taste.wants if want not in mind.said and want != change.new]
    mind.conditions = [want for want in mind.conditions if want.subject != change.old.subject]
    mind.look()
    new = change.new
    about = (
        (replace(change.old, feeling="dislike", hard=False),)
        if change.old.value and change.old.feeling == "like"
        else ()
    )
    return Step(
        "change",
        lambda chance: mind.scene.speech.change(change, chance),
        (new,) if new is not None else (),
        complaints=about,
        withdraws=(change.old,),
    )


def _is_about(want: Want, constraint: Constraint, option: str) -> bool:
    """Whether a condition that the house names is a want of one's own."""
    if not constraint.facet:
        return bool(want.value) and want.value.casefold() in option.casefold()
    if want.facet != constraint.facet:
        return False
    return constraint.bounds is not None if want.bounds is not None else want.value in constraint.values
