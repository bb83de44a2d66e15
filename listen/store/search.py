"""Full text: which tokens stand for a mention, and what the contentless FTS5 tables that hold them look like.

Light on purpose: readers import it. Who writes to the tables is `listen.store.partitions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from listen import text
from listen.model import KINDS
from listen.store.sqlite import Connection

PARTITION_SIZE = 250_000
"""Mentions after which a partition is closed: fewer make rare words slower, more make wide prefixes slower."""

FOREVER = 1 << 62
"""Above every id."""

Document = tuple[int, str, str, str]
"""(mention id, tokens of the title, tokens of the text, facets), tokens joined by spaces."""


# --- tokens ----------------------------------------------------------------------------------------------------------


def quoted(token: str) -> str:
    """The token as an FTS5 string: nothing in it is syntax. ASCII punctuation other than # @ _ would split it."""
    return '"' + token.replace('"', '""') + '"'


@lru_cache(maxsize=4_096)
def band(score: int | None) -> str:
    """The facet of a sentiment score in thousandths: `c_n0` to `c_n9`, `c_p0` to `c_p9` (0 is `c_p0`), or `c_x`."""
    if score is None:
        return "c_x"
    return f"c_{'n' if score < 0 else 'p'}{min(abs(score), 999) // 100}"


@lru_cache(maxsize=1_000)
def lang_facet(lang: str) -> str:
    """The facet of a language code: lower case, and `zh-Hans` as one token."""
    return "l_" + "".join(sign if sign.isalnum() else "_" for sign in lang.lower())


@lru_cache(maxsize=4_096)
def intent_facets(intents: str | None) -> tuple[str, ...]:
    """The facets of the intents that are stored so: their names with blanks between."""
    return tuple(map(intent_facet, intents.split(" "))) if intents else ()


def intent_facet(name: str) -> str:
    """The facet of one intent; full text takes no dash."""
    return f"i_{name.replace('-', '_')}"


def facets(
    marks: Iterable[str],
    sources: Iterable[int],
    topics: Iterable[int],
    lang: str | None,
    kind: int,
    author: int | None,
    score: int | None,
    intents: str | None,
) -> str:
    """Everything about a mention that is a token beside its words, in one order whatever the order of the sets."""
    found = [*marks, *[f"s_{one}" for one in sorted(sources)], *[f"t_{one}" for one in sorted(topics)]]
    if lang:
        found.append(lang_facet(lang))
    found += (f"k_{kind}", band(score), *intent_facets(intents))
    if author is not None:
        found.append(f"a_{author}")
    return " ".join(found)


def with_topic(document: Document, topic: int) -> Document:
    """The document of a mention that matches one more topic."""
    *words, tail = document
    return *words, _change_topics(tail, lambda topics: topics | {topic})  # type: ignore[return-value]


def without_topic(document: Document, topic: int) -> Document:
    """The document of a mention that matches one topic less."""
    *words, tail = document
    return *words, _change_topics(tail, lambda topics: topics - {topic})  # type: ignore[return-value]


def with_tone(document: Document, score: int | None, intents: str | None) -> Document:
    """The document of a mention whose score and intents are these now."""
    *words, tail = document
    tokens = [token for token in tail.split() if not token.startswith("i_")]
    place = next(at for at, token in enumerate(tokens) if token.startswith("c_"))
    tokens[place : place + 1] = [band(score), *intent_facets(intents)]
    return *words, " ".join(tokens)  # type: ignore[return-value]


def _change_topics(tail: str, change: Callable[[set[int]], set[int]]) -> str:
    """Facets with other topics in the place where topics stand: behind marks and sources, before the rest."""
    tokens = tail.split()
    others = [token for token in tokens if not token.startswith("t_")]
    topics = change({int(token[2:]) for token in tokens if token.startswith("t_")})
    place = next(place for place, token in enumerate(others) if token.startswith(("l_", "k_")))
    return " ".join([*others[:place], *(f"t_{one}" for one in sorted(topics)), *others[place:]])


def kind_no(kind: str) -> int:
    """How a kind of `listen.model.KINDS` is stored, and what its facet `k_<number>` says."""
    return _KIND_NUMBERS[kind]


_KIND_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}


def words_of(title: str | None, body: str) -> tuple[str, str, list[str]]:
    """(tokens of the title, tokens of the text, marks of both, each once): what the workshop prepares, made again."""
    title_words, title_marks = text.tokens(title) if title else ([], [])
    body_words, body_marks = text.tokens(body)
    return " ".join(title_words), " ".join(body_words), list(dict.fromkeys([*title_marks, *body_marks]))


# --- partitions ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Partition:
    """One `search_<no>` table: the mentions with from_id <= id < to_id."""

    no: int
    from_id: int
    to_id: int
    count: int
    min_id: int
    max_id: int
    merged: int
    """How many mentions it held when it was last merged to one segment; 0 never, -1 when it must be merged again."""
    tokenizer: str

    @property
    def table(self) -> str:
        return f"search_{self.no}"


def create_table(connection: Connection, no: int) -> None:
    """A contentless FTS5 table. `ascii` splits at ASCII punctuation only, and our tokens hold none but # @ _.

    The text comes first: an entry in any other column says which one in two bytes more. No column sizes: they serve
    ranking alone, and cost 16 bytes and an insertion a row.
    """
    connection.execute(
        f"CREATE VIRTUAL TABLE search_{no} USING fts5("
        f"text, title, facets, content='', columnsize=0, tokenize=\"ascii tokenchars '#@_'\")"
    )


def insert(connection: Connection, no: int, documents: Iterable[Document]) -> None:
    """Put documents into a table; ascending ids are twice as fast."""
    connection.executemany(f"INSERT INTO search_{no}(rowid, title, text, facets) VALUES (?,?,?,?)", documents)  # noqa: S608


def delete(connection: Connection, no: int, documents: Iterable[Document]) -> None:
    """Take documents out; each must be in the table with exactly these tokens."""
    connection.executemany(
        f"INSERT INTO search_{no}(search_{no}, rowid, title, text, facets) VALUES ('delete',?,?,?,?)",  # noqa: S608
        documents,
    )


def of_author(connection: Connection, no: int, author: int, limit: int = -1) -> list[int]:
    """Ids of an author's mentions in one table, newest first."""
    sql = f"SELECT rowid FROM search_{no} WHERE search_{no} MATCH ? ORDER BY rowid DESC LIMIT ?"  # noqa: S608
    return [row[0] for row in connection.execute(sql, (f'facets : "a_{author}"', limit))]


def show_terms(connection: Connection, name: str, no: int, kind: str) -> None:
    """Make FTS5's list of a table's terms a temporary table, by terms (`row`) or by each occurrence (`instance`)."""
    # A connection that only queries must not even make a temporary table; the file itself is open for reading only.
    connection.execute("PRAGMA query_only=OFF")
    try:
        connection.execute(f"CREATE VIRTUAL TABLE temp.{name} USING fts5vocab('main', 'search_{no}', '{kind}')")
    finally:
        connection.execute("PRAGMA query_only=ON")


def load(connection: Connection) -> list[Partition]:
    """All partitions, oldest ids first."""
    rows = connection.execute(
        "SELECT no, from_id, to_id, count, min_id, max_id, merged, tokenizer FROM partitions ORDER BY from_id"
    )
    return [Partition(*row) for row in rows]


def next_number(connection: Connection) -> int:
    """A number for a new table that no partition and no rebuild has."""
    (highest,) = connection.execute(
        "SELECT max(coalesce((SELECT max(no) FROM partitions), 0), coalesce((SELECT max(no) FROM rebuilds), 0))"
    ).fetchone()
    return int(highest) + 1
