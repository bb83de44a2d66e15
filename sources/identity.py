"""Which post an item is: the same item fetched twice must get one id, two items must get two.

An item's id is a digest of the feed's address and, in this order of preference, its guid, its canonical link, its title
with its date (its text where there is no date), its text. Three things spoil that, and a small memory in the cursor
mends them:

- guids that change with every fetch: an item whose link and title we gave an id before, and whose date or text is the
  same, keeps that id; once most known items came back with other guids, the feed's new items go by their links;
- one guid, or one link, on several different items: these are told apart by link, or by title and date;
- an item that had its guid or link to itself in one fetch and shares it in the next: the memory still knows it.

The memory holds the last KEPT items of one feed as one string of fixed-width records.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b

from msgspec import Struct

from sources import links
from sources.base import Cursor, Post, Reject

KEPT = 200
_KEY, _MARK, _ID = 8, 4, 20
_RECORD = _KEY + 3 * _MARK + _ID
_NO_DATE = "-" * _MARK


class Item(Struct):
    """A post on its way to an identity."""

    post: Post
    guid: str | None = None
    """The publisher's id, which only counts within this feed."""
    parent: str | None = None
    """Guid of the item that this one answers."""
    thread: str | None = None
    """Address of the page whose conversation it belongs to."""


class Known(Struct, frozen=True):
    """What the memory keeps of an item: digests of its date, text and guid, and the id that it was given."""

    date: str
    text: str
    guid: str
    id: str


def digest(parts: Iterable[object], size: int = _ID) -> str:
    """`size` characters (a multiple of 4) that stand for the parts."""
    whole = "\0".join(str(part) for part in parts).encode("utf-8", "surrogatepass")
    return urlsafe_b64encode(blake2b(whole, digest_size=size * 3 // 4).digest()).decode("ascii")


def _link(item: Item) -> str:
    return links.canonical(item.post.url) if item.post.url else ""


def _key(item: Item) -> str:
    """Digest of link and title, the name under which an item is remembered; "" when it has neither."""
    link = _link(item)
    return digest((link, item.post.title), _KEY) if link or item.post.title else ""


def _known(item: Item, given: str) -> Known:
    date = digest((item.post.published_at,), _MARK) if item.post.published_at is not None else _NO_DATE
    return Known(date, digest((item.post.text,), _MARK), digest((item.guid,), _MARK), given)


def remember(text: object) -> dict[str, Known]:
    """The memory that a cursor carries; what cannot be read is forgotten."""
    if not isinstance(text, str) or len(text) % _RECORD:
        return {}
    memory = {}
    for start in range(0, len(text), _RECORD):
        record = text[start : start + _RECORD]
        date, mark, guid = (record[_KEY + place * _MARK : _KEY + (place + 1) * _MARK] for place in range(3))
        memory[record[:_KEY]] = Known(date, mark, guid, record[-_ID:])
    return memory


def _written(memory: dict[str, Known]) -> str:
    kept = list(memory.items())[:KEPT]
    return "".join(key + known.date + known.text + known.guid + known.id for key, known in kept)


def _recognised(items: Sequence[Item], found: Mapping[int, Known]) -> dict[int, Known]:
    """Of the items whose link and title are in the memory, those that are the same items and not new ones of that name.

    The same guid or the same date says so, or the same text where there is no date. The same text under another guid
    and another date may be the next of a series (`News at ten`): two of them at once say that the feed makes up both.
    """
    sure: dict[int, Known] = {}
    likely: dict[int, Known] = {}
    for place, known in found.items():
        now = _known(items[place], "")
        dated = _NO_DATE not in (now.date, known.date)
        if (dated and now.date == known.date) or (now.guid == known.guid and items[place].guid):
            sure[place] = known
        elif now.text == known.text:
            (likely if dated else sure)[place] = known
    return sure | likely if len(likely) > 1 else sure


def _shared(pairs: Iterable[tuple[str | None, str]]) -> set[str]:
    """The names that stand for more than one thing."""
    things = defaultdict(set)
    for name, thing in pairs:
        if name:
            things[name].add(thing)
    return {name for name, several in things.items() if len(several) > 1}


def _when(post: Post) -> tuple[str, object]:
    return ("date", post.published_at) if post.published_at is not None else ("text", post.text)


class _Claims:
    """Which item has which id, within one answer."""

    def __init__(self, items: Sequence[Item], scope: str, by_link: bool) -> None:
        self.items = items
        self.scope = scope
        self.by_link = by_link
        self.guids = _shared((item.guid, _link(item) or item.post.title or "") for item in items)
        self.links = _shared((_link(item), item.post.title or item.post.text) for item in items)
        self.owners: dict[str, int] = {}

    def fresh(self, item: Item) -> str | None:
        """The id of an item that the memory does not know; None when there is nothing to know it by."""
        post, link = item.post, _link(item)
        if item.guid and not (self.by_link and link and link not in self.links):
            if item.guid in self.guids:
                return digest((self.scope, "guid", item.guid, link or post.title))
            return digest((self.scope, "guid", item.guid))
        if link:
            if link in self.links:
                return digest((self.scope, "link", link, post.title, *_when(post)))
            return digest((self.scope, "link", link))
        if post.title:
            return digest((self.scope, "title", post.title, *_when(post)))
        return digest((self.scope, "text", post.text)) if post.text.strip() else None

    def claim(self, place: int, given: str) -> str | None:
        """The id that the item at `place` gets, as a rule the one given; None when it repeats another item."""
        item = self.items[place]
        owner = self.owners.get(given)
        if owner is not None:
            other = self.items[owner]
            if (_link(item) and _link(item) == _link(other)) or _key(item) == _key(other):
                return None
            # An id that went from one item to another while only one of them was there: now both are.
            given = digest((self.scope, "also", item.guid, _link(item), item.post.title, *_when(item.post)))
        return given if self.owners.setdefault(given, place) == place else None


def identify(items: Sequence[Item], feed: str, cursor: Cursor) -> tuple[list[Post], Cursor, list[Reject]]:
    """The posts with their ids, in order and each once; the cursor to keep; and what was left out, counted by reason.

    `feed` is the configured address of the feed: one site's guids mean nothing at another.
    """
    memory = remember(cursor.get("seen"))
    claims = _Claims(items, links.canonical(feed), cursor.get("ids") == "link")
    keys = [_key(item) for item in items]
    once = {key for key, number in Counter(keys).items() if key and number == 1}
    known = _recognised(items, {place: memory[key] for place, key in enumerate(keys) if key in once and key in memory})
    posts: dict[int, Post] = {}
    seen: dict[int, tuple[str, Known]] = {}
    left: Counter[str] = Counter()
    for place in [*known, *(place for place in range(len(items)) if place not in known)]:
        item = items[place]
        given = known[place].id if place in known else claims.fresh(item)
        claimed = claims.claim(place, given) if given else None
        if claimed is None:
            left["duplicate" if given else "no-identity"] += 1
            continue
        posts[place] = _finished(item, claimed, claims.scope)
        if keys[place] in once:
            seen[place] = keys[place], _known(item, claimed)
    now = dict(seen[place] for place in sorted(seen))
    kept = _written(now | {key: record for key, record in memory.items() if key not in now})
    by_link = claims.by_link or _unsteady(items, known)
    return [posts[place] for place in sorted(posts)], _cursor(kept, by_link), _rejects(left)


def _unsteady(items: Sequence[Item], known: Mapping[int, Known]) -> bool:
    """Whether most of the known items came back under another guid."""
    kept = [digest((items[place].guid,), _MARK) == record.guid for place, record in known.items() if items[place].guid]
    return kept.count(False) > kept.count(True)


def _finished(item: Item, given: str, scope: str) -> Post:
    post = item.post
    post.external_id = given
    if item.thread:
        post.thread_id = digest((scope, "link", links.canonical(item.thread)))
    if item.parent:
        post.parent_id = digest((scope, "guid", item.parent))
    elif item.thread:
        post.parent_id = post.thread_id
    return post


def _cursor(kept: str, by_link: bool) -> Cursor:
    cursor: Cursor = {"seen": kept}
    if by_link:
        cursor["ids"] = "link"
    return cursor


_WORDS = {
    "no-identity": ("1 item has", "{:,} items have", "neither id, link, title nor text"),
    "duplicate": ("1 item repeats", "{:,} items repeat", "another of the same answer"),
}


def _rejects(left: Counter[str]) -> list[Reject]:
    rejects = []
    for reason, count in left.items():
        one, several, rest = _WORDS[reason]
        rejects.append(Reject(f"{reason}: {one if count == 1 else several.format(count)} {rest}"))
    return rejects
