"""A mention's two names: the id that is its time, and the hash by which its identity is found."""

from __future__ import annotations

from hashlib import blake2b

from listen.model import EPOCH, SEQUENCE_BITS
from listen.store.sqlite import Connection

SLOTS = 1 << SEQUENCE_BITS
"""How many ids a second has."""

REMEMBERED = 20_000
"""Seconds whose next free id is kept in memory."""


def key_of(network: str, external_id: str) -> int:
    """A signed 64-bit hash of the identity: random text keys would halve the rate of appending.

    Two identities may share it; whoever looks one up compares the text and goes on with `next_key`.
    """
    digest = blake2b(f"{network}\0{external_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def next_key(key: int) -> int:
    """Where an identity lies whose own place is taken by another one: the next number, round the end."""
    return key + 1 if key < (1 << 63) - 1 else -(1 << 63)


def identified(connection: Connection, network: str, external_id: str) -> int | None:
    """The id of the mention with that identity, None when it is not stored."""
    key = key_of(network, external_id)
    while row := connection.execute(
        "SELECT m.id, n.name, m.external_id FROM mentions m JOIN networks n ON n.id = m.network_id WHERE m.key = ?",
        (key,),
    ).fetchone():
        if (row[1], row[2]) == (network, external_id):
            return int(row[0])
        key = next_key(key)
    return None


class Ids:
    """Hands out ids: seconds since 2000 shifted left, plus a sequence that spills into the next second when full.

    Only the writer allocates, so the highest id and the next free one of recent seconds are remembered.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._next: dict[int, int] = {}
        self._highest: int | None = None

    def take(self, unix: int) -> int:
        """The next free id of that second, or of the first later one that has any."""
        second = max(0, unix - EPOCH)
        while True:
            free = self._next.get(second)
            if free is None:
                free = self._first_free(second)
            if free >> SEQUENCE_BITS == second:
                self._next[second] = free + 1
                return free
            self._next[second] = free
            second += 1

    def _first_free(self, second: int) -> int:
        if self._highest is None:
            (highest,) = self._connection.execute("SELECT max(id) FROM mentions").fetchone()
            self._highest = -1 if highest is None else int(highest)
        low = second << SEQUENCE_BITS
        if low > self._highest:  # what is new is mostly later than all before
            return low
        (last,) = self._connection.execute(
            "SELECT max(id) FROM mentions WHERE id >= ? AND id < ?", (low, low + SLOTS)
        ).fetchone()
        return low if last is None else int(last) + 1

    def forget(self) -> None:
        """After a rollback, when nothing of what was handed out exists."""
        self._next.clear()
        self._highest = None

    def trim(self) -> None:
        """Between transactions only: ids handed out but not yet inserted are known nowhere else."""
        self._highest = None
        if len(self._next) > REMEMBERED:
            self._next.clear()
