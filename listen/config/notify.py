"""What may be wrong with a place where alerts go, beside the kinds of its values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from listen.config.desks import is_zone
from listen.config.values import unresolved
from listen.service import minute_of

WAYS = ("url", "webhook", "command")
_WEBHOOK = re.compile(r"https?://[^\s/]+\S*")

Fault = tuple[str, str, str]
"""(key, what is wrong, what to write)"""


def faults(keys: Mapping[str, Any], written: Collection[str], folder: Path, resolved: bool) -> Iterator[Fault]:
    """`keys` are typed, None where a value was faulty; `written` are those that stand there.

    `folder` is where files that are named start; references are tried when `resolved`.
    """
    given = [way for way in WAYS if way in written]
    if not given:
        yield "", "it goes nowhere", 'add url = "env:DUTY_URL", webhook = "https://…" or command = ["…"]'
    elif len(given) > 1:
        yield given[1], f"{given[0]} is given already", "one place each: write a second table for the other"
    if "secret" in written and "webhook" not in written:
        yield "secret", "only a webhook is signed", "remove it, or add webhook"
    webhook = keys["webhook"]
    if webhook and not _WEBHOOK.fullmatch(webhook):
        if not webhook.startswith(("env:", "file:", "keyring:")):
            yield "webhook", "expected an address", 'such as "https://tickets.example/hook", or "env:TICKETS_HOOK"'
        elif resolved and (found := unresolved(webhook, folder)):
            yield "webhook", *found
    try:
        minute_of(keys["digest"])
    except ValueError as error:
        yield "digest", "expected a time of day", str(error)
    if keys["timezone"] and not is_zone(keys["timezone"]):
        yield "timezone", f'there is no time zone "{keys["timezone"]}"', 'such as "Europe/Paris"'
    if keys["per_hour"] == 0:
        yield "per_hour", "expected 1 or more", "a rule that is told nobody has no route"
