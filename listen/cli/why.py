"""`why`: the topics that a mention matches, by which part of their queries, and which words gave it its score."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from listen.cli import why_toward
from listen.cli.common import FOUND, NOTHING, QUERY_SETTINGS, Session, common, print_json, say
from listen.cli.read import meant, parse_words, query_argument
from listen.clock import from_environment

if TYPE_CHECKING:
    from listen.insight.taught import Taught
    from listen.intents.reader import Shown
    from listen.model import Mention, Tracked
    from listen.query.spans import Clause, Span, Why
    from listen.query.tree import Node
    from listen.store.noise import Verdict
    from listen.store.read import Reader

READ = 20_000
"""Characters of a text that are looked through: what a hostile one costs is bounded."""

MARKED = 40
"""Characters that are shown on both sides of a place in the text."""

PLACES = 5
"""Places of a clause that are shown."""


class _Reason(NamedTuple):
    """A query and what of it holds."""

    name: str
    """The topic's, empty for the query that was given."""
    query: str
    clauses: Sequence[Clause] | None
    """None when it does not hold."""
    stored: bool
    """It is stored as matching this topic."""
    older: bool
    """What is stored is by a query that the topic had before; its history is being matched anew."""
    matching: bool
    """Its history is being matched."""

    @property
    def note(self) -> str:
        """What is odd about it."""
        if self.stored and self.older:
            does = "does not find it" if self.clauses is None else "finds it, too"
            return f"stored as a match of an older query; the one that the topic has now {does}"
        if self.stored and self.clauses is None:
            return "stored as a match, and not found by the topic's query: it was edited since, or is an older match"
        if self.name and not self.stored:
            waits = "its history is being matched" if self.matching else "it was not matched when it came in"
            return f"found by the query that the topic has now, but not stored as a match: {waits}"
        return ""


@click.command(context_settings=QUERY_SETTINGS)
@click.argument("mention_id", type=int, metavar="ID")
@click.option("--toward", metavar="TOPIC", help="Only the score toward this topic.")
@query_argument
@common
def why(session: Session, mention_id: int, toward: str | None, words: Sequence[str]) -> int:
    """Print which topics (and QUERY) the mention ID matches, by what in its title and text, and what was scored.

    Word by word for the whole text, and toward each topic that it matches. With QUERY the exit code says whether that
    matches, with --toward whether the topic does.
    """
    node = parse_words(words) if words else None
    now = from_environment().now()
    with session.reader() as reader:
        mention = reader.mention(mention_id) if abs(mention_id) < 1 << 63 else None
        if mention is None:
            say(f"there is no mention {mention_id}; `listen search` prints the ids")
            return NOTHING
        asked = None if node is None else meant(reader, node, words)
        topics = why_toward.tracked(reader, mention, now)
        lessons = why_toward.lessons(reader, mention)
        if toward is not None:
            return _only_toward(session, mention, topics, toward, lessons)
        found = list(_reasons(reader, mention, asked, " ".join(words), now))
        verdict, marks = reader.verdict(mention_id), _noise_marks(reader, mention, now)
        wants = _wants(reader, mention)
    if session.as_json:
        toward_each = why_toward.as_records(mention, topics, lessons)
        _print_json(mention, topics, found, verdict, toward_each, wants)
    else:
        _print(mention, topics, found)
        why_toward.print_all(mention, topics, lessons)
        _print_wants(mention, wants)
        _print_noise(mention, verdict, marks)
    given = [one for one in found if not one.name]
    return FOUND if not given or given[0].clauses is not None else NOTHING


def _only_toward(
    session: Session, mention: Mention, topics: Mapping[str, Tracked], asked: str, lessons: Mapping[str, Taught]
) -> int:
    from listen.text import fold, one_line

    name = next((name for name in topics if fold(name) == fold(asked)), None)
    if name is None:
        matched = ", ".join(map(one_line, topics)) or "none"
        say(f"mention {mention.id} matches no topic {one_line(asked)}; its topics: {matched}")
        return NOTHING
    if session.as_json:
        print_json(why_toward.as_records(mention, topics, lessons, name)[0])
    else:
        why_toward.print_all(mention, topics, lessons, name)
    return FOUND


def _reasons(reader: Reader, mention: Mention, asked: Node | None, text: str, now: float) -> Iterator[_Reason]:
    """Of each topic that has something to do with it, then of the query."""
    from dataclasses import replace

    from listen.query.match import Subject
    from listen.query.spans import Why

    told = Why(Subject.of(replace(mention, text=mention.text[:READ])), now)
    changing = reader.changing()
    for topic in reader.topics(now=now):
        stored, matching = topic.name in mention.topics, topic.name in changing
        written = changing.get(topic.name, topic.query)
        clauses = _clauses(told, written)
        if stored or clauses is not None:
            yield _Reason(topic.name, written, clauses, stored, written != topic.query, matching)
    if asked is not None:
        yield _Reason("", text, told.clauses(asked), stored=False, older=False, matching=False)


def _noise_marks(reader: Reader, mention: Mention, now: float) -> dict[str, Sequence[Clause]]:
    """Pattern of noise -> what of it holds, of those that it shows."""
    from dataclasses import replace

    from listen.query.match import Subject
    from listen.query.spans import Why

    told = Why(Subject.of(replace(mention, text=mention.text[:READ])), now)
    queries, shown = reader.noise_patterns(), reader.verdict(mention.id).reasons
    return {name: _clauses(told, queries[name]) or () for name, _ in shown if queries.get(name)}


def _wants(reader: Reader, mention: Mention) -> Sequence[Shown]:
    """What its author wants, as stored, and by which words of it."""
    from listen.intents.reader import Shown, stored
    from listen.intents.reader import reader as reading

    if not mention.intents:
        return ()
    found = {one.name: one for one in reading(json.dumps(reader.own_intents())).shown(stored(mention))}
    return [found.get(name) or Shown(name, (), ()) for name in mention.intents]


def _clauses(told: Why, text: str) -> list[Clause] | None:
    from listen.query import QueryError, parse

    try:
        return told.clauses(parse(text))
    except QueryError:  # of an older listen
        return None


def _part(reason: _Reason, clause: Clause) -> str:
    return reason.query[slice(*clause.node.span)]


# --- JSON ------------------------------------------------------------------------------------------------------------


def _print_json(
    mention: Mention,
    topics: Mapping[str, Tracked],
    found: Sequence[_Reason],
    verdict: Verdict,
    toward: Sequence[dict[str, Any]],
    wants: Sequence[Shown],
) -> None:
    told = [
        {
            "topic": one.name or None,
            "query": one.query,
            "matches": one.clauses is not None,
            "stored": one.stored if one.name else None,
            "older_query": one.stored and one.older,
            "clauses": [
                {"clause": _part(one, clause), "title": clause.title, "text": clause.text}
                for clause in one.clauses or ()
            ],
        }
        for one in found
    ]
    noise = {
        "noise": verdict.noise,
        "reasons": [{"pattern": name, "reason": reason} for name, reason in verdict.reasons],
        "said": verdict.said,
        "by": verdict.by,
    }
    intents = [{"intent": one.name, "title": one.title, "text": one.text} for one in wants]
    record = {
        "id": mention.id,
        "matches": told,
        "sentiment": _scored(mention, topics),
        "toward": toward,
        "intents": intents,
    }
    print_json({**record, "noise": noise})


def _scored(mention: Mention, topics: Mapping[str, Tracked]) -> dict[str, Any]:
    """The score and its words: places in the text that was scored, which is the title and the text as one."""
    from listen.cli.records import corrected
    from listen.sentiment.stored import explained

    record: dict[str, Any] = {
        "score": None if mention.score is None else mention.score / 1000, "unscored": mention.unscored, "words": None,
        "correction": corrected(mention),
    }  # fmt: skip
    if (told := explained(mention, topics)) is not None:
        explanation, spoken, begin = told
        record["words"] = [
            {
                "word": spoken[word.start : word.end],
                "in": "text" if word.start >= begin else "title",
                "span": [word.start - begin, word.end - begin] if word.start >= begin else [word.start, word.end],
                "share": round(word.share / 1000, 4),
                "moved": [{"how": moved.how, "by": moved.by} for moved in word.moved],
            }
            for word in explanation.words
        ]
        record["emphasis"] = round(explanation.emphasis / 1000, 4) + 0.0
    return record


# --- text ------------------------------------------------------------------------------------------------------------


def _print(mention: Mention, topics: Mapping[str, Tracked], found: Sequence[_Reason]) -> None:
    from listen.cli.records import one_row
    from listen.text import one_line

    print(one_row(mention, None if len(mention.text) < 200 else 200))
    for one in found:
        name = f"topic {one_line(one.name)}" if one.name else "the query"
        does = "matches" if one.clauses is not None else "does not match" if not one.stored else "matched"
        print(f"\n{name} {does}: {one_line(one.query, 200)}")
        if one.note:
            print(f"  {one.note}")
        for clause in one.clauses or ():
            print(f"  {one_line(_part(one, clause), 60)}")
            for field, text, spans in (
                ("title", mention.title or "", clause.title),
                ("text", mention.text, clause.text),
            ):
                _print_places(field, text, spans)
        if one.clauses == []:
            print("  by nothing that could be shown: it only excludes, or asks for everything")
    if not found:
        print("\nno topic matches it")
    print()
    _print_scored(mention, topics)


def _print_wants(mention: Mention, wants: Sequence[Shown]) -> None:
    from listen.text import one_line

    for one in wants:
        known = one.title or one.text
        print(f"\nintent {one_line(one.name)}{'' if known else ': by other patterns than those of now'}")
        _print_places("title", mention.title or "", one.title)
        _print_places("text", mention.text, one.text)


def _print_noise(mention: Mention, verdict: Verdict, marks: dict[str, Sequence[Clause]]) -> None:
    """Why it is noise, or would be if nobody had said otherwise."""
    from listen.text import one_line

    if not verdict.noise and not verdict.reasons:
        return
    said = "" if verdict.said is None else f", says {one_line(verdict.by or 'somebody')}"
    print(f"\n{'noise' if verdict.noise else 'no noise'}{said}")
    for name, reason in verdict.reasons:
        print(f"  {one_line(reason)} ({one_line(name)})")
        for clause in marks.get(name, ()):
            _print_places("title", mention.title or "", clause.title)
            _print_places("text", mention.text, clause.text)


def _print_places(field: str, text: str, spans: Sequence[Span]) -> None:
    """Each place with what stands around it."""
    from listen.cli.records import coloured
    from listen.text import one_line

    for start, end in spans[:PLACES]:
        before, after = text[max(0, start - MARKED) : start], text[end : end + MARKED]
        shown = _marked(one_line(text[start:end]))
        told = f"{_kept(before, start > MARKED, False)}{shown}{_kept(after, False, end + MARKED < len(text))}"
        print(f"    {coloured(f'{field} {start}-{end}', '2')}  {told}")
    if len(spans) > PLACES:
        print(f"    and {len(spans) - PLACES} more in the {field}")


def _marked(text: str) -> str:
    """A match stands out by its colour, and where there is none by signs around it."""
    from listen.cli.records import coloured

    shown = coloured(text, "1;33")
    return shown if shown != text else f"[{text}]"


def _kept(piece: str, cut_before: bool, cut_after: bool) -> str:
    """Beside a match: on one line, its blanks at the ends kept."""
    from listen.text import one_line

    shown = one_line(piece)
    if not shown:
        return " " if piece else ""
    before = "…" if cut_before else " " if piece[0].isspace() else ""
    after = "…" if cut_after else " " if piece[-1].isspace() else ""
    return f"{before}{shown}{after}"


def _print_scored(mention: Mention, topics: Mapping[str, Tracked]) -> None:
    from listen.cli.records import COLOURS, GLYPHS, coloured, score_cell
    from listen.sentiment import hundredths
    from listen.sentiment.stored import explained
    from listen.text import one_line

    told = explained(mention, topics)
    glyph = coloured(GLYPHS[mention.tone], COLOURS.get(mention.tone))
    if mention.score is None:
        print(f"sentiment {glyph} not scored: {one_line(mention.unscored or 'unknown why')}")
        return
    said = mention.correction
    was = f" corrected by {one_line(said.by)}, was {score_cell(said.was).strip() or 'not scored'}" if said else ""
    print(f"sentiment {glyph} {score_cell(mention.score)}{was}")
    if said and said.was is None:
        return
    if told is None:
        print("  by another version of the engine: its words are not known")
        return
    explanation, spoken, _ = told
    shares = [*(word.share for word in explanation.words), explanation.emphasis]
    *parts, emphasis = hundredths(shares, round(float(f"{(explanation.score or 0) / 1000:.2f}") * 100))
    for word, part in zip(explanation.words, parts, strict=True):
        moved = "".join(f", {one.how} by {one_line(one.by)}" for one in word.moved)
        print(f"  {part / 100:+.2f}  {one_line(spoken[word.start : word.end])}{moved}")
    if explanation.emphasis:
        print(f"  {emphasis / 100:+.2f}  exclamation and question marks")
