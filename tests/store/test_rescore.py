"""Stored scores become what the engines that run now would have given, and everything stays exact on the way."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listen import sentiment
from listen.collect.prepare import Topics, prepare
from listen.collect.wire import Place
from listen.model import Prepared
from listen.sentiment.stored import scored_again
from listen.store import rescore, schema
from listen.store.read import Reader
from listen.store.rescore import Batch, Tone
from listen.store.scored import INTENTS, NAMES, scored_by, sentence, under_way
from listen.store.triage import Triage
from listen.store.write import Writer
from sources import base
from tests.store.posts import NOW, Desk, Turned, check_everything, make_post
from tests.store.test_numbers import Life, acts, open_desk
from tests.store.test_rematch import check_tones

NO_TOPICS = Topics({})


def tone_of(text: str, factor: int) -> int:
    return (len(text) * 97 * factor) % 2001 - 1000


def toned(batch: Batch) -> list[Tone | None]:
    """An engine of these tests: the length of the text, as the engine's name says."""
    told: list[Tone | None] = []
    for one in batch.mentions:
        factor = int(batch.engines.get(one.lang or "", "0"))
        score = tone_of(one.text, factor) if factor else None
        told.append(Tone(score, None if score is None else 2, None if factor else f"language {one.lang}", False))
    return told


def step(writer: Writer) -> bool:
    """One step with that engine; False when nothing is left."""
    batch = rescore.due(writer)
    if batch is not None:
        rescore.put(writer, batch, toned(batch))
    return batch is not None


class Rescored(Life):
    """A life in which engines change, too."""

    def engines(self, names: dict[str, str]) -> None:
        rescore.sync(self.desk.writer, names)

    def step(self, steps: int) -> None:
        for _ in range(steps):
            step(self.desk.writer)


versions = st.fixed_dictionaries({"en": st.sampled_from("123")}, optional={"fr": st.sampled_from("123")})
more = st.one_of(
    acts, st.tuples(st.just("engines"), versions), st.tuples(st.just("step"), st.integers(1, 3))
)  # fmt: skip


@given(st.lists(more, min_size=1, max_size=14), st.sampled_from("456"))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_everything_is_exact_while_scores_are_renewed(life: list[tuple[str, Any]], last: str) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(rescore, "STEP", 2)
        patch.setattr(rescore, "LOOKED", 3)
        path = Path(folder) / "listen.db"
        schema.prepare(path)
        clock = Turned(NOW)
        lived = Rescored(path, open_desk(path, clock), clock)
        for name, what in life:
            lived.act(name, what)
            check_everything(lived.desk.connection)
        engines = {"en": last, "fr": last}
        lived.engines(engines)
        lived.step(1)
        lived.restart(None)
        lived.engines(engines)
        while step(lived.desk.writer):
            check_everything(lived.desk.connection)
        assert under_way(lived.desk.connection) is None
        rows = lived.desk.rows("SELECT text, score FROM mentions WHERE state < 2 AND lang IN ('en', 'fr')")
        assert all(score == tone_of(text, int(last)) for text, score in rows)
        check_tones(lived.desk.connection, engines)
        lived.desk.connection.close()


# --- as if it came in now --------------------------------------------------------------------------------------------

SAID: list[dict[str, Any]] = [
    {"text": "The acme battery is great", "lang": "en"},
    {"text": "The acme battery is great", "lang": "en", "tags": ("fail", "awful")},
    {"text": "The acme battery is great\n\n#fail #awful", "lang": "en"},
    {"text": "The acme battery died\n\n#fail", "lang": "en", "tags": ("love",)},
    {"text": "", "title": "Awful battery", "lang": "en", "tags": ("love",)},
    {"text": "", "url": "https://acme.example/1", "tags": ("love",)},
    {"text": "Awful battery: it died", "title": "Awful battery", "lang": "en"},
    {"text": "It died after a day", "title": "Worst battery ever", "lang": "en", "tags": ("love", "best phone")},
    {"text": "Le service est nul, je suis très déçu", "lang": "fr"},
    {"text": "Le service est nul, je suis très déçu", "title": "Merci", "lang": "fr-CA", "tags": ("bravo",)},
    {"text": "Das ist wunderbar", "lang": "de", "tags": ("love",)},
    {"text": "東京 battery", "lang": "ja"},
    {"text": "#love #acme", "lang": "en"},
    {"text": "ok", "lang": None},
]


def fresh(number: int, said: dict[str, Any]) -> Prepared:
    post = base.Post(**{"network": "feed", "external_id": str(number), "title": None, **said})
    return prepare(post, NO_TOPICS, Place("a", "feed"), NOW)


def rescored(desk: Desk) -> None:
    """All of it, by the engines that run."""
    rescore.sync(desk.writer, sentiment.engines())
    while batch := rescore.due(desk.writer):
        tones: list[Tone | None] = []
        for one in batch.mentions:
            told, tagged = scored_again(one.title, one.text, one.lang, one.tagged, one.score)
            tones.append(Tone(told.score, told.hits, told.unscored, tagged))
        rescore.put(desk.writer, batch, tones)


@pytest.mark.parametrize("kept", [True, False], ids=["tags are kept apart", "an older store"])
def test_a_stored_mention_gets_what_it_would_get_if_it_came_in_now(desk: Desk, kept: bool) -> None:
    posts = [fresh(number, said) for number, said in enumerate(SAID)]
    wanted = [(one.external_id, one.score, one.hits, one.unscored) for one in posts]
    assert {one.lang for one in posts} >= {"en", "fr", "de", "ja", None}
    assert sum(one.tagged for one in posts) == 7
    for number, one in enumerate(posts):
        spoken, _ = sentiment.said(one.title or "", str(SAID[number]["text"]))
        older = sentiment.explain_older(spoken, one.lang)
        one.score, one.hits, one.unscored = (older.score, 1, None) if older else (None, None, f"language {one.lang}")
        one.topics = {1: one.score}
    desk.add(posts)
    if not kept:
        desk.connection.execute("UPDATE mentions SET flags = 0")
    for post, (_, *_, why) in zip(posts, wanted, strict=True):
        if (post.lang or "")[:2] not in sentiment.engines():  # nothing to be scored by: it stays what it was
            desk.connection.execute("UPDATE mentions SET unscored = ? WHERE external_id = ?", (why, post.external_id))
    rescored(desk)
    assert desk.rows("SELECT external_id, score, hits, unscored FROM mentions ORDER BY external_id + 0") == wanted
    flags = desk.rows("SELECT flags FROM mentions ORDER BY external_id + 0")
    told = [post for post, (known,) in zip(posts, flags, strict=True) if known == 2]
    assert told == [post for post in posts if post.tagged and (kept or (post.lang or "")[:2] in sentiment.engines())]
    check_everything(desk.connection)


def test_what_people_say_stays_and_tells_what_was_computed(desk: Desk, store_path: Path, clock: Turned) -> None:
    [one] = desk.add(
        [make_post("x", "Le service est nul", lang="fr", unscored="language fr", topics={1: None})]
    ).new_ids
    with Triage(store_path, "ana", clock) as ana:
        ana.correct([one], "pos")
    rescored(desk)
    check_everything(desk.connection)
    with Reader(store_path) as reader:
        [mention] = reader.mentions([one])
    assert mention.score == 525
    assert mention.correction is not None
    assert mention.correction.was == desk.one("SELECT score FROM mentions")
    assert mention.correction.was is not None
    assert mention.correction.was < 0


def test_it_goes_on_where_it_was_and_begins_anew_for_other_engines(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescore, "STEP", 1)
    assert rescore.sync(desk.writer, {"en": "1"}) is None, "what comes in is scored by them"
    langs = ("en", "fr", "de")
    ids = desk.add([make_post(lang, "x" * 9, lang=lang, published_at=NOW - n) for n, lang in enumerate(langs)]).new_ids
    assert rescore.sync(desk.writer, {"en": "1"}) is None
    job = rescore.sync(desk.writer, {"en": "2", "fr": "2"})
    assert job is not None
    assert job.languages == ["en", "fr"]
    assert step(desk.writer)
    again = rescore.sync(desk.writer, {"en": "2", "fr": "2"})
    assert again is not None
    assert again.done_to == max(ids)
    assert 0 < again.share < 1
    assert scored_by(desk.connection) == {"en": "1"}, "until all of it is done"
    anew = rescore.sync(desk.writer, {"en": "1"})
    assert anew is not None
    assert (anew.languages, anew.done_to) == (["en", "fr"], rescore.AT_ALL)
    while step(desk.writer):
        pass
    assert scored_by(desk.connection) == {"en": "1"}
    found = dict(desk.rows("SELECT lang, ifnull(score, unscored) FROM mentions"))
    assert found == {"en": tone_of("x" * 9, 1), "fr": "language fr", "de": None}


def test_what_came_again_meanwhile_and_what_cannot_be_scored_is_left(desk: Desk) -> None:
    one, two = desk.add([make_post("x", "bad", score=5), make_post("y", "bad", score=6, topics={1: 6})]).new_ids
    rescore.sync(desk.writer, {"en": "1"})
    batch = rescore.due(desk.writer)
    assert batch is not None
    desk.writer.edit(one, make_post("x", "good", score=7))
    rescore.put(
        desk.writer,
        batch,
        [tone if due.id == one else None for due, tone in zip(batch.mentions, toned(batch), strict=True)],
    )
    assert desk.rows("SELECT score FROM mentions ORDER BY id") == [(7,), (6,)]
    assert rescore.put(desk.writer, batch, toned(batch)) is None, "a batch of a pass that is over"
    assert desk.one("SELECT score FROM mentions WHERE id = ?", two) == 6
    check_everything(desk.connection)


def test_scores_are_made_anew_when_brands_have_other_names(desk: Desk) -> None:
    rescore.sync(desk.writer, {"en": "1"})
    (one,) = desk.add([make_post("x", "Best Buy called", lang="en", score=637)]).new_ids
    assert rescore.sync_beside(desk.writer, {NAMES: ""}) is None, "no name weighs anything"
    job = rescore.sync_beside(desk.writer, {NAMES: "a"})
    assert job is not None
    assert "brands have other names" in sentence(job)
    batch = rescore.due(desk.writer)
    assert batch is not None
    rescore.put(desk.writer, batch, [Tone(0, 0, None, False)])
    assert (desk.one("SELECT score FROM mentions WHERE id = ?", one), scored_by(desk.connection)["names"]) == (0, "a")
    check_everything(desk.connection)
    assert rescore.sync_beside(desk.writer, {NAMES: ""}) is not None, "they weigh again"


def test_intents_are_read_anew_when_their_patterns_change(desk: Desk) -> None:
    rescore.sync(desk.writer, {"en": "1"})
    rescore.sync_beside(desk.writer, {INTENTS: "a"})
    told = ["complaint", "praise idea", None]
    posts = [make_post(str(at), "x", lang="de", intents=one, published_at=NOW - at) for at, one in enumerate(told)]
    first, second, third = desk.add(posts).new_ids
    assert rescore.sync_beside(desk.writer, {INTENTS: "a"}) is None
    assert rescore.sync(desk.writer, {"en": "1"}) is None, "the engines alone say nothing of patterns"
    job = rescore.sync_beside(desk.writer, {INTENTS: "b"})
    assert job is not None
    assert "intents by other patterns" in sentence(job)
    batch = rescore.due(desk.writer)
    assert batch is not None
    assert {one.id for one in batch.mentions} == {first, second, third}, "of all languages"
    anew = {first: None, second: "praise idea", third: "delivery"}
    rescore.put(desk.writer, batch, [Tone(None, None, "language de", False, anew[one.id]) for one in batch.mentions])
    assert scored_by(desk.connection) == {"en": "1", "intents": "b"}
    assert dict(desk.rows("SELECT id, intents FROM mentions")) == anew
    check_everything(desk.connection)
    assert rescore.sync(desk.writer, {"en": "2"}) is not None
    assert rescore.sync_beside(desk.writer, {INTENTS: "b"}) is not None, "the pass for the engines goes on"
