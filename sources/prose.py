"""What the readers of feeds share: which of two markups a text is in, whether escaped twice, and who wrote it."""

from __future__ import annotations

import html
import re

from sources import links
from sources.base import Author

AUTHORS = 5
"""Most names in a byline."""

_TAGS = re.compile(r"<[^<>]{0,2000}>")
_ESCAPED = re.compile(
    r"&(?:amp;)?lt;(?:/(?:p|a|div|span|b|i|em|strong|li|ul|ol|h[1-6]|blockquote|pre|code|figure|table)|br\s*/?|img\s[^<>]{0,2000}?/?)&(?:amp;)?gt;",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", re.ASCII)


def unescaped(markup: str) -> str:
    """HTML that was escaped once too often, as it was meant: it holds no tag, but tags spelt out (`&lt;/p&gt;`)."""
    if "<" in markup or not _ESCAPED.search(markup):
        return markup
    return html.unescape(markup)


def together(title: str | None, title_html: bool, text: str, text_html: bool) -> tuple[str | None, str, bool]:
    """Title and text in one markup, and whether that is HTML: where they differ the plain one is escaped."""
    title_html = title_html and _marked(title or "")
    text_html = text_html and (_marked(text) or "\n" in text)
    if title_html == text_html or not (title_html or text_html):
        return title, text, text_html
    if text_html:
        return (html.escape(title, quote=False) if title else title), text, True
    return title, html.escape(text, quote=False).replace("\n", "<br>"), True


def _marked(text: str) -> bool:
    return "<" in text or "&" in text


def plain(markup: str) -> str:
    """A short text without tags and references, for names; not for what is stored as text."""
    return " ".join(html.unescape(_TAGS.sub(" ", markup[:4_000])).split())


Person = tuple[str | None, str | None, str | None]
"""Name, mail and address of somebody named as an author, as the feed wrote them."""


def byline(people: list[Person], site: str | None) -> Author | None:
    """The author of a post from everybody named; None when nobody is.

    A name counts within its site, so the handle is `name@host`; a bare mail address is its own handle. Several people
    are one byline: "Ann, Bob".
    """
    named: dict[str, str | None] = {}
    mails: list[str] = []
    for given, mail, address in people:
        name, inside = _split(given)
        if name:
            named[name] = named.get(name) or links.web(address)
        mails += [found for found in (mail, inside) if found]
    if named:
        name, host = ", ".join(list(named)[:AUTHORS]), links.host(site)
        return Author(
            f"{name}@{host}" if host else name, name=name, url=next(iter(named.values())) if len(named) == 1 else None
        )
    return Author(mails[0]) if mails else None


def _split(given: str | None) -> tuple[str | None, str | None]:
    """Name and mail out of `name (mail)`, `mail (name)`, `name <mail>` and a bare mail address."""
    if not given:
        return None, None
    text = html.unescape(given[:500])
    found = _MAIL.search(text) if "@" in text else None
    if found:
        text = text[: found.start()].removesuffix("mailto:") + text[found.end() :]
    name = plain(text).replace("<>", "").replace("()", "").strip()
    if found and name.startswith("(") and name.endswith(")"):
        name = name[1:-1].strip()
    elif not found and "(" in name and ")" not in name:
        # feedparser cuts addresses such as x@host.industries (Ann) apart after four letters.
        name = name.partition("(")[2]
    return name or None, found[0] if found else None
