"""`genre chat` and `genre ask`: the terminal as a channel."""

from __future__ import annotations

import getpass
import json
import sys
import uuid
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

    from chat.build import House
    from chat.service import Answer

GOODBYE = frozenset({"/quit", "/exit", "/q"})


def _open(catalogue: str | None, *, lasting: bool) -> House:
    """The house, with conversations kept on disk only where they should last."""
    from chat.build import build
    from chat.channels.console import progress_bars
    from chat.settings import load_settings

    chosen = {"catalogue": catalogue} if catalogue else {}
    with progress_bars() as progress:
        return build(load_settings(chosen), progress=progress, lasting=lasting)


@click.command()
@click.argument("texts", nargs=-1, required=True, metavar='"TEXT" …')
@click.option("--json", "as_json", is_flag=True, help="One JSON object a turn, on its own line.")
@click.option("--catalogue", help="Catalogue to ask about; films by default.")
def ask(texts: tuple[str, ...], as_json: bool, catalogue: str | None) -> None:
    """Ask once, or several turns of one conversation in a row.

    \b
    genre ask "something funny for tonight" "shorter, please"
    genre ask --json "a heist film from the 90s"
    """
    from rich.console import Console

    from chat.channels.console import say_errors

    with say_errors():
        house = _open(catalogue, lasting=False)
        user = f"ask-{uuid.uuid4().hex}"
        conversation = house.service.start(user, house.settings.catalogue)
        console = Console()
        for text in texts:
            answer = house.service.respond(user, conversation.id, uuid.uuid4().hex, text)
            if as_json:
                sys.stdout.write(json.dumps(house.json(answer), ensure_ascii=False) + "\n")
                sys.stdout.flush()
            else:
                console.print(f"[dim]›[/dim] {_plain(text)}")
                show(console, answer)


@click.command()
@click.option("--catalogue", help="Catalogue to talk about; films by default.")
def chat(catalogue: str | None) -> None:
    """Talk in the terminal. Conversations are kept; /taste shows what is known of you, /quit leaves."""
    from rich.console import Console
    from rich.prompt import Prompt

    from chat.channels.console import say_errors

    with say_errors():
        house = _open(catalogue, lasting=True)
        console = Console()
        user = f"terminal-{getpass.getuser()}"
        conversation = house.service.start(user, house.settings.catalogue)
        title = house.catalogues.shelf(house.settings.catalogue).title
        console.print(
            f"\n[bold]{_plain(title)}[/bold] — what are you in the mood for?  [dim]/taste  /quit[/dim]\n"
        )
        while True:
            try:
                text = Prompt.ask("[bold cyan]you[/bold cyan]", console=console).strip()
            except (EOFError, KeyboardInterrupt):
                console.print()
                return
            if text in GOODBYE:
                return
            if text == "/taste":
                text = "what do you know about me"
            if not text:
                continue
            _talk(house, console, user, conversation.id, text)


def _talk(house: House, console: Console, user: str, conversation_id: str, text: str) -> None:
    """One turn with the words as they come."""
    from chat.service import Done, Sentence

    answer: Answer | None = None
    console.print("[bold magenta]genre[/bold magenta] ", end="")
    for event in house.service.stream(user, conversation_id, uuid.uuid4().hex, text):
        if isinstance(event, Sentence):
            console.print(_plain(event.text), end="", soft_wrap=True)
        elif isinstance(event, Done):
            answer = event.answer
    console.print("\n")
    if answer is not None:
        show(console, answer, words=False)


def show(console: Console, answer: Answer, *, words: bool = True) -> None:
    """An answer in the terminal: words, then a line for each item with its reasons, then what to say next."""
    reply = answer.turn.reply
    if reply is None:
        return
    if words:
        console.print(_plain(reply.text) + "\n", soft_wrap=True)
    for number, entry in enumerate(reply.recommendations, 1):
        console.print(f"  [bold]{number}. {_plain(entry.item.title)}[/bold]")
        for reason in entry.reasons:
            sign = "[yellow]–[/yellow]" if reason.against else "[green]+[/green]"
            console.print(f"     {sign} {_plain(reason.text)}", soft_wrap=True)
    if reply.quick_replies:
        console.print("  [dim]" + _plain("  ·  ".join(reply.quick_replies)) + "[/dim]")
    console.print()


def _plain(text: str) -> str:
    """Text whose square brackets are not taken for styles, and that can't steer the terminal."""
    from rich.markup import escape

    return escape("".join(char for char in text if char.isprintable() or char == "\n"))
