"""Secrets on their way into a request: what an adapter names is looked up here, just before it is sent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from listen import secrets
from listen.secrets import Secret
from sources.base import Request, SourceError

REFERENCE = re.compile(r"(?:env|file|keyring):.+")


def fill(request: Request, more: Mapping[str, Secret] | None = None) -> tuple[Request, dict[str, Secret]]:
    """The request with its secrets in address, parameters and body, and apart from it the headers that hold some.

    Such headers go to the request's own origin alone. `more`: mark -> a secret that no reference names, such as a
    session's token. Raises SourceError `secret`.
    """
    try:
        known = {mark: secrets.resolve(reference) for mark, reference in request.secrets.items()}
        known |= more or {}
        hidden = {name: secrets.resolve(text) for name, text in request.headers.items() if REFERENCE.fullmatch(text)}
    except secrets.SecretError as error:
        raise SourceError("secret", error.message, error.remedy) from None
    if not known:
        return request, hidden
    for name, text in request.headers.items():
        if any(mark in text for mark in known):
            hidden[name] = Secret(_filled(text, known))
    body = request.body
    if body is not None:
        is_json = "json" in next((text for name, text in request.headers.items() if name.lower() == "content-type"), "")
        plain = _filled(body.decode("utf-8", "surrogateescape"), known, in_json=is_json)
        body = plain.encode("utf-8", "surrogateescape")
    filled = msgspec.structs.replace(
        request,
        url=_filled(request.url, known, in_path=True),
        params=tuple((name, _filled(value, known)) for name, value in request.params),
        headers={name: text for name, text in request.headers.items() if name not in hidden},
        body=body,
        secrets={},
        session=None,
    )
    return filled, hidden


def lasting(request: Request) -> tuple[Secret, ...]:
    """The secrets that a request names, in order. Raises SourceError `secret`."""
    try:
        return tuple(secrets.resolve(reference) for reference in request.secrets.values())
    except secrets.SecretError as error:
        raise SourceError("secret", error.message, error.remedy) from None


def _filled(text: str, known: Mapping[str, Secret], *, in_path: bool = False, in_json: bool = False) -> str:
    for mark, secret in known.items():
        if mark in text:
            value = secret.reveal()
            value = json.dumps(value)[1:-1] if in_json else value
            text = text.replace(mark, quote(value, safe=":") if in_path else value)
    return text


def anchored(settings: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The settings with `file:` references that start at `folder`, where the configuration stands."""
    return {key: _anchored(value, folder) if isinstance(value, str) else value for key, value in settings.items()}


def _anchored(value: str, folder: Path) -> str:
    kind, _, path = value.partition(":")
    return f"file:{folder / Path(path).expanduser()}" if kind == "file" and path else value
