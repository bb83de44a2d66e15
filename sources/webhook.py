"""The adapter `webhook`: a shop, a form, a ticket system brings JSON as things happen, read by a mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sources.base import Channel, Cursor, Door, Option, Request, Settings
from sources.json_api import JsonAdapter
from sources.settings import bad, secret_of

ADDRESS = "127.0.0.1:8425"
_PLACE = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})")


class WebhookAdapter(JsonAdapter):
    """One channel: whatever is brought to `/in/NAME`, NAME being the source's."""

    name = "webhook"
    summary = "what others bring to an address of this machine, by a mapping of your own"
    needs = "a mapping file and a secret that the sender knows"
    open = False
    options: Mapping[str, Option] = {
        "mapping": Option("text", "the file that says where the JSON holds what", required=True),
        "secret": Option("secret", "what the sender signs with, or sends along", required=True),
        "signed": Option("flag", "false: the secret itself comes as a bearer token, for senders that cannot sign"),
        "address": Option("text", f"where to wait for them; {ADDRESS} when nothing is said"),
    }

    def channels(self, settings: Settings, terms: Sequence[str]) -> list[Channel]:
        """Raises SourceError: `mapping`, and `settings` in words that name the key."""
        self.mapping(settings)
        secret = secret_of(settings, "secret")
        if secret is None:
            raise bad("secret", "the key is missing", "Anybody could bring anything; write env:NAME or file:PATH.")
        address = str(settings.get("address", ADDRESS)).strip()
        place = _PLACE.fullmatch(address)
        if place is None or not 0 < int(place[1]) < 65_536:
            raise bad("address", f'"{address[:80]}" is no host and port', f'Write address = "{ADDRESS}".')
        kept: dict[str, Any] = {
            "mapping": settings["mapping"], "secret": secret, "address": address,
            "signed": settings.get("signed") is not False, "values": {}, "secrets": {},
        }  # fmt: skip
        return [Channel("in", f"waiting at {address}", kept)]

    def door(self, channel: Channel) -> Door:
        settings = channel.settings
        return Door(settings["address"], settings["secret"], settings["signed"])

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request:
        """Nobody is asked; relative addresses in what is brought start here."""
        return Request(f"http://{channel.settings['address']}/")
