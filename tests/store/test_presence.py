"""When each person was last here."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from listen.store import presence
from listen.store.presence import Visit
from listen.store.read import Reader
from listen.store.triage import Triage
from tests.console.town import NOW, make_town


def test_each_person_has_their_own_last_visit(tmp_path: Path) -> None:
    town = make_town(tmp_path / "listen.db")
    with Reader(town.path) as reader, Triage(town.path, "ana", town.clock) as ana:
        assert reader.last_visit("ana") is None
        ana.here()
        assert reader.last_visit("ana") == Visit(NOW, 0, 0)
        ids = town.talk()
        ana.here()
        assert reader.last_visit("ana") == Visit(NOW, max(ids), 11)
        assert reader.last_visit("bob") is None
        assert ana.undo() is None, "a visit is no action"
    town.writer.connection.close()


def test_a_console_has_ended_when_its_process_has() -> None:
    own = presence.console("ana")
    assert not presence.ended(own)
    with subprocess.Popen(["true"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert presence.ended(own._replace(pid=process.pid)), "dead, though nobody has taken note of it"
    assert presence.ended(own._replace(pid=process.pid))
    assert not presence.ended(own._replace(pid=process.pid, space="elsewhere")), "that cannot be told from here"


def test_any_name_will_do(tmp_path: Path) -> None:
    town = make_town(tmp_path / "listen.db")
    with Reader(town.path) as reader:
        collector = reader.state("collector")
    for who in ("", "collector", "o'neill\n"):
        with Triage(town.path, who, town.clock) as person, Reader(town.path) as reader:
            person.here()
            assert reader.last_visit(who) is not None
            assert reader.state("collector") == collector
    town.writer.connection.close()
