"""The adapter `json`, and an adapter for each mapping that comes with it: any JSON over HTTP, said in a data file.

What a mapping may say is in `sources.mapping`. Expressions run only while an answer is read, in the workshop; what is
asked is put together from templates.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sources import links, rounds
from sources.asking import Values, request_of
from sources.base import (
    Answer,
    Budget,
    Channel,
    Cost,
    Cursor,
    Option,
    Page,
    Post,
    Reject,
    Request,
    Settings,
    SourceError,
)
from sources.jsontext import decode, name, text
from sources.mapped import post
from sources.mapping import MappingFile, Wish, built_in, checked
from sources.packing import packed

MOST = 2_000
"""Items read of one answer."""
REFERENCES = ("env:", "file:", "keyring:")


class JsonAdapter:
    """Any JSON over HTTP, by a mapping of the user's own."""

    name = "json"
    summary = "any JSON over HTTP, by a mapping of your own"
    needs = "a mapping file"
    every = 3_600.0
    open = True
    """The mapping's own options are keys of the source, too."""
    options: Mapping[str, Option] = {
        "mapping": Option("text", "the file that says what to ask and where the answer holds what", required=True),
    }

    def mapping(self, settings: Mapping[str, Any]) -> MappingFile:
        """The mapping of a source or a channel. Raises SourceError `mapping`."""
        told = settings.get("mapping")
        if not isinstance(told, str) or not told.startswith("{"):
            words = f'mapping: "{str(told)[:200]}" was not read'
            raise SourceError("settings", words, "Files are read with the configuration, not by the adapter.")
        return checked(told)

    def channels(self, settings: Settings, terms: Sequence[str]) -> list[Channel]:
        """One channel for each value of the mapping's `each`, or a single one.

        Raises SourceError: `mapping`, and `settings` in words that name the key.
        """
        mapping = self.mapping(settings)
        own = {key: value for key, value in settings.items() if key != "mapping"}
        values, secrets = _checked_settings(mapping, own)
        common: dict[str, Any] = {"values": values, "secrets": secrets}
        if "mapping" in settings:
            common["mapping"] = settings["mapping"]
        each, every = _each(mapping, own, terms), mapping.every
        found = [Channel(f"{mapping.rules.each}:{one}", one, {**common, "each": one}, every) for one in each]
        found = found or [Channel("all", "everything", common, every)]
        _check_address(self.request(found[0], {}, 0.0), mapping)
        return found

    def budgets(self, channel: Channel) -> tuple[Budget, ...]:
        """The questions that a key may ask in a day, where the mapping says how many."""
        rules, own = self.mapping(channel.settings).rules, channel.settings["values"]
        allowed = int(own.get("daily") or rules.daily)
        holder = " ".join(channel.settings["secrets"].values())
        return (
            (Budget("questions", allowed, "questions", "daily" if "daily" in own else "", holder),) if allowed else ()
        )

    def visit_costs(self, channel: Channel) -> tuple[Cost, ...]:
        return tuple(Cost(one.name) for one in self.budgets(channel))

    def within(self, channel: Channel, request: Request, left: Mapping[str, float]) -> Request:
        return request

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request:
        """The question of this point of the round; secrets stand in it as marks."""
        mapping = self.mapping(channel.settings)
        rules = mapping.rules
        values = Values(
            each=channel.settings.get("each", ""),
            page=rounds.page(rules, cursor),
            since=rounds.since(rules, cursor, now),
            found=text(cursor.get("found")) or "",
            own=channel.settings["values"],
            secrets=channel.settings["secrets"],
            link=rounds.link(rules, cursor),
        )
        asked = request_of(rules, values)
        costs = self.visit_costs(channel)
        return msgspec.structs.replace(asked, costs=costs) if costs else asked

    def back(self, channel: Channel, since: float, now: float) -> Cursor | None:
        """A round from `since` on; None for a mapping whose questions name no time."""
        return {"since": int(since)} if self.mapping(channel.settings).rules.since is not None else None

    def parse(self, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        """The posts of one answer. Raises SourceError: `parse`, `limit:depth`, `shape`, `refused`."""
        mapping = self.mapping(channel.settings)
        rejects: list[Reject] = []
        value = _decoded(mapping, answer.body, rejects)
        _check_refusal(mapping, value)
        if mapping.rules.lookup is not None and not cursor.get("found"):
            return Page([], {**cursor, "found": _looked_up(mapping, value)}, more=True, rejects=rejects)
        items = _items(mapping, value, rejects)
        base = links.web(self.request(channel, {}, now).url) or ""
        posts: dict[str, Post] = {}
        for item in items:
            made = post(mapping, item, base, now)
            if isinstance(made, Post):
                known = posts.setdefault(made.external_id, made)
                if (made.edited_at or 0) > (known.edited_at or 0):
                    posts[made.external_id] = made
            elif made is not None:
                rejects.append(made)
        step = rounds.Step(value, answer.headers, len(items), list(posts.values()), base)
        after, more = rounds.after(mapping, cursor, step, now, rejects)
        return Page(list(posts.values()), after, more, rejects)


class MappedAdapter(JsonAdapter):
    """A mapping that comes with the program, as an adapter of its own name."""

    open = False

    def __init__(self, mapping: str) -> None:
        rules = built_in(mapping).rules
        self.name = mapping
        self.summary, self.needs, self.every = rules.summary, rules.needs, built_in(mapping).every
        self.options = {
            key: Option(wish.type, wish.help, required=wish.required) for key, wish in rules.options.items()
        }

    def mapping(self, settings: Mapping[str, Any]) -> MappingFile:
        return built_in(self.name)


# --- settings ---------------------------------------------------------------------------------------------------------


def _bad(key: str, message: str, remedy: str = "") -> SourceError:
    return SourceError("settings", f"{key}: {message}", remedy)


def _checked_settings(mapping: MappingFile, settings: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Placeholder -> text, and placeholder -> reference of a secret."""
    wishes = mapping.rules.options
    for key in settings:
        if key not in wishes:
            near = difflib.get_close_matches(key, wishes, n=1, cutoff=0.6)
            hint = f'Did you mean "{near[0]}"?' if near else f"The mapping's keys are {', '.join(wishes) or 'none'}."
            raise _bad(key, f"{mapping.file} knows no such key", hint)
    values: dict[str, str] = {}
    secrets: dict[str, str] = {}
    for key, wish in wishes.items():
        value = settings.get(key, wish.default)
        if value in ("", [], None):
            if wish.required:
                raise _bad(key, "the key is missing", f"It says: {wish.help}.")
            values[key] = ""
        elif wish.type == "secret":
            if not isinstance(value, str) or not value.startswith(REFERENCES):
                words = "a secret may not stand here in plain text"
                raise _bad(key, words, "Write env:NAME, file:PATH or keyring:SERVICE/USER.")
            secrets[key] = value
        elif key != mapping.rules.each:
            values[key] = _written(key, wish, value)
    if "host" in values:
        values["host"] = _host(values["host"])
    return values, secrets


_EXPECTED = {
    "text": 'text in quotes, such as "acme"', "number": "a whole number", "flag": "true or false",
    "texts": 'a list of texts, such as ["one", "two"]',
}  # fmt: skip


def _written(key: str, wish: Wish, value: Any) -> str:
    if wish.type == "texts" and isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return ",".join(value)
    if wish.type == "flag" and isinstance(value, bool):
        return "true" if value else "false"
    if wish.type == "number" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if wish.type == "text" and isinstance(value, str):
        return value
    raise _bad(key, f"expected {_EXPECTED[wish.type]}")


def _host(given: str) -> str:
    host = links.web(given)
    if host is None:
        raise _bad("host", f'"{given[:200]}" is no web address', "It should begin with https:// and name a host.")
    return host.rstrip("/")


def _each(mapping: MappingFile, settings: Mapping[str, Any], terms: Sequence[str]) -> list[str]:
    """What makes a channel each: the option's values, else the topics' search words where the mapping takes them."""
    rules = mapping.rules
    if not rules.each:
        return []
    given = settings.get(rules.each) or (terms if rules.terms else [])
    if isinstance(given, str) or not all(isinstance(one, str) for one in given):
        raise _bad(rules.each, f"expected {_EXPECTED['texts']}")
    stars = [one.rstrip("*") if rules.terms else one for one in given]
    stars = [one.lstrip("#@") for one in stars] if rules.phrases else stars
    found = list(dict.fromkeys(word for one in stars if (word := " ".join(one.replace('"', " ").split()))))
    found = [one for one in found if len(one) >= rules.shortest]
    if not found and not rules.request.url_each:
        topics = " or a topic with words to search for" if rules.terms else ""
        raise _bad(rules.each, "there is nothing to ask for", f'Write {rules.each} = ["acme"]{topics}.')
    if rules.phrases:
        found = [one if one.isascii() and one.isalnum() else f'"{one}"' for one in found]
    if not rules.joined:
        return found
    joined = packed(found, rules.joined, rules.longest)
    return [f"({one})" if rules.brackets and one not in found else one for one in joined]


def _check_address(request: Request, mapping: MappingFile) -> None:
    if links.web(request.url) is None:
        words = f'request.url: "{request.url[:200]}" is no web address'
        raise SourceError("mapping", f"{mapping.file}: {words}", "It should begin with https:// or with {host}.")


# --- answers ----------------------------------------------------------------------------------------------------------


def _decoded(mapping: MappingFile, body: bytes, rejects: list[Reject]) -> Any:
    """The JSON of an answer; some APIs refuse with a good status and plain words instead."""
    try:
        return decode(body, rejects)
    except SourceError:
        words = " ".join(body[:200].decode("utf-8", "replace").split())
        if not words or words[0] in '<{["':
            raise
        raise SourceError("refused", f"the server answers in words: {words}", mapping.rules.remedy) from None


def _check_refusal(mapping: MappingFile, value: Any) -> None:
    """Some APIs refuse with a good status and words in the answer."""
    said = mapping.answered("error", value)
    if said:
        words = " ".join(said.split())[:200] if isinstance(said, str) else "it does not say why"
        raise SourceError("refused", f"the server refuses: {words}", mapping.rules.remedy)


def _looked_up(mapping: MappingFile, value: Any) -> str:
    found = name(mapping.answered("lookup.value", value))
    if found is None or len(found) > 500:
        words = f"the answer holds nothing at `{mapping.rules.lookup.value if mapping.rules.lookup else ''}`"
        raise SourceError("shape", words, "What is looked for may not exist there; check the source's settings.")
    return found


def _items(mapping: MappingFile, value: Any, rejects: list[Reject]) -> list[Any]:
    """The items: a list, or the one that stands where a list is expected."""
    items = mapping.answered("items", value)
    if isinstance(items, dict):
        items = [items]
    if not isinstance(items, list):
        words = f"the answer holds no list at `{mapping.rules.items}`"
        raise SourceError("shape", words, "The API may have changed, or the mapping's `items` looks elsewhere.")
    if len(items) > MOST:
        rejects.append(
            Reject(f"limit:entries: {len(items) - MOST} more than the {MOST} that are taken from one answer")
        )
    return items[:MOST]
