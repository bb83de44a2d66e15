"""Short forms of feed addresses: `youtube:CHANNEL` in `urls` instead of an address that nobody remembers."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from urllib.parse import quote, quote_plus

from msgspec import Struct

from sources import links
from sources.base import SourceError

_HOST = r"(?:https?://)?(?P<host>[\w.-]+\.[\w-]+(?::\d+)?)"
_NAME = r"[\w.-]+"
_MARKET = r"(?P<language>[a-z]{2,3})-(?P<country>[A-Z]{2}):(?P<words>.+)"
_WORDS = r"(?P<words>.+)"
_GOOGLE = "https://news.google.com/rss/search?q={words}+when:1d&hl="
_BING = "https://www.bing.com/news/search?q={words}&format=rss"


class Recipe(Struct, frozen=True):
    """How a short form becomes an address."""

    place: str
    """What people call it."""
    ways: tuple[tuple[str, str, str], ...]
    """An example, the pattern of what follows the colon, and the address, where the pattern's groups are filled in."""
    mind: str = ""
    """What to know before using it."""


RECIPES: Mapping[str, Recipe] = {
    "google-news": Recipe(
        "Google News",
        (
            ("fr-FR:acme battery", _MARKET, _GOOGLE + "{language}&gl={country}&ceid={country}:{language}"),
            ("acme battery", _WORDS, _GOOGLE + "en-US&gl=US&ceid=US:en"),
        ),
        "for personal, non-commercial reading, as Google asks; every 15 minutes at most",
    ),
    "bing-news": Recipe(
        "Bing News",
        (
            ("fr-FR:acme battery", _MARKET, _BING + "&mkt={language}-{country}"),
            ("acme battery", _WORDS, _BING),
        ),
    ),
    "youtube": Recipe(
        "YouTube channels",
        (
            (
                "UCA7LqFpF_Zlty4Yg2iGJppw",
                r"(?P<id>UC[\w-]{22})",
                "https://www.youtube.com/feeds/videos.xml?channel_id={id}",
            ),
        ),
        "the newest 15 films; at times YouTube finds none of its feeds for days, and they come back",
    ),
    "reddit": Recipe(
        "Reddit",
        (
            ("r/batteries", rf"/?r/(?P<name>{_NAME})/?", "https://www.reddit.com/r/{name}/new/.rss?limit=100"),
            (
                "r/batteries/comments",
                rf"/?r/(?P<name>{_NAME})/comments/?",
                "https://www.reddit.com/r/{name}/comments/.rss?limit=100",
            ),
            ("u/acme", rf"/?u(?:ser)?/(?P<name>{_NAME})/?", "https://www.reddit.com/user/{name}/.rss"),
            ("acme battery", r"(?!/?(?:r|u|user)/)" + _WORDS, "https://www.reddit.com/search.rss?q={words}&sort=new"),
        ),
        "all of Reddit together is asked once a minute",
    ),
    "discourse": Recipe(
        "Discourse forums",
        (
            ("forum.example", rf"{_HOST}/?", "https://{host}/posts.rss"),
            ("forum.example/c/blog/15", rf"{_HOST}/(?P<path>[ct]/[\w./-]+?)/?", "https://{host}/{path}.rss"),
        ),
        "all new posts; or the new topics of a category, the posts of a topic",
    ),
    "stackexchange": Recipe(
        "Stack Exchange",
        (
            (
                "stackoverflow.com/q/28509965",
                rf"{_HOST}/q(?:uestions)?/(?P<id>\d+)(?:/.*)?",
                "https://{host}/feeds/question/{id}",
            ),
            ("stackoverflow.com/python", rf"{_HOST}/(?P<tag>[\w.+#-]+)", "https://{host}/feeds/tag/{tag}"),
        ),
        "the answers to a question; or new questions under a tag",
    ),
    "github": Recipe(
        "GitHub",
        (
            (
                "acme/charger",
                rf"(?P<owner>{_NAME})/(?P<name>{_NAME})",
                "https://github.com/{owner}/{name}/releases.atom",
            ),
            (
                "acme/charger/commits",
                rf"(?P<owner>{_NAME})/(?P<name>{_NAME})/commits",
                "https://github.com/{owner}/{name}/commits.atom",
            ),
        ),
        "releases, or commits",
    ),
    "wordpress": Recipe(
        "WordPress comments",
        (
            ("blog.example", rf"{_HOST}/?", "https://{host}/comments/feed/"),
            ("blog.example/2026/11/an-article", rf"{_HOST}/(?P<path>[^?#\s]+?)/?", "https://{host}/{path}/feed/"),
        ),
        "all comments of a blog, or those of one article",
    ),
    "tumblr": Recipe("Tumblr blogs", (("acme", r"(?P<name>[\w-]+)", "https://{name}.tumblr.com/rss"),)),
    "flickr": Recipe(
        "Flickr",
        (
            (
                "acme",
                r"#?(?P<tag>[^\s/?&]+)",
                "https://api.flickr.com/services/feeds/photos_public.gne?tags={tag}",
            ),
        ),
        "the newest 20 public photographs under a tag",
    ),
    "mastodon": Recipe(
        "Mastodon accounts", (("@acme@mastodon.social", rf"@?(?P<name>\w+)@{_HOST}", "https://{host}/@{name}.rss"),)
    ),
    "lemmy": Recipe(
        "Lemmy communities",
        (("france@jlai.lu", rf"!?(?P<name>\w+)@{_HOST}", "https://{host}/feeds/c/{name}.xml?sort=New"),),
    ),
}


REFUSALS: Mapping[str, tuple[frozenset[int], str, str]] = {
    "reddit.com": (
        frozenset({403, 429}),
        "Reddit does not answer us: it refuses addresses of data centres, and those who ask more than once a minute",
        "nothing at home: it is asked again, less and less often; a server in a data centre may never be answered",
    ),
    "youtube.com": (
        frozenset({404, 500}),
        "YouTube does not find this feed",
        "wait: it loses all its feeds for days at times; after a week, check the number behind channel_id=",
    ),
    "google.com": (
        frozenset({429, 503}),
        "Google finds that we ask too often",
        "nothing to do: listen waits; fewer searches, or a longer every, keep it from happening",
    ),
}
"""Host -> statuses, and what they mean there."""


def refused(url: str, status: int) -> tuple[str, str] | None:
    """What a well-known place means by a status, and what to do; None where it means what it says."""
    host = links.host(url)
    for place, (statuses, message, remedy) in REFUSALS.items():
        if status in statuses and (host == place or host.endswith(f".{place}")):
            return f"{message} (HTTP {status})", remedy
    return None


def address(entry: str) -> str | None:
    """The address that a short form stands for; None for what is none.

    Raises SourceError `settings` where the word is known and what follows it is not as it should be.
    """
    word, colon, rest = entry.strip().partition(":")
    recipe = RECIPES.get(word.lower()) if colon and not rest.startswith("//") else None
    if recipe is None:
        return None
    for _, pattern, template in recipe.ways:
        found = re.fullmatch(pattern, rest.strip())
        if found is not None:
            return template.format(**{part: _written(part, said) for part, said in found.groupdict().items()})
    told = " or ".join(f'"{word.lower()}:{example}"' for example, _, _ in recipe.ways)
    raise SourceError("settings", f'urls: "{entry[:200]}" is no feed of {recipe.place}', f"Write it as {told}.")


def meant(entry: str) -> str:
    """What was probably meant by a word before a colon that is no short form; "" where that cannot be told."""
    word, colon, rest = entry.strip().partition(":")
    near = difflib.get_close_matches(word.lower(), RECIPES, n=1, cutoff=0.6) if colon else []
    return f'Did you mean "{near[0]}:{rest[:80]}"?' if near else ""


def _written(part: str, said: str) -> str:
    """A part as it stands in an address."""
    if part == "words":
        return quote_plus(" ".join(said.split()))
    return quote(said, safe="/%" if part == "path" else ":")


def markdown() -> str:
    """The table of the README."""
    rows = ["| write | for | which is |", "|---|---|---|"]
    for word, recipe in RECIPES.items():
        for number, (example, _, _) in enumerate(recipe.ways):
            told = f"{recipe.place}{': ' + recipe.mind if recipe.mind else ''}" if number == 0 else ""
            rows.append(f"| `{word}:{example}` | {told} | `{address(f'{word}:{example}')}` |")
    return "\n".join(rows)
