"""Lines that fit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from listen.console.wrapping import wrap
from listen.text import block, cell_width


@given(text=st.text(max_size=400), width=st.integers(4, 60))
def test_wrapped_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    shown = block(text)
    spans = list(wrap(shown, width))
    assert all(cell_width(shown[a:b].rstrip()) <= width for a, b in spans)
    assert "".join(shown[a:b] for a, b in spans).replace(" ", "") == shown.replace(" ", "").replace("\n", "")


def test_words_are_kept_whole_where_they_fit() -> None:
    text = "Dommage, l'écran est superbe et je l'avais recommandé"
    assert [text[a:b].rstrip() for a, b in wrap(text, 20)] == [
        "Dommage, l'écran est",
        "superbe et je",
        "l'avais recommandé",
    ]
