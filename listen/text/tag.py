"""What a tag of people's own is: one word."""

from __future__ import annotations

import re

from listen.text.display import one_line
from listen.text.storage import clean
from listen.text.words import fold

LONGEST_TAG = 40

TAG_HINT = 'a tag is one word without quotes, brackets, commas or colons, such as "vip"'

_NO_TAG = re.compile(r'[\s()"“”„«»{},:]|^[-–−#@<]')


def tag_of(written: str) -> str:
    """A tag as it is kept. Raises ValueError for what is none."""
    name = one_line(clean(written)[0]).strip().removeprefix("#")
    if not name or len(name) > LONGEST_TAG or _NO_TAG.search(name) or not fold(name).strip():
        raise ValueError(f"{one_line(written, 40) or 'nothing'} is no tag: {TAG_HINT}")
    return name
