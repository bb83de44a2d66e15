"""One collector, every hostile feed and host at once: it lives, stays small, says why, and stores all that is good."""

from __future__ import annotations

import gzip
import json
import os
import re
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.collect.server import Reply, Seen, Server
from tests.torture import inputs
from tests.torture.rig import Desk, Hosts, Ran, feed

GROWTH = 150 << 20
CANARIES = {"LISTEN_KEY": "canary-header-5531", "LISTEN_COOKIE": "canary-cookie-8872"}
USERINFO, QUERY = "canary-user:canary-pass-1193", "canary-query-4407"

PLUGIN = '''
from sources.base import Channel, Option, Page, Request


class Keyed:
    """An adapter of another package, which names its secrets by reference."""

    name, summary, every, options = "keyed", "asks with a key", 60.0, {"url": Option("text", "where", required=True)}

    def channels(self, settings, terms):
        return [Channel(settings["url"], settings["url"], {"url": settings["url"]})]

    def request(self, channel, cursor, now):
        headers = {"X-Api-Key": "env:LISTEN_KEY", "Cookie": "env:LISTEN_COOKIE", "Authorization": "env:LISTEN_KEY"}
        return Request(channel.settings["url"], headers=headers)

    def parse(self, channel, cursor, answer, now):
        return Page([])
'''


@dataclass(frozen=True)
class Siege:
    """What is left when it is over."""

    desk: Desk
    hosts: dict[str, Server]
    asked: dict[str, list[Seen]]
    """What each host was asked by the collector."""
    asked_again: dict[str, int]
    """How often by a second one, started at once after the first."""
    log: Path
    health: dict[str, dict[str, Any]]
    health_again: dict[str, dict[str, Any]]
    memory: tuple[int, int]
    """Bytes at the beginning and at most."""
    code: int
    took: float
    """Seconds that it took to end."""
    said: list[str]
    """Its messages to the service manager."""
    shown: str
    """What the list of processes shows of it."""


@pytest.fixture(scope="module")
def siege(hosts: Hosts, tmp_path_factory: pytest.TempPathFactory) -> Siege:
    folder = tmp_path_factory.mktemp("siege")
    _plugin(folder / "plugins")
    desk = Desk(folder, **CANARIES, LISTEN_DEBUG="1")
    desk.environment["PYTHONPATH"] = os.pathsep.join([str(folder / "plugins"), desk.environment.get("PYTHONPATH", "")])
    servers, tables = _sources(hosts)
    desk.configure(*tables)
    names = set(re.findall(r'\[sources\."(.*?)"\]', desk.config.read_text()))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(folder / "notify"))
        manager.setblocking(False)
        with desk.collecting(NOTIFY_SOCKET=str(folder / "notify")) as collector:
            collector.told("ready")
            before, pid = collector.memory(), collector.process.pid
            collector.until(lambda: {one["source"] for one in collector.heard("page", "error")} >= names)
            collector.told("error", "short", 2)
            collector.told("error", "spoilt", 2)
            collector.told("page", "feed-missing", 3)
            assert collector.process.poll() is None
            memory = before, collector.memory()
            listed = Path(f"/proc/{pid}/cmdline")
            shown = listed.read_bytes().decode() if listed.exists() else ""
            begun = time.monotonic()
            code = collector.end()
            took = time.monotonic() - begun
        said = _messages(manager)
    asked = {name: list(server.seen) for name, server in servers.items()}
    health = _health(desk)
    with desk.collecting() as second:
        second.told("unchanged", "good")
        assert second.end() == 0
    again = {name: len(server.seen) - len(asked[name]) for name, server in servers.items()}
    return Siege(
        desk, servers, asked, again, collector.log, health, _health(desk), memory, code, took, said, shown
    )  # fmt: skip


def _health(desk: Desk) -> dict[str, dict[str, Any]]:
    return {one["source"]: one for one in desk.ask("sources", "--json").records}


def _messages(manager: socket.socket) -> list[str]:
    said = []
    while True:
        try:
            said.append(manager.recv(65_536).decode())
        except BlockingIOError:
            return said


def _plugin(folder: Path) -> None:
    (folder / "keyed-1.dist-info").mkdir(parents=True)
    (folder / "keyed-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: keyed\nVersion: 1\n")
    (folder / "keyed-1.dist-info" / "entry_points.txt").write_text("[listen.sources]\nkeyed = keyed:Keyed\n")
    (folder / "keyed.py").write_text(PLUGIN)


def _sources(hosts: Hosts) -> tuple[dict[str, Server], list[str]]:
    """Hosts and the tables that listen to them: each bad answer has a host of its own, all feeds share one."""
    elsewhere = hosts.new(**{"x.dtd": b"<!ELEMENT rss ANY>", "entity": b"INTERNAL", "internal": inputs.GOOD})
    servers = {"elsewhere": elsewhere, "good": hosts.new(**{"good.xml": inputs.GOOD})}
    tables = [
        '[topics.hello]\nquery = "hello OR good"', '[limits]\ntotal = "4s"\ncpu = "1s"',
        '[collect]\ngap = "0.01s"\nconcurrency = 32\ncontact = "ops@example.org"',
    ]  # fmt: skip
    for name, answer in inputs.answers().items():
        servers[name] = hosts.new(feed=answer, **({"loop": answer} if name == "loop" else {}))
        tables.append(feed(name, servers[name].url("/feed"), every="1s" if name in ("short", "locked") else "1h"))
    library = servers["library"] = hosts.new(**inputs.feeds(elsewhere.url("").rstrip("/")), costly=inputs.COSTLY)
    library.on("/long", Reply(body=gzip.compress(inputs.feeds("")["long"], 1), headers={"Content-Encoding": "gzip"}))
    missing = inputs.feeds("")["missing"]
    library.on("/missing", *(Reply(body=missing + b"<!-- look %d -->" % look) for look in range(3)))
    for name in (*inputs.feeds(""), "costly"):
        tables.append(feed(f"feed-{name}", library.url(f"/{name}"), every="2s" if name == "missing" else "1h"))
        if name in ("laughs", "xxe", "xxe-web", "chain", "under", "backslash"):
            tables.append(feed(f"trusted-{name}", library.url(f"/{name}?trusted"), more="allow_doctype = true"))
    away = Reply(302, headers={"Location": elsewhere.url("/internal")})
    for name in ("to-private", "internal", "keyed-away", "keyed-401", "secret"):
        servers[name] = hosts.new(feed=Reply(401) if name in ("keyed-401", "secret") else away)
    spoilt = servers["spoilt"] = hosts.new()
    spoilt.on("/feed", Reply(body=inputs.GOOD), Reply(body=b""), Reply(body=b"<html><p>moved"), Reply(body=b""))
    flap = servers["flap"] = hosts.new()
    flap.on("/feed", Reply(503), Reply(body=inputs.GOOD))
    secret = servers["secret"].url(f"/feed?token={QUERY}").replace("//", f"//{USERINFO}@")
    tables += [
        feed("good", servers["good"].url("/good.xml"), every="1s"),
        feed("spoilt", spoilt.url("/feed"), every="1s"),
        feed("flap", flap.url("/feed"), every="1s"),
        feed("to-private", servers["to-private"].url("/feed"), allow=servers["to-private"].place),
        feed("internal", servers["internal"].url("/feed")),
        feed("not-allowed", servers["good"].url("/good.xml?2"), allow="10.1.2.0/24"),
        feed("secret", secret),
        feed("list", "opml:nowhere.opml"),
        *(
            f'[sources."{name}"]\nadapter = "keyed"\nallow_private = ["127.0.0.1"]\n'
            f'url = "{servers[name].url("/feed")}"'
            for name in ("keyed-away", "keyed-401")
        ),
    ]
    return servers, tables


# --- the collector ----------------------------------------------------------------------------------------------------


def test_it_stays_small_and_ends_in_order(siege: Siege) -> None:
    assert siege.code == 0
    assert siege.took <= 10
    assert siege.memory[1] - siege.memory[0] < GROWTH
    assert siege.said[0].startswith("READY=1")
    assert siege.said[-1].startswith("STOPPING=1")


def test_the_good_feed_was_read_at_its_pace(siege: Siege) -> None:
    events = siege.desk.ask("search", "source:good", "--json").records
    assert {one["title"] for one in events} == {f"hello {n}" for n in range(5)}
    assert siege.health["good"]["state"] == "ok"
    assert len(siege.asked["good"]) >= 3


def test_every_bad_source_says_why_since_when_and_what_to_do(siege: Siege) -> None:
    bad = {*inputs.answers(), "to-private", "not-allowed", "secret", "list", "keyed-401", "spoilt"}
    for name in bad:
        one = siege.health[name]
        assert one["state"] in ("failing", "stopped"), name
        assert one["errors"] >= 1, name
        assert one["reason"], name
        assert one["error"], name
        assert one["remedy"], name
        assert one["last_error"], name
    reasons = {name: one["reason"] for name, one in siege.health.items()}
    expected = {
        "gzip": "limit:decoded-bytes", "brotli": "limit:decoded-bytes", "endless": "limit:wire-bytes",
        "drip": "timeout", "dripping-head": "timeout", "silent": "timeout", "cut": "incomplete", "short": "incomplete",
        "loop": "redirect-loop", "to-file": "redirect-scheme", "to-private": "private-address",
        "not-allowed": "private-address", "busy": "http-429", "fault": "http-500", "unasked-304": "http-304",
        "empty": "empty", "locked": "http-401", "secret": "http-401", "absent": "http-404", "garbage": "protocol",
        "keyed-401": "http-401", "list": "opml",
    }  # fmt: skip
    assert {name: reasons[name] for name in expected} == expected
    table = siege.desk.ask("sources").out.decode()
    for name in bad:
        line = next(line for line in table.splitlines() if line.startswith(f"{name} "))
        errors = siege.health_again[name]["errors"]
        assert f"{reasons[name]} ×{errors}: " in line if errors > 1 else f"{reasons[name]}: " in line


def test_nothing_is_damaged(siege: Siege) -> None:
    found = siege.desk.ask("doctor", "--deep", "--json").records
    assert [one["message"] for one in found if one["subject"] == "content"] == ["structure and search index agree"]


def test_no_secret_is_anywhere(siege: Siege) -> None:
    assert CANARIES["LISTEN_KEY"] in str(siege.asked["keyed-401"])
    assert QUERY in str(siege.asked["secret"])
    told = siege.log.read_bytes() + b"".join(file.read_bytes() for file in siege.desk.store.parent.iterdir())
    told += siege.shown.encode() + repr(siege.said).encode()
    for command in ("config check", "sources check secret --json", "sources check keyed-401"):
        done = siege.desk.run(*command.split(), "--config", siege.desk.config)
        assert b"Traceback" not in done.err
        told += done.out + done.err
    for command in ("sources", "sources --json", "rejects", "rejects --json", "doctor", "search --all --json"):
        done = siege.desk.ask(*command.split())
        told += done.out + done.err
    assert b"canary" not in told
    assert b"secret" in told


# --- hosts ------------------------------------------------------------------------------------------------------------


def test_redirects_are_refused_with_the_way_they_took(siege: Siege) -> None:
    def told(name: str) -> str:
        return str(siege.health[name]["error"])

    loop, away = siege.hosts["loop"].url, siege.hosts["to-private"].url("/feed")
    assert f"{loop('/feed')} → {loop('/loop')} → {loop('/loop')}" in told("loop")
    assert "to-file" in siege.health
    assert f"{siege.hosts['to-file'].url('/feed')} redirects to file:" in told("to-file")
    assert f"{away} → {siege.hosts['elsewhere'].url('/internal')}" in told("to-private")


def test_a_private_network_is_asked_only_where_it_is_allowed_and_never_with_a_key(siege: Siege) -> None:
    assert siege.health["internal"]["state"] == "ok"
    assert siege.health["internal"]["mentions"] == 5
    internal = [request for request in siege.asked["elsewhere"] if request.path == "/internal"]
    assert len(internal) == 2
    assert "canary" not in str(internal)
    assert not any(name in request.headers for request in internal for name in ("x-api-key", "cookie", "authorization"))
    assert {request.path for request in siege.asked["elsewhere"]} == {"/internal"}
    assert [request.path for request in siege.asked["good"] if "?2" in request.path] == []


def test_a_cut_answer_moves_no_validator_and_keeps_what_there_is(siege: Siege) -> None:
    assert len(siege.asked["short"]) >= 2
    assert not any("if-none-match" in request.headers for request in siege.asked["short"])
    assert siege.health["spoilt"]["mentions"] + siege.health["good"]["mentions"] >= 5
    assert siege.health["spoilt"]["last_good"]
    found = siege.desk.ask("count", "source:spoilt").out
    assert found == b"5\n"


def test_a_refused_source_is_not_asked_again_at_once(siege: Siege) -> None:
    assert len(siege.asked["locked"]) <= 1 + len(siege.asked["good"]) / 2


def test_a_host_that_asks_for_patience_is_not_asked_by_the_next_collector_either(siege: Siege) -> None:
    busy = siege.health["busy"]
    assert _seconds(busy["next_check"]) - _seconds(busy["last_error"]) >= 120
    assert len(siege.asked["busy"]) == 1
    assert siege.asked_again["busy"] == 0
    assert siege.health_again["busy"]["next_check"] == busy["next_check"]


def _seconds(stamp: str) -> float:
    return time.mktime(time.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ"))


# --- feeds ------------------------------------------------------------------------------------------------------------


def _found(siege: Siege, name: str) -> list[dict[str, Any]]:
    return siege.desk.ask("search", f"source:{name}", "--all", "--json").records


def test_every_feed_is_read_or_refused_and_none_is_healthy_and_empty(siege: Siege) -> None:
    for name, one in siege.health.items():
        if name.startswith(("feed-", "trusted-")):
            assert one["mentions"] or one["state"] == "failing", name
            assert one["mentions"] or _found(siege, name) or one["reason"], name


@pytest.mark.parametrize("name", ["laughs", "xxe", "xxe-web", "chain", "under", "backslash"])
def test_entities_of_its_own_cost_a_feed_its_reading(siege: Siege, name: str) -> None:
    assert siege.health[f"feed-{name}"]["reason"] == "doctype"
    trusted = siege.health[f"trusted-{name}"]
    assert trusted["mentions"] or trusted["reason"] in (
        "parse",
        "parse-crash",
        "limit:memory",
        "limit:cpu",
        "doctype",
    ), name
    for one in _found(siege, f"trusted-{name}"):
        assert len(one["title"]) <= 500
        assert "root:" not in one["title"] + one["text"]
        assert "INTERNAL" not in one["title"] + one["text"]


def test_what_costs_too_much_time_is_stopped_and_set_aside(siege: Siege) -> None:
    assert siege.health["feed-author"]["reason"] == "limit:cpu"
    assert len([request for request in siege.asked["library"] if request.path == "/author"]) == 1
    rejects = siege.desk.ask("rejects", "--json").records
    assert any(one["source"] == "feed-author" and one["reason"] == "limit:cpu" and one["sample"] for one in rejects)


def test_the_neighbour_of_a_bad_character_is_stored(siege: Siege) -> None:
    assert {one["title"] for one in _found(siege, "feed-surrogate")} >= {"good"}
    assert siege.health["feed-escape"]["reason"] == "encoding"


def test_dates_without_sense_are_unknown(siege: Siege) -> None:
    found = _found(siege, "feed-dates")
    assert {one["title"] for one in found} == {f"d{n}" for n in range(len(inputs.DATES))}
    for one in found:
        assert one["published_at"] is None or "1990" <= one["published_at"][:4] <= "2100"
        assert one["time"] == (one["published_at"] or one["seen_at"])
        assert siege.desk.ask("show", str(one["id"])).code == 0


def test_broken_and_lying_encodings_keep_their_text(siege: Siege) -> None:
    (invalid,) = _found(siege, "feed-invalid")
    assert invalid["title"].startswith("a")
    assert "b" in invalid["title"]
    assert [one["title"] for one in _found(siege, "feed-lying")] == ["héllo"]


def test_items_without_a_name_are_the_same_ones_at_each_look(siege: Siege) -> None:
    fetched = [request for request in siege.asked["library"] if request.path == "/missing"]
    assert len(fetched) >= 3
    assert sorted(one["title"] for one in _found(siege, "feed-missing")) == [
        "NUL title", "first", "neither", "no guid", "no link", "second",
    ]  # fmt: skip
    rejects = siege.desk.ask("rejects", "--json").records
    assert [one["reason"] for one in rejects if one["source"] == "feed-missing"] == ["no-identity"]


def test_a_feed_of_fifty_thousand_is_read_in_part_and_says_so(siege: Siege) -> None:
    assert siege.health["feed-many"]["mentions"] == 2_000
    rejects = siege.desk.ask("rejects", "--json").records
    assert [one["reason"] for one in rejects if one["source"] == "feed-many"] == ["limit:entries"]


def test_a_text_of_megabytes_is_cut_and_says_so(siege: Siege) -> None:
    (long,) = _found(siege, "feed-long")
    assert long["truncated"]
    assert len(long["text"]) <= 65_536
    shown = siege.desk.ask("show", str(long["id"])).out.decode()
    assert shown.endswith("(cut: the text was longer)\n")


def test_texts_that_cost_a_scorer_minutes_are_scored_in_part(siege: Siege) -> None:
    found = {one["title"]: one for one in _found(siege, "feed-costly")}
    assert set(found) == {"emoji", "lines", "good neighbour"}
    assert found["good neighbour"]["sentiment"] > 0
    assert found["emoji"]["sentiment"] is not None
    shown: Ran = siege.desk.ask("show", str(found["lines"]["id"]))
    assert shown.out.count(b"\n") < 600
    assert b"more lines" in shown.out


def test_the_log_is_one_line_an_event(siege: Siege) -> None:
    lines = siege.log.read_text(encoding="utf-8").splitlines()
    assert all(re.match(r"time=\S+ event=[a-z-]+( |$)", line) for line in lines)
    assert not any("event=fault" in line for line in lines)
    assert json.dumps(lines).isascii()
