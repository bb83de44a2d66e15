"""Sentences that alerts, objectives and the value strip have written in English, in the language of a report.

An alert's arithmetic is stored as it was told when it fired, so it is read again here by the list in `phrases.toml`;
what is not on the list is foreign and stays. A sentence may consist of several, behind semicolons or commas.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from listen.report.words import NO_BREAK, Speech, set_in_french

_AMOUNT = r"[-+\u2212]?\d[\d,]*(?:\.\d+)?"
_UNIT = r"(?:s|m|min|h|d|w)"
_HOLES: Mapping[str, str] = {
    **dict.fromkeys(("n", "m", "k"), rf"{_AMOUNT}(?: %)?"),
    **dict.fromkeys(("v", "w"), rf"{_AMOUNT}(?: %)?(?: ± {_AMOUNT})?"),
    "span": rf"\d[\d.,]* ?{_UNIT}(?: \d+ {_UNIT})?",
    "money": rf"{_AMOUNT} \S.*?",
    "day": r"\d{4}-\d\d-\d\d",
    **dict.fromkeys(("what", "which", "text", "name"), ".+?"),
}
"""Name of a hole in a sentence -> what stands in it."""

_HOLE = re.compile(r"\{(\w+)\}")


LONGEST = 1_000
"""Characters of a sentence; what is longer is none of ours."""


class Phrase(NamedTuple):
    """A sentence: how it reads in English, and what it becomes."""

    pattern: re.Pattern[str]
    english: str
    french: str


@cache
def phrases() -> Sequence[Phrase]:
    """All of them, those that say most in words of their own first."""
    listed = tomllib.loads(Path(__file__).with_name("phrases.toml").read_text(encoding="utf-8"))
    found = [Phrase(_pattern(english), english, french) for english, french in listed.items()]
    return sorted(found, key=lambda one: -len(_HOLE.sub("", one.english)))


def _pattern(english: str) -> re.Pattern[str]:
    parts = _HOLE.split(english)
    made = [f"(?P<{part}>{_HOLES[part]})" if place % 2 else re.escape(part) for place, part in enumerate(parts)]
    return re.compile("".join(made), re.DOTALL)


def told(sentence: str, speech: Speech) -> str:
    """The sentence in the report's language; as it stands where it is not on the list."""
    return sentence if speech.lang == "en" else _told(sentence, speech) or sentence


def stays_english(sentence: str, speech: Speech) -> bool:
    """Whether it is in English on a page that is in another language."""
    return speech.lang != "en" and _told(sentence, speech) is None


def _told(sentence: str, speech: Speech) -> str | None:
    if len(sentence) > LONGEST:
        return None
    for one in phrases():
        found = one.pattern.fullmatch(sentence)
        if found is not None:
            filled = {name: _filled(name, part, speech) for name, part in found.groupdict().items()}
            if None not in filled.values():
                return set_in_french(one.french).format_map(filled)
    for sign, its in (("; ", f"{NO_BREAK}; "), (", ", ", ")):
        parts = sentence.split(sign)
        if len(parts) > 1:
            said = [_told(part, speech) for part in parts]
            return its.join(part for part in said if part is not None) if None not in said else None
    return None


def _filled(name: str, part: str, speech: Speech) -> str | None:
    if name in ("what", "which"):
        return _told(part, speech)
    if name in ("text", "name"):
        return part
    if name == "day":
        return speech.date(date.fromisoformat(part))
    written = re.sub(_AMOUNT, partial(_number, speech), part)
    return re.sub(r"(?<=\d) ?d\b", f"{NO_BREAK}j", written).replace(" %", f"{NO_BREAK}%")


def _number(speech: Speech, found: re.Match[str]) -> str:
    """A number with as many digits as it was written with."""
    plain = found[0].replace(",", "").replace("\N{MINUS SIGN}", "-")
    digits = len(plain.partition(".")[2])
    return (speech.signed if plain.startswith("+") else speech.number)(float(plain), digits)
