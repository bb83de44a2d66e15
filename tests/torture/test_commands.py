"""Wrong files, wrong users, wrong words, odd terminals: one sentence, an exit code of the table, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from listen.cli import run
from listen.store import sqlite
from tests.torture import inputs
from tests.torture.rig import ROOT, Desk, Hosts, Ran, feed

NOBODY = 65_534
READING = (
    "search good",
    "count good",
    "query check good",
    "show 12",
    "why 12",
    "sources",
    "topics",
    "rejects",
    "tail --lines 1 good",
)


@pytest.fixture(scope="module")
def heard(hosts: Hosts, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk whose store holds something."""
    desk = Desk(tmp_path_factory.mktemp("heard"))
    host = hosts.new(feed=inputs.rss(inputs.item("good — news 😀", text="It is great")), broken=b"<html>")
    desk.configure('[topics.good]\nquery = "good"', feed("s", host.url("/feed")), feed("t", host.url("/broken")))
    with desk.collecting() as collector:
        collector.told("page", "s")
        collector.told("error", "t")
        assert collector.end() == 0
    return desk


def one_sentence(done: Ran, *words: str | Path) -> None:
    told = done.err.decode()
    assert done.out == b""
    assert len(told.splitlines()) == 1, told
    assert told.startswith("listen: ")
    assert "Traceback" not in told
    assert "unexpected" not in told
    for word in words:
        assert str(word) in told


# --- stores -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stores(heard: Desk, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Files that are no store, or none for us."""
    folder = tmp_path_factory.mktemp("stores")
    found = {name: folder / f"{name}.db" for name in ("text", "empty", "other", "future", "cut", "absent")}
    found["text"].write_text("just a text\n" * 500)
    found["empty"].touch()
    other = sqlite.sqlite3.connect(found["other"])
    other.execute("CREATE TABLE bookmarks(url)")
    other.close()
    assert heard.ask("backup", str(found["future"])).code == 0
    found["cut"].write_bytes(found["future"].read_bytes()[:100_000])
    future = sqlite.sqlite3.connect(found["future"])
    future.execute("PRAGMA user_version = 99")
    future.close()
    found["folder"] = folder
    return found


TOLD = {
    "text": (3, "not an SQLite file"), "empty": (3, "not a listen store"), "other": (3, "not a listen store"),
    "future": (3, "newer listen"), "cut": (3, "damaged"), "absent": (3, "listen init BRAND"),
    "folder": (2, "is a directory"),
}  # fmt: skip


@pytest.mark.parametrize("command", READING)
@pytest.mark.parametrize("store", TOLD)
def test_reading_what_is_no_store(heard: Desk, stores: dict[str, Path], store: str, command: str) -> None:
    code, words = TOLD[store]
    done = heard.ask(*command.split(), "--db", str(stores[store]))
    assert done.code == code
    one_sentence(done, stores[store], words)


@pytest.mark.parametrize("store", TOLD)
def test_the_doctor_on_what_is_no_store(heard: Desk, stores: dict[str, Path], store: str) -> None:
    done = heard.ask("doctor", "--deep", "--db", str(stores[store]))
    assert done.code == {"absent": 1, "folder": 2}.get(store, 1)
    told = (done.out + done.err).decode()
    assert TOLD[store][1] in told
    assert "structure and search index agree" not in told
    assert "Traceback" not in told


@pytest.mark.parametrize("store", [name for name in TOLD if name not in ("absent", "folder")])
def test_what_is_no_store_is_neither_copied_nor_restored_nor_written_to(
    heard: Desk, stores: dict[str, Path], store: str, tmp_path: Path
) -> None:
    before = stores[store].read_bytes()
    copied = heard.ask("backup", str(tmp_path / "copy.db"), "--db", str(stores[store]))
    assert copied.code == 3
    one_sentence(copied, stores[store].name)
    restored = heard.ask("restore", str(stores[store]), "--db", str(tmp_path / "new" / "new.db"))
    assert restored.code == 3
    one_sentence(restored, stores[store])
    if store != "empty":
        collected = heard.ask("collect", "--db", str(stores[store]))
        assert collected.code == 3
        assert str(stores[store]) in collected.err.decode().splitlines()[-1]
    assert stores[store].read_bytes() == before
    assert not list(tmp_path.glob("copy*"))
    assert not (tmp_path / "new" / "new.db").exists()


def test_a_damaged_page_is_told_in_a_sentence(heard: Desk, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert heard.ask("backup", str(copy)).code == 0
    with copy.open("r+b") as file:
        for page in range(2, copy.stat().st_size // 4_096):
            file.seek(page * 4_096)
            file.write(b"\xff" * 300)
    for command in (*READING[:-1], "doctor --deep", f"backup {tmp_path}/b.db"):
        done = heard.ask(*command.split(), "--db", str(copy))
        assert done.code in (1, 3), command
        assert b"unexpected" not in done.err, command
        assert b"Traceback" not in done.err
    assert b"damaged" in heard.ask("doctor", "--deep", "--db", str(copy)).out


# --- users and folders ------------------------------------------------------------------------------------------------


def as_nobody(*arguments: str | Path) -> Ran:
    """Run a command in a child of this process as a user who owns nothing; as root it gives up being root first."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            code = 99
            try:
                os.dup2(out.fileno(), 1)
                os.dup2(err.fileno(), 2)
                sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
                if os.getuid() == 0:
                    os.setgroups([])
                    os.setresgid(NOBODY, NOBODY, NOBODY)
                    os.setresuid(NOBODY, NOBODY, NOBODY)
                code = run([str(argument) for argument in arguments])
                sys.stdout.flush()
            finally:
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        err.seek(0)
        return Ran(code, out.read(), err.read())


@pytest.fixture
def kept(heard: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that only its owner may write, on a path that everybody may walk."""
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nowhere")
    monkeypatch.setenv("XDG_DATA_HOME", "/nowhere")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.getuid() and len(folder.parts) > 2:
            folder.chmod(folder.stat().st_mode | 0o055)
    folder = tmp_path / "kept"
    folder.mkdir()
    assert heard.ask("backup", str(folder / "copy.db")).code == 0
    heard.ask("doctor", "--deep", "--db", str(folder / "copy.db"))  # imports what nobody could import any more
    (folder / "copy.db").chmod(0o644)
    (folder / "config.toml").write_bytes(heard.config.read_bytes())
    (folder / "config.toml").chmod(0o644)
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)


def test_a_store_may_be_read_where_nothing_may_be_written(kept: Path) -> None:
    assert as_nobody("count", "good", "--db", kept / "copy.db").out == b"1\n"
    assert as_nobody("search", "good", "--db", kept / "copy.db").code == 0


@pytest.mark.parametrize(
    "command",
    [
        "collect --db {}/new.db",
        "collect --db {}/copy.db",
        "collect --detach --db {}/new.db",
        "backup {}/b.db --db {}/copy.db",
        "restore {}/copy.db --db {}/n.db",
        "init acme --config {}/new.toml",
    ],
)
def test_a_folder_that_may_not_be_written(kept: Path, command: str) -> None:
    arguments = [part.format(kept) for part in command.split()]
    if arguments[0] == "collect":
        arguments += ["--config", str(kept / "config.toml")]
    done = as_nobody(*arguments)
    assert done.code == 3, done.err
    one_sentence(done, kept)
    assert "check its owner" in done.err.decode() or "another place" in done.err.decode()


@pytest.mark.parametrize("command", [*READING, "doctor", "backup /nowhere/b.db"])
def test_a_store_that_may_not_be_read(kept: Path, command: str) -> None:
    (kept / "copy.db").chmod(0)
    done = as_nobody(*command.split(), "--db", kept / "copy.db")
    assert done.code in (2, 3)
    one_sentence(done, kept / "copy.db")


def test_a_configuration_that_may_not_be_read(kept: Path) -> None:
    (kept / "config.toml").chmod(0)
    for command in ("config check", "search x", "collect"):
        done = as_nobody(*command.split(), "--config", kept / "config.toml")
        assert done.code in (2, 3)
        one_sentence(done, kept / "config.toml")


# --- words ------------------------------------------------------------------------------------------------------------

QUERIES = (
    '"', "C++", "#tag", "a AND", "-x", "http://x.y/z?q=1", "nocol:x", "(" * 5_000 + "a" + ")" * 5_000, "100%", "_",
    "'; DROP TABLE mentions;--", "%a" * 30_000, "", "   ", "😀", "it's", "*", "a*", "NEAR(a b)", "a NEAR/0 b", "{",
    "}", "rowid:1", "search_1:x", "OR", "NOT", "a OR OR b", "\udcff", "--", "-", "^a", "a:b:c", "since:9999999999999d",
    "is:nothing", "text:", 'text:"', "lang:(", "sentiment:<", "likes:1..", "\x1b]0;x\x07", "ﷺ", "≠", "NULL",
)  # fmt: skip


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: ascii(query)[:20])
def test_any_query_is_answered_or_pointed_at(heard: Desk, query: str) -> None:
    for command in ("search", "count"):
        done = heard.ask(command, "--json", query)
        assert done.code in (0, 1, 2), done.err
        told = done.err.decode().lower()
        assert not any(word in told for word in ("traceback", "fts5", "sqlite", "unexpected", "syntax error near"))
        assert "\x1b" not in told
        if done.code == 2:
            assert "column" in told
            assert "^" in told.splitlines()[-1]
    assert heard.ask("count", "good").out == b"1\n"


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: ascii(query)[:20])
def test_any_query_is_sampled_and_looked_for_in_a_mention(heard: Desk, query: str) -> None:
    (line,) = heard.ask("search", "--json", "good").out.splitlines()
    mention = str(json.loads(line)["id"])
    for words in (("query", "check", query), ("why", mention, query), ("why", mention, "--json", query)):
        done = heard.ask(*words)
        assert done.code in (0, 1, 2), done.err
        told = (done.err + done.out).decode().lower()
        assert not any(word in told for word in ("traceback", "fts5", "sqlite", "unexpected", "syntax error near"))
        assert "\x1b" not in told


def test_the_queries_of_the_list_beside_the_checkout(heard: Desk, shared: Path) -> None:
    queries = json.loads((shared / "fixtures/hostile/inputs/queries.json").read_text())
    longest = max(queries, key=len)
    for query in queries:
        done = heard.run("search", query, "--config", heard.config) if query is longest else heard.ask("search", query)
        assert done.code in (0, 1, 2), query
        assert b"Traceback" not in done.err
        assert b"fts5" not in done.err.lower()


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("show", "Missing argument 'ID'"),
        ("show abc", "is no whole number"),
        ("search --limit 0 x", "--limit"),
        ("why", "Missing argument 'ID'"),
        ("why 1.5 x", "is no whole number"),
        ("query check", "give a query to check"),
        ("query check --topic nope", 'there is no topic "nope"'),
        ("query check --sample 0 x", "--sample"),
        ("query check x --judged /nowhere.txt", "/nowhere.txt"),
        ("query check x --judged /dev/null", "none of the judged mentions"),
        ("sources check nope", 'there is no source "nope"; the sources are s, t'),
        ("sources nope", "nope"),
        ("config", "takes another word"),
        ("bogus", 'there is no command "bogus"'),
        ("", "the console needs a terminal"),
        ("backup /nowhere/at/all.db", "there is no folder /nowhere/at"),
        ("backup /tmp", "is a folder"),
        ("restore /nowhere.db", "there is no backup at /nowhere.db"),
        ("rejects --limit -1", "--limit"),
        ("demo --for 1s", "at least two seconds"),
        ("init", "name what to listen for"),
    ],
)
def test_wrong_words(heard: Desk, command: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", open(os.devnull))  # noqa: SIM115
    done = heard.ask(*command.split())
    assert done.code in (2, 3)
    one_sentence(done, told)


def test_the_last_of_two_configurations_and_stores_counts(heard: Desk, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.toml"
    nothing.touch()
    assert heard.run("--config", nothing, "count", "good", "--config", heard.config).out == b"1\n"
    assert heard.run("--db", tmp_path / "no.db", "count", "good", "--config", heard.config).code == 3
    assert heard.run("count", "good", "--config", tmp_path / "absent.toml").code == 2
    assert heard.run("count", "good", "--config", tmp_path).code == 2


def test_a_list_of_feeds_that_is_missing_is_named_with_its_source(desk: Desk) -> None:
    desk.configure(feed("a", "opml:nowhere.opml"))
    checked = desk.ask("config", "check")
    assert checked.code == 2
    one_sentence(checked, f"{desk.config}:1: sources.a: ", "nowhere.opml", "Check the path")
    tried = desk.ask("sources", "check", "a")
    assert tried.code == 3
    assert b"nowhere.opml" in tried.err


# --- streams, locales, environments -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
)
def test_terminals_that_speak_no_utf8(heard: Desk, settings: dict[str, str]) -> None:
    plain = {name: value for name, value in heard.environment.items() if name != "LANG"}
    for command in ("search good", "sources", "doctor"):
        done = heard.run(*command.split(), "--config", heard.config, environment={**plain, **settings})
        assert done.code in (0, 1), done.err
        assert b"unexpected" not in done.err
        assert done.out.strip()


def test_arguments_that_are_no_text(heard: Desk, tmp_path: Path) -> None:
    config = b"--config=" + os.fsencode(heard.config)
    assert heard.run(b"search", b"caf\xff", config).code == 1
    assert heard.run(b"\xff\x9b").code == 2
    copied = heard.run(b"backup", os.fsencode(tmp_path) + b"/b\xff.db", config)
    assert copied.code == 0, copied.err
    assert heard.run(b"count", b"good", b"--db", os.fsencode(tmp_path) + b"/b\xff.db").out == b"1\n"
    told = heard.run(b"doctor", b"--db", os.fsencode(tmp_path) + b"/b\xff.db")
    assert b"\xff" not in told.out + told.err
    (tmp_path / "config").mkdir()
    assert heard.run(b"init", b"acme", b"--config", os.fsencode(tmp_path) + b"/config/\xff.toml").code == 0


def test_without_a_home(heard: Desk) -> None:
    bare = {name: heard.environment[name] for name in ("PATH", "PYTHONPATH") if name in heard.environment}
    assert heard.run("count", "good", "--config", heard.config, environment=bare).out == b"1\n"
    lost = {**bare, "HOME": "/nowhere", "LISTEN_CONFIG": str(heard.config)}
    assert heard.run("count", "good", environment=lost).out == b"1\n"


SHELL = {
    "{} search good >&-": 0,
    "{} search zzz 2>&-": 1,
    "{} count good <&- >/dev/null": 0,
    "{} rejects >&- 2>&- <&-": 1,
    "{} --version >&-": 0,
    "{} bogus 2>&-": 2,
    "{} search good >/dev/full": 3,
    "{} search --json good >/dev/full": 3,
    "{} query check good >&-": 0,
    "{} query check good >/dev/full": 3,
    "{} sources >/dev/full 2>/dev/full": 3,
    "set -o pipefail; {} --help | true": 0,
    "set -o pipefail; {} sources | head -0": 0,
    "set -o pipefail; {} doctor | true": 0,
    "set -o pipefail; {} query check '' | head -1 >/dev/null": 0,
    "set -o pipefail; {} search --json | head -1 >/dev/null": 0,
}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize(("line", "code"), SHELL.items())
def test_streams_that_are_closed_or_full(heard: Desk, line: str, code: int) -> None:
    command = line.format(f"{sys.executable} -m listen")
    told = {**heard.environment, "LISTEN_CONFIG": str(heard.config)}
    done = subprocess.run(["bash", "-c", command], env=told, capture_output=True, cwd=ROOT, check=False, timeout=60)
    assert done.returncode in (code, 141 if "pipefail" in line else code), done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    assert b"unexpected" not in done.stderr
    assert done.stdout == b"" or "2>&-" not in line
    assert heard.ask("count", "good").out == b"1\n"
