"""The buttons on cards. A press counts for whoever presses, and shows on their own cards."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import cast

from chat.channels.discord.cards import Sheet, sheets, view_of, why
from chat.channels.discord.keys import FAILURES
from chat.channels.discord.live import Interaction, Tap, place_of, taken, words_of
from chat.channels.discord.places import Place, Ref, item_key
from chat.channels.discord.talk import Talk
from chat.channels.lanes import Lanes
from chat.channels.members import FORGOTTEN, NOT_YOURS, NOTED, Members, Press


class Clicks:
    """Does what the buttons say."""

    def __init__(self, members: Members, talk: Talk) -> None:
        self._members = members
        self._talk = talk
        self._lanes = Lanes()

    async def press(self, interaction: Interaction, tap: Tap) -> None:
        """One of the five buttons of a card. What comes twice counts once: Discord takes one answer."""
        if not await taken(interaction):
            return
        found = tap.found
        ref, press, key = Ref.read(found), cast(Press, found["press"]), found["item"]
        place = place_of(interaction)
        mine = ref.owner == place.member.id
        words, sheet = "", None
        try:
            if press == "why":
                words = await asyncio.to_thread(self._why, place, ref, key) if mine else NOT_YOURS
            else:
                async with self._lanes.lane(place.user_id):
                    words = await asyncio.to_thread(self._press, place, ref if mine else None, key, press)
                    sheet = await asyncio.to_thread(self._drawn, place, ref, found[0]) if mine else None
                    if sheet is not None:
                        await interaction.edit_original_response(view=view_of(sheet))
                        return
        except Exception as error:
            words = words_of(error)
        with suppress(*FAILURES):
            await interaction.followup.send(words, ephemeral=True)

    def _press(self, place: Place, ref: Ref | None, key: str, press: Press) -> str:
        """Keeps the press in the conversation of the card, or in the presser's own; tells what came of it."""
        where = ref.conversation if ref else self._talk.current(place)
        shelf = self._members.shelf_of(self._members.open(place.user_id, where))
        item = next((item.id for item in shelf.items if item_key(item.id) == key), key)
        return NOTED[press][not self._members.press(place.user_id, where, item, press)]

    def _why(self, place: Place, ref: Ref, key: str) -> str:
        found = self._members.turn(place.user_id, ref.conversation, ref.message)
        entries = found[1].reply.recommendations if found and found[1].reply else ()
        entry = next((entry for entry in entries if item_key(entry.item.id) == key), None)
        if found is None or entry is None:
            return FORGOTTEN
        return why(entry, self._members.shelf_of(found[0]).facets)

    def _drawn(self, place: Place, ref: Ref, pressed: str) -> Sheet | None:
        """The message with that button as it is to look now; None where what it showed was forgotten."""
        found = self._members.turn(place.user_id, ref.conversation, ref.message)
        if found is None or found[1].reply is None:
            return None
        facets = self._members.shelf_of(found[0]).facets
        drawn = sheets(found[1].reply, ref, facets, self._members.marks(place.user_id, found[0]))
        return next((sheet for sheet in drawn if any(one.id == pressed for one in sheet.buttons)), None)
