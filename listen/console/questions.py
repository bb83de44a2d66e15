"""The questions about one mention and about what stands around the list; each function returns a job for a `Clerk`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from listen import query
from listen.absence import Absence, covered_by
from listen.absence import away as absent
from listen.clock import Clock
from listen.console.answers import (
    Alike,
    Everything,
    Glance,
    Handed,
    Named,
    Post,
    Requests,
    Shown,
    Visited,
)
from listen.console.clerk import Asked, Job
from listen.console.facts import Facts
from listen.console.owed import promised
from listen.console.reading import reading
from listen.console.saved import Saved, saved
from listen.console.theme import Palette
from listen.console.view import topic_named, toward_of
from listen.query import QueryError, tree
from listen.query.named import facet_query
from listen.store.read import Reader
from listen.text import fold

if TYPE_CHECKING:
    from listen.console.alike import Choice
    from listen.insight.quality import Share
    from listen.store.overview import Talk


COUNTED = 1_000
"""How far a view is counted: "1,000+" says as much."""


HANDED = 300
"""Mentions that are read for a clipboard at most."""

HOURS = 24
"""Hours of the header's sparkline."""


def visited(who: str) -> Job:
    """When a person was last here."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Visited:
        return Visited(reader.last_visit(who))

    return job


def alike(
    text: str,
    node: tree.Node,
    mention_id: int,
    others: Sequence[str],
    now: float,
    topics: Mapping[str, str] | None = None,
) -> Job:
    """What is like a mention, at once; then how many mentions of the view each has.

    Last stands what could be taken out of its topic, one of `topics` (name -> query), when it has just one.
    """

    def job(reader: Reader, asked: Asked, post: Post) -> Alike | None:
        from listen.console.alike import choices, narrowed

        mention = reader.mention(mention_id)
        found = choices(mention, now, others, toward_of(node)) if mention is not None else []
        post(Alike(mention_id, found))
        its = [name for name in mention.topics if name in topics] if mention is not None and topics else []
        last = _taken_out(reader, its[0], (topics or {})[its[0]], found, asked, now) if len(its) == 1 else None
        if last is not None:
            found = [*found, last]
            post(Alike(mention_id, found))
        counts: list[tuple[int, bool]] = []
        for choice in found:
            if not asked.wanted:
                return None
            try:
                inside = facet_query("topic", choice.topic) if choice.topic else text
                wanted = query.parse(narrowed(inside, choice.term))
            except QueryError:  # it would be too long
                return None
            counts.append(reader.count(wanted, cap=COUNTED, now=now))
            post(Alike(mention_id, found, tuple(counts)))
        return None

    return job


KEPT = "(status:(done answered) OR is:starred OR has:tag OR has:note)"
"""What people have kept of what they looked at."""


def _taken_out(
    reader: Reader, topic: str, asked_for: str, found: Sequence[Choice], asked: Asked, now: float
) -> Choice | None:
    """The exclusion that takes least of what people kept, then much of what they dismissed and little of the rest."""
    from listen.console.alike import exclusions, narrowed, out_of

    best: tuple[int, int, int, Choice] | None = None
    for place, choice in enumerate(exclusions(found)):
        if not asked.wanted:
            return None
        inside = narrowed(facet_query("topic", topic), choice.term)
        counts = [
            reader.count(query.parse(f"{inside} {more}"), cap=COUNTED, now=now).n
            for more in (f"{KEPT} -status:dismissed", "status:dismissed", "-status:dismissed")
        ]
        rank = (counts[0], counts[2] - 2 * counts[1], place, choice)
        best = rank if best is None or rank[:3] < best[:3] else best
    return out_of(topic, asked_for, best[3], best[0]) if best is not None else None


def handed(what: str, ids: Sequence[int], asked: int) -> Job:
    """Mentions whose links or texts are to be handed over: so many as a clipboard may hold."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Handed:
        return Handed(what, reader.mentions(ids[:HANDED]), asked)

    return job


def _rescored(reader: Reader) -> float | None:
    """How far what is stored has been scored anew, by other engines or by what was taught; None when it is not."""
    scoring, shares = reader.rescoring(), [one.share for one in reader.renewals()]
    return min(shares if scoring is None else [*shares, scoring.share], default=None)


def requested(numbers: Sequence[int]) -> Job:
    """What became of requests."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Requests:
        return Requests(reader.requests(numbers))

    return job


def names(kind: str, start: str) -> Job:
    """Names that the store has heard and that begin so."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Named:
        from listen.query.complete import Name
        from listen.query.described import LANGUAGES

        found = reader.heard(kind, start)
        if kind == "lang":
            heard = [Name(one.text, LANGUAGES.get(one.text, "")) for one in found]
            return Named(kind, [*heard, *(Name(code, word) for code, word in LANGUAGES.items())])
        if kind == "author":
            shared = Counter(one.text.partition("@")[0] for one in found if "@" in one.text[1:])
            short = [Name(handle, f"{n} accounts of that name") for handle, n in shared.items() if handle and n > 1]
            return Named(kind, [*short, *(Name(one.text, one.called or "") for one in found)])
        if kind == "intent":
            return Named(kind, [Name(one.text, one.called or "one of yours") for one in found])
        unit = "customer" if kind == "segment" else "mention"
        return Named(kind, [Name(one.text, f"{one.n:,} {unit}{'' if one.n == 1 else 's'}") for one in found])

    return job


def glance(topic: str | None, clock: Clock, who: str = "") -> Job:
    """What stands around the list; `topic` is the folded name of the one that is shown, `who` looks at it."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Glance:
        now = clock.now()
        topics = reader.talk(now=now)
        named = topic_named((one.name for one in topics), topic)
        stored = reader.newest() is not None
        absences = reader.absences()
        return Glance(
            known=True,
            topics=topics,
            views=tuple(map(saved, reader.views())),
            desks=reader.desks(),
            sources=reader.sources(),
            channels=() if stored else reader.channels(),
            collector=reader.collector(),
            heard=reader.last_heard(),
            topic=named,
            pulse=reader.pulse(named, HOURS, now=now) if named else None,
            stored=stored,
            lists=reader.lists(),
            absences=absences,
            covered=covered(absences, who, now),
            rematches=reader.rematches(),
            rescored=_rescored(reader),
            measured=_measured(reader, next((one for one in topics if one.name == named), None)),
            rematched=reader.rematched(),
            rules=reader.rules_written(),
            edits=reader.edits(),
        )

    return job


def _measured(reader: Reader, topic: Talk | None) -> tuple[Share, int] | None:
    if not reader.samples():
        return None
    from listen.insight import blind
    from listen.store.labels import Asked

    return blind.accuracy(reader, Asked("") if topic is None else Asked(topic.query, topic.name))


def covered(absences: Mapping[str, Absence], who: str, now: float) -> Sequence[Saved]:
    """What waits for those who are away, for who covers for them."""
    if not absences:
        return ()
    away = covered_by(absences, fold(who), date.fromtimestamp(now))
    return [Saved(f"{name}’s", text := f"{facet_query('assignee', name)} status:new", True, "", text) for name in away]


def everything(clock: Clock) -> Job:
    """How loud everything together is."""

    def job(reader: Reader, _asked: Asked, _post: Post) -> Everything | None:
        pulse = reader.pulse(None, HOURS, now=clock.now())
        return None if pulse is None else Everything(pulse)

    return job


def show(
    mention_id: int,
    width: int,
    colours: Palette,
    clock: Clock,
    view: tree.Node,
    *,
    early: bool,
    here: Sequence[str] = (),
) -> Job:
    """A mention for a detail pane of that width, with why it is in the view; `early`: its text before all that.

    `here` are other people who are on it.
    """

    def job(reader: Reader, asked: Asked, post: Post) -> Shown | None:
        mention, now = reader.mention(mention_id), clock.now()
        if mention is None:
            return Shown(mention_id, None, width)
        around = reader.around(mention)
        away = absent(reader.absences(), mention.assignee, date.fromtimestamp(now)) if mention.assignee else None
        owed = promised(reader, mention, now)
        facts = Facts(mention, around, away=away, here=here, promises=owed)
        if early:
            post(Shown(mention_id, mention, width, reading(facts, width, colours, now), whole=False))
        from listen.console.reasons import reasons, with_intents, with_lessons
        from listen.insight.taught import taught

        why = reasons(mention, around.queries, view, now, lambda: asked.wanted, around.roles)
        if why is not None and mention.intents:
            why = with_intents(why, mention, reader.own_intents())
        before = reader.said_before(mention_id) if why is not None and mention.author else None
        if not asked.wanted:
            return None
        if why is not None and (lessons := taught(reader, mention)):
            why = with_lessons(why, lessons)
        facts = Facts(mention, around, why, before, reader.verdict(mention_id), away, here, owed)
        return Shown(mention_id, mention, width, reading(facts, width, colours, now))

    return job
