"""Who and what is kept out after it was erased: keyed hashes of accounts and posts, which name nobody.

The key lies in the store, so that a hash tells nothing to those who do not have the store; those who have it can only
ask whether an account that they know is among them.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

from listen.model import Author, Prepared
from listen.store import files, mirror, search
from listen.store.ids import key_of
from listen.store.sqlite import Connection
from listen.text import HANDLE, fold

UID, HANDLE_ONLY, HANDLE_BESIDE, POST, MASKED = range(5)
"""What a hash is of: a lasting name; a handle where no lasting name was known; a handle of somebody with one, which
another account may have by now; a post; a handle that is not to be told in what others say."""

VEIL = "forgotten:"
"""Before the hash that stands for an erased post, where others answer it."""

ANON = "anon:"
"""Before the hash that stands for a post whose author was pseudonymised."""

PSEUDONYMS = "pseudonymised"
"""Name of the fact that there are such posts."""

MASK = "@…"
"""What stands in a text for a handle that is masked."""

_SALT = "privacy_salt"


def salt(connection: Connection, *, make: bool = False) -> bytes | None:
    """The store's key, None when it has none yet; `make`: then it gets one, inside the caller's transaction."""
    known = mirror.state(connection, _SALT)
    if known is None and make:
        known = secrets.token_hex(32)
        mirror.set_state(connection, _SALT, known)
    return bytes.fromhex(known) if known else None


def fingerprint(key: bytes, what: int, network: str, name: str) -> bytes:
    """BLAKE2b, keyed: 128 bits."""
    told = name if what in (UID, POST) else fold(name)
    return blake2b(f"{what}\0{network}\0{told}".encode(errors="replace"), key=key, digest_size=16).digest()


class KeptOut:
    """What the writer asks of each post that comes in; without anybody forgotten it costs nothing."""

    def __init__(self) -> None:
        self._key = b""
        self._known: set[bytes] = set()
        self._masks = False
        self.pseudonyms = False
        """Whether the authors of some posts were pseudonymised."""

    def load(self, connection: Connection) -> None:
        """Read the list again: at the start, when it grew, and after a rollback."""
        self._key = salt(connection) or b""
        self._known = {row[0] for row in connection.execute("SELECT hash FROM forgotten")}
        self._masks = bool(connection.execute("SELECT 1 FROM forgotten WHERE what = ?", (MASKED,)).fetchone())

        self.pseudonyms = mirror.state(connection, PSEUDONYMS) is not None

    def __bool__(self) -> bool:
        return bool(self._known) or self.pseudonyms

    def told_before(self, connection: Connection, posts: Sequence[Prepared]) -> dict[int, str]:
        """Place among these posts -> the name that those have now which are stored without their author's."""
        if not self.pseudonyms:
            return {}
        names = [ANON + fingerprint(self._key, POST, one.network, one.external_id).hex() for one in posts]
        keys = [key_of(one.network, name) for one, name in zip(posts, names, strict=True)]
        rows = connection.execute(
            "SELECT key FROM mentions WHERE key IN (SELECT value FROM json_each(?))", (json.dumps(keys),)
        )
        there = {row[0] for row in rows}
        return {at: names[at] for at, key in enumerate(keys) if key in there}

    def _has(self, what: int, network: str, name: str) -> bool:
        return fingerprint(self._key, what, network, name) in self._known

    def author(self, network: str, author: Author) -> bool:
        """Whether an account was forgotten."""
        if self._has(HANDLE_ONLY, network, author.handle):
            return True
        if author.uid:
            return self._has(UID, network, author.uid)
        return self._has(HANDLE_BESIDE, network, author.handle) or self._has(UID, network, author.handle)

    def post(self, post: Prepared) -> bool:
        """Whether a post is to be kept out."""
        said = post.author is not None and self.author(post.network, post.author)
        return said or self._has(POST, post.network, post.external_id) or self._shared(post)

    def _shared(self, post: Prepared) -> bool:
        """It passes on the words of somebody who was forgotten."""
        return post.kind == "repost" and post.parent_id is not None and self._has(POST, post.network, post.parent_id)

    def seen(self, connection: Connection, posts: Iterable[Prepared]) -> None:
        """Know these posts by their names as well, for those who answer them; inside the caller's transaction."""
        new = {fingerprint(self._key, POST, one.network, one.external_id) for one in posts} - self._known
        connection.executemany("INSERT OR IGNORE INTO forgotten VALUES (?,?)", [(one, POST) for one in sorted(new)])
        self._known |= new

    def veiled(self, post: Prepared) -> Prepared:
        """The post without the names of what was erased: of what it answers, and in its text where that is masked."""
        parent, thread = self._veil(post.network, post.parent_id), self._veil(post.network, post.thread_id)
        if parent or thread:
            post = replace(post, parent_id=parent or post.parent_id, thread_id=thread or post.thread_id)
        return self._masked(post) if self._masks and "@" in f"{post.title}{post.text}" else post

    def _veil(self, network: str, name: str | None) -> str | None:
        if name is None:
            return None
        hashed = fingerprint(self._key, POST, network, name)
        return VEIL + hashed.hex() if hashed in self._known else None

    def _masked(self, post: Prepared) -> Prepared:
        title, body = self.mask(post.network, post.title), self.mask(post.network, post.text)
        if (title, body) == (post.title, post.text):
            return post
        title_words, words, marks = search.words_of(title, body or "")
        return replace(post, title=title, text=body or "", title_words=title_words, words=words, marks=marks)

    def mask(self, network: str, text: str | None) -> str | None:
        """A text without the handles that are to be masked."""
        if not text:
            return text
        return HANDLE.sub(lambda found: MASK if self._is_masked(network, found[1]) else found[0], text)

    def _is_masked(self, network: str, handle: str) -> bool:
        return any(self._has(MASKED, network, name) for name in {handle, handle.partition("@")[0]})


def add(connection: Connection, rows: Iterable[tuple[int, str, str]]) -> None:
    """Keep these (what, network, name) out from now on, inside the caller's transaction."""
    key = salt(connection, make=True)
    assert key is not None
    hashes = [(fingerprint(key, *row), row[0]) for row in rows]
    connection.executemany("INSERT OR IGNORE INTO forgotten VALUES (?,?)", sorted(hashes))


def veil(connection: Connection, network: str, external_id: str) -> str:
    """What stands for an erased post in those that answer it."""
    key = salt(connection, make=True)
    assert key is not None
    return VEIL + fingerprint(key, POST, network, external_id).hex()


def anon(connection: Connection, network: str, name: str) -> str:
    """What stands for a post, or an account, that was pseudonymised."""
    key = salt(connection, make=True)
    assert key is not None
    return name if name.startswith(ANON) else ANON + fingerprint(key, POST, network, name).hex()


# --- beside the store ------------------------------------------------------------------------------------------------


def list_path(store: str | Path) -> Path:
    """Where the list is kept once more, for a backup of before that is put back."""
    return Path(f"{store}.forgotten")


def write_list(connection: Connection, store: str | Path) -> None:
    """Keep the list beside the store, too (0600)."""
    key = salt(connection)
    if key is None:
        return
    listed = [[row[0].hex(), row[1]] for row in connection.execute("SELECT hash, what FROM forgotten ORDER BY hash")]
    path = list_path(store)
    half = path.with_name(f"{path.name}.part")
    half.unlink(missing_ok=True)
    files.new_file(half)
    half.write_text(json.dumps({"salt": key.hex(), "forgotten": listed}), encoding="utf-8")
    files.sync(half)
    half.replace(path)


def merge_list(connection: Connection, told: Mapping[str, object]) -> bool:
    """Take over a list that lay beside the store, inside the caller's transaction; False when it is another store's."""
    known = salt(connection)
    if known is not None and known.hex() != told["salt"]:
        return False
    mirror.set_state(connection, _SALT, str(told["salt"]))
    rows = [(bytes.fromhex(hashed), what) for hashed, what in told["forgotten"]]  # type: ignore[attr-defined]
    connection.executemany("INSERT OR IGNORE INTO forgotten VALUES (?,?)", rows)
    return True


def read_list(store: str | Path) -> dict[str, object] | None:
    """The list beside a store, None when there is none, or it cannot be read."""
    try:
        told = json.loads(list_path(store).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) and {"salt", "forgotten"} <= told.keys() else None
