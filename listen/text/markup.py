"""Plain text from HTML. A tokenizer without a tree: its time grows with the length of the text and with nothing else.

A tree builder, however fast, is not safe here: lexbor takes 7 seconds for 50,000 nested `<div>` (250 KB).
"""

from __future__ import annotations

import re
from html import unescape

_ATTRIBUTES = r"""(?:[^>=]++|=[ \t\n\f\r]*+(?:"[^"]*+"?|'[^']*+'?)?+)*+>?"""
_TAG = re.compile(
    rf"<(?:(/?)([a-zA-Z][^ \t\n\f\r/>]*+){_ATTRIBUTES}|!--(?:-?>|.*?(?:--!?>|\Z))|[!?][a-zA-Z][^>]*+>?)", re.DOTALL
)
_HIDDEN = {
    name: re.compile(rf"</{name}(?=[ \t\n\f\r/>])[^>]*+>?", re.IGNORECASE)
    for name in ("script", "style", "iframe", "noembed", "noframes", "template", "title")
}
"""Elements whose content no reader sees, and what ends them."""

_BLANKS = re.compile("[ \t\n\f\r]+")
_BLANKS_IN_LINE = re.compile("  +")
_BREAK = re.compile("[ \n\v]*[\n\v][ \n\v]*")
_KEPT_BLANK = "\x1f"  # stands for a blank of <pre> until the lines are laid out
_ENDLESS_NUMBER = re.compile("&#[0-9]{100,};?")

_PARAGRAPHS = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol", "dl", "table", "figure", "hr")
_LINES = (
    "div", "li", "dt", "dd", "tr", "article", "section", "aside", "header", "footer", "main", "nav", "address", "form",
    "fieldset", "figcaption", "details", "summary", "caption", "option", "body", "head", "html", "center",
)  # fmt: skip
_BETWEEN = {
    **dict.fromkeys(_PARAGRAPHS, "\n\n"),
    **dict.fromkeys(_LINES, "\v"),
    "br": "\n",
    "td": " ",
    "th": " ",
}
"""What a tag puts between the texts at its sides: line breaks, or `\v`, one break however many of them there are."""


def from_html(markup: str) -> str:
    """The text of a piece of HTML as a reader would see it.

    Character references are decoded exactly once. Blocks and `<br>` break lines, paragraphs leave a blank line, `<pre>`
    keeps its line breaks; scripts, styles, comments and the like go. `<` before anything but a tag is text ("I <3 it").
    Tags without an end are read as browsers read them. Text without `<` keeps its line breaks. Not cleaned: controls
    may come out of references, so `clean` follows.
    """
    if "<" not in markup:
        return _decoded(markup)
    if "<![CDATA[" in markup:  # wrapped twice by its feed
        markup = markup.replace("<![CDATA[", "").replace("]]>", "")
    pieces: list[str] = []
    verbatim = end = 0
    while tag := _TAG.search(markup, end):
        if tag.start() > end:
            pieces.append(_text(markup[end : tag.start()], verbatim))
        end = tag.end()
        closing, name = tag.groups()
        if name is None:
            continue
        name = name.lower()
        if name in _BETWEEN:
            pieces.append(_BETWEEN[name])
            if name == "pre":
                verbatim = max(0, verbatim - 1) if closing else verbatim + 1
        elif name in _HIDDEN and not closing:
            close = _HIDDEN[name].search(markup, end)
            end = close.end() if close else len(markup)
    if end < len(markup):
        pieces.append(_text(markup[end:], verbatim))
    return _laid_out("".join(pieces))


def _text(piece: str, verbatim: int) -> str:
    if not verbatim:
        return _decoded(_BLANKS.sub(" ", piece))
    return _decoded(piece.replace("\r\n", "\n")).replace(" ", _KEPT_BLANK)


def _decoded(text: str) -> str:
    if "&" not in text:
        return text
    try:
        return unescape(text)
    except ValueError:  # Python refuses to read numbers of thousands of digits
        return unescape(_ENDLESS_NUMBER.sub("\ufffd", text))


def _laid_out(text: str) -> str:
    """One blank line between paragraphs at most, single blanks inside lines."""
    text = _BREAK.sub(lambda blanks: "\n\n" if blanks[0].count("\n") > 1 else "\n", text)
    return _BLANKS_IN_LINE.sub(" ", text).strip(" \n").replace(_KEPT_BLANK, " ")
