"""Plain text from HTML, judged by a browser's parser where there is one."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.text import from_html

HIDDEN = "script,style,iframe,noembed,noframes,template,title"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("no markup,\nno change", "no markup,\nno change"),
        ("AT&amp;T &lt;b&gt; &#233;&eacute; &amp;amp;", "AT&T <b> éé &amp;"),
        ("<p>AT&amp;amp;T</p>", "AT&amp;T"),
        ("<p>One\n  line</p><p>Two<br>Three<br/>Four</p>", "One line\n\nTwo\nThree\nFour"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<ul>\n<li>a</li>\n<li>b</li>\n</ul>after", "a\nb\n\nafter"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("in<b>si</b>de <i>a</i> word", "inside a word"),
        ("<pre>def f():\n    return 1</pre>x\n y", "def f():\n    return 1\n\nx y"),
        ("a<script>alert('<p>1</p>')</script>b<STYLE>p{}</style >c", "abc"),
        ("a<!-- <p>no</p> -->b<!-->c<!--->d<!-- never closed <p>x", "abcd"),
        ("<!DOCTYPE html><html><head><title>no</title></head><body>yes</body></html>", "yes"),
        ("<?xml version='1.0'?>yes", "yes"),
        ("<![CDATA[<p>twice wrapped</p>]]>", "twice wrapped"),
        ("I <3 it, 1 < 2 </3 <> <!> x<", "I <3 it, 1 < 2 </3 <> <!> x<"),
        ("<a title='a > b' href=\"?x>y\">link</a>", "link"),
        ('<a href="unclosed>text</a> gone', ""),
        ("<p>cut in a <a href='http", "cut in a"),
        ("<IMG SRC=x>A<Br>B", "A\nB"),
        ("<b>bold&nbsp;space</b>", "bold\u00a0space"),
        ("<p></p><p> </p><p>a</p><p></p><br><br><p>b</p>", "a\n\nb"),
        ("&#27;]0;x&#7; &#x1b;", "]0;x "),
        ("<b>&#xD800;&#x110000;&#0;</b>", "\ufffd\ufffd\ufffd"),
        ("", ""),
    ],
)
def test_text(markup: str, text: str) -> None:
    assert from_html(markup) == text


@pytest.mark.parametrize("digits", ["9" * 5_000, "0" * 5_000 + "65"])
def test_endless_numbers_of_characters_are_no_error(digits: str) -> None:
    assert from_html(f"a<b>&#{digits};</b>b") == "a\ufffdb"


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 50_000 + "x" + "</div>" * 50_000,
        "<b id=1>" * 50_000 + "x",
        "<table>" * 50_000 + "x",
        "<a" + " y=1" * 50_000 + ">x",
        "<p " + "=" * 50_000 + ">x",
        "<!--" + "<!--" * 50_000 + "-->x",
        "<script>" * 50_000 + "</script>x",
        "</p" * 50_000 + ">x",
        "<li>x" + " \n" * 50_000 + "<br>" * 50_000,
    ],
)
def test_deep_and_long_markup_is_only_long(markup: str) -> None:
    assert from_html(markup) == "x"


INLINE = st.sampled_from(["b", "i", "em", "span", "code", "a href='x>y'", 'a title="<p>"', "x-y"])
BLOCK = st.sampled_from(["p", "div", "ul", "li", "h2", "blockquote", "section"])
words = st.text(st.sampled_from("abcé <>&;1\n "), max_size=12)
leaves = st.one_of(
    words.map(html.escape),
    st.sampled_from(
        ["<br>", "<hr/>", "<img alt='x'>", "<!-- no -->", "<script>'</p>'</script>", "&amp;lt;", "<3 ", "&"]
    ),
)
markup = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda tag, children: f"<{tag}>{''.join(children)}</{tag.split()[0]}>",
        st.one_of(INLINE, BLOCK),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)


def browser_text(source: str) -> str:
    """All text of the page without what is never shown, blanks aside."""
    lexbor = pytest.importorskip("selectolax.lexbor")
    page = lexbor.LexborHTMLParser(source)
    for node in page.css(HIDDEN):
        node.decompose()
    return "".join(page.root.text(separator=" ").split())


@given(markup)
def test_the_text_is_what_a_browser_shows(source: str) -> None:
    assert "".join(from_html(f"<div>{source}</div>").split()) == browser_text(f"<div>{source}</div>")


def test_the_text_of_recorded_markup_is_what_a_browser_shows(shared: Path) -> None:
    compared = 0
    for file in sorted((shared / "fixtures").rglob("*.json")):
        if "hostile" in file.parts:
            continue
        try:
            recorded = json.loads(file.read_text("utf-8"))
        except ValueError:
            continue
        for source in set(strings(recorded)):
            if re.search("<[a-z/!]", source):
                assert "".join(from_html(source).split()) == browser_text(source), source
                compared += 1
    assert compared > 100


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
