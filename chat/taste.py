"""The taste of one person: what their turns add up to. Pure, and always rebuildable from the turns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from chat.conversation import Feedback, TasteEdit, Turn
from prompts.dialogue import Feeling, Interest, Reading, Retraction
from retrieval.items import Bounds

#: A leaning is worth half as much after so many further messages; conditions don't fade.
HALF_LIFE_TURNS = 8.0
#: What was said in an earlier conversation counts this much of what is said now.
EARLIER = 0.5
#: Leanings weaker than this are forgotten.
FAINTEST = 0.04


@dataclass(frozen=True, slots=True)
class TasteProfile:
    """Interests, newest last, and the ids of items seen, rejected and saved."""

    interests: tuple[Interest, ...] = ()
    seen: frozenset[str] = frozenset()
    rejected: frozenset[str] = frozenset()
    saved: tuple[str, ...] = ()

    @property
    def likes(self) -> tuple[Interest, ...]:
        """What is liked, newest last."""
        return tuple(interest for interest in self.interests if interest.feeling == "like")

    @property
    def excluded(self) -> frozenset[str]:
        """Items never to be offered: seen, rejected, or named as liked or disliked already."""
        known = {interest.value for interest in self.interests if interest.kind == "item"}
        return self.seen | self.rejected | known


def profile_of(turns: Iterable[Turn], earlier: Sequence[Turn] = (), weight: float = EARLIER) -> TasteProfile:
    """The taste after all turns. `earlier` are turns of the person's former conversations, oldest first:
    from them stay likes and dislikes, at `weight` of their strength and without conditions on numbers, and
    all that was seen."""
    past = TasteProfile()
    for turn in earlier:
        past = fold(past, turn)
    remembered = (_remembered(old, weight) for old in past.interests)
    profile = replace(past, interests=tuple(kept for kept in remembered if kept))
    for turn in turns:
        profile = fold(profile, turn)
    return profile


def fold(profile: TasteProfile, turn: Turn) -> TasteProfile:
    """The taste after one more turn. The newest word on a thing replaces the older ones."""
    if turn.feedback is not None:
        return _clicked(profile, turn.feedback, turn.number)
    if turn.edit is not None:
        return _edited(profile, turn.edit)
    if turn.reading is None:
        return profile
    return fold_reading(profile, turn.reading)


def fold_reading(profile: TasteProfile, reading: Reading) -> TasteProfile:
    """The taste after one reading: first what is taken back, then what is new."""
    for retraction in reading.retractions:
        profile = _retract(profile, retraction)
    if reading.replaces:
        kinds = {new.kind for new in reading.interests if new.feeling == "like" and new.kind != "item"}
        kept = (
            old
            for old in profile.interests
            if not (old.hard and old.feeling == "like" and old.kind in kinds)
            and not (old.kind == "text" and kinds)
        )
        profile = replace(profile, interests=tuple(kept))
    for interest in reading.interests:
        profile = _learn(profile, interest)
    return profile


def faded(profile: TasteProfile, turn: int) -> tuple[Interest, ...]:
    """The interests with their strength as of message `turn`: leanings fade by half every
    `HALF_LIFE_TURNS` messages, conditions and what was seen don't."""
    out = []
    for interest in profile.interests:
        if not interest.hard and interest.feeling != "seen":
            age = max(0, turn - interest.turn) if interest.turn > 0 else turn
            strength = interest.strength * 0.5 ** (age / HALF_LIFE_TURNS)
            if strength < FAINTEST:
                continue
            interest = replace(interest, strength=strength)
        out.append(interest)
    return tuple(out)


def same_subject(one: Interest, other: Interest) -> bool:
    """Whether two interests are about the same thing, so that the newer replaces the older.

    Ranges of one facet are, where they bound the same end; experience of an item ("seen") and a verdict on
    it stand side by side.
    """
    if one.kind != other.kind or (one.feeling == "seen") != (other.feeling == "seen"):
        return False
    if one.group and one.group == other.group:
        return one.value.casefold() == other.value.casefold() and one.bounds == other.bounds
    if one.bounds is not None and other.bounds is not None:
        if one.feeling != other.feeling:
            return one.bounds == other.bounds
        ends = (one.bounds.low is not None, one.bounds.high is not None)
        others = (other.bounds.low is not None, other.bounds.high is not None)
        shared = any(mine and theirs for mine, theirs in zip(ends, others, strict=True))
        return shared or _meet(one.bounds, other.bounds) is None
    return one.bounds == other.bounds and one.value.casefold() == other.value.casefold()


def _meet(one: Bounds, other: Bounds) -> Bounds | None:
    """What two ranges have in common; None where that is nothing."""
    lows = [low for low in (one.low, other.low) if low is not None]
    highs = [high for high in (one.high, other.high) if high is not None]
    low, high = max(lows, default=None), min(highs, default=None)
    return None if low is not None and high is not None and low > high else Bounds(low, high)


def _widened(profile: TasteProfile, interest: Interest) -> Interest:
    """One new end for a range that had two: "the 50s and 60s", then "up to 1980", keeps the start."""
    new = interest.bounds
    if new is None or (new.low is None) == (new.high is None) or interest.feeling != "like":
        return interest
    for old in profile.interests:
        had = old.bounds
        if old.kind == interest.kind and old.feeling == "like" and not old.group and had is not None:
            if had.low is None or had.high is None or _meet(had, new) is None:
                continue
            whole = Bounds(had.low, new.high) if new.low is None else Bounds(new.low, had.high)
            return replace(interest, bounds=whole, subject=f"{interest.subject}, as before otherwise")
    return interest


def _learn(profile: TasteProfile, interest: Interest) -> TasteProfile:
    interest = _widened(profile, interest)
    kept = tuple(old for old in profile.interests if not same_subject(old, interest))
    profile = replace(profile, interests=(*kept, interest))
    if interest.kind != "item":
        return profile
    if interest.feeling == "seen":
        return replace(profile, seen=profile.seen | {interest.value})
    if interest.feeling == "dislike":
        return replace(profile, rejected=profile.rejected | {interest.value})
    return replace(profile, rejected=profile.rejected - {interest.value})


def _retract(profile: TasteProfile, retraction: Retraction) -> TasteProfile:
    if not retraction.kind:
        return TasteProfile(saved=profile.saved)
    kept = tuple(
        old
        for old in profile.interests
        if old.kind != retraction.kind
        or (retraction.value and old.value.casefold() != retraction.value.casefold())
    )
    profile = replace(profile, interests=kept)
    if retraction.kind == "item" and retraction.value:
        return replace(
            profile,
            seen=profile.seen - {retraction.value},
            rejected=profile.rejected - {retraction.value},
        )
    return profile


def _clicked(profile: TasteProfile, feedback: Feedback, number: int) -> TasteProfile:
    if feedback.kind in ("save", "unsave"):
        saved = tuple(item_id for item_id in profile.saved if item_id != feedback.item_id)
        return replace(profile, saved=(*saved, feedback.item_id) if feedback.kind == "save" else saved)
    if feedback.kind in ("click", "skip"):  # not said: what comes of it, the ranking learns (outcomes.py)
        return profile
    if feedback.kind == "hide":
        return replace(profile, rejected=profile.rejected | {feedback.item_id})
    feelings: dict[str, Feeling] = {"like": "like", "dislike": "dislike", "seen": "seen"}
    interest = Interest("", "item", feelings[feedback.kind], 0.9, "", number, value=feedback.item_id)
    return _learn(profile, interest)


def _edited(profile: TasteProfile, edit: TasteEdit) -> TasteProfile:
    before, after = edit.before, edit.after
    if before is not None:
        if before.kind == "item" and before.feeling == "seen":
            profile = replace(profile, seen=profile.seen - {before.value})
        elif before.kind == "item":
            profile = replace(profile, rejected=profile.rejected - {before.value})
        kept = tuple(
            old
            for old in profile.interests
            if (old.kind, old.value.casefold(), old.bounds, old.feeling)
            != (before.kind, before.value.casefold(), before.bounds, before.feeling)
        )
        profile = replace(profile, interests=kept)
    return _learn(profile, after) if after is not None else profile


def _remembered(interest: Interest, weight: float) -> Interest | None:
    """What stays of an interest in the next conversation."""
    if interest.feeling == "seen":
        return replace(interest, turn=0)
    if interest.bounds is not None or interest.kind == "text":
        return None
    hard = interest.hard and interest.feeling == "dislike"
    strength = interest.strength if hard else interest.strength * weight
    return replace(interest, turn=0, hard=hard, strength=strength, group="")
