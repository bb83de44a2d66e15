"""A situation report: what has happened, who said it, how it went round, and what was done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from listen.model import Mention
from listen.query import parse, tree
from listen.query.folding import COUNTS
from listen.report.markdown import link, plain, table
from listen.store import outbox
from listen.store.alerts import Alert, Event
from listen.store.outbox import Letter
from listen.store.read import Reader

READ = 5_000
"""Mentions that are read, the newest."""

VOICES, QUOTED, NETWORKS = 10, 8, 12


class Voice(NamedTuple):
    """Somebody who spoke, and how loud."""

    name: str
    network: str
    followers: int | None
    mentions: int
    endorsed: int


class Spread(NamedTuple):
    """When a network began to speak of it, and how much of it stands there."""

    network: str
    first: Mention
    mentions: int


class Situation(NamedTuple):
    """All that the report tells."""

    alert: Alert
    events: Sequence[Event]
    letters: Sequence[Letter]
    query: str
    since: int
    until: int
    mentions: Sequence[Mention]
    """Oldest first, READ of them at most."""
    whole: bool
    """They are all that there are."""
    stories: int
    now: float


def situation(reader: Reader, number: int, query: str, now: float) -> Situation | None:
    """What is known of an alert whose rule and instance ask `query`; None for no such alert. Raises QueryError."""
    found = reader.alert(number)
    if found is None:
        return None
    alert, events = found
    since = int(alert.evidence.get("since", alert.began_at))
    until = int(alert.resolved_at or now)
    window = f"seen:{_iso(since)}..{_iso(until + 60)}"
    asked = parse(f"({query}) {window}" if query else window)
    page = reader.page(tree.And((asked, *COUNTS)), limit=READ, budget=None, now=now)
    with reader.snapshot() as connection:
        letters = outbox.of_alert(connection, number)
    mentions = sorted(reader.mentions(page.ids), key=lambda one: one.id)
    stories = len({one.story if one.story is not None else -one.id for one in mentions})
    whole = page.complete and len(page.ids) < READ
    return Situation(alert, events, letters, query, since, until, mentions, whole, stories, now)


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def voices(mentions: Sequence[Mention]) -> list[Voice]:
    """Who spoke most, and was endorsed most."""
    said: dict[tuple[str, str], list[Mention]] = {}
    for one in mentions:
        if one.author is not None:
            said.setdefault((one.network, one.author.handle), []).append(one)
    found = []
    for (network, handle), some in said.items():
        followers = max((one.author.followers or 0 for one in some if one.author is not None), default=0)
        found.append(Voice(handle, network, followers or None, len(some), sum(map(endorsed, some))))
    return sorted(found, key=lambda one: (-one.mentions - one.endorsed, one.name))[:VOICES]


def endorsed(one: Mention) -> int:
    """Likes, reposts and replies as far as they are known."""
    return sum(n or 0 for n in (one.likes, one.reposts, one.replies))


def spread(mentions: Sequence[Mention]) -> list[Spread]:
    """The networks in the order in which they took it up; of feeds each site is one."""
    first: dict[str, Mention] = {}
    counted: Counter[str] = Counter()
    for one in mentions:
        place = _place(one) if one.network == "feed" else one.network
        first.setdefault(place, one)
        counted[place] += 1
    return [Spread(place, one, counted[place]) for place, one in first.items()][:NETWORKS]


# --- as Markdown -----------------------------------------------------------------------------------------------------


def markdown(found: Situation) -> str:
    """The report. Times are UTC."""
    return "\n".join(_lines(found)).rstrip() + "\n"


def _lines(found: Situation) -> Iterator[str]:
    alert = found.alert
    yield f"# {plain(alert.rule)}{f': {plain(alert.instance)}' if alert.instance else ''}"
    yield ""
    yield f"{_standing(found)}."
    yield ""
    yield f"- **Why**: {plain(str(alert.evidence.get('text', '')))}"
    if alert.evidence.get("words"):
        yield f"- **New words**: {', '.join(plain(str(word)) for word in alert.evidence['words'])}"
    more = "" if found.whole else " (the newest; there are more)"
    yield f"- **Mentions**: {len(found.mentions):,}{more}, {found.stories:,} stories"
    yield f"- **Tone**: {_tones(found.mentions)}"
    asked = found.query.replace("`", "") or "everything"
    yield f"- **Query**: `{asked}`, seen {_time(found.since)} to {_time(found.until)} UTC"
    yield f"- **State of** {_time(found.now)} UTC"
    if found.mentions:
        yield from _story(found)
    yield from _done(found)


def _standing(found: Situation) -> str:
    alert = found.alert
    if alert.fired_at is None:
        return f"Pending since {_time(alert.began_at)} UTC"
    end = f"was over at {_time(alert.resolved_at)} UTC" if alert.resolved_at is not None else "still fires"
    return (
        f"Fired at {_time(alert.fired_at)} UTC and {end} ({_span((alert.resolved_at or found.now) - alert.fired_at)})"
    )


def _story(found: Situation) -> Iterator[str]:
    first = found.mentions[0]
    yield from ("", "## How it began", "", f"{_quote(first)}", "", "## How it went round", "")
    rows = [
        (_time(one.first.time), plain(one.network, 40), f"{one.mentions:,}", _who(one.first))
        for one in spread(found.mentions)
    ]
    yield from table(("first, UTC", "where", "mentions", "by"), rows)
    yield from ("", "## Who speaks", "")
    told = [_voice(one) for one in voices(found.mentions)]
    yield from table(("who", "network", "followers", "mentions", "endorsed"), told)
    yield from ("", "## What is said", "")
    loudest: dict[int, Mention] = {}
    for one in sorted(found.mentions, key=endorsed, reverse=True):
        loudest.setdefault(one.story if one.story is not None else -one.id, one)
    yield from (_quote(one) for one in list(loudest.values())[:QUOTED])


def _voice(one: Voice) -> tuple[str, ...]:
    followers = f"{one.followers:,}" if one.followers else "?"
    return plain(one.name, 40), plain(one.network, 20), followers, f"{one.mentions:,}", f"{one.endorsed:,}"


def _quote(one: Mention) -> str:
    said = plain(_whole(one), 280)
    copies = f", {one.copies} copies" if one.copies > 1 else ""
    loud = f", endorsed {endorsed(one):,}" if endorsed(one) else ""
    return f"- {link(_time(one.time), one.url)} {_who(one)} ({plain(one.network, 20)}{loud}{copies}): {said}"


def _done(found: Situation) -> Iterator[str]:
    yield from ("", "## What was done", "")
    for event in found.events:
        by = f" by {plain(event.by, 40)}" if event.by else ""
        yield f"- {_time(event.at)} {plain(event.what)}{by}{f': {plain(event.detail, 200)}' if event.detail else ''}"
    for letter in found.letters:
        why = f", {plain(letter.error, 120)}" if letter.error else ""
        at, target = _time(letter.sent_at or letter.made_at), plain(letter.target, 40)
        yield f"- {at} {letter.kind} to {target}: {letter.state}{why}"
    statuses = Counter(one.status for one in found.mentions)
    cared = Counter(one.assignee for one in found.mentions if one.assignee)
    replied = sum(one.replied for one in found.mentions)
    told = ", ".join(f"{n:,} {status}" for status, n in statuses.most_common()) or "none"
    yield f"- mentions: {told}; {replied:,} in conversations that we answered"
    if cared:
        yield f"- taken care of by {', '.join(f'{plain(who, 40)} ({n:,})' for who, n in cared.most_common(8))}"


TONES = {
    "neg": "negative", "neu": "neutral", "pos": "positive", "none": "without a known word", "unknown": "not scored",
}  # fmt: skip


def _tones(mentions: Sequence[Mention]) -> str:
    counted = Counter(one.tone for one in mentions)
    return ", ".join(f"{counted[tone]:,} {word}" for tone, word in TONES.items() if counted[tone]) or "nothing"


def _who(one: Mention) -> str:
    return plain(_name(one) or "nobody named", 40)


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")


def _span(seconds: float) -> str:
    minutes = max(0, int(seconds)) // 60
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"


# --- as a timeline ---------------------------------------------------------------------------------------------------


def timeline(found: Situation) -> list[dict[str, Any]]:
    """Everything in order of time, one record each: `at` (ISO 8601), `what`, `who`, `where` (source), `text`, `url`."""
    told = [
        (float(one.time), _moment("mention", _name(one), _place(one), _whole(one), one.url)) for one in found.mentions
    ]
    told += [(event.at, _moment(event.what, event.by, None, event.detail)) for event in found.events]
    told += [
        (letter.sent_at or letter.made_at, _moment("notice", None, letter.target, f"{letter.kind}: {letter.state}"))
        for letter in found.letters
    ]
    return [{"at": _iso(at), **record} for at, record in sorted(told, key=lambda pair: pair[0])]


def _moment(what: str, who: str | None, where: str | None, text: str, url: str | None = None) -> dict[str, Any]:
    return {"what": what, "who": who, "where": where, "text": text, "url": url}


def _place(one: Mention) -> str:
    """The source that heard it first, as the stream has it."""
    return one.sources[0] if one.sources else one.network


def _name(one: Mention) -> str | None:
    return one.author.handle if one.author is not None else None


def _whole(one: Mention) -> str:
    return f"{one.title or ''} {one.text}".strip()
