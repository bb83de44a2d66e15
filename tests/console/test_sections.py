"""What stands in the side pane and in the header, without a screen: pieces of exact width, numbers in few cells."""

from __future__ import annotations

import pytest
from rich.segment import Segment

from listen.console import notes
from listen.console.answers import Glance
from listen.console.saved import LEAST, MOST, SHARE, Pace, Saved, Tally, saved
from listen.console.theme import DARK, PLAIN
from listen.console.view import View
from listen.console.widgets import sections as side
from listen.console.widgets.header import Header, Part, State, chosen_forms
from listen.console.widgets.line import laid_out
from listen.console.widgets.sections import EVERYTHING, active, age, heading, layout, line, sections, source_lines
from listen.query import parse
from listen.query.saved import left
from listen.store.channels import Source
from listen.store.overview import Talk
from listen.store.pulse import Hour, Numbers, Pulse
from listen.store.running import SavedView
from listen.text import cell_width
from tests.console.hostile import FORBIDDEN, TEXTS

NOW = 1_795_271_520.0


def a_topic(name: str = "acme", **changes: object) -> Talk:
    return Talk(1, name, "acme", "brand", 0, 7, 3, None)._replace(**changes)


def a_source(name: str, **changes: object) -> Source:
    return Source(1, name, "feed", True, 2, 0, 10, int(NOW) - 60, None, {})._replace(**changes)


def a_pulse(last_hour: int = 212, usual: float | None = 180.0, days: int = 7, score: int = 120) -> Pulse:
    hours = [Hour(int(NOW) - 3600 * n, Numbers(n + 1, 1, 2, 4, 4 * score)) for n in range(24)]
    return Pulse(hours, last_hour, usual, days)


def text_of(pieces: list[Segment]) -> str:
    return "".join(piece.text for piece in pieces)


def lines_of(glance: Glance, tallies: dict[Saved, Tally] | None = None, width: int = 24) -> list[str]:
    found = sections(glance, tallies or {}, None, NOW)
    at = layout(found, width)
    lines = []
    for section in found:
        lines.append(text_of(heading(section, at, PLAIN)))
        lines += [text_of(line(one, at, PLAIN, shown=False, under_cursor=False)) for one in section.entries]
    return lines


# --- saved queries ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "opened"),
    [
        ("topic:acme", "topic:acme status:new"),
        ("a OR b", "(a OR b) status:new"),
        ("status:answered is:starred", "status:answered is:starred"),
        ("NOT status:done", "NOT status:done"),
        ("", "status:new"),
    ],
)
def test_a_queue_opens_what_is_left_in_it(query: str, opened: str) -> None:
    assert saved(SavedView("q", query, True)) == Saved("q", opened, True, query=query)
    assert saved(SavedView("q", query, False)) == Saved("q", query, False, query=query)
    assert left(query, parse(query)) == opened


@pytest.mark.parametrize(("query", "fault"), [("reach:>9 acme", "reach:"), ("acme AND", "column")])
def test_what_cannot_be_counted_says_why(query: str, fault: str) -> None:
    assert fault in saved(SavedView("q", query, True)).fault


def test_the_dearer_a_count_the_rarer() -> None:
    views = (Saved("a", "a", False),)
    pace = Pace()
    assert not pace.due((), 0.0)
    assert pace.due(views, 0.0)
    assert not pace.due(views, 100.0), "they are being counted"
    pace.done(0.01, 101.0)
    assert not pace.due(views, 101.0 + LEAST)
    pace.stale = True
    assert not pace.due(views, 100.9 + LEAST)
    assert pace.due(views, 101.0 + LEAST)
    pace.done(2.0, 200.0)
    pace.stale = True
    assert not pace.due(views, 199.0 + 2 * SHARE)
    assert pace.due(views, 200.0 + 2 * SHARE)
    pace.done(0.0, 300.0)
    assert pace.due(views, 300.0 + MOST), "time alone changes what since: finds"
    assert pace.due((*views, Saved("b", "b", False)), 300.0), "other views are counted at once"


# --- the side pane ---------------------------------------------------------------------------------------------------


def test_topics_views_and_queues_have_their_numbers_in_columns() -> None:
    crisis, french = Saved("crisis", "topic:acme status:new", True), Saved("in French", "lang:fr", False)
    later, empty = Saved("churn", "intent:churn", True, "why"), Saved("done", "x status:new", True)
    glance = Glance(
        topics=[
            a_topic(usual=1.0, last_hour=12),
            a_topic("rival", role="competitor", new=1000, last_hour=0),
            a_topic("charger recall", role="theme", new=0, last_hour=1200),
        ],
        views=[crisis, french, later, empty],
    )
    tallies = {crisis: Tally(4, True, NOW - 3 * 3600), french: Tally(57, True), empty: Tally(0, True)}
    assert lines_of(glance, tallies, 24) == [
        " TOPICS         /h  new ",
        "  everything            ",
        "  acme         ▲12    7 ",
        "  vs rival          1k+ ",
        "  charger re… 1.2k      ",
        " VIEWS                  ",
        "  in French          57 ",
        " QUEUES       wait left ",
        "  crisis        3h    4 ",
        "  churn               ? ",
        "  done                ✓ ",
    ]
    for width in (22, 24, 26, 80):
        assert {cell_width(one) for one in lines_of(glance, tallies, width)} == {width}
    told = "\n".join(lines_of(glance, tallies, 28))
    for wanted in ("▲12", "vs rival", "1k+", "1.2k", " 3h ", " ? ", " ✓ ", "57"):
        assert wanted in told


@pytest.mark.parametrize(
    ("tally", "told"),
    [
        (Tally(0, True), "0"), (Tally(0, False), "…"), (Tally(7, False), "7+"), (Tally(999, True), "999"),
        (Tally(1000, False), "1k+"), (None, ""),
    ],
)  # fmt: skip
def test_a_count_says_how_sure_it_is(tally: Tally | None, told: str) -> None:
    view = Saved("v", "lang:fr", False)
    assert lines_of(Glance(views=[view]), {view: tally} if tally else {}, 24)[-1].split() == ["v", *told.split()]


def test_stories_stand_at_the_mentions_that_tell_them() -> None:
    queue = Saved("crisis", "topic:acme status:new", True)
    glance = Glance(topics=[a_topic(new=128)._replace(new_stories=41), a_topic("rival", new=7)], views=[queue])
    told = lines_of(glance, {queue: Tally(30, True, stories=2)}, 24)
    numbers = [one.rstrip().rpartition(" ")[2] for one in told]
    assert [*numbers[2:4], numbers[-1]] == ["128·41", "7", "30·2"]
    assert {cell_width(one) for one in told} == {24}
    assert told[2].index("·") == told[3].index("7") + 1 == told[-1].index("·"), "mentions stand below each other"


def test_a_section_without_lines_is_not_there() -> None:
    assert [one.title for one in sections(Glance(), {}, None, NOW)] == ["TOPICS"]
    assert [entry.name for entry in sections(Glance(), {}, None, NOW)[0].entries] == [EVERYTHING]


def test_a_topic_is_loud_only_above_what_is_usual() -> None:
    for usual, last_hour, style in [(None, 50, "faint"), (1.0, 4, "faint"), (2.0, 5, "amber"), (40.0, 50, "faint")]:
        assert side._rate(last_hour, usual)[1] == style


@pytest.mark.parametrize("width", [12, 24, 26, 40])
def test_names_obey_nothing_and_are_as_wide_as_the_pane(width: int) -> None:
    glance = Glance(
        topics=[a_topic(name, role=role) for name in TEXTS for role in ("brand", "competitor")],
        views=[Saved(name, "lang:fr", queue) for name in TEXTS for queue in (True, False)],
        sources=[a_source(name, failing=failing) for name in TEXTS for failing in (0, 1, 2)],
    )
    for told in lines_of(glance, {}, width):
        assert not FORBIDDEN.search(told)
        assert cell_width(told) == width or width < 20
    for pieces in source_lines(glance, 500, width, DARK)[2:]:
        assert not FORBIDDEN.search(text_of(pieces))
        assert cell_width(text_of(pieces)) <= width


def test_sources_in_trouble_come_first_where_not_all_fit() -> None:
    sources = [a_source(name) for name in "abcdef"]
    sources[4] = a_source("e", failing=1)
    sources[5] = a_source("off", active=False)
    glance = Glance(sources=sources)
    shown = [text_of(pieces).strip() for pieces in source_lines(glance, 5, 24, PLAIN)]
    assert shown == ["", "SOURCES", "◐ e", "● a", "3 more: 5"]
    assert [text_of(pieces).strip()[-1:] for pieces in source_lines(glance, 9, 24, PLAIN)[2:]] == list("abcde")
    assert source_lines(glance, 2, 24, PLAIN) == []
    assert source_lines(Glance(), 9, 24, PLAIN) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("topic:acme", "topic:acme"),
        ("topic:acme battery", "topic:acme"),
        ("topic:acme sentiment:neg status:new", "topic:acme sentiment:neg status:new"),
        ("topic:acme sentiment:neg status:new since:6h", "topic:acme sentiment:neg status:new"),
        ("(a OR b) since:6h", "a OR b"),
        ("battery", ""),
    ],
)
def test_the_line_that_is_shown_is_marked(text: str, shown: str) -> None:
    glance = Glance(
        topics=[a_topic()], views=[Saved("q", "topic:acme sentiment:neg status:new", True), Saved("v", "a OR b", False)]
    )
    assert active(sections(glance, {}, None, NOW), View.of(1, text)) == shown


@pytest.mark.parametrize(("seconds", "told"), [(3, "<1h"), (3_599, "<1h"), (7_200, "2h"), (90_000, "1d"), (4e7, "1y")])
def test_ages_are_short(seconds: float, told: str) -> None:
    assert age(seconds) == told


# --- the header ------------------------------------------------------------------------------------------------------


def header(width: int, topics: list[Talk] | None = None, **changes: object) -> str:
    state = State("acme", a_pulse(), "ana collects", False, "ana", "14:32")._replace(**changes)
    made = Header(DARK)
    names = [a_topic(), a_topic("rival"), a_topic("charger recall")] if topics is None else topics
    sources = [a_source(str(n), good_at=None if n == 3 else int(NOW)) for n in range(12)]
    made.glance, made.state = Glance(known=True, topics=names, sources=sources), state
    return text_of(list(laid_out(*made.pieces(width), width)))


def test_the_header_tells_what_there_is_room_for() -> None:
    wide, middle, narrow, tiny = (header(width) for width in (240, 120, 80, 40))
    for wanted in ("acme · rival · charger recall", "212/h ▲18 %", "300 in 24 h", "net ▲ +0.25  ▼ 25 %  ▲ 50 %",
                   "◐ 11/12 sources", "ana collects", "ana  14:32"):  # fmt: skip
        assert wanted in wide
    for wanted in ("acme", "212/h ▲18 %", "net ▲ +0.25", "11/12", "ana collects", "14:32"):
        assert wanted in middle
    for wanted in ("acme", "212/h ▲18 %", "▲ +0.25", "11/12", "14:32"):
        assert wanted in narrow
    for wanted in ("acme", "212/h", "14:32"):
        assert wanted in tiny


@pytest.mark.parametrize("width", [10, 20, 40, 60, 79, 80, 100, 120, 160, 240])
def test_the_header_is_as_wide_as_the_screen_and_obeys_nothing(width: int) -> None:
    for name in TEXTS:
        for told in (header(width, [a_topic(name)], topic=name, who=name, collecting=name, trouble=True),
                     header(width, [a_topic(one) for one in TEXTS], topic=name, collecting=name)):  # fmt: skip
            assert cell_width(told) == width
            assert not FORBIDDEN.search(told)


def test_that_nobody_collects_is_told_before_numbers() -> None:
    assert "nobody collects" in header(50, collecting="nobody collects", trouble=True)
    assert "nobody collects" in header(80, collecting="nobody collects", trouble=True)
    assert "ana collects" not in header(50)


def test_without_scores_there_is_no_mood_and_without_history_no_change() -> None:
    bare = Pulse([Hour(0, Numbers(3, 0, 0, 0, 0))] * 24, 3, None)
    assert "net" not in header(160, pulse=bare)
    assert "3/h" in header(160, pulse=bare)
    for usual, days in [(None, 0), (0.0, 7), (2.0, 7), (200.0, 7)]:
        told = header(160, pulse=a_pulse(212, usual, days))
        assert "212/h   " in told or "212/h  300" in told
    assert "▲×5" in header(160, pulse=a_pulse(212, 42.0))
    assert "▼50 %" in header(160, pulse=a_pulse(100, 200.0))
    assert "/h" not in header(160, pulse=None)


def test_shorter_forms_make_room_by_rank() -> None:
    def part(rank: int, grows: int, *forms: str) -> Part:
        return Part(rank, grows, [[Segment(form)] for form in forms])

    parts = [part(0, 1, "aaaa", "a"), part(1, 0, "bbbb", "b"), part(2, 2, "c")]
    for room, wanted in [(3, ["", "", ""]), (4, ["a", "", ""]), (8, ["a", "b", ""]), (12, ["a", "b", "c"]),
                         (15, ["a", "bbbb", "c"]), (18, ["aaaa", "bbbb", "c"])]:  # fmt: skip
        assert [text_of(list(form)) for form in chosen_forms(parts, room)] == wanted


# --- an empty list ---------------------------------------------------------------------------------------------------


def told(note: notes.Note) -> str:
    return "\n".join(text for text, _ in note)


def test_an_empty_store_says_what_happens() -> None:
    asked = Glance(known=True, sources=[a_source("press", good_at=None), a_source("hn", good_at=None, failing=2)])
    assert "Asking 2 sources, nothing heard yet…" in told(notes.nothing_stored(asked, "ana collects", False, now=NOW))
    assert "2 sources, and nobody collects." in told(notes.nothing_stored(asked, "nobody collects", True, now=NOW))
    assert "Starting to listen…" in told(notes.nothing_stored(Glance(known=True), "starting", False, now=NOW))
    assert "Nothing is listened to yet." in told(
        notes.nothing_stored(Glance(known=True), "nobody collects", True, now=NOW)
    )
    many = Glance(known=True, sources=[a_source(str(n)) for n in range(20)])
    assert "and 12 more" in told(notes.nothing_stored(many, "ana collects", False, now=NOW))


def test_notes_obey_nothing() -> None:
    glance = Glance(known=True, sources=[a_source(name, failing=2) for name in TEXTS])
    assert not FORBIDDEN.search(told(notes.nothing_stored(glance, "x", False, now=NOW)).replace("\n", ""))
