"""The `genre` command. `python app.py` is `genre serve`.

Each subcommand lives in the module that does its work and is imported only when it is called: start-up has
to stay well under half a second.
"""

from __future__ import annotations

import importlib
import sys

import click

COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("chat.channels.serve:serve", "Serve the web chat and the API on this computer."),
    "chat": ("chat.channels.terminal:chat", "Talk in the terminal."),
    "ask": ("chat.channels.terminal:ask", "Ask once, or several turns in a row, and print the answers."),
    "index": ("chat.commands:index", "Make a catalogue of a file: CSV, TSV, JSONL, JSON or Parquet."),
    "catalogues": ("chat.commands:catalogues", "List the catalogues that are here."),
    "doctor": ("chat.commands:doctor", "Say what this computer has, what would run, and what to mend."),
}


class LateGroup(click.Group):
    """A group of commands that are imported when they are called, not when they are listed."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LateGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="genre", prog_name="genre")
def main() -> None:
    """A conversational recommender for a catalogue you own."""


if __name__ == "__main__":
    main(["serve", *sys.argv[1:]])
