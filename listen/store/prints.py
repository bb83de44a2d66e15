"""Which mentions share keys with a new one: a table of fixed size in memory, written beside the store now and then.

Buckets of 8 slots; a slot holds a mention's id and a print of the key. A full bucket drops what came in first, so that
memory stays what it is however many mentions there were. A wrong hit is possible and rare: who asks compares the texts.
"""

from __future__ import annotations

import os
import struct
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path

from listen import likeness
from listen.store import files

SLOTS = 8

PROOF = 3
"""Shared pairs of words that make a candidate; a shared link, headline or whole text is as much."""

FIRST_BITS = 13
"""A small store begins with 2^13 buckets: half a megabyte."""

MOST_BITS = 19
"""2^19 buckets, 32 MB: the keys of some 500,000 mentions."""

PRINT_BITS = 18
_PRINT = (1 << PRINT_BITS) - 1
_HEAD = struct.Struct("<8sq16sqqqq")
_MAGIC = b"listen\0s"


class Prints:
    """Keys -> the mentions that had them last."""

    def __init__(self) -> None:
        self.bits = FIRST_BITS
        self.filled = 0
        """Slots in use."""
        self._slots = array("Q", bytes(8 * SLOTS << FIRST_BITS))

    @property
    def crowded(self) -> bool:
        """Whether it grows no more, and is half full: what came in first begins to go."""
        return self.bits >= MOST_BITS and self.filled * 2 >= SLOTS << self.bits

    def near(self, keys: Iterable[int]) -> dict[int, int]:
        """Mentions that share some of the keys -> how much: 1 for a pair of words, PROOF for what says more."""
        found: dict[int, int] = {}
        slots, mask = self._slots, (1 << self.bits) - 1
        for key in keys:
            at, want = (key & mask) * SLOTS, key >> FIRST_BITS & _PRINT
            for entry in slots[at : at + SLOTS]:
                if not entry:
                    break
                if entry & _PRINT == want:
                    one = entry >> PRINT_BITS
                    found[one] = found.get(one, 0) + (PROOF if key >= likeness.STRONG else 1)
        return found

    def put(self, mention_id: int, keys: Iterable[int]) -> None:
        """Remember a mention that has come in; where there is no room the oldest arrival goes."""
        slots, mask = self._slots, (1 << self.bits) - 1
        for key in keys:
            at = (key & mask) * SLOTS
            self.filled += not slots[at + SLOTS - 1]
            slots[at + 1 : at + SLOTS] = slots[at : at + SLOTS - 1]
            slots[at] = mention_id << PRINT_BITS | (key >> FIRST_BITS & _PRINT)
        self._make_room()

    def put_behind(self, mention_id: int, keys: Iterable[int]) -> None:
        """Remember one that came in before all others: only where there is room."""
        slots, mask = self._slots, (1 << self.bits) - 1
        for key in keys:
            at = (key & mask) * SLOTS
            for place in range(at, at + SLOTS):
                if not slots[place]:
                    slots[place] = mention_id << PRINT_BITS | (key >> FIRST_BITS & _PRINT)
                    self.filled += 1
                    break
        self._make_room()

    def drop(self, mention_id: int, keys: Iterable[int]) -> None:
        """Forget a mention's keys."""
        slots, mask = self._slots, (1 << self.bits) - 1
        for key in keys:
            at, entry = (key & mask) * SLOTS, mention_id << PRINT_BITS | (key >> FIRST_BITS & _PRINT)
            kept = [one for one in slots[at : at + SLOTS] if one and one != entry]
            self.filled -= SLOTS - len(kept) - slots[at : at + SLOTS].count(0)
            slots[at : at + SLOTS] = array("Q", kept + [0] * (SLOTS - len(kept)))

    def _make_room(self) -> None:
        """Four times as many buckets once half of the slots are in use; the prints say where each key goes on."""
        if self.bits >= MOST_BITS or self.filled * 2 < SLOTS << self.bits:
            return
        before, old = self._slots, self.bits
        self.bits = min(MOST_BITS, old + 2)
        slots = array("Q", bytes(8 * SLOTS << self.bits))
        more = (1 << self.bits - old) - 1
        for place, entry in enumerate(before):
            if entry:
                bucket = (place // SLOTS) | ((entry & _PRINT) >> (old - FIRST_BITS) & more) << old
                at = bucket * SLOTS
                while slots[at]:
                    at += 1
                slots[at] = entry
        self._slots = slots

    # --- the file ----------------------------------------------------------------------------------------------------

    def save(self, path: Path, store: bytes, seq: int, left: int) -> None:
        """Write it beside the store, whole or not at all; `seq` and `left` say how far it goes. Raises OSError."""
        half = Path(f"{path}.part")
        half.unlink(missing_ok=True)
        files.new_file(half)
        try:
            with half.open("wb") as file:
                file.write(_HEAD.pack(_MAGIC, likeness.VERSION, store, seq, left, self.bits, self.filled))
                self._slots.tofile(file)
            os.replace(half, path)
        finally:
            half.unlink(missing_ok=True)

    def load(self, path: Path, store: bytes) -> tuple[int, int] | None:
        """(seq, left) of what was written; None when there is nothing that fits this store and this program."""
        try:
            with path.open("rb") as file:
                head = file.read(_HEAD.size)
                if len(head) < _HEAD.size:
                    return None
                magic, version, owner, seq, left, bits, filled = _HEAD.unpack(head)
                if (magic, version, owner) != (_MAGIC, likeness.VERSION, store):
                    return None
                if not FIRST_BITS <= bits <= MOST_BITS:
                    return None
                slots = array("Q")
                slots.fromfile(file, SLOTS << bits)
                if file.read(1):
                    return None
        except (OSError, EOFError, ValueError):
            return None
        self.bits, self.filled, self._slots = bits, filled, slots
        return seq, left


def best(found: dict[int, int], most: int) -> Sequence[int]:
    """The candidates that share most, newest of equals first.

    Alike texts (72 % of the shorter one's pairs) share three of six keys or more in 24 of 25 cases, and two in nearly
    all others; what shares two is looked at when nothing shares more, one of it.
    """
    likely = [one for one, shared in found.items() if shared >= PROOF]
    if len(likely) > 1:
        return sorted(likely, key=lambda one: (-found[one], -one))[:most]
    return likely or [one for one, shared in found.items() if shared == PROOF - 1][:1]
