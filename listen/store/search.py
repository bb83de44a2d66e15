"""Full text: which tokens stand for a mention, and the contentless FTS5 tables that hold them by ranges of ids.

The tables are contentless: whoever takes a mention out must give exactly the tokens that went in.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from listen import text
from listen.model import KINDS, SEQUENCE_BITS
from listen.store.sqlite import Connection

PARTITION_SIZE = 250_000
"""Mentions after which a partition is closed: fewer make rare words slower, more make wide prefixes slower."""

FOREVER = 1 << 62
"""Above every id."""

LEAST_ROOM = 3600 << SEQUENCE_BITS
"""A full partition gives away an empty end of its range only if it is this wide (an hour)."""

MERGE_PAGES = 500
"""Pages that one step of merging writes: about 40 ms."""

Document = tuple[int, str, str, str]
"""(mention id, tokens of the title, tokens of the text, facets), tokens joined by spaces."""


# --- tokens ----------------------------------------------------------------------------------------------------------


def quoted(token: str) -> str:
    """The token as an FTS5 string: nothing in it is syntax. ASCII punctuation other than # @ _ would split it."""
    return '"' + token.replace('"', '""') + '"'


def band(score: int | None) -> str:
    """The facet of a sentiment score in thousandths: `c_n0` to `c_n9`, `c_p0` to `c_p9` (0 is `c_p0`), or `c_x`."""
    if score is None:
        return "c_x"
    return f"c_{'n' if score < 0 else 'p'}{min(abs(score), 999) // 100}"


@lru_cache(maxsize=1_000)
def lang_facet(lang: str) -> str:
    """The facet of a language code: lower case, and `zh-Hans` as one token."""
    return "l_" + "".join(sign if sign.isalnum() else "_" for sign in lang.lower())


def facets(
    marks: Iterable[str],
    sources: Iterable[int],
    topics: Iterable[int],
    lang: str | None,
    kind: int,
    author: int | None,
    score: int | None,
) -> str:
    """Everything about a mention that is a token beside its words, in one order whatever the order of the sets."""
    found = [*marks]
    found += [f"s_{source}" for source in sorted(sources)]
    found += [f"t_{topic}" for topic in sorted(topics)]
    if lang:
        found.append(lang_facet(lang))
    found.append(f"k_{kind}")
    found.append(band(score))
    if author is not None:
        found.append(f"a_{author}")
    return " ".join(found)


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


class Partitions:
    """The partitions of a store in order of ids, with no gap between them; the writer's side of full text."""

    def __init__(self, connection: Connection, size: int = PARTITION_SIZE) -> None:
        self._connection = connection
        self._size = size
        self.parts: list[Partition] = []
        self._starts: list[int] = []
        self.load()

    def load(self) -> None:
        """Read them again: at the start, and after a rollback."""
        self.parts = load(self._connection)
        self._starts = [part.from_id for part in self.parts]

    def ensure(self) -> None:
        """Make the first partition of a new store."""
        if not self.parts:
            self._open(0, FOREVER)

    def of(self, mention_id: int) -> Partition:
        """The partition to whose range an id belongs."""
        return self.parts[bisect_right(self._starts, mention_id) - 1]

    def add(self, documents: Sequence[Document]) -> None:
        """Put documents in; they must be sorted by id."""
        for part, run in self._runs(documents):
            insert(self._connection, part.no, run)
            part.count += len(run)
            part.min_id = min(part.min_id, run[0][0])
            part.max_id = max(part.max_id, run[-1][0])
            if part.count >= self._size:
                self._cut(part)
            self._save(part)

    def remove(self, documents: Sequence[Document]) -> None:
        """Take documents out; they must be sorted by id and hold exactly the tokens that went in."""
        for part, run in self._runs(documents):
            delete(self._connection, part.no, run)
            part.count -= len(run)
            self._save(part)

    def must_merge(self, ids: Iterable[int]) -> None:
        """Have the partitions of these ids merged, open ones too: only then do the words of deleted mentions leave the file."""
        for part in {part.no: part for part in map(self.of, ids)}.values():
            part.merged = -1
            self._save(part)

    def closed(self, part: Partition) -> bool:
        """Whether a partition is full; late mentions may still come into it."""
        return part.count >= self._size

    def merge(self, part: Partition) -> bool:
        """One step of merging a partition to one segment, which makes rare words 2-5 times faster; whether it is done."""
        connection = self._connection
        before = connection.total_changes
        # A negative number starts merging everything whatever its shape; positive ones go on with it.
        pages = MERGE_PAGES if part.no == self._merging else -MERGE_PAGES
        connection.execute(f"INSERT INTO {part.table}({part.table}, rank) VALUES ('merge', ?)", (pages,))  # noqa: S608
        self._merging = part.no
        # FTS5's own sign of an end: a step that changes fewer than two rows had nothing to do.
        if connection.total_changes - before >= 2:
            return False
        self._merging = None
        part.merged = max(1, part.count)
        self._save(part)
        return True

    _merging: int | None = None

    def _runs(self, documents: Sequence[Document]) -> Iterator[tuple[Partition, list[Document]]]:
        """Documents sorted by id, by partition. A partition may be cut between two runs."""
        start = 0
        while start < len(documents):
            part = self.of(documents[start][0])
            end = start + 1
            while end < len(documents) and documents[end][0] < part.to_id:
                end += 1
            yield part, list(documents[start:end])
            start = end

    def _cut(self, part: Partition) -> None:
        """A full partition gives the wider empty end of its range to a new one: the future, or a back-fill's past."""
        above, below = part.to_id - part.max_id - 1, part.min_id - part.from_id
        if max(above, below) < LEAST_ROOM:
            return
        if above >= below:
            old, part.to_id = part.to_id, part.max_id + 1
            self._open(part.to_id, old)
        else:
            old, part.from_id = part.from_id, part.min_id
            self._starts[self.parts.index(part)] = part.from_id
            self._open(old, part.from_id)

    def _open(self, from_id: int, to_id: int) -> None:
        no = next_number(self._connection)
        create_table(self._connection, no)
        part = Partition(no, from_id, to_id, 0, FOREVER, -1, 0, text.TOKENIZER)
        self._connection.execute(
            "INSERT INTO partitions VALUES (?,?,?,?,?,?,?,?)",
            (no, from_id, to_id, part.count, part.min_id, part.max_id, part.merged, part.tokenizer),
        )
        at = bisect_right(self._starts, from_id)
        self.parts.insert(at, part)
        self._starts.insert(at, from_id)

    def _save(self, part: Partition) -> None:
        self._connection.execute(
            "UPDATE partitions SET from_id=?, to_id=?, count=?, min_id=?, max_id=?, merged=? WHERE no=?",
            (part.from_id, part.to_id, part.count, part.min_id, part.max_id, part.merged, part.no),
        )


def load(connection: Connection) -> list[Partition]:
    """All partitions, oldest ids first."""
    rows = connection.execute(
        "SELECT no, from_id, to_id, count, min_id, max_id, merged, tokenizer FROM partitions ORDER BY from_id"
    )
    return [Partition(*row) for row in rows]


def next_number(connection: Connection) -> int:
    """A number for a new table that no partition and no rebuild has, nor will any get back."""
    (highest,) = connection.execute(
        "SELECT max(coalesce((SELECT max(no) FROM partitions), 0), coalesce((SELECT max(no) FROM rebuilds), 0))"
    ).fetchone()
    return int(highest) + 1
