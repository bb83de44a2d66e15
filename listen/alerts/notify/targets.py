"""Where letters go, as configured by `[notify.NAME]`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from listen import secrets
from listen.secrets import Secret, SecretError
from listen.service import minute_of

APPRISE, WEBHOOK, COMMAND = "url", "webhook", "command"
"""Kinds of targets, by the key that names them."""

KINDS = (APPRISE, WEBHOOK, COMMAND)

PREFIX = "notify:"
"""What a rule's route calls a target by; what has no prefix there is a desk, whose people see it in their consoles."""


@dataclass(frozen=True, slots=True)
class Target:
    """One `[notify.NAME]`."""

    name: str
    kind: str
    address: Secret | None = None
    """Of an Apprise URL or a webhook; None: `problem` says why."""
    secret: Secret | None = None
    """Signs what a webhook gets."""
    argv: tuple[str, ...] = ()
    digest: int = 8 * 60
    """When digests are sent, in minutes after midnight."""
    zone: str = "UTC"
    per_hour: int = 20
    """So many letters leave in an hour; what is more is held back and told in one."""
    problem: str = ""
    """Why nothing can be sent there: a secret that is not to be had."""

    def next_digest(self, now: float) -> float:
        """When the digest after that moment is sent."""
        here = datetime.fromtimestamp(now, ZoneInfo(self.zone))
        at = here.replace(hour=self.digest // 60, minute=self.digest % 60, second=0, microsecond=0)
        if at.timestamp() <= now:
            at = (here + timedelta(days=1)).replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
        return at.timestamp()


def configured(tables: Mapping[str, Mapping[str, Any]], folder: Path, here: str) -> dict[str, Target]:
    """The targets of a checked configuration; `here` is the zone of those that name none."""
    return {name: _target(name, keys, folder, here) for name, keys in tables.items()}


def _target(name: str, keys: Mapping[str, Any], folder: Path, here: str) -> Target:
    kind = next(one for one in KINDS if keys[one])
    more = {
        "argv": tuple(keys[COMMAND] or ()),
        "digest": minute_of(keys["digest"]),
        "zone": keys["timezone"] or here,
        "per_hour": keys["per_hour"],
    }
    try:
        address = secret_of(keys[kind], folder) if kind != COMMAND else None
        secret = secret_of(keys["secret"], folder) if keys["secret"] else None
    except SecretError as error:
        return Target(name, kind, **more, problem=str(error))
    return Target(name, kind, address, secret, **more)


def secret_of(reference: str, folder: Path) -> Secret:
    """What a reference names; an address may also stand there as it is. Raises SecretError."""
    if reference.startswith(("http://", "https://")):
        return Secret(reference)
    return secrets.resolve(reference, base=folder)
