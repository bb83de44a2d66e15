"""`name:value` of a query -> nodes of the tree: closed sets, numbers and ranges, times relative and absolute."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Literal, cast, get_args

from listen import countries, model
from listen.query import tree
from listen.query.errors import Hint, QueryError, suggestion
from listen.query.lex import FACETS, LATER, NAMED, NUMBERS, TIMES, WEEKLY, Token, Value
from listen.query.terms import ascii_lower
from listen.query.weekly import weekly
from listen.text import fold

IS = ("starred", "answered", "own", "noise", "corrected", "repost", "reply", "question", "edited", "deleted",
      "withheld", "late")  # fmt: skip
HAS = ("link", "author", "title", "note", "tag", "topic")
ToneName = Literal["neg", "neu", "pos", "none", "unknown"]
TONES: tuple[ToneName, ...] = get_args(ToneName)

_LANGUAGES = {
    "arabic": "ar", "chinese": "zh", "dutch": "nl", "english": "en", "french": "fr", "german": "de", "greek": "el",
    "hindi": "hi", "italian": "it", "japanese": "ja", "korean": "ko", "polish": "pl", "portuguese": "pt",
    "russian": "ru", "spanish": "es", "swedish": "sv", "thai": "th", "turkish": "tr", "ukrainian": "uk",
}  # fmt: skip
_NUMBER = r"[-+]?(?:\d{1,12}(?:\.\d{0,6})?|\.\d{1,6})[kKmM]?"
_COMPARED = re.compile(rf"(<=|>=|<|>|=)?({_NUMBER})")
_RANGE = re.compile(rf"({_NUMBER})?\.\.({_NUMBER})?")
_AGO = re.compile(r"(\d{1,5})([mhdw])")
_UNITS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DATE = re.compile(r"(\d{4})(?:-(\d\d?)(?:-(\d\d?)(?:[Tt](\d\d?)(?::(\d\d)(?::(\d\d))?)?([Zz]|[+-]\d\d:?\d\d)?)?)?)?")
_YEARS = (1970, 2199)
_TIME_HINT = "write 2h, 30m, 7d or 4w for so long ago, or 2026, 2026-01, 2026-01-31, 2026-01-31T14:00"


def field(token: Token, zone: tzinfo, hints: list[Hint]) -> tree.Node:
    """The node of a field and its values. Dates without an offset are read in `zone`.

    Raises:
        QueryError: a value that the field cannot have, with what it can.
    """
    name, span = token.text, (token.start, token.end)
    for value in token.values:
        if not value.text.strip():
            raise QueryError(f"{name}: wants a value", value.start, value.end - value.start)
    if name in LATER:
        return _later(name, token.values, span, hints)
    if name in TIMES:
        return _either([_time(name, value, zone, span) for value in _single(name, token.values)], span)
    if name in WEEKLY:
        return weekly(cast(Literal["weekday", "hour"], name), token.values, zone, span)
    if name == "toward":
        return _either([_toward(value, span) for value in token.values], span)
    if name == "sentiment":
        return _sentiment(token.values, span)
    if name in NUMBERS:
        return _either([_number(name, value, 1, span) for value in token.values], span)
    if name in NAMED:
        named = _unique([fold(value.text.strip()) for value in token.values])
        return tree.View(named, span) if name == "view" else tree.Desk(named, span)
    assert name in FACETS
    if name == "stage":
        return _stages(token.values, span)
    if name in ("is", "has"):
        return _flags(name, token.values, span)
    read = _READERS[name]
    return tree.Facet(cast(tree.FacetName, name), _unique([read(value) for value in token.values]), span)


def _unique(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _either(nodes: list[tree.Node], span: tree.Span) -> tree.Node:
    return nodes[0] if len(nodes) == 1 else tree.Or(tuple(nodes), span)


def _wrong(value: Value, message: str, hint: str = "", expected: Sequence[str] = ()) -> QueryError:
    return QueryError(message, value.start, value.end - value.start, hint, expected)


def _later(name: str, values: tuple[Value, ...], span: tree.Span, hints: list[Hint]) -> tree.Later:
    hints.append(Hint(f"{name}: is not there yet: it is unknown of every mention", span[0], span[1] - span[0]))
    return tree.Later(name, " ".join(value.text for value in values), span)


# --- values of closed and open sets -----------------------------------------------------------------------------------


def _one_of(name: str, choices: tuple[str, ...]) -> Callable[[Value], str]:
    def read(value: Value) -> str:
        given = value.text.lower()
        if given in choices:
            return given
        meant = suggestion(given, choices)
        hint = f"did you mean {name}:{meant}" if meant else f"it is one of {', '.join(choices)}"
        raise _wrong(value, f"there is no {name}:{value.text}", hint, choices)

    return read


def _lang(value: Value) -> str:
    given = value.text.lower()
    if re.fullmatch("[a-z]{2,3}", given):
        return given
    meant = _LANGUAGES.get(given) or _LANGUAGES.get(suggestion(given, _LANGUAGES))
    hint = f"did you mean lang:{meant}" if meant else "write lang:fr, or lang:(fr de) for several"
    raise _wrong(value, "a language is a code of two or three letters", hint, sorted(_LANGUAGES.values()))


def _country(value: Value) -> str:
    code = countries.code(value.text)
    if code is None:
        given = value.text.lower()
        meant = countries.NAMES.get(given if len(given) < 3 else suggestion(given, countries.NAMES))
        hint = f"did you mean country:{meant}" if meant else "write country:fr, or country:(fr be) for several"
        raise _wrong(value, "a country is one of the two-letter codes of ISO 3166", hint, sorted(countries.CODES))
    return code


def _author(value: Value) -> str:
    name = fold(value.text.strip())
    if not name.removeprefix("@").rstrip("*"):
        raise _wrong(value, "author: wants a handle or a name", 'write author:claire, author:cla* or author:"Le Monde"')
    if "*" in name.rstrip("*"):
        raise _wrong(value, "a * stands at the end of an author only", "write author:cla*")
    return name.rstrip("*") + ("*" if name.endswith("*") else "")


def _site(value: Value) -> str:
    if re.fullmatch(r"@[\w.&+-]+", value.text.strip()):
        return _folded(value)
    host = re.sub(r"^https?://", "", ascii_lower(value.text.strip())).removeprefix("www.").rstrip("/")
    host = host.removeprefix("*.").strip(".")
    if "/" in host:
        raise _wrong(value, "a site is a host name", f"write url:{host} for a part of a link")
    host = host.partition(":")[0]
    if not host or re.search(r"[\s*?#@]", host):
        raise _wrong(value, "a site is a host name", "write site:lemonde.fr; it holds for www.lemonde.fr, too")
    return host


def _url(value: Value) -> str:
    return _part(value, "url")


def _link(value: Value) -> str:
    return _part(value, "link").removeprefix("www.")


def _part(value: Value, name: str) -> str:
    part = re.sub(r"^https?://", "", ascii_lower(value.text.strip()))
    if not part:
        raise _wrong(value, f"{name}: wants a part of a link", f"write {name}:lemonde.fr/sport")
    return part


def _folded(value: Value) -> str:
    return fold(value.text.strip())


def _tag(value: Value) -> str:
    return _folded(value).removeprefix("#")


MISTYPED = 0.8
"""What is this much like the name of an intent is taken for a slip of the hand."""


def _intent(value: Value) -> str:
    """Names of the configuration's own are not known here, so only what looks like one that is known is refused."""
    name = fold(value.text.strip())
    if name in model.INTENTS:
        return name
    meant = suggestion(name, model.INTENTS, MISTYPED)
    if meant or not re.fullmatch("[a-z][a-z0-9-]*", name):
        hint = f"did you mean intent:{meant}" if meant else f"it is one of {', '.join(model.INTENTS)}, or one of yours"
        raise _wrong(value, f"there is no intent:{value.text}", hint, model.INTENTS)
    return name


def _stages(values: tuple[Value, ...], span: tree.Span) -> tree.Node:
    """A mention is in one stage at most: the first one of which it shows an intent."""
    read = _one_of("stage", tuple(model.STAGES))
    return _either([_stage(stage, span) for stage in _unique([read(value) for value in values])], span)


def _stage(name: str, span: tree.Span) -> tree.Node:
    before = list(model.STAGES)[: list(model.STAGES).index(name)]
    shown = tree.Facet("intent", model.STAGES[name], span)
    others = tuple(intent for stage in before for intent in model.STAGES[stage])
    return tree.And((shown, tree.Not(tree.Facet("intent", others, span), span)), span) if others else shown


def _person(value: Value) -> str:
    return _folded(value).removeprefix("@")


def _story(value: Value) -> str:
    number = value.text.strip().lstrip("#")
    if not re.fullmatch("[0-9]{1,15}", number):
        raise _wrong(value, "a story has a number", "write story:512; `listen show ID` names the story of a mention")
    return str(int(number))


def _id(value: Value) -> str:
    number = value.text.strip()
    if not re.fullmatch("[0-9]{1,15}", number):
        raise _wrong(value, "id: wants a mention's number", "write id:3360935116800, as `listen search` tells it")
    return str(int(number))


_READERS: dict[str, Callable[[Value], str]] = {
    "topic": _folded,
    "source": _folded,
    "author": _author,
    "lang": _lang,
    "country": _country,
    "kind": _one_of("kind", model.KINDS),
    "status": _one_of("status", model.STATUSES),
    "site": _site,
    "url": _url,
    "link": _link,
    "tag": _tag,
    "assignee": _person,
    "story": _story,
    "id": _id,
    "segment": _folded,
    "intent": _intent,
}


def _flags(name: str, values: tuple[Value, ...], span: tree.Span) -> tree.Node:
    known = IS if name == "is" else HAS
    read = _one_of(name, known)
    given: list[str] = []
    for value in values:
        if name == "is" and value.text.lower() in model.STATUSES and value.text.lower() not in IS:
            raise _wrong(value, f"there is no is:{value.text}", f"did you mean status:{value.text.lower()}", known)
        given.append(read(value))
    nodes: list[tree.Node] = []
    if name == "is" and "late" in given:
        nodes.append(tree.Late((), span))
    if facets := _unique([flag for flag in given if (name, flag) != ("is", "late")]):
        nodes.append(tree.Facet(cast(Literal["is", "has"], name), facets, span))
    return _either(nodes, span)


# --- numbers ----------------------------------------------------------------------------------------------------------


def _sentiment(values: tuple[Value, ...], span: tree.Span) -> tree.Node:
    """Words and numbers; a number is a score between -1 and 1, thousandths in the tree."""
    tones = _unique([value.text.lower() for value in values if value.text.lower() in TONES])
    nodes: list[tree.Node] = [tree.Tone(cast(tuple[ToneName, ...], tones), span)] if tones else []
    for value in values:
        if value.text.lower() in TONES:
            continue
        if value.text.isalpha():
            _one_of("sentiment", TONES)(value)
        number = _number("sentiment", value, 1000, span)
        if any(bound is not None and abs(bound) > 1000 for bound in (number.low, number.high)):
            raise _wrong(value, "a sentiment lies between -1 and 1", "write sentiment:neg or sentiment:<-0.3", TONES)
        nodes.append(number)
    return _either(nodes, span)


_TOWARD = "toward"
_TOWARD_HINT = "write toward:acme:neg or toward:acme:<-0.3"


def _toward(value: Value, span: tree.Span) -> tree.Toward:
    """`acme:neg`: the last colon is the one between the topic and its tone."""
    topic, colon, tone = value.text.rpartition(":")
    if not colon or not topic.strip() or not tone.strip():
        raise _wrong(value, f"{_TOWARD}: wants a topic and a tone", _TOWARD_HINT)
    given = value._replace(text=tone.strip(), start=value.end - len(tone) - value.quoted, end=value.end - value.quoted)
    try:
        found = _sentiment((given,), tree.NOWHERE)
    except QueryError as error:
        message = error.message.replace("sentiment:", f"{_TOWARD}:")
        raise _wrong(given, message, error.hint.replace("sentiment:", f"{_TOWARD}:acme:"), error.expected) from None
    assert isinstance(found, tree.Number | tree.Tone)
    return tree.Toward(fold(topic.strip()), found, span)


def _number(name: str, value: Value, scale: int, span: tree.Span) -> tree.Number:
    field_name, given = cast(tree.NumberName, name), value.text.strip()
    if (found := _RANGE.fullmatch(given)) and (found[1] or found[2]):
        low, high = (_amount(bound, scale) if bound else None for bound in found.groups())
        if low is not None and high is not None and low > high:
            raise _wrong(value, f"the range {given} is empty", f"write {name}:{found[2]}..{found[1]}")
        return tree.Number(field_name, low, high, span=span)
    compared = _COMPARED.fullmatch(given)
    if not compared:
        example = "<-0.3, -1..-0.5 or neg" if name == "sentiment" else ">1000, <=10, 5, 10..20 or 10k.."
        raise _wrong(
            value,
            f"{name}: wants a number",
            f"write {name}:{example.replace(' or ', f' or {name}:')}",
            [">", "<", ".."],
        )
    amount = _amount(compared[2], scale)
    match compared[1]:
        case "<" | "<=":
            return tree.Number(field_name, None, amount, high_included=compared[1] == "<=", span=span)
        case ">" | ">=":
            return tree.Number(field_name, amount, None, low_included=compared[1] == ">=", span=span)
    return tree.Number(field_name, amount, amount, span=span)


def _amount(written: str, scale: int) -> float:
    factor = {"k": 1_000, "m": 1_000_000}.get(written[-1].lower(), 1)
    return round(float(written.rstrip("kKmM")) * factor * scale, 6)


# --- times ------------------------------------------------------------------------------------------------------------


def _single(name: str, values: tuple[Value, ...]) -> tuple[Value, ...]:
    if len(values) > 1 and name != "date":
        raise _wrong(values[1], f"{name}: takes one time", f"write {name}:{values[0].text}")
    return values


def _time(name: str, value: Value, zone: tzinfo, span: tree.Span) -> tree.Time:
    """A date, month or year stands for all of it: `until:2026-01-31` holds that day. A clock time is that instant."""
    first, dots, last = value.text.strip().partition("..")
    if dots and name not in ("date", "seen"):
        raise _wrong(value, f"{name}: takes one time, no range", f"write date:{value.text}")
    if dots and not first and not last:
        raise _wrong(value, f"{name}: wants a time", _TIME_HINT)
    low, high = _span(name, value, first, zone) if first else (None, None)
    if dots:
        high = _end(name, value, last, zone) if last else None
    subject: Literal["time", "seen"] = "seen" if name == "seen" else "time"
    match name:
        case "since":
            return tree.Time(subject, low, None, span)
        case "until":
            return tree.Time(subject, None, _end(name, value, first, zone), span)
    if low and high and (low.at is None) == (high.at is None) and low.resolve(0.0) >= high.resolve(0.0):
        raise _wrong(value, f"the range {value.text} is empty", f"write {name}:{last}..{first}")
    return tree.Time(subject, low, high, span)


def _end(name: str, value: Value, written: str, zone: tzinfo) -> tree.Moment:
    """Where `until:` and the second half of a range end: after the day, month or year, at the clock time itself."""
    start, after = _span(name, value, written, zone)
    found = _DATE.fullmatch(written)
    return start if after is None or (found and found[4]) else after


def _span(name: str, value: Value, written: str, zone: tzinfo) -> tuple[tree.Moment, tree.Moment | None]:
    """The first instant, and the first one after it; for "so long ago" there is no second one."""
    if ago := _AGO.fullmatch(written):
        return tree.Moment(ago=float(int(ago[1]) * _UNITS[ago[2]])), None
    found = _DATE.fullmatch(written)
    if not found:
        raise _wrong(value, f"{name}: wants a time", _TIME_HINT, ["2h", "7d", "2026-01-31"])
    year, month, day, hour, minute, second = (int(part) if part else None for part in found.groups()[:6])
    assert year is not None
    if not _YEARS[0] <= year <= _YEARS[1]:
        raise _wrong(value, f"the year lies between {_YEARS[0]} and {_YEARS[1]}", _TIME_HINT)
    try:
        start = datetime(
            year, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=_offset(found[7]) or zone
        )
    except ValueError:
        raise _wrong(value, f"there is no such time as {written}", _TIME_HINT) from None
    end = _next(start, (month, day, hour, minute, second))
    return tree.Moment(at=int(start.timestamp())), tree.Moment(at=int(end.timestamp()))


def _next(start: datetime, parts: tuple[int | None, ...]) -> datetime:
    """The first instant after the year, month, day, hour, minute or second that was written."""
    match parts.index(None) if None in parts else len(parts):
        case 0:
            return start.replace(year=start.year + 1)
        case 1:
            return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
        case 2:
            return start + timedelta(days=1)
        case depth:
            return start + timedelta(seconds=(3600, 60, 1)[depth - 3])


def _offset(written: str | None) -> tzinfo | None:
    if not written:
        return None
    if written in "Zz":
        return UTC
    minutes = int(written[1:3]) * 60 + int(written[-2:])
    if minutes >= 1440:
        raise ValueError(written)
    return timezone(timedelta(minutes=-minutes if written[0] == "-" else minutes))
