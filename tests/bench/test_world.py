"""The synthetic store is the same for the same seed, and right by everything that must hold of a store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from listen.store import audit, sqlite
from tests.bench import world
from tests.store.posts import check_everything


def content(path: Path) -> dict[str, list[Any]]:
    connection = sqlite.connect_reader(path)
    found = {
        table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
        for table in ("mentions", "sightings", "matches", "authors", "daily", "partitions", "arrivals")
    }
    connection.close()
    return found


def test_a_seed_is_a_store(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("two", 7), ("other", 8)):
        world.build(str(tmp_path / name), 1_500, seed=seed, size=400)
    one, two, other = (content(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two
    assert one["mentions"] != other["mentions"]
    assert 1_400 < len(one["mentions"]) < 1_500
    assert len(one["sightings"]) > len(one["mentions"])
    assert len(one["partitions"]) > 3
    connection = sqlite.connect_writer(tmp_path / "one")
    check_everything(connection)
    connection.close()
    assert audit.problems(tmp_path / "one", deep=True) == []
