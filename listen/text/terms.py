"""What a text is about: its telling words, hashtags, emoji and links, each once."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal

from listen.text.links import canonical_url
from listen.text.words import tokens

VERSION = 1
"""Changes when the same text gives other terms by the same tokens."""

READ = 2_000
"""Characters of a text that are read: what a long article is about stands in its beginning."""

LINK_LIMIT = 200
"""Characters of the longest link that is a term."""

Kind = Literal["word", "tag", "emoji", "link"]

_LINK = re.compile(r"https?://[^\s<>\"”»\])]+", re.IGNORECASE)
_ENDS = ".,;:!?'’*_~"


@cache
def stop_words() -> frozenset[str]:
    """Folded words that say nothing about what a text is about."""
    return words_of(Path(__file__).with_name("stop_words.txt"))


def words_of(path: Path) -> frozenset[str]:
    """The words of a packaged list; lines that begin with # are remarks."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def tells(word: str) -> bool:
    """Letters, three at least, or two where a letter is a word; a hashtag; an emoji."""
    bare = word.removeprefix("#")
    return (bare.isalpha() and len(bare) > (2 if bare.isascii() else 1)) or not (bare.isascii() or bare.isalnum())


def terms(title: str | None, text: str) -> set[str]:
    """The terms of a mention: telling words that are no stop words, `#tags`, emoji, and links as `site/path`.

    The bare word of a hashtag is not one of its words, nor is the name of who is addressed.
    """
    written = f"{title or ''}\n{text[:READ]}"
    words, marks = tokens(written)
    bare = {part for mark in marks for part in mark[1:].split("_")}
    tags = [mark for mark in marks if mark[0] == "#"]
    some = {*words, *tags} - bare - stop_words()
    found = {word for word in some if (len(word) > 2 and word.isalpha()) or tells(word)}  # most are plain words
    if "://" in written:
        found.update(_links(written))
    return found


def kind_of(term: str) -> Kind:
    """What a term of `terms` is; a phrase of words is a word."""
    if term[0] == "#":
        return "tag"
    if " " not in term and ("/" in term or "." in term):
        return "link"
    return "word" if term[0].isalnum() else "emoji"


def _links(text: str) -> set[str]:
    found = (canonical_url(one[0].rstrip(_ENDS)) for one in _LINK.finditer(text))
    pages = (one.removeprefix("https://") for one in found if one.startswith("https://"))
    return {page for page in pages if len(page) <= LINK_LIMIT and "." in page}
