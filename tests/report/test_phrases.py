"""What alerts and objectives tell in English is told in French by a French report, to the last word of ours."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listen.alerts.evaluate import Seen, reading
from listen.alerts.rules import Rule
from listen.insight import metrics, objectives
from listen.insight.expected import BY_DAYS, BY_HOURS, BY_WEEKS, Expectation
from listen.insight.window import DAY
from listen.objectives import METRICS, Money, Objective, target_of
from listen.query import QueryError, parse
from listen.report.page import Page
from listen.report.phrases import phrases, stays_english, told
from listen.report.words import Speech, catalogue
from listen.report.writing import write
from listen.store.read import Reader
from tests.report.conftest import NOW, WINDOW

FRENCH = Speech("fr")
NARROW, FIRM = "\u202f", "\u00a0"


def test_every_sentence_keeps_what_stands_in_it() -> None:
    for one in phrases():
        assert sorted(re.findall(r"{\w+}", one.english)) == sorted(re.findall(r"{\w+}", one.french)), one.english
        assert one.french.strip()


@pytest.mark.parametrize("when", ["match", "count", "share", "spike", "silence", "growth"])
def test_the_arithmetic_of_every_condition_is_known(when: str) -> None:
    said = 0
    bases = [None, *(Expectation(1_850.25, 3.78, basis) for basis in (BY_WEEKS, BY_DAYS, BY_HOURS))]
    for usual, heard, window, n in product(bases, (1.0, 0.4), (3_600.0, 2 * DAY, 5_400.0), (1, 1_204)):
        rule = Rule("r", when, window=window, coverage=0.8, at_most=9_999, threshold=0.1, mentions=1)
        seen = Seen(n, n, 1 if n == 1 else 2, 2_000, 0, heard, usual)
        text = reading(rule, "", {}, seen, NOW).evidence.get("text", "")
        said += bool(text)
        assert not text or not stays_english(text, FRENCH), text
    assert said >= 12


def test_numbers_times_and_days_are_written_as_french_writes_them() -> None:
    spike = "1,204 in 2 d, expected 1.8 ± 3.8 (the last hours), 1 author, 2 stories, coverage 100 %"
    assert told(spike, FRENCH) == (
        f"1{NARROW}204 en 2{FIRM}j, attendu 1,8 ± 3,8 (dernières heures), 1 auteur, 2 histoires, couverture 100{FIRM}%"
    )
    assert told("first: 74 % ± 4, on course for 78 %: short by 2; 2026-01-01 is over", FRENCH) == (
        f"first{FIRM}: 74{FIRM}% ± 4, en route vers 78{FIRM}%{FIRM}: il manque 2{FIRM}; "
        f"le 1er{FIRM}janv.{FIRM}2026 est passé"
    )
    missed = "mood: +0.02 ± 0.08: short by 0.28 · heard 68 %; little time is left; the target is >= 0.3 by 2026-12-24"
    assert told(missed, FRENCH).endswith(
        f"il reste peu de temps{FIRM}; l'objectif est >= 0,3 d'ici le 24{FIRM}déc.{FIRM}2026"
    )
    assert told("mood: +0.02 ± 0.08: short by 0.28; the target is 80 % < 2h", FRENCH).endswith(
        f"l'objectif est 80{FIRM}% < 2h"
    )
    assert told("3 late at R&D, Paris, 5 are too many", FRENCH) == (
        "3 en retard chez R&D, Paris, c'est trop à partir de 5"
    )
    assert told(spike, Speech("en")) == spike
    assert told("1 author, " * 50_000, FRENCH).startswith("1 author"), "nothing of ours is so long"


def test_what_objectives_measure_and_assume_is_known(told: object) -> None:
    with Reader(told) as reader:  # type: ignore[arg-type]
        promised = [
            Objective(name, name, target_of({"time": "<= 90m", "net": "> 0.1"}.get(one.kind, ">= 0.5"), one.kind),
                      topic="acme", worth=Money(40, "EUR"), hour=Money(3.5, "EUR"), minutes=minutes)
            for name, one in METRICS.items() for minutes in (None, 2.5)
        ]  # fmt: skip
        found = objectives.progress(reader, promised, now=NOW - 1)
    assert len(found) == 2 * len(METRICS)
    for one in found:
        for text in (one.target, one.note, *one.assumptions, one.unit, f"{one.name}: {one.short}"):
            assert not text or not stays_english(text, FRENCH), text
    for text in (metrics.PARTLY, metrics._waits(1_204), objectives.ALL_WORK):
        assert not stays_english(text, FRENCH), text


def test_a_query_that_cannot_be_read_is_told_in_french_around_what_it_says(told: object) -> None:
    broken = Objective("odd", "volume", target_of(">= 5", "count"), query="acme AND (")
    with Reader(told) as reader:  # type: ignore[arg-type]
        (one,) = objectives.progress(reader, [broken], now=NOW - 1)
    with pytest.raises(QueryError) as fault:
        parse(broken.query)
    assert told_in_french(one.note) == f"sa requête ne peut être lue{FIRM}: «{FIRM}{fault.value}{FIRM}»"
    loop = "its query cannot be read: column 6: a view cannot hold itself: a → b → a; take b out of one of them"
    assert told_in_french(loop) == (
        f"sa requête ne peut être lue, colonne 6{FIRM}: une vue ne peut se contenir elle-même{FIRM}: a → b → a{FIRM}; "
        "retirez b de l'une d'elles"
    )


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=60) | st.text(alphabet="0123456789,.±% hd:;(in", max_size=40))
def test_any_words_come_through(words: str) -> None:
    assert isinstance(told_in_french(words), str)


def told_in_french(words: str) -> str:
    return told(words, FRENCH)


FOREIGN = {"code", "bdi", "ol", "title"}
"""Elements that hold what others wrote."""


class Ours(HTMLParser):
    """The words of a page that are ours."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.open: list[tuple[str, bool]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br", "hr"):
            given = dict(attrs)
            foreign = tag in FOREIGN or given.get("dir") == "auto" or given.get("class") == "flag"
            self.open.append((tag, foreign or (tag, given.get("lang")) == ("span", "en")))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(foreign for _, foreign in self.open) and self.open and self.open[-1][0] != "style":
            self.words.append(data)


def words_of(texts: object) -> set[str]:
    return set(re.findall(r"[a-zà-ÿ]{3,}", " ".join(texts).lower()))  # type: ignore[call-overload]


NAMES = {"acme", "rival", "mood", "loud", "heard", "anger", "rivals", "deaf", "each", "claire", "utc", "eur", "ana"}
"""What somebody has named in the world of these tests."""


def test_a_french_report_is_french_to_the_last_word(ask: Callable[..., Page]) -> None:
    english = words_of(one["en"] for one in catalogue().values()) | words_of(one.english for one in phrases())
    french = words_of(one["fr"] for one in catalogue().values()) | words_of(one.french for one in phrases())
    for more in ({}, {"other": WINDOW.before()}, {"hidden": True}, {"only": "lang:fr"}):
        page = write(ask("fr", **more), "html")
        assert page.count('<span lang="en">') == 2, "two alerts hold what nobody of ours has written"
        text = Ours(page).words
        assert len(words_of(text) & french) > 120
        assert words_of(text) & (english - french - NAMES) == set()
    written = words_of(Ours(write(ask("en"), "html")).words)
    assert len(written & (english - french)) > 60, "English would be found"
