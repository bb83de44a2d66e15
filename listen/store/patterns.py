"""`te?t` in full text: FTS5 knows no such thing, so each partition's list of terms is asked which of them fit.

The list is in order, and is read by leaps from one term to the first that may fit behind it.
"""

from __future__ import annotations

import re

from listen.query import tree
from listen.store import search
from listen.store.sql import after_all
from listen.store.sqlite import Connection

BEYOND = "listen_beyond"
"""SQL function (pattern, term): the least that a term behind this one has to be to fit; NULL when none can."""

LEAPS = 600
"""Terms of one partition that are looked at: some 10 ms. Beyond, its terms are searched by the pattern's beginning."""

MOST = 200
"""Terms that one search may ask for."""

_HOLES = re.compile(r'"([^"]*\?[^"]*)"( \*)?')


def said(token: str, prefix: bool) -> str:
    """A pattern in an FTS5 expression, until `filled` knows the partition: no other string there holds a `?`."""
    return search.quoted(token) + " *" * prefix


def show(connection: Connection, query: tree.Node) -> None:
    """Make ready what the patterns of a query ask, before its transaction.

    A new table makes every statement outdated, and one that is being read then may open none of its own tables anew,
    as a subselect does for each row: "abort due to ROLLBACK".
    """
    if any(isinstance(part, tree.Pattern) for part in tree.walk(query)):
        made = _made(connection)
        for part in search.load(connection):
            if _table(part.no) not in made:
                search.show_terms(connection, _table(part.no), part.no, "instance")


def filled(connection: Connection, no: int, expression: str) -> str:
    """The expression with a partition's terms in the place of its patterns."""
    return _HOLES.sub(lambda found: _terms(connection, no, found[1], bool(found[2])), expression)


def _terms(connection: Connection, no: int, token: str, prefix: bool) -> str:
    stem = token.partition("?")[0]
    if _table(no) not in _made(connection):  # A partition that was begun since.
        return f"{search.quoted(stem)} *"
    seen = connection.execute(_LEAP.format(table=_table(no)), (stem, token, LEAPS)).fetchall()
    found = dict.fromkeys(term[: len(token)] for (term,) in seen if fits(token, term, prefix))
    if len(seen) == LEAPS or len(found) > MOST:
        return f"{search.quoted(stem)} *"
    if not found:
        return search.quoted(NOBODY)
    return f"({' OR '.join(search.quoted(term) + ' *' * prefix for term in found)})"


NOBODY = "_"
"""A token that no mention has."""

# FTS5 would read the whole list for a term that is at least NULL.
_LEAP = f"""
WITH RECURSIVE seen(term) AS (
  SELECT (SELECT term FROM temp.{{table}} WHERE term >= ?1 LIMIT 1)
  UNION ALL
  SELECT (SELECT v.term FROM temp.{{table}} AS v WHERE v.term >= {BEYOND}(?2, seen.term) LIMIT 1)
  FROM seen WHERE {BEYOND}(?2, seen.term) IS NOT NULL)
SELECT term FROM seen WHERE term IS NOT NULL LIMIT ?3"""  # noqa: S608


def _table(no: int) -> str:
    """The occurrences of a partition's terms, of which each leap reads one."""
    return f"leaps_{no}"


def _made(connection: Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM temp.sqlite_master")}


def fits(token: str, term: str, prefix: bool) -> bool:
    """Whether a term is what the pattern says."""
    return (len(term) >= len(token) if prefix else len(term) == len(token)) and _agree(token, term) == len(token)


def beyond(token: str, term: str | None) -> str | None:
    """The least string behind all terms that begin as far as they need to like this one, and that may fit itself."""
    if term is None:
        return None
    same = _agree(token, term)
    if same == len(token):
        return after_all(term[:same])
    rest = token[same:].partition("?")[0]
    if same == len(term) or term[same] < token[same]:
        return term[:same] + (rest or "\x01")
    hole = token.rfind("?", 0, same)
    return None if hole < 0 else after_all(term[: hole + 1])


def _agree(token: str, term: str) -> int:
    """How many characters of the pattern the term has from its beginning."""
    for at, (wanted, sign) in enumerate(zip(token, term, strict=False)):
        if wanted not in ("?", sign):
            return at
    return min(len(token), len(term))
