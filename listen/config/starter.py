"""The first configuration of somebody who listens for one brand: commented, and filled in from a template.

An organisation may have a template of its own, with the sources that its people start with: `$LISTEN_STARTER` names it.
Placeholders are those of `string.Template`; a line that holds a language stands once for each, and a paragraph that
needs a hashtag is left out for a name that makes none.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from urllib.parse import quote, quote_plus

from listen import query
from listen.config.check import NAME
from listen.config.records import ConfigError, ConfigErrors
from listen.query import brands
from listen.query.lex import LONGEST
from listen.text import clean, one_line

VARIABLE = "LISTEN_STARTER"
PACKAGED = Path(__file__).with_name("starter.toml")

MARKETS = {
    "cs": "cs-CZ", "da": "da-DK", "de": "de-DE", "en": "en-US", "es": "es-ES", "fi": "fi-FI", "fr": "fr-FR",
    "it": "it-IT", "ja": "ja-JP", "ko": "ko-KR", "nb": "nb-NO", "nl": "nl-NL", "no": "nb-NO", "pl": "pl-PL",
    "pt": "pt-PT", "ru": "ru-RU", "sv": "sv-SE", "tr": "tr-TR", "uk": "uk-UA", "zh": "zh-CN",
}  # fmt: skip
"""A language -> language and country, which news are asked for together."""

_MARKET = re.compile(r"([A-Za-z]{2})(?:[-_]([A-Za-z]{2}))?(?:[.@].*)?")
_BY_TAG = re.compile(r"\$\{tag(?:_in_url)?\}")
_BY_LANGUAGE = re.compile(r"\$\{(?:market|language|country)\}")


@dataclass(frozen=True, slots=True)
class Start:
    """What somebody begins with: a brand and the query that finds it."""

    brand: str
    query: str


def start(brand: str, text: str = "") -> Start:
    """The start for a brand, with `text` as its query when there is one.

    Raises:
        QueryError: the name holds no word, or the query cannot be read or asks for what a topic cannot know.
    """
    name = brands.plain_name(brand)
    if text := clean(text, LONGEST)[0].strip():
        query.check_topic(query.parse(text))
        return Start(name, text)
    return Start(name, brands.brand_query(brand))


def markets(languages: Sequence[str] = ()) -> list[str]:
    """`fr`, `pt-BR` ... -> `fr-FR`, `pt-BR`; the language of the environment when none is named, else English.

    Raises:
        ValueError: something that is no language.
    """
    if not languages:
        found = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
        languages = [found] if _MARKET.fullmatch(found) else ["en"]
    return list(dict.fromkeys(_market(language) for language in languages))


def _market(language: str) -> str:
    match = _MARKET.fullmatch(language.strip())
    if match is None or not (match[2] or match[1].lower() in MARKETS):
        raise ValueError(f'"{language[:40]}" is no language; write "fr", or "pt-BR" with the country')
    return f"{match[1].lower()}-{match[2].upper()}" if match[2] else MARKETS[match[1].lower()]


def written(start: Start, languages: Sequence[str] = ()) -> str:
    """The text of the configuration. Raises ConfigErrors when a template of one's own cannot be used."""
    file = Path(os.environ[VARIABLE]).expanduser() if os.environ.get(VARIABLE) else PACKAGED
    try:
        paragraphs = file.read_text(encoding="utf-8").split("\n\n")
        kept = (one for one in paragraphs if _tag(start) or not _BY_TAG.search(one))
        return "\n".join(_filled(line, start, markets(languages)) for line in "\n\n".join(kept).split("\n"))
    except OSError as error:
        raise ConfigErrors([ConfigError(file, None, "", f"cannot be read: {error.strerror}")]) from None
    except (KeyError, ValueError) as error:
        words = f"is no template: {error}"
        raise ConfigErrors([ConfigError(file, None, "", words, "write a dollar sign of its own as $$")]) from None


def _filled(line: str, start: Start, markets: Sequence[str]) -> str:
    times = markets if _BY_LANGUAGE.search(line) else markets[:1]
    return "\n".join(Template(line).substitute(_values(start, market)) for market in times)


def _values(start: Start, market: str) -> dict[str, str]:
    name = topic_name(start.brand)
    key = name if re.fullmatch(r"[A-Za-z0-9-]+", name) else json.dumps(name, ensure_ascii=False)
    tag = _tag(start)
    asked = brands.search_text(start.query) or f'"{start.brand}"'
    language, country = market.split("-")
    return {
        "brand": start.brand,
        "topic": key,
        "account": key,
        "query": toml_text(start.query),
        "example": one_line(start.query).replace("'", ""),
        "tag": tag if tag.isascii() else "brand",
        "tag_in_url": quote(tag, safe=""),
        "search": quote_plus(asked),
        "keep": "matched" if "{" in start.query else "all",
        "market": market,
        "language": language,
        "country": country,
    }


def _tag(start: Start) -> str:
    return brands.first_tag(start.query) or brands.tag_of(start.brand)


def topic_name(brand: str) -> str:
    """The name of a brand's topic: lower case, words joined by `-`, as the configuration allows."""
    name = "-".join(re.findall(r"[^\W_]+", brand)).lower()[:64].rstrip("-")
    return name if NAME.fullmatch(name) else "brand"


def toml_text(text: str) -> str:
    """Any text as a TOML string on one line, in single quotes where it can be."""
    if text.isprintable() and "'" not in text:
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
