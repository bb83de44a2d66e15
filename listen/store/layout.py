"""What the numbers in the tables mean. Light on purpose: readers, writers and people's actions all import it."""

from __future__ import annotations

from listen.model import SEQUENCE_BITS

SCHEMA_VERSION = 29
"""Kept in the file's `user_version`: how many migrations have been applied."""

APPLICATION_ID = 0x4C53_544E
"""Kept in the file's header ("LSTN"), so that a foreign SQLite file is known for one."""

NO_TOPIC = 0
"""The inbox row of a mention that matches no topic hangs here."""

NEVER = 253_402_300_799
"""`channels.next_at`, the last second of the year 9999: it is asked again only when somebody wants it."""

TRUNCATED = 1
"""Bit of `mentions.flags`: the text was longer than what is kept."""

TAGGED = 2
"""Bit of `mentions.flags`: the last line are tags that the platform told beside the text; they are not scored."""

OWN_TAGS = 4
"""Bit of `mentions.flags`: the last line are hashtags that the author wrote. Neither bit: that is not known."""


def hour_of(mention_id: int) -> int:
    """The `hour` of rollups: whole hours since 2000-01-01 UTC of the mention's own time."""
    return (mention_id >> SEQUENCE_BITS) // 3600


def day_of(mention_id: int) -> int:
    """The `day` of rollups: whole days since 2000-01-01 UTC of the mention's own time."""
    return (mention_id >> SEQUENCE_BITS) // 86_400


def week_of(mention_id: int) -> int:
    """Whole weeks since 2000-01-01 UTC of the mention's own time."""
    return day_of(mention_id) // 7


def hour_id(hour: int) -> int:
    """The smallest id of that hour."""
    return (hour * 3600) << SEQUENCE_BITS
