"""Reads the scripted conversations of `tests/dialogues/` and checks what was answered against them.

The format is written down for people in `tests/dialogues/README.md`. `read_script` gives the
conversations of a file; `play` holds one of them with a recommender and returns what was wrong, each
with its file and line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.dialogue_checks import Check, read_check
from tests.dialogue_condition import Unreadable
from tests.dialogue_shelf import Shelf, fold
from tests.dialogue_stage import CannotCheck, Stage, house_rules, names


class ScriptError(ValueError):
    """A conversation that can't be read: the message opens with its file and line."""


@dataclass(frozen=True, slots=True)
class Step:
    """One message of the person and the checks on its answer."""

    line: int
    says: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A scripted conversation."""

    file: str
    line: int
    title: str
    catalogue: str
    steps: tuple[Step, ...]

    @property
    def id(self) -> str:
        return f"{Path(self.file).stem}-" + "-".join(re.findall(r"[a-z0-9]+", fold(self.title)))


# ---------------------------------------------------------------- playing


def play(conversation: Conversation, say: Callable[[str], Mapping[str, Any]], shelf: Shelf) -> list[str]:
    """Says each message in turn and returns all that was wrong, as `file:line: what` with the reply."""
    wrong: list[str] = []
    said: list[str] = []
    earlier: list[Mapping[str, Any]] = []
    for step in conversation.steps:
        turn = say(step.says)
        said.append(step.says)
        stage = Stage(shelf, tuple(said), tuple(earlier), turn)
        found = [(step.line, problem) for problem in house_rules(stage)]
        for check in step.checks:
            try:
                problem = check.test(stage)
            except CannotCheck as reason:
                problem = str(reason)
            if problem:
                found.append((check.line, f"{check.text!r}: {problem}"))
        got = f"[{turn['move']}] {turn['text']}"
        shown = f"    said: {step.says}\n    got:  {got}\n    list: {names(stage.listed)}"
        wrong += [f"{conversation.file}:{line}: {problem}" for line, problem in found] + [shown] * bool(found)
        earlier.append(turn)
    return wrong


# ---------------------------------------------------------------- reading a file


@dataclass(slots=True)
class _Draft:
    """A conversation while its lines are being read."""

    line: int
    title: str
    catalogue: str = ""
    messages: list[tuple[int, str]] = field(default_factory=list)
    checks: list[list[Check]] = field(default_factory=list)


def read_script(path: Path, name: str | None = None) -> list[Conversation]:
    """The conversations of a file. Raises `ScriptError` at the first line that can't be understood."""
    name = name or path.name
    drafts: list[_Draft] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                _read_line(number, line.strip(), drafts)
            except Unreadable as wrong:
                raise ScriptError(f"{name}:{number}: {wrong}") from None
    return [_finished(draft, name) for draft in drafts]


def _read_line(number: int, line: str, drafts: list[_Draft]) -> None:
    if line.startswith(">"):
        if not drafts or not drafts[-1].messages or drafts[-1].checks[-1]:
            raise Unreadable("'>' carries a message on, so it must stand right under its 'you:' line")
        place, says = drafts[-1].messages[-1]
        drafts[-1].messages[-1] = (place, f"{says}\n{line[1:].strip()}")
        return
    key, colon, rest = line.partition(":")
    key, rest = key.strip(), rest.strip()
    if not colon or not rest:
        raise Unreadable(f"expected 'word: something', found {line!r}")
    if key == "title":
        drafts.append(_Draft(number, rest))
        return
    if not drafts:
        raise Unreadable(f"a conversation begins with 'title: …', found {line!r}")
    if key == "catalogue":
        drafts[-1].catalogue = rest
    elif key == "you":
        drafts[-1].messages.append((number, rest))
        drafts[-1].checks.append([])
    elif not drafts[-1].messages:
        raise Unreadable(f"{key!r} is a check: it must stand under a 'you:' line")
    else:
        drafts[-1].checks[-1].append(read_check(number, key, _without_note(rest)))


def _without_note(text: str) -> str:
    """The line without the `# note` at its end; a # inside quotes or between slashes stays."""
    match = re.match(r"((?:\"[^\"]*\"|(?<!\S)/(?:\\.|[^/\\])+/|(?!\s#).)*)", text)
    return (match[1] if match else text).strip()


def _finished(draft: _Draft, name: str) -> Conversation:
    if not draft.catalogue:
        raise ScriptError(f"{name}:{draft.line}: {draft.title!r} doesn't say its 'catalogue: …'")
    if not draft.messages:
        raise ScriptError(f"{name}:{draft.line}: {draft.title!r} has no 'you: …' line")
    steps = []
    for (line, says), checks in zip(draft.messages, draft.checks, strict=True):
        given = {check.name: check.text for check in checks}
        if given.get("move") == "move: recommend" and "list" not in given:
            checks = [*checks, read_check(line, "list", "at least 1")]
        steps.append(Step(line, says, tuple(checks)))
    return Conversation(name, draft.line, draft.title, draft.catalogue, tuple(steps))
