"""Every text stands in every language, and numbers and times are written as each writes them."""

from __future__ import annotations

import re
import string
from datetime import UTC
from zoneinfo import ZoneInfo

from listen.report.render import TEMPLATES
from listen.report.words import LANGUAGES, Ours, Speech, catalogue

NOW = 1_767_225_600
"""2026-01-01 00:00 UTC."""


def named(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_text_stands_in_every_language_with_the_same_names_and_no_sign_of_a_page() -> None:
    assert len(catalogue()) > 100
    for name, texts in catalogue().items():
        assert tuple(texts) == LANGUAGES, name
        assert len({frozenset(named(text)) for text in texts.values()}) == 1, name
        assert not any(set('<>&"`[]|') & set(text) for text in texts.values()), name


def test_templates_ask_for_texts_that_there_are() -> None:
    asked = {
        name for file in TEMPLATES.iterdir() for name in re.findall(r'word\("([a-z_.]+)"[,)]', file.read_text("utf-8"))
    }
    assert len(asked) > 30
    assert asked <= set(catalogue())


def test_numbers() -> None:
    en, fr = Speech("en"), Speech("fr")
    assert (en.number(1234567), fr.number(1234567)) == ("1,234,567", "1\u202f234\u202f567")
    assert (en.signed(0.125, 2), fr.signed(-0.5, 2), en.signed(-0.001, 2)) == ("+0.12", "\u22120,50", "0.00")
    assert (en.percent(0.384), fr.percent(None)) == ("38\u00a0%", "?")
    assert (en.change(150, 100), en.change(100, 100), en.change(4, 0), en.change(300, 3)) == (
        "+50\u00a0%", "=", "new", "×100",
    )  # fmt: skip
    assert en.points(0.31, 0.38) == "\u22127\u00a0pts"


def test_times() -> None:
    paris = Speech("fr", ZoneInfo("Europe/Paris"))
    assert paris.moment(NOW, year=True) == "1er\u00a0janv.\u00a02026\u00a001:00"
    assert Speech("en", UTC).span(NOW, NOW + 7 * 86_400) == "1\u00a0Jan\u00a02026 – 7\u00a0Jan\u00a02026"
    assert "01:00" in paris.span(NOW, NOW + 86_400)


def test_a_text_with_foreign_words_is_foreign() -> None:
    speech = Speech("en")
    assert isinstance(speech.word("was", n=speech.number(3)), Ours)
    assert not isinstance(speech.word("was", n="<b>"), Ours)
    assert not isinstance(speech.known("languages", "<b>"), Ours)
