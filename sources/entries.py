"""Entries as feedparser gives them -> items: RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0, podcasts, comment feeds."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from typing import Any

from sources import dates, links, prose, relays
from sources.base import Author, Post
from sources.identity import Item
from sources.jsontext import count

_HTML = {"text/html", "application/xhtml+xml"}
_COMMENT = re.compile(r"(?P<page>[^#]*?)(?:/comment-page-\d+/?)?#comment-(?P<number>\d+)")
_ANSWERS = re.compile(r"\s*(?:<p>)?[^<>]{2,40}<a href=\"[^\"<>]{1,500}?#comment-(\d+)\"")
_LANG = re.compile(r"([A-Za-z]{2,3})(?:[-_].*)?")
_EDITED = 60
"""Seconds between publication and update from which we call it an edit: systems write both, one after the other."""
_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_DAYS = (b"monday", b"tuesday", b"wednesday", b"thursday", b"friday", b"saturday", b"sunday")
_SKIP = {
    "hours": re.compile(rb"<skipHours>(.{1,2000}?)</skipHours>", re.DOTALL | re.IGNORECASE),
    "days": re.compile(rb"<skipDays>(.{1,2000}?)</skipDays>", re.DOTALL | re.IGNORECASE),
}
_SKIP_ONE = {
    "hours": re.compile(rb"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE),
    "days": re.compile(rb"<day>\s*([A-Za-z]{6,9})\s*</day>", re.IGNORECASE),
}
_HEAD = 65_536
"""Bytes of a feed in which its wishes stand."""

Entry = Mapping[str, Any]


def _get(entry: Entry, key: str) -> Any:
    """The value as stored: feedparser's own look-up maps old names to others and warns."""
    return dict.get(entry, key) if isinstance(entry, dict) else None


def _text(entry: Entry, key: str) -> str | None:
    value = _get(entry, key)
    return value if isinstance(value, str) and value.strip() else None


def item(entry: Entry, feed: Entry, version: str, url: str, now: float) -> Item:
    """One entry of a feed that answered at `url`. `version` is feedparser's, such as rss20 or atom10."""
    site = site_of(feed, url)
    title, title_html = _title(entry)
    text, text_html = _body(entry)
    title, text, as_html = prose.together(title, title_html, text, text_html)
    published, edited = _times(entry, now)
    post = Post(
        network="feed",
        external_id="",
        url=_url(entry, version, (site, url)),
        title=title,
        text=text,
        markup="html" if as_html else "plain",
        lang=_lang(entry, feed),
        published_at=published,
        edited_at=edited,
        replies=count(_text(entry, "slash_comments") or _text(entry, "thr_total")),
        tags=_tags(entry),
    )
    found = Item(post, guid=_guid(entry))
    _kind(entry, found)
    inherits = version.startswith("atom") or post.kind == "episode"
    post.author = _author(entry, site) or (
        _author(_get(entry, "source") or {}, site) or _author(feed, site) if inherits else None
    )
    relays.tidy(post, entry)
    return found


def site_of(feed: Entry, url: str) -> str | None:
    """The feed's own page, absolute."""
    return links.resolve(_text(feed, "link"), (url,)) or url


def title_of(feed: Entry) -> str | None:
    """What the feed calls itself, in plain text."""
    return prose.plain(_text(feed, "title") or "")[:200] or None


def every_of(feed: Entry) -> float | None:
    """Seconds between two checks as the publisher wishes, the longer of `ttl` and `sy:updatePeriod`; None: no wish."""
    minutes = count(_get(feed, "ttl")) or 0
    period = _PERIODS.get(str(_get(feed, "sy_updateperiod") or "").strip().lower(), 0)
    times = count(_get(feed, "sy_updatefrequency")) or 1
    return float(min(max(minutes * 60, period / times), 31_536_000)) or None


def skip_of(data: bytes) -> tuple[int, ...]:
    """Hours of the week in which the publisher wishes not to be asked, by `skipHours` and `skipDays` of RSS.

    Read in the document itself: feedparser keeps the last of several hours alone. 24 is how RSS 0.91 wrote midnight.
    """
    told = {name: _SKIP_ONE[name].findall(found[1]) for name in _SKIP if (found := _SKIP[name].search(data[:_HEAD]))}
    hours = {int(hour) % 24 for hour in told.get("hours", ()) if int(hour) <= 24}
    days = {_DAYS.index(day.lower()) for day in told.get("days", ()) if day.lower() in _DAYS}
    return tuple(hour for hour in range(168) if hour % 24 in hours or hour // 24 in days)


def _title(entry: Entry) -> tuple[str | None, bool]:
    title = _text(entry, "title")
    kind = _get(_get(entry, "title_detail") or {}, "type")
    return title, kind in _HTML


def _body(entry: Entry) -> tuple[str, bool]:
    """The longest content, else the summary, and whether it is HTML."""
    contents = [
        (value, kind)
        for content in _get(entry, "content") or ()
        if (value := _text(content, "value"))
        and ((kind := str(_get(content, "type") or "")).startswith("text/") or kind in _HTML)
    ]
    if contents:
        value, kind = max(contents, key=lambda content: len(content[0]))
    else:
        value = _text(entry, "summary") or ""
        kind = str(_get(_get(entry, "summary_detail") or {}, "type") or "text/html")
    as_html = kind in _HTML
    return (prose.unescaped(value) if as_html else value), as_html


def _url(entry: Entry, version: str, bases: tuple[str | None, ...]) -> str | None:
    """`link`, other alternates, an id that is an address where ids may be, then an enclosure."""
    link, guid = _text(entry, "link"), _text(entry, "id")
    # feedparser takes any guid for a link that does not say otherwise: `u1` is none.
    found = [link if link != guid or links.web(link) or (link or "").startswith("/") else None]
    if link is None and _get(entry, "guidislink"):
        found = [links.web(guid)]
    others = [link for link in _get(entry, "links") or () if isinstance(link, dict)]
    found += [_text(link, "href") for link in others if _get(link, "rel") == "alternate"]
    if version.startswith("atom") or version in ("rss10", "rss090"):
        found.append(links.web(guid))
    found += [_text(link, "href") for link in others if _get(link, "rel") == "enclosure"]
    return next((url for link in found if link and (url := links.resolve(link, bases))), None)


def _guid(entry: Entry) -> str | None:
    """The publisher's id. Its parsers disagree on `&amp;` in ids, so both spellings are one."""
    guid = _text(entry, "id")
    return guid.strip().replace("&amp;", "&") if guid else None


def _moment(entry: Entry, key: str) -> int | None:
    """A date field; feedparser's own reading where ours has none, of dates that begin with a word.

    Of those that begin with a digit it reads as much as looks like ISO 8601 and makes up the rest.
    """
    text = _text(entry, key)
    if text is None:
        return None
    moment = dates.parse(text)
    parsed = _get(entry, f"{key}_parsed")
    if moment is not None or parsed is None or not text.lstrip()[0].isalpha():
        return moment
    try:
        return calendar.timegm(parsed)
    except (ValueError, OverflowError):
        return None


def _times(entry: Entry, now: float) -> tuple[int | None, int | None]:
    """When it was published, and edited since."""
    published, updated, created = (
        dates.plausible(_moment(entry, key), now) for key in ("published", "updated", "created")
    )
    first = next((moment for moment in (published, created, updated) if moment is not None), None)
    edited = updated if first is not None and updated is not None and updated > first + _EDITED else None
    return first, edited


def _lang(entry: Entry, feed: Entry) -> str | None:
    contents = [*(_get(entry, "content") or ()), _get(entry, "summary_detail"), _get(entry, "title_detail")]
    hints = [_get(one, "language") for one in contents if isinstance(one, dict)]
    return next((lang for hint in (*hints, _get(feed, "language")) if (lang := language(hint))), None)


def language(hint: object) -> str | None:
    """The language of a hint such as `en-US` or `pt_BR` in two or three letters; None for what is none."""
    found = _LANG.fullmatch(hint.strip()) if isinstance(hint, str) else None
    return found[1].lower() if found else None


def _tags(entry: Entry) -> tuple[str, ...]:
    found = (_text(tag, "label") or _text(tag, "term") for tag in _get(entry, "tags") or ())
    return tuple(dict.fromkeys(prose.plain(tag)[:100] for tag in found if tag))[:50]


def _author(entry: Entry, site: str | None) -> Author | None:
    people = [
        (_text(one, "name"), _text(one, "email"), _text(one, "href")) for one in _get(entry, "authors") or () if one
    ]
    if len(people) <= 1:
        # With one author the line as written is kept beside feedparser's reading of it, which cuts long domains short.
        people = [(_text(entry, "author"), None, people[0][2] if people else None)]
    return prose.byline(people, site)


def _kind(entry: Entry, found: Item) -> None:
    """Sets kind, counts and conversation."""
    post = found.post
    answered = next(
        (value for key, value in entry.items() if key.endswith("in-reply-to") and isinstance(value, dict)), None
    )
    comment = _COMMENT.fullmatch(post.url or "")
    if answered is not None:
        post.kind = "comment"
        found.parent = _text(answered, "ref")
        found.thread = links.web(_text(answered, "href")) or (comment["page"] if comment else None)
    elif comment:
        post.kind = "comment"
        found.thread = comment["page"]
        found.parent = _parent(found, comment["number"])
    elif _get(entry, "yt_videoid"):
        post.kind = "video"
        post.views = count(_get(_get(entry, "media_statistics") or {}, "views"))
    elif _plays(entry):
        post.kind = "episode"
    else:
        post.kind = "article" if post.title else "post"


def _parent(found: Item, number: str) -> str | None:
    """Guid of the comment that a WordPress comment answers: its own, with the number that its first words link to."""
    answers = _ANSWERS.match(found.post.text)
    if not answers or not found.guid or not found.guid.endswith(f"#comment-{number}"):
        return None
    return found.guid[: -len(number)] + answers[1]


def _plays(entry: Entry) -> bool:
    """Whether it is something to hear or to watch: an enclosure of that type, or the podcast elements."""
    if "itunes_duration" in entry or "itunes_episode" in entry:
        return True
    for link in _get(entry, "links") or ():
        if isinstance(link, dict) and _get(link, "rel") == "enclosure":
            kind, href = str(_get(link, "type") or ""), str(_get(link, "href") or "").partition("?")[0].lower()
            if kind.startswith(("audio/", "video/")) or href.endswith(
                (".mp3", ".m4a", ".ogg", ".opus", ".mp4", ".m4v")
            ):
                return True
    return False
