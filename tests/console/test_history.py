"""Earlier filters: kept across starts, in a file that nobody else reads, and never at the price of a fault."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from listen.console import history
from listen.console.history import History


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "listen" / "filters"


def fresh(file: Path) -> History:
    made = History(lambda: file)
    assert made.load() == ""
    return made


def test_filters_outlive_the_console(file: Path) -> None:
    first = fresh(file)
    for text in ("acme", 'topic:"charger recall" -toy', "東京", "acme"):
        first.add(text)
        assert first.keep(text) == ""
    assert first.entries == ['topic:"charger recall" -toy', "東京", "acme"]
    assert fresh(file).entries == first.entries


def test_only_the_person_may_read_them(file: Path) -> None:
    fresh(file).keep("acme")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert os.listdir(file.parent) == ["filters"]


def test_two_consoles_keep_each_other_s_filters(file: Path) -> None:
    one, two = fresh(file), fresh(file)
    for console, text in ((one, "a"), (two, "b"), (one, "c")):
        console.add(text)
        console.keep(text)
    assert fresh(file).entries == ["a", "b", "c"]
    assert one.entries == ["b", "a", "c"]


def test_threads_lose_nothing(file: Path) -> None:
    shared = fresh(file)
    threads = [threading.Thread(target=shared.keep, args=(f"word{number}",)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(fresh(file).entries) == sorted(f"word{number}" for number in range(20))


def test_there_is_a_bound(file: Path) -> None:
    kept = fresh(file)
    history.write(file, (f"word{number}" for number in range(1_000)))
    kept.keep("last")
    assert len(fresh(file).entries) == history.MOST
    assert fresh(file).entries[-1] == "last"
    kept.add("x" * 5_000)
    assert kept.keep("x" * 5_000) == ""
    assert "x" * 5_000 not in kept.entries + fresh(file).entries


def test_what_is_kept_can_be_shown(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes("a\x1b]0;owned\x07b\n\n  \nabc\u202egnp\n[bold]x[/]\n\x00nul\r\n".encode())
    assert fresh(file).entries == ["a␛]0;owned␇b", "abc⇄gnp", "[bold]x[/]", "␀nul"]


def test_without_a_file_it_lives_as_long_as_the_console() -> None:
    made = History()
    assert (made.load(), made.keep("a")) == ("", "")
    made.add("a")
    assert made.entries == ["a"]


def hostile(kind: str, file: Path) -> None:
    if kind == "folder":
        return file.mkdir(parents=True)
    file.parent.mkdir(parents=True)
    match kind:
        case "pipe":
            os.mkfifo(file)
        case "link":
            (file.parent / "victim").write_text("mine\n")
            file.symlink_to(file.parent / "victim")
        case "dangling":
            file.symlink_to(file.parent / "nowhere")
        case "binary":
            file.write_bytes(b"\xff\xfe\x00")
        case "huge":
            file.write_bytes(b"x\n" * (1 << 20))
    return None


@pytest.mark.parametrize("kind", ["pipe", "link", "dangling", "folder", "binary", "huge"])
def test_a_hostile_file_is_left_alone_and_told_of_once(kind: str, file: Path) -> None:
    hostile(kind, file)
    before = file.lstat()
    made = History(lambda: file)
    said = made.load()
    assert said.startswith("earlier filters are not kept: ")
    assert str(file) in said
    made.add("acme")
    assert made.keep("acme") == ""
    assert made.entries == ["acme"]
    assert file.lstat() == before
    if kind == "link":
        assert (file.parent / "victim").read_text() == "mine\n"


def test_a_file_of_somebody_else_is_not_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history.write(file, ["theirs"])
    monkeypatch.setattr(history.os, "geteuid", lambda: 4_242_424)
    assert "belongs to somebody else" in History(lambda: file).load()


def test_a_folder_that_cannot_be_made_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    made = History(lambda: tmp_path / "state" / "listen" / "filters")
    assert "not kept" in made.load() + made.keep("acme")


def test_the_usual_place_is_the_person_s_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert history.user_file().name == "filters"
