"""Small worlds for tests: mentions of every kind, made by hypothesis, written by the real writer, triaged by people.

What each mention must be when it is read is kept beside, made here and not read back.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from listen import text
from listen.clock import PlayedClock
from listen.model import KINDS, STATUSES, Author, Correction, Mention, Note, Prepared
from listen.noise import Pattern
from listen.service import Desk
from listen.store import corrections, schema, sqlite
from listen.store.triage import Triage
from listen.store.write import Writer

NOW = 1_767_225_600
"""2026-01-01 00:00 UTC, which is now in these worlds."""

CLOCK = PlayedClock(0.0, float(NOW), 0.0)

WORDS = [
    "a", "be", "bat", "batt", "battery", "Battery", "BATTERY", "battle", "test", "text", "tent",
    "tést", "died", "Orange", "orange", "ORANGE", "oranges", "Zoé", "zoe", "naïve", "naive",
    "Straße", "STRASSE", "łódź", "Lodz", "κόσμος", "ΚΟΣΜΟΣ", "Ёлка", "елка", "שָׁלוֹם", "שלום",
    "مُحَمَّد", "محمد", "東京都", "東京", "京都", "東", "京", "がガ", "か", "ภาษาไทย", "ไทย", "हिन्दी", "हिंदी",
    "தமிழ்", "👍", "🔥🔥", "👍🏽", "#acmefail", "#AcmeFail", "#été", "#foo_bar", "#東京", "@Claire",
    "@claire@mastodon.social", "foo_bar", "can't", "C++", "e-mail", "1234", "3.14", "ﬁne", "fine",
    "İstanbul", "Acme™", "acme", "ze\u200bro", "zero", "?", "why?", "...",
    "https://x.example/battery?a=1", '"', "'", "*", "NOT", "OR", "or", "NEAR", "AND", "(", "{",
    "k_0", "t_1", "s_1", "c_x", "\u0301",
]  # fmt: skip
OFTEN = ["a", "battery", "died", "Orange"]
"""Words that stand in many texts, so that phrases and distances are met."""

AUTHORS = [
    None,
    None,
    Author("claire@mastodon.social", "Claire Dupont", None, 10),
    Author("claire@other.example", None, None, None),
    Author("Claire", "Zoé", None, 0),
    Author("zoé", "Claire"),
    Author("ACME", "ACME Inc.", "https://acme.example", 5_000),
    Author("東京", "東京タワー", None, 99),
    Author("bob*", "Bob A"),
    Author("bobby", "", None, 7),
    Author("ours", "ACME Inc."),
]
NETWORKS = ["n1", "n2"]
SOURCES = [("press", "feed"), ("HN", "hackernews"), ("Été", "feed"), ("feed", "mastodon")]
TOPICS = ["acme", "Zoé", "rival", "東京"]
TAGS = ["vip", "Été", "東京"]
PEOPLE = ["ana", "zoe"]
CUSTOMERS = (
    ("claire@mastodon.social", "", "VIP"), ("claire", "n1", "Été"), ("claire", "n2", "vip"), ("zoe", "", ""),
    ("bobby", "n9", "VIP"), ("nobody", "", "VIP"),
)  # fmt: skip
"""(folded handle, network, segment) of our customers."""
ONE_PERSON = ("Claire", "東京")
"""Handles of accounts that are one person, on the first of the networks."""
VIEWS = ("Crisis", "Été", "東京")
LISTS = ("staff", "Été")
DESKS = ("Legal", "After-Sales", "東京")
LANGS = [None, None, "en", "fr", "de", "ja", "th", "zh-Hans"]
URLS = [
    None,
    "",
    "https://www.lemonde.fr/Sport/1",
    "http://lemonde.fr:8080/x",
    "https://notlemonde.fr/",
    "https://X.example/é?q=#a",
]
TIMES = [
    None,
    0,
    946_684_799,
    946_684_800,
    NOW - 86_400 * 40,
    NOW - 7200,
    NOW - 7199,
    NOW - 60,
    NOW - 60,
    NOW - 60,
    NOW,
    NOW + 999,
]
COUNTS = st.sampled_from([None, None, 0, 1, 2, 10, 1_000, 10**12])
SCORES = st.one_of(
    st.none(),
    st.sampled_from([-1000, -999, -900, -899, -300, -100, -51, -50, -49, -1, 0, 1, 49, 50, 99, 100, 999, 1000]),
)


@st.composite
def phrases(draw: st.DrawFn, most: int = 9) -> str:
    """Text of the words above, and sometimes anything at all."""
    if draw(st.integers(0, 19)) == 0:
        return text.clean(draw(st.text(max_size=20)))[0]
    words = draw(st.lists(st.sampled_from(WORDS) | st.sampled_from(OFTEN), max_size=most))
    return text.clean(draw(st.sampled_from([" ", " ", "\n", ", ", ""])).join(words))[0]


@dataclass
class Story:
    """One mention's life: how it is published, heard, edited, taken away, and what people do with it."""

    post: Prepared
    heard_by: list[int]
    """Places in SOURCES, the first one first."""
    topics: list[str]
    status: str
    starred: bool
    assignee: str | None
    fate: str
    """`kept`, `edited`, `deleted` (by its platform) or `erased` (by us)."""
    said_noise: bool | None = None
    """What a person says of its being noise."""
    answers: int = 0
    """How many mentions before it the one lies that it answers; 0 for none."""
    tags: list[str] = field(default_factory=list)
    note: str = ""
    said: str | None = None
    """What a person says that its sentiment is."""
    copies: int = 0
    """How many mentions before it the one lies whose words it says again; 0 for its own words."""


@st.composite
def stories(draw: st.DrawFn) -> Story:
    score = draw(SCORES)
    title = draw(st.one_of(st.none(), st.just(""), phrases(4)))
    post = Prepared(
        network=draw(st.sampled_from(NETWORKS)), external_id="", kind=draw(st.sampled_from(KINDS)),
        url=draw(st.sampled_from(URLS)), title=title, text=draw(phrases()), title_words="", words="", marks=[],
        author=draw(st.sampled_from(AUTHORS)), lang=draw(st.sampled_from(LANGS)),
        published_at=draw(st.sampled_from(TIMES)), score=score,
        hits=draw(st.sampled_from([None, 0, 1, 3])) if score is not None else None,
        rating=draw(st.sampled_from([None, 1, 5])), country=draw(st.sampled_from([None, "fr", "gb"])),
        likes=draw(COUNTS), replies=draw(COUNTS), reposts=draw(COUNTS), views=draw(COUNTS),
        intents=draw(st.sampled_from([None, None, "praise", "complaint idea", "complaint warranty-2"])),
        edited_at=draw(st.sampled_from([None, None, None, NOW - 100])), truncated=draw(st.booleans()),
    )  # fmt: skip
    heard_by = st.lists(st.integers(0, len(SOURCES) - 1), min_size=1, max_size=3, unique=True)
    return Story(
        post,
        draw(heard_by),
        draw(st.lists(st.sampled_from(TOPICS), max_size=3, unique=True)),
        draw(st.sampled_from(["new", "new", *STATUSES])),
        draw(st.booleans()),
        draw(st.sampled_from([None, *PEOPLE])),
        draw(st.sampled_from(["kept"] * 7 + ["edited", "deleted", "erased"])),
        draw(st.sampled_from([None, None, None, True, False])),
        draw(st.sampled_from([0, 0, 0, 0, 1, 2])),
        draw(st.lists(st.sampled_from(TAGS), max_size=2, unique=True)),
        draw(st.sampled_from(["", "", "ask\nZoé"])),
        draw(st.sampled_from([None, None, *corrections.SCORES])),
        draw(st.sampled_from([0, 0, 1, 2])),
    )


def with_tokens(post: Prepared) -> Prepared:
    """The post as the workshop would hand it over."""
    title_words, title_marks = text.tokens(post.title or "")
    words, marks = text.tokens(post.text)
    return replace(
        post,
        title_words=" ".join(title_words),
        words=" ".join(words),
        marks=list(dict.fromkeys([*title_marks, *marks])),
    )


@dataclass
class World:
    """A store and what must be in it."""

    path: Path
    mentions: list[Mention] = field(default_factory=list)
    """Newest first."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a person has given names to."""

    views: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    desks: list[Desk] = field(default_factory=list)


@cache
def _empty() -> Path:
    path = Path(tempfile.mkdtemp(prefix="listen-empty-")) / "empty.db"
    schema.prepare(path)
    return path


def build(
    folder: Path,
    told: list[Story],
    partition_size: int = 8,
    batch: int = 5,
    named: Named = Named(),
) -> World:
    """Write the stories into a new store in `folder`."""
    path = folder / "world.db"
    shutil.copy(_empty(), path)
    connection = sqlite.connect_writer(path)
    connection.execute("PRAGMA synchronous=OFF")
    writer = Writer(connection, CLOCK, partition_size)
    writer.claim()
    sources = writer.sync_sources([(name, adapter, {}) for name, adapter in SOURCES])
    channels = [writer.sync_channels(sources[name], [("main", name)])["main"].id for name, _ in SOURCES]
    topics = writer.sync_topics([(name, name, "brand") for name in TOPICS])
    writer.sync_views([(name, query, False) for name, query in named.views.items()])
    writer.sync_lists(named.lists)
    writer.sync_desks(named.desks)
    writer.sync_accounts({"we": ["@ours"]})
    rows = [(handle, network, "", segment, text.fold(segment)) for handle, network, segment in CUSTOMERS]
    connection.executemany("INSERT INTO customers VALUES (?,?,?,?,?)", rows)
    writer.sync_noise({"battle": Pattern("battle", "fights")})
    for number, story in enumerate(told):
        story.post.external_id = str(number)
        if story.answers and number >= story.answers:
            story.post.parent_id = str(number - story.answers)
            answered = told[number - story.answers]
            story.post.network = answered.post.network
            if story.fate == "erased" and answered.status == "answered":
                # A reply of ours had said so before the person did, and takes it back with it.
                answered.status = "done"
        if story.copies and number >= story.copies:
            said = told[number - story.copies].post
            story.post = replace(story.post, title=said.title, text=said.text)
        toward = {topics[name]: toward_of(story.post, name) for name in story.topics}
        story.post.topics = {topic: score for topic, (score, _) in toward.items()}
        story.post.hits_toward = {topic: hits for topic, (_, hits) in toward.items()}
    for at in range(0, len(told), batch):
        _hear(writer, channels, told[at : at + batch])
    ids = {int(external): found for found, external in connection.execute("SELECT id, external_id FROM mentions")}
    _unite(connection)
    _triage(path, told, ids)
    for number, story in enumerate(told):
        _end(writer, channels, story, ids[number])
    tales = connection.execute(
        "SELECT m.id, s.id, s.mentions FROM mentions m JOIN stories s ON s.id = m.story_id"
    ).fetchall()
    connection.close()
    heard = {(story.post.network, story.post.author.handle) for story in told if story.post.author}
    both = all((NETWORKS[0], handle) in heard for handle in ONE_PERSON)
    mentions = [
        replace(expected(story, ids[number]), segments=_segments(story.post, both))
        for number, story in enumerate(told)
        if story.fate != "erased"
    ]
    _note_answers(mentions)
    told_again = {number: (story, copies) for number, story, copies in tales}
    for one in mentions:
        one.story, one.copies = told_again.get(one.id, (None, 1))
    return World(path, sorted(mentions, key=lambda mention: -mention.id))


def _unite(connection: sqlite.Connection) -> None:
    names = "SELECT a.id FROM authors AS a JOIN networks AS n ON n.id = a.network_id WHERE n.name = ? AND handle = ?"
    found = [connection.execute(names, (NETWORKS[0], handle)).fetchone() for handle in ONE_PERSON]
    ids = [row[0] for row in found if row]
    connection.executemany(
        "INSERT INTO identities VALUES (?,?,'','',0)", [(one, ids[0]) for one in ids if len(ids) > 1]
    )


def _segments(post: Prepared, both: bool) -> tuple[str, ...]:
    """The segments of who said it; `both`: both accounts of the one person have been heard."""
    if post.author is None:
        return ()
    who = {(text.fold(post.author.handle), post.network)}
    same = {(text.fold(handle), NETWORKS[0]) for handle in ONE_PERSON}
    if both and who & same:
        who |= same
    found = {
        segment for handle, network in who for name, where, segment in CUSTOMERS
        if name == handle and where in ("", network) and segment
    }  # fmt: skip
    return tuple(sorted(found, key=lambda name: (text.fold(name), name)))


def _hear(writer: Writer, channels: list[int], told: list[Story]) -> None:
    for turn in range(3):
        for place, channel in enumerate(channels):
            posts = [with_tokens(story.post) for story in told if story.heard_by[turn : turn + 1] == [place]]
            writer.add(channel, posts, seen_at=NOW)


def _triage(path: Path, told: list[Story], ids: dict[int, int]) -> None:
    with Triage(path, "ana", CLOCK) as triage:
        for status in STATUSES:
            triage.set_status([ids[n] for n, story in enumerate(told) if story.status == status], status)
        triage.star([ids[n] for n, story in enumerate(told) if story.starred], True)
        for said in (True, False):
            triage.call_noise([ids[n] for n, story in enumerate(told) if story.said_noise is said], said)
        for person in PEOPLE:
            triage.assign([ids[n] for n, story in enumerate(told) if story.assignee == person], person)
        for tag in TAGS:
            triage.tag([ids[n] for n, story in enumerate(told) if tag in story.tags], tag)
        triage.edit([ids[n] for n, story in enumerate(told) if story.note], note="ask\nZoé")
        for said in corrections.SCORES:
            triage.correct([ids[n] for n, story in enumerate(told) if story.said == said], said, "acme")


def _end(writer: Writer, channels: list[int], story: Story, mention_id: int) -> None:
    if story.fate == "edited":
        story.post = replace(story.post, text=f"{story.post.text} battery edited"[:65_536], edited_at=NOW + 5)
        writer.add(channels[story.heard_by[0]], [with_tokens(story.post)], seen_at=NOW)
    elif story.fate == "deleted":
        writer.add(channels[story.heard_by[0]], [with_tokens(replace(story.post, state="deleted"))], seen_at=NOW)
    elif story.fate == "erased":
        writer.delete([mention_id])


def toward_of(post: Prepared, topic: str) -> tuple[int | None, int | None]:
    """(score, hits) toward a topic: of some the opposite of the whole, toward some nothing is said."""
    if post.score is None or topic == "acme":
        return post.score, post.hits
    return (0, 0) if topic == "rival" else (-post.score, post.hits)


def expected(story: Story, mention_id: int) -> Mention:
    """The mention as it must be read."""
    post = story.post
    mention = Mention(
        id=mention_id, network=post.network, external_id=post.external_id, kind=post.kind, text=post.text,
        title=post.title, url=post.url, author=post.author, lang=post.lang, published_at=post.published_at,
        seen_at=NOW, edited_at=post.edited_at, state="edited" if story.fate == "edited" else "active",
        country=post.country, rating=post.rating, likes=post.likes, replies=post.replies, reposts=post.reposts,
        views=post.views, score=post.score, hits=post.hits, truncated=post.truncated,
        sources=tuple(SOURCES[place][0] for place in _in_order(story.heard_by)),
        adapters=tuple(SOURCES[place][1] for place in _in_order(story.heard_by)),
        topics={name: toward_of(post, name)[0] for name in TOPICS if name in story.topics},
        hits_toward={
            name: hits for name in TOPICS if name in story.topics and (hits := toward_of(post, name)[1]) != post.hits
        },
        status=story.status, starred=story.starred, assignee=story.assignee, parent_id=post.parent_id,
        own=post.author is not None and post.author.handle == "ours",
        noise=_noise(story, post.title or "", post.text),
        tags=tuple(tag for tag in ["Été", "vip", "東京"] if tag in story.tags),
        note=Note(story.note, "ana", NOW) if story.note else None,
        intents=tuple(post.intents.split()) if post.intents else (),
    )  # fmt: skip
    if (mention.own or mention.noise) and mention.status == "new":
        mention.status = "skipped"
    if story.fate != "deleted":
        return _corrected(mention, story.said)
    status = "skipped" if story.status == "new" else story.status
    gone = replace(
        mention, state="deleted", title=None, text="", lang=None, country=None, score=None, hits=None,
        unscored="deleted", intents=(), truncated=False, topics={}, hits_toward={}, status=status,
        noise=_noise(story, "", ""),
    )  # fmt: skip
    return _corrected(gone, story.said)


def _corrected(mention: Mention, said: str | None) -> Mention:
    if said is None:
        return mention
    score = {"pos": 525, "neu": 0, "neg": -525}[said]
    correction = Correction("ana", NOW, mention.score, mention.hits, "acme")
    return replace(
        mention,
        score=score,
        hits=1,
        topics=dict.fromkeys(mention.topics, score),
        hits_toward={},
        correction=correction,
    )


def _noise(story: Story, title: str, body: str) -> bool:
    if story.said_noise is not None:
        return story.said_noise
    if story.post.author is not None and story.post.author.handle == "ours":
        return False
    answers = story.post.kind in ("comment", "reply")
    return "battle" in text.tokens(body)[0] or (not answers and "battle" in text.tokens(title)[0])


def _note_answers(mentions: list[Mention]) -> None:
    """Who is answered by a reply of ours: the one it answers, and who answers that one, too."""
    spoken = {one.parent_id for one in mentions if one.own and one.parent_id}
    for one in mentions:
        one.replied = not one.own and (one.external_id in spoken or one.parent_id in spoken)


def _in_order(places: list[int]) -> list[int]:
    """The first one first, the others by their channels' ids."""
    return [places[0], *sorted(places[1:])]
