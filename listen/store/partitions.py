"""The writer's side of full text: partitions that are opened, filled, closed and merged.

The tables are contentless: whoever takes a mention out must give exactly the tokens that went in.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from listen import text
from listen.model import SEQUENCE_BITS
from listen.store import rebuild, search
from listen.store.rebuild import Rebuild
from listen.store.search import FOREVER, PARTITION_SIZE, Document, Partition
from listen.store.sqlite import Connection

LEAST_ROOM = 3600 << SEQUENCE_BITS
"""A full partition gives away an empty end of its range only if it is this wide (an hour)."""

MERGE_PAGES = 500
"""Pages that one step of merging writes: about 40 ms."""


class Partitions:
    """The partitions of a store in order of ids, with no gap between them; the writer's side of full text."""

    def __init__(self, connection: Connection, size: int = PARTITION_SIZE) -> None:
        self.connection = connection
        self.size = size
        self.parts: list[Partition] = []
        self.rebuilds: list[Rebuild] = []
        self._starts: list[int] = []
        self._merging: int | None = None
        self.load()

    def load(self) -> None:
        """Read them again: at the start, and after a rollback."""
        self.parts = search.load(self.connection)
        self.rebuilds = rebuild.load(self.connection)
        self._merging = None
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
            search.insert(self.connection, part.no, run)
            successors = self._successors(part)
            rebuild.follow(self.connection, successors, put=run, taken=())
            part.count += len(run)
            part.min_id = min(part.min_id, run[0][0])
            part.max_id = max(part.max_id, run[-1][0])
            if part.count >= self.size and not successors:
                self._cut(part)
            self.save(part)

    def remove(self, documents: Sequence[Document]) -> None:
        """Take documents out; they must be sorted by id and hold exactly the tokens that went in.

        Out of a partition of another tokenizer nothing can be taken: its words stay until it is made anew.
        """
        for part, run in self._runs(documents):
            if part.tokenizer == text.TOKENIZER:
                search.delete(self.connection, part.no, run)
            rebuild.follow(self.connection, self._successors(part), put=(), taken=run)
            part.count -= len(run)
            self.save(part)

    def _successors(self, part: Partition) -> list[Rebuild]:
        return [one for one in self.rebuilds if one.replaces == part.no]

    def must_merge(self, ids: Iterable[int]) -> None:
        """Have these ids' partitions merged, open ones too: only then do deleted mentions' words leave the file."""
        for part in {part.no: part for part in map(self.of, ids)}.values():
            part.merged = -1
            if self._merging == part.no:  # what it merges was chosen before
                self._merging = None
            self.save(part)

    def drop_empty(self) -> bool:
        """Give up one partition that nothing is in any more, its range to the next one; whether there was one.

        Not before its deleted words are merged away: then its table is small. The last one is the future's.
        """
        empty = [at for at, part in enumerate(self.parts[:-1]) if not part.count and part.merged >= 0]
        if self.rebuilds or not empty:
            return False
        part, heir = self.parts[empty[0]], self.parts[empty[0] + 1]
        heir.from_id = part.from_id
        self.save(heir)
        self.connection.execute("DELETE FROM partitions WHERE no = ?", (part.no,))
        self.connection.execute(f"DROP TABLE {part.table}")
        self.load()
        return True

    def closed(self, part: Partition) -> bool:
        """Whether a partition is full; late mentions may still come into it."""
        return part.count >= self.size

    def merge(self, part: Partition) -> bool:
        """One step of merging to one segment, which makes rare words 2-5 times faster; whether it is done."""
        connection = self.connection
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
        self.save(part)
        return True

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
        no = search.next_number(self.connection)
        search.create_table(self.connection, no)
        part = Partition(no, from_id, to_id, 0, FOREVER, -1, 0, text.TOKENIZER)
        self.connection.execute(
            "INSERT INTO partitions VALUES (?,?,?,?,?,?,?,?)",
            (no, from_id, to_id, part.count, part.min_id, part.max_id, part.merged, part.tokenizer),
        )
        at = bisect_right(self._starts, from_id)
        self.parts.insert(at, part)
        self._starts.insert(at, from_id)

    def save(self, part: Partition) -> None:
        """Write a partition's changed facts."""
        self.connection.execute(
            "UPDATE partitions SET from_id=?, to_id=?, count=?, min_id=?, max_id=?, merged=? WHERE no=?",
            (part.from_id, part.to_id, part.count, part.min_id, part.max_id, part.merged, part.no),
        )
