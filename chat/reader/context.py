"""What reading may know of the conversation so far."""

from __future__ import annotations

from dataclasses import dataclass

from chat.reply import Question
from prompts.dialogue import Act, Interest
from retrieval.items import Item


@dataclass(frozen=True, slots=True)
class ReadContext:
    """`shown` is the list on the table, in order; `focus` are the items last spoken of,
    `talked` the last two spoken of one by one; `question` is what
    the last reply asked; `taste` what is held now; `turn` the number of this message, from 1."""

    turn: int = 1
    shown: tuple[Item, ...] = ()
    focus: tuple[Item, ...] = ()
    talked: tuple[Item, ...] = ()
    question: Question | None = None
    asking: str = ""
    taste: tuple[Interest, ...] = ()
    dropped: tuple[Interest, ...] = ()
    last_act: Act | None = None
    last_asked: tuple[str, str] | None = None

    @property
    def recent(self) -> tuple[Item, ...]:
        """Everything that "it" or a bare title may well mean."""
        items = {item.id: item for item in (*self.focus, *self.shown)}
        return tuple(items.values())
