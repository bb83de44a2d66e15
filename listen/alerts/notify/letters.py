"""What a notice says, for people and for machines, and the letters that carry it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from listen.alerts.cycle import Notice
from listen.alerts.notify.targets import PREFIX, Target
from listen.store import outbox
from listen.store.alerts import Alert
from listen.store.outbox import Draft
from listen.store.sqlite import Connection
from listen.text import block, one_line

LONGEST = 4_000
"""Characters of a text: what chat services take."""

TITLE = 200
SHOWN = 5
"""Alerts of a notice that are told in words; the record has all."""

QUOTED = 3
"""Mentions that are quoted for each."""

QUOTE = 280

_CALLS = re.compile(r"@(?=everyone|here|channel|all|room)|<!(?=channel|here|everyone|subteam)|<@", re.IGNORECASE)
"""What a chat service takes for a call to everybody."""

_SAID = {"firing": "fires", "repeat": "still fires", "resolved": "is over"}


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: one letter, or several in one."""

    key: str
    title: str
    text: str
    record: Mapping[str, Any]


def put(connection: Connection, notices: Iterable[Notice], targets: Mapping[str, Target], now: float) -> int:
    """Inside the transaction that changes the alerts: write the letters that tell of it; how many.

    One for each notice and each target of its route. Desks of a route see the alert in their consoles.
    """
    return outbox.put(connection, drafts(connection, notices, targets, now), now)


def drafts(connection: Connection, notices: Iterable[Notice], targets: Mapping[str, Target], now: float) -> list[Draft]:
    """The letters to be written."""
    found = []
    for notice in notices:
        body = body_of(notice, _quotes(connection, notice))
        for name in dict.fromkeys(one[len(PREFIX) :] for one in notice.route if one.startswith(PREFIX)):
            target = targets.get(name)
            if target is None:
                continue
            due = target.next_digest(now) if notice.severity == "digest" else now
            thread = f"{notice.rule} {min(one.id for one in notice.alerts)}"
            ids = tuple(one.id for one in notice.alerts)
            found.append(
                Draft(notice.key, name, thread, notice.rule, notice.kind, notice.severity, ids, body, due)
            )  # fmt: skip
    return found


def body_of(notice: Notice, quotes: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """`title` and `text` in plain words, and the alerts as records; `quotes` are mentions by their ids."""
    return {
        "title": _title(notice),
        "text": _text(notice, quotes),
        "rule": notice.rule,
        "kind": notice.kind,
        "severity": notice.severity,
        "at": notice.at,
        "alerts": [_record(one, quotes) for one in notice.alerts],
    }


def message_of(key: str, target: str, body: Mapping[str, Any]) -> Message:
    """The letter as it is sent. The key's short form stands in the text, so that a second copy is known for one."""
    return Message(key, str(body["title"]), signed(str(body["text"]), key, target), {"key": key, **body})


def digest_of(day: str, target: str, bodies: Sequence[Mapping[str, Any]]) -> Message:
    """All that waited for a digest, as one message. The key tells the day, so that sent again it is known."""
    key = f"digest-{day}"
    lines = "\n\n".join(f"{body['title']}\n{_indented(str(body['text']))}" for body in bodies)
    record = {"key": key, "kind": "digest", "letters": list(bodies)}
    title = f"listen: {len(bodies)} alert{'s' * (len(bodies) != 1)} since yesterday"
    return Message(key, title, signed(lines, key, target), record)


def signed(text: str, key: str, target: str) -> str:
    """The text within LONGEST, its key's short form after it."""
    mark = f"#{short(key, target)}"
    room = LONGEST - len(mark) - 2
    return f"{text if len(text) <= room else text[: room - 1] + '…'}\n\n{mark}"


def short(key: str, target: str) -> str:
    """Six letters that stand for a key at a target."""
    return blake2b(f"{key} {target}".encode(), digest_size=3).hexdigest()


def harmless(foreign: str) -> str:
    """Foreign words on one line that no chat service takes for a command."""
    return _CALLS.sub(lambda found: found[0] + "\u200b", one_line(foreign))


def _title(notice: Notice) -> str:
    first = notice.alerts[0]
    more = f" and {len(notice.alerts) - 1} more" if len(notice.alerts) > 1 else ""
    of = f" for {harmless(first.instance)}" if first.instance else ""
    return f"{harmless(notice.rule)} {_SAID[notice.kind]}{of}{more}"[:TITLE]


def _text(notice: Notice, quotes: Mapping[int, Mapping[str, Any]]) -> str:
    told = [_told(one, notice.kind == "resolved", quotes) for one in notice.alerts[:SHOWN]]
    if len(notice.alerts) > SHOWN:
        told.append(f"{len(notice.alerts) - SHOWN} more: listen alerts")
    return "\n\n".join(told)


def _told(one: Alert, over: bool, quotes: Mapping[int, Mapping[str, Any]]) -> str:
    head = f"{harmless(one.instance)}: " if one.instance else ""
    lines = [f"{head}{harmless(str(one.evidence.get('text', '')))}"]
    if over and one.resolved_at is not None:
        lasted = (one.resolved_at - (one.fired_at or one.began_at)) // 60
        lines.append(f"It lasted {lasted} min, until {_clock(one.resolved_at)} UTC.")
    else:
        if one.evidence.get("words"):
            lines.append(f"New words: {', '.join(harmless(str(word)) for word in one.evidence['words'])}")
        lines += [_quote(mention) for mention in _shown(one, quotes)]
    return "\n".join(lines)


def _shown(one: Alert, quotes: Mapping[int, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [quotes[number] for number in one.evidence.get("mentions", ())[:QUOTED] if number in quotes]


_MENTIONS = """
SELECT m.id, a.handle, trim(ifnull(m.title || ' ', '') || m.text), m.url, m.score FROM json_each(?) AS j
JOIN mentions AS m ON m.id = j.value LEFT JOIN authors AS a ON a.id = m.author_id"""


def _quotes(connection: Connection, notice: Notice) -> dict[int, Mapping[str, Any]]:
    """The mentions that explain a notice, by their ids."""
    ids = [number for one in notice.alerts for number in one.evidence.get("mentions", ())[:QUOTED]]
    rows = connection.execute(_MENTIONS, (json.dumps(ids),))
    return {
        row[0]: {
            "id": row[0],
            "author": row[1],
            "text": row[2][:LONGEST],
            "url": row[3],
            "score": row[4] if row[4] is None else row[4] / 1000,
        }
        for row in rows
    }


def _quote(mention: Mapping[str, Any]) -> str:
    author = f"{harmless(str(mention['author']))}: " if mention.get("author") else ""
    said = harmless(str(mention.get("text") or ""))
    url = f" {mention['url']}" if mention.get("url") else ""
    return f"– {author}{said if len(said) <= QUOTE else said[: QUOTE - 1] + '…'}{url}"


def _record(one: Alert, quotes: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "id": one.id, "rule": one.rule, "instance": one.instance, "labels": dict(one.labels), "state": one.standing,
        "severity": one.severity, "began_at": one.began_at, "fired_at": one.fired_at, "resolved_at": one.resolved_at,
        "value": one.value, "evidence": {**one.evidence, "mentions": _shown(one, quotes)},
    }  # fmt: skip


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in block(text).splitlines())


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M")
