"""Who talks, compared with the slowest, most obvious way of finding out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from listen import query
from listen.insight import people
from listen.insight.people import Crowd, Voice
from listen.model import Author, Mention
from listen.noise import Pattern
from listen.store import schema, sqlite
from listen.store.read import Reader
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.store.posts import NOW, Turned, fast, make_desk, make_post

DAY = 86_400
AUTHORS = (Author("ann", followers=10), Author("bob"), Author("cyd", "Cyd X", followers=0), Author("ours"), None)


class Told(NamedTuple):
    """One mention, and what somebody did with it."""

    days: float
    author: Author | None
    kind: str
    said: str
    score: int | None
    topics: frozenset[str]
    likes: int | None
    reposts: int | None
    status: str = "new"


TOLD = st.builds(
    Told,
    st.sampled_from([0, 0.1, 0.9, 1, 2, 3, 3.5, 4, 5, 6, 7, 8, 13, 14, 15, 20, 40, 400]),
    st.sampled_from(AUTHORS),
    st.sampled_from(["post", "repost", "reply", "comment", "quote", "article"]),
    st.sampled_from(["said", "https://x.example/a", " https://x.example/a\n", "look https://x.example/a", "spam", ""]),
    st.sampled_from([None, -800, -50, -49, 0, 49, 50, 900]),
    st.frozensets(st.sampled_from(["acme", "rival"])),
    st.sampled_from([None, None, 0, 3]),
    st.sampled_from([None, None, 0, 5]),
    st.sampled_from(["new", "done", "dismissed"]),
)


def build(folder: str, told: Iterable[Told]) -> Path:
    """A store in which that was said. ann and cyd are one person."""
    path = Path(folder) / "listen.db"
    schema.prepare(path)
    writer = Writer(fast(sqlite.connect_writer(path)), Turned(NOW))
    desk = make_desk(writer)
    writer.sync_accounts({"we": ["@ours"]})
    writer.sync_noise({"spam": Pattern("spam", "spam")})
    with Triage(path, "zoe", Turned(NOW)) as triage:
        fast(triage.connection)
        for number, one in enumerate(told):
            topics = {desk.topics[name]: one.score for name in one.topics}
            post = make_post(
                f"p{number}", one.said, author=one.author, kind=one.kind, score=one.score, likes=one.likes,
                hits=None if one.score is None else 1, reposts=one.reposts, topics=topics,
                published_at=int(NOW - one.days * DAY),
            )  # fmt: skip
            triage.set_status(desk.add([post]).new_ids, one.status)
    ids = dict(desk.rows("SELECT handle, id FROM authors"))
    if {"ann", "cyd"} <= ids.keys():
        rows = [(ids["ann"], ids["ann"], "", "", 0), (ids["cyd"], ids["ann"], "same face", "zoe", NOW)]
        writer.connection.executemany("INSERT INTO identities VALUES (?,?,?,?,?)", rows)
    writer.connection.close()
    return path


class Slow(NamedTuple):
    n: int
    neg: int
    pos: int
    role: str
    stance: str
    weeks: int
    endorsed: int | None


def slowly(mentions: list[Mention], topic: str | None, same: bool) -> dict[str, Slow]:
    """What each person said, mention by mention."""
    groups: dict[str, list[Mention]] = {}
    for one in mentions:
        if one.author and not (one.own or one.noise or one.status == "dismissed"):
            groups.setdefault("ann" if same and one.author.handle == "cyd" else one.author.handle, []).append(one)
    return {name: _of(said, topic) for name, said in groups.items()}


def _of(said: list[Mention], topic: str | None) -> Slow:
    scores = [one.topics.get(topic) if topic else one.score for one in said]
    weeks: dict[object, list[int]] = {}
    for one, score in zip(said, scores, strict=True):
        weeks.setdefault(datetime.fromtimestamp(one.time, UTC).isocalendar()[:2], []).extend(
            [score] if score is not None else []
        )
    means = [sum(some) / len(some) for some in weeks.values() if some]
    good, bad = sum(mean >= 50 for mean in means), sum(mean <= -50 for mean in means)
    relays = [one.kind == "repost" or (one.text.startswith("http") and len(one.text.split()) == 1) for one in said]
    comments = [
        one.kind in ("comment", "reply", "quote") and not relay for one, relay in zip(said, relays, strict=True)
    ]
    parts = {"produces": len(said) - sum(relays) - sum(comments), "comments": sum(comments), "relays": sum(relays)}
    known = [one for one in said if one.kind != "repost" and (one.likes is not None or one.reposts is not None)]
    return Slow(
        len(said), sum(score is not None and score <= -50 for score in scores),
        sum(score is not None and score >= 50 for score in scores), max(parts, key=lambda part: parts[part]),
        "evangelist" if good >= 3 and good > bad else "detractor" if bad >= 3 and bad > good else "", len(weeks),
        sum((one.likes or 0) + (one.reposts or 0) for one in known) if known else None,
    )  # fmt: skip


def told_of(voice: Voice) -> Slow:
    return Slow(voice.n, voice.neg, voice.pos, voice.role, voice.stance, voice.weeks, voice.endorsed)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.reuse, Phase.generate])
@given(
    told=st.lists(TOLD, max_size=25), asked=st.sampled_from(["", "topic:acme", "topic:acme since:14d", "said OR look"]),
    chunk=st.sampled_from([1, 3, 500]), step=st.sampled_from([1, 4, 100]),
)  # fmt: skip
def test_people_are_those_of_the_mentions_that_count(told: list[Told], asked: str, chunk: int, step: int) -> None:
    topic = "acme" if "acme" in asked else None
    with tempfile.TemporaryDirectory() as folder, Reader(build(folder, told)) as reader:
        node, crowd = query.parse(asked), Crowd()
        with patch("listen.store.voices.CHUNK", chunk):
            while not crowd.complete:
                crowd.take(reader.voices(node, topic, before=crowd.back_to, most=step, budget=None, now=NOW))
        found = people.first(reader, crowd, "mentions")
        same = {"ann", "cyd"} <= {one.author.handle for one in told if one.author}
        wanted = slowly(reader.mentions(reader.page(node, limit=99, budget=None, now=NOW).ids), topic, same)
        assert {one.who.accounts[0].handle: told_of(one.voice) for one in found} == wanted
        assert [one.voice.n for one in found] == sorted((one.n for one in wanted.values()), reverse=True)
        assert crowd.n == reader.count(node, None, None, now=NOW).n
        told_shares = crowd.shares()
        assert told_shares.people == len(wanted)
        assert told_shares.engaged == sum(one.weeks >= 3 for one in wanted.values())
