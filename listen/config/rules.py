"""Rules as people type them, a text for each key: read, spelled and checked, wherever a rule is edited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from listen import query
from listen.config.alerts import ANYWHERE, DEFAULTS, EXAMPLES, completed, faults
from listen.config.edits import Entry, Value
from listen.config.keys import TABLES
from listen.config.values import fault, typed, written_span
from listen.query.book import Book, resolved

KEYS = TABLES["alerts"].keys

TOLD = ("severity", "route", "repeat", "group_interval", "quiet", "timezone", "inhibits", "enabled")
"""What says how an alert is told, and nothing of when there is one."""

ORDER = (
    "when", "query", "of", "threshold", "at_least", "gained", "at_most", "sensitivity", "desk", "sources", "fares",
    "objectives", "window", "per", "mentions", "authors", "stories", "coverage", "for", "resolve_after", "cooldown",
    "severity", "route", "repeat", "group_interval", "quiet", "timezone", "inhibits",
)  # fmt: skip
"""The keys as they are asked, from the condition to whom it is told."""

Texts = Mapping[str, str]
"""Key -> what stands there; a key without a text is what its condition takes for granted."""


def keys_of(when: str) -> list[str]:
    """The keys that mean something for a condition, in the order in which they are asked."""
    return [key for key in ORDER if means_something(when, key)] if when in DEFAULTS else ["when"]


def spelled(name: str, value: Any) -> str:
    """A value as it is typed: `2h`, `0.4`, `acme, rival`; nothing for None and what is empty."""
    if KEYS[name].kind == "duration":
        return written_span(value) if isinstance(value, int | float) and value else str(value or "")
    if isinstance(value, list | tuple):
        return ", ".join(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def texts(keys: Mapping[str, Any]) -> dict[str, str]:
    """What a rule of a checked configuration says beside what its condition takes for granted."""
    usual = {name: spelled(name, value) for name, value in granted(str(keys["when"])).items()}
    said = {name: spelled(name, value) for name, value in keys.items()}
    return {name: text for name, text in said.items() if text and text != usual.get(name)}


def granted(when: str) -> dict[str, Any]:
    """What a condition takes for granted, typed."""
    return {**{name: key.default for name, key in KEYS.items()}, **completed({"when": when}), "when": None}


def read(name: str, text: str) -> Value:
    """The value that a text means, as the configuration has it. Raises ValueError with what was expected."""
    kind, text = KEYS[name].kind, text.strip()
    value: Any = text
    try:
        if kind == "texts":
            value = [part.strip() for part in text.split(",") if part.strip()]
        elif kind == "count":
            value = int(text.replace(",", ""))
        elif kind == "share":
            value = float(text.removesuffix("%")) / 100 if text.endswith("%") else float(text)
        elif kind == "flag":
            value = {"true": True, "false": False}.get(text, text)
    except ValueError:
        value = None
    if wrong := fault(KEYS[name], value):
        raise ValueError("; ".join(filter(None, wrong)))
    return value  # type: ignore[no-any-return]


def entry(said: Texts) -> tuple[dict[str, Value], dict[str, str]]:
    """(the rule as the configuration has it, what is wrong with single values by their key)"""
    found: dict[str, Value] = {}
    wrong: dict[str, str] = {}
    for name, text in said.items():
        if not text.strip():
            continue
        try:
            found[name] = read(name, text)
        except ValueError as error:
            wrong[name] = str(error)
    return found, wrong


def wrong(name: str, given: Entry, tables: Mapping[str, Mapping[str, Any]], book: Book) -> Iterator[tuple[str, str]]:
    """(key, what is wrong there) of a rule of that name whose values fit their keys.

    `tables` are `sources`, `desks`, `alerts`, `notify` of the configuration; `book` holds its views, lists and desks.
    """
    when = str(given.get("when", ""))
    if when not in DEFAULTS:
        yield "when", f"say what it watches for: {', '.join(DEFAULTS)}"
        return
    for key, value in DEFAULTS[when].items():
        if value is None and key not in given:
            yield key, f"{when} needs one, such as {example(key)}"
    for key in ("query", "of"):
        try:
            resolved(query.parse(str(given.get(key, ""))), book, strict=True)
        except query.QueryError as error:
            yield key, str(error)
    for key, message, hint in faults(name, typed(KEYS, dict(given)), tables):
        if key and not (key == "query" and "query" not in given):
            yield key, f"{message}; {hint}" if hint else message


def example(key: str) -> str:
    """A value of a key that has to be given."""
    return EXAMPLES[key].partition(" = ")[2].strip('"')


def means_something(when: str, key: str) -> bool:
    """Whether a key says anything for a condition."""
    return key in ANYWHERE or key in DEFAULTS.get(when, {})
