"""A report tells the numbers of insight, is the same text each time, and no foreign word means anything in it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listen.insight.figures import figures
from listen.insight.objectives import progress
from listen.insight.window import DAY, Window
from listen.report import commentary
from listen.report.gathering import _before, _term
from listen.report.markdown import aligned
from listen.report.names import Names
from listen.report.page import Page, head, head_before, record
from listen.report.render import TemplateError
from listen.report.words import Speech
from listen.report.writing import write
from listen.store.read import Reader
from listen.text import cell_width
from tests.report.conftest import HOSTILE, NOW, WINDOW

Ask = Callable[..., Page]


class Elements(HTMLParser):
    """Every element of a page with its attributes, and the text of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_numbers_are_those_of_insight(ask: Ask, told: Path) -> None:
    found = ask()
    with Reader(told) as reader:
        wanted = figures(reader, "acme", WINDOW, now=NOW)
    assert wanted is not None
    assert found.head.n == wanted.numbers.n == 56
    assert found.before.n == wanted.before.n == 44
    assert found.head.net == wanted.net
    voice = {line.label: (line.n, line.before, line.ours) for line in found.breakdowns["voice"].lines}
    assert voice == {"acme": (56, 44, True), "rival": (6, 4, False)}
    assert found.head.voice == pytest.approx(56 / 62)
    facts = {one.name: one.text for one in found.facts}
    assert facts["query"] == wanted.query
    assert "1 of 168" in facts["coverage"]
    assert "as of 1\u00a0Jan\u00a02026\u00a000:00" in facts["triage"]
    assert record(found)["head"]["n"] == 56


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_the_same_question_has_the_same_text(ask: Ask, form: str) -> None:
    one = write(ask(), form)
    assert one == write(ask(now=NOW + 86_400.0), form)
    assert one != write(ask("fr"), form)


def test_marks_and_what_was_promised_are_told_as_they_stood_at_the_end(ask: Ask, told: Path) -> None:
    page = ask()
    assert [(one.at, one.effect is not None) for one in page.happenings] == [(NOW - 3 * 86_400, True)]
    assert [one.effect for one in ask(now=NOW - 3 * 86_400 + 600).happenings] == [None], "too little has passed"
    assert [(one.name, one.met) for one in page.objectives] == [("mood", False), ("heard", True)]
    with Reader(told) as reader:
        wanted = progress(reader, [one for one in reader.objectives() if one.name == "mood"], now=NOW - 1)
    assert page.objectives[0] == wanted[0]
    text = write(page, "html")
    assert 'class="flag"' in text
    assert "share of voice" not in text
    assert "by 31\u00a0Mar\u00a02026" in text
    assert "sentiment net" in write(ask("fr"), "markdown")
    assert ask(hidden=True).objectives[0].owner == "colleague 2", "colleague 1 set the mark"


def test_who_speaks_is_told_as_the_people_screen_counts_and_by_number_where_names_are_hidden(ask: Ask) -> None:
    page = ask()
    found, hidden = page.people, ask(hidden=True).people
    assert found is not None
    assert hidden is not None
    assert (found.shares.people, found.shares.casual, found.shares.engaged, found.looked) == (6, 6, 0, 56)
    assert [(one.n, one.role, one.stance) for one in found.loudest[:2]] == [(11, "produces", ""), (10, "produces", "")]
    assert [one.who for one in found.loudest if one.n == 5] == ["Claire <b>Doe</b>"]
    assert {one.who for one in hidden.loudest} == {f"author {n}" for n in range(1, 7)}
    claire = next(one.who for one in hidden.loudest if one.n == 5)
    assert claire == next(one.who for one in ask(hidden=True).stories if one.endorsed)
    for form in ("html", "markdown"):
        assert "casual 100\u00a0%" in write(page, form)
    assert record(page)["people"]["shares"]["people"] == 6


def test_a_query_narrows_everything_and_what_it_cannot_narrow_is_left_out_and_said(ask: Ask) -> None:
    page = ask(only="lang:fr words")
    assert page.head.n == 0
    page = ask(only="lang:fr")
    assert (page.head.n, page.before.n, page.breakdowns["languages"].lines[0].label) == (28, 22, "French")
    assert (page.risen, page.objectives, page.strip) == ([], [], None)
    assert [one.effect for one in page.happenings] == [None]
    assert page.people is not None
    assert page.people.looked == 28
    facts = {one.name: one.text for one in page.facts}
    assert facts["query"].startswith("topic:acme (lang:fr) since:")
    for form in ("html", "markdown"):
        assert "only" in write(page, form).partition("28 mentions")[0]
        assert "known of whole topics alone and left out" in write(page, form)
        assert write(page, form) == write(ask(only="lang:fr", now=NOW + 86_400.0), form)
    assert (record(page)["only"], record(ask())["only"]) == ("lang:fr", "")


def test_alerts_are_those_of_the_window_about_the_topic_or_about_all(ask: Ask) -> None:
    found = ask().alarms
    assert [(one.rule, one.fired) for one in found] == [
        ("each", NOW - 3_600),
        ("deaf", NOW - 10_800),
        ("anger", NOW - 18_000),
    ]


def test_what_rises_is_told_and_leads_to_no_person_where_names_are_hidden(ask: Ask) -> None:
    page = ask()
    kinds = [(kind.name, [(one.text, one.n, one.before) for one in kind.terms]) for kind in page.risen]
    assert kinds == [("words", [("smokes", 28, 0)]), ("new", [("smokes", 28, 0)])]
    for form in ("html", "markdown"):
        assert "smokes" in write(page, form).partition("On the rise")[2].partition("Monroe")[0]
    term, hidden = page.risen[0].terms[0], Names(Speech(), hidden=True)
    hidden.knows(("claire@m.test", "Claire"))
    assert _term(term._replace(text="@claire"), "words", hidden) is None
    link = _term(term._replace(text="m.test/@claire/1"), "links", hidden)
    assert link is not None
    assert (link.text, link.query) == ("m.test", "")
    assert _term(term._replace(text="claire"), "words", hidden) == term._replace(text="author 1", query="")


def test_another_window_is_drawn_beside(ask: Ask) -> None:
    page = ask(other=WINDOW.before())
    assert page.other is not None
    assert sum(page.other) == page.before.n == 44
    assert 'class="other"' in write(page, "html")
    assert 'class="other"' not in write(ask(), "html")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_page_loads_nothing_and_foreign_words_are_words(ask: Ask, lang: str) -> None:
    text = write(ask(lang, commentary=commentary.parse(HOSTILE)), "html")
    page = Elements(text)
    tags = {tag for tag, _ in page.found}
    assert not tags & {"script", "img", "iframe", "object", "embed", "link", "base", "form", "foreignobject", "br"}
    assert text.startswith("<!doctype html>")
    assert ("html", {"lang": lang}) in page.found
    names = {name for _, attributes in page.found for name in attributes}
    assert not any(name.startswith("on") or name in ("style", "src", "srcset", "xlink:href") for name in names)
    links = [attributes for tag, attributes in page.found if tag == "a"]
    assert links
    assert all(str(one["href"]).startswith("https://x.test/") and one["rel"] == "noreferrer" for one in links)
    assert "alert(1)" in "".join(page.words)
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069]", text)
    style = re.search("<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    hashed = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policies = [one["content"] for tag, one in page.found if one.get("http-equiv") == "Content-Security-Policy"]
    assert policies == [f"default-src 'none'; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'"]
    assert not re.search(r"url\((?!#)|@import|expression", style[1])
    assert text.count("<svg") == text.count("</svg>")
    assert all("aria-hidden" in one or "aria-labelledby" in one for tag, one in page.found if tag == "svg")


def test_markdown_holds_no_html_and_no_table_is_broken(ask: Ask) -> None:
    text = write(ask(commentary=commentary.parse(HOSTILE)), "markdown")
    assert not re.search(r"(?<!\\)<(?!https://)", text)
    assert "](javascript" not in text.replace("\\]", "")
    rows = [line for line in text.split("\n") if line.startswith("|")]
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert len(tables) >= 4
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1, table
    assert rows
    assert "\x1b" not in text
    assert "\u202e" not in text


SIGNS = st.sampled_from("<>&\"'`*_[]()#|!\\/=-+.:;{}%\n\t\r\x00\x1b\u202e\u2028\u0301é東🔥ab j")


@settings(deadline=None, max_examples=4, suppress_health_check=list(HealthCheck))
@given(st.lists(st.text(alphabet=SIGNS, min_size=1, max_size=40), min_size=30, max_size=30))
def test_any_words_stay_words(ask: Ask, some: list[str]) -> None:
    def told(words: list[str], form: str) -> str:
        page = ask()
        said = [
            page.stories[0]._replace(text=one, title=one, who=one, network=one, url=f"https://x.test/{one}")
            for one in words
        ]
        rows = page.breakdowns["sources"]
        lines = [rows.lines[0]._replace(label=one) for one in words]
        return write(page._replace(breakdowns={"sources": rows._replace(lines=lines)}, stories=said), form)

    plain, hostile = (Elements(told(words, "html")).found for words in (["plain"] * len(some), some))
    links = {"a", "b"}  # an address that may not be opened is none, and a title that nothing is left of neither
    assert [tag for tag, _ in hostile if tag not in links] == [tag for tag, _ in plain if tag not in links]
    assert {name for _, found in hostile for name in found} <= {name for _, found in plain for name in found}
    cells = [re.sub(r"\\.", "", row) for row in told(some, "markdown").split("\n") if row.startswith("|")]
    assert {row.count("|") for row in cells} <= {4, 5, 6, 7}
    assert all(row.endswith("|") for row in cells)
    assert not any(re.search(r"[<`\[]", row) for row in cells)


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_hidden_names_are_in_no_text_and_the_same_person_has_the_same_number(ask: Ask, form: str) -> None:
    open_text, text = write(ask(), form), write(ask(hidden=True), form)
    assert "claire" in open_text.lower()
    assert "claire" not in text.lower()
    assert "x.test" not in text
    assert len(set(re.findall(r"author 1\b", text))) == 1
    assert "author 1" in text


def test_tables_of_markdown_stand_below_each_other(ask: Ask) -> None:
    text = write(ask(), "markdown")
    tables = [part.splitlines() for part in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)]
    assert len(tables) > 5
    for rows in tables:
        assert len({cell_width(row) for row in rows}) == 1, rows
        assert set(rows[1]) <= set("| -:")
    assert aligned("| a\\|b | c |\n|---|---:|\n| 東京 | 1 |\nx | y") == (
        "| a\\|b |   c |\n| ---- | --: |\n| 東京 |   1 |\nx | y"
    )


def test_in_french_no_label_is_english(ask: Ask) -> None:
    text = write(ask("fr"), "html")
    for word in ("Share of voice", "Mentions étoilées", "Net sentiment", "Volume"):
        assert (word in text) is (word in ("Mentions étoilées", "Volume"))
    assert "Ce qui se dit sur acme" in text


def test_a_window_that_was_not_heard_is_compared_with_nothing(ask: Ask) -> None:
    deaf = ask(window=WINDOW.before(), now=NOW)
    text = write(deaf, "html")
    assert not deaf.before.heard
    assert "nothing is compared" in text
    assert "×" not in text
    empty = write(ask(window=WINDOW.before().before().before()), "markdown")
    assert "Nothing is stored of this window, and nobody knows" in empty


def test_what_nobody_knows_to_have_been_heard_is_no_silence(ask: Ask) -> None:
    page = ask(window=Window(NOW - 21 * DAY, NOW, DAY))
    assert (page.head.n, len(page.figures.points)) == (100, 21)
    assert page.figures.heard_from == NOW - 14 * DAY
    text = write(page, "markdown")
    assert "is known from 18\u00a0Dec\u00a02025 on" in text
    assert "of the time before 18\u00a0Dec\u00a02025\u00a000:00 nothing of that was kept" in text
    assert "is known from" not in write(ask(), "markdown")


def test_what_is_not_yet_counted_by_an_aspect_is_no_nought(ask: Ask) -> None:
    page = ask()
    assert (page.head.recommend, page.before.recommend) == (0, 0)
    assert [(one.label, one.before) for one in page.breakdowns["languages"].lines] == [("English", 22), ("French", 22)]
    half = page.figures._replace(parted_from=WINDOW.before().since + 3_600)
    assert (head(half).recommend, head_before(half).recommend) == (0, None)
    assert _before(half, None, "languages") is None
    assert _before(half, None, "sources") == {"a": 44}
    late = page._replace(figures=page.figures._replace(parted_from=WINDOW.since + 3_600))
    assert head(late.figures).recommend is None
    assert "are counted from 25\u00a0Dec\u00a02025" in write(late, "markdown")


# --- templates of somebody's own -------------------------------------------------------------------------------------


def test_a_template_of_ones_own_gets_the_same(ask: Ask, tmp_path: Path) -> None:
    own = tmp_path / "short.j2"
    own.write_text("{{ page.head.n|number }} {{ word('mentions') }}: {{ page.stories[0].text }}\n")
    page = ask()
    assert write(page, "html", own).startswith("56 Mentions: acme &lt;/style&gt;")
    assert write(page, "markdown", own).startswith("56 Mentions: acme \\</style\\>")
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "report.html.j2").write_text(
        '{% extends "listen/report.html.j2" %}{% block more %}<p>Ours</p>{% endblock %}'
    )
    text = write(page, "html", folder)
    assert "<p>Ours</p>" in text
    assert text.replace("<p>Ours</p>", "") == write(page, "html")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("\n{% if %}", "own.j2, line 2: "),
        ("a\nb\n{{ page.heads }}", "own.j2, line 3: UndefinedError: .*heads"),
        ("{{ nothing }}", "line 1: UndefinedError: 'nothing' is undefined"),
        ("{% include 'other.j2' %}", "asks for the template other.j2, which is not there"),
        ("{{ page.__class__.__mro__ }}", "line 1: SecurityError"),
        ("{{ word('no such word') }}", "line 1: KeyError"),
    ],
)
def test_a_broken_template_is_told_with_file_and_line(ask: Ask, tmp_path: Path, written: str, said: str) -> None:
    own = tmp_path / "own.j2"
    own.write_text(written)
    with pytest.raises(TemplateError, match=said):
        write(ask(), "html", own)


def test_a_template_that_is_not_there(ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="no such file or folder"):
        write(ask(), "html", tmp_path / "none.j2")
    with pytest.raises(TemplateError, match=r"there is no report\.md\.j2 in it"):
        write(ask(), "markdown", tmp_path)
