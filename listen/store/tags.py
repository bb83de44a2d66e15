"""Tags and notes of mentions, which `listen.store.triage` sets as it sets the columns of its own table.

A tag is one word, told from others by its folded key and shown as it was first written. A note is what people say of a
mention to each other: one a mention, with who wrote it and when.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from listen.store.sqlite import Connection
from listen.text import clean, fold, one_line
from listen.text.tag import tag_of

TAG = "tag:"
"""A field of the journal that begins so is one tag, on (1) or off (0)."""

NOTE = "note"
"""The field of notes; its value is text, who and when in one string, None for no note."""

LONGEST_NOTE = 2_000

_APART = "\x1f"
"""Between text, who and when; `listen.text.clean` leaves none in a text."""


def person_of(written: str) -> str | None:
    """A person as mentions are given to them: a folded name without its sign, None for nobody."""
    return fold(one_line(clean(written)[0]).strip().removeprefix("@")) or None


def note_of(written: str, who: str, at: int) -> str | None:
    """The value of the field NOTE; None for a note without words."""
    text = clean(written)[0].replace(_APART, " ").strip()[:LONGEST_NOTE]
    return _APART.join((text, who, str(at))) if text else None


def own(field: str) -> bool:
    """Whether a field of the journal is kept here."""
    return field == NOTE or field.startswith(TAG)


def column(field: str) -> tuple[str, tuple[str, ...]]:
    """(SQL, values) of what a mention `m` has in a field."""
    if field == NOTE:
        return "(SELECT text || ? || by || ? || at FROM notes WHERE mention_id = m.id)", (_APART, _APART)
    return "EXISTS (SELECT 1 FROM tags WHERE key = ? AND mention_id = m.id)", (fold(field.removeprefix(TAG)),)


def put(connection: Connection, field: str, ids: Iterable[int], value: Any) -> None:
    """Set a field of mentions, inside the caller's transaction."""
    if field == NOTE and value is None:
        connection.executemany("DELETE FROM notes WHERE mention_id = ?", [(one,) for one in ids])
    elif field == NOTE:
        text, by, at = value.split(_APART)
        connection.executemany(
            "INSERT INTO notes VALUES (?,?,?,?) ON CONFLICT DO UPDATE SET text=excluded.text, by=excluded.by, "
            "at=excluded.at",
            [(one, text, by, int(at)) for one in ids],
        )
    else:
        name = field.removeprefix(TAG)
        key = fold(name)
        if value:
            known = connection.execute("SELECT name FROM tags WHERE key = ? LIMIT 1", (key,)).fetchone()
            connection.executemany(
                "INSERT OR IGNORE INTO tags(key, mention_id, name) VALUES (?,?,?)",
                [(key, one, known[0] if known else name) for one in ids],
            )
        else:
            connection.executemany("DELETE FROM tags WHERE key = ? AND mention_id = ?", [(key, one) for one in ids])


def words(field: str, value: Any) -> str:
    """What was set, as people say it: `tagged vip`, `untagged vip`, `noted`, `note removed`."""
    if field == NOTE:
        return "noted" if value else "note removed"
    return f"{'tagged' if value else 'untagged'} {field.removeprefix(TAG)}"


def asked(text: str) -> list[tuple[str, int]]:
    """`vip -old` -> fields of the journal and their values, each once. Raises ValueError for what is no tag."""
    found: dict[str, tuple[str, int]] = {}
    for word in text.replace(",", " ").split():
        off = word[:1] in "-–−"
        name = tag_of(word[1:] if off else word)
        found[fold(name)] = f"{TAG}{name}", 0 if off else 1
    return list(found.values())


def known(connection: Connection, start: str, limit: int) -> Sequence[tuple[str, int]]:
    """(tag, how many mentions have it) of the tags that begin so, the most frequent first."""
    rows = connection.execute(
        "SELECT min(name), count(*) FROM tags WHERE substr(key, 1, length(?1)) = ?1 GROUP BY key "
        "ORDER BY 2 DESC, key LIMIT ?2",
        (fold(start), limit),
    )
    return [(name, n) for name, n in rows]


def spelled(connection: Connection, tag: str) -> str | None:
    """A tag as it is shown; None when no mention has it."""
    row = connection.execute("SELECT name FROM tags WHERE key = ? LIMIT 1", (fold(tag),)).fetchone()
    return None if row is None else str(row[0])


def tagged(connection: Connection, tag: str) -> list[int]:
    """The mentions that have it."""
    return [row[0] for row in connection.execute("SELECT mention_id FROM tags WHERE key = ?", (fold(tag),))]


def respell(connection: Connection, key: str, name: str) -> int:
    """Show a tag as it is written here; how many mentions have it."""
    return connection.execute("UPDATE tags SET name = ? WHERE key = ?", (name, key)).rowcount


def people(connection: Connection, start: str, limit: int) -> Sequence[tuple[str, int]]:
    """(person, how many mentions they were given) of those whose name begins so."""
    rows = connection.execute(
        "SELECT assignee, count(*) FROM triage INDEXED BY triage_assignee WHERE assignee IS NOT NULL "
        "AND substr(assignee, 1, length(?1)) = ?1 GROUP BY assignee ORDER BY 2 DESC, 1 LIMIT ?2",
        (fold(start), limit),
    )
    return [(name, n) for name, n in rows]
