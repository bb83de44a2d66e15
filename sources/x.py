"""The adapter `x`: posts on X by its recent search, each of which costs money.

Whatever a question may cost is set aside of the day's budget before it is asked, and what it did not cost is given back
when the answer has been counted; when less is left than a full page costs, a smaller page is asked for. Retweets are
left out, topics go over as expressions that find little else, and nothing is read twice: a round goes back to the
newest post of the last one, and no further than the server does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec

from sources import dates
from sources.base import (
    Answer,
    Author,
    Budget,
    Channel,
    Cost,
    Cursor,
    Known,
    Option,
    Page,
    Post,
    Reject,
    Request,
    Settings,
    SourceError,
)
from sources.jsontext import count, decode, name, text
from sources.packing import packed
from sources.settings import bad, host_of, secret_of, words_of

HOST = "https://api.x.com"
LONGEST = 512
"""Characters of a question."""
PER_PAGE, FEWEST = 100, 10
"""Posts asked for at a time: the most and the fewest that the server allows."""
PAGES = 5
"""Pages of one round; what is older is left."""
FIRST = 86_400
"""Seconds that the first round goes back: each post costs."""
REACH = 6.9 * 86_400
"""Seconds that the server's search goes back, less some for clocks."""
PATIENCE = 3_600.0
"""Seconds after which the rest of a round is left."""
PRICE, PRICE_USER = 0.005, 0.010
"""US dollars for a post and for an author, as of 2026 (docs.x.com); both are settings."""
EPOCH_MS = 1_288_834_974_657
"""The moment of id 0: ids hold milliseconds since then above their lowest 22 bits."""
NO_RETWEETS = " -is:retweet"
FIELDS = (
    "author_id,conversation_id,created_at,edit_history_tweet_ids,entities,lang,note_tweet,public_metrics,"
    "referenced_tweets,withheld"
)
MONEY = "money"
_AMOUNT = re.compile(r"\$?\s*(\d{1,6}(?:\.\d{1,4})?)")


class XAdapter:
    """One channel for each question: as few as hold all expressions."""

    name = "x"
    summary = "posts on X (Twitter) by search, within a daily budget in dollars"
    needs = "an app of X's developer console with prepaid credits: about $0.005 a post"
    every = 900.0
    at_once = PER_PAGE
    longest_search = LONGEST - len(NO_RETWEETS) - 2
    options: Mapping[str, Option] = {
        "token": Option("secret", "the app's bearer token", required=True),
        "budget": Option("text", 'the most that a day may cost, in dollars, such as "2.50"', required=True),
        "search": Option("texts", "questions in X's own language; without it, those that the topics need"),
        "languages": Option("texts", "languages to ask for alone, such as fr: fewer posts, less money"),
        "users": Option("flag", "ask for names and followers of authors, which is charged as well"),
        "check_deletions": Option(
            "flag", "look for deletions among posts of the last days; each look at each post costs, searches come first"
        ),
        "price": Option("text", f'dollars that X charges for a post, "{PRICE}" when absent'),
        "price_user": Option("text", f'dollars that X charges for an author, "{PRICE_USER}" when absent'),
        "host": Option("text", f"address of the interface, {HOST} when absent"),
    }

    def channels(self, settings: Settings, terms: Sequence[str]) -> list[Channel]:
        """Channels of `search`, else the fewest that hold all terms. Raises SourceError `settings`."""
        users = settings.get("users") is True
        price, price_user = _amount(settings, "price", PRICE), _amount(settings, "price_user", PRICE_USER)
        budget, each = _amount(settings, "budget", None), price + (price_user if users else 0.0)
        common = {
            "host": host_of(settings.get("host") or HOST, "host"), "token": secret_of(settings, "token"),
            "budget": budget, "price": price, "price_user": price_user, "each": each, "users": users,
            "check": settings.get("check_deletions") is True,
        }  # fmt: skip
        if budget < FEWEST * each:
            words = f"a question brings {FEWEST} posts at least, which may cost ${FEWEST * each:.3f}"
            raise bad("budget", words, "Allow more a day, or leave the source out.")
        only = "".join(f" lang:{one.lower()}" for one in words_of(settings, "languages")).strip().replace(" ", " OR ")
        tail = (f" ({only})" if " " in only else f" {only}" if only else "") + NO_RETWEETS
        asked = words_of(settings, "search")
        if not asked:
            asked = [
                (f"({one})" if " OR " in one else one) + tail for one in packed(terms, " OR ", LONGEST - len(tail) - 2)
            ]
        if not asked:
            raise bad("search", "there is nothing to ask", 'Write search = ["acme"], or add a topic.')
        for one in asked:
            if len(one) > LONGEST:
                raise bad("search", f"a question has more than {LONGEST} characters", "Make two of it.")
        return [Channel(f"search:{one}", one.removesuffix(NO_RETWEETS), {**common, "query": one}) for one in asked]

    def budgets(self, channel: Channel) -> tuple[Budget, ...]:
        return (Budget(MONEY, channel.settings["budget"], "USD", "budget"),)

    def visit_costs(self, channel: Channel) -> tuple[Cost, ...]:
        each = channel.settings["each"]
        return (Cost(MONEY, PER_PAGE * each, by_answer=True, unit_price=each),)

    def within(self, channel: Channel, request: Request, left: Mapping[str, float]) -> Request:
        """A page of as many posts as what is left pays for."""
        each = channel.settings["each"]
        if channel.settings.get("counts") or channel.settings.get("ids"):
            return request
        posts = min(PER_PAGE, int(left[MONEY] / each + 1e-6)) if each else PER_PAGE
        return _sized(request, posts, each) if posts >= FEWEST else _sized(request, FEWEST, each)

    def estimate(self, channel: Channel) -> Channel:
        """How many posts of the last seven days the question finds; set aside as the price of one of them."""
        return Channel("counts", channel.label, {**channel.settings, "counts": True})

    def request(self, channel: Channel, cursor: Cursor, now: float) -> Request:
        """The next page of this round, newest first."""
        if channel.settings.get("counts"):
            return _counts(channel.settings)
        if channel.settings.get("ids"):
            return _look(channel.settings)
        cursor, _ = _current(cursor, now)
        settings = channel.settings
        asked = [("query", settings["query"]), ("max_results", str(PER_PAGE)), ("tweet.fields", FIELDS)]
        since, until = _number(cursor, "since"), _number(cursor, "until")
        if since is not None and _moment(since) > now - REACH:
            asked.append(("since_id", str(since)))
        else:
            back = FIRST if since is None else REACH
            start = _number(cursor, "start") or int(now - back)
            asked.append(("start_time", dates.iso(max(start, int(now - REACH)))))
        if until is not None:
            asked.append(("until_id", str(until)))
        if settings["users"]:
            asked += [("expansions", "author_id"), ("user.fields", "name,username,public_metrics")]
        return Request(
            f"{settings['host']}/2/tweets/search/recent",
            params=tuple(asked),
            headers={"Authorization": f"Bearer {MARK}"},
            secrets={MARK: settings["token"]} if settings["token"] else {},
            reads=(400, 403),
            costs=self.visit_costs(channel),
        )

    def parse(self, channel: Channel, cursor: Cursor, answer: Answer, now: float) -> Page:
        """The posts of one page and what they cost. Raises SourceError: `refused`, `shape`, `parse`."""
        rejects: list[Reject] = []
        result = decode(answer.body, rejects)
        if not isinstance(result, dict) or answer.status >= 400:
            raise SourceError("refused", f"X refuses: {_said(result)}", "Check the app's access and the question.")
        if channel.settings.get("ids"):
            return _looked(channel.settings, result, rejects, now)
        items, meta = result.get("data", []), result.get("meta")
        if channel.settings.get("counts"):
            total = count(meta.get("total_tweet_count")) if isinstance(meta, dict) else None
            return Page([], rejects=rejects, a_day=None if total is None else total / 7)
        if not isinstance(items, list) or (not items and not isinstance(meta, dict)):
            raise SourceError("refused", f"X refuses: {_said(result)}", "Check the app's access and the question.")
        users = _users(result.get("includes"))
        posts = []
        for item in items:
            post = _post(item, users, now)
            if post is None:
                rejects.append(Reject("shape: a post without id, or no object at all", repr(item)[:200]))
            else:
                posts.append(post)
        cursor, left = _current(cursor, now)
        if left:
            rejects.append(Reject("limit:budget: the rest of a round was left, since its budget had it wait"))
        settings = channel.settings
        told = count(meta.get("result_count")) if isinstance(meta, dict) else None
        cost = max(len(items), told or 0) * settings["price"] + len(users) * settings["price_user"]
        after, more = _step(cursor, items, meta if isinstance(meta, dict) else {}, rejects, now)
        return Page(posts, after, more, rejects, spent={MONEY: cost})

    def again(self, channel: Channel, posts: Sequence[Known]) -> Channel | None:
        """These posts as they are now, where `check_deletions` is set: each costs as much as finding it."""
        ids = [post.external_id for post in posts if post.external_id.isdecimal()]
        wanted = ids and channel.settings.get("check")
        return Channel("again", "posts once more", {**channel.settings, "ids": ids[:PER_PAGE]}) if wanted else None

    def refused(self, channel: Channel, status: int) -> tuple[str, str] | None:
        """A refusal in plain words."""
        if status == 402:
            return "X wants to be paid: the app's credits are used up (HTTP 402)", "buy credits in X's console"
        if status == 401:
            return "X does not accept the token (HTTP 401)", "write the app's bearer token under token"
        return None


MARK = "\x1ftoken\x1f"
"""Stands for the token inside a request; words of people never hold such a sign."""


def _counts(settings: Mapping[str, Any]) -> Request:
    return Request(
        f"{settings['host']}/2/tweets/counts/recent",
        params=(("query", settings["query"]), ("granularity", "day")),
        headers={"Authorization": f"Bearer {MARK}"},
        secrets={MARK: settings["token"]} if settings["token"] else {},
        reads=(400, 403),
        costs=(Cost(MONEY, settings["price"]),),
    )


def _look(settings: Mapping[str, Any]) -> Request:
    """Posts by their ids. What a search may cost must be left beside them: what is new comes first."""
    ids = settings["ids"]
    most = len(ids) * settings["price"] + min(PER_PAGE * settings["each"], settings["budget"] / 2)
    return Request(
        f"{settings['host']}/2/tweets",
        params=(("ids", ",".join(ids)), ("tweet.fields", FIELDS)),
        headers={"Authorization": f"Bearer {MARK}"},
        secrets={MARK: settings["token"]} if settings["token"] else {},
        reads=(400, 403),
        costs=(Cost(MONEY, most, by_answer=True, unit_price=settings["price"]),),
    )


_MISSING = {"resource-not-found": "deleted", "not-authorized-for-resource": "withheld"}
"""The last part of the type of an error -> what became of the post that it names."""


def _looked(settings: Mapping[str, Any], result: Mapping[str, Any], rejects: list[Reject], now: float) -> Page:
    """The posts that are still there, and those that the answer says are not. Raises SourceError `refused`."""
    items, errors = result.get("data", []), result.get("errors", [])
    if not isinstance(items, list) or not isinstance(errors, list) or not (items or errors):
        raise SourceError("refused", f"X refuses: {_said(result)}", "Check the app's access.")
    posts = [post for item in items if (post := _post(item, {}, now)) is not None]
    for error in errors:
        number = name(error.get("resource_id") or error.get("value")) if isinstance(error, dict) else None
        state = _MISSING.get((text(error.get("type")) or "").rpartition("/")[2]) if isinstance(error, dict) else None
        if number in settings["ids"] and number is not None and state is not None:
            posts.append(Post(network="x", external_id=number, state=cast(Any, state)))
    return Page(posts, rejects=rejects, spent={MONEY: len(items) * settings["price"]})


def _amount(settings: Settings, key: str, default: float | None) -> float:
    given = settings.get(key, default)
    found = _AMOUNT.fullmatch(str(given).strip())
    if found is None:
        raise bad(key, f'"{str(given)[:40]}" is no amount of dollars', f'Write it as {key} = "2.50".')
    return float(found[1])


def _sized(request: Request, posts: int, each: float) -> Request:
    params = tuple((key, str(posts) if key == "max_results" else value) for key, value in request.params)
    cost = Cost(MONEY, posts * each, by_answer=True, unit_price=each)
    return msgspec.structs.replace(request, params=params, costs=(cost,))


# --- the round --------------------------------------------------------------------------------------------------------
#
# since: the newest post of the last round; within a round also until: the oldest one of this round so far,
# top: its newest, page: pages read, begun: when (Unix seconds), start: where the first round ends.
#
# A round that had to wait for its budget is left: what is said now matters more than the rest of what was said then.


def _current(cursor: Cursor, now: float) -> tuple[Cursor, bool]:
    """The cursor, and whether the rest of a round is left."""
    begun, top = _number(cursor, "begun"), _number(cursor, "top")
    if begun is None or top is None or 0 <= now - begun < PATIENCE:
        return cursor, False
    return {"since": str(top)}, True


def _number(cursor: Cursor, key: str) -> int | None:
    """Ids are kept as text: they are larger than what JSON readers agree on."""
    value = cursor.get(key)
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else None


def _moment(number: int) -> float:
    """Unix seconds of an id."""
    return ((number >> 22) + EPOCH_MS) / 1000


def _step(
    cursor: Cursor, items: Sequence[Any], meta: Mapping[str, Any], rejects: list[Reject], now: float
) -> tuple[Cursor, bool]:
    ids = [int(number) for item in items if isinstance(item, dict) and (number := name(item.get("id"))) is not None
           and number.isdecimal()]  # fmt: skip
    since, page = _number(cursor, "since"), (_number(cursor, "page") or 0) + 1
    top = max([*ids, *(one for one in (_number(cursor, "top"), since) if one is not None)], default=None)
    further = bool(ids) and text(meta.get("next_token")) is not None
    if further and page < PAGES:
        begun = _number(cursor, "begun") or int(now)
        kept: Cursor = {"until": str(min(ids)), "top": str(top), "page": page, "begun": begun}
        if since is not None:
            return {**kept, "since": str(since)}, True
        return {**kept, "start": _number(cursor, "start") or int(now - FIRST)}, True
    if further and since is not None:
        rejects.append(Reject(f"limit:pages: more than {PAGES} pages since the last time, the rest was left"))
    if top is None:  # nothing yet: what is said from now on is newer than an id of this moment
        top = int((now - 60) * 1000 - EPOCH_MS) << 22
    return {"since": str(top)}, False


# --- what came --------------------------------------------------------------------------------------------------------


def _said(result: Any) -> str:
    """The server's own words."""
    told = result.get("errors") if isinstance(result, dict) else None
    first = told[0] if isinstance(told, list) and told and isinstance(told[0], dict) else result
    words = next((text(first.get(key)) for key in ("detail", "message", "title") if text(first.get(key))), None) if (
        isinstance(first, dict)
    ) else None  # fmt: skip
    return " ".join((words or "it does not say why").split())[:200]


def _users(includes: Any) -> dict[str, Author]:
    given = includes.get("users") if isinstance(includes, dict) else None
    found = {}
    for user in given if isinstance(given, list) else ():
        number = name(user.get("id")) if isinstance(user, dict) else None
        handle = text(user.get("username")) if isinstance(user, dict) else None
        if number is not None and handle is not None:
            metrics = user.get("public_metrics")
            followers = count(metrics.get("followers_count")) if isinstance(metrics, dict) else None
            found[number] = Author(handle, text(user.get("name")), f"https://x.com/{handle}", followers)
    return found


def _post(item: Any, users: Mapping[str, Author], now: float) -> Post | None:
    """A post; its edits share the id of the first version. None when it has no id."""
    number = name(item.get("id")) if isinstance(item, dict) else None
    if number is None or not number.isdecimal():
        return None
    history = item.get("edit_history_tweet_ids")
    versions = [one for one in history if isinstance(one, str) and one.isdecimal()] if isinstance(history, list) else []
    first = min(versions, key=int, default=number)
    written = dates.plausible(dates.parse(item.get("created_at")), now)
    referenced = _referenced(item)
    kinds = {"retweeted": "repost", "replied_to": "reply", "quoted": "quote"}
    kind = next((kinds[one] for one in kinds if one in referenced), "post")
    metrics = item.get("public_metrics")
    numbers = metrics if isinstance(metrics, dict) else {}
    writer = name(item.get("author_id"))
    edited = first != number
    return Post(
        network="x",
        external_id=first,
        kind=kind,
        url=f"https://x.com/i/status/{number}",
        text=_text(item),
        author=users.get(writer or "") or (Author(writer, url=f"https://x.com/i/user/{writer}") if writer else None),
        lang=_lang(item),
        published_at=dates.plausible(int(_moment(int(first))), now) if edited else written,
        edited_at=written if edited else None,
        state="withheld" if isinstance(item.get("withheld"), dict) else "edited" if edited else "active",
        likes=count(numbers.get("like_count")),
        replies=count(numbers.get("reply_count")),
        reposts=count(numbers.get("retweet_count")),
        views=count(numbers.get("impression_count")),
        parent_id=referenced.get("replied_to") or referenced.get("quoted"),
        thread_id=name(item.get("conversation_id")),
        truncated=kind == "repost",
    )


def _referenced(item: Mapping[str, Any]) -> dict[str, str]:
    given = item.get("referenced_tweets")
    found = {}
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict) and isinstance(one.get("type"), str) and (number := name(one.get("id"))) is not None:
            found[one["type"]] = number
    return found


def _lang(item: Mapping[str, Any]) -> str | None:
    """`und`, `zxx` and X's own codes such as `qme` name no language."""
    told = text(item.get("lang"))
    return None if told is None or told in ("und", "zxx") or re.fullmatch(r"q[a-z]{2}", told) else told


def _text(item: Mapping[str, Any]) -> str:
    """The whole text; of long posts `text` is the beginning alone. Short links become what they lead to."""
    note = item.get("note_tweet")
    whole = note if isinstance(note, dict) and text(note.get("text")) else item
    said = text(whole.get("text")) or ""
    entities = whole.get("entities") if isinstance(whole.get("entities"), dict) else {}
    links = entities.get("urls") if isinstance(entities, dict) else None
    for one in links if isinstance(links, list) else ():
        short, full = (text(one.get(key)) for key in ("url", "expanded_url")) if isinstance(one, dict) else (None, None)
        if short and full and short.startswith("https://t.co/"):
            said = said.replace(short, full)
    # What is said in a post comes with `&amp;`, `&lt;` and `&gt;`, and no other reference.
    return said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
