"""Our own list of customers: which handle is which customer, in which segment; read from a CSV file.

Customers are kept by their folded handle, so that those who have not been heard yet are known when they are. Raw text
of others: everything passes `listen.text.clean` before it is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from listen.store.journal import Change, Name
from listen.store.sqlite import Connection
from listen.text import clean, fold, one_line

LONGEST = 200
"""Characters of a handle; a segment and a customer's number have as many."""

COLUMNS = {
    "handle": ("handle", "account", "user", "username", "screen name"),
    "customer": ("customer id", "customer", "customer number", "client", "client id", "id"),
    "segment": ("segment", "segments", "group", "tier"),
    "network": ("network", "platform"),
}
"""What a column is -> headings that mean it, whatever their case, with blanks, dashes or underscores."""

WANTED = ("handle", "customer", "segment")

MOST_CUSTOMERS = 2_000
"""Customers of a segment whose accounts are looked for at once; of more, each mention's author is asked."""

_NETWORK = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}|")


class Customer(NamedTuple):
    handle_key: str
    network: str
    """"" for any."""
    customer: str
    segment: str


class Fault(NamedTuple):
    """A line that cannot be taken."""

    line: int
    message: str


class Imported(NamedTuple):
    """What became of a list."""

    new: int
    changed: int
    same: int
    gone: int
    """Customers who were there and are not in the list, where it took the place of the one before."""
    heard: int
    """Accounts that have been heard already."""


class NoList(ValueError):
    """The file is no list of customers."""


def read(lines: Iterable[str]) -> Iterator[Customer | Fault]:
    """The customers of a CSV file, and the lines that are none, in order.

    The first line holds the headings; cells are divided by commas, semicolons or tabs. Raises `NoList`.
    """
    import csv

    source = iter(lines)
    head = next(source, "").removeprefix("\ufeff")
    divider = max(",;\t", key=head.count)
    names = next(csv.reader([head], delimiter=divider), [])
    places = _places(names)
    rows = csv.reader(source, delimiter=divider)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Fault(rows.line_num + 1, f"it is no CSV: {error}")
            continue
        if any(cell.strip() for cell in row):
            yield _customer(rows.line_num + 1, row, places)


def _places(names: Sequence[str]) -> dict[str, int]:
    """Which column is which."""
    told = [" ".join(re.split(r"[\s_-]+", fold(name).strip())) for name in names]
    found = {what: told.index(name) for what, words in COLUMNS.items() for name in reversed(words) if name in told}
    missing = [what for what in WANTED if what not in found]
    if missing:
        heads = one_line(", ".join(names), 100) or "nothing"
        raise NoList(
            f"line 1 names no {' and no '.join(missing)}: it holds {heads}; "
            "write a first line such as handle,customer id,segment"
        )
    return found


def _customer(line: int, row: Sequence[str], places: dict[str, int]) -> Customer | Fault:
    cells = {what: row[at] if at < len(row) else "" for what, at in places.items()}
    if any("\ufffd" in cell for cell in cells.values()):
        return Fault(line, "it is not written in UTF-8")
    told = {what: " ".join(clean(cell)[0].split()) for what, cell in cells.items()}
    handle, network = told["handle"].removeprefix("@"), fold(told.get("network", ""))
    if not fold(handle).strip():
        return Fault(line, "there is no handle")
    if not (told["customer"] or told["segment"]):
        return Fault(line, "there is neither a customer nor a segment")
    if (longest := max(map(len, told.values()))) > LONGEST:
        return Fault(line, f"a cell holds {longest:,} characters, {LONGEST} at most")
    if not _NETWORK.fullmatch(network):
        return Fault(line, f"{one_line(network, 40)} is no network's name, such as mastodon")
    return Customer(fold(handle), network, told["customer"], told["segment"])


def kept_out(connection: Connection, customers: Iterable[Customer]) -> set[Customer]:
    """Those of them who were forgotten, under that handle, and are not to come back (`listen.store.forgotten`)."""
    from listen.model import Author
    from listen.store.forgotten import KeptOut

    out = KeptOut()
    out.load(connection)
    if not out:
        return set()
    networks = [row[0] for row in connection.execute("SELECT name FROM networks")]
    return {
        one
        for one in customers
        if any(out.author(network, Author(one.handle_key)) for network in ([one.network] if one.network else networks))
    }


def compared(connection: Connection, customers: Iterable[Customer], replace: bool) -> Imported:
    """What it would make of our list to take these in, in the place of all others with `replace`."""
    wanted = {(one.handle_key, one.network): one for one in customers}
    stored = _stored(connection, wanted)
    changed = [one for key, one in wanted.items() if stored.get(key) != one]
    heard = connection.execute(
        "SELECT count(DISTINCT a.id) FROM json_each(?) AS j CROSS JOIN authors AS a ON a.handle_key = j.value ->> 0 "
        "JOIN networks AS n ON n.id = a.network_id AND j.value ->> 1 IN ('', n.name)",
        (json.dumps([*wanted]),),
    ).fetchone()[0]
    new = sum((one.handle_key, one.network) not in stored for one in changed)
    gone = len(others(connection, wanted)) if replace else 0
    return Imported(new, len(changed) - new, len(wanted) - len(changed), gone, int(heard))


def _stored(connection: Connection, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Customer]:
    rows = connection.execute(
        "SELECT k.handle_key, k.network, k.customer, k.segment FROM json_each(?) AS j CROSS JOIN customers AS k "
        "ON k.handle_key = j.value ->> 0 AND k.network = j.value ->> 1",
        (json.dumps([*keys]),),
    )
    return {(row[0], row[1]): Customer(*row) for row in rows}


# --- taken back ------------------------------------------------------------------------------------------------------

Told = str | None
"""What the list says of a handle, as the journal has it: JSON of [customer, segment]; None where it is not there."""


def others(connection: Connection, kept: Collection[tuple[str, str]]) -> list[Name]:
    """The names of all customers but these (folded handle, network)."""
    rows = connection.execute("SELECT handle_key, network FROM customers").fetchall()
    return [(network, handle) for handle, network in rows if (handle, network) not in kept]


def told(one: Customer) -> tuple[Name, Told]:
    """A customer as the journal has it."""
    return (one.network, one.handle_key), json.dumps([one.customer, one.segment], ensure_ascii=False)


def say(
    connection: Connection, wanted: Mapping[Name, Told], standing: Mapping[Name, Told] | None = None
) -> list[Change]:
    """Have the list say this of handles, inside the caller's transaction; what was changed.

    With `standing`, of those alone of which it says that very thing now.
    """
    keys = [(handle, network) for network, handle in wanted]
    now = dict(map(told, _stored(connection, keys).values()))
    changes = []
    for name, value in wanted.items():
        old = now.get(name)
        if old == value or (standing is not None and old != standing.get(name)):
            continue
        network, handle = name
        if value is None:
            connection.execute("DELETE FROM customers WHERE handle_key = ? AND network = ?", (handle, network))
        else:
            customer, segment = json.loads(value)
            row = (handle, network, customer, segment, fold(segment))
            connection.execute("INSERT OR REPLACE INTO customers VALUES (?,?,?,?,?)", row)
        changes.append(Change(0, name, old))
    return changes


def value_of(wanted: Mapping[Name, Told]) -> list[Any]:
    """The new values of an action for the journal."""
    return [[*name, value] for name, value in wanted.items()]


def wanted_of(value: Iterable[Any]) -> dict[Name, Told]:
    """What `value_of` wrote."""
    return {(network, handle): said for network, handle, said in value}


def without(detail: str, gone: Collection[Name]) -> tuple[str, int] | None:
    """(an action's detail without these handles on any of their networks, handles left); None where none is in it."""
    action = json.loads(detail)
    keys = {*gone, *(("", handle) for _, handle in gone)}
    value = [one for one in action["value"] if (one[0], one[1]) not in keys]
    if len(value) == len(action["value"]):
        return None
    before = [(old, [name for name in names if tuple(name) not in keys]) for old, names in action["before"]]
    left = [(old, names) for old, names in before if names]
    return json.dumps({**action, "value": value, "before": left}, separators=(",", ":")), len(value)


def known(connection: Connection, start: str, limit: int) -> list[tuple[str, int]]:
    """(segment, how many customers it has) of the segments that begin so, the largest first."""
    rows = connection.execute(
        "SELECT min(segment), count(*) FROM customers WHERE segment_key <> '' "
        "AND substr(segment_key, 1, length(?1)) = ?1 GROUP BY segment_key ORDER BY 2 DESC, segment_key LIMIT ?2",
        (fold(start), limit),
    )
    return [(name, n) for name, n in rows]


def accounts(connection: Connection, segments: Sequence[str], most: int) -> set[int] | None:
    """The ids of all accounts of persons in these segments, by their keys; None when they are too many to look for."""
    keys = json.dumps([*segments])
    count = (
        "SELECT count(*) FROM (SELECT 1 FROM json_each(?) AS j JOIN customers AS k ON k.segment_key = j.value LIMIT ?)"
    )
    if connection.execute(count, (keys, MOST_CUSTOMERS + 1)).fetchone()[0] > MOST_CUSTOMERS:
        return None
    own = (
        "SELECT a.id FROM json_each(?) AS j CROSS JOIN customers AS k ON k.segment_key = j.value "
        "CROSS JOIN authors AS a ON a.handle_key = k.handle_key JOIN networks AS n ON n.id = a.network_id "
        "AND k.network IN ('', n.name)"
    )
    rows = connection.execute(
        f"WITH own(id) AS ({own}) SELECT id FROM own UNION SELECT o.author_id FROM own "  # noqa: S608
        "JOIN identities AS i ON i.author_id = own.id JOIN identities AS o ON o.person = i.person LIMIT ?",
        (keys, most + 1),
    )
    found = {row[0] for row in rows}
    return None if len(found) > most else found


SAME_PERSON = (
    "SELECT m.author_id UNION SELECT o.author_id FROM identities AS i JOIN identities AS o ON o.person = i.person "
    "WHERE i.author_id = m.author_id"
)
"""SQL of all accounts of the person who said a mention `m`."""

OF_MENTION = (
    f"FROM ({SAME_PERSON}) AS s JOIN authors AS w ON w.id = s.author_id "
    "JOIN networks AS v ON v.id = w.network_id JOIN customers AS k ON k.handle_key = w.handle_key "
    "AND k.network IN ('', v.name)"
)
"""SQL of the customers `k` that are behind a mention `m`."""
