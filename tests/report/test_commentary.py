"""The analyst's words: a small part of Markdown, and nothing else means anything."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from listen.report import commentary

WRITTEN = """# The fifth day

The **recall** explains *it*, see `topic:acme` and [Spoke](https://x.test/a?b=1&c=2).
<script>alert(1)</script> [bad](javascript:x)

- one
- two
1. first

> lucky
"""


def test_html() -> None:
    assert commentary.html(commentary.parse(WRITTEN)).split("\n") == [
        "<h3>The fifth day</h3>",
        "<p>The <strong>recall</strong> explains <em>it</em>, see <code>topic:acme</code> and "
        '<a href="https://x.test/a?b=1&amp;c=2" rel="noreferrer">Spoke</a>. '
        "&lt;script&gt;alert(1)&lt;/script&gt; bad</p>",
        "<ul><li>one</li><li>two</li></ul>",
        "<ol><li>first</li></ol>",
        "<blockquote><p>lucky</p></blockquote>",
    ]


def test_markdown_means_the_same_when_it_is_read_again() -> None:
    blocks = commentary.parse(WRITTEN)
    again = commentary.markdown(blocks)
    assert "### The fifth day" in again
    assert "[Spoke](<https://x.test/a?b=1&c=2>)" in again
    assert "\\<script\\>" in again
    assert "javascript" not in again


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet="*`[]()#>-1. \nab<&\"'\u202e\x1b\\", max_size=80))
def test_no_sign_of_any_words_makes_an_element_of_its_own(words: str) -> None:
    told = commentary.html(commentary.parse(words))
    for name in ("p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "strong", "em", "code"):
        told = told.replace(f"<{name}>", "").replace(f"</{name}>", "")
    assert "<" not in told
    assert "\u202e" not in told
    assert "\x1b" not in told
