"""All that a report tells of a topic and a window of time: numbers of `listen.insight`, put in order for a template.

Every field is documented here: templates of somebody's own get the same `Page`. No number is made here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from listen.insight.figures import Figures, Net, Part
from listen.insight.marks import Effect
from listen.insight.objectives import Progress
from listen.insight.objectives_told import record as objective_record
from listen.insight.objectives_told import strip_record
from listen.insight.people import Shares
from listen.insight.rising import Term
from listen.insight.strip import Strip
from listen.insight.window import Window
from listen.report.commentary import Block
from listen.report.words import Speech

LINES = 8
"""Lines of a table."""

HEARD = 0.5
"""The share of a window that must have been heard for changes against it to mean anything."""

US = "us"


class Asked(NamedTuple):
    """What somebody wants to be told."""

    topic: str
    window: Window
    other: Window | None
    """Compared with this one; None: with the window of the same length right before."""
    speech: Speech
    zone: str
    """The name of its time zone."""
    now: float
    hidden: bool = False
    """Without names of people."""
    commentary: Sequence[Block] = ()
    only: str = ""
    """A query that narrows the topic; "" for all of it."""


class Line(NamedTuple):
    """One line of a breakdown."""

    label: str
    n: int
    share: float | None
    """Of all mentions of its table, 0 to 1; None for our own, which no other number holds."""
    before: int | None
    """Mentions in the window that it is compared with; None where that was not really heard."""
    neg: int
    neu: int
    """Neither negative nor positive, and what was not scored."""
    pos: int
    net: float | None
    """(positive - negative) / scored, -1 to 1."""
    query: str
    """Finds these mentions."""
    ours: bool = False
    """It is the topic of the report."""


class Breakdown(NamedTuple):
    """Mentions by `voice`, `sources`, `languages`, `countries`, `speakers`, `intents` or `stages`."""

    name: str
    lines: Sequence[Line]
    more: int
    """Lines that are left out, the smallest."""
    most: int
    """Mentions of the largest line."""


class Head(NamedTuple):
    """The numbers that stand first, of one window."""

    n: int
    stories: int
    net: Net
    voice: float | None
    """Share of voice, 0 to 1."""
    recommend: int | None
    """None as long as not all of the window is counted by intents."""
    dissuade: int | None
    coverage: float | None
    negative: float | None
    """Share of what was scored that is negative."""

    @property
    def heard(self) -> bool:
        """Whether enough was heard to compare anything with it."""
        return self.coverage is not None and self.coverage >= HEARD


class Quote(NamedTuple):
    """A mention as a report shows it."""

    who: str
    network: str
    at: int
    """Unix seconds."""
    title: str
    text: str
    url: str | None
    tone: str
    """See `listen.model.tone`."""
    endorsed: int | None
    """Likes, reposts and replies."""
    mentions: int = 1
    """Of its story, in the window."""
    lang: str = ""
    """Its language; "" for unknown."""


class Speaker(NamedTuple):
    """Somebody who speaks of it more than others."""

    who: str
    n: int
    """Mentions."""
    net: float | None
    """(positive - negative) / scored toward the topic, -1 to 1."""
    followers: int | None
    """Of all their accounts; None for unknown."""
    role: str
    """`produces`, `comments` or `relays` (`listen.insight.people`)."""
    stance: str
    """`evangelist`, `detractor` or ""."""


class People(NamedTuple):
    """Who speaks, each person once, whatever the number of their accounts."""

    shares: Shares
    """How many take which part."""
    loudest: Sequence[Speaker]
    looked: int
    """Mentions that this was told from, the newest."""
    complete: bool
    """They are all."""


class Happening(NamedTuple):
    """A mark: something that happened in the window."""

    at: int
    """Unix seconds."""
    text: str
    by: str
    effect: Effect | None
    """Before and after; None for what has only just happened (`listen.insight.marks`)."""


class Alarm(NamedTuple):
    """An alert that fired in the window."""

    rule: str
    instance: str
    severity: str
    fired: int
    resolved: int | None
    by: str
    """Who took note of it; "" for nobody."""
    verdict: str
    """`useful`, `noise` or ""."""
    why: str


class Fact(NamedTuple):
    """A line of the small print: name of its label in the catalogue, and what it says."""

    name: str
    text: str


class Risen(NamedTuple):
    """What is said more than in the window right before, of one kind."""

    name: str
    """`words`, `tags`, `emoji`, `links` or `new`."""
    terms: Sequence[Term]


class Page(NamedTuple):
    """Everything. Sections that there is nothing to tell of are empty."""

    asked: Asked
    figures: Figures
    against: Window
    """The window that everything is compared with."""
    head: Head
    before: Head
    """The same of the other window."""
    other: Sequence[int] | None
    """Mentions of the other window's steps, where one was asked for."""
    breakdowns: Mapping[str, Breakdown]
    stories: Sequence[Quote]
    quotes: Sequence[Quote]
    """What somebody has starred, the newest."""
    people: People | None
    """None where nobody is known by name."""
    happenings: Sequence[Happening]
    alarms: Sequence[Alarm]
    risen: Sequence[Risen]
    """Those kinds of which there are any (`listen.insight.rising`)."""
    terms_since: int
    """From when terms are known, in Unix seconds."""
    objectives: Sequence[Progress]
    """Those about the topic, or about everything (`listen.insight.objectives`), at the end of the window."""
    strip: Strip | None
    """Experience, connectivity, proximity (`listen.insight.strip`); None where none of them can be told."""
    facts: Sequence[Fact]


def head(figures: Figures) -> Head:
    """The first numbers of a window."""
    return Head(
        figures.numbers.n, figures.stories, figures.net, _voice(figures, now=True),
        figures.recommend if figures.parted else None, figures.dissuade if figures.parted else None, figures.coverage,
        figures.numbers.negative,
    )  # fmt: skip


def head_before(figures: Figures) -> Head:
    """The same of the window before, of which the figures know as much."""
    known = figures.parted_before
    return Head(
        figures.before.n, figures.stories_before, figures.net_before, _voice(figures, now=False),
        figures.recommend_before if known else None, figures.dissuade_before if known else None,
        figures.coverage_before,
        figures.before.negative,
    )  # fmt: skip


def _voice(figures: Figures, *, now: bool) -> float | None:
    """The topic's share of all that was said of it and those that it is compared with; None without any of those."""
    counts = {one.name: one.numbers.n if now else one.before for one in figures.voice}
    whole = sum(counts.values())
    return counts.get(figures.topic, 0) / whole if whole and len(counts) > 1 else None


def breakdown(
    name: str, parts: Sequence[Part], speech: Speech, before: Mapping[str, int] | None, topic: str, mentions: int
) -> Breakdown:
    """A table of parts in the order in which they come; `before` has those of the other window, None unknown ones.

    Shares are of all parts together, save those of intents, of which a mention may have several: of `mentions`.
    """
    shown = [one for one in parts if one.numbers.n or (before or {}).get(one.name) or name == "stages"]
    whole = sum(one.numbers.n for one in shown if one.name != US or name != "speakers")
    whole = (mentions if name == "intents" else whole) or 1
    lines = [_line(name, one, whole, speech, before, topic) for one in shown[:LINES]]
    return Breakdown(
        name, lines, len(shown) - len(lines), max((one.n for one in lines if one.share is not None), default=0)
    )


def _line(table: str, one: Part, whole: int, speech: Speech, before: Mapping[str, int] | None, topic: str) -> Line:
    n, neg, pos, net = one.numbers.n, one.numbers.neg, one.numbers.pos, one.numbers.net
    label = speech.word("unknown") if one.name == "?" else speech.known(table, one.name)
    if table == "countries" and one.name != "?":
        label = one.name.upper()
    share = None if (table, one.name) == ("speakers", US) else n / whole
    was = None if before is None else before.get(one.name, 0)
    return Line(label, n, share, was, neg, n - neg - pos, pos, net, one.query, (table, one.name) == ("voice", topic))


# --- for other programs ----------------------------------------------------------------------------------------------


def record(page: Page) -> dict[str, Any]:
    """The same numbers as JSON has it; times in ISO 8601, UTC."""
    figures, window = page.figures, page.asked.window
    parts = ("head", "before", "breakdowns", "stories", "quotes", "people", "happenings", "alarms", "risen")
    return {
        "topic": figures.topic, "role": figures.role, "only": page.asked.only, "query": figures.query,
        "since": _iso(window.since), "until": _iso(window.until),
        "against": {"since": _iso(page.against.since), "until": _iso(page.against.until)},
        **{name: _told(getattr(page, name)) for name in parts},
        "points": [{**_told(one), "start": _iso(one.start)} for one in figures.points],
        "heat": _told(figures.heat), "objectives": [objective_record(one) for one in page.objectives],
        "strip": strip_record(page.strip) if page.strip is not None else None,
        "facts": {one.name: one.text for one in page.facts},
    }  # fmt: skip


def _told(value: Any) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: _told(one) for name, one in value._asdict().items()}
    if isinstance(value, Mapping):
        return {name: _told(one) for name, one in value.items()}
    return [_told(one) for one in value] if isinstance(value, list | tuple) else value


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
