"""Server-sent events, as the HTML standard reads them, wherever the pieces are cut."""

from __future__ import annotations

import pytest

from listen.collect.http.sse import Events
from sources.base import Frame


def told(body: bytes, step: int = 0, limit: int = 1_000) -> list[tuple[str, str, str]]:
    events = Events(limit)
    pieces = [body[at : at + step] for at in range(0, len(body), step)] if step else [body]
    return [(f.data.decode(), f.event, f.id) for piece in pieces for f in events.feed(piece)]


@pytest.mark.parametrize(
    ("body", "events"),
    [
        # The standard's own examples.
        (b"data: YHOO\ndata: +2\ndata: 10\n\n", [("YHOO\n+2\n10", "", "")]),
        (
            b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
            [("first event", "", "1"), ("second event", "", ""), (" third event", "", "")],
        ),
        (b"data\n\ndata\ndata\n\ndata:", [("", "", ""), ("\n", "", "")]),
        (b"data:test\n\ndata: test\n\n", [("test", "", ""), ("test", "", "")]),
        # Names, ids that stay, an id with a NUL, an event without data, fields nobody knows.
        (b"event: add\ndata: 1\n\ndata: 2\n\n", [("1", "add", ""), ("2", "", "")]),
        (b"id: 7\ndata: a\n\ndata: b\n\nid: x\0y\ndata: c\n\n", [("a", "", "7"), ("b", "", "7"), ("c", "", "7")]),
        (b"event: gone\n\nid: 9\n\ncolour: red\ndata: x\n\n", [("x", "", "9")]),
        # All ends of lines, a byte order mark, and an event that is never ended.
        ("\ufeffdata: é\r\rdata: b\r\ndata: c\r\n\r\ndata: d\n\r\nevent: e\ndata: lost".encode(),
         [("é", "", ""), ("b\nc", "", ""), ("d", "", "")]),
        (b":)\n:thump\n\n\n\ndata: x\n\n", [("x", "", "")]),
    ],
)  # fmt: skip
def test_events_are_read_wherever_the_pieces_are_cut(body: bytes, events: list[tuple[str, str, str]]) -> None:
    for step in (0, 1, 2, 3, 7):
        assert told(body, step) == events, f"pieces of {step or 'all'} bytes"


def test_an_event_that_is_too_long_is_left_out_and_counted() -> None:
    for long in (b"data: " + b"x" * 90 + b"\n\n", b"data: 0123456789\n" * 9 + b"\n", b"event: " + b"x" * 900 + b"\n\n"):
        for step in (0, 1, 16):
            events = Events(64)
            body = b"id: 1\ndata: a\n\n" + long + b"id: 2\ndata: b\n\n"
            pieces = [body[at : at + step] for at in range(0, len(body), step)] if step else [body]
            found = [frame for piece in pieces for frame in events.feed(piece)]
            assert found == [Frame(b"a", "", "1"), Frame(b"b", "", "2")]
            assert events.oversized == (0 if long.startswith(b"event") and not step else 1)


def test_the_server_says_how_long_to_wait() -> None:
    events = Events(64)
    events.feed(b"retry: 2500\n")
    assert events.retry == 2.5
    events.feed(b"retry: 1e3\nretry: -1\nretry: 99999999999999\nretry:\n")
    assert events.retry == 2.5
