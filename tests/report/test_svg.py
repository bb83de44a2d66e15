"""Charts are well-formed, say what they show, and hold no style, script or foreign sign."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listen.report import svg
from listen.report.render import TEMPLATES
from listen.report.svg import Flag, Step

STEPS = [Step(3600.0 * n, 4 + n, 1, 2, 1.0 if n != 3 else 0.2, 5.0 if n > 1 else None, 2.0) for n in range(48)]


def drawn(steps: list[Step] = STEPS, flags: tuple[Flag, ...] = (), title: str = "Volume") -> ET.Element:
    return ET.fromstring(
        svg.over_time(steps, 3600, title, "how much", day=lambda at: f"{at:.0f}", midnight=lambda at: at % 86_400 == 0,
                      flags=flags)
    )  # fmt: skip


def test_a_chart_of_time_has_bars_expected_line_gap_and_marks() -> None:
    chart = drawn(flags=(Flag(7200.0, "TV <ad>"), Flag(9e9, "later")))
    kinds = [one.get("class") for one in chart.iter()]
    assert {"neg", "rest", "pos", "expected", "usual", "gap"} <= set(kinds)
    assert kinds.index("usual") < kinds.index("neg") < kinds.index("expected"), "bars keep their colours"
    assert kinds.count("gap") == 1
    assert kinds.count("flag") == 1
    title, described = chart[0], chart[1]
    assert chart.get("aria-labelledby") == f"{title.get('id')} {described.get('id')}"
    assert (title.text, described.text) == ("Volume", "how much")
    assert "TV <ad>" in [one.text for one in chart.iter("title")]


def test_bars_are_as_high_as_their_numbers() -> None:
    one = svg.ticks(10)
    assert (one[0], one[-1] >= 10, len(one) <= 6) == (0, True, True)
    chart = drawn([Step(0.0, 10, 10, 0, 1.0, None, None), Step(3600.0, 5, 0, 5, 1.0, None, None)])
    path = next(part.get("d") for part in chart.iter() if part.get("class") == "neg")
    assert path is not None
    base, top = (float(part.split("h")[0].split(" ")[-1]) for part in path.split("V")[:2])
    assert base - top == pytest.approx((svg.HEIGHT - svg.TOP - svg.BOTTOM) * 10 / max(10, one[-1]), abs=0.2)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 10**7), st.floats(0, 1), st.none() | st.floats(0, 10**7)), max_size=40),
    st.text(max_size=40),
)
def test_any_numbers_and_words_are_drawn(numbers: list[tuple[int, float, float | None]], words: str) -> None:
    steps = [
        Step(3600.0 * place, n, n // 3, n // 4, heard, usual, usual, n)
        for place, (n, heard, usual) in enumerate(numbers)
    ]
    text = svg.over_time(steps, 3600, words, words, day=lambda _: words, midnight=lambda _: True)
    assert "style=" not in text
    assert "nan" not in text
    if text:
        ET.fromstring(text)
    ET.fromstring(svg.heat([[n for n, _, _ in numbers][:24]] * 7, [words] * 7, words, words))


def test_colours_of_the_page_are_told_apart_in_the_light_and_in_the_dark() -> None:
    """WCAG 2.1, contrast of text (1.4.3, AA) and of drawings (1.4.11)."""
    style = (TEMPLATES / "report.css").read_text("utf-8")
    for scheme in style.split(":root {")[1:3]:
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})\b", scheme.partition("}")[0]))
        for ground in ("paper", "card"):
            for ink, wanted in (("ink", 7), ("soft", 4.5), ("accent", 4.5), ("neg", 4.5), ("pos", 4.5), ("mark", 4.5),
                                ("neu", 3)):  # fmt: skip
                assert contrast(colours[ink], colours[ground]) >= wanted, (ink, ground)


def contrast(one: str, other: str) -> float:
    low, high = sorted(luminance(bytes.fromhex(colour[1:])) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: bytes) -> float:
    red, green, blue = (n / 255 / 12.92 if n <= 10 else ((n / 255 + 0.055) / 1.055) ** 2.4 for n in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_small_drawings() -> None:
    assert 'class="neg faint"' in svg.interval(-0.5, -0.7, -0.3)
    assert 'class="neu"' in svg.interval(0.0, -0.1, 0.1)
    assert "circle" not in svg.interval(None, None, None)
    assert svg.trend([None, 1.0]) == ""
    assert svg.trend([0.0, None, 1.0]).count("M") == 2
    assert [svg.shade(n, 100) for n in (0, 1, 25, 100)] == [0, 1, 3, 5]
