"""Rules of alerts that people begin, change, switch and give up: what `console.toml` shall say of one then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from listen.alerts.rules import Rule, drafted
from listen.collect.topics import Refused
from listen.config import Config, rules
from listen.config.alerts import completed
from listen.config.check import query_or_all
from listen.config.desks import for_book, local_zone
from listen.config.edits import Entry, console_file, standing
from listen.config.files import PACKAGED, Layer
from listen.config.keys import TABLES
from listen.config.values import typed
from listen.query.book import Book, listed
from listen.text import fold

Wanted = tuple[Entry | None, str, str]
"""(what shall stand in `console.toml`, None for nothing; the action in the journal; what has happened)"""


def wanted(config: Config, name: str, body: Mapping[str, Any]) -> Wanted:
    """`{"rule": name, "entry": {key: value}}` is all that it says; or `on`: true or false; `remove`; `reset`.

    A rule that stands in the store's file cannot be removed from here: it is switched off. Raises Refused.
    """
    here, file = _standing(config, name), _of_file(config, name)
    place = console_file(config.files[0])
    if body.get("reset"):
        return _given_up(config, name, here, file)
    if body.get("remove") and file is None:
        return None, "rule removed", f"the rule {name} is removed"
    if body.get("remove"):
        told = f"the rule {name} is off; it stands in {config.files[0]}, where it can be taken out"
        return _switched(here, file, on=False), "rule switched off", told
    if "on" in body:
        on = bool(body["on"])
        if on == config.tables["alerts"][name]["enabled"]:
            raise Refused(f"the rule {name} is {'on' if on else 'off'} already")
        return _switched(here, file, on=on), f"rule switched {_on(on)}", f"the rule {name} is {_on(on)}"
    given = checked(config, name, body.get("entry", {}))
    known = config.tables.get("alerts", {}).get(name)
    if known is not None and not known["enabled"]:
        given["enabled"] = False
    same = file is not None and _says(given) == _says(file)
    told = f"the rule {name} is that of {config.files[0]} again" if same else f"the rule {name} is saved in {place}"
    return None if same else given, "rule begun" if body.get("new") else "rule changed", told


def draft(config: Config, name: str, given: Mapping[str, Any]) -> Rule:
    """A rule that nobody has saved, to be replayed. Raises Refused."""
    return drafted(name, checked(config, name, given), local_zone())


def checked(config: Config, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as the configuration has it. Raises Refused with the first fault."""
    if other := next((key for key in given if key not in rules.KEYS), None):
        raise Refused(f"a rule has no {other}; it has {', '.join(rules.KEYS)}")
    entry, wrong = rules.entry({key: rules.spelled(key, value) for key, value in given.items()})
    found = [*wrong.items(), *([] if wrong else rules.wrong(name, entry, _tables(config), _book(config)))]
    if found:
        raise Refused(": ".join(found[0]))
    return dict(entry)


def mirrored(config: Config) -> dict[str, Any]:
    """What a console needs to know of rules to edit one: those that there are, and where alerts can go."""
    alerts = config.tables.get("alerts", {})
    return {
        "rules": {name: rules.texts(keys) for name, keys in alerts.items()},
        "notify": list(config.tables.get("notify", {})),
    }


def _says(entry: Entry) -> dict[str, str]:
    return rules.texts(completed(typed(rules.KEYS, dict(entry))))


def _on(on: bool) -> str:
    return "on" if on else "off"


def _given_up(config: Config, name: str, here: Entry | None, file: Entry | None) -> Wanted:
    if here is None:
        raise Refused(f"nothing was changed here of the rule {name}")
    if file is None:
        raise Refused(f"{name} is in no other file; `listen alerts remove {name}` removes it")
    return None, "rule reset", f"the rule {name} is that of {config.files[0]} again"


def _switched(here: Entry | None, file: Entry | None, *, on: bool) -> Entry | None:
    """What stands here, but on or off; nothing where the file says so by itself."""
    entry = {key: value for key, value in (here or {}).items() if key != "enabled"}
    silent = True if "when" in entry or file is None else bool(file.get("enabled", True))
    return (entry if on == silent else {**entry, "enabled": on}) or None


def _standing(config: Config, name: str) -> Entry | None:
    try:
        return standing(console_file(config.files[0])).get("alerts", {}).get(name)
    except (OSError, ValueError) as error:
        raise Refused(f"{console_file(config.files[0])} cannot be changed: {error}") from None


def _of_file(config: Config, name: str) -> Entry | None:
    """What the rule says without `console.toml`, None where there is none."""
    layers = (Layer.read(one, TABLES).data.get("alerts", {}).get(name) for one in (config.files[0], PACKAGED))
    return next((dict(one) for one in layers if one is not None), None)


def _tables(config: Config) -> dict[str, Mapping[str, Any]]:
    there = {name: config.tables.get(name, {}) for name in ("desks", "alerts", "notify", "objectives")}
    return {**there, "sources": config.sources}


def _book(config: Config) -> Book:
    views = {fold(one): query_or_all(keys.get("query")) for one, keys in config.tables.get("views", {}).items()}
    lists = {fold(one): listed(tuple(values)) for one, values in config.lists.items()}
    return Book(views, lists, for_book(config.tables.get("desks", {})))
