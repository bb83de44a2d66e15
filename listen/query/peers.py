"""How other listening tools spell what we can say, too: fields, flags and ranges that cannot be mistaken.

Sources of the spellings: the operator references of Brandwatch and Talkwalker.
"""

from __future__ import annotations

import re

FIELDS = {
    "authorfollowers": "followers", "blogname": "author", "content": "text", "domainurl": "site",
    "sourcecountry": "country", "host_url": "site", "intitle": "title", "inurl": "url", "language": "lang",
    "root_url": "site",
}  # fmt: skip
"""Their field -> ours, which takes the same values."""

MARKS = {"hashtag": "#", "mention": "@", "tags": "#"}
"""Their field -> the sign that we write before its value."""

VALUES = {
    "engagementtype": {
        "comment": "kind:comment",
        "reply": "is:reply",
        "retweet": "is:repost",
        "repost": "is:repost",
        "quote": "kind:quote",
    },
    "is": {
        "retweet": "is:repost",
        "twitter_reply": "is:reply",
        "comment": "kind:comment",
        "flagged": "is:starred",
        "important": "is:starred",
        "checked": "is:corrected",
        "unread": "status:new",
    },
}
"""Their field -> its values in small letters -> what we write."""

PATHS = {"subreddit": "reddit.com/r/{}/"}
"""Their field -> the part of a link that says the same."""

ALL = frozenset((*FIELDS, *MARKS, *VALUES, *PATHS, "age"))
"""Every field of theirs that is understood."""

UNKNOWN = frozenset((
    "authorgender", "authorverified", "authorverifiedtype", "channelid", "city", "continent", "customerentity",
    "device", "engagingwith", "engagingwithguid", "gender", "guid", "image", "imagetype", "latitude", "links",
    "longitude", "minuteofday", "parentpostid", "posttype", "publication", "publishersubtype", "pubtype", "raw",
    "redditauthorflair", "region", "rootpostid", "sourcetype", "topleveldomain",
))  # fmt: skip
"""Fields of theirs that have no counterpart, or none that is meant for certain."""

_BOUNDS = re.compile(r"\[\s*(\S+)\s+TO\s+(\S+)\s*\]")


def bounds(written: str) -> str | None:
    """`[500 TO 100000]` as `500..100000`, `[500 TO *]` as `500..`; None for anything else."""
    found = _BOUNDS.fullmatch(written)
    if not found:
        return None
    low, high = ("" if bound == "*" else bound for bound in found.groups())
    return f"{low}..{high}"


def term(name: str, value: str) -> str | None:
    """What `name:value` of theirs is in our words, None when we have no words for it."""
    if name == "age":
        sides = {"<": "since", ">": "until"}
        return f"{sides[value[0]]}:{value[1:].lstrip('=')}" if value[:1] in sides else None
    if name in MARKS:
        return MARKS[name] + value.removeprefix(MARKS[name])
    if name in PATHS:
        return f"url:{PATHS[name].format(value.strip('/').removeprefix('r/'))}"
    return VALUES.get(name, {}).get(value.lower())
