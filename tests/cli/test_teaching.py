"""A topic's corrections become suggestions; what is accepted moves the scores toward it, and is taken back."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from listen import query
from listen.aims import Tone, aim, toward_each
from listen.clock import from_environment
from listen.model import NEGATIVE, POSITIVE, Mention, Prepared
from listen.sentiment import score
from listen.store import schema, sqlite
from listen.store.audit import problems
from listen.store.read import Reader
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.cli.conftest import Commands
from tests.store.posts import NOW, Turned, fast, make_desk, make_post

CONFIG = """
[store]
path = "desk.db"

[topics.acme]
query = "acme"
role = "brand"

[topics.rival]
query = "rival"
role = "competitor"

[topics.power]
query = "battery"
"""

TEXTS = {
    "neu": (
        "the new Acme Swift arrived", "Acme Swift for sale in town", "is the Acme Swift a 28 inch",
        "Acme opens at nine", "who sells Acme here", "the Acme shop moved",
    ),
    "neg": (
        "thanks Acme, the counter is shut", "Acme counter shut again", "Acme badge broke", "my Acme badge is awful",
    ),
    "pos": ("thanks Acme, great door", "Acme door is quick", "love the Acme door", "the Acme bell rings well"),
}  # fmt: skip
"""What people say of Acme, and what they mean by it: the lexicon takes the name of a bicycle for praise."""


def post(number: int, text: str) -> Prepared:
    told = score(text, "en")
    made = make_post(f"p{number}", text, lang="en", score=told.score, hits=told.hits, published_at=NOW - 60 * number)
    tones = toward_each(text, "en", Tone(told.score, told.hits), {1: aim("acme", "acme", "brand")})
    made.topics, made.hits_toward = {1: tones[1].score}, {1: tones[1].hits}
    return made


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a configuration with a store of 400 mentions of Acme."""
    folder = tmp_path / "desk"
    folder.mkdir()
    schema.prepare(folder / "desk.db")
    writer = Writer(fast(sqlite.connect_writer(folder / "desk.db")), Turned(NOW))
    made = make_desk(writer)
    chance = random.Random(5)
    each = [text for texts in TEXTS.values() for text in texts]
    made.add([post(number, f"{chance.choice(each)}, {number}") for number in range(400)])
    writer.release()
    made.connection.close()
    (folder / "config.toml").write_text(CONFIG)
    monkeypatch.setenv("LISTEN_CONFIG", str(folder / "config.toml"))
    return folder


def mentions(desk: Path, words: str = "topic:acme") -> list[Mention]:
    with Reader(desk / "desk.db") as reader:
        return reader.mentions(reader.page(query.parse(words), limit=2_000, budget=None, now=2e9).ids)


def meant(mention: Mention) -> str:
    return next(tone for tone, texts in TEXTS.items() if mention.text.rpartition(",")[0] in texts)


def correct(desk: Path, some: list[Mention]) -> None:
    with Triage(desk / "desk.db", "ana", from_environment()) as ana:
        for tone in TEXTS:
            ana.correct([one.id for one in some if meant(one) == tone], tone, "acme")


def sides(desk: Path) -> dict[int, int]:
    """What is stored toward Acme, where people said nothing."""
    found = {one.id: one.topics["acme"] or 0 for one in mentions(desk, "topic:acme -is:corrected")}
    return {one: (score >= POSITIVE) - (score <= NEGATIVE) for one, score in found.items()}


def right(desk: Path) -> int:
    """How many of these are what was meant."""
    found = sides(desk)
    return sum(
        found[one.id] == ("neg", "neu", "pos").index(meant(one)) - 1 for one in mentions(desk) if one.id in found
    )


def sound(desk: Path) -> None:
    assert list(problems(desk / "desk.db")) == []


def test_words_are_suggested_accepted_explained_and_taken_back(desk: Path, listen: Commands) -> None:
    correct(desk, mentions(desk)[:45])
    before = sides(desk)
    ran = listen("sentiment", "suggest", "acme", "--json")
    (found,) = ran.records
    assert (ran.code, found["labels"]) == (0, 45)
    offers = {one["word"]: one for one in found["offers"]}
    assert offers["swift"]["value"] == 0
    assert offers["swift"]["agrees"] == offers["swift"]["labels"] > offers["swift"]["agreed"]
    assert offers["counter"]["value"] < 0, "a word that no lexicon knows"
    assert "acme" not in offers
    assert found["refused"][0].startswith("where negative and positive begin: from 50 labels on, there are 45")
    assert sides(desk) == before
    assert not (desk / "console.toml").exists()
    shown = listen("sentiment", "suggest", "acme")
    assert f"swift = 0 for acme: {offers['swift']['flips']} of 400 mentions flip, agrees with " in shown.out
    assert "  listen sentiment override acme swift 0\n" in shown.out

    ran = listen("sentiment", "override", "acme", "swift", "0")
    assert ran.code == 0, ran.err
    assert "[teaching.acme.words]\nswift = 0\n" in (desk / "console.toml").read_text()
    after = sides(desk)
    flipped = [one for one in after if after[one] != before[one]]
    assert len(flipped) == offers["swift"]["flips"] > 0
    assert [one.topics["acme"] for one in mentions(desk, "is:corrected swift")] == [0] * offers["swift"]["labels"]
    sound(desk)
    assert "taught: swift = 0" in listen("why", flipped[0]).out
    assert listen("sentiment", "suggest", "acme").err.count("taught: swift = 0") == 1

    assert listen("sentiment", "override", "acme", "swift", "--remove").code == 0
    assert sides(desk) == before
    sound(desk)


def test_what_cannot_be_taught_says_why_and_changes_nothing(desk: Path, listen: Commands) -> None:
    for arguments, said in (
        (("override", "acme", "two words", "1"), "is not one word"),
        (("override", "acme", "merci", "--remove"), "nobody taught it anything"),
        (("override", "acme", "merci"), "give a value"),
        (("override", "acme", "merci", "9"), "not in the range"),
        (("override", "nobody", "merci", "0"), 'there is no topic "nobody"'),
        (("thresholds", "acme", "0.5", "0.1"), "the first below the second"),
        (("thresholds", "acme", "--remove"), "nobody has taught acme that"),
        (("model", "acme"), "a model: from 200 labels on, there are 0"),
        (("model", "acme", "models/none-1.toml"), "there is no file"),
        (("model", "acme", "../config.toml"), "in a folder beside this one"),
        (("suggest", "nobody"), "there is no topic nobody"),
    ):
        ran = listen("sentiment", *arguments)
        assert ran.code == 2, arguments
        assert said in ran.err, ran.err
    assert listen("sentiment", "suggest", "acme").code == 1
    assert not (desk / "console.toml").exists()


def test_a_model_is_learned_from_labels_and_older_versions_stay(desk: Path, listen: Commands) -> None:
    correct(desk, mentions(desk)[:220])
    (found,) = listen("sentiment", "suggest", "acme", "--json").records
    offers = {one["kind"]: one for one in found["offers"]}
    assert offers["model"]["labels"] == 220
    assert offers["model"]["macro_f1"] > 0.9 > offers["model"]["macro_f1_before"]
    before, was_right = sides(desk), right(desk)

    ran = listen("sentiment", "model", "acme")
    assert ran.code == 0, ran.err
    assert 'model = "models/acme-1.toml"' in (desk / "console.toml").read_text().replace("'", '"')
    after = sides(desk)
    assert right(desk) > 0.95 * len(after) > was_right
    assert sum(after[one] != before[one] for one in after) == offers["model"]["flips"]
    sound(desk)
    one = next(one for one in after if after[one] != before[one])
    (record,) = listen("why", one, "--json").records
    (toward,) = record["toward"]
    assert toward["by"] == "acme-1"
    assert sum(each["share"] for each in toward["words"]) + toward["rest"] == pytest.approx(toward["score"], abs=0.006)

    correct(desk, mentions(desk)[220:240])
    assert listen("sentiment", "model", "acme").code == 0
    assert sorted(file.name for file in (desk / "models").iterdir()) == ["acme-1.toml", "acme-2.toml"]
    assert listen("sentiment", "model", "acme", "models/acme-1.toml").code == 0
    later = sides(desk)
    assert later == {one: after[one] for one in later}
    assert listen("sentiment", "model", "acme", "--remove").code == 0
    assert sides(desk) == {one: before[one] for one in later}
    assert listen("sentiment", "thresholds", "acme", "-0.9", "0.9").code == 0
    assert set(sides(desk).values()) == {0}
    sound(desk)
