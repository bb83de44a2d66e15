"""The one query language: text -> tree -> predicate (`listen.query.match`) or SQL (`listen.store.sql`)."""

from listen.query.covers import search_terms, searches
from listen.query.errors import Hint, QueryError
from listen.query.parse import hints, parse
from listen.query.topics import check_topic

__all__ = ["Hint", "QueryError", "check_topic", "hints", "parse", "search_terms", "searches"]
