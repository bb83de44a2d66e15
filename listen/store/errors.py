"""What is wrong with a store, in words that say what to do."""

from __future__ import annotations


class StoreError(Exception):
    """The store cannot be used as asked; the message says why and what to do."""


class BadTarget(StoreError):
    """The file that was given cannot be the one to copy from or to: wrong usage, nothing has failed."""


class StoreFull(StoreError):
    """Nothing more can be written (disk full or failing); the transaction was rolled back and may be repeated."""


class StoreBusy(StoreError):
    """Somebody else held the write lock for too long; nothing was written and the work may be repeated."""
