"""`collect` as a process: what it stores, who holds the lock, how it ends, and whom its files are open to."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Commands, listen_process
from tests.collect.server import Reply, served

FEED = b"""<rss version="2.0"><channel><title>Acme news</title>
<item><guid>1</guid><title>The Acme battery is great</title><link>https://press.example/1</link></item>
<item><guid>2</guid><title>Nothing to see</title><link>https://press.example/2</link></item>
</channel></rss>"""

CONFIG = """
[topics.acme]
query = "acme"

[sources.press]
adapter       = "feed"
urls          = ["{url}/feed"]
allow_private = ["127.0.0.1"]

[store]
path = "store/listen.db"
"""


@pytest.fixture
def configured(home: Path) -> Iterator[Path]:
    """A configuration whose one source is a server on loopback."""
    with served() as server:
        server.on("/feed", Reply(body=FEED))
        file = home / "team" / "config.toml"
        file.parent.mkdir()
        file.write_text(CONFIG.format(url=server.url("").rstrip("/")))
        yield file


@contextmanager
def collecting(config: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A collector of its own, once it has stored its first page."""
    command = listen_process("collect", "--config", config, *options)
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as process:
        try:
            said(process, "event=page", "new=2")
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str], *words: str) -> None:
    """Wait for a line of its log that holds these words; a process that never says them is killed."""
    assert process.stderr is not None
    patience = threading.Timer(60, process.kill)
    patience.start()
    try:
        assert any(all(word in line for word in words) for line in process.stderr)
    finally:
        patience.cancel()


def test_what_is_fetched_can_be_searched(listen: Commands, configured: Path) -> None:
    with collecting(configured):
        found = listen("search", "topic:acme", "--json", "--config", configured).records
    assert [record["title"] for record in found] == ["The Acme battery is great"]
    assert found[0]["sentiment"] > 0
    assert found[0]["url"] == "https://press.example/1"
    assert listen("count", "--config", configured).out == "2\n"


def test_a_second_collector_is_refused_by_name_and_a_third_may_stand_by(listen: Commands, configured: Path) -> None:
    with collecting(configured) as first:
        second = listen("collect", "--config", configured)
        assert second.code == 4
        assert str(first.pid) in second.err
        detached = listen("collect", "--detach", "--config", configured)
        assert detached.code == 4
        standby = subprocess.Popen(
            listen_process("collect", "--standby", "--config", configured), stderr=subprocess.PIPE, text=True
        )
        first.send_signal(signal.SIGTERM)
        said(standby, "event=ready")
        standby.terminate()
        assert standby.wait(20) == 0


def test_sigterm_ends_it_cleanly(configured: Path) -> None:
    with collecting(configured) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_it_leaves_when_whoever_started_it_is_gone(configured: Path) -> None:
    command = listen_process("collect", "--while-input-open", "--config", configured)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        said(process, "event=page")
        process.stdin.close()
        assert process.wait(20) == 0


def test_a_detached_collector_stays_names_itself_and_gives_a_team_its_log(listen: Commands, configured: Path) -> None:
    folder = configured.parent / "store"
    folder.mkdir()
    folder.chmod(0o2770)
    started = listen("collect", "--detach", "--json", "--config", configured)
    assert started.code == 0, started.err
    told = json.loads(started.out)
    try:
        assert listen("collect", "--config", configured).code == 4
        assert {stat.S_IMODE(file.stat().st_mode) for file in (folder, Path(told["log"]))} == {0o2770, 0o660}
    finally:
        os.kill(told["pid"], signal.SIGTERM)
        os.waitpid(told["pid"], 0)


def test_files_are_the_owners_alone_whatever_the_umask(configured: Path) -> None:
    before = os.umask(0o022)
    try:
        with collecting(configured):
            folder = configured.parent / "store"
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
            assert {"listen.db", "listen.db-wal", "listen.db.lock"} <= set(modes)
            assert set(modes.values()) == {0o600}
    finally:
        os.umask(before)


def test_a_unit_for_systemd_runs_this_very_collector(listen: Commands, configured: Path) -> None:
    unit = listen("collect", "--systemd", "--config", configured)
    assert unit.code == 0
    assert "Type=notify" in unit.out
    assert f"--config {configured}" in unit.out
    assert "WatchdogSec" in unit.out


def test_a_source_is_tried_without_storing_anything(listen: Commands, configured: Path) -> None:
    tried = listen("sources", "check", "press", "--json", "--config", configured)
    assert tried.code == 0, tried.err
    assert {record["title"] for record in tried.records} == {"The Acme battery is great", "Nothing to see"}
    assert [record["topics"] for record in tried.records] == [["acme"], []]
    assert not (configured.parent / "store").exists()


def test_without_a_configuration_an_older_store_is_brought_up_to_date_all_the_same(
    listen: Commands, home: Path
) -> None:
    from sqlite_utils import Database

    from listen.store import schema, sqlite

    store = home / "old.db"
    store.touch()
    connection = sqlite.connect_unprepared(store)
    last = schema.migrations.pending(Database(memory=True))[-1].name
    schema.migrations.apply(Database(connection, execute_plugins=False), stop_before=last)
    connection.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={schema.SCHEMA_VERSION - 1}")
    connection.commit()
    connection.close()
    assert "older listen" in listen("count", "", "--db", store).err
    refused = listen("collect", "--db", store)
    assert (refused.code, "there is no configuration yet" in refused.err) == (2, True)
    assert "older listen" not in listen("count", "", "--db", store).err
