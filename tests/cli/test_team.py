"""A store for a team: `init --team`, and what its members, and those who are none, find there."""

from __future__ import annotations

import grp
import inspect
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from listen import cli
from listen.cli import team
from listen.cli.common import Fault
from listen.config import PACKAGED
from listen.store.read import Reader
from listen.store.schema import prepare
from tests.cli.conftest import Commands
from tests.cli.member import People
from tests.console.town import Town, make_town

ROOT = os.geteuid() == 0
GROUP = grp.getgrgid(os.getegid()).gr_name
"""A group that exists everywhere and that whoever runs the tests is in."""

HANDED = {"listen.db", "listen.db-wal", "listen.db-shm", "listen.db.lock", "listen.db.log"}


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that everybody can reach, as those of the tests are not."""
    folder = Path(tempfile.mkdtemp(prefix="listen-team-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def town(place: Path) -> Iterator[Town]:
    made = make_town(place / "town.db")
    made.talk()
    yield made
    made.writer.connection.close()


def modes(folder: Path) -> dict[str, int]:
    return {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in folder.iterdir()}


def test_a_store_is_begun_for_a_group(listen: Commands, place: Path) -> None:
    store, file = place / "srv" / "team" / "listen.db", place / "etc" / "config.toml"
    begun = listen("init", "acme", "--team", GROUP, "--db", store, "--config", file, "--json")
    assert begun.code == 0, begun.err
    (told,) = begun.records
    assert (told["config"], told["store"], told["group"]) == (str(file), str(store), GROUP)
    assert any("sudo ln -s" in str(step) for step in told["next"])  # type: ignore[attr-defined]
    assert stat.S_IMODE((place / "srv").stat().st_mode) == 0o755, "everybody may pass"
    for folder in (store.parent, file.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o2770
        assert set(modes(folder).values()) == {0o660}
    assert listen("config", "check", "--config", file, "--json").records[0]["store"] == str(store)
    assert "open to others" not in listen("doctor", "--config", file).out

    again = listen("init", "acme", "--team", GROUP, "--db", store, "--config", file)
    assert (again.code, "is there already" in again.err) == (2, True)
    store.chmod(0o600)
    assert f"{store} cannot be written by the group {GROUP}" in listen("doctor", "--config", file).out
    assert listen("init", "--team", GROUP, "--config", file).code == 0, "without a brand it mends what is there"
    assert modes(store.parent)["listen.db"] == 0o660


def test_what_cannot_be_shared_is_told_with_what_to_do(listen: Commands, place: Path, home: Path) -> None:
    def refused(*arguments: object) -> str:
        ran = listen("init", *map(str, arguments), "--team", GROUP)
        assert ran.code == 2, arguments
        return ran.err

    nobody = listen("init", "acme", "--team", "no-such-group", "--db", place / "a" / "listen.db")
    assert nobody.code == 2
    assert "sudo groupadd no-such-group" in nobody.err
    assert "listen init acme --team" in refused()
    (place / "photos").mkdir()
    (place / "photos" / "cat.jpeg").touch()
    assert "cat.jpeg" in refused("acme", "--db", place / "photos" / "listen.db")
    (place / "shut").mkdir(mode=0o700)
    assert "--db /srv/listen/listen.db" in refused("acme", "--db", place / "shut" / "in" / "listen.db")
    assert listen("init", "acme").code == 0
    assert "your own" in refused()
    assert sorted(entry.name for entry in place.iterdir()) == ["photos", "shut"], "nothing was begun"


def test_sharing_follows_no_link_that_somebody_put_there(place: Path) -> None:
    (place / "secret").touch(mode=0o600)
    (place / "team").mkdir()
    (place / "team" / "listen.db-evil").symlink_to(place / "secret")
    os.link(place / "secret", place / "team" / "listen.db-hard")
    team.share_files(place / "team", os.getegid(), ("listen.db",))
    assert stat.S_IMODE((place / "secret").stat().st_mode) == 0o600


def _others_can_read(file: Path) -> bool:
    return bool(file.stat().st_mode & 0o004) and all(folder.stat().st_mode & 0o001 for folder in file.parents)


WRITING = ("Triage(", "change(session", "erased(", " asked(", "connect_people", "connect_writer", "send_again")
"""What a command says that changes the store or what is listened for."""


def leaves(command: click.Command, *names: str) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield " ".join(names), command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        assert child is not None
        yield from leaves(child, *names, name)


def test_every_command_that_writes_refuses_who_may_only_read(listen: Commands, home: Path, town: Town) -> None:
    unguarded = {
        name
        for name, command in leaves(cli.listen)
        if command.callback is not None and not getattr(command.callback, "writes", False)
        and "must_write" not in (source := inspect.getsource(inspect.unwrap(command.callback)))
        and any(word in source for word in WRITING)
    }  # fmt: skip
    assert unguarded == set(), "have them be `writing`, or call session.must_write()"
    me = home / "config" / "listen" / "me.toml"
    me.parent.mkdir(parents=True)
    me.write_text("[me]\nread_only = true\n")
    db = ("--db", town.path)
    with Reader(town.path) as reader:
        before = reader.data_version()
        for words in (
            ["triage", "done", "acme"], ["undo"], ["tags", "rename", "a", "b"], ["forget", "bob", "--yes"], ["prune"],
            ["views", "save", "a", "b"], ["desks", "open", "sales"], ["people", "import", str(me)],
        ):  # fmt: skip
            refused = listen(*words, *db)
            assert (refused.code, f"{me} says read_only = true" in refused.err) == (2, True), (words, refused.err)
        assert listen("count", "acme", *db).code == 0
        me.unlink()
        refused = listen("--read-only", "triage", "done", "acme", *db)
        assert (refused.code, "--read-only looks and changes nothing" in refused.err) == (2, True)
        assert reader.data_version() == before


@pytest.mark.skipif(not ROOT, reason="only root can become other people")
@pytest.mark.skipif(not _others_can_read(PACKAGED), reason="other people cannot read this checkout")
def test_two_people_of_a_group_work_on_one_store_and_a_third_one_learns_why_not(listen: Commands, place: Path) -> None:
    folder = place / "srv"
    store, file = folder / "listen.db", place / "etc" / "config.toml"
    group = next(one for one in grp.getgrall() if one.gr_gid not in (0, os.getegid()))
    assert listen("init", "acme", "--team", group.gr_name, "--db", store, "--config", file).code == 0
    town = make_town(store)
    ids = town.talk()
    town.writer.connection.close()
    os.chown(store, 0, group.gr_gid)
    people = People({"ana": (20001, group.gr_gid), "bob": (20002, group.gr_gid), "eve": (20003, 20003)})
    try:
        for who in ("ana", "bob"):
            assert people.ask(who, "log", store) == ""
            assert people.ask(who, "lock", store) == ""
        assert people.ask("ana", "triage", store, "ana", "done", ids[:3]) == "3 done"
        assert people.ask("bob", "triage", store, "bob", "dismissed", ids[3:5]) == "2 dismissed"
        told = people.run("bob", "count", "status:done", "--config", file)
        assert told == (0, "3\n")
        assert people.ask("bob", "triage", store, "bob", "undo", []) == "undone: 2 dismissed"
        assert people.ask("bob", "triage", store, "bob", "undo", []) == "", "what ana did is not bob's to undo"
        for who, name in (("ana", "hot"), ("bob", "cold")):
            code, told = people.run(who, "views", "save", name, "acme", "--config", file)
            assert code == 0, told
        assert set(modes(folder)) >= HANDED
        assert {name: mode for name, mode in modes(folder).items() if mode != 0o660} == {}
        assert modes(file.parent) == {"config.toml": 0o660, "console.toml": 0o660}
        assert {entry.stat().st_gid for entry in [*folder.iterdir(), *file.parent.iterdir()]} == {group.gr_gid}

        for path in folder.iterdir():
            path.chmod(0o640)
        folder.chmod(0o2750)
        code, told = people.run("bob", "triage", "star", "acme", "--db", store)
        assert (code, f"{store} can only be read by you" in told) == (3, True), told
        assert people.run("bob", "count", "status:done", "--db", store) == (0, "3\n")

        code, told = people.run("eve", "count", "acme", "--config", file)
        assert (code, f"sudo usermod -aG {group.gr_name} eve" in told) == (2, True), told
        code, told = people.run("eve", "count", "acme", "--db", store)
        assert (code, f"sudo usermod -aG {group.gr_name} eve" in told) == (3, True), told
        code, told = people.run("eve", "init", "acme", "--team", group.gr_name, "--db", place / "eve" / "listen.db")
        assert (code, f"sudo usermod -aG {group.gr_name}" in told) == (2, True), told
        code, told = people.run("ana", "init", "acme", "--team", group.gr_name, "--db", place / "ana" / "listen.db")
        assert (code, "sudo install -d -m 2770" in told) == (2, True), told
    finally:
        people.leave()
    with Reader(store) as reader:
        assert len(reader.rows(ids)) == len(ids)


def test_a_member_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    monkeypatch.setattr(os, "getgroups", lambda: [4711])
    monkeypatch.setattr(os, "getegid", lambda: 4711)
    with pytest.raises(Fault, match="usermod -aG"):
        team.group_id("root")


def test_a_team_s_log_can_be_written_by_all(place: Path) -> None:
    from listen.cli.companion import log_of

    place.chmod(0o2770)
    prepare(place / "listen.db")
    before = os.umask(0o077)
    try:
        log_of(place / "listen.db").close()
    finally:
        os.umask(before)
    assert modes(place)["listen.db.log"] == 0o660
