"""A rule that is being written: what stands in each line, what is wrong with it, and what could stand there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from listen.config import rules
from listen.config.alerts import DEFAULTS, FARES, PER, POLLED
from listen.console.answers import Glance
from listen.console.clerk import Asked, Job
from listen.console.definitions import name_fault
from listen.objectives import Objective
from listen.query.book import EMPTY, Book
from listen.service import Desk
from listen.store.mirror import Written
from listen.store.read import Reader

NAME = "name"
"""The line of a new rule's name."""

QUERIES = ("query", "of")

CONDITIONS = {
    "match": "each mention that is found", "count": "so many in a window", "share": "a share of what is said",
    "spike": "more than chance explains, by the same hours of earlier weeks", "silence": "nobody speaks of it",
    "late": "a desk's promise is broken", "source": "a source is dead, or quiet",
    "growth": "a story that many tell, a post that many endorse",
    "objective": "an objective is about to be missed, or was",
}  # fmt: skip


class Around(NamedTuple):
    """An answer: what a rule may name."""

    written: Written = Written()
    book: Book = EMPTY
    desks: Sequence[Desk] = ()
    sources: Sequence[str] = ()
    topics: Sequence[str] = ()
    objectives: Sequence[Objective] = ()

    @property
    def tables(self) -> dict[str, Mapping[str, Any]]:
        """The tables of the configuration as far as they matter for a rule."""
        others = {name: {"inhibits": _parts(said.get("inhibits", ""))} for name, said in self.written.rules.items()}
        return {
            "desks": {one.name: {"open": one.open, "answer_within": one.within} for one in self.desks},
            "sources": dict.fromkeys(self.sources), "notify": dict.fromkeys(self.written.notify), "alerts": others,
            "objectives": {one.name: None for one in self.objectives},
        }  # fmt: skip


def around(glance: Glance) -> Job:
    """What a rule may name."""

    def job(reader: Reader, _asked: Asked, _post: object) -> Around:
        known = reader.rules_written()
        sources = [one.name for one in glance.sources if one.active]
        topics = [one.name for one in glance.topics]
        return Around(known, reader.book(), reader.desks(), sources, topics, reader.objectives())

    return job


@dataclass(slots=True)
class Draft:
    """What stands in the lines of a rule; `before` is what the configuration says of it."""

    name: str
    before: Mapping[str, str] = field(default_factory=dict)
    new: bool = False
    texts: dict[str, str] = field(default_factory=dict)
    pressed: bool = False
    """Somebody wanted to save it, so that what is missing is a fault, too."""
    kept: Mapping[str, Any] = field(default_factory=dict)
    """What was asked for before, and could not be done: it stands in the lines."""

    def __post_init__(self) -> None:
        self.texts = {**({NAME: self.name} if self.new else {}), **(self._merged() if self.kept else self.before)}

    def _merged(self) -> dict[str, str]:
        """What was typed, and what somebody else made meanwhile of the lines that were left as they were."""
        typed = {key: rules.spelled(key, value) for key, value in self.kept.get("entry", {}).items()}
        left = {key for key, text in self.kept.get("read", {}).items() if typed.get(key, "") == text}
        theirs = {key: text for key, text in self.before.items() if key in left or key not in self.kept.get("read", {})}
        return {**theirs, **{key: text for key, text in typed.items() if key not in left}}

    @property
    def read(self) -> dict[str, str]:
        """What it said when the lines were opened."""
        return {key: text for key, text in self.before.items() if key != "enabled"}

    def meanwhile(self, key: str) -> str:
        """What somebody else made of a line since it was typed; empty when nobody did."""
        if self.new or not self.kept or key == NAME:
            return ""
        was, now = self.kept.get("read", {}).get(key, ""), self.before.get(key, "")
        return f"changed meanwhile: {now or 'nothing'}, was {was or 'nothing'}" if was != now else ""

    @property
    def when(self) -> str:
        return self.texts.get("when", "").strip()

    @property
    def shown(self) -> list[str]:
        """The lines that mean something."""
        return [*([NAME] if self.new else []), *rules.keys_of(self.when)]

    @property
    def said(self) -> dict[str, str]:
        """Key -> text, of the lines that are shown and not empty."""
        return {key: text for key in self.shown if key != NAME and (text := self.texts.get(key, "").strip())}

    @property
    def called(self) -> str:
        """Its name."""
        return self.texts.get(NAME, "").strip() if self.new else self.name

    @property
    def changed(self) -> bool:
        """Whether it says something else than before."""
        return self.new or self.said != self.read

    @property
    def replays(self) -> bool:
        """Whether it would fire at other times than before, and its past is known."""
        if self.when in POLLED:
            return False
        said, before = ({k: v for k, v in one.items() if k not in rules.TOLD} for one in (self.said, self.before))
        return self.new or said != before

    def placeholder(self, key: str) -> str:
        """What counts while nothing stands in a line."""
        if key in (NAME, "when"):
            return "a name" if key == NAME else " · ".join(DEFAULTS)
        own = DEFAULTS.get(self.when, {})
        if key in own and own[key] is None:
            return f"needed, such as {rules.example(key)}"
        return rules.spelled(key, rules.granted(self.when).get(key)) or {"query": "all that is heard"}.get(key, "–")

    def checked(self, known: Around) -> tuple[dict[str, Any], dict[str, str]]:
        """(the rule as the configuration has it, what is wrong by line)"""
        entry, faults = rules.entry(self.said)
        if self.new:
            wrong = name_fault("rule", self.called, known.written.rules)
            faults |= {NAME: wrong} if wrong else {} if self.called else {NAME: "type a name first"}
        for key, words in rules.wrong(self.called, entry, known.tables, known.book):
            faults.setdefault(key, words)
        if not self.pressed:
            faults = {key: words for key, words in faults.items() if self.texts.get(key, "").strip()}
        return dict(entry), faults

    def candidates(self, key: str, known: Around) -> list[tuple[str, str]]:
        """(what could stand in a line, what it means), but in one for a query."""
        match key:
            case "when":
                return list(CONDITIONS.items())
            case "per":
                return [(one, "") for one in PER]
            case "fares":
                return [(one, "") for one in FARES]
            case "sources":
                return [(one, "") for one in known.sources]
            case "objectives":
                return [(one.name, f"{one.metric} {one.goal.written}") for one in known.objectives]
            case "desk":
                return [(one.name, one.query) for one in known.desks if one.promises]
            case "inhibits":
                return [(one, "") for one in known.written.rules if one != self.called]
            case "route":
                desks = [(one.name, "a desk") for one in known.desks]
                return [*((f"notify:{one}", "") for one in known.written.notify), *desks]
        return [(one, "") for one in rules.KEYS[key].choices] if key in rules.KEYS else []


def listed(key: str) -> bool:
    """Whether a line takes several, with commas between."""
    return key in rules.KEYS and rules.KEYS[key].kind == "texts"


def completed(key: str, text: str, found: Iterable[tuple[str, str]], by: int) -> str | None:
    """The text with the next of these names in the place of its last part, None when there is none."""
    before, comma, part = text.rpartition(",") if listed(key) else ("", "", text)
    names = [name for name, _ in found]
    typed = part.strip()
    if not names:
        return None
    if typed in names:
        chosen = names[(names.index(typed) + by) % len(names)]
    else:
        chosen = next((one for one in names if one.casefold().startswith(typed.casefold())), "")
    return f"{before}{comma}{' ' if comma else ''}{chosen}" if chosen else None


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
