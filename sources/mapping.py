"""Mappings: what a JSON API is asked and where its answers hold what, said in a data file and not in code.

A file is checked whole before it is used; a fault names the file, the key and what was expected. Expressions are
JMESPath, which only looks things up: it knows no loops of its own, no files and no network.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from sources import MAPPINGS
from sources.base import SourceError

LARGEST = 65_536
"""Bytes of a mapping file."""
LONGEST = 500
"""Characters of an expression."""
MOST_NODES = 120
"""Parts of an expression."""
FIELDS = (
    "id", "kind", "url", "title", "text", "author", "author_name", "author_url", "followers", "lang", "published_at",
    "edited_at", "state", "rating", "likes", "replies", "reposts", "views", "parent_id", "thread_id", "tags",
    "truncated", "country",
)  # fmt: skip
"""What `[post]` may say: the fields of `Post`, with those of its author beside them."""
PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\w+)\}")
_DURATION = re.compile(r"(\d+)(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_EXPRESSION_HELP = "https://jmespath.org has a tutorial"


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """`[options.NAME]`: a key that the source may or must have."""

    help: str
    type: Literal["text", "number", "flag", "texts", "secret"] = "text"
    required: bool = False
    default: str = ""


class Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """`[request]`: what to ask. `{name}` stands for an option, `each`, `page`, `since` or `found`."""

    url: str
    url_each: str = ""
    """The address where there is something to ask for; `url` is then for everything."""
    method: Literal["GET", "POST"] = "GET"
    params: dict[str, str] = {}
    headers: dict[str, str] = {}
    body: dict[str, Any] | None = None
    """Sent as JSON."""


class Lookup(Struct, frozen=True, forbid_unknown_fields=True):
    """`[lookup]`: a question that comes first, once for each channel; its answer is `{found}` from then on."""

    url: str
    value: str
    params: dict[str, str] = {}


class Paging(Struct, frozen=True, forbid_unknown_fields=True):
    """`[paging]`: how the rest of an answer is asked for, newest first; `forward`: where the next visit begins."""

    kind: Literal["page", "offset", "cursor", "link", "forward"]
    param: str = ""
    first: int = 1
    """The number of the first page."""
    at: str = ""
    """Where the answer says how to go on; without it, `link` reads the header of that name."""
    plus: int = 0
    """Added to what stands there: some servers want the number after the last."""
    size: int = 0
    """Items of a full answer: one with fewer is the last."""
    most: int = 5
    """Answers of one round."""


class Since(Struct, frozen=True, forbid_unknown_fields=True):
    """`[since]`: how `{since}` is written, and how far back it lies."""

    form: Literal["seconds", "milliseconds", "iso", "date"]
    first: str = ""
    """How far back the first round goes; without it, the server decides."""
    overlap: str = "10m"


class Rules(Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping as it is written."""

    name: str
    summary: str
    post: dict[str, str]
    request: Asked = Asked("")
    """Left out by a mapping for what others bring."""
    needs: str = ""
    every: str = "1h"
    network: str = ""
    """Name space of the ids; the mapping's name when left out."""
    each: str = ""
    """The option whose values make a channel each, `{each}`."""
    terms: bool = False
    """The topics' search words stand in where that option is left out."""
    phrases: bool = False
    """Whatever is more than one plain word is put into quotes; tags and handles are asked for as words."""
    daily: int = 0
    """Questions a day that the key allows, all channels together; an option `daily` says otherwise. 0: not counted."""
    shortest: int = 0
    """Words of fewer letters are left out, where the place refuses whole questions for them."""
    brackets: bool = False
    """A question of several joined values stands in brackets, one of a single value does not."""
    joined: str = ""
    """What joins all values into one question, such as " OR "."""
    longest: int = 400
    """Characters of a joined question; what is longer becomes several."""
    items: str = "@"
    skip: str = ""
    """True for items that are none."""
    error: str = ""
    """Words of an answer that is a refusal; nothing when it is none."""
    remedy: str = ""
    html: list[Literal["title", "text"]] = []
    times: Literal["auto", "seconds", "milliseconds"] = "auto"
    options: dict[str, Wish] = {}
    lookup: Lookup | None = None
    paging: Paging | None = None
    since: Since | None = None


class MappingFile:
    """A mapping that has been checked, with its expressions ready."""

    def __init__(self, rules: Rules, file: str) -> None:
        self.rules, self.file = rules, file
        faults: list[str] = []
        self.expressions = {key: _compiled(key, text, faults) for key, text in _expressions(rules)}
        faults += _faults(rules)
        if faults:
            raise refusal(file, faults)

    @property
    def network(self) -> str:
        return self.rules.network or self.rules.name

    @property
    def every(self) -> float:
        return duration(self.rules.every) or 3_600.0

    def secrets(self) -> set[str]:
        return {name for name, wish in self.rules.options.items() if wish.type == "secret"}

    def search(self, key: str, value: Any) -> Any:
        """What the expression of that key finds in the value; None where the mapping has none."""
        expression = self.expressions.get(key)
        return None if expression is None else expression.search(value)

    def answered(self, key: str, answer: Any) -> Any:
        """`search` in a whole answer. Raises SourceError `shape` when the expression cannot be applied to it."""
        from jmespath.exceptions import JMESPathError

        try:
            return self.search(key, answer)
        except (JMESPathError, TypeError, ValueError, AttributeError) as error:
            words = f"the answer is not as {self.file} says ({key}: {' '.join(str(error).split())[:160]})"
            raise SourceError("shape", words, "The API may have changed; correct the mapping.") from None


def refusal(file: str, faults: Iterable[str]) -> SourceError:
    told = list(faults)
    more = f" (and {len(told) - 5} more)" if len(told) > 5 else ""
    remedy = "correct the mapping; `listen sources check FILE --fixture ANSWER` tries it on a recorded answer"
    return SourceError("mapping", f"{file}: {'; '.join(told[:5])}{more}", remedy)


def duration(text: str) -> float | None:
    """`"15m"` -> 900.0; None when it is no duration."""
    found = _DURATION.fullmatch(text)
    return float(int(found[1]) * _SECONDS[found[2]]) if found else None


# --- files ------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def built_in(name: str) -> MappingFile:
    """The mapping of that name that comes with the program."""
    return checked(written(MAPPINGS / f"{name}.toml"))


def written(path: Path) -> str:
    """What a mapping file says, as JSON on one line together with the file's name. Raises SourceError `mapping`.

    It travels with the channel, so that whoever reads an answer needs no file.
    """
    if path.exists() and not path.is_file():
        raise refusal(str(path), ["is no plain file"])
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise refusal(str(path), [f"cannot be read: {error.strerror}"]) from None
    if len(raw) > LARGEST:
        raise refusal(str(path), ["is larger than 64 KB, expected a mapping"])
    try:
        text = raw.decode("utf-8")
        data = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        if not isinstance(data, dict):
            raise ValueError("expected an object")
    except (ValueError, RecursionError) as error:
        kind = "JSON" if path.suffix == ".json" else "TOML"
        raise refusal(str(path), [f"is no valid {kind}: {error}"]) from None
    return json.dumps({"file": str(path), "mapping": data}, default=str)


@lru_cache(maxsize=64)
def checked(text: str) -> MappingFile:
    """The mapping in what `written` gave. Raises SourceError `mapping`."""
    told = json.loads(text)
    file = str(told["file"])
    try:
        return MappingFile(msgspec.convert(told["mapping"], Rules), file)
    except msgspec.ValidationError as error:
        raise refusal(file, [_in_words(str(error))]) from None
    except RecursionError:
        raise refusal(file, ["is nested too deeply"]) from None


_AT = re.compile(r" - at `(?:key in )?\$\.?(.*?)`$")
_UNKNOWN = re.compile(r"Object contains unknown field `(\w+)`")
_MISSING = re.compile(r"Object missing required field `(\w+)`")
_TABLES: Mapping[str, type[Struct]] = {
    "": Rules, "request": Asked, "lookup": Lookup, "paging": Paging, "since": Since, "options[...]": Wish,
}  # fmt: skip


def _in_words(error: str) -> str:
    """A fault that msgspec found, with the key first."""
    place = _AT.search(error)
    where, said = (place[1] if place else ""), _AT.sub("", error)
    if unknown := _UNKNOWN.fullmatch(said):
        table = _TABLES.get(where)
        known = table.__struct_fields__ if table else ()
        return f"{_key(where, unknown[1])}: unknown key; {_near(unknown[1], known)}"
    if missing := _MISSING.fullmatch(said):
        return f"{_key(where, missing[1])}: the key is missing"
    return f"{_key(where)}: {said[:1].lower()}{said[1:]}"


def _key(*parts: str) -> str:
    return ".".join(part for part in parts if part).replace("[...]", ".NAME") or "the file"


def _near(word: str, known: Iterable[str]) -> str:
    listed = list(known)
    near = difflib.get_close_matches(word, listed, n=1, cutoff=0.6)
    return f'did you mean "{near[0]}"?' if near else f"expected one of {', '.join(listed)}"


# --- what a mapping may say -------------------------------------------------------------------------------------------


def _expressions(rules: Rules) -> list[tuple[str, str]]:
    found = [("items", rules.items), ("skip", rules.skip), ("error", rules.error)]
    found += [("lookup.value", rules.lookup.value)] if rules.lookup else []
    found += [("paging.at", rules.paging.at)] if rules.paging else []
    found += [(f"post.{name}", text) for name, text in rules.post.items()]
    return [(key, text) for key, text in found if text]


def _compiled(key: str, text: str, faults: list[str]) -> Any:
    """The expression ready to use; what is wrong with it goes to `faults`."""
    import jmespath
    from jmespath.exceptions import JMESPathError

    if len(text) > LONGEST:
        faults.append(f"{key}: expected an expression of at most {LONGEST} characters")
        return None
    try:
        expression = jmespath.compile(text)
        nodes = list(_nodes(expression.parsed))
    except (JMESPathError, RecursionError, ValueError) as error:
        said = " ".join(str(error).split())[:120]
        faults.append(f"{key}: expected a JMESPath expression ({said}); {_EXPRESSION_HELP}")
        return None
    if len(nodes) > MOST_NODES:
        faults.append(f"{key}: expected an expression of at most {MOST_NODES} parts, this one has {len(nodes)}")
    faults += [f"{key}: {fault}" for node in nodes if (fault := _function_fault(node))]
    return expression


def _nodes(tree: Any) -> Iterable[Mapping[str, Any]]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict) and "type" in node:
            yield node
            waiting.extend(node.get("children", ()))


def _function_fault(node: Mapping[str, Any]) -> str | None:
    from jmespath.functions import Functions

    if node["type"] != "function_expression":
        return None
    known = Functions.FUNCTION_TABLE.get(node["value"])
    if known is None:
        return f"there is no function {node['value']}(); {_near(node['value'], sorted(Functions.FUNCTION_TABLE))}"
    wanted, given = known["signature"], len(node["children"])
    if given < len(wanted) or (given > len(wanted) and not any(one.get("variadic") for one in wanted)):
        return f"{node['value']}() takes {len(wanted)} values, not {given}"
    return None


def _faults(rules: Rules) -> list[str]:
    """What fits its type and cannot work all the same."""
    faults = [
        f"post.{name}: unknown field; {_near(name, FIELDS)}" for name in rules.post if name not in FIELDS
    ]  # fmt: skip
    faults += ["post.id: the key is missing; expected where the platform's own stable id stands"] * (
        "id" not in rules.post
    )
    faults += _option_faults(rules) + _paging_faults(rules)
    for key, text in (("every", rules.every), *_spans(rules)):
        if duration(text) is None:
            faults.append(f'{key}: expected a duration such as "90s", "15m", "1h" or "7d"')
    if (duration(rules.every) or 60) < 60:
        faults.append('every: expected at least "1m"')
    known = placeholders(rules)
    for key, text in _templates(rules):
        for name in (found[1] for found in PLACEHOLDER.finditer(text) if found[1] and found[1] not in known):
            faults.append(f"{key}: {{{name}}} stands for nothing; {_near(name, sorted(known))}")
    return faults


def _option_faults(rules: Rules) -> list[str]:
    faults = []
    for name, wish in rules.options.items():
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", name):
            faults.append(f"options.{name}: expected a name of small letters, digits and _")
        if name in ("each", "page", "since", "found", "mapping"):
            faults.append(f"options.{name}: expected another name, this one has a meaning already")
        if wish.default and wish.type != "text":
            faults.append(f"options.{name}.default: expected only where type is text")
    if rules.each and (rules.each not in rules.options or rules.options[rules.each].type != "texts"):
        faults.append('each: expected the name of an option of type "texts"')
    return faults


def _paging_faults(rules: Rules) -> list[str]:
    paging = rules.paging
    if paging is None:
        return []
    faults = []
    if paging.kind in ("cursor", "forward") and not paging.at:
        faults.append("paging.at: the key is missing; expected where the answer says how to go on")
    if not 1 <= paging.most <= 50:
        faults.append("paging.most: expected 1 to 50")
    hidden = {name for name, wish in rules.options.items() if wish.type == "secret"}
    addresses = (rules.request.url, rules.request.url_each)
    if paging.kind == "link" and any(found[1] in hidden for url in addresses for found in PLACEHOLDER.finditer(url)):
        faults.append("paging.kind: expected no link where the address holds a secret: links are stored")
    placed = paging.param or any("{page}" in text for _, text in _templates(rules))
    if paging.kind != "link" and not placed:
        faults.append("paging.param: the key is missing; expected the parameter that asks for a page, or {page}")
    return faults


def _spans(rules: Rules) -> list[tuple[str, str]]:
    if rules.since is None:
        return []
    spans = [("since.overlap", rules.since.overlap)]
    return [*spans, ("since.first", rules.since.first)] if rules.since.first else spans


def placeholders(rules: Rules) -> set[str]:
    """What may stand in braces."""
    known = {name for name in rules.options if name != rules.each}
    known |= {"each"} if rules.each else set()
    known |= {"page"} if rules.paging else set()
    known |= {"since"} if rules.since else set()
    return known | ({"found"} if rules.lookup else set())


def _templates(rules: Rules) -> list[tuple[str, str]]:
    """Every text with placeholders, with its key."""
    asked = rules.request
    found = [("request.url", asked.url), ("request.url_each", asked.url_each)]
    found += [(f"request.params.{name}", text) for name, text in asked.params.items()]
    found += [(f"request.headers.{name}", text) for name, text in asked.headers.items()]
    found += [("request.body", text) for text in _leaves(asked.body)]
    if rules.lookup:
        found += [("lookup.url", rules.lookup.url)]
        found += [(f"lookup.params.{name}", text) for name, text in rules.lookup.params.items()]
    return found


def _leaves(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _leaves(one)
