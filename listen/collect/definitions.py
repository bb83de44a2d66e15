"""Topics, views, desks and rules that people begin, change, rename and remove while the program runs, and their file.

Used by the collector on behalf of people who ask, and by a command that holds the lock itself. Whatever is done can be
undone: a `Change` knows what stood in `console.toml` before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from listen import query as queries
from listen.clock import Clock
from listen.collect import desks, ruling, teaching, topics
from listen.collect.topics import Refused
from listen.config import Config, closest
from listen.config.check import NAME, query_or_all
from listen.config.desks import for_book
from listen.config.edits import Edited, Entry, Puts, console_file, edited, put, standing
from listen.config.files import PACKAGED, Layer
from listen.config.keys import TABLES
from listen.model import ROLES
from listen.query import tree
from listen.query.book import Book, OfDesk, listed, resolved
from listen.store.journal import Signed
from listen.store.write import Writer
from listen.text import fold

ONE = {"topics": "topic", "views": "view", "desks": "desk", "sources": "source", "alerts": "rule"}


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be written into `console.toml`, and what stands there."""

    puts: Puts
    before: Puts
    action: str
    """In words, as the journal has it: `view saved`."""
    name: str
    """What it is about."""
    topic: str = ""
    """The topic whose figures tell what it does to what is stored, and its new query."""
    query: str = ""
    desk: tuple[str, str | None] = ("", None)
    """(name, query, None for a closed one) of a desk that is changed."""
    told: str = ""
    """What has happened, in a sentence."""


def asks_for_query(body: Mapping[str, Any]) -> bool:
    """Whether a request is about the query of a topic that there is, as `listen.collect.topics` knows it."""
    return "topic" in body and not (body.get("new") or body.get("remove"))


def wanted(config: Config, body: Mapping[str, Any], clock: Clock) -> Change:
    """What a request asks for; learning from labels takes some seconds. Raises Refused."""
    if not config.files:
        raise Refused("there is no configuration to write this beside; `listen init BRAND` writes one")
    if "puts" in body:
        return _again(config, body)
    if "teach" in body:
        topic, entry, told = teaching.wanted(config, body, clock)
        return _change(config, {teaching.TABLE: {topic: entry}}, "teaching changed", topic, told=told)
    if "topic" in body:
        name = str(body["topic"])
        return _remove(config, "topics", name) if body.get("remove") else _new_topic(config, name, body)
    if "desk" in body:
        return _desk(config, str(body["desk"]), body)
    if "rule" in body:
        return _rule(config, str(body["rule"]), body)
    if "source" in body:
        return _new_source(config, str(body["source"]), body.get("entry", {}))
    name = str(body.get("view", ""))
    if body.get("remove"):
        return _remove(config, "views", name)
    if "name" in body:
        return _rename(config, name, str(body["name"]))
    if body.get("edit"):
        return _edit_view(config, name, str(body.get("query", "")))
    return _save(config, name, str(body.get("query", "")), bool(body.get("queue")))


def write(config: Config, change: Change, reload: Callable[[], Config]) -> Config:
    """Write it into `console.toml`; the configuration that this makes. Raises Refused, and changes nothing then."""

    def holds(changed: Config) -> bool:
        return all(
            name in _there(changed, table) or entry is None
            for table, names in change.puts.items()
            for name, entry in names.items()
        )

    return topics.rewritten(config, [lambda text: put(text, change.puts)], holds, reload, change.name)


def wanted_query(config: Config, undoable: Mapping[str, str], body: Mapping[str, Any]) -> tuple[str, str]:
    """(topic, query) that a request is about which `asks_for_query`. Raises Refused."""
    if body.get("reset"):
        body = {"topic": body["topic"], "query": reset(config, str(body["topic"]))}
    return topics.wanted(config, undoable, body)


def answer(config: Config, change: Change, clock: Clock) -> dict[str, Any]:
    """What a change does, as the answer to a request, before it is done. Raises Refused, StoreError."""
    told: dict[str, Any] = {"about": change.name, "action": change.action, "message": change.told}
    if change.desk[0]:
        shift = desks.would(config.store, config, *change.desk, clock)
        holds = desks.held(shift)
        stands = change.puts["desks"][change.name] is not None
        place = f"; it stands in {console_file(config.files[0])}" if stands else ""
        message = f"{change.told}{f': {holds}' if holds else ''}{place}"
        return told | {"message": message, "taken": len(shift.taken), "gone": len(shift.gone), "has": len(shift.has)}
    if not change.topic:
        return told
    found = topics.preview(config.store, change.topic, change.query, clock)
    return told | topics.figures(change.topic, found) | {"query": change.query, "before": ""}


def note(writer: Writer, change: Change, by: Signed) -> None:
    """Write it into its author's journal."""
    writer.note_change(change.action, change.name, change.before, change.puts, by)


def reset(config: Config, topic: str) -> str:
    """The query that the store's file has for a topic which `console.toml` decides about. Raises Refused."""
    topics.known(config, topic)
    one = _edited(config, "topics", topic)
    if one is None:
        raise Refused(f"nothing that was changed here counts over {config.files[0]} for the topic {topic}")
    if one.under is None:
        raise Refused(f"{topic} is in no other file; `listen topics remove {topic}` removes it")
    return one.under


# --- what is asked for -----------------------------------------------------------------------------------------------


def _new_topic(config: Config, name: str, body: Mapping[str, Any]) -> Change:
    text, role = str(body.get("query", "")), str(body.get("role") or "theme")
    _free("topics", name, config.topics)
    node = topics.readable(text)
    _without_lists(config, node)
    if role not in ROLES:
        raise Refused(f'there is no role "{role}"; the roles are {", ".join(ROLES)}')
    entry: Entry = {"query": text, "role": role}
    return _change(config, {"topics": {name: entry}}, "topic begun", name, topic=name, query=text)


def _new_source(config: Config, name: str, entry: Entry) -> Change:
    _free("sources", name, config.sources)
    where = console_file(config.files[0])
    told = f"{name} is listened to from now on, by {where}, on trial until {entry.get('trial', 'further notice')}"
    return _change(config, {"sources": {name: dict(entry)}}, "source added", name, told=told)


def _rule(config: Config, name: str, body: Mapping[str, Any]) -> Change:
    if body.get("new"):
        _free("alerts", name, _there(config, "alerts"))
    else:
        _known(config, "alerts", name)
    entry, action, told = ruling.wanted(config, name, body)
    return _change(config, {"alerts": {name: entry}}, action, name, told=told)


def _there(config: Config, table: str) -> Mapping[str, Any]:
    if table == "topics":
        return config.topics
    return config.sources if table == "sources" else config.tables.get(table, {})


def _save(config: Config, name: str, text: str, queue: bool) -> Change:
    _free("views", name, _views(config))
    _readable(config, text, name)
    entry: Entry = {"query": text, "queue": True} if queue else {"query": text}
    kind = "queue" if queue else "view"
    told = f"the {kind} {name} is saved in {console_file(config.files[0])}"
    return _change(config, {"views": {name: entry}}, "view saved", name, told=told)


def _edit_view(config: Config, name: str, text: str) -> Change:
    _known(config, "views", name)
    _readable(config, text, name)
    entry = {**_standing(config).get("views", {}).get(name, {}), "query": text}
    told = f"the view {name} has another query, in {console_file(config.files[0])}"
    return _change(config, {"views": {name: entry}}, "view changed", name, told=told)


DESK_KEYS = {
    "query": "query", "answer_within": "promise", "hours": "time of service", "days": "time of service",
    "timezone": "time of service", "assign": "person", "tags": "tags", "open": "state",
}  # fmt: skip
"""What may be set of a desk, and what it is called."""


def _desk(config: Config, name: str, body: Mapping[str, Any]) -> Change:
    """`{"desk": name, "set": {key: value}}`; None for a key gives up what was set here; `new`, `remove`, `reset`."""
    if body.get("remove") or body.get("reset"):
        return _desk_given_up(config, name, remove=bool(body.get("remove")))
    sets, known = dict(body.get("set", {})), config.tables.get("desks", {})
    if other := next((key for key in sets if key not in DESK_KEYS), None):
        raise Refused(f"a desk has no {other}; it has {', '.join(DESK_KEYS)}")
    if body.get("new"):
        _free("desks", name, known)
        was: Mapping[str, Any] = {"query": None, "open": True}
    else:
        _known(config, "desks", name)
        was = known[name]
    standing = _standing(config).get("desks", {}).get(name, {})
    for key, value in sets.items():
        if value is None and key not in standing and was.get(key) not in (None, ()):
            raise Refused(f"what {name} has as {key} was not set here, so it is changed where it stands")
    entry: dict[str, Any] = {key: value for key, value in {**standing, **sets}.items() if value is not None}
    if not was["open"]:
        entry.setdefault("open", False)  # a name in a file of yours would open it
    query = entry.get("query", was["query"])
    if not query:
        raise Refused("a desk needs a query; write what belongs to it, such as `refund OR broken`")
    _readable(config, str(query), name, "desks")
    action, told = _desk_told(name, sets, body)
    after = str(query) if entry.get("open", was["open"]) else None
    return _change(config, {"desks": {name: entry or None}}, action, name, desk=(name, after), told=told)


def _desk_told(name: str, sets: Mapping[str, Any], body: Mapping[str, Any]) -> tuple[str, str]:
    """(the action in the journal, what has happened)"""
    if body.get("new"):
        return "desk begun", f"the desk {name} is open"
    if "open" in sets and len(sets) == 1:
        state = "open" if sets["open"] else "closed"
        return f"desk {'opened' if sets['open'] else 'closed'}", f"the desk {name} is {state}"
    names = list(dict.fromkeys(DESK_KEYS[key] for key in sets))
    changed, one = " and ".join(names), len(names) == 1 and names != ["tags"]
    return "desk changed", f"the desk {name} has {'another' if one else 'other'} {changed}"


def _desk_given_up(config: Config, name: str, *, remove: bool) -> Change:
    """A desk that was begun here ends; of any other, what was changed here is given up."""
    _known(config, "desks", name)
    if name not in _standing(config).get("desks", {}):
        raise Refused(f"nothing was changed here of the desk {name}; `listen desks close {name}` closes it")
    under = _desk_under(config, name)
    if remove and under is not None:
        raise Refused(
            f"the desk {name} was not begun here; `listen desks reset {name}` gives up what was changed, and "
            f"`listen desks close {name}` closes it"
        )
    if not remove and under is None:
        raise Refused(f"{name} is in no other file; `listen desks remove {name}` removes it")
    if under is None:
        _unused(config, name, tree.Desk)
        return _change(
            config, {"desks": {name: None}}, "desk removed", name, desk=(name, None), told=f"the desk {name} is removed"
        )
    told = f"the desk {name} is as it was before it was changed here"
    return _change(config, {"desks": {name: None}}, "desk reset", name, desk=(name, under or None), told=told)


def _desk_under(config: Config, name: str) -> str | None:
    """The query that a desk has without `console.toml`, "" for a closed one; None where there is none."""
    packaged, file = (Layer.read(one, TABLES).data.get("desks", {}).get(name) for one in (PACKAGED, config.files[0]))
    if packaged is None and file is None:
        return None
    entry = {"open": file is not None, **(packaged or {}), **(file or {})}
    return str(entry["query"]) if entry["open"] else ""


def _rename(config: Config, name: str, other: str) -> Change:
    entry = _ours(config, "views", name)
    others = [one for one in _views(config) if one != name]
    _free("views", other, others)
    if other == name:
        raise Refused(f"{name} has that name already")
    _unused(config, name)
    told = f"the view {name} is called {other} now"
    return _change(config, {"views": {name: None, other: entry}}, "view renamed", name, told=told)


def _remove(config: Config, table: str, name: str) -> Change:
    _ours(config, table, name)
    one = _edited(config, table, name)
    told = f"the {ONE[table]} {name} is removed"
    if one is not None and one.under is not None:
        told = f"the {ONE[table]} {name} is that of {config.files[0]} again"
    elif table == "views":
        _unused(config, name)
    return _change(config, {table: {name: None}}, f"{ONE[table]} removed", name, told=told)


def _again(config: Config, body: Mapping[str, Any]) -> Change:
    """Undo and redo: what stood there, unless it has been changed since."""
    puts, name = body["puts"], str(body.get("about", ""))
    change = _change(config, puts, "undone", name, told=f"{name} is as it was")
    if change.before != body.get("standing", change.before):
        raise Refused(f"{name} has been changed since, so it stays as it is")
    kept = [one.name for one in edited(config.files) if one.table == "views" and one.under is not None]
    for one, entry in puts.get("views", {}).items():
        if entry is None and one not in kept:
            _unused(config, one)
    for one, entry in puts.get("desks", {}).items():
        if entry is None and _desk_under(config, one) is None:
            _unused(config, one, tree.Desk)
    return change


def _change(config: Config, puts: Puts, action: str, name: str, **more: Any) -> Change:
    there = _standing(config)
    before = {table: {one: there.get(table, {}).get(one) for one in names} for table, names in puts.items()}
    return replace(Change(puts, before, action, name), **more)


# --- what may be -----------------------------------------------------------------------------------------------------


def _standing(config: Config) -> dict[str, dict[str, dict[str, Any]]]:
    try:
        return standing(console_file(config.files[0]))
    except (OSError, ValueError) as error:
        raise Refused(f"{console_file(config.files[0])} cannot be changed: {error}") from None


def _edited(config: Config, table: str, name: str) -> Edited | None:
    return next((one for one in edited(config.files) if (one.table, one.name) == (table, name)), None)


def _views(config: Config) -> Mapping[str, Any]:
    return config.tables.get("views", {})


def _free(table: str, name: str, known: Any) -> None:
    """Raise Refused unless something new may have that name."""
    if not NAME.fullmatch(name):
        shape = "1 to 64 letters, digits, spaces and . & + - _, and starts with a letter or digit"
        raise Refused(f'"{name}" cannot be a name: one is {shape}' if name else f"a name is {shape}")
    taken = next((one for one in known if fold(one) == fold(name)), None)
    if taken is not None:
        raise Refused(f'there is a {ONE[table]} "{taken}" already; take another name, or rename or remove that one')


def _known(config: Config, table: str, name: str) -> None:
    known = _there(config, table)
    if name not in known:
        others = f"the {ONE[table]}s are {', '.join(known)}" if known else "there are none"
        raise Refused(f'there is no {ONE[table]} "{name}"; {closest(name, list(known)) or others}')


def _ours(config: Config, table: str, name: str) -> Entry:
    """What `console.toml` has under that name. Raises Refused for what stands in the store's file alone."""
    _known(config, table, name)
    entry = _standing(config).get(table, {}).get(name)
    one = _edited(config, table, name)
    if entry is None or (table == "topics" and one is not None and one.under is not None):
        where = f"{config.files[0]}"
        more = f"; `listen topics reset {name}` gives up what was changed here" if entry is not None else ""
        raise Refused(f"the {ONE[table]} {name} stands in {where}, so it is changed there{more}")
    return dict(entry)


def _readable(config: Config, text: str, name: str, table: str = "views") -> None:
    """Raise Refused for a query that a view, or desk, of that name cannot have: a fault, an unknown name, a loop."""
    views = {fold(one): query_or_all(keys.get("query")) for one, keys in _views(config).items()}
    lists = {fold(one): listed(tuple(values)) for one, values in config.lists.items()}
    try:
        node = queries.parse(text)
        at = for_book(config.tables.get("desks", {}))
        if table == "desks":
            resolved(tree.Desk((fold(name),)), Book(views, lists, {**at, fold(name): OfDesk(node)}), strict=True)
        else:
            resolved(node, Book({**views, fold(name): node}, lists, at), strict=True)
    except queries.QueryError as error:
        raise Refused(str(error)) from None


def _without_lists(config: Config, node: tree.Node) -> None:
    lists = {f"@{fold(name)}" for name in config.lists}
    held = [value for part in tree.walk(node) if isinstance(part, tree.Facet) for value in part.values]
    if found := next((value for value in held if value in lists), None):
        raise Refused(f"a topic cannot hold the list {found}; write its names, or ask for it in a filter or a view")


def _unused(config: Config, name: str, kind: type[tree.View | tree.Desk] = tree.View) -> None:
    """Raise Refused when another query asks for that view, or desk."""
    for table, entries in config.tables.items():
        for other, keys in entries.items():
            if not isinstance(keys, Mapping):  # a table without names of the person's own
                continue
            nodes = [query_or_all(keys.get(key)) for key in ("query", "of")]
            asked = [part for node in nodes for part in tree.walk(node) if isinstance(part, kind)]
            if other != name and any(fold(name) in part.names for part in asked):
                raise Refused(
                    f"{table.removesuffix('s')} {other} asks for {kind.__name__.lower()}:{name}; change that one first"
                )
