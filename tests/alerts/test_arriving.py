"""A mention that was just stored and the same read from the store are found by the same queries."""

from __future__ import annotations

from listen.alerts.arriving import arrived
from listen.alerts.index import Index
from listen.model import Author
from listen.query import parse
from listen.store.triage import Triage
from tests.store.posts import NOW, Desk, make_post

QUERIES = (
    "", "topic:acme", "topic:acme sentiment:neg", "topic:(acme rival) lang:fr", "toward:acme:neg", "toward:rival:<0",
    "-topic:acme", "topic:acme OR battery", "battery", '"battery died"', "bat*", "#acme", "{Battery}", "lang:fr",
    "kind:review", "site:x.test", "author:joe", "source:a", "country:fr", "likes:>3", "rating:1",
    "is:question", "has:link", "has:topic", "is:repost", "since:1h", "seen:1h", "intent:complaint", "tag:vip",
    "assignee:ana", "status:new", "has:title", "title:recall", "story:1", "sentiment:-1..-0.5", "is:own",
)  # fmt: skip


def test_what_is_at_hand_is_found_as_what_is_read(desk: Desk, clock: object) -> None:
    acme, rival = desk.topics["acme"], desk.topics["rival"]
    posts = [
        make_post("1", "The Battery died, the battery died? #acme", title="A recall", lang="fr", kind="review",
                  score=-700,
                  hits=2, rating=1, likes=9, url="https://www.x.test/1", topics={acme: -700, rival: 300},
                  hits_toward={rival: 1}, country="fr", intents="complaint question", published_at=NOW - 60),
        make_post("2", "nothing", author=Author("joe", followers=900), score=600, hits=1, published_at=NOW - 7_200),
        make_post("3", "a toy of the rival", topics={rival: -500}, score=-500, hits=1, kind="repost"),
        make_post("4", "charger", author=Author("ann"), score=None),
    ]  # fmt: skip
    names = {number: name for name, number in desk.topics.items()}
    index = Index({number: parse(text) for number, text in enumerate(QUERIES)}, float(NOW))
    assert index.asks_people
    index.asks_people = False
    desk.writer.remembers = True
    desk.add(posts)
    at_hand = arrived(desk.writer, 0, 100, names, index)
    assert not desk.writer.just_stored
    read = arrived(desk.writer, 0, 100, names, index)
    assert {one.seq: one.hits for one in at_hand.found} == {one.seq: one.hits for one in read.found}
    assert [one.fact for one in at_hand.found] == [one.fact for one in read.found]
    found = {QUERIES[number] for one in read.found for number in one.hits}
    assert set(QUERIES) - found <= {"tag:vip", "assignee:ana", "is:own", "story:1"}, "the queries find something"


def test_what_desks_did_on_arrival_is_asked_of_the_store(desk: Desk, store_path: object, clock: object) -> None:
    index = Index({0: parse("topic:acme tag:vip")}, float(NOW))
    desk.writer.remembers = True
    ids = desk.add([make_post("1", "acme", topics={desk.topics["acme"]: 0})]).new_ids
    with Triage(store_path, "ana", clock) as ana:  # type: ignore[arg-type]
        ana.tag(ids, "vip")
    names = {number: name for name, number in desk.topics.items()}
    assert [one.hits for one in arrived(desk.writer, 0, 100, names, index).found] == [{0}]
