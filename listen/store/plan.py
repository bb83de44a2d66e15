"""How a query is answered: which rows to walk in order of ids, partition by partition, and what to test on each.

A plan is an OR of branches. A branch walks one table that holds all its mentions (and maybe more) in order of ids, and
tests on the row what the table does not promise. Where a partition holds only a few candidates of another kind, such as
what is left in an inbox, those are tested instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import cast

from listen.model import SEQUENCE_BITS, STATUSES, first_id
from listen.query import tree
from listen.store.aside import NOISE, OWN
from listen.store.fts import NOTHING, Speaker, expression, together
from listen.store.normal import NEVER, Aimed, Held, Ids, Leaf, conjuncts, normal
from listen.store.search import FOREVER
from listen.store.sql import Builder, Check, Condition, Value, computed, falls

BRANCHES = 32
"""How many branches a query may have; what would give more is tested on the row instead."""

COPIES = 1_000
"""Parts of an AND that its alternatives may repeat, all together."""

FEW = 300
"""Candidates of one partition that are tested one by one rather than found by walking a longer table."""

NEW = tree.Facet("status", ("new",))

_MENTION, _ROW = re.compile(r"\bm\.id\b"), re.compile(r"\bm\.(?!id\b)")

SELDOM = 1023
"""Seconds of which the first is looked at whatever its hour."""

WAITING = "(NOT EXISTS (SELECT 1 FROM triage WHERE mention_id = {0} AND status > 0) OR ({0} >> 12) & 31 = 0) AND "
"""Told before the mention's own row is read, which takes five times as long."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A table whose rows are read in order of the mention's id."""

    table: str
    """With its alias; `{no}` stands for the partition's number."""
    column: str
    """Where the mention's id stands."""
    where: str = ""
    values: tuple[Value, ...] = ()
    test: Condition | None = None
    """What its rows must still fulfil, over a row `m` of mentions."""
    ordered: bool = True
    """Whether its rows come in order of id: else it is for few candidates only, counted over all ids."""
    waiting: bool = False
    """Whether only what nobody has dealt with is wanted: of the others few are looked at, to tell how far one is."""

    @property
    def partitioned(self) -> bool:
        """Whether it lies in one partition's table."""
        return "{no}" in self.table

    @property
    def patterned(self) -> bool:
        """Whether its full text holds a `te?t`, which only a partition's terms make an expression."""
        return self.partitioned and "?" in str(self.values[0])

    def select(self, no: int, low: int, high: int, newest_first: bool) -> tuple[str, tuple[Value, ...]]:
        """(id, whether it fulfils the branch) with low <= id < high, in order."""
        sql, values = self._from(no, self.test)
        order = "DESC" if newest_first else "ASC"
        return f"{sql} ORDER BY {self.column} {order}", (*values, low, high)

    def every(self, no: int, low: int, high: int) -> tuple[str, tuple[Value, ...]]:
        """The `id` of all with low <= id < high that fulfil the branch, of some several times."""
        if self.column == "m.id" and not self.where and self.test is None:
            # The sightings hold all ids in order and in little room.
            return "SELECT mention_id AS id FROM sightings WHERE mention_id >= ? AND mention_id < ?", (low, high)
        checked, values = self._checked(self.test)
        sql = self._from(no, self.test)[0].replace(f"{self.column}, {checked} FROM", f"{self.column} AS id FROM", 1)
        return f"{sql} AND {checked}", (*self.values, low, high, *values)

    def _checked(self, test: Condition | None) -> Condition:
        """A test, which asks this table where the mention's id is all that it asks for."""
        sql, values = test or ("1", ())
        return (sql if self._reads(test) else _MENTION.sub(self.column, sql)), values

    def _reads(self, test: Condition | None) -> bool:
        """Whether a test needs the mention's own row, which takes most of the time; full text may know a ghost."""
        return test is not None and self.column != "m.id" and (self.partitioned or bool(_ROW.search(test[0])))

    def few(self, no: int, low: int, high: int) -> tuple[str, tuple[Value, ...]]:
        """(id, 1) of the candidates with low <= id < high, FEW at most, untested."""
        if not self.ordered:
            return f"SELECT {self.column}, 1 FROM {self.table} LIMIT {FEW}", ()  # noqa: S608
        sql, values = self._from(no, None)
        return f"{sql} LIMIT {FEW}", (*values, low, high)

    def _from(self, no: int, test: Condition | None) -> tuple[str, tuple[Value, ...]]:
        checked, values = self._checked(test)
        joined = f" CROSS JOIN mentions AS m ON m.id = {self.column}" if self._reads(test) else ""
        where = f"{self.where} AND " if self.where else ""
        if test and self.waiting:
            where += WAITING.format(self.column)
        sql = (
            f"SELECT {self.column}, {checked} FROM {self.table}{joined} "  # noqa: S608
            f"WHERE {where}{self.column} >= ? AND {self.column} < ?"
        )
        return sql.replace("{no}", str(no)), (*values, *self.values)


INBOX = Walk("inbox AS d", "d.mention_id", ordered=False)
"""All that is new, whatever its topic."""

CORRECTIONS = Walk("corrections AS d", "d.mention_id")
"""All whose sentiment people corrected."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One alternative of the query, for low <= id < high."""

    walk: Walk
    shortcuts: tuple[Walk, ...] = ()
    """Tried before in each partition, and used where they have fewer than FEW candidates."""
    low: int = 0
    high: int = FOREVER


@dataclass(frozen=True, slots=True)
class Plan:
    branches: tuple[Branch, ...]
    checks: tuple[Check, ...]
    """Predicates by their number, for what SQL cannot say."""

    @property
    def partitioned(self) -> bool:
        """Whether it has to go from partition to partition."""
        return any(walk.partitioned for branch in self.branches for walk in (branch.walk, *branch.shortcuts))


def plan(query: tree.Node, ids: Ids, now: float) -> Plan:
    """How to answer the query. `ids` looks up topics, sources and authors; `now` is what `since:2h` counts from."""
    builder, speaker = Builder(now), Speaker()
    whole = normal(query, ids)
    found = [_branch(parts, speaker, builder) for parts in _alternatives(whole, speaker)]
    if _of_sentiment(whole) and any(walk.partitioned for one in found for walk in (one.walk, *one.shortcuts)):
        # Full text knows the sentiment that was computed; the few that people corrected are tested one by one.
        low, high, parts = _window(conjuncts(whole), now)
        found.append(Branch(replace(CORRECTIONS, test=builder.condition(parts)), (), low, high))
    return Plan(tuple(branch for branch in found if branch.low < branch.high), tuple(builder.checks))


def _of_sentiment(node: Leaf) -> bool:
    match node:
        case tree.And(items) | tree.Or(items):
            return any(map(_of_sentiment, items))
        case tree.Not(item):
            return _of_sentiment(item)
    return isinstance(node, tree.Tone) or (isinstance(node, tree.Number) and node.name == "sentiment")


# --- alternatives ----------------------------------------------------------------------------------------------------


def _alternatives(node: Leaf, speaker: Speaker) -> list[tuple[Leaf, ...]]:
    """The query as an OR of ANDs. What full text says exactly stays whole; at most BRANCHES alternatives."""
    if node == NEVER:
        return []
    if isinstance(node, tree.Or) and not speaker.say(node).exact:
        found = [one for item in node.items for one in _alternatives(item, speaker)]
        return found if len(found) <= BRANCHES else [(node,)]
    if isinstance(node, tree.And):
        return _product(node, speaker)
    return [conjuncts(node)]


def _product(node: tree.And, speaker: Speaker) -> list[tuple[Leaf, ...]]:
    choices: list[list[tuple[Leaf, ...]]] = []
    count, new = 1, NEW in node.items
    for item in node.items:
        split = _topics(item) if new else None
        some = split or _alternatives(item, speaker)
        if count * len(some) > max(1, min(BRANCHES, COPIES // len(node.items))):
            some = [(item,)]
        count *= len(some)
        choices.append(some)
    return [tuple(part for some in chosen for part in some) for chosen in product(*choices)]


def _topics(item: Leaf) -> list[tuple[Leaf, ...]] | None:
    """`topic:a OR topic:b` and `topic:(a b)` one by one: each has an inbox of its own."""
    parts = item.items if isinstance(item, tree.Or) else (item,)
    if not all(isinstance(part, Held) and part.what == "topic" for part in parts):
        return None
    return [(Held("topic", (topic,), part.facet),) for part in parts if isinstance(part, Held) for topic in part.ids]


# --- branches --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Way:
    """A walk before its test is known, and the parts of the AND that its rows fulfil anyway.

    Parts are told apart by their identity: there may be thousands, and comparing trees takes time.
    """

    walk: Walk
    keeps: frozenset[int] = frozenset()

    def rest(self, parts: Sequence[Leaf]) -> list[Leaf]:
        """The parts that its rows may not fulfil."""
        return [part for part in parts if id(part) not in self.keeps]


def _branch(parts: Sequence[Leaf], speaker: Speaker, builder: Builder) -> Branch:
    """The best walk for an AND, and the shortcuts beside it."""
    low, high, parts = _window(parts, builder.now)
    main, shortcuts = _ways(parts, speaker)
    hours = [part for part in parts if isinstance(part, tree.Weekly)]

    def tested(way: _Way) -> Walk:
        rest = way.rest(parts)
        walk = _at_hours(way.walk, hours, low, high) if hours else way.walk
        return replace(walk, test=builder.condition(rest), waiting=NEW in rest) if rest else walk

    return Branch(tested(main), tuple(map(tested, shortcuts)), low, high)


def _at_hours(walk: Walk, hours: Sequence[tree.Weekly], low: int, high: int) -> Walk:
    """The walk that passes over other hours by the ids alone; of these few are looked at, to tell how far one is."""
    told = " AND ".join(falls(one, walk.column, low, high) for one in hours)
    seldom = f"({walk.column} >> {SEQUENCE_BITS}) & {SELDOM} = 0"
    where = f"({told} OR {seldom})" + (f" AND {walk.where}" if walk.where else "")
    return replace(walk, where=where)


def _window(parts: Sequence[Leaf], now: float) -> tuple[int, int, list[Leaf]]:
    """(lowest id, id after the highest, the other parts): the mention's own time is its id."""
    low, high = 0, FOREVER
    others = []
    for part in parts:
        if isinstance(part, tree.Time) and part.name == "time":
            low = max(low, first_id(part.low.resolve(now))) if part.low else low
            high = min(high, first_id(part.high.resolve(now))) if part.high else high
        elif isinstance(part, tree.Facet) and part.name == "id":
            low, high = max(low, int(part.values[0])), min(high, int(part.values[0]) + 1)
        else:
            others.append(part)
    return min(low, FOREVER), high, others


def _ways(parts: Sequence[Leaf], speaker: Speaker) -> tuple[_Way, list[_Way]]:
    """(the walk, shortcuts)."""
    spoken = [part for part in parts if speaker.say(part) != NOTHING]
    new = [part for part in parts if part == NEW]
    lists = _lists(parts, new)
    shortcuts = lists + [_way(INBOX, part) for part in new]
    for way in lists:
        if not way.rest(spoken):
            return way, [other for other in shortcuts if other is not way]
    match spoken:
        case [] if any(isinstance(part, tree.Weekly) for part in parts):
            # They hold all ids in little room.
            return _Way(Walk("sightings AS d", "d.mention_id")), shortcuts
        case []:
            return _Way(Walk("mentions AS m", "m.id")), shortcuts
        case [Held("topic", (topic,)) as part]:
            where, values = _of_topic(topic, parts)
            return _way(Walk("matches AS d", "d.mention_id", where, values), part), shortcuts
    cheap = [part for part in spoken if not speaker.say(part).costly]
    if len(cheap) < len(spoken) and any(speaker.say(part).match for part in cheap):
        shortcuts.append(_search(cheap, speaker))
    return _search(spoken, speaker), shortcuts


def _of_topic(topic: int, parts: Sequence[Leaf]) -> Condition:
    """Which of a topic's matches to look at: those with the tone that is asked for, and what people corrected."""
    where, values = "d.topic_id = ?", [cast(Value, topic)]
    for part in parts:
        if isinstance(part, Aimed) and part.ids == (topic,):
            sql, some = computed(part.toward.item, "d")
            where += (
                f" AND ({sql} OR EXISTS (SELECT 1 FROM corrected AS k "  # noqa: S608
                "WHERE k.topic_id = d.topic_id AND k.mention_id = d.mention_id))"
            )
            values += some
    return where, tuple(values)


def _way(walk: Walk, *keeps: Leaf) -> _Way:
    return _Way(walk, frozenset(map(id, keeps)))


def _lists(parts: Sequence[Leaf], new: Sequence[Leaf]) -> list[_Way]:
    """Tables that people's work keeps."""
    found = []
    for part in parts:
        match part:
            case Held("topic", (topic,)) if new:
                found.append(_way(Walk("inbox AS d", "d.mention_id", "d.topic_id = ?", (topic,)), part, *new))
            case tree.Facet("status", (status,)) if status not in ("new", "skipped"):
                # The second condition is the index's own, so that SQLite sees that it may use it.
                where, values = "d.status = ? AND d.status > 0", (STATUSES.index(status),)
                found.append(_way(Walk("triage AS d INDEXED BY triage_status", "d.mention_id", where, values), part))
            case tree.Facet("is", ("replied",)):
                found.append(_way(Walk("(SELECT DISTINCT mention_id FROM answered) AS d", "d.mention_id"), part))
            case tree.Facet("is", ("noise",)):
                found.append(_way(Walk("aside AS d", "d.mention_id", f"d.why & {NOISE}"), part))
            case tree.Facet("is", ("own",)):
                found.append(_way(Walk("aside AS d", "d.mention_id", f"d.why & {OWN}"), part))
            case tree.Facet("is", ("corrected",)):
                found.append(_way(CORRECTIONS, part))
            case tree.Facet("is", ("starred",)):
                found.append(_way(Walk("triage AS d INDEXED BY triage_starred", "d.mention_id", "d.starred"), part))
            case tree.Facet("tag", (key,)):
                found.append(_way(Walk("tags AS d", "d.mention_id", "d.key = ?", (key,)), part))
            case tree.Facet("story", (number,)):
                where, table = "d.story_id = ? AND d.story_id IS NOT NULL", "mentions AS d INDEXED BY mentions_story"
                found.append(_way(Walk(table, "d.id", where, (int(number),)), part))
            case tree.Facet("assignee", (person,)):
                where, table = "d.assignee = ? AND d.assignee IS NOT NULL", "triage AS d INDEXED BY triage_assignee"
                found.append(_way(Walk(table, "d.mention_id", where, (person,)), part))
            case tree.Facet("has", ("note",)):
                found.append(_way(Walk("notes AS d", "d.mention_id"), part))
            case tree.Facet("has", ("tag",)):
                found.append(_way(Walk("(SELECT DISTINCT mention_id FROM tags) AS d", "d.mention_id"), part))
    return found


def _search(parts: Sequence[Leaf], speaker: Speaker) -> _Way:
    """Full text, asked for all that these parts say."""
    said = [speaker.say(part) for part in parts]
    keeps = [part for part, one in zip(parts, said, strict=True) if one.exact]
    asked = expression(together(said))
    return _way(Walk("search_{no} AS d", "d.rowid", "d.search_{no} MATCH ?", (asked,)), *keeps)
