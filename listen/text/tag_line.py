"""A last line of nothing but hashtags: an author's own, or those that a platform tells beside a text."""

from __future__ import annotations

import re

_TAGS = re.compile(r"#\w+(?: #\w+)*")


def before_tags(text: str) -> str | None:
    """The text before its last line of hashtags, behind an empty line; None when it does not end in one."""
    before, _, last = text.rpartition("\n\n")
    return before if _TAGS.fullmatch(last) else None
