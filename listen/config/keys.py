"""Every table and key of the configuration: its type, default and meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from listen.model import ROLES
from listen.objectives import METRICS

Kind = Literal[
    "text",
    "texts",
    "flag",
    "count",
    "share",
    "duration",
    "size",
    "query",
    "choice",
    "date",
    "reference",
    "weights",
    "level",
    "any",
]

EXPECTED: Mapping[Kind, str] = {
    "text": 'text in quotes, such as "acme"',
    "texts": 'a list of texts, such as ["one", "two"]',
    "flag": "true or false",
    "count": "a whole number, 0 or more",
    "share": "a number from 0 to 1",
    "duration": 'a duration, such as "90s", "2m", "1h" or "7d"',
    "size": 'a size, such as "500KB" or "20MB"',
    "query": "a query in quotes",
    "choice": "one of the listed words",
    "date": 'a date, such as "2027-03-31"',
    "reference": 'a reference to a secret: "env:NAME", "file:PATH" or "keyring:SERVICE/USER"',
    "weights": "words with what they weigh, -4 to 4, such as { merci = 0, queue = -1.5 }",
    "level": "a number from -1 to 1",
    "any": "a value",
}


SOURCE_KINDS = ("article", "post", "comment", "review", "issue", "video", "episode")
"""What a whole source can hold: the rest of `model.KINDS` depends on the single post, or on its adapter."""


@dataclass(frozen=True, slots=True)
class Key:
    kind: Kind
    help: str
    default: object = None
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the configuration. A `named` one holds tables with names of the person's own."""

    help: str
    keys: Mapping[str, Key]
    named: bool = False
    open: bool = False
    """The keys are the person's own (`[accounts]`, `[keys]`), or an adapter adds some (`[sources.NAME]`)."""


TABLES: Mapping[str, Table] = {
    "store": Table(
        "Where the mentions are kept.",
        {"path": Key("text", "the database file; ~ is your home folder; relative paths start at this file")},
    ),
    "collect": Table(
        "How the collector behaves toward other people's servers.",
        {
            "contact": Key(
                "text", "a mail or web address, sent with each request, so that a server's owner can reach you"
            ),
            "concurrency": Key("count", "requests under way at the same time", 8),
            "gap": Key("duration", "least time between two requests to one host", "1s"),
            "workers": Key("count", "child processes that parse, match and score", 1),
            "heartbeat": Key(
                "text", "an address that is asked once a minute while all goes well, as it is or by reference"
            ),
        },
    ),
    "limits": Table(
        "What one answer or one text may cost. A limit that bites is shown with its reason.",
        {
            "wire": Key("size", "bytes of a body as sent", "10MB"),
            "decoded": Key("size", "bytes of a body once decompressed", "20MB"),
            "total": Key("duration", "one fetch from the first byte to the last, redirects included", "60s"),
            "connect": Key("duration", "the connection alone", "10s"),
            "redirects": Key("count", "redirects followed", 5),
            "cpu": Key("duration", "processor time for reading one answer", "10s"),
            "memory": Key("size", "memory of a child that reads answers", "512MB"),
            "wall": Key("duration", "time for reading one answer", "20s"),
        },
    ),
    "topics": Table(
        "What to listen for. A topic is a query; see the query language in the README.",
        {
            "query": Key("query", "which mentions belong to it", required=True),
            "role": Key("choice", "what it is to you", "theme", ROLES),
            "countries": Key("texts", 'where it matters, such as ["fr", "be"]: see `listen portrait`', ()),
        },
        named=True,
    ),
    "teaching": Table(
        "What your desk taught about the sentiment toward a topic: `listen sentiment suggest TOPIC` proposes it.",
        {
            "words": Key("weights", "words that weigh something else there; 0 for nothing", {}),
            "negative": Key("level", "the score up to which a mention is negative there; -0.05 when absent"),
            "positive": Key("level", "the score from which on it is positive; 0.05 when absent"),
            "model": Key("text", 'the file of a model of your labels, beside this one, such as "models/acme-1.toml"'),
        },
        named=True,
    ),
    "accounts": Table(
        "Our own voices, left out of the numbers: a name, then handles (`@acme@mastodon.social`, `hackernews:acme`), "
        "sites (`acme.example`) and addresses of profiles.",
        {},
        open=True,
    ),
    "people": Table(
        "Who is away, and who covers for them: mentions that are given to somebody who is away say so, and who covers "
        "finds them among the queues.",
        {
            "away": Key("date", 'the last day on which they are away, such as "2027-01-04"'),
            "cover": Key("text", "the name of who takes over meanwhile"),
        },
        named=True,
    ),
    "stories": Table(
        "What is told again and again.",
        {
            "follow": Key("flag", "a new copy of a story that was done or dismissed is so, too, on arrival", True),
        },
    ),
    "lists": Table("Names for several values: `author:@staff` means any of staff's.", {}, open=True),
    "sources": Table(
        "Where to listen. Each adapter has keys of its own besides these.",
        {
            "adapter": Key("text", "the kind of place: `listen sources kinds` lists them", required=True),
            "every": Key("duration", "how often to look"),
            "keep": Key("choice", "what to store: all, or only what matches a topic", "all", ("all", "matched")),
            "stream": Key("flag", "stay connected instead of looking now and then", False),
            "allow_private": Key("texts", "hosts or networks of your own that may be asked, such as 10.1.2.0/24", ()),
            "enabled": Key("flag", "false keeps the source but does not listen to it", True),
            "country": Key("text", 'where all of it is published, two letters such as "fr": country: finds it'),
            "kind": Key("choice", "what its posts and articles really are", None, SOURCE_KINDS),
            "trial": Key("date", 'the last day of its trial, such as "2026-11-29": then its yield says keep or drop'),
        },
        named=True,
        open=True,
    ),
    "noise": Table(
        "What is taken for noise, besides the patterns that come with listen: a name of those changes that one.",
        {
            "query": Key("query", "which mentions are noise: content and place, as in a topic"),
            "reason": Key("text", "why, as people are shown it"),
            "off": Key("flag", "true turns the pattern off", False),
        },
        named=True,
    ),
    "intents": Table(
        "What authors want, besides the patterns that come with listen: a name of those adds to them.",
        {
            "query": Key("query", "texts in which one branch of this holds show it: words, as in a topic"),
            "likely": Key("query", "of this and what is likely anyway two are enough"),
            "unless": Key("query", "texts in which this holds do not show it"),
            "model": Key("text", 'a flag that `listen intents train` wrote, such as "models/warranty.toml"'),
            "lang": Key("text", "the language of these patterns; those of all languages when absent"),
            "means": Key("text", "what it says of the author, as people are shown it"),
            "on": Key("flag", "false turns the intent off, true turns one on that comes turned off"),
        },
        named=True,
    ),
    "views": Table(
        "Saved queries: a stream to watch, or a queue to empty.",
        {
            "query": Key("query", "which mentions it shows", required=True),
            "queue": Key("flag", "a queue has a count and a clock", False),
        },
        named=True,
    ),
    "desks": Table(
        "The business process behind a mention, with its promise.",
        {
            "query": Key("query", "which mentions belong to it", required=True),
            "answer_within": Key("duration", "the promise: from arrival to an answer"),
            "hours": Key("text", 'when somebody serves, such as "09:00-18:00": the promise runs in these hours alone'),
            "days": Key("text", 'on which days, such as "mon-fri"'),
            "timezone": Key("text", 'whose hours these are, such as "Europe/Paris"; the collector\'s when absent'),
            "assign": Key("text", 'who is given what arrives; "" is nobody'),
            "tags": Key("texts", "what it is tagged", ()),
            "open": Key("flag", "somebody answers there; those that come with listen open when your file names them"),
        },
        named=True,
    ),
    "retention": Table(
        "What is kept for some time only, by its own time. What somebody starred, tagged or noted is kept, unless the "
        "query asks for that very mark.",
        {
            "query": Key("query", "which mentions; all of them when absent", ""),
            "keep": Key("duration", "how long they are kept as they are", required=True),
            "then": Key(
                "choice",
                "what becomes of them then: they are erased, or their authors become nobody",
                "delete",
                ("delete", "pseudonymise"),
            ),
        },
        named=True,
    ),
    "alerts": Table(
        "Rules: a query with a condition. Mentions count when they arrive, unless they are own, noise or dismissed.",
        {
            "when": Key(
                "choice",
                "the condition",
                None,
                ("match", "count", "share", "spike", "silence", "late", "source", "growth", "objective"),
                required=True,
            ),
            "query": Key("query", "which mentions count; all of them when absent"),
            "of": Key("query", "share: of which mentions those are a share; of all of them when absent"),
            "per": Key(
                "texts",
                "one alert for each topic, desk that is open, intent, source, author, lang, country, kind, network, "
                "site, story …",
            ),
            "window": Key("duration", "the time that is counted, up to now: 1h when absent, 7d at most"),
            "at_least": Key("count", "count: so many mentions; late: so many late; growth: so many copies (20)"),
            "at_most": Key("count", "silence: so few mentions are silence; none when absent"),
            "threshold": Key("share", "share: from which share on, such as 0.4"),
            "gained": Key("count", "growth: so many more likes, reposts and replies of one post (500)"),
            "sensitivity": Key(
                "choice",
                "spike: how unlikely it must be by chance: 1 in 100, in 1,000 (balanced), in 10,000",
                None,
                ("sensitive", "balanced", "strict"),
            ),
            "mentions": Key("count", "floor: with fewer it is nothing. share: of all (8); spike: in the window (5)"),
            "authors": Key("count", "floor: distinct authors (share, spike, growth: 3)"),
            "stories": Key("count", "floor: distinct stories; copies of one text are one (share, spike: 2)"),
            "coverage": Key("share", "spike, silence: the share of the window that must have been heard (0.8)"),
            "desk": Key("texts", "late: which desks' promises; those of all open desks when absent"),
            "sources": Key("texts", "source: which ones; all when absent"),
            "fares": Key("texts", "source: what has become of it, dead or quiet; both when absent"),
            "objectives": Key("texts", "objective: which ones are about to be missed; all when absent"),
            "for": Key("duration", "how long it must hold before it fires"),
            "resolve_after": Key("duration", "how long it must hold no more before it resolves (spike, share: 30m)"),
            "cooldown": Key("duration", "how long it cannot fire again after it has resolved (spike: 1h)"),
            "repeat": Key("duration", "while nobody acknowledges, it is told again after so long (4h)"),
            "group_interval": Key(
                "duration", "the first of a rule's alerts is told at once, the next after so long (5m)"
            ),
            "severity": Key("choice", "how loud", "notice", ("page", "notice", "digest")),
            "quiet": Key("text", 'hours in which notices wait, such as "22:00-07:00"; a page never waits'),
            "timezone": Key("text", "whose hours these are; the collector's when absent"),
            "inhibits": Key(
                "texts", "rules that are not told while this one fires, where both are of the same value", ()
            ),
            "route": Key("texts", "desks and notify:NAME to tell", ()),
            "enabled": Key("flag", "false keeps the rule and does not ask it", True),
        },
        named=True,
    ),
    "notify": Table(
        "Where alerts go: each to one place, by url, webhook or command.",
        {
            "url": Key("reference", "an Apprise URL, by reference: mail, Slack, Matrix, Telegram, ntfy …"),
            "webhook": Key("text", "an address that gets JSON by POST, as it is or by reference"),
            "secret": Key("reference", "signs what the webhook gets, as standardwebhooks.com has it"),
            "command": Key("texts", "a program and its arguments; the alert comes on its standard input, as JSON"),
            "digest": Key("text", 'when alerts of severity "digest" are told, all in one', "08:00"),
            "timezone": Key("text", "whose time that is; the collector's when absent"),
            "per_hour": Key(
                "count", "so many notices in an hour at most; the others are held back and told in one", 20
            ),
        },
        named=True,
    ),
    "commands": Table(
        "Commands of your own, each with a key in the stream.",
        {
            "run": Key(
                "texts",
                "the program and its arguments; mentions come on its standard input, a line of JSON each",
                required=True,
            ),
            "key": Key("text", "its key; without one the palette runs it"),
            "help": Key("text", "what `?` and the palette say of it"),
            "within": Key("duration", "how long it may take", "30s"),
        },
        named=True,
    ),
    "objectives": Table(
        "Numbers that somebody promised: `listen objectives` and `:objectives` show how far they are.",
        {
            "metric": Key("choice", "the number", None, tuple(METRICS), required=True),
            "target": Key("text", 'the promise, such as "< 2h", "> 25 %" or ">= 0.1"', required=True),
            "share": Key("share", "of a time: the share that must keep it; half when absent"),
            "by": Key("date", 'the last day on which it may be met, such as "2027-03-31"'),
            "since": Key("date", "where progress starts: how it was before is where the bar begins"),
            "owner": Key("text", "who owns it"),
            "topic": Key("text", "of which topic"),
            "query": Key("query", "of which mentions; all of the topic when absent"),
            "view": Key("text", "of the mentions of which view"),
            "desk": Key("text", "of what which desk has to answer; all open desks when absent, of times and answers"),
            "window": Key("duration", "the time that it is measured over, up to now: 7d when absent"),
            "worth": Key("text", 'what one more is worth, such as "12 EUR"; `listen objectives` says of what'),
            "hour": Key("text", 'what an hour of work costs, such as "40 EUR"'),
            "minutes": Key("count", "minutes that a mention's work is taken for; by the journal when absent"),
        },
        named=True,
    ),
}

PERSONAL: Mapping[str, Table] = {
    "me": Table(
        "Who you are on this store.",
        {
            "name": Key("text", "signs what you do; your login name when absent"),
            "theme": Key("choice", "the colours", "listen-dark", ("listen-dark", "listen-black", "listen-light")),
            "timezone": Key("text", 'such as "Europe/Paris"; the machine\'s when absent'),
            "mouse": Key("flag", "false leaves the mouse to the terminal", True),
            "bell": Key("flag", "false keeps the terminal silent when a page begins to fire", True),
            "read_only": Key("flag", "true looks and changes nothing, in the console and by commands", False),
        },
    ),
    "keys": Table("Keys of your own: a binding's id, then its keys, separated by commas.", {}, open=True),
}
"""The tables of `me.toml`, the person's own file."""
