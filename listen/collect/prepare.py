"""A post as the platform told it -> a mention ready to be written: cleaned, tokenised, matched, scored. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from listen import countries, language, likeness, sentiment, text
from listen.aims import Aim, Tone, aim, toward_each
from listen.collect.wire import Place
from listen.intents.reader import Reader
from listen.model import KINDS, STATES, Author, Prepared, Tracked
from listen.namesakes import Namesakes
from listen.query.attributes import host_of
from listen.query.match import Subject, TopicIndex
from listen.query.topics import node_of
from sources import base

OLDEST = 631_152_000
"""1990-01-01: dates before it are mistakes of a clock or a parser."""

AHEAD = 86_400
"""Seconds that a date may lie in the future: wrong time zones are common, announced dates too."""

LARGEST = (1 << 53) - 1
"""The largest whole number that JSON readers agree on."""

MOST_TAGS = 30
LONGEST_TAG = 60
ID_LIMIT = 2_000
LANG_LIMIT = 35
"""Characters of the longest language tag that RFC 5646 tells software to expect."""

_NO_WORD = re.compile(r"[\W_]+")


class Refused(Exception):
    """The post cannot become a mention; the text says why, a stable word first."""


class Topics:
    """What a post can match, and toward what its sentiment is worked out."""

    def __init__(self, tracked: Mapping[int, Tracked], reader: Reader | None = None) -> None:
        """The reader tells what authors want; without one that stays unknown."""
        self.reader = reader
        self.index = TopicIndex({number: node_of(one.query) for number, one in tracked.items()}, 0.0)
        self.namesakes = Namesakes(tracked)
        self._tracked = tracked
        self._aims: dict[int, Aim] = {}

    def aims(self, matched: Iterable[int]) -> dict[int, Aim]:
        """Those of the topics that it matches."""
        for number in matched:
            if number not in self._aims:
                one = self._tracked[number]
                self._aims[number] = aim(one.name, one.query, one.role, one.taught)
        return {number: self._aims[number] for number in matched}


def prepare(post: base.Post, topics: Topics, place: Place, now: float) -> Prepared:
    """The mention that the post makes. `now` bounds its dates. Raises Refused."""
    prepared, said, spoken = _read(post, place, now)
    subject = Subject.fresh(prepared, (place.source,), (place.adapter,), spoken)
    matched = topics.index.match(subject)
    score = sentiment.score(topics.namesakes.blanked(said, matched), prepared.lang)
    prepared.score, prepared.hits, prepared.unscored = score.score, score.hits, score.unscored
    toward = toward_each(said, prepared.lang, Tone(score.score, score.hits), topics.aims(matched))
    prepared.topics = {number: tone.score for number, tone in toward.items()}
    prepared.hits_toward = {number: tone.hits for number, tone in toward.items() if tone.hits != score.hits}
    if topics.reader is not None:
        prepared.intents = " ".join(topics.reader.names(subject)) or None
    prepared.keys = likeness.keys(likeness.heard(prepared))
    return prepared


def _read(post: base.Post, place: Place, now: float) -> tuple[Prepared, str, list[str]]:
    """(the mention before anything is made of it, what it says as it is scored, its words). Raises Refused."""
    network, external_id = _identity(post)
    title, title_cut = _plain(post.title or "", post.markup, text.TITLE_LIMIT, lines=False)
    body, body_cut = _plain(post.text, post.markup, text.TEXT_LIMIT, lines=True)
    url = _link(post.url)
    gone = post.state in ("deleted", "withheld")
    if not (title or body or url or gone):
        raise Refused("empty: no title, no text and no link")

    said, _ = sentiment.said(title, body)
    lang, _ = language.detect(said, _short(post.lang, LANG_LIMIT))
    title_words, title_marks = text.tokens(title) if title else ([], [])
    spoken_body, body = body, _with_tags(body, post.tags, title_marks)
    words, marks = text.tokens(body)
    prepared = Prepared(
        network=network,
        external_id=external_id,
        kind=_kind(post, place),
        url=url,
        title=title or None,
        text=body,
        title_words=" ".join(title_words),
        words=" ".join(words),
        marks=list(dict.fromkeys(title_marks + marks)),
        author=author_of(post.author),
        lang=lang,
        published_at=_moment(post.published_at, now),
        edited_at=_moment(post.edited_at, now),
        state=_one_of(post.state, STATES, "state"),
        rating=_number(post.rating),
        likes=_number(post.likes),
        replies=_number(post.replies),
        reposts=_number(post.reposts),
        views=_number(post.views),
        parent_id=_short(post.parent_id, ID_LIMIT),
        thread_id=_short(post.thread_id, ID_LIMIT),
        alias=_short(post.alias, ID_LIMIT),
        truncated=title_cut or body_cut or post.truncated,
        tagged=body != spoken_body,
        country=_country(post, url, place),
    )
    return prepared, said, [*title_words, *words]


def _identity(post: base.Post) -> tuple[str, str]:
    """Network and id. A longer id than is kept would collide with its like, so it is refused."""
    external_id, cut = text.clean(post.external_id, ID_LIMIT, lines=False)
    if not post.network or not external_id:
        raise Refused("no-identity: the platform gave no id")
    if cut:
        raise Refused(f"no-identity: the id has more than {ID_LIMIT} characters")
    return post.network, external_id


def _plain(raw: str, markup: str, limit: int, *, lines: bool) -> tuple[str, bool]:
    return text.clean(text.from_html(raw) if markup == "html" else raw, limit, lines=lines)


def _kind(post: base.Post, place: Place) -> str:
    """What the adapter says, but what stands for itself is what the source says that it is."""
    kind = _one_of(post.kind, KINDS, "kind")
    return place.kind if place.kind and kind in ("post", "article") else kind


def _country(post: base.Post, url: str | None, place: Place) -> str | None:
    """What the platform tells, else what the source says, else the country whose domain a feed's article lies below."""
    if post.country and (told := countries.code(post.country)):
        return told
    if place.country:
        return place.country
    return countries.of_host(host_of(url)) if post.network == "feed" else None


def _link(url: str | None) -> str | None:
    return text.safe_url(text.clean(url, 4 * text.URL_LIMIT, lines=False)[0]) if url else None


def _with_tags(body: str, tags: tuple[str, ...], title_marks: list[str]) -> str:
    """The text with the platform's own tags as a last line of hashtags, except those that are there already.

    They stand in the text because all that reads a mention later (index, predicate, audit, people) reads its text.
    """
    if not tags:
        return body
    seen = {*title_marks, *text.tokens(body)[1]}
    added = []
    for tag in tags[:MOST_TAGS]:
        mark = f"#{_NO_WORD.sub('', text.clean(tag, 4 * LONGEST_TAG, lines=False)[0])}"
        folded = text.tokens(mark)[1]
        if "://" not in tag and 1 < len(mark) <= LONGEST_TAG and folded and folded[0] not in seen:
            seen.add(folded[0])
            added.append(mark)
    longer = f"{body}\n\n{' '.join(added)}".strip() if added else body
    return longer if len(longer) <= text.TEXT_LIMIT else body


def author_of(author: base.Author | None) -> Author | None:
    """The author with clean names; None for one without any."""
    if author is None:
        return None
    handle = _short(author.handle, text.AUTHOR_LIMIT) or _short(author.name, text.AUTHOR_LIMIT)
    if handle is None:
        return None
    name, uid = _short(author.name, text.AUTHOR_LIMIT), _short(author.uid, text.AUTHOR_LIMIT)
    return Author(handle, name, _link(author.url), _number(author.followers), uid)


def _short(raw: str | None, limit: int) -> str | None:
    return (text.clean(raw, limit, lines=False)[0] or None) if raw else None


def _number(value: int | None) -> int | None:
    return None if value is None else max(-LARGEST, min(value, LARGEST))


def _moment(unix: int | None, now: float) -> int | None:
    """The time when it can be true, else unknown."""
    return unix if unix is not None and OLDEST <= unix <= now + AHEAD else None


def _one_of(value: str, known: tuple[str, ...], what: str) -> str:
    if value not in known:
        raise Refused(f"bad-value: {what} {value[:40]!r} is unknown")
    return value
