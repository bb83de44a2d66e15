"""Nothing fetched moves a terminal: each command, on a terminal and through a pipe, over a store full of payloads."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from tests.collect.server import Reply
from tests.torture.rig import PATIENCE, ROOT, Collector, Desk, Hosts, feed

PAYLOADS = {
    "osc52": "A\x1b]52;c;SEVMTE8=\x07B",
    "title": "A\x1b]0;PWNED\x1b\\B",
    "link": "A\x1b]8;;file:///etc/passwd\x07B\x1b]8;;\x07",
    "csi": "A\x1b[2J\x1b[1;1HB\x1b[31m",
    "dcs": 'A\x1bP$q"p\x1b\\B',
    "apc": "A\x1b_G\x1b\\\x1b^x\x1b\\\x1bXy\x1b\\B",
    "reset": "A\x1bcB\x1b(0lqk",
    "c1": "A\x9b31mZ \x9d52;c;QQ==\x9cB\x90q\x9c",
    "bidi": "abc\u202egnp.exe \u2066x\u2069 \u200f\u061c",
    "moves": "safe headline\rEVIL\b\b\v\f\x7f\x00B",
    "lines": "one\u2028two\u2029three\x85four\nfive",
    "tags": "A\U000e0041\U000e0042\u200b\ufeff\u2060B",
}
"""Name -> a text that a terminal or a reader must not obey."""

QUIET = {
    "osc52": "A␛]52;c;SEVMTE8=␇B",
    "csi": "A␛[2J␛[1;1HB␛[31m",
    "c1": "A␦31mZ ␦52;c;QQ==␦B␦q␦",
    "moves": "safe headline EVIL␈␈ ␡B",
    "bidi": "abc⇄gnp.exe ⇄x⇄",
    "tags": "AB",
}
"""How some of them are shown on one line."""

ILL_FORMED = b"""<rss version="2.0"><channel><title>t</title><item><guid>g5</guid><link>http://x.test/5</link>
<title>a&#27;]2;PWNED&#7;b &#27;[2J</title><description>d & e</description></item></channel></rss>"""

LYING = (
    b'<?xml version="1.0" encoding="x\x1b]0;PWNED\x07\xc2\x9b2J"?><rss version="2.0"><channel><item/></channel></rss>'
)

COLOUR = re.compile(r"\x1b\[\d*m")
MOVING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)


def moved_by(told: bytes, *, terminal: bool = False) -> list[str]:
    """What in these bytes would be obeyed instead of shown; colours are ours, and only where somebody looks."""
    text = told.decode("utf-8")
    if terminal:
        text = COLOUR.sub("", text).replace("\r\n", "\n")
    return MOVING.findall(text)


def hostile_items() -> bytes:
    items: list[object] = [
        {
            "id": name, "url": f"http://x.test/{name}", "title": payload, "content_text": f"{payload} text of {name}",
            "authors": [{"name": f"{payload} by {name}"}], "language": "en",
        }
        for name, payload in PAYLOADS.items()
    ]  # fmt: skip
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [*items, *PAYLOADS.values()]}).encode()


@pytest.fixture(scope="module")
def heard(hosts: Hosts, tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Path]:
    """A desk whose store holds every payload, and the collector's log."""
    desk = Desk(tmp_path_factory.mktemp("heard"))
    moving = b'{"message": "\\u001b[2J\\u009b2J no such index"}'
    page = Reply(500, b"<html>[/] oops", reason="\x1b[31m[/]PWN")
    host = hosts.new(items=hostile_items(), ill=ILL_FORMED, lying=LYING, broken=page)
    host.on("/api/v1/search_by_date", Reply(body=moving))
    host.on("/away", Reply(302, headers={"Location": "gopher\x9b2J://x/\x1b]0;PWNED\x07"}))
    label = "list \u202egnp \x9b31m"
    opml = f'<opml><body><outline text="{label}" xmlUrl="{host.url("/labelled")}"/></body></opml>'
    (desk.folder / "feeds.opml").write_text(opml, encoding="utf-8")
    names = ("items", "ill", "lying", "broken", "away")
    desk.configure(
        '[topics.x]\nquery = "text OR PWNED"',
        *(feed(name, host.url(f"/{name}")) for name in names),
        feed("labelled", "opml:feeds.opml"),
        f'[sources.hn]\nadapter = "hackernews"\nsearch = ["x"]\nhost = "{host.url("")}"\nallow_private = ["127.0.0.1"]',
        '[collect]\ngap = "0.01s"',
    )
    with desk.collecting() as collector:
        _all_asked(collector, *names, "labelled", "hn")
        assert collector.end() == 0
    return desk, collector.log


def _all_asked(collector: Collector, *names: str) -> None:
    collector.until(
        lambda: {one["source"] for one in collector.events() if one["event"] in ("page", "error")} >= {*names}
    )


def test_each_payload_is_one_line_with_its_words_readable(heard: tuple[Desk, Path]) -> None:
    desk, _ = heard
    told = desk.ask("search", "source:items", "--all").out
    assert not moved_by(told)
    lines = told.decode().splitlines()
    assert len(lines) == len(PAYLOADS)
    for name, shown in QUIET.items():
        assert any(f"  {shown}" in line and f" text of {name}" in line for line in lines), name
    ill = desk.ask("search", "source:ill").out
    assert not moved_by(ill)
    assert "␛]2;PWNED␇b ␛[2J" in ill.decode()


def test_json_escapes_what_people_are_shown_as_marks_and_keeps_every_sign(heard: tuple[Desk, Path]) -> None:
    desk, _ = heard
    records = desk.ask("search", "source:items", "--all", "--json").records
    texts = {record["url"].rpartition("/")[2]: record for record in records}
    assert set(texts) == set(PAYLOADS)
    for name, payload in PAYLOADS.items():
        kept = payload.replace("\0", "")
        assert texts[name]["text"] == kept.replace("\r", "\n") + f" text of {name}"
    assert texts["bidi"]["title"] == PAYLOADS["bidi"]
    assert texts["osc52"]["title"] == PAYLOADS["osc52"]


def test_a_mention_in_full(heard: tuple[Desk, Path]) -> None:
    desk, _ = heard
    records = desk.ask("search", "--all", "--json").records
    for record in records:
        told = desk.ask("show", str(record["id"]))
        assert told.code == 0
        assert not moved_by(told.out), record["url"]


@pytest.mark.parametrize(
    "command",
    ["sources", "rejects", "topics", "doctor --deep", "sources check items", "sources check lying", "config check"],
)
def test_lists_of_what_went_wrong(heard: tuple[Desk, Path], command: str) -> None:
    desk, _ = heard
    done = desk.ask(*command.split())
    assert done.code in (0, 1, 3)
    assert done.out + done.err
    assert not moved_by(done.out)
    assert not moved_by(done.err)
    for line in (desk.ask(*command.split(), "--json").out).splitlines():
        assert line.isascii()
        json.loads(line)


def test_faults_quote_their_cause_as_marks(heard: tuple[Desk, Path]) -> None:
    desk, _ = heard
    sources = desk.ask("sources").out.decode()
    assert "␛" in sources
    assert "⇄gnp ␦31m" in sources


def test_the_log_of_a_collector(heard: tuple[Desk, Path]) -> None:
    _, log = heard
    assert not moved_by(log.read_bytes())
    assert all(line.startswith("time=") for line in log.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("command", ["search --all", "show", "sources", "rejects", "topics", "doctor"])
def test_on_a_terminal_colours_are_all_that_is_sent(heard: tuple[Desk, Path], command: str) -> None:
    desk, _ = heard
    arguments = command.split()
    if command == "show":
        arguments.append(str(desk.ask("search", "text of dcs", "--json").records[0]["id"]))
    told = desk.on_a_terminal(*arguments)
    assert b"PWN" not in told or b"\x1b]" not in told
    assert not moved_by(told, terminal=True)
    assert len(told) > 40


def test_on_a_terminal_a_mention_is_one_row(heard: tuple[Desk, Path]) -> None:
    desk, _ = heard
    told = COLOUR.sub("", desk.on_a_terminal("search", "source:items", "--all").decode())
    assert told.count("\r\n") == len(PAYLOADS) == len(told.splitlines())


def test_colours_stay_away_when_they_are_not_wanted(heard: tuple[Desk, Path]) -> None:
    desk, _ = heard
    plain = {**desk.environment, "NO_COLOR": "1"}
    assert b"\x1b" in desk.on_a_terminal("search", "--all")
    assert b"\x1b" not in desk.on_a_terminal("search", "--all", environment=plain)
    assert b"\x1b" not in desk.ask("search", "--all").out


def test_tail_on_a_terminal_and_the_progress_of_a_collector(heard: tuple[Desk, Path]) -> None:
    desk, _ = heard
    assert not moved_by(desk.on_a_terminal("tail", "--lines", "40", until=b"text of osc52"), terminal=True)
    fresh = Desk(desk.folder / "fresh")
    fresh.folder.mkdir()
    fresh.config.write_bytes(desk.config.read_bytes())
    (fresh.folder / "feeds.opml").write_bytes((desk.folder / "feeds.opml").read_bytes())
    told = fresh.on_a_terminal("collect", until=b"no such index")
    assert b"new" in told
    assert not moved_by(told, terminal=True)


def test_tail_through_a_pipe(heard: tuple[Desk, Path]) -> None:
    desk, _ = heard
    command = desk.command("tail", "--lines", "40", "--config", desk.config)
    with subprocess.Popen(command, env=desk.environment, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        patience = threading.Timer(PATIENCE, process.kill)
        patience.start()
        told = b"".join(process.stdout.readline() for _ in range(len(PAYLOADS) + 1))
        patience.cancel()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert told.count(b"\n") == len(PAYLOADS) + 1
    assert not moved_by(told)
