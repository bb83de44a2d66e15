"""A mapping's templates with their placeholders filled in -> a request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from sources.base import Request
from sources.mapping import PLACEHOLDER, Rules


class Values(Struct, frozen=True):
    """What placeholders stand for; what is empty leaves its parameter, header or part of the body out."""

    each: str
    page: str
    since: str
    found: str
    own: Mapping[str, str]
    """The source's settings."""
    secrets: Mapping[str, str]
    """Name -> reference."""
    link: str
    """The address of this page, where a server gives one."""

    def of(self, name: str) -> str:
        if name in self.secrets:
            return mark(name)
        if name in ("each", "page", "since", "found"):
            return str(getattr(self, name))
        return self.own.get(name, "")


def mark(name: str) -> str:
    """What stands for a secret until the request is sent."""
    return f"⟦{name}⟧"


def request_of(rules: Rules, values: Values) -> Request:
    """The question: of the lookup where nothing has been found yet, else for a page of items."""
    asked = rules.request
    looking = rules.lookup is not None and not values.found
    url, params = asked.url_each if values.each and asked.url_each else asked.url, asked.params
    if looking and rules.lookup is not None:
        url, params = rules.lookup.url, rules.lookup.params
    given = [(name, text) for name, template in params.items() if (text := _filled(template, values))]
    if values.link:
        # A page's own address says all there is to say but the secrets, which are never stored.
        url, given = values.link, [(name, text) for name, text in given if _hides(params[name], values)]
    else:
        url = _filled(url, values, in_url=True) or ""
        if not looking and rules.paging and rules.paging.param and values.page:
            given.append((rules.paging.param, values.page))
    headers = {name: text for name, template in asked.headers.items() if (text := _filled(template, values))}
    body = None
    if asked.body is not None and not looking:
        body = json.dumps(_body(asked.body, values), ensure_ascii=False).encode()
        headers.setdefault("content-type", "application/json")
    headers.setdefault("accept", "application/json")
    method = "GET" if looking else asked.method
    marks = {mark(name): reference for name, reference in values.secrets.items()}
    return Request(url, tuple(given), headers, method, body, marks)


def _hides(template: str, values: Values) -> bool:
    return any(found[1] in values.secrets for found in PLACEHOLDER.finditer(template))


def _filled(template: str, values: Values, *, in_url: bool = False) -> str | None:
    """The template with its placeholders replaced; None when one of them is empty."""
    empty = False

    def replaced(found: Any) -> str:
        nonlocal empty
        if found[1] is None:
            return str(found[0][0])
        text = values.of(found[1])
        empty = empty or not text
        return quote(text, safe="") if in_url and found[1] != "host" and found[1] not in values.secrets else text

    text = PLACEHOLDER.sub(replaced, template)
    return None if empty else text


def _body(value: Any, values: Values) -> Any:
    if isinstance(value, str):
        return _filled(value, values)
    if isinstance(value, dict):
        filled = {key: _body(one, values) for key, one in value.items()}
        return {key: one for key, one in filled.items() if one is not None or value[key] is None}
    if isinstance(value, list):
        return [_body(one, values) for one in value]
    return value
