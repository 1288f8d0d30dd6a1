"""The slash commands: what they answer in a server, only the one who typed them sees."""

from __future__ import annotations

import asyncio

from discord import app_commands

from chat.channels.discord.cards import Sheet, says, view_of
from chat.channels.discord.home import Home
from chat.channels.discord.live import Interaction, apart, place_of, taken, telling
from chat.channels.discord.markup import markdown
from chat.channels.discord.places import Ref
from chat.channels.discord.talk import Talk
from chat.channels.examples import examples, greeting
from chat.channels.members import FRESH, Members

_HELP = (
    "Say after `/genre ask` what you are looking for; in a server only you will see the answer. "
    "Mention me to ask where all can see it, and in a direct message we talk alone.\n"
    "`/genre taste` shows what I know of your taste · `/genre saved` what you saved · `/genre new` starts "
    "over · `/genre forget` forgets all about you"
)


class Slash(app_commands.Group, name="genre", description="Recommendations, each with its reasons."):
    """`/genre …`"""

    def __init__(self, members: Members, talk: Talk, home: Home) -> None:
        super().__init__()
        self._members = members
        self._talk = talk
        self._home = home

    @app_commands.command(description="Say in your own words what you are looking for.")
    @app_commands.describe(what="For example: something witty, under two hours")
    async def ask(self, interaction: Interaction, what: str) -> None:
        """An answer for the one who asks."""
        await self._talk.ask(interaction, what)

    @app_commands.command(description="See what I know of your taste, change it, remove from it.")
    async def taste(self, interaction: Interaction) -> None:
        """Their taste, with what they saved."""
        await self._home.show(interaction, taste=True)

    @app_commands.command(description="See what you saved.")
    async def saved(self, interaction: Interaction) -> None:
        """What they saved."""
        await self._home.show(interaction, taste=False)

    @app_commands.command(description="Start over. Your taste comes along.")
    async def new(self, interaction: Interaction) -> None:
        """Another conversation in this place."""
        place, catalogue = place_of(interaction), self._members.catalogue
        if await taken(interaction, ephemeral=apart(interaction)):
            async with telling(interaction):
                fresh = place.conversation(catalogue, str(interaction.id))
                await asyncio.to_thread(self._members.open, place.user_id, fresh)
                await interaction.edit_original_response(content=FRESH)

    @app_commands.command(description="Forget everything that I know about you.")
    async def forget(self, interaction: Interaction) -> None:
        """Forgets all about them, after asking."""
        await self._home.ask_erase(interaction)

    @app_commands.command(description="What I can do.")
    async def help(self, interaction: Interaction) -> None:
        """What there is, and examples to press."""
        if await taken(interaction, ephemeral=apart(interaction)):
            async with telling(interaction):
                sheet = await asyncio.to_thread(self._opening, interaction)
                await interaction.edit_original_response(view=view_of(sheet))

    def _opening(self, interaction: Interaction) -> Sheet:
        shelf = self._members.shelf
        chips = says(examples(shelf), Ref(interaction.user.id, "", str(interaction.id)))
        words = (markdown(" ".join(greeting(shelf))), _HELP)
        return Sheet((*words, chips) if chips else words)
