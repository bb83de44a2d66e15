"""The only builder of SQL for queries: normal tree -> a condition on a row `m` of mentions, 0 or 1 and never NULL.

Nothing that a person typed or a platform sent is part of the SQL: all of it is bound.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from listen.model import EPOCH, NEGATIVE, POSITIVE, SEQUENCE_BITS, STATUSES, first_id, id_time
from listen.query import match, tree, weekly
from listen.query.attributes import QUESTION_MARKS, called, link_beginnings
from listen.store.aside import NOISE, OWN
from listen.store.corrections import IS_CORRECTED, SCORE
from listen.store.customers import OF_MENTION
from listen.store.inbox import GONE
from listen.store.normal import Aimed, Held, Leaf, about_content, named
from listen.store.search import kind_no

Value = int | float | str
Condition = tuple[str, tuple[Value, ...]]
"""SQL with one `?` for each value."""

HEIGHT = 8
"""Levels of AND and OR that a condition may have; the parser of older SQLite overflows at about 30."""

WIDTH = 50
"""Parts that stand side by side before they are nested: SQLite counts `a OR b OR c` as three levels deep, of 1,000."""

HOLDS = "listen_holds"
"""SQL function (number of a check, mention id, title, text, url) of checks that need no more than these."""

HOLDS_WHOLE = "listen_holds_whole"
"""SQL function (number of a check, mention id) of checks that need all that is known of the mention."""

_NUMBERS = {
    "sentiment": SCORE,
    "followers": "(SELECT followers FROM authors WHERE id = m.author_id)",
    "likes": "m.likes",
    "replies": "m.replies",
    "reposts": "m.reposts",
    "views": "m.views",
    "rating": "m.rating",
}
_HELD = {
    "topic": "EXISTS (SELECT 1 FROM matches WHERE mention_id = m.id AND topic_id IN (SELECT value FROM json_each(?)))",
    "source": "EXISTS (SELECT 1 FROM sightings JOIN channels ON channels.id = channel_id"
    " WHERE mention_id = m.id AND source_id IN (SELECT value FROM json_each(?)))",
    "author": "ifnull(m.author_id IN (SELECT value FROM json_each(?)), 0)",
}


def _tones(score: str, hits: str, corrected: str = IS_CORRECTED) -> dict[str, str]:
    """Tone -> that a mention `m` has it."""
    middle = f"ifnull({score} BETWEEN {NEGATIVE + 1} AND {POSITIVE - 1}, 0)"
    return {
        "neg": f"ifnull({score} <= {NEGATIVE}, 0)",
        "pos": f"ifnull({score} >= {POSITIVE}, 0)",
        "neu": f"({middle} AND (ifnull({hits}, 0) <> 0 OR {corrected}))",
        "none": f"({middle} AND ifnull({hits}, 0) = 0 AND NOT {corrected})",
        "unknown": f"{score} IS NULL",
    }


_TONES = _tones(SCORE, "m.hits")
_TOWARD = SCORE.replace("m.score", "x.score")
_TONES_TOWARD = _tones(_TOWARD, "x.hits")
_COMPUTED = _tones("@.score", "@.hits", "0")
_TRIAGED = "EXISTS (SELECT 1 FROM triage WHERE mention_id = m.id AND status = {})"
_HANDLED = "EXISTS (SELECT 1 FROM triage WHERE mention_id = m.id AND status > 0)"
_ASIDE = "EXISTS (SELECT 1 FROM aside WHERE mention_id = m.id)"
_FLAGS = {
    ("is", "starred"): "EXISTS (SELECT 1 FROM triage WHERE mention_id = m.id AND starred)",
    ("is", "own"): f"EXISTS (SELECT 1 FROM aside WHERE mention_id = m.id AND why & {OWN})",  # noqa: S608
    ("is", "noise"): f"EXISTS (SELECT 1 FROM aside WHERE mention_id = m.id AND why & {NOISE})",  # noqa: S608
    ("is", "corrected"): IS_CORRECTED,
    ("is", "replied"): "EXISTS (SELECT 1 FROM answered WHERE mention_id = m.id)",
    ("is", "edited"): "(m.state = 1 OR m.edited_at IS NOT NULL)",
    ("is", "deleted"): "m.state = 2",
    ("is", "withheld"): "m.state = 3",
    ("has", "link"): "ifnull(m.url, '') <> ''",
    ("has", "title"): "ifnull(m.title, '') <> ''",
    ("has", "author"): "m.author_id IS NOT NULL",
    ("has", "note"): "EXISTS (SELECT 1 FROM notes WHERE mention_id = m.id)",
    # The topics that were heard of in its hour are tried: full text takes ten times as long for a hundred of them.
    ("has", "topic"): "EXISTS (SELECT 1 FROM hourly_topic AS h CROSS JOIN matches AS x ON x.topic_id = h.topic_id"  # noqa: S608
    " AND x.mention_id = m.id JOIN topics AS t ON t.id = h.topic_id AND t.active"
    f" WHERE h.hour = (m.id >> {SEQUENCE_BITS}) / 3600)",
    ("has", "tag"): "EXISTS (SELECT 1 FROM tags WHERE mention_id = m.id)",
    ("status", "new"): f"(m.state < {GONE} AND NOT {_HANDLED} AND NOT {_ASIDE})",
    # What its author took away, own words and noise wait for nobody.
    ("status", "skipped"): f"((m.state >= {GONE} OR {_ASIDE}) AND NOT {_HANDLED}"
    f" OR {_TRIAGED.format(STATUSES.index('skipped'))})",
}


@dataclass(frozen=True, slots=True)
class Check:
    """What SQL cannot say, as a predicate that an SQL function asks."""

    predicate: match.Predicate
    whole: bool
    """Whether it needs the whole mention."""


class Builder:
    """Builds the conditions of one query and gathers its checks."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.checks: list[Check] = []

    def condition(self, parts: Sequence[Leaf]) -> Condition:
        """All parts hold; the cheap ones are asked first, and the others only where they hold."""
        sql, values = self._joined("AND", parts)
        # As a plain value SQLite would work out both sides of every AND and OR.
        return f"CASE WHEN {sql} THEN 1 ELSE 0 END", values

    def _joined(self, operator: str, parts: Sequence[Leaf]) -> Condition:
        built = [self._one(part) for part in sorted(parts, key=_price)]
        values = tuple(value for _, some in built for value in some)
        return _chain(operator, [sql for sql, _ in built]), values

    def _one(self, node: Leaf) -> Condition:
        if about_content(node):
            return self._holds(node)
        if _height(node) > HEIGHT:
            return f"{HOLDS_WHOLE}(?, m.id)", (self._check(node, whole=True),)
        match node:
            case tree.And(items):
                return self._joined("AND", items)
            case tree.Or(items):
                return self._joined("OR", items)
            case tree.Not(item):
                sql, values = self._one(item)
                return f"(NOT {sql})", values
            case tree.Facet("site"):
                return self._holds(node)
            case tree.Facet("author", values) if len(values) > WIDTH:
                return f"{HOLDS_WHOLE}(?, m.id)", (self._check(node, whole=True),)
        return _leaf(node, self.now)

    def _holds(self, node: Leaf) -> Condition:
        sql, values = f"{HOLDS}(?, m.id, m.title, m.text, m.url)", (self._check(node),)
        first = _hint(node)
        return (f"({first[0]} AND {sql})", (*first[1], *values)) if first else (sql, values)

    def _check(self, node: Leaf, whole: bool = False) -> int:
        self.checks.append(Check(match.compile(named(node), self.now), whole))
        return len(self.checks) - 1


def _chain(operator: str, parts: Sequence[str]) -> str:
    if len(parts) <= WIDTH:
        return parts[0] if len(parts) == 1 else f"({f' {operator} '.join(parts)})"
    return _chain(operator, [_chain(operator, parts[at : at + WIDTH]) for at in range(0, len(parts), WIDTH)])


def _height(node: Leaf) -> int:
    match node:
        case tree.And(items) | tree.Or(items):
            return 1 + max(0 if about_content(item) else _height(item) for item in items)
    return 0


def _price(node: Leaf) -> int:
    """In what order to ask: columns of the row, then other tables, then the text."""
    match node:
        case tree.And(items) | tree.Or(items):
            return max(map(_price, items))
        case tree.Not(item):
            return _price(item)
        case tree.Facet("has", ("topic",)):
            return 1
        case (
            Held()
            | Aimed()
            | tree.Facet(("author" | "status" | "tag" | "assignee" | "segment"), _)
            | tree.Number("followers")
        ):
            return 1
    return 2 if about_content(node) else 0


def _hint(node: Leaf) -> Condition | None:
    """What must be so for a check to hold, where SQL can see that ten times as fast."""
    match node:
        case tree.Exact(text):
            parts = text.split()
            both = "(instr(m.text, ?) OR instr(ifnull(m.title, ''), ?))"
            return _chain("AND", [both] * len(parts)), tuple(part for part in parts for _ in range(2))
        case tree.Facet("is", ("question",)):
            both = "(instr(m.text, ?) OR instr(ifnull(m.title, ''), ?))"
            return f"({' OR '.join([both] * len(QUESTION_MARKS))})", tuple(
                m for mark in QUESTION_MARKS for m in (mark, mark)
            )
        case tree.Facet("site", sites) if len(sites) <= WIDTH:
            return _contains(sites)
    return None


# --- leaves ----------------------------------------------------------------------------------------------------------


def _leaf(node: Leaf, now: float) -> Condition:
    match node:
        case Held(what, ids):
            return _HELD[what], (json.dumps(ids),)
        case tree.Facet():
            return _facet(node)
        case tree.Weekly():
            return falls(node, "m.id"), ()
        case tree.Number():
            return _number(node)
        case tree.Tone(values):
            return f"({' OR '.join(_TONES[value] for value in values)})", ()
        case Aimed(topics, tree.Toward(_, item)):
            holds, bound = aimed(item)
            return (
                "EXISTS (SELECT 1 FROM matches AS x WHERE x.mention_id = m.id AND x.topic_id IN "  # noqa: S608
                f"(SELECT value FROM json_each(?)) AND {holds})",
                (json.dumps(topics), *bound),
            )
        case tree.Time(name):
            return _time(node, "m.seen_at" if name == "seen" else f"(m.id >> {SEQUENCE_BITS}) + {EPOCH}", now)
    raise AssertionError(f"no SQL for {node}")


def _facet(node: tree.Facet) -> Condition:
    match node:
        case tree.Facet("author", values):
            sql, some = authors(values)
            return f"EXISTS (SELECT 1 FROM authors WHERE id = m.author_id AND {_chain('OR', sql)})", some  # noqa: S608
        case tree.Facet("lang", values):
            return f"ifnull(m.lang IN ({_marks(values)}), 0)", values
        case tree.Facet("country", values):
            return f"ifnull(m.country IN ({_marks(values)}), 0)", values
        case tree.Facet("kind", values):
            return f"m.kind IN ({_marks(values)})", tuple(map(kind_no, values))
        case tree.Facet("url", values):
            return _contains(values)
        case tree.Facet("link", values):
            begun = [one for part in values for one in link_beginnings(part)]
            either = "(instr(lower(m.text), ?) OR instr(lower(ifnull(m.title, '')), ?))"
            return _chain("OR", [either] * len(begun)), tuple(one for one in begun for _ in range(2))
        case tree.Facet("status", (status,)) if status not in ("new", "skipped"):
            return _TRIAGED.format("?"), (STATUSES.index(status),)
        case tree.Facet("tag", (key,)):
            return "EXISTS (SELECT 1 FROM tags WHERE key = ? AND mention_id = m.id)", (key,)
        case tree.Facet("story", (number,)):
            return "m.story_id IS ?", (int(number),)
        case tree.Facet("id", (number,)):
            return "m.id = ?", (int(number),)
        case tree.Facet("intent", values):
            held = "instr(' ' || ifnull(m.intents, '') || ' ', ' ' || ? || ' ') > 0"
            return _chain("OR", [held] * len(values)), values
        case tree.Facet("segment", values):
            wanted = "k.segment_key IN (SELECT value FROM json_each(?))"
            return f"EXISTS (SELECT 1 {OF_MENTION} WHERE {wanted})", (json.dumps(values),)
        case tree.Facet("assignee", (person,)):
            return "EXISTS (SELECT 1 FROM triage WHERE mention_id = m.id AND assignee = ?)", (person,)
        case tree.Facet(name, (value,)):
            return _FLAGS[name, value], ()
    raise AssertionError(f"no SQL for {node}")


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _contains(parts: Sequence[str]) -> Condition:
    """The link holds one of them, in small ASCII letters."""
    return _chain("OR", ["instr(lower(ifnull(m.url, '')), ?) > 0"] * len(parts)), tuple(parts)


def aimed(item: tree.Number | tree.Tone) -> Condition:
    """That the sentiment of a match `x` of a mention `m` is so."""
    if isinstance(item, tree.Number):
        return _number(item, _TOWARD)
    return f"({' OR '.join(_TONES_TOWARD[value] for value in item.values)})", ()


def computed(item: tree.Number | tree.Tone, match: str) -> Condition:
    """The same of what was computed, whatever people say, by a match's own columns."""
    if isinstance(item, tree.Number):
        return _number(item, f"{match}.score")
    tones = {name: sql.replace("@", match) for name, sql in _COMPUTED.items()}
    return f"({' OR '.join(tones[value] for value in item.values)})", ()


def _number(node: tree.Number, column: str = "") -> Condition:
    column, found = column or _NUMBERS[node.name], []
    values: list[Value] = []
    for bound, sign, included in ((node.low, ">", node.low_included), (node.high, "<", node.high_included)):
        if bound is not None:
            found.append(f"{column} {sign}{'=' * included} ?")
            values.append(bound)
    return f"ifnull({' AND '.join(found)}, 0)" if found else f"{column} IS NOT NULL", tuple(values)


def _time(node: tree.Time, column: str, now: float) -> Condition:
    found = []
    values: list[Value] = []
    for moment, sign in ((node.low, ">="), (node.high, "<")):
        if moment:
            found.append(f"{column} {sign} ?")
            values.append(moment.resolve(now))
    return f"({' AND '.join(found)})" if found else "1", tuple(values)


def falls(node: tree.Weekly, column: str, low: int = 0, high: int = 1 << 62) -> str:
    """That a mention with this id, low <= id < high, came on one of these days, in one of these hours.

    All numbers in it are ours.
    """
    shifts = weekly.shifts(node.zone).within(id_time(low), id_time(high))
    clock = f"({column} >> {SEQUENCE_BITS}) + {EPOCH} + {_shifted(column, shifts.starts, shifts.seconds)}"
    # 1970-01-01, from which on seconds are counted, was a Thursday.
    place = f"(({clock}) / 86400 + 3) % 7" if node.name == "weekday" else f"({clock}) / 3600 % 24"
    return f"({sum(1 << at for at in node.values)} >> ({place}) & 1)"


def _shifted(column: str, starts: Sequence[int], seconds: Sequence[int]) -> str:
    """Seconds by which a clock is ahead when a mention with this id was made, found in few comparisons."""
    if not starts:
        return f"({seconds[0]})"
    at = len(starts) // 2
    before, after = (
        _shifted(column, starts[:at], seconds[: at + 1]),
        _shifted(column, starts[at + 1 :], seconds[at + 1 :]),
    )
    return f"CASE WHEN {column} < {first_id(starts[at])} THEN {before} ELSE {after} END"


def authors(values: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """Conditions on a row of authors, one for each way in which it can have one of these names; each uses one index.

    The meaning is that of `author` in `listen.query.match`.
    """
    found: list[str] = []
    bound: list[str] = []
    for value in map(called, values):
        if value.endswith("*"):
            for column in ("handle_key", "name_key"):
                found.append(f"({column} >= ? AND {column} < ?)")
                bound += (value[:-1], after_all(value[:-1]))
        else:
            found += ["handle_key = ?", "(handle_key >= ? AND handle_key < ?)", "name_key = ?"]
            bound += (value, f"{value}@", f"{value}A", value)
    return found, tuple(bound)


def after_all(start: str) -> str:
    """The first string after all that begin so, in the order of code points."""
    last = ord(start[-1])
    if last == 0x10FFFF:
        return after_all(start[:-1]) if len(start) > 1 else start * 1_000
    return start[:-1] + chr(0xE000 if last == 0xD7FF else last + 1)
