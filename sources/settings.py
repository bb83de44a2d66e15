"""What adapters read out of `[sources.NAME]`, and how they say what is wrong with it."""

from __future__ import annotations

import re

from sources import links
from sources.base import Settings, SourceError

_REFERENCE = re.compile(r"(?:env|file|keyring):.+")


def bad(key: str, message: str, remedy: str) -> SourceError:
    """The error of a setting that cannot work; it names the key."""
    return SourceError("settings", f"{key}: {message}", remedy)


def words_of(settings: Settings, key: str) -> list[str]:
    """A list of words, each once, with single blanks. Raises SourceError `settings` when it is something else."""
    given = settings.get(key) or []
    if isinstance(given, str) or not all(isinstance(word, str) for word in given):
        raise bad(key, "this is no list of texts", f'Write it as {key} = ["one", "two"].')
    return list(dict.fromkeys(word for one in given if (word := " ".join(one.split()))))


def host_of(given: object, key: str) -> str:
    """The address of a server without its path; https where none is said. Raises SourceError `settings`."""
    said = str(given).strip()
    whole = links.web(said if "://" in said else f"https://{said}")
    if whole is None or not links.host(whole) or " " in said:
        raise bad(key, f'"{said[:80]}" is no server', 'Write it as "https://example.org".')
    scheme, _, rest = whole.partition("://")
    place = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in place:
        raise bad(key, "an address may hold no password", "Write a reference to it under token or key.")
    return f"{scheme}://{place.lower()}"


def secret_of(settings: Settings, key: str) -> str | None:
    """A reference to a secret. Raises SourceError `settings`, which never repeats what may be the secret itself."""
    given = settings.get(key)
    if given is None:
        return None
    if not isinstance(given, str) or not _REFERENCE.fullmatch(given):
        raise bad(
            key, "a secret may not stand here in plain text", "Write env:NAME, file:PATH or keyring:SERVICE/USER."
        )
    return given
