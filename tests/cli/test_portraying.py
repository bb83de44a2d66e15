"""`listen portrait`: a page that fits a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from listen.text import cell_width
from tests.cli.conftest import Commands


def test_a_page_for_the_terminal(listen: Commands, played: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = listen("portrait", "Norvola", "--days", "365", "--db", played)
    assert page.code == 0
    assert page.out.startswith("norvola, the last 365 days\n")
    for part in ("by 8 days", "where", "tone", "languages", "who", "heard in", "not listened to"):
        assert f"\n{part}" in page.out
    (told,) = listen("portrait", "norvola", "--days", "365", "--json", "--db", played).records
    assert f"\n{told['total']:,} mentions in {told['stories']:,} stories by {told['voices']:,} authors" in page.out
    wrong = listen("portrait", "norvolla", "--db", played)
    assert (wrong.code, 'did you mean "norvola"' in wrong.err) == (2, True)
    nothing = listen("portrait", "norvola", "--days", "1", "--db", played)
    assert nothing.code in (0, 1)
    assert "…" not in page.out[page.out.index("\nnot listened to") :]
    assert max(map(cell_width, page.out.splitlines())) <= 80
