"""The one table of keys: it makes the bindings, the footer, the help, the palette and the table of the README.

One key, one verb everywhere. Nothing stands on AltGr, alt, a function key or shift+enter in the layouts us, fr, de, es,
and nothing needs ctrl+b, a, s, q, h, i, j or m, which multiplexers and terminals keep for themselves. Light on purpose:
the README's test and the command line read it without a screen.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from textual.binding import Binding, BindingType

Scope = Literal[
    "global",
    "lists",
    "views",
    "mentions",
    "people",
    "alerts, sources",
    "yes or no",
    "labelling",
    "brief",
    "leaving",
    "inputs",
]

LATER = "app.later"
"""The action of a key whose verb is not there yet: it says so."""


class Key(NamedTuple):
    """One verb and its keys."""

    id: str
    keys: tuple[str, ...]
    """As Textual names them; the first one is shown."""
    label: str
    """The footer's word for it."""
    help: str
    action: str = LATER
    footer: int = 0
    """Its place in the footer, 0 for none."""
    scope: Scope = "global"

    @property
    def later(self) -> bool:
        """Whether the verb is not there yet."""
        return self.action == LATER


def _scope(scope: Scope, *keys: Key) -> tuple[Key, ...]:
    return tuple(key._replace(scope=scope) for key in keys)


TABLE: tuple[Key, ...] = (
    *_scope(
        "global",
        Key("app.help", ("question_mark",), "keys", "the keys of what has the focus", "app.keys", 12),
        Key("app.palette", ("colon",), "commands", "every verb by its name", "app.palette", 11),
        Key("app.stream", ("1", "ampersand"), "stream", "the stream", "app.place('stream')"),
        Key(
            "app.overview",
            ("2", "é", "latin_small_letter_e_with_acute"),
            "overview",
            "the overview",
            "app.place('overview')",
        ),
        Key("app.alerts", ("3", "quotation_mark"), "alerts", "the alerts", "app.place('alerts')"),
        Key("app.people", ("4", "apostrophe"), "people", "the people", "app.place('people')"),
        Key("app.sources", ("5", "left_parenthesis"), "sources", "the sources", "app.place('sources')"),
        Key("app.next-pane", ("tab", "l", "right"), "pane", "the next pane", "app.focus_next"),
        Key("app.previous-pane", ("shift+tab", "h", "left"), "pane", "the pane before", "app.focus_previous"),
        Key("app.out", ("escape",), "out", "one step out", "app.out"),
        Key("app.back", ("q",), "back", "back", "app.back"),
        Key("app.quit", ("Q", "ctrl+q"), "quit", "leave listen", "app.leave"),
        Key("app.refresh", ("R", "ctrl+r"), "refresh", "ask anew, and drop what was handled", "app.refresh_view"),
        Key("app.zoom", ("z",), "zoom", "the pane alone, or all of them again", "app.zoom"),
        Key("app.undo", ("u",), "undo", "take the last action back, also one of an earlier day", "app.undo", 10),
        Key("app.redo", ("U",), "redo", "do again what was taken back", "app.redo"),
        Key("app.shorter", ("less_than_sign",), "shorter", "a shorter time window, down to an hour", "app.window(-1)"),
        Key("app.longer", ("greater_than_sign",), "longer", "a longer time window, up to all of it", "app.window(1)"),
        Key("app.suspend", ("ctrl+z",), "suspend", "to the shell; `fg` comes back", "app.suspend_process"),
    ),
    *_scope(
        "lists",
        Key("list.down", ("j", "down"), "move", "down", "down", 1),
        Key("list.up", ("k", "up"), "move", "up", "up", 1),
        Key("list.half-down", ("ctrl+d",), "half down", "half a page down", "half_down"),
        Key("list.half-up", ("ctrl+u",), "half up", "half a page up", "half_up"),
        Key("list.page-down", ("pagedown",), "page down", "a page down", "page_down"),
        Key("list.page-up", ("pageup",), "page up", "a page up", "page_up"),
        Key("list.top", ("g", "home"), "top", "to the top; at the top of the stream you follow", "top"),
        Key("list.bottom", ("G", "end"), "bottom", "to the bottom", "bottom"),
        Key("list.previous-new", ("comma",), "previous new", "the one before that is new", "screen.untriaged(-1)"),
        Key("list.next-new", ("semicolon",), "next new", "the next one that is new", "screen.untriaged(1)"),
        Key("list.find", ("slash",), "find", "find words in this list", "screen.find"),
        Key("list.next-match", ("n",), "next match", "the next one found", "screen.match(1)"),
        Key("list.previous-match", ("N",), "match before", "the one found before", "screen.match(-1)"),
        Key("list.next-view", ("J",), "next view", "the next view", "screen.view(1)"),
        Key("list.previous-view", ("K",), "view before", "the view before", "screen.view(-1)"),
        Key("list.open", ("enter",), "open", "open; unfold a story, which esc folds again", "open"),
        Key("list.mark", ("space",), "mark", "mark, and go on", "screen.mark"),
        Key("list.range", ("V",), "range", "mark from here on, up to where it is pressed again", "screen.range"),
        Key("list.mark-all", ("asterisk",), "mark all", "mark all of the view, frozen and counted", "screen.mark_all"),
        Key("list.filter", ("f",), "filter", "narrow what is shown", "screen.filter", 9),
        Key("list.filters", ("F",), "saved filters", "take a saved filter, or an earlier one", "app.saved"),
        Key("list.save", ("w",), "save view", "save what is shown as a view or a queue", "screen.save_view"),
        Key("list.drop-filter", ("backspace",), "drop filter", "show everything again", "screen.drop_filter"),
        Key("list.only", ("equals_sign",), "only like this", "only what is like this", "screen.alike(False)"),
        Key("list.not", ("exclamation_mark",), "not like this", "nothing that is like this", "screen.alike(True)"),
        Key("list.noise", ("v",), "noise", "show noise among the rest, or fold it away again", "screen.noise"),
        Key("list.stories", ("Z",), "copies", "show every copy, or one row for each story again", "screen.stories"),
        Key("list.order", ("O",), "order", "newest, oldest, worst, most endorsed, late first", "screen.order"),
    ),
    *_scope(
        "views",
        Key("view.edit", ("e",), "edit", "another query for the topic or the view", "screen.edit_entry"),
    ),
    *_scope(
        "mentions",
        Key("mention.done", ("a",), "done", "done with it", "screen.status('done')", 2),
        Key("mention.answered", ("A",), "answered", "answered", "screen.status('answered')"),
        Key("mention.dismiss", ("d",), "dismiss", "dismiss it: it leaves the numbers", "screen.status('dismissed')", 3),
        Key("mention.noise", ("D",), "noise", "it is noise, or it is none", "screen.call_noise"),
        Key("mention.star", ("s",), "star", "star it, or no longer", "screen.star", 4),
        Key("mention.tag", ("t",), "tag", "give it tags; `-tag` takes one away", "screen.tag"),
        Key("mention.edit", ("e",), "edit", "a note; `@ana` before it gives it to ana", "screen.edit"),
        Key("mention.better", ("plus",), "positive", "it is positive, whatever was computed; again: as computed",
            "screen.correct('pos')"),
        Key("mention.worse", ("minus",), "negative", "it is negative; again: as computed", "screen.correct('neg')"),
        Key("mention.neutral", ("0",), "neutral", "it is neutral; again: as computed", "screen.correct('neu')"),
        Key("mention.repeat", ("full_stop",), "again", "the last verb again, here", "screen.again"),
        Key("mention.thread", ("c",), "conversation", "the conversation around it", "screen.conversation"),
        Key("mention.reply", ("r",), "reply", "reserved for a reply"),
        Key("mention.open", ("o",), "open", "open its link", "screen.open_link", 5),
        Key("mention.copy", ("y",), "copy", "copy its link", "screen.copy('link')"),
        Key("mention.copy-text", ("Y",), "copy text", "copy its text and link", "screen.copy('text')"),
    ),
    *_scope(
        "people",
        Key("person.unite", ("e",), "unite", "take the marked for one, with a reason; take one apart again",
            "screen.unite", 3),
    ),
    *_scope(
        "alerts, sources",
        Key("alert.done", ("a",), "useful", "done with it: acknowledge, useful", "screen.judge('useful')", 4),
        Key("alert.dismiss", ("d",), "noise", "dismiss it: acknowledge, noise; unsent letters: drop them",
            "screen.judge('noise')", 5),
        Key("alert.silence", ("S",), "silence", "silence it for a while, with a reason; end its silence",
            "screen.silence", 6),
        Key("alert.note", ("e",), "edit", "an alert: acknowledge it with a note; a rule: what it says", "screen.edit"),
        Key("alert.rule", ("E",), "rule", "what the rule of an alert says", "screen.edit_rule"),
        Key("alert.toggle", ("x",), "on, off", "switch it on or off", "screen.on_off", 3),
        Key("alert.try", ("T",), "try now", "try it now: ask a source, replay a rule, send letters again",
            "screen.try_now", 2),
    ),
    *_scope(
        "yes or no",
        Key("answer.keep", ("a",), "keep", "keep it: it is about what you listen for", "screen.keep"),
        Key("answer.refuse", ("d",), "refuse", "refuse it: it is not", "screen.refuse"),
    ),
    *_scope(
        "labelling",
        Key("label.better", ("plus",), "positive", "you find it positive", "screen.label(1)"),
        Key("label.worse", ("minus",), "negative", "you find it negative", "screen.label(-1)"),
        Key("label.neutral", ("0",), "neutral", "you find it neutral", "screen.label(0)"),
    ),
    *_scope(
        "brief",
        Key("brief.skip", ("p",), "pass over", "pass over what waits: it is skipped, not done", "screen.skip"),
        Key("brief.leave", ("enter",), "leave", "to the stream", "screen.leave"),
    ),
    *_scope(
        "leaving",
        Key("leave.stay-on", ("y",), "keep listening", "the collector goes on without the console",
            "screen.answer(True)"),
        Key("leave.end", ("n",), "stop", "the collector ends with the console", "screen.answer(False)"),
    ),
    *_scope(
        "inputs",
        Key("input.complete", ("tab",), "complete", "complete the word, then the next candidate", "complete(1)", 2),
        Key("input.complete-back", ("shift+tab",), "back", "the candidate before", "complete(-1)"),
        Key("input.older", ("up",), "earlier ones", "what was typed before; the line above", "older", 3),
        Key("input.newer", ("down",), "earlier ones", "what was typed after; the line below", "newer", 3),
        Key("input.apply", ("enter",), "apply", "apply", "apply", 1),
        Key("input.leave", ("escape",), "leave", "leave it as it was", "leave", 4),
    ),
)  # fmt: skip

BY_ID: Mapping[str, Key] = {key.id: key for key in TABLE}

MOVES = (
    "list.down", "list.up", "list.half-down", "list.half-up", "list.page-down", "list.page-up", "list.top",
    "list.bottom",
)  # fmt: skip
"""What every pane that scrolls understands."""

VIEWS = (
    "list.down", "list.up", "list.open", "view.edit", "app.next-pane", "app.zoom", "list.filter", "app.palette",
    "app.help",
)  # fmt: skip
"""What the footer says while the side pane has the focus."""

TOGETHER: tuple[tuple[Scope, ...], ...] = (
    ("global", "lists", "mentions"),
    ("global", "lists", "views"),
    ("global", "lists", "people"),
    ("global", "lists", "alerts, sources"),
    ("global", "lists", "yes or no"),
    ("global", "lists", "labelling"),
    ("global", "brief"),
    ("global", "leaving"),
    ("inputs",),
)
"""Scopes that are alive at the same time: no key may stand twice in one of these groups."""

SIGNS = {
    "question_mark": "?", "colon": ":", "ampersand": "&", "latin_small_letter_e_with_acute": "é",
    "quotation_mark": '"', "apostrophe": "'", "left_parenthesis": "(", "less_than_sign": "<", "greater_than_sign": ">",
    "comma": ",", "semicolon": ";", "slash": "/", "asterisk": "*", "equals_sign": "=", "exclamation_mark": "!",
    "plus": "+", "minus": "-", "full_stop": ".", "escape": "esc", "pagedown": "pgdn", "pageup": "pgup",
    "up": "↑", "down": "↓", "left": "←", "right": "→", "backslash": "\\", "at": "@", "underscore": "_", "tilde": "~",
}  # fmt: skip
"""Textual's names of keys -> what stands on them."""


def bindings(*scopes: Scope, only: Iterable[str] = ()) -> list[BindingType]:
    """The bindings of scopes (`only` some ids), with the ids by which people give them other keys."""
    wanted = set(only) or set(BY_ID)
    found: list[BindingType] = []
    for key in TABLE:
        if key.scope in scopes and key.id in wanted:
            found += _bound(key)
    return found


def free(scope: Scope, *, beside: Scope) -> list[str]:
    """The ids of a scope whose keys mean nothing in another one."""
    taken = {name for key in TABLE if key.scope == beside for name in key.keys}
    return [key.id for key in TABLE if key.scope == scope and not taken.intersection(key.keys)]


OF_SOURCES = ("alert.toggle", "alert.try")
"""What can be done with a source, as with an alert's rule."""

_PLACES: Mapping[Scope, tuple[str, ...]] = {"people": ("app.people",), "alerts, sources": ("app.alerts",)}


def places(key: Key) -> tuple[str, ...]:
    """The verbs that go to the screens where this one works."""
    if key.id in OF_SOURCES:
        return ("app.alerts", "app.sources")
    return _PLACES.get(key.scope, ("app.stream",))


NOT_HERE = "app.not_here"


def elsewhere(*scopes: Scope, but: Iterable[Scope], besides: Iterable[str]) -> list[BindingType]:
    """Bindings that say of the verbs of these scopes that they belong to another screen.

    Left out are keys that mean something here: those of the scopes `but`, and of the verbs `besides`.
    """
    from textual.binding import Binding

    here, verbs = set(but), set(besides)
    taken = {name for key in TABLE if key.scope in here or key.id in verbs for name in key.keys}
    told = [(name, key) for key in TABLE if key.scope in scopes for name in key.keys if name not in taken]
    return [Binding(name, f"{NOT_HERE}('{key.id}')", key.label, show=False) for name, key in told]


def absent(bound: Iterable[object]) -> frozenset[str]:
    """The verbs of which a pane's bindings say that they belong to another screen."""
    actions = (getattr(one, "action", "") for one in bound)
    return frozenset(one.partition("'")[2].rstrip("')") for one in actions if one.startswith(NOT_HERE))


@cache
def _bound(key: Key) -> list[Binding]:
    """A verb's bindings, one a key; made once for all panes."""
    from textual.binding import Binding

    action = f"{LATER}('{key.id}')" if key.later else key.action
    return [Binding(name, action, key.label, show=False, id=key.id) for name in key.keys]


def shown(name: str) -> str:
    """A key as people read it: `?`, `esc`, `ctrl+d`."""
    if name in SIGNS or len(name) == 1 or "_" not in name:
        return SIGNS.get(name, name)
    try:
        return unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return name


def with_own(overrides: Mapping[str, tuple[str, ...]]) -> list[Key]:
    """The table with a person's own keys."""
    return [key._replace(keys=overrides.get(key.id, key.keys)) for key in TABLE]


def key_of(table: Iterable[Key], name: str) -> str:
    """The key of a verb as people read it, for messages that name it."""
    return next(shown(key.keys[0]) for key in table if key.id == name)


def footer(table: Iterable[Key], scopes: Iterable[Scope]) -> list[tuple[str, str]]:
    """What the footer says of scopes: (keys, word), in its order, verbs with one word together."""
    wanted = set(scopes)
    words: dict[str, list[str]] = {}
    for key in sorted((key for key in table if key.footer and key.scope in wanted), key=lambda key: key.footer):
        words.setdefault(key.label, []).append(shown(key.keys[0]))
    return [(" ".join(keys), word) for word, keys in words.items()]


def footer_of(table: Iterable[Key], ids: Sequence[str]) -> list[tuple[str, str]]:
    """The same of some verbs, in the order of their ids."""
    words: dict[str, list[str]] = {}
    for key in sorted((key for key in table if key.id in ids), key=lambda key: ids.index(key.id)):
        words.setdefault(key.label, []).append(shown(key.keys[0]))
    return [(" ".join(keys), word) for word, keys in words.items()]


def markdown() -> str:
    """The table for the README."""
    lines = ["| where | key | does | id |", "|---|---|---|---|"]
    scope = ""
    for key in TABLE:
        where = key.scope if key.scope != scope else ""
        scope = key.scope
        spelled = " ".join(f"`{shown(name)}`" for name in key.keys if name != "latin_small_letter_e_with_acute")
        later = " *(comes later)*" if key.later else ""
        lines.append(f"| {where} | {spelled} | {key.help}{later} | `{key.id}` |")
    return "\n".join(lines)
