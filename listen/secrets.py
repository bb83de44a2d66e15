"""Secrets: named by references, shown as `***`, masked wherever text may leave the process.

The process keeps one set of all secret values it has met. A log record or an error may come from anywhere, and a
masking list that has to be handed around is one that somebody forgets.
"""

from __future__ import annotations

import hmac
import importlib
import logging
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote, quote_plus, unquote

SHOWN = "***"
SHORTEST = 4
"""Shorter values are not masked in texts: replacing every `a` would hide nothing and ruin everything."""
KEY = 16
"""So long a part of a secret address is taken for a key; half as long, when there are digits in it."""

FILE_LIMIT = 65_536

_HOW = "write env:NAME, file:PATH or keyring:SERVICE/USER"
_known: set[str] = set()


class SecretError(ValueError):
    """A reference that yields no secret; `message` names the variable, file or entry, `remedy` says what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}; {remedy}")
        self.message, self.remedy = message, remedy


class Secret:
    """A value that shows itself as `***` everywhere but in `reveal()`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        remember(value)

    def reveal(self) -> str:
        """The value itself, to be handed to the wire and nowhere else."""
        return self._value

    def __repr__(self) -> str:
        return SHOWN

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(SHOWN, spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode("utf-8", "replace"), other._value.encode("utf-8", "replace"))

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __bool__(self) -> bool:
        return bool(self._value)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written down")


def remember(value: str) -> None:
    """Have `mask` hide this value from now on, as it is and as it looks in an address.

    Of an address that is secret, the parts that open a door by themselves are hidden, too: receivers quote them.
    """
    for one in (value, *_keys_in(value)):
        if len(one) >= SHORTEST:
            _known.update((one, quote(one, safe=""), quote(one), quote_plus(one)))


def _keys_in(address: str) -> list[str]:
    """The password of an address, and what looks like a key among its host, path and query."""
    _, mark, rest = address.partition("://")
    if not mark:
        return []
    place, _, query = rest.partition("?")
    authority, *path = place.split("/")
    user, _, host = authority.rpartition("@")
    words = [*path, *(pair.partition("=")[2] for pair in query.split("&"))]
    words += [host.partition(":")[0]] if "." not in host else []  # Apprise has keys there
    found = [word for word in words if "@" not in word and _is_like_a_key(word)]
    return [unquote(word) for word in (user.partition(":")[2], *found)]


def _is_like_a_key(word: str) -> bool:
    return len(word) >= KEY or (len(word) >= KEY // 2 and any(each.isdigit() for each in word))


def mask(text: str) -> str:
    """The text with every secret value that this process has met replaced by `***`."""
    for value in sorted(_known, key=len, reverse=True):
        if value in text:
            text = text.replace(value, SHOWN)
    return text


class Redact(logging.Filter):
    """Masks secrets in log records and tracebacks; put it on handlers, as a logger's filter misses its children."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            said = record.getMessage()
        except Exception:  # a record whose arguments do not fit must not stop the program that logged it
            said = "a log message whose arguments do not fit"
        record.msg, record.args = mask(said), ()
        if record.exc_info:
            record.exc_text = record.exc_text or logging.Formatter().formatException(record.exc_info)
            record.exc_info = None
        if record.exc_text:
            record.exc_text = mask(record.exc_text)
        if record.stack_info:
            record.stack_info = mask(record.stack_info)
        return True


def hush() -> None:
    """Have the HTTP libraries log no address, header or reason: what they say at length is not ours to mask."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def resolve(reference: str, *, base: Path | None = None, environ: Mapping[str, str] | None = None) -> Secret:
    """The secret behind `env:NAME`, `file:PATH` (relative to `base`) or `keyring:SERVICE/USER`.

    Raises SecretError. A text that is no reference is never repeated in the error: it may be the secret itself.
    """
    kind, _, rest = reference.partition(":")
    if kind == "env" and rest:
        return _from_environment(rest, os.environ if environ is None else environ)
    if kind == "file" and rest:
        return _from_file((base or Path()) / Path(rest).expanduser())
    if kind == "keyring" and rest:
        return _from_keyring(rest)
    raise SecretError("this is no reference to a secret", _HOW)


def _from_environment(name: str, environ: Mapping[str, str]) -> Secret:
    value = environ.get(name)
    if value is None:
        raise SecretError(f"the environment variable {name} is not set", f"set {name} before starting listen")
    if not value.strip():
        raise SecretError(f"the environment variable {name} is empty", f"give {name} a value before starting listen")
    return Secret(value.strip())


def _from_file(path: Path) -> Secret:
    try:
        # Not blocking: opening a named pipe would wait for a writer that never comes.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as fault:
        why = "does not exist" if isinstance(fault, FileNotFoundError) else "cannot be read"
        raise SecretError(f"the secret file {path} {why}", "check the path and its owner") from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise SecretError(f"the secret file {path} is not a plain file", "name a file that holds the secret alone")
        # A group may read it: services are often given root:listen 0640.
        if status.st_mode & 0o037:
            raise SecretError(f"the secret file {path} is open to other people", f"run: chmod 600 {path}")
        raw = os.read(handle, FILE_LIMIT + 1)
    finally:
        os.close(handle)
    if len(raw) > FILE_LIMIT:
        raise SecretError(f"the secret file {path} is larger than 64 KB", "name a file that holds the secret alone")
    try:
        value = raw.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise SecretError(f"the secret file {path} is not text", "name a file that holds the secret alone") from None
    if not value:
        raise SecretError(f"the secret file {path} is empty", "write the secret into it")
    return Secret(value)


def _from_keyring(entry: str) -> Secret:
    service, _, user = entry.rpartition("/")
    if not service or not user:
        raise SecretError("a keyring entry needs a service and a user", "write keyring:SERVICE/USER")
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        raise SecretError("the keyring package is not installed", "run: pip install keyring") from None
    try:
        value = keyring.get_password(service, user)
    except Exception:  # each backend has errors of its own, and their texts are not ours to show
        raise SecretError(
            f"the keyring could not be asked for {entry}", "unlock the keyring, or use env: or file:"
        ) from None
    if not value:
        raise SecretError(f"the keyring holds nothing for {entry}", f"run: keyring set {service} {user}")
    return Secret(value)
