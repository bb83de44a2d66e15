"""What the head of an answer says about when to ask again. Pure functions over lower-case header names.

Moments are Unix seconds. A header that cannot be read is one that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from listen.collect.http.records import Rate

DAY = 86_400.0
LONGEST_WAIT = 7 * DAY
"""The most that a Retry-After can ask for."""

_NUMBER = re.compile(r"\d{1,18}(\.\d{1,9})?")
_RATE_PREFIXES = ("ratelimit-", "x-ratelimit-", "x-rate-limit-")


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that Retry-After asks us to wait, up to 7 days; None when it asks for nothing."""
    said = headers.get("retry-after", "").strip()
    if not said:
        return None
    if re.fullmatch(r"\d{19,}", said):
        return LONGEST_WAIT
    if _NUMBER.fullmatch(said):
        seconds = float(said)
    else:
        until = http_date(said)
        if until is None:
            return None
        # The server's own Date takes the difference between our clocks out of the sum.
        seconds = until - _date(headers, now)
    return min(seconds, LONGEST_WAIT) if seconds > 0 else None


def rate(headers: Mapping[str, str], now: float) -> Rate:
    """The allowance from RateLimit (both drafts), RateLimit-*, X-RateLimit-* or X-Rate-Limit-*."""
    if "ratelimit" in headers:
        left, reset = _rate_field(headers["ratelimit"])
        if left is not None:
            return Rate(left, _moment(reset, now))
    for prefix in _RATE_PREFIXES:
        said = headers.get(prefix + "remaining", "").strip()
        if _NUMBER.fullmatch(said):
            return Rate(int(float(said)), _moment(headers.get(prefix + "reset", ""), now))
    return Rate()


def _rate_field(said: str) -> tuple[int | None, str]:
    """`"a";r=5;t=30, "b";r=2;t=9` or `limit=10, remaining=5, reset=30`: what is left, and when it is filled up."""
    found: list[tuple[int, str]] = []
    for policy in said.split(",") if re.search(r";\s*r=", said) else [said]:
        left = re.search(r"\b(?:r|remaining)\s*=\s*(\d{1,18})", policy)
        reset = re.search(r"\b(?:t|reset)\s*=\s*(\d{1,18})", policy)
        if left:
            found.append((int(left[1]), reset[1] if reset else ""))
    # Of several policies the tightest one decides.
    return min(found) if found else (None, "")


def _moment(said: str, now: float) -> float | None:
    """A reset, whose unit nobody agrees on: ISO or HTTP date, Unix milliseconds, Unix seconds, or seconds from now."""
    said = said.strip()
    if _NUMBER.fullmatch(said):
        number = float(said)
        if number >= 1e12:
            return number / 1000
        return number if number >= 1e9 else now + number
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return http_date(said)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def fresh_for(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds for which the answer is good: max-age less Age, else Expires, between 0 and a day (RFC 9111, 4.2)."""
    control = headers.get("cache-control", "").lower()
    if re.search(r"\bno-(?:store|cache)\b", control):
        return 0.0
    age = re.search(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,18})", control)
    if age:
        spent = headers.get("age", "").strip()
        return _clamp(float(age[1]) - (float(spent) if _NUMBER.fullmatch(spent) else 0.0))
    if "expires" in headers:
        until = http_date(headers["expires"])
        # An Expires that is no date means "already" (RFC 9111, 5.3).
        return 0.0 if until is None else _clamp(until - _date(headers, now))
    return None


def _clamp(seconds: float) -> float:
    return min(max(seconds, 0.0), DAY)


def _date(headers: Mapping[str, str], now: float) -> float:
    said = http_date(headers.get("date", ""))
    return now if said is None else said


def http_date(said: str) -> float | None:
    """The moment of an HTTP date in any of its three spellings, or None."""
    try:
        moment = parsedate_to_datetime(said)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
