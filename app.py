"""The `genre` command. `python app.py` is `genre serve`.

Each subcommand lives in the module that does its work and is imported only when it is called: start-up has
to stay well under half a second.
"""

from __future__ import annotations

import sys

import click

from chat.late import LateGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("chat.channels.serve:serve", "Serve the web chat and the API on this computer."),
    "chat": ("chat.channels.terminal:chat", "Talk in the terminal."),
    "slack": ("chat.channels.slack.command:slack", "Talk with people in Slack."),
    "discord": ("chat.channels.discord.command:discord", "Talk with people in Discord."),
    "ask": ("chat.channels.terminal:ask", "Ask once, or several turns in a row, and print the answers."),
    "mcp": ("chat.channels.mcp.command:mcp", "Let other assistants recommend from a catalogue."),
    "index": ("chat.commands:index", "Make a catalogue of a file: CSV, TSV, JSONL, JSON or Parquet."),
    "learn": ("chat.learn_command:learn", "Let a catalogue learn from dialogues about its items."),
    "catalogues": ("chat.commands:catalogues", "List the catalogues that are here."),
    "doctor": ("chat.commands:doctor", "Say what this computer has, what would run, and what to mend."),
    "finetune": ("finetune.commands:finetune", "Train a small model of your own, or adapt a bigger one."),
    "evaluate": ("evaluation.commands:evaluate", "Measure the recommender, on public data or your own."),
}


@click.group(cls=LateGroup, late=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="genre", prog_name="genre")
def main() -> None:
    """A conversational recommender for a catalogue you own."""


if __name__ == "__main__":
    main(["serve", *sys.argv[1:]])
