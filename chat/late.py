"""Command groups whose commands are imported when they are called, not when they are listed."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LateGroup(click.Group):
    """A group of commands by name: where each lives, as "module:attribute", and its line of help."""

    def __init__(self, *args: Any, late: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._late = late

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self._late)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in self._late:
            return None
        module, attribute = self._late[name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self._late.items()])
