"""A report's page from a template: those that come with `listen`, or somebody's own, which get the same.

Templates are Jinja's, in its sandbox. Text of ours (`Ours`) stands as it is; every other text is foreign and is made
harmless on its way into the page: controls and direction marks visible, then escaped as HTML or as Markdown.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from listen.insight.figures import Net, net
from listen.insight.objectives_told import sign
from listen.insight.window import HOUR, Window
from listen.objectives import FEW, Kind, Money
from listen.report import commentary, svg
from listen.report.markdown import aligned, plain
from listen.report.markdown import link as markdown_link
from listen.report.phrases import stays_english, told
from listen.report.words import Ours, Speech
from listen.text import block, one_line, safe_url

FORMATS = {"html": "report.html.j2", "markdown": "report.md.j2"}

PACKAGED = "listen/"
"""Before the names of the templates that come with `listen`, so that one of the same name can extend them."""

TEMPLATES = Path(__file__).with_name("templates")


class TemplateError(Exception):
    """A template that cannot be used: file, line and what is wrong with it."""


def environment(form: str, speech: Speech, own: Path | None = None) -> SandboxedEnvironment:
    """What templates of a format run in; `own` is a file or folder of somebody's own."""
    folder = None if own is None else own if own.is_dir() else own.parent
    packaged = jinja2.FileSystemLoader(TEMPLATES)
    loaders = [
        *([] if folder is None else [jinja2.FileSystemLoader(folder)]),
        packaged,
        jinja2.PrefixLoader({PACKAGED.rstrip("/"): packaged}),
    ]
    html = form == "html"
    made = SandboxedEnvironment(
        loader=jinja2.ChoiceLoader(loaders), autoescape=html, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True, finalize=_shown if html else _plain,
    )  # fmt: skip
    made.filters |= _filters(speech)
    made.globals |= _globals(speech, html=html)
    return made


def _globals(speech: Speech, *, html: bool) -> Mapping[str, Any]:
    return {
        "word": speech.word, "many": speech.many, "known": speech.known, "weekdays": speech.weekdays(),
        "policy": policy,
        "ratio": speech.ratio, "over": lambda window: over(window, speech), "standing": sign, "FEW": FEW,
        "stays_english": lambda words: stays_english(words, speech),
        "bar": svg.bar, "stacked": svg.stacked, "interval": svg.interval, "progress": svg.progress, "trend": svg.trend,
        "link": _html_link if html else _markdown_link, "said": commentary.html if html else commentary.markdown,
    }  # fmt: skip


def _filters(speech: Speech) -> Mapping[str, Callable[..., Any]]:
    return {
        "number": speech.number, "signed": speech.signed, "percent": speech.percent, "change": speech.change,
        "points": speech.points, "day": speech.day, "date": speech.date, "moment": speech.moment, "cut": one_line,
        "code": _code, "capital": _capital, "name": _name, "told": lambda words: told(words, speech),
        "figure": lambda value, kind: figure(value, kind, speech), "money": lambda one: money(one, speech),
        "net": lambda numbers: net(numbers).value,
        "net_told": lambda one: net_told(one, speech),
    }  # fmt: skip


def net_told(one: Net, speech: Speech) -> Ours:
    """`+0.12 (+0.05 to +0.19)`"""
    low, high = speech.signed(one.low, 2), speech.signed(one.high, 2)
    if one.value is None:
        return speech.signed(None)
    return Ours(f"{speech.signed(one.value, 2)} ({speech.word('interval', low=low, high=high)})")


def figure(value: float | None, kind: Kind, speech: Speech) -> Ours:
    """What an objective measures: a count, a share, net sentiment, or the share that keeps a time."""
    if kind == "count":
        return speech.number(value)
    return speech.signed(value, 2) if kind == "net" else speech.percent(value)


def over(window: Window, speech: Speech) -> Ours:
    """`over 7 d`, `over 12 h`"""
    hours = (window.until - window.since) // HOUR
    name, n = ("over_hours", hours) if hours % 24 else ("over_days", hours // 24)
    return Ours(speech.word(name, n=speech.number(n)))


def money(one: Money, speech: Speech) -> str:
    """`133 EUR`; the currency is as somebody has written it."""
    return f"{speech.number(one.amount, 0 if abs(one.amount) >= 10 else 2)} {one.currency}"


def _shown(value: object) -> object:
    """Foreign text as it is drawn; Jinja escapes it next."""
    return value if isinstance(value, Ours | Markup) or not isinstance(value, str) else block(value)


def _plain(value: object) -> object:
    return value if isinstance(value, Ours) or not isinstance(value, str) else plain(value)


def _name(words: str, most: int) -> Ours:
    """A name that somebody gave, whichever way it is written, in a page of ours."""
    return words if isinstance(words, Ours) else Ours(f"<bdi>{svg.text(words, most)}</bdi>")


def _capital(words: str) -> str:
    """As a heading begins."""
    return type(words)(words[:1].upper() + words[1:])


def _code(words: str) -> Ours:
    """As code of Markdown; it has no sign that ends it but as many backticks as it begins with."""
    shown = one_line(words)
    longest = max((len(run) for run in "".join(c if c == "`" else " " for c in shown).split()), default=0)
    fence = "`" * (longest + 1)
    room = " " if longest else ""
    return Ours(f"{fence}{room}{shown}{room}{fence}")


def _html_link(words: object, url: str | None) -> Ours:
    """The words, leading there where the address is safe."""
    safe, shown = safe_url(url), svg.text(words)
    return Ours(f'<a href="{svg.text(safe)}" rel="noreferrer">{shown}</a>' if safe else shown)


def _markdown_link(words: object, url: str | None) -> Ours:
    shown = words if isinstance(words, Ours) else plain(str(words))
    return Ours(markdown_link(shown, safe_url(url)))


def policy(style: str) -> Ours:
    """What a page may load: nothing but the style sheet that stands in it, by its hash (CSP level 2)."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return Ours(f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'")


def render(form: str, speech: Speech, context: Mapping[str, Any], own: Path | None = None) -> str:
    """The page. Raises TemplateError for a template that is not there, cannot be read or asks for what there is not."""
    made = environment(form, speech, own)
    name = own.name if own is not None and own.is_file() else FORMATS[form]
    if own is not None and not own.exists():
        raise TemplateError(f"{own}: there is no such file or folder; give a template of yours")
    if own is not None and own.is_dir() and not (own / name).is_file():
        raise TemplateError(f"{own}: there is no {name} in it; that is the template that it is asked for")
    try:
        text = made.get_template(name).render(context)
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"{error.filename or name}, line {error.lineno}: {error.message}") from None
    except jinja2.TemplateNotFound as error:
        raise TemplateError(f"{own or name}: it asks for the template {error.name}, which is not there") from None
    except UnicodeDecodeError:
        raise TemplateError(f"{own}: it is not text in UTF-8; save it so") from None
    except Exception as error:
        place = _place(error)
        if place is None:
            raise
        raise TemplateError(f"{place}: {type(error).__name__}: {error}") from None
    if form == "markdown" and own is None:
        text = aligned(text)
    return text if text.endswith("\n") else f"{text}\n"


def _place(error: Exception) -> str | None:
    """File and line of the template that an error came from; None for one that is ours alone."""
    found, frame = None, error.__traceback__
    while frame is not None:
        file = frame.tb_frame.f_code.co_filename
        if {"__jinja_template__", "__jinja_exception__"} & frame.tb_frame.f_globals.keys():
            found = f"{file}, line {frame.tb_lineno}"
        frame = frame.tb_next
    return found
