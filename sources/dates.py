"""Dates as feeds and APIs write them -> Unix seconds.

Stricter than feedparser where guessing harms (`2020/1/10 14:33` is no first of November, the 31st of February no day at
all) and wider where feeds need it (zone names, month names of several languages).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

EARLIEST = 631_152_000
"""1990-01-01: what claims to be older than the web is a mistake."""
AHEAD = 86_400
"""Seconds by which a publisher's clock may be ahead of ours."""

_HOURS = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "met": 1, "mez": 1,
    "cest": 2, "mest": 2, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "ist": 5.5, "hkt": 8, "sgt": 8, "jst": 9, "kst": 9,
    "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
    "nst": -3.5, "brt": -3, "art": -3, "adt": -3, "ast": -4, "edt": -4, "est": -5, "et": -5,
    "cdt": -5, "cst": -6, "ct": -6,
    "mdt": -6, "mst": -7, "mt": -7, "pdt": -7, "pst": -8, "pt": -8, "akst": -9, "hst": -10,
}  # fmt: skip
"""Hours east of Greenwich; the North American and GMT names are RFC 822's, the others what feeds use."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janv janvier januar jänner jan enero ene gennaio gen januari janeiro styczeń янв января",
            "feb february févr février fév fevr fevrier februar febrero febbraio februari fevereiro luty фев февраля",
            "mar march mars mär märz mrz marzo maart mrt março marzec мар марта",
            "apr april avr avril abril abr aprile kwiecień апр апреля",
            "may mai mayo maggio mag mei maio maj мая май",
            "jun june juin juni junio giugno giu junho czerwiec июн июня",
            "jul july juil juillet juli julio luglio lug julho lipiec июл июля",
            "aug august août aout agosto ago augustus augusti sierpień авг августа",
            "sep sept september septembre septiembre settembre set setembro wrzesień сен сентября",
            "oct october octobre oktober okt octubre ottobre ott outubro out październik окт октября",
            "nov november novembre noviembre novembro listopad ноя ноября",
            "dec december déc décembre decembre dezember dez diciembre dic dicembre dezembro grudzień дек декабря",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip

_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,12})?)?"
_ZONE = r"(?P<zone>Z|(?:GMT|UTC)?[+-]\d{1,2}:?\d{2}|[+-]\d{2}|[A-Za-z]{1,5})?"
_ISO = re.compile(
    rf"(?P<year>\d{{4}})([-/.])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}})(?:[Tt,\s]\s*{_TIME}\s*{_ZONE})?", re.ASCII
)
_EAST = re.compile(
    rf"(?P<year>\d{{4}})\s?[年년]\s*(?P<month>\d{{1,2}})\s?[月월]\s*(?P<day>\d{{1,2}})\s?[日일](?:\s*{_TIME}\s*{_ZONE})?"
)
_COMPACT = re.compile(
    rf"(?P<year>\d{{4}})(?P<month>\d\d)(?P<day>\d\d)(?:T?(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d))?{_ZONE})?",
    re.ASCII,
)
_WORDS = re.compile(
    rf"(?:[^\W\d_]+\.?,?\s+)??(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.)?[\s-]+(?:de\s+)?(?P<name>[^\W\d_]+)\.?,?[\s-]+(?:de\s+)?"
    rf"|(?P<name2>[^\W\d_]+)\.?\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+)"
    rf"(?P<year>\d{{4}}|\d{{2}})(?:,?\s+(?:at\s+|um\s+|à\s+)?{_TIME}\s*(?P<half>[AaPp][Mm])?\s*(?:\(?{_ZONE}\)?)(?:\s*\([\w\s]{{1,40}}\))?)?",
)
_ASCTIME = re.compile(
    rf"[^\W\d_]+\s+(?P<name>[^\W\d_]+)\s+(?P<day>\d{{1,2}})\s+{_TIME}\s+(?:{_ZONE}\s+)?(?P<year>\d{{4}})"
)


def _offset(zone: str | None) -> timezone | None:
    if not zone:
        return UTC
    name = zone.lower()
    if name in _HOURS:
        return timezone(timedelta(hours=_HOURS[name]))
    digits = name.removeprefix("gmt").removeprefix("utc")
    if digits[0] not in "+-":
        return UTC
    if ":" in digits:
        hours, _, minutes = digits[1:].partition(":")
    elif len(digits) == 3:
        hours, minutes = digits[1:], "0"
    else:
        hours, minutes = digits[1:-2], digits[-2:]
    span = timedelta(hours=int(hours), minutes=int(minutes))
    if span >= timedelta(hours=24):
        return None
    return timezone(-span if digits[0] == "-" else span)


def _year(text: str) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    return year + (1900 if year >= 90 else 2000)


def _build(found: re.Match[str]) -> int | None:
    parts = found.groupdict()
    name = parts.get("name") or parts.get("name2")
    month = _MONTHS.get(name.lower()) if name else int(parts["month"])
    day = int(parts.get("day") or parts["day2"])
    zone = _offset(parts.get("zone") or ("kst" if "년" in found[0] else None))
    if month is None or zone is None:
        return None
    hour, minute, second = (int(parts.get(key) or 0) for key in ("hour", "minute", "second"))
    if half := parts.get("half"):
        hour = hour % 12 + (12 if half.lower() == "pm" else 0)
    try:
        moment = datetime(
            _year(parts["year"]), month, day, 0 if hour == 24 else hour, minute, min(second, 59), tzinfo=zone
        )
        return int(moment.timestamp()) + (86_400 if hour == 24 else 0) + (second == 60)
    except (ValueError, OverflowError):
        return None


def parse(text: object) -> int | None:
    """Unix seconds of a date in RFC 822, ISO 8601, asctime or a looser form; a missing zone is UTC.

    None when it is unreadable, no day of the calendar, or names no day at all.
    """
    if not isinstance(text, str) or not 6 <= len(text) <= 200:
        return None
    text = " ".join(text.split())
    for form in (_ISO, _WORDS, _EAST, _COMPACT, _ASCTIME):
        if found := form.fullmatch(text):
            return _build(found)
    return None


def plausible(moment: int | None, now: float) -> int | None:
    """The moment when it lies between 1990 and a day from now, else None: a date out of that range is no date."""
    return moment if moment is not None and EARLIEST <= moment <= now + AHEAD else None


def iso(moment: float) -> str:
    """`2026-11-22T05:42:35Z`, as most interfaces want it."""
    return datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
