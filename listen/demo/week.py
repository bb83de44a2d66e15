"""The fictional week: who says what, where and when. The same seed and start give the same week, word for word."""

from __future__ import annotations

import datetime
import math
import random
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

BRAND, RIVAL = "Norvola", "Veltra"
TEAM = "norvola_team"
"""How the brand itself speaks on Hacker News."""
DAYS = 7
CRISIS_DAY = 4
"""Counted from 0: the fifth day."""
AFTERPLAY_DAYS = 2
"""How long people go on talking after the week, for a console that stays open."""

LANGUAGES = {"en": 50, "fr": 26, "de": 13, "es": 11}
PEOPLE = {
    "en": [
        "maya.rides",
        "tom_leeds",
        "oldchain",
        "priya.k",
        "wheelhouse",
        "sam@hub.example",
        "gearheadgran",
        "jonas.b",
    ],
    "fr": ["claire", "velo_nantais", "amandine.l", "le_grimpeur", "papa_cargo", "mireille"],
    "de": ["radlerin", "pendlerglueck", "uwe_h", "lena.f"],
    "es": ["pedaleando", "rocio.m", "bici_bilbao"],
}
WEEKDAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    "de": ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
    "es": ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
}
CALM_MOODS = {"praise": 30, "complaint": 22, "neutral": 26, "rival": 14, "noise": 8}
CRISIS_MOODS = {"crisis": 70, "complaint": 14, "neutral": 8, "praise": 3, "rival": 5}
RELIEF_MOODS = {"relief": 30, "complaint": 20, "praise": 22, "neutral": 18, "rival": 10}
PLACES = {"social": 62, "forum": 20, "reviews": 18}


@dataclass(frozen=True, slots=True)
class Said:
    """One thing somebody published."""

    number: int
    at: float
    place: str
    """`social`, `forum`, `reviews`, `hn`, `daily-spoke`, `harbour-post`, `courrier` or `bazaar`."""
    lang: str
    author: str
    text: str
    title: str | None = None
    parent: int | None = None
    """Number of what it answers, or whose thread it stands in."""
    likes: int | None = None


@cache
def voices() -> dict[str, Any]:
    """The sentences, by language and mood."""
    return tomllib.loads((Path(__file__).parent / "voices.toml").read_text(encoding="utf-8"))


@dataclass(slots=True)
class _Writer:
    rng: random.Random
    start: float
    said: list[Said] = field(default_factory=list)
    asides: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311

    def add(self, at: float, place: str, lang: str, text: str, **more: Any) -> Said:
        author = more.pop("author", None) or self.rng.choice(PEOPLE[lang])
        said = Said(len(self.said) + 1, at, place, lang, author, text, **more)
        self.said.append(said)
        return said

    def fill(self, line: str, lang: str, at: float) -> str:
        return self._filled(line, lang, at, self.rng)

    def told(self, line: str, lang: str, at: float) -> str:
        """The same with something said beside it, so that not everybody seems to copy."""
        parts = voices()["aside"][lang]
        begin, middle, end = (self.asides.choice(parts[part]) for part in ("begin", "middle", "end"))
        aside = self._filled(f"{begin}, {middle}, {end}.", lang, at, self.asides)
        return f"{self.fill(line, lang, at)} {aside}"

    def _filled(self, line: str, lang: str, at: float, rng: random.Random) -> str:
        slots = voices()["slots"]
        weekday = datetime.datetime.fromtimestamp(at, datetime.UTC).weekday()
        return line.format(
            brand=BRAND,
            rival=RIVAL,
            tag=BRAND.lower(),
            model=rng.choice(slots["model"]),
            rival_model=rng.choice(slots["rival_model"]),
            place=rng.choice(slots["place"]),
            n=rng.randint(2, 9),
            day=WEEKDAYS[lang][(weekday - rng.randint(1, 3)) % 7],
            month=self.asides.choice(voices()["months"][lang]),
        )

    def pick(self, weights: dict[str, int]) -> str:
        return self.rng.choices(list(weights), list(weights.values()))[0]


def week(start: float, seed: int = 5) -> list[Said]:
    """Everything said from `start` (Unix seconds) on, in order of time: the week, then two calmer days."""
    writer = _Writer(random.Random(seed), start)  # noqa: S311 - a play, not a secret
    for hour in range((DAYS + AFTERPLAY_DAYS) * 24):
        _people(writer, hour)
        _press(writer, hour)
        _hacker_news(writer, hour)
        if hour % 9 == 4:
            _bazaar(writer, hour)
    return sorted(writer.said, key=lambda said: said.at)


def _hour_times(writer: _Writer, hour: int, rate: float) -> list[float]:
    """Poisson arrivals within one hour."""
    count = 0
    threshold, product = math.exp(-rate), writer.rng.random()
    while product > threshold:
        count += 1
        product *= writer.rng.random()
    return sorted(writer.start + 3600 * (hour + writer.rng.random()) for _ in range(count))


def _mood(day: float) -> tuple[dict[str, int], float]:
    """Moods and loudness of a moment, in days from the start."""
    crisis = CRISIS_DAY + 9 / 24
    if crisis <= day < crisis + 1.1:
        return CRISIS_MOODS, 5.5 * math.exp(-(day - crisis))
    if day >= crisis + 1.1:
        return RELIEF_MOODS, 1.3
    if 1.5 <= day < 1.75:  # the rival's launch
        return {**CALM_MOODS, "rival": 80}, 3.0
    return CALM_MOODS, 1.0


def _people(writer: _Writer, hour: int) -> None:
    moods, loudness = _mood(hour / 24)
    daylight = 0.35 + 0.65 * max(0.0, math.sin((hour % 24 - 6) / 24 * math.tau / 1.5))
    for at in _hour_times(writer, hour, 3.4 * loudness * daylight):
        lang, mood, place = writer.pick(LANGUAGES), writer.pick(moods), writer.pick(PLACES)
        if mood not in voices().get(lang, {}) and mood != "noise":
            mood = "neutral" if mood == "rival" else "complaint"
        lines: Sequence[str] = voices()["noise"]["lines"] if mood == "noise" else voices()[lang][mood]["lines"]
        tell = writer.fill if mood == "noise" else writer.told
        text = tell(writer.rng.choice(lines), lang, at)
        if place == "reviews":
            titles = voices()["titles"]
            writer.add(at, place, lang, text, title=writer.rng.choice(titles.get(mood, titles["other"])[lang]))
        elif place == "forum":
            _forum(writer, at, lang, text)
        else:
            writer.add(at, place, lang, text)
        if place == "social" and writer.rng.random() < 0.05:  # a repost by somebody else, word for word
            writer.add(at + 600, place, lang, text)


def _forum(writer: _Writer, at: float, lang: str, text: str) -> None:
    """A new thread, or an answer in one of the last ones of that language."""
    threads = [said for said in writer.said[-120:] if (said.place, said.lang, said.parent) == ("forum", lang, None)]
    if not threads or writer.rng.random() < 0.4:
        writer.add(at, "forum", lang, text, title=_subject(text))
        return
    thread = writer.rng.choice(threads)
    writer.add(at, "forum", lang, text, title=f"Re: {thread.title}", parent=thread.number)


def _subject(text: str) -> str:
    """How somebody would head this post in a forum."""
    words = re.split(r"[.,:;!?¿¡] ", text)[0].split()
    return " ".join(words[:7]).rstrip(".,:;!?")


def _press(writer: _Writer, hour: int) -> None:
    """Articles; the two English papers print the same agency copy a few minutes apart."""
    day = hour / 24
    crisis = CRISIS_DAY + 0.45 <= day < CRISIS_DAY + 1.5
    if writer.rng.random() > (0.55 if crisis else 0.16):
        return
    at = writer.start + 3600 * (hour + writer.rng.random())
    lang = "fr" if writer.rng.random() < 0.3 else "en"
    group = voices()["press_fr" if lang == "fr" else "press"]["crisis" if crisis else "calm"]
    headline = writer.fill(writer.rng.choice(group["headlines"]), lang, at)
    body = writer.fill(f"{writer.rng.choice(group['bodies'])} {writer.asides.choice(group['beside'])}", lang, at)
    if lang == "fr":
        writer.add(at, "courrier", lang, body, title=headline, author="La rédaction")
        return
    writer.add(at, "daily-spoke", lang, body, title=headline, author="Spoke Wire")
    if writer.rng.random() < 0.6:
        writer.add(at + 420, "harbour-post", lang, body, title=headline, author="Spoke Wire")


def _hacker_news(writer: _Writer, hour: int) -> None:
    hn = voices()["hn"]
    crisis = CRISIS_DAY + 0.5 <= hour / 24 < CRISIS_DAY + 1.2
    for at in _hour_times(writer, hour, 1.2 if crisis else 0.25):
        stories = [said for said in writer.said[-200:] if said.place == "hn" and said.title]
        if not stories or writer.rng.random() < 0.25:
            title = writer.fill(writer.rng.choice(hn["titles"]), "en", at)
            writer.add(at, "hn", "en", "", title=title, likes=writer.rng.randint(1, 240))
        else:
            text = writer.told(writer.rng.choice(hn["comments"]), "en", at)
            said = writer.add(at, "hn", "en", text, parent=writer.rng.choice(stories[-4:]).number)
            if said.number % 3 == 0:
                writer.add(at + 2_400, "hn", "en", hn["answer"].format(brand=BRAND), author=TEAM, parent=said.number)


HOSTILE = (
    "\x1b]0;pwned\x07 cheap {brand} batteries \x1b[2J here",
    "[/] [bold]{brand}[/bold] [@click=app.quit]free {model}[/]",
    "\u202esdrawkcab\u202c {brand} \u2066bidi\u2069 bargain",
    "{brand} z" + "\u0336\u0337\u0338\u0334" * 20 + "algo sale",
    "{brand} " + "🔥" * 900,
    '=HYPERLINK("http://bad.example") {brand} {model}',
    "{brand} \ufeffzero\u200bwidth\u00ad trick </title><script>alert(1)</script>",
)


def _bazaar(writer: _Writer, hour: int) -> None:
    """The flea market's feed: hostile and broken posts beside honest ones."""
    at = writer.start + 3600 * (hour + 0.5)
    line = HOSTILE[(hour // 9) % len(HOSTILE)]
    writer.add(
        at,
        "bazaar",
        "en",
        writer.fill(line, "en", at),
        title=writer.fill(line, "en", at)[:200],
        author="[red]tr\x1b[31mader[/]",
    )
    honest = writer.told("Selling my {brand} {model}, barely used, collect in {place}.", "en", at)
    writer.add(at + 60, "bazaar", "en", honest, title=honest[:60], author="fleamarket")


def until(said: Sequence[Said], now: float, place: str, last: int = 400) -> Iterator[Said]:
    """What a place shows at `now`: its newest posts, newest first."""
    shown = [one for one in said if one.place == place and one.at <= now]
    yield from reversed(shown[-last:])
