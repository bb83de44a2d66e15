"""The adapter `appstore`: reviews of apps in Apple's stores, with their stars, by the store's own feed, without a key.

The feed is unofficial and moody: it answers some addresses with no reviews at all, names the app itself among them at
times, and gives one review where a list is expected when there is only one. It tells no more than the newest 500 of a
country. Somebody who edits a review moves it to the top with a new date, under the id that it had.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sources import dates, links, walk
from sources.base import Answer, Author, Channel, Cursor, Option, Page, Post, Reject, Request, Settings, SourceError
from sources.jsontext import count, decode, name, text
from sources.settings import bad, host_of, words_of

HOST = "https://itunes.apple.com"
REACH = walk.Reach(first=90 * 86_400, overlap=86_400, pages=10)
"""The store tells ten pages of 50 reviews."""
PER_PAGE = 50
EMPTY = SourceError(
    "empty",
    "the App Store tells no reviews at all, though it has told some before",
    "It does so at times, and to some addresses always; it is asked again by itself.",
)


class AppStoreAdapter:
    """One channel for each app in each country."""

    name = "appstore"
    summary = "reviews of apps in Apple's App Store, by country, with their stars"
    needs = "nothing"
    every = 10_800.0
    options: Mapping[str, Option] = {
        "apps": Option("texts", "numbers of apps, or addresses of their pages in the store", required=True),
        "countries": Option("texts", "countries of two letters, such as fr; us when absent"),
        "host": Option("text", f"address of the store, {HOST} when absent"),
    }

    def channels(self, settings: Settings, terms: Sequence[str]) -> list[Channel]:
        """Raises SourceError `settings` for what is no app, no country or no server."""
        host = host_of(settings.get("host") or HOST, "host")
        apps = [_app(one) for one in words_of(settings, "apps")]
        if not apps:
            raise bad("apps", "there is nothing to ask", 'Write the number of an app: apps = ["284882215"].')
        countries = [one.lower() for one in words_of(settings, "countries")] or ["us"]
        for country in countries:
            if not re.fullmatch("[a-z]{2}", country):
                raise bad("countries", f'"{country[:80]}" is no country of two letters', 'Write it as ["fr", "us"].')
        return [
            Channel(f"{country}:{app}", f"{app} · {country}", {"host": host, "app": app, "country": country})
            for app in apps
            for country in countries
        ]

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request:
        """The next page of this round, newest first."""
        settings = channel.settings
        place = f"{settings['host']}/{settings['country']}/rss/customerreviews"
        return Request(f"{place}/page={walk.page(cursor, now)}/id={settings['app']}/sortby=mostrecent/json")

    def parse(self, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        """The reviews of one page. Raises SourceError: `parse`, `shape`, `empty`."""
        rejects: list[Reject] = []
        result = decode(answer.body, rejects)
        feed = result.get("feed") if isinstance(result, dict) else None
        if not isinstance(feed, dict):
            raise SourceError(
                "shape", "the answer holds no feed of reviews", "Check the numbers in apps; or it changed."
            )
        entries = feed.get("entry") or []
        entries = entries if isinstance(entries, list) else [entries]
        posts = []
        for entry in entries:
            if isinstance(entry, dict) and "im:rating" not in entry and "im:name" in entry:
                continue  # the app itself
            post = _post(entry, channel.settings["app"], channel.settings["country"], now)
            if post is None:
                rejects.append(Reject("shape: a review without id, or no object at all", repr(entry)[:200]))
            else:
                posts.append(post)
        if not entries and cursor.get("some") and walk.page(cursor, now) == 1:
            raise EMPTY
        moments = [post.published_at for post in posts]
        after, more = walk.step(cursor, moments, REACH, rejects, now, further=len(entries) >= PER_PAGE)
        if posts or cursor.get("some"):
            after["some"] = True
        return Page(posts, cursor=after, more=more, rejects=rejects)


def _app(given: str) -> str:
    """The number of an app. Raises SourceError `settings`."""
    found = re.fullmatch(r"(?:https?://apps\.apple\.com/\S*/)?(?:id)?(\d{3,15})(?:[?#]\S*)?", given)
    if found is None:
        raise bad("apps", f'"{given[:80]}" is no app', "Write the number after `id` in the address of its page.")
    return found[1]


def _label(entry: Mapping[str, Any], *path: str) -> str | None:
    """What stands under `label` there."""
    value: Any = entry
    for step in (*path, "label"):
        value = value.get(step) if isinstance(value, dict) else None
    return text(value)


def _post(entry: Any, app: str, country: str, now: float) -> Post | None:
    """A review as a post; None when it has no id."""
    number = name(_label(entry, "id")) if isinstance(entry, dict) else None
    if number is None:
        return None
    link = entry.get("link")
    href = link.get("attributes", {}).get("href") if isinstance(link, dict) else None
    stars = count(_label(entry, "im:rating"))
    handle = _label(entry, "author", "name")
    return Post(
        network="appstore",
        external_id=number,
        kind="review",
        url=links.web(text(href)),
        title=_label(entry, "title"),
        text=_label(entry, "content") or "",
        author=Author(handle, url=links.web(_label(entry, "author", "uri"))) if handle else None,
        published_at=dates.plausible(dates.parse(_label(entry, "updated")), now),
        rating=stars if stars is not None and 1 <= stars <= 5 else None,
        likes=count(_label(entry, "im:voteSum")),
        country=country,
        thread_id=f"app/{app}",
    )
