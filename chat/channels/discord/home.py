"""What a member can see, change and have forgotten: their taste and what they saved."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import discord
from discord import ui

from chat.channels.discord.cards import Button, Sheet, view_of
from chat.channels.discord.live import Interaction, Tap, apart, taken, telling
from chat.channels.discord.markup import short, width
from chat.channels.discord.places import Member, item_key
from chat.channels.members import (
    ABOUT_TASTE,
    ERASED,
    NO_TASTE,
    NONE_SAVED,
    Members,
    feeling_words,
    interest_key,
)
from chat.channels.text import shortened

PICK = re.compile(r"g:pick:(?P<what>forget|flip|unsave)")
ERASE = re.compile(r"g:erase:(?P<what>ask|yes|no)")

#: A menu has 25 options, each with 100 characters.
_ROWS, _OPTION = 25, 100

_SURE = (
    "**Forget everything?**\nAll that you said to me, your taste and what you saved, in direct messages and "
    "in all servers where I am. It can’t be undone."
)
_KEPT = "Nothing is forgotten."
_FORGET = Button("g:erase:ask", "Forget everything about me")

Servers = Mapping[int, str]
"""The servers where we are: their numbers and names."""


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a menu: the value that comes back, and what stands there."""

    value: str
    label: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu of single options; `what` happens to the one that is chosen."""

    what: str
    title: str
    options: tuple[Option, ...]


class Home:
    """Shows what is known of a member, to them alone."""

    def __init__(self, members: Members) -> None:
        self._members = members

    async def show(self, interaction: Interaction, *, taste: bool) -> None:
        """Their taste with what they saved, or only the latter."""
        if await taken(interaction, ephemeral=apart(interaction)):
            async with telling(interaction):
                await self._show(interaction, taste=taste)

    async def pick(self, interaction: Interaction, tap: Tap) -> None:
        """An entry of the taste is to be forgotten or turned round, or a saved item to be let go."""
        if not await taken(interaction):
            return
        member, what = Member(interaction.user.id), tap.found["what"]
        async with telling(interaction):
            for value in tap.values:
                await asyncio.to_thread(self._change, member, what, value)
            await self._show(interaction, taste=True)

    async def ask_erase(self, interaction: Interaction) -> None:
        """Asks whether all is to be forgotten."""
        if await taken(interaction, ephemeral=apart(interaction)):
            async with telling(interaction):
                await interaction.edit_original_response(view=view_of(_asking()))

    async def erase(self, interaction: Interaction, tap: Tap) -> None:
        """The buttons of that question, and the one that leads to it."""
        if not await taken(interaction):
            return
        async with telling(interaction):
            match tap.found["what"]:
                case "ask":
                    await interaction.followup.send(view=view_of(_asking()), ephemeral=True)
                case "yes":
                    servers = [None, *_servers(interaction)]
                    await asyncio.to_thread(self._erase, Member(interaction.user.id), servers)
                    await interaction.edit_original_response(view=view_of(Sheet((ERASED,))))
                case _:
                    await interaction.edit_original_response(view=view_of(Sheet((_KEPT,))))

    async def _show(self, interaction: Interaction, *, taste: bool) -> None:
        member, servers = Member(interaction.user.id), _servers(interaction)
        sheet, menus = await asyncio.to_thread(self._drawn, member, servers, taste)
        await interaction.edit_original_response(view=_with_menus(sheet, menus))

    # ------------------------------------------------------------ works on a thread

    def _drawn(self, member: Member, servers: Servers, taste: bool) -> tuple[Sheet, list[Menu]]:
        """Words, and the menus below them."""
        places = self._places(member, servers)
        parts: list[str] = []
        menus: list[Menu] = []
        if taste:
            words, menus = self._taste(places)
            parts.append(words)
        saved = {
            f"{item_key(item.id)}|{server or ''}": item
            for server, (user_id, _) in places.items()
            for item in self._members.saved(user_id)
        }
        if saved:
            titles = [f"- {short(item.title, 100)}" for item in reversed(saved.values())]
            parts.append(_listed("### Saved", titles))
            options = [Option(key, item.title) for key, item in reversed(saved.items())]
            menus.append(Menu("unsave", "Remove a saved item …", tuple(options)))
        elif not taste:
            parts.append(NONE_SAVED)
        return Sheet((*parts, (_FORGET,)) if places else tuple(parts)), menus

    def _places(self, member: Member, servers: Servers) -> dict[int | None, tuple[str, str]]:
        """Where something is known of the member: under which id, and how that place is called."""
        named: tuple[tuple[int | None, str], ...] = ((None, ""), *servers.items())
        ids = {server: (member.user_id(server), name) for server, name in named}
        return {server: found for server, found in ids.items() if self._members.knows(found[0])}

    def _taste(self, places: Mapping[int | None, tuple[str, str]]) -> tuple[str, list[Menu]]:
        rows: list[str] = []
        forget: dict[str, Option] = {}
        flip: dict[str, Option] = {}
        for server, (user_id, name) in places.items():
            for entry in self._members.taste(user_id):
                title, kind = self._members.about(entry)
                where = f"said in {name}" if name else ""
                quote = f"you said “{entry.quote}”" if entry.quote else ""
                about = " · ".join(part for part in (kind, quote, where) if part)
                rows.append(
                    f"- {feeling_words(entry)} **{short(title, 100)}**"
                    + (f" — {short(about, 200)}" if about else "")
                )
                value, label = f"{interest_key(entry)}|{server or ''}", f"{feeling_words(entry)} {title}"
                forget[value] = Option(value, label, about)
                if entry.feeling != "seen":
                    turned = "I don’t like" if entry.feeling == "like" else "I like"
                    flip[value] = Option(value, f"{turned} {title}", about)
        words = _listed(f"### Your taste\n{ABOUT_TASTE}", rows or [NO_TASTE])
        menus = [
            Menu("forget", "Forget …", tuple(forget.values())),
            Menu("flip", "Turn round …", tuple(flip.values())),
        ]
        return words, [menu for menu in menus if menu.options]

    def _change(self, member: Member, what: str, value: str) -> None:
        key, _, server = value.rpartition("|")
        user_id = member.user_id(int(server) if server else None)
        if what == "unsave":
            for item in self._members.saved(user_id):
                if item_key(item.id) == key:
                    self._members.unsave(user_id, item.id)
        elif what == "flip":
            self._members.flip(user_id, key)
        else:
            self._members.forget(user_id, key)

    def _erase(self, member: Member, servers: Iterable[int | None]) -> None:
        for server in servers:
            self._members.erase(member.user_id(server))


def _servers(interaction: Interaction) -> Servers:
    return {guild.id: guild.name for guild in interaction.client.guilds}


def _asking() -> Sheet:
    return Sheet((_SURE, (Button("g:erase:yes", "Forget it all"), Button("g:erase:no", "Keep it"))))


def _listed(title: str, rows: Sequence[str], most: int = 1900) -> str:
    """The rows that there is room for below a title, and how many more there are."""
    shown = [title]
    for at, row in enumerate(rows):
        if at == _ROWS or sum(map(width, shown)) + width(row) > most:
            return "\n".join([*shown, f"… and {len(rows) - at} more."])
        shown.append(row)
    return "\n".join(shown)


def _with_menus(sheet: Sheet, menus: Sequence[Menu]) -> ui.LayoutView:
    view = view_of(sheet)
    for menu in menus:
        select = ui.Select[ui.LayoutView](custom_id=f"g:pick:{menu.what}", placeholder=menu.title)
        for option in menu.options[:_ROWS]:
            label, about = (shortened(text, _OPTION, width) for text in (option.label, option.about))
            select.append_option(
                discord.SelectOption(label=label, value=option.value, description=about or None)
            )
        view.add_item(ui.ActionRow[ui.LayoutView](select))
    return view
